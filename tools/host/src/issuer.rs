//! Issuers: whose account it is, and with which key its cards were made.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chipwright::cryptogram::{CryptogramVersion, DoubleKey, Scheme};
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;
use serde::Deserialize;

/// An issuer of cards.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// Payment system, which says how cryptograms are made.
    pub scheme: Scheme,
    /// Its account numbers begin with these digits.
    pub prefix: String,
    /// The key for application cryptograms.
    pub key: IssuerKey,
    /// The keys for scripts; none for an issuer that sends none.
    pub script_keys: Option<ScriptKeys>,
}

/// The master keys from which those of all cards for scripts are derived.
#[derive(Clone, Debug)]
pub struct ScriptKeys {
    /// For the MACs of commands.
    pub integrity: DoubleKey,
    /// For what they carry enciphered.
    pub confidentiality: DoubleKey,
}

/// What a host knows of the keys of its cards.
#[derive(Clone, Debug)]
pub enum IssuerKey {
    /// The master key that the keys of all cards are derived from.
    Issuer(DoubleKey),
    /// The master key of the one card.
    Card(DoubleKey),
}

impl Issuer {
    /// The issuers of `test-vectors/keys`.
    pub fn for_tests() -> Vec<Self> {
        static ISSUERS: LazyLock<Vec<Issuer>> = LazyLock::new(|| {
            let text = include_str!("../../../test-vectors/keys/issuer-master-keys.toml");
            let entries: BTreeMap<String, Entry> =
                toml::from_str(text).expect("the file of master keys holds issuers");
            entries.into_values().flat_map(Entry::issuers).collect()
        });
        ISSUERS.clone()
    }

    pub(crate) fn owns(&self, pan: Pan<'_>) -> bool {
        let mut digits = pan.digits();
        self.prefix.bytes().all(|digit| digits.next().is_some_and(|own| own + b'0' == digit))
    }

    /// The card's key for application cryptograms.
    pub(crate) fn card_key(
        &self,
        version: &CryptogramVersion,
        pan: Pan<'_>,
        sequence_number: u8,
    ) -> DoubleKey {
        match &self.key {
            IssuerKey::Card(key) => key.clone(),
            IssuerKey::Issuer(key) => {
                version.icc_master_key(&RustCrypto, &RustCrypto, key, pan, sequence_number)
            }
        }
    }

    /// The card's keys for scripts.
    pub(crate) fn card_script_keys(
        &self,
        version: &CryptogramVersion,
        pan: Pan<'_>,
        sequence_number: u8,
    ) -> Option<ScriptKeys> {
        let derive =
            |key| version.icc_master_key(&RustCrypto, &RustCrypto, key, pan, sequence_number);
        let keys = self.script_keys.as_ref()?;
        Some(ScriptKeys {
            integrity: derive(&keys.integrity),
            confidentiality: derive(&keys.confidentiality),
        })
    }
}

/// An issuer as its file has it.
#[derive(Deserialize)]
struct Entry {
    scheme: EntryScheme,
    prefixes: Vec<String>,
    application_cryptogram: String,
    integrity: String,
    confidentiality: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum EntryScheme {
    Visa,
    Mastercard,
    UnionPay,
}

impl Entry {
    fn issuers(self) -> Vec<Issuer> {
        let key = |text: &str| {
            let mut key = [0; 16];
            hex::decode_to_slice(text, &mut key).expect("a master key is 16 bytes in hexadecimal");
            DoubleKey::new(key)
        };
        let scheme = match self.scheme {
            EntryScheme::Visa => Scheme::Visa,
            EntryScheme::Mastercard => Scheme::Mastercard,
            EntryScheme::UnionPay => Scheme::UnionPay,
        };
        let script_keys = Some(ScriptKeys {
            integrity: key(&self.integrity),
            confidentiality: key(&self.confidentiality),
        });
        let key = IssuerKey::Issuer(key(&self.application_cryptogram));
        let issuer = |prefix| {
            let (key, script_keys) = (key.clone(), script_keys.clone());
            Issuer { scheme, prefix, key, script_keys }
        };
        self.prefixes.into_iter().map(issuer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_belong_to_the_issuer_whose_digits_they_begin_with() {
        let issuers = Issuer::for_tests();
        let owner = |digits| {
            let bytes = hex::decode(digits).unwrap();
            let pan = Pan::new(&bytes).unwrap();
            issuers.iter().find(|issuer| issuer.owns(pan)).map(|issuer| issuer.scheme)
        };
        assert_eq!(owner("4761739001010119"), Some(Scheme::Visa));
        assert_eq!(owner("5413330089020029"), Some(Scheme::Mastercard));
        assert_eq!(owner("6228000100001117"), Some(Scheme::UnionPay));
        assert_eq!(owner("4761749001010119"), None);
        assert_eq!(owner("476173"), Some(Scheme::Visa));
        assert_eq!(owner("47617F"), None);
    }
}
