//! Session and driver in careless hands.

use super::card::*;
use super::run::TERMINAL;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{Options, Reviews, Terminal, Transaction};
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Misuse, Output};
use chipwright::outcome::{Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{LinkError, PinMethod, PinResult, Proceed, Session, Stop};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date};
use chipwright_harness::CardChannel;
use chipwright_harness::random::Seeded;
use chipwright_rustcrypto::RustCrypto;
use core::cell::RefCell;
use core::pin::pin;

fn purchase<'a>(terminal: &'a Terminal<'a>, random: &'a Seeded) -> Transaction<'a> {
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random };
    let (currency, date) = (Code::new(978).unwrap(), Date::new(2026, 1, 15).unwrap());
    Transaction::purchase(terminal, crypto, Amount::new(1000).unwrap(), currency, date)
}

const APPROVES: HostResponse<'static> = HostResponse {
    authorisation_response_code: *b"00",
    issuer_authentication_data: None,
    authorisation_code: None,
    scripts: &[],
};

/// A proper reply to what is asked; `None` at the end.
fn reply<'i>(
    output: &Output<'_>,
    card: &RefCell<Card>,
    answer: &'i mut Vec<u8>,
) -> Option<Input<'i>> {
    Some(match output {
        Output::Transmit(command) => {
            *answer = card.borrow_mut().transmit(command).unwrap();
            Input::Response { bytes: answer, elapsed: 0 }
        }
        Output::Choose(_) => Input::Chosen(Some(0)),
        Output::VerifyPin(_) => Input::Pin(PinResult::Verified(Status::SUCCESS)),
        Output::Authorise(_) => Input::Authorised(APPROVES),
        Output::Review(_) => Input::Proceed(Proceed::Continue),
        _ => return None,
    })
}

/// A terminal and a card by which every kind of output comes.
fn everything() -> (Terminal<'static>, Card) {
    let reviews = Reviews { candidates: true, records: true };
    let options = Options { reviews, ..Options::DEFAULT };
    let card = Card::online().in_fci(&[tlv(0x87, "81")]).rules("0100");
    (Terminal { options, ..TERMINAL }, card)
}

/// Drives a transaction to its end; `meddle` is called before each proper reply.
fn drive(meddle: impl Fn(&mut Driver<'_, '_>, usize)) -> Outcome {
    let (terminal, card) = everything();
    let (card, random) = (RefCell::new(card), Seeded::new(1));
    let transaction = purchase(&terminal, &random);
    let (mut memory, mut buffer) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut memory), Buffer::new(&mut buffer));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    let mut driver = Driver::new(&session, task);
    meddle(&mut driver, 0);
    driver.step(Input::Start).unwrap();
    let mut answer = Vec::new();
    for place in 1.. {
        meddle(&mut driver, place);
        let output = driver.step(Input::Start).unwrap();
        if let Output::Done(outcome) = output {
            return outcome;
        }
        let input = reply(&output, &card, &mut answer).unwrap();
        driver.step(input).unwrap();
    }
    unreachable!()
}

/// Drives a transaction with proper replies.
fn to_the_end(driver: &mut Driver<'_, '_>, card: &RefCell<Card>) -> Outcome {
    let mut answer = Vec::new();
    let mut input = Input::Start;
    loop {
        driver.step(input).unwrap();
        let output = driver.step(Input::Start).unwrap();
        if let Output::Done(outcome) = output {
            return outcome;
        }
        input = reply(&output, card, &mut answer).unwrap();
    }
}

const REPLIES: [Input<'static>; 8] = [
    Input::Response { bytes: &[0x90, 0x00], elapsed: 0 },
    Input::LinkFailed(LinkError::Removed),
    Input::Chosen(None),
    Input::Pin(PinResult::Verified(Status::SUCCESS)),
    Input::Authorised(APPROVES),
    Input::Unreachable,
    Input::Proceed(Proceed::Decline),
    Input::Stop(Stop::Cancelled),
];

fn fits(output: &Output<'_>, input: &Input<'_>) -> bool {
    matches!(
        (output, input),
        (_, Input::Stop(_))
            | (Output::Transmit(_), Input::Response { .. } | Input::LinkFailed(_))
            | (Output::Choose(_), Input::Chosen(_))
            | (Output::VerifyPin(_), Input::Pin(_))
            | (Output::Authorise(_), Input::Authorised(_) | Input::Unreachable)
            | (Output::Review(_), Input::Proceed(_))
            | (Output::Done(_), _)
    )
}

/// A reply that was not asked for is refused and changes nothing, at every step. [B3 8.2]
#[test]
fn wrong_replies_change_nothing() {
    let undisturbed = drive(|_, _| ());
    assert_eq!(undisturbed.conclusion, Conclusion::Approved);
    let disturbed = drive(|driver, place| {
        for input in REPLIES {
            if place == 0 {
                assert_eq!(driver.step(input).unwrap_err(), Misuse::WrongReply);
                continue;
            }
            let asked = format!("{:?}", driver.step(Input::Start).unwrap());
            if !fits(&driver.step(Input::Start).unwrap(), &input) {
                assert_eq!(driver.step(input).unwrap_err(), Misuse::WrongReply, "{asked}");
                assert_eq!(format!("{:?}", driver.step(Input::Start).unwrap()), asked);
            }
        }
    });
    assert_eq!(disturbed, undisturbed);
}

/// A candidate that is none, and a report that the pad was not asked for, are refused and change
/// nothing. [B1 12.4; B3 10.5.1, 10.5.2]
#[test]
fn replies_that_do_not_fit_the_question_change_nothing() {
    let undisturbed = drive(|_, _| ());
    let refused = RefCell::new(Vec::new());
    let disturbed = drive(|driver, _| match driver.step(Input::Start) {
        Ok(Output::Choose(_)) => {
            for number in [1, 99, u8::MAX] {
                refused.borrow_mut().push(driver.step(Input::Chosen(Some(number))).unwrap_err());
            }
        }
        Ok(Output::VerifyPin(_)) => {
            let result = Input::Pin(PinResult::Captured);
            refused.borrow_mut().push(driver.step(result).unwrap_err());
        }
        _ => {}
    });
    assert_eq!(disturbed, undisturbed);
    let (choice, report) = (Misuse::NotACandidate, Misuse::WrongReply);
    assert_eq!(refused.into_inner(), [choice, choice, choice, report]);

    use PinMethod::{Enciphered, Online, Plaintext};
    let (verified, lost) =
        (PinResult::Verified(Status::SUCCESS), PinResult::LinkFailed(LinkError::Removed));
    for (result, methods) in [
        (verified, [true, true, false]),
        (PinResult::Captured, [false, false, true]),
        (PinResult::NoChallenge, [true, true, false]),
        (PinResult::Bypassed, [true; 3]),
        (PinResult::Cancelled, [true; 3]),
        (PinResult::Broken, [true; 3]),
        (lost, [true; 3]),
    ] {
        assert_eq!([Plaintext, Enciphered, Online].map(|method| result.answers(method)), methods);
    }
}

/// A transaction may be stopped at every step; what the issuer approved by then is undone.
/// [B4 12.2.1]
#[test]
fn a_transaction_may_be_stopped_anywhere() {
    for at in 1..100 {
        let outcome = drive(|driver, place| {
            if place == at {
                driver.step(Input::Stop(Stop::Timeout)).unwrap();
            }
        });
        if outcome.conclusion == Conclusion::Approved {
            assert!(at > 12, "there were steps before");
            return;
        }
        assert_eq!(outcome.end, Some(End::Stopped(Stop::Timeout)), "{at}");
        assert_eq!(outcome.conclusion, Conclusion::Terminated);
        assert_eq!(
            outcome.reversal,
            outcome.phase == Phase::Completion,
            "{at} {:?}",
            outcome.phase
        );
    }
    panic!("never approved");
}

/// After the end every input gets the same outcome. [B3 8.2]
#[test]
fn the_end_is_the_end() {
    let end = RefCell::new(None);
    let outcome = drive(|driver, _| {
        if let Ok(Output::Done(outcome)) = driver.step(Input::Start) {
            for input in REPLIES {
                assert!(matches!(driver.step(input), Ok(Output::Done(again)) if again == outcome));
            }
            assert_eq!((driver.phase(), driver.decided()), (Phase::Ended, Some(outcome)));
            end.replace(Some(outcome));
        }
    });
    assert_eq!(end.into_inner(), Some(outcome));
}

/// An answer longer than any is refused, and the next one counts.
#[test]
fn an_answer_too_long_is_refused() {
    let outcome = drive(|driver, _| {
        let transmits = matches!(driver.step(Input::Start), Ok(Output::Transmit(_)));
        if transmits {
            let long = [0x5A; 259];
            let refused = driver.step(Input::Response { bytes: &long, elapsed: 0 });
            assert_eq!(refused.unwrap_err(), Misuse::ResponseTooLong);
        }
    });
    assert_eq!(outcome.conclusion, Conclusion::Approved);
}

/// An answer of the host that is refused leaves nothing behind for the next one.
#[test]
fn a_refused_host_answer_leaves_nothing_behind() {
    for refused in [
        HostResponse { issuer_authentication_data: Some(&[1; 7]), ..APPROVES },
        HostResponse { issuer_authentication_data: Some(&[1; 17]), ..APPROVES },
        HostResponse {
            authorisation_code: Some(&[0x31; 5]),
            issuer_authentication_data: Some(&[1; 8]),
            ..APPROVES
        },
    ] {
        let outcome = drive(|driver, _| {
            if matches!(driver.step(Input::Start), Ok(Output::Authorise(_))) {
                assert_eq!(
                    driver.step(Input::Authorised(refused)).unwrap_err(),
                    Misuse::HostResponse
                );
                assert_eq!(driver.data().bytes(Tag(0x91)), None, "of the refused answer");
                assert_eq!(driver.data().bytes(Tag(0x8A)), None, "of the refused answer");
            }
        });
        assert_eq!(outcome.conclusion, Conclusion::Approved);
    }
}

/// Two drivers over one session: the first goes on, the second has nothing to work with.
#[test]
fn two_drivers_do_not_share_a_session() {
    let (terminal, card) = (TERMINAL, RefCell::new(Card::new()));
    let random = Seeded::new(1);
    let transaction = purchase(&terminal, &random);
    let (mut memory, mut buffer) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut memory), Buffer::new(&mut buffer));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    let mut first = Driver::new(&session, task);
    first.step(Input::Start).unwrap();
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    let mut second = Driver::new(&session, task);
    let Ok(Output::Done(outcome)) = second.step(Input::Start) else {
        panic!("no memory to work in")
    };
    assert_eq!(outcome.conclusion, Conclusion::Terminated);
    let outcome = to_the_end(&mut first, &card);
    assert_eq!(outcome.conclusion, Conclusion::Approved);
}

/// A task of another session is noticed.
#[test]
fn a_foreign_task_is_noticed() {
    let random = Seeded::new(1);
    let transaction = purchase(&TERMINAL, &random);
    let mut memories = [[0; DATABASE_LENGTH]; 2];
    let mut buffers = [[0; BUFFER_LENGTH]; 2];
    let [one, two] = &mut memories;
    let [three, four] = &mut buffers;
    let ours = Session::new(Database::new(one), Buffer::new(three));
    let other = Session::new(Database::new(two), Buffer::new(four));
    let task = pin!(chipwright_contact::transact(&other, &transaction));
    let mut driver = Driver::new(&ours, task);
    for _ in 0..3 {
        assert_eq!(driver.step(Input::Start).unwrap_err(), Misuse::ForeignTask);
    }
}

/// Dropped midway, nothing of the card is left in the memory that was lent.
#[test]
fn lent_memory_is_wiped() {
    let (mut memory, mut buffer) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    for steps in 0..14 {
        let (card, random) = (RefCell::new(Card::online()), Seeded::new(1));
        let transaction = purchase(&TERMINAL, &random);
        {
            let session = Session::new(Database::new(&mut memory), Buffer::new(&mut buffer));
            let task = pin!(chipwright_contact::transact(&session, &transaction));
            let mut driver = Driver::new(&session, task);
            driver.step(Input::Start).unwrap();
            let mut answer = Vec::new();
            for _ in 0..steps {
                let output = driver.step(Input::Start).unwrap();
                if let Some(input) = reply(&output, &card, &mut answer) {
                    driver.step(input).unwrap();
                }
            }
        }
        assert!(memory.iter().chain(&buffer).all(|byte| *byte == 0), "after {steps} steps");
    }
}

/// Data objects of an earlier transaction make no difference to the next one. [B3 10.1]
#[test]
fn an_earlier_transaction_leaves_no_trace() {
    let random = Seeded::new(1);
    let transaction = purchase(&TERMINAL, &random);
    let (mut memory, mut buffers) = ([0; DATABASE_LENGTH], [[0; BUFFER_LENGTH]; 2]);
    let mut data = Database::new(&mut memory);
    let cards = [Card::online(), Card::new().object(0x5A, "4761739001010010")];
    for (card, buffer) in cards.into_iter().zip(&mut buffers) {
        let card = RefCell::new(card);
        let session = Session::new(data, Buffer::new(buffer));
        let task = pin!(chipwright_contact::transact(&session, &transaction));
        let mut driver = Driver::new(&session, task);
        let outcome = to_the_end(&mut driver, &card);
        assert_eq!(outcome.conclusion, Conclusion::Approved, "{outcome:?}");
        // What an integrator can do with what it is handed.
        data = core::mem::take(driver.data_mut());
    }
    assert_eq!(data.bytes(Tag(0x5A)), Some(&hex("4761739001010010")[..]));
    assert_eq!(data.bytes(Tag(0x8A)), Some(&b"Y1"[..]));
}
