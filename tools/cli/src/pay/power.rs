//! Power fails at every call of a device, in every case of `docs/cases.md`: one final outcome for
//! each transaction, books of the issuer that agree with it, nothing lost and nothing twice.
//! [B4 12.2.1, 12.2.3]
//!
//! `cargo test` takes a part of the cuts, another one of each case; with `CHIPWRIGHT_SWEEP=whole`,
//! as `cargo xtask long` has it, all of them.

use super::offered::Offered;
use super::transact::{Behind, line, transact_before};
use super::{CARD, source};
use crate::adversary::Adversary;
use crate::arguments::{Kind, Pay};
use crate::day::Day;
use crate::devices::Line;
use crate::everyone::Everyone;
use crate::journal::{Contents, contents};
use crate::records::InMemory;
use chipwright::outcome::Conclusion;
use chipwright_card::{Card, Profile};
use chipwright_harness::describe::Context;
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_host::{Host, Mode};
use chipwright_terminal::FinalRecord;
use chipwright_terminal::blocking::Storage;
use chipwright_terminal::device::StorageFailed;
use chipwright_terminal::journal::Due;
use core::cell::RefCell;
use core::ops::Range;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicUsize, Ordering};
use serde_json::Value;
use std::collections::BTreeMap;
use std::panic::{catch_unwind, resume_unwind};
use std::rc::Rc;
use std::thread;

/// The cases, and where their files lie.
const CASES: &str = include_str!("../../../../docs/cases.md");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");

/// Every which cut `cargo test` takes.
const SAMPLE: usize = 9;

/// Power has failed.
struct Failed;

/// A journal that is there when the terminal starts again.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<InMemory>>);

impl Storage for Kept {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        self.0.borrow_mut().places()
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        self.0.borrow_mut().append(record)
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        self.0.borrow_mut().read(place, out)
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.0.borrow_mut().erase(place)
    }
}

/// A case of the document.
struct Case {
    name: String,
    pay: Pay,
    terminal: TerminalFile,
    setup: Setup,
    profile: Profile,
    /// As it was made: making one takes longer than a transaction.
    card: Card,
}

/// How often each message went out without being marked as a repetition, by kind and number.
type Sent = BTreeMap<(String, u64), usize>;

/// What is left when power has come back and everything is delivered.
struct Settled {
    contents: Contents,
    host: Host,
    /// The cardholder was told of an approval.
    told: bool,
    sent: Sent,
}

/// The options of every row whose command is `pay`, with its name.
fn rows() -> impl Iterator<Item = (&'static str, String)> {
    let rows = CASES.lines().filter_map(|line| line.strip_prefix("| "));
    rows.filter_map(|row| {
        let (name, rest) = row.split_once(" | `pay")?;
        let (options, _) = rest.split_once('`')?;
        let options = options.replace("test-vectors/", &format!("{ROOT}test-vectors/"));
        // A word that has both quotes in it stands between apostrophes already.
        let quoted = options.contains('\'');
        Some((name, if quoted { options } else { options.replace('"', "'") }))
    })
}

impl Case {
    fn new(name: &str, options: &str) -> Self {
        let pay = Pay::of(options).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let terminal = source::terminal(&pay.terminal).unwrap();
        let terminal = pay.by_profile(source::with_options(terminal, &pay.option).unwrap());
        let terminal = terminal.unwrap();
        let setup = pay.setup(&terminal).unwrap();
        let profile = source::card(&pay.card).unwrap();
        let card = Card::new(&profile, setup.seed ^ CARD).unwrap();
        Self { name: name.to_owned(), pay, terminal, setup, profile, card }
    }

    /// Runs the transaction, with power that fails at this call, and again at that one while the
    /// terminal recovers; `None` when it never comes to that.
    fn settled(&self, first: Option<u32>, second: Option<u32>) -> Option<Settled> {
        let (kept, mut sent) = (Kept::default(), BTreeMap::new());
        let (mut host, told, failed) = self.attempt(&kept, first, &mut sent);
        if first.is_some() && !failed {
            return None;
        }
        for cut in [second, None].into_iter().skip(usize::from(second.is_none())) {
            let (left, failed) = self.restart(&kept, host, cut, &mut sent);
            if failed != cut.is_some() {
                return None;
            }
            host = left;
        }
        let everyone = Everyone::new(Context::of(self.setup.currency), None);
        let mut day = Day::start_with(Box::new(kept), None, &everyone).unwrap();
        assert_eq!(day.interrupted, None, "{}: closed before", self.name);
        let contents = contents(&mut day).unwrap();
        Some(Settled { contents, host, told, sent })
    }

    /// The transaction: the issuer's host, whether the cardholder was told of an approval, and
    /// whether power failed.
    fn attempt(&self, kept: &Kept, cut: Option<u32>, sent: &mut Sent) -> (Host, bool, bool) {
        let adversary = Adversary::default();
        let everyone = self.everyone(cut);
        let line = line(&self.pay, &adversary.line, &everyone).unwrap();
        let day = unless_failed(|| Day::start_with(Box::new(kept.clone()), None, &everyone));
        let Some(day) = day else { return (line.host, false, true) };
        let mut behind = Behind { line, day: day.unwrap(), everyone: &everyone };
        let ran = unless_failed(|| {
            let (profile, card) = (&self.profile, self.card.clone());
            let offered = Offered::simulated(&self.pay, profile, card, &adversary.between).unwrap();
            let (terminal, setup) = (&self.terminal, &self.setup);
            drop(transact_before(&mut behind, &self.pay, terminal, setup, offered, &adversary));
        });
        count(&everyone, sent);
        (behind.line.host, everyone.story.page.text().contains("APPROVED"), ran.is_none())
    }

    /// Whose power fails at this call: the terminal is unwound, and gone.
    fn everyone(&self, cut: Option<u32>) -> Everyone {
        let everyone = Everyone::new(Context::of(self.setup.currency), cut);
        everyone.ending(|_| resume_unwind(Box::new(Failed)))
    }

    /// Starts the terminal and delivers everything; says whether power failed on the way.
    fn restart(
        &self,
        kept: &Kept,
        mut host: Host,
        cut: Option<u32>,
        sent: &mut Sent,
    ) -> (Host, bool) {
        if host.mode == Mode::Unreachable {
            host.mode = Mode::Approve;
        }
        let (everyone, tampering) = (self.everyone(cut), Default::default());
        let mut line =
            Line { host, loses_answers: false, tampering: &tampering, everyone: &everyone };
        let done = unless_failed(|| {
            let mut day = Day::start_with(Box::new(kept.clone()), None, &everyone).unwrap();
            assert_eq!(day.deliver(&mut line, Due::Everything).unwrap().left, 0);
        });
        count(&everyone, sent);
        (line.host, done.is_none())
    }

    /// What has to hold, whatever was cut.
    fn check(&self, cut: (u32, Option<u32>), settled: &Settled) {
        let Settled { contents: Contents { records, owed, .. }, host, told, sent } = settled;
        let place = format!("{}, cut at {cut:?}: {records:?} {:?}", self.name, host.book());
        assert!(owed.is_empty(), "{place}");
        for (record, sequence) in records.iter().zip(1..) {
            assert_eq!(record.sequence, sequence, "one for each transaction: {place}");
        }
        let completed = records.iter().filter(|record| is_completed(record)).count();
        assert!(completed <= 1 && (!told || completed == 1), "{place}");
        assert!(sent.values().all(|times| *times == 1), "{place}: {sent:?}");
        // Nothing moves in an inquiry, so there is nothing to take back.
        if self.pay.kind != Kind::Inquiry {
            let stands = host.book().iter().filter(|transaction| transaction.stands()).count();
            assert_eq!(stands, completed, "{place}");
        }
        assert!(host.book().is_empty() || !records.is_empty(), "{place}");
    }
}

/// Whether the cardholder owes, or gets, the amount.
fn is_completed(record: &FinalRecord) -> bool {
    let refund = record.kind == chipwright::config::TransactionType::Refund;
    record.conclusion == Conclusion::Approved || refund && record.conclusion == Conclusion::CardRead
}

fn unless_failed<T>(something: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(something)) {
        Ok(done) => Some(done),
        Err(cause) if cause.is::<Failed>() => None,
        Err(cause) => resume_unwind(cause),
    }
}

/// Counts the messages that went out for the first time.
fn count(everyone: &Everyone, sent: &mut Sent) {
    for entry in everyone.log.entries() {
        if entry["event"] == "deliver" && entry["repeat"] == Value::Bool(false) {
            let kind = entry["kind"].as_str().unwrap_or_default().to_owned();
            *sent.entry((kind, entry["sequence"].as_u64().unwrap())).or_default() += 1;
        }
    }
}

/// Cuts, and pairs of cuts, of all cases.
#[derive(Default)]
struct Counts {
    cases: AtomicUsize,
    cuts: AtomicUsize,
    pairs: AtomicUsize,
}

impl Counts {
    /// Every cut of a case that is not left out, and one while the terminal recovers from it.
    fn take(&self, number: usize, case: &Case, step: usize) {
        let whole = case.settled(None, None).unwrap();
        case.check((0, None), &whole);
        self.cases.fetch_add(1, Ordering::Relaxed);
        for cut in (1 + (number % step) as u32..).step_by(step) {
            let Some(settled) = case.settled(Some(cut), None) else { break };
            case.check((cut, None), &settled);
            self.cuts.fetch_add(1, Ordering::Relaxed);
            let second = 1 + (7 * cut + 3 * number as u32) % 9;
            if let Some(settled) = case.settled(Some(cut), Some(second)) {
                case.check((cut, Some(second)), &settled);
                self.pairs.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

#[test]
fn power_may_fail_in_every_case() {
    let whole = std::env::var("CHIPWRIGHT_SWEEP").is_ok_and(|part| part == "whole");
    let (rows, step): (Vec<_>, _) = (rows().collect(), if whole { 1 } else { SAMPLE });
    let (next, counts) = (AtomicUsize::new(0), Counts::default());
    let take = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((name, options)) = rows.get(number) else { break };
            counts.take(number, &Case::new(name, options), step);
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(take))));
    let Counts { cases, cuts, pairs } = counts;
    let (cases, cuts, pairs) = (cases.into_inner(), cuts.into_inner(), pairs.into_inner());
    println!("{cases} cases, {cuts} cuts, {pairs} pairs of cuts");
    assert!(cases >= 180 && cuts > 5 * cases && pairs > 3 * cases);
}
