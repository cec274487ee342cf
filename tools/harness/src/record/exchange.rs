//! What passes between kernel and devices.

use chipwright::database::Database;
use chipwright::driver::{Input, Output};
use chipwright::session::PinEntry;
use chipwright::status::Status;
use serde_json::{Value, json};

use super::event::count;
use crate::describe::{self, Context, Node};

/// A command.
pub(super) fn command(bytes: &[u8]) -> Value {
    let instruction = describe::command(bytes);
    json!({
        "event": "command",
        "name": instruction.name,
        "about": instruction.about,
        "bytes": hex::encode_upper(bytes),
    })
}

/// The card's answer to a command.
pub(super) fn response(
    instruction: u8,
    data: &[u8],
    status: Status,
    elapsed: u32,
    context: Context,
) -> Value {
    let mut entry = json!({
        "event": "response",
        "status": status.to_string(),
        "meaning": describe::status(status),
        "length": data.len(),
    });
    match describe::answer(instruction, data, context) {
        Ok(nodes) => entry["objects"] = nodes.iter().map(node).collect(),
        Err(error) => entry["problem"] = error.to_string().into(),
    }
    if elapsed > 0 {
        entry["microseconds"] = elapsed.into();
    }
    entry
}

/// A data object.
pub fn node(node: &Node) -> Value {
    let mut entry = json!({
        "tag": node.tag.to_string(),
        "name": node.name,
        "offset": node.offset,
        "length": node.length,
    });
    if !node.head.is_empty() {
        entry["head"] = node.head.clone().into();
    }
    if let Some(format) = node.format {
        entry["format"] = describe::format_name(format).into();
    }
    if let Some(definition) = node.definition {
        entry["source"] = definition.source.into();
        if !definition.templates.is_empty() {
            let templates = definition.templates.iter().map(ToString::to_string);
            entry["templates"] = templates.collect::<Vec<_>>().into();
        }
        entry["book"] = definition.book(node.book).map(describe::Book::word).into();
    }
    if node.children.is_empty() {
        entry["value"] = node.hex.clone().into();
    } else {
        entry["objects"] = node.children.iter().map(self::node).collect();
    }
    if let Some(text) = &node.meaning.text {
        entry["meaning"] = text.clone().into();
    }
    if !node.meaning.parts.is_empty() {
        entry["parts"] = node.meaning.parts.clone().into();
    }
    if let Some(problem) = &node.meaning.problem {
        entry["problem"] = problem.clone().into();
    }
    entry
}

/// What the kernel asks beside commands.
pub(super) fn question(output: &Output<'_>, context: Context) -> Option<Value> {
    Some(match output {
        Output::Choose(candidates) => {
            let candidates = candidates.by_priority().map(|(number, candidate)| {
                json!({
                    "number": number,
                    "name": hex::encode_upper(candidate.name),
                    "label": describe::printable(candidate.label),
                    "shown": candidates.display_name(number).map(describe::display_name),
                    "priority": candidate.priority(),
                })
            });
            json!({"event": "choose", "candidates": candidates.collect::<Vec<_>>()})
        }
        Output::VerifyPin(request) => {
            let PinEntry { method, tries_left, again } = request.entry;
            let method = describe::pin_method(method);
            json!({"event": "verify-pin", "method": method, "tries_left": tries_left, "again": again})
        }
        Output::Authorise(data) => {
            json!({"event": "authorise", "objects": message(data, context).iter().map(node).collect::<Vec<_>>()})
        }
        _ => return None,
    })
}

/// What the issuer is told, as far as it is shown.
pub fn message(data: &Database<'_>, context: Context) -> Vec<Node> {
    let object = |tag: &u32| {
        let tag = chipwright::tag::Tag(*tag);
        Some((tag, data.bytes(tag)?))
    };
    let objects: Vec<_> = SHOWN_TO_ISSUER.iter().filter_map(object).collect();
    describe::nodes(&objects, context)
}

/// The usual content of field 55.
const SHOWN_TO_ISSUER: [u32; 18] = [
    0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x9F03, 0x5F2A, 0x82, 0x9F1A,
    0x9F34, 0x9F33, 0x9F35, 0x5A, 0x5F34,
];

/// What the kernel is told beside answers of the card.
pub(super) fn reply(input: &Input<'_>) -> Option<Value> {
    Some(match input {
        Input::Chosen(number) => json!({"event": "chosen", "number": number}),
        Input::Authorised(response) => json!({
            "event": "authorised",
            "authorisation_response_code": describe::printable(&response.authorisation_response_code),
            "issuer_authentication_data": response.issuer_authentication_data.map(hex::encode_upper),
            "authorisation_code": response.authorisation_code.map(describe::printable),
            "scripts": count(response.scripts),
        }),
        Input::LinkFailed(error) => {
            json!({"event": "link-failed", "text": describe::link_error(*error)})
        }
        Input::Stop(stop) => json!({"event": "stop", "text": describe::stop(*stop)}),
        _ => return None,
    })
}
