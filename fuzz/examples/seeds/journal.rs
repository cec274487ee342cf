//! Seeds with records of a journal: those that a terminal writes, and is left with when its storage
//! fails.

use super::write;
use chipwright::config::TransactionType;
use chipwright_fuzz::crypto::crypto;
use chipwright_fuzz::devices::{Acquirer, Customer, Flash, Front, Looks, Noon, Pad, Slot};
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{AMOUNT, APPLICATIONS, CURRENCY, Setup as Configured};
use chipwright_terminal::blocking::{self, Devices};
use chipwright_terminal::device::{NoCancel, Online};
use chipwright_terminal::{Order, Service, Setup, Workspace};
use std::cell::RefCell;
use std::path::PathBuf;

/// Of the transactions that are seeds of the target `terminal`.
pub(super) fn write_all() {
    for name in ["transparent", "bf-contact-visa"] {
        let path = [env!("CARGO_MANIFEST_DIR"), "corpus/terminal", name];
        let seed = std::fs::read(path.iter().collect::<PathBuf>()).expect("was written before");
        for fails in 1..24 {
            let records = left(&seed, fails);
            if let Some(last) = records.last() {
                write("host-message", &format!("{name}-{fails}"), last);
            }
            // A third of them is enough for a whole transaction behind each.
            if fails % 3 != 2 {
                continue;
            }
            let mut journal = vec![u8::try_from(records.len()).expect("few")];
            journal.extend(records.iter().flat_map(|record| coded(record)));
            let replies = &seed[5..];
            let transaction = [&[seed[0], seed[1], 0x40, 0][..], &journal, replies].concat();
            write("terminal", &format!("{name}-journal-{fails}"), &transaction);
        }
    }
}

/// A record as the target reads it: without its checksum, padded to a multiple of four.
fn coded(record: &[u8]) -> Vec<u8> {
    let mut record = record.to_vec();
    record.resize(record.len().next_multiple_of(4), 0);
    [&[u8::try_from(record.len() / 4).expect("short")], &record[..]].concat()
}

/// The records, without their checksums, when the storage fails after so many calls.
fn left(seed: &[u8], fails: u32) -> Vec<Vec<u8>> {
    let configured = Configured(seed[0], seed[1]);
    let terminal = configured.terminal();
    let services = [Service::new(TransactionType::Purchase, &APPLICATIONS)];
    let crypto = crypto(seed[0] & Configured::TRANSPARENT != 0);
    let setup = Setup::new(&terminal, &services, crypto);
    let order = Order {
        kind: TransactionType::Purchase,
        amount: Some(AMOUNT),
        amount_other: chipwright::value::Amount::ZERO,
        currency: CURRENCY,
        currency_exponent: 2,
        force_online: false,
    };
    let shared = RefCell::new(Script::new(&seed[5..]));
    let mut flash = Flash { records: Vec::new(), left: None };
    let mut workspace = Workspace::new();
    let recovery = blocking::recover(&mut flash, 1, &mut workspace);
    let mut journal = recovery.expect("an empty journal").journal;
    flash.left = Some(fails);
    let devices = Devices {
        reader: &mut Slot(&shared, Ok(())),
        pad: &mut Pad(&shared),
        cardholder: &mut Customer(&shared),
        host: &mut Acquirer::new(&shared),
        storage: &mut flash,
        hooks: &mut Looks(Online::Ask),
        display: &mut Front::default(),
        clock: &Noon,
        cancel: &NoCancel,
    };
    // It is given up in the middle, as is wanted.
    _ = blocking::run(&setup, &order, devices, &mut journal, workspace.lend());
    let records = flash.records.into_iter().filter(|record| record.len() > 12);
    records.map(|record| record[..record.len() - 4].to_vec()).collect()
}
