//! Random faults between card and reader, in whole transactions with a live card and a live issuer:
//! whatever the terminal approves, the issuer's books bear out, and what the issuer approved and the
//! terminal did not is undone. [B3 9.3, 10.9, 10.11; B2 6.6.2]
//!
//! `cargo test` takes a part; with `CHIPWRIGHT_SWEEP=whole`, as `cargo xtask long` has it, 3.6 million,
//! in three million of which something is changed.

mod issuer;

use chipwright::crypto::Random;
use chipwright::event::Events;
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::session::LinkError;
use chipwright::value::Amount;
use chipwright_card::{Card, Profile, builtin};
use chipwright_harness::device::FirstChoice;
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::random::Seeded;
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::{CardChannel, Devices, run};
use chipwright_host::{Host, Mode};
use issuer::{Live, message};
use std::thread;

/// Cards, the terminals that they are put into, and of how many in a thousand transactions: RSA
/// takes the time of a hundred others.
const TABLES: [(&str, &str, u64); 6] = [
    ("contact-no-oda", "attended-offline-online", 490),
    ("contact-sda", "attended-offline-online", 490),
    ("contact-dda-pin", "attended-offline-online", 5),
    ("contact-issuer-authentication", "attended-offline-online", 5),
    ("contact-cda", "attended-offline-online", 5),
    // What is approved here no issuer was asked about: the signature has to bear it out.
    ("contact-cda", "offline-only", 5),
];

/// Exchanges, those of the PIN pad included.
const EXCHANGES: usize = 450;

/// Which faults are drawn: by the number of the transaction alone.
struct Dice(Seeded);

impl Dice {
    fn draw(&self, below: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes).unwrap();
        u32::from_be_bytes(bytes) as usize % below
    }

    fn byte(&self) -> u8 {
        self.draw(256) as u8
    }
}

/// A card with someone in between, who meddles at one to three places.
struct Wedge<'c> {
    card: &'c mut Card,
    dice: Dice,
    places: Vec<usize>,
    answers: Vec<Vec<u8>>,
    /// Something was not as it came.
    meddled: bool,
}

impl Wedge<'_> {
    /// Something else than the card was to get.
    fn command(&mut self, command: &[u8]) -> Vec<u8> {
        let mut command = command.to_vec();
        if command.len() > 5 && self.dice.draw(4) == 0 {
            let place = 5 + self.dice.draw(command.len() - 5);
            command[place] ^= 1 << self.dice.draw(8);
        }
        command
    }

    /// Something else than the card said.
    fn answer(&mut self, mut answer: Vec<u8>) -> Vec<u8> {
        let Self { dice, answers, .. } = self;
        let data = answer.len().saturating_sub(2);
        match dice.draw(8) {
            0 => {
                return [&[0x90, 0x62, 0x63, 0x69, 0x6A, 0x61][dice.draw(6)], &dice.byte()]
                    .map(|byte| *byte)
                    .to_vec();
            }
            1 => drop(answer.drain(dice.draw(data + 1)..data)),
            2 if !answers.is_empty() => answer = answers[dice.draw(answers.len())].clone(),
            // Objects more: what the terminal, the issuer or a cryptogram would say.
            3 if data > 1 => {
                let more =
                    [&[0x9F, 0x27, 1, 0x40][..], &[0x8A, 2, 0x30, 0x30], &[0x95, 5, 0, 0, 0, 0, 0]];
                let more = more[dice.draw(more.len())];
                answer.splice(data..data, more.iter().copied());
                answer[1] = answer[1].wrapping_add(more.len() as u8);
            }
            _ if data > 0 => {
                let place = dice.draw(data);
                answer[place] =
                    if dice.draw(2) == 0 { dice.byte() } else { answer[place] ^ 1 << dice.draw(8) };
            }
            _ => {}
        }
        answer
    }
}

impl CardChannel for Wedge<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let number = self.answers.len();
        assert!(number < EXCHANGES, "no end");
        let meddles = self.places.contains(&number);
        let sent = if meddles { self.command(command) } else { command.to_vec() };
        let answer = self.card.transmit(&sent);
        self.answers.push(answer.clone());
        let told = if meddles { self.answer(answer.clone()) } else { answer.clone() };
        self.meddled |= sent != command || told != answer;
        Ok(told)
    }
}

/// What a part of the transactions came to.
#[derive(Default, Debug)]
struct Counts {
    /// Transactions in which someone meddled.
    hostile: u64,
    /// What of all was approved by the issuer, what by the card alone, and what undone.
    online: u64,
    offline: u64,
    undone: u64,
}

/// A card and its terminal.
struct Table {
    name: &'static str,
    card: Card,
    terminal: TerminalFile,
    share: u64,
}

fn tables() -> Vec<Table> {
    let table = |(name, terminal, share): (&'static str, &str, u64)| {
        let profile = builtin().iter().find(|profile| profile.name == name).unwrap();
        let card = Card::new(&Profile::parse(profile.text).unwrap(), 7).unwrap();
        Table { name, card, terminal: TerminalFile::builtin(terminal).unwrap(), share }
    };
    TABLES.into_iter().map(table).collect()
}

impl Table {
    /// One transaction with the faults of this number.
    fn play(&self, number: u64, host: &Host, counts: &mut Counts) {
        let configuration = self.terminal.configuration();
        let terminal = configuration.terminal();
        let setup = Setup { seed: number, ..Setup::default() };
        let random = setup.random();
        let transaction = setup.transaction(&terminal, random.as_ref(), Events::NONE);
        let pin = || Entry::Digits(Pin::new("1234").unwrap());
        let mut pad = ScriptedPad::new([pin(), pin(), pin()], random.as_ref());
        let (dice, mut card) = (Dice(Seeded::new(number)), self.card.clone());
        let places = (0..=dice.draw(3)).map(|_| dice.draw(14)).collect();
        let mut wedge =
            Wedge { card: &mut card, dice, places, answers: Vec::new(), meddled: false };
        let mut books = Live(host.clone());
        let mut devices = Devices {
            card: &mut wedge,
            pad: &mut pad,
            cardholder: &mut FirstChoice,
            issuer: &mut books,
        };
        let (outcome, message) = run(&transaction, &mut devices, false, message);
        counts.hostile += u64::from(wedge.meddled);
        self.hold((number, setup.amount), &outcome, &message, books, counts);
    }

    /// Holds the end against the issuer's books.
    fn hold(
        &self,
        (number, amount): (u64, Amount),
        outcome: &Outcome,
        message: &[u8],
        mut issuer: Live,
        counts: &mut Counts,
    ) {
        let what = || format!("{} {number}: {outcome:?} {:?}", self.name, issuer.0.book());
        let booked = issuer.approved();
        let approved = outcome.conclusion == Conclusion::Approved;
        if approved && outcome.authority == Authority::Online {
            let same = issuer.0.book().iter().all(|booked| booked.amount == Some(amount));
            assert!(booked && same, "the issuer did not approve: {}", what());
            counts.online += 1;
        } else if approved {
            assert!(issuer.0.book().is_empty(), "{}", what());
            let said = what();
            assert_eq!(issuer.0.settle(message), Ok(()), "{said}");
            counts.offline += 1;
        } else {
            assert!(!booked || outcome.reversal, "an approval is not undone: {}", what());
            counts.undone += u64::from(booked);
        }
    }
}

#[test]
fn the_books_bear_out_every_approval() {
    let whole = std::env::var("CHIPWRIGHT_SWEEP").is_ok_and(|how| how == "whole");
    let thousands = if whole { 3_600 } else { 4 };
    let (tables, host) = (tables(), Host::new(Mode::Approve));
    let part = |odd: u64| {
        let mut counts = Counts::default();
        for thousand in (odd..thousands).step_by(2) {
            let numbers = tables.iter().flat_map(|table| (0..table.share).map(move |_| table));
            for (table, number) in numbers.zip(thousand * 1_000..) {
                table.play(number, &host, &mut counts);
            }
        }
        counts
    };
    let parts = thread::scope(|scope| {
        [0, 1].map(|odd| scope.spawn(move || part(odd))).map(|part| part.join().unwrap())
    });
    println!("{parts:?}");
    let hostile: u64 = parts.iter().map(|counts| counts.hostile).sum();
    assert!(hostile > thousands * 780, "{hostile}");
    for Counts { online, offline, undone, .. } in parts {
        assert!(online > 0 && offline > 0 && undone > 0);
    }
}
