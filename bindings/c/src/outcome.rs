//! How a transaction ended.

use chipwright::fault::Fault;
use chipwright::outcome::{self, End};

/// How a transaction ended.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Outcome {
    /// The conclusion: a `chipwright_conclusion`.
    pub conclusion: u32,
    /// Who decided: a `chipwright_authority`.
    pub authority: u32,
    /// Why it ended before its time: a `chipwright_end_kind`, 0 when it
    /// did not.
    pub end: u32,
    /// More about the end. Of a stop: the `chipwright_stop`; of the link: the
    /// `chipwright_link_error`; of a fault: the number of its cause, 10xx when the card has to mend
    /// it, 11xx the host, 12xx the terminal.
    pub end_code: u32,
    /// The data object that a fault is about; 0 when it is about none.
    pub fault_tag: u32,
    /// Where in the answer, list or value, in bytes; -1 when that is not known.
    pub fault_offset: i32,
    /// The status word of a fault by one; 0 otherwise.
    pub fault_status_word: u16,
    /// The record that was read: file and number; 0 when none was.
    pub fault_record: [u8; 2],
    /// The phase in which it ended: a `chipwright_phase`.
    pub phase: u32,
    /// 1 when the merchant has to take the cardholder's signature.
    pub signature: u8,
    /// 1 when the acquirer must be told to undo what the issuer approved. [B4 12.2.1, 12.2.3]
    pub reversal: u8,
    /// 1 when the card asked for an advice message. [B4 12.2.2]
    pub advice: u8,
}

/// The conclusion of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Conclusion {
    /// Approved.
    Approved = 1,
    /// Declined.
    Declined = 2,
    /// Ended without a decision; nothing was approved.
    Terminated = 3,
    /// The card was read, and nothing more was wanted.
    CardRead = 4,
    /// Ended without a decision; another interface may do.
    TryAnotherInterface = 5,
}

/// Who decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Authority {
    /// Card and terminal.
    Offline = 1,
    /// The issuer.
    Online = 2,
    /// Card and terminal, after the issuer could not be asked.
    UnableToGoOnline = 3,
}

/// Why a transaction ended before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum EndKind {
    /// A rule was broken.
    Fault = 1,
    /// The link to the card failed.
    Link = 2,
    /// Someone stopped it.
    Stopped = 3,
    /// The card is blocked, or does not know SELECT.
    CardBlocked = 4,
    /// Card and terminal have no application in common.
    NoCommonApplication = 5,
    /// The card was read, and nothing more was wanted.
    CardRead = 6,
    /// The cardholder did not confirm the application.
    NotConfirmed = 7,
    /// Another reason.
    Other = 8,
}

impl Outcome {
    pub(crate) fn of(outcome: &outcome::Outcome) -> Self {
        let end = outcome.end;
        let fault = match end {
            Some(End::Fault(fault)) => Some(fault),
            _ => None,
        };
        let record = fault.and_then(|fault| fault.record);
        Self {
            conclusion: conclusion(outcome.conclusion) as u32,
            authority: authority(outcome.authority) as u32,
            end: end.map_or(0, |end| kind(end) as u32),
            end_code: end.map_or(0, code),
            fault_tag: fault.and_then(|fault| fault.tag).map_or(0, |tag| tag.0),
            fault_offset: fault.and_then(|fault| fault.offset).map_or(-1, i32::from),
            fault_status_word: fault.map_or(0, status_word),
            fault_record: record.map_or([0; 2], |record| [record.sfi, record.number]),
            phase: outcome.phase as u32,
            signature: u8::from(outcome.signature),
            reversal: u8::from(outcome.reversal),
            advice: u8::from(outcome.advice),
        }
    }
}

pub(crate) const fn conclusion(conclusion: outcome::Conclusion) -> Conclusion {
    match conclusion {
        outcome::Conclusion::Approved => Conclusion::Approved,
        outcome::Conclusion::Declined => Conclusion::Declined,
        outcome::Conclusion::CardRead => Conclusion::CardRead,
        outcome::Conclusion::TryAnotherInterface => Conclusion::TryAnotherInterface,
        _ => Conclusion::Terminated,
    }
}

pub(crate) const fn authority(authority: outcome::Authority) -> Authority {
    match authority {
        outcome::Authority::Offline => Authority::Offline,
        outcome::Authority::Online => Authority::Online,
        outcome::Authority::UnableToGoOnline => Authority::UnableToGoOnline,
    }
}

const fn kind(end: End) -> EndKind {
    match end {
        End::Fault(_) => EndKind::Fault,
        End::Link(_) => EndKind::Link,
        End::Stopped(_) => EndKind::Stopped,
        End::CardBlocked => EndKind::CardBlocked,
        End::NoCommonApplication => EndKind::NoCommonApplication,
        End::CardRead => EndKind::CardRead,
        End::NotConfirmed => EndKind::NotConfirmed,
        _ => EndKind::Other,
    }
}

fn code(end: End) -> u32 {
    match end {
        End::Fault(fault) => fault.cause.code().into(),
        End::Link(error) => 1 + error as u32,
        End::Stopped(stop) => 1 + stop as u32,
        _ => 0,
    }
}

fn status_word(fault: Fault) -> u16 {
    match fault.cause {
        chipwright::fault::Cause::Status(word) => word,
        _ => 0,
    }
}
