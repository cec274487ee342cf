//! Files with keys of certification authorities, and what is checked before one is loaded.
//! [B2 5.2, 10]
//!
//! Two forms: TOML with `[[key]]` tables, as in terminal files, and the JSON in which
//! `test-vectors/capk.json` gathers what several publishers wrote of each key.

mod published;

use chipwright::config::{CaPublicKey, Environment, KeyFault, KeyRecord};
use chipwright::value::Date;
use chipwright_rustcrypto::RustCrypto;
use core::fmt;
use serde::Deserialize;

use crate::terminal_file::TerminalFileError;
use crate::terminal_file::key::WrittenKey;
use published::Published;

/// A key as a file has it.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Certification Authority Public Key Index.
    pub index: u8,
    /// Modulus.
    pub modulus: Vec<u8>,
    /// Exponent.
    pub exponent: Vec<u8>,
    /// Last day on which it is good: the earliest of those published.
    pub expiry: Option<Date>,
    /// For which sides it was published.
    pub environments: Vec<Environment>,
    /// Checksums that were published for it; one of them has to be right.
    checksums: Vec<[u8; 20]>,
    /// Why it cannot be a key of this terminal at all.
    unusable: Option<String>,
}

/// Why a key is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It fails a check.
    Fault(KeyFault),
    /// It is no key that a terminal could check.
    Unusable(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fmt::Display::fmt(fault, f),
            Self::Unusable(why) => f.write_str(why),
        }
    }
}

/// Reads a key file: JSON if it begins with a brace, TOML otherwise. What a terminal file has
/// beside its keys is passed over.
///
/// # Errors
/// With its place where there is one, when the file is neither, or has no keys.
pub fn read(text: &str) -> Result<Vec<KeyEntry>, TerminalFileError> {
    #[derive(Deserialize)]
    struct KeyFile {
        #[serde(default)]
        key: Vec<WrittenKey>,
    }
    let keys: Vec<KeyEntry> = if text.trim_start().starts_with('{') {
        published::read(text)?.into_iter().map(Published::entry).collect()
    } else {
        let file: KeyFile =
            toml::from_str(text).map_err(|error| TerminalFileError::of(text, &error))?;
        file.key.into_iter().map(KeyEntry::from).collect()
    };
    if keys.is_empty() {
        return Err(TerminalFileError { place: None, message: "no key in it".to_owned() });
    }
    Ok(keys)
}

/// Checks a set of keys: each by itself, and that none of the good ones is there twice.
pub fn check(keys: &[KeyEntry], environment: Environment, today: Date) -> Vec<Result<(), Refusal>> {
    let mut verdicts: Vec<Result<(), Refusal>> = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        let verdict = key.check(environment, today).and_then(|()| {
            let mut before = keys.iter().zip(&verdicts).take(place);
            let twice = before.any(|(other, verdict)| {
                verdict.is_ok() && (other.rid, other.index) == (key.rid, key.index)
            });
            if twice { Err(Refusal::Fault(KeyFault::Duplicate)) } else { Ok(()) }
        });
        verdicts.push(verdict);
    }
    verdicts
}

impl KeyEntry {
    fn check(&self, environment: Environment, today: Date) -> Result<(), Refusal> {
        if let Some(why) = &self.unusable {
            return Err(Refusal::Unusable(why.clone()));
        }
        let record = |checksum| KeyRecord {
            key: CaPublicKey {
                rid: self.rid,
                index: self.index,
                modulus: &self.modulus,
                exponent: &self.exponent,
            },
            checksum,
            expiry: self.expiry,
            environment,
        };
        let computed = record(None).computed_checksum(&RustCrypto);
        let right = self.checksums.iter().find(|published| **published == computed);
        // One that is published for both sides belongs to neither.
        let other = self.environments.iter().find(|its| **its != environment);
        let record = KeyRecord {
            environment: other.copied().unwrap_or(environment),
            ..record(right.or(self.checksums.first()).copied())
        };
        record.check(environment, today, &RustCrypto).map(drop).map_err(Refusal::Fault)
    }
}

impl From<&CaPublicKey<'_>> for KeyEntry {
    /// A key that a terminal holds: it was checked before.
    fn from(key: &CaPublicKey<'_>) -> Self {
        Self {
            rid: key.rid,
            index: key.index,
            modulus: key.modulus.to_vec(),
            exponent: key.exponent.to_vec(),
            expiry: None,
            environments: Vec::new(),
            checksums: Vec::new(),
            unusable: None,
        }
    }
}

impl From<WrittenKey> for KeyEntry {
    fn from(key: WrittenKey) -> Self {
        Self {
            rid: key.rid,
            index: key.index,
            modulus: key.modulus,
            exponent: key.exponent,
            expiry: key.expiry,
            environments: key.environment.into_iter().collect(),
            checksums: key.checksum.into_iter().collect(),
            unusable: None,
        }
    }
}

#[cfg(test)]
mod tests;
