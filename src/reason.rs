//! Why a bit of the Terminal Verification Results was set: one table for everyone who explains.

use crate::field::TerminalVerificationResults as Tvr;

/// Why a bit of the Terminal Verification Results was set.
///
/// Codes are stable: they go into logs and reports, and never change their meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum Reason {
    /// Card and terminal share no method of offline data authentication.
    NoCommonAuthenticationMethod = 0x0101,
    /// The terminal asked for an ARQC without a combined signature.
    CombinedAuthenticationNotRequested = 0x0102,
    /// Static data authentication was selected.
    StaticAuthenticationSelected = 0x0103,
    /// Static data authentication failed; the event before says at which check.
    StaticAuthenticationFailed = 0x0104,
    /// Dynamic data authentication failed; the event before says at which check.
    DynamicAuthenticationFailed = 0x0105,
    /// Combined data authentication failed; the event before says at which check.
    CombinedAuthenticationFailed = 0x0106,
    /// The card promises a function and does not provide the data for it.
    CardDataMissing = 0x0107,

    /// The application versions of card and terminal differ.
    ApplicationVersionsDiffer = 0x0201,
    /// The card may not be used at this kind of terminal (ATM or other).
    NotForThisKindOfTerminal = 0x0202,
    /// The card may not be used for cash in this country.
    CashNotAllowed = 0x0203,
    /// The card may not be used for goods or services in this country.
    GoodsAndServicesNotAllowed = 0x0204,
    /// The card may not be used for cashback in this country.
    CashbackNotAllowed = 0x0205,
    /// The transaction date is before the effective date.
    BeforeEffectiveDate = 0x0206,
    /// The transaction date is after the expiration date.
    AfterExpirationDate = 0x0207,

    /// A rule names a method that EMV does not define.
    MethodNotRecognised = 0x0301,
    /// No rule was left and none succeeded.
    NoRuleSucceeded = 0x0302,
    /// A rule says that verification fails.
    FailRule = 0x0303,
    /// The last performed method failed and no rule may follow.
    MethodFailed = 0x0304,
    /// The PIN try counter is zero, or the card said that the limit is reached.
    PinTryLimitExceeded = 0x0305,
    /// A rule requires a PIN that this terminal cannot take, or the pad does not work.
    PinPadMissing = 0x0306,
    /// The cardholder or merchant went past the PIN.
    PinBypassed = 0x0307,
    /// A PIN for the issuer was entered.
    OnlinePinEntered = 0x0308,

    /// The account is on the exception file.
    OnExceptionFile = 0x0401,
    /// The merchant wants the issuer to decide.
    MerchantForcedOnline = 0x0402,
    /// The amount reaches the floor limit.
    FloorLimitReached = 0x0403,
    /// Random selection for online processing.
    RandomlySelected = 0x0404,
    /// The card did not give its transaction counters.
    CountersUnavailable = 0x0405,
    /// The transaction counter is not above the last online one.
    CountersInconsistent = 0x0406,
    /// More offline transactions in a row than the lower limit.
    LowerOfflineLimitExceeded = 0x0407,
    /// More offline transactions in a row than the upper limit.
    UpperOfflineLimitExceeded = 0x0408,
    /// The card was never online.
    NewCard = 0x0409,

    /// The terminal's default TDOL was used.
    DefaultTdolUsed = 0x0501,
    /// The card refused the issuer's authentication data.
    IssuerAuthenticationFailed = 0x0502,
    /// An issuer script failed before the final GENERATE AC.
    ScriptFailedBeforeFinalCryptogram = 0x0503,
    /// An issuer script failed after the final GENERATE AC.
    ScriptFailedAfterFinalCryptogram = 0x0504,
}

impl Reason {
    /// The stable number.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The bits that the reason sets.
    pub fn bits(self) -> Tvr {
        match self {
            Self::NoCommonAuthenticationMethod | Self::CombinedAuthenticationNotRequested => {
                Tvr::ODA_NOT_PERFORMED
            }
            Self::StaticAuthenticationSelected => Tvr::SDA_SELECTED,
            Self::StaticAuthenticationFailed => Tvr::SDA_FAILED,
            Self::DynamicAuthenticationFailed => Tvr::DDA_FAILED,
            Self::CombinedAuthenticationFailed => Tvr::CDA_FAILED,
            Self::CardDataMissing => Tvr::ICC_DATA_MISSING,
            Self::ApplicationVersionsDiffer => Tvr::APPLICATION_VERSIONS_DIFFER,
            Self::NotForThisKindOfTerminal
            | Self::CashNotAllowed
            | Self::GoodsAndServicesNotAllowed
            | Self::CashbackNotAllowed => Tvr::SERVICE_NOT_ALLOWED,
            Self::BeforeEffectiveDate => Tvr::NOT_YET_EFFECTIVE,
            Self::AfterExpirationDate => Tvr::EXPIRED_APPLICATION,
            Self::MethodNotRecognised => Tvr::UNRECOGNISED_CVM,
            Self::NoRuleSucceeded | Self::FailRule | Self::MethodFailed => {
                Tvr::CARDHOLDER_VERIFICATION_FAILED
            }
            Self::PinTryLimitExceeded => Tvr::PIN_TRY_LIMIT_EXCEEDED,
            Self::PinPadMissing => Tvr::PIN_PAD_MISSING,
            Self::PinBypassed => Tvr::PIN_NOT_ENTERED,
            Self::OnlinePinEntered => Tvr::ONLINE_CVM_CAPTURED,
            Self::OnExceptionFile => Tvr::ON_EXCEPTION_FILE,
            Self::MerchantForcedOnline => Tvr::MERCHANT_FORCED_ONLINE,
            Self::FloorLimitReached => Tvr::FLOOR_LIMIT_EXCEEDED,
            Self::RandomlySelected => Tvr::RANDOMLY_SELECTED_ONLINE,
            Self::CountersUnavailable | Self::CountersInconsistent => {
                Tvr::LOWER_OFFLINE_LIMIT_EXCEEDED | Tvr::UPPER_OFFLINE_LIMIT_EXCEEDED
            }
            Self::LowerOfflineLimitExceeded => Tvr::LOWER_OFFLINE_LIMIT_EXCEEDED,
            Self::UpperOfflineLimitExceeded => Tvr::UPPER_OFFLINE_LIMIT_EXCEEDED,
            Self::NewCard => Tvr::NEW_CARD,
            Self::DefaultTdolUsed => Tvr::DEFAULT_TDOL_USED,
            Self::IssuerAuthenticationFailed => Tvr::ISSUER_AUTHENTICATION_FAILED,
            Self::ScriptFailedBeforeFinalCryptogram => Tvr::SCRIPT_FAILED_BEFORE,
            Self::ScriptFailedAfterFinalCryptogram => Tvr::SCRIPT_FAILED_AFTER,
        }
    }

    /// Requirement id of the rule: book and section.
    pub const fn rule(self) -> &'static str {
        match self {
            Self::NoCommonAuthenticationMethod
            | Self::CombinedAuthenticationNotRequested
            | Self::StaticAuthenticationSelected
            | Self::StaticAuthenticationFailed
            | Self::DynamicAuthenticationFailed
            | Self::CombinedAuthenticationFailed => "B3 10.3",
            Self::CardDataMissing => "B3 7.5",
            Self::ApplicationVersionsDiffer => "B3 10.4.1",
            Self::NotForThisKindOfTerminal
            | Self::CashNotAllowed
            | Self::GoodsAndServicesNotAllowed
            | Self::CashbackNotAllowed => "B3 10.4.2",
            Self::BeforeEffectiveDate | Self::AfterExpirationDate => "B3 10.4.3",
            Self::MethodNotRecognised
            | Self::NoRuleSucceeded
            | Self::FailRule
            | Self::MethodFailed => "B3 10.5",
            Self::PinTryLimitExceeded | Self::PinPadMissing | Self::PinBypassed => "B3 10.5.1",
            Self::OnlinePinEntered => "B3 10.5.2",
            Self::OnExceptionFile => "B4 6.3.5",
            Self::MerchantForcedOnline => "B3 10.6",
            Self::FloorLimitReached => "B3 10.6.1",
            Self::RandomlySelected => "B3 10.6.2",
            Self::CountersUnavailable
            | Self::CountersInconsistent
            | Self::LowerOfflineLimitExceeded
            | Self::UpperOfflineLimitExceeded
            | Self::NewCard => "B3 10.6.3",
            Self::DefaultTdolUsed => "B3 9.2.2",
            Self::IssuerAuthenticationFailed => "B3 10.9",
            Self::ScriptFailedBeforeFinalCryptogram | Self::ScriptFailedAfterFinalCryptogram => {
                "B3 10.10"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B3 C5]
    #[test]
    fn a_reason_sets_the_bits_of_its_table_row() {
        assert_eq!(Reason::FloorLimitReached.bits().0, [0, 0, 0, 0x80, 0]);
        assert_eq!(Reason::CountersUnavailable.bits().0, [0, 0, 0, 0x60, 0]);
        assert_eq!(Reason::AfterExpirationDate.code(), 0x0207);
    }
}
