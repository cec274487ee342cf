//! Status words.

use core::fmt;

/// The status word SW1 SW2 that ends every answer of a card. [B3 6.3.5]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u16);

impl Status {
    /// Process completed.
    pub const SUCCESS: Self = Self(0x9000);
    /// Selected file invalidated: a blocked application. [B1 11.3.5]
    pub const INVALIDATED: Self = Self(0x6283);
    /// Authentication method blocked.
    pub const METHOD_BLOCKED: Self = Self(0x6983);
    /// Referenced data invalidated.
    pub const DATA_INVALIDATED: Self = Self(0x6984);
    /// Conditions of use not satisfied.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// Function not supported; as the answer to SELECT, a blocked card. [B1 11.3.5]
    pub const FUNCTION_NOT_SUPPORTED: Self = Self(0x6A81);
    /// File not found.
    pub const FILE_NOT_FOUND: Self = Self(0x6A82);
    /// Record not found.
    pub const RECORD_NOT_FOUND: Self = Self(0x6A83);
    /// Referenced data not found (GET DATA).
    pub const DATA_NOT_FOUND: Self = Self(0x6A88);

    /// SW1.
    pub const fn sw1(self) -> u8 {
        self.0.to_be_bytes()[0]
    }

    /// SW2.
    pub const fn sw2(self) -> u8 {
        self.0.to_be_bytes()[1]
    }

    /// Tries left after a wrong PIN: 63Cx. [B3 6.5.12]
    pub const fn tries_left(self) -> Option<u8> {
        if self.0 & 0xFFF0 == 0x63C0 { Some(self.sw2() & 0x0F) } else { None }
    }

    /// Whether SW1 is a warning: 62 or 63.
    pub const fn is_warning(self) -> bool {
        matches!(self.sw1(), 0x62 | 0x63)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B3 6.3.5]
    #[test]
    fn tries_are_in_the_last_digit_of_63cx_only() {
        assert_eq!(Status(0x63C2).tries_left(), Some(2));
        assert_eq!(Status(0x63C0).tries_left(), Some(0));
        assert_eq!(Status(0x6302).tries_left(), None);
        assert_eq!(Status(0x62C2).tries_left(), None);
        assert!(Status(0x6300).is_warning() && Status(0x6283).is_warning());
        assert!(!Status(0x6985).is_warning());
        assert_eq!((Status(0x6A83).sw1(), Status(0x6A83).sw2()), (0x6A, 0x83));
    }
}
