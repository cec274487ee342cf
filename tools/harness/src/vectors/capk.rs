//! Keys of certification authorities. [B2 5.2, 10]

use super::Checks;
use super::chain::{CRYPTO, CaKey, EARLIEST};
use super::node::Node;
use super::report::{Area, Problem};
use chipwright::config::{Environment, KeyRecord};

pub(super) fn check(kind: &str, vector: Node<'_>, checks: &mut Checks) {
    if !kind.is_empty() {
        return checks.push("", Err(Problem::UnknownKind));
    }
    match vector.find("inputs.algorithm").and_then(|node| node.0.as_str()) {
        None | Some("RSA") => checks.push("", rsa(vector)),
        Some("SM2") => checks.skip_part("", "SM2", Area::Contactless),
        Some(_) => checks.push("", Err(Problem::UnknownKind)),
    }
}

fn rsa(vector: Node<'_>) -> Result<(), Problem> {
    let key = CaKey::read(vector.at("inputs")?)?;
    let record = KeyRecord {
        key: key.borrowed(),
        checksum: None,
        expiry: None,
        environment: Environment::Test,
    };
    let checksum = record.computed_checksum(CRYPTO.hash);
    Problem::compare_bytes("sha1", &vector.hex("expected.sha1")?, &checksum)?;

    // The length of the number as coded, whatever its first bit.
    let bits = 8 * key.modulus.len() as u64;
    Problem::compare("modulus_bits", vector.number("expected.modulus_bits")?, bits)?;

    // A key is loaded with one of the checksums that were published for it. One whose checksum is
    // that of something else is there to be found out.
    let (mut published, mut loaded) = (false, false);
    for checksum in vector.list_or_empty("published.checksums") {
        // Some publishers wrote something else in its place.
        let checksum = hex::decode(checksum.as_text("published.checksums")?).ok();
        let checksum = checksum.and_then(|checksum| checksum.try_into().ok());
        let record = KeyRecord { checksum, ..record };
        published = true;
        loaded |= record.check(Environment::Test, EARLIEST, CRYPTO.hash).is_ok();
    }
    let expected = match vector.find("expected.published_checksum_valid") {
        Some(_) => vector.flag("expected.published_checksum_valid")?,
        None => published,
    };
    Problem::compare("published_checksum_valid", expected, loaded)
}
