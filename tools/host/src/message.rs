//! What a terminal sends: the data objects of field 55.

use core::fmt;

use chipwright::cryptogram::{self, CryptogramVersion, Scheme};
use chipwright::dictionary::EMV;
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};
use chipwright::value::{Amount, Digits, Pan};

use crate::book::Account;
use crate::issuer::{Issuer, ScriptKeys};

/// Why the host has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// It cannot be reached.
    Unreachable,
    /// The message is no BER-TLV string. The terminal's fault.
    Malformed(tlv::Error),
    /// A data object is missing from the message. The terminal's fault, or the card's.
    Missing(Tag),
    /// A data object has a value that it cannot have.
    Value(Tag),
    /// A data object stands in the message twice.
    Twice(Tag),
    /// No issuer here has account numbers like this one (masked).
    UnknownIssuer(String),
    /// The issuer has no cards with the cryptogram version that the Issuer Application Data name.
    UnknownVersion,
    /// The cryptogram is not the card's.
    WrongCryptogram,
    /// Nothing in the books belongs to the message.
    NotBooked,
    /// The host has scripts to send, and the issuer has no keys for them.
    NoScriptKeys,
    /// A script cannot be written: its text says why.
    Script(String),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable => f.write_str("the host cannot be reached"),
            Self::Malformed(error) => write!(f, "the message is malformed: {error}"),
            Self::Missing(tag) => write!(f, "the message lacks {}", Named(*tag)),
            Self::Value(tag) => write!(f, "the message has a wrong value of {}", Named(*tag)),
            Self::Twice(tag) => write!(f, "the message has two of {}", Named(*tag)),
            Self::UnknownIssuer(pan) => write!(f, "no issuer of account {pan}"),
            Self::UnknownVersion => f.write_str("unknown cryptogram version"),
            Self::WrongCryptogram => f.write_str("the cryptogram is not the card's"),
            Self::NotBooked => f.write_str("no such transaction in the books"),
            Self::NoScriptKeys => f.write_str("the issuer has no keys for scripts"),
            Self::Script(why) => write!(f, "no script: {why}"),
        }
    }
}

impl core::error::Error for HostError {}

/// A tag and its name, where it has one.
struct Named(Tag);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EMV.entry(self.0) {
            Some(entry) => write!(f, "{} {}", self.0, entry.name),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

/// A message, read.
pub(crate) struct Message<'m> {
    data: &'m [u8],
    pan: Pan<'m>,
    sequence_number: u8,
    pub(crate) atc: u16,
}

impl<'m> Message<'m> {
    pub(crate) fn read(data: &'m [u8]) -> Result<Self, HostError> {
        let mut seen = Vec::new();
        for object in Tlvs::new(data) {
            let tag = object.map_err(HostError::Malformed)?.tag;
            if seen.contains(&tag) {
                return Err(HostError::Twice(tag));
            }
            seen.push(tag);
        }
        let number = Tag(0x5A);
        let sequence = Tag(0x5F34);
        let bytes = find(data, number).ok_or(HostError::Missing(number))?;
        let sequence_number = match find(data, sequence) {
            None => 0,
            Some(&[byte]) if Digits::number(&[byte]).is_some() => byte,
            Some(_) => return Err(HostError::Value(sequence)),
        };
        let mut message = Self {
            data,
            pan: Pan::new(bytes).ok_or(HostError::Value(number))?,
            sequence_number,
            atc: 0,
        };
        message.atc = u16::from_be_bytes(message.require(Tag(0x9F36))?);
        Ok(message)
    }

    /// The value of an object.
    pub(crate) fn object(&self, tag: Tag) -> Option<&'m [u8]> {
        find(self.data, tag)
    }

    /// The value of an object of fixed length.
    pub(crate) fn require<const N: usize>(&self, tag: Tag) -> Result<[u8; N], HostError> {
        let value = self.object(tag).ok_or(HostError::Missing(tag))?;
        value.try_into().map_err(|_| HostError::Value(tag))
    }

    pub(crate) fn account(&self) -> Account {
        Account::new(self.pan, self.sequence_number)
    }

    pub(crate) fn amount(&self) -> Option<Amount> {
        self.object(Tag(0x9F02)).and_then(Amount::decode)
    }

    /// Finds out who made the card, and how.
    pub(crate) fn issuer<'i>(
        &self,
        issuers: &'i [Issuer],
    ) -> Result<(&'i Issuer, &'static CryptogramVersion), HostError> {
        let tag = Tag(0x9F10);
        let data = self.object(tag).ok_or(HostError::Missing(tag))?;
        let issuer = issuers.iter().find(|issuer| issuer.owns(self.pan));
        let issuer = issuer.ok_or_else(|| HostError::UnknownIssuer(self.pan.to_string()))?;
        // The Common Core is every payment system's to use. [B3 C7]
        let scheme = match data {
            [0x0F, 0xA5 | 0xA6, ..] if data.len() == 32 => Scheme::CommonCore,
            _ => issuer.scheme,
        };
        let version = CryptogramVersion::of(scheme, data);
        Ok((issuer, version.ok_or(HostError::UnknownVersion)?))
    }

    pub(crate) fn card_key(
        &self,
        issuer: &Issuer,
        version: &CryptogramVersion,
    ) -> cryptogram::DoubleKey {
        issuer.card_key(version, self.pan, self.sequence_number)
    }

    pub(crate) fn script_keys(
        &self,
        issuer: &Issuer,
        version: &CryptogramVersion,
    ) -> Option<ScriptKeys> {
        issuer.card_script_keys(version, self.pan, self.sequence_number)
    }
}

fn find(data: &[u8], tag: Tag) -> Option<&[u8]> {
    tlv::find(data, tag).ok().flatten()
}

impl From<cryptogram::Error> for HostError {
    fn from(error: cryptogram::Error) -> Self {
        match error {
            cryptogram::Error::Missing(tag) => Self::Missing(tag),
            cryptogram::Error::Length(tag) => Self::Value(tag),
            _ => Self::UnknownVersion,
        }
    }
}
