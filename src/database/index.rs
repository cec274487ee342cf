//! Where objects lie: values from the front, their index from the back.

use super::slot::{Slot, Standing};
use super::{Database, FIRST_INTERNAL};
use crate::dictionary::Source;
use crate::dictionary::emv::AUTHORISATION_RESPONSE_CODE;
use crate::fault::{Cause, Failed, Fault};
use crate::tag::Tag;
use core::cell::Cell;

impl Database<'_> {
    /// Whether so many bytes of values and index may be in use once something of this source was
    /// added. Until the issuer has answered, the card leaves an eighth of the memory (512 bytes of
    /// the usual 4,096) to its answer with the scripts. [B4 12.2.4]
    fn fits(&self, needed: usize, source: Source) -> bool {
        let length = self.memory.len();
        // [B4 12.2.4 length]
        let answered = || self.source(AUTHORISATION_RESPONSE_CODE.tag) == Some(Source::Issuer);
        needed <= length - length / 8
            || (needed <= length && (source != Source::Card || answered()))
    }

    /// Copies bytes behind the used ones, if `slots` more index entries fit as well; gives where
    /// they start.
    pub(super) fn append(
        &mut self,
        bytes: &[u8],
        slots: usize,
        tag: Tag,
        source: Source,
    ) -> Result<usize, Failed> {
        let (start, end) = (self.used, self.used + bytes.len());
        if !self.fits(end + (self.objects + slots) * Slot::LENGTH, source) {
            return Err(self.full(tag));
        }
        match self.memory.get_mut(start..end) {
            Some(room) => room.copy_from_slice(bytes),
            None => return Err(self.full(tag)),
        }
        self.used = end;
        Ok(start)
    }

    pub(super) fn value(&self, slot: Slot) -> &[u8] {
        self.memory.get(slot.start()..slot.end()).unwrap_or(&[])
    }

    pub(super) fn slot(&self, tag: Tag) -> Option<(usize, Slot)> {
        let place = self.entries().position(|slot| Slot::is_of(slot, tag))?;
        Some((place, self.slot_at(place)?))
    }

    pub(super) fn slot_at(&self, place: usize) -> Option<Slot> {
        self.entries().nth(place).map(Slot::read)
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        self.entries().map(Slot::read)
    }

    /// The index as it lies in the memory, in the order in which the objects came.
    fn entries(&self) -> impl Iterator<Item = &[u8; Slot::LENGTH]> {
        let (_, slots) = self.memory.as_rchunks();
        let start = slots.len().saturating_sub(self.objects);
        slots.get(start..).unwrap_or_default().iter().rev()
    }

    /// Adds an entry to the index.
    pub(super) fn point(
        &mut self,
        tag: Tag,
        standing: Standing,
        start: usize,
        length: usize,
    ) -> Result<(), Failed> {
        let needed = self.used + (self.objects + 1) * Slot::LENGTH;
        match Slot::new(tag, standing, start, length) {
            Some(slot) if self.fits(needed, standing.source()) => {
                self.objects += 1;
                self.write_slot(self.objects - 1, slot);
                Ok(())
            }
            _ => Err(self.full(tag)),
        }
    }

    pub(super) fn write_slot(&mut self, place: usize, slot: Slot) {
        let (_, slots) = self.memory.as_rchunks_mut();
        if let Some(entry) = slots.iter_mut().rev().nth(place) {
            *entry = slot.write();
        }
    }

    /// The index to be written, in the order of the memory: the last entry is the first object's.
    pub(super) fn index_cells(&mut self) -> &[Cell<[u8; Slot::LENGTH]>] {
        let (_, slots) = self.memory.as_rchunks_mut();
        let start = slots.len().saturating_sub(self.objects);
        Cell::from_mut(slots.get_mut(start..).unwrap_or_default()).as_slice_of_cells()
    }

    /// Names what found no room, unless that is a place of the kernel's own.
    #[cold]
    #[inline(never)]
    pub(super) fn full(&self, tag: Tag) -> Failed {
        let fault = Fault::new(Cause::StoreFull);
        self.note(if tag < FIRST_INTERNAL { fault.about(tag) } else { fault })
    }
}
