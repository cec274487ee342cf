//! Complete personalisations: offline data authentication of what a card holds. [B2 5, 6]

use super::application::{self, Application};
use super::chain::{CaKey, Chain, Given, Verdicts, store};
use super::node::{self, Node, unreadable};
use super::proof::Proof;
use super::recovered::{self, Expectation, agree};
use super::report::{Area, Problem};
use super::{Checks, keys};
use chipwright::cryptogram::DoubleKey;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv;
use chipwright::fault::Cause;
use chipwright::oda::Part;
use chipwright_rustcrypto::RustCrypto;

pub(super) fn check(kind: &str, vector: Node<'_>, checks: &mut Checks) {
    if !kind.is_empty() {
        return checks.push("", Err(Problem::UnknownKind));
    }
    match vector.checks() {
        Ok(names) => {
            for (name, said) in names {
                named(name, said, vector, checks);
            }
        }
        Err(problem) => checks.push("", Err(problem)),
    }
}

fn named(name: &str, said: Node<'_>, vector: Node<'_>, checks: &mut Checks) {
    match name {
        "certificates_recomputed" => modes(said, vector, checks),
        "key_check_values" => key_check_values(said, vector, checks),
        "ca_key_pair" | "issuer_key_pair" | "icc_key_pair" => {
            checks.push(name, key_pair(name, said, vector));
        }
        _ => checks.push(name, application_check(name, said, vector)),
    }
}

/// The chains that a vector says verify.
pub(super) fn proofs(vector: Node<'_>) -> Result<Vec<Proof>, Problem> {
    let id = vector.text("id")?;
    let mut proofs = Vec::new();
    if vector.find("expected.oda").is_some() {
        let (chain, _) = application(vector)?;
        let said = vector.fields("checks")?;
        let said = said.filter(|(_, said)| Expectation::read(*said) == Expectation::Verifies);
        let parts = said.filter_map(|(name, _)| part(name)).map(|(part, _)| part).collect();
        let id = id.to_owned();
        proofs.push(Proof { id, chain, parts });
    }
    if vector.find("expected.modes").is_some() {
        for (mode, expected) in vector.fields("expected.modes")? {
            let Some((chain, _)) = profile(vector, mode, expected)? else {
                continue;
            };
            let valid =
                |(name, _): &(&str, _)| expected.text(name).is_ok_and(|said| said == "valid");
            let parts = MODE.into_iter().filter(valid).map(|(_, part)| part).collect();
            let id = format!("{id} {mode}");
            proofs.push(Proof { id, chain, parts });
        }
    }
    Ok(proofs)
}

/// The verdicts that a mode has, and what they are about.
const MODE: [(&str, Part); 3] = [
    ("issuer_certificate", Part::IssuerCertificate),
    ("ssad", Part::StaticSignature),
    ("icc_certificate", Part::IccCertificate),
];

/// A card with several profiles, each with AIP and AFL of its own.
fn modes(said: Node<'_>, vector: Node<'_>, checks: &mut Checks) {
    match vector.fields("expected.modes") {
        Ok(modes) => {
            for (mode, expected) in modes {
                match profile(vector, mode, expected) {
                    Ok(None) => checks.skip_part(mode, "SM2", Area::Contactless),
                    Ok(Some((chain, verdicts))) => {
                        let result = compare_mode(expected, &chain, &verdicts);
                        checks.push(mode, agree(Some(said), result));
                    }
                    Err(problem) => checks.push(mode, Err(problem)),
                }
            }
        }
        Err(problem) => checks.push("", Err(problem)),
    }
}

/// The chain of one mode, verified; `None` when its algorithm is not RSA.
fn profile(
    vector: Node<'_>,
    mode: &str,
    expected: Node<'_>,
) -> Result<Option<(Chain, Verdicts)>, Problem> {
    let options = vector.at("inputs.gpo")?.at(mode)?;
    let mut application = Application::with_options(&options.hex("aip")?, &options.hex("afl")?);
    application.add_records(vector, "inputs.records")?;
    let read = application.read()?;
    read.compare_missing(expected)?;
    let aid = vector.hex("inputs.aid")?;
    let given = repeats(expected, read.given)?;
    let Some(ca_key) = ca_key(vector, &aid, &given)? else {
        return Ok(None);
    };
    let chain = Chain::new(ca_key, given);
    let verdicts = chain.verify()?;
    Ok(Some((chain, verdicts)))
}

/// A kernel refuses a card that gives objects twice; what comes first is then looked at further.
fn repeats(expected: Node<'_>, given: Vec<Given>) -> Result<Vec<Given>, Problem> {
    let mut repeated = Vec::new();
    for tag in expected.list_or_empty("redundant_data_objects") {
        let tag = node::tag(tag.as_text("redundant_data_objects")?)?;
        let times = application::occurrences(&given, tag);
        if times < 2 {
            return Err(Problem::differs("redundant_data_objects", tag, "given once"));
        }
        repeated.push(tag);
    }
    let mut memory = [0; DATABASE_LENGTH];
    let refused = store(&given, &mut Database::new(&mut memory));
    match refused.err() {
        None if repeated.is_empty() => Ok(given),
        Some(fault)
            if fault.cause == Cause::Redundant
                && fault.tag.is_some_and(|tag| repeated.contains(&tag)) =>
        {
            Ok(application::without_repeats(&given))
        }
        found => {
            let found = found.map_or("none".to_owned(), |fault| fault.to_string());
            let expected = format!("{repeated:?}");
            Err(Problem::differs("redundant_data_objects", expected, found))
        }
    }
}

/// The key that the card names (8F) of the authority of its application; `None` when it is not
/// one of RSA.
fn ca_key(vector: Node<'_>, aid: &[u8], given: &[Given]) -> Result<Option<CaKey>, Problem> {
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    store(given, &mut data)?;
    let index = data.told(data.require(emv::CA_PUBLIC_KEY_INDEX))?;
    for key in vector.list("inputs.capk")? {
        if key.array("index")? == [index] && Some(key.array::<5>("rid")?.as_slice()) == aid.get(..5)
        {
            return match key.find("algorithm") {
                None => CaKey::read(key).map(Some),
                Some(_) => Ok(None),
            };
        }
    }
    Err(unreadable("inputs.capk", &format!("has no key {index:02X}")))
}

/// What a mode calls the key that a certificate certifies.
fn key(part: Part) -> Option<&'static str> {
    match part {
        Part::IssuerCertificate => Some("issuer_public_key"),
        Part::IccCertificate => Some("icc_public_key"),
        _ => None,
    }
}

fn compare_mode(expected: Node<'_>, chain: &Chain, verdicts: &Verdicts) -> Result<(), Problem> {
    application::compare_static_data(expected, &chain.given)?;
    for (name, part) in MODE {
        let expectation = match expected.text(name)? {
            "valid" => Expectation::Verifies,
            "invalid" => Expectation::Fails,
            _ => return Err(unreadable(name, "is neither valid nor invalid")),
        };
        let result = verdicts.of(part);
        let result = result.ok_or_else(|| unreadable(name, "has nothing to verify"))?;
        expectation.compare(result)?;
        if let Some(expected) = key(part).and_then(|name| expected.find(name)) {
            recovered::compare(expected, part, result, chain, verdicts)?;
        }
    }
    match (expected.find("data_authentication_code"), verdicts.static_data) {
        (Some(_), Ok(code)) => {
            let expected = expected.hex("data_authentication_code")?;
            Problem::compare_bytes("data_authentication_code", &expected, &code)
        }
        _ => Ok(()),
    }
}

/// A card of applications that each answered GET PROCESSING OPTIONS: the one whose
/// authentication is expected, verified.
fn application(vector: Node<'_>) -> Result<(Chain, Verdicts), Problem> {
    let aid = vector.hex("expected.oda.application")?;
    for card in vector.list("inputs.applications")? {
        if card.hex("aid")? == aid {
            let mut application = Application::answered(&card.hex("gpo_response")?)?;
            application.add_records(card, "records")?;
            let given = application.read()?.given;
            let ca_key = ca_key(vector, &aid, &given)?;
            let ca_key = ca_key.ok_or_else(|| unreadable("inputs.capk", "is not of RSA"))?;
            let mut chain = Chain::new(ca_key, given);
            let issuer = vector.hex("expected.oda.issuer_public_key.issuer_id")?;
            chain.stand_in(Some(issuer))?;
            let verdicts = chain.verify()?;
            return Ok((chain, verdicts));
        }
    }
    Err(unreadable("expected.oda.application", "is not on the card"))
}

fn part(check: &str) -> Option<(Part, &'static str)> {
    Some(match check {
        "issuer_certificate" => (Part::IssuerCertificate, "issuer_public_key"),
        "ssad" => (Part::StaticSignature, "ssad"),
        "icc_certificate" => (Part::IccCertificate, "icc_public_key"),
        _ => return None,
    })
}

fn application_check(name: &str, said: Node<'_>, vector: Node<'_>) -> Result<(), Problem> {
    let known = part(name);
    let (part, key) = known.ok_or_else(|| unreadable(name, "is no check that is known here"))?;
    let (chain, verdicts) = application(vector)?;
    let expected = vector.at("expected.oda")?;
    application::compare_static_data(expected, &chain.given)?;
    let result = verdicts.of(part);
    let result = result.ok_or_else(|| unreadable(name, "has nothing to verify"))?;
    Expectation::read(said).compare(result)?;
    recovered::compare(expected.at(key)?, part, result, &chain, &verdicts)?;
    if part == Part::StaticSignature && expected.find("sda_result").is_some() {
        let found = if result.is_ok() { "success" } else { "failure" };
        Problem::compare("sda_result", expected.text("sda_result")?, found)?;
    }
    if part == Part::IccCertificate && expected.find("icc_certificate_hash_ok").is_some() {
        let said = expected.flag("icc_certificate_hash_ok")?;
        Problem::compare("icc_certificate_hash_ok", said, result.is_ok())?;
    }
    Ok(())
}

fn key_pair(name: &str, said: Node<'_>, vector: Node<'_>) -> Result<(), Problem> {
    let owner = name.strip_suffix("_key_pair").unwrap_or(name);
    let pair = vector.at("inputs.keys")?.at(owner)?;
    let expected = Expectation::read(said) == Expectation::Verifies;
    Problem::compare("pair", expected, keys::is_pair(pair)?)
}

/// Check values of triple DES keys. Those of SM4 keys were not published.
fn key_check_values(said: Node<'_>, vector: Node<'_>, checks: &mut Checks) {
    let result = || {
        let mut compared = 0;
        let keys = vector.at("inputs.keys")?;
        for purpose in ["ac", "mac", "enc"] {
            let name = format!("kcv_{purpose}");
            if keys.find(&name).is_some() {
                let key = DoubleKey::new(keys.array(&format!("udk_{purpose}"))?);
                let found = key.check_value(&RustCrypto);
                Problem::compare_bytes(&name, &keys.hex(&name)?, &found)?;
                compared += 1;
            }
        }
        Ok(compared)
    };
    match result() {
        Ok(0) => checks.skip_part("key_check_values", "SM4", Area::Contactless),
        result => checks.push("key_check_values", agree(Some(said), result.map(|_| ()))),
    }
}
