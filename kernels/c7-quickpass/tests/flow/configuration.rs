//! The settings. [C7 11]

use chipwright::contactless::Status as Lights;
use chipwright::message::Message;
use chipwright::status::Status;
use chipwright_c7::{Configuration, Prompt, Refusal, SignedDataFormat, UnwantedTc};

/// What the notes leave open has the safe or the better attested reading. [C7 11, 7]
#[test]
fn the_default_is_what_the_document_says() {
    let default = Configuration::default();
    assert_eq!(default.qualifiers_not_requested, Refusal::SelectNext);
    assert_eq!(
        default.refusals,
        [
            (Status(0x6984), Refusal::AnotherInterface),
            (Status(0x6985), Refusal::SelectNext),
            (Status(0x6986), Refusal::DeviceToBeUsed),
        ]
    );
    assert_eq!(default.other_refusal, Refusal::AnotherInterface);
    assert_eq!(default.unwanted_tc, UnwantedTc::OnlineRequest);
    assert!(default.effective_date && !default.authentication_online);
    let signature = default.signature;
    assert!(!signature.version_0 && signature.by_application_version);
    assert!(signature.compare_qualifiers && signature.format == SignedDataFormat::Fast);
    assert!(!default.verification_results && !default.prefer_contact_chip);
    let requests = default.requests;
    for (request, message, status) in [
        (requests.card_read, Message::CardReadOk, Lights::CardReadSuccessfully),
        (requests.approved, Message::Approved, Lights::CardReadSuccessfully),
        (requests.approved_with_signature, Message::ApprovedSign, Lights::CardReadSuccessfully),
        (requests.online, Message::Authorising, Lights::CardReadSuccessfully),
        (requests.declined, Message::Declined, Lights::CardReadSuccessfully),
        (requests.another_interface, Message::InsertOrSwipeCard, Lights::ReadyToRead),
        (requests.contact_chip, Message::InsertCardInstead, Lights::ReadyToRead),
        (requests.end_application, Message::TryAnotherCard, Lights::ReadyToRead),
        (requests.card_again, Message::PresentCardAgain, Lights::ReadyToRead),
    ] {
        assert_eq!(request, Prompt::new(message, status));
    }
    let see_phone =
        Prompt { hold_time: 13, ..Prompt::new(Message::SeePhone, Lights::ProcessingError) };
    assert_eq!((requests.see_device, default.device_field_off), (see_phone, 13));
}
