//! After a power failure: closes what was left open.

use super::closing::{KINDS, Settled, append_final, owed_notes};
use super::entry::{Entry, Stage};
use super::{Journal, JournalFailure, MAX_SEQUENCE, Pages, following, void};
use crate::device::Storage;
use crate::duties::{Ending, Verdict};
use crate::final_record::{Details, FinalCause, FinalRecord};
use crate::host::{MessageKind, ReversalReason};
use crate::objects::Objects;
use crate::service::Capture;
use chipwright::config::TransactionType;
use chipwright::dictionary::emv::{AUTHORISATION_CODE, AUTHORISATION_RESPONSE_CODE};
use chipwright::outcome::{Authority, Conclusion};
use core::ops::Range;

/// What was found when the terminal started.
#[derive(Debug)]
pub struct Recovery {
    /// The journal, ready for the next transaction.
    pub journal: Journal,
    /// The transaction that was closed just now, since power failed within it: the merchant is
    /// to be told.
    pub interrupted: Option<FinalRecord>,
    /// Records that were torn when power failed, and erased.
    pub damaged: u32,
}

impl Journal {
    /// Reads the journal and closes what was left open, with one final record and the messages
    /// that it owes. [`deliver`](Self::deliver) sends those.
    ///
    /// It may itself be interrupted, any number of times. `first`: the sequence counter to begin
    /// with when the storage is empty, 1 to 99,999,999. `memory`:
    /// [`RECORD_LENGTH`](crate::RECORD_LENGTH) bytes.
    ///
    /// # Errors
    /// [`JournalFailure::Storage`]; [`JournalFailure::Version`] for a record of another version,
    /// which is left as it is; [`JournalFailure::TooLong`] when `memory` is too short.
    pub async fn recover<S: Storage>(
        storage: &mut S,
        first: u32,
        memory: &mut [u8],
    ) -> Result<Recovery, JournalFailure> {
        let mut pages = Pages::new(storage, memory);
        let places = pages.places().await?;
        let next = match latest(&mut pages, places.clone()).await? {
            Some(sequence) => following(sequence),
            None => first.clamp(1, MAX_SEQUENCE),
        };
        let mut interrupted = None;
        for place in places.clone() {
            let entry = pages.load(place).await?;
            let opened = entry.filter(|entry| entry.stage == Stage::Opened);
            let Some(sequence) = opened.map(|entry| entry.sequence) else { continue };
            if !is_closed(&mut pages, place, sequence).await? {
                interrupted = Some(close(&mut pages, places.clone(), sequence).await?);
            }
        }
        void::finish(&mut pages, places).await?;
        let (damaged, urgent) = clean(&mut pages).await?;
        let journal = Journal { next, current: None, urgent };
        Ok(Recovery { journal, interrupted, damaged })
    }
}

/// The sequence counter of the transaction that was begun last. Of every transaction there is its
/// beginning or its end; messages and voidings may belong to earlier ones.
async fn latest<S: Storage>(
    pages: &mut Pages<'_, S>,
    places: Range<u32>,
) -> Result<Option<u32>, JournalFailure> {
    let mut latest = None;
    for place in places {
        let entry = pages.load(place).await?;
        let own = |entry: &Entry<'_>| entry.stage.is_passing() || entry.stage == Stage::Closed;
        let entry = entry.filter(own);
        latest = entry.map(|entry| entry.sequence).or(latest);
    }
    Ok(latest)
}

/// Whether a transaction has its final record.
async fn is_closed<S: Storage>(
    pages: &mut Pages<'_, S>,
    opened: u32,
    sequence: u32,
) -> Result<bool, JournalFailure> {
    for place in opened..pages.places().await?.end {
        let entry = pages.load(place).await?;
        if entry.is_some_and(|entry| entry.is(Stage::Closed, sequence)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Closes a transaction that was left open.
async fn close<S: Storage>(
    pages: &mut Pages<'_, S>,
    places: Range<u32>,
    sequence: u32,
) -> Result<FinalRecord, JournalFailure> {
    let mut traces = Traces::default();
    for place in places {
        let Some(entry) = pages.load(place).await?.filter(|entry| entry.sequence == sequence)
        else {
            continue;
        };
        if entry.stage == Stage::Owed {
            // It was about to be closed: what it owes is worked out again.
            pages.erase(place).await?;
        } else {
            traces.add(place, &entry);
        }
    }
    let ending = traces.ending();
    let duties = ending.duties();
    for kind in duties.kinds() {
        let notes = owed_notes(kind, traces.reason());
        pages.load(traces.source).await?;
        pages.restage(Stage::Owed, sequence, notes)?;
        pages.append().await?;
    }
    let details = match pages.load(traces.source).await? {
        Some(entry) => traces.details(&Objects::Kept(entry.objects)),
        None => Details::default(),
    };
    let record = FinalRecord {
        sequence,
        kind: ending.kind,
        conclusion: ending.conclusion,
        authority: ending.authority,
        cause: FinalCause::POWER,
        signature: traces.decided.is_some_and(|settled| settled.signature),
        duties,
        details,
    };
    append_final(pages, &record).await?;
    Ok(record)
}

/// Erases what is of no use any more; counts torn records, and messages that are owed and do not
/// wait for the batch.
async fn clean<S: Storage>(pages: &mut Pages<'_, S>) -> Result<(u32, u32), JournalFailure> {
    let (mut damaged, mut urgent) = (0, 0);
    for place in pages.places().await? {
        match pages.load(place).await?.map(|entry| (entry.stage, entry.notes)) {
            Some((Stage::Owed, [kind, _])) => {
                urgent += u32::from(kind != MessageKind::Batch as u8);
            }
            Some((stage, _)) if !stage.is_passing() => {}
            passing if pages.was_there() => {
                damaged += u32::from(passing.is_none());
                pages.erase(place).await?;
            }
            _ => {}
        }
    }
    Ok((damaged, urgent))
}

/// What an open transaction left behind.
#[derive(Debug, Default)]
struct Traces {
    kind: Option<TransactionType>,
    batch: bool,
    requested: bool,
    verdict: Option<Verdict>,
    response_code: Option<[u8; 2]>,
    authorisation_code: Option<[u8; 6]>,
    decided: Option<Settled>,
    /// Place of the latest record that has its objects.
    source: u32,
}

impl Traces {
    fn add(&mut self, place: u32, entry: &Entry<'_>) {
        let [first, second] = entry.notes;
        match entry.stage {
            Stage::Opened => {
                self.kind = KINDS.get(usize::from(first)).copied();
                self.batch = second == Capture::Batch as u8;
                self.source = place;
            }
            Stage::Requested => {
                self.requested = true;
                self.source = place;
            }
            Stage::Answered => {
                self.verdict = Verdict::ALL.into_iter().find(|known| *known as u8 == first);
                let objects = Objects::Kept(entry.objects);
                self.response_code = objects.get(AUTHORISATION_RESPONSE_CODE);
                let code = objects.bytes(AUTHORISATION_CODE.tag);
                self.authorisation_code = code.and_then(|code| code.try_into().ok());
            }
            Stage::Decided => {
                self.decided = Settled::read(entry.notes);
                self.source = place;
            }
            _ => {}
        }
    }

    /// What became of the authorisation message: one that was about to go out may have.
    fn verdict(&self) -> Option<Verdict> {
        self.verdict.or(self.requested.then_some(Verdict::NoAnswer))
    }

    fn ending(&self) -> Ending {
        let kind = self.kind.unwrap_or(TransactionType::Purchase);
        let verdict = self.verdict();
        let (conclusion, authority) = match (self.decided, verdict) {
            (Some(settled), _) => (settled.conclusion, settled.authority),
            (None, Some(Verdict::Declined)) => (Conclusion::Declined, Authority::Online),
            (None, Some(Verdict::Approved)) => (Conclusion::Terminated, Authority::Online),
            (None, _) => (Conclusion::Terminated, Authority::Offline),
        };
        Ending {
            kind,
            capture: if self.batch { Capture::Batch } else { Capture::Online },
            verdict,
            conclusion,
            authority,
            // Nothing else is settled by a card that was merely read.
            done_by_merchant: self.decided.is_some() && conclusion == Conclusion::CardRead,
            advice: self.decided.is_some_and(|settled| settled.advice),
        }
    }

    fn reason(&self) -> ReversalReason {
        match (self.verdict, self.decided) {
            (Some(Verdict::NoAnswer), _) => ReversalReason::NoAnswer,
            (_, Some(_)) => ReversalReason::NotCompleted,
            _ => ReversalReason::Interrupted,
        }
    }

    fn details(&self, objects: &Objects<'_>) -> Details {
        let details = Details::read(objects);
        Details {
            response_code: details.response_code.or(self.response_code),
            authorisation_code: details.authorisation_code.or(self.authorisation_code),
            ..details
        }
    }
}

impl Entry<'_> {
    fn is(&self, stage: Stage, sequence: u32) -> bool {
        self.stage == stage && self.sequence == sequence
    }
}
