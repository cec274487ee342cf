use super::*;
use crate::actions::Column;
use crate::contactless::{
    EntryPassed, Excluded, KernelId, OutcomeParameters, OutcomeType, Reason as Tapped, Shown,
    Start, Status, UiRequest,
};
use crate::cvm::{Passed, Rule};
use crate::event::{Ignored, LeftOut, ListOrigin};
use crate::fault::{Cause, Fault, RecordId};
use crate::field::{CryptogramType, TerminalVerificationResults, TransactionStatusInformation};
use crate::hardening::Breach;
use crate::message::Message;
use crate::oda::{Check, Failure, Method, Part, PublicKey, Recovered};
use crate::outcome::{Authority, Conclusion, End, Outcome};
use crate::phase::Phase;
use crate::reason::Reason;
use crate::session::{LinkError, PinResult, Proceed, Review, Stop};
use crate::tag::Tag;
use crate::tlv;
use crate::value::{Amount, Code, MonthYear};
use core::cell::RefCell;
use proptest::prelude::*;

const OUTCOME: Outcome = Outcome {
    conclusion: Conclusion::Terminated,
    authority: Authority::UnableToGoOnline,
    end: Some(End::Link(LinkError::Removed)),
    phase: Phase::OnlineProcessing,
    signature: true,
    reversal: false,
    advice: true,
};

/// The outcome of a reader, with something in every field.
fn parameters() -> OutcomeParameters {
    let request = UiRequest {
        language_preference: *b"endefrit",
        value: Some(Shown::Balance(Amount::new(1234).unwrap(), Code::new(978))),
        ..UiRequest::new(Message::Approved, Status::CardReadSuccessfully).held(10)
    };
    OutcomeParameters {
        ui_request_on_restart: Some(request),
        field_off_request: Some(300),
        removal_timeout: 7,
        receipt: true,
        ..OutcomeParameters::new(OutcomeType::OnlineRequest).starting(Start::B).showing(request)
    }
}

/// An event of every kind, by kind, and the bytes of its content.
fn events(parameters: &OutcomeParameters) -> Vec<(Event<'_>, &'static str)> {
    let tag = Tag(0x9F37);
    let fault = Fault::format(tag).at(7).in_record(RecordId { sfi: 2, number: 3 });
    let results = TerminalVerificationResults([1, 2, 3, 4, 5]);
    let failure = Failure { part: Part::IccCertificate, check: Check::Hash, tag: None };
    let rule = Rule { code: 0x42, condition: 3 };
    let key = PublicKey { modulus: &[0xB1, 0xB3], exponent: &[3] };
    let expiry = MonthYear::decode([0x12, 0x49]).unwrap();
    let recovered = Recovered { part: Part::IssuerCertificate, expiry, serial: [0, 0, 1], key };
    let (data, status) = (Octets(&[0x70, 0]), crate::status::Status(0x9000));
    let (method, code) = (Method::Dda, *b"00");
    vec![
        (Event::Phase(Phase::Completion), "0C"),
        (Event::Command(Octets(&[0, 0xB2, 1, 0x0C, 0])), "0005 00B2010C00"),
        (Event::Response { data, status, elapsed: 9 }, "0002 7000 9000 00000009"),
        (Event::Candidate { name: b"\xF0CHIP", priority: 1 }, "05 F043484950 01"),
        (Event::Selected { name: b"\xF0CHIP" }, "05 F043484950"),
        (Event::Ignored { tag, why: Ignored::WrongTemplate }, "00009F37 02"),
        (Event::Result { reason: Reason::NewCard, tag: Some(tag) }, "0409 01 00009F37"),
        (Event::Cleared(results), "0102030405"),
        (Event::Status(TransactionStatusInformation([0x80, 0])), "8000"),
        (Event::Authentication(Some(method)), "01 01"),
        (Event::StaticData(Octets(&[1, 2])), "0002 0102"),
        (Event::Certificate(recovered), "02 1249 000001 02 B1B3 01 03"),
        (Event::Authenticated { method, result: Err(failure) }, "01 01 04 09 00"),
        (Event::PinKeyUnusable(failure), "04 09 00"),
        (Event::RulePassed { number: 1, rule, why: Passed::MethodUnsupported }, "01 4203 04"),
        (Event::RulePerformed { number: 2, rule }, "02 4203"),
        (Event::Reviewed { review: Review::Records, proceed: Proceed::Decline }, "01 02"),
        (Event::PinEntry(PinResult::Verified(crate::status::Status(0x63C2))), "00 63C2"),
        (Event::RandomSelection { drawn: 55, selected: false }, "37 00"),
        (
            Event::ActionCode { column: Column::Online, issuer: true, bits: results },
            "01 01 0102030405",
        ),
        (
            Event::Decision {
                request: CryptogramType::Arqc,
                authorisation_response_code: Some(*b"Y1"),
            },
            "01 01 5931",
        ),
        (Event::DefaultList(Tag(0x9F49)), "00009F49"),
        (
            Event::ListEntry { list: Tag(0x8C), tag, length: 4, origin: ListOrigin::Absent },
            "0000008C 00009F37 04 04",
        ),
        (
            Event::HostAnswer { authorisation_response_code: code, authentication_data: true },
            "3030 01",
        ),
        (Event::ScriptResult([0x20, 1, 2, 3, 4]), "2001020304"),
        (Event::Unreachable, ""),
        (Event::EntryPoint { start: Start::C, restart: true }, "02 01"),
        (Event::EntryPassed { number: 3, why: EntryPassed::NoCombination }, "03 03"),
        (
            Event::FinalOutcome(parameters),
            "04 01 01 00 00 \
             01 01 03 01 04 000A 656E646566726974 01 01 000000001234 01 0978 \
             01 01 03 01 04 000A 656E646566726974 01 01 000000001234 01 0978 \
             00 00 00 01 01 012C 0007",
        ),
        (Event::Contactless { reason: Tapped::NotRequired, tag: None }, "0409 00"),
        (Event::GivenUp(fault), "03 01 00009F37 01 0007 01 02 03"),
        (Event::LeftOut(LeftOut::Scripts), "04"),
        (Event::Fault(Fault::new(Cause::Tlv(tlv::ErrorKind::TruncatedValue))), "01 05 00 00 00"),
        (Event::Ended(OUTCOME), "02 02 01 01 03 0A 01 00 01"),
        (
            Event::CombinationExcluded {
                aid: b"\xF0CHIP",
                kernel: KernelId([7, 0, 0]),
                why: Excluded::ZeroAmount,
            },
            "05 F043484950 070000 01",
        ),
        (Event::Covered(tag), "00009F37"),
        (
            Event::Breach { breach: Breach::ForeignBrand, enforced: true, tag: Some(tag) },
            "0501 01 01 00009F37",
        ),
    ]
}

fn row(event: &Event<'_>) -> Vec<u8> {
    let mut row = Vec::new();
    write(event, &mut |piece| row.extend(piece));
    row
}

fn record(rows: &[u8]) -> Vec<u8> {
    [&HEAD, rows].concat()
}

/// What was told, as text and written again.
#[derive(Default)]
struct Heard(RefCell<(Vec<String>, Vec<u8>)>);

impl Sink for Heard {
    fn event(&self, event: &Event<'_>) {
        let mut heard = self.0.borrow_mut();
        heard.0.push(format!("{event:?}"));
        heard.1.extend(row(event));
    }
}

#[test]
fn events_are_written_as_the_table_says_and_read_as_written() {
    let parameters = parameters();
    let kinds = (0..=u8::MAX).filter(|kind| table::is_known(*kind));
    for (kind, (event, content)) in kinds.zip(events(&parameters)) {
        let content = hex::decode(content.replace(' ', "")).unwrap();
        let length = u8::try_from(content.len() + 1).unwrap();
        let bytes = row(&event);
        assert_eq!(hex::encode(&bytes), hex::encode([&[0, length, kind], &content[..]].concat()));
        let heard = Heard::default();
        for row in Rows::new(&record(&bytes)).unwrap() {
            let row = row.unwrap();
            assert_eq!((row.kind, row.content, row.offset()), (kind, &content[..], 4));
            assert_eq!(row.tell(&heard), Ok(true));
        }
        let (told, again) = heard.0.into_inner();
        assert_eq!(told, [format!("{event:?}")]);
        assert_eq!(again, bytes);
    }
}

#[test]
fn there_is_an_event_for_every_known_kind() {
    let known = (0..=u8::MAX).filter(|kind| table::is_known(*kind)).count();
    assert_eq!(events(&parameters()).len(), known);
}

#[test]
fn every_cause_end_and_report_survives() {
    let causes = [
        Cause::Missing,
        Cause::Format,
        Cause::Redundant,
        Cause::Template,
        Cause::ResponseLength,
        Cause::Status(0x6A82),
        Cause::CryptogramType(0x40),
        Cause::ServiceNotAllowed,
        Cause::HostAnswer,
        Cause::CommandLength,
        Cause::StoreFull,
        Cause::Configuration,
        Cause::Random,
        Cause::TooManyExchanges,
        Cause::Refused(Breach::Padding),
    ];
    let ends = [
        End::Stopped(Stop::Timeout),
        End::CardBlocked,
        End::NoCommonApplication,
        End::CardRead,
        End::NotConfirmed,
    ];
    let reports = [
        PinResult::Captured,
        PinResult::Bypassed,
        PinResult::Cancelled,
        PinResult::Broken,
        PinResult::NoChallenge,
        PinResult::LinkFailed(LinkError::Transmission),
    ];
    let faults = causes.map(|cause| Event::Fault(Fault::new(cause)));
    let ended = ends.map(|end| Event::Ended(Outcome { end: Some(end), ..OUTCOME }));
    for event in faults.into_iter().chain(ended).chain(reports.map(Event::PinEntry)) {
        let heard = Heard::default();
        let bytes = record(&row(&event));
        assert!(Rows::new(&bytes).unwrap().all(|row| row.unwrap().tell(&heard) == Ok(true)));
        assert_eq!(heard.0.into_inner().0, [format!("{event:?}")]);
    }
}

#[test]
fn what_is_not_known_or_not_ours_is_passed_over() {
    let heard = Heard::default();
    let bytes = record(&[0, 2, 0x7F, 1, 0, 3, 0xC0, 1, 2, 0, 2, 0, 1]);
    let rows: Vec<_> = Rows::new(&bytes).unwrap().map(Result::unwrap).collect();
    assert!(rows.iter().all(|row| row.tell(&heard) == Ok(false)));
    assert_eq!(rows.iter().map(Row::is_own).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(heard.0.into_inner().0.len(), 0);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let error = |kind, offset| Some(Error { kind, offset });
    assert_eq!(Rows::new(b"{}").err(), error(ErrorKind::NoRecord, 0));
    assert_eq!(Rows::new(&HEAD[..3]).err(), error(ErrorKind::NoRecord, 0));
    assert_eq!(Rows::new(&[0, 2, 0, 2]).err(), error(ErrorKind::Version, 0));
    let unreachable = row(&Event::Unreachable);
    for cut in [&[0][..], &[0, 0], &[0, 2, 1]] {
        let bytes = record(&[&unreachable, cut].concat());
        let mut rows = Rows::new(&bytes).unwrap();
        assert!(rows.next().unwrap().is_ok());
        assert_eq!(rows.next().unwrap().err(), error(ErrorKind::Cut, 7));
        assert!(rows.next().is_none());
    }
    // Too little, too much, a number that stands for nothing.
    for wrong in [&[0, 1, 0x01][..], &[0, 3, 0x01, 1, 1], &[0, 2, 0x01, 99], &[0, 3, 0x1B, 2, 2]] {
        let bytes = record(&[&unreachable, wrong].concat());
        let row = Rows::new(&bytes).unwrap().nth(1).unwrap().unwrap();
        assert_eq!(row.tell(&Heard::default()).err(), error(ErrorKind::Content, 7), "{wrong:?}");
    }
}

#[test]
fn masked_events_hold_no_account_data() {
    let (data, status) = (Octets(&[0x70, 2, 0x5A, 0]), crate::status::Status(0x9000));
    for (event, content) in [
        (Event::Command(Octets(&[0, 0xB2, 1, 0x0C, 0])), "02 0004 00B2010C"),
        (Event::Command(Octets(&[0, 0xA4, 4, 0, 1, 0xF0])), "02 0006 00A4040001F0"),
        (Event::Command(Octets(&[0])), "02 0000"),
        (Event::Response { data, status, elapsed: 9 }, "03 0000 9000 00000009"),
        (Event::Unreachable, "1A"),
    ] {
        let expected = content.replace(' ', "").to_lowercase();
        assert_eq!(hex::encode(&row(&masked(&event).unwrap())[2..]), expected);
    }
    assert!(masked(&Event::StaticData(data)).is_none());
}

proptest! {
    #[test]
    fn any_bytes_are_rows_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let bytes = record(&bytes);
        let mut rows = Rows::new(&bytes).unwrap();
        let end = rows.by_ref().take(64).filter(|row| match row {
            Ok(row) => row.tell(&Heard::default()).is_err(),
            Err(_) => true,
        }).count();
        prop_assert!(end <= 64 && rows.next().is_none());
    }

    #[test]
    fn what_is_read_is_written_again(kind in 1_u8..=0x26, content in proptest::collection::vec(0_u8..6, 0..24)) {
        let length = u8::try_from(content.len() + 1).unwrap();
        let bytes = record(&[&[0, length, kind], &content[..]].concat());
        let heard = Heard::default();
        let row = Rows::new(&bytes).unwrap().next().unwrap().unwrap();
        if row.tell(&heard) == Ok(true) {
            prop_assert_eq!(&heard.0.into_inner().1, &bytes[4..]);
        }
    }
}
