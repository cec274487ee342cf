//! A terminal in a loop, its devices as the test wants them, and what is left of a transaction.

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::candidates::Candidates;
use chipwright::config::{
    Application, History, Options, RandomSelection, Terminal, Transaction, TransactionType,
};
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv::{CVM_RESULTS, TSI, TVR};
use chipwright::driver::{Driver, HostResponse, Input, Misuse, Output};
use chipwright::event::{Event, Events, Sink};
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::outcome::{Authority, Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::session::{PinMethod, PinRequest, PinResult, Proceed, Review, Session};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date};
use chipwright_harness::CardChannel;
use chipwright_harness::PinPad;
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::random::Seeded;
use chipwright_harness::terminal_file::{DEFAULT, TerminalFile};
use chipwright_rustcrypto::RustCrypto;
use core::cell::RefCell;
use core::pin::pin;
use std::collections::BTreeMap;

use super::card::hex;

/// The RID under which the terminal takes every application.
pub(crate) const RID: [u8; 5] = [0xA0, 0x00, 0x00, 0x00, 0x03];

/// The application: below its floor limit nothing speaks against an offline approval.
pub(crate) const APPLICATION: Application<'static> = Application {
    version: 0x0096,
    floor_limit: 5000,
    random_selection: RandomSelection { target: 0, maximum: 0, threshold: 0 },
    default_ddol: Some(&[0x9F, 0x37, 4]),
    ..Application::new(&RID)
};

/// An attended terminal that can go online and can do everything.
pub(crate) const TERMINAL: Terminal<'static> = Terminal {
    additional_capabilities: AdditionalTerminalCapabilities([0xF0, 0x00, 0xF0, 0xF0, 0x01]),
    applications: &[APPLICATION],
    ..Terminal::new(
        TerminalType(0x22),
        TerminalCapabilities([0xE0, 0xF8, 0xC8]),
        match Code::new(276) {
            Some(code) => code,
            None => panic!(),
        },
    )
};

/// What the host answers.
#[derive(Clone, Default)]
pub(crate) struct Host {
    /// None: it cannot be reached.
    pub(crate) code: Option<[u8; 2]>,
    pub(crate) authentication: Option<Vec<u8>>,
    pub(crate) scripts: Vec<u8>,
}

/// An answer with this code.
pub(crate) fn says(code: &[u8; 2]) -> Host {
    Host { code: Some(*code), ..Host::default() }
}

impl Host {
    /// With Issuer Authentication Data.
    pub(crate) fn authentication(mut self, data: &str) -> Self {
        self.authentication = Some(hex(data));
        self
    }

    /// With scripts.
    pub(crate) fn scripts(mut self, scripts: &str) -> Self {
        self.scripts = hex(scripts);
        self
    }
}

/// The pad: what it is asked and which card is lent to it.
type Pad<'a> = Box<dyn FnMut(&PinRequest<'_>, &mut dyn CardChannel) -> PinResult + 'a>;

/// A pad that reports these results in turn, the last one for ever.
pub(crate) fn reports<'a>(results: impl IntoIterator<Item = PinResult>) -> Pad<'a> {
    let mut results: Vec<_> = results.into_iter().collect();
    Box::new(move |_, _| if results.len() > 1 { results.remove(0) } else { results[0] })
}

/// A pad at which these PINs are entered, one after the other.
pub(crate) fn enters<'a>(pins: &[&str]) -> Pad<'a> {
    let mut pins: Vec<_> = pins.iter().map(|pin| Entry::Digits(Pin::new(pin).unwrap())).collect();
    Box::new(move |request, card| {
        let random = Seeded::new(7);
        ScriptedPad::new([pins.remove(0)], &random).enter(request, card)
    })
}

/// A look at the data, and how to go on.
type Look<'a> = Box<dyn FnMut(Review, &mut Database<'_>) -> Proceed + 'a>;

/// A terminal and one transaction.
pub(crate) struct Run<'a> {
    pub(crate) terminal: Terminal<'a>,
    pub(crate) kind: TransactionType,
    pub(crate) amount: u64,
    pub(crate) other: u64,
    pub(crate) force_online: bool,
    pub(crate) history: Option<&'a dyn History>,
    pub(crate) host: Host,
    pub(crate) pad: Pad<'a>,
    /// Numbers of candidates that the cardholder chooses, in turn; then none.
    pub(crate) choices: Vec<Option<u8>>,
    pub(crate) look: Look<'a>,
    pub(crate) memory: usize,
}

impl<'a> Run<'a> {
    /// A purchase of 10.00 with a host that declines, a pad that is bypassed, nobody looking.
    pub(crate) fn new(terminal: Terminal<'a>) -> Self {
        Self {
            terminal,
            kind: TransactionType::Purchase,
            amount: 1000,
            other: 0,
            force_online: false,
            history: None,
            host: says(b"05"),
            pad: reports([PinResult::Bypassed]),
            choices: Vec::new(),
            look: Box::new(|_, _| Proceed::Continue),
            memory: DATABASE_LENGTH,
        }
    }

    /// A card at [`TERMINAL`] with this host.
    pub(crate) fn host(host: Host) -> Self {
        Self { host, ..Self::new(TERMINAL) }
    }

    /// A card at [`TERMINAL`] with this pad.
    pub(crate) fn pad(pad: Pad<'a>) -> Self {
        Self { pad, ..Self::new(TERMINAL) }
    }

    /// Runs the transaction to its end.
    pub(crate) fn with(mut self, card: &mut dyn CardChannel) -> Ended {
        let log = Log::default();
        let random = Seeded::new(1);
        let terminal = self.terminal;
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &random };
        let transaction = Transaction {
            kind: self.kind,
            amount_other: Amount::new(self.other).unwrap(),
            force_online: self.force_online,
            history: self.history,
            events: Events::to(&log),
            ..Transaction::purchase(
                &terminal,
                crypto,
                Amount::new(self.amount).unwrap(),
                Code::new(978).unwrap(),
                Date::new(2026, 1, 15).unwrap(),
            )
        };
        let (mut memory, mut buffer) = (vec![0; self.memory], [0; BUFFER_LENGTH]);
        let session = Session::new(Database::new(&mut memory), Buffer::new(&mut buffer));
        let task = pin!(chipwright_contact::transact(&session, &transaction));
        let mut driver = Driver::new(&session, task);
        let mut ended = Ended::default();
        let outcome = self.drive(&mut driver, card, &mut ended);
        ended.keep(outcome, driver.data(), &log);
        ended
    }

    fn drive(
        &mut self,
        driver: &mut Driver<'_, '_>,
        card: &mut dyn CardChannel,
        ended: &mut Ended,
    ) -> Outcome {
        let mut answer;
        let mut input = Input::Start;
        loop {
            // As a terminal does: an answer of the host that does not fit is none, as is a choice.
            match driver.step(input) {
                Ok(_) => {}
                Err(Misuse::NotACandidate) => {
                    driver.step(Input::Chosen(None)).unwrap();
                }
                Err(misuse) => {
                    assert_eq!(misuse, Misuse::HostResponse);
                    ended.misused = true;
                    driver.step(Input::Unreachable).unwrap();
                }
            }
            if let Ok(Output::Review(review)) = driver.step(Input::Start) {
                let proceed = (self.look)(review, driver.data_mut());
                input = Input::Proceed(proceed);
                continue;
            }
            input =
                match driver.step(Input::Start).unwrap() {
                    Output::Transmit(command) => match card.transmit(command) {
                        Ok(bytes) => {
                            answer = bytes;
                            Input::Response { bytes: &answer, elapsed: 0 }
                        }
                        Err(error) => Input::LinkFailed(error),
                    },
                    Output::Choose(candidates) => {
                        ended.offered.push(offered(candidates));
                        ended.labels.extend(candidates.by_priority().map(|(_, one)| {
                            [one.label, one.preferred_name].map(hex::encode_upper)
                        }));
                        Input::Chosen(if self.choices.is_empty() {
                            None
                        } else {
                            self.choices.remove(0)
                        })
                    }
                    Output::VerifyPin(request) => {
                        ended.pins.push(Asked::of(&request));
                        assert!(ended.pins.len() < 100, "asked for a PIN without end");
                        Input::Pin((self.pad)(&request, card))
                    }
                    Output::Authorise(_) => {
                        ended.authorisations += 1;
                        match self.host.code {
                            None => Input::Unreachable,
                            Some(authorisation_response_code) => Input::Authorised(HostResponse {
                                authorisation_response_code,
                                issuer_authentication_data: self.host.authentication.as_deref(),
                                authorisation_code: None,
                                scripts: &self.host.scripts,
                            }),
                        }
                    }
                    Output::Done(outcome) => return outcome,
                    other => panic!("{other:?}"),
                };
        }
    }
}

fn offered(candidates: Candidates<'_>) -> Vec<String> {
    candidates.by_priority().map(|(_, one)| hex::encode_upper(one.name)).collect()
}

/// What the pad was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub(crate) method: PinMethod,
    pub(crate) tries_left: Option<u8>,
    pub(crate) again: bool,
    /// Length of the card's key.
    pub(crate) key: Option<usize>,
}

impl Asked {
    fn of(request: &PinRequest<'_>) -> Self {
        let entry = request.entry;
        Self {
            method: entry.method,
            tries_left: entry.tries_left,
            again: entry.again,
            key: request.key.map(|key| key.modulus.len()),
        }
    }
}

/// What is left of a transaction.
#[derive(Default, Debug)]
pub(crate) struct Ended {
    outcome: Option<Outcome>,
    objects: BTreeMap<u32, Vec<u8>>,
    pub(crate) pins: Vec<Asked>,
    /// Names of the candidates that the cardholder was shown, each time.
    pub(crate) offered: Vec<Vec<String>>,
    /// Their labels and preferred names.
    pub(crate) labels: Vec<[String; 2]>,
    pub(crate) authorisations: usize,
    /// The host's answer was refused.
    pub(crate) misused: bool,
    pub(crate) reasons: Vec<(Reason, Option<u32>)>,
    pub(crate) phases: Vec<Phase>,
    /// Everything that was told, in the words of `Debug`.
    pub(crate) told: Vec<String>,
}

impl Ended {
    fn keep(&mut self, outcome: Outcome, data: &Database<'_>, log: &Log) {
        self.outcome = Some(outcome);
        self.objects = data.objects().map(|(tag, value)| (tag.0, value.to_vec())).collect();
        self.reasons = log.reasons.take();
        self.phases = log.phases.take();
        self.told = log.told.take();
    }

    pub(crate) fn outcome(&self) -> Outcome {
        self.outcome.unwrap()
    }

    /// What was concluded, and by whom.
    pub(crate) fn verdict(&self) -> (Conclusion, Authority) {
        (self.outcome().conclusion, self.outcome().authority)
    }

    pub(crate) fn end(&self) -> Option<End> {
        self.outcome().end
    }

    /// The fault that ended the transaction, in words.
    pub(crate) fn fault(&self) -> String {
        match self.end() {
            Some(End::Fault(fault)) => fault.to_string(),
            other => format!("{other:?}"),
        }
    }

    /// An object in hexadecimal; empty when it is not there.
    pub(crate) fn object(&self, tag: u32) -> String {
        self.objects.get(&tag).map(hex::encode_upper).unwrap_or_default()
    }

    pub(crate) fn has(&self, tag: u32) -> bool {
        self.objects.contains_key(&tag)
    }

    pub(crate) fn tvr(&self) -> String {
        self.object(TVR.tag.0)
    }

    pub(crate) fn tsi(&self) -> String {
        self.object(TSI.tag.0)
    }

    pub(crate) fn cvm_results(&self) -> String {
        self.object(CVM_RESULTS.tag.0)
    }

    /// Whether a result was told, about this object or about none.
    pub(crate) fn said(&self, reason: Reason) -> bool {
        self.reasons.iter().any(|(said, _)| *said == reason)
    }

    /// How often something was told whose words begin so.
    pub(crate) fn count(&self, words: &str) -> usize {
        self.told.iter().filter(|told| told.starts_with(words)).count()
    }
}

#[derive(Default)]
struct Log {
    reasons: RefCell<Vec<(Reason, Option<u32>)>>,
    phases: RefCell<Vec<Phase>>,
    told: RefCell<Vec<String>>,
}

impl Sink for Log {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Result { reason, tag } => {
                self.reasons.borrow_mut().push((*reason, tag.map(|tag: Tag| tag.0)));
            }
            Event::Phase(phase) => self.phases.borrow_mut().push(*phase),
            _ => {}
        }
        self.told.borrow_mut().push(format!("{event:02X?}"));
    }
}

/// Runs a card with real signatures: its authorities' keys, nothing that speaks against an offline
/// approval below 50.00.
pub(crate) fn signed(
    options: Options,
    change: impl FnOnce(&mut Run<'_>),
    card: &mut dyn CardChannel,
) -> Ended {
    let file = TerminalFile::builtin(DEFAULT).unwrap();
    let configuration = file.configuration();
    let terminal = Terminal { keys: &configuration.keys, options, ..TERMINAL };
    let mut run = Run::new(terminal);
    change(&mut run);
    run.with(card)
}
