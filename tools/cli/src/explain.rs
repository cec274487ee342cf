//! `explain`: why a transaction ended as it did, from what the kernel told of it.

mod authentication;
mod compared;
mod course;
mod entry;
mod explanation;
mod lists;
mod recording;
mod sources;
mod tell;
mod what_if;

use serde_json::json;

use crate::Report;
use crate::arguments::Explain;
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
pub(crate) use authentication::{Authentication, Certificate};
pub(crate) use course::Step;
pub(crate) use entry::{Bit, Entry};
pub(crate) use explanation::{Explanation, Finding, Rule};
pub(crate) use lists::{Filled, List};
pub(crate) use recording::{Recording, open};
pub(crate) use sources::Datum;
pub(crate) use tell::{origin, told};
use what_if::WhatIf;

/// Explains a recording, or how it would have gone.
pub(crate) fn run(arguments: &Explain) -> Result<Report, Failure> {
    let recording = open(&arguments.file)?;
    let explained = if arguments.with.is_empty() {
        let explanations = explanations(&recording);
        if arguments.json {
            json!({"command": "explain", "title": recording.title, "transactions": explanations})
        } else {
            return Ok(report(in_words(&recording, &explanations)));
        }
    } else {
        let what_if = what_if::what_if(&recording, &arguments.with)?;
        if arguments.json {
            json!({"command": "explain", "title": recording.title, "what_if": what_if})
        } else {
            return Ok(report(told_of_change(&recording, &what_if)));
        }
    };
    Ok(report(format!("{explained:#}\n")))
}

fn report(text: String) -> Report {
    Report { text, exit: Exit::Success }
}

/// An explanation for each of its transactions.
pub(crate) fn explanations(recording: &Recording) -> Vec<Explanation> {
    let parts = recording.parts();
    let last = parts.len().saturating_sub(1);
    let explain = |(place, part): (usize, &&[serde_json::Value])| {
        Explanation::of(part, recording, place == last)
    };
    parts.iter().enumerate().map(explain).collect()
}

fn in_words(recording: &Recording, explanations: &[Explanation]) -> String {
    let page = Page::new();
    page.row(&[cell(Style::Bold, &recording.title)]);
    for explanation in explanations {
        tell::tell(&page, explanation);
    }
    page.text()
}

fn told_of_change(recording: &Recording, what_if: &WhatIf) -> String {
    let page = Page::new();
    page.row(&[cell(Style::Bold, &recording.title)]);
    page.heading("What if", &what_if.with.join(", "));
    let line = |style, mark: &str, text: &str| {
        page.row(&[cell(Style::Plain, "    "), cell(style, mark).wide(4), cell(style, text)]);
    };
    if what_if.gone.is_empty() && what_if.come.is_empty() {
        line(Style::Plain, "=", "nothing changes");
    }
    what_if.gone.iter().for_each(|fact| line(Style::Bad, "-", fact));
    what_if.come.iter().for_each(|fact| line(Style::Good, "+", fact));
    what_if.assumed.iter().for_each(|text| line(Style::Note, "!", text));
    tell::tell(&page, &what_if.then);
    page.text()
}
