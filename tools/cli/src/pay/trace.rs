//! Traces: a transaction as a JSON file that other tools can read, and `replay` can run again.

use chipwright_harness::record;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::transcript::Step;
use serde_json::{Value, json};

use super::transact::{Left, Told};

/// The trace of a transaction. Exchanges and transcript hold account data as it was; the rest is
/// masked.
pub(super) fn document(told: &Told, terminal: &TerminalFile) -> Value {
    let Left { transcript, outcome, interface, .. } = &told.left;
    let lines = transcript.to_string();
    json!({
        "schema": "chipwright-trace-1",
        "title": transcript.comments.join(" "),
        "interface": interface,
        "exchanges": exchanges(&transcript.steps),
        "transcript": lines.lines().collect::<Vec<_>>(),
        "terminal_file": terminal.text().lines().collect::<Vec<_>>(),
        "events": told.events,
        "outcome": record::outcome(outcome),
    })
}

/// Commands with their answers; an answer that did not come is empty.
fn exchanges(steps: &[Step]) -> Vec<Value> {
    let pairs = steps.windows(2).filter_map(|pair| match pair {
        [Step::Sent(command), Step::Answered(answer)] => Some((command, answer.as_slice())),
        [Step::Sent(command), _] => Some((command, &[][..])),
        _ => None,
    });
    pairs
        .map(|(command, answer)| {
            json!({"c": hex::encode_upper(command), "r": hex::encode_upper(answer)})
        })
        .collect()
}
