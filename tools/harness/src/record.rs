//! What happened, as JSON: the kernel's events and what passed between it and the devices, in
//! order.
//!
//! Every entry is an object with a word under `event`; words and codes are stable. Account numbers
//! and tracks are masked.

mod event;
mod exchange;
mod outcome;
mod signed;

use core::cell::{Cell, RefCell};

use chipwright::database::Database;
use chipwright::dictionary::Source;
use chipwright::driver::{Input, Output};
use chipwright::event::{Event, Octets, Sink};
use serde_json::{Map, Value};

use crate::describe::{Context, Node, Secrets, nodes};
use crate::run::Watcher;

pub use exchange::{message, node};
pub use outcome::outcome;

/// Keeps what happened.
#[derive(Debug, Default)]
pub struct Journal {
    context: Context,
    entries: RefCell<Vec<Value>>,
    secrets: RefCell<Secrets>,
    /// Instruction of the command that waits for its answer.
    instruction: Cell<u8>,
    /// The record that it reads.
    record: RefCell<Option<String>>,
    /// Records that were read, with what they are called.
    records: RefCell<Vec<(String, Vec<u8>)>>,
    /// Microseconds since the transaction began, if anybody measures.
    at: Cell<Option<u64>>,
}

impl Journal {
    /// With amounts in this context.
    pub fn new(context: Context) -> Self {
        Self { context, ..Self::default() }
    }

    /// What happened so far, with every account number that came up masked wherever it stands.
    pub fn entries(&self) -> Vec<Value> {
        let secrets = self.secrets.borrow();
        self.entries.borrow().iter().map(|entry| hidden(entry, &secrets)).collect()
    }

    /// What comes next happens so many microseconds after the beginning.
    pub fn at(&self, microseconds: u64) {
        self.at.set(Some(microseconds));
    }

    /// Adds what happened around the kernel.
    pub fn note(&self, entry: Value) {
        self.push(entry);
    }

    fn push(&self, mut entry: Value) {
        if let Some(at) = self.at.get() {
            entry["at"] = at.into();
        }
        self.entries.borrow_mut().push(entry);
    }
}

impl Sink for Journal {
    fn event(&self, event: &Event<'_>) {
        match *event {
            Event::Command(Octets(bytes)) => {
                self.instruction.set(bytes.get(1).copied().unwrap_or(0));
                *self.record.borrow_mut() = signed::record(bytes);
                self.push(exchange::command(bytes));
            }
            Event::Response { data: Octets(data), status, elapsed } => {
                self.secrets.borrow_mut().learn(data);
                let record = self.record.take();
                self.records.borrow_mut().extend(record.map(|record| (record, data.to_vec())));
                let instruction = self.instruction.get();
                self.push(exchange::response(instruction, data, status, elapsed, self.context));
            }
            Event::StaticData(Octets(piece)) => {
                self.push(signed::static_data(piece, &self.records.borrow()));
            }
            Event::Selected { .. } => {
                self.records.borrow_mut().clear();
                self.push(event::entry(event));
            }
            ref event => self.push(event::entry(event)),
        }
    }
}

impl Watcher for Journal {
    fn request(&self, output: &Output<'_>) {
        if let Some(entry) = exchange::question(output, self.context) {
            self.push(entry);
        }
    }

    fn reply(&self, input: &Input<'_>) {
        if let Some(entry) = exchange::reply(input) {
            self.push(entry);
        }
    }
}

/// The data objects that are left at the end.
pub fn objects(data: &Database<'_>, context: Context) -> Vec<Node> {
    let objects: Vec<_> = data.objects().collect();
    nodes(&objects, context)
}

/// The data objects of the terminal that are left at the end, by tag.
pub fn of_terminal(data: &Database<'_>) -> Map<String, Value> {
    data.objects()
        .filter(|(tag, _)| data.source(*tag) == Some(Source::Terminal))
        .map(|(tag, value)| (tag.to_string(), hex::encode_upper(value).into()))
        .collect()
}

/// The value with every known account number masked.
fn hidden(value: &Value, secrets: &Secrets) -> Value {
    match value {
        Value::String(text) => Value::String(secrets.hide(text)),
        Value::Array(values) => values.iter().map(|value| hidden(value, secrets)).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), hidden(value, secrets))).collect()
        }
        other => other.clone(),
    }
}
