//! One case: a card, a terminal, a piece of business, and how everyone around behaves.

use std::collections::BTreeMap;

use chipwright::config::TransactionType;
use serde::Serialize;

use crate::host::keys::AUTHORITIES;

/// Everything that a run depends on.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) seed: u32,
    pub(crate) number: u32,
    pub(crate) card: Card,
    pub(crate) terminal: Terminal,
    pub(crate) business: Business,
    pub(crate) cardholder: Cardholder,
    pub(crate) issuer: Issuer,
}

/// A card: the keys of its profile that are drawn, under the names that the profile has for them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Card {
    pub(crate) title: String,
    pub(crate) pse: bool,
    pub(crate) application: Vec<Application>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Application {
    pub(crate) scheme: Scheme,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aid: Option<String>,
    pub(crate) priority: u8,
    pub(crate) confirmation: bool,
    pub(crate) format: u8,
    pub(crate) pdol: String,
    pub(crate) terminal_risk_management: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) omit: Vec<&'static str>,
    pub(crate) account: Account,
    pub(crate) authentication: Authentication,
    pub(crate) verification: Verification,
    pub(crate) cryptogram: Cryptogram,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) action_codes: Option<ActionCodes>,
    pub(crate) limits: Limits,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) objects: BTreeMap<&'static str, String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scheme {
    Visa,
    Mastercard,
    UnionPay,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Account {
    pub(crate) number: &'static str,
    pub(crate) sequence_number: u8,
    pub(crate) expiry: &'static str,
    pub(crate) effective: &'static str,
    pub(crate) country: u16,
    pub(crate) currency: u16,
    pub(crate) usage: String,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Authentication {
    pub(crate) methods: Vec<&'static str>,
    pub(crate) ca_key: &'static str,
    pub(crate) issuer_key: &'static str,
    pub(crate) icc_key: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pin_key: Option<&'static str>,
    pub(crate) certificate_expiry: &'static str,
    pub(crate) certificate_serial: &'static str,
    pub(crate) sign_aip: bool,
    pub(crate) ddol: String,
    pub(crate) dynamic_number_length: u8,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verification {
    /// Hexadecimal, two bytes each.
    pub(crate) rules: Vec<String>,
    pub(crate) amount_x: u32,
    pub(crate) amount_y: u32,
    pub(crate) pin: &'static str,
    pub(crate) pin_try_limit: u8,
    pub(crate) pin_tries_left: u8,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Cryptogram {
    pub(crate) version: u8,
    pub(crate) cdol1: String,
    pub(crate) cdol2: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tdol: Option<String>,
    pub(crate) issuer_authentication: &'static str,
    pub(crate) issuer_authentication_mandatory: bool,
    pub(crate) first: &'static str,
    pub(crate) second: &'static str,
    pub(crate) atc: u16,
    pub(crate) last_online_atc: u16,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ActionCodes {
    pub(crate) denial: String,
    pub(crate) online: String,
    pub(crate) default: String,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Limits {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lower: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upper: Option<u8>,
}

#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    pub(crate) kind: u8,
    pub(crate) capabilities: [u8; 3],
    pub(crate) additional: [u8; 5],
    pub(crate) country: u16,
    /// Whether the AIDs are registered providers alone, and match whatever follows.
    pub(crate) partial: bool,
    pub(crate) version: u16,
    pub(crate) floor_limit: u32,
    pub(crate) random_selection: RandomSelection,
    /// Denial, online, default.
    pub(crate) action_codes: [[u8; 5]; 3],
    pub(crate) default_ddol: Option<Vec<u8>>,
    pub(crate) default_tdol: Option<Vec<u8>>,
    /// Whether the key of the card's certification authority is there.
    pub(crate) knows_key: bool,
    /// Whether the card's issuer certificate is revoked.
    pub(crate) revoked: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RandomSelection {
    pub(crate) target: u8,
    pub(crate) maximum: u8,
    pub(crate) threshold: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Business {
    pub(crate) kind: TransactionType,
    pub(crate) amount: u64,
    pub(crate) other: u64,
    pub(crate) currency: u16,
    /// Year, month, day.
    pub(crate) date: (u16, u8, u8),
    pub(crate) time: [u8; 3],
    pub(crate) counter: u32,
    pub(crate) unpredictable_number: [u8; 4],
    /// The number, 1 to 99, for random selection.
    pub(crate) drawn: u8,
}

/// What the cardholder does when a PIN is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cardholder {
    /// Enters these one after the other, and then none.
    Enters(Vec<&'static str>),
    /// Goes past it.
    Bypasses,
}

#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub(crate) mode: Mode,
    /// Whether Issuer Authentication Data come with the answer.
    pub(crate) authenticates: bool,
    pub(crate) scripts: Vec<Script>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Approves,
    Declines,
    ApprovesWrongly,
    Unreachable,
}

#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// 71 or 72.
    pub(crate) template: u8,
    pub(crate) identifier: Option<[u8; 4]>,
    /// Commands, and what the card answers.
    pub(crate) commands: Vec<(Vec<u8>, u16)>,
}

impl Case {
    /// The application that comes first.
    pub(crate) fn application(&self) -> &Application {
        let first = self.card.application.iter().min_by_key(|application| application.priority);
        first.expect("a card has an application")
    }

    /// The same, to be changed.
    pub(crate) fn application_mut(&mut self) -> &mut Application {
        let applications = self.card.application.iter_mut();
        applications.min_by_key(|application| application.priority).expect("a card has one")
    }

    /// The card as a profile.
    pub(crate) fn profile(&self) -> String {
        toml::to_string(&self.card).expect("a card is a table")
    }

    /// The CVM list, rule by rule.
    pub(crate) fn rules(&self) -> impl Iterator<Item = [u8; 2]> {
        let rules = self.application().verification.rules.iter();
        rules.map(|rule| bytes(rule).try_into().expect("a rule is two bytes"))
    }

    /// What the card answers to GET DATA for its try counter.
    pub(crate) fn tries_left(&self) -> u8 {
        self.application().verification.pin_tries_left
    }

    /// Whether the card lacks the object.
    pub(crate) fn lacks(&self, tag: &str) -> bool {
        self.application().omit.contains(&tag)
    }

    /// Whether the terminal has the key of this name: all of them, or all but the card's.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.terminal.knows_key || name != self.application().authentication.ca_key
    }

    /// Issuer certificates that count no more: provider, index of the authority's key, serial
    /// number.
    pub(crate) fn revocations(&self) -> impl Iterator<Item = ([u8; 5], u8, [u8; 3])> {
        let application = self.application();
        let index = AUTHORITIES[application.authentication.ca_key].index;
        let serial = bytes(application.authentication.certificate_serial);
        let serial = serial.try_into().expect("a serial number is three bytes");
        let entry = (application.scheme.provider(), index, serial);
        self.terminal.revoked.then_some(entry).into_iter()
    }

    pub(crate) fn is_attended(&self) -> bool {
        matches!(self.terminal.kind & 0x0F, 1..=3)
    }

    pub(crate) fn is_online_only(&self) -> bool {
        matches!(self.terminal.kind & 0x0F, 1 | 4)
    }

    pub(crate) fn is_offline_only(&self) -> bool {
        matches!(self.terminal.kind & 0x0F, 3 | 6)
    }
}

impl Scheme {
    pub(crate) const ALL: [Self; 3] = [Self::Visa, Self::Mastercard, Self::UnionPay];

    /// Registered Application Provider Identifier.
    pub(crate) const fn provider(self) -> [u8; 5] {
        match self {
            Self::Visa => [0xA0, 0x00, 0x00, 0x00, 0x03],
            Self::Mastercard => [0xA0, 0x00, 0x00, 0x00, 0x04],
            Self::UnionPay => [0xA0, 0x00, 0x00, 0x03, 0x33],
        }
    }

    /// The name that simulated cards of the scheme have.
    pub(crate) const fn name(self) -> &'static [u8] {
        match self {
            Self::Visa => &[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10],
            Self::Mastercard => &[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10],
            Self::UnionPay => &[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x02],
        }
    }

    /// Its cards' Application Version Number.
    pub(crate) const fn version(self) -> u16 {
        match self {
            Self::Visa => 0x0096,
            Self::Mastercard => 0x0002,
            Self::UnionPay => 0x0030,
        }
    }
}

impl Authentication {
    /// Length of the issuer's modulus, in bytes.
    pub(crate) fn issuer_key_length(&self) -> usize {
        let bits = self.issuer_key.split('-').nth(1).and_then(|bits| bits.parse::<usize>().ok());
        bits.expect("the name of a key has its length") / 8
    }
}

impl Issuer {
    /// The templates of all scripts, one behind the other.
    pub(crate) fn script_templates(&self) -> Vec<Vec<u8>> {
        self.scripts.iter().map(Script::template).collect()
    }
}

impl Script {
    fn template(&self) -> Vec<u8> {
        let mut content = Vec::new();
        if let Some(identifier) = self.identifier {
            content.extend([0x9F, 0x18, 0x04]);
            content.extend(identifier);
        }
        for (command, _) in &self.commands {
            content.extend([0x86, length(command)]);
            content.extend(command);
        }
        [&[self.template, length(&content)], content.as_slice()].concat()
    }
}

/// Length of a value that is shorter than 128 bytes.
fn length(value: &[u8]) -> u8 {
    u8::try_from(value.len()).ok().filter(|length| *length < 0x80).expect("scripts are short")
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn bytes(digits: &str) -> Vec<u8> {
    hex::decode(digits).expect("drawn values are hexadecimal")
}

/// The entries of a data object list: tag and length.
pub(crate) fn entries(list: &[u8]) -> Vec<(u32, usize)> {
    let mut entries = Vec::new();
    let mut rest = list;
    while let Some((&first, after)) = rest.split_first() {
        let (tag, after) = match after.split_first() {
            Some((&second, after)) if first & 0x1F == 0x1F => {
                (u32::from(first) << 8 | u32::from(second), after)
            }
            _ => (u32::from(first), after),
        };
        let (&length, after) = after.split_first().expect("a drawn list is whole");
        entries.push((tag, usize::from(length)));
        rest = after;
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_tags_of_one_and_two_bytes() {
        let list = [0x9F, 0x02, 6, 0x95, 5, 0x5F, 0x2A, 2];
        assert_eq!(entries(&list), [(0x9F02, 6), (0x95, 5), (0x5F2A, 2)]);
        assert_eq!(entries(&[]), []);
    }

    #[test]
    fn a_script_is_a_template_of_identifier_and_commands() {
        let commands = vec![(vec![0x84, 0x1E, 0, 0], 0x9000)];
        let script = Script { template: 0x71, identifier: Some([1, 2, 3, 4]), commands };
        let expected = "710D9F180401020304860484 1E0000".replace(' ', "");
        assert_eq!(script.template(), bytes(&expected));
    }
}
