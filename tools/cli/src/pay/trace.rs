//! Traces: a transaction as a JSON file that other tools can read, and `replay` can run again.

use chipwright_harness::describe::Secrets;
use chipwright_harness::record;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::trace::SCHEMA;
use chipwright_harness::transcript::{Step, Transcript};
use serde_json::{Value, json};

use super::transact::{Left, Told};
use crate::clock::Clock;

/// The trace of a transaction. A complete one can be replayed: its exchanges and transcript hold
/// account data as it was. All else is masked.
pub(super) fn document(
    told: &Told,
    terminal: &TerminalFile,
    clock: &Clock,
    complete: bool,
) -> Value {
    let Left { transcript, outcome, interface, setup, objects, .. } = &told.left;
    let timing: Value =
        clock.shares().map(|(who, time)| (who, Value::from(time))).into_iter().collect();
    let mut document = json!({
        "schema": SCHEMA,
        "title": transcript.comments.join(" "),
        "interface": interface,
        "masked": !complete,
        "transaction": super::business(setup),
        "terminal": told.left.terminal,
        "terminal_file": terminal.text().lines().collect::<Vec<_>>(),
        "timing": timing,
        "events": told.events,
        "objects": objects,
        "outcome": record::outcome(outcome),
    });
    if complete {
        document["exchanges"] = exchanges(&transcript.steps).into();
        document["transcript"] = transcript.to_string().lines().collect();
    }
    document
}

/// Whether every account number in it is of a published test range.
pub(super) fn is_for_tests(transcript: &Transcript) -> bool {
    let mut secrets = Secrets::default();
    for step in &transcript.steps {
        if let Step::Answered(bytes) = step {
            secrets.learn(bytes);
        }
    }
    secrets.numbers().all(chipwright_card::is_for_tests)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_no_test_range_are_account_data() {
        let answered = |account: &str| {
            let record = format!("700A5A08{account}9000");
            let steps = vec![Step::Answered(hex::decode(record).unwrap())];
            Transcript { steps, ..Transcript::default() }
        };
        assert!(is_for_tests(&answered("4761739001010010")));
        assert!(!is_for_tests(&answered("4242424242424242")));
        assert!(is_for_tests(&Transcript::default()));
    }
}
