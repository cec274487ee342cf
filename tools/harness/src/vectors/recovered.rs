//! What vectors say of recovered certificates and signatures.

use super::chain::{Certificate, Chain, Verdicts};
use super::node::Node;
use super::report::Problem;
use chipwright::oda::{Check, Failure, Part};
use chipwright::value::MonthYear;
use std::collections::BTreeMap;

/// What a vector says of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expectation {
    /// It passes.
    Verifies,
    /// What was hashed was not published: everything up to the hash passes.
    StopsAtHash,
    /// It does not pass.
    Fails,
}

impl Expectation {
    /// Of an entry of a vector's `checks`: true, false or null.
    pub(super) fn read(check: Node<'_>) -> Self {
        match check.0.as_bool() {
            Some(true) => Self::Verifies,
            Some(false) => Self::Fails,
            None => Self::StopsAtHash,
        }
    }

    /// Compares with how a part was verified.
    pub(super) fn compare(self, result: Result<(), Failure>) -> Result<(), Problem> {
        let met = match self {
            Self::Verifies => result.is_ok(),
            Self::StopsAtHash => matches!(result, Err(failure) if failure.check == Check::Hash),
            Self::Fails => result.is_err(),
        };
        if met {
            return Ok(());
        }
        let expected = match self {
            Self::Verifies => "verified",
            Self::StopsAtHash => "everything but the hash verified",
            Self::Fails => "refused",
        };
        Err(Problem::differs("verdict", expected, shown(result)))
    }
}

/// The result of a check about which a vector says true or, where it must not hold, false.
pub(super) fn agree(said: Option<Node<'_>>, result: Result<(), Problem>) -> Result<(), Problem> {
    match (said.and_then(|said| said.0.as_bool()), result) {
        (Some(false), Err(Problem::Differs { .. })) => Ok(()),
        (Some(false), Ok(())) => Err(Problem::differs("check", "not to hold", "that it holds")),
        (_, result) => result,
    }
}

/// A verdict in words.
pub(super) fn shown(result: Result<(), Failure>) -> String {
    match result {
        Ok(()) => "verified".to_owned(),
        Err(failure) => {
            let Failure { part, check, tag } = failure;
            let tag = tag.map_or(String::new(), |tag| format!(" {tag}"));
            format!("refused: {part:?} {check:?}{tag} ({:04X})", failure.code())
        }
    }
}

/// Compares a part of a chain with an object of expectations: `hash_ok`, `recovered` and the
/// fields in it. `result` is how the part was verified.
pub(super) fn compare(
    expected: Node<'_>,
    part: Part,
    result: Result<(), Failure>,
    chain: &Chain,
    verdicts: &Verdicts,
) -> Result<(), Problem> {
    if let Some(said) = expected.0.get("hash_ok") {
        Expectation::read(Node(said)).compare(result)?;
    }
    if let Some(block) = chain.recovered(part, verdicts) {
        compare_block(expected, part, &block)?;
    } else if expected.find("recovered").is_some() {
        return Err(Problem::differs("recovered", "a block", "none"));
    }
    let certificate = match part {
        Part::IssuerCertificate => verdicts.issuer.as_ref().ok(),
        Part::IccCertificate => verdicts.icc.as_ref().ok(),
        _ => None,
    };
    if let Some(certificate) = certificate {
        compare_certificate(expected, certificate)?;
    }
    match (part, verdicts.static_data, &verdicts.dynamic) {
        (Part::StaticSignature, Ok(code), _) => compare_bytes(expected, "dac", &code),
        (Part::DynamicSignature, _, Some(Ok(content))) => {
            compare_bytes(expected, "icc_dynamic_number", &content.number)?;
            compare_combined(expected, &content.rest)
        }
        _ => Ok(()),
    }
}

/// Fields by their place in a block; vectors spell bytes in hexadecimal and lengths in decimal.
fn compare_block(expected: Node<'_>, part: Part, block: &[u8]) -> Result<(), Problem> {
    compare_bytes(expected, "recovered", block)?;
    let hash = block.len().saturating_sub(21);
    let mut fields: BTreeMap<&str, core::ops::Range<usize>> =
        BTreeMap::from([("format", 1..2), ("hash", hash..block.len().saturating_sub(1))]);
    match part {
        Part::StaticSignature => fields.extend([("hash_alg", 2..3), ("dac", 3..5)]),
        Part::DynamicSignature => {
            let length = block.get(3).map_or(0, |length| usize::from(*length));
            fields.extend([("hash_alg", 2..3), ("ldd", 3..4)]);
            let number = block.get(4).map_or(0, |length| usize::from(*length));
            fields.insert("icc_dynamic_data", 4..4 + length);
            fields.insert("icc_dynamic_number", 5..5 + number);
        }
        _ => {
            // The card's certificate names an account, the issuer's an issuer.
            let (name, end) = match part {
                Part::IccCertificate => ("pan", 12),
                _ => ("issuer_id", 6),
            };
            fields.extend([(name, 2..end), ("expiry_mmyy", end..end + 2)]);
            fields.extend([("serial", end + 2..end + 5), ("hash_alg", end + 5..end + 6)]);
            fields.extend([("pk_alg", end + 6..end + 7), ("pk_len", end + 7..end + 8)]);
            fields.insert("exp_len", end + 8..end + 9);
        }
    }
    for (name, range) in fields {
        let found = block.get(range).unwrap_or_default();
        match expected.find(name).and_then(|node| node.0.as_u64()) {
            Some(length) => {
                let found = found.iter().map(|byte| u64::from(*byte)).sum();
                Problem::compare(name, length, found)?;
            }
            None => compare_bytes(expected, name, found)?,
        }
    }
    Ok(())
}

fn compare_certificate(expected: Node<'_>, certificate: &Certificate) -> Result<(), Problem> {
    compare_bytes(expected, "serial", &certificate.serial)?;
    compare_bytes(expected, "modulus", &certificate.key.modulus)?;
    compare_bytes(expected, "exponent", &certificate.key.exponent)?;
    if expected.find("expiry_mmyy").is_some() {
        let expected = MonthYear::decode(expected.array("expiry_mmyy")?);
        let expected = expected.map_or("no month".to_owned(), |month| month.to_string());
        Problem::compare("expiry", expected, certificate.expiry.to_string())?;
    }
    Ok(())
}

/// What a signature of CDA has behind the ICC Dynamic Number.
fn compare_combined(expected: Node<'_>, rest: &[u8]) -> Result<(), Problem> {
    let mut wanted = Vec::new();
    for name in ["cid", "ac", "transaction_data_hash_code"] {
        if expected.find(name).is_some() {
            wanted.extend(expected.hex(name)?);
        }
    }
    Problem::compare_bytes("combined data", &wanted, rest)
}

/// Compares a field if the vector has it.
fn compare_bytes(expected: Node<'_>, name: &str, found: &[u8]) -> Result<(), Problem> {
    match expected.find(name) {
        Some(_) => Problem::compare_bytes(name, &expected.hex(name)?, found),
        None => Ok(()),
    }
}
