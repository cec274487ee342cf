//! What a wedge does to which command.

use chipwright::session::LinkError;
use serde::Deserialize;

use super::edit::{Edit, Hex};

/// What a wedge does to some commands and their answers.
///
/// The command is changed first; then somebody answers it: nobody, the rule itself, an earlier
/// transaction, another card, or the honest one; then the answer is changed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which commands it watches.
    pub on: Order,
    /// Of READ RECORD only that of this record: short file identifier and number, `2.1`.
    pub record: Option<Address>,
    /// It acts upon the command of this number alone, from 1.
    pub nth: Option<u32>,
    /// It acts from the command of this number on.
    pub from: Option<u32>,
    /// Changes of the command.
    #[serde(default)]
    pub command: Edit,
    /// The reader gets no answer.
    pub drop: Option<Loss>,
    /// The answer, and the card is not asked.
    answer: Option<Hex>,
    /// The answer that was overheard in the transaction before, and the card is not asked.
    #[serde(default)]
    pub replay: bool,
    /// The second card's answer; it gets every command that the honest one gets.
    #[serde(default)]
    pub splice: bool,
    /// Changes of the answer.
    #[serde(default)]
    pub edit: Edit,
    /// Milliseconds by which the answer is late.
    #[serde(default)]
    pub delay: u32,
}

impl Rule {
    /// The answer that the rule itself gives.
    pub(super) fn answer(&self) -> Option<Vec<u8>> {
        self.answer.as_ref().map(|bytes| bytes.0.clone())
    }

    /// Whether it watches a command.
    pub(super) fn watches(&self, command: &[u8]) -> bool {
        let ordered = self.on == Order::Any || self.on == Order::of(command);
        ordered && self.record.is_none_or(|record| record.is_read_by(command))
    }

    /// Whether it acts upon the command of this number among those it watches.
    pub(super) fn acts(&self, number: u32) -> bool {
        self.nth.is_none_or(|nth| nth == number) && self.from.is_none_or(|from| number >= from)
    }
}

/// A command, by what it orders.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Whatever comes.
    Any,
    /// SELECT.
    Select,
    /// READ RECORD.
    ReadRecord,
    /// GET PROCESSING OPTIONS.
    GetProcessingOptions,
    /// GET DATA.
    GetData,
    /// INTERNAL AUTHENTICATE.
    InternalAuthenticate,
    /// GET CHALLENGE.
    GetChallenge,
    /// VERIFY.
    Verify,
    /// GENERATE AC.
    GenerateAc,
    /// EXTERNAL AUTHENTICATE.
    ExternalAuthenticate,
    /// Anything else: commands of issuer scripts.
    Other,
}

impl Order {
    /// What a command orders.
    pub fn of(command: &[u8]) -> Self {
        match command {
            [0x00, 0xA4, ..] => Self::Select,
            [0x00, 0xB2, ..] => Self::ReadRecord,
            [0x80, 0xA8, ..] => Self::GetProcessingOptions,
            [0x80, 0xCA, ..] => Self::GetData,
            [0x00, 0x88, ..] => Self::InternalAuthenticate,
            [0x00, 0x84, ..] => Self::GetChallenge,
            [0x00, 0x20, ..] => Self::Verify,
            [0x80, 0xAE, ..] => Self::GenerateAc,
            [0x00, 0x82, ..] => Self::ExternalAuthenticate,
            _ => Self::Other,
        }
    }
}

/// A record's place: short file identifier and number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Address {
    sfi: u8,
    number: u8,
}

impl Address {
    /// [B3 6.5.11]
    fn is_read_by(self, command: &[u8]) -> bool {
        matches!(*command, [0x00, 0xB2, number, reference, ..]
            if number == self.number && reference == self.sfi << 3 | 0x04)
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split_once('.').and_then(|(sfi, number)| {
            Some(Self { sfi: sfi.parse().ok()?, number: number.parse().ok()? })
        });
        parts
            .filter(|address| (1..=30).contains(&address.sfi))
            .ok_or_else(|| format!("`{text}` is no record, expected as 2.1"))
    }
}

/// How the reader comes to have no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// It waits in vain.
    Timeout,
    /// It hears noise.
    Garbled,
    /// The protocol is broken.
    Protocol,
    /// The card is gone.
    Removed,
}

impl Loss {
    pub(super) const fn error(self) -> LinkError {
        match self {
            Self::Timeout => LinkError::Timeout,
            Self::Garbled => LinkError::Transmission,
            Self::Protocol => LinkError::Protocol,
            Self::Removed => LinkError::Removed,
        }
    }
}
