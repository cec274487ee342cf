//! Activation. [C7 4.1]

use super::card::*;
use super::run::*;
use chipwright::contactless::{OutcomeType, Reason, Start};
use chipwright::database::{Database, Repeat};
use chipwright::dictionary::emv::{CVM_RESULTS, TRACK_2, TVR, UNPREDICTABLE_NUMBER};
use chipwright::fault::Cause;
use chipwright::outcome::End;
use chipwright_c7::Refusal;
use chipwright_c7::dictionary::AVAILABLE_OFFLINE_AMOUNT;

/// A card that does not ask for the qualifiers is for another kernel; a setting says what becomes
/// of it. [C7 4.1 qualifiers]
#[test]
fn a_card_asks_for_the_qualifiers() {
    let absent = fci(AID, &[tlv(0x50, "54")]);
    let without = fci(AID, &[tlv(0x9F38, "9F3704 9F0206")]);
    let empty = fci(AID, &[tlv(0x9F38, "")]);
    for answer in [absent, without, empty] {
        let mut card = Card::new().selected(answer);
        let ended = Run::default().with(&mut card);
        let outcome = ended.outcome();
        assert_eq!((outcome.outcome, outcome.start), (OutcomeType::SelectNext, Some(Start::C)));
        assert_eq!((outcome.ui_request_on_outcome, outcome.data_record), (None, false));
        assert_eq!(ended.reasons, [(Reason::QualifiersNotRequested, Some(0x9F38))]);
        assert_eq!(card.commands.len(), 1, "nothing is sent");
        let other = Run::configured(|settings| {
            settings.qualifiers_not_requested = Refusal::AnotherInterface;
        });
        assert_eq!(other.with(&mut card).kind(), OutcomeType::TryAnotherInterface);
    }
    assert_eq!(Run::default().with(&mut Card::new()).kind(), OutcomeType::OnlineRequest);
}

/// [C7 4.1 name]
#[test]
fn the_application_is_the_one_that_was_selected() {
    for (name, kind) in [
        (AID, OutcomeType::OnlineRequest),
        ("A000000333", OutcomeType::OnlineRequest),
        ("A000000003101004", OutcomeType::EndApplication),
        ("A0000003", OutcomeType::EndApplication),
    ] {
        let mut card = Card::new().selected(fci(name, &[tlv(0x9F38, PDOL)]));
        let ended = Run::default().with(&mut card);
        assert_eq!(ended.kind(), kind, "{name}");
        assert_eq!(ended.fault().contains("tag 84"), kind == OutcomeType::EndApplication);
    }
}

/// An answer to SELECT that is none is the card's fault. [C7 4.1]
#[test]
fn a_malformed_fci_ends_the_application() {
    for answer in [
        status(0x9000),
        answer(0x77, &[tlv(0x84, AID)]),
        answer(0x6F, &[tlv(0x84, AID)]),
        answer(0x6F, &[tlv(0xA5, "")]),
        [hex("6F1084"), status(0x9000)].concat(),
        fci(AID, &[tlv(0x9F38, PDOL), tlv(0x9F38, PDOL)]),
    ] {
        let ended = Run::default().with(&mut Card::new().selected(answer));
        assert_eq!(ended.kind(), OutcomeType::EndApplication, "{:?}", ended.told);
        assert!(ended.fault().ends_with("(card)"), "{}", ended.fault());
    }
}

/// Every tap has a number of its own, whatever was left of the one before. [C7 4.1
/// unpredictable-number]
#[test]
fn nothing_is_left_of_the_tap_before() {
    let before = |data: &mut Database<'_>| {
        data.put_bytes(CVM_RESULTS.tag, &hex("020000")).unwrap();
        data.put_bytes(UNPREDICTABLE_NUMBER.tag, &hex("01020304")).unwrap();
        data.put_bytes(TVR.tag, &hex("FFFFFFFFFF")).unwrap();
        data.put_card(AVAILABLE_OFFLINE_AMOUNT.tag, &hex("000000000100"), Repeat::Refuse).unwrap();
        data.put_card(TRACK_2.tag, &hex("1234D990"), Repeat::Refuse).unwrap();
    };
    let mut card = Card::new().option(0x9F10, AAC);
    let ended = Run { before, ..Run::default() }.with(&mut card);
    assert_eq!(ended.kind(), OutcomeType::Declined);
    assert_eq!((ended.object(0x9F37).as_str(), ended.has(0x9F34)), ("11223344", false));
    assert_eq!((ended.object(0x95).as_str(), ended.has(0x9F5D)), ("0000000000", false));
    assert_eq!(ended.object(0x57), TRACK);
    assert_eq!(card.filled()[29..], hex("11223344"));
}

/// What the terminal lacks is the terminal's fault, and nothing is decided. [C7 4.1]
#[test]
fn the_terminal_has_qualifiers_and_numbers() {
    let end = |run: Run<'_>| match run.with(&mut Card::new()).end() {
        Some(End::Fault(fault)) => fault.cause,
        other => panic!("{other:?}"),
    };
    assert_eq!(end(Run { qualifiers: None, ..Run::default() }), Cause::Configuration);
    assert_eq!(end(Run { number: None, ..Run::default() }), Cause::Random);
    assert_eq!(end(Run { memory: 300, ..Run::default() }), Cause::StoreFull);
}

/// [C7 1]
#[test]
fn the_kernel_has_its_number() {
    assert_eq!(chipwright_c7::KERNEL_ID.0, [7, 0, 0]);
    assert_eq!(chipwright_c7::IDENTITY.name, "chipwright-c7");
    assert_eq!(chipwright_c7::IDENTITY.checksum.len(), 64);
}
