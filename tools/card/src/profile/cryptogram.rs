//! Cryptograms: keys, lists, counters, decisions.

use chipwright::field::TerminalVerificationResults;
use serde::Deserialize;

use super::{Bits, Hex};

/// How the card makes cryptograms, and which one it gives.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cryptogram {
    /// Cryptogram version, as the Issuer Application Data have it.
    pub version: Option<u8>,
    /// Derivation key index in the Issuer Application Data.
    pub key_index: Option<u8>,
    /// Name of the issuer whose master keys the card's come from.
    pub issuer: Option<String>,
    /// The card's own master key for application cryptograms, 16 bytes, instead.
    pub card_key: Option<Hex>,
    /// Card risk management data object list 1 (8C).
    pub cdol1: Option<Hex>,
    /// Card risk management data object list 2 (8D).
    pub cdol2: Option<Hex>,
    /// Transaction certificate data object list (97).
    pub tdol: Option<Hex>,
    /// Issuer discretionary data, behind a length byte at the end of the Issuer Application Data.
    pub discretionary_data: Option<Hex>,
    /// How the issuer's answer reaches the card.
    pub issuer_authentication: Option<IssuerAuthentication>,
    /// Whether the card approves online transactions only when the issuer's answer was verified.
    pub issuer_authentication_mandatory: bool,
    /// What the card answers to the first GENERATE AC.
    pub first: FirstAnswer,
    /// What the card answers to the second GENERATE AC.
    pub second: SecondAnswer,
    /// Application Transaction Counter (9F36) before the first transaction.
    pub atc: u16,
    /// Last Online ATC Register (9F13); 0 makes a new card.
    pub last_online_atc: u16,
}

/// How the issuer's answer reaches the card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuerAuthentication {
    /// By EXTERNAL AUTHENTICATE, as the AIP says.
    External,
    /// In the data of the second GENERATE AC.
    #[serde(rename = "in-cdol2")]
    InCdol2,
    /// Not at all.
    None,
}

/// The cryptogram that answers the first GENERATE AC.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FirstAnswer {
    /// The one that the terminal asks for.
    #[default]
    AsRequested,
    /// An ARQC, unless the terminal asks for an AAC.
    Arqc,
    /// An AAC.
    Aac,
    /// A TC, asked for or not: a card that breaks the rules.
    Tc,
}

/// The cryptogram that answers the second GENERATE AC.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecondAnswer {
    /// The one that the terminal asks for, if the issuer's answer allows it.
    #[default]
    AsRequested,
    /// An AAC.
    Aac,
    /// A TC, asked for or not: a card that breaks the rules.
    Tc,
}

/// Issuer Action Codes: TVR bits that decide. [B3 10.7]
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionCodes {
    /// Decline offline (9F0E).
    pub denial: Bits<TerminalVerificationResults>,
    /// Go online (9F0F).
    pub online: Bits<TerminalVerificationResults>,
    /// Decline when unable to go online (9F0D).
    pub default: Bits<TerminalVerificationResults>,
}

impl Default for ActionCodes {
    fn default() -> Self {
        type Tvr = TerminalVerificationResults;
        Self {
            denial: Bits(Tvr::SERVICE_NOT_ALLOWED),
            online: Bits(TerminalVerificationResults([0xFC, 0xF8, 0xFC, 0xF8, 0x00])),
            default: Bits(TerminalVerificationResults([0xFC, 0x70, 0xBC, 0x80, 0x00])),
        }
    }
}

/// Consecutive offline transactions that the terminal is to watch.
#[derive(Clone, Copy, Default, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Lower Consecutive Offline Limit (9F14).
    pub lower: Option<u8>,
    /// Upper Consecutive Offline Limit (9F23).
    pub upper: Option<u8>,
}
