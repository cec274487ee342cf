//! Power fails at every call of a device, and again while the terminal recovers: every
//! transaction has one outcome, and the acquirer's books agree with it.

use crate::card::{PAN, TRACK_SECRET};
use crate::field::{BOTH, FIELD};
use crate::taps::{self, APPROVED, DECLINED, ELSEWHERE, HOLD, ONLINE, TWICE};
use crate::transactions::{poll, start, transact};
use crate::world::*;
use chipwright::config::TransactionType;
use chipwright::contactless::{OutcomeParameters, OutcomeType};
use chipwright::outcome::{Authority, Conclusion};
use chipwright::session::{Polled, Stop};
use chipwright::tag::Tag;
use chipwright_terminal::device::{NoHooks, PollEnded};
use chipwright_terminal::host::{MessageKind, MessageLists, ReversalReason};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{
    Capture, Failure, FinalRecord, Journal, JournalFailure, Order, Setup, Workspace,
};
use proptest::prelude::*;

/// One course that a transaction may take.
struct Course {
    name: &'static str,
    setup: Setup<'static>,
    order: Order,
    prepare: fn(&mut World),
    /// How the terminal asks for a card, what the line does, and what the kernel of taps comes to.
    tap: Option<(By, Line, &'static [OutcomeParameters])>,
    /// What it comes to when nothing fails.
    conclusion: Conclusion,
    authority: Authority,
    /// Transactions that it takes.
    transactions: usize,
}

fn courses() -> Vec<Course> {
    let mut courses = insertions();
    courses.extend(taps());
    courses
}

/// With the card in the slot.
fn insertions() -> Vec<Course> {
    use Authority::{Offline, Online, UnableToGoOnline};
    use Conclusion::{Approved, CardRead, Declined};
    let online = Setup { capture: Capture::Online, ..SETUP };
    let offline = Setup { services: &OFFLINE_SERVICES, ..SETUP };
    let base = |name, conclusion, authority, prepare| Course {
        name,
        setup: SETUP,
        order: purchase(),
        prepare,
        tap: None,
        conclusion,
        authority,
        transactions: 1,
    };
    let without_limits = |world: &mut World| world.card.action_codes[0] = Some("0000000000");
    vec![
        base("approved online", Approved, Online, |_| ()),
        Course { setup: online, ..base("captured online", Approved, Online, |_| ()) },
        base("declined", Declined, Online, |world| world.line = Line::Declines),
        base("no line", Approved, UnableToGoOnline, |world| world.line = Line::Down),
        base("answer lost", Approved, UnableToGoOnline, |world| world.line = Line::LosesAnswer),
        Course {
            setup: online,
            ..base("answer lost, captured online", Approved, UnableToGoOnline, |world| {
                world.line = Line::LosesAnswer;
            })
        },
        base("answer lost, declined alone", Declined, UnableToGoOnline, |world| {
            world.line = Line::LosesAnswer;
            world.card.action_codes[1] = None;
        }),
        base("request lost", Approved, UnableToGoOnline, |world| world.line = Line::LosesRequest),
        base("answer garbled", Approved, UnableToGoOnline, |world| world.line = Line::Garbles),
        base("card refuses", Declined, Online, |world| world.card.second = Some(0x08)),
        base("scripts after", Approved, Online, |world| {
            world.answer = hex::decode("8A023030720C860484180000860484160000").unwrap();
        }),
        base("scripts before, issuer authentication", Approved, Online, |world| {
            world.card.profile = "0400";
            world.answer = hex::decode(
                "8A02303091080102030405060708710686048424000089063132333435 36".replace(' ', ""),
            )
            .unwrap();
        }),
        Course { setup: offline, ..base("approved offline", Approved, Offline, without_limits) },
        Course {
            setup: Setup { capture: Capture::Online, ..offline },
            ..base("approved offline, captured online", Approved, Offline, without_limits)
        },
        base("refused with advice", Declined, Offline, |world| world.card.first = Some(0x08)),
        base("PIN", Approved, Online, |world| {
            world.card.profile = "1000";
            world.card.rules = "00000000000000000100";
        }),
        base("signature", Approved, Online, |world| {
            world.card.profile = "1000";
            world.card.rules = "00000000000000001E00";
            world.answer = hex::decode("8A0230307206860484180000").unwrap();
        }),
        base("choice", Approved, Online, |world| world.card.confirmation = true),
        Course {
            order: order(TransactionType::Refund, 500),
            ..base("refund", CardRead, Offline, |_| ())
        },
        Course {
            order: order(TransactionType::Inquiry, 0),
            ..base("inquiry", Approved, Online, |_| ())
        },
        Course {
            order: order(TransactionType::Inquiry, 0),
            ..base("inquiry, answer lost", Approved, UnableToGoOnline, |world| {
                world.line = Line::LosesAnswer;
            })
        },
    ]
}

/// With the card in the field: what the line does, and what the kernel comes to.
fn taps() -> Vec<Course> {
    use Authority::{Offline, Online, UnableToGoOnline};
    use Conclusion::{Approved, CardRead, Declined};
    let field = |name, line, outcomes, conclusion, authority| Course {
        name,
        setup: FIELD,
        order: purchase(),
        prepare: |_| (),
        tap: Some((By::Field, line, outcomes)),
        conclusion,
        authority,
        transactions: 1,
    };
    let captured = |course| Course { setup: Setup { capture: Capture::Online, ..FIELD }, ..course };
    let either = |course| Course {
        setup: BOTH,
        tap: Some((By::Either, Line::Approves, &[ELSEWHERE])),
        ..course
    };
    use Line::{Approves, Declines, Down, Garbles, Hesitates, LosesAnswer, LosesRequest};
    vec![
        field("tap", Approves, &[ONLINE], Approved, Online),
        captured(field("tap, captured online", Approves, &[ONLINE], Approved, Online)),
        field("tap, declined", Declines, &[ONLINE], Declined, Online),
        field("tap, no line", Down, &[ONLINE], Declined, UnableToGoOnline),
        field("tap, answer lost", LosesAnswer, &[ONLINE], Declined, UnableToGoOnline),
        field("tap, request lost", LosesRequest, &[ONLINE], Declined, UnableToGoOnline),
        field("tap, answer garbled", Garbles, &[TWICE, APPROVED], Declined, UnableToGoOnline),
        field("tap, offline", Approves, &[APPROVED], Approved, Offline),
        captured(field("tap, offline, captured", Approves, &[APPROVED], Approved, Offline)),
        field("tap, refused", Approves, &[DECLINED], Declined, Offline),
        field("two taps", Approves, &[TWICE, APPROVED], Approved, Online),
        field("two taps, refused", Approves, &[TWICE, DECLINED], Declined, Online),
        field("two taps, lost", LosesAnswer, &[TWICE, APPROVED], Declined, UnableToGoOnline),
        field("tap that stays", Hesitates, &[HOLD, APPROVED], Approved, Online),
        Course {
            setup: BOTH,
            order: order(TransactionType::Refund, 500),
            ..field("refund by tap", Approves, &[ONLINE], CardRead, Offline)
        },
        Course {
            transactions: 2,
            ..either(field("tap, then slot", Approves, &[ELSEWHERE], Approved, Online))
        },
        Course {
            prepare: |world| {
                world.tap.borrow_mut().polls = vec![Err(PollEnded::CardInserted)];
            },
            ..either(field("slot at once", Approves, &[ELSEWHERE], Approved, Online))
        },
    ]
}

impl Course {
    fn world(&self) -> World {
        let mut world = match self.tap {
            Some((by, line, outcomes)) => World { line, ..taps::world(by, outcomes) },
            None => World::new(),
        };
        (self.prepare)(&mut world);
        world
    }

    /// Calls of devices when nothing fails.
    fn calls(&self) -> u32 {
        let mut world = self.world();
        self.run(&mut world, None).unwrap().unwrap();
        world.power.calls()
    }

    /// Power fails at one call, and again at one while the terminal recovers; `false` when it
    /// never comes to that.
    fn fails_twice(&self, first: (u32, Cut), second: (u32, Cut)) -> bool {
        let mut world = self.world();
        if self.run(&mut world, Some(first)).is_some() {
            return false; // a device failed that has no part of power
        }
        let done = restart(&mut world, &self.setup, Some(second));
        if world.power.calls() <= second.0 {
            return false; // beyond the last call
        }
        let name = self.name;
        assert!(done.is_none() || second.1 == Cut::Fails, "{name} {first:?} {second:?}");
        settle(&mut world, &self.setup);
        assert!(check(&mut world, self.setup.capture).len() <= self.transactions);
        true
    }

    /// Runs the transaction on a terminal that just started, with a cut at this call.
    fn run(
        &self,
        world: &mut World,
        cut: Option<(u32, Cut)>,
    ) -> Option<Result<FinalRecord, Failure>> {
        world.power.cut(None);
        let mut journal = start(world).unwrap().journal;
        world.power.cut(cut);
        let result = transact(world, &self.setup, &self.order, &mut NoHooks, &mut journal);
        assert!(!world.keeps(&TRACK_SECRET), "{}: track data in the journal", self.name);
        result
    }
}

/// Starts the terminal and delivers everything, with a cut at this call; `None` when power
/// failed, an error when a device did.
fn restart(
    world: &mut World,
    setup: &Setup<'_>,
    cut: Option<(u32, Cut)>,
) -> Option<Result<u32, JournalFailure>> {
    world.power.cut(cut);
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let mut host = Acquirer {
        power: world.power.clone(),
        books: &mut world.books,
        line: world.line,
        answer: &[],
    };
    poll(async {
        let recovery = Journal::recover(&mut flash, 1, workspace.lend().record).await?;
        let mut journal = recovery.journal;
        let memory = workspace.lend_to_journal();
        let due = Due::Everything;
        let delivery = journal.deliver(&mut flash, &mut host, due, &setup.lists, memory).await?;
        Ok(delivery.left)
    })
}

/// Restarts until nothing is owed any more.
fn settle(world: &mut World, setup: &Setup<'_>) {
    if world.line == Line::Down {
        world.line = Line::Approves;
    }
    world.power.cut(None);
    start(world).unwrap();
    let mut owed: Vec<_> = stages(world).filter(|(stage, ..)| *stage == OWED).collect();
    let all = owed.len();
    owed.sort_unstable();
    owed.dedup();
    assert_eq!(owed.len(), all, "a message is owed twice");
    assert_eq!(restart(world, setup, None), Some(Ok(0)));
}

/// Stages of the journal's records, as they are coded.
const ANSWERED: u8 = 3;
const DECIDED: u8 = 4;
const OWED: u8 = 5;

/// Stage, sequence counter and first note of every record that is there and whole; those of a
/// torn one may look whole as well.
fn stages(world: &World) -> impl Iterator<Item = (u8, [u8; 4], u8)> {
    let whole = world.records.iter().filter(|record| !record.is_empty());
    whole.map(|record| (record[1], record[2..6].try_into().unwrap(), record[6]))
}

/// Every final record.
fn finals(world: &mut World) -> Vec<FinalRecord> {
    world.power.cut(None);
    let mut workspace = Workspace::new();
    let end = world.records.len() as u32;
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let read = |place| poll(Journal::read(&mut flash, place, workspace.lend().record));
    (0..end).map(read).filter_map(|read| read.unwrap().unwrap()).collect()
}

/// One outcome for each transaction, and books that agree with it.
fn check(world: &mut World, capture: Capture) -> Vec<FinalRecord> {
    let finals = finals(world);
    for (record, sequence) in finals.iter().zip(1..) {
        assert_eq!(record.sequence, sequence, "each has one, and none is left out");
        let moves_money = record.kind != TransactionType::Inquiry;
        let refunded =
            record.kind == TransactionType::Refund && record.conclusion == Conclusion::CardRead;
        let completed = record.conclusion == Conclusion::Approved || refunded;
        let charged = world.books.charged(sequence, capture);
        if moves_money {
            assert_eq!(charged, u32::from(completed), "{record:?} {:?}", world.books);
            let held = world.books.held.get(&sequence) == Some(&false);
            let online = record.authority == Authority::Online;
            assert!(!held || (completed && online), "{record:?} {:?}", world.books);
            if completed && online {
                assert!(held, "undone although it was completed: {record:?}");
            }
        }
    }
    let known = |sequence| finals.iter().any(|record| record.sequence == sequence);
    assert!(world.books.held.keys().all(|sequence| known(*sequence)), "the host alone knows of it");
    // What was delivered once is marked when it comes again.
    for ((kind, sequence), _) in world.books.delivered.clone() {
        let same =
            |log: &&Logged| log.kind as u8 == kind && log.sequence == sequence && !log.repeat;
        assert!(world.books.log.iter().filter(same).count() <= 1);
    }
    assert!(!world.keeps(&hex::decode(PAN).unwrap()), "an account number is left behind");
    assert!(!world.keeps(&TRACK_SECRET));
    finals
}

#[test]
fn a_reversal_after_a_cut_has_what_is_listed_for_it() {
    let others = &[Tag(0x9F02)];
    let reversal = &[Tag(0x9F10), Tag(0x9F36)];
    let lists = MessageLists { authorisation: others, advice: others, reversal, batch: others };
    let online = insertions().into_iter().filter(|course| course.authority == Authority::Online);
    let mut reversals = 0;
    for course in online.map(|course| Course { setup: Setup { lists, ..SETUP }, ..course }) {
        for cut in (0..course.calls()).flat_map(|call| CUTS.map(|cut| (call, cut))) {
            let mut world = course.world();
            let _ = course.run(&mut world, Some(cut));
            settle(&mut world, &course.setup);
            let sent = world.books.log.iter().filter(|log| log.kind == MessageKind::Reversal);
            for message in sent {
                let (name, field_55) = (course.name, &message.field_55);
                assert!(field_55.starts_with("9F1007"), "{name} {cut:?}: {field_55}");
                reversals += 1;
            }
        }
    }
    assert!(reversals > 100, "{reversals}");
}

#[test]
fn every_course_comes_to_what_it_should() {
    for course in courses() {
        let mut world = course.world();
        let record = course.run(&mut world, None).unwrap().unwrap();
        let expected = (course.conclusion, course.authority);
        assert_eq!((record.conclusion, record.authority), expected, "{}", course.name);
        settle(&mut world, &course.setup);
        let finals = check(&mut world, course.setup.capture);
        assert_eq!((finals.len(), finals.last()), (course.transactions, Some(&record)));
    }
}

#[test]
fn power_fails_at_every_call() {
    let mut cases = 0;
    for course in courses() {
        let mut world = course.world();
        let whole = course.run(&mut world, None).unwrap().unwrap();
        let calls = world.power.calls();
        let mut settled = 0;
        for cut in (0..calls).flat_map(|call| CUTS.map(|cut| (call, cut))) {
            let mut world = course.world();
            let result = course.run(&mut world, Some(cut));
            // What the cardholder was told stands, and so does what was written down.
            let told = world.shown().iter().any(|message| matches!(message, 0x03 | 0x1A));
            let written = |stage| cut.1 != Cut::Within && stages(&world).any(|(s, ..)| s == stage);
            let (answered, decided) = (written(ANSWERED), written(DECIDED));
            settle(&mut world, &course.setup);
            let finals = check(&mut world, course.setup.capture);
            let name = course.name;
            assert!(finals.len() <= course.transactions, "{name} {cut:?}");
            let last = finals.last().copied();
            if let Some(Ok(record)) = result {
                assert_eq!(last, Some(record), "{name} {cut:?}");
            }
            if told {
                assert_eq!(last.unwrap().conclusion, Conclusion::Approved, "{name} {cut:?}");
            }
            settled += u32::from(decided);
            if decided {
                let known = |record: &FinalRecord| {
                    let FinalRecord { conclusion, authority, signature, duties, details, .. } =
                        *record;
                    (conclusion, authority, signature, duties, details.cryptogram_information)
                };
                // Only a device that failed on the way may have made it another decision.
                assert!(
                    known(&last.unwrap()) == known(&whole) || cut.1 == Cut::Fails,
                    "{name} {cut:?}"
                );
            } else if answered && cut.1 != Cut::Fails {
                let code = last.unwrap().details.response_code;
                let settled_alone = whole.authority != Authority::Online;
                assert!(settled_alone || code == whole.details.response_code, "{name} {cut:?}");
            }
            if answered && world.line == Line::LosesAnswer {
                let reversals =
                    world.books.log.iter().filter(|log| log.kind == MessageKind::Reversal);
                let reason = Some(ReversalReason::NoAnswer);
                assert!(reversals.clone().all(|log| log.reason == reason), "{name} {cut:?}");
            }
            cases += 1;
        }
        assert!(settled > 0, "{}: what it comes to is written down before it is told", course.name);
    }
    println!("{cases} cuts");
    assert!(cases > 2000);
}

/// In three courses, at every call after every call.
#[test]
fn power_fails_again_while_the_terminal_recovers() {
    const WORST: [&str; 3] = ["answer lost", "scripts after", "approved offline"];
    let mut cases = 0;
    for course in courses().into_iter().filter(|course| WORST.contains(&course.name)) {
        for first in (0..course.calls()).map(|call| (call, Cut::After)) {
            for cut in [Cut::Within, Cut::After, Cut::Fails] {
                cases += (0..).take_while(|call| course.fails_twice(first, (*call, cut))).count();
            }
        }
    }
    println!("{cases} pairs of cuts");
    assert!(cases > 5_000);
}

/// In every course, however power fails first: a sample of what fails then, another one for each.
#[test]
fn power_fails_again_in_every_course() {
    let mut cases = 0;
    for (number, course) in (0..).zip(courses()) {
        for first in (0..course.calls()).flat_map(|call| CUTS.map(|cut| (call, cut))) {
            let offset = (7 * first.0 + 3 * number) % 9;
            let sample = (offset..).step_by(9).zip(CUTS.into_iter().cycle());
            cases += sample.take_while(|second| course.fails_twice(first, *second)).count();
        }
    }
    println!("{cases} pairs of cuts");
    assert!(cases > 5_000);
}

/// What a kernel may come to.
const OUTCOMES: [OutcomeParameters; 9] = [
    ONLINE,
    TWICE,
    HOLD,
    APPROVED,
    DECLINED,
    ELSEWHERE,
    OutcomeParameters::new(OutcomeType::SelectNext),
    OutcomeParameters::new(OutcomeType::TryAgain),
    OutcomeParameters::new(OutcomeType::EndApplication),
];

const LINES: [Line; 7] = [
    Line::Approves,
    Line::Declines,
    Line::Down,
    Line::LosesRequest,
    Line::LosesAnswer,
    Line::Garbles,
    Line::Hesitates,
];

proptest! {
    /// Whatever kernel, field, line and power do: nobody is told of an approval that is not in
    /// the journal, and the books are even.
    #[test]
    fn a_tap_ends_with_even_books(
        outcomes in proptest::collection::vec(0..OUTCOMES.len(), 1..5),
        polls in proptest::collection::vec(0usize..5, 0..4),
        (line, either) in (0..LINES.len(), any::<bool>()),
        cut in proptest::option::of((0u32..90, 0usize..4)),
    ) {
        let outcomes: Vec<_> = outcomes.into_iter().map(|place| OUTCOMES[place]).collect();
        let (by, setup) = if either { (By::Either, BOTH) } else { (By::Field, FIELD) };
        let mut world = World { line: LINES[line], ..taps::world(by, &outcomes) };
        let found = polls.into_iter().map(|poll| match poll {
            0 => Err(PollEnded::Stopped(Stop::Timeout)),
            1 => Err(PollEnded::CardInserted),
            2 => Ok(Polled::Collision),
            3 => Ok(Polled::Nothing),
            _ => Ok(Polled::Card),
        });
        // Somebody holds a card to the reader in the end: others wait for ever.
        world.tap.borrow_mut().polls = found.chain([Ok(Polled::Card)]).collect();
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(cut.map(|(call, cut)| (call, CUTS[cut])));
        let _ = transact(&mut world, &setup, &purchase(), &mut NoHooks, &mut journal);
        let told = world.shown().iter().any(|message| matches!(message, 0x03 | 0x1A));
        settle(&mut world, &setup);
        let finals = check(&mut world, Capture::Batch);
        let approved = finals.iter().filter(|record| record.conclusion == Conclusion::Approved);
        let approved = approved.count();
        prop_assert!(finals.len() <= 2 && approved <= 1 && (!told || approved == 1));
    }
}

proptest! {
    /// A day: transaction after transaction on one journal, with power that fails here and there.
    #[test]
    fn a_day_with_bad_power_ends_with_even_books(
        day in proptest::collection::vec((0..courses().len(), 0u32..60, 0usize..4, 0u32..40), 1..8)
    ) {
        let courses = courses();
        let mut world = World::new();
        // One acquirer has one way of capture.
        let day = day.into_iter().filter(|(course, ..)| courses[*course].setup.capture == Capture::Batch);
        for (course, call, cut, second) in day {
            let course = &courses[course];
            let fresh = course.world();
            (world.card, world.line, world.answer) = (fresh.card, fresh.line, fresh.answer);
            (world.by, world.tap) = (fresh.by, fresh.tap);
            let _ = course.run(&mut world, Some((call, CUTS[cut])));
            let _ = restart(&mut world, &course.setup, Some((second, CUTS[cut])));
        }
        world.line = Line::Approves;
        settle(&mut world, &SETUP);
        check(&mut world, Capture::Batch);
    }
}
