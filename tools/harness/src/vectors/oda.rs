//! Certificates and signatures one by one. [B2 5, 6]

use super::chain::{CRYPTO, CaKey, Chain, Dynamic, Given, RsaKey, Verdicts};
use super::node::{self, Node, unreadable};
use super::proof::Proof;
use super::recovered::{self, Expectation, agree};
use super::report::Problem;
use super::{Checks, keys};
use chipwright::dictionary::emv;
use chipwright::fault::RecordId;
use chipwright::object::Value;
use chipwright::oda::{self, Check, Part, PublicKey};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Writer};
use chipwright::value::{Date, MonthYear};
use serde_json::Value as Json;

pub(super) fn check(kind: &str, vector: Node<'_>, group: &[Json], checks: &mut Checks) {
    match kind {
        "rsa_recover" => {
            checks.push("", agree(vector.find("checks.recovered"), recovers(vector)));
        }
        "key_material" => {
            checks.push("", agree(vector.find("checks.pair_consistent"), key_material(vector)));
        }
        "" => match vector.checks() {
            Ok(names) => {
                let chain = verified(vector, group);
                for (name, said) in names {
                    let result = named(name, said, vector, &chain);
                    checks.push(name, result);
                }
            }
            Err(problem) => checks.push("", Err(problem)),
        },
        _ => checks.push("", Err(Problem::UnknownKind)),
    }
}

/// The chains that a vector says verify.
pub(super) fn proofs(vector: Node<'_>, group: &[Json]) -> Result<Vec<Proof>, Problem> {
    if vector.find("negative").is_some() || vector.find("inputs.data_objects").is_none() {
        return Ok(Vec::new());
    }
    let said = vector.fields("checks")?;
    let said = said.filter(|(_, said)| Expectation::read(*said) == Expectation::Verifies);
    Ok(vec![Proof {
        id: vector.text("id")?.to_owned(),
        chain: chain(vector, group)?,
        parts: said.filter_map(|(name, _)| part(name)).map(|(part, _)| part).collect(),
    }])
}

/// A chain with its verdicts, or why there is none.
type Verified = Result<(Chain, Verdicts), Problem>;

/// The part that a check is about, and the name of what is expected of it.
fn part(check: &str) -> Option<(Part, &'static str)> {
    Some(match check {
        "issuer_certificate" => (Part::IssuerCertificate, "expected.issuer_public_key"),
        "ssad" => (Part::StaticSignature, "expected.ssad"),
        "icc_certificate" => (Part::IccCertificate, "expected.icc_public_key"),
        "sdad" => (Part::DynamicSignature, "expected.sdad"),
        _ => return None,
    })
}

fn named(name: &str, said: Node<'_>, vector: Node<'_>, chain: &Verified) -> Result<(), Problem> {
    if name == "date_rule" {
        return agree(Some(said), date_rule(vector));
    }
    let (chain, verdicts) = chain.as_ref().map_err(Clone::clone)?;
    if let Some((part, expected)) = part(name) {
        let result = verdicts.of(part);
        let result = result.ok_or_else(|| unreadable(name, "has nothing to verify"))?;
        Expectation::read(said).compare(result)?;
        recovered::compare(vector.at(expected)?, part, result, chain, verdicts)?;
        let code = "expected.data_authentication_code_9F45";
        if part == Part::StaticSignature && vector.find(code).is_some() {
            let block = chain.recovered(part, verdicts).unwrap_or_default();
            let found = block.get(3..5).unwrap_or_default();
            Problem::compare_bytes("data_authentication_code", &vector.hex(code)?, found)?;
        }
        return Ok(());
    }
    match name {
        "icc_modulus" => {
            let expected = vector.hex("expected.icc_modulus_published")?;
            let found = verdicts.icc.as_ref().map(|icc| icc.key.modulus.as_slice());
            let result = Problem::compare_bytes(name, &expected, found.unwrap_or_default());
            agree(Some(said), result)
        }
        "fails" => agree(Some(said), fails(vector, verdicts)),
        _ => Err(unreadable(name, "is no check that is known here")),
    }
}

/// The named item does not recover: it fails before its hash is looked at, and nothing before it
/// fails.
fn fails(vector: Node<'_>, verdicts: &Verdicts) -> Result<(), Problem> {
    let result = vector.text("expected.result")?;
    if result != "recovery_fails" {
        return Err(unreadable("expected.result", "is not recovery_fails"));
    }
    let item = vector.text("expected.failing_item")?;
    let part = match item {
        "issuer certificate" => Part::IssuerCertificate,
        "ICC certificate" => Part::IccCertificate,
        "signed static data" => Part::StaticSignature,
        "signed dynamic data" => Part::DynamicSignature,
        _ => return Err(unreadable("expected.failing_item", "is not known here")),
    };
    let found = verdicts.of(part);
    let found = found.ok_or_else(|| unreadable(item, "has nothing to verify"))?;
    let framed = [Check::Length, Check::KeyRefused, Check::Trailer, Check::Header, Check::Format];
    if matches!(found, Err(failure) if failure.part == part && framed.contains(&failure.check)) {
        return Ok(());
    }
    let expected = format!("{part:?} not recovered");
    Err(Problem::differs("result", expected, recovered::shown(found)))
}

fn verified(vector: Node<'_>, group: &[Json]) -> Verified {
    let chain = chain(vector, group)?;
    let verdicts = chain.verify()?;
    Ok((chain, verdicts))
}

/// Puts the chain of a vector together. A key of the card that it does not have is that of another
/// vector of its group.
fn chain(vector: Node<'_>, group: &[Json]) -> Result<Chain, Problem> {
    let mut objects: Vec<(Tag, Vec<u8>)> = vector
        .fields("inputs.data_objects")?
        .map(|(tag, value)| {
            let value = node::decode(value.as_text(tag)?, tag)?;
            Ok((node::tag(tag)?, value))
        })
        .collect::<Result<_, Problem>>()?;
    let mut given = Vec::new();
    if vector.find("inputs.static_data_to_be_authenticated").is_some() {
        let data = vector.hex("inputs.static_data_to_be_authenticated")?;
        let data = without_aip(&objects, &data);
        objects.retain(|(tag, _)| !matches!(tlv::find(data, *tag), Ok(Some(_))));
        given.push(record(data)?);
    }
    let signature = emv::SIGNED_DYNAMIC_APPLICATION_DATA.tag;
    let signature = objects.iter().find(|(tag, _)| *tag == signature);
    let dynamic = match vector.find("inputs.terminal_dynamic_data").zip(signature) {
        Some((_, (_, signature))) => Some(Dynamic {
            signature: signature.clone(),
            data: vector.hex("inputs.terminal_dynamic_data")?,
            combined: None,
            fast: false,
        }),
        None => None,
    };
    given.extend(objects.into_iter().map(|(tag, value)| Given::Object(tag, value)));

    let mut chain = Chain::new(CaKey::read(vector.at("inputs.capk")?)?, given);
    chain.dynamic = dynamic;
    chain.icc_key = icc_key(vector, group)?;
    let issuer = "expected.issuer_public_key.issuer_id";
    let issuer = vector.find(issuer).map(|_| vector.hex(issuer)).transpose()?;
    chain.stand_in(issuer)?;
    Ok(chain)
}

/// The static data as records hold it: the AIP behind it comes from its own object.
fn without_aip<'d>(objects: &[(Tag, Vec<u8>)], data: &'d [u8]) -> &'d [u8] {
    let value = |tag| {
        let object = objects.iter().find(|(other, _)| *other == tag);
        object.map(|(_, value)| value.as_slice())
    };
    let listed = value(emv::STATIC_DATA_AUTHENTICATION_TAG_LIST.tag).is_some();
    let aip = value(emv::AIP.tag).filter(|_| listed);
    aip.and_then(|aip| data.strip_suffix(aip)).unwrap_or(data)
}

/// A record that holds the static data.
fn record(data: &[u8]) -> Result<Given, Problem> {
    let mut answer = vec![0; data.len() + 4];
    let mut writer = Writer::new(&mut answer);
    let written = writer.put(emv::template::RECORD_TEMPLATE, data);
    written.map_err(|_| unreadable("inputs.static_data_to_be_authenticated", "is too long"))?;
    Ok(Given::Record {
        id: RecordId { sfi: 1, number: 1 },
        covered: true,
        answer: writer.written().to_vec(),
    })
}

/// The card's key, as this vector or another of its group expects them.
fn icc_key(vector: Node<'_>, group: &[Json]) -> Result<Option<RsaKey>, Problem> {
    let name = |vector: Node<'_>| Some(vector.find("group")?.0.clone());
    let same = |other: &Node<'_>| name(*other).is_some() && name(*other) == name(vector);
    let others = group.iter().map(Node).filter(same);
    let key = core::iter::once(vector)
        .chain(others)
        .find_map(|vector| vector.find("expected.icc_public_key"));
    key.map(RsaKey::read).transpose()
}

/// Which certificates have run out on the day of the transaction. [B2 5.3, 6.4]
fn date_rule(vector: Node<'_>) -> Result<(), Problem> {
    let path = "inputs.transaction_date_yymmdd";
    let today = Date::decode(&vector.hex(path)?);
    let today = today.ok_or_else(|| unreadable(path, "is not a date"))?;
    let mut expired = Vec::new();
    for name in ["issuer", "icc"] {
        let expiry = vector.array(&format!("inputs.{name}_certificate_expiry_mmyy"))?;
        if MonthYear::decode(expiry).is_none_or(|expiry| expiry.is_before(today)) {
            expired.push(name);
        }
    }
    let expected = vector.list("expected.certificates_expired")?;
    let expected = expected.map(|name| name.as_text("certificates_expired"));
    let expected: Vec<_> = expected.collect::<Result<_, _>>()?;
    Problem::compare("certificates_expired", expected.join(", "), expired.join(", "))
}

fn recovers(vector: Node<'_>) -> Result<(), Problem> {
    let (modulus, exponent) = (vector.hex("inputs.modulus")?, vector.hex("inputs.exponent")?);
    let key = PublicKey { modulus: &modulus, exponent: &exponent };
    let mut block = [0; _];
    let found = oda::recover(CRYPTO, key, &vector.hex("inputs.signed")?, &mut block);
    let found =
        found.map_err(|check| Problem::differs("recovered", "a block", format!("{check:?}")))?;
    Problem::compare_bytes("recovered", &vector.hex("expected.recovered")?, found)
}

fn key_material(vector: Node<'_>) -> Result<(), Problem> {
    let mut consistent = true;
    for (name, _) in vector.fields("inputs")? {
        consistent &= keys::is_pair(vector.at("inputs")?.at(name)?)?;
    }
    Problem::compare("pair_consistent", vector.flag("expected.pair_consistent")?, consistent)
}
