//! What was said to the card and what it answered, object by object, with the bytes.

use serde_json::Value;

use super::html::Html;
use super::part::section;
use crate::explain::Entry;

/// Every exchange, to be opened.
pub(super) fn exchanges(html: &mut Html, events: &[Value]) {
    let said: Vec<&Value> =
        events.iter().filter(|event| ["command", "response"].contains(&event.event())).collect();
    if said.is_empty() {
        return;
    }
    section(html, "Exchanges", "", |html| {
        for pair in said.windows(2) {
            if let [command, response] = pair
                && command.event() == "command"
            {
                exchange(html, command, response);
            }
        }
        if let Some(last) = said.last().filter(|last| last.event() == "command") {
            exchange(html, last, &Value::Null);
        }
    });
}

fn exchange(html: &mut Html, command: &Value, response: &Value) {
    let answered = response.event() == "response";
    let status = if answered { response.text("status") } else { "no answer" };
    let class = if status == "9000" { "status good" } else { "status note" };
    html.element("details", "exchange", |html| {
        html.element("summary", "", |html| {
            html.leaf("span", "name", command.text("name"));
            html.leaf("span", "about", command.text("about"));
            html.leaf("code", class, status);
        });
        html.element("div", "said", |html| {
            html.leaf("h4", "", "Command");
            html.leaf("code", "bytes", &spaced(command.text("bytes")));
            if !answered {
                return;
            }
            html.leaf("h4", "", &format!("Answer: {}", response.text("meaning")));
            html.leaf("p", "problem", response.text("problem"));
            if !response.list("objects").is_empty() {
                objects(html, response.list("objects"));
            }
        });
    });
}

/// Data objects as a tree: offset, head and value as they were received.
pub(super) fn objects(html: &mut Html, objects: &[Value]) {
    html.element("ul", "tlv", |html| objects.iter().for_each(|object| node(html, object)));
}

fn node(html: &mut Html, object: &Value) {
    let inside = object.list("objects");
    html.element("li", if inside.is_empty() { "" } else { "template" }, |html| {
        html.element("p", "object", |html| {
            html.leaf("code", "tag", object.text("tag"));
            html.leaf("span", "name", object.text_if_any("name").as_deref().unwrap_or("unknown"));
            html.leaf("span", "meaning", object.text("meaning"));
        });
        html.element("p", "source", |html| {
            html.leaf("span", "offset", &object.number("offset").to_string());
            html.leaf("code", "header", &spaced(object.text("head")));
            html.leaf("code", "bytes", &spaced(object.text("value")));
        });
        html.leaf("p", "problem", object.text("problem"));
        if !object.list("parts").is_empty() {
            html.element("ul", "parts", |html| {
                let parts = object.list("parts").iter().filter_map(Value::as_str);
                parts.for_each(|part| html.leaf("li", "", part));
            });
        }
        if !inside.is_empty() {
            objects(html, inside);
        }
    });
}

/// Hexadecimal digits, byte by byte.
fn spaced(hex: &str) -> String {
    let digits: Vec<char> = hex.chars().collect();
    let bytes = digits.chunks(2).map(|byte| byte.iter().collect::<String>());
    bytes.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_apart() {
        assert_eq!(spaced("00A404"), "00 A4 04");
        assert_eq!(spaced("47****1"), "47 ** ** 1");
        assert_eq!(spaced(""), "");
    }
}
