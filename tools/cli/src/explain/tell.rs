//! An explanation in words.

use super::authentication::{Authentication, Piece};
use super::course::Step;
use super::explanation::{Explanation, Finding, Rule};
use super::lists::{Filled, List};
use super::sources::Datum;
use crate::page::{Page, Style, cell};

/// Columns before the first word of a row, of the first words, and of a tag and a name.
const MARGIN: usize = 4;
const WHAT: usize = 24;
const TAG: usize = 6;
const NAME: usize = 32;

/// Tells it, question by question.
pub(super) fn tell(page: &Page, explanation: &Explanation) {
    page.heading("Why", "");
    row(page, Style::Bold, "outcome", &explanation.outcome);
    tell_steps(page, &explanation.course);
    if !explanation.interface.is_empty() {
        page.heading("Why another interface", "A 6");
        tell_steps(page, &explanation.interface);
    }
    section(page, "Terminal Verification Results", "B3 C5", &explanation.results);
    section(page, "Transaction Status Information", "B3 C6", &explanation.status);
    if !explanation.verification.is_empty() {
        page.heading("Cardholder verification", "B3 10.5");
        explanation.verification.iter().for_each(|rule| tell_rule(page, rule));
    }
    for list in &explanation.lists {
        tell_list(page, list);
    }
    if let Some(authentication) = &explanation.authentication {
        page.heading("Offline data authentication", "B2 5, 6");
        tell_authentication(page, authentication);
    }
}

fn row(page: &Page, style: Style, what: &str, text: &str) {
    page.row(&[
        cell(Style::Plain, "").wide(MARGIN),
        cell(Style::Plain, what).wide(WHAT),
        cell(style, text),
    ]);
}

fn below(page: &Page, text: &str) {
    page.row(&[cell(Style::Plain, "").wide(MARGIN + WHAT), cell(Style::Dim, text)]);
}

/// Steps one below the other; data that stands above is not shown again.
fn tell_steps(page: &Page, steps: &[Step]) {
    let mut shown: &[Datum] = &[];
    for step in steps {
        tell_step(page, step);
        if step.data != shown {
            step.data.iter().for_each(|datum| tell_datum(page, datum));
        }
        shown = &step.data;
    }
}

fn tell_step(page: &Page, step: &Step) {
    for bit in &step.bits {
        row(page, Style::Note, &step.what, &bit.to_string());
    }
    let code = [step.code.as_deref(), step.rule.as_deref()].into_iter().flatten();
    let code = code.collect::<Vec<_>>().join(", ");
    let tail = if code.is_empty() { String::new() } else { format!("  ({code})") };
    if step.bits.is_empty() {
        row(page, Style::Plain, &step.what, &format!("{}{tail}", step.why));
    } else {
        below(page, &step.why);
    }
}

/// A data object, and where it came from.
fn tell_datum(page: &Page, datum: &Datum) {
    let value = datum.value.as_deref().unwrap_or("not recorded");
    let meaning = datum.meaning.as_deref().map(|text| format!("  {text}")).unwrap_or_default();
    page.row(&[
        cell(Style::Plain, "").wide(MARGIN + 2),
        cell(Style::Dim, &datum.tag).wide(TAG),
        cell(Style::Plain, &datum.name).wide(NAME),
        cell(Style::Plain, &format!(" {value}{meaning}")),
    ]);
    page.row(&[
        cell(Style::Plain, "").wide(MARGIN + 2 + TAG + NAME),
        cell(Style::Dim, &format!(" {}", origin(datum))),
    ]);
}

/// Where it came from, in words.
pub(crate) fn origin(datum: &Datum) -> String {
    let place =
        datum.place.as_deref().map(|place| place.strip_prefix("READ RECORD ").unwrap_or(place));
    match (place, datum.offset) {
        (Some(place), Some(offset)) => format!("{}: {place}, offset {offset}", datum.source),
        (Some(place), None) => format!("{}: {place}", datum.source),
        _ => datum.source.to_owned(),
    }
}

fn section(page: &Page, title: &str, rule: &str, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    page.heading(title, rule);
    for finding in findings {
        let taken_back = if finding.cleared { ", taken back" } else { "" };
        for bit in &finding.bits {
            let what = format!("[{}:{}]", bit.byte, bit.bit);
            row(page, Style::Bold, &what, &format!("{}{taken_back}", bit.meaning));
        }
        match &finding.code {
            Some(code) => below(page, &format!("{code}, {}: {}", finding.rule, finding.reason)),
            None => below(page, &format!("in {}, {}", finding.phase, finding.rule)),
        }
        finding.data.iter().for_each(|datum| tell_datum(page, datum));
    }
}

fn tell_rule(page: &Page, rule: &Rule) {
    let style = if rule.performed { Style::Bold } else { Style::Dim };
    let what = format!("rule {}  {}", rule.number, rule.rule);
    row(page, style, &what, &format!("{}, {}", rule.method, rule.condition));
    match &rule.why {
        Some(why) => below(page, &format!("passed over: {why}")),
        None => below(page, "performed"),
    }
    rule.came.iter().for_each(|came| below(page, came));
}

fn tell_list(page: &Page, list: &List) {
    let default = if list.default { ", the terminal's default" } else { "" };
    page.heading(&format!("{} {}{default}", list.list, list.name), "B3 5.4");
    let how = match &list.command {
        Some(command) => format!("its bytes went with {command}"),
        None => "its bytes were hashed".to_owned(),
    };
    page.row(&[cell(Style::Plain, "").wide(MARGIN), cell(Style::Dim, &how)]);
    list.entries.iter().for_each(|filled| tell_filled(page, filled));
}

fn tell_filled(page: &Page, filled: &Filled) {
    let datum = &filled.datum;
    let value = datum.value.as_deref().unwrap_or("");
    let fitted = match filled.fitted.as_str() {
        "" => origin(datum),
        fitted => format!("{}, {fitted}", origin(datum)),
    };
    let place = format!("{:>3}", filled.offset);
    page.row(&[
        cell(Style::Plain, "").wide(MARGIN),
        cell(Style::Dim, &place).wide(TAG),
        cell(Style::Dim, &datum.tag).wide(TAG),
        cell(Style::Plain, &datum.name).wide(NAME),
        cell(Style::Plain, value).wide(14),
        cell(Style::Dim, &fitted),
    ]);
}

fn tell_authentication(page: &Page, authentication: &Authentication) {
    let method = authentication.method.as_deref();
    row(page, Style::Bold, "method", method.unwrap_or("none in common"));
    for certificate in &authentication.certificates {
        let (bits, exponent) = (certificate.modulus_bits, certificate.exponent);
        let (serial, expiry) = (&certificate.serial, &certificate.expiry);
        let facts =
            format!("good to {expiry}, serial {serial}, key of {bits} bits, exponent {exponent}");
        row(page, Style::Plain, &certificate.part, &facts);
    }
    if !authentication.static_data.is_empty() {
        let total: u64 = authentication.static_data.iter().map(|piece| piece.length).sum();
        row(page, Style::Plain, "static data hashed", &format!("{total} bytes, in this order"));
        authentication.static_data.iter().for_each(|piece| below(page, &told(piece)));
    }
    for list in &authentication.covered_lists {
        row(
            page,
            Style::Plain,
            "signature covers",
            &format!("the bytes of list {list}, see above"),
        );
    }
    if !authentication.covered.is_empty() {
        row(page, Style::Plain, "signature covers", "these objects, in this order");
        authentication.covered.iter().for_each(|datum| tell_datum(page, datum));
    }
    if !authentication.covered_answer.is_empty() {
        let tags = authentication.covered_answer.join(" ");
        row(page, Style::Plain, "signature covers", &format!("the card's answer: {tags}"));
    }
    match (authentication.passed, &authentication.failure) {
        (_, Some((code, why))) => {
            row(page, Style::Bad, "result", &format!("failed: {why} ({code})"));
        }
        (Some(true), _) => row(page, Style::Good, "result", "succeeded"),
        _ => row(page, Style::Note, "result", "was not finished"),
    }
}

/// A piece of the static data.
pub(crate) fn told(piece: &Piece) -> String {
    let length = piece.length;
    match (&piece.record, &piece.list) {
        (Some(record), _) => format!("{record}, {length} bytes: {}", piece.tags.join(" ")),
        (None, Some(list)) => format!("asked for by list {list}, {length} bytes: 82"),
        (None, None) => format!("{length} bytes"),
    }
}
