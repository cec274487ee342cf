//! The books: what became of every transaction that the host heard of.

use core::fmt;

use chipwright::value::{Amount, Pan};

/// A card's account: number and sequence number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account {
    digits: Vec<u8>,
    sequence_number: u8,
    masked: String,
}

impl Account {
    pub(crate) fn new(pan: Pan<'_>, sequence_number: u8) -> Self {
        Self { digits: pan.digits().collect(), sequence_number, masked: pan.to_string() }
    }
}

/// Masked.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:02X})", self.masked, self.sequence_number)
    }
}

/// A transaction in the books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub(crate) account: Account,
    /// The card's counter (9F36).
    pub atc: u16,
    /// Amount, Authorised (9F02), when the message had one.
    pub amount: Option<Amount>,
    /// What became of it.
    pub state: State,
}

/// What became of a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Approved by the host; whether goods were handed over is not known yet.
    Approved,
    /// Declined by the host.
    Declined,
    /// Paid: the terminal presented the card's Transaction Certificate.
    Settled,
    /// Taken back.
    Reversed,
}

impl Transaction {
    /// The account number, masked.
    pub fn account(&self) -> &str {
        &self.account.masked
    }

    /// Whether the cardholder owes the amount: approved or settled, and not taken back.
    pub const fn stands(&self) -> bool {
        matches!(self.state, State::Approved | State::Settled)
    }
}
