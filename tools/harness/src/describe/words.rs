//! Reasons, checks and reports in words.

use chipwright::actions::Column;
use chipwright::config::TransactionType;
use chipwright::cvm::Passed;
use chipwright::event::{Ignored, LeftOut, ListOrigin};
use chipwright::oda::{Check, Failure, Part};
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::session::{PinMethod, PinResult, Proceed, Review};

use super::{link_error, name_of, status};

/// Why a bit of the Terminal Verification Results was set.
pub const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::NoCommonAuthenticationMethod => {
            "card and terminal share no method of offline data authentication"
        }
        Reason::CombinedAuthenticationNotRequested => {
            "the ARQC was asked for without a combined signature"
        }
        Reason::StaticAuthenticationSelected => "static data authentication was selected",
        Reason::StaticAuthenticationFailed => "static data authentication failed",
        Reason::DynamicAuthenticationFailed => "dynamic data authentication failed",
        Reason::CombinedAuthenticationFailed => "combined data authentication failed",
        Reason::CardDataMissing => "the card promises a function and lacks data for it",
        Reason::ApplicationVersionsDiffer => "the application versions of card and terminal differ",
        Reason::NotForThisKindOfTerminal => "the card may not be used at this kind of terminal",
        Reason::CashNotAllowed => "the card may not be used for cash in this country",
        Reason::GoodsAndServicesNotAllowed => {
            "the card may not be used for goods or services in this country"
        }
        Reason::CashbackNotAllowed => "the card may not be used for cashback in this country",
        Reason::BeforeEffectiveDate => "the effective date is still to come",
        Reason::AfterExpirationDate => "the expiration date is past",
        Reason::MethodNotRecognised => "a rule names a method that EMV does not define",
        Reason::NoRuleSucceeded => "no rule was left and none succeeded",
        Reason::FailRule => "a rule says that verification fails",
        Reason::MethodFailed => "the method failed and no rule may follow",
        Reason::PinTryLimitExceeded => "no PIN try is left",
        Reason::PinPadMissing => "the rule needs a PIN that cannot be entered here",
        Reason::PinBypassed => "PIN entry was bypassed",
        Reason::OnlinePinEntered => "a PIN for the issuer was entered",
        Reason::OnExceptionFile => "the account is on the exception file",
        Reason::MerchantForcedOnline => "the merchant wants the issuer to decide",
        Reason::FloorLimitReached => "the amount reaches the floor limit",
        Reason::RandomlySelected => "selected at random",
        Reason::CountersUnavailable => "the card did not give its transaction counters",
        Reason::CountersInconsistent => "the transaction counter is not above the last online one",
        Reason::LowerOfflineLimitExceeded => {
            "more offline transactions in a row than the lower limit"
        }
        Reason::UpperOfflineLimitExceeded => {
            "more offline transactions in a row than the upper limit"
        }
        Reason::NewCard => "the card was never online",
        Reason::DefaultTdolUsed => "the terminal's default TDOL was used",
        Reason::IssuerAuthenticationFailed => "the card refused the issuer's authentication data",
        Reason::ScriptFailedBeforeFinalCryptogram => {
            "an issuer script failed before the final GENERATE AC"
        }
        Reason::ScriptFailedAfterFinalCryptogram => {
            "an issuer script failed after the final GENERATE AC"
        }
        _ => "for a reason without words",
    }
}

/// Where the rules of a phase are.
pub const fn phase_rule(phase: Phase) -> &'static str {
    match phase {
        Phase::ApplicationSelection => "B1 12",
        Phase::InitiateApplication => "B3 10.1",
        Phase::ReadApplicationData => "B3 10.2",
        Phase::OfflineDataAuthentication => "B3 10.3",
        Phase::ProcessingRestrictions => "B3 10.4",
        Phase::CardholderVerification => "B3 10.5",
        Phase::TerminalRiskManagement => "B3 10.6",
        Phase::TerminalActionAnalysis => "B3 10.7",
        Phase::CardActionAnalysis => "B3 10.8",
        Phase::OnlineProcessing => "B3 10.9",
        Phase::IssuerScriptProcessing => "B3 10.10",
        Phase::Completion => "B3 10.11",
        _ => "",
    }
}

/// A part of a chain of trust.
pub const fn part(part: Part) -> &'static str {
    match part {
        Part::CaKey => "certification authority's key",
        Part::IssuerCertificate => "issuer certificate",
        Part::StaticSignature => "static signature",
        Part::IccCertificate => "card certificate",
        Part::PinCertificate => "certificate for PIN encipherment",
        Part::DynamicSignature => "dynamic signature",
    }
}

/// A check of offline data authentication that failed.
pub const fn check(check: Check) -> &'static str {
    match check {
        Check::Missing => "it is missing",
        Check::KeyUnknown => "the terminal has no such key",
        Check::Length => "its length is not that of the key",
        Check::KeyRefused => "the key cannot be used on it",
        Check::Trailer => "it does not end in BC",
        Check::Header => "it does not begin with 6A",
        Check::Format => "it is of another format",
        Check::HashAlgorithm => "its hash algorithm is unknown",
        Check::Hash => "its hash differs",
        Check::Subject => "it belongs to another issuer or card",
        Check::Expired => "its month is over",
        Check::Revoked => "it is revoked",
        Check::KeyAlgorithm => "the algorithm of its key is unknown",
        Check::KeyLength => "its key is of impossible length",
        Check::Exponent => "its exponent is none that EMV allows",
        Check::StaticData => "the static data cannot be authenticated",
        Check::Ddol => "there is no list with the unpredictable number for it",
        Check::DynamicData => "its dynamic data are cut short",
        Check::CryptogramInformation => "the cryptogram information inside it differs",
        Check::TransactionData => "the transaction data differ from what was signed",
        Check::Withdrawn => "the terminal does not accept the method any more",
        Check::NotSupported => "the card does not support the method",
        Check::Version => "it is of a version that does not count",
        _ => "a check without words failed",
    }
}

/// Where offline data authentication failed, and at which check.
pub fn authentication_failure(failure: Failure) -> String {
    let object = failure.tag.map(|tag| {
        name_of(tag).map_or_else(|| format!(" ({tag})"), |name| format!(" ({tag} {name})"))
    });
    format!("{}: {}{}", part(failure.part), check(failure.check), object.unwrap_or_default())
}

/// Why a rule was passed over.
pub const fn passed(passed: Passed) -> &'static str {
    match passed {
        Passed::ConditionUnrecognised => "its condition is none of EMV",
        Passed::ConditionNotSatisfied => "its condition does not hold",
        Passed::ConditionDataMissing => "data for its condition are missing",
        Passed::MethodUnrecognised => "its method is none of EMV",
        Passed::MethodUnsupported => "the terminal does not support it",
    }
}

/// Why an object of the card was not stored.
pub const fn ignored(why: Ignored) -> &'static str {
    match why {
        Ignored::Unknown => "not an object of Books 1 to 4",
        Ignored::NotTheCards => "not the card's to give",
        Ignored::WrongTemplate => "not in a template where it belongs",
        Ignored::WrongLength => "of a wrong length, which does not matter",
    }
}

/// What was left out.
pub const fn left_out(what: LeftOut) -> &'static str {
    match what {
        LeftOut::DirectoryRecords => "directory records behind the 255th",
        LeftOut::Applications => "applications of the terminal behind the 256th",
        LeftOut::Occurrences => "further applications of this name",
        LeftOut::Candidate => "a candidate: the list is full",
        LeftOut::Scripts => "scripts behind the 16th",
    }
}

/// Where the bytes of a list entry came from.
pub const fn list_origin(origin: ListOrigin) -> &'static str {
    match origin {
        ListOrigin::Whole => "",
        ListOrigin::Truncated => "cut to length",
        ListOrigin::Padded => "padded",
        ListOrigin::Unknown => "unknown, zeros",
        ListOrigin::Absent => "absent, zeros",
    }
}

/// Where the integrator looks in.
pub const fn review(review: Review) -> &'static str {
    match review {
        Review::Candidates => "candidates",
        Review::Records => "records",
    }
}

/// How it goes on after that.
pub const fn proceed(proceed: Proceed) -> &'static str {
    match proceed {
        Proceed::Continue => "as it stands",
        Proceed::CardRead => "no further: the card was read",
        Proceed::Decline => "with a refusal",
    }
}

/// A column of the action codes.
pub const fn column(column: Column) -> &'static str {
    match column {
        Column::Denial => "Denial",
        Column::Online => "Online",
        Column::Default => "Default",
    }
}

/// How a PIN travels.
pub const fn pin_method(method: PinMethod) -> &'static str {
    match method {
        PinMethod::Plaintext => "plaintext, to the card",
        PinMethod::Enciphered => "enciphered, to the card",
        PinMethod::Online => "enciphered, to the issuer",
    }
}

/// What the PIN pad reports.
pub fn pin_result(result: PinResult) -> String {
    match result {
        PinResult::Verified(word) => format!("card answers VERIFY with {word}, {}", status(word)),
        PinResult::Captured => "PIN taken for the issuer".to_owned(),
        PinResult::Bypassed => "PIN entry bypassed".to_owned(),
        PinResult::Cancelled => "cancelled at the pad".to_owned(),
        PinResult::Broken => "the pad does not work".to_owned(),
        PinResult::NoChallenge => "the PIN could not be enciphered".to_owned(),
        PinResult::LinkFailed(error) => link_error(error).to_owned(),
    }
}

/// What kind of business.
pub const fn transaction_type(kind: TransactionType) -> &'static str {
    match kind {
        TransactionType::Purchase => "purchase",
        TransactionType::ManualCash => "manual cash",
        TransactionType::UnattendedCash => "unattended cash",
        TransactionType::Cashback => "purchase with cashback",
        TransactionType::Refund => "refund",
        TransactionType::Inquiry => "inquiry",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::status::Status;
    use chipwright::tag::Tag;

    #[test]
    fn says_where_authentication_failed() {
        let failure =
            Failure { part: Part::IccCertificate, check: Check::Missing, tag: Some(Tag(0x9F46)) };
        assert_eq!(
            authentication_failure(failure),
            "card certificate: it is missing (9F46 ICC Public Key Certificate)"
        );
        let failure = Failure { part: Part::DynamicSignature, check: Check::Hash, tag: None };
        assert_eq!(authentication_failure(failure), "dynamic signature: its hash differs");
    }

    #[test]
    fn says_what_the_pad_reports() {
        assert_eq!(
            pin_result(PinResult::Verified(Status(0x63C1))),
            "card answers VERIFY with 63C1, wrong, 1 try left"
        );
    }
}
