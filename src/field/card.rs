//! What the card says of itself: profile, usage control, cryptogram information.

use super::bits;
use crate::object::Value;

bits! {
    /// Application Interchange Profile (82), 2 bytes. [B3 C1]
    pub struct ApplicationInterchangeProfile([u8; 2]) {
        [1:8] XDA_SUPPORTED "extended data authentication supported (4.4)",
        [1:7] SDA_SUPPORTED "static data authentication supported",
        [1:6] DDA_SUPPORTED "dynamic data authentication supported",
        [1:5] CARDHOLDER_VERIFICATION_SUPPORTED "cardholder verification supported",
        [1:4] TERMINAL_RISK_MANAGEMENT_REQUIRED "terminal risk management to be performed",
        [1:3] ISSUER_AUTHENTICATION_SUPPORTED "issuer authentication supported",
        [1:2] ON_DEVICE_CVM_SUPPORTED "on-device cardholder verification supported (contactless)",
        [1:1] CDA_SUPPORTED "combined data authentication supported",
        [2:8] CONTACTLESS_EMV_MODE "EMV mode supported (contactless)",
    }
}

bits! {
    /// Application Usage Control (9F07), 2 bytes. [B3 C2]
    pub struct ApplicationUsageControl([u8; 2]) {
        [1:8] DOMESTIC_CASH "valid for domestic cash transactions",
        [1:7] INTERNATIONAL_CASH "valid for international cash transactions",
        [1:6] DOMESTIC_GOODS "valid for domestic goods",
        [1:5] INTERNATIONAL_GOODS "valid for international goods",
        [1:4] DOMESTIC_SERVICES "valid for domestic services",
        [1:3] INTERNATIONAL_SERVICES "valid for international services",
        [1:2] ATMS "valid at ATMs",
        [1:1] TERMINALS_OTHER_THAN_ATMS "valid at terminals other than ATMs",
        [2:8] DOMESTIC_CASHBACK "domestic cashback allowed",
        [2:7] INTERNATIONAL_CASHBACK "international cashback allowed",
    }
}

/// Cryptogram Information Data (9F27), 1 byte. [B3 C4, 6.5.5]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CryptogramInformation(pub u8);

/// The kind of application cryptogram, in ascending order of what it promises. [B3 9]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum CryptogramType {
    /// Application Authentication Cryptogram: declined.
    Aac,
    /// Authorisation Request Cryptogram: ask the issuer.
    Arqc,
    /// Transaction Certificate: approved.
    Tc,
}

/// Why the card wants an advice or refuses: bits 3 to 1 of the CID. [B3 C4]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AdviceReason {
    /// No information given.
    None,
    /// Service not allowed.
    ServiceNotAllowed,
    /// PIN try limit exceeded.
    PinTryLimitExceeded,
    /// Issuer authentication failed.
    IssuerAuthenticationFailed,
    /// A value that EMV reserves.
    Rfu(u8),
}

impl CryptogramInformation {
    /// That of an AAC, and nothing else said.
    pub const REFUSAL: Self = Self(0);

    /// The cryptogram's type; `None` for the reserved coding 11.
    pub const fn cryptogram(self) -> Option<CryptogramType> {
        match self.0 >> 6 {
            0b00 => Some(CryptogramType::Aac),
            0b01 => Some(CryptogramType::Tc),
            0b10 => Some(CryptogramType::Arqc),
            _ => None,
        }
    }

    /// Whether the card asks for an advice message (bit 4).
    pub const fn advice_required(self) -> bool {
        self.0 & 0x08 != 0
    }

    /// Bits 3 to 1.
    pub const fn reason(self) -> AdviceReason {
        match self.0 & 0x07 {
            0 => AdviceReason::None,
            1 => AdviceReason::ServiceNotAllowed,
            2 => AdviceReason::PinTryLimitExceeded,
            3 => AdviceReason::IssuerAuthenticationFailed,
            other => AdviceReason::Rfu(other),
        }
    }
}

impl CryptogramType {
    /// Bits 8 and 7 of the CID and of GENERATE AC's P1. [B3 6.5.5]
    pub const fn code(self) -> u8 {
        match self {
            Self::Aac => 0x00,
            Self::Tc => 0x40,
            Self::Arqc => 0x80,
        }
    }

    /// The books' abbreviation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "AAC",
            Self::Tc => "TC",
            Self::Arqc => "ARQC",
        }
    }
}

impl Value for CryptogramInformation {
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

    /// [B3 9]
    #[test]
    fn cryptogram_information_tells_type_advice_and_reason() {
        assert_eq!(CryptogramInformation(0x80).cryptogram(), Some(CryptogramType::Arqc));
        assert_eq!(CryptogramInformation(0x40).cryptogram(), Some(CryptogramType::Tc));
        assert_eq!(CryptogramInformation(0x3F).cryptogram(), Some(CryptogramType::Aac));
        assert_eq!(CryptogramInformation(0xC0).cryptogram(), None);
        assert!(CryptogramInformation(0x08).advice_required());
        assert!(!CryptogramInformation(0xF7).advice_required());
        let reasons: Vec<_> =
            (0..5).map(|bits| CryptogramInformation(0xF0 | bits).reason()).collect();
        assert_eq!(
            reasons,
            [
                AdviceReason::None,
                AdviceReason::ServiceNotAllowed,
                AdviceReason::PinTryLimitExceeded,
                AdviceReason::IssuerAuthenticationFailed,
                AdviceReason::Rfu(4)
            ]
        );
    }

    #[test]
    fn a_tc_promises_most() {
        assert!(
            CryptogramType::Tc > CryptogramType::Arqc && CryptogramType::Arqc > CryptogramType::Aac
        );
        for kind in [CryptogramType::Aac, CryptogramType::Arqc, CryptogramType::Tc] {
            assert_eq!(CryptogramInformation(kind.code()).cryptogram(), Some(kind));
        }
    }
}
