//! GET PROCESSING OPTIONS and its answer. [C7 4.2, 4.3, 4.4, 4.5]

use super::card::*;
use super::run::*;
use chipwright::contactless::{OutcomeType, Reason, Start, Status as Lights};
use chipwright::message::Message;
use chipwright::status::Status;
use chipwright_c7::Refusal;

/// What the list asks for is sent as the terminal has it. [C7 4.2]
#[test]
fn the_list_is_filled() {
    let mut card = Card::new();
    Run::default().with(&mut card);
    let expected = "36000080 000000000888 000000000000 0156 0000000000 0156 260115 00 11223344";
    assert_eq!(card.filled(), hex(expected));
    // The terminal has no SM algorithms, and says so.
    let mut asks = Card::new().selected(fci(AID, &[tlv(0x9F38, "9F6604 DF6901 9F7A01 9F3704")]));
    Run::default().with(&mut asks);
    assert_eq!(asks.sent(GPO)[0][7..17], hex("36000080 00 00 11223344"));
}

/// Every status word class, at readers with and without the contact chip. [C7 4.2 status, 6986,
/// contact]
#[test]
fn a_refusal_goes_by_the_table() {
    use OutcomeType::{EndApplication, SelectNext, TryAgain, TryAnotherInterface};
    let words = [
        0x0000, 0x6100, 0x6200, 0x6283, 0x6300, 0x63C0, 0x6400, 0x6581, 0x6700, 0x6982, 0x6983,
        0x6984, 0x6985, 0x6986, 0x6987, 0x6A81, 0x6A82, 0x6A86, 0x6A88, 0x6C10, 0x6D00, 0x6E00,
        0x6F00, 0x9001, 0xFFFF,
    ];
    for (first, contact) in [(0x36, true), (0x26, false)] {
        for word in words {
            let expected = match (word, contact) {
                (0x6986, _) => TryAgain,
                (0x6985, _) => SelectNext,
                (_, true) => TryAnotherInterface,
                (_, false) => EndApplication,
            };
            let mut card = Card::new().on(GPO, status(word));
            let ended = Run::qualifiers([first, 0, 0, 0x80]).with(&mut card);
            assert_eq!(ended.kind(), expected, "{word:04X}");
            assert_eq!(ended.reasons[0].0, Reason::RefusedByCard);
            assert_eq!((ended.faults.len(), card.commands.len()), (0, 2));
        }
    }
}

/// Data with a refusal is not looked at. [C7 4.2 status]
#[test]
fn a_refusal_with_data_is_a_refusal() {
    let mut approved = Card::new().in_options();
    approved.truncate(approved.len() - 2);
    approved.extend([0x62, 0x00]);
    let ended = Run::default().with(&mut Card::new().on(GPO, approved));
    assert_eq!((ended.kind(), ended.has(0x9F26)), (OutcomeType::TryAnotherInterface, false));
}

/// [C7 4.2 6986]
#[test]
fn a_device_is_used_and_presented_again() {
    let outcome = Run::default().with(&mut Card::new().on(GPO, status(0x6986))).outcome();
    let shown = outcome.ui_request_on_outcome.unwrap();
    assert_eq!(
        (shown.message, shown.status),
        (Some(Message::SeePhone), Some(Lights::ProcessingError))
    );
    assert_eq!((shown.hold_time, outcome.field_off_request), (13, Some(13)));
    assert_eq!((outcome.start, outcome.removal_timeout), (Some(Start::B), 0));
    let again = outcome.ui_request_on_restart.unwrap();
    assert_eq!((again.message, again.status), (None, Some(Lights::ReadyToRead)));
}

/// The table is the configuration's. [C7 4.2 status; C7 11]
#[test]
fn the_table_can_be_another() {
    let table =
        [(Status(0x6985), Refusal::AnotherInterface), (Status(0x6A81), Refusal::EndApplication)];
    let run = Run::configured(|settings| {
        settings.refusals = &table;
        settings.other_refusal = Refusal::SelectNext;
    });
    for (word, expected) in [
        (0x6985, OutcomeType::TryAnotherInterface),
        (0x6A81, OutcomeType::EndApplication),
        (0x6986, OutcomeType::SelectNext),
    ] {
        assert_eq!(run.with(&mut Card::new().on(GPO, status(word))).kind(), expected);
    }
}

/// [C7 4.2 link]
#[test]
fn a_lost_card_is_presented_again() {
    for command in [GPO, READ] {
        let mut card = Card::offline().losing(command);
        let ended = Run::default().with(&mut card);
        let outcome = ended.outcome();
        assert_eq!((outcome.outcome, outcome.start), (OutcomeType::TryAgain, Some(Start::B)));
        for shown in [outcome.ui_request_on_outcome, outcome.ui_request_on_restart] {
            let shown = shown.unwrap();
            assert_eq!(shown.message, Some(Message::PresentCardAgain));
            assert_eq!(shown.status, Some(Lights::ReadyToRead));
        }
        assert_eq!((ended.reason(), outcome.field_off_request), (Some(Reason::LinkFailed), None));
    }
}

impl Card {
    /// The answer to GET PROCESSING OPTIONS.
    fn in_options(&self) -> Vec<u8> {
        use chipwright_harness::CardChannel;
        self.clone().transmit(&hex("80A80000028300 00")).unwrap()
    }
}

/// [C7 4.3 template]
#[test]
fn the_answer_is_a_template_77() {
    for (bytes, what) in [
        ("80 06 2000 08010100", "template"),
        ("70 04 82 02 2000", "template"),
        ("", "template"),
        ("77 04 82 02 2000 77 00", "template"),
        ("77 07 82 02 2000", "truncated"),
        ("77 80 82 02 2000 0000", "indefinite"),
        ("77 06 82 03 2000", "truncated"),
    ] {
        let ended =
            Run::default().with(&mut Card::new().on(GPO, [hex(bytes), status(0x9000)].concat()));
        assert_eq!(ended.kind(), OutcomeType::EndApplication, "{bytes}");
        assert!(ended.fault().contains(what), "{bytes}: {}", ended.fault());
    }
}

/// [C7 4.3 length]
#[test]
fn the_answer_has_six_bytes() {
    let five = answer(0x77, &[hex("9F7C 02 0000")]);
    let ended = Run::default().with(&mut Card::new().on(GPO, five));
    assert_eq!(ended.fault(), "format error, tag 77 (card)");
    let six = answer(0x77, &[hex("9F7C 03 000000")]);
    let ended = Run::default().with(&mut Card::new().on(GPO, six));
    assert_eq!(ended.fault(), "mandatory data object missing, tag 82 (card)");
}

/// Twice in the answer, or in FCI or record and again. [C7 4.3 twice, twice-record]
#[test]
fn an_object_comes_once() {
    for (tag, value) in
        [(0x82, "2000"), (0x57, TRACK), (0x9F6C, "0000"), (0x9F26, "8877665544332211")]
    {
        let ended = Run::default().with(&mut Card::new().option_again(tag, value));
        assert_eq!(ended.kind(), OutcomeType::EndApplication);
        assert!(ended.fault().contains("twice"), "{tag:04X}: {}", ended.fault());
    }
    for (tag, value) in [(0x57, TRACK), (0x9F6C, "0000"), (0x5F34, "01")] {
        let mut card = Card::offline().records(&[&[(0x5F24, "491231"), (tag, value)]]);
        let ended = Run::default().with(&mut card);
        assert_eq!(ended.kind(), OutcomeType::EndApplication);
        let place = "offset 6, SFI 1 record 1 (card)";
        assert!(
            ended.fault().contains("twice") && ended.fault().contains(place),
            "{}",
            ended.fault()
        );
    }
    // The profile and the locator do not belong in a record.
    let mut card = Card::offline().records(&[&[(0x82, "0000"), (0x94, "08010300")]]);
    let ended = Run::default().with(&mut card);
    assert_eq!((ended.object(0x82).as_str(), ended.count("Ignored { tag: 82")), ("2000", 1));
}

/// [C7 4.3 foreign]
#[test]
fn the_terminals_objects_stay_the_terminals() {
    let mut card = Card::new();
    for (tag, value) in [
        (0x9F37, "00000000"),
        (0x9F02, "000000000001"),
        (0x5F2A, "0840"),
        (0x9F66, "FFFFFFFF"),
        (0x95, "FFFFFFFFFF"),
        (0x9F34, "010002"),
        (0x9F06, "A000000003"),
        (0x8A, "3030"),
    ] {
        card = card.option(tag, value);
    }
    let ended = Run::default().with(&mut card);
    assert_eq!(ended.kind(), OutcomeType::OnlineRequest);
    assert_eq!(
        (ended.object(0x9F37).as_str(), ended.object(0x5F2A).as_str()),
        ("11223344", "0156")
    );
    assert_eq!(
        (ended.object(0x9F02).as_str(), ended.object(0x9F66).as_str()),
        ("000000000888", "36000080")
    );
    assert_eq!(
        (ended.object(0x95).as_str(), ended.object(0x9F34).as_str()),
        ("0000000000", "1F0002")
    );
    assert_eq!((ended.object(0x9F06).as_str(), ended.has(0x8A)), (AID, false));
    assert_eq!(ended.count("Ignored"), 8);
}

/// [C7 4.3 aip]
#[test]
fn the_profile_has_two_bytes() {
    let ended = Run::default().with(&mut Card::new().without(0x82));
    assert_eq!(ended.fault(), "mandatory data object missing, tag 82 (card)");
    // Whatever the cryptogram is.
    let ended = Run::default().with(&mut Card::new().without(0x82).option(0x9F27, "C0"));
    assert_eq!(ended.kind(), OutcomeType::EndApplication);
    for value in ["", "20", "200000"] {
        let ended = Run::default().with(&mut Card::new().option(0x82, value));
        assert!(ended.fault().starts_with("format error, tag 82"), "{}", ended.fault());
    }
}

/// Whatever the cryptogram; an empty one is none. [C7 4.3 afl]
#[test]
fn a_file_locator_makes_sense() {
    for iad in [TC, ARQC, AAC] {
        for afl in [
            "08",
            "080101",
            "0801010008",
            "00010100",
            "F8010100",
            "09010100",
            "08000100",
            "08020100",
            "08010102",
            "08010100 10020100",
        ] {
            let mut card = Card::offline().option(0x9F10, iad).option(0x94, afl);
            let ended = Run::default().with(&mut card);
            assert_eq!(ended.kind(), OutcomeType::EndApplication, "{afl}");
            assert!(ended.fault().contains("format error, tag 94"), "{}", ended.fault());
            assert_eq!(card.sent(READ).len(), 0);
        }
    }
    let ended = Run::default().with(&mut Card::new().option(0x94, ""));
    assert_eq!(ended.kind(), OutcomeType::OnlineRequest);
    let ended = Run::default().with(&mut Card::offline().option(0x94, ""));
    assert_eq!(ended.fault(), "mandatory data object missing, tag 94 (card)");
}

/// [C7 4.4 application-data]
#[test]
fn application_data_come_always() {
    for information in ["", "00", "40", "80"] {
        let card = Card::offline().without(0x9F10);
        let mut card = if information.is_empty() { card } else { card.option(0x9F27, information) };
        let ended = Run::default().with(&mut card);
        assert_eq!(ended.fault(), "mandatory data object missing, tag 9F10 (card)");
        assert_eq!(ended.kind(), OutcomeType::EndApplication);
    }
    let ended = Run::default().with(&mut Card::new().option(0x9F10, "07010103"));
    assert_eq!(ended.fault(), "format error, tag 9F10 (card)", "too short to tell the type");
}

/// By 9F27 where it is there, by the application data where it is not. [C7 2 derived]
#[test]
fn the_type_of_the_cryptogram() {
    use OutcomeType::{Declined, EndApplication, OnlineRequest};
    for (information, data, kind) in [
        (None, ARQC, OnlineRequest),
        (None, AAC, Declined),
        (None, "07010103B0000001", Declined),
        (Some("80"), ARQC, OnlineRequest),
        (Some("80"), TC, OnlineRequest),
        (Some("80"), "06", OnlineRequest),
        (Some("00"), ARQC, Declined),
        (Some("C0"), ARQC, Declined),
        (Some("40"), ARQC, EndApplication),
        (None, TC, EndApplication),
    ] {
        let card = Card::new().option(0x9F10, data);
        let mut card = match information {
            Some(information) => card.option(0x9F27, information),
            None => card,
        };
        let ended = Run::default().with(&mut card);
        // A TC lacks its records here.
        assert_eq!(ended.kind(), kind, "{information:?} {data}");
        let derived = ended.said(Reason::CryptogramInApplicationData);
        assert_eq!(derived, information.is_none());
    }
    let ended = Run::default().with(&mut Card::new());
    assert_eq!(ended.object(0x9F27), "80", "the acquirer gets what was derived");
}

/// [C7 4.4 reserved]
#[test]
fn a_reserved_cryptogram_is_declined() {
    let ended = Run::default().with(&mut Card::new().option(0x9F27, "C0"));
    assert_eq!(
        (ended.kind(), ended.reason()),
        (OutcomeType::Declined, Some(Reason::CryptogramReserved))
    );
    let mut card = Simulated::offline("quickpass.decision = 'reserved'");
    assert_eq!(Run::default().with(&mut card).kind(), OutcomeType::Declined);
}

/// [C7 4.4 mandatory]
#[test]
fn every_type_has_what_it_takes() {
    let tc = [0x82, 0x94, 0x9F36, 0x9F26, 0x9F10];
    let issuer = [0x82, 0x9F36, 0x57, 0x9F26, 0x9F10];
    for (data, mandatory) in [(TC, tc), (ARQC, issuer), (AAC, issuer)] {
        for tag in mandatory {
            let mut card = Card::offline().option(0x9F10, data).option(
                0x9F27,
                match data {
                    TC => "40",
                    ARQC => "80",
                    _ => "00",
                },
            );
            card = card.without(tag);
            let ended = Run::default().with(&mut card);
            assert_eq!(ended.kind(), OutcomeType::EndApplication, "{tag:04X}");
            let missing = format!("mandatory data object missing, tag {tag:02X} (card)");
            assert_eq!(ended.fault(), missing);
            assert_eq!(card.sent(READ).len(), 0);
        }
    }
    // The others may be absent.
    let mut card = Card::offline().without(0x57).without(0x5F34).without(0x9F6C);
    assert_ne!(Run::default().with(&mut card).kind(), OutcomeType::EndApplication);
}

/// [C7 4.5 unread]
#[test]
fn a_refusal_reads_no_records() {
    let mut card = Card::offline().option(0x9F10, AAC);
    let ended = Run::default().with(&mut card);
    assert_eq!(
        (ended.kind(), ended.reason()),
        (OutcomeType::Declined, Some(Reason::DeclinedByCard))
    );
    assert_eq!((card.sent(READ).len(), ended.shown.len()), (0, 0));
    let shown = ended.outcome().ui_request_on_outcome.unwrap();
    assert_eq!(
        (shown.message, shown.status),
        (Some(Message::Declined), Some(Lights::CardReadSuccessfully))
    );
    assert!(!ended.outcome().data_record);
}
