//! Our kernel.

use core::cell::RefCell;

use chipwright::config::{
    ActionCodes, Application, CaPublicKey, Options, RandomSelection, Revocation, Terminal,
    Transaction,
};
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::database::Database;
use chipwright::dictionary::emv::{CVM_RESULTS, ISSUER_SCRIPT_RESULTS, TSI, TVR};
use chipwright::event::{Event, Events, Sink};
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType, TerminalVerificationResults,
};
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::session::{PinRequest, PinResult};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date};
use chipwright_harness::device::{FirstChoice, IssuerAnswer};
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::random::Seeded;
use chipwright_harness::{CardChannel, Devices, Issuer, PinPad, run};
use chipwright_rustcrypto::RustCrypto;

use crate::adjustment::Adjustment;
use crate::case::{Cardholder, Case, Scheme};
use crate::channel::Channel;
use crate::host::{self, keys::AUTHORITIES};
use crate::observation::{Ending, Observation};

/// Runs a case through our kernel.
pub(crate) fn observe(case: &Case, adjustments: &[Adjustment]) -> Observation {
    let mut case = case.clone();
    adjustments.iter().for_each(|adjustment| adjustment.for_ours(&mut case));
    let case = &case;
    let mut channel = Channel::new(case);
    let random = Drawn { case, rest: Seeded::new(u64::from(case.number)) };
    let told = Told::default();
    let seen = RefCell::default();

    let names = Scheme::ALL.map(|scheme| aid(case, scheme));
    let applications = names.map(|aid| application(case, aid));
    let keys = keys(case);
    let revocations = revocations(case);
    let terminal = Terminal {
        additional_capabilities: AdditionalTerminalCapabilities(case.terminal.additional),
        ifd_serial_number: *IFD_SERIAL_NUMBER,
        data: FURTHER_DATA,
        applications: &applications,
        keys: &keys,
        revocations: &revocations,
        // The peer takes a bypass wherever its pad offers one.
        options: Options { unattended_pin_bypass: true, ..Options::DEFAULT },
        ..Terminal::new(
            TerminalType(case.terminal.kind),
            TerminalCapabilities(case.terminal.capabilities),
            Code::new(case.terminal.country).expect("a drawn country"),
        )
    };
    let transaction = transaction(case, &terminal, &random, &told);
    let mut pad = pad(case, adjustments, &random);
    let mut devices = Devices {
        card: &mut channel,
        pad: &mut pad,
        cardholder: &mut FirstChoice,
        issuer: &mut Asked { case, seen: &seen },
    };
    let (outcome, data) = run(&transaction, &mut devices, false, objects);
    let told = told.0.into_inner();
    Observation {
        ending: ending(&outcome),
        end: outcome.end.map(|end| format!("{end:?}")).unwrap_or_default(),
        exchanges: channel.exchanges,
        host: seen.into_inner(),
        ..Observation { method: told.method, ..merge(told, data) }
    }
}

/// Name of the reader.
pub(crate) const IFD_SERIAL_NUMBER: &[u8; 8] = b"DIFF0001";

/// Merchant Category Code, Merchant Identifier, Terminal Identification, Merchant Name and
/// Location.
const FURTHER_DATA: &[u8] =
    b"\x9F\x15\x02\x59\x99\x9F\x16\x0FMERCHANT0000001\x9F\x1C\x08TERMINAL\x9F\x4E\x0CShop, Street";

fn aid(case: &Case, scheme: Scheme) -> &'static [u8] {
    let name = scheme.name();
    if case.terminal.partial { name.get(..5).unwrap_or(name) } else { name }
}

fn application<'c>(case: &'c Case, aid: &'c [u8]) -> Application<'c> {
    let [denial, online, default] = case.terminal.action_codes.map(TerminalVerificationResults);
    let selection = case.terminal.random_selection;
    Application {
        partial_match: case.terminal.partial,
        version: case.terminal.version,
        floor_limit: case.terminal.floor_limit,
        random_selection: RandomSelection {
            target: selection.target,
            maximum: selection.maximum,
            threshold: selection.threshold,
        },
        action_codes: ActionCodes { denial, online, default },
        default_ddol: case.terminal.default_ddol.as_deref(),
        default_tdol: case.terminal.default_tdol.as_deref(),
        ..Application::new(aid)
    }
}

fn keys(case: &Case) -> Vec<CaPublicKey<'static>> {
    let mut keys = Vec::new();
    for scheme in Scheme::ALL {
        for (name, key) in AUTHORITIES.iter() {
            if case.knows(name) {
                keys.push(CaPublicKey {
                    rid: scheme.provider(),
                    index: key.index,
                    modulus: &key.modulus,
                    exponent: &key.exponent,
                });
            }
        }
    }
    keys
}

fn revocations(case: &Case) -> Vec<Revocation> {
    case.revocations().map(|(rid, index, serial)| Revocation { rid, index, serial }).collect()
}

fn transaction<'c>(
    case: &Case,
    terminal: &'c Terminal<'c>,
    random: &'c dyn Random,
    told: &'c Told,
) -> Transaction<'c> {
    let business = case.business;
    let (year, month, day) = business.date;
    Transaction {
        events: Events::to(told),
        kind: business.kind,
        amount_other: Amount::new(business.other).expect("a drawn amount"),
        time: business.time,
        sequence_counter: business.counter,
        ..Transaction::purchase(
            terminal,
            Crypto { hash: &RustCrypto, rsa: &RustCrypto, random },
            Amount::new(business.amount).expect("a drawn amount"),
            Code::new(business.currency).expect("a drawn currency"),
            Date::new(year, month, day).expect("a drawn day"),
        )
    }
}

fn ending(outcome: &Outcome) -> Option<Ending> {
    Some(match outcome.conclusion {
        Conclusion::Approved => Ending::Approved,
        Conclusion::Declined => Ending::Declined,
        _ => Ending::Terminated,
    })
}

/// The objects that are compared.
fn objects(data: &Database<'_>) -> Observation {
    fn array<const N: usize>(data: &Database<'_>, tag: Tag) -> Option<[u8; N]> {
        data.bytes(tag).and_then(|bytes| bytes.try_into().ok())
    }
    Observation {
        results: array(data, TVR.tag).unwrap_or_default(),
        status: array(data, TSI.tag).unwrap_or_default(),
        cvm_results: array(data, CVM_RESULTS.tag),
        script_results: data.bytes(ISSUER_SCRIPT_RESULTS.tag).unwrap_or_default().to_vec(),
        ..Observation::default()
    }
}

fn merge(told: Observation, data: Observation) -> Observation {
    Observation {
        authenticated: told.authenticated,
        performed: told.performed,
        reasons: told.reasons,
        ..data
    }
}

/// Gives the numbers of the case: the Unpredictable Number in four bytes, and one byte for random
/// selection.
struct Drawn<'c> {
    case: &'c Case,
    rest: Seeded,
}

impl Random for Drawn<'_> {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        match out {
            [byte] => *byte = self.case.business.drawn - 1,
            out if out.len() == 4 => out.copy_from_slice(&self.case.business.unpredictable_number),
            out => return self.rest.fill(out),
        }
        Ok(())
    }
}

#[derive(Default)]
struct Told(RefCell<Observation>);

impl Sink for Told {
    fn event(&self, event: &Event<'_>) {
        let mut told = self.0.borrow_mut();
        match *event {
            Event::Authentication(method) => told.method = method,
            Event::Authenticated { result, .. } => told.authenticated = Some(result.is_ok()),
            Event::RulePerformed { rule, .. } => told.performed.push(rule),
            Event::Result { reason, .. } => told.reasons.push(reason),
            _ => {}
        }
    }
}

/// The issuer of the case.
struct Asked<'c> {
    case: &'c Case,
    seen: &'c RefCell<Option<String>>,
}

impl Issuer for Asked<'_> {
    fn authorise(&mut self, data: &Database<'_>) -> Option<IssuerAnswer> {
        let object = |tag| data.bytes(Tag(tag)).map(<[u8]>::to_vec);
        let (answer, seen) = host::ask(self.case, object);
        *self.seen.borrow_mut() = seen;
        answer.map(|answer| IssuerAnswer {
            authorisation_response_code: answer.code,
            issuer_authentication_data: answer.authentication_data,
            authorisation_code: None,
            scripts: self.case.issuer.script_templates().concat(),
        })
    }
}

/// A pad with the entries of the case.
fn pad<'r>(case: &Case, adjustments: &[Adjustment], random: &'r dyn Random) -> Pad<'r> {
    let pins = match &case.cardholder {
        Cardholder::Bypasses => &[][..],
        // The same one for every method.
        Cardholder::Enters(pins) if adjustments.contains(&Adjustment::PinAskedOnce) => {
            &[pins[0]; 5]
        }
        Cardholder::Enters(pins) => pins,
    };
    let entry = |pin: &&str| Entry::Digits(Pin::new(pin).expect("a drawn PIN"));
    let entries = pins.iter().map(entry);
    Pad {
        inner: ScriptedPad::new(entries, random),
        asks_once: adjustments.contains(&Adjustment::PinAskedOnce),
    }
}

/// The pad of the harness, which can be made to fail instead of asking again.
struct Pad<'r> {
    inner: ScriptedPad<'r>,
    asks_once: bool,
}

impl PinPad for Pad<'_> {
    fn enter(&mut self, request: &PinRequest<'_>, card: &mut dyn CardChannel) -> PinResult {
        if self.asks_once && request.entry.again {
            return PinResult::NoChallenge;
        }
        self.inner.enter(request, card)
    }
}
