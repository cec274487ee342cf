//! Taps, from the field to the final record, and the switch from a tap to the slot.

use crate::card::{PAN, TRACK_SECRET};
use crate::field::{BOTH, FIELD, Tap};
use crate::transactions::{go, start, transact};
use crate::world::*;
use chipwright::config::{Terminal, TransactionType};
use chipwright::contactless::{
    CardholderVerification, OnlineResponseData, OutcomeParameters, OutcomeType, Shown, Start,
    Status, UiRequest,
};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::Database;
use chipwright::dictionary::emv;
use chipwright::field::TerminalType;
use chipwright::message::Message;
use chipwright::outcome::{Authority, Conclusion};
use chipwright::session::{PinResult, Polled, Proceed, Stop};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code};
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::device::{Absent, Hooks, Online, PollEnded};
use chipwright_terminal::host::{MessageKind, ReversalReason};
use chipwright_terminal::{Duties, Failure, FinalCause, FinalRecord, Order, Refusal, Setup};
use core::cell::{Cell, RefCell};

pub(crate) const ONLINE: OutcomeParameters = OutcomeParameters::new(OutcomeType::OnlineRequest);
pub(crate) const DECLINED: OutcomeParameters = OutcomeParameters::new(OutcomeType::Declined);
pub(crate) const ELSEWHERE: OutcomeParameters =
    OutcomeParameters::new(OutcomeType::TryAnotherInterface)
        .showing(UiRequest::new(Message::InsertOrSwipeCard, Status::ReadyToRead));
pub(crate) const APPROVED: OutcomeParameters = OutcomeParameters::new(OutcomeType::Approved)
    .showing(UiRequest::new(Message::Approved, Status::CardReadSuccessfully));
/// The card is wanted a second time, whatever the issuer says.
pub(crate) const TWICE: OutcomeParameters = OutcomeParameters {
    start: Some(Start::B),
    online_response_data: OnlineResponseData::Any,
    ..ONLINE
};
/// The card stays in the field, for 2 s at most.
pub(crate) const HOLD: OutcomeParameters =
    OutcomeParameters { start: Some(Start::D), removal_timeout: 20, ..TWICE };

/// A world in which a tap comes to this.
pub(crate) fn world(by: By, outcomes: &[OutcomeParameters]) -> World {
    let tap = Tap { outcomes: outcomes.to_vec(), ..Tap::default() };
    World { by, tap: RefCell::new(tap), ..World::new() }
}

fn ended(record: &FinalRecord) -> (Conclusion, Authority) {
    (record.conclusion, record.authority)
}

/// What the reader did.
fn seen(world: &World) -> String {
    world.tap.borrow().seen.join(" ")
}

#[test]
fn a_tap_asks_the_issuer() {
    // covers A 8.1.1.15, A 8.1.1.18
    use Authority::{Online, UnableToGoOnline};
    for (line, expected, said) in [
        (Line::Approves, (Conclusion::Approved, Online), 0x03),
        (Line::Declines, (Conclusion::Declined, Online), 0x07),
        (Line::Down, (Conclusion::Declined, UnableToGoOnline), 0x07),
        (Line::LosesAnswer, (Conclusion::Declined, UnableToGoOnline), 0x07),
        (Line::Garbles, (Conclusion::Declined, UnableToGoOnline), 0x07),
    ] {
        let mut world = world(By::Field, &[ONLINE]);
        world.line = line;
        let record = go(&mut world, &FIELD, &purchase()).unwrap();
        assert_eq!(ended(&record), expected, "{line:?}");
        assert_eq!(world.shown(), [0x14, 0x15, 0x1B, said], "{line:?}");
        assert_eq!(seen(&world), "off 0 on poll A4 A4 A8 off 0");
        let lost = matches!(line, Line::LosesAnswer | Line::Garbles);
        let batch = record.conclusion == Conclusion::Approved;
        assert_eq!(record.duties, Duties { reversal: lost, batch, advice: false }, "{line:?}");
    }
}

/// The account number is in the track alone: messages and record have it, the track they have not.
#[test]
fn a_tap_leaves_what_the_messages_need() {
    // covers B4 12.1
    let mut world = world(By::Field, &[ONLINE]);
    world.line = Line::LosesAnswer;
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    let [asked, reversed] = &world.books.log[..] else { panic!("{:?}", world.books.log) };
    assert_eq!((asked.kind, reversed.kind), (MessageKind::Authorisation, MessageKind::Reversal));
    for message in [asked, reversed] {
        assert_eq!(message.pan.as_deref(), Some(PAN));
        assert!(!message.field_55.contains("5711"));
    }
    assert!(asked.field_55.contains("9F390107"), "POS entry mode: {}", asked.field_55);
    assert_eq!(reversed.reason, Some(ReversalReason::NoAnswer));
    assert_eq!(format!("{:?}", record.details.account.unwrap()), "476173******0010");
    assert_eq!(record.details.entry_mode, Some(0x07));
    assert!(!world.keeps(&TRACK_SECRET) && !world.keeps(&hex::decode(PAN).unwrap()));
    // A card that brings the number twice over is no other.
    let mut world = self::world(By::Field, &[TWICE, ONLINE]);
    world.tap.borrow_mut().more = "5A084761739001010010";
    assert_eq!(go(&mut world, &FIELD, &purchase()).unwrap().conclusion, Conclusion::Approved);
}

#[test]
fn an_offline_approval_is_shown_when_it_is_written_down() {
    let shown = Some(Shown::Balance(Amount::new(500).unwrap(), Code::new(978)));
    let request =
        UiRequest { value: shown, hold_time: 13, ..APPROVED.ui_request_on_outcome.unwrap() };
    let mut world = world(By::Field, &[APPROVED.showing(request)]);
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    assert_eq!(ended(&record), (Conclusion::Approved, Authority::Offline));
    assert_eq!(world.shown(), [0x14, 0x15, 0x03]);
    let last = *world.shown.borrow().last().unwrap();
    assert_eq!((last.balance.unwrap().amount.minor_units(), last.hold), (500, 13));
    let lights = [Status::Idle, Status::ReadyToRead, Status::CardReadSuccessfully];
    assert_eq!(*world.lights.borrow(), lights);
    // A journal that fails at the end: what was told stands.
    for call in 0..40 {
        let mut world = self::world(By::Field, &[APPROVED]);
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((call, Cut::Fails)));
        let result = transact(&mut world, &FIELD, &purchase(), &mut Nothing, &mut journal);
        let told = world.shown().contains(&0x03);
        if let Some(Err(Failure::Journal(_))) = result {
            assert!(world.shown().ends_with(&[0x0F]), "{call}");
            assert!(seen(&world).ends_with("off 0"), "{call}");
            world.power.cut(None);
            let record = start(&mut world).unwrap().interrupted;
            let approved = record.is_some_and(|record| record.conclusion == Conclusion::Approved);
            assert!(approved || !told, "{call}");
        }
    }
}

/// It is written down as soon as the kernel has it: before it is shown, and before the field is
/// switched off, which takes its time.
#[test]
fn an_offline_approval_survives_before_the_field_is_off() {
    let outcome = OutcomeParameters { field_off_request: Some(13), ..APPROVED };
    let mut found = 0;
    for call in 0..40 {
        let mut world = world(By::Field, &[outcome]);
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((call, Cut::Before)));
        let _ = transact(&mut world, &FIELD, &purchase(), &mut Nothing, &mut journal);
        let told = world.shown().contains(&0x03);
        if told && seen(&world).ends_with("A8") {
            world.power.cut(None);
            let record = start(&mut world).unwrap().interrupted.unwrap();
            assert_eq!(ended(&record), (Conclusion::Approved, Authority::Offline));
            assert!(record.duties.batch);
            found += 1;
        }
    }
    assert_eq!(found, 1, "at the field that is to be switched off");
}

struct Nothing;
impl Hooks for Nothing {}

#[test]
fn a_declined_tap_is_told_once() {
    let request = UiRequest::new(Message::Declined, Status::CardReadSuccessfully);
    let mut world = world(By::Field, &[DECLINED.showing(request)]);
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    assert_eq!(ended(&record), (Conclusion::Declined, Authority::Offline));
    assert_eq!(world.shown(), [0x14, 0x15, 0x07]);
    assert!(world.books.log.is_empty());
}

#[test]
fn a_second_tap_comes_after_the_answer() {
    // covers A 8.1.1.19, A 8.1.1.22, A 8.1.1.23
    for (second, line, expected, reversal) in [
        (APPROVED, Line::Approves, Conclusion::Approved, false),
        (DECLINED, Line::Approves, Conclusion::Declined, true),
        (APPROVED, Line::Declines, Conclusion::Declined, false),
        (APPROVED, Line::LosesAnswer, Conclusion::Declined, true),
    ] {
        let mut world = world(By::Field, &[TWICE, second]);
        world.line = line;
        let record = go(&mut world, &FIELD, &purchase()).unwrap();
        assert_eq!((record.conclusion, record.duties.reversal), (expected, reversal), "{line:?}");
        assert_eq!(seen(&world), "off 0 on poll A4 A4 A8 on poll A4 A4 A8 off 0");
        let approved = world.shown().contains(&0x03);
        assert_eq!(approved, expected == Conclusion::Approved, "{line:?}");
    }
}

/// What the issuer approved is undone when the second tap does not come.
#[test]
fn a_second_tap_that_is_stopped_is_reversed() {
    let stopped = [PollEnded::Stopped(Stop::Timeout), PollEnded::CardInserted];
    for (end, cause) in stopped.into_iter().zip([0x2102, 0x2101]) {
        let mut world = world(By::Either, &[TWICE]);
        world.tap.borrow_mut().polls = vec![Ok(Polled::Card), Err(end)];
        let record = go(&mut world, &BOTH, &purchase()).unwrap();
        let found = (record.conclusion, record.cause, record.duties.reversal);
        assert_eq!(found, (Conclusion::Terminated, FinalCause(cause), true));
        assert!(world.card.seen.is_empty(), "the issuer is not asked again for the slot");
        assert!(world.books.held.values().all(|undone| *undone));
    }
}

#[test]
fn a_card_that_stays_too_long_is_told_to_go() {
    // covers A 8.1.1.16
    let mut world = world(By::Field, &[HOLD, APPROVED]);
    world.line = Line::Hesitates;
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    assert_eq!(ended(&record), (Conclusion::Approved, Authority::Online));
    assert_eq!(world.shown(), [0x14, 0x15, 0x1B, 0x17, 0x03]);
    assert_eq!(world.books.log.len(), 1, "asked once");
    // A host that hesitates where nobody asked for haste has lost the answer.
    let mut world = self::world(By::Field, &[ONLINE]);
    world.line = Line::Hesitates;
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    assert_eq!(ended(&record), (Conclusion::Declined, Authority::UnableToGoOnline));
    assert!(record.duties.reversal);
}

#[test]
fn a_pin_for_the_issuer_is_entered_before_it_is_asked() {
    // covers A 8.1.1.14
    let request = UiRequest::new(Message::Authorising, Status::CardReadSuccessfully);
    let outcome = OutcomeParameters {
        cardholder_verification: CardholderVerification::OnlinePin,
        ..ONLINE.showing(request)
    };
    let mut world = world(By::Field, &[outcome]);
    world.pin = PinResult::Captured;
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    assert_eq!(record.conclusion, Conclusion::Approved);
    assert_eq!(world.shown(), [0x14, 0x15, 0x1B, 0x09, 0x0E, 0x1B, 0x03]);
    let price = world.shown.borrow()[3].price.unwrap();
    assert_eq!((price.amount.minor_units(), price.exponent), (1234, 2));
    world.pin = PinResult::Bypassed;
    world.books.log.clear();
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    assert_eq!(ended(&record), (Conclusion::Declined, Authority::Offline));
    assert!(world.books.log.is_empty());
}

#[test]
fn the_field_and_its_hold_times_are_the_readers() {
    // covers B 3.5.1
    let again = OutcomeParameters {
        field_off_request: Some(13),
        ui_request_on_restart: Some(UiRequest {
            status: Some(Status::ReadyToRead),
            language_preference: *b"frde\0\0\0\0",
            ..UiRequest::NOTHING
        }),
        ..OutcomeParameters::new(OutcomeType::TryAgain).starting(Start::B)
    };
    let mut world = world(By::Field, &[again, APPROVED]);
    world.tap.borrow_mut().polls =
        vec![Ok(Polled::Nothing), Ok(Polled::Collision), Ok(Polled::Nothing), Ok(Polled::Card)];
    go(&mut world, &FIELD, &purchase()).unwrap();
    let first = "off 0 on poll poll poll poll A4 A4 A8";
    assert_eq!(seen(&world), format!("{first} off 13 on poll A4 A4 A8 off 0"));
    assert_eq!(world.shown(), [0x14, 0x15, 0x19, 0x19, 0x03]);
    assert_eq!(world.shown.borrow().last().unwrap().language, *b"fr", "as the card wants it");
    use Status::{CardReadSuccessfully, Idle, ProcessingError, ReadyToRead};
    let lights =
        [Idle, ReadyToRead, ProcessingError, ReadyToRead, ReadyToRead, CardReadSuccessfully];
    assert_eq!(*world.lights.borrow(), lights);
}

#[test]
fn nothing_is_begun_without_a_card() {
    let mut world = world(By::Field, &[APPROVED]);
    world.tap.borrow_mut().polls = vec![Err(PollEnded::Stopped(Stop::Timeout))];
    let result = go(&mut world, &FIELD, &purchase());
    assert_eq!(result, Err(Failure::NoCard(Absent::Stopped(Stop::Timeout))));
    assert_eq!(seen(&world), "off 0 on poll off 0");
    world.stop = Some(Stop::Cancelled);
    let result = go(&mut world, &FIELD, &purchase());
    assert_eq!(result, Err(Failure::NoCard(Absent::Stopped(Stop::Cancelled))));
    let too_much = order(TransactionType::Purchase, 100_000);
    assert_eq!(go(&mut world, &FIELD, &too_much), Err(Failure::NoTap));
    let late = Order { amount: None, ..purchase() };
    assert_eq!(go(&mut world, &FIELD, &late), Err(Failure::Refused(Refusal::Amount)));
    let result = go(&mut world, &SETUP, &purchase());
    assert_eq!(result, Err(Failure::Refused(Refusal::NoCombination)));
    assert!(world.records.is_empty());
}

#[test]
fn cancelled_at_any_time_a_tap_is_undone() {
    let mut cancelled = 0;
    for call in 0..40 {
        let mut world = world(By::Field, &[TWICE, APPROVED]);
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((call, Cut::Fails)));
        let result = transact(&mut world, &FIELD, &purchase(), &mut Nothing, &mut journal);
        let Some(Ok(record)) = result else { continue };
        if record.cause == FinalCause(0x2101) {
            assert_eq!(record.conclusion, Conclusion::Terminated);
            assert_eq!(record.duties.reversal, !world.books.held.is_empty());
            assert!(!world.shown().contains(&0x03) && seen(&world).ends_with("off 0"));
            cancelled += 1;
        }
    }
    assert_eq!(cancelled, 8, "before six commands, the question to the issuer, and a second look");
}

/// A terminal without a line asks nobody, and declines.
#[test]
fn a_terminal_without_a_line_declines_what_is_to_be_asked() {
    let terminal = Terminal { terminal_type: TerminalType(0x23), ..TERMINAL };
    let setup = Setup { terminal: &terminal, ..FIELD };
    let mut world = world(By::Field, &[ONLINE]);
    let record = go(&mut world, &setup, &purchase()).unwrap();
    assert_eq!(ended(&record), (Conclusion::Declined, Authority::UnableToGoOnline));
    assert!(world.books.log.is_empty() && !record.duties.reversal);
    assert_eq!(world.shown(), [0x14, 0x15, 0x07]);
}

/// The issuer is not asked for what needs no approval.
#[test]
fn a_refund_is_read_from_a_tap() {
    for kind in [TransactionType::Refund, TransactionType::Inquiry] {
        let request = UiRequest::new(Message::Authorising, Status::CardReadSuccessfully);
        let mut world = world(By::Field, &[ONLINE.showing(request)]);
        let amount = if kind == TransactionType::Refund { 500 } else { 0 };
        let record = go(&mut world, &BOTH, &order(kind, amount)).unwrap();
        assert_eq!(record.conclusion, Conclusion::CardRead, "{kind:?}");
        assert_eq!(record.duties.batch, kind == TransactionType::Refund);
        assert!(world.books.held.is_empty());
        assert_eq!(world.shown(), [0x14, 0x15, 0x17], "nobody is being asked");
        assert!(world.lights.borrow().ends_with(&[Status::CardReadSuccessfully]));
    }
}

#[test]
fn hooks_of_a_tap() {
    struct Told(Online, u32);
    impl Hooks for Told {
        async fn before_online(&mut self, data: &mut Database<'_>) -> Online {
            assert!(data.bytes(emv::PAN.tag).is_some());
            self.0
        }
        async fn ended(
            &mut self,
            record: &FinalRecord,
            _: &chipwright::outcome::Outcome,
            data: &Database<'_>,
        ) {
            assert!(data.bytes(emv::TRACK_2.tag).is_some());
            self.1 += record.sequence;
        }
    }
    let mut world = world(By::Field, &[ONLINE]);
    let mut journal = start(&mut world).unwrap().journal;
    let mut hooks = Told(Online::Unreachable, 0);
    let record = transact(&mut world, &FIELD, &purchase(), &mut hooks, &mut journal);
    let record = record.unwrap().unwrap();
    assert_eq!(ended(&record), (Conclusion::Declined, Authority::UnableToGoOnline));
    assert_eq!((record.duties.reversal, hooks.1), (false, 1));
    hooks.0 = Online::Stop(Stop::Timeout);
    let record = transact(&mut world, &FIELD, &purchase(), &mut hooks, &mut journal);
    assert_eq!(record.unwrap().unwrap().cause, FinalCause(0x2102));
    assert!(world.books.log.is_empty() && hooks.1 == 3);
}

/// Numbers that are never the same.
#[derive(Debug, Default)]
struct Counting(Cell<u8>);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.0.set(self.0.get() + 1);
        out.fill(self.0.get());
        Ok(())
    }
}

/// Looks at what the transaction in the slot begins with, and at both ends.
#[derive(Default)]
struct Watching {
    begun: bool,
    numbers: Vec<Vec<u8>>,
    sequences: Vec<u32>,
}

impl Hooks for Watching {
    async fn candidates(&mut self, data: &mut Database<'_>) -> Proceed {
        self.begun = true;
        for tag in [0x57, 0x5A, 0x82, 0x9F10, 0x9F26, 0x9F27, 0x9F36, 0x9F2A, 0x9F66, 0x8A] {
            assert_eq!(data.bytes(Tag(tag)), None, "{tag:X} of the tap is left");
        }
        Proceed::Continue
    }

    async fn ended(
        &mut self,
        record: &FinalRecord,
        _: &chipwright::outcome::Outcome,
        data: &Database<'_>,
    ) {
        self.numbers.extend(data.bytes(emv::UNPREDICTABLE_NUMBER.tag).map(<[u8]>::to_vec));
        self.sequences.push(record.sequence);
    }
}

/// Nothing of the tap is in the transaction in the slot. [A 8.1.1.11]
#[test]
fn another_interface_begins_anew() {
    let random = Counting::default();
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &random };
    let setup = Setup { crypto, ..BOTH };
    let mut world = world(By::Either, &[ELSEWHERE]);
    let mut journal = start(&mut world).unwrap().journal;
    let mut hooks = Watching::default();
    let record = transact(&mut world, &setup, &purchase(), &mut hooks, &mut journal);
    let record = record.unwrap().unwrap();
    assert_eq!(ended(&record), (Conclusion::Approved, Authority::Online));
    assert_eq!(world.shown(), [0x14, 0x15, 0x18, 0x0B, 0x0E, 0x1B, 0x03, 0x10]);
    assert!(hooks.begun && record.sequence == 2);
    assert_eq!(record.details.entry_mode, Some(0x05));
    assert_eq!(hooks.sequences, [1, 2], "each has its final record");
    let [tap, slot] = &hooks.numbers[..] else { panic!("{:?}", hooks.numbers) };
    assert_ne!(tap, slot, "a fresh unpredictable number");
    assert!(world.books.log[0].field_55.contains("9F390105"));
    // Alone, the field has no other interface to offer.
    let mut world = self::world(By::Either, &[ELSEWHERE]);
    let record = go(&mut world, &FIELD, &purchase()).unwrap();
    assert_eq!(record.conclusion, Conclusion::TryAnotherInterface);
    assert!(world.card.seen.is_empty());
}

/// [A 8.1.1.10]
#[test]
fn the_slot_is_taken_where_taps_are_not() {
    // Somebody puts a card into the slot at once; the amount is too much; there are no taps.
    let inserted = |world: &mut World| {
        world.tap.borrow_mut().polls = vec![Ok(Polled::Nothing), Err(PollEnded::CardInserted)];
    };
    let too_much = order(TransactionType::Purchase, 100_000);
    for (setup, order, prepare) in [
        (BOTH, purchase(), inserted as fn(&mut World)),
        (BOTH, too_much, |_| ()),
        (SETUP, purchase(), |_| ()),
    ] {
        let mut world = world(By::Either, &[APPROVED]);
        prepare(&mut world);
        let record = go(&mut world, &setup, &order).unwrap();
        assert_eq!((ended(&record).1, record.sequence), (Authority::Online, 1));
        assert!(!world.card.seen.is_empty() && !seen(&world).contains("A8"));
    }
    // Begun, and not decided when the card goes into the slot: each has its final record.
    let again = OutcomeParameters::new(OutcomeType::TryAgain).starting(Start::B);
    let mut world = world(By::Either, &[again]);
    world.tap.borrow_mut().polls = vec![Ok(Polled::Card), Err(PollEnded::CardInserted)];
    let record = go(&mut world, &BOTH, &purchase()).unwrap();
    assert_eq!((ended(&record), record.sequence), ((Conclusion::Approved, Authority::Online), 2));
    assert_eq!(world.books.log.len(), 1, "asked once");
    // A refusal of the tap is final.
    let mut world = self::world(By::Either, &[DECLINED]);
    assert_eq!(go(&mut world, &BOTH, &purchase()).unwrap().conclusion, Conclusion::Declined);
    assert!(world.card.seen.is_empty());
}
