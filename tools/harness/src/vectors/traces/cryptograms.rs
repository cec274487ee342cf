//! What a transcript says of every cryptogram in it. [B3 6.5.5]

use crate::vectors::Checks;
use crate::vectors::chain::tags;
use crate::vectors::node::{Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::dictionary::emv;
use chipwright::field::CryptogramInformation;
use chipwright::response::{self, Response};
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use serde_json::{Value, json};

/// Compares every cryptogram; one that came within a signature is `signed`.
pub(super) fn check(vector: Node<'_>, signed: Option<[u8; 8]>, checks: &mut Checks) {
    for (number, expected) in vector.list_or_empty("expected.cryptograms").enumerate() {
        checks.push(&format!("cryptogram{number}"), compare(vector, expected, signed));
    }
}

/// Compares every field that the vector has with what the exchange says.
fn compare(vector: Node<'_>, expected: Node<'_>, signed: Option<[u8; 8]>) -> Result<(), Problem> {
    let place = usize::try_from(expected.number("exchange")?).unwrap_or(usize::MAX);
    let exchange = vector.list("exchanges")?.nth(place);
    let exchange = exchange.ok_or_else(|| unreadable("exchange", "is not in the transcript"))?;
    let (command, answer) = (exchange.hex("c")?, exchange.hex("r")?);
    let [_, instruction, p1, ..] = *command.as_slice() else {
        return Err(unreadable("exchanges.c", "is shorter than a command"));
    };
    let answer = answer.strip_suffix(&[0x90, 0x00]);
    let answer = answer.ok_or_else(|| Problem::differs("answer", "9000", "another status"))?;
    let (format, objects) = objects(answer)?;
    let signature = tags::DYNAMIC_SIGNATURE;
    let object = |tag: Tag| {
        let found = objects.iter().find(|(other, _)| *other == tag);
        found.map(|(_, value)| *value)
    };
    let hex = |tag| Value::from(object(tag).map(hex::encode_upper));
    let cryptogram = || match (object(signature), &signed) {
        (Some(_), Some(signed)) => Value::from(hex::encode_upper(signed)),
        _ => hex(emv::APPLICATION_CRYPTOGRAM.tag),
    };
    let kind = |code: u8| {
        let kind = CryptogramInformation(code).cryptogram();
        kind.map_or(Value::Null, |kind| kind.name().into())
    };
    let information = object(emv::CRYPTOGRAM_INFORMATION_DATA.tag);
    let information = information.and_then(|information| information.first().copied());
    for (name, said) in expected.fields("")? {
        let found = match name {
            "exchange" => continue,
            "in_gpo_response" => json!(instruction == 0xA8),
            "p1" => json!(format!("{p1:02X}")),
            "requested" => kind(p1),
            // Bit 5 of P1 asks for a signature as well. [B3 6.5.5]
            "cda_requested" => json!(p1 & 0x10 != 0),
            "format" => json!(format),
            "returned" => information.map_or(Value::Null, kind),
            "sdad" => json!(object(signature).is_some()),
            "cid" => hex(emv::CRYPTOGRAM_INFORMATION_DATA.tag),
            "atc" => hex(emv::ATC.tag),
            "ac" => cryptogram(),
            "iad" => hex(emv::ISSUER_APPLICATION_DATA.tag),
            // Of contactless kernels, which give these tags their meaning.
            "ctq" => hex(Tag(0x9F6C)),
            "form_factor" => hex(Tag(0x9F6E)),
            _ => return Err(unreadable(name, "is not known here")),
        };
        Problem::compare(name, said.0, &found)?;
    }
    Ok(())
}

/// Data objects, in the order of the answer.
type Objects<'a> = Vec<(Tag, &'a [u8])>;

/// The format of an answer, and its objects.
fn objects(answer: &[u8]) -> Result<(u8, Objects<'_>), Problem> {
    Ok(match Response::read(answer)? {
        Response::Format1(value) => (1, response::cryptogram(value)?.collect()),
        Response::Format2(content) => {
            let all = Tlvs::new(content).map(|tlv| tlv.map(|tlv| (tlv.tag, tlv.value)));
            (2, all.collect::<Result<_, _>>()?)
        }
    })
}
