//! A transaction, told on a page, kept as JSON, recorded as a transcript.

use chipwright::config::History;
use chipwright::crypto::Crypto;
use chipwright::database::Database;
use chipwright::driver::Output;
use chipwright::event::Events;
use chipwright::outcome::{Conclusion, Outcome};
use chipwright_harness::describe::Context;
use chipwright_harness::kernels::Linked;
use chipwright_harness::pad::ScriptedPad;
use chipwright_harness::record;
use chipwright_harness::run::Watcher;
use chipwright_harness::scenario;
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::transcript::Transcript;
use chipwright_host::Host;
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::blocking::{self, Contactless};
use chipwright_terminal::device::NoCancel;
use chipwright_terminal::journal::Due;
use chipwright_terminal::numbers::Unrepeated;
use chipwright_terminal::{self as terminal, FinalRecord, Flow, Order, Service};
use serde_json::{Map, Value};

use super::offered::Offered;
use crate::adversary::Adversary;
use crate::arguments::{self, Interface, Pay};
use crate::chance::Chance;
use crate::day::Day;
use crate::devices::{Antenna, AtTheEnd, Customer, Line, Pad, Presented, Screen, Slot, Standing};
use crate::everyone::Everyone;
use crate::failure::{Exit, Failure};
use crate::front;
use crate::page::{Style, cell};
use crate::story::receipt;

/// What sets the seed of the pad apart from that of the terminal.
const PAD: u64 = 0x0050_4144;

/// Unpredictable numbers that the terminal remembers.
const NUMBERS: usize = 16;

/// What is known of a transaction that has ended.
pub(crate) struct Told {
    /// What the journal keeps of it.
    pub(crate) record: FinalRecord,
    /// A transaction that a power failure had left open before.
    pub(crate) interrupted: Option<FinalRecord>,
    /// What happened, as JSON.
    pub(crate) events: Vec<Value>,
    pub(crate) left: Left,
    /// What the reader says of a link that failed.
    pub(crate) trouble: Option<Failure>,
    /// How many bytes of each part of the memory that was lent came back unwiped.
    pub(crate) unwiped: Vec<(&'static str, usize)>,
}

/// What is left of a transaction when it has ended.
pub(crate) struct Left {
    /// As the terminal sees it.
    pub(crate) outcome: Outcome,
    /// By which interface it was done.
    pub(crate) interface: &'static str,
    /// What it began with.
    pub(crate) setup: Setup,
    /// The data objects that are left, as JSON.
    pub(crate) objects: Vec<Value>,
    /// Those of the terminal, by tag.
    pub(crate) terminal: Map<String, Value>,
    pub(crate) transcript: Transcript,
}

/// What stands behind the terminal.
pub(crate) struct Behind<'e> {
    pub(crate) line: Line<'e>,
    pub(crate) day: Day<'e>,
    pub(crate) everyone: &'e Everyone,
}

/// Runs the transaction and delivers what it owes. Where a tap leads to the slot, the transaction
/// in the slot is the one that is told of.
pub(crate) fn transact(
    arguments: &Pay,
    file: &TerminalFile,
    setup: &Setup,
    offered: Offered<'_>,
    adversary: &Adversary,
    everyone: &Everyone,
) -> Result<Told, Failure> {
    let mut line = line(arguments, &adversary.line, everyone)?;
    let day = start(arguments, everyone, &mut line)?;
    let mut behind = Behind { line, day, everyone };
    transact_before(&mut behind, arguments, file, setup, offered, adversary)
}

/// The same, with all that stands behind the terminal.
pub(crate) fn transact_before(
    behind: &mut Behind<'_>,
    arguments: &Pay,
    file: &TerminalFile,
    setup: &Setup,
    offered: Offered<'_>,
    adversary: &Adversary,
) -> Result<Told, Failure> {
    let Behind { line, day, everyone } = behind;
    let everyone: &Everyone = everyone;
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    let [chance, pad_random] =
        [setup.seed, setup.seed ^ PAD].map(|seed| Chance::new(seed, adversary.random));
    let history = arguments.history(setup)?;
    let hardening = terminal.options.hardening;
    let numbers = Unrepeated::<NUMBERS>::new(&chance, hardening, Events::to(everyone));
    let services = [Service {
        combinations: &configuration.combinations,
        ..Service::new(setup.kind, terminal.applications)
    }];
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &numbers };
    let terminal = terminal::Setup {
        events: Events::to(everyone),
        history: history.as_ref().map(|history| history as &dyn History),
        ..terminal::Setup::new(&terminal, &services, crypto)
    };
    let card = format!("{}: {}", offered.name, offered.title);
    let mut left = None;
    let mut at_the_end =
        AtTheEnd(|record: &FinalRecord, outcome: &Outcome, data: &Database<'_>| {
            let setup = Setup { seed: chance.seed(), ..setup.clone() };
            left = Some(what_is_left(arguments, setup, &card, everyone, (record, outcome, data)));
            if record.conclusion == Conclusion::TryAnotherInterface {
                chance.begin_anew();
            }
        });
    let pad = ScriptedPad::new(offered.entries, &pad_random);
    let presented = Presented { card: offered.presence.into(), timed: arguments.timing, everyone };
    let contactless = Contactless { kernels: &Linked, reader: &mut Antenna(&presented) };
    let devices = blocking::Devices {
        reader: &mut Slot(&presented),
        pad: &mut Pad { pad, everyone },
        cardholder: &mut Customer { choices: arguments.choices()?, everyone },
        host: line,
        storage: &mut day.storage,
        hooks: &mut at_the_end,
        display: &mut Screen(everyone),
        clock: &Standing(setup.date, setup.time),
        cancel: &NoCancel,
    };
    let (order, journal, memory) = (order(setup), &mut day.journal, day.workspace.lend());
    let ran = match offered.interface {
        Interface::Contactless => {
            blocking::tap(&terminal, &order, contactless, devices, journal, memory)
        }
        Interface::Auto => {
            blocking::tap_or_insert(&terminal, &order, contactless, devices, journal, memory)
        }
        Interface::Contact => blocking::run(&terminal, &order, devices, journal, memory),
    };
    let trouble = presented.card.borrow().trouble();
    let record = ran.map_err(|failure| failed(failure, day, trouble.as_ref()))?;
    let unwiped = deliver(arguments, day, line)?;
    tell_time(everyone);
    let left = left.expect("what ended has called its hook");
    let (interrupted, events) = (day.interrupted.take(), everyone.log.entries());
    Ok(Told { record, interrupted, events, left, trouble, unwiped })
}

/// Delivers what is owed, unless the journal is to keep it; says what memory was not wiped.
fn deliver(
    arguments: &Pay,
    day: &mut Day<'_>,
    line: &mut Line<'_>,
) -> Result<Vec<(&'static str, usize)>, Failure> {
    let mut unwiped = day.unwiped();
    if arguments.journal.is_none() {
        day.deliver(line, Due::Everything)?;
        unwiped.extend(day.unwiped());
    }
    Ok(unwiped)
}

/// Starts the terminal, and delivers what cannot wait.
fn start<'e>(
    arguments: &Pay,
    everyone: &'e Everyone,
    line: &mut Line<'_>,
) -> Result<Day<'e>, Failure> {
    let mut day = Day::start(arguments.journal.as_deref(), everyone)?;
    if arguments.journal.is_some() {
        day.deliver(line, Due::Now)?;
    }
    Ok(day)
}

/// Why there is no transaction to tell of.
fn failed(failure: terminal::Failure, day: &Day<'_>, trouble: Option<&Failure>) -> Failure {
    match failure {
        terminal::Failure::Refused(refusal) => Failure::usage(refusal.to_string()),
        terminal::Failure::Journal(failure) => day.failed(failure),
        terminal::Failure::NoCard(_) => trouble
            .cloned()
            .unwrap_or_else(|| Failure { exit: Exit::Terminated, message: failure.to_string() }),
        terminal::Failure::NoTap => {
            Failure { exit: Exit::OtherInterface, message: failure.to_string() }
        }
        other => Failure::data(other.to_string()),
    }
}

/// Prints the receipt and keeps what is left.
fn what_is_left(
    arguments: &Pay,
    setup: Setup,
    card: &str,
    everyone: &Everyone,
    (record, outcome, data): (&FinalRecord, &Outcome, &Database<'_>),
) -> Left {
    let story = &everyone.story;
    story.end_phase();
    everyone.request(&Output::Done(*outcome));
    let outcome = Outcome {
        conclusion: record.conclusion,
        authority: record.authority,
        reversal: record.duties.reversal,
        advice: record.duties.advice,
        ..*outcome
    };
    receipt(&story.page, &outcome, &setup, data, record.duties);
    let contactless = front::interface(record) == Some("contactless");
    let Service { flow, .. } = Service::new(setup.kind, &[]);
    let setup = Setup {
        counter: record.sequence,
        // A tap that is taken no further than this was forced online by the terminal.
        force_online: setup.force_online || contactless && flow != Flow::Full,
        ..setup
    };
    let mut transcript = everyone.recorder.transcript(&arguments.terminal, &setup, data);
    transcript.comments = vec![card.to_owned()];
    transcript.contactless = contactless;
    let context = Context::of(setup.currency);
    let objects = record::objects(data, context).iter().map(record::node).collect();
    let terminal = record::of_terminal(data);
    let interface = if contactless { "contactless" } else { "contact" };
    Left { outcome, interface, setup, objects, terminal, transcript }
}

fn order(setup: &Setup) -> Order {
    Order {
        kind: setup.kind,
        amount: Some(setup.amount),
        amount_other: setup.other,
        currency: setup.currency.code(),
        currency_exponent: setup.currency.exponent,
        force_online: setup.force_online,
    }
}

/// The line to the host that the command line asks for.
pub(crate) fn line<'e>(
    arguments: &Pay,
    tampering: &'e scenario::Line,
    everyone: &'e Everyone,
) -> Result<Line<'e>, Failure> {
    let mut host = Host::new(arguments.host.mode());
    host.scripts = arguments.scripts()?;
    let loses_answers = arguments.host == arguments::Host::AnswerLost;
    Ok(Line { host, loses_answers, tampering, everyone })
}

/// Whose time it was, if anybody measured the card.
fn tell_time(everyone: &Everyone) {
    let story = &everyone.story;
    if story.elapsed() > 0 {
        let page = &story.page;
        page.gap();
        for (who, microseconds) in everyone.clock.shares() {
            let time = format!("  {:.1} ms", microseconds as f64 / 1000.0);
            page.row(&[cell(Style::Dim, &format!("   {who}")).wide(12), cell(Style::Dim, &time)]);
        }
    }
}
