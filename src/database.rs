//! The data objects of one transaction.
//!
//! A [`Database`] lives in memory that the integrator lends. Values grow from the front; an index
//! of eight bytes per object grows from the back. A record is kept once, as received: its objects
//! are index entries that point into it, and offline data authentication hashes it where it lies.
//!
//! Three rules hold here and nowhere else:
//! - a card cannot write or shadow what belongs to terminal or issuer, nor give the same object
//!   twice [B3 7.5];
//! - what no dictionary knows is not stored, but stays part of the signed bytes [B3 10.2];
//! - an object counts as signed when its bytes lie in data that a verified signature covered.

mod index;
mod noted;
mod slot;
mod store;
mod strict;
mod terminal;

use crate::dictionary::Source;
use crate::dictionary::emv::{
    AMOUNT_AUTHORISED, AMOUNT_AUTHORISED_BINARY, AMOUNT_OTHER, AMOUNT_OTHER_BINARY,
    ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_EXPONENT, ICC_PUBLIC_KEY_EXPONENT,
};
use crate::fault::{Cause, Failed, Fault};
use crate::object::{Object, Value};
use crate::oda::PublicKey;
use crate::tag::Tag;
use crate::value::Amount;
use core::cell::Cell;
use core::fmt;
use core::ops::Range;
use slot::{Slot, Standing};
pub use store::{Repeat, StaticDataUnusable};
use strict::Strictness;
pub use terminal::check_string;

/// Memory that holds the largest card: 2,048 bytes of records beside terminal and host data.
pub const DATABASE_LENGTH: usize = 4096;

/// From here on tags are not BER tags (a fourth byte would have to follow): places for what the
/// kernel keeps beside data objects. No list can ask for them and no card can name them.
pub(crate) const FIRST_INTERNAL: Tag = Tag(0xFF_FF80);

/// What is kept beside the data objects of a transaction. It goes when the card is forgotten.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kept {
    /// Modulus of the card's verified key. [B2 6.4]
    IccKey = 0,
    /// Modulus of the card's verified key for PIN encipherment. [B2 7.1]
    PinKey = 1,
    /// The filled PDOL, as sent. [B2 6.6.2]
    PdolData = 2,
    /// The filled CDOL1, as sent. [B2 6.6.2]
    Cdol1Data = 3,
    /// The filled CDOL2, as sent. [B2 6.6.2]
    Cdol2Data = 4,
    /// The issuer's scripts, as received: templates 71 and 72. [B3 10.10]
    Scripts = 5,
    /// The answer to SELECT PPSE, as received: it stays when an application is given up. [B 3.3.2]
    Directory = 6,
}

impl Kept {
    const fn tag(self) -> Tag {
        Tag(FIRST_INTERNAL.0 + 0x70 + self as u32)
    }
}

/// The data objects of one transaction, in memory lent by the integrator.
///
/// The default has no room; it stands in while another side holds the data. Wiped on drop.
#[derive(Default)]
pub struct Database<'b> {
    memory: &'b mut [u8],
    used: usize,
    objects: usize,
    noted: Cell<Option<Fault>>,
    strictness: Strictness,
}

impl<'b> Database<'b> {
    /// Uses `memory`; [`DATABASE_LENGTH`] bytes hold every transaction that the books allow.
    /// One value has room for 2,047 bytes, whatever is lent: more than an APDU or a host's scripts
    /// bring.
    pub const fn new(memory: &'b mut [u8]) -> Self {
        Self { memory, used: 0, objects: 0, noted: Cell::new(None), strictness: Strictness::NONE }
    }

    /// The value of an object, coded.
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        self.slot(tag).map(|(_, slot)| self.value(slot))
    }

    /// The value of an object, if it is there.
    ///
    /// # Errors
    /// [`Cause::Format`] when its bytes do not fit its type.
    pub fn get<T: Value>(&self, object: Object<T>) -> Result<Option<T>, Failed> {
        let Some(bytes) = self.bytes(object.tag) else {
            return Ok(None);
        };
        T::decode(bytes).map(Some).ok_or_else(|| self.unreadable(object.tag))
    }

    /// The value of an object that must be there. [B3 7.5]
    ///
    /// # Errors
    /// [`Cause::Missing`], or as [`get`](Self::get).
    pub fn require<T: Value>(&self, object: Object<T>) -> Result<T, Failed> {
        let bytes = self.bytes(object.tag).ok_or_else(|| self.missing(object.tag))?;
        T::decode(bytes).ok_or_else(|| self.unreadable(object.tag))
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        let index = self.memory.len().saturating_sub(self.objects * Slot::LENGTH);
        for written in [0..self.used, index..self.memory.len()] {
            zeroize::Zeroize::zeroize(self.memory.get_mut(written).unwrap_or_default());
        }
        (self.used, self.objects) = (0, 0);
    }

    /// Sets an object of the terminal.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    pub fn put<T: Value>(&mut self, object: Object<T>, value: T) -> Result<(), Failed> {
        self.put_bytes(object.tag, value.encode().as_ref())
    }

    /// Sets the amounts in all their forms: authorised (9F02, 81), the whole amount; other (9F03,
    /// 9F04), the cashback in it. Beyond 32 bits there is no binary form: those stay absent.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    pub fn put_amounts(&mut self, authorised: Amount, other: Amount) -> Result<(), Failed> {
        self.put(AMOUNT_AUTHORISED, authorised)?;
        self.put(AMOUNT_OTHER, other)?;
        for (object, amount) in
            [(AMOUNT_AUTHORISED_BINARY, authorised), (AMOUNT_OTHER_BINARY, other)]
        {
            match amount.binary() {
                Some(binary) => self.put_bytes(object.tag, &binary)?,
                None => self.forget(object.tag),
            }
        }
        Ok(())
    }

    /// Sets an object of the terminal, already coded.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    #[inline(never)]
    pub fn put_bytes(&mut self, tag: Tag, value: &[u8]) -> Result<(), Failed> {
        self.set(tag, Standing::from(Source::Terminal), value)
    }

    /// Sets an object that the issuer sent.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    pub fn put_issuer(&mut self, tag: Tag, value: &[u8]) -> Result<(), Failed> {
        self.set(tag, Standing::from(Source::Issuer), value)
    }

    /// Sets an object of the card that came without a tag of its own: in a format 1 answer.
    ///
    /// # Errors
    /// [`Cause::Redundant`] when the card gave it before and may not give it again;
    /// [`Cause::StoreFull`].
    pub fn put_card(&mut self, tag: Tag, value: &[u8], repeat: Repeat) -> Result<(), Failed> {
        if repeat == Repeat::Refuse && self.source(tag).is_some() {
            return Err(self.note(Fault::new(Cause::Redundant).about(tag)));
        }
        self.set(tag, Standing::from(Source::Card), value)
    }

    /// Sets an object of the card that a verified signature carried.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    pub fn put_signed(&mut self, tag: Tag, value: &[u8]) -> Result<(), Failed> {
        self.set(tag, Standing::from(Source::Card).signed(), value)
    }

    /// Keeps something beside the data objects.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    pub fn keep(&mut self, what: Kept, bytes: &[u8]) -> Result<(), Failed> {
        let source = match what {
            Kept::Scripts => Source::Issuer,
            Kept::Directory => Source::Terminal,
            _ => Source::Card,
        };
        self.set(what.tag(), Standing::from(source), bytes)
    }

    /// Forgets what was kept.
    pub fn discard(&mut self, what: Kept) {
        self.forget(what.tag());
    }

    /// What was kept beside the data objects.
    pub fn kept(&self, what: Kept) -> Option<&[u8]> {
        self.bytes(what.tag())
    }

    /// The card's key that offline data authentication verified. [B2 6.4]
    pub fn icc_public_key(&self) -> Option<PublicKey<'_>> {
        let exponent = self.bytes(ICC_PUBLIC_KEY_EXPONENT.tag)?;
        Some(PublicKey { modulus: self.kept(Kept::IccKey)?, exponent })
    }

    /// The card's verified key for PIN encipherment: its own, or else the one that signs.
    /// [B2 7.1]
    pub fn pin_public_key(&self) -> Option<PublicKey<'_>> {
        let Some(modulus) = self.kept(Kept::PinKey) else { return self.icc_public_key() };
        let exponent = self.bytes(ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_EXPONENT.tag)?;
        Some(PublicKey { modulus, exponent })
    }

    /// Who provided an object.
    pub fn source(&self, tag: Tag) -> Option<Source> {
        self.slot(tag).map(|(_, slot)| slot.standing.source())
    }

    /// Whether a verified signature covers the object's bytes.
    pub fn is_signed(&self, tag: Tag) -> bool {
        self.slot(tag).is_some_and(|(_, slot)| slot.standing.is_signed())
    }

    /// Every object with its value, in the order in which they came; one whose length changed came
    /// anew.
    pub fn objects(&self) -> impl Iterator<Item = (Tag, &[u8])> {
        self.slots()
            .filter(|slot| !slot.tag.is_constructed() && slot.tag < FIRST_INTERNAL)
            .map(|slot| (slot.tag, self.value(slot)))
    }

    /// Bytes in use and bytes lent.
    pub fn usage(&self) -> (usize, usize) {
        (self.used + self.objects * Slot::LENGTH, self.memory.len())
    }

    /// Forgets everything that card and issuer provided, and keeps what is the terminal's: the
    /// application was given up and another is tried.
    pub fn forget_card(&mut self) {
        self.retain(&|slot| slot.standing.source() == Source::Terminal);
    }

    /// Forgets everything that the card provided, and keeps what the issuer answered: the card is
    /// asked again. [A 8.1.1.22]
    pub fn forget_application(&mut self) {
        self.retain(&|slot| slot.standing.source() != Source::Card);
    }

    /// Forgets one object.
    pub fn forget(&mut self, tag: Tag) {
        if self.slot(tag).is_some() {
            self.retain(&|slot| slot.tag != tag);
        }
    }

    /// Forgets several objects, in one pass.
    pub fn forget_all(&mut self, tags: &[Tag]) {
        self.retain(&|slot| !tags.contains(&slot.tag));
    }

    /// Forgets objects by their tags.
    pub(crate) fn forget_range(&mut self, tags: Range<Tag>) {
        self.retain(&|slot| !tags.contains(&slot.tag));
    }

    fn retain(&mut self, keep: &dyn Fn(Slot) -> bool) {
        self.keep_slots(keep);
        // Objects of the card lie inside its records, which stay where they are.
        if !self.slots().any(|slot| slot.standing.source() == Source::Card) {
            self.close_gaps();
        }
    }

    #[inline(never)]
    fn keep_slots(&mut self, keep: &dyn Fn(Slot) -> bool) {
        let entries = self.index_cells();
        let mut places = entries.iter().rev();
        let mut kept = 0;
        for entry in entries.iter().rev() {
            let bytes = entry.take();
            if keep(Slot::read(&bytes))
                && let Some(place) = places.next()
            {
                place.set(bytes);
                kept += 1;
            }
        }
        self.objects = kept;
    }

    /// Moves the values together. They lie in the order of the index, so that none is overwritten
    /// before it moved.
    fn close_gaps(&mut self) {
        let mut end = 0;
        for place in 0..self.objects {
            let Some(slot) = self.slot_at(place) else { break };
            // Byte by byte: `copy_within` would do, but may panic.
            if let Some(bytes) = self.memory.get_mut(end..slot.end()) {
                let bytes = Cell::from_mut(bytes).as_slice_of_cells();
                let value = bytes.get(slot.start().saturating_sub(end)..).unwrap_or_default();
                bytes.iter().zip(value).for_each(|(to, from)| to.set(from.get()));
            }
            if let Some(moved) = slot.moved_to(end) {
                self.write_slot(place, moved);
            }
            end += slot.length();
        }
        if let Some(freed) = self.memory.get_mut(end..self.used) {
            zeroize::Zeroize::zeroize(freed);
        }
        self.used = end;
    }

    /// Writes or replaces an object.
    fn set(&mut self, tag: Tag, standing: Standing, value: &[u8]) -> Result<(), Failed> {
        match self.slot(tag) {
            // In place, unless the bytes belong to a record that is still to be hashed.
            Some((place, slot)) if slot.length() == value.len() && !slot.standing.is_covered() => {
                if let Some(room) = self.memory.get_mut(slot.start()..slot.end()) {
                    room.copy_from_slice(value);
                }
                if slot.standing != standing {
                    self.write_slot(place, slot.with(standing));
                }
                Ok(())
            }
            found => {
                let slots = usize::from(found.is_none());
                let start = self.append(value, slots, tag, standing.source())?;
                if found.is_some() {
                    // Behind all others, where its value lies.
                    self.keep_slots(&|slot| slot.tag != tag);
                }
                self.point(tag, standing, start, value.len())
            }
        }
    }
}

impl Drop for Database<'_> {
    #[inline]
    fn drop(&mut self) {
        // Most that are dropped stood in for one that the other side holds.
        if (self.used, self.objects) != (0, 0) {
            self.clear();
        }
    }
}

/// Values are account data: only tags and lengths are shown.
impl fmt::Debug for Database<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = self.slots().map(|slot| (slot.tag, slot.length()));
        f.debug_map().entries(lengths).finish()
    }
}

#[cfg(test)]
mod tests;
