//! Calendar dates with two-digit years. [B4 6.7]

use super::Digits;
use crate::object::Value;
use core::fmt;

/// A calendar date: YYMMDD, n 6.
///
/// Two-digit years 00 to 49 are of this century, 50 to 99 of the last one. [B4 6.7.3] Dates
/// compare in time order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The date; `None` when month or day are out of range for the year, or the year is not of
    /// 1950 to 2049.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        // [B3 7.5 dates]
        if year >= 1950 && year <= 2049 && day >= 1 && day <= days(year, month) {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    /// Full year.
    pub const fn year(self) -> u16 {
        self.year
    }
    /// Month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }
    /// Day of the month, from 1.
    pub const fn day(self) -> u8 {
        self.day
    }
}

/// The last day of a month and year: MMYY, n 4, as certificates carry it. [B2 5.1]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MonthYear {
    year: u16,
    month: u8,
}

impl MonthYear {
    /// Reads two bytes MMYY; `None` when the month is not 1 to 12 or a nibble is no digit.
    pub fn decode(bytes: [u8; 2]) -> Option<Self> {
        let [month, year] = bytes.map(two_digits);
        let (month, year) = (month?, century(year?));
        (days(year, month) > 0).then_some(Self { year, month })
    }

    /// The two bytes MMYY.
    pub fn encode(self) -> [u8; 2] {
        Digits::encode(u64::from(self.month) * 100 + u64::from(self.year % 100)).unwrap_or_default()
    }

    /// Whether the month is over on `today`.
    pub const fn is_before(self, today: Date) -> bool {
        self.year < today.year || (self.year == today.year && self.month < today.month)
    }
}

impl Value for Date {
    type Bytes = [u8; 3];
    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 3] = bytes.try_into().ok()?;
        let [year, month, day] = bytes.map(two_digits);
        Self::new(century(year?), month?, day?)
    }
    fn encode(self) -> [u8; 3] {
        let year = u64::from(self.year % 100);
        Digits::encode(year * 10_000 + u64::from(self.month) * 100 + u64::from(self.day))
            .unwrap_or_default()
    }
}

/// ISO 8601.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// ISO 8601, month only.
impl fmt::Display for MonthYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl fmt::Debug for MonthYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[inline(never)]
fn two_digits(byte: u8) -> Option<u8> {
    Digits::number(&[byte]).and_then(|number| u8::try_from(number).ok())
}

/// [B4 6.7.3]
fn century(year: u8) -> u16 {
    // [B4 6.7.3 century]
    u16::from(year) + if year < 50 { 2000 } else { 1900 }
}

/// Days of a month; none for a month that does not exist.
const fn days(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(yymmdd: [u8; 3]) -> Date {
        Date::decode(&yymmdd).unwrap()
    }

    /// [B4 6.7.3 century; B4 6.7.3]
    #[test]
    fn years_from_50_are_of_the_last_century() {
        assert_eq!(date([0x49, 0x12, 0x31]).year(), 2049);
        assert_eq!(date([0x50, 0x01, 0x01]).year(), 1950);
        assert!(date([0x99, 0x12, 0x31]) < date([0x00, 0x01, 0x01]));
        assert_eq!(format!("{}", date([0x26, 0x11, 0x25])), "2026-11-25");
    }

    /// [B4 6.7; B3 7.5 dates]
    #[test]
    fn refuses_days_that_do_not_exist() {
        for bytes in [
            [0x25, 0x00, 0x01],
            [0x25, 0x13, 0x01],
            [0x25, 0x01, 0x00],
            [0x25, 0x04, 0x31],
            [0x25, 0x02, 0x29],
            [0x2A, 0x01, 0x01],
        ] {
            assert_eq!(Date::decode(&bytes), None, "{bytes:02X?}");
        }
        assert!(Date::decode(&[0x24, 0x02, 0x29]).is_some());
        assert!(Date::decode(&[0x00, 0x02, 0x29]).is_some());
        assert_eq!(Date::decode(&[0x24, 0x02]), None);
        assert_eq!(Date::new(2050, 1, 1), None);
        assert_eq!(Date::new(1949, 1, 1), None);
    }

    #[test]
    fn encodes_what_it_decodes() {
        for bytes in
            [[0x00, 0x01, 0x01], [0x49, 0x12, 0x31], [0x50, 0x01, 0x01], [0x99, 0x02, 0x28]]
        {
            assert_eq!(date(bytes).encode(), bytes);
        }
    }

    /// [B2 5.1]
    #[test]
    fn a_month_lasts_to_its_last_day() {
        let april = MonthYear::decode([0x04, 0x22]).unwrap();
        assert!(!april.is_before(date([0x22, 0x04, 0x30])));
        assert!(april.is_before(date([0x22, 0x05, 0x01])));
        assert!(april.is_before(date([0x23, 0x01, 0x01])));
        assert!(!april.is_before(date([0x21, 0x12, 0x31])));
        assert!(MonthYear::decode([0x04, 0x99]).unwrap().is_before(date([0x00, 0x05, 0x01])));
        assert_eq!(MonthYear::decode([0x13, 0x22]), None);
        assert_eq!(MonthYear::decode([0x00, 0x22]), None);
        assert_eq!(MonthYear::decode([0x04, 0x2F]), None);
    }
}
