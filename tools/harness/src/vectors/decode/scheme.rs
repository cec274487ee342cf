//! What belongs to payment systems rather than to EMV.

use crate::describe;
use crate::vectors::node::{Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::field::CryptogramType;
use chipwright::issuer_application_data::{CardVerificationResults, Layout, MChipResults};
use chipwright::object::Value;

/// Compares the parts that the vector has.
pub(super) fn issuer_application_data(vector: Node<'_>, layout: Layout) -> Result<(), Problem> {
    let data = vector.hex("inputs.iad")?;
    let parts = layout.read(&data);
    let parts = parts.ok_or_else(|| Problem::differs("iad", format!("{layout:?}"), "another"))?;
    let (key_index, version) = ([parts.key_index], [parts.version]);
    let number = parts.dynamic_number.unwrap_or_default();
    for (name, expected) in vector.fields("expected")? {
        let found: &[u8] = match name {
            "derivation_key_index" => &key_index,
            "cryptogram_version_number" => &version,
            "cvr" => parts.results,
            "dac_or_icc_dynamic_number" => &number,
            "counters" => parts.counters,
            "issuer_discretionary_data" => parts.discretionary,
            _ => return Err(unreadable(name, "is no part that is known here")),
        };
        Problem::compare_bytes(name, &expected.hex("")?, found)?;
    }
    // What is read of the results as well must be of the right kind.
    match (layout, parts.verification_results()) {
        (Layout::Visa, Some(CardVerificationResults::Visa(_)))
        | (Layout::MChip, Some(CardVerificationResults::MChip(_))) => Ok(()),
        (_, other) => Err(Problem::differs("cvr", format!("{layout:?}"), format!("{other:?}"))),
    }
}

/// Compares bits, counters and decisions by their names.
pub(super) fn m_chip_results(vector: Node<'_>) -> Result<(), Problem> {
    let results = MChipResults::decode(&vector.hex("inputs.cvr")?);
    let results = results.ok_or_else(|| unreadable("inputs.cvr", "is not 6 bytes long"))?;
    for (name, expected) in vector.fields("expected")? {
        let counter = match name {
            "script_counter" => Some(results.script_counter()),
            "pin_try_counter" => Some(results.pin_try_counter()),
            _ => None,
        };
        if let Some(counter) = counter {
            Problem::compare(name, expected.number("")?, counter.into())?;
        } else {
            let found = decision(results, name).or_else(|| bit(results, name));
            let found = found.ok_or_else(|| unreadable(name, "is not known here"))?;
            Problem::compare(name, expected.flag("")?, found)?;
        }
    }
    Ok(())
}

/// Whether the named cryptogram answered the named GENERATE AC.
fn decision(results: MChipResults, name: &str) -> Option<bool> {
    let (kind, command) = name.split_once("_returned_in_")?;
    let kind = match kind {
        "aac" => CryptogramType::Aac,
        "arqc" => CryptogramType::Arqc,
        "tc" => CryptogramType::Tc,
        _ => return None,
    };
    let returned = match command {
        "first_generate_ac" => results.first_cryptogram(),
        "second_generate_ac" => results.second_cryptogram(),
        _ => return None,
    };
    Some(returned == Some(kind))
}

/// Whether the named bit is set.
fn bit(results: MChipResults, name: &str) -> Option<bool> {
    let mut bits = MChipResults::BITS.iter();
    let (bit, ..) = bits.find(|(_, constant, _)| constant.to_lowercase() == name)?;
    Some(results.contains(*bit))
}

/// Every meaning that the vector has must be among ours.
pub(super) fn reader_capabilities(vector: Node<'_>) -> Result<(), Problem> {
    let value = vector.hex("inputs.capabilities")?;
    let ours = describe::contactless_reader_capabilities(&value);
    let ours = ours.ok_or_else(|| unreadable("inputs.capabilities", "is empty"))?;
    for meaning in vector.list("expected.meaning")? {
        let meaning = meaning.as_text("meaning")?;
        if !ours.iter().any(|ours| letters(ours) == letters(meaning)) {
            return Err(Problem::differs("meaning", meaning, ours.join(", ")));
        }
    }
    Ok(())
}

/// Names of products are for people: they are compared without their punctuation.
pub(super) fn application_name(vector: Node<'_>) -> Result<(), Problem> {
    let name = describe::application_name(&vector.hex("inputs.aid")?);
    let scheme = name.map_or("unknown", |name| name.scheme);
    let product = name.and_then(|name| name.product);
    let product = product.map_or("unknown".to_owned(), |product| format!("{scheme} {product}"));
    for (field, found) in [("expected.scheme", scheme), ("expected.product", &product)] {
        let expected = vector.text(field)?;
        if letters(expected) != letters(found) {
            return Err(Problem::differs(field, expected, found));
        }
    }
    Ok(())
}

/// Letters and digits alone, in lower case.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
