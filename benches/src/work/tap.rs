//! A tap from the answer to SELECT to the outcome: Kernel 7 with a transcript of a card.

use super::Work;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{CaPublicKey, Terminal, Transaction};
use chipwright::contactless::{
    Activation, Indicators, OutcomeType, Start, TerminalTransactionQualifiers,
};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{Session, Stop};
use chipwright::value::{Amount, Code, Date};
use chipwright_c7::{Configuration, KERNEL_ID};
use chipwright_rustcrypto::RustCrypto;
use core::cell::Cell;
use core::pin::pin;
use serde_json::Value;

/// Task, transcript, keys of authorities that the terminal has, and what it comes to.
const TASKS: [(&str, &str, usize, OutcomeType); 4] = [
    ("Tap, Kernel 7, online", ONLINE, 1, OutcomeType::OnlineRequest),
    ("Tap, Kernel 7, fDDA", SIGNED, 1, OutcomeType::Approved),
    ("Tap, Kernel 7, fDDA, 10 keys", SIGNED, 10, OutcomeType::Approved),
    ("Tap, Kernel 7, fDDA, 100 keys", SIGNED, 100, OutcomeType::Approved),
];

const SIGNED: &str = include_str!("../../../test-vectors/traces/dq-0001-a.json");
const ONLINE: &str = include_str!("../../../test-vectors/traces/dq-0001-b.json");

pub(super) fn work() -> Vec<Work> {
    let tap = |(task, transcript, keys, outcome)| {
        Work::new(task, "chipwright", tapping(Transcript::new(transcript), keys, outcome))
    };
    TASKS.into_iter().map(tap).collect()
}

/// What card and terminal said.
struct Transcript {
    /// Answers from that to SELECT on.
    answers: Vec<Vec<u8>>,
    qualifiers: [u8; 4],
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
            answers: exchanges.map(|exchange| decode(&exchange["r"])).collect(),
            qualifiers: terminal("9F66").try_into().expect("four bytes"),
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

/// The card's key is the last of so many.
fn tapping(transcript: Transcript, keys: usize, expected: OutcomeType) -> impl FnMut() {
    move || {
        let own = CaPublicKey {
            rid: [0xA0, 0x00, 0x00, 0x03, 0x33],
            index: 0x80,
            modulus: &transcript.modulus,
            exponent: &transcript.exponent,
        };
        let mut keys = vec![CaPublicKey { index: 0x81, ..own }; keys - 1];
        keys.push(own);
        let yuan = Code::new(156).expect("three digits");
        let capabilities = TerminalCapabilities([0xE0, 0xF8, 0xC8]);
        let terminal =
            Terminal { keys: &keys, ..Terminal::new(TerminalType(0x22), capabilities, yuan) };
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &transcript };
        let date = Date::new(2025, 6, 15).expect("the calendar has this day");
        let transaction = Transaction::purchase(&terminal, crypto, transcript.amount, yuan, date);
        assert_eq!(tap(&transaction, &transcript), Some(expected));
    }
}

impl core::fmt::Debug for Transcript {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Transcript({} answers)", self.answers.len())
    }
}

/// The loop of a reader.
fn tap(transaction: &Transaction<'_>, transcript: &Transcript) -> Option<OutcomeType> {
    let activation = Activation {
        transaction,
        kernel: KERNEL_ID,
        aid: &[0xA0, 0x00, 0x00, 0x03, 0x33],
        indicators: Indicators::default(),
        qualifiers: Some(TerminalTransactionQualifiers(transcript.qualifiers)),
        start: Start::C,
        restart: false,
    };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let (selected, answers) = transcript.answers.split_first()?;
    let outcome = Cell::new(None);
    let task = pin!(async {
        let configuration = &Configuration::DEFAULT;
        let came = chipwright_c7::transact(&session, &activation, configuration, selected).await;
        outcome.set(came.ok().map(|outcome| outcome.outcome));
        ENDED
    });
    let mut driver = Driver::new(&session, task);
    let mut answers = answers.iter();
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("replies as asked for") {
            Output::Transmit(_) => {
                Input::Response { bytes: answers.next().expect("another answer"), elapsed: 0 }
            }
            Output::Show(_) => Input::Done,
            Output::Done(_) => return outcome.take(),
            _ => Input::Stop(Stop::Cancelled),
        };
    }
}

/// What a driver is told of a kernel that has an outcome of another kind.
const ENDED: Outcome = Outcome {
    conclusion: Conclusion::CardRead,
    authority: Authority::Offline,
    end: None,
    phase: Phase::Ended,
    signature: false,
    reversal: false,
    advice: false,
};

fn decode(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal")
}
