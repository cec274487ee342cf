//! A whole transaction that the card sends online and the issuer approves.

use super::Work;
use crate::chain::Chain;
use crate::hostile::Recorded;
use crate::script::{EXTENSION, Script, card_record};
use chipwright::afl::Afl;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{
    ActionCodes, Application, CaPublicKey, Options, RandomSelection, Terminal, Transaction,
    TransactionType,
};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database, Repeat};
use chipwright::dictionary::emv::{AFL, AIP};
use chipwright::dictionary::{EMV, Place};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::event::Events;
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Tvr,
};
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::response::Response;
use chipwright::session::{Session, Stop};
use chipwright::value::{Amount, Code, Date};
use chipwright_rustcrypto::RustCrypto;
use core::pin::pin;

const TASKS: [(&str, &str, bool); 3] = [
    ("Transaction, DDA, e = 3", "chain-1984-e3-dda", true),
    ("Transaction, DDA, e = 65537", "chain-1984-e65537-dda", true),
    ("Transaction without ODA", "chain-1984-e3-dda", false),
];

pub(super) const TERMINAL_TYPE: u8 = 0x22;
pub(super) const ADDITIONAL_CAPABILITIES: [u8; 5] = [0xF0, 0x00, 0xF0, 0xA0, 0x01];
pub(super) const ONLINE: [u8; 5] = [0xFC, 0x50, 0xF8, 0xA8, 0xF8];
pub(super) const MINOR_UNITS: u64 = 12_34;
/// A day on which every certificate is good.
pub(super) const DATE: Date = match Date::new(2026, 3, 17) {
    Some(date) => date,
    None => panic!("the calendar has this day"),
};

/// Whole transactions with every fault in every answer, all of them one after the other.
const HOSTILE: [(&str, bool); 2] =
    [("Hostile transactions, DDA", true), ("Hostile transactions without ODA", false)];

pub(super) fn work() -> Vec<Work> {
    let mut all = Vec::new();
    for (task, id, dynamic) in TASKS {
        let chain = Chain::load(id);
        all.push(Work::new(task, "chipwright", ours(chain, dynamic)));
        #[cfg(feature = "peer-emv")]
        all.push(Work::new(task, "emv", super::peer::transaction(chain, dynamic)));
    }
    for (task, dynamic) in HOSTILE {
        let chain = Chain::load("chain-1984-e3-dda");
        let cards = &*Recorded::all(&Script::new(chain, dynamic)).leak();
        let ours = || repeated(hostile(chain, dynamic, cards), cards.len());
        all.push(Work::new(task, "chipwright", ours()));
        #[cfg(feature = "peer-emv")]
        {
            let peer = super::peer::hostile(chain, dynamic, cards);
            all.push(Work::new(task, "emv", repeated(peer, cards.len())));
        }
    }
    all
}

/// Security capabilities (byte 3 of 9F33): with dynamic data authentication or without any.
pub(super) fn capabilities(dynamic: bool) -> [u8; 3] {
    [0xE0, 0xF8, if dynamic { 0x40 } else { 0x00 }]
}

/// Gives the number that the chain's signature covers.
#[derive(Debug)]
pub(super) struct Fixed;

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        let number = [0x11, 0x22, 0x33, 0x44];
        out.iter_mut().zip(number).for_each(|(to, from)| *to = from);
        Ok(())
    }
}

fn ours(chain: &'static Chain, dynamic: bool) -> impl FnMut() {
    let script = Script::new(chain, dynamic);
    let aid = [&chain.rid[..], &EXTENSION].concat();
    move || {
        let keys = [ca_key(chain)];
        let applications = [application(&aid)];
        let terminal = terminal(&applications, &keys, dynamic);
        transact(&transaction(&terminal), &script);
    }
}

fn ca_key(chain: &Chain) -> CaPublicKey<'_> {
    CaPublicKey {
        rid: chain.rid,
        index: chain.index,
        modulus: &chain.ca_modulus,
        exponent: &chain.ca_exponent,
    }
}

/// Some are approved, whose fault is in what nobody looks at, and most are not.
fn repeated(mut run: impl FnMut() -> usize, all: usize) -> impl FnMut() {
    move || {
        let approved = run();
        assert!(0 < approved && approved < all, "{approved} of {all} are approved");
    }
}

/// Every transaction with cards that lie; how many are approved.
fn hostile(
    chain: &'static Chain,
    dynamic: bool,
    cards: &'static [Recorded],
) -> impl FnMut() -> usize {
    let aid = [&chain.rid[..], &EXTENSION].concat();
    move || {
        let keys = [ca_key(chain)];
        let applications = [application(&aid)];
        let terminal = terminal(&applications, &keys, dynamic);
        let transaction = transaction(&terminal);
        let approved = |card: &&Recorded| {
            outcome(&transaction, |command| card.answer(command)).conclusion == Conclusion::Approved
        };
        cards.iter().filter(approved).count()
    }
}

fn transact(transaction: &Transaction<'_>, script: &Script) {
    let mut card = script.card();
    let outcome = outcome(transaction, |command| card.answer(command));
    assert_eq!(outcome.conclusion, Conclusion::Approved, "{outcome:?}");
}

/// The loop of a blocking terminal.
fn outcome<'c>(transaction: &Transaction<'_>, mut card: impl FnMut(&[u8]) -> &'c [u8]) -> Outcome {
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, transaction));
    let mut driver = Driver::new(&session, task);
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("replies as asked for") {
            Output::Transmit(command) => Input::Response { bytes: card(command), elapsed: 0 },
            Output::Authorise(_) => Input::Authorised(HostResponse {
                authorisation_response_code: *b"00",
                issuer_authentication_data: None,
                authorisation_code: None,
                scripts: &[],
            }),
            Output::Done(outcome) => return outcome,
            _ => Input::Stop(Stop::Cancelled),
        };
    }
}

/// The data objects of the card, as they are after its records were read.
pub(super) fn stored(chain: &Chain) -> Database<'static> {
    let mut data = Database::new(Box::leak(Box::new([0; DATABASE_LENGTH])));
    data.put_bytes(chipwright::tag::Tag(0x9F02), &[0, 0, 0, 0, 0x12, 0x34]).expect("room");
    let answer = chain.bytes("gpo_response");
    let Ok(Response::Format2(content)) = Response::read(&answer) else { panic!("template 77") };
    data.store(content, Place::Response, Repeat::Refuse, EMV, Events::NONE).expect("well-formed");
    assert!(data.bytes(AIP.tag).is_some());
    let afl = data.bytes(AFL.tag).expect("in the answer").to_vec();
    for (record, covered) in Afl::read(&afl).expect("well-formed").records() {
        let answer = card_record(chain, record);
        data.store_record(record, &answer, covered, EMV, Events::NONE).expect("well-formed");
    }
    data
}

fn application(aid: &[u8]) -> Application<'_> {
    Application {
        aid,
        partial_match: true,
        version: 0x008C,
        floor_limit: 0,
        random_selection: RandomSelection { target: 0, maximum: 0, threshold: 0 },
        action_codes: ActionCodes { online: Tvr(ONLINE), ..ActionCodes::default() },
        default_ddol: None,
        default_tdol: None,
        data: &[],
    }
}

fn terminal<'a>(
    applications: &'a [Application<'a>],
    keys: &'a [CaPublicKey<'a>],
    dynamic: bool,
) -> Terminal<'a> {
    Terminal {
        terminal_type: TerminalType(TERMINAL_TYPE),
        capabilities: TerminalCapabilities(capabilities(dynamic)),
        additional_capabilities: AdditionalTerminalCapabilities(ADDITIONAL_CAPABILITIES),
        country: Code::new(840).expect("three digits"),
        ifd_serial_number: *b"00000001",
        data: b"\x9F\x1C\x08TERMINAL",
        applications,
        keys,
        revocations: &[],
        options: Options::DEFAULT,
    }
}

fn transaction<'a>(terminal: &'a Terminal<'a>) -> Transaction<'a> {
    Transaction {
        terminal,
        crypto: Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Fixed },
        events: Events::NONE,
        kind: TransactionType::Purchase,
        amount: Amount::new(MINOR_UNITS).expect("twelve digits"),
        amount_other: Amount::ZERO,
        currency: Code::new(840).expect("three digits"),
        currency_exponent: 2,
        date: DATE,
        time: [0x12, 0x00, 0x00],
        sequence_counter: 1,
        force_online: false,
        history: None,
    }
}
