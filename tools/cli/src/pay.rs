//! `pay`: a transaction between a simulated card and a simulated issuer.

mod trace;

use chipwright::database::Database;
use chipwright::event::{Event, Events, Sink};
use chipwright::driver::{Input, Output};
use chipwright::outcome::Outcome;
use chipwright_card::{Card, Profile};
use chipwright_harness::describe::{self, Context};
use chipwright_harness::device::FirstChoice;
use chipwright_harness::pad::ScriptedPad;
use chipwright_harness::random::Seeded;
use chipwright_harness::record::{self, Journal};
use chipwright_harness::run::{Watcher, run_watched};
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::transcript::{Recorder, Transcript};
use chipwright_harness::Devices;
use chipwright_host::{Host, Mode};
use serde_json::{Value, json};
use std::path::Path;

use crate::Report;
use crate::arguments::{self, Pay};
use crate::devices::{InReader, OnLine, Remark};
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;
use crate::story::{Story, receipt};

/// Seeds of the pad and the card, apart from that of the terminal.
const PAD: u64 = 0x0050_4144;
const CARD: u64 = 0x4341_5244;

/// Runs the transaction that the command line asks for.
pub(crate) fn run(arguments: &Pay) -> Result<Report, Failure> {
    arguments.refuse_unbuilt()?;
    let terminal = source::terminal(&arguments.terminal)?;
    let setup = arguments.setup(&terminal)?;
    let profile = source::card(&arguments.card)?;
    let card = Card::new(&profile, setup.seed ^ CARD)
        .map_err(|error| Failure::data(format!("{}: {error}", arguments.card)))?;
    let told = transact(arguments, &terminal, &setup, card)?;
    if let Some(path) = &arguments.transcript {
        write(path, &titled(&told.transcript, arguments).to_string())?;
    }
    if let Some(path) = &arguments.trace {
        let transcript = titled(&told.transcript, arguments);
        write(path, &format!("{:#}\n", trace::document(&told, &transcript, &terminal, arguments)))?;
    }
    let exit = Exit::of(told.outcome.conclusion);
    let text = if arguments.json {
        format!("{:#}\n", document(&told, arguments, &profile, exit))
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
    /// The same as JSON.
    events: Vec<Value>,
    /// Data objects that are left.
    objects: Vec<Value>,
    transcript: Transcript,
}

/// Runs the transaction, told on a page, kept as JSON and recorded as a transcript.
fn transact(
    arguments: &Pay,
    terminal: &TerminalFile,
    setup: &Setup,
    card: Card,
) -> Result<Told, Failure> {
    let context = Context { currency: Some(setup.currency) };
    let remark = Remark::default();
    let story = Story::new(Page::new(), context, remark.clone());
    head(&story.page, arguments, terminal, setup);
    let (journal, recorder) = (Journal::new(context), Recorder::default());
    let everyone = Everyone { story: &story, journal: &journal, recorder: &recorder };
    let configuration = terminal.configuration();
    let terminal = configuration.terminal();
    let (random, pad_random) = (setup.random(), Seeded::new(setup.seed ^ PAD));
    let transaction = setup.transaction(&terminal, &*random, Events::to(&everyone));
    let mut card = InReader(card);
    let mut pad = ScriptedPad::new(arguments.entries()?, &pad_random);
    let mut issuer = OnLine::new(Host::new(mode(arguments.host)), remark);
    let mut devices = Devices {
        card: &mut card,
        pad: &mut pad,
        cardholder: &mut FirstChoice,
        issuer: &mut issuer,
    };
    let read = |data: &Database<'_>| {
        let nodes = record::objects(data, context);
        for (tag, value) in data.objects() {
            story.page.secrets.borrow_mut().learn_object(tag, value);
        }
        (nodes, data.objects().map(|(tag, value)| (tag, value.to_vec())).collect::<Vec<_>>())
    };
    let _ = read;
    let (outcome, (objects, ended)) =
        run_watched(&transaction, &mut devices, &everyone, arguments.timing, |data| {
            (record::objects(data, context), end(&story, setup, data))
        });
    let (text, transcript) = ended(outcome, recorder);
    Ok(Told {
        outcome,
        text,
        events: journal.entries(),
        objects: objects.iter().map(record::node).collect(),
        transcript,
    })
}
