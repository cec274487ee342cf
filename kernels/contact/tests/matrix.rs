//! Card x terminal x fault: whatever goes wrong at whichever exchange, a transaction ends once,
//! within its bounds, and is approved only where card and books bear it out. [B3 8.1, 7.5]

mod issuer;

use chipwright::apdu::RESPONSE_LENGTH;
use chipwright::dictionary::emv::{APPLICATION_CRYPTOGRAM, CRYPTOGRAM_INFORMATION_DATA, TVR};
use chipwright::event::Events;
use chipwright::field::CryptogramType;
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::session::LinkError;
use chipwright_card::{Card, Profile, builtin};
use chipwright_harness::device::FirstChoice;
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::{CardChannel, Devices, run};
use chipwright_host::{Host, Mode};
use core::sync::atomic::{AtomicUsize, Ordering};
use issuer::Live;
use std::collections::BTreeMap;
use std::thread;

const TERMINALS: [&str; 5] = [
    "attended-offline-online",
    "attended-online-only",
    "unattended-offline-online",
    "offline-only",
    "atm",
];

/// What is done to one answer of the card.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// Nothing.
    None,
    /// This status word, and no data.
    Status(u16),
    /// This status word behind the data.
    StatusBehindData(u16),
    /// The first half of the answer.
    Truncated,
    /// The answer with zeros up to the longest that one may be.
    Padded,
    /// More than an answer may have.
    Oversized,
    /// Nothing at all.
    Empty,
    /// The card is gone, from here on.
    PowerCut,
    /// One bit of the data is flipped.
    Flipped(usize),
    /// The data of the answer before.
    Replayed,
}

/// Every class of status words, and the ones that have a meaning somewhere.
const STATUS_WORDS: [u16; 20] = [
    0x0000, 0x6100, 0x6200, 0x6283, 0x6300, 0x63C0, 0x63C1, 0x6400, 0x6581, 0x6700, 0x6983, 0x6984,
    0x6985, 0x6A81, 0x6A82, 0x6A83, 0x6C10, 0x6D00, 0x6F00, 0x9001,
];

/// A card whose answer at one exchange is not what it should be.
struct Faulty {
    card: Card,
    at: usize,
    fault: Fault,
    exchanges: usize,
    before: Vec<u8>,
}

impl CardChannel for Faulty {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        self.exchanges += 1;
        let place = self.exchanges - 1;
        if self.fault == Fault::PowerCut && place >= self.at {
            return Err(LinkError::Removed);
        }
        let mut answer = self.card.transmit(command);
        let honest = answer.clone();
        if place == self.at {
            let body = answer.len() - 2;
            match self.fault {
                Fault::None | Fault::PowerCut => {}
                Fault::Status(status) => answer = status.to_be_bytes().to_vec(),
                Fault::StatusBehindData(status) => {
                    answer[body..].copy_from_slice(&status.to_be_bytes());
                }
                Fault::Truncated => drop(answer.drain(body / 2..body)),
                Fault::Padded => {
                    drop(answer.splice(body..body, vec![0; RESPONSE_LENGTH - 2 - body]));
                }
                Fault::Oversized => drop(answer.splice(body..body, vec![0; RESPONSE_LENGTH])),
                Fault::Empty => answer.clear(),
                Fault::Flipped(bit) if body > 0 => answer[bit / 8 % body] ^= 1 << (bit % 8),
                Fault::Flipped(_) => {}
                Fault::Replayed => drop(answer.splice(..body, self.before.iter().copied())),
            }
        }
        self.before = honest[..honest.len() - 2].to_vec();
        Ok(answer)
    }
}

struct Ended {
    outcome: Outcome,
    exchanges: usize,
    approved_by_host: bool,
    cryptogram: Option<CryptogramType>,
    rfu_bits_clear: bool,
}

/// Runs a copy of this card against a copy of this host.
fn transact(card: &Card, terminal: &TerminalFile, host: &Host, at: usize, fault: Fault) -> Ended {
    let configuration = terminal.configuration();
    let terminal = configuration.terminal();
    let setup = Setup::default();
    let random = setup.random();
    let transaction = setup.transaction(&terminal, random.as_ref(), Events::NONE);
    let mut card = Faulty { card: card.clone(), at, fault, exchanges: 0, before: Vec::new() };
    let mut issuer = Live(host.clone());
    let pin = || Entry::Digits(Pin::new("1234").unwrap());
    let mut pad = ScriptedPad::new([pin(), pin(), pin()], random.as_ref());
    let mut devices = Devices {
        card: &mut card,
        pad: &mut pad,
        cardholder: &mut FirstChoice,
        issuer: &mut issuer,
    };
    let (outcome, (cryptogram, rfu_bits_clear)) = run(&transaction, &mut devices, false, |data| {
        let information = data.get(CRYPTOGRAM_INFORMATION_DATA).ok().flatten();
        let cryptogram = information.and_then(|information| information.cryptogram());
        let results = data.get(TVR).ok().flatten().unwrap_or_default();
        let signed = data.bytes(APPLICATION_CRYPTOGRAM.tag).is_some();
        (cryptogram.filter(|_| signed), results.set_bits().all(|(_, _, meaning)| meaning.is_some()))
    });
    let approved_by_host = issuer.approved();
    Ended { outcome, exchanges: card.exchanges, approved_by_host, cryptogram, rfu_bits_clear }
}

fn check(what: &str, ended: &Ended) {
    let Outcome { conclusion, authority, end, reversal, .. } = ended.outcome;
    assert!(ended.exchanges <= 60, "{what}: {} exchanges", ended.exchanges);
    assert!(ended.rfu_bits_clear, "{what}: an RFU bit was set");
    assert_eq!(conclusion == Conclusion::Terminated, end.is_some(), "{what}");
    if conclusion == Conclusion::Approved {
        assert_eq!(ended.cryptogram, Some(CryptogramType::Tc), "{what}: no TC behind the approval");
        let online = authority == Authority::Online;
        assert!(!online || ended.approved_by_host, "{what}: the issuer did not approve");
        assert!(!reversal, "{what}");
    } else if ended.approved_by_host {
        assert!(reversal, "{what}: an approval of the issuer was lost: {:?}", ended.outcome);
    } else {
        assert!(!reversal, "{what}: nothing to undo");
    }
}

fn faults() -> Vec<Fault> {
    let mut faults: Vec<Fault> = STATUS_WORDS.map(Fault::Status).to_vec();
    faults.extend([0x6283, 0x6310, 0x6985, 0x6F00].map(Fault::StatusBehindData));
    faults.extend([0, 13, 37, 101, 333, 1009].map(Fault::Flipped));
    faults.extend([
        Fault::Truncated,
        Fault::Padded,
        Fault::Oversized,
        Fault::Empty,
        Fault::PowerCut,
        Fault::Replayed,
    ]);
    faults
}

/// Every built-in card for this interface, made once.
fn cards() -> impl Iterator<Item = (&'static str, Card)> {
    let contact = builtin().iter().filter(|builtin| !builtin.name.starts_with("quickpass-"));
    contact.map(|builtin| {
        let profile = Profile::parse(builtin.text).unwrap();
        (builtin.name, Card::new(&profile, 7).unwrap())
    })
}

/// [B3 8.2]
#[test]
fn whatever_goes_wrong_a_transaction_ends_once_and_honestly() {
    let cards: Vec<_> = cards().collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut conclusions = Conclusions::new();
        while let Some((name, card)) = cards.get(next.fetch_add(1, Ordering::Relaxed)) {
            for (conclusion, count) in everything_that_goes_wrong(name, card) {
                *conclusions.entry(conclusion).or_default() += count;
            }
        }
        conclusions
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut conclusions = Conclusions::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        for (conclusion, count) in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
            *conclusions.entry(conclusion).or_default() += count;
        }
    });
    let transactions: u32 = conclusions.values().sum();
    println!("{transactions} transactions: {conclusions:?}");
    assert!(transactions > 100_000, "{transactions}");
    assert!(conclusions.len() >= 3, "{conclusions:?}");
}

/// How often transactions came to what.
type Conclusions = BTreeMap<String, u32>;

/// Every fault at every exchange with this card, at every terminal.
fn everything_that_goes_wrong(card_name: &str, card: &Card) -> Conclusions {
    let mut conclusions = Conclusions::new();
    let (host, faults) = (Host::new(Mode::Approve), faults());
    for name in TERMINALS {
        let terminal = TerminalFile::builtin(name).unwrap();
        let honest = transact(card, &terminal, &host, 0, Fault::None);
        check(&format!("{card_name} at {name}"), &honest);
        for at in 0..honest.exchanges {
            for fault in &faults {
                let ended = transact(card, &terminal, &host, at, *fault);
                check(&format!("{card_name} at {name}, exchange {at}: {fault:?}"), &ended);
                *conclusions.entry(format!("{:?}", ended.outcome.conclusion)).or_default() += 1;
            }
        }
    }
    conclusions
}

#[test]
fn the_card_gone_at_any_exchange_approves_nothing_before_its_tc() {
    let terminal = TerminalFile::builtin("attended-offline-online").unwrap();
    let host = Host::new(Mode::Approve);
    for (name, card) in cards() {
        let honest = transact(&card, &terminal, &host, 0, Fault::None);
        for at in 0..honest.exchanges {
            let ended = transact(&card, &terminal, &host, at, Fault::PowerCut);
            assert_ne!(ended.outcome.conclusion, Conclusion::Approved, "{name} at {at}");
            assert_eq!(ended.outcome.reversal, ended.approved_by_host, "{name} at {at}");
        }
    }
}
