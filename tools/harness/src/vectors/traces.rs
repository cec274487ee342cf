//! Transcripts: what they say of offline data authentication. [B2 5, 6]

mod cryptograms;
mod fast;
mod transcript;

use super::Checks;
use super::application::compare_static_data;
use super::chain::{CaKey, Chain, Dynamic, Verdicts, store};
use super::decode::split;
use super::node::{Node, unreadable};
use super::proof::Proof;
use super::recovered::{self, Expectation, agree};
use super::report::Problem;
use chipwright::cryptogram::{DoubleKey, Session, UNION_PAY_1};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv;
use chipwright::object::Value;
use chipwright::oda::Part;
use chipwright::value::{Date, Pan, Track2};
use chipwright_rustcrypto::RustCrypto;
use transcript::{Signed, Transcript, Visited};

pub(super) fn check(vector: Node<'_>, checks: &mut Checks) {
    match Transcript::read(vector) {
        Ok(transcript) => {
            applications(vector, &transcript, checks);
            cryptograms::check(vector, signed_cryptogram(vector, &transcript), checks);
            if let Ok(names) = vector.fields("checks") {
                for (name, said) in names {
                    named(name, said, vector, &transcript, checks);
                }
            }
        }
        Err(problem) => checks.push("", Err(problem)),
    }
}

/// The chains that a transcript says verify.
pub(super) fn proofs(vector: Node<'_>) -> Result<Vec<Proof>, Problem> {
    let id = vector.text("id")?;
    let transcript = Transcript::read(vector)?;
    let mut proofs = Vec::new();
    for (number, visited) in transcript.applications.iter().enumerate() {
        let expected = expected(vector, number)?;
        let prefix = format!("app{number}.");
        let mut parts = Vec::new();
        for (name, said) in vector.fields("checks")? {
            let Some(part) = name.strip_prefix(&prefix).and_then(part) else {
                continue;
            };
            let verifies = expectation(expected, part, said)? == Expectation::Verifies;
            if verifies && !parts.contains(&part) {
                parts.push(part);
            }
        }
        if !parts.is_empty() {
            let chain = chain(vector, expected, visited)?;
            proofs.push(Proof { id: format!("{id} app{number}"), chain, parts });
        }
    }
    Ok(proofs)
}

/// The cryptogram of the combined signature that verifies, where there is one.
fn signed_cryptogram(vector: Node<'_>, transcript: &Transcript) -> Option<[u8; 8]> {
    let mut applications = transcript.applications.iter().enumerate();
    applications.find_map(|(number, visited)| {
        let chain = chain(vector, expected(vector, number).ok()?, visited).ok()?;
        chain.verify().ok()?.combined?.ok()
    })
}

/// Compares what was read of every application; the first line of a transcript that has none is
/// that it has none.
fn applications(vector: Node<'_>, transcript: &Transcript, checks: &mut Checks) {
    let expected = vector.list_or_empty("expected.applications").count();
    let found = transcript.applications.len();
    if expected != found || found == 0 {
        checks.push("", Problem::compare("applications", expected, found));
        return;
    }
    for (number, visited) in transcript.applications.iter().enumerate() {
        let result = expected_data(vector, number, visited);
        checks.push(&format!("app{number}"), result);
    }
}

fn expected(vector: Node<'_>, number: usize) -> Result<Node<'_>, Problem> {
    let application = vector.list("expected.applications")?.nth(number);
    application.ok_or_else(|| unreadable(&format!("expected.applications.{number}"), "is missing"))
}

/// Name, profile, locator, records, static data and account number of an application.
fn expected_data(vector: Node<'_>, number: usize, visited: &Visited) -> Result<(), Problem> {
    let expected = expected(vector, number)?;
    if expected.find("aid").is_some() {
        Problem::compare_bytes("aid", &expected.hex("aid")?, &visited.name)?;
    }
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    store(visited.application.options(), &mut data)?;
    let objects = [
        ("aip", emv::AIP.tag),
        ("afl", emv::AFL.tag),
        ("atc", emv::ATC.tag),
        ("ac", emv::APPLICATION_CRYPTOGRAM.tag),
        ("iad", emv::ISSUER_APPLICATION_DATA.tag),
    ];
    for (name, tag) in objects {
        if expected.find(name).is_some() {
            let found = data.bytes(tag).unwrap_or_default();
            Problem::compare_bytes(name, &expected.hex(name)?, found)?;
        }
    }
    let read = visited.application.read()?;
    read.compare_missing(expected)?;
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    match store(&read.given, &mut data) {
        Ok(()) => compare_static_data(expected, &read.given)?,
        // Masked records that no kernel takes: what the publisher says of them was not recomputed.
        Err(_) if !vector.flag("verified")? => return Ok(()),
        Err(fault) => return Err(fault.into()),
    }
    if expected.find("pan").is_some() {
        same_account(&expected.hex("pan")?, &data)?;
    }
    Ok(())
}

/// Compares the account number, alone or out of track 2. One that the publisher masked is no
/// number, but must be there as it is.
fn same_account(expected: &[u8], data: &Database<'_>) -> Result<(), Problem> {
    let pan = Pan::new(expected);
    let same = match (data.bytes(emv::PAN.tag), data.bytes(emv::TRACK_2.tag)) {
        (Some(alone), _) => alone == expected || (pan.is_some() && pan == Pan::new(alone)),
        (None, Some(track)) => match (Track2::new(track), pan) {
            (Some(track), Some(pan)) => track.is_of(pan),
            _ => track.starts_with(expected),
        },
        (None, None) => false,
    };
    if same {
        return Ok(());
    }
    let shown = pan.map_or("a masked number".to_owned(), |pan| pan.to_string());
    Err(Problem::differs("pan", shown, "another"))
}

fn named(
    name: &str,
    said: Node<'_>,
    vector: Node<'_>,
    transcript: &Transcript,
    checks: &mut Checks,
) {
    let (application, check) = name.split_once('.').unwrap_or(("", name));
    match check {
        "ac" => checks.push(name, agree(Some(said), cryptogram(vector))),
        _ => {
            let number = application.strip_prefix("app").and_then(|number| number.parse().ok());
            let result = number
                .and_then(|number: usize| Some((number, transcript.applications.get(number)?)))
                .ok_or_else(|| unreadable(name, "names no application"))
                .and_then(|(number, visited)| {
                    authentication(check, said, vector, expected(vector, number)?, visited)
                });
            checks.push(name, result);
        }
    }
}

fn part(check: &str) -> Option<Part> {
    Some(match check {
        "issuer_certificate" => Part::IssuerCertificate,
        "icc_certificate" => Part::IccCertificate,
        "ssad" => Part::StaticSignature,
        "cda" | "transaction_data_hash" | "dda_result_as_expected" | "fdda_result_as_expected" => {
            Part::DynamicSignature
        }
        _ => return None,
    })
}

/// What the transcript says of a part. Dynamic signatures say themselves whether they verify.
fn expectation(expected: Node<'_>, part: Part, said: Node<'_>) -> Result<Expectation, Problem> {
    let dynamic = signatures(expected).next();
    match dynamic.filter(|_| part == Part::DynamicSignature) {
        Some(dynamic) if dynamic.flag("hash_ok")? => Ok(Expectation::Verifies),
        Some(_) => Ok(Expectation::StopsAtHash),
        None => Ok(Expectation::read(said)),
    }
}

/// Dynamic signatures that an application is expected to have given.
fn signatures(expected: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let lists = expected.list_or_empty("cda").chain(expected.list_or_empty("dda"));
    lists.chain(expected.find("fdda"))
}

fn authentication(
    check: &str,
    said: Node<'_>,
    vector: Node<'_>,
    expected: Node<'_>,
    visited: &Visited,
) -> Result<(), Problem> {
    let part = part(check).ok_or_else(|| unreadable(check, "is no check that is known here"))?;
    let chain = chain(vector, expected, visited)?;
    let verdicts = chain.verify()?;
    let result = match (check, &verdicts.dynamic) {
        // The signature alone; with all that it covers it is another check.
        ("cda", Some(alone)) => Some(alone.as_ref().map(|_| ()).map_err(|failure| *failure)),
        _ => verdicts.of(part),
    };
    let result = result.ok_or_else(|| unreadable(check, "has nothing to verify"))?;
    let compared = expectation(expected, part, said)?.compare(result);
    if part == Part::DynamicSignature {
        agree(Some(said), compared)?;
    } else {
        compared?;
    }
    let key = match part {
        Part::IssuerCertificate => expected.at("issuer_public_key")?,
        Part::IccCertificate => expected.at("icc_public_key")?,
        Part::StaticSignature => expected.at("ssad")?,
        _ => {
            same_data(vector, expected, &chain, &verdicts)?;
            let signature = signatures(expected).next();
            signature.ok_or_else(|| unreadable(check, "expects no signature"))?
        }
    };
    recovered::compare(key, part, result, &chain, &verdicts)
}

/// The terminal's part of a dynamic signature, and what became of it in the results.
fn same_data(
    vector: Node<'_>,
    expected: Node<'_>,
    chain: &Chain,
    verdicts: &Verdicts,
) -> Result<(), Problem> {
    let data = chain.dynamic.as_ref().map(|dynamic| dynamic.data.as_slice());
    for signature in signatures(expected) {
        for name in ["un", "dynamic_data"] {
            if signature.find(name).is_some() {
                Problem::compare_bytes(name, &signature.hex(name)?, data.unwrap_or_default())?;
            }
        }
    }
    for signature in expected.list_or_empty("cda") {
        if signature.find("tdhc_ok").is_some() {
            let said = signature.flag("tdhc_ok")?;
            Problem::compare("tdhc_ok", said, matches!(verdicts.combined, Some(Ok(_))))?;
            // That it is what was computed is what the verdict says.
            let (signed, computed) = ("transaction_data_hash_code", "tdhc_computed");
            let same = signature.hex(signed)? == signature.hex(computed)?;
            Problem::compare(computed, said, same)?;
        }
    }
    let failed = matches!(verdicts.dynamic, Some(Err(_)));
    match vector.find("expected.tvr_dda_failed") {
        Some(_) => {
            let expected = vector.flag("expected.tvr_dda_failed")?;
            Problem::compare("tvr_dda_failed", expected, failed)
        }
        None => Ok(()),
    }
}

/// The chain of an application, on the day of the transcript if it names one.
fn chain(vector: Node<'_>, expected: Node<'_>, visited: &Visited) -> Result<Chain, Problem> {
    let ca_key = CaKey::read(expected.at("capk")?)?;
    if expected.find("capk.bits").is_some() {
        let bits = 8 * ca_key.modulus.len() as u64;
        Problem::compare("bits", expected.number("capk.bits")?, bits)?;
    }
    let mut chain = Chain::new(ca_key, visited.application.read()?.given);
    if vector.find("terminal.9A").is_some() {
        let date = Date::decode(&vector.hex("terminal.9A")?);
        chain.today = date.ok_or_else(|| unreadable("terminal.9A", "is not a date"))?;
    }
    let issuer = "issuer_public_key.issuer_id";
    let issuer = expected.find(issuer).map(|_| expected.hex(issuer)).transpose()?;
    chain.stand_in(issuer)?;
    chain.dynamic = match (fast::signature(expected, visited, &chain)?, &visited.signed) {
        (None, Some(signed)) => Some(dynamic(signed, &chain)?),
        (fast, _) => fast,
    };
    Ok(chain)
}

/// The dynamic signature: of DDA over the command's data, of CDA over the unpredictable number in
/// them and what was exchanged. [B2 6.5.1, 6.6.1]
fn dynamic(signed: &Signed, chain: &Chain) -> Result<Dynamic, Problem> {
    let Some(all) = &signed.sent else {
        return Dynamic::answered(&signed.answer, signed.data.clone());
    };
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    chain.store(&mut data)?;
    let [_, cdol1, cdol2] = all;
    let lists = [(emv::CDOL2.tag, cdol2), (emv::CDOL1.tag, cdol1)];
    for (list, sent) in lists.into_iter().filter(|(_, sent)| !sent.is_empty()) {
        let parts = split(data.bytes(list).unwrap_or_default(), sent)?;
        let number = emv::UNPREDICTABLE_NUMBER.tag;
        if let Some((_, number)) = parts.into_iter().find(|(tag, _)| *tag == number) {
            return Dynamic::combined(&signed.answer, number.to_vec(), all.clone());
        }
    }
    Err(unreadable("CDOL1", "has no unpredictable number"))
}

/// The cryptogram of a card whose key was published. [PBOC 3.0]
fn cryptogram(vector: Node<'_>) -> Result<(), Problem> {
    let said = vector.at("expected.ac_check")?;
    let application = expected(vector, 0)?;
    let key = DoubleKey::new(said.array("udk_ac")?);
    let session = Session::new(&RustCrypto, &UNION_PAY_1, &key, application.array("atc")?, [0; 4]);
    Problem::compare_bytes("session_key", &said.hex("session_key")?, session.key().bytes())?;
    let input = said.hex("ac_input")?;
    let found = session.application_cryptogram([input.as_slice()]);
    Problem::compare_bytes("ac", &said.hex("ac")?, &found)?;
    Problem::compare_bytes("ac", &application.hex("ac")?, &found)
}
