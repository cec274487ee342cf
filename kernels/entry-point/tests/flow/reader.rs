//! The reader around Entry Point. [A 8]

use crate::run::*;
use chipwright::contactless::{
    CardholderVerification, OnlineResponseData, OutcomeParameters, OutcomeType, Start, Status,
    TerminalTransactionQualifiers as Ttq, UiRequest,
};
use chipwright::message::Message;
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::session::{PinResult, Polled};

/// Idle, then a card is asked for; the field is off before and after. [A 8.1.1.2; A 8.1.1.3]
#[test]
fn a_transaction_from_idle_to_idle() {
    let seen = Script::with(&[UNIONPAY]).run();
    let begin = ["off 0", "show 14 Idle", "start A false", "show 15 ReadyToRead", "on", "poll"];
    assert_eq!(seen.log[..6], begin);
    assert_eq!(seen.log.last().unwrap(), "off 0");
}

/// A reader on its own waits with its field on, and uses qualifiers as they are.
/// [A 8.1.1.2; A 8.1.1.4]
#[test]
fn autorun_begins_with_the_field_on() {
    let mut script = Script::with(&[UNIONPAY]);
    script.autorun = true;
    script.amount = 0;
    let fixed = Ttq([0x36, 0xC0, 0, 0x80]);
    script.combinations[0].qualifiers = Some(fixed);
    let seen = script.run();
    assert_eq!(seen.log[..3], ["on", "show 15 ReadyToRead", "start B false"]);
    assert_eq!(seen.activations[0].1, Some(fixed)); // [B 3.2.1.1]
}

/// Two cards are told, and so is that one may be shown. [B 3.2, 3.2.1.3, 3.2.1.4, 3.2.1.5]
#[test]
fn collisions_are_told_until_they_end() {
    let mut script = Script::with(&[UNIONPAY]);
    script.polls = vec![
        Polled::Nothing,
        Polled::Collision,
        Polled::Collision,
        Polled::Nothing,
        Polled::Nothing,
        Polled::Card,
    ];
    let seen = script.run();
    assert_eq!(seen.count("poll"), 6);
    assert_eq!((seen.count("show 19 ProcessingError"), seen.count("show 19 Ready")), (1, 1));
    script.polls = vec![Polled::Collision, Polled::Card];
    let seen = script.run();
    assert_eq!((seen.count("show 19 ProcessingError"), seen.count("show 19 Ready")), (1, 1));
    script.polls = vec![Polled::Collision; 50];
    script.stop_after = 50;
    let seen = script.run();
    assert_eq!((seen.count("show 19"), seen.selected.len()), (1, 0));
    assert_eq!(seen.log.last().unwrap(), "off 0"); // [A 8.1.1.10]
    assert_eq!(seen.outcome.conclusion, Conclusion::Terminated);
}

/// [A 8.1.1.18; A 8.1.1.23]
#[test]
fn the_issuer_decides_an_online_request() {
    let mut script = Script::with(&[UNIONPAY]).comes_to(&[bare(OutcomeType::OnlineRequest)]);
    let ended = |script: &Script| {
        let outcome = script.run().outcome;
        (outcome.conclusion, outcome.authority, outcome.reversal)
    };
    assert_eq!(ended(&script), (Conclusion::Approved, Authority::Online, false));
    script.issuer = Some((b"05", None, &[]));
    assert_eq!(ended(&script), (Conclusion::Declined, Authority::Online, false));
    script.issuer = None;
    assert_eq!(ended(&script), (Conclusion::Declined, Authority::UnableToGoOnline, false));
}

/// A required PIN is taken before the issuer is asked; without it there is nothing to ask.
/// [A 8.1.1.14; A 8.1.1.15]
#[test]
fn a_pin_for_the_issuer() {
    let with_pin = OutcomeParameters {
        cardholder_verification: CardholderVerification::OnlinePin,
        ..bare(OutcomeType::OnlineRequest)
    };
    let mut script = Script::with(&[UNIONPAY]).comes_to(&[with_pin]);
    let seen = script.run();
    let place = |line: &str| seen.log.iter().position(|found| found.starts_with(line)).unwrap();
    assert!(place("pin") < place("authorise"));
    assert_eq!(seen.outcome.conclusion, Conclusion::Approved);
    for result in [PinResult::Bypassed, PinResult::Broken] {
        script.pin = result;
        let seen = script.run();
        assert_eq!((seen.count("authorise"), seen.outcome.conclusion), (0, Conclusion::Declined));
        assert_eq!(seen.outcome.authority, Authority::Offline);
    }
    script.pin = PinResult::Cancelled;
    assert_eq!(script.run().outcome.conclusion, Conclusion::Terminated);
}

#[test]
fn a_signature_is_taken_of_what_is_approved() {
    // covers A 6.2
    let signed = |outcome| OutcomeParameters {
        cardholder_verification: CardholderVerification::ObtainSignature,
        ..bare(outcome)
    };
    let signature = |outcome, issuer| {
        let mut script = Script::with(&[UNIONPAY]).comes_to(&[signed(outcome)]);
        script.issuer = issuer;
        script.run().outcome.signature
    };
    assert!(signature(OutcomeType::Approved, None));
    assert!(signature(OutcomeType::OnlineRequest, Some((b"00", None, &[]))));
    assert!(!signature(OutcomeType::OnlineRequest, Some((b"05", None, &[]))));
    assert!(!signature(OutcomeType::Declined, None));
}

/// The card stays for as long as it may; then it is sent away, and the issuer is still waited
/// for. [A 8.1.1.16]
#[test]
fn the_removal_timeout_sends_the_card_away() {
    let held = OutcomeParameters { removal_timeout: 50, ..bare(OutcomeType::OnlineRequest) };
    let mut script = Script::with(&[UNIONPAY]).comes_to(&[held]);
    script.timeouts = 1;
    let seen = script.run();
    assert_eq!(seen.count("show 17 CardReadSuccessfully"), 1);
    assert!(seen.has("authorise 50") && seen.has("authorise 0"));
    script.timeouts = 0;
    assert_eq!(script.run().count("show 17"), 0);
    assert_eq!(seen.outcome.conclusion, Conclusion::Approved);
}

/// The card is asked again where the outcome wants that answer. [A 8.1.1.22]
#[test]
fn the_answer_decides_whether_the_card_is_asked_again() {
    const DATA: Option<&[u8]> = Some(&[0x11; 8]);
    const SCRIPT: &[u8] = &[0x71, 0x00];
    let restarts = |data, issuer| {
        let first = OutcomeParameters { online_response_data: data, ..online(Start::B) };
        let mut script = Script::with(&[UNIONPAY]).comes_to(&[first, bare(OutcomeType::Approved)]);
        script.issuer = issuer;
        script.run().has("start B true")
    };
    use OnlineResponseData::{Any, EmvData, NotApplicable};
    for (data, none, with_data, with_script, unreachable) in [
        (NotApplicable, false, false, false, false),
        (EmvData, false, true, true, false),
        (Any, true, true, true, true),
    ] {
        assert_eq!(restarts(data, Some((b"00", None, &[]))), none, "{data:?}");
        assert_eq!(restarts(data, Some((b"00", DATA, &[]))), with_data, "{data:?}");
        assert_eq!(restarts(data, Some((b"00", None, SCRIPT))), with_script, "{data:?}");
        assert_eq!(restarts(data, None), unreachable, "{data:?}");
    }
}

/// A second presentment goes straight to the application, which finds the issuer's answer; if it
/// cannot be selected, that is the end. [B 3.3.2.1; B 3.3.3.5]
#[test]
fn a_second_presentment_needs_no_directory() {
    let first = OutcomeParameters {
        online_response_data: OnlineResponseData::EmvData,
        ui_request_on_restart: Some(UiRequest::new(Message::PresentCardAgain, Status::ReadyToRead)),
        ..online(Start::B)
    };
    let mut script =
        Script::with(&[UNIONPAY, VISA]).comes_to(&[first, bare(OutcomeType::Approved)]);
    script.issuer = Some((b"00", Some(&[0x11; 8]), &[]));
    let seen = script.run();
    assert_eq!(seen.selected, [PPSE, "A0000003330101", "A0000003330101"]);
    assert!(seen.has("show 21 ReadyToRead") && seen.has("kernel 7 B true true"));
    // The card in the field has no such application: no other one is tried.
    script.selects.push(("A0000003330101".to_owned(), Ok(vec![0x6A, 0x82])));
    let seen = script.run();
    assert_eq!(seen.selected, [PPSE, "A0000003330101", "A0000003330101"]);
    assert_eq!(seen.count("kernel"), 1);
    assert!(seen.has("final EndApplication"));
    script.selects.pop();
    // Without data for the card: from the directory on.
    let any = OutcomeParameters { online_response_data: OnlineResponseData::Any, ..first };
    script = script.comes_to(&[any, bare(OutcomeType::Approved)]);
    script.issuer = None;
    assert_eq!(script.run().selected, [PPSE, "A0000003330101", PPSE, "A0000003330101"]);
}

/// Start D: no command but the kernel's, and no old answer. [B 3.4]
#[test]
fn a_kernel_is_started_again_without_selection() {
    let held =
        OutcomeParameters { online_response_data: OnlineResponseData::Any, ..online(Start::D) };
    let script = Script::with(&[UNIONPAY]).comes_to(&[held, bare(OutcomeType::Approved)]);
    let seen = script.run();
    assert_eq!(seen.selected.len(), 2);
    assert!(seen.has("kernel 7 D true false"), "{:?}", seen.log);
    assert_eq!(seen.count("poll"), 1);
}

/// A kernel that gives up at Start D makes room for another, which begins like any other: nothing
/// of the first application is left. [B 3.4.1; B 3.5]
#[test]
fn a_kernel_that_takes_over_at_start_d_begins_anew() {
    let held =
        OutcomeParameters { online_response_data: OnlineResponseData::Any, ..online(Start::D) };
    let end = bare(OutcomeType::Approved);
    let next =
        Script::with(&[UNIONPAY, VISA]).comes_to(&[held, bare(OutcomeType::SelectNext), end]);
    let seen = next.run();
    assert!(
        seen.has("kernel 7 D true false") && seen.has("kernel 3 C true true"),
        "{:?}",
        seen.log
    );
    let again = Script::with(&[UNIONPAY]).comes_to(&[held, bare(OutcomeType::TryAgain), end]);
    assert!(again.run().has("kernel 7 B true true"));
}

/// Start C: the application is selected again. [B 3.3]
#[test]
fn a_combination_is_selected_again() {
    let held =
        OutcomeParameters { online_response_data: OnlineResponseData::Any, ..online(Start::C) };
    let request = UiRequest::new(Message::PresentCardAgain, Status::ReadyToRead);
    let held = OutcomeParameters { ui_request_on_restart: Some(request), ..held };
    let script = Script::with(&[UNIONPAY, VISA]).comes_to(&[held, bare(OutcomeType::Approved)]);
    let seen = script.run();
    assert_eq!(seen.selected, [PPSE, "A0000003330101", "A0000003330101"]);
    assert!(seen.has("kernel 7 C true true") && seen.has("show 21 ReadyToRead"));
}

/// After the issuer's approval a refusal of the card counts; an end does not. [A 8.1.1.24]
#[test]
fn the_second_outcome_and_the_issuers_answer() {
    let first =
        OutcomeParameters { online_response_data: OnlineResponseData::Any, ..online(Start::B) };
    let ended = |second, issuer| {
        let mut script = Script::with(&[UNIONPAY]).comes_to(&[first, bare(second)]);
        script.issuer = issuer;
        let outcome = script.run().outcome;
        (outcome.conclusion, outcome.reversal)
    };
    const YES: Issuer = Some((b"00", None, &[]));
    const NO: Issuer = Some((b"05", None, &[]));
    assert_eq!(ended(OutcomeType::Approved, YES), (Conclusion::Approved, false));
    assert_eq!(ended(OutcomeType::Declined, YES), (Conclusion::Declined, true));
    assert_eq!(ended(OutcomeType::EndApplication, YES), (Conclusion::Approved, false));
    assert!(ended(OutcomeType::TryAnotherInterface, YES).1);
    assert_eq!(ended(OutcomeType::Approved, NO), (Conclusion::Declined, false));
    assert_eq!(ended(OutcomeType::EndApplication, NO), (Conclusion::Declined, false));
    assert_eq!(ended(OutcomeType::Approved, None), (Conclusion::Declined, false));
}

/// A card that asks for the issuer again, after it answered, is not listened to. [A 8.1.1.24]
#[test]
fn the_issuer_is_asked_once() {
    let first =
        OutcomeParameters { online_response_data: OnlineResponseData::Any, ..online(Start::B) };
    let mut script = Script::with(&[UNIONPAY]).comes_to(&[first]);
    for (issuer, conclusion) in [
        (Some((b"00", None, &[][..])), Conclusion::Approved),
        (Some((b"05", None, &[][..])), Conclusion::Declined),
        (None, Conclusion::Declined),
    ] {
        script.issuer = issuer;
        let seen = script.run();
        assert_eq!((seen.count("authorise"), seen.count("final")), (1, 2));
        assert_eq!((seen.outcome.conclusion, seen.outcome.reversal), (conclusion, false));
    }
}

/// An answer that finds no room may have been an approval, which is undone. [B4 12.2.3]
#[test]
fn an_answer_without_room_is_reversed() {
    let mut script = Script::with(&[UNIONPAY]).comes_to(&[bare(OutcomeType::OnlineRequest)]);
    script.issuer = Some((b"00", None, &[0x71; 8192]));
    let outcome = script.run().outcome;
    assert!(matches!(outcome.end, Some(End::Fault(_))), "{outcome:?}");
    assert_eq!(
        (outcome.conclusion, outcome.authority),
        (Conclusion::Terminated, Authority::Online)
    );
    assert!(outcome.reversal);
}

/// An application that ends to begin again: the card is taken away first. [A 8.1.1.20]
#[test]
fn an_end_that_begins_again_waits_for_removal() {
    let again = bare(OutcomeType::EndApplication).starting(Start::B);
    let mut script = Script::with(&[UNIONPAY]).comes_to(&[again, bare(OutcomeType::Approved)]);
    script.polls = vec![Polled::Card, Polled::Card, Polled::Card, Polled::Nothing, Polled::Card];
    let seen = script.run();
    assert_eq!(seen.count("poll"), 5);
    let ended = seen.log.iter().position(|line| line.starts_with("final")).unwrap();
    assert_eq!(seen.log[ended + 1], "on"); // whatever the outcome did to the field
    assert_eq!(seen.count("final"), 2);
    assert!(seen.has("start B true"));
    assert_eq!(seen.outcome.conclusion, Conclusion::Approved);
}
