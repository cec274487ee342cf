//! How a transaction ended.

use crate::fault::Fault;
use crate::phase::Phase;
use crate::session::{LinkError, Stop};

/// How a transaction ended: one value, once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The conclusion.
    pub conclusion: Conclusion,
    /// Who decided.
    pub authority: Authority,
    /// Why it ended before its time, when [`Conclusion::Terminated`].
    pub end: Option<End>,
    /// Where it was when it ended.
    pub phase: Phase,
    /// Whether the merchant has to take the cardholder's signature.
    pub signature: bool,
    /// Whether the issuer approved, or may have in an answer that found no room, and nothing came
    /// of it: the acquirer must be told to undo it. Whether a question without an answer ever
    /// reached the issuer is not known here but to whoever sent it. [B4 12.2.1, 12.2.3]
    pub reversal: bool,
    /// Whether the card asked for an advice message. [B4 12.2.2]
    pub advice: bool,
}

/// The conclusion of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
pub enum Conclusion {
    /// Approved.
    Approved,
    /// Declined.
    Declined,
    /// Ended without a decision; nothing was approved.
    Terminated,
    /// The card was read, and nothing more was wanted.
    CardRead,
    /// Ended without a decision; another interface may do.
    TryAnotherInterface,
}

/// Who decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Authority {
    /// Card and terminal.
    Offline,
    /// The issuer.
    Online,
    /// Card and terminal, after the issuer could not be asked.
    UnableToGoOnline,
}

/// Why a transaction ended before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum End {
    /// A rule was broken.
    Fault(Fault),
    /// The link to the card failed.
    Link(LinkError),
    /// Someone stopped it.
    Stopped(Stop),
    /// The card is blocked, or does not know SELECT. [B1 12.3.2]
    CardBlocked,
    /// Card and terminal have no application in common. [B1 12.4]
    NoCommonApplication,
    /// The card was read, and nothing more was wanted.
    CardRead,
    /// The cardholder did not confirm the application. [B1 12.4]
    NotConfirmed,
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
