//! An account number of which a few digits are left.

use chipwright::object::Value;
use chipwright::value::Pan;
use core::fmt;

/// An account number, of which the first six and the last four digits are known; of one with ten
/// digits or less the last four.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MaskedPan {
    head: [u8; 3],
    tail: [u8; 2],
    digits: u8,
}

impl MaskedPan {
    /// Masks an account number.
    pub fn new(pan: Pan<'_>) -> Self {
        let count = pan.digits().count();
        let shown = |from, to| {
            let digits = pan.digits().skip(from).take(to - from);
            digits.fold(0u32, |number, digit| number << 4 | u32::from(digit))
        };
        let head = if count > 10 { shown(0, 6) } else { 0 };
        let tail = shown(count.saturating_sub(4), count);
        let [_, a, b, c] = head.to_be_bytes();
        let [_, _, y, z] = tail.to_be_bytes();
        Self { head: [a, b, c], tail: [y, z], digits: u8::try_from(count).unwrap_or(u8::MAX) }
    }
}

impl Value for MaskedPan {
    type Bytes = [u8; 6];
    fn decode(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, y, z, digits @ 1..=19] = *bytes else { return None };
        Some(Self { head: [a, b, c], tail: [y, z], digits })
    }
    fn encode(self) -> [u8; 6] {
        let ([a, b, c], [y, z]) = (self.head, self.tail);
        [a, b, c, y, z, self.digits]
    }
}

impl fmt::Display for MaskedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.head;
        let [y, z] = self.tail;
        let shown_in_front = if self.digits > 10 { 6 } else { 0 };
        if shown_in_front > 0 {
            write!(f, "{a:02X}{b:02X}{c:02X}")?;
        }
        for _ in shown_in_front + 4..self.digits {
            f.write_str("*")?;
        }
        // Fewer than four digits are all shown: there is no such account.
        write!(
            f,
            "{:0width$X}",
            u16::from_be_bytes([y, z]),
            width = usize::from(self.digits.min(4))
        )
    }
}

impl fmt::Debug for MaskedPan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_shown_by_a_few_digits() {
        let masked = |bytes: &[u8]| Pan::new(bytes).map(MaskedPan::new).unwrap();
        for bytes in [
            &[0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10][..],
            &[0x60, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x7F],
            &[0x12, 0x34, 0x56, 0x78, 0x90],
            &[0x00, 0x12],
            &[0x1F],
        ] {
            let (pan, masked) = (Pan::new(bytes).unwrap(), masked(bytes));
            assert_eq!(format!("{masked:?}"), format!("{pan:?}"));
            assert_eq!(MaskedPan::decode(&masked.encode()), Some(masked));
        }
        assert_eq!(MaskedPan::decode(&[0; 6]), None);
        assert_eq!(MaskedPan::decode(&[0, 0, 0, 0, 0, 20]), None);
    }
}
