//! Voiding: a sale that was completed, and is taken back before the batch was delivered.

use super::closing::Settled;
use super::entry::{Entry, Stage};
use super::{Journal, JournalFailure, Pages, owed_notes};
use crate::device::Storage;
use crate::duties::Duties;
use crate::host::{MessageKind, ReversalReason};
use chipwright::outcome::{Authority, Conclusion};
use core::fmt;
use core::ops::Range;

/// A transaction that was voided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Voided {
    /// Transaction Sequence Counter (9F41) of the transaction.
    pub sequence: u32,
    /// The issuer had approved it, and a reversal is owed.
    pub reversal: bool,
}

/// Why a transaction is not voided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum VoidFailure {
    /// The journal has no transaction with this sequence counter.
    Unknown,
    /// It moved no money, or did so with the authorisation: the batch never had an item for it.
    NoItem,
    /// Its item was sent and not acknowledged, and may be with the acquirer: it has to be delivered
    /// first.
    Settling,
    /// The acquirer has its item already: what it moved comes back with a refund alone.
    Delivered,
    /// It was voided before.
    Already,
    /// The journal cannot be kept. Whether it was voided, [`Journal::recover`] finds out.
    Journal(JournalFailure),
}

impl fmt::Display for VoidFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "no such transaction in the journal",
            Self::NoItem => "the batch has no item for this transaction",
            Self::Settling => "the acquirer may have the transaction: deliver the batch first",
            Self::Delivered => "the acquirer has the transaction already",
            Self::Already => "the transaction was voided before",
            Self::Journal(failure) => return fmt::Display::fmt(failure, f),
        })
    }
}

impl core::error::Error for VoidFailure {}

impl From<JournalFailure> for VoidFailure {
    fn from(failure: JournalFailure) -> Self {
        Self::Journal(failure)
    }
}

impl Journal {
    /// Voids a transaction that was completed, by its sequence counter, as long as its item of the
    /// batch waits in the journal: the item is struck, and where the issuer had approved a
    /// reversal is owed, which [`deliver`](Self::deliver) sends. The final record stays as it is;
    /// a record of the voiding stands beside it.
    ///
    /// Power may fail at any time: [`recover`](Self::recover) finishes what was begun. `memory`:
    /// [`RECORD_LENGTH`](crate::RECORD_LENGTH) bytes.
    ///
    /// # Errors
    /// Why it is not voided.
    pub async fn void<S: Storage>(
        &mut self,
        storage: &mut S,
        sequence: u32,
        memory: &mut [u8],
    ) -> Result<Voided, VoidFailure> {
        if self.needs_recovery() {
            return Err(JournalFailure::NotRecovered.into());
        }
        let mut pages = Pages::new(storage, memory);
        let places = pages.places().await?;
        let item = Found::of(&mut pages, places.clone(), sequence).await?.item()?;
        // From here on it counts as begun, and is finished by whoever comes next.
        self.begin(sequence, places.end);
        let voided = Voided { sequence, reversal: item.approved };
        pages.compose(Stage::Voided, sequence, [u8::from(voided.reversal), 0], |_| Ok(()))?;
        pages.append().await?;
        strike(&mut pages, voided, item.place, false).await?;
        self.urgent += u32::from(voided.reversal);
        self.current = None;
        Ok(voided)
    }

    /// What was voided by the record at a place; `None` when there is another record or none.
    ///
    /// # Errors
    /// When the storage fails or the record is of another version.
    pub async fn voided<S: Storage>(
        storage: &mut S,
        place: u32,
        memory: &mut [u8],
    ) -> Result<Option<Voided>, JournalFailure> {
        let mut pages = Pages::new(storage, memory);
        Ok(pages.load(place).await?.and_then(|entry| voided(&entry)))
    }
}

/// Finishes every voiding that a power failure interrupted.
pub(super) async fn finish<S: Storage>(
    pages: &mut Pages<'_, S>,
    places: Range<u32>,
) -> Result<(), JournalFailure> {
    for place in places.clone() {
        let entry = pages.load(place).await?;
        let Some(voided) = entry.and_then(|entry| voided(&entry)) else { continue };
        let found = Found::of(pages, places.clone(), voided.sequence).await?;
        if let Some(item) = found.batch {
            strike(pages, voided, item, found.reversed).await?;
        }
    }
    Ok(())
}

/// Owes the reversal, unless it is owed already, and strikes the item: in this order, so that an
/// item that is there shows that something is left to do.
async fn strike<S: Storage>(
    pages: &mut Pages<'_, S>,
    voided: Voided,
    item: u32,
    reversed: bool,
) -> Result<(), JournalFailure> {
    if voided.reversal && !reversed {
        let notes = owed_notes(MessageKind::Reversal, ReversalReason::Voided);
        pages.load(item).await?;
        pages.restage(Stage::Owed, voided.sequence, notes)?;
        pages.append().await?;
    }
    pages.erase(item).await
}

fn voided(entry: &Entry<'_>) -> Option<Voided> {
    let [reversal, _] = entry.notes;
    let voided = Voided { sequence: entry.sequence, reversal: reversal != 0 };
    (entry.stage == Stage::Voided).then_some(voided)
}

/// What the journal has of a transaction.
#[derive(Default)]
struct Found {
    closed: Option<(Settled, Duties)>,
    /// Place of its item of the batch.
    batch: Option<u32>,
    /// Place up to which items may be with the acquirer.
    settling: Option<u32>,
    voided: bool,
    /// A reversal is owed for its voiding.
    reversed: bool,
}

/// An item that can be struck.
struct Item {
    place: u32,
    /// The issuer approved.
    approved: bool,
}

impl Found {
    async fn of<S: Storage>(
        pages: &mut Pages<'_, S>,
        places: Range<u32>,
        sequence: u32,
    ) -> Result<Self, JournalFailure> {
        let mut found = Self::default();
        for place in places {
            let Some(entry) = pages.load(place).await? else { continue };
            if entry.stage == Stage::Settling {
                found.settling = Some(place);
            }
            if entry.sequence != sequence {
                continue;
            }
            let [kind, reason] = entry.notes;
            match entry.stage {
                Stage::Closed => found.closed = super::closing::ending(&entry),
                Stage::Voided => found.voided = true,
                Stage::Owed if kind == MessageKind::Batch as u8 => found.batch = Some(place),
                Stage::Owed if reason == ReversalReason::Voided as u8 => found.reversed = true,
                _ => {}
            }
        }
        Ok(found)
    }

    fn item(self) -> Result<Item, VoidFailure> {
        let (settled, duties) = self.closed.ok_or(VoidFailure::Unknown)?;
        if self.voided {
            return Err(VoidFailure::Already);
        }
        if !duties.batch {
            return Err(VoidFailure::NoItem);
        }
        let place = self.batch.ok_or(VoidFailure::Delivered)?;
        if self.settling.is_some_and(|settling| place < settling) {
            return Err(VoidFailure::Settling);
        }
        let online = settled.authority == Authority::Online;
        Ok(Item { place, approved: online && settled.conclusion == Conclusion::Approved })
    }
}
