//! Pre-processing and combination selection: from the idle reader to the kernel, which declines at
//! once.

use super::Work;
use super::reader::{KERNEL, SHARED, answer, combination, directory, names, object, tap};
use super::transaction::Fixed;
use chipwright::config::{Terminal, Transaction};
use chipwright::contactless::{Activation, KernelId, OutcomeParameters, OutcomeType};
use chipwright::crypto::Crypto;
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::outcome::Conclusion;
use chipwright::session::{Ended, Link};
use chipwright::value::{Amount, Code, Date};
use chipwright_entry_point::Kernels;
use chipwright_rustcrypto::RustCrypto;

/// Task, combinations of the reader, and entries of the card's directory.
const TASKS: [(&str, u8, u8); 6] = [
    ("Entry Point, 1 combination, 1 entry", 1, 1),
    ("Entry Point, 10 combinations, 1 entry", 10, 1),
    ("Entry Point, 100 combinations, 1 entry", 100, 1),
    ("Entry Point, 1 combination, 10 entries", 1, 10),
    ("Entry Point, 1 combination, 25 entries", 1, 25),
    ("Entry Point, 100 combinations, 25 entries", 100, 25),
];

pub(super) fn work() -> Vec<Work> {
    let selection = |(task, combinations, entries)| {
        Work::new(task, "chipwright", select(combinations, entries))
    };
    TASKS.into_iter().map(selection).collect()
}

fn select(combinations: u8, entries: u8) -> impl FnMut() {
    let names = names(combinations);
    let selected = answer(&[object(0x84, &SHARED), object(0xA5, &object(0x50, b"TAP"))].concat());
    let answers = [directory(entries), selected];
    move || {
        let combinations: Vec<_> = names.iter().map(|aid| combination(aid)).collect();
        let euro = Code::new(978).expect("three digits");
        let terminal = Terminal::new(TerminalType(0x22), TerminalCapabilities::EMPTY, euro);
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Fixed };
        let amount = Amount::new(30_00).expect("twelve digits");
        let date = Date::new(2026, 3, 17).expect("the calendar has this day");
        let transaction = Transaction::purchase(&terminal, crypto, amount, euro, date);
        let mut answers = answers.iter();
        let card = |_: &[u8]| &answers.next().expect("two commands")[..];
        let outcome = tap(&transaction, &combinations, &Declining, card);
        assert_eq!(outcome.conclusion, Conclusion::Declined);
    }
}

/// Declines.
struct Declining;

impl Kernels for Declining {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == KERNEL
    }

    async fn activate(
        &self,
        _: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        assert_eq!(activation.aid, SHARED);
        Ok(OutcomeParameters::new(OutcomeType::Declined))
    }
}
