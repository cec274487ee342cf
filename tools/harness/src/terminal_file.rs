//! Terminals as files: what a terminal is configured with, as TOML.
//!
//! `docs/terminals.md` describes every key. The built-in terminals are files of this form, in
//! `test-vectors/terminals`.

mod application;
mod builtin;
mod contactless;
mod hardened;
pub(crate) mod key;
mod options;
mod place;
pub(crate) mod value;

use chipwright::config::{Application, CaPublicKey, Environment, KeyFault, Revocation, Terminal};
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::hardening::{Hardening, Profile, Rule};
use chipwright::value::{Code, Date};
use chipwright_entry_point::Combination;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Table;

use application::ApplicationText;
pub use builtin::{DEFAULT, names};
use contactless::CombinationText;
use key::{KeyText, RevocationText, Side, WrittenKey};
use options::OptionsText;
pub use place::TerminalFileError;
use value::{Bits, Exactly, Objects};

/// A terminal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerminalFile {
    /// One line that says what the terminal is.
    pub title: String,
    #[serde(rename = "type", deserialize_with = "value::terminal_type")]
    terminal_type: TerminalType,
    capabilities: Bits<TerminalCapabilities>,
    #[serde(default = "value::no_bits")]
    additional_capabilities: Bits<AdditionalTerminalCapabilities>,
    #[serde(deserialize_with = "value::code")]
    country: Code,
    #[serde(default = "value::default_serial_number", deserialize_with = "value::serial_number")]
    serial_number: [u8; 8],
    #[serde(default)]
    objects: Objects,
    #[serde(default)]
    options: OptionsText,
    application: Vec<ApplicationText>,
    #[serde(default = "contactless::default")]
    contactless: Vec<CombinationText>,
    #[serde(default)]
    environment: Side,
    #[serde(default)]
    test_keys: Vec<Exactly<5>>,
    #[serde(default)]
    key: Vec<KeyText>,
    #[serde(default)]
    revocation: Vec<RevocationText>,
    #[serde(skip)]
    text: String,
}

impl TerminalFile {
    /// Reads a terminal file.
    ///
    /// # Errors
    /// [`TerminalFileError`] with line and column: no TOML, unknown keys, values that no terminal
    /// can have.
    pub fn parse(text: &str) -> Result<Self, TerminalFileError> {
        let file: Self =
            toml::from_str(text).map_err(|error| TerminalFileError::of(text, &error))?;
        file.check_environment()?;
        file.check_repetition()?;
        Ok(Self { text: text.to_owned(), ..file })
    }

    /// Test and live keys do not stand in one terminal.
    fn check_environment(&self) -> Result<(), TerminalFileError> {
        let Side(environment) = self.environment;
        let other = self
            .key
            .iter()
            .map(|text| &text.key)
            .find(|key| key.environment.is_some_and(|its| its != environment));
        let message = match other {
            Some(key) => format!("key {}: {}", name(key), KeyFault::Environment),
            None if environment == Environment::Live && !self.test_keys.is_empty() => {
                "test keys in a live terminal".to_owned()
            }
            None => return Ok(()),
        };
        Err(TerminalFileError { place: None, message })
    }

    /// Of two different keys with one name nobody knows which is meant.
    fn check_repetition(&self) -> Result<(), TerminalFileError> {
        let mut known = BTreeMap::new();
        for key in self.keys() {
            let value = (key.modulus, key.exponent);
            if *known.entry((key.rid, key.index)).or_insert(value) != value {
                let name = format!("{} {:02X}", hex::encode_upper(key.rid), key.index);
                let message = format!("two different keys are called {name}");
                return Err(TerminalFileError { place: None, message });
            }
        }
        Ok(())
    }

    /// A key whose last day is over, by name.
    pub fn expired_key(&self, today: Date) -> Option<String> {
        let mut keys = self.key.iter().map(|text| &text.key);
        keys.find(|key| key.expiry.is_some_and(|last| today > last)).map(name)
    }

    /// The same terminal with the whole hardened profile: kept, or only reported. What its rules go
    /// by stays as it is in the file. It is in the text as well.
    ///
    /// # Errors
    /// [`TerminalFileError`]: never for a file that was read.
    pub fn hardened(&self, enforced: bool) -> Result<Self, TerminalFileError> {
        let mut file: Table = self.text.parse().unwrap_or_default();
        let empty = || Table::new().into();
        let options = file.entry("options").or_insert_with(empty).as_table_mut();
        let hardened = options.map(|options| options.entry("hardened").or_insert_with(empty));
        if let Some(hardened) = hardened.and_then(toml::Value::as_table_mut) {
            let all = Rule::ALL.map(|rule| rule.to_string()).to_vec();
            let (kept, silent) =
                if enforced { ("enforced", "reported") } else { ("reported", "enforced") };
            hardened.insert(kept.to_owned(), all.into());
            hardened.remove(silent);
        }
        Self::parse(&toml::to_string(&file).unwrap_or_default())
    }

    /// The built-in terminal of this name.
    pub fn builtin(name: &str) -> Option<Self> {
        Self::parse(builtin::text(name)?).ok()
    }

    /// The file as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// On which side of the business it is.
    pub const fn environment(&self) -> Environment {
        self.environment.0
    }

    /// What kind of terminal it is.
    pub fn terminal_type(&self) -> TerminalType {
        self.terminal_type
    }

    /// Its own keys, and those of the test authorities for the payment systems that it names.
    fn keys(&self) -> Vec<CaPublicKey<'_>> {
        let test_keys = self.test_keys.iter().flat_map(|rid| key::test_keys(rid.0));
        self.key.iter().map(|text| text.key.key()).chain(test_keys).collect()
    }

    /// The terminal's parts in the form that a kernel borrows.
    pub fn configuration(&self) -> Configuration<'_> {
        Configuration {
            file: self,
            applications: self.application.iter().map(ApplicationText::application).collect(),
            combinations: self
                .contactless
                .iter()
                .map(|text| text.combination(self.terminal_type, self.capabilities.0))
                .collect(),
            keys: self.keys(),
            revocations: self.revocation.iter().map(RevocationText::revocation).collect(),
            approval_codes: self.options.approval_codes(),
            profile: self.options.hardened.profile(),
        }
    }
}

fn name(key: &WrittenKey) -> String {
    format!("{} {:02X}", hex::encode_upper(key.rid), key.index)
}

/// The parts of a terminal in the form that a kernel borrows.
#[derive(Clone, Debug)]
pub struct Configuration<'f> {
    file: &'f TerminalFile,
    /// The applications; a replay adds those of its record.
    pub applications: Vec<Application<'f>>,
    /// The combinations of application and kernel for taps.
    pub combinations: Vec<Combination<'f>>,
    /// The certification authorities' keys.
    pub keys: Vec<CaPublicKey<'f>>,
    /// Revoked certificates.
    pub revocations: Vec<Revocation>,
    approval_codes: Vec<[u8; 2]>,
    profile: Option<Profile<'f>>,
}

impl Configuration<'_> {
    /// The terminal.
    pub fn terminal(&self) -> Terminal<'_> {
        let file = self.file;
        Terminal {
            terminal_type: file.terminal_type,
            capabilities: file.capabilities.0,
            additional_capabilities: file.additional_capabilities.0,
            country: file.country,
            ifd_serial_number: file.serial_number,
            data: &file.objects.0,
            applications: &self.applications,
            keys: &self.keys,
            revocations: &self.revocations,
            options: file.options.options(
                &self.approval_codes,
                self.profile.as_ref().map_or(Hardening::OFF, Hardening::by),
            ),
        }
    }
}

#[cfg(test)]
mod tests;
