//! What a recording says of a transaction, question by question. Everything is what the kernel
//! told; nothing is decided here.

use serde::Serialize;
use serde_json::Value;

use super::authentication::{Authentication, authentication};
use super::compared::{compared, compared_in_tap};
use super::course::{Step, course};
use super::entry::{Bit, Entry, phased};
use super::lists::{List, lists};
use super::recording::Recording;
use super::sources::{Datum, Sources};

/// A transaction, explained.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Explanation {
    /// How it ended, in words.
    pub(crate) outcome: String,
    /// What led there, in order; the last step is what decided.
    pub(crate) course: Vec<Step>,
    /// Why another interface was asked for; empty when none was.
    pub(crate) interface: Vec<Step>,
    /// Bits of the Terminal Verification Results.
    pub(crate) results: Vec<Finding>,
    /// Bits of the Transaction Status Information.
    pub(crate) status: Vec<Finding>,
    /// Cardholder verification rules.
    pub(crate) verification: Vec<Rule>,
    /// Data object lists that were filled.
    pub(crate) lists: Vec<List>,
    /// Offline data authentication.
    pub(crate) authentication: Option<Authentication>,
}

/// Bits that were set, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) bits: Vec<Bit>,
    /// Code of the reason; none of status bits.
    pub(crate) code: Option<String>,
    pub(crate) reason: String,
    pub(crate) rule: String,
    pub(crate) phase: String,
    /// The data that it is about.
    pub(crate) data: Vec<Datum>,
    /// The bits were taken back.
    pub(crate) cleared: bool,
}

/// A cardholder verification rule that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Rule {
    pub(crate) number: u64,
    pub(crate) rule: String,
    pub(crate) method: String,
    pub(crate) condition: String,
    pub(crate) performed: bool,
    /// Why it was passed over.
    pub(crate) why: Option<String>,
    /// What came of it: reports of the PIN pad, bits.
    pub(crate) came: Vec<String>,
}

impl Explanation {
    /// Of one part of a recording; the last one ended as the recording did.
    pub(crate) fn of(events: &[Value], recording: &Recording, last: bool) -> Self {
        let sources = Sources::of(events, recording);
        let results = results(events, &sources);
        let steps = course(events, &results, &sources);
        let asks = |step: &Step| step.event == "final-outcome" && step.asks_for_interface;
        let interface = match steps.iter().rposition(asks) {
            Some(place) => steps.get(..=place).unwrap_or_default().to_vec(),
            None => Vec::new(),
        };
        Self {
            outcome: ending(events, &recording.outcome, last),
            interface: interface.into_iter().filter(Step::bears_on_interface).collect(),
            course: steps,
            status: status(events),
            verification: verification(events),
            lists: lists(events, &sources),
            authentication: authentication(events, &sources),
            results,
        }
    }
}

/// How it ended: what the kernel told, and what the terminal made of it in the end.
fn ending(events: &[Value], outcome: &Value, last: bool) -> String {
    let told = events.iter().rev().find(|event| event.event() == "ended");
    let ended = if last && outcome.is_object() { Some(outcome) } else { told };
    let Some(ended) = ended else { return "no end was recorded".to_owned() };
    let conclusion = ended.text("conclusion");
    let why = ended.get("end").map(|end| end.text("text")).unwrap_or_default();
    match why {
        "" => format!("{conclusion} {}", ended.text("authority")),
        why => format!("{conclusion} in {}: {why}", ended.text("phase")),
    }
}

/// Why each bit of the Terminal Verification Results was set.
fn results(events: &[Value], sources: &Sources) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for (phase, event) in phased(events) {
        match event.event() {
            "result" => found.push(Finding {
                bits: event.bits(),
                code: event.text_if_any("code"),
                reason: event.text("reason").to_owned(),
                rule: event.text("rule").to_owned(),
                phase: phase.text("name").to_owned(),
                data: data(event, compared(event.text("code")), sources),
                cleared: false,
            }),
            "cleared" => {
                let gone = event.bits();
                for finding in &mut found {
                    finding.cleared |= finding.bits.iter().all(|bit| gone.contains(bit));
                }
            }
            _ => {}
        }
    }
    found
}

/// The object that decided, and those that it was compared with.
fn data(event: &Value, compared: &[&str], sources: &Sources) -> Vec<Datum> {
    let decided = event.text("tag");
    let others = compared.iter().copied().filter(|tag| *tag != decided);
    let tags = Some(decided).into_iter().filter(|tag| !tag.is_empty()).chain(others);
    tags.map(|tag| sources.datum(tag)).filter(|datum| datum.value.is_some()).collect()
}

/// The data that a reason of a contactless kernel is about.
pub(super) fn data_of_tap(event: &Value, sources: &Sources) -> Vec<Datum> {
    data(event, compared_in_tap(event.text("code")), sources)
}

/// In which phase each bit of the Transaction Status Information was set.
fn status(events: &[Value]) -> Vec<Finding> {
    let set = phased(events).filter(|(_, event)| event.event() == "status");
    set.map(|(phase, event)| Finding {
        bits: event.bits(),
        code: None,
        reason: String::new(),
        rule: phase.text("rule").to_owned(),
        phase: phase.text("name").to_owned(),
        data: Vec::new(),
        cleared: false,
    })
    .collect()
}

/// The rules that were tried, in order, and what came of each.
fn verification(events: &[Value]) -> Vec<Rule> {
    const CARDHOLDER_VERIFICATION: u64 = 6;
    let mut rules: Vec<Rule> = Vec::new();
    for (phase, event) in phased(events) {
        let kind = event.event();
        let inside = phase.number("code") == CARDHOLDER_VERIFICATION;
        let came = match kind {
            "rule-passed" | "rule-performed" => {
                rules.push(Rule {
                    number: event.number("number"),
                    rule: event.text("rule").to_owned(),
                    method: event.text("method").to_owned(),
                    condition: event.text("condition").to_owned(),
                    performed: kind == "rule-performed",
                    why: event.text_if_any("why"),
                    came: Vec::new(),
                });
                continue;
            }
            "pin-entry" => vec![event.text("result").to_owned()],
            "pin-key-unusable" => event
                .get("failure")
                .map(|failure| failure.text("text").to_owned())
                .into_iter()
                .collect(),
            "result" if inside => {
                let why = event.text("reason");
                event.bits().iter().map(|bit| format!("TVR {bit}: {why}")).collect()
            }
            _ => continue,
        };
        if let Some(rule) = rules.last_mut() {
            rule.came.extend(came);
        }
    }
    rules
}
