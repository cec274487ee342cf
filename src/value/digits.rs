//! Decimal digits, two to a byte (formats n and cn). [B3 4.3 digits]

/// Walks the digits of a BCD string.
///
/// Stops at the first nibble that is not a decimal digit; [`is_only_padding`](Self::is_only_padding) tells
/// whether only F padding followed.
#[derive(Clone, Debug)]
pub struct Digits<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Digits<'a> {
    /// The digits of `bytes`, from the left.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    /// The nibble at the current place, a digit or not.
    pub fn peek(&self) -> Option<u8> {
        let byte = self.bytes.get(self.place / 2)?;
        Some(if self.place.is_multiple_of(2) { byte >> 4 } else { byte & 0x0F })
    }

    /// Takes one nibble, a digit or not.
    pub fn nibble(&mut self) -> Option<u8> {
        let nibble = self.peek()?;
        self.place += 1;
        Some(nibble)
    }

    /// Whether nothing but F is left.
    pub fn is_only_padding(mut self) -> bool {
        core::iter::from_fn(|| self.nibble()).all(|nibble| nibble == 0x0F)
    }

    /// The number that all of `bytes` spell in format n; `None` when a nibble is no digit or the
    /// number does not fit.
    pub fn number(bytes: &[u8]) -> Option<u64> {
        let mut digits = Digits::new(bytes);
        let mut number = 0u64;
        for digit in &mut digits {
            number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
        }
        digits.peek().is_none().then_some(number)
    }

    /// `number` in format n, right-aligned in `N` bytes, 8 at most; `None` when it does not fit.
    pub fn encode<const N: usize>(number: u64) -> Option<[u8; N]> {
        let bytes = decimal(number)?.to_be_bytes();
        let (zeros, &digits) = bytes.split_last_chunk()?;
        zeros.iter().all(|byte| *byte == 0).then_some(digits)
    }
}

/// The decimal digits of `number`, one in every four bits; `None` when there are more than 16.
///
/// Bit by bit and without a division, which small processors do not have for 64 bits.
fn decimal(number: u64) -> Option<u64> {
    if number >= 10_u64.pow(16) {
        return None;
    }
    let mut digits = 0u64;
    for bit in (0..u64::BITS - number.leading_zeros()).rev() {
        // A digit of five or more carries when it is doubled: with three added it does.
        let carrying = (digits + 0x3333_3333_3333_3333) & 0x8888_8888_8888_8888;
        digits = (digits + (carrying >> 2) + (carrying >> 3)) << 1 | number >> bit & 1;
    }
    Some(digits)
}

impl Iterator for Digits<'_> {
    type Item = u8;
    fn next(&mut self) -> Option<u8> {
        let digit = self.peek().filter(|nibble| *nibble < 10)?;
        self.place += 1;
        Some(digit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// [B3 4.3 digits]
    #[test]
    fn numbers_are_made_of_digits_only() {
        assert_eq!(Digits::number(&[0x00, 0x12, 0x34]), Some(1234));
        assert_eq!(Digits::number(&[]), Some(0));
        assert_eq!(Digits::number(&[0x1A]), None);
        assert_eq!(Digits::number(&[0x12, 0xFF]), None);
        assert_eq!(Digits::number(&[0x99; 10]), None, "does not fit 64 bits");
    }

    #[test]
    fn padding_is_f_to_the_end() {
        let mut digits = Digits::new(&[0x12, 0x3F, 0xFF]);
        assert_eq!(digits.by_ref().collect::<Vec<_>>(), [1, 2, 3]);
        assert!(digits.is_only_padding());
        let mut digits = Digits::new(&[0x12, 0xF3]);
        assert_eq!(digits.by_ref().count(), 2);
        assert!(!digits.is_only_padding());
    }

    proptest! {
        #[test]
        fn encodes_what_it_reads(number in 0u64..1_000_000_000_000) {
            let bytes = Digits::encode::<6>(number).unwrap();
            prop_assert_eq!(Digits::number(&bytes), Some(number));
        }
    }

    #[test]
    fn refuses_a_number_too_long() {
        assert_eq!(Digits::encode::<1>(99), Some([0x99]));
        assert_eq!(Digits::encode::<1>(100), None);
    }
}
