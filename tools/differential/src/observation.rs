//! What a kernel did with a case.

use core::fmt;

use chipwright::cvm::Rule;
use chipwright::oda::Method;
use chipwright::reason::Reason;

/// What a kernel did: what is compared, and, of our own kernel, what shows that a case was met.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observation {
    pub(crate) ending: Option<Ending>,
    /// Why it was terminated.
    pub(crate) end: String,
    pub(crate) results: [u8; 5],
    pub(crate) status: [u8; 2],
    pub(crate) cvm_results: Option<[u8; 3]>,
    pub(crate) script_results: Vec<u8>,
    pub(crate) exchanges: Vec<Exchange>,
    /// Whether the issuer was asked, and what it thought of the cryptogram.
    pub(crate) host: Option<String>,
    pub(crate) method: Option<Method>,
    pub(crate) authenticated: Option<bool>,
    pub(crate) performed: Vec<Rule>,
    pub(crate) reasons: Vec<Reason>,
}

/// How a transaction ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    Approved,
    Declined,
    Terminated,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Terminated => "terminated",
        })
    }
}

/// A command and the card's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    pub(crate) command: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

/// What a GENERATE AC asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Request {
    /// Bits 8 and 7 of P1: 00 AAC, 40 TC, 80 ARQC.
    pub(crate) kind: u8,
    /// Bit 5.
    pub(crate) signed: bool,
}

pub(crate) const INTERNAL_AUTHENTICATE: u8 = 0x88;
pub(crate) const GET_PROCESSING_OPTIONS: u8 = 0xA8;
pub(crate) const GENERATE_AC: u8 = 0xAE;
pub(crate) const EXTERNAL_AUTHENTICATE: u8 = 0x82;
pub(crate) const VERIFY: u8 = 0x20;
pub(crate) const SELECT: u8 = 0xA4;
pub(crate) const GET_DATA: u8 = 0xCA;

impl Observation {
    /// The exchanges with this instruction.
    pub(crate) fn with(&self, instruction: u8) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().filter(move |exchange| exchange.instruction() == instruction)
    }

    /// What the first (0) or second (1) GENERATE AC asked for.
    pub(crate) fn request(&self, number: usize) -> Option<Request> {
        let exchange = self.with(GENERATE_AC).nth(number)?;
        let p1 = *exchange.command.get(2)?;
        Some(Request { kind: p1 & 0xC0, signed: p1 & 0x10 != 0 })
    }

    /// Data of a command, the first (0) or a later one with this instruction.
    pub(crate) fn data(&self, instruction: u8, number: usize) -> Option<&[u8]> {
        let exchange = self.with(instruction).nth(number)?;
        exchange.data()
    }

    /// Whether the card answered a command with this instruction with this status word.
    pub(crate) fn answered(&self, instruction: u8, status: impl Fn(u16) -> bool) -> bool {
        self.with(instruction).any(|exchange| status(exchange.status()))
    }
}

impl Exchange {
    pub(crate) fn instruction(&self) -> u8 {
        self.command.get(1).copied().unwrap_or_default()
    }

    fn data(&self) -> Option<&[u8]> {
        let (length, rest) = self.command.get(4..)?.split_first()?;
        rest.get(..usize::from(*length))
    }

    /// The status word.
    pub(crate) fn status(&self) -> u16 {
        let status = self.answer.last_chunk().copied();
        u16::from_be_bytes(status.unwrap_or_default())
    }

    /// The Cryptogram Information Data of an answer to GENERATE AC, in either format.
    pub(crate) fn cryptogram(&self) -> Option<u8> {
        match self.answer.as_slice() {
            [0x80, _, information, ..]
            | [0x77, _, 0x9F, 0x27, 0x01, information, ..]
            | [0x77, 0x81, _, 0x9F, 0x27, 0x01, information, ..] => Some(information & 0xC0),
            _ => None,
        }
    }
}
