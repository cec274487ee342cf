//! The words of the format, each in one place for reader and writer.

use chipwright::config::TransactionType;
use chipwright::outcome::{Authority, Conclusion};
use chipwright::phase::Phase;
use chipwright::session::{LinkError, PinMethod, PinResult, Polled, Proceed, Review, Stop};

/// Values and their words.
pub(super) type Table<T> = [(T, &'static str)];

pub(super) const KINDS: &Table<TransactionType> = &[
    (TransactionType::Purchase, "purchase"),
    (TransactionType::ManualCash, "manual-cash"),
    (TransactionType::UnattendedCash, "unattended-cash"),
    (TransactionType::Cashback, "cashback"),
    (TransactionType::Refund, "refund"),
    (TransactionType::Inquiry, "inquiry"),
];

pub(super) const LINK_ERRORS: &Table<LinkError> = &[
    (LinkError::Timeout, "timeout"),
    (LinkError::Transmission, "transmission"),
    (LinkError::Protocol, "protocol"),
    (LinkError::Removed, "removed"),
];

pub(super) const STOPS: &Table<Stop> = &[
    (Stop::Cancelled, "cancelled"),
    (Stop::Timeout, "timeout"),
    (Stop::CardRemoved, "card-removed"),
];

pub(super) const PIN_METHODS: &Table<PinMethod> = &[
    (PinMethod::Plaintext, "plaintext"),
    (PinMethod::Enciphered, "enciphered"),
    (PinMethod::Online, "online"),
];

pub(super) const REVIEWS: &Table<Review> =
    &[(Review::Candidates, "candidates"), (Review::Records, "records")];

pub(super) const POLLED: &Table<Polled> =
    &[(Polled::Card, "card"), (Polled::Collision, "collision"), (Polled::Nothing, "nothing")];

pub(super) const PROCEEDS: &Table<Proceed> = &[
    (Proceed::Continue, "continue"),
    (Proceed::CardRead, "card-read"),
    (Proceed::Decline, "decline"),
];

/// What a PIN pad reports, but for what carries a status word or an error.
pub(super) const PIN_RESULTS: &Table<PinResult> = &[
    (PinResult::Captured, "captured"),
    (PinResult::Bypassed, "bypassed"),
    (PinResult::Cancelled, "cancelled"),
    (PinResult::Broken, "broken"),
    (PinResult::NoChallenge, "no-challenge"),
];

pub(super) const CONCLUSIONS: &Table<Conclusion> = &[
    (Conclusion::Approved, "approved"),
    (Conclusion::Declined, "declined"),
    (Conclusion::Terminated, "terminated"),
    (Conclusion::TryAnotherInterface, "try-another-interface"),
    (Conclusion::CardRead, "card-read"),
];

pub(super) const AUTHORITIES: &Table<Authority> = &[
    (Authority::Offline, "offline"),
    (Authority::Online, "online"),
    (Authority::UnableToGoOnline, "unable-to-go-online"),
];

pub(super) const PHASES: &Table<Phase> = &[
    (Phase::Idle, "idle"),
    (Phase::ApplicationSelection, "application-selection"),
    (Phase::InitiateApplication, "initiate-application-processing"),
    (Phase::ReadApplicationData, "read-application-data"),
    (Phase::OfflineDataAuthentication, "offline-data-authentication"),
    (Phase::ProcessingRestrictions, "processing-restrictions"),
    (Phase::CardholderVerification, "cardholder-verification"),
    (Phase::TerminalRiskManagement, "terminal-risk-management"),
    (Phase::TerminalActionAnalysis, "terminal-action-analysis"),
    (Phase::CardActionAnalysis, "card-action-analysis"),
    (Phase::OnlineProcessing, "online-processing"),
    (Phase::IssuerScriptProcessing, "issuer-to-card-script-processing"),
    (Phase::Completion, "completion"),
    (Phase::Ended, "ended"),
];

/// The value of a word; what words there are when it is none of them.
pub(super) fn value<T: Copy>(table: &Table<T>, what: &str, word: &str) -> Result<T, String> {
    table.iter().find(|(_, known)| *known == word).map(|(value, _)| *value).ok_or_else(|| {
        let words: Vec<&str> = table.iter().map(|(_, word)| *word).collect();
        format!("`{word}` is no {what}, expected one of {}", words.join(", "))
    })
}

/// The word for a value.
pub(super) fn word<T: PartialEq>(table: &Table<T>, value: T) -> &'static str {
    table.iter().find(|(known, _)| *known == value).map_or("unknown", |(_, word)| *word)
}
