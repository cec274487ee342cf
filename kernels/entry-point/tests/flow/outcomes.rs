//! What Entry Point makes of its kernels' outcomes. [B 3.5]

use crate::run::*;
use chipwright::contactless::{OutcomeParameters, OutcomeType, Start, Status, UiRequest};
use chipwright::message::Message;
use chipwright::outcome::{Conclusion, End};
use chipwright::session::{LinkError, Stop};

/// The next candidate, without asking card or directory again. [B 3.5.1 select-next; A 6.1]
#[test]
fn select_next_goes_on_with_the_next_candidate() {
    let script = Script::with(&[UNIONPAY, VISA])
        .comes_to(&[bare(OutcomeType::SelectNext), bare(OutcomeType::Declined)]);
    let seen = script.run();
    assert_eq!(seen.selected, [PPSE, "A0000003330101", "A0000000031010"]);
    assert_eq!((seen.count("poll"), seen.count("final")), (1, 1));
    assert_eq!(seen.outcome.conclusion, Conclusion::Declined);
}

/// Each activation has its own Unpredictable Number. [A 8.1.1.8]
#[test]
fn the_unpredictable_number_is_new_each_time() {
    let script = Script::with(&[UNIONPAY, VISA]).comes_to(&[
        bare(OutcomeType::TryAgain),
        bare(OutcomeType::SelectNext),
        bare(OutcomeType::Approved),
    ]);
    let numbers: Vec<_> = script.run().activations.into_iter().map(|handed| handed.2).collect();
    assert_eq!(numbers, [[1; 4], [2; 4], [3; 4]]);
}

/// [A 6, 7] The card is asked for again, with the request and the pause that the kernel wants, and read
/// from the directory on. [B 3.2.1.2; B 3.5.1 request; B 3.5.1 field-off]
#[test]
fn try_again_asks_for_the_card_again() {
    let phone = OutcomeParameters {
        ui_request_on_outcome: Some(UiRequest::new(Message::SeePhone, Status::ProcessingError)),
        ui_request_on_restart: Some(UiRequest::new(Message::PresentCardAgain, Status::ReadyToRead)),
        field_off_request: Some(13),
        ..OutcomeParameters::new(OutcomeType::TryAgain)
    };
    let script = Script::with(&[UNIONPAY]).comes_to(&[phone, bare(OutcomeType::Approved)]);
    let seen = script.run();
    let place = seen.log.iter().position(|line| line == "show 20 ProcessingError").unwrap();
    let after: Vec<_> = seen.log[place..].iter().map(String::as_str).take(5).collect();
    let select = format!("select {PPSE}");
    let wanted = ["show 20 ProcessingError", "off 13", "show 21 ReadyToRead", "on", "poll"];
    assert_eq!(after, wanted);
    assert_eq!(seen.log[place + 5], select);
    assert_eq!(seen.count("final"), 1);
    assert_eq!(seen.count("start"), 1); // not a restart of the reader
}

/// A card that never comes to an end does. [B 3.5]
#[test]
fn again_and_again_is_bounded() {
    for outcome in [OutcomeType::TryAgain, OutcomeType::SelectNext] {
        let seen = Script::with(&[UNIONPAY; 16]).comes_to(&[bare(outcome)]).run();
        assert!(seen.activations.len() <= 64, "{outcome:?}");
        assert_eq!(seen.outcome.conclusion, Conclusion::Terminated);
    }
    let restart = bare(OutcomeType::EndApplication).starting(Start::B);
    let mut script = Script::with(&[UNIONPAY]).comes_to(&[restart]);
    script.polls =
        [chipwright::session::Polled::Card, chipwright::session::Polled::Nothing].repeat(200);
    let seen = script.run();
    assert!(matches!(seen.outcome.end, Some(End::Fault(_))), "{:?}", seen.outcome);
}

/// A link that a kernel lost asks for the card again. [B 3.3.3.7]
#[test]
fn a_link_lost_in_a_kernel_asks_for_the_card() {
    let mut script = Script::with(&[UNIONPAY]);
    script.outcomes = vec![Err(End::Link(LinkError::Removed)), Ok(bare(OutcomeType::Approved))];
    let seen = script.run();
    assert_eq!((seen.count("poll"), seen.count("kernel")), (2, 2));
    assert_eq!(seen.outcome.conclusion, Conclusion::Approved);
}

/// What is approved can be written down before it is shown, and is not stopped any more; what is
/// declined can be. [B 3.5.1 request]
#[test]
fn an_approval_stands_before_it_is_shown() {
    let with = |outcome, message| {
        let request = UiRequest::new(message, Status::CardReadSuccessfully);
        let outcome = OutcomeParameters {
            field_off_request: Some(5),
            ..OutcomeParameters::new(outcome).showing(request)
        };
        Script { stop_at: Some(message), ..Script::with(&[UNIONPAY]).comes_to(&[outcome]) }
    };
    let approved = with(OutcomeType::Approved, Message::Approved);
    let seen = Script { stop_at: None, ..approved }.run();
    let end =
        ["decided Approved Offline", "show 03 CardReadSuccessfully", "off 5", "final Approved"];
    let place = seen.log.iter().position(|line| line == end[0]).unwrap();
    assert_eq!(seen.log[place..place + 4], end);
    let stopped = with(OutcomeType::Approved, Message::Approved).run();
    assert_eq!(stopped.outcome, seen.outcome);
    let declined = with(OutcomeType::Declined, Message::Declined).run();
    assert_eq!(declined.count("decided"), 0);
    assert_eq!(declined.outcome.end, Some(End::Stopped(Stop::Cancelled)));
}
