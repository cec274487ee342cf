//! What ends a transaction before its time: what was wrong, where, and whose fault it was.

use crate::hardening::Breach;
use crate::tag::Tag;
use crate::tlv::{self, ErrorKind};
use core::fmt;

/// A rule was broken that ends the transaction. [B3 7.5]
///
/// What merely sets a bit in the Terminal Verification Results is a
/// [`Reason`](crate::reason::Reason), not a fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What was wrong.
    pub cause: Cause,
    /// The data object concerned.
    pub tag: Option<Tag>,
    /// Offset in the answer, list or value concerned, in bytes.
    pub offset: Option<u16>,
    /// The record being read.
    pub record: Option<RecordId>,
}

/// A record of a card file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct RecordId {
    /// Short File Identifier, 1 to 30.
    pub sfi: u8,
    /// Record number, from 1.
    pub number: u8,
}

/// Who has to mend it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blame {
    /// The card, or what sits between it and us.
    Card,
    /// The host.
    Host,
    /// The terminal's configuration or the integrator's code.
    Terminal,
}

/// What was wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// BER-TLV coding.
    Tlv(ErrorKind),
    /// A mandatory object is missing.
    Missing,
    /// An object's length or content does not fit its definition.
    Format,
    /// The same object came twice.
    Redundant,
    /// The answer is not made of the template that belongs there.
    Template,
    /// The answer has no status word, or is longer than an answer can be.
    ResponseLength,
    /// A status word that ends the transaction.
    Status(u16),
    /// The cryptogram is not of a type that may answer the request.
    CryptogramType(u8),
    /// The card reports that the service is not allowed.
    ServiceNotAllowed,
    /// The host's answer cannot be used.
    HostAnswer,
    /// A command's data does not fit a command.
    CommandLength,
    /// The data object store is full.
    StoreFull,
    /// The configuration contradicts itself or asks for what this kernel does not do.
    Configuration,
    /// The random source failed.
    Random,
    /// More exchanges than a transaction may take.
    TooManyExchanges,
    /// The hardened profile refuses it.
    Refused(Breach),
}

impl Cause {
    /// The stable number.
    pub const fn code(self) -> u16 {
        match self {
            Self::Tlv(_) => 0x1001,
            Self::Missing => 0x1002,
            Self::Format => 0x1003,
            Self::Redundant => 0x1004,
            Self::Template => 0x1005,
            Self::ResponseLength => 0x1006,
            Self::Status(_) => 0x1007,
            Self::CryptogramType(_) => 0x1008,
            Self::ServiceNotAllowed => 0x1009,
            Self::TooManyExchanges => 0x100A,
            Self::Refused(_) => 0x100B,
            Self::HostAnswer => 0x1101,
            Self::CommandLength => 0x1201,
            Self::StoreFull => 0x1202,
            Self::Configuration => 0x1203,
            Self::Random => 0x1204,
        }
    }

    /// Who has to mend it.
    pub const fn blame(self) -> Blame {
        match self.code() >> 8 {
            0x10 => Blame::Card,
            0x11 => Blame::Host,
            _ => Blame::Terminal,
        }
    }
}

impl Fault {
    /// A fault without a place.
    pub const fn new(cause: Cause) -> Self {
        Self { cause, tag: None, offset: None, record: None }
    }

    /// A mandatory object is missing.
    pub const fn missing(tag: Tag) -> Self {
        Self::new(Cause::Missing).about(tag)
    }

    /// An object's content is wrong.
    pub const fn format(tag: Tag) -> Self {
        Self::new(Cause::Format).about(tag)
    }

    /// The same fault, concerning a data object.
    #[must_use]
    pub const fn about(mut self, tag: Tag) -> Self {
        self.tag = Some(tag);
        self
    }

    /// The same fault, at an offset; one beyond 65,535 is left out.
    #[must_use]
    pub fn at(mut self, offset: usize) -> Self {
        self.offset = u16::try_from(offset).ok();
        self
    }

    /// The same fault, in a record.
    #[must_use]
    pub const fn in_record(mut self, record: RecordId) -> Self {
        self.record = Some(record);
        self
    }

    /// Who has to mend it.
    pub const fn blame(self) -> Blame {
        self.cause.blame()
    }
}

/// Proof that something failed, and that what was wrong is noted with the data objects: see
/// [`Database::note`](crate::database::Database::note).
///
/// It has no size. A kernel is made of calls that may fail; what they hand back on the way up is
/// most of its code, unless that is a single bit.
#[derive(PartialEq, Eq, Debug)]
#[must_use = "what was noted is to be told, or taken back"]
pub struct Failed(());

impl Failed {
    /// Only who notes a fault may say that one was noted.
    pub(crate) const NOTED: Self = Self(());
}

impl From<tlv::Error> for Fault {
    #[inline(never)]
    fn from(error: tlv::Error) -> Self {
        Self::new(Cause::Tlv(error.kind)).at(error.offset)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            Cause::Tlv(kind) => write!(f, "BER-TLV: {kind}")?,
            Cause::Missing => f.write_str("mandatory data object missing")?,
            Cause::Format => f.write_str("format error")?,
            Cause::Redundant => f.write_str("data object given twice")?,
            Cause::Template => f.write_str("answer is not in the template that belongs there")?,
            Cause::ResponseLength => f.write_str("answer of impossible length")?,
            Cause::Status(status) => write!(f, "status word {status:04X}")?,
            Cause::CryptogramType(cid) => {
                write!(f, "cryptogram information {cid:02X} does not answer the request")?;
            }
            Cause::ServiceNotAllowed => f.write_str("card reports: service not allowed")?,
            Cause::HostAnswer => f.write_str("unusable host answer")?,
            Cause::CommandLength => f.write_str("command data longer than a command can carry")?,
            Cause::StoreFull => f.write_str("data object store full")?,
            Cause::Configuration => f.write_str("configuration contradicts itself")?,
            Cause::Random => f.write_str("random source failed")?,
            Cause::TooManyExchanges => f.write_str("too many exchanges")?,
            Cause::Refused(breach) => {
                write!(f, "refused by {} of the hardened profile", breach.rule())?;
            }
        }
        if let Some(tag) = self.tag {
            write!(f, ", tag {tag}")?;
        }
        if let Some(offset) = self.offset {
            write!(f, ", offset {offset}")?;
        }
        if let Some(record) = self.record {
            write!(f, ", SFI {} record {}", record.sfi, record.number)?;
        }
        f.write_str(match self.blame() {
            Blame::Card => " (card)",
            Blame::Host => " (host)",
            Blame::Terminal => " (terminal)",
        })
    }
}

impl core::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_where_and_whose() {
        let record = RecordId { sfi: 2, number: 3 };
        let fault = Fault::format(Tag(0x5F24)).at(7).in_record(record);
        assert_eq!(fault.to_string(), "format error, tag 5F24, offset 7, SFI 2 record 3 (card)");
        assert_eq!(Fault::new(Cause::Status(0x6A82)).to_string(), "status word 6A82 (card)");
        assert_eq!(Fault::new(Cause::HostAnswer).blame(), Blame::Host);
        assert_eq!(Fault::new(Cause::StoreFull).blame(), Blame::Terminal);
        assert_eq!(Fault::new(Cause::Format).at(70_000).offset, None);
    }
}
