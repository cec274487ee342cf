//! Two strings of objects, compared.

use chipwright::dictionary::emv::TRANSACTION_CURRENCY_CODE;
use chipwright::object::Value as _;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright::value::Code;
use chipwright_harness::currency::Currency;
use chipwright_harness::describe::{Context, Meaning, Secrets, definition, hex_of, meaning};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::dialogue::Dialogue;
use super::found::Found;
use super::piece::{Piece, split};
use super::{Options, find};
use crate::Report;
use crate::arguments::Decode;
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::story;

/// Templates inside templates that are entered.
const MAX_DEPTH: usize = 16;

/// A primitive object, with where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Object<'a> {
    /// Templates around it, outermost first.
    pub(super) path: Vec<Tag>,
    pub(super) tag: Tag,
    pub(super) value: &'a [u8],
}

/// The primitive objects of a string, as far as it can be read.
pub(super) fn flat(bytes: &[u8]) -> Vec<Object<'_>> {
    let mut objects = Vec::new();
    enter(bytes, &mut Vec::new(), &mut objects);
    objects
}

fn enter<'a>(bytes: &'a [u8], path: &mut Vec<Tag>, objects: &mut Vec<Object<'a>>) {
    for tlv in Tlvs::new(bytes).map_while(Result::ok) {
        if tlv.tag.is_constructed() && path.len() < MAX_DEPTH {
            path.push(tlv.tag);
            enter(tlv.value, path, objects);
            path.pop();
        } else {
            objects.push(Object { path: path.clone(), tag: tlv.tag, value: tlv.value });
        }
    }
}

/// The objects of what was found: commands and answers to reset have none.
pub(super) fn objects(found: &Found) -> Vec<Object<'_>> {
    match found.piece {
        Piece::Objects => flat(split(&found.bytes).0),
        Piece::Field(length) => flat(found.bytes.get(length..).unwrap_or_default()),
        Piece::Value(tag) => vec![Object { path: Vec::new(), tag, value: &found.bytes }],
        _ => Vec::new(),
    }
}

/// An object's place: its templates, its tag, and which one of several it is there.
type Place = (Vec<Tag>, Tag, usize);

fn places(strings: &[Found]) -> BTreeMap<Place, Vec<u8>> {
    let mut places = BTreeMap::new();
    let mut seen: BTreeMap<(Vec<Tag>, Tag), usize> = BTreeMap::new();
    for object in strings.iter().flat_map(objects) {
        let number = seen.entry((object.path.clone(), object.tag)).or_default();
        places.insert((object.path, object.tag, *number), object.value.to_vec());
        *number += 1;
    }
    places
}

/// Where two strings differ.
struct Difference {
    place: Place,
    before: Option<Vec<u8>>,
    after: Option<Vec<u8>>,
}

/// Compares what the command line gives.
pub(super) fn run(arguments: &Decode, other: &str, options: &Options) -> Result<Report, Failure> {
    let mut dialogue = Dialogue::default();
    let mut read = |argument: &str, which: &str| -> Result<Vec<Found>, Failure> {
        let found = find(argument, options)?;
        found.iter().for_each(|found| dialogue.hear(found));
        super::tell(&found, options)
            .map_err(|failure| Failure { message: format!("{which}: {failure}"), ..failure })?;
        Ok(found)
    };
    let before = read(&arguments.input, "the first")?;
    let after = read(other, "the second")?;
    let differences = compare(&places(&before), &places(&after));
    let exit = if differences.is_empty() { Exit::Success } else { Exit::Failure };
    let mut secrets = Secrets::default();
    for object in before.iter().chain(&after).flat_map(objects) {
        secrets.learn_object(object.tag, object.value);
    }
    let currency = dialogue.objects.iter().find(|(tag, _)| *tag == TRANSACTION_CURRENCY_CODE.tag);
    let currency = currency.and_then(|(_, value)| Code::decode(value)).map(Currency::of);
    let currency = options.context.currency.or(currency);
    let context = dialogue.context(Context { currency, ..options.context });
    let tell = |tag, value: &Vec<u8>| meaning(tag, value, context);
    let text = if arguments.json {
        let entries: Vec<Value> = differences.iter().map(|entry| document(entry, &tell)).collect();
        let document = json!({"differences": entries, "exit_code": exit as u8});
        secrets.hide(&format!("{document:#}\n"))
    } else {
        let page = Page::new();
        *page.secrets.borrow_mut() = secrets;
        differences.iter().for_each(|entry| show(&page, entry, &tell));
        let count = differences.len();
        let sum = match count {
            0 => "no difference".to_owned(),
            1 => "1 difference".to_owned(),
            _ => format!("{count} differences"),
        };
        page.row(&[cell(Style::Bold, &sum)]);
        page.text()
    };
    Ok(Report { text, exit })
}

fn compare(before: &BTreeMap<Place, Vec<u8>>, after: &BTreeMap<Place, Vec<u8>>) -> Vec<Difference> {
    let mut all: Vec<&Place> = before.keys().chain(after.keys()).collect();
    all.sort();
    all.dedup();
    let pair = |place: &Place| {
        let (before, after) = (before.get(place), after.get(place));
        (before != after).then(|| Difference {
            place: place.clone(),
            before: before.cloned(),
            after: after.cloned(),
        })
    };
    all.into_iter().filter_map(pair).collect()
}

fn path((path, tag, number): &Place) -> String {
    let mut text: String = path.iter().map(|tag| format!("{tag}/")).collect();
    text.push_str(&tag.to_string());
    if *number > 0 {
        text.push_str(&format!(" number {}", number + 1));
    }
    text
}

fn show(page: &Page, entry: &Difference, tell: &dyn Fn(Tag, &Vec<u8>) -> Meaning) {
    let tag = entry.place.1;
    let name = definition(tag, None, None).map_or("unknown", |definition| definition.name);
    let path = path(&entry.place);
    page.row(&[cell(Style::Bold, &path).wide(path.len() + 2), cell(Style::Plain, name)]);
    let [before, after] =
        [&entry.before, &entry.after].map(|value| value.as_ref().map(|value| tell(tag, value)));
    for (sign, style, value, own, other) in [
        ("-", Style::Bad, &entry.before, &before, &after),
        ("+", Style::Good, &entry.after, &after, &before),
    ] {
        let (Some(value), Some(own)) = (value, own) else { continue };
        let text = own.text.clone().unwrap_or_default();
        page.row(&[
            cell(style, sign).wide(2),
            cell(style, &format!("{}  {text}", hex_of(tag, value))),
        ]);
        // Of parts only those that the other does not have.
        let others = other.as_ref().map_or(&[][..], |other| &other.parts);
        for part in own.parts.iter().filter(|part| !others.contains(part)) {
            page.row(&[cell(style, sign).wide(story::TAG), cell(Style::Dim, part)]);
        }
    }
}

fn document(entry: &Difference, tell: &dyn Fn(Tag, &Vec<u8>) -> Meaning) -> Value {
    let tag = entry.place.1;
    let side = |value: &Option<Vec<u8>>| {
        value.as_ref().map(|value| {
            let Meaning { text, parts, problem } = tell(tag, value);
            json!({"value": hex_of(tag, value), "meaning": text, "parts": parts, "problem": problem})
        })
    };
    json!({
        "path": path(&entry.place),
        "tag": tag.to_string(),
        "name": definition(tag, None, None).map(|definition| definition.name),
        "before": side(&entry.before),
        "after": side(&entry.after),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(before: &str, after: &str) -> Vec<String> {
        let read = |hex: &str| places(&[Found::whole(hex::decode(hex).unwrap(), None)]);
        let differences = compare(&read(before), &read(after));
        let sign = |entry: &Difference| match (&entry.before, &entry.after) {
            (Some(_), Some(_)) => '~',
            (Some(_), None) => '-',
            _ => '+',
        };
        differences.iter().map(|entry| format!("{}{}", sign(entry), path(&entry.place))).collect()
    }

    #[test]
    fn objects_are_compared_at_their_place() {
        assert!(differences("9A032601159C0100", "9C01009A03260115").is_empty());
        assert_eq!(differences("9A03260115", "9A03260116"), ["~9A"]);
        assert_eq!(differences("70059A03260115", "9A03260115"), ["+9A", "-70/9A"]);
        assert_eq!(differences("5001415001429C0100", "500141"), ["-50 number 2", "-9C"]);
    }
}
