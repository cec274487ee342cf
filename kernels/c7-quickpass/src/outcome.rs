//! From what the transaction comes to, to the parameters of its outcome. [C7 7] [A 6.2]

use crate::Configuration;
use crate::dictionary::AVAILABLE_OFFLINE_AMOUNT;
use crate::verify::Verified;
use chipwright::contactless::{
    AlternateInterface, CardholderVerification, OutcomeParameters, OutcomeType, Shown, Start,
    UiRequest,
};
use chipwright::database::Database;
use chipwright::dictionary::emv::{LANGUAGE_PREFERENCE, TRANSACTION_CURRENCY_CODE};

/// What the transaction comes to.
#[derive(Clone, Copy)]
pub(crate) enum Conclusion {
    /// Another application may do.
    SelectNext,
    /// The cardholder acts on their device, and presents it again.
    SeeDevice,
    /// The link failed: the card is to be presented again.
    CardAgain,
    Approved(Verified),
    Declined,
    OnlineRequest(Verified),
    AnotherInterface,
    EndApplication,
}

/// The parameters of the outcome. [C7 7]
pub(crate) fn parameters(
    conclusion: Conclusion,
    configuration: &Configuration<'_>,
    data: &Database<'_>,
) -> OutcomeParameters {
    let requests = configuration.requests;
    let localised = |request| localised(request, data);
    let outcome = |outcome, request| OutcomeParameters::new(outcome).showing(localised(request));
    match conclusion {
        Conclusion::SelectNext => {
            OutcomeParameters::new(OutcomeType::SelectNext).starting(Start::C)
        }
        Conclusion::SeeDevice => OutcomeParameters {
            ui_request_on_restart: Some(localised(requests.device_again)),
            field_off_request: Some(configuration.device_field_off),
            ..outcome(OutcomeType::TryAgain, requests.see_device).starting(Start::B)
        },
        Conclusion::CardAgain => OutcomeParameters {
            ui_request_on_restart: Some(localised(requests.card_again)),
            ..outcome(OutcomeType::TryAgain, requests.card_again).starting(Start::B)
        },
        Conclusion::Approved(verified) => {
            let request = match verified.method() {
                CardholderVerification::ObtainSignature => requests.approved_with_signature,
                _ => requests.approved,
            };
            with_data(outcome(OutcomeType::Approved, with_balance(request, data)), verified)
        }
        Conclusion::OnlineRequest(verified) => {
            with_data(outcome(OutcomeType::OnlineRequest, requests.online), verified)
        }
        Conclusion::Declined => outcome(OutcomeType::Declined, requests.declined),
        // [C7 7 interface]
        Conclusion::AnotherInterface if configuration.prefer_contact_chip => OutcomeParameters {
            alternate_interface: AlternateInterface::ContactChip,
            ..outcome(OutcomeType::TryAnotherInterface, requests.contact_chip)
        },
        Conclusion::AnotherInterface => {
            outcome(OutcomeType::TryAnotherInterface, requests.another_interface)
        }
        Conclusion::EndApplication => {
            outcome(OutcomeType::EndApplication, requests.end_application)
        }
    }
}

/// What the acquirer gets goes with it. [C7 7]
fn with_data(outcome: OutcomeParameters, verified: Verified) -> OutcomeParameters {
    OutcomeParameters {
        cardholder_verification: verified.method(),
        data_record: true,
        discretionary_data: true,
        ..outcome
    }
}

/// The request with the cardholder's languages, where the card has told them.
pub(crate) fn localised(mut request: UiRequest, data: &Database<'_>) -> UiRequest {
    let languages = data.bytes(LANGUAGE_PREFERENCE.tag).unwrap_or_default();
    for (to, from) in request.language_preference.iter_mut().zip(languages) {
        *to = *from;
    }
    request
}

/// The request with what is left on the card, where the card tells. [C7 7]
fn with_balance(mut request: UiRequest, data: &Database<'_>) -> UiRequest {
    let currency = data.get(TRANSACTION_CURRENCY_CODE).ok().flatten();
    let left = data.get(AVAILABLE_OFFLINE_AMOUNT).ok().flatten();
    request.value = left.map(|left| Shown::Balance(left, currency)).or(request.value);
    request
}
