//! A reader in a loop that selects the application itself, and what is left of a transaction.

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{CaPublicKey, History, Terminal, Transaction};
use chipwright::contactless::{
    Activation, CardholderVerification, Indicators, OutcomeParameters, OutcomeType, Reason, Start,
    TerminalTransactionQualifiers, UiRequest,
};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::event::{Event, Events, Sink};
use chipwright::fault::Fault;
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::hardening::Hardening;
use chipwright::oda::Failure;
use chipwright::outcome::{Authority, Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{Session, Stop};
use chipwright::value::{Amount, Code, Date};
use chipwright_c7::{Configuration, KERNEL_ID, data_record, discretionary_data};
use chipwright_harness::CardChannel;
use chipwright_harness::terminal_file::{DEFAULT, TerminalFile};
use chipwright_rustcrypto::RustCrypto;
use core::cell::{Cell, RefCell};
use core::pin::pin;
use std::collections::BTreeMap;

use super::card::hex;

/// An online reader with the contact chip, online PIN and signature; fDDA version 01.
pub(crate) const ONLINE: [u8; 4] = [0x36, 0x00, 0x00, 0x80];

/// A reader and one transaction: a purchase of 8.88 CNY on 15 January 2026.
pub(crate) struct Run<'a> {
    pub(crate) qualifiers: Option<[u8; 4]>,
    pub(crate) configuration: Configuration<'a>,
    pub(crate) amount: u64,
    pub(crate) date: Date,
    pub(crate) number: Option<[u8; 4]>,
    pub(crate) history: Option<&'a dyn History>,
    /// Authorities' keys; those of the simulated cards when there are none.
    pub(crate) keys: &'a [CaPublicKey<'a>],
    pub(crate) data: &'a [u8],
    pub(crate) memory: usize,
    pub(crate) exchange_limit: u16,
    pub(crate) hardening: Hardening<'a>,
    /// The name under which the application is selected, and the AID of the combination.
    pub(crate) name: Vec<u8>,
    pub(crate) aid: Vec<u8>,
    /// Stops when the kernel asks for the n-th time for anything.
    pub(crate) stop_at: Option<usize>,
    /// What is left in the data of a tap before.
    pub(crate) before: fn(&mut Database<'_>),
}

impl Default for Run<'_> {
    fn default() -> Self {
        Self {
            qualifiers: Some(ONLINE),
            configuration: Configuration::DEFAULT,
            amount: 888,
            date: Date::new(2026, 1, 15).unwrap(),
            number: Some([0x11, 0x22, 0x33, 0x44]),
            history: None,
            keys: &[],
            data: &[],
            memory: DATABASE_LENGTH,
            exchange_limit: 400,
            hardening: Hardening::OFF,
            name: hex("A000000333"),
            aid: hex("A000000333"),
            stop_at: None,
            before: |_| {},
        }
    }
}

impl<'a> Run<'a> {
    /// With these qualifiers.
    pub(crate) fn qualifiers(qualifiers: [u8; 4]) -> Self {
        Self { qualifiers: Some(qualifiers), ..Self::default() }
    }

    /// With settings changed.
    pub(crate) fn configured(change: impl FnOnce(&mut Configuration<'a>)) -> Self {
        let mut run = Self::default();
        change(&mut run.configuration);
        run
    }

    /// Taps the card.
    pub(crate) fn with(&self, card: &mut dyn CardChannel) -> Ended {
        let select = [&hex("00A40400"), &[self.name.len() as u8][..], &self.name, &[0]].concat();
        let selected = card.transmit(&select).unwrap();
        let file = TerminalFile::builtin(DEFAULT).unwrap();
        let configuration = file.configuration();
        let mut terminal = Terminal {
            keys: if self.keys.is_empty() { &configuration.keys } else { self.keys },
            data: self.data,
            ..Terminal::new(
                TerminalType(0x22),
                TerminalCapabilities([0xE0, 0xF8, 0xC8]),
                Code::new(156).unwrap(),
            )
        };
        terminal.options.exchange_limit = self.exchange_limit;
        terminal.options.hardening = self.hardening;
        let log = Log::default();
        let number = Fixed(self.number);
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &number };
        let (amount, yuan) = (Amount::new(self.amount).unwrap(), Code::new(156).unwrap());
        let transaction = Transaction {
            events: Events::to(&log),
            history: self.history,
            ..Transaction::purchase(&terminal, crypto, amount, yuan, self.date)
        };
        let activation = Activation {
            transaction: &transaction,
            kernel: KERNEL_ID,
            aid: &self.aid,
            indicators: Indicators::default(),
            qualifiers: self.qualifiers.map(TerminalTransactionQualifiers),
            start: Start::C,
            restart: false,
        };
        let mut buffer = [0; BUFFER_LENGTH];
        let mut memory = vec![0; self.memory];
        let mut data = Database::new(&mut memory);
        (self.before)(&mut data);
        let session = Session::new(data, Buffer::new(&mut buffer));
        let result = Cell::new(None);
        let task = pin!(async {
            let came =
                chipwright_c7::transact(&session, &activation, &self.configuration, &selected);
            result.set(Some(came.await));
            NOTHING
        });
        let mut driver = Driver::new(&session, task);
        let mut ended = self.drive(&mut driver, card);
        ended.lines.insert(0, format!("< {}", hex::encode_upper(&selected)));
        ended.keep(result.take().unwrap(), driver.data(), &log);
        ended
    }

    fn drive(&self, driver: &mut Driver<'_, '_>, card: &mut dyn CardChannel) -> Ended {
        let mut ended = Ended::default();
        let (mut answer, mut asked) = (Vec::new(), 0);
        let mut input = Input::Start;
        loop {
            asked += 1;
            let output = driver.step(input).unwrap();
            input = match output {
                Output::Done(_) => return ended,
                _ if self.stop_at == Some(asked) => Input::Stop(Stop::Cancelled),
                Output::Transmit(command) => {
                    ended.lines.push(format!("> {}", hex::encode_upper(command)));
                    match card.transmit(command) {
                        Ok(bytes) => {
                            answer.clear();
                            answer.extend(bytes);
                            ended.lines.push(format!("< {}", hex::encode_upper(&answer)));
                            Input::Response { bytes: &answer, elapsed: 0 }
                        }
                        Err(error) => {
                            ended.lines.push("! link removed".to_owned());
                            Input::LinkFailed(error)
                        }
                    }
                }
                Output::Show(request) => {
                    ended.shown.push(request);
                    ended.lines.push(format!("? show {}", super::transcripts::request(&request)));
                    ended.lines.push("! done".to_owned());
                    Input::Done
                }
                other => panic!("{other:?}"),
            };
        }
    }
}

/// What a driver is told of a kernel that has an outcome of another kind.
const NOTHING: Outcome = Outcome {
    conclusion: Conclusion::CardRead,
    authority: Authority::Offline,
    end: None,
    phase: Phase::Ended,
    signature: false,
    reversal: false,
    advice: false,
};

#[derive(Debug)]
struct Fixed(Option<[u8; 4]>);

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        out.copy_from_slice(&self.0.ok_or(RandomFailed)?);
        Ok(())
    }
}

/// What is left of a transaction.
#[derive(Default, Debug)]
pub(crate) struct Ended {
    result: Option<Result<OutcomeParameters, End>>,
    objects: BTreeMap<u32, Vec<u8>>,
    pub(crate) shown: Vec<UiRequest>,
    pub(crate) reasons: Vec<(Reason, Option<u32>)>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) authentications: Vec<Result<(), Failure>>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) data_record: Vec<u32>,
    /// The same, coded: what an acquirer gets.
    pub(crate) message: Vec<u8>,
    pub(crate) discretionary_data: Vec<u32>,
    /// The dialogue, as a transcript has it, without its end.
    pub(crate) lines: Vec<String>,
    pub(crate) authenticated: bool,
    /// Everything that was told, in the words of `Debug`.
    pub(crate) told: Vec<String>,
}

impl Ended {
    fn keep(&mut self, result: Result<OutcomeParameters, End>, data: &Database<'_>, log: &Log) {
        self.result = Some(result);
        self.objects = data.objects().map(|(tag, value)| (tag.0, value.to_vec())).collect();
        self.data_record = data_record(data).map(|(tag, _)| tag.0).collect();
        self.message =
            data_record(data).flat_map(|(tag, value)| super::card::object(tag.0, value)).collect();
        self.discretionary_data = discretionary_data(data).map(|(tag, _)| tag.0).collect();
        self.authenticated = chipwright_c7::authenticated(data);
        self.reasons = log.reasons.take();
        self.faults = log.faults.take();
        self.authentications = log.authentications.take();
        self.phases = log.phases.take();
        self.told = log.told.take();
    }

    /// The outcome with its parameters.
    pub(crate) fn outcome(&self) -> OutcomeParameters {
        match self.result {
            Some(Ok(outcome)) => outcome,
            other => panic!("{other:?}"),
        }
    }

    /// The outcome and how the cardholder is verified.
    pub(crate) fn verdict(&self) -> (OutcomeType, CardholderVerification) {
        (self.outcome().outcome, self.outcome().cardholder_verification)
    }

    pub(crate) fn kind(&self) -> OutcomeType {
        self.outcome().outcome
    }

    pub(crate) fn end(&self) -> Option<End> {
        self.result.and_then(Result::err)
    }

    /// The last reason that was told.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.reasons.last().map(|(reason, _)| *reason)
    }

    pub(crate) fn said(&self, reason: Reason) -> bool {
        self.reasons.iter().any(|(said, _)| *said == reason)
    }

    /// The fault that was told, in words.
    pub(crate) fn fault(&self) -> String {
        self.faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")
    }

    /// An object in hexadecimal; empty when it is not there.
    pub(crate) fn object(&self, tag: u32) -> String {
        self.objects.get(&tag).map(hex::encode_upper).unwrap_or_default()
    }

    pub(crate) fn has(&self, tag: u32) -> bool {
        self.objects.contains_key(&tag)
    }

    /// How often something was told whose words begin so.
    pub(crate) fn count(&self, words: &str) -> usize {
        self.told.iter().filter(|told| told.starts_with(words)).count()
    }
}

#[derive(Default)]
struct Log {
    reasons: RefCell<Vec<(Reason, Option<u32>)>>,
    faults: RefCell<Vec<Fault>>,
    authentications: RefCell<Vec<Result<(), Failure>>>,
    phases: RefCell<Vec<Phase>>,
    told: RefCell<Vec<String>>,
}

impl Sink for Log {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Contactless { reason, tag } => {
                self.reasons.borrow_mut().push((*reason, tag.map(|tag| tag.0)));
            }
            Event::Fault(fault) => self.faults.borrow_mut().push(*fault),
            Event::Authenticated { result, .. } => {
                self.authentications.borrow_mut().push(*result);
            }
            Event::Phase(phase) => self.phases.borrow_mut().push(*phase),
            _ => {}
        }
        self.told.borrow_mut().push(format!("{event:02X?}"));
    }
}
