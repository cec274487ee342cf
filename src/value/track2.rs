//! Track 2 Equivalent Data.

use super::{Digits, Pan};
use crate::value::MonthYear;
use core::fmt;

/// Track 2 Equivalent Data (57): up to 19 bytes of account number, separator D, expiry YYMM,
/// service code (3 digits), discretionary digits, F padding. [B3 A]
///
/// The bytes stay where they are; [`fmt::Debug`] shows only the masked account number.
#[derive(Clone, Copy)]
pub struct Track2<'a> {
    bytes: &'a [u8],
    separator: usize,
}

impl<'a> Track2<'a> {
    /// Reads a value field; `None` when the separator is missing, the account number is not one,
    /// or expiry or service code are cut short or no digits.
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let mut digits = Digits::new(bytes);
        let separator = digits.by_ref().count();
        let found = digits.nibble() == Some(0x0D) && digits.by_ref().take(7).count() == 7;
        let _discretionary = digits.by_ref().count();
        (found && matches!(separator, 1..=19) && bytes.len() <= 19 && digits.is_only_padding())
            .then_some(Self { bytes, separator })
    }

    /// The digits of the account number.
    pub fn pan_digits(self) -> impl Iterator<Item = u8> + 'a {
        Digits::new(self.bytes).take(self.separator)
    }

    /// The account number in the format of tag 5A: two digits to a byte, F behind them. The bytes
    /// that it fills are as many as [`pan_length`](Self::pan_length) says.
    pub fn pan_bytes(self) -> [u8; 10] {
        let mut digits = self.pan_digits();
        let mut nibble = || digits.next().unwrap_or(0x0F);
        [(); 10].map(|()| nibble() << 4 | nibble())
    }

    /// How many bytes the account number fills: 1 to 10.
    pub const fn pan_length(self) -> usize {
        self.separator.div_ceil(2)
    }

    /// Whether the account number is `pan`.
    pub fn is_of(self, pan: Pan<'_>) -> bool {
        self.pan_digits().eq(pan.digits())
    }

    /// The expiry month; `None` when the month is not 1 to 12.
    pub fn expiry(self) -> Option<MonthYear> {
        let mut digits = self.behind_separator();
        let mut pair = || Some(digits.next()? << 4 | digits.next()?);
        let (year, month) = (pair()?, pair()?);
        MonthYear::decode([month, year])
    }

    /// The three digits of the service code as a number.
    pub fn service_code(self) -> u16 {
        self.behind_separator().skip(4).take(3).fold(0, |code, digit| code * 10 + u16::from(digit))
    }

    fn behind_separator(self) -> impl Iterator<Item = u8> + 'a {
        let mut digits = Digits::new(self.bytes);
        for _ in 0..=self.separator {
            digits.nibble();
        }
        digits
    }
}

impl fmt::Debug for Track2<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.pan_digits().enumerate() {
            if place + 4 >= self.separator { write!(f, "{digit}")? } else { f.write_str("*")? }
        }
        f.write_str("=***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACK: [u8; 17] = [
        0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10, 0xD4, 0x91, 0x22, 0x01, 0x11, 0x43, 0x80,
        0x44, 0x89,
    ];

    #[test]
    fn splits_at_the_separator() {
        let track = Track2::new(&TRACK).unwrap();
        assert!(track.is_of(Pan::new(&TRACK[..8]).unwrap()));
        assert!(!track.is_of(Pan::new(&TRACK[..7]).unwrap()));
        assert_eq!(format!("{:?}", track.expiry().unwrap()), "2049-12");
        assert_eq!(track.service_code(), 201);
        assert_eq!(format!("{track:?}"), "************0010=***");
    }

    #[test]
    fn the_account_number_is_that_of_5a() {
        let track = Track2::new(&TRACK).unwrap();
        assert_eq!((&track.pan_bytes()[..8], track.pan_length()), (&TRACK[..8], 8));
        let odd = [0x12, 0x3D, 0x49, 0x12, 0x20, 0x1F];
        let track = Track2::new(&odd).unwrap();
        assert_eq!((&track.pan_bytes()[..3], track.pan_length()), (&[0x12, 0x3F, 0xFF][..], 2));
        assert!(track.is_of(Pan::new(&track.pan_bytes()).unwrap()));
    }

    #[test]
    fn refuses_what_is_cut_short_or_padded_inside() {
        assert!(Track2::new(&TRACK[..8]).is_none(), "no separator");
        assert!(Track2::new(&TRACK[..11]).is_none(), "service code cut short");
        assert!(Track2::new(&[0xD4, 0x91, 0x22, 0x01]).is_none(), "no account number");
        let mut padded = [0xFF; 19];
        padded[..17].copy_from_slice(&TRACK);
        assert!(Track2::new(&padded).is_some());
        padded[16] = 0xF1;
        assert!(Track2::new(&padded).is_none());
        let mut wrong_month = TRACK;
        wrong_month[9] = 0x91;
        wrong_month[10] = 0x32;
        assert_eq!(Track2::new(&wrong_month).unwrap().expiry(), None);
    }
}
