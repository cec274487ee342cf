//! Opens whatever holds a transaction: a trace, a transcript, a firmware's event record.

use chipwright::event::record::Rows;
use chipwright::event::{Event, Events, Sink};
use chipwright_harness::describe::{self, Context};
use chipwright_harness::record::{self, Journal};
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::trace::{Interface, Trace, replay};
use chipwright_harness::transcript::{Transcript, play_again};
use serde_json::{Map, Value, json};
use std::path::Path;

use super::entry::Entry;
use crate::failure::Failure;
use crate::source;

/// A transaction, or several in a row, as they were recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording {
    pub(crate) title: String,
    /// `contact` or `contactless`, where it is known.
    pub(crate) interface: String,
    /// What the terminal is.
    pub(crate) terminal_title: String,
    /// What happened.
    pub(crate) events: Vec<Value>,
    /// Data objects at the end.
    pub(crate) objects: Vec<Value>,
    /// Those of the terminal, by tag.
    pub(crate) terminal: Map<String, Value>,
    pub(crate) transaction: Value,
    pub(crate) timing: Value,
    pub(crate) outcome: Value,
    /// What it takes to run it again.
    pub(crate) source: Option<Box<(Transcript, TerminalFile)>>,
}

/// Opens a file.
pub(crate) fn open(file: &str) -> Result<Recording, Failure> {
    let wrong = |error: &dyn core::fmt::Display| Failure::data(format!("{file}: {error}"));
    let bytes = source::bytes(file)?;
    if bytes.starts_with(&[0, 2, 0]) {
        return event_record(file, &bytes).map_err(|error| wrong(&error));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong(&"no text, and no event record"))?;
    if !text.trim_start().starts_with('{') {
        let transcript = Transcript::parse(&text).map_err(|error| wrong(&error))?;
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        let terminal = transcript.terminal_file(folder).map_err(Failure::data)?;
        return Ok(played(&transcript, &terminal).0);
    }
    let mut document: Value = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
    if document.get("events").is_none() {
        let trace = Trace::parse(&text).map_err(|error| wrong(&error))?;
        return foreign(&trace).map_err(|error| wrong(&error));
    }
    clean(&mut document);
    let source = Trace::parse(&text).ok().and_then(|trace| trace.transcript);
    let terminal = source.as_ref().map(|source| source.1.title.clone()).unwrap_or_default();
    Ok(Recording { source, terminal_title: terminal, ..of_document(&document) })
}

/// A trace of ours, or what `pay --json` prints.
fn of_document(document: &Value) -> Recording {
    let field = |name: &str| document.get(name).cloned().unwrap_or_default();
    Recording {
        title: document.text("title").to_owned(),
        interface: document.text("interface").to_owned(),
        objects: document.list("objects").to_vec(),
        timing: field("timing"),
        events: document.list("events").to_vec(),
        terminal: field("terminal").as_object().cloned().unwrap_or_default(),
        transaction: field("transaction"),
        outcome: field("outcome"),
        source: None,
        terminal_title: String::new(),
    }
}

/// What a terminal's firmware told.
fn event_record(title: &str, bytes: &[u8]) -> Result<Recording, chipwright::event::record::Error> {
    struct Told(Journal);
    impl Sink for Told {
        fn event(&self, event: &Event<'_>) {
            self.0.event(event);
            if let Event::Ended(outcome) = event {
                self.0.note(json!({"event": "outcome", "outcome": record::outcome(outcome)}));
            }
        }
    }
    let told = Told(Journal::default());
    for row in Rows::new(bytes)? {
        row?.tell(&told)?;
    }
    let events = told.0.entries();
    let outcome = events.iter().rev().find_map(|event| event.get("outcome")).cloned();
    let outcome = outcome.unwrap_or_default();
    Ok(Recording { title: title.to_owned(), events, outcome, ..Recording::default() })
}

/// A transcript, played.
pub(crate) fn played(
    transcript: &Transcript,
    terminal: &TerminalFile,
) -> (Recording, chipwright_harness::transcript::Again) {
    let configuration = terminal.configuration();
    let setup = &transcript.setup;
    let context = Context::of(setup.currency);
    let journal = Journal::new(context);
    let (again, (objects, terminals)) = play_again(
        transcript,
        &configuration.terminal(),
        &configuration.combinations,
        Events::to(&journal),
        &journal,
        |data| {
            let objects = record::objects(data, context);
            (objects.iter().map(record::node).collect(), record::of_terminal(data))
        },
    );
    let transaction = json!({
        "type": describe::transaction_type(setup.kind),
        "amount": setup.currency.decimal(setup.amount),
        "other_amount": setup.currency.decimal(setup.other),
        "currency": setup.currency.name(),
        "date": setup.date.to_string(),
    });
    let recording = Recording {
        title: transcript.comments.join(" "),
        events: journal.entries(),
        objects,
        interface: if transcript.contactless { "contactless" } else { "contact" }.to_owned(),
        terminal_title: terminal.title.clone(),
        timing: Value::Null,
        terminal: terminals,
        transaction,
        outcome: record::outcome(&again.outcome),
        source: Some(Box::new((transcript.clone(), terminal.clone()))),
    };
    (recording, again)
}

/// A trace of another terminal, replayed as far as it goes.
fn foreign(trace: &Trace) -> Result<Recording, &'static str> {
    if trace.interface == Interface::Contactless {
        return Err("a contactless trace of another terminal: those of contact cards alone can \
                    be rebuilt");
    }
    let journal = Journal::default();
    let replayed = replay(trace, Events::to(&journal), &journal);
    Ok(Recording {
        title: trace.title.clone(),
        interface: "contact".to_owned(),
        events: journal.entries(),
        outcome: record::outcome(&replayed.outcome),
        ..Recording::default()
    })
}

/// What others wrote goes to a terminal: without control characters.
fn clean(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|letter| !letter.is_control()),
        Value::Array(values) => values.iter_mut().for_each(clean),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| clean(value)),
        _ => {}
    }
}

impl Recording {
    /// Its transactions, one after the other: a tap, and the slot that it led to.
    pub(crate) fn parts(&self) -> Vec<&[Value]> {
        let mut parts = Vec::new();
        let (mut begin, mut ended) = (0, false);
        for (place, event) in self.events.iter().enumerate() {
            match event.event() {
                "ended" => ended = true,
                "phase" | "entry-point" | "command" if ended => {
                    parts.extend(self.events.get(begin..place));
                    (begin, ended) = (place, false);
                }
                _ => {}
            }
        }
        parts.extend(self.events.get(begin..));
        parts
    }
}
