//! Whole chains: from the records of a card to its dynamic signature. [B2 5, 6]

use super::application::Application;
use super::chain::{CaKey, Chain, Dynamic, tags};
use super::node::{self, Node, unreadable};
use super::proof::Proof;
use super::recovered::Expectation;
use super::report::Problem;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::{EMV, emv};
use chipwright::dol::Dol;
use chipwright::event::Events;
use chipwright::fault::Fault;
use chipwright::oda::Part;
use chipwright::tag::Tag;

pub(super) fn check(kind: &str, vector: Node<'_>) -> Result<(), Problem> {
    if kind != "full_chain" {
        return Err(Problem::UnknownKind);
    }
    let chain = chain(vector)?;
    same_inputs(vector, &chain)?;
    let verdicts = chain.verify()?;
    for part in PARTS {
        let result = verdicts.of(part);
        let result = result.ok_or_else(|| unreadable("signature", "is missing"))?;
        Expectation::Verifies.compare(result)?;
    }
    let certificates = [("issuer", &verdicts.issuer), ("icc", &verdicts.icc)];
    for (name, certificate) in certificates {
        let found = certificate.as_ref().map(|found| found.key.modulus.as_slice());
        let expected = vector.hex(&format!("expected.{name}_modulus"))?;
        Problem::compare_bytes(name, &expected, found.unwrap_or_default())?;
    }
    let content = verdicts.dynamic.and_then(Result::ok);
    let number = content.map(|content| content.number).unwrap_or_default();
    let expected = vector.hex("expected.icc_dynamic_number")?;
    Problem::compare_bytes("icc_dynamic_number", &expected, &number)
}

pub(super) fn proofs(vector: Node<'_>) -> Result<Vec<Proof>, Problem> {
    Ok(vec![Proof {
        id: vector.text("id")?.to_owned(),
        chain: chain(vector)?,
        parts: PARTS.to_vec(),
    }])
}

/// What verifies in a full chain.
const PARTS: [Part; 3] = [Part::IssuerCertificate, Part::IccCertificate, Part::DynamicSignature];

fn chain(vector: Node<'_>) -> Result<Chain, Problem> {
    let mut application = Application::answered(&vector.hex("inputs.gpo_response")?)?;
    for (place, answer) in vector.fields("inputs.records")? {
        let numbers = place.split_once(',');
        let numbers = numbers.and_then(|(sfi, number)| sfi.parse().ok().zip(number.parse().ok()));
        let (sfi, number) = numbers.ok_or_else(|| unreadable(place, "is not SFI,record"))?;
        let answer = node::decode(answer.as_text(place)?, place)?;
        application.add_record(sfi, number, answer);
    }
    let read = application.read()?;
    let [index] = vector.array("inputs.capk_index")?;
    let ca_key = CaKey {
        rid: vector.array("inputs.rid")?,
        index,
        modulus: vector.hex("inputs.ca_modulus")?,
        exponent: vector.hex("inputs.ca_exponent")?,
    };
    let mut chain = Chain::new(ca_key, read.given);
    chain.dynamic = Some(dynamic(vector, &chain)?);
    Ok(chain)
}

/// The dynamic signature: of DDA over the filled list of the card, of CDA over the unpredictable
/// number and what was exchanged. These cards have no PDOL. [B2 6.5, 6.6]
fn dynamic(vector: Node<'_>, chain: &Chain) -> Result<Dynamic, Problem> {
    let number = vector.hex("inputs.unpredictable_number_9F37")?;
    match vector.text("inputs.method")? {
        "dda" => {
            let answer = vector.hex("inputs.internal_authenticate_response")?;
            Dynamic::answered(&answer, filled(chain, &number)?)
        }
        "cda" => {
            let sent = [Vec::new(), vector.hex("inputs.cdol1_data")?, Vec::new()];
            Dynamic::combined(&vector.hex("inputs.generate_ac_response")?, number, sent)
        }
        _ => Err(unreadable("inputs.method", "is neither dda nor cda")),
    }
}

/// The card's DDOL, filled.
fn filled(chain: &Chain, unpredictable_number: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    chain.store(&mut data)?;
    let number = emv::UNPREDICTABLE_NUMBER.tag;
    let put = data.put_bytes(number, unpredictable_number);
    data.told(put)?;
    let name = emv::DDOL.tag;
    let list = data.bytes(name).ok_or(Fault::missing(name))?;
    let mut out = vec![0; 255];
    let length = Dol::new(list).fill(name, &data, EMV, &mut out, Events::NONE);
    out.truncate(data.told(length)?);
    Ok(out)
}

/// Inputs that a vector has twice, alone and within an answer, are the same.
fn same_inputs(vector: Node<'_>, chain: &Chain) -> Result<(), Problem> {
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    chain.store(&mut data)?;
    let objects: [(&str, Tag); 9] = [
        ("pan", emv::PAN.tag),
        ("aip", emv::AIP.tag),
        ("afl", emv::AFL.tag),
        ("issuer_certificate_90", tags::ISSUER_CERTIFICATE),
        ("issuer_remainder_92", emv::ISSUER_PUBLIC_KEY_REMAINDER.tag),
        ("issuer_exponent_9F32", emv::ISSUER_PUBLIC_KEY_EXPONENT.tag),
        ("icc_certificate_9F46", tags::ICC_CERTIFICATE),
        ("icc_remainder_9F48", emv::ICC_PUBLIC_KEY_REMAINDER.tag),
        ("icc_exponent_9F47", emv::ICC_PUBLIC_KEY_EXPONENT.tag),
    ];
    for (name, tag) in objects {
        let expected = vector.hex(&format!("inputs.{name}"))?;
        Problem::compare_bytes(name, &expected, data.bytes(tag).unwrap_or_default())?;
    }
    let signature = chain.dynamic.as_ref().map(|dynamic| dynamic.signature.as_slice());
    let expected = vector.hex("inputs.sdad_9F4B")?;
    Problem::compare_bytes("sdad_9F4B", &expected, signature.unwrap_or_default())?;
    let found = data.static_data().map(|parts| parts.collect::<Vec<_>>().concat());
    let expected = vector.hex("inputs.static_data_to_be_authenticated")?;
    Problem::compare_bytes("static data", &expected, &found.unwrap_or_default())
}
