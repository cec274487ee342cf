//! `pay`: a transaction between a simulated card and a simulated issuer.

mod everyone;
mod trace;

use chipwright::config::{History, Transaction};
use chipwright::database::Database;
use chipwright::event::Events;
use chipwright::outcome::Outcome;
use chipwright_card::{Card, Profile};
use chipwright_harness::Devices;
use chipwright_harness::describe::{self, Context};
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::random::Seeded;
use chipwright_harness::record::{self, Journal};
use chipwright_harness::run::run_watched;
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::transcript::{Recorder, Transcript};
use chipwright_host::{Host, Mode};
use serde_json::{Value, json};
use std::path::Path;

use crate::Report;
use crate::arguments::{self, Pay, value_name};
use crate::devices::{InReader, OnLine, Remark};
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;
use crate::story::{Story, receipt};
use everyone::Everyone;

/// What sets the seeds of pad and card apart from that of the terminal.
const PAD: u64 = 0x0050_4144;
const CARD: u64 = 0x4341_5244;

/// Runs the transaction that the command line asks for.
pub(crate) fn run(arguments: &Pay) -> Result<Report, Failure> {
    arguments.refuse_unbuilt()?;
    let terminal = source::terminal(&arguments.terminal)?;
    let terminal = source::with_options(terminal, &arguments.option)?;
    let setup = arguments.setup(&terminal)?;
    let profile = source::card(&arguments.card)?;
    let card = Card::new(&profile, setup.seed ^ CARD)
        .map_err(|error| Failure::data(format!("{}: {error}", arguments.card)))?;
    let told = transact(arguments, &terminal, &setup, &profile, card)?;
    if let Some(path) = &arguments.transcript {
        write(path, &told.transcript.to_string())?;
    }
    if let Some(path) = &arguments.trace {
        write(path, &format!("{:#}\n", trace::document(&told, &terminal)))?;
    }
    let exit = Exit::of(told.outcome.conclusion);
    let text = if arguments.json {
        format!("{:#}\n", document(&told, arguments, &setup, exit))
    } else {
        told.text
    };
    Ok(Report { text, exit })
}

/// What is known of a transaction that has ended.
struct Told {
    outcome: Outcome,
    /// The page that tells it.
    text: String,
    /// What happened, as JSON.
    events: Vec<Value>,
    /// The data objects that are left, as JSON.
    objects: Vec<Value>,
    transcript: Transcript,
}

/// Runs the transaction: told on a page, kept as JSON, recorded as a transcript.
fn transact(
    arguments: &Pay,
    terminal: &TerminalFile,
    setup: &Setup,
    profile: &Profile,
    card: Card,
) -> Result<Told, Failure> {
    let context = Context { currency: Some(setup.currency) };
    let remark = Remark::default();
    let story = Story::new(Page::new(), context, remark.clone());
    head(&story.page, arguments, terminal, setup, profile);
    let (journal, recorder) = (Journal::new(context), Recorder::default());
    let everyone = Everyone { story: &story, journal: &journal, recorder: &recorder };
    let configuration = terminal.configuration();
    let terminal = configuration.terminal();
    let (random, pad_random) = (setup.random(), Seeded::new(setup.seed ^ PAD));
    let history = arguments.history(setup)?;
    let transaction = Transaction {
        history: history.as_ref().map(|history| history as &dyn History),
        ..setup.transaction(&terminal, &*random, Events::to(&everyone))
    };
    let mut host = Host::new(mode(arguments.host));
    host.scripts = arguments.scripts()?;
    let mut devices = Devices {
        card: &mut InReader(card),
        pad: &mut ScriptedPad::new(entries(arguments, profile)?, &pad_random),
        cardholder: &mut arguments.choices()?,
        issuer: &mut OnLine::new(host, remark),
    };
    let end = |outcome: &Outcome, data: &Database<'_>| {
        story.end_phase();
        receipt(&story.page, outcome, setup, data);
        let mut transcript = recorder.transcript(&arguments.terminal, setup, data);
        transcript.comments = vec![format!("{}: {}", arguments.card, profile.title)];
        (record::objects(data, context).iter().map(record::node).collect(), transcript)
    };
    let (outcome, (objects, transcript)) =
        run_watched(&transaction, &mut devices, &everyone, arguments.timing, end);
    if story.elapsed() > 0 {
        let page = &story.page;
        page.gap();
        let time = format!("{:.1} ms", story.elapsed() as f64 / 1000.0);
        page.row(&[cell(Style::Dim, "   card time"), cell(Style::Dim, &format!("  {time}"))]);
    }
    let events = journal.entries();
    Ok(Told { outcome, text: story.page.into_text(), events, objects, transcript })
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

const fn mode(host: arguments::Host) -> Mode {
    match host {
        arguments::Host::Approve => Mode::Approve,
        arguments::Host::Decline => Mode::Decline,
        arguments::Host::Unreachable => Mode::Unreachable,
        arguments::Host::BadArpc => Mode::BadArpc,
        arguments::Host::NoArpc => Mode::NoArpc,
    }
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

/// Everything as one JSON document.
fn document(told: &Told, arguments: &Pay, setup: &Setup, exit: Exit) -> Value {
    json!({
        "command": "pay",
        "card": arguments.card,
        "terminal": arguments.terminal,
        "interface": value_name(arguments.interface),
        "issuer": value_name(arguments.host),
        "transaction": {
            "type": describe::transaction_type(setup.kind),
            "amount": setup.currency.decimal(setup.amount),
            "other_amount": setup.currency.decimal(setup.other),
            "currency": setup.currency.name(),
            "date": setup.date.to_string(),
            "seed": setup.seed,
        },
        "events": told.events,
        "objects": told.objects,
        "outcome": record::outcome(&told.outcome),
        "exit_code": exit as u8,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::data(format!("{}: {error}", path.display())))
}
