//! A PIN on its way into a script.

use super::DoubleKey;
use super::key::{halves, xor};
use super::nibble::pack;
use core::fmt;
use zeroize::Zeroize;

/// 4 to 12 decimal digits. [ISO 9564-1, 8.1]
///
/// Wiped when dropped, and never printed.
#[derive(Clone)]
pub struct Pin {
    digits: [u8; 12],
    length: u8,
}

impl Pin {
    /// The PIN of these digits, each 0 to 9; `None` when there are fewer than 4 or more than 12.
    pub fn new(digits: &[u8]) -> Option<Self> {
        let length = u8::try_from(digits.len()).ok()?;
        if !(4..=12).contains(&length) || digits.iter().any(|digit| *digit > 9) {
            return None;
        }
        let mut pin = Self { digits: [0; 12], length };
        for (place, digit) in pin.digits.iter_mut().zip(digits) {
            *place = *digit;
        }
        Some(pin)
    }

    /// The digits, from the left.
    pub fn digits(&self) -> impl Iterator<Item = u8> {
        self.digits.iter().copied().take(self.length.into())
    }

    /// The PIN block of format 2: 2, the number of digits, the digits, F padding.
    /// [B3 6.5.12] (ISO 9564-1, 9.3.3)
    pub fn format_2(&self) -> [u8; 8] {
        pack([2, self.length].into_iter().chain(self.digits()), 0x0F)
    }

    /// Visa's PIN block for a change: the block of the new PIN over half of the card's key for
    /// application cryptograms and, where the card asks for it, over the `current` PIN.
    pub fn change_block(&self, application_key: &DoubleKey, current: Option<&Self>) -> [u8; 8] {
        let [_, _, _, _, e, f, g, h] = halves(application_key.bytes()).0;
        let new = pack([0, self.length].into_iter().chain(self.digits()), 0x0F);
        let current = current.map_or([0; 8], |pin| pack(pin.digits(), 0));
        xor(xor(new, [0, 0, 0, 0, e, f, g, h]), current)
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.digits.zeroize();
        self.length.zeroize();
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_four_to_twelve_digits_are_a_pin() {
        for length in 0..=20 {
            assert_eq!(Pin::new(&vec![9; length]).is_some(), (4..=12).contains(&length));
        }
        assert!(Pin::new(&[1, 2, 3, 10]).is_none());
    }

    #[test]
    fn format_2_shows_length_digits_and_padding() {
        let block = |digits: &[u8]| Pin::new(digits).unwrap().format_2();
        let four = [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
        assert_eq!(block(&[1, 2, 3, 4]), four);
        let twelve = [0x2C, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0xFF];
        assert_eq!(block(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]), twelve);
    }

    #[test]
    fn digits_do_not_show() {
        assert_eq!(format!("{:?}", Pin::new(&[1, 2, 3, 4]).unwrap()), "Pin(..)");
    }
}
