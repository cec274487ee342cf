//! Records in their storage, through one buffer.

use super::JournalFailure;
use super::entry::{self, Entry, Stage, Unreadable};
use crate::device::{Storage, StorageFailed};
use chipwright::tlv::{Full, Writer};
use core::ops::Range;

/// The journal's storage and the memory for one record.
#[derive(Debug)]
pub(crate) struct Pages<'p, S> {
    storage: &'p mut S,
    record: &'p mut [u8],
    /// Bytes of the record in memory.
    length: usize,
}

impl From<StorageFailed> for JournalFailure {
    fn from(_: StorageFailed) -> Self {
        Self::Storage
    }
}

/// Records have account numbers in them.
impl<S> Drop for Pages<'_, S> {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(self.record);
    }
}

impl<'p, S> Pages<'p, S> {
    pub(crate) const fn new(storage: &'p mut S, record: &'p mut [u8]) -> Self {
        Self { storage, record, length: 0 }
    }

    /// Writes a record into memory.
    pub(super) fn compose(
        &mut self,
        stage: Stage,
        sequence: u32,
        notes: [u8; 2],
        objects: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
    ) -> Result<(), JournalFailure> {
        self.length = entry::write(self.record, stage, sequence, notes, objects)?;
        Ok(())
    }

    /// Makes another record of the same transaction out of the one in memory: its objects stay.
    pub(super) fn restage(
        &mut self,
        stage: Stage,
        sequence: u32,
        notes: [u8; 2],
    ) -> Result<(), JournalFailure> {
        let record = self.record.get_mut(..self.length).unwrap_or_default();
        Ok(entry::seal(record, stage, sequence, notes)?)
    }

    /// The record in memory.
    fn written(&self) -> &[u8] {
        self.record.get(..self.length).unwrap_or_default()
    }
}

impl<S: Storage> Pages<'_, S> {
    pub(super) async fn places(&mut self) -> Result<Range<u32>, JournalFailure> {
        Ok(self.storage.places().await?)
    }

    /// Puts the record in memory behind the others.
    pub(super) async fn append(&mut self) -> Result<(), JournalFailure> {
        let record = self.record.get(..self.length).unwrap_or_default();
        Ok(self.storage.append(record).await?)
    }

    /// The record at a place; `None` when there is none (any more), or a torn one.
    pub(super) async fn load(&mut self, place: u32) -> Result<Option<Entry<'_>>, JournalFailure> {
        self.length = self.storage.read(place, self.record).await?;
        match entry::read(self.written()) {
            Ok(entry) => Ok(Some(entry)),
            Err(Unreadable::Damaged) => Ok(None),
            Err(Unreadable::Version) => Err(JournalFailure::Version { place }),
        }
    }

    /// Whether there is something at the place that was loaded last.
    pub(super) const fn was_there(&self) -> bool {
        self.length > 0
    }

    pub(super) async fn erase(&mut self, place: u32) -> Result<(), JournalFailure> {
        Ok(self.storage.erase(place).await?)
    }

    /// Erases what a closed transaction wrote on its way.
    pub(super) async fn tidy(&mut self, first: u32, sequence: u32) -> Result<(), JournalFailure> {
        for place in first..self.places().await?.end {
            let entry = self.load(place).await?;
            if entry.is_some_and(|entry| entry.sequence == sequence && entry.stage.is_passing()) {
                self.erase(place).await?;
            }
        }
        Ok(())
    }
}

impl Stage {
    /// Whether the record is of no use when the transaction is closed.
    pub(super) const fn is_passing(self) -> bool {
        matches!(self, Self::Opened | Self::Requested | Self::Answered | Self::Decided)
    }
}
