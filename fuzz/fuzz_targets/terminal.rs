//! A whole terminal: a journal of any records, a transaction with devices and a host that do
//! anything, a storage that fails, recovery, delivery. One final record, nothing approved without a
//! TC, and nothing that the host may have approved is forgotten.

#![no_main]

use chipwright::config::TransactionType;
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, TerminalTransactionQualifiers as Ttq,
};
use chipwright::crypto::Crypto;
use chipwright::event::Events;
use chipwright::field::CryptogramType;
use chipwright::hardening::{Hardening, Profile};
use chipwright::outcome::Conclusion;
use chipwright::session::{Ended, Link, Stop};
use chipwright::value::Amount;
use chipwright_c7::Configuration;
use chipwright_entry_point::{Combination, Kernels};
use chipwright_fuzz::crypto::{Fixed, Transparent, crypto};
use chipwright_fuzz::devices::{
    Acquirer, Antenna, Customer, Flash, Front, Looks, Noon, Pad, Shared, Slot, with_checksum,
};
use chipwright_fuzz::kernels::come_to_anything;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{AMOUNT, APPLICATIONS, CURRENCY, Setup as Configured};
use chipwright_terminal::blocking::{self, Contactless, Devices};
use chipwright_terminal::counters::LastCounters;
use chipwright_terminal::device::{Absent, NoCancel, NoHooks, Online};
use chipwright_terminal::host::MessageKind;
use chipwright_terminal::interface::Interface;
use chipwright_terminal::journal::Due;
use chipwright_terminal::numbers::Unrepeated;
use chipwright_terminal::{Capture, FinalRecord, Journal, Order, Service, Setup, Workspace};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

/// Records that the journal begins with, at most.
const RECORDS: u8 = 12;

/// In the order of the third byte.
const KINDS: [TransactionType; 6] = [
    TransactionType::Purchase,
    TransactionType::Cashback,
    TransactionType::Refund,
    TransactionType::ManualCash,
    TransactionType::UnattendedCash,
    TransactionType::Inquiry,
];

/// What is done: a byte of the input.
#[derive(Clone, Copy)]
struct How(u8);

impl How {
    fn order(self, force_online: bool) -> Order {
        let kind = KINDS[usize::from(self.0 >> 2 & 7) % KINDS.len()];
        let is = |other| kind == other;
        Order {
            kind,
            amount: Some(if is(TransactionType::Inquiry) { Amount::ZERO } else { AMOUNT }),
            amount_other: if is(TransactionType::Cashback) { CASHBACK } else { Amount::ZERO },
            currency: CURRENCY,
            currency_exponent: 2,
            force_online,
        }
    }

    fn inserted(self) -> Result<(), Absent> {
        match (self.0 & 3, self.0 & 0x80) {
            (3, 0) => Err(Absent::Mute),
            (3, _) => Err(Absent::Stopped(Stop::Cancelled)),
            _ => Ok(()),
        }
    }

    fn online(self) -> Online {
        match (self.0 & 0x20, self.0 & 0x80) {
            (0, _) => Online::Ask,
            (_, 0) => Online::Unreachable,
            _ => Online::Stop(Stop::Cancelled),
        }
    }

    const fn voids(self) -> bool {
        self.0 & 0x40 != 0
    }
}

/// Part of the amount.
const CASHBACK: Amount = match Amount::new(1_00) {
    Some(amount) => amount,
    None => panic!("an amount has twelve digits"),
};

/// Two kernels for taps.
struct Linked<'k, 's>(&'k Shared<'s>);

impl Kernels for Linked<'_, '_> {
    fn supports(&self, _: KernelId) -> bool {
        true
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        if activation.kernel == KernelId::new(7) {
            chipwright_c7::process(link, activation, &Configuration::DEFAULT).await
        } else {
            come_to_anything(self.0, link).await
        }
    }
}

/// Kinds of taps.
fn combinations() -> [Combination<'static>; 4] {
    let of = |aid, kernel| Combination {
        transaction_limit: Amount::new(80_00),
        floor_limit: Amount::new(5_00),
        qualifiers: Some(Ttq([0x36, 0, 0, 0x80])),
        ..Combination::new(aid, KernelId::new(kernel))
    };
    let [visa, mastercard, unionpay, _] = APPLICATIONS.each_ref().map(|known| known.aid);
    [of(visa, 3), of(visa, 7), of(mastercard, 2), of(unionpay, 7)]
}

fuzz_target!(|bytes: &[u8]| {
    let [first, second, how, fails, rest @ ..] = bytes else {
        return;
    };
    let how = How(*how);
    let mut script = Script::new(rest).knowing(chipwright_c7::dictionary::C7.entries());
    let records = records(&mut script);
    let hostile = !records.is_empty();
    let mut flash = Flash { records, left: None };
    let mut workspace = Workspace::new();
    let Ok(recovery) = blocking::recover(&mut flash, 1, &mut workspace) else {
        return;
    };
    let mut journal = recovery.journal;
    let sequence = journal.next_sequence();
    let before = finals(&mut flash, &mut workspace, sequence);
    assert!(hostile || before.is_empty());
    flash.left = Some(u32::from(*fails)).filter(|left| *left > 0);

    let counters = LastCounters::<2>::new(&Transparent);
    let profile = Profile { counters: Some(&counters), ..Profile::REPORTED };
    let configured = Configured(first & !0x10, *second);
    let mut terminal = configured.terminal();
    if first & Configured::HARDENED != 0 && second & Configured::ENFORCED == 0 {
        terminal.options.hardening = Hardening::by(&profile);
    }
    let combinations = combinations();
    let services = KINDS
        .map(|kind| Service { combinations: &combinations, ..Service::new(kind, &APPLICATIONS) });
    let numbers = Unrepeated::<2>::new(&Fixed, terminal.options.hardening, Events::NONE);
    let crypto = Crypto { random: &numbers, ..crypto(first & Configured::TRANSPARENT != 0) };
    let capture = if second & 0x80 == 0 { Capture::Batch } else { Capture::Online };
    let setup = Setup { capture, ..Setup::new(&terminal, &services, crypto) };
    let order = how.order(first & Configured::FORCE_ONLINE != 0);
    let shared = RefCell::new(script);
    let (mut host, mut front) = (Acquirer::new(&shared), Front::default());
    let mut looks = Looks(how.online());
    let devices = Devices {
        reader: &mut Slot(&shared, how.inserted()),
        pad: &mut Pad(&shared),
        cardholder: &mut Customer(&shared),
        host: &mut host,
        storage: &mut flash,
        hooks: if how.0 == 1 { &mut NoHooks } else { &mut looks },
        display: &mut front,
        clock: &Noon,
        cancel: &NoCancel,
    };
    let contactless = Contactless { kernels: &Linked(&shared), reader: &mut Antenna(&shared) };
    let (memory, journal_now) = (workspace.lend(), &mut journal);
    let result = match how.0 & 3 {
        1 => blocking::tap(&setup, &order, contactless, devices, journal_now, memory),
        2 => blocking::tap_or_insert(&setup, &order, contactless, devices, journal_now, memory),
        _ => blocking::run(&setup, &order, devices, journal_now, memory),
    };
    // The storage is mended, and the terminal starts again.
    flash.left = None;
    let recovery = blocking::recover(&mut flash, 1, &mut workspace).expect("readable before");
    let (mut journal, interrupted) = (recovery.journal, recovery.interrupted);
    let record = match result {
        Ok(record) => {
            assert!(interrupted.is_none(), "closed twice");
            let switched = how.0 & 3 == 2 && record.sequence == sequence + 1;
            check(&record, sequence + u32::from(switched), &order);
            Some(record)
        }
        Err(failure) => {
            assert!(!front.approved, "approved is in the journal");
            assert!(!failure.to_string().is_empty());
            interrupted
        }
    };
    // A tap that came to nothing has a number and a final record of its own.
    let next = record.filter(|record| how.0 & 3 == 2 && record.sequence == sequence + 1);
    let sequence = next.map_or(sequence, |record| record.sequence);
    // What was there before may have the same number.
    if !hostile && (record.is_some() || how.0 & 3 != 2) {
        let after = finals(&mut flash, &mut workspace, sequence);
        assert_eq!(after.len(), usize::from(record.is_some()), "one final record");
    }
    let voided = how.voids() && void(&mut journal, &mut flash, &mut workspace, sequence, hostile);
    let mut books = Acquirer { delivers: true, ..Acquirer::new(&shared) };
    let due = Due::Everything;
    let delivery =
        blocking::deliver(&mut journal, &mut flash, &mut books, due, &setup.lists, &mut workspace);
    let delivery = delivery.expect("the storage is good");
    assert!(hostile || delivery.left == 0);
    archive(&journal, &mut flash, &mut workspace);
    let Some(record) = record.filter(|record| record.sequence == sequence) else {
        assert!(!host.asked || hostile, "asked, and no record of it");
        return;
    };
    let delivered =
        |kind| [&host, &books].iter().any(|heard| heard.messages.contains(&(kind, sequence)));
    if host.may_have_approved && !hostile {
        let kept = record.conclusion == Conclusion::Approved && !voided;
        // The tap before it may have asked.
        let before = (MessageKind::Reversal, sequence.wrapping_sub(1));
        let tap = next.is_some() && [&host, &books].iter().any(|h| h.messages.contains(&before));
        assert!(kept || tap || delivered(MessageKind::Reversal), "forgotten: {record:?}");
        assert!(!(kept && delivered(MessageKind::Reversal)), "approved and undone: {record:?}");
    }
    if !hostile && capture == Capture::Batch {
        let sale = order.kind != TransactionType::Refund;
        let owed =
            if sale { record.conclusion == Conclusion::Approved } else { record.duties.batch };
        assert_eq!(delivered(MessageKind::Batch), owed && !voided, "{record:?}");
    }
});

/// Takes a sale back before it was delivered; once.
fn void(
    journal: &mut Journal,
    flash: &mut Flash,
    workspace: &mut Workspace,
    sequence: u32,
    hostile: bool,
) -> bool {
    let voided = match blocking::void(journal, flash, sequence, workspace) {
        Ok(voided) => voided,
        Err(failure) => {
            assert!(!failure.to_string().is_empty());
            return false;
        }
    };
    assert_eq!(voided.sequence, sequence);
    let mut found = places(flash).filter_map(|at| blocking::voided(flash, at, workspace).ok()?);
    assert!(found.any(|found| found == voided), "written down");
    let again = blocking::void(journal, flash, sequence, workspace);
    assert!(again.is_err() || hostile, "voided twice");
    true
}

/// Everything that is owed can be read, and what has ended be erased.
fn archive(journal: &Journal, flash: &mut Flash, workspace: &mut Workspace) {
    for place in places(flash) {
        if let Ok(Some(owed)) = blocking::owed(flash, place, workspace) {
            assert!(!format!("{owed:?}").is_empty());
        }
        let ended = blocking::forget(journal, flash, place, workspace);
        if ended == Ok(true) {
            assert!(matches!(blocking::read(flash, place, workspace), Ok(None)), "was erased");
        }
    }
}

fn places(flash: &Flash) -> std::ops::Range<u32> {
    0..flash.records.len() as u32
}

/// The records that are there, each with a checksum that fits, or not.
fn records(script: &mut Script<'_>) -> Vec<Vec<u8>> {
    let count = script.byte().unwrap_or_default() % RECORDS;
    let mut records = Vec::new();
    for _ in 0..count {
        let Some(length) = script.byte() else { break };
        let record = script.bytes(usize::from(length & 0x7F) << 2);
        records.push(if length & 0x80 == 0 { with_checksum(record) } else { record.to_vec() });
    }
    records
}

fn check(record: &FinalRecord, sequence: u32, order: &Order) {
    assert_eq!((record.sequence, record.kind), (sequence, order.kind));
    assert!(!format!("{record:?}").contains("4761739001010010"), "the account number is masked");
    if record.conclusion == Conclusion::Approved {
        assert_eq!(record.details.amount, order.amount);
        let tapped = record.details.entry_mode == Some(Interface::Contactless.entry_mode(false));
        if !tapped {
            let information = record.details.cryptogram_information.expect("a cryptogram");
            assert_eq!(information.cryptogram(), Some(CryptogramType::Tc));
        }
    }
}

/// The final records of a transaction.
fn finals(flash: &mut Flash, workspace: &mut Workspace, sequence: u32) -> Vec<FinalRecord> {
    let records = places(flash).filter_map(|place| blocking::read(flash, place, workspace).ok()?);
    records.filter(|record| record.sequence == sequence).collect()
}
