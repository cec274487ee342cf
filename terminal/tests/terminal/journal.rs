//! The journal as an integrator sees it.

use crate::card::PAN;
use crate::transactions::{go, poll, start, transact, transact_in};
use crate::world::*;
use chipwright::outcome::Conclusion;
use chipwright_terminal::device::NoHooks;
use chipwright_terminal::host::{MessageKind, ReversalReason};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{Failure, FinalCause, Journal, JournalFailure, Memory, Setup, Workspace};

#[test]
fn a_broken_journal_stops_everything() {
    let mut world = World::new();
    let mut failed = 0;
    for call in 0..40 {
        world.power.cut(None);
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((call, Cut::Fails)));
        let result = transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal);
        if let Some(Err(Failure::Journal(failure))) = result {
            assert_eq!(failure, JournalFailure::Storage);
            assert!(world.shown().ends_with(&[0x0F, 0x10]), "no word of an approval");
            if !journal.needs_recovery() {
                continue; // it failed before anything was written
            }
            world.power.cut(None);
            let shown = world.shown().len();
            let result = transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal);
            let refused = Err(Failure::Journal(JournalFailure::NotRecovered));
            assert_eq!(result, Some(refused));
            assert_eq!(world.shown().len(), shown, "nobody is asked for a card");
            let mut workspace = Workspace::new();
            let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
            let mut host = Acquirer {
                power: world.power.clone(),
                books: &mut world.books,
                line: Line::Approves,
                answer: &[],
            };
            let (due, memory) = (Due::Everything, workspace.lend_to_journal());
            let delivery = journal.deliver(&mut flash, &mut host, due, &SETUP.lists, memory);
            assert_eq!(poll(delivery), Some(Err(JournalFailure::NotRecovered)));
            failed += 1;
        }
    }
    assert!(failed >= 5, "{failed}");
}

#[test]
fn messages_and_records_that_do_not_fit_stop_it_before_the_line() {
    let mut world = World::new();
    let mut journal = start(&mut world).unwrap().journal;
    let mut workspace = Workspace::new();
    let lend = workspace.lend();
    let memory = Memory { field_55: &mut lend.field_55[..20], ..lend };
    let result = transact_in(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal, memory);
    assert_eq!(result, Some(Err(Failure::Journal(JournalFailure::TooLong))));
    assert!(world.books.log.is_empty());
    let interrupted = start(&mut world).unwrap().interrupted.unwrap();
    assert_eq!(interrupted.conclusion, Conclusion::Terminated);
    assert!(!interrupted.duties.reversal, "nothing went out");
}

#[test]
fn final_records_stay_until_they_are_archived() {
    // covers B4 6.5.5
    let mut world = World::new();
    for sequence in 1..=3 {
        let record = go(&mut world, &SETUP, &purchase()).unwrap();
        assert_eq!(record.sequence, sequence);
        let counter = format!("9F41040000000{sequence}");
        assert!(world.books.log.last().unwrap().field_55.contains(&counter));
    }
    let mut journal = start(&mut world).unwrap().journal;
    let mut workspace = Workspace::new();
    let end = world.records.len() as u32;
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let mut forgotten = 0;
    for place in 0..end {
        let done = poll(journal.forget(&mut flash, place, workspace.lend().record));
        forgotten += u32::from(done.unwrap().unwrap());
    }
    assert_eq!(forgotten, 2, "the latest one stays");
    journal = start(&mut world).unwrap().journal;
    assert_eq!(journal.next_sequence(), 4);
}

#[test]
fn sequence_counters_begin_again_after_eight_digits() {
    // covers B4 6.5.5
    let mut world = World::new();
    for (first, next) in [(0, 1), (99_999_999, 99_999_999), (u32::MAX, 99_999_999)] {
        let mut workspace = Workspace::new();
        let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
        let recovery = poll(Journal::recover(&mut flash, first, workspace.lend().record));
        assert_eq!(recovery.unwrap().unwrap().journal.next_sequence(), next);
    }
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let recovery = poll(Journal::recover(&mut flash, 99_999_999, workspace.lend().record));
    let mut journal = recovery.unwrap().unwrap().journal;
    let record = transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal);
    assert_eq!(record.unwrap().unwrap().sequence, 99_999_999);
    assert_eq!(start(&mut world).unwrap().journal.next_sequence(), 1);
}

#[test]
fn a_journal_of_another_version_is_left_alone() {
    let mut world = World::new();
    go(&mut world, &SETUP, &purchase()).unwrap();
    // Version 2, with a checksum that is right.
    world.records.push(hex::decode("0206000000010000 45158719".replace(' ', "")).unwrap());
    let place = world.records.len() as u32 - 1;
    let before = world.records.clone();
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let recovery = poll(Journal::recover(&mut flash, 1, workspace.lend().record)).unwrap();
    assert_eq!(recovery.err(), Some(JournalFailure::Version { place }));
    assert_eq!(world.records, before);
}

#[test]
fn a_torn_record_is_counted_and_erased() {
    let mut world = World::new();
    go(&mut world, &SETUP, &purchase()).unwrap();
    world.records.push(vec![0xFF; 30]);
    assert_eq!(start(&mut world).unwrap().damaged, 1);
    assert_eq!(start(&mut world).unwrap().damaged, 0);
}

#[test]
fn what_is_not_acknowledged_is_delivered_again_and_says_so() {
    // covers B4 12.2.5
    let mut seen = 0;
    for call in 0..40 {
        let mut world = World::new();
        world.card.second = Some(0x00);
        let mut journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((call, Cut::Fails)));
        let result = transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal);
        let owed = matches!(result, Some(Ok(record)) if record.duties.reversal);
        let delivered = world.books.log.iter().any(|log| log.kind == MessageKind::Reversal);
        if !owed || delivered || journal.needs_recovery() {
            continue;
        }
        world.power.cut(None);
        let mut workspace = Workspace::new();
        let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
        let mut host = Acquirer {
            power: world.power.clone(),
            books: &mut world.books,
            line: Line::Down,
            answer: &[],
        };
        for (line, delivered, left) in
            [(Line::Down, 0, 1), (Line::Approves, 1, 0), (Line::Approves, 0, 0)]
        {
            host.line = line;
            let memory = workspace.lend_to_journal();
            let delivery = journal.deliver(&mut flash, &mut host, Due::Now, &SETUP.lists, memory);
            let delivery = poll(delivery).unwrap().unwrap();
            assert_eq!((delivery.delivered, delivery.left), (delivered, left));
        }
        assert!(world.books.log.last().unwrap().repeat);
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn a_reversal_that_recovery_found_due_is_delivered_at_once() {
    // covers B4 12.2.1
    let mut world = World::new();
    let mut journal = start(&mut world).unwrap().journal;
    let calls = {
        let mut world = World::new();
        let mut journal = start(&mut world).unwrap().journal;
        transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal).unwrap().unwrap();
        world.power.calls()
    };
    // Power fails when the host has approved, and not before.
    let lost = (0..calls).find(|call| {
        world = World::new();
        journal = start(&mut world).unwrap().journal;
        world.power.cut(Some((*call, Cut::After)));
        let result = transact(&mut world, &SETUP, &purchase(), &mut NoHooks, &mut journal);
        result.is_none() && !world.books.held.is_empty()
    });
    assert!(lost.is_some());
    world.power.cut(None);
    let recovery = start(&mut world).unwrap();
    let interrupted = recovery.interrupted.unwrap();
    assert_eq!(
        (interrupted.conclusion, interrupted.cause),
        (Conclusion::Terminated, FinalCause::POWER)
    );
    journal = recovery.journal;
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: world.power.clone(), records: &mut world.records };
    let mut host = Acquirer {
        power: world.power.clone(),
        books: &mut world.books,
        line: Line::Approves,
        answer: &[],
    };
    let memory = workspace.lend_to_journal();
    let delivery = journal.deliver(&mut flash, &mut host, Due::Now, &SETUP.lists, memory);
    assert_eq!(poll(delivery).unwrap().unwrap().delivered, 1);
    let reversal = world.books.log.last().unwrap();
    assert_eq!(reversal.reason, Some(ReversalReason::Interrupted));
    assert_eq!(reversal.pan.as_deref(), Some(PAN));
}

/// What it comes to is written down once, however much is exchanged with the card afterwards.
#[test]
fn what_it_comes_to_is_written_down_once() {
    let mut world = World::new();
    world.answer = hex::decode("8A0230307212860484180000860484180000860484160000").unwrap();
    let record = go(&mut world, &SETUP, &purchase()).unwrap();
    assert_eq!(record.conclusion, Conclusion::Approved);
    assert_eq!(world.card.seen.iter().filter(|[ins, _]| [0x18, 0x16].contains(ins)).count(), 3);
    // Opened, requested, answered, decided, the item of the batch, closed.
    assert_eq!(world.records.len(), 6);
}

/// A terminal that sends no advices owes none, whether power fails or not.
#[test]
fn advices_that_are_not_sent_are_not_owed() {
    for advices in [true, false] {
        let setup = Setup { advices, ..SETUP };
        let (mut whole, mut interrupted) = (0, 0);
        for call in 0..40 {
            let mut world = World::new();
            world.card.first = Some(0x08);
            let mut journal = start(&mut world).unwrap().journal;
            world.power.cut(Some((call, Cut::After)));
            let result = transact(&mut world, &setup, &purchase(), &mut NoHooks, &mut journal);
            let decided = world.records.iter().any(|record| record.get(1) == Some(&4));
            world.power.cut(None);
            let record = match (result, start(&mut world).unwrap().interrupted) {
                (Some(record), _) => record.unwrap(),
                (None, Some(record)) if decided => record,
                _ => continue,
            };
            // Cancelled in between, it comes to nothing.
            if record.conclusion == Conclusion::Declined {
                assert_eq!(record.duties.advice, advices, "{call}");
                whole += u32::from(result.is_some());
                interrupted += u32::from(result.is_none());
            }
        }
        assert!(whole > 0 && interrupted > 0);
    }
}
