//! The journal: what is written down so that power may fail at any time.
//!
//! Every transaction is opened, and closed with one final record. In between it writes down what
//! a reversal needs before the authorisation message goes out, what came back, and what it comes
//! to as soon as that is settled. Messages that it owes the acquirer are written before the final
//! record, so that none is lost, and count from then on, so that none goes out for a transaction
//! that is still open. After a power failure [`Journal::recover`] closes what was left open.
//!
//! # What is kept of an account
//! A reversal, an advice or an item of the batch needs the account number in full. It is in the
//! journal from before the authorisation until every owed message was acknowledged, and then
//! erased; final records have a few of its digits. Expiration date and data objects listed for
//! the messages share its fate. Track data and PIN blocks are never written
//! ([`NEVER_KEPT`]). Encryption at rest is the storage's.

mod closing;
mod deliver;
mod entry;
mod pages;
mod recover;
mod settling;
mod void;

pub use deliver::{Delivery, Due, Owed};
pub use entry::RECORD_LENGTH;
pub use recover::Recovery;
pub use void::{VoidFailure, Voided};

use crate::device::Storage;
use crate::duties::Verdict;
use crate::final_record::{FinalRecord, KEPT};
use crate::host::{Answer, MessageKind, MessageLists, NEVER_KEPT, ReversalReason};
use crate::objects::Objects;
use crate::service::{Capture, Order};
use chipwright::dictionary::emv::{
    AMOUNT_AUTHORISED, AMOUNT_OTHER, AUTHORISATION_CODE, AUTHORISATION_RESPONSE_CODE,
    TRANSACTION_CURRENCY_CODE, TRANSACTION_CURRENCY_EXPONENT, TRANSACTION_DATE, TRANSACTION_TIME,
};
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::tlv::{Full, Writer};
use chipwright::value::{Amount, Date};
pub(crate) use closing::Settled;
use closing::{append_final, final_record, kind_code, owed_notes};
use core::fmt;
use entry::Stage;
pub(crate) use pages::Pages;

/// Sequence counters have up to eight digits. [B4 6.5.5]
const MAX_SEQUENCE: u32 = 99_999_999;

/// The journal of a terminal, in step with its [`Storage`].
///
/// [`recover`](Self::recover) makes one when the terminal starts. A transaction that ends in the
/// middle (a storage that failed, a future that was dropped) leaves it in need of another
/// recovery: until then no transaction is begun.
#[derive(Debug)]
pub struct Journal {
    next: u32,
    current: Option<Current>,
    /// Reversals and advices that are owed.
    urgent: u32,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    sequence: u32,
    /// Place of its first record.
    first: u32,
}

/// The journal cannot be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum JournalFailure {
    /// The storage failed.
    Storage,
    /// A record does not fit [`RECORD_LENGTH`] or the memory lent: message lists are too long.
    TooLong,
    /// The record at this place was written by another version.
    Version {
        /// Its place.
        place: u32,
    },
    /// A transaction was left open: [`Journal::recover`] first.
    NotRecovered,
}

impl fmt::Display for JournalFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage => f.write_str("the journal's storage failed"),
            Self::TooLong => f.write_str("a record of the journal is too long"),
            Self::Version { place } => {
                write!(f, "the journal's record at place {place} is of another version")
            }
            Self::NotRecovered => f.write_str("the journal has an open transaction"),
        }
    }
}

impl core::error::Error for JournalFailure {}

impl From<Full> for JournalFailure {
    fn from(_: Full) -> Self {
        Self::TooLong
    }
}

impl Journal {
    /// The Transaction Sequence Counter (9F41) that comes next, 1 to 99,999,999. [B4 6.5.5]
    pub const fn next_sequence(&self) -> u32 {
        self.next
    }

    /// Whether a transaction was left open: [`recover`](Self::recover) first.
    pub const fn needs_recovery(&self) -> bool {
        self.current.is_some()
    }

    /// The final record at a place; `None` when there is another record or none.
    ///
    /// # Errors
    /// When the storage fails or the record is of another version.
    pub async fn read<S: Storage>(
        storage: &mut S,
        place: u32,
        memory: &mut [u8],
    ) -> Result<Option<FinalRecord>, JournalFailure> {
        let mut pages = Pages::new(storage, memory);
        let entry = pages.load(place).await?;
        Ok(entry.and_then(|entry| final_record(&entry)))
    }

    /// Erases the final record, or the record of a voiding, at a place: it was archived elsewhere. The latest one stays, since
    /// the sequence counter goes on from it. Says whether something was erased.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn forget<S: Storage>(
        &self,
        storage: &mut S,
        place: u32,
        memory: &mut [u8],
    ) -> Result<bool, JournalFailure> {
        let mut pages = Pages::new(storage, memory);
        let entry = pages.load(place).await?;
        let old = entry.is_some_and(|entry| {
            let ended = matches!(entry.stage, Stage::Closed | Stage::Voided);
            ended && following(entry.sequence) != self.next
        });
        if old {
            pages.erase(place).await?;
        }
        Ok(old)
    }

    /// Opens a transaction; gives its sequence counter.
    pub(crate) async fn open<S: Storage>(
        &mut self,
        pages: &mut Pages<'_, S>,
        order: &Order,
        capture: Capture,
        (date, time): (Date, [u8; 3]),
    ) -> Result<u32, JournalFailure> {
        if self.needs_recovery() {
            return Err(JournalFailure::NotRecovered);
        }
        let sequence = self.next;
        let first = pages.places().await?.end;
        self.begin(sequence, first);
        let notes = [kind_code(order.kind), capture as u8];
        let objects = |out: &mut Writer<'_>| {
            out.put(AMOUNT_AUTHORISED.tag, &order.amount.unwrap_or(Amount::ZERO).encode())?;
            out.put(AMOUNT_OTHER.tag, &order.amount_other.encode())?;
            out.put(TRANSACTION_CURRENCY_CODE.tag, &order.currency.encode())?;
            out.put(TRANSACTION_CURRENCY_EXPONENT.tag, &order.currency_exponent.encode())?;
            out.put(TRANSACTION_DATE.tag, &date.encode())?;
            out.put(TRANSACTION_TIME.tag, &time)
        };
        pages.compose(Stage::Opened, sequence, notes, objects)?;
        pages.append().await?;
        self.next = following(sequence);
        Ok(sequence)
    }

    /// Something is under way from now on: what fails leaves it to the next recovery.
    const fn begin(&mut self, sequence: u32, first: u32) {
        self.current = Some(Current { sequence, first });
    }

    /// Writes down that the authorisation message is about to go out.
    pub(crate) async fn requested<S: Storage>(
        &self,
        pages: &mut Pages<'_, S>,
        objects: &Objects<'_>,
        lists: &MessageLists<'_>,
    ) -> Result<(), JournalFailure> {
        let sequence = self.sequence()?;
        pages.compose(Stage::Requested, sequence, [0; 2], |out| {
            objects.copy(kept(&[lists.reversal]), out)
        })?;
        pages.append().await
    }

    /// Writes down what became of it.
    pub(crate) async fn answered<S: Storage>(
        &self,
        pages: &mut Pages<'_, S>,
        verdict: Verdict,
        answer: Option<&Answer<'_>>,
    ) -> Result<(), JournalFailure> {
        let objects = |out: &mut Writer<'_>| {
            let Some(answer) = answer else { return Ok(()) };
            out.put(AUTHORISATION_RESPONSE_CODE.tag, &answer.authorisation_response_code)?;
            match answer.authorisation_code {
                Some(code) => out.put(AUTHORISATION_CODE.tag, code),
                None => Ok(()),
            }
        };
        pages.compose(Stage::Answered, self.sequence()?, [verdict as u8, 0], objects)?;
        pages.append().await
    }

    /// Writes down what it comes to.
    pub(crate) async fn decided<S: Storage>(
        &self,
        pages: &mut Pages<'_, S>,
        settled: Settled,
        objects: &Objects<'_>,
        lists: &MessageLists<'_>,
    ) -> Result<(), JournalFailure> {
        let (sequence, notes) = (self.sequence()?, settled.notes());
        let owed = [lists.advice, lists.reversal, lists.batch];
        pages.compose(Stage::Decided, sequence, notes, |out| objects.copy(kept(&owed), out))?;
        pages.append().await
    }

    /// Writes down what is owed, and closes the transaction.
    pub(crate) async fn close<S: Storage>(
        &mut self,
        pages: &mut Pages<'_, S>,
        record: &FinalRecord,
        reason: ReversalReason,
        objects: &Objects<'_>,
        lists: &MessageLists<'_>,
    ) -> Result<(), JournalFailure> {
        let current = self.current.ok_or(JournalFailure::NotRecovered)?;
        for kind in record.duties.kinds() {
            // An item of the batch becomes a reversal when it is voided.
            let voiding = if kind == MessageKind::Batch { lists.reversal } else { &[] };
            let owed = [lists.of(kind), voiding];
            let notes = owed_notes(kind, reason);
            pages.compose(Stage::Owed, current.sequence, notes, |out| {
                objects.copy(kept(&owed), out)
            })?;
            pages.append().await?;
        }
        append_final(pages, record).await?;
        self.urgent += record.duties.urgent();
        // What it came to stands, even where the traces cannot be wiped before the next recovery.
        if pages.tidy(current.first, current.sequence).await.is_ok() {
            self.current = None;
        }
        Ok(())
    }

    /// Place of the first record of the transaction that is open.
    pub(crate) fn first_place(&self) -> Option<u32> {
        self.current.map(|current| current.first)
    }

    fn sequence(&self) -> Result<u32, JournalFailure> {
        self.current.map(|current| current.sequence).ok_or(JournalFailure::NotRecovered)
    }
}

/// What a record keeps for messages with these lists.
fn kept<'l>(lists: &'l [&'l [Tag]]) -> impl Iterator<Item = Tag> + 'l {
    let listed = lists.iter().copied().flatten();
    KEPT.iter()
        .chain(&[AUTHORISATION_CODE.tag])
        .chain(listed)
        .copied()
        .filter(|tag| !NEVER_KEPT.contains(tag))
}

/// The sequence counter after this one.
const fn following(sequence: u32) -> u32 {
    if sequence >= MAX_SEQUENCE { 1 } else { sequence + 1 }
}
