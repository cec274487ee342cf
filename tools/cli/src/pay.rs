//! `pay`: a transaction between a simulated card and a simulated issuer.

mod trace;

use chipwright::config::{History, KeyFault};
use chipwright::crypto::Crypto;
use chipwright::database::Database;
use chipwright::driver::Output;
use chipwright::event::Events;
use chipwright::outcome::{Conclusion, Outcome};
use chipwright_card::{Card, Profile};
use chipwright_harness::describe::{self, Context};
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::random::Seeded;
use chipwright_harness::record;
use chipwright_harness::run::Watcher;
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::transcript::Transcript;
use chipwright_host::Host;
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::device::NoCancel;
use chipwright_terminal::journal::Due;
use chipwright_terminal::{self as terminal, FinalRecord, Order, Service, blocking};
use serde_json::{Value, json};
use std::path::Path;

use crate::Report;
use crate::arguments::{self, Interface, Pay, value_name};
use crate::day::Day;
use crate::devices::{AtTheEnd, Customer, Line, Pad, Screen, Slot, Standing};
use crate::everyone::Everyone;
use crate::failure::{Exit, Failure};
use crate::front;
use crate::page::{Page, Style, cell};
use crate::source;
use crate::story::receipt;
use crate::tap::{self, People, Tapped};

/// What sets the seeds of pad and card apart from that of the terminal.
const PAD: u64 = 0x0050_4144;
const CARD: u64 = 0x4341_5244;

/// Runs the transaction that the command line asks for.
pub(crate) fn run(arguments: &Pay) -> Result<Report, Failure> {
    arguments.refuse_unbuilt()?;
    let terminal = source::terminal(&arguments.terminal)?;
    let terminal = source::with_options(terminal, &arguments.option)?;
    let mut setup = arguments.setup(&terminal)?;
    if let Some(key) = terminal.expired_key(setup.date) {
        let terminal = &arguments.terminal;
        return Err(Failure::data(format!("{terminal}: key {key}: {}", KeyFault::Expired)));
    }
    let profile = source::card(&arguments.card)?;
    let mut card = Card::new(&profile, setup.seed ^ CARD)
        .map_err(|error| Failure::data(format!("{}: {error}", arguments.card)))?;
    let everyone = Everyone::new(Context { currency: Some(setup.currency) }, arguments.power_cut);
    head(&everyone.story.page, arguments, &terminal, &setup, &profile);
    let can_tap = profile.application.iter().any(|application| application.quickpass.is_some());
    let taps = match arguments.interface {
        Interface::Contact => false,
        Interface::Contactless => true,
        Interface::Auto => can_tap,
    };
    if taps {
        let tapped = tap(arguments, &terminal, &setup, &profile, &mut card, &everyone)?;
        let other = tapped.outcome.conclusion == Conclusion::TryAnotherInterface;
        if !(other && arguments.interface == Interface::Auto) {
            return Ok(report_of_tap(arguments, &setup, &everyone, &tapped));
        }
        // Nothing of the tap is carried over: the terminal begins anew, and the card, which has
        // its own memory, is taken from the field and inserted.
        setup.seed = setup.seed.wrapping_add(1);
        card.present(chipwright_card::Interface::Contact);
    }
    let told = transact(arguments, &terminal, &setup, &profile, card, &everyone)?;
    if let Some(path) = &arguments.transcript {
        write(path, &told.transcript.to_string())?;
    }
    if let Some(path) = &arguments.trace {
        write(path, &format!("{:#}\n", trace::document(&told, &terminal)))?;
    }
    let exit = Exit::of(told.record.conclusion);
    let text = if arguments.json {
        format!("{:#}\n", document(&told, arguments, &setup, exit))
    } else {
        everyone.story.page.text()
    };
    Ok(Report { text, exit })
}

/// Holds the card to the reader.
fn tap(
    arguments: &Pay,
    terminal: &TerminalFile,
    setup: &Setup,
    profile: &Profile,
    card: &mut Card,
    everyone: &Everyone,
) -> Result<Tapped, Failure> {
    arguments.refuse_with_tap()?;
    let mut host = Host::new(arguments.host.mode());
    host.scripts = arguments.scripts()?;
    let random = Seeded::new(setup.seed ^ PAD);
    let pad = ScriptedPad::new(entries(arguments, profile)?, &random);
    tap::run(arguments, terminal, setup, People { card, host: Some(host), pad }, everyone)
}

fn report_of_tap(arguments: &Pay, setup: &Setup, everyone: &Everyone, tapped: &Tapped) -> Report {
    let exit = Exit::of(tapped.outcome.conclusion);
    let text = if arguments.json {
        let document = json!({
            "command": "pay",
            "card": arguments.card,
            "terminal": arguments.terminal,
            "interface": "contactless",
            "issuer": value_name(arguments.host),
            "transaction": business(setup),
            "events": everyone.log.entries(),
            "objects": tapped.objects,
            "outcome": record::outcome(&tapped.outcome),
            "exit_code": exit as u8,
        });
        format!("{document:#}\n")
    } else {
        everyone.story.page.text()
    };
    Report { text, exit }
}

/// What is known of a transaction that has ended.
struct Told {
    /// As the terminal sees it.
    outcome: Outcome,
    /// What the journal keeps of it.
    record: FinalRecord,
    /// A transaction that a power failure had left open before.
    interrupted: Option<FinalRecord>,
    /// What happened, as JSON.
    events: Vec<Value>,
    /// The data objects that are left, as JSON.
    objects: Vec<Value>,
    transcript: Transcript,
}

/// What is left of a transaction when it has ended.
struct Left {
    outcome: Outcome,
    objects: Vec<Value>,
    transcript: Transcript,
}

/// Runs the transaction and delivers what it owes: told on a page, kept as JSON, recorded as a
/// transcript.
fn transact(
    arguments: &Pay,
    file: &TerminalFile,
    setup: &Setup,
    profile: &Profile,
    card: Card,
    everyone: &Everyone,
) -> Result<Told, Failure> {
    let story = &everyone.story;
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    let (random, pad_random) = (setup.random(), Seeded::new(setup.seed ^ PAD));
    let history = arguments.history(setup)?;
    let services = [Service::new(setup.kind, terminal.applications)];
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &*random };
    let terminal = terminal::Setup {
        events: Events::to(everyone),
        history: history.as_ref().map(|history| history as &dyn History),
        ..terminal::Setup::new(&terminal, &services, crypto)
    };
    let mut left = None;
    let mut at_the_end =
        AtTheEnd(|record: &FinalRecord, outcome: &Outcome, data: &Database<'_>| {
            left = Some(what_is_left(arguments, setup, profile, everyone, (record, outcome, data)));
        });
    let (pad, choices) =
        (ScriptedPad::new(entries(arguments, profile)?, &pad_random), arguments.choices()?);
    let mut line = line(arguments, everyone)?;
    let mut day = Day::start(arguments.journal.as_deref(), everyone)?;
    let interrupted = day.interrupted;
    if arguments.journal.is_some() {
        day.deliver(&mut line, Due::Now)?;
    }
    let devices = blocking::Devices {
        reader: &mut Slot { card, timed: arguments.timing, everyone },
        pad: &mut Pad { pad, everyone },
        cardholder: &mut Customer { choices, everyone },
        host: &mut line,
        storage: &mut day.storage,
        hooks: &mut at_the_end,
        display: &mut Screen(everyone),
        clock: &Standing(setup.date, setup.time),
        cancel: &NoCancel,
    };
    let ran =
        blocking::run(&terminal, &order(setup), devices, &mut day.journal, day.workspace.lend());
    let record = ran.map_err(|failure| match failure {
        terminal::Failure::Refused(refusal) => Failure::usage(refusal.to_string()),
        terminal::Failure::Journal(failure) => day.failed(failure),
        other => Failure::data(other.to_string()),
    })?;
    if arguments.journal.is_none() {
        day.deliver(&mut line, Due::Everything)?;
    }
    if story.elapsed() > 0 {
        let page = &story.page;
        page.gap();
        let time = format!("{:.1} ms", story.elapsed() as f64 / 1000.0);
        page.row(&[cell(Style::Dim, "   card time"), cell(Style::Dim, &format!("  {time}"))]);
    }
    let Left { outcome, objects, transcript } = left.expect("what ended has called its hook");
    let events = everyone.log.entries();
    Ok(Told { outcome, record, interrupted, events, objects, transcript })
}

/// Prints the receipt and keeps what is left.
fn what_is_left(
    arguments: &Pay,
    setup: &Setup,
    profile: &Profile,
    everyone: &Everyone,
    (record, outcome, data): (&FinalRecord, &Outcome, &Database<'_>),
) -> Left {
    let story = &everyone.story;
    story.end_phase();
    everyone.request(&Output::Done(*outcome));
    let outcome = Outcome {
        conclusion: record.conclusion,
        reversal: record.duties.reversal,
        advice: record.duties.advice,
        ..*outcome
    };
    receipt(&story.page, &outcome, setup, data, record.duties);
    let context = Context { currency: Some(setup.currency) };
    let counted = Setup { counter: record.sequence, ..setup.clone() };
    let mut transcript = everyone.recorder.transcript(&arguments.terminal, &counted, data);
    transcript.comments = vec![format!("{}: {}", arguments.card, profile.title)];
    let objects = record::objects(data, context).iter().map(record::node).collect();
    Left { outcome, objects, transcript }
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

fn line<'e>(arguments: &Pay, everyone: &'e Everyone) -> Result<Line<'e>, Failure> {
    let mut host = Host::new(arguments.host.mode());
    host.scripts = arguments.scripts()?;
    Ok(Line { host, loses_answers: arguments.host == arguments::Host::AnswerLost, everyone })
}

/// What happens at the PIN pad: what the command line says, or the cardholder knows the PIN.
fn entries(arguments: &Pay, profile: &Profile) -> Result<Vec<Entry>, Failure> {
    if !arguments.pin.is_empty() {
        return arguments.entries();
    }
    let own = profile.application.first().map(|application| &application.verification.pin);
    let digits =
        own.map(|pin| pin.values().map(|digit| char::from(b'0' + digit)).collect::<String>());
    Ok(digits.and_then(|digits| Pin::new(&digits)).map(Entry::Digits).into_iter().collect())
}

/// Who takes part.
fn head(page: &Page, arguments: &Pay, terminal: &TerminalFile, setup: &Setup, profile: &Profile) {
    page.gap();
    let line = |what: &str, name: &str, more: &str| {
        page.row(&[
            cell(Style::Plain, "    "),
            cell(Style::Dim, what).wide(11),
            cell(Style::Bold, name).wide(26),
            cell(Style::Plain, more),
        ]);
    };
    line("card", &arguments.card, &profile.title);
    line("terminal", &arguments.terminal, &terminal.title);
    line("issuer", &value_name(arguments.host), "simulated");
    let kind = describe::transaction_type(setup.kind);
    let amount = setup.currency.show(setup.amount);
    line("business", kind, &format!("{amount} on {}", setup.date));
}

/// What is to be done, as JSON.
fn business(setup: &Setup) -> Value {
    json!({
        "type": describe::transaction_type(setup.kind),
        "amount": setup.currency.decimal(setup.amount),
        "other_amount": setup.currency.decimal(setup.other),
        "currency": setup.currency.name(),
        "date": setup.date.to_string(),
        "seed": setup.seed,
    })
}

/// Everything as one JSON document.
fn document(told: &Told, arguments: &Pay, setup: &Setup, exit: Exit) -> Value {
    json!({
        "command": "pay",
        "card": arguments.card,
        "terminal": arguments.terminal,
        "interface": "contact",
        "issuer": value_name(arguments.host),
        "transaction": business(setup),
        "events": told.events,
        "objects": told.objects,
        "outcome": record::outcome(&told.outcome),
        "record": front::record_entry(&told.record),
        "interrupted": told.interrupted.as_ref().map(front::record_entry),
        "exit_code": exit as u8,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::data(format!("{}: {error}", path.display())))
}
