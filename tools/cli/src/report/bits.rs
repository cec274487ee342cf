//! Bit tables: every byte a row, every bit a cell.

use serde_json::Value;

use super::html::Html;
use super::part::{chip, section};
use crate::explain::{Bit, Entry, Explanation, Finding, Recording};

/// Results first, then what both sides can and want.
const FIELDS: [&str; 9] = ["95", "9B", "82", "9F33", "9F40", "9F07", "9F66", "9F6C", "9F10"];

/// The fields that are known at the end.
pub(super) fn bits(html: &mut Html, recording: &Recording, explanation: &Explanation) {
    let object = |tag: &&str| {
        let known = recording.objects.iter().find(|object| object.text("tag") == *tag)?;
        let value = hex::decode(known.text("value")).ok()?;
        (has_bits(known) || ["95", "9B"].contains(tag)).then_some((known, value))
    };
    let fields: Vec<(&Value, Vec<u8>)> = FIELDS.iter().filter_map(object).collect();
    let results = recording.objects.iter().find(|object| object.text("tag") == "9F34");
    if fields.is_empty() {
        return;
    }
    section(html, "Bit by bit", "", |html| {
        html.element("div", "fields", |html| {
            for (known, value) in &fields {
                let findings = match known.text("tag") {
                    "95" => explanation.results.as_slice(),
                    "9B" => explanation.status.as_slice(),
                    _ => &[],
                };
                field(html, known, value, findings);
            }
            results.into_iter().for_each(|results| verification(html, results));
        });
    });
}

/// Whether its parts are bits.
fn has_bits(object: &Value) -> bool {
    object.list("parts").iter().any(|part| part.as_str().is_some_and(|part| bit(part).is_some()))
}

/// `[1:8] meaning`.
fn bit(part: &str) -> Option<Bit> {
    let (place, meaning) = part.strip_prefix('[')?.split_once("] ")?;
    let (byte, bit) = place.split_once(':')?;
    Some(Bit { byte: byte.parse().ok()?, bit: bit.parse().ok()?, meaning: meaning.to_owned() })
}

fn field(html: &mut Html, object: &Value, value: &[u8], findings: &[Finding]) {
    let parts = object.list("parts").iter().filter_map(Value::as_str);
    let set: Vec<Bit> = parts.filter_map(bit).collect();
    let name = |byte: u64, bit: u64| {
        let found = set.iter().find(|set| (set.byte, set.bit) == (byte, bit));
        found.map(ToString::to_string).unwrap_or_default()
    };
    html.element("article", "field", |html| {
        title(html, object);
        html.element("div", "grid", |html| {
            for (number, byte) in (1..).zip(value) {
                html.leaf("span", "byte", &format!("{number}"));
                for bit in (1..=8).rev() {
                    let is_set = byte >> (bit - 1) & 1 == 1;
                    let title = if is_set { name(number, bit) } else { String::new() };
                    let class = if is_set { "set" } else { "" };
                    html.with("span", &[("class", class), ("title", &title)], |html| {
                        html.text(if is_set { "1" } else { "0" });
                    });
                }
            }
        });
        html.element("ul", "set", |html| {
            for bit in &set {
                html.element("li", "", |html| {
                    html.leaf("code", "", &format!("{}:{}", bit.byte, bit.bit));
                    html.leaf("span", "", &bit.meaning);
                    let same = |of: &&Finding| {
                        of.bits.iter().any(|its| (its.byte, its.bit) == (bit.byte, bit.bit))
                    };
                    for finding in findings.iter().filter(same) {
                        chip(html, finding.code.as_deref().unwrap_or(&finding.rule));
                    }
                });
            }
        });
    });
}

fn verification(html: &mut Html, object: &Value) {
    html.element("article", "field", |html| {
        title(html, object);
        let names = ["method", "condition", "result"];
        let value = object.text("value");
        html.element("ul", "set", |html| {
            for (place, name) in names.iter().enumerate() {
                html.element("li", "", |html| {
                    html.leaf("code", "", value.get(2 * place..2 * place + 2).unwrap_or_default());
                    html.leaf("span", "", name);
                });
            }
        });
        html.leaf("p", "meaning", object.text("meaning"));
    });
}

fn title(html: &mut Html, object: &Value) {
    html.element("h3", "", |html| {
        html.text(object.text("name"));
        html.leaf("code", "tag", object.text("tag"));
    });
    html.leaf("code", "value", object.text("value"));
}
