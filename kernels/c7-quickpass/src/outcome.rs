//! From what the transaction comes to, to the parameters of its outcome. [C7 7] [A 6.2]

use crate::dictionary::AVAILABLE_OFFLINE_AMOUNT;
use crate::verify::Verified;
use crate::{Configuration, Prompt};
use chipwright::contactless::{
    AlternateInterface, CardholderVerification, OutcomeParameters, OutcomeType, Shown, Start,
    UiRequest,
};
use chipwright::database::Database;
use chipwright::dictionary::emv::{LANGUAGE_PREFERENCE, TRANSACTION_CURRENCY_CODE};
use chipwright::object::Value;
use chipwright::value::{Amount, Code};

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
#[inline(never)]
pub(crate) fn parameters(
    conclusion: Conclusion,
    configuration: &Configuration<'_>,
    data: &Database<'_>,
) -> OutcomeParameters {
    let requests = &configuration.requests;
    let (kind, prompt) = announced(conclusion, configuration);
    let mut outcome = OutcomeParameters::new(kind);
    outcome.ui_request_on_outcome = prompt.map(|prompt| request(prompt, data));
    match conclusion {
        Conclusion::SelectNext => outcome.start = Some(Start::C),
        Conclusion::SeeDevice => {
            outcome.start = Some(Start::B);
            outcome.ui_request_on_restart = Some(request(&requests.device_again, data));
            outcome.field_off_request = Some(configuration.device_field_off);
        }
        Conclusion::CardAgain => {
            outcome.start = Some(Start::B);
            outcome.ui_request_on_restart = outcome.ui_request_on_outcome;
        }
        Conclusion::Approved(verified) | Conclusion::OnlineRequest(verified) => {
            outcome.cardholder_verification = verified.method();
            outcome.data_record = true;
            outcome.discretionary_data = true;
        }
        Conclusion::AnotherInterface if configuration.prefer_contact_chip => {
            outcome.alternate_interface = AlternateInterface::ContactChip;
        }
        _ => {}
    }
    if let (OutcomeType::Approved, Some(request)) = (kind, &mut outcome.ui_request_on_outcome) {
        request.value = balance(data);
    }
    outcome
}

/// The outcome, and what is shown with it.
#[inline(never)]
fn announced<'c>(
    conclusion: Conclusion,
    configuration: &'c Configuration<'_>,
) -> (OutcomeType, Option<&'c Prompt>) {
    use OutcomeType::{
        Approved, Declined, EndApplication, OnlineRequest, SelectNext, TryAgain,
        TryAnotherInterface,
    };
    let requests = &configuration.requests;
    let (kind, prompt) = match conclusion {
        Conclusion::SelectNext => return (SelectNext, None),
        Conclusion::SeeDevice => (TryAgain, &requests.see_device),
        Conclusion::CardAgain => (TryAgain, &requests.card_again),
        Conclusion::Approved(verified) => match verified.method() {
            CardholderVerification::ObtainSignature => {
                (Approved, &requests.approved_with_signature)
            }
            _ => (Approved, &requests.approved),
        },
        Conclusion::OnlineRequest(_) => (OnlineRequest, &requests.online),
        Conclusion::Declined => (Declined, &requests.declined),
        // [C7 7 interface]
        Conclusion::AnotherInterface if configuration.prefer_contact_chip => {
            (TryAnotherInterface, &requests.contact_chip)
        }
        Conclusion::AnotherInterface => (TryAnotherInterface, &requests.another_interface),
        Conclusion::EndApplication => (EndApplication, &requests.end_application),
    };
    (kind, Some(prompt))
}

/// The request that shows a prompt, with the cardholder's languages where the card has told them.
#[inline(never)]
pub(crate) fn request(prompt: &Prompt, data: &Database<'_>) -> UiRequest {
    let mut request = UiRequest {
        message: prompt.message,
        status: prompt.status,
        hold_time: prompt.hold_time,
        ..UiRequest::NOTHING
    };
    let languages = data.bytes(LANGUAGE_PREFERENCE.tag).unwrap_or_default();
    if let Some(room) = request.language_preference.get_mut(..languages.len()) {
        room.copy_from_slice(languages);
    }
    request
}

/// What is left on the card, where the card tells. [C7 7]
fn balance(data: &Database<'_>) -> Option<Shown> {
    let left = data.bytes(AVAILABLE_OFFLINE_AMOUNT.tag).and_then(Amount::decode)?;
    let currency = data.bytes(TRANSACTION_CURRENCY_CODE.tag).and_then(Code::decode);
    Some(Shown::Balance(left, currency))
}
