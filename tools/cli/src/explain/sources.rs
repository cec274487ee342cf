//! Where data objects came from.

use chipwright::dictionary::{EMV, Source};
use chipwright::tag::Tag;
use chipwright_harness::currency::Currency;
use chipwright_harness::describe::{self, Context};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use super::entry::{Entry, leaves};
use super::recording::Recording;

/// A data object, and where it came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Datum {
    pub(crate) tag: String,
    pub(crate) name: String,
    /// In hexadecimal, masked; none when it is not known.
    pub(crate) value: Option<String>,
    pub(crate) meaning: Option<String>,
    /// `card`, `terminal`, `transaction`, `kernel`, `issuer`.
    pub(crate) source: &'static str,
    /// In the card's answer to this command.
    pub(crate) place: Option<String>,
    /// At this offset of the answer, in bytes.
    pub(crate) offset: Option<u64>,
}

/// What the kernel makes itself.
const OF_KERNEL: [u32; 7] = [0x95, 0x9B, 0x98, 0x9F34, 0x9F37, 0x9F5B, 0x9F66];
/// The issuer's, or the kernel's when the issuer was not asked.
const AUTHORISATION_RESPONSE_CODE: u32 = 0x8A;
/// What differs from one transaction to the next.
const OF_TRANSACTION: [u32; 10] =
    [0x81, 0x9A, 0x9C, 0x5F2A, 0x5F36, 0x9F02, 0x9F03, 0x9F04, 0x9F21, 0x9F41];

/// The data objects of a transaction.
#[derive(Debug)]
pub(crate) struct Sources {
    card: BTreeMap<String, Datum>,
    terminal: Map<String, Value>,
    context: Context,
    /// The issuer answered.
    answered: bool,
}

impl Sources {
    /// As the card gave them for the application that was selected; those of the terminal at the
    /// end.
    pub(crate) fn of(events: &[Value], recording: &Recording) -> Self {
        let currency = Currency::find(recording.transaction.text("currency"));
        let context = Context { currency, ..Context::default() };
        let mut card = BTreeMap::new();
        let mut command = String::new();
        for event in events {
            match event.event() {
                "command" => {
                    command = format!("{} {}", event.text("name"), event.text("about"));
                    if event.text("name") == "SELECT" {
                        card.clear();
                    }
                }
                "response" => leaves(event.list("objects"), &mut |object| {
                    let datum = given(object, command.trim_end());
                    card.entry(datum.tag.clone()).or_insert(datum);
                }),
                // The kernel did not take it.
                "ignored" => drop(card.remove(event.text("tag"))),
                _ => {}
            }
        }
        let answered = events.iter().any(|event| event.event() == "host-answer");
        Self { card, terminal: recording.terminal.clone(), context, answered }
    }

    /// The object of this tag.
    pub(crate) fn datum(&self, tag: &str) -> Datum {
        let source = self.source(tag);
        if let ("card", Some(datum)) = (source, self.card.get(tag)) {
            return datum.clone();
        }
        let value = self.terminal.get(tag).and_then(Value::as_str);
        self.with_value(tag, value.and_then(|value| hex::decode(value).ok()).as_deref())
    }

    /// The object with this value.
    pub(crate) fn with_value(&self, tag: &str, value: Option<&[u8]>) -> Datum {
        let source = self.source(tag);
        let given = self.card.get(tag).filter(|_| source == "card");
        let number = number(tag);
        let meaning = value.and_then(|value| describe::meaning(number, value, self.context).text);
        Datum {
            tag: tag.to_owned(),
            name: describe::name_of(number).unwrap_or("unknown").to_owned(),
            value: value.map(|value| describe::hex_of(number, value)),
            meaning,
            source,
            place: given.and_then(|datum| datum.place.clone()),
            offset: given.and_then(|datum| datum.offset),
        }
    }

    fn source(&self, tag: &str) -> &'static str {
        let number = number(tag);
        if number.0 == AUTHORISATION_RESPONSE_CODE {
            return if self.answered { "issuer" } else { "kernel" };
        }
        if OF_KERNEL.contains(&number.0) {
            return "kernel";
        }
        if OF_TRANSACTION.contains(&number.0) {
            return "transaction";
        }
        match EMV.entry(number).map(|entry| entry.source()) {
            Some(Source::Card) => "card",
            Some(Source::Issuer) => "issuer",
            None if self.card.contains_key(tag) => "card",
            _ => "terminal",
        }
    }
}

fn given(object: &Value, command: &str) -> Datum {
    Datum {
        tag: object.text("tag").to_owned(),
        name: object.text_if_any("name").unwrap_or_else(|| "unknown".to_owned()),
        value: object.text_if_any("value"),
        meaning: object.text_if_any("meaning"),
        source: "card",
        place: Some(command.to_owned()),
        offset: object.get("offset").and_then(Value::as_u64),
    }
}

/// A tag as it is written; 0 for none.
fn number(tag: &str) -> Tag {
    Tag(u32::from_str_radix(tag, 16).unwrap_or_default())
}
