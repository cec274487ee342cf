//! `capk`: keys of certification authorities, checked before a terminal loads them.

use chipwright_harness::key_file::{self, KeyEntry, Refusal};
use serde_json::{Value, json};

use crate::Report;
use crate::arguments::{self, CapkCheck};
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;

/// Checks every key of the files as one set; a line for each, the sums last.
pub(crate) fn check(arguments: &CapkCheck) -> Result<Report, Failure> {
    let date = arguments::date(&arguments.date)?;
    let mut keys = Vec::new();
    for file in &arguments.file {
        let read = key_file::read(&source::text(file)?);
        keys.extend(read.map_err(|error| Failure::data(format!("{file}: {error}")))?);
    }
    let verdicts = key_file::check(&keys, arguments.environment.environment(), date);
    let refused = verdicts.iter().filter(|verdict| verdict.is_err()).count();
    let exit = if refused == 0 { Exit::Success } else { Exit::Failure };
    let judged = || keys.iter().zip(&verdicts);
    let text = if arguments.json {
        let keys: Vec<Value> = judged().map(|(key, verdict)| entry(key, verdict)).collect();
        let document = json!({"command": "capk check", "keys": keys, "refused": refused, "exit_code": exit as u8});
        format!("{document:#}\n")
    } else {
        let page = Page::new();
        judged().for_each(|(key, verdict)| show(&page, key, verdict));
        page.gap();
        let sums = format!("{} keys: {} good, {refused} refused", keys.len(), keys.len() - refused);
        page.row(&[cell(Style::Bold, &sums)]);
        page.text()
    };
    Ok(Report { text, exit })
}

fn show(page: &Page, key: &KeyEntry, verdict: &Result<(), Refusal>) {
    let (mark, style, text) = match verdict {
        Ok(()) => ("\u{2713} ", Style::Good, "good".to_owned()),
        Err(refusal) => ("\u{2717} ", Style::Bad, refusal.to_string()),
    };
    let expiry = key.expiry.map(|last| format!("to {last}")).unwrap_or_default();
    page.row(&[
        cell(style, mark),
        cell(Style::Bold, &hex::encode_upper(key.rid)).wide(12),
        cell(Style::Bold, &format!("{:02X}", key.index)).wide(4),
        cell(Style::Plain, &format!("{} bits", 8 * key.modulus.len())).wide(11),
        cell(Style::Plain, &format!("exponent {}", hex::encode_upper(&key.exponent))).wide(17),
        cell(Style::Plain, &expiry).wide(15),
        cell(style, &text),
    ]);
}

fn entry(key: &KeyEntry, verdict: &Result<(), Refusal>) -> Value {
    json!({
        "rid": hex::encode_upper(key.rid),
        "index": format!("{:02X}", key.index),
        "modulus_bits": 8 * key.modulus.len(),
        "exponent": hex::encode_upper(&key.exponent),
        "expiry": key.expiry.map(|last| last.to_string()),
        "good": verdict.is_ok(),
        "reason": verdict.as_ref().err().map(ToString::to_string),
    })
}
