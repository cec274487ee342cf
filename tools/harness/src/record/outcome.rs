//! The outcome.

use chipwright::outcome::{End, Outcome};
use serde_json::{Value, json};

use super::event::fault;
use crate::describe;

/// How a transaction ended.
pub fn outcome(outcome: &Outcome) -> Value {
    let end = outcome.end.map(|end| {
        let mut entry = json!({"code": describe::end_code(end), "text": describe::end(end)});
        if let End::Fault(cause) = end {
            entry["fault"] = fault(cause);
        }
        entry
    });
    json!({
        "conclusion": describe::conclusion(outcome.conclusion),
        "authority": describe::authority(outcome.authority),
        "phase": outcome.phase.name(),
        "end": end,
        "signature": outcome.signature,
        "reversal": outcome.reversal,
        "advice": outcome.advice,
    })
}
