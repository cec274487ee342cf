//! Offline data authentication: what was hashed, and what the chain of trust was.

use serde::Serialize;
use serde_json::Value;

use super::entry::{Entry, leaves};
use super::lists::{List, lists};
use super::sources::{Datum, Sources};

/// What was authenticated, how, and with which result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Authentication {
    /// SDA, DDA or CDA; none in common.
    pub(crate) method: Option<String>,
    /// Certificates that were recovered, in order.
    pub(crate) certificates: Vec<Certificate>,
    /// The static data, in the order in which it was hashed.
    pub(crate) static_data: Vec<Piece>,
    /// What the dynamic signature had to cover: objects of the terminal, and of the card.
    pub(crate) covered: Vec<Datum>,
    /// The lists whose bytes it had to cover.
    pub(crate) covered_lists: Vec<String>,
    /// Objects of the card's answer that came under the signature.
    pub(crate) covered_answer: Vec<String>,
    /// None when it was not finished.
    pub(crate) passed: Option<bool>,
    /// Code and words of the check that failed.
    pub(crate) failure: Option<(String, String)>,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Certificate {
    pub(crate) part: String,
    pub(crate) expiry: String,
    pub(crate) serial: String,
    pub(crate) modulus_bits: u64,
    pub(crate) exponent: u64,
}

/// A piece of the static data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Piece {
    pub(crate) length: u64,
    /// The record that it is in; none of a value that the tag list asks for.
    pub(crate) record: Option<String>,
    pub(crate) tags: Vec<String>,
    /// The list that asks for it.
    pub(crate) list: Option<String>,
}

/// What the events say of it; `None` when it did not begin.
pub(super) fn authentication(events: &[Value], sources: &Sources) -> Option<Authentication> {
    let mut found = Authentication::default();
    let mut begun = false;
    for event in events {
        match event.event() {
            "authentication" => found.method = event.text_if_any("method"),
            "static-data" => found.static_data.push(piece(event)),
            "certificate" => found.certificates.push(certificate(event)),
            "covered" => found.covered.push(sources.datum(event.text("tag"))),
            "authenticated" => {
                found.method = event.text_if_any("method");
                found.passed = event.get("passed").and_then(Value::as_bool);
                let failure = event.get("failure").filter(|failure| failure.is_object());
                found.failure = failure
                    .map(|failure| (failure.text("code").into(), failure.text("text").into()));
            }
            _ => continue,
        }
        begun = true;
    }
    if !begun {
        return None;
    }
    let lists = lists(events, sources);
    match found.method.as_deref() {
        Some("DDA") if found.covered.is_empty() => {
            found.covered_lists = names(&lists, &["9F49"]);
        }
        Some("CDA") => {
            found.covered = vec![sources.datum("9F37")];
            found.covered_lists = names(&lists, &["9F38", "8C", "8D"]);
            found.covered_answer = answer(events);
        }
        _ => {}
    }
    Some(found)
}

fn names(lists: &[List], wanted: &[&str]) -> Vec<String> {
    let covered = lists.iter().filter(|list| wanted.contains(&list.list.as_str()));
    covered.map(|list| list.list.clone()).collect()
}

/// The objects beside the signature in the first answer that has one. [B2 6.6]
fn answer(events: &[Value]) -> Vec<String> {
    let tags = |event: &Value| {
        let mut tags = Vec::new();
        leaves(event.list("objects"), &mut |object| tags.push(object.text("tag").to_owned()));
        tags
    };
    let responses = events.iter().filter(|event| event.event() == "response").map(tags);
    let signed = responses.into_iter().find(|tags| tags.iter().any(|tag| tag == "9F4B"));
    signed.unwrap_or_default().into_iter().filter(|tag| tag != "9F4B").collect()
}

fn piece(event: &Value) -> Piece {
    Piece {
        length: event.number("length"),
        record: event.text_if_any("record"),
        tags: event.list("tags").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        list: event.text_if_any("list"),
    }
}

fn certificate(event: &Value) -> Certificate {
    Certificate {
        part: event.text("part").to_owned(),
        expiry: event.text("expiry").to_owned(),
        serial: event.text("serial").to_owned(),
        modulus_bits: event.number("modulus_bits"),
        exponent: event.number("exponent"),
    }
}
