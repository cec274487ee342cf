//! What the transaction comes to, and what is shown. [C7 4.9, 4.10, 4.11, 7]

use super::card::*;
use super::run::*;
use chipwright::contactless::{
    AlternateInterface, CardholderVerification as Cvm, OnlineResponseData, OutcomeType, Reason,
    Shown, Status as Lights,
};
use chipwright::message::Message;
use chipwright::outcome::End;
use chipwright::phase::Phase;
use chipwright::session::Stop;
use chipwright::value::{Amount, Code};
use chipwright_c7::{DATA_RECORD, UnwantedTc};

/// The card may be taken away before the issuer is asked. [C7 4.9]
#[test]
fn an_arqc_asks_the_issuer() {
    let ended = Run::default().with(&mut Card::new());
    let outcome = ended.outcome();
    assert_eq!(ended.verdict(), (OutcomeType::OnlineRequest, Cvm::NoCvm));
    assert_eq!(
        (outcome.start, outcome.online_response_data),
        (None, OnlineResponseData::NotApplicable)
    );
    assert_eq!((outcome.data_record, outcome.discretionary_data), (true, true));
    let shown: Vec<_> = ended.shown.iter().map(|shown| (shown.message, shown.status)).collect();
    assert_eq!(shown, [(Some(Message::CardReadOk), Some(Lights::CardReadSuccessfully))]);
    let shown = outcome.ui_request_on_outcome.unwrap();
    assert_eq!(
        (shown.message, shown.status),
        (Some(Message::Authorising), Some(Lights::CardReadSuccessfully))
    );
    assert_eq!(
        (outcome.removal_timeout, outcome.field_off_request, outcome.receipt),
        (0, None, false)
    );
    assert_eq!(ended.reason(), Some(Reason::OnlineByCard));
}

/// [C7 4]
#[test]
fn phases_are_told_in_their_order() {
    let ended = Run::default().with(&mut Simulated::builtin("quickpass-offline"));
    assert_eq!(
        ended.phases,
        [
            Phase::ApplicationSelection,
            Phase::InitiateApplication,
            Phase::ReadApplicationData,
            Phase::ProcessingRestrictions,
            Phase::CardholderVerification,
            Phase::OfflineDataAuthentication,
        ]
    );
}

/// [C7 4.10]
#[test]
fn a_good_tc_is_approved() {
    let mut card = Simulated::builtin("quickpass-offline");
    let ended = Run::default().with(&mut card);
    assert_eq!(ended.verdict(), (OutcomeType::Approved, Cvm::NoCvm), "{:?}", ended.told);
    assert_eq!((ended.authentications.as_slice(), ended.authenticated), (&[Ok(())][..], true));
    let outcome = ended.outcome();
    let shown = outcome.ui_request_on_outcome.unwrap();
    assert_eq!(
        (shown.message, shown.status),
        (Some(Message::Approved), Some(Lights::CardReadSuccessfully))
    );
    let left = Amount::new(9112).unwrap();
    assert_eq!(shown.value, Some(Shown::Balance(left, Code::new(156))));
    assert_eq!(ended.shown[0].value, None);
    assert_eq!((outcome.start, outcome.data_record), (None, true));
    // With a signature to be taken.
    let ended = Run::default().with(&mut Simulated::builtin("quickpass-signature"));
    assert_eq!(ended.verdict(), (OutcomeType::Approved, Cvm::ObtainSignature));
    let shown = ended.outcome().ui_request_on_outcome.unwrap();
    assert_eq!((shown.message, shown.value), (Some(Message::ApprovedSign), None));
}

/// A card that approves what the issuer was to see is never approved. [C7 4.10 online-required]
#[test]
fn a_tc_does_not_overrule_the_terminal() {
    use OutcomeType::{Declined, OnlineRequest};
    for (first, unwanted, kind) in [
        (0x36, UnwantedTc::OnlineRequest, OnlineRequest),
        (0x3E, UnwantedTc::OnlineRequest, Declined),
        (0x36, UnwantedTc::Declined, Declined),
        (0x3E, UnwantedTc::Declined, Declined),
    ] {
        let mut card = Simulated::offline("quickpass.decision = 'tc'");
        let mut run = Run::configured(|settings| settings.unwanted_tc = unwanted);
        run.qualifiers = Some([first, 0x80, 0, 0x80]);
        let ended = run.with(&mut card);
        assert_eq!((ended.kind(), ended.reason()), (kind, Some(Reason::OnlineWasRequired)));
    }
    let mut card = Simulated::offline("quickpass.decision = 'tc'");
    assert_eq!(Run::default().with(&mut card).kind(), OutcomeType::Approved, "if it was not");
}

/// An expiration date that nobody saw was not checked. [C7 4.10 expiration]
#[test]
fn a_tc_needs_an_expiration_date() {
    let mut card = Simulated::offline("omit = ['5F24']");
    let ended = Run::default().with(&mut card);
    assert_eq!(ended.kind(), OutcomeType::EndApplication);
    assert_eq!(ended.fault(), "mandatory data object missing, tag 5F24 (card)");
    assert_eq!(Run::default().with(&mut Card::new()).kind(), OutcomeType::OnlineRequest);
}

/// With everything that decides. [C7 4.10 failed]
#[test]
fn a_failed_signature_goes_by_the_table() {
    use OutcomeType::{Declined, OnlineRequest, TryAnotherInterface};
    for (card, terminal, kind, reason) in [
        ("2000", 0x36, OnlineRequest, Reason::AuthenticationFailedOnline),
        ("3000", 0x36, OnlineRequest, Reason::AuthenticationFailedOnline),
        ("3000", 0x3E, TryAnotherInterface, Reason::AuthenticationFailedContact),
        ("1000", 0x36, TryAnotherInterface, Reason::AuthenticationFailedContact),
        ("1000", 0x26, Declined, Reason::AuthenticationFailed),
        ("2000", 0x2E, Declined, Reason::AuthenticationFailed),
        ("0000", 0x36, Declined, Reason::AuthenticationFailed),
    ] {
        let more = format!("quickpass.broken = 'signature'\nquickpass.qualifiers = '{card}'");
        let ended = Run::qualifiers([terminal, 0, 0, 0x80]).with(&mut Simulated::offline(&more));
        assert_eq!((ended.kind(), ended.reason()), (kind, Some(reason)), "{card} {terminal:02X}");
        assert!(ended.authentications[0].is_err() && !ended.authenticated);
    }
    let mut card = Simulated::offline("quickpass.broken = 'signature'\nomit = ['9F6C']");
    let ended = Run::default().with(&mut card);
    assert_eq!((ended.kind(), ended.reason()), (Declined, Some(Reason::AuthenticationFailed)));
}

/// Another interface, in general or the chip in particular. [C7 7 interface]
#[test]
fn another_interface_is_named() {
    for (prefer, message, alternate) in [
        (false, Message::InsertOrSwipeCard, AlternateInterface::NotApplicable),
        (true, Message::InsertCardInstead, AlternateInterface::ContactChip),
    ] {
        let run = Run::configured(|settings| settings.prefer_contact_chip = prefer);
        let outcome = run.with(&mut Card::new().on(GPO, status(0x6984))).outcome();
        let shown = outcome.ui_request_on_outcome.unwrap();
        assert_eq!((shown.message, shown.status), (Some(message), Some(Lights::ReadyToRead)));
        assert_eq!((outcome.alternate_interface, outcome.start), (alternate, None));
        assert!(!outcome.data_record && !outcome.discretionary_data);
    }
    let outcome = Run::default().with(&mut Card::new().without(0x82)).outcome();
    let shown = outcome.ui_request_on_outcome.unwrap();
    assert_eq!(
        (shown.message, shown.status),
        (Some(Message::TryAnotherCard), Some(Lights::ReadyToRead))
    );
    assert_eq!(outcome.start, None);
}

/// In the cardholder's languages. [C7 7]
#[test]
fn requests_have_the_languages_of_the_card() {
    let ended = Run::default().with(&mut Card::new().in_fci(&[tlv(0x5F2D, "7A68656E")]));
    let expected = *b"zhen\0\0\0\0";
    assert_eq!(ended.shown[0].language_preference, expected);
    let shown = ended.outcome().ui_request_on_outcome.unwrap();
    assert_eq!(shown.language_preference, expected);
}

/// What is there of the lists. [C7 7]
#[test]
fn the_acquirer_gets_the_data_record() {
    let mut card = Card::offline()
        .option(0x9F10, ARQC)
        .option(0x9F5D, "000000001000")
        .option(0x9F63, "00112233445566778899AABBCCDDEEFF")
        .option(0x9F6E, "20700000")
        .option(0x9F7C, "0102")
        .records(&[&[
            (0x5A, PAN),
            (0x5F24, "491231"),
            (0x5F20, "434152442F54455354"),
            (0x9F24, "3132333435363738393031323334353637383930313233343536373839"),
        ]]);
    let place = tlv(0x9F4E, "53484F50");
    let ended = Run { data: &place, ..Run::default() }.with(&mut card);
    assert_eq!(ended.kind(), OutcomeType::OnlineRequest, "{}", ended.fault());
    let all: Vec<u32> = DATA_RECORD.iter().map(|tag| tag.0).collect();
    assert_eq!(ended.data_record, all);
    let notes = "57 5A 5F20 5F24 5F2A 5F34 82 95 9A 9C 9F02 9F03 9F06 9F10 9F1A 9F21 9F24 9F26 9F27 \
                 9F36 9F37 9F4E 9F5D 9F63 9F66 9F6E 9F7C";
    let mut notes: Vec<_> =
        notes.split_whitespace().map(|tag| u32::from_str_radix(tag, 16).unwrap()).collect();
    let mut sorted = ended.data_record.clone();
    sorted.sort_unstable();
    notes.sort_unstable();
    assert_eq!(sorted, notes);
    for tag in [0x9F33, 0x9F34, 0x9F35, 0x9F1E, 0x84, 0x9F41, 0x9F6C] {
        assert!(ended.discretionary_data.contains(&tag), "{tag:04X}");
    }
    assert!(ended.discretionary_data.iter().all(|tag| !ended.data_record.contains(tag)));
}

/// The results stay zero, or tell. [C7 4.12]
#[test]
fn results_tell_if_they_are_to() {
    let broken =
        || Simulated::offline("quickpass.broken = 'signature'\nquickpass.qualifiers = '2000'");
    assert_eq!(Run::default().with(&mut broken()).object(0x95), "0000000000");
    let telling = |qualifiers| {
        let mut run = Run::configured(|settings| settings.verification_results = true);
        run.qualifiers = Some(qualifiers);
        run
    };
    assert_eq!(telling(ONLINE).with(&mut broken()).object(0x95), "0800000000");
    let mut refused = Card::new().option(0x9F6C, "4000");
    assert_eq!(telling([0x34, 0, 0, 0x80]).with(&mut refused).object(0x95), "0000800000");
    let expired =
        |qualifiers| Card::offline().option(0x9F6C, qualifiers).records(&[&[(0x5F24, "251231")]]);
    for qualifiers in ["0000", "0800"] {
        let mut card = expired(qualifiers);
        assert_eq!(telling(ONLINE).with(&mut card).object(0x95), "0040000000");
        assert_eq!(card.filled()[18..23], [0; 5], "what the card is sent is zero");
    }
    let mut early = Card::new().records(&[&[(0x5F25, "260116")]]);
    assert_eq!(telling(ONLINE).with(&mut early).object(0x95), "0020000000");
}

/// Nothing but GET PROCESSING OPTIONS and READ RECORD. [C7 4.11]
#[test]
fn no_other_command_is_sent() {
    for mut card in [Card::new(), Card::offline(), Card::offline().option(0x9F10, ARQC)] {
        Run::default().with(&mut card);
        let others = card.commands.iter().skip(1);
        assert!(others.clone().all(|command| matches!(command[1], 0xA8 | 0xB2)));
        assert_eq!(card.sent(GPO).len(), 1);
    }
}

/// Stopped wherever it waits, a transaction ends without an outcome. [C7 4]
#[test]
fn a_transaction_can_be_stopped_anywhere() {
    let mut stopped = 0;
    for stop_at in 1.. {
        let run = Run { stop_at: Some(stop_at), ..Run::default() };
        let ended = run.with(&mut Simulated::builtin("quickpass-offline"));
        match ended.end() {
            Some(end) => assert_eq!(end, End::Stopped(Stop::Cancelled)),
            None => break,
        }
        stopped += 1;
    }
    assert_eq!(stopped, 7, "GET PROCESSING OPTIONS, five records, a request");
}
