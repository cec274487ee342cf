//! Transactions from the card in the slot to the final record.

use crate::card::{PAN, TRACK_2, TRACK_SECRET};
use crate::field::{Antenna, Planned};
use crate::world::*;
use chipwright::candidates::Candidates;
use chipwright::config::TransactionType;
use chipwright::database::Database;
use chipwright::dictionary::emv;
use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::session::{PinResult, Proceed, Stop};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Pan};
use chipwright_terminal::device::{Absent, Hooks, NoHooks, Online};
use chipwright_terminal::host::{MessageKind, MessageLists, ReversalReason};
use chipwright_terminal::{
    Contactless, Devices, Duties, Failure, FinalCause, FinalRecord, Journal, Memory, Order,
    Refusal, Setup, Workspace, run, tap, tap_or_insert,
};
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// Runs a future to its end, or to where power fails.
pub(crate) fn poll<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Starts the terminal.
pub(crate) fn start(world: &mut World) -> Option<chipwright_terminal::Recovery> {
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let recovery = poll(Journal::recover(&mut flash, 1, workspace.lend().record))?;
    recovery.ok()
}

/// Runs one transaction; `None` when power failed.
pub(crate) fn transact(
    world: &mut World,
    setup: &Setup<'_>,
    order: &Order,
    hooks: &mut impl Hooks,
    journal: &mut Journal,
) -> Option<Result<FinalRecord, Failure>> {
    let mut workspace = Workspace::new();
    transact_in(world, setup, order, hooks, journal, workspace.lend())
}

/// As [`transact`], in this memory.
pub(crate) fn transact_in(
    world: &mut World,
    setup: &Setup<'_>,
    order: &Order,
    hooks: &mut impl Hooks,
    journal: &mut Journal,
    memory: Memory<'_>,
) -> Option<Result<FinalRecord, Failure>> {
    let power = &world.power;
    let devices = Devices {
        reader: &mut Slot { power: power.clone(), card: &mut world.card, inserted: world.inserted },
        pad: &mut Pad { power: power.clone(), result: world.pin, asked: Vec::new() },
        cardholder: &mut Customer { power: power.clone(), chosen: world.chosen },
        host: &mut Acquirer {
            power: power.clone(),
            books: &mut world.books,
            line: world.line,
            answer: &world.answer,
        },
        storage: &mut Flash { power: power.clone(), records: &mut world.records },
        hooks,
        display: &mut Screen { shown: world.shown.clone(), lights: world.lights.clone() },
        clock: &Noon,
        cancel: &Key { power: power.clone(), stop: world.stop },
    };
    let kernels = &Planned(&world.tap);
    let antenna = &mut Antenna { power: power.clone(), tap: &world.tap };
    let contactless = Contactless { kernels, reader: antenna };
    match world.by {
        By::Slot => poll(run(setup, order, devices, journal, memory)),
        By::Field => poll(tap(setup, order, contactless, devices, journal, memory)),
        By::Either => poll(tap_or_insert(setup, order, contactless, devices, journal, memory)),
    }
}

/// Starts the terminal and runs one transaction on it.
pub(crate) fn go(
    world: &mut World,
    setup: &Setup<'_>,
    order: &Order,
) -> Result<FinalRecord, Failure> {
    let mut journal = start(world).unwrap().journal;
    transact(world, setup, order, &mut NoHooks, &mut journal).unwrap()
}

/// As [`go`], with hooks.
fn go_with(world: &mut World, order: &Order, hooks: &mut impl Hooks) -> FinalRecord {
    let mut journal = start(world).unwrap().journal;
    transact(world, &SETUP, order, hooks, &mut journal).unwrap().unwrap()
}

pub(crate) const PLAINTEXT_PIN: &str = "00000000000000000100";
const SIGNATURE: &str = "00000000000000001E00";

/// A card whose only way to verify the cardholder is this.
pub(crate) fn world_with_rules(rules: &'static str) -> World {
    let mut world = World::new();
    world.card.profile = "1000";
    world.card.rules = rules;
    world
}

#[test]
fn messages_come_in_order() {
    // covers B4 11.2
    let mut world = World::new();
    go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!(world.shown(), [0x0B, 0x0E, 0x1B, 0x03, 0x10]);
    let mut world = world_with_rules(SIGNATURE);
    let record = go(&mut world, &SETUP, &purchase()).unwrap();
    assert!(record.signature);
    assert_eq!(world.shown(), [0x0B, 0x0E, 0x1B, 0x1A, 0x10]);
    let mut world = World::new();
    world.line = Line::Declines;
    go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!(world.shown(), [0x0B, 0x0E, 0x1B, 0x07, 0x10]);
    let mut world = World::new();
    world.card.applications = 0;
    go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!(world.shown(), [0x0B, 0x0E, 0x0C, 0x10]);
}

#[test]
fn a_wrong_pin_is_told_and_the_last_try_as_well() {
    // covers B4 6.3.4.1
    let mut world = world_with_rules(PLAINTEXT_PIN);
    world.card.verify = vec![[0x63, 0xC2], [0x63, 0xC1], [0x90, 0x00]];
    let record = go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!(record.conclusion, Conclusion::Approved);
    let enter_and_wait = [0x09, 0x0E];
    let (wrong, right) = ([0x0A], [0x09, 0x0D, 0x0E]);
    let entries = [&enter_and_wait[..], &wrong, &enter_and_wait, &wrong, &right].concat();
    let expected = [&[0x0B, 0x0E][..], &entries, &[0x1B, 0x03, 0x10]].concat();
    assert_eq!(world.shown(), expected);
    let shown = world.shown.borrow();
    let tries: Vec<_> = shown.iter().filter_map(|show| show.tries_left).collect();
    assert_eq!(tries, [2, 2, 1, 1]);
    let price = shown[2].price.unwrap();
    assert_eq!((price.amount.minor_units(), price.exponent), (1234, 2));
    assert!(shown[3..].iter().all(|show| show.language == *b"fr"), "the card's language");
}

#[test]
fn a_blocked_pin_is_told() {
    for status in [[0x63, 0xC0], [0x69, 0x83], [0x69, 0x84]] {
        let mut world = world_with_rules(PLAINTEXT_PIN);
        world.card.verify = vec![status];
        go(&mut world, &SETUP, &purchase()).unwrap();
        assert_eq!(world.shown()[2..5], [0x09, 0x0A, 0x0E], "{status:02X?}");
    }
}

#[test]
fn every_pin_report_of_the_pad_is_taken() {
    for (pin, third) in [(PinResult::Bypassed, 0x0E), (PinResult::Broken, 0x0E)] {
        let mut world = world_with_rules(PLAINTEXT_PIN);
        world.pin = pin;
        go(&mut world, &SETUP, &purchase()).unwrap();
        assert_eq!(world.shown()[2..4], [0x09, third], "{pin:?}");
    }
    let mut world = world_with_rules(PLAINTEXT_PIN);
    world.pin = PinResult::Cancelled;
    let record = go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!((record.conclusion, record.cause), (Conclusion::Terminated, FinalCause(0x2101)));
}

#[test]
fn nothing_is_begun_without_a_card_or_an_order_that_makes_sense() {
    let mut world = World::new();
    for absent in [Absent::Mute, Absent::Stopped(Stop::Timeout)] {
        world.inserted = Err(absent);
        assert_eq!(go(&mut world, &SETUP, &purchase()), Err(Failure::NoCard(absent)));
    }
    let nothing = order(TransactionType::Purchase, 0);
    assert_eq!(go(&mut world, &SETUP, &nothing), Err(Failure::Refused(Refusal::Amount)));
    assert!(world.records.is_empty());
    assert_eq!(start(&mut world).unwrap().journal.next_sequence(), 1);
}

#[test]
fn cancelled_at_any_time_it_is_undone() {
    // covers B4 12.2.1
    let mut world = World::new();
    world.stop = Some(Stop::Cancelled);
    let record = go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!((record.conclusion, record.cause), (Conclusion::Terminated, FinalCause(0x2101)));
    assert_eq!(world.shown(), [0x0B, 0x0E, 0x10], "whoever stopped it knows");
    assert!(world.card.seen.is_empty());

    let mut after_the_cryptogram = 0;
    for call in 0..40 {
        let mut world = World::new();
        world.answer = hex::decode("8A023030720686 0484180000".replace(' ', "")).unwrap();
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((call, Cut::Fails)));
        let result = transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal);
        let Some(Ok(record)) = result else { continue };
        if record.cause == FinalCause(0x2101) {
            after_the_cryptogram += u32::from(world.card.seen.contains(&[0xAE, 0x80]));
            let undone = world.books.held.values().all(|undone| *undone);
            assert!(undone && record.conclusion == Conclusion::Terminated);
            assert_eq!(record.duties.reversal, !world.books.held.is_empty());
        }
    }
    assert_eq!(after_the_cryptogram, 2, "before the message goes out, and after the answer");
}

#[test]
fn a_card_that_is_taken_out_is_not_approved() {
    for call in 0..40 {
        let mut world = World::new();
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((call, Cut::Fails)));
        let result = transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal);
        if let Some(Ok(record)) = result
            && record.cause == FinalCause(0x2004)
        {
            assert_eq!(record.conclusion, Conclusion::Terminated);
            assert!(world.shown().ends_with(&[0x06, 0x10]));
            assert!(world.books.held.values().all(|undone| *undone));
        }
    }
}

#[test]
fn an_answer_longer_than_any_is_a_broken_link() {
    for length in [262, 300, 513, 600] {
        let mut world = World::new();
        world.card.oversized = Some(length);
        let record = go(&mut world, &SETUP, &purchase()).unwrap();
        let ended = (record.conclusion, record.cause);
        assert_eq!(ended, (Conclusion::Terminated, FinalCause(0x2003)), "{length}");
    }
}

#[test]
fn an_inquiry_is_a_question_to_the_issuer() {
    // covers B4 6.5.3
    let forced = |order: &Order| {
        let record = go(&mut World::new(), &SETUP, order).unwrap();
        record.details.results.unwrap().contains(Tvr::MERCHANT_FORCED_ONLINE)
    };
    assert!(forced(&order(TransactionType::Inquiry, 0)));
    assert!(!forced(&purchase()));
    assert!(forced(&Order { force_online: true, ..purchase() }));
}

#[test]
fn a_lost_answer_is_reversed_at_once() {
    // covers B4 12.2.1
    for line in [Line::LosesAnswer, Line::LosesRequest, Line::Garbles] {
        let mut world = World::new();
        world.line = line;
        let record = go(&mut world, &SETUP, &purchase()).unwrap();
        assert!(record.duties.reversal && record.duties.batch, "{line:?}");
        assert_eq!(record.details.response_code, Some(*b"Y3"));
        let reversal = world.books.log.last().unwrap();
        assert_eq!((reversal.kind, reversal.repeat), (MessageKind::Reversal, false));
        assert_eq!(reversal.reason, Some(ReversalReason::NoAnswer));
    }
}

/// Does what it is told at each hook.
#[derive(Default)]
struct Told {
    candidates: Option<Proceed>,
    gives_up: bool,
    records: Option<Proceed>,
    amounts: Option<(u64, u64)>,
    online: Option<Online>,
    /// What it was told at the end.
    ended: Option<(FinalRecord, Conclusion, Vec<u8>)>,
}

impl Hooks for Told {
    async fn ended(&mut self, record: &FinalRecord, outcome: &Outcome, data: &Database<'_>) {
        let label = data.bytes(emv::APPLICATION_LABEL.tag).unwrap_or_default().to_vec();
        assert!(self.ended.replace((*record, outcome.conclusion, label)).is_none(), "twice");
    }

    async fn candidates(&mut self, data: &mut Database<'_>) -> Proceed {
        assert_eq!(Candidates::new(data).count(), 1);
        if self.gives_up {
            Candidates::give_up(data, 0).unwrap();
        }
        self.candidates.unwrap_or(Proceed::Continue)
    }

    async fn records(&mut self, data: &mut Database<'_>) -> Proceed {
        assert!(Pan::new(data.bytes(emv::PAN.tag).unwrap()).unwrap().starts_with(&[0x47, 0x61]));
        if let Some((whole, other)) = self.amounts {
            data.put_amounts(Amount::new(whole).unwrap(), Amount::new(other).unwrap()).unwrap();
        }
        self.records.unwrap_or(Proceed::Continue)
    }

    async fn before_online(&mut self, data: &mut Database<'_>) -> Online {
        assert!(data.bytes(emv::APPLICATION_CRYPTOGRAM.tag).is_some());
        self.online.unwrap_or(Online::Ask)
    }
}

/// [B4 11.3]
#[test]
fn a_hook_takes_candidates_away() {
    let mut world = World::new();
    let record = go_with(&mut world, &purchase(), &mut Told { gives_up: true, ..Told::default() });
    assert_eq!(record.cause, FinalCause(0x2202));
    let mut hooks = Told { candidates: Some(Proceed::CardRead), ..Told::default() };
    assert_eq!(go_with(&mut world, &purchase(), &mut hooks).conclusion, Conclusion::CardRead);
    let mut hooks = Told { candidates: Some(Proceed::Decline), ..Told::default() };
    let record = go_with(&mut world, &purchase(), &mut hooks);
    assert_eq!((record.conclusion, record.authority), (Conclusion::Declined, Authority::Offline));
    assert!(world.books.log.is_empty());
}

#[test]
fn a_hook_changes_the_amount_within_the_limits() {
    // covers B4 6.5.1
    let mut world = World::new();
    let mut hooks = Told { amounts: Some((1300, 0)), ..Told::default() };
    let record = go_with(&mut world, &purchase(), &mut hooks);
    assert_eq!(record.details.amount, Amount::new(1300));
    assert!(world.books.log[0].field_55.contains("9F0206000000001300"));
    for amounts in [(0, 0), (1300, 5)] {
        let mut hooks = Told { amounts: Some(amounts), ..Told::default() };
        let record = go_with(&mut world, &purchase(), &mut hooks);
        assert_eq!(record.conclusion, Conclusion::Declined, "{amounts:?}");
    }
    let late = Order { amount: None, ..purchase() };
    assert_eq!(go_with(&mut world, &late, &mut NoHooks).conclusion, Conclusion::Declined);
    let mut hooks = Told { amounts: Some((77, 0)), ..Told::default() };
    let record = go_with(&mut world, &late, &mut hooks);
    assert_eq!((record.conclusion, record.details.amount), (Conclusion::Approved, Amount::new(77)));
}

#[test]
fn a_hook_stops_early() {
    let mut world = World::new();
    let mut hooks = Told { records: Some(Proceed::CardRead), ..Told::default() };
    let record = go_with(&mut world, &purchase(), &mut hooks);
    assert_eq!((record.conclusion, record.duties), (Conclusion::CardRead, Duties::default()));
    assert!(world.shown().ends_with(&[0x17, 0x10]));
    let mut hooks = Told { records: Some(Proceed::Decline), ..Told::default() };
    assert_eq!(go_with(&mut world, &purchase(), &mut hooks).conclusion, Conclusion::Declined);
    assert!(world.card.seen.ends_with(&[[0xAE, 0x00]]), "asked for an AAC");
    assert!(world.books.log.is_empty());
}

#[test]
fn a_hook_keeps_it_off_the_line() {
    let mut world = World::new();
    let mut hooks = Told { online: Some(Online::Unreachable), ..Told::default() };
    let record = go_with(&mut world, &purchase(), &mut hooks);
    assert_eq!(record.authority, Authority::UnableToGoOnline);
    assert_eq!(record.details.response_code, Some(*b"Y3"));
    assert!(!record.duties.reversal);
    let mut hooks = Told { online: Some(Online::Stop(Stop::Timeout)), ..Told::default() };
    let record = go_with(&mut world, &purchase(), &mut hooks);
    assert_eq!((record.cause, record.duties), (FinalCause(0x2102), Duties::default()));
    assert!(world.books.log.is_empty());
}

#[test]
fn a_hook_prints_the_receipt_when_all_is_written_down() {
    let mut hooks = Told::default();
    let record = go_with(&mut World::new(), &order(TransactionType::Refund, 500), &mut hooks);
    let (told, outcome, label) = hooks.ended.unwrap();
    assert_eq!((told, record.conclusion), (record, Conclusion::CardRead));
    assert_eq!((outcome, label.as_slice()), (Conclusion::Declined, &b"VISA"[..]));
    // A journal that fails has no record to print.
    let mut world = World::new();
    let mut journal = start(&mut world).unwrap().journal;
    world.power.cut(Some((2, Cut::Fails)));
    let mut hooks = Told::default();
    let result = transact(&mut world, &SETUP, &purchase(), &mut hooks, &mut journal);
    assert!(matches!(result, Some(Err(Failure::Journal(_)))) && hooks.ended.is_none());
}

#[test]
fn a_refund_asks_nobody() {
    let mut world = World::new();
    let record = go(&mut world, &SETUP, &order(TransactionType::Refund, 500)).unwrap();
    assert_eq!(record.conclusion, Conclusion::CardRead);
    assert!(record.duties.batch && world.books.log.is_empty());
    assert!(world.card.seen.ends_with(&[[0xAE, 0x00]]));
}

#[test]
fn track_data_reaches_the_host_and_no_journal() {
    // covers B4 12.1
    let list = &[Tag(0x57), Tag(0x9F02), Tag(0x5A)];
    let lists = MessageLists { authorisation: list, advice: list, reversal: list, batch: list };
    let setup = Setup { lists, ..SETUP };
    let mut world = World::new();
    world.card.second = Some(0x00);
    let record = go(&mut world, &setup, &purchase()).unwrap();
    assert!(record.duties.reversal);
    let [asked, reversed] = &world.books.log[..] else { panic!("{:?}", world.books.log) };
    let track = format!("5711{TRACK_2}");
    let account = format!("5A08{PAN}");
    assert_eq!(asked.field_55, format!("{track}9F0206000000001234{account}"));
    assert_eq!(reversed.field_55, format!("9F0206000000001234{account}"));
    assert_eq!(reversed.reason, Some(ReversalReason::NotCompleted));
    assert_eq!(reversed.pan.as_deref(), Some(PAN));
    assert!(!world.keeps(&TRACK_SECRET) && !world.keeps(&hex::decode(PAN).unwrap()));
}
