//! Application File Locator: which records to read, and which of them are signed. [B3 10.2]

use crate::dictionary::emv::AFL;
use crate::fault::{Fault, RecordId};

/// An Application File Locator (94) whose every entry was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Afl<'a> {
    entries: &'a [[u8; 4]],
}

/// One entry: a range of records in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Short File Identifier, 1 to 30.
    pub sfi: u8,
    /// First record, from 1.
    pub first: u8,
    /// Last record, not before the first.
    pub last: u8,
    /// How many records, from the first, take part in offline data authentication.
    pub covered: u8,
}

impl<'a> Afl<'a> {
    /// Reads a value field. [B3 10.2]
    ///
    /// # Errors
    /// A format fault with the offset of the entry: no entries, a length that is not a multiple
    /// of four, SFI 0 or 31, bits 3 to 1 of the SFI byte not zero, record 0, a range that runs
    /// backwards, or more signed records than the range has.
    pub fn read(value: &'a [u8]) -> Result<Self, Fault> {
        let fault = |offset| Fault::format(AFL.tag).at(offset);
        let (entries, rest) = value.as_chunks();
        // [B3 10.2 whole-entries]
        if entries.is_empty() || !rest.is_empty() {
            return Err(fault(value.len() - rest.len()));
        }
        match entries.iter().position(|entry| Entry::read(entry).is_none()) {
            Some(place) => Err(fault(4 * place)),
            None => Ok(Self { entries }),
        }
    }

    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = Entry> + use<'a> {
        self.entries.iter().filter_map(Entry::read)
    }

    /// The record at a place in the order of [`records`](Self::records), from 0.
    pub fn record(&self, place: usize) -> Option<(RecordId, bool)> {
        let mut left = place;
        for Entry { sfi, first, last, covered } in self.entries() {
            let count = usize::from(last.checked_sub(first)?) + 1;
            match u8::try_from(left) {
                Ok(further) if left < count => {
                    let number = first.checked_add(further)?;
                    return Some((RecordId { sfi, number }, further < covered));
                }
                _ => left = left.checked_sub(count)?,
            }
        }
        None
    }

    /// Every record with whether it is covered by offline data authentication, in order.
    pub fn records(&self) -> impl Iterator<Item = (RecordId, bool)> + use<'a> {
        self.entries().flat_map(|Entry { sfi, first, last, covered }| {
            (first..=last).map(move |number| (RecordId { sfi, number }, number - first < covered))
        })
    }
}

impl Entry {
    /// One entry, if it makes sense.
    fn read(&[file, first, last, covered]: &[u8; 4]) -> Option<Self> {
        let sfi = file >> 3;
        // [B3 10.2 entries]
        let valid = file & 0x07 == 0
            && matches!(sfi, 1..=30)
            && first > 0
            && last >= first
            && covered.checked_sub(1).is_none_or(|covered| covered <= last - first);
        valid.then_some(Self { sfi, first, last, covered })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_records_in_order_with_what_is_covered() {
        let afl = Afl::read(&[0x08, 1, 2, 1, 0x18, 3, 3, 0]).unwrap();
        let records: Vec<_> =
            afl.records().map(|(r, covered)| (r.sfi, r.number, covered)).collect();
        assert_eq!(records, [(1, 1, true), (1, 2, false), (3, 3, false)]);
        let whole = Afl::read(&[0x08, 1, 255, 2, 0x18, 3, 4, 1]).unwrap();
        for (place, record) in whole.records().enumerate() {
            assert_eq!(whole.record(place), Some(record));
        }
        assert_eq!(whole.record(257), None);
        assert_eq!(Afl::read(&[0xF0, 0xFE, 0xFF, 2]).unwrap().records().count(), 2);
    }

    /// [B3 10.2 whole-entries; B3 10.2 entries]
    #[test]
    fn refuses_entries_that_make_no_sense() {
        for (value, offset) in [
            (&[][..], 0),
            (&[0x08, 1, 1], 0),
            (&[0x08, 1, 1, 0, 0x08], 4),
            (&[0x00, 1, 1, 0], 0),
            (&[0xF8, 1, 1, 0], 0),
            (&[0x09, 1, 1, 0], 0),
            (&[0x08, 0, 1, 0], 0),
            (&[0x08, 1, 1, 0, 0x08, 2, 1, 0], 4),
            (&[0x08, 1, 2, 3], 0),
        ] {
            let fault = Afl::read(value).unwrap_err();
            assert_eq!((fault.tag, fault.offset), (Some(AFL.tag), Some(offset)), "{value:02X?}");
        }
    }
}
