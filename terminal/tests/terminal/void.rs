//! Sales that are taken back before the batch was delivered.

use crate::card::PAN;
use crate::transactions::{go, poll, start};
use crate::world::*;
use chipwright::config::TransactionType;
use chipwright::outcome::{Authority, Conclusion};
use chipwright::tag::Tag;
use chipwright_terminal::host::{MessageKind, MessageLists, ReversalReason};
use chipwright_terminal::journal::{Due, VoidFailure, Voided};
use chipwright_terminal::{Capture, Journal, JournalFailure, Setup, Workspace};

/// Stage of the mark that the batch is on its way.
const SETTLING: u8 = 8;

/// Voids a transaction on a terminal that has started; `None` when power failed.
fn void_on(
    world: &mut World,
    journal: &mut Journal,
    sequence: u32,
) -> Option<Result<Voided, VoidFailure>> {
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    poll(journal.void(&mut flash, sequence, workspace.lend().record))
}

fn void(world: &mut World, sequence: u32) -> Result<Voided, VoidFailure> {
    let mut journal = start(world).unwrap().journal;
    void_on(world, &mut journal, sequence).unwrap()
}

/// Delivers what is due; says what went out: kind and sequence counter.
fn deliver(world: &mut World, due: Due) -> Vec<(MessageKind, u32)> {
    let mut journal = start(world).unwrap().journal;
    let before = world.books.log.len();
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let mut host = Acquirer {
        power: world.power.clone(),
        books: &mut world.books,
        line: Line::Approves,
        answer: &[],
    };
    let memory = workspace.lend_to_journal();
    let delivery = journal.deliver(&mut flash, &mut host, due, &SETUP.lists, memory);
    assert_eq!(poll(delivery).unwrap().unwrap().left, 0);
    world.books.log[before..].iter().map(|log| (log.kind, log.sequence)).collect()
}

/// Voidings in the journal.
fn voidings(world: &mut World) -> Vec<Voided> {
    let mut workspace = Workspace::new();
    let end = world.records.len() as u32;
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let mut read = |place| poll(Journal::voided(&mut flash, place, workspace.lend().record));
    (0..end).filter_map(|place| read(place).unwrap().unwrap()).collect()
}

#[test]
fn what_the_issuer_approved_is_reversed() {
    // covers B4 12.2.1
    let mut world = World::new();
    let record = go(&mut world, &SETUP, &purchase()).unwrap();
    let voided = Voided { sequence: 1, reversal: true };
    assert_eq!(void(&mut world, 1), Ok(voided));
    assert_eq!(voidings(&mut world), [voided]);
    assert_eq!(deliver(&mut world, Due::Now), [(MessageKind::Reversal, 1)], "it does not wait");
    let reversal = world.books.log.last().unwrap();
    assert_eq!(reversal.reason, Some(ReversalReason::Voided));
    assert_eq!(reversal.pan.as_deref(), Some(PAN));
    assert!(deliver(&mut world, Due::Everything).is_empty(), "the batch has no item any more");
    assert_eq!(world.books.charged(1, Capture::Batch), 0);
    assert!(world.books.held[&1]);
    assert!(!world.keeps(&hex::decode(PAN).unwrap()));
    // What it came to stands.
    let again = go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!((record.conclusion, record.sequence, again.sequence), (Conclusion::Approved, 1, 2));
}

#[test]
fn what_nobody_was_asked_for_is_struck_alone() {
    let offline = Setup { services: &OFFLINE_SERVICES, ..SETUP };
    let mut world = World::new();
    world.card.action_codes[0] = Some("0000000000");
    let record = go(&mut world, &offline, &purchase()).unwrap();
    assert_eq!(record.authority, Authority::Offline);
    let refund = go(&mut world, &SETUP, &order(TransactionType::Refund, 500)).unwrap();
    assert_eq!(refund.conclusion, Conclusion::CardRead);
    for sequence in [1, 2] {
        assert_eq!(void(&mut world, sequence), Ok(Voided { sequence, reversal: false }));
    }
    assert!(deliver(&mut world, Due::Everything).is_empty());
}

#[test]
fn what_was_reversed_is_not_reversed_again() {
    let mut world = World::new();
    world.line = Line::LosesAnswer;
    let record = go(&mut world, &SETUP, &purchase()).unwrap();
    assert!(record.duties.reversal && record.duties.batch);
    assert_eq!(void(&mut world, 1), Ok(Voided { sequence: 1, reversal: false }));
    assert!(deliver(&mut world, Due::Everything).is_empty());
    let reversals = world.books.log.iter().filter(|log| log.kind == MessageKind::Reversal);
    assert_eq!(reversals.count(), 1);
}

#[test]
fn what_cannot_be_voided_is_told() {
    let mut world = World::new();
    assert_eq!(void(&mut world, 1), Err(VoidFailure::Unknown));
    go(&mut world, &SETUP, &purchase()).unwrap();
    void(&mut world, 1).unwrap();
    assert_eq!(void(&mut world, 1), Err(VoidFailure::Already));
    world.line = Line::Declines;
    go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!(void(&mut world, 2), Err(VoidFailure::NoItem), "it was declined");
    world.line = Line::Approves;
    let online = Setup { capture: Capture::Online, ..SETUP };
    go(&mut world, &online, &purchase()).unwrap();
    assert_eq!(void(&mut world, 3), Err(VoidFailure::NoItem), "it never was in the batch");
    go(&mut world, &SETUP, &purchase()).unwrap();
    deliver(&mut world, Due::Everything);
    assert_eq!(void(&mut world, 4), Err(VoidFailure::Delivered));
    assert_eq!(deliver(&mut world, Due::Everything), []);
}

/// What may be with the acquirer is not struck behind its back, wherever power or the line failed.
#[test]
fn an_item_that_was_sent_has_to_be_delivered_first() {
    let (mut sent, mut unsent) = (0, 0);
    for cut in (0..60).flat_map(|call| CUTS.map(|cut| (call, cut))) {
        let mut world = World::new();
        for _ in 0..2 {
            go(&mut world, &SETUP, &purchase()).unwrap();
        }
        let mut journal = start(&mut world).unwrap().journal;
        let mut workspace = Workspace::new();
        let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
        let mut host = Acquirer {
            power: world.power.clone(),
            books: &mut world.books,
            line: Line::Approves,
            answer: &[],
        };
        world.power.cut(Some(cut));
        let memory = workspace.lend_to_journal();
        let due = Due::Everything;
        let _ = poll(journal.deliver(&mut flash, &mut host, due, &SETUP.lists, memory));
        world.power.cut(None);
        let third = go(&mut world, &SETUP, &purchase()).unwrap();
        for sequence in 1..=2 {
            let delivered =
                world.books.delivered.contains_key(&(MessageKind::Batch as u8, sequence));
            match void(&mut world, sequence) {
                Ok(_) => {
                    assert!(!delivered, "{cut:?} {sequence}");
                    unsent += 1;
                }
                Err(VoidFailure::Settling | VoidFailure::Delivered) => sent += 1,
                Err(other) => panic!("{cut:?} {sequence}: {other}"),
            }
        }
        assert_eq!(void(&mut world, third.sequence).map(|voided| voided.reversal), Ok(true));
        deliver(&mut world, Due::Everything);
        for sequence in 1..=3 {
            let charged = world.books.charged(sequence, Capture::Batch);
            let held = u32::from(!world.books.held[&sequence]);
            assert_eq!(charged, held, "{cut:?} {sequence}: {:?}", world.books);
        }
        let marks = world.records.iter().filter(|record| record.get(1) == Some(&SETTLING));
        assert_eq!(marks.count(), 0, "{cut:?}");
    }
    assert!(sent > 100 && unsent > 20, "{sent} {unsent}");
}

#[test]
fn sequence_counters_go_on_after_an_earlier_one_was_voided() {
    for sequence in 1..=3 {
        let mut world = World::new();
        for _ in 0..3 {
            go(&mut world, &SETUP, &purchase()).unwrap();
        }
        void(&mut world, sequence).unwrap();
        let journal = start(&mut world).unwrap().journal;
        assert_eq!(journal.next_sequence(), 4);
        let mut workspace = Workspace::new();
        let end = world.records.len() as u32;
        let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
        let forgotten = (0..end).filter(|place| {
            poll(journal.forget(&mut flash, *place, workspace.lend().record)).unwrap().unwrap()
        });
        // Two final records, and the voiding unless it is of the latest.
        assert_eq!(forgotten.count(), if sequence == 3 { 2 } else { 3 });
        assert_eq!(start(&mut world).unwrap().journal.next_sequence(), 4);
        let others: Vec<_> = (1..=3).filter(|other| *other != sequence).collect();
        let delivered = deliver(&mut world, Due::Everything);
        let batch = delivered.iter().filter(|(kind, _)| *kind == MessageKind::Batch);
        assert_eq!(batch.map(|(_, sequence)| *sequence).collect::<Vec<_>>(), others);
        assert!(delivered.contains(&(MessageKind::Reversal, sequence)));
    }
}

#[test]
fn the_reversal_has_what_is_listed_for_it() {
    let lists = MessageLists {
        batch: &[Tag(0x9F02)],
        reversal: &[Tag(0x9F10), Tag(0x9F36)],
        ..MessageLists::DEFAULT
    };
    let mut world = World::new();
    go(&mut world, &Setup { lists, ..SETUP }, &purchase()).unwrap();
    void(&mut world, 1).unwrap();
    deliver(&mut world, Due::Now);
    assert!(world.books.log.last().unwrap().field_55.contains("9F1007"));
}

/// Power fails at every call while a sale is voided, and again while the terminal recovers: it is
/// voided or it is not, and never half of it.
#[test]
fn power_may_fail_while_it_is_voided() {
    let (mut cases, mut undone) = (0, 0);
    for first in (0..40).flat_map(|call| CUTS.map(|cut| (call, cut))) {
        for second in (0..60).step_by(3).zip(CUTS.into_iter().cycle()) {
            let mut world = World::new();
            for _ in 0..2 {
                go(&mut world, &SETUP, &purchase()).unwrap();
            }
            let mut journal = start(&mut world).unwrap().journal;
            world.power.cut(Some(first));
            let result = void_on(&mut world, &mut journal, 1);
            if world.power.calls() <= first.0 {
                break; // beyond the last call
            }
            if let Some(Err(failure)) = result {
                assert_eq!(failure, VoidFailure::Journal(JournalFailure::Storage));
            }
            world.power.cut(Some(second));
            let _ = start(&mut world);
            world.power.cut(None);
            let delivered = deliver(&mut world, Due::Everything);
            let voided = !voidings(&mut world).is_empty();
            let of = |kind| delivered.iter().filter(|sent| **sent == (kind, 1)).count();
            let expected = if voided { (1, 0) } else { (0, 1) };
            let sent = (of(MessageKind::Reversal), of(MessageKind::Batch));
            assert_eq!(sent, expected, "{first:?} {second:?}");
            assert!(delivered.contains(&(MessageKind::Batch, 2)));
            assert!(voided || !matches!(result, Some(Ok(_))), "{first:?} {second:?}");
            assert_eq!(world.books.charged(1, Capture::Batch), u32::from(!voided));
            assert!(!world.keeps(&hex::decode(PAN).unwrap()));
            cases += 1;
            undone += u32::from(voided);
        }
    }
    println!("{cases} pairs of cuts");
    assert!(cases > 1_000 && undone > 200 && undone < cases - 200, "{undone} of {cases}");
}

#[test]
fn nothing_is_done_before_what_failed_was_recovered() {
    let mut world = World::new();
    go(&mut world, &SETUP, &purchase()).unwrap();
    let mut journal = start(&mut world).unwrap().journal;
    // The item cannot be erased: the last call.
    world.power.cut(None);
    let mut counted = World { records: world.records.clone(), ..World::new() };
    let mut other = start(&mut counted).unwrap().journal;
    counted.power.cut(None);
    void_on(&mut counted, &mut other, 1).unwrap().unwrap();
    world.power.cut(Some((counted.power.calls() - 1, Cut::Fails)));
    let failed = void_on(&mut world, &mut journal, 1);
    assert_eq!(failed, Some(Err(VoidFailure::Journal(JournalFailure::Storage))));
    world.power.cut(None);
    let refused = VoidFailure::Journal(JournalFailure::NotRecovered);
    assert_eq!(void_on(&mut world, &mut journal, 1), Some(Err(refused)));
    assert_eq!(void(&mut world, 1), Err(VoidFailure::Already), "recovered, it is done");
}
