//! What the terminal can do: type and capabilities. [B4 5]

use super::bits;
use crate::object::Value;

bits! {
    /// Terminal Capabilities (9F33), 3 bytes. [B4 A2]
    pub struct TerminalCapabilities([u8; 3]) {
        [1:8] MANUAL_KEY_ENTRY "manual key entry",
        [1:7] MAGNETIC_STRIPE "magnetic stripe",
        [1:6] IC_WITH_CONTACTS "IC with contacts",
        [2:8] PLAINTEXT_PIN "plaintext PIN for offline verification by the card",
        [2:7] ENCIPHERED_PIN_ONLINE "enciphered PIN for online verification",
        [2:6] SIGNATURE "signature",
        [2:5] ENCIPHERED_PIN_OFFLINE "enciphered PIN for offline verification (RSA)",
        [2:4] NO_CVM "no cardholder verification required",
        [2:3] ONLINE_BIOMETRIC "online biometric (4.4)",
        [2:2] OFFLINE_BIOMETRIC "offline biometric (4.4)",
        [2:1] ENCIPHERED_PIN_OFFLINE_ECC "enciphered PIN for offline verification (ECC, 4.4)",
        [3:8] SDA "static data authentication",
        [3:7] DDA "dynamic data authentication",
        [3:6] CARD_CAPTURE "card capture",
        [3:4] CDA "combined data authentication",
        [3:3] XDA "extended data authentication (4.4)",
    }
}

bits! {
    /// Additional Terminal Capabilities (9F40), 5 bytes. [B4 A3]
    pub struct AdditionalTerminalCapabilities([u8; 5]) {
        [1:8] CASH "cash",
        [1:7] GOODS "goods",
        [1:6] SERVICES "services",
        [1:5] CASHBACK "cashback",
        [1:4] INQUIRY "inquiry",
        [1:3] TRANSFER "transfer",
        [1:2] PAYMENT "payment",
        [1:1] ADMINISTRATIVE "administrative",
        [2:8] CASH_DEPOSIT "cash deposit",
        [3:8] NUMERIC_KEYS "numeric keys",
        [3:7] ALPHABETIC_KEYS "alphabetic and special character keys",
        [3:6] COMMAND_KEYS "command keys",
        [3:5] FUNCTION_KEYS "function keys",
        [4:8] PRINT_ATTENDANT "print, attendant",
        [4:7] PRINT_CARDHOLDER "print, cardholder",
        [4:6] DISPLAY_ATTENDANT "display, attendant",
        [4:5] DISPLAY_CARDHOLDER "display, cardholder",
        [4:2] CODE_TABLE_10 "code table 10",
        [4:1] CODE_TABLE_9 "code table 9",
        [5:8] CODE_TABLE_8 "code table 8",
        [5:7] CODE_TABLE_7 "code table 7",
        [5:6] CODE_TABLE_6 "code table 6",
        [5:5] CODE_TABLE_5 "code table 5",
        [5:4] CODE_TABLE_4 "code table 4",
        [5:3] CODE_TABLE_3 "code table 3",
        [5:2] CODE_TABLE_2 "code table 2",
        [5:1] CODE_TABLE_1 "code table 1",
    }
}

impl AdditionalTerminalCapabilities {
    /// Whether the terminal can show a part of ISO 8859: `index` as in the Issuer Code Table Index
    /// (9F11), n 2, so that part 10 is 10 hexadecimal. [B4 A3]
    pub fn has_code_table(self, index: u8) -> bool {
        let bit = match index {
            1 => Self::CODE_TABLE_1,
            2 => Self::CODE_TABLE_2,
            3 => Self::CODE_TABLE_3,
            4 => Self::CODE_TABLE_4,
            5 => Self::CODE_TABLE_5,
            6 => Self::CODE_TABLE_6,
            7 => Self::CODE_TABLE_7,
            8 => Self::CODE_TABLE_8,
            9 => Self::CODE_TABLE_9,
            0x10 => Self::CODE_TABLE_10,
            _ => return false,
        };
        self.contains(bit)
    }
}

/// Terminal Type (9F35), 1 byte, n 2. [B4 A1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TerminalType(pub u8);

/// What a terminal can do about the issuer. [B4 A1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnlineCapability {
    /// Every transaction goes online.
    OnlineOnly,
    /// Offline with online capability.
    OfflineWithOnline,
    /// Never online.
    OfflineOnly,
}

impl TerminalType {
    /// Whether the type is one that EMV defines: 11 to 16, 21 to 26, 34 to 36.
    pub const fn is_valid(self) -> bool {
        matches!(self.0, 0x11..=0x16 | 0x21..=0x26 | 0x34..=0x36)
    }

    /// Whether an attendant is present (last digit 1 to 3).
    pub const fn is_attended(self) -> bool {
        matches!(self.0 & 0x0F, 1..=3)
    }

    /// What the last digit says about going online.
    #[inline(never)]
    pub const fn online_capability(self) -> OnlineCapability {
        match self.0 & 0x0F {
            1 | 4 => OnlineCapability::OnlineOnly,
            3 | 6 => OnlineCapability::OfflineOnly,
            _ => OnlineCapability::OfflineWithOnline,
        }
    }

    /// Whether the terminal is an ATM: unattended, controlled by a financial institution, and
    /// able to give cash. [B4 A1]
    pub fn is_atm(self, additional: AdditionalTerminalCapabilities) -> bool {
        matches!(self.0, 0x14..=0x16) && additional.contains(AdditionalTerminalCapabilities::CASH)
    }
}

impl Value for TerminalType {
    type Bytes = [u8; 1];
    fn decode(bytes: &[u8]) -> Option<Self> {
        u8::decode(bytes).map(Self)
    }
    fn encode(self) -> [u8; 1] {
        self.0.encode()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B4 5; B4 A1]
    #[test]
    fn the_digits_of_the_type_tell_what_it_is() {
        use OnlineCapability::{OfflineOnly, OfflineWithOnline, OnlineOnly};
        let expected = [
            (0x11, true, OnlineOnly),
            (0x22, true, OfflineWithOnline),
            (0x23, true, OfflineOnly),
            (0x14, false, OnlineOnly),
            (0x25, false, OfflineWithOnline),
            (0x36, false, OfflineOnly),
        ];
        for (code, attended, online) in expected {
            let kind = TerminalType(code);
            assert!(kind.is_valid());
            assert_eq!(
                (kind.is_attended(), kind.online_capability()),
                (attended, online),
                "{code:02X}"
            );
        }
        for code in [0x00, 0x10, 0x17, 0x27, 0x31, 0x33, 0x37, 0x41] {
            assert!(!TerminalType(code).is_valid(), "{code:02X}");
        }
    }

    /// [B4 A3]
    #[test]
    fn code_tables_are_numbered_in_digits() {
        let tables = |bits: [u8; 5]| {
            (0..=u8::MAX)
                .filter(|index| AdditionalTerminalCapabilities(bits).has_code_table(*index))
                .collect::<Vec<_>>()
        };
        assert_eq!(tables([0, 0, 0, 0x00, 0x01]), [1]);
        assert_eq!(tables([0, 0, 0, 0x00, 0x80]), [8]);
        assert_eq!(tables([0, 0, 0, 0x01, 0x14]), [3, 5, 9]);
        assert_eq!(tables([0, 0, 0, 0x02, 0x00]), [0x10]);
        assert_eq!(tables([0xFF, 0xFF, 0xFF, 0xFC, 0x00]), [0; 0]);
    }

    #[test]
    fn an_atm_is_unattended_of_a_bank_and_gives_cash() {
        type Additional = AdditionalTerminalCapabilities;
        assert!(TerminalType(0x14).is_atm(Additional::CASH));
        assert!(!TerminalType(0x14).is_atm(Additional::GOODS));
        assert!(!TerminalType(0x24).is_atm(Additional::CASH));
        assert!(!TerminalType(0x11).is_atm(Additional::CASH));
    }
}
