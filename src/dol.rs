//! Data object lists: one routine for PDOL, CDOL1, CDOL2, DDOL and TDOL. [B3 5.4] [B3 5.3]

mod filling;

use crate::database::Database;
use crate::dictionary::Dictionary;
use crate::dictionary::emv::PDOL;
use crate::event::Events;
use crate::fault::{Failed, Fault};
use crate::tag::Tag;
use crate::tlv::{self, ErrorKind};
use filling::{Filling, Pieces};

/// A data object list: tags and lengths.
#[derive(Clone, Copy, Debug)]
pub struct Dol<'a> {
    bytes: &'a [u8],
}

/// One entry of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The object asked for.
    pub tag: Tag,
    /// Bytes asked for.
    pub length: u8,
}

impl<'a> Dol<'a> {
    /// The list in `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The entries, in order; an error ends them.
    pub const fn entries(&self) -> Entries<'a> {
        Entries { rest: self.bytes, length: self.bytes.len() }
    }

    /// Whether the list asks for `tag` anywhere before a faulty entry.
    pub fn asks_for(&self, tag: Tag) -> bool {
        self.entries().map_while(Result::ok).any(|entry| entry.tag == tag)
    }

    /// Bytes that the filled list takes.
    ///
    /// # Errors
    /// As [`Entries`].
    pub fn filled_length(&self) -> Result<usize, tlv::Error> {
        self.entries().try_fold(0, |sum, entry| Ok(sum + usize::from(entry?.length)))
    }

    /// Cuts `filled`, what was sent for this list, into the objects that it was filled with, in
    /// order: each with the length that the list asks for. [B3 5.4]
    ///
    /// # Errors
    /// As [`Entries`]; [`ErrorKind::TruncatedValue`] at the length of `filled` when it is not as
    /// long as the list makes it.
    pub fn split<'d>(
        &self,
        filled: &'d [u8],
    ) -> Result<impl Iterator<Item = (Tag, &'d [u8])> + use<'a, 'd>, tlv::Error> {
        if self.filled_length()? != filled.len() {
            return Err(tlv::Error { kind: ErrorKind::TruncatedValue, offset: filled.len() });
        }
        let mut rest = filled;
        Ok(self.entries().map_while(Result::ok).map_while(move |entry| {
            let (value, behind) = rest.split_at_checked(entry.length.into())?;
            rest = behind;
            Some((entry.tag, value))
        }))
    }

    /// Fills the list from `data` into `out`; gives the number of bytes written. [B3 5.4]
    ///
    /// `name` is the list's own tag, for events and errors.
    ///
    /// # Errors
    /// A BER-TLV fault about `name` when the list is malformed; a format fault about it when
    /// it asks for more than `out` holds: a list that no command can carry.
    pub fn fill(
        &self,
        name: Tag,
        data: &Database<'_>,
        dictionary: Dictionary<'_>,
        out: &mut [u8],
        events: Events<'_>,
    ) -> Result<usize, Failed> {
        let mut written = 0;
        for piece in self.pieces(name, data, dictionary, events) {
            let piece = data.noted(piece)?;
            let end = written + piece.len();
            match out.get_mut(written..end) {
                Some(room) => room.copy_from_slice(piece),
                None => return Err(data.malformed(name)),
            }
            written = end;
        }
        Ok(written)
    }

    /// What the list is filled with from `data`, piece by piece: for a list that no command
    /// carries and that may be of any length, the TDOL. [B3 5.4, 9.2.2]
    ///
    /// An item is a BER-TLV fault about `name` where the list is malformed; it is the last.
    pub fn pieces<'d>(
        &self,
        name: Tag,
        data: &'d Database<'_>,
        dictionary: Dictionary<'d>,
        events: Events<'d>,
    ) -> impl Iterator<Item = Result<&'d [u8], Fault>> + use<'a, 'd> {
        Pieces {
            name,
            entries: self.entries(),
            filling: Filling::NOTHING,
            data,
            dictionary,
            events,
        }
    }
}

/// Fills the PDOL (9F38) of `data` into `out` as GET PROCESSING OPTIONS carries it: in the command
/// template (83), which is empty where the card has no PDOL. Gives the number of bytes written.
/// [B3 6.5.8]
///
/// # Errors
/// As [`Dol::fill`].
pub fn fill_command_template(
    data: &Database<'_>,
    dictionary: Dictionary<'_>,
    out: &mut [u8],
    events: Events<'_>,
) -> Result<usize, Failed> {
    let too_long = || data.malformed(PDOL.tag); // the card's: no command carries it
    let pdol = Dol::new(data.bytes(PDOL.tag).unwrap_or_default());
    let length = pdol.filled_length().map_err(|error| Fault::from(error).about(PDOL.tag));
    let length = data.noted(length)?;
    let short = u8::try_from(length).map_err(|_| too_long())?;
    // [B3 6.5.8 template]
    let header: &[u8] = if short < 0x80 { &[0x83, short] } else { &[0x83, 0x81, short] };
    let (start, rest) = out.split_at_mut_checked(header.len()).ok_or_else(too_long)?;
    start.copy_from_slice(header);
    Ok(header.len() + pdol.fill(PDOL.tag, data, dictionary, rest, events)?)
}

/// Iterates over the entries of a list. An error's offset is that of the faulty entry; the
/// iterator is then exhausted.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
    length: usize,
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, tlv::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let offset = self.length - self.rest.len();
        let entry = tlv::read_tag(self.rest).and_then(|(tag, rest)| {
            let (&length, rest) = rest.split_first().ok_or(ErrorKind::TruncatedLength)?;
            Ok((Entry { tag, length }, rest))
        });
        Some(match entry {
            Ok((entry, rest)) => {
                self.rest = rest;
                Ok(entry)
            }
            Err(kind) => {
                self.rest = &[];
                Err(tlv::Error { kind, offset })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::EMV;

    fn filled(dol: &str, objects: &[(u32, &str)]) -> Result<String, Fault> {
        let mut memory = [0; 512];
        let mut data = Database::new(&mut memory);
        for (tag, value) in objects {
            data.put_bytes(Tag(*tag), &hex::decode(value).unwrap()).unwrap();
        }
        let dol = hex::decode(dol).unwrap();
        let mut out = [0xEE; 64];
        let written = Dol::new(&dol).fill(Tag(0x8C), &data, EMV, &mut out, Events::NONE);
        let written = data.told(written)?;
        Ok(hex::encode_upper(&out[..written]))
    }

    /// [B3 5.4 numeric; B3 5.4 compressed]
    #[test]
    fn every_format_keeps_its_own_end() {
        // Numeric: right end kept, zeros on the left.
        assert_eq!(filled("9F0203", &[(0x9F02, "000123456789")]).unwrap(), "456789");
        assert_eq!(filled("9C03", &[(0x9C, "09")]).unwrap(), "000009");
        // Compressed numeric: left end kept, F on the right.
        assert_eq!(filled("5A05", &[(0x5A, "541333008902001F")]).unwrap(), "5413330089");
        assert_eq!(filled("9F2005", &[(0x9F20, "12345F")]).unwrap(), "12345FFFFF");
        // Everything else: left end kept, zeros on the right.
        assert_eq!(filled("9F3703", &[(0x9F37, "DEADBEEF")]).unwrap(), "DEADBE");
        assert_eq!(filled("9506", &[(0x95, "1234554321")]).unwrap(), "123455432100");
        assert_eq!(
            filled("9F1C09", &[(0x9F1C, "3132333435363738")]).unwrap(),
            "313233343536373800"
        );
        assert_eq!(filled("9A00", &[(0x9A, "240217")]).unwrap(), "");
        // However much is missing.
        for length in [16, 17, 47, 48] {
            let padding = "0".repeat(2 * length - 2);
            assert_eq!(
                filled(&format!("9C{length:02X}"), &[(0x9C, "09")]).unwrap(),
                padding.clone() + "09"
            );
            assert_eq!(
                filled(&format!("5A{length:02X}"), &[(0x5A, "54")]).unwrap(),
                "54".to_owned() + &padding.replace('0', "F")
            );
            assert_eq!(
                filled(&format!("8F{length:02X}"), &[(0x8F, "54")]).unwrap(),
                "54".to_owned() + &padding
            );
        }
    }

    /// [B3 5.4 unknown]
    #[test]
    fn unknown_absent_and_constructed_objects_are_zeros() {
        assert_eq!(filled("DF0102", &[]).unwrap(), "0000");
        assert_eq!(filled("7003", &[]).unwrap(), "000000");
        assert_eq!(filled("5A03", &[]).unwrap(), "000000");
    }

    /// [B3 5.3]
    #[test]
    fn a_malformed_list_is_a_fault_with_its_offset() {
        for (dol, offset) in
            [("9F0206 9F".replace(' ', ""), 3), ("95".into(), 0), ("950500".into(), 2)]
        {
            let fault = filled(&dol, &[]).unwrap_err();
            assert_eq!((fault.tag, fault.offset), (Some(Tag(0x8C)), Some(offset)), "{dol}");
        }
        // Too long a list is the fault of who wrote it, not of who fills it.
        assert_eq!(filled("9F02419F0200", &[]).unwrap_err(), Fault::format(Tag(0x8C)));
    }

    #[test]
    fn what_was_filled_is_cut_apart_again() {
        let dol = Dol::new(&[0x9F, 0x37, 4, 0x95, 5, 0x9A, 0, 0x9C, 1]);
        let filled: Vec<u8> = (1..=10).collect();
        let parts: Vec<_> =
            dol.split(&filled).unwrap().map(|(tag, value)| (tag.0, value)).collect();
        let expected: [(u32, &[u8]); 4] =
            [(0x9F37, &[1, 2, 3, 4]), (0x95, &[5, 6, 7, 8, 9]), (0x9A, &[]), (0x9C, &[10])];
        assert_eq!(parts, expected);
        assert_eq!(Dol::new(&[]).split(&[]).unwrap().count(), 0);
        for length in [0, 9, 11, 255] {
            let filled = vec![0; length];
            let error = dol.split(&filled).map(drop).unwrap_err();
            assert_eq!((error.kind, error.offset), (ErrorKind::TruncatedValue, length));
        }
        // A list that breaks off is told as such, whatever was sent for it.
        let error = Dol::new(&[0x95, 1, 0x9F]).split(&[7]).map(drop).unwrap_err();
        assert_eq!((error.kind, error.offset), (ErrorKind::TruncatedTag, 2));
    }

    #[test]
    fn asks_for_what_it_lists() {
        let dol = Dol::new(&[0x9F, 0x37, 4, 0x95, 5]);
        assert!(dol.asks_for(Tag(0x9F37)) && dol.asks_for(Tag(0x95)));
        assert!(!dol.asks_for(Tag(0x9F02)));
        assert_eq!(dol.filled_length(), Ok(9));
        assert!(Dol::new(&[0x95]).filled_length().is_err());
    }
}
