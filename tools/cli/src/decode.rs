//! `decode`: BER-TLV data as a tree.

use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::tlv;
use chipwright_harness::describe::{self, Context, Node};
use chipwright_harness::record;
use serde_json::json;

use crate::Report;
use crate::arguments::Decode;
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::{source, story};

/// Decodes what the command line gives.
pub(crate) fn run(arguments: &Decode) -> Result<Report, Failure> {
    let bytes = input(&arguments.input)?;
    let (data, status) = split(&bytes);
    let nodes = describe::tree(data, Context::default()).map_err(|error| {
        let at = bytes.get(error.offset..).and_then(tag_at).map(|tag| format!(" ({tag})"));
        let (at, length) = (at.unwrap_or_default(), bytes.len());
        Failure::data(format!("not BER-TLV: {error}{at}, of {length} bytes"))
    })?;
    let text = if arguments.json {
        let objects: Vec<_> = nodes.iter().map(record::node).collect();
        let status =
            status.map(|word| json!({"code": word.to_string(), "meaning": describe::status(word)}));
        let secrets = secrets(data);
        secrets.hide(&format!("{:#}\n", json!({"objects": objects, "status": status})))
    } else {
        let page = Page::new();
        page.secrets.borrow_mut().learn(data);
        show(&page, &nodes, status);
        page.text()
    };
    Ok(Report { text, exit: Exit::Success })
}

fn secrets(data: &[u8]) -> describe::Secrets {
    let mut secrets = describe::Secrets::default();
    secrets.learn(data);
    secrets
}

fn show(page: &Page, nodes: &[Node], status: Option<Status>) {
    for node in nodes {
        story::object(page, node, 0, story::Detail::Everything);
    }
    if let Some(word) = status {
        page.row(&[
            cell(Style::Bold, &word.to_string()).wide(story::TAG),
            cell(Style::Plain, "Status Word").wide(story::NAME),
            cell(Style::Plain, &describe::status(word)),
        ]);
    }
}

/// The tag that a string begins with, and its name.
fn tag_at(bytes: &[u8]) -> Option<String> {
    let tag = (1..=4).find_map(|length| Tag::from_bytes(bytes.get(..length)?))?;
    Some(format!("{tag} {}", describe::name_of(tag).unwrap_or_default()).trim_end().to_owned())
}

/// The bytes to decode: digits on the command line, or a file with digits or bytes.
fn input(argument: &str) -> Result<Vec<u8>, Failure> {
    if argument != "-" && is_hex(argument.as_bytes()) {
        return digits(argument.as_bytes(), "the argument");
    }
    let bytes = source::bytes(argument)?;
    if is_hex(&bytes) {
        let shown = if argument == "-" { "standard input" } else { argument };
        return digits(&bytes, shown);
    }
    Ok(bytes)
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace())
}

fn digits(text: &[u8], what: &str) -> Result<Vec<u8>, Failure> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    if digits.is_empty() {
        return Err(Failure::data(format!("{what}: nothing to decode")));
    }
    hex::decode(&digits).map_err(|_| {
        Failure::data(format!("{what}: half a byte is left over, {} digits", digits.len()))
    })
}

/// Takes the status word off an answer of a card: two bytes that can be one, behind whole objects.
fn split(bytes: &[u8]) -> (&[u8], Option<Status>) {
    let Some((data, &[sw1, sw2])) = bytes.split_last_chunk::<2>() else { return (bytes, None) };
    let is_status = (sw1, sw2) == (0x90, 0x00) || (0x61..=0x6F).contains(&sw1);
    let whole = tlv::Tlvs::new(data).all(|tlv| tlv.is_ok());
    if is_status && whole {
        (data, Some(Status(u16::from_be_bytes([sw1, sw2]))))
    } else {
        (bytes, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_words_stand_behind_whole_objects() {
        let status = |hex: &str| split(&hex::decode(hex).unwrap()).1.map(|status| status.0);
        assert_eq!(status("9A03260115 9000".replace(' ', "").as_str()), Some(0x9000));
        assert_eq!(status("6A82"), Some(0x6A82));
        assert_eq!(status("9F36026A82"), None, "part of a value");
        assert_eq!(status("9A03260115"), None);
        assert_eq!(status("90"), None);
    }

    #[test]
    fn digits_may_stand_apart() {
        assert_eq!(input(" 9A 03\n260115 ").unwrap(), [0x9A, 3, 0x26, 0x01, 0x15]);
        assert!(input("9A0").unwrap_err().message.contains("half a byte"));
        assert!(input("").unwrap_err().message.contains("nothing to decode"));
        assert!(input("no-such-file").unwrap_err().message.starts_with("no-such-file: "));
    }
}
