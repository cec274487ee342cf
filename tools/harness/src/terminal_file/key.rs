//! Keys and revoked certificates of a terminal file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chipwright::config::{CaPublicKey, Revocation};
use chipwright::crypto::MAX_MODULUS;
use serde::Deserialize;

use super::value::{Exactly, Hex};

/// A key of a certification authority.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "KeyFields")]
pub(super) struct KeyText {
    rid: [u8; 5],
    index: u8,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFields {
    rid: Exactly<5>,
    name: Option<String>,
    index: Option<Exactly<1>>,
    modulus: Option<Hex>,
    exponent: Option<Hex>,
}

/// The public part of a test key.
#[derive(Deserialize)]
struct TestKey {
    index: Exactly<1>,
    modulus: Hex,
    exponent: Hex,
}

/// The test keys of `test-vectors/keys`, by name.
static TEST_KEYS: LazyLock<BTreeMap<String, TestKey>> = LazyLock::new(|| {
    let text = include_str!("../../../../test-vectors/keys/certification-authorities.toml");
    toml::from_str(text).expect("the key file holds keys")
});

impl TryFrom<KeyFields> for KeyText {
    type Error = String;

    fn try_from(fields: KeyFields) -> Result<Self, String> {
        let Exactly(rid) = fields.rid;
        let key = match (fields.name, fields.index, fields.modulus, fields.exponent) {
            (Some(name), None, None, None) => {
                let TestKey { index, modulus, exponent } =
                    TEST_KEYS.get(&name).ok_or_else(|| unknown(&name))?;
                Self {
                    rid,
                    index: index.0[0],
                    modulus: modulus.0.clone(),
                    exponent: exponent.0.clone(),
                }
            }
            (None, Some(Exactly([index])), Some(Hex(modulus)), Some(Hex(exponent))) => {
                Self { rid, index, modulus, exponent }
            }
            _ => return Err("a key has either a name, or index, modulus and exponent".to_owned()),
        };
        let length = key.modulus.len();
        if !(1..=MAX_MODULUS).contains(&length) {
            return Err(format!("a modulus of {length} bytes, expected 1 to {MAX_MODULUS}"));
        }
        if !matches!(key.exponent[..], [3] | [1, 0, 1]) {
            return Err("an exponent that is neither 03 nor 010001".to_owned());
        }
        Ok(key)
    }
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = TEST_KEYS.keys().map(String::as_str).collect();
    format!("unknown test key `{name}`, expected one of {}", names.join(", "))
}

impl KeyText {
    pub(super) fn key(&self) -> CaPublicKey<'_> {
        CaPublicKey {
            rid: self.rid,
            index: self.index,
            modulus: &self.modulus,
            exponent: &self.exponent,
        }
    }
}

/// Every test key, as a key of the payment system `rid`.
pub(super) fn test_keys<'k>(rid: [u8; 5]) -> impl Iterator<Item = CaPublicKey<'k>> {
    TEST_KEYS.values().map(move |key| CaPublicKey {
        rid,
        index: key.index.0[0],
        modulus: &key.modulus.0,
        exponent: &key.exponent.0,
    })
}

/// An issuer certificate that counts no more.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RevocationText {
    rid: Exactly<5>,
    index: Exactly<1>,
    serial: Exactly<3>,
}

impl RevocationText {
    pub(super) const fn revocation(&self) -> Revocation {
        Revocation { rid: self.rid.0, index: self.index.0[0], serial: self.serial.0 }
    }
}
