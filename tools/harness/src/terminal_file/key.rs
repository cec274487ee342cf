//! Keys and revoked certificates of a terminal file.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chipwright::config::{CaPublicKey, Environment, KeyFault, KeyRecord, Revocation};
use chipwright::crypto::MAX_MODULUS;
use chipwright::value::Date;
use chipwright_rustcrypto::RustCrypto;
use serde::Deserialize;

use super::value::{Exactly, Hex};

/// A key of a certification authority that may be used.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "KeyFields")]
pub(super) struct KeyText {
    pub(super) key: WrittenKey,
}

/// A key as it is written, whether it may be used or not.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "KeyFields")]
pub(crate) struct WrittenKey {
    pub(crate) rid: [u8; 5],
    pub(crate) index: u8,
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
    pub(crate) checksum: Option<[u8; 20]>,
    pub(crate) expiry: Option<Date>,
    pub(crate) environment: Option<Environment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFields {
    rid: Exactly<5>,
    name: Option<String>,
    index: Option<Exactly<1>>,
    modulus: Option<Hex>,
    exponent: Option<Hex>,
    checksum: Option<Exactly<20>>,
    expiry: Option<Day>,
    environment: Option<Side>,
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

impl TryFrom<KeyFields> for WrittenKey {
    type Error = String;

    fn try_from(fields: KeyFields) -> Result<Self, String> {
        let Exactly(rid) = fields.rid;
        let key = Self {
            rid,
            index: 0,
            modulus: Vec::new(),
            exponent: Vec::new(),
            checksum: fields.checksum.map(|checksum| checksum.0),
            expiry: fields.expiry.map(|day| day.0),
            environment: fields.environment.map(|side| side.0),
        };
        match (fields.name, fields.index, fields.modulus, fields.exponent) {
            (Some(name), None, None, None) => {
                let TestKey { index, modulus, exponent } =
                    TEST_KEYS.get(&name).ok_or_else(|| unknown(&name))?;
                let key = Self {
                    index: index.0[0],
                    modulus: modulus.0.clone(),
                    exponent: exponent.0.clone(),
                    environment: key.environment.or(Some(Environment::Test)),
                    ..key
                };
                // It comes with the program: nothing can have changed it on its way.
                let checksum = key.checksum.unwrap_or_else(|| key.computed_checksum());
                Ok(Self { checksum: Some(checksum), ..key })
            }
            (None, Some(Exactly([index])), Some(Hex(modulus)), Some(Hex(exponent))) => {
                Ok(Self { index, modulus, exponent, ..key })
            }
            _ => Err("a key has either a name, or index, modulus and exponent".to_owned()),
        }
    }
}

impl TryFrom<KeyFields> for KeyText {
    type Error = String;

    fn try_from(fields: KeyFields) -> Result<Self, String> {
        let key = WrittenKey::try_from(fields)?;
        let length = key.modulus.len();
        if !(1..=MAX_MODULUS).contains(&length) {
            return Err(format!("a modulus of {length} bytes, expected 1 to {MAX_MODULUS}"));
        }
        if !matches!(key.exponent[..], [3] | [1, 0, 1]) {
            return Err("an exponent that is neither 03 nor 010001".to_owned());
        }
        if key.checksum.is_some_and(|checksum| checksum != key.computed_checksum()) {
            return Err(KeyFault::Checksum.to_string());
        }
        Ok(Self { key })
    }
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = TEST_KEYS.keys().map(String::as_str).collect();
    format!("unknown test key `{name}`, expected one of {}", names.join(", "))
}

impl WrittenKey {
    pub(crate) fn key(&self) -> CaPublicKey<'_> {
        CaPublicKey {
            rid: self.rid,
            index: self.index,
            modulus: &self.modulus,
            exponent: &self.exponent,
        }
    }

    fn computed_checksum(&self) -> [u8; 20] {
        let (checksum, expiry, environment) = (None, None, Environment::Test);
        let record = KeyRecord { key: self.key(), checksum, expiry, environment };
        record.computed_checksum(&RustCrypto)
    }
}

/// A day as `2026-01-31`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Day(Date);

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let numbers: Vec<u16> = text.split('-').map_while(|number| number.parse().ok()).collect();
        let day = match numbers[..] {
            [year, month, day] => u8::try_from(month)
                .ok()
                .zip(u8::try_from(day).ok())
                .and_then(|(month, day)| Date::new(year, month, day)),
            _ => None,
        };
        day.map(Self).ok_or_else(|| format!("`{text}` is no day from 1950 to 2049, as 2026-01-31"))
    }
}

/// `test` or `live`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Side(pub(super) Environment);

impl Default for Side {
    fn default() -> Self {
        Self(Environment::Test)
    }
}

impl TryFrom<String> for Side {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "test" => Ok(Self(Environment::Test)),
            "live" => Ok(Self(Environment::Live)),
            _ => Err(format!("`{text}` is no environment, expected test or live")),
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
