//! One run: what card, kernel, field and issuer do is scripted, what Entry Point does is noted.

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{Terminal, Transaction};
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, Start, TerminalTransactionQualifiers,
};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database, Repeat};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::event::{Event, Events, Sink};
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::message::Message;
use chipwright::outcome::{End, Outcome};
use chipwright::session::{Ended, Field, Link, LinkError, PinResult, Polled, Session, Stop};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date};
use chipwright_entry_point::{Combination, Kernels, Reader, transact};
use chipwright_rustcrypto::RustCrypto;
use core::cell::{Cell, RefCell};
use core::pin::pin;
use std::collections::VecDeque;

pub(crate) const AID_7: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01];
pub(crate) const AID_3: &[u8] = &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10];
pub(crate) const QUALIFIERS: TerminalTransactionQualifiers =
    TerminalTransactionQualifiers([0x36, 0x00, 0x00, 0x80]);

/// Combinations that most cards here fit.
pub(crate) const COMBINATIONS: [Combination<'static>; 2] = [
    Combination { qualifiers: Some(QUALIFIERS), ..Combination::new(AID_7, KernelId::new(7)) },
    Combination { qualifiers: Some(QUALIFIERS), ..Combination::new(AID_3, KernelId::new(3)) },
];

/// An entry of UnionPay, and one of Visa behind it.
pub(crate) const UNIONPAY: &str = "4F07A0000003330101 870101";
pub(crate) const VISA: &str = "4F07A0000000031010 870102";
/// An FCI that asks for the qualifiers.
pub(crate) const ASKS: &str = "6F0F 8405A000000003 A506 9F3803 9F6604";
pub(crate) const ASKS_NOT: &str = "6F0F 8405A000000003 A506 9F3803 9F3704";

/// What the issuer sends: code, authentication data, scripts.
pub(crate) type Issuer = Option<(&'static [u8; 2], Option<&'static [u8]>, &'static [u8])>;

/// Everything that is scripted. What runs out repeats its last; what is empty has a default.
pub(crate) struct Script {
    pub(crate) combinations: Vec<Combination<'static>>,
    pub(crate) amount: u64,
    pub(crate) autorun: bool,
    pub(crate) supports_1: bool,
    /// Answers to SELECT by name (hex), each with its status word: the first to the first SELECT of
    /// the name, the last to all that follow. A name without one gets 6A82.
    pub(crate) selects: Vec<(String, Result<Vec<u8>, LinkError>)>,
    pub(crate) polls: Vec<Polled>,
    /// What the kernel comes to.
    pub(crate) outcomes: Vec<Result<OutcomeParameters, End>>,
    pub(crate) pin: PinResult,
    /// What the issuer does: its code, its data, its scripts; none: it cannot be reached.
    pub(crate) issuer: Issuer,
    /// How often the removal timeout expires before.
    pub(crate) timeouts: u32,
    /// After so many polls someone stops the transaction.
    pub(crate) stop_after: u32,
    /// Someone stops it when this is shown.
    pub(crate) stop_at: Option<Message>,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            combinations: COMBINATIONS.to_vec(),
            amount: 1000,
            autorun: false,
            supports_1: false,
            selects: Vec::new(),
            polls: Vec::new(),
            outcomes: vec![Ok(OutcomeParameters::new(OutcomeType::Approved))],
            pin: PinResult::Captured,
            issuer: Some((b"00", None, &[])),
            timeouts: 0,
            stop_after: 1000,
            stop_at: None,
        }
    }
}

/// What was seen.
pub(crate) struct Seen {
    pub(crate) outcome: Outcome,
    /// In order: `select NAME`, `kernel N start restart`, `show MESSAGE STATUS`, `on`, `off HOLD`,
    /// `poll`, `pin`, `authorise TIMEOUT`, `final OUTCOME`, `start S restart`.
    pub(crate) log: Vec<String>,
    /// Names that were selected.
    pub(crate) selected: Vec<String>,
    /// What each kernel was activated with: number, qualifiers, Unpredictable Number, name.
    pub(crate) activations: Vec<Handed>,
    pub(crate) passed: Vec<String>,
}

impl Seen {
    pub(crate) fn has(&self, line: &str) -> bool {
        self.log.iter().any(|found| found == line)
    }

    pub(crate) fn count(&self, begin: &str) -> usize {
        self.log.iter().filter(|line| line.starts_with(begin)).count()
    }
}

#[derive(Debug, Default)]
struct Counting(Cell<u8>);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.0.set(self.0.get() + 1);
        out.fill(self.0.get());
        Ok(())
    }
}

#[derive(Default)]
struct Log {
    lines: RefCell<Vec<String>>,
    passed: RefCell<Vec<String>>,
}

impl Log {
    fn note(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }
}

impl Sink for Log {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::EntryPoint { start, restart } => self.note(format!("start {start:?} {restart}")),
            Event::FinalOutcome(outcome) => self.note(format!("final {:?}", outcome.outcome)),
            Event::EntryPassed { number, why } => {
                self.passed.borrow_mut().push(format!("{number} {why:?}"));
            }
            Event::CombinationExcluded { kernel, why, .. } => {
                self.passed.borrow_mut().push(format!("excluded {} {why:?}", kernel.0[0]));
            }
            _ => {}
        }
    }
}

/// Number, qualifiers, Unpredictable Number, name.
pub(crate) type Handed = (u8, Option<TerminalTransactionQualifiers>, Vec<u8>, Vec<u8>);

struct Scripted<'l> {
    outcomes: RefCell<VecDeque<Result<OutcomeParameters, End>>>,
    supports_1: bool,
    log: &'l Log,
    activations: RefCell<Vec<Handed>>,
}

impl Kernels for Scripted<'_> {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel != KernelId::new(1) || self.supports_1
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        let number = activation.kernel.0[0];
        let bytes = |tag| link.data.bytes(Tag(tag)).unwrap_or_default().to_vec();
        assert_eq!(bytes(0x9F2A), activation.kernel.bytes());
        assert_eq!(bytes(0x9F66), activation.qualifiers.map_or(Vec::new(), |bits| bits.0.into()));
        let answered = !link.apdu.bytes().is_empty();
        // Nothing of another application is left.
        assert_eq!(bytes(0x5A).is_empty(), activation.start != Start::D);
        let Activation { start, restart, .. } = activation;
        self.log.note(format!("kernel {number} {start:?} {restart} {answered}"));
        let handed = (number, activation.qualifiers, bytes(0x9F37), bytes(0x9F06));
        self.activations.borrow_mut().push(handed);
        link.data.put_card(Tag(0x5A), &[0x62; 8], Repeat::Replace).unwrap();
        let mut outcomes = self.outcomes.borrow_mut();
        let outcome = if outcomes.len() > 1 { outcomes.pop_front().unwrap() } else { outcomes[0] };
        outcome.map_err(|end| link.end(end))
    }
}

/// Bytes of hex; blanks do not count.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(char::is_whitespace, "")).unwrap()
}

/// An answer of the card with status 9000, for a name.
pub(crate) fn answer(name: &str, data: &str) -> (String, Result<Vec<u8>, LinkError>) {
    (name.to_owned(), Ok([hex(data), vec![0x90, 0x00]].concat()))
}

pub(crate) fn ppse(entries: &[&str]) -> (String, Result<Vec<u8>, LinkError>) {
    let tlv = |tag: &str, content: &str| {
        let long = if content.len() > 254 { "81" } else { "" };
        format!("{tag}{long}{:02X}{content}", content.len() / 2)
    };
    let entries: String = entries.iter().map(|entry| tlv("61", &entry.replace(' ', ""))).collect();
    let list = tlv("6F", &tlv("A5", &tlv("BF0C", &entries)));
    answer(PPSE, &list)
}

pub(crate) const PPSE: &str = "325041592E5359532E4444463031";

impl Script {
    /// A card with these directory entries, every application of which can be selected.
    pub(crate) fn with(entries: &[&str]) -> Self {
        let mut script = Self { selects: vec![ppse(entries)], ..Self::default() };
        for name in ["A0000003330101", "A0000000031010", "A00000000310100102"] {
            script.selects.push(answer(name, ASKS));
        }
        script
    }

    pub(crate) fn comes_to(mut self, outcomes: &[OutcomeParameters]) -> Self {
        self.outcomes = outcomes.iter().copied().map(Ok).collect();
        self
    }

    pub(crate) fn run(&self) -> Seen {
        let log = Log::default();
        let random = Counting::default();
        let code = Code::new(978).unwrap();
        let terminal = Terminal::new(TerminalType(0x22), TerminalCapabilities::EMPTY, code);
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &random };
        let date = Date::new(2026, 11, 25).unwrap();
        let amount = Amount::new(self.amount).unwrap();
        let purchase = Transaction::purchase(&terminal, crypto, amount, code, date);
        let transaction = Transaction { events: Events::to(&log), ..purchase };
        let reader = Reader {
            transaction: &transaction,
            combinations: &self.combinations,
            autorun: self.autorun,
        };
        let kernels = Scripted {
            outcomes: RefCell::new(self.outcomes.iter().copied().collect()),
            supports_1: self.supports_1,
            log: &log,
            activations: RefCell::default(),
        };
        let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
        let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
        let task = pin!(transact(&session, &reader, &kernels));
        let mut driver = Driver::new(&session, task);
        let mut devices = Devices { script: self, log: &log, polls: 0, timeouts: self.timeouts };
        let mut memory = Vec::new();
        let (mut input, mut decided) = (Input::Start, None);
        let outcome = loop {
            let removal_timeout = match driver.step(input).unwrap() {
                Output::Done(outcome) => break outcome,
                _ => driver.removal_timeout(),
            };
            if let (None, Some(outcome)) = (decided, driver.decided()) {
                log.note(format!("decided {:?} {:?}", outcome.conclusion, outcome.authority));
                decided = Some(outcome);
            }
            input = devices.reply(driver.step(Input::Start).unwrap(), removal_timeout, &mut memory);
        };
        assert!(decided.is_none_or(|decided| decided == outcome), "it was decided otherwise");
        let lines = log.lines.take();
        let names = lines.iter().filter_map(|line| line.strip_prefix("select "));
        Seen {
            outcome,
            selected: names.map(str::to_owned).collect(),
            log: lines,
            activations: kernels.activations.take(),
            passed: log.passed.take(),
        }
    }
}

struct Devices<'s> {
    script: &'s Script,
    log: &'s Log,
    polls: u32,
    timeouts: u32,
}

impl Devices<'_> {
    fn reply<'m>(
        &mut self,
        output: Output<'_>,
        removal_timeout: u16,
        memory: &'m mut Vec<u8>,
    ) -> Input<'m> {
        match output {
            Output::Transmit(command) => {
                let name = hex::encode_upper(&command[5..5 + usize::from(command[4])]);
                self.log.note(format!("select {name}"));
                let known: Vec<_> =
                    self.script.selects.iter().filter(|(known, _)| *known == name).collect();
                let lines = self.log.lines.borrow();
                let times = lines.iter().filter(|line| **line == format!("select {name}")).count();
                let answer = known.get(times - 1).or(known.last());
                match answer.map(|(_, answer)| answer.clone()) {
                    Some(Err(error)) => Input::LinkFailed(error),
                    answer => {
                        *memory = answer.map_or(vec![0x6A, 0x82], Result::unwrap);
                        Input::Response { bytes: memory, elapsed: 0 }
                    }
                }
            }
            Output::Poll => self.poll(),
            Output::Field(Field::On) => self.done("on".to_owned()),
            Output::Field(Field::Off(hold)) => self.done(format!("off {hold}")),
            Output::Show(request) => {
                let message = request.message.map_or(0, |message| message.identifier());
                if request.message.is_some() && request.message == self.script.stop_at {
                    return Input::Stop(Stop::Cancelled);
                }
                self.done(format!("show {message:02X} {:?}", request.status.unwrap()))
            }
            Output::VerifyPin(_) => {
                self.log.note("pin".to_owned());
                Input::Pin(self.script.pin)
            }
            Output::Authorise(_) => self.authorise(removal_timeout),
            other => panic!("{other:?}"),
        }
    }

    fn done<'m>(&self, line: String) -> Input<'m> {
        self.log.note(line);
        Input::Done
    }

    fn poll<'m>(&mut self) -> Input<'m> {
        self.log.note("poll".to_owned());
        let place = self.polls as usize;
        self.polls += 1;
        if self.polls > self.script.stop_after {
            return Input::Stop(Stop::Cancelled);
        }
        Input::Polled(self.script.polls.get(place).copied().unwrap_or(Polled::Card))
    }

    fn authorise<'m>(&mut self, removal_timeout: u16) -> Input<'m> {
        self.log.note(format!("authorise {removal_timeout}"));
        if self.timeouts > 0 && removal_timeout > 0 {
            self.timeouts -= 1;
            return Input::RemovalTimeout;
        }
        match self.script.issuer {
            None => Input::Unreachable,
            Some((code, authentication, scripts)) => Input::Authorised(HostResponse {
                authorisation_response_code: *code,
                issuer_authentication_data: authentication,
                authorisation_code: None,
                scripts,
            }),
        }
    }
}

/// An outcome with nothing beside it.
pub(crate) const fn bare(outcome: OutcomeType) -> OutcomeParameters {
    OutcomeParameters::new(outcome)
}

/// An online request that starts again.
pub(crate) const fn online(start: Start) -> OutcomeParameters {
    OutcomeParameters::new(OutcomeType::OnlineRequest).starting(start)
}
