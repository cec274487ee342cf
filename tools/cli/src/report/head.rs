//! What it was, and how it ended.

use serde_json::Value;

use super::html::Html;
use crate::explain::{Entry, Explanation, Recording};

/// Verdict and facts.
pub(super) fn head(html: &mut Html, recording: &Recording, explanation: &Explanation) {
    html.element("header", "head", |html| {
        html.leaf("p", "eyebrow", &eyebrow(recording));
        let (style, verdict) = verdict(&explanation.outcome);
        html.element("h1", style, |html| html.text(verdict));
        let rest = explanation.outcome.strip_prefix(verdict).unwrap_or_default().trim();
        html.leaf("p", "how", rest.trim_start_matches(':').trim());
        html.leaf("p", "because", &because(explanation));
        html.leaf("p", "title", &recording.title);
        html.element("dl", "facts", |html| {
            for (name, value) in facts(recording) {
                html.element("div", "", |html| {
                    html.leaf("dt", "", name);
                    html.leaf("dd", "", &value);
                });
            }
        });
    });
}

/// The last reason that was told, where it was not approved.
fn because(explanation: &Explanation) -> String {
    const REASONS: [&str; 8] = [
        "action-code",
        "authenticated",
        "breach",
        "combination-excluded",
        "contactless",
        "fault",
        "link-failed",
        "host-answer",
    ];
    let told = explanation.course.iter().rfind(|step| REASONS.contains(&step.event.as_str()));
    let approved = explanation.outcome.starts_with("approved");
    match told.filter(|_| !approved) {
        Some(step) if step.because.is_empty() => step.why.clone(),
        Some(step) => step.because.join("; "),
        None => String::new(),
    }
}

fn eyebrow(recording: &Recording) -> String {
    let interface = match recording.interface.as_str() {
        "" => "Transaction".to_owned(),
        interface => format!("{interface} transaction"),
    };
    let kind = recording.transaction.text("type");
    if kind.is_empty() { interface } else { format!("{interface} \u{00B7} {kind}") }
}

/// The conclusion, and how it looks.
fn verdict(outcome: &str) -> (&'static str, &str) {
    const VERDICTS: [(&str, &str); 5] = [
        ("approved", "verdict good"),
        ("card read", "verdict good"),
        ("declined", "verdict bad"),
        ("terminated", "verdict bad"),
        ("try another interface", "verdict note"),
    ];
    let known = VERDICTS.iter().find(|(word, _)| outcome.starts_with(word));
    known.map_or(("verdict note", outcome), |(word, style)| (*style, *word))
}

fn facts(recording: &Recording) -> Vec<(&'static str, String)> {
    let transaction = &recording.transaction;
    let amount = match transaction.text("amount") {
        "" => String::new(),
        amount => format!("{amount} {}", transaction.text("currency")),
    };
    let object = |tag: &str| {
        let found = recording.objects.iter().find(|object| object.text("tag") == tag);
        let text = |object: &Value| {
            object.text_if_any("meaning").unwrap_or_else(|| object.text("value").to_owned())
        };
        found.map(text).unwrap_or_default()
    };
    let account = recording.objects.iter().find(|object| object.text("tag") == "5A");
    let account = account.map(|object| object.text("value").trim_end_matches('F').to_owned());
    let facts = [
        ("Amount", amount),
        ("Date", transaction.text("date").to_owned()),
        ("Application", object("50")),
        ("Account", account.unwrap_or_default()),
        ("Terminal", recording.terminal_title.clone()),
        ("Response code", object("8A")),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}
