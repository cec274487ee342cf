//! What the entries of a list are filled with. [B3 5.4]

use super::{Entries, Entry};
use crate::database::Database;
use crate::dictionary::{Dictionary, Format};
use crate::event::{Event, Events, ListOrigin};
use crate::fault::Fault;
use crate::tag::Tag;
use core::cmp::Ordering;

/// A filled list, piece by piece.
pub(super) struct Pieces<'a, 'd> {
    pub(super) name: Tag,
    pub(super) entries: Entries<'a>,
    /// What is left of the entry before.
    pub(super) filling: Filling<'d>,
    pub(super) data: &'d Database<'d>,
    pub(super) dictionary: Dictionary<'d>,
    pub(super) events: Events<'d>,
}

impl<'d> Iterator for Pieces<'_, 'd> {
    type Item = Result<&'d [u8], Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(piece) = self.filling.next_piece() {
                return Some(Ok(piece));
            }
            match self.entries.next()? {
                Ok(entry) => {
                    let Self { name, data, dictionary, events, .. } = *self;
                    self.filling = Filling::of(name, entry, data, dictionary, events);
                }
                Err(error) => return Some(Err(Fault::from(error).about(self.name))),
            }
        }
    }
}

/// What one entry is filled with: as many zeros, then bytes of the object, then padding.
#[derive(Clone, Copy)]
pub(super) struct Filling<'d> {
    zeros: u8,
    value: &'d [u8],
    padding: u8,
    /// What the padding is made of.
    byte: u8,
    origin: ListOrigin,
}

impl<'d> Filling<'d> {
    pub(super) const NOTHING: Self = Self::zeros(0, ListOrigin::Absent);

    const fn zeros(length: u8, origin: ListOrigin) -> Self {
        Self { zeros: length, value: &[], padding: 0, byte: 0x00, origin }
    }

    fn of(
        list: Tag,
        entry: Entry,
        data: &'d Database<'_>,
        dictionary: Dictionary<'_>,
        events: Events<'_>,
    ) -> Self {
        let Entry { tag, length } = entry;
        // [B3 5.4] Unknown tags and templates are answered with zeros, as is what is absent.
        let filling = match (dictionary.entry(tag), data.bytes(tag)) {
            // [B3 5.4 unknown]
            (None, _) => Self::zeros(length, ListOrigin::Unknown),
            (_, None) => Self::zeros(length, ListOrigin::Absent),
            (Some(known), Some(value)) => Self::fit(value, known.format(), length),
        };
        events.emit(&Event::ListEntry { list, tag, length, origin: filling.origin });
        filling
    }

    /// Cuts or pads `value` by the rules of its format. [B3 5.4]
    fn fit(value: &'d [u8], format: Format, length: u8) -> Self {
        let wanted = usize::from(length);
        let origin = match wanted.cmp(&value.len()) {
            Ordering::Equal => ListOrigin::Whole,
            Ordering::Less => ListOrigin::Truncated,
            Ordering::Greater => ListOrigin::Padded,
        };
        let missing = length.saturating_sub(u8::try_from(value.len()).unwrap_or(u8::MAX));
        let surplus = value.len().saturating_sub(wanted);
        // Numeric values keep their right end, all others their left end.
        // [B3 5.4 numeric]
        if format == Format::N {
            let value = value.get(surplus..).unwrap_or_default();
            return Self { zeros: missing, value, padding: 0, byte: 0x00, origin };
        }
        let value = value.get(..value.len() - surplus).unwrap_or_default();
        // [B3 5.4 compressed]
        let byte = if format == Format::Cn { 0xFF } else { 0x00 };
        Self { zeros: 0, value, padding: missing, byte, origin }
    }

    /// What comes next, taken away.
    fn next_piece(&mut self) -> Option<&'d [u8]> {
        if self.zeros > 0 {
            return Some(take(&mut self.zeros, &[0x00; _]));
        }
        if !self.value.is_empty() {
            return Some(core::mem::take(&mut self.value));
        }
        let padding = if self.byte == 0xFF { &[0xFF; _] } else { &[0x00; _] };
        (self.padding > 0).then(|| take(&mut self.padding, padding))
    }
}

/// Zeros and padding are handed out in pieces of this length at most.
const CHUNK: u8 = 16;

type Chunk = [u8; CHUNK as usize];

/// Takes as much as there is in one chunk.
fn take<'c>(left: &mut u8, chunk: &'c Chunk) -> &'c [u8] {
    let piece = chunk.get(..usize::from(*left)).unwrap_or(chunk);
    *left = left.saturating_sub(CHUNK);
    piece
}
