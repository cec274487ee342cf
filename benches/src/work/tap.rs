//! A whole tap: pre-processing, combination selection and Kernel 7, from the idle reader to the
//! outcome, with the transcript of a card.

use super::Work;
use super::reader::{KERNEL, SHARED, combination, directory, names, tap};
use chipwright::config::{CaPublicKey, Terminal, Transaction};
use chipwright::contactless::{Activation, KernelId, OutcomeParameters};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::outcome::{Authority, Conclusion};
use chipwright::session::{Ended, Link};
use chipwright::value::{Amount, Code, Date};
use chipwright_c7::Configuration;
use chipwright_entry_point::Kernels;
use chipwright_rustcrypto::RustCrypto;
use core::fmt;
use serde_json::Value;

const SIGNED: &str = include_str!("../../../test-vectors/traces/dq-0001-a.json");
const ONLINE: &str = include_str!("../../../test-vectors/traces/dq-0001-b.json");

/// A tap in one of its sizes.
#[derive(Clone, Copy)]
struct Task {
    name: &'static str,
    transcript: &'static str,
    /// Who approves it.
    authority: Authority,
    /// Keys of the authority that the terminal has; the card's is the last.
    keys: usize,
    /// Combinations of the reader.
    combinations: u8,
    /// Entries of the card's directory.
    entries: u8,
}

const fn online(name: &'static str, combinations: u8, entries: u8) -> Task {
    Task {
        transcript: ONLINE,
        authority: Authority::Online,
        ..signed(name, 1, combinations, entries)
    }
}

const fn signed(name: &'static str, keys: usize, combinations: u8, entries: u8) -> Task {
    let (transcript, authority) = (SIGNED, Authority::Offline);
    Task { name, transcript, authority, keys, combinations, entries }
}

const TASKS: [Task; 13] = [
    online("Tap, online", 1, 1),
    online("Tap, online, 10 combinations", 10, 1),
    online("Tap, online, 100 combinations", 100, 1),
    online("Tap, online, 10 entries", 1, 10),
    online("Tap, online, 25 entries", 1, 25),
    signed("Tap, fDDA", 1, 1, 1),
    signed("Tap, fDDA, 10 keys", 10, 1, 1),
    signed("Tap, fDDA, 100 keys", 100, 1, 1),
    signed("Tap, fDDA, 10 combinations", 1, 10, 1),
    signed("Tap, fDDA, 100 combinations", 1, 100, 1),
    signed("Tap, fDDA, 10 entries", 1, 1, 10),
    signed("Tap, fDDA, 25 entries", 1, 1, 25),
    signed("Tap, fDDA, 100 keys and combinations, 25 entries", 100, 100, 25),
];

pub(super) fn work() -> Vec<Work> {
    let work = |task: Task| Work::new(task.name, "chipwright", tapping(task));
    TASKS.into_iter().map(work).collect()
}

/// What card and terminal said.
struct Transcript {
    /// Commands and their answers, from the application's SELECT on.
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    amount: Amount,
    number: [u8; 4],
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Transcript {
    fn new(text: &str) -> Self {
        let document: Value = serde_json::from_str(text).expect("JSON");
        let exchanges = document["exchanges"].as_array().expect("a list").iter().skip(1);
        let terminal = |tag: &str| decode(&document["terminal"][tag]);
        let key = &document["expected"]["applications"][0]["capk"];
        let minor_units = hex::encode(terminal("9F02")).parse().expect("digits");
        Self {
            exchanges: exchanges.map(|one| (decode(&one["c"]), decode(&one["r"]))).collect(),
            amount: Amount::new(minor_units).expect("twelve digits"),
            number: terminal("9F37").try_into().expect("four bytes"),
            modulus: decode(&key["modulus"]),
            exponent: decode(&key["exponent"]),
        }
    }
}

impl Random for Transcript {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        out.copy_from_slice(&self.number);
        Ok(())
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transcript({} exchanges)", self.exchanges.len())
    }
}

fn tapping(task: Task) -> impl FnMut() {
    let transcript = Transcript::new(task.transcript);
    let (names, directory) = (names(task.combinations), directory(task.entries));
    move || {
        let own = CaPublicKey {
            rid: SHARED,
            index: 0x80,
            modulus: &transcript.modulus,
            exponent: &transcript.exponent,
        };
        let mut keys = vec![CaPublicKey { index: 0x81, ..own }; task.keys - 1];
        keys.push(own);
        let combinations: Vec<_> = names.iter().map(|aid| combination(aid)).collect();
        let yuan = Code::new(156).expect("three digits");
        let capabilities = TerminalCapabilities([0xE0, 0xF8, 0xC8]);
        let terminal =
            Terminal { keys: &keys, ..Terminal::new(TerminalType(0x22), capabilities, yuan) };
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &transcript };
        let date = Date::new(2025, 6, 15).expect("the calendar has this day");
        let transaction = Transaction::purchase(&terminal, crypto, transcript.amount, yuan, date);
        // The directory is another than the transcript's, and the name in it is shorter.
        let first = [&directory, &transcript.exchanges[0].1];
        let mut selections = first.into_iter();
        let mut rest = transcript.exchanges[1..].iter();
        let card = |command: &[u8]| -> &[u8] {
            selections.next().unwrap_or_else(|| {
                let (expected, answer) = rest.next().expect("another command");
                assert_eq!(command, expected);
                answer
            })
        };
        let outcome = tap(&transaction, &combinations, &QuickPass, card);
        let expected = (Conclusion::Approved, task.authority);
        assert_eq!((outcome.conclusion, outcome.authority), expected);
    }
}

/// Kernel 7 alone.
struct QuickPass;

impl Kernels for QuickPass {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == KERNEL
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        chipwright_c7::process(link, activation, &Configuration::DEFAULT).await
    }
}

fn decode(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal")
}
