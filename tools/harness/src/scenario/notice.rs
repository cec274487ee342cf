//! What a kernel noticed, in short: one line for each event that says so.

use serde_json::Value;

/// Where nothing of the card has been read yet.
const BEFORE: &str = "Before";

/// What the kernel noticed, in order, each as `PHASE: WHAT CODE`.
pub fn notices(events: &[Value]) -> Vec<String> {
    let mut phase = BEFORE;
    let mut noticed = Vec::new();
    for event in events {
        if event["event"] == "phase" {
            phase = word(event, "name");
        } else if let Some(what) = notice(event) {
            noticed.push(format!("{phase}: {what}"));
        }
    }
    noticed
}

fn word<'e>(event: &'e Value, key: &str) -> &'e str {
    event[key].as_str().unwrap_or_default()
}

/// What an event says, if it is more than a step on the way.
fn notice(event: &Value) -> Option<String> {
    let with = |what: &str, key: &str| Some(format!("{what} {}", word(event, key)));
    let about = |what: &str| {
        let tag = event["tag"].as_str().map(|tag| format!(" {tag}")).unwrap_or_default();
        Some(format!("{what} {}{tag}", word(event, "code")))
    };
    match word(event, "event") {
        what @ ("result" | "fault" | "given-up") => about(what),
        "breach" if event["enforced"] == true => about("breach"),
        "breach" => about("reported"),
        "contactless" => about("tap"),
        "ignored" => with("ignored", "tag"),
        "authentication" => with("method", "method"),
        "authenticated" if event["passed"] == true => with("passed", "method"),
        "authenticated" => {
            Some(format!("failed {} {}", word(event, "method"), word(&event["failure"], "code")))
        }
        "pin-key-unusable" => Some(format!("pin key unusable {}", word(&event["failure"], "code"))),
        what @ ("rule-passed" | "rule-performed") => with(what, "rule"),
        "pin-entry" => with("pin", "result"),
        "decision" => with("decision", "request"),
        "host-answer" => with("host", "authorisation_response_code"),
        "script-result" => with("script", "result"),
        "left-out" => with("left out", "what"),
        "entry-passed" => with("entry passed", "why"),
        "ui-request" if event["message"].is_string() => with("shown", "message"),
        "final-outcome" => with("outcome", "outcome"),
        "cleared" => Some("cleared".to_owned()),
        "unreachable" => Some("unreachable".to_owned()),
        "candidate" => with("candidate", "name"),
        "selected" => with("selected", "name"),
        _ => None,
    }
}
