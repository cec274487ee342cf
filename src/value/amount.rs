//! Amounts and numeric codes.

use super::Digits;
use crate::object::Value;

/// An amount in minor units of its currency (cents for EUR): n 12, 0 to 999,999,999,999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug, Hash)]
pub struct Amount(u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The amount of so many minor units; `None` beyond twelve digits.
    pub const fn new(minor_units: u64) -> Option<Self> {
        if minor_units < 1_000_000_000_000 { Some(Self(minor_units)) } else { None }
    }

    /// So many minor units.
    pub const fn minor_units(self) -> u64 {
        self.0
    }

    /// The binary form of tags 81 and 9F04, 4 bytes; `None` when it needs more.
    pub fn binary(self) -> Option<[u8; 4]> {
        u32::try_from(self.0).ok().map(u32::to_be_bytes)
    }

    /// The sum; `None` beyond twelve digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }
}

impl Value for Amount {
    type Bytes = [u8; 6];
    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 6] = bytes.try_into().ok()?;
        Digits::number(&bytes).and_then(Self::new)
    }
    fn encode(self) -> [u8; 6] {
        Digits::encode(self.0).unwrap_or_default()
    }
}

/// A numeric code of three digits in two bytes: a country (ISO 3166) or a currency (ISO 4217).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Code(u16);

impl Code {
    /// The code with this number; `None` above 999.
    pub const fn new(number: u16) -> Option<Self> {
        if number < 1000 { Some(Self(number)) } else { None }
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl Value for Code {
    type Bytes = [u8; 2];
    fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; 2] = bytes.try_into().ok()?;
        u16::try_from(Digits::number(&bytes)?).ok().and_then(Self::new)
    }
    fn encode(self) -> [u8; 2] {
        Digits::encode(u64::from(self.0)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_twelve_digits() {
        let amount = Amount::new(1234).unwrap();
        assert_eq!(amount.encode(), [0, 0, 0, 0, 0x12, 0x34]);
        assert_eq!(Amount::decode(&[0, 0, 0, 0, 0x12, 0x34]), Some(amount));
        assert_eq!(Amount::decode(&[0, 0, 0, 0x12, 0x34]), None);
        assert_eq!(Amount::decode(&[0, 0, 0, 0, 0x12, 0x3A]), None);
        assert_eq!(Amount::new(1_000_000_000_000), None);
        let most = Amount::new(999_999_999_999).unwrap();
        assert_eq!(most.checked_add(Amount(1)), None);
        assert_eq!(amount.checked_add(Amount(1)), Amount::new(1235));
    }

    #[test]
    fn large_amounts_have_no_binary_form() {
        assert_eq!(Amount(0xFFFF_FFFF).binary(), Some([0xFF; 4]));
        assert_eq!(Amount(0x1_0000_0000).binary(), None);
    }

    #[test]
    fn codes_are_three_digits() {
        assert_eq!(Code::decode(&[0x09, 0x78]).map(Code::number), Some(978));
        assert_eq!(Code::decode(&[0x19, 0x78]), None);
        assert_eq!(Code::decode(&[0x78]), None);
        assert_eq!(Code::new(1000), None);
        assert_eq!(Code(56).encode(), [0x00, 0x56]);
    }
}
