//! Keys of certification authorities. [B2 5.2]

use super::node::Node;
use super::report::{Area, Problem};
use super::{Checks, chain::CRYPTO};

pub(super) fn check(kind: &str, vector: Node<'_>, checks: &mut Checks) {
    if !kind.is_empty() {
        return checks.push("", Err(Problem::UnknownKind));
    }
    match vector.find("inputs.algorithm").and_then(|node| node.0.as_str()) {
        None | Some("RSA") => checks.push("", rsa(vector)),
        Some("SM2") => checks.skip("", Area::Contactless),
        Some(_) => checks.push("", Err(Problem::UnknownKind)),
    }
}

fn rsa(vector: Node<'_>) -> Result<(), Problem> {
    let parts = ["inputs.rid", "inputs.index", "inputs.modulus", "inputs.exponent"];
    let parts: Vec<Vec<u8>> =
        parts.into_iter().map(|part| vector.hex(part)).collect::<Result<_, _>>()?;
    let checksum = CRYPTO.hash.sha1(&mut parts.iter().map(Vec::as_slice));
    Problem::compare_bytes("sha1", &vector.hex("expected.sha1")?, &checksum)?;

    // The length of the number as coded, whatever its first bit.
    let bits = 8 * vector.hex("inputs.modulus")?.len() as u64;
    Problem::compare("modulus_bits", vector.number("expected.modulus_bits")?, bits)?;

    let published: Vec<&str> = vector
        .list_or_empty("published.checksums")
        .map(|published| published.as_text("published.checksums"))
        .collect::<Result<_, _>>()?;
    let matches = published.contains(&hex::encode_upper(checksum).as_str());
    // A key whose published checksum is that of something else is there to be found out.
    let expected = match vector.find("expected.published_checksum_valid") {
        Some(_) => vector.flag("expected.published_checksum_valid")?,
        None => !published.is_empty(),
    };
    Problem::compare("published_checksum_valid", expected, matches)
}
