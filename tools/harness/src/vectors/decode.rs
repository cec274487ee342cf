//! Lists, bit fields, dates and answers of Book 3; what cards and schemes say beside them.

mod dates;
mod scheme;

use super::node::{self, Node, unreadable};
use super::report::Problem;
use chipwright::atr::{Atr, Reset};
use chipwright::cvm::CvmList;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::{EMV, emv::CDOL1};
use chipwright::dol::Dol;
use chipwright::event::Events;
use chipwright::fault::Fault;
use chipwright::field::{TerminalCapabilities, TerminalVerificationResults};
use chipwright::issuer_application_data::Layout;
use chipwright::response;
use chipwright::tag::Tag;

pub(super) fn check(kind: &str, vector: Node<'_>) -> Result<(), Problem> {
    match kind {
        "cvm_list" => cvm_list(vector),
        "dol" => dol_length(vector),
        "dol_build" => dol_filled(vector),
        "dol_split" => dol_split(vector),
        "tvr" => verification_results(vector),
        "terminal_capabilities" => capabilities(vector),
        "response_format_1" => response_format_1(vector),
        "date_check" => dates::check(vector),
        "atr" => answer_to_reset(vector),
        "iad_visa" => scheme::issuer_application_data(vector, Layout::Visa),
        "iad_mchip" => scheme::issuer_application_data(vector, Layout::MChip),
        "cvr_mchip" => scheme::m_chip_results(vector),
        "amex_contactless_reader_capabilities" => scheme::reader_capabilities(vector),
        "aid_info" => scheme::application_name(vector),
        _ => Err(Problem::UnknownKind),
    }
}

/// A list without rules is well-formed, but of no use: vectors call it invalid, or leave it open.
fn cvm_list(vector: Node<'_>) -> Result<(), Problem> {
    let value = vector.hex("inputs.cvm_list")?;
    let list = CvmList::read(&value);
    let usable = list.is_ok_and(|list| list.rules().len() > 0);
    if vector.find("expected.valid").is_some() {
        Problem::compare("valid", vector.flag("expected.valid")?, usable)?;
    }
    if vector.find("expected.rules").is_none() {
        return Ok(());
    }
    let list = list.map_err(|fault| Problem::differs("valid", "a list", fault))?;
    for (name, amount) in [("amount_x", list.amount_x), ("amount_y", list.amount_y)] {
        let expected = vector.number(&format!("expected.{name}"))?;
        Problem::compare(name, expected, amount.into())?;
    }
    let expected: Vec<_> = vector.list("expected.rules")?.collect();
    Problem::compare("rules", expected.len(), list.rules().len())?;
    for (expected, rule) in expected.into_iter().zip(list.rules()) {
        Problem::compare_bytes("cvm_code", &expected.hex("cvm_code")?, &[rule.code])?;
        Problem::compare_bytes("condition", &expected.hex("condition")?, &[rule.condition])?;
        if expected.find("meaning").is_some() {
            let end = if rule.apply_succeeding() {
                "apply succeeding rule if unsuccessful"
            } else {
                "fail if unsuccessful"
            };
            let found = format!("{}, {}, {end}", rule.method(), rule.condition());
            same_words("meaning", expected.text("meaning")?, &found)?;
        }
    }
    Ok(())
}

/// Every word that a vector uses must be in our wording, in the same order.
fn same_words(what: &str, expected: &str, found: &str) -> Result<(), Problem> {
    let mut words = found.split_whitespace();
    let mut all = expected.split_whitespace();
    if all.all(|wanted| words.any(|word| word.trim_matches(',') == wanted.trim_matches(','))) {
        Ok(())
    } else {
        Err(Problem::differs(what, expected, found))
    }
}

fn dol_length(vector: Node<'_>) -> Result<(), Problem> {
    let list = vector.hex("inputs.dol")?;
    let length = Dol::new(&list).filled_length();
    let length = length.map_err(|error| Problem::differs("data_length", "a list", error))?;
    Problem::compare("data_length", vector.number("expected.data_length")?, length as u64)
}

fn dol_filled(vector: Node<'_>) -> Result<(), Problem> {
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    for source in ["inputs.source2_fallback", "inputs.source1_priority"] {
        for object in vector.list_or_empty(source) {
            let put = data.put_bytes(object.tag("tag")?, &object.hex("value")?);
            data.told(put).map_err(|fault| unreadable(source, &fault.to_string()))?;
        }
    }
    let list = vector.hex("inputs.dol")?;
    let mut out = [0; DATABASE_LENGTH];
    let filled = Dol::new(&list).fill(CDOL1.tag, &data, EMV, &mut out, Events::NONE);
    let filled = data.told(filled);
    let filled = filled.map_err(|fault| Problem::differs("dol_data", "a filled list", fault))?;
    let filled = out.get(..filled).unwrap_or_default();
    Problem::compare_bytes("dol_data", &vector.hex("expected.dol_data")?, filled)
}

fn dol_split(vector: Node<'_>) -> Result<(), Problem> {
    let (list, data) = (vector.hex("inputs.dol")?, vector.hex("inputs.data")?);
    compare_objects(vector.list("expected.values")?, split(&list, &data)?)
}

/// The parts of a filled list, with what they are.
pub(super) fn split<'d>(list: &[u8], data: &'d [u8]) -> Result<Vec<(Tag, &'d [u8])>, Problem> {
    let parts = Dol::new(list).split(data);
    Ok(parts.map_err(|error| unreadable("list", &error.to_string()))?.collect())
}

/// Where an answer is not one of EMV, the publisher's reason names the character. [B1 8]
fn answer_to_reset(vector: Node<'_>) -> Result<(), Problem> {
    let bytes = vector.hex("inputs.atr")?;
    let checked = Atr::read(&bytes).map(|atr| atr.check(Reset::Cold));
    let accepted = matches!(checked, Ok(Ok(())));
    Problem::compare("emv_compliant", vector.flag("expected.emv_compliant")?, accepted)?;
    if vector.find("expected.reason").is_none() {
        return Ok(());
    }
    let reason = vector.text("expected.reason")?;
    let named = match checked {
        Ok(Err(violation)) => violation.character(),
        _ => "none",
    };
    // It leaves out the number of a character that can come later than in its first place.
    let known = [named, named.trim_end_matches(char::is_numeric)];
    let names = |word: &str| known.contains(&word);
    if reason.split(' ').any(names) {
        Ok(())
    } else {
        Err(Problem::differs("reason", reason, named))
    }
}

fn response_format_1(vector: Node<'_>) -> Result<(), Problem> {
    let value = vector.hex("inputs.value")?;
    let objects: Result<Vec<_>, Fault> = match vector.text("inputs.command")? {
        "GET PROCESSING OPTIONS" => response::processing_options(&value).map(Vec::from),
        "GENERATE AC" => response::cryptogram(&value).map(Iterator::collect),
        other => return Err(unreadable("inputs.command", other)),
    };
    let objects = objects.map_err(|fault| Problem::differs("objects", "an answer", fault))?;
    compare_objects(vector.list("expected.objects")?, objects)
}

/// Compares with a list of objects, each `{tag, value}` or `[tag, value]`.
fn compare_objects<'e>(
    expected: impl Iterator<Item = Node<'e>>,
    found: Vec<(Tag, &[u8])>,
) -> Result<(), Problem> {
    let show = |objects: &[(Tag, &[u8])]| {
        let shown = objects.iter();
        let shown = shown.map(|(tag, value)| format!("{tag}={}", hex::encode_upper(value)));
        shown.collect::<Vec<_>>().join(" ")
    };
    let read = |object: Node<'_>| match object.0.as_array().map(Vec::as_slice) {
        Some([tag, value]) => {
            let value = node::decode(Node(value).as_text("value")?, "value")?;
            Ok((node::tag(Node(tag).as_text("tag")?)?, value))
        }
        _ => Ok((object.tag("tag")?, object.hex("value")?)),
    };
    let expected: Vec<(Tag, Vec<u8>)> = expected.map(read).collect::<Result<_, Problem>>()?;
    let expected: Vec<_> = expected.iter().map(|(tag, value)| (*tag, &**value)).collect();
    Problem::compare("objects", show(&expected), show(&found))
}

/// What vectors call bits that have another name here.
const CAPABILITIES: &[(&str, &str)] = &[
    ("enciphered_pin_offline_rsa", "enciphered_pin_offline"),
    ("no_cvm_required", "no_cvm"),
    ("plaintext_pin_for_icc", "plaintext_pin"),
];

fn verification_results(vector: Node<'_>) -> Result<(), Problem> {
    let results = TerminalVerificationResults(vector.array("inputs.tvr")?);
    let names = TerminalVerificationResults::BITS.iter();
    let names = names.map(|(_, name, meaning)| (*name, *meaning)).collect();
    compare_bits(vector, results.set_bits(), names, &[])
}

fn capabilities(vector: Node<'_>) -> Result<(), Problem> {
    let capabilities = TerminalCapabilities(vector.array("inputs.terminal_capabilities")?);
    let names = TerminalCapabilities::BITS.iter();
    let names = names.map(|(_, name, meaning)| (*name, *meaning)).collect();
    compare_bits(vector, capabilities.set_bits(), names, CAPABILITIES)
}

/// Compares the bits that are set, in the order of the field. Vectors name a bit as its constant
/// is named, by its meaning with underscores, or by one of the names in `also`.
fn compare_bits(
    vector: Node<'_>,
    set: impl Iterator<Item = (u8, u8, Option<&'static str>)>,
    names: Vec<(&'static str, &'static str)>,
    also: &[(&str, &str)],
) -> Result<(), Problem> {
    let spelled = |text: &str| text.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "_");
    let ours = |theirs: &str| {
        let alias = also.iter().find(|(name, _)| *name == theirs);
        let theirs = alias.map_or(theirs, |(_, name)| name);
        let mut names = names.iter();
        let known = names.find(|(name, text)| spelled(name) == theirs || spelled(text) == theirs);
        known.map_or(theirs.to_owned(), |(_, meaning)| (*meaning).to_owned())
    };
    let expected: Vec<String> = vector
        .list("expected.bits")?
        .map(|name| Ok(ours(name.as_text("bits")?)))
        .collect::<Result<_, Problem>>()?;
    let found: Vec<String> = set
        .map(|(byte, bit, meaning)| meaning.map_or(format!("RFU [{byte}:{bit}]"), str::to_owned))
        .collect();
    Problem::compare("bits", expected.join(", "), found.join(", "))
}
