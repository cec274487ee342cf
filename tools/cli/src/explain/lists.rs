//! Where every byte of a data object list came from.

use chipwright::tag::Tag;
use chipwright_harness::describe;
use serde::Serialize;
use serde_json::Value;

use super::entry::Entry;
use super::sources::{Datum, Sources};

/// A list that the kernel filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct List {
    pub(crate) list: String,
    pub(crate) name: String,
    /// The command that carried it; none when its bytes were hashed (TDOL).
    pub(crate) command: Option<String>,
    /// The card has none: it is the terminal's default.
    pub(crate) default: bool,
    pub(crate) entries: Vec<Filled>,
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Filled {
    /// In the filled list, in bytes.
    pub(crate) offset: u64,
    pub(crate) length: u64,
    /// How the object was fitted: cut, padded, zeros.
    pub(crate) fitted: String,
    pub(crate) datum: Datum,
}

/// The lists that were filled, in order.
pub(super) fn lists(events: &[Value], sources: &Sources) -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    let mut open: Vec<List> = Vec::new();
    let mut defaults: Vec<&str> = Vec::new();
    for event in events {
        match event.event() {
            "default-list" => defaults.push(event.text("list")),
            "list-entry" => {
                let tag = event.text("list");
                if open.last().is_none_or(|list| list.list != tag) {
                    open.push(begun(tag, defaults.contains(&tag)));
                }
                if let Some(list) = open.last_mut() {
                    list.entries.push(entry(event, list.entries.last(), sources));
                }
            }
            "command" => {
                // What was hashed for the command comes before what is sent with it.
                if let Some(sent) = open.last_mut() {
                    carried(sent, event, sources);
                }
                lists.append(&mut open);
            }
            _ => {}
        }
    }
    lists.append(&mut open);
    lists
}

fn begun(tag: &str, default: bool) -> List {
    let number = Tag(u32::from_str_radix(tag, 16).unwrap_or_default());
    let name = describe::name_of(number).unwrap_or("unknown").to_owned();
    List { list: tag.to_owned(), name, command: None, default, entries: Vec::new() }
}

fn entry(event: &Value, before: Option<&Filled>, sources: &Sources) -> Filled {
    Filled {
        offset: before.map_or(0, |before| before.offset.saturating_add(before.length)),
        length: event.number("length"),
        fitted: event.text("origin").to_owned(),
        datum: sources.with_value(event.text("tag"), None),
    }
}

/// The values of a list, out of the command that carried them.
fn carried(list: &mut List, command: &Value, sources: &Sources) {
    list.command = command.text_if_any("name");
    let Ok(bytes) = hex::decode(command.text("bytes")) else { return };
    let instruction = describe::command(&bytes);
    let values = describe::list_values(&instruction);
    for filled in &mut list.entries {
        let place = usize::try_from(filled.offset).ok();
        let end = usize::try_from(filled.offset.saturating_add(filled.length)).ok();
        let value = place.zip(end).and_then(|(place, end)| values.get(place..end));
        let place = (filled.datum.place.take(), filled.datum.offset.take());
        let datum = sources.with_value(&filled.datum.tag, value);
        // Zeros that stand for nothing came from nowhere.
        let zeros = filled.fitted.contains("zeros");
        filled.datum = Datum {
            place: place.0,
            offset: place.1,
            source: if zeros { "nowhere" } else { datum.source },
            meaning: datum.meaning.filter(|_| !zeros),
            ..datum
        };
    }
}
