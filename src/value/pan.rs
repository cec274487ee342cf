//! The account number.

use super::Digits;
use core::fmt;

/// A Primary Account Number (5A): cn, up to 19 digits, padded with F on the right.
///
/// Borrowed from where it lies, compared digit by digit, and shown masked: the first six digits
/// and the last four.
#[derive(Clone, Copy)]
pub struct Pan<'a> {
    bytes: &'a [u8],
}

impl<'a> Pan<'a> {
    /// Reads a value field of up to 10 bytes; `None` when it is empty, has a nibble that is
    /// neither digit nor padding, or padding between digits.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut digits = Digits::new(bytes);
        let count = digits.by_ref().count();
        (matches!(count, 1..=19) && bytes.len() <= 10 && digits.is_only_padding())
            .then_some(Self { bytes })
    }

    /// The digits, from the left.
    pub fn digits(self) -> Digits<'a> {
        Digits::new(self.bytes)
    }

    /// Whether the account number starts with the digits of `prefix`, F padding ignored: how an
    /// issuer identifier is compared. [B2 5.3]
    pub fn starts_with(self, prefix: &[u8]) -> bool {
        let mut prefix = Digits::new(prefix);
        let mut own = self.digits();
        prefix.by_ref().all(|digit| own.next() == Some(digit)) && prefix.is_only_padding()
    }
}

impl PartialEq for Pan<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.digits().eq(other.digits())
    }
}

impl Eq for Pan<'_> {}

/// Masked.
impl fmt::Display for Pan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.digits().count();
        for (place, digit) in self.digits().enumerate() {
            // A short number has nothing between head and tail: hide all but the last four.
            if (place < 6 && count > 10) || place + 4 >= count {
                write!(f, "{digit}")?;
            } else {
                f.write_str("*")?;
            }
        }
        Ok(())
    }
}

/// Masked.
impl fmt::Debug for Pan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAN: [u8; 8] = [0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10];

    #[test]
    fn shows_six_and_four() {
        assert_eq!(format!("{:?}", Pan::new(&PAN).unwrap()), "476173******0010");
        assert_eq!(format!("{}", Pan::new(&[0x12, 0x34, 0x56, 0x78, 0x9F]).unwrap()), "*****6789");
    }

    #[test]
    fn padding_does_not_count() {
        let mut padded = [0xFF; 10];
        padded[..8].copy_from_slice(&PAN);
        assert_eq!(Pan::new(&padded), Pan::new(&PAN));
        padded[7] = 0x11;
        assert_ne!(Pan::new(&padded), Pan::new(&PAN));
        assert_ne!(Pan::new(&PAN[..7]), Pan::new(&PAN));
    }

    #[test]
    fn refuses_what_is_no_account_number() {
        for bytes in [&[][..], &[0xFF], &[0x12, 0xF3], &[0x1A], &[0x11; 11], &[0x11; 10]] {
            assert_eq!(Pan::new(bytes), None, "{bytes:02X?}");
        }
    }

    #[test]
    fn issuer_identifiers_are_prefixes() {
        let pan = Pan::new(&PAN).unwrap();
        assert!(pan.starts_with(&[0x47, 0x61, 0x73, 0xFF]));
        assert!(pan.starts_with(&[0x47, 0x6F, 0xFF, 0xFF]));
        assert!(pan.starts_with(&[0x47, 0x61, 0x73, 0x90]));
        assert!(!pan.starts_with(&[0x47, 0x61, 0x74, 0xFF]));
        assert!(!pan.starts_with(&[0x47, 0xF1, 0x73, 0x90]));
        assert!(!Pan::new(&PAN[..2]).unwrap().starts_with(&[0x47, 0x61, 0x73, 0xFF]));
    }
}
