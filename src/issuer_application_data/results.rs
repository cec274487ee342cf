//! Card Verification Results: what the card found, for its issuer.

use crate::field::{CryptogramType, bits};

/// Card Verification Results whose meaning is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardVerificationResults {
    /// Visa's.
    Visa(VisaResults),
    /// M/Chip's.
    MChip(MChipResults),
    /// Those of the Common Core Definitions.
    CommonCore(CommonCoreResults),
}

bits! {
    /// Card Verification Results of Visa, 4 bytes. The first byte is a length (03), or says in
    /// the long formats how the cardholder was verified.
    pub struct VisaResults([u8; 4]) {
        [2:8] SECOND_CRYPTOGRAM_NOT_REQUESTED "second GENERATE AC not requested",
        [2:7] TC_IN_SECOND "TC returned in second GENERATE AC",
        [2:6] ARQC_IN_FIRST "ARQC returned in first GENERATE AC",
        [2:5] TC_IN_FIRST "TC returned in first GENERATE AC",
        [2:4] ISSUER_AUTHENTICATION_FAILED "issuer authentication performed and failed",
        [2:3] OFFLINE_PIN_VERIFICATION_PERFORMED "offline PIN verification performed",
        [2:2] OFFLINE_PIN_VERIFICATION_FAILED "offline PIN verification failed",
        [2:1] UNABLE_TO_GO_ONLINE "unable to go online",
        [3:8] LAST_ONLINE_NOT_COMPLETED "last online transaction not completed",
        [3:7] PIN_TRY_LIMIT_EXCEEDED "PIN try limit exceeded",
        [3:6] VELOCITY_COUNTERS_EXCEEDED "velocity checking counters exceeded",
        [3:5] NEW_CARD "new card",
        [3:4] LAST_ISSUER_AUTHENTICATION_FAILED "issuer authentication failed on last online transaction",
        [3:3] ISSUER_AUTHENTICATION_NOT_PERFORMED "issuer authentication not performed after online authorisation",
        [3:2] APPLICATION_BLOCKED "application blocked because PIN try limit exceeded",
        [3:1] LAST_SDA_FAILED "static data authentication failed on last transaction",
        [4:4] SCRIPT_FAILED "issuer script command failed on last transaction",
        [4:3] LAST_DDA_FAILED "dynamic data authentication failed on last transaction",
        [4:2] DDA_PERFORMED "dynamic data authentication performed",
        [4:1] PIN_NOT_RECEIVED "PIN expected and not received",
    }
}

bits! {
    /// Card Verification Results of Mastercard's M/Chip, 6 bytes. The third byte counts.
    pub struct MChipResults([u8; 6]) {
        [1:8] SECOND_CRYPTOGRAM_NOT_REQUESTED "second GENERATE AC not requested",
        [1:7] TC_IN_SECOND "TC returned in second GENERATE AC",
        [1:6] ARQC_IN_FIRST "ARQC returned in first GENERATE AC",
        [1:5] TC_IN_FIRST "TC returned in first GENERATE AC",
        [1:4] DATE_CHECK_FAILED "date check failed",
        [1:3] OFFLINE_PIN_VERIFICATION_PERFORMED "offline PIN verification performed",
        [1:2] OFFLINE_ENCRYPTED_PIN_VERIFICATION_PERFORMED "offline enciphered PIN verification performed",
        [1:1] OFFLINE_PIN_VERIFICATION_SUCCESSFUL "offline PIN verification successful",
        [2:8] DDA_RETURNED "dynamic signature returned",
        [2:7] CDA_RETURNED_IN_FIRST "combined signature returned in first GENERATE AC",
        [2:6] CDA_RETURNED_IN_SECOND "combined signature returned in second GENERATE AC",
        [2:5] ISSUER_AUTHENTICATION_PERFORMED "issuer authentication performed",
        [2:4] DEFAULT_SKIPPED_ON_CAT_3 "default action codes skipped at an offline-only unattended terminal",
        [2:3] OFFLINE_CHANGE_PIN_RESULT "offline change of PIN",
        [4:8] LAST_ONLINE_NOT_COMPLETED "last online transaction not completed",
        [4:7] UNABLE_TO_GO_ONLINE "unable to go online",
        [4:6] OFFLINE_PIN_VERIFICATION_NOT_PERFORMED "offline PIN verification not performed",
        [4:5] OFFLINE_PIN_VERIFICATION_FAILED "offline PIN verification failed",
        [4:4] PIN_TRY_LIMIT_EXCEEDED "PIN try limit exceeded",
        [4:3] INTERNATIONAL_TRANSACTION "international transaction",
        [4:2] DOMESTIC_TRANSACTION "domestic transaction",
        [4:1] TERMINAL_ERRONEOUSLY_CONSIDERS_PIN_OK "terminal takes offline PIN for verified and is wrong",
        [5:8] LOWER_CONSECUTIVE_OFFLINE_LIMIT_EXCEEDED "lower consecutive offline limit exceeded",
        [5:7] UPPER_CONSECUTIVE_OFFLINE_LIMIT_EXCEEDED "upper consecutive offline limit exceeded",
        [5:6] LOWER_CUMULATIVE_OFFLINE_LIMIT_EXCEEDED "lower cumulative offline limit exceeded",
        [5:5] UPPER_CUMULATIVE_OFFLINE_LIMIT_EXCEEDED "upper cumulative offline limit exceeded",
        [5:4] GO_ONLINE_ON_NEXT_TRANSACTION "to go online on the next transaction",
        [5:3] ISSUER_AUTHENTICATION_FAILED "issuer authentication failed",
        [5:2] SCRIPT_RECEIVED "issuer script received",
        [5:1] SCRIPT_FAILED "issuer script failed",
        [6:8] SECOND_LOWER_CONSECUTIVE_OFFLINE_LIMIT_EXCEEDED "second lower consecutive offline limit exceeded",
        [6:7] SECOND_UPPER_CONSECUTIVE_OFFLINE_LIMIT_EXCEEDED "second upper consecutive offline limit exceeded",
        [6:6] SECOND_LOWER_CUMULATIVE_OFFLINE_LIMIT_EXCEEDED "second lower cumulative offline limit exceeded",
        [6:5] SECOND_UPPER_CUMULATIVE_OFFLINE_LIMIT_EXCEEDED "second upper cumulative offline limit exceeded",
        [6:4] MAXIMUM_TRANSACTION_AMOUNT_EXCEEDED "maximum amount of a transaction exceeded",
        [6:3] DAYS_OFFLINE_LIMIT_EXCEEDED "limit of days offline exceeded",
        [6:2] MATCH_IN_ADDITIONAL_CHECK_TABLE "match in the additional check table",
        [6:1] NO_MATCH_IN_ADDITIONAL_CHECK_TABLE "no match in the additional check table",
    }
}

bits! {
    /// Card Verification Results of the Common Core Definitions, 5 bytes. [B3 C7]
    pub struct CommonCoreResults([u8; 5]) {
        [1:8] SECOND_CRYPTOGRAM_NOT_REQUESTED "second GENERATE AC not requested",
        [1:7] TC_IN_SECOND "TC returned in second GENERATE AC",
        [1:6] ARQC_IN_FIRST "ARQC returned in first GENERATE AC",
        [1:5] TC_IN_FIRST "TC returned in first GENERATE AC",
        [1:4] CDA_PERFORMED "combined data authentication performed",
        [1:3] DDA_PERFORMED "dynamic data authentication performed",
        [1:2] ISSUER_AUTHENTICATION_NOT_PERFORMED "issuer authentication not performed",
        [1:1] ISSUER_AUTHENTICATION_FAILED "issuer authentication failed",
        [2:4] OFFLINE_PIN_VERIFICATION_PERFORMED "offline PIN verification performed",
        [2:3] OFFLINE_PIN_VERIFICATION_FAILED "offline PIN verification performed and not successful",
        [2:2] PIN_TRY_LIMIT_EXCEEDED "PIN try limit exceeded",
        [2:1] LAST_ONLINE_NOT_COMPLETED "last online transaction not completed",
        [3:8] LOWER_COUNT_LIMIT_EXCEEDED "lower limit of offline transactions exceeded",
        [3:7] UPPER_COUNT_LIMIT_EXCEEDED "upper limit of offline transactions exceeded",
        [3:6] LOWER_AMOUNT_LIMIT_EXCEEDED "lower limit of the cumulative offline amount exceeded",
        [3:5] UPPER_AMOUNT_LIMIT_EXCEEDED "upper limit of the cumulative offline amount exceeded",
        [4:4] SCRIPT_FAILED "issuer script processing failed",
        [4:3] LAST_ODA_FAILED "offline data authentication failed on last transaction",
        [4:2] GO_ONLINE_ON_NEXT_TRANSACTION "to go online on the next transaction",
        [4:1] UNABLE_TO_GO_ONLINE "unable to go online",
    }
}

impl VisaResults {
    /// The cryptogram that answered the first GENERATE AC; `None` for a reserved coding.
    pub const fn first_cryptogram(self) -> Option<CryptogramType> {
        first_cryptogram(self.0[1])
    }

    /// The cryptogram that answered the second one; `None` when it was not asked for.
    pub const fn second_cryptogram(self) -> Option<CryptogramType> {
        second_cryptogram(self.0[1])
    }

    /// Issuer script commands that were processed on the last transaction.
    pub const fn script_counter(self) -> u8 {
        self.0[3] >> 4
    }

    /// The bytes that are bits, without lengths and counters.
    #[must_use]
    pub const fn flags(self) -> Self {
        let [_, decisions, last, others] = self.0;
        Self([0, decisions, last, others & 0x0F])
    }
}

impl MChipResults {
    /// The cryptogram that answered the first GENERATE AC; `None` for a reserved coding.
    pub const fn first_cryptogram(self) -> Option<CryptogramType> {
        first_cryptogram(self.0[0])
    }

    /// The cryptogram that answered the second one; `None` when it was not asked for.
    pub const fn second_cryptogram(self) -> Option<CryptogramType> {
        second_cryptogram(self.0[0])
    }

    /// Issuer script commands that were processed.
    pub const fn script_counter(self) -> u8 {
        self.0[2] >> 4
    }

    /// PIN tries left.
    pub const fn pin_try_counter(self) -> u8 {
        self.0[2] & 0x0F
    }

    /// The bytes that are bits, without counters.
    #[must_use]
    pub const fn flags(mut self) -> Self {
        self.0[2] = 0;
        self
    }
}

impl CommonCoreResults {
    /// The cryptogram that answered the first GENERATE AC; `None` for a reserved coding.
    pub const fn first_cryptogram(self) -> Option<CryptogramType> {
        first_cryptogram(self.0[0])
    }

    /// The cryptogram that answered the second one; `None` when it was not asked for.
    pub const fn second_cryptogram(self) -> Option<CryptogramType> {
        second_cryptogram(self.0[0])
    }

    /// PIN tries left.
    pub const fn pin_try_counter(self) -> u8 {
        self.0[1] >> 4
    }

    /// Issuer script commands with secure messaging that were processed.
    pub const fn script_counter(self) -> u8 {
        self.0[3] >> 4
    }

    /// The bytes that are bits, without counters and what is the issuer's.
    #[must_use]
    pub const fn flags(self) -> Self {
        let [decisions, pin, limits, scripts, _] = self.0;
        Self([decisions, pin & 0x0F, limits & 0xF0, scripts & 0x0F, 0])
    }
}

const fn first_cryptogram(byte: u8) -> Option<CryptogramType> {
    match byte >> 4 & 0x03 {
        0b00 => Some(CryptogramType::Aac),
        0b01 => Some(CryptogramType::Tc),
        0b10 => Some(CryptogramType::Arqc),
        _ => None,
    }
}

const fn second_cryptogram(byte: u8) -> Option<CryptogramType> {
    match byte >> 6 {
        0b00 => Some(CryptogramType::Aac),
        0b01 => Some(CryptogramType::Tc),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use CryptogramType::{Aac, Arqc, Tc};

    #[test]
    fn decisions_are_two_bits_each() {
        let expected = [(0x00, Some(Aac)), (0x10, Some(Tc)), (0x20, Some(Arqc)), (0x30, None)];
        for (byte, first) in expected {
            for (high, second) in [(0x00, Some(Aac)), (0x40, Some(Tc)), (0x80, None), (0xC0, None)]
            {
                let byte = byte | high | 0x0F;
                let chip = MChipResults([byte, 0, 0, 0, 0, 0]);
                let visa = VisaResults([3, byte, 0, 0]);
                let core = CommonCoreResults([byte, 0, 0, 0, 0]);
                assert_eq!((chip.first_cryptogram(), chip.second_cryptogram()), (first, second));
                assert_eq!((visa.first_cryptogram(), visa.second_cryptogram()), (first, second));
                assert_eq!((core.first_cryptogram(), core.second_cryptogram()), (first, second));
            }
        }
    }

    #[test]
    fn counters_are_no_flags() {
        let chip = MChipResults([0xFF, 0xFF, 0xA3, 0xFF, 0xFF, 0xFF]);
        assert_eq!((chip.script_counter(), chip.pin_try_counter()), (10, 3));
        assert_eq!(chip.flags().0, [0xFF, 0xFF, 0x00, 0xFF, 0xFF, 0xFF]);
        let visa = VisaResults([0x03, 0xFF, 0xFF, 0xAF]);
        assert_eq!((visa.script_counter(), visa.flags().0), (10, [0x00, 0xFF, 0xFF, 0x0F]));
        let core = CommonCoreResults([0xFF, 0x3F, 0xFF, 0xAF, 0xFF]);
        assert_eq!((core.script_counter(), core.pin_try_counter()), (10, 3));
        assert_eq!(core.flags().0, [0xFF, 0x0F, 0xF0, 0x0F, 0x00]);
        // Of two flags of M/Chip nobody tells the meaning.
        let unnamed = chip.flags().set_bits().filter(|(.., meaning)| meaning.is_none());
        assert_eq!(unnamed.map(|(byte, bit, _)| (byte, bit)).collect::<Vec<_>>(), [(2, 2), (2, 1)]);
        assert!(visa.flags().set_bits().all(|(.., meaning)| meaning.is_some()));
        assert!(core.flags().set_bits().all(|(.., meaning)| meaning.is_some()));
    }

    #[test]
    fn no_two_names_share_a_bit() {
        let mut seen = MChipResults::EMPTY;
        for (bit, name, _) in MChipResults::BITS {
            assert!(!seen.intersects(*bit), "{name}");
            seen.set(*bit);
        }
        let mut seen = VisaResults::EMPTY;
        for (bit, name, _) in VisaResults::BITS {
            assert!(!seen.intersects(*bit), "{name}");
            seen.set(*bit);
        }
        let mut seen = CommonCoreResults::EMPTY;
        for (bit, name, _) in CommonCoreResults::BITS {
            assert!(!seen.intersects(*bit), "{name}");
            seen.set(*bit);
        }
    }
}
