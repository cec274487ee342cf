//! What led to the outcome, step by step.

use serde::Serialize;
use serde_json::Value;

use super::entry::{Bit, Entry, leaves, phased};
use super::explanation::{Finding, data_of_tap};
use super::sources::{Datum, Sources};

/// A step on the way to the outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    /// The word for it in a trace's events.
    pub(crate) event: String,
    pub(crate) phase: String,
    /// Who did what.
    pub(crate) what: String,
    /// Why, where it was told.
    pub(crate) why: String,
    /// The reasons behind the bits, without their codes.
    pub(crate) because: Vec<String>,
    pub(crate) code: Option<String>,
    pub(crate) rule: Option<String>,
    pub(crate) bits: Vec<Bit>,
    /// What else it is about.
    pub(crate) data: Vec<Datum>,
    /// It wants the card by another interface.
    pub(crate) asks_for_interface: bool,
}

impl Step {
    fn new(event: &Value, what: &str, why: impl Into<String>) -> Self {
        Self {
            event: event.event().to_owned(),
            what: what.to_owned(),
            why: why.into(),
            code: event.text_if_any("code"),
            rule: event.text_if_any("rule"),
            ..Self::default()
        }
    }

    /// Whether it can be why another interface was asked for.
    pub(super) fn bears_on_interface(&self) -> bool {
        const KINDS: [&str; 8] = [
            "combination-excluded",
            "entry-passed",
            "contactless",
            "authenticated",
            "given-up",
            "fault",
            "link-failed",
            "final-outcome",
        ];
        KINDS.contains(&self.event.as_str())
    }
}

/// The steps, in order.
pub(super) fn course(events: &[Value], results: &[Finding], sources: &Sources) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut asked = "";
    for (phase, event) in phased(events) {
        if event.event() == "command" {
            asked = event.text("name");
        }
        let step = match event.event() {
            "action-code" => Some(met(event, results)),
            "decision" => Some(decision(event)),
            "response" if asked == "GENERATE AC" => answered(event, phase),
            "contactless" => Some(Step {
                data: data_of_tap(event, sources),
                ..Step::new(event, "the contactless kernel", event.text("reason"))
            }),
            "authenticated" => authenticated(event),
            _ => around(event, sources),
        };
        steps.extend(step.map(|step| Step { phase: phase.text("name").to_owned(), ..step }));
    }
    steps
}

/// A bit of an action code met a result: that result's reason is why.
fn met(event: &Value, results: &[Finding]) -> Step {
    let bits = event.bits();
    let of = if event.text("of") == "issuer" { "IAC" } else { "TAC" };
    let whose = |finding: &&Finding| finding.bits.iter().any(|bit| bits.contains(bit));
    let findings: Vec<&Finding> = results.iter().filter(whose).collect();
    let reason = |finding: &&Finding| match &finding.code {
        Some(code) => format!("{}: {code}, {}", finding.reason, finding.rule),
        None => finding.reason.clone(),
    };
    Step {
        rule: Some("B3 10.7".to_owned()),
        data: findings.iter().flat_map(|finding| finding.data.clone()).collect(),
        because: findings.iter().map(|finding| finding.reason.clone()).collect(),
        why: findings.iter().map(reason).collect::<Vec<_>>().join("; "),
        bits,
        ..Step::new(event, &format!("{of} {}", event.text("column")), "")
    }
}

fn decision(event: &Value) -> Step {
    let request = event.text("request");
    let wants = match request {
        "TC" => "approve",
        "AAC" => "decline",
        _ => "ask the issuer",
    };
    let code = event.text("authorisation_response_code");
    let code = if code.is_empty() { String::new() } else { format!(", response code {code}") };
    Step {
        rule: Some("B3 10.7".to_owned()),
        ..Step::new(event, "the terminal decides", format!("{wants}: asks for {request}{code}"))
    }
}

/// The cryptogram that the card gave.
fn answered(event: &Value, phase: &Value) -> Option<Step> {
    let mut kind = None;
    leaves(event.list("objects"), &mut |object| {
        if object.text("tag") == "9F27" {
            kind = object.text_if_any("meaning");
        }
    });
    let rule = phase.text_if_any("rule");
    let why = kind.map_or_else(
        || format!("{} {}", event.text("status"), event.text("meaning")),
        |kind| format!("gives {kind}"),
    );
    Some(Step { rule, ..Step::new(event, "the card", why) })
}

/// Offline data authentication, where it failed.
fn authenticated(event: &Value) -> Option<Step> {
    let failure = event.get("failure").filter(|failure| failure.is_object())?;
    let what = format!("{} fails", event.text("method"));
    let why = failure.text("text");
    Some(Step { code: failure.text_if_any("code"), ..Step::new(event, &what, why) })
}

/// Reader, issuer, and the end.
fn around(event: &Value, sources: &Sources) -> Option<Step> {
    Some(match event.event() {
        "combination-excluded" => {
            let what = format!("not for {}", event.text("aid"));
            let data = vec![sources.datum("9F02")];
            Step { data, ..Step::new(event, &what, event.text("why")) }
        }
        "entry-passed" => {
            let what = format!("directory entry {} passed over", event.number("number"));
            let rule = Some("B 3.3.2.5".to_owned());
            Step { rule, ..Step::new(event, &what, event.text("why")) }
        }
        "final-outcome" => final_outcome(event),
        "host-answer" => {
            let code = event.text("authorisation_response_code");
            Step::new(event, "the issuer", format!("answers with response code {code}"))
        }
        "unreachable" => Step::new(event, "the issuer", "cannot be reached"),
        "script-result" => Step::new(event, "issuer script", event.text("result")),
        "reviewed" if event.text("proceed") != "as it stands" => {
            Step::new(event, "the terminal goes on", event.text("proceed"))
        }
        "breach" => {
            let enforced = event["enforced"] == true;
            let what = if enforced { "refused" } else { "would be refused" };
            let tag = event.text("tag");
            let data = if tag.is_empty() { Vec::new() } else { vec![sources.datum(tag)] };
            Step { data, ..Step::new(event, what, event.text("text")) }
        }
        "given-up" => Step::new(event, "given up", event.text("text")),
        "fault" => Step::new(event, "a rule is broken", event.text("text")),
        "link-failed" => Step::new(event, "the card is silent", event.text("text")),
        "stop" => Step::new(event, "stopped", event.text("text")),
        _ => return None,
    })
}

fn final_outcome(event: &Value) -> Step {
    let outcome = event.text("outcome");
    let alternate = event.text("alternate_interface");
    let asks_for_interface = outcome.contains("another interface");
    let by = match alternate {
        "" | "any" => String::new(),
        alternate if asks_for_interface => format!(": {alternate}"),
        _ => String::new(),
    };
    let rule = Some("A 6".to_owned());
    let what = "outcome of the tap";
    Step { rule, asks_for_interface, ..Step::new(event, what, format!("{outcome}{by}")) }
}
