//! BER-TLV as EMV codes it: definite lengths, tags of up to four bytes. [B3 B] [B3 5.1; B3 B3]
//!
//! [`Tlvs`] walks the data objects of a template without copying. It builds no tree: a
//! constructed value is entered with [`Tlv::children`], so nesting is as deep as the caller asks
//! and no deeper.
//!
//! ```
//! use chipwright::{tag::Tag, tlv::Tlvs};
//!
//! let record = [0x5A, 0x02, 0x47, 0x61, 0x9F, 0x07, 0x02, 0xFF, 0x00];
//! let tags: Result<Vec<Tag>, _> = Tlvs::new(&record).map(|tlv| tlv.map(|tlv| tlv.tag)).collect();
//! assert_eq!(tags, Ok(vec![Tag(0x5A), Tag(0x9F07)]));
//! ```

mod writer;

pub use writer::{Full, Writer};

use crate::tag::{Tag, continues};
use core::fmt;

/// One data object: a view into the bytes that it was read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag.
    pub tag: Tag,
    /// The value field.
    pub value: &'a [u8],
    /// The whole object as received: tag, length and value.
    pub raw: &'a [u8],
}

impl<'a> Tlv<'a> {
    /// The data objects inside; only a constructed value has any.
    pub fn children(&self) -> Tlvs<'a> {
        Tlvs::new(self.value)
    }
}

/// Values may be a PAN or a key: only the tag and the length are shown.
impl fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlv({}, {} bytes)", self.tag, self.value.len())
    }
}

/// What is wrong with a BER-TLV string, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Offset of the object that is wrong, in bytes from the start of the string.
    pub offset: usize,
}

/// What is wrong with a data object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The string ends within a tag.
    TruncatedTag,
    /// The tag has more than four bytes.
    TagTooLong,
    /// The string ends within a length.
    TruncatedLength,
    /// The indefinite form (length byte 80), which EMV does not use. [B3 B2]
    IndefiniteLength,
    /// The length has more than four bytes.
    LengthTooLong,
    /// The value reaches past the end of the string or of its template.
    TruncatedValue,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TruncatedTag => "truncated tag",
            Self::TagTooLong => "tag of more than four bytes",
            Self::TruncatedLength => "truncated length",
            Self::IndefiniteLength => "indefinite length",
            Self::LengthTooLong => "length of more than four bytes",
            Self::TruncatedValue => "truncated value",
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.kind, self.offset)
    }
}

impl core::error::Error for Error {}

/// Iterates over the data objects of a BER-TLV string, in order.
///
/// Bytes 00 before, between and behind objects are padding and are skipped. [B3 B1] After an
/// error the iterator is exhausted.
#[derive(Clone)]
pub struct Tlvs<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Tlvs<'a> {
    /// Walks `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    /// Offset of the next unread byte.
    pub const fn offset(&self) -> usize {
        self.length - self.rest.len()
    }

    /// The unread bytes.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether there are unread bytes, all of them padding.
    pub(crate) fn rest_is_padding(&self) -> bool {
        !self.rest.is_empty() && self.rest.iter().all(|byte| *byte == 0)
    }

    /// The one object that the whole string consists of, padding aside.
    ///
    /// `Ok(None)` when there is none or more than one.
    ///
    /// # Errors
    /// The first [`Error`] of the string.
    pub fn only(mut self) -> Result<Option<Tlv<'a>>, Error> {
        let first = self.next().transpose()?;
        Ok(if self.next().transpose()?.is_some() { None } else { first })
    }
}

impl fmt::Debug for Tlvs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tlvs({} of {} bytes left)", self.rest.len(), self.length)
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<Tlv<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while let [0, rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return None;
        }
        Some(match read(self.rest) {
            Ok((tlv, rest)) => {
                self.rest = rest;
                Ok(tlv)
            }
            Err(kind) => {
                let offset = self.offset();
                self.rest = &[];
                Err(Error { kind, offset })
            }
        })
    }
}

/// Reads the object that `input` starts with; gives it and what follows.
#[inline]
fn read(input: &[u8]) -> Result<(Tlv<'_>, &[u8]), ErrorKind> {
    let (tag, after_tag) = read_tag(input)?;
    let (length, body) = match *after_tag {
        [length @ ..=0x7F, ref body @ ..] => (usize::from(length), body),
        [0x81, length, ref body @ ..] => (usize::from(length), body),
        _ => read_long_length(after_tag)?,
    };
    let (value, rest) = body.split_at_checked(length).ok_or(ErrorKind::TruncatedValue)?;
    let raw = input.get(..input.len() - rest.len()).unwrap_or(input);
    Ok((Tlv { tag, value, raw }, rest))
}

/// Reads the tag that `input` starts with.
#[inline]
pub(crate) fn read_tag(input: &[u8]) -> Result<(Tag, &[u8]), ErrorKind> {
    match *input {
        [a, ref rest @ ..] if !continues(a) => Ok((Tag(u32::from(a)), rest)),
        [a, b @ ..=0x7F, ref rest @ ..] => Ok((Tag(u32::from(u16::from_be_bytes([a, b]))), rest)),
        [a, b, c @ ..=0x7F, ref rest @ ..] => Ok((Tag(u32::from_be_bytes([0, a, b, c])), rest)),
        [a, b, c, d @ ..=0x7F, ref rest @ ..] => Ok((Tag(u32::from_be_bytes([a, b, c, d])), rest)),
        [_, _, _, _, ..] => Err(ErrorKind::TagTooLong),
        _ => Err(ErrorKind::TruncatedTag),
    }
}

/// Lengths of two to four bytes, and the faulty ones.
#[cold]
fn read_long_length(input: &[u8]) -> Result<(usize, &[u8]), ErrorKind> {
    let (&first, rest) = input.split_first().ok_or(ErrorKind::TruncatedLength)?;
    let count = match first {
        // [B3 B2 indefinite]
        0x80 => return Err(ErrorKind::IndefiniteLength), // [B3 B2]
        0x81..=0x84 => usize::from(first & 0x7F),
        _ => return Err(ErrorKind::LengthTooLong),
    };
    let (bytes, body) = rest.split_at_checked(count).ok_or(ErrorKind::TruncatedLength)?;
    let length = bytes.iter().fold(0u32, |length, &byte| length << 8 | u32::from(byte));
    Ok((usize::try_from(length).map_err(|_| ErrorKind::TruncatedValue)?, body))
}

/// The value of the first object with `tag` directly inside `template`.
///
/// # Errors
/// The first [`Error`] met on the way.
pub fn find(template: &[u8], tag: Tag) -> Result<Option<&[u8]>, Error> {
    for tlv in Tlvs::new(template) {
        let tlv = tlv?;
        if tlv.tag == tag {
            return Ok(Some(tlv.value));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(bytes: &[u8]) -> Result<Vec<(u32, Vec<u8>)>, Error> {
        Tlvs::new(bytes).map(|tlv| tlv.map(|tlv| (tlv.tag.0, tlv.value.to_vec()))).collect()
    }

    #[test]
    fn skips_padding_anywhere() {
        let padded = [0, 0, 0x9A, 1, 7, 0, 0x9C, 0, 0, 0];
        assert_eq!(kinds(&padded), Ok(vec![(0x9A, vec![7]), (0x9C, vec![])]));
        assert_eq!(kinds(&[0, 0]), Ok(vec![]));
    }

    /// [B3 B; B3 B3]
    /// [B3 B2 indefinite]
    #[test]
    fn says_what_is_wrong_and_where() {
        let cases: [(&[u8], ErrorKind, usize); 10] = [
            (&[0x9F], ErrorKind::TruncatedTag, 0),
            (&[0x9A, 0, 0x9F, 0xF0], ErrorKind::TruncatedTag, 2),
            (&[0x9F, 0x81, 0x81, 0x81, 0x01, 0], ErrorKind::TagTooLong, 0),
            (&[0, 0x9C], ErrorKind::TruncatedLength, 1),
            (&[0x9C, 0x82, 1], ErrorKind::TruncatedLength, 0),
            (&[0x9C, 0x81], ErrorKind::TruncatedLength, 0),
            (&[0x9C, 0x80, 0, 0], ErrorKind::IndefiniteLength, 0),
            (&[0x9C, 0x85, 0, 0, 0, 0, 0], ErrorKind::LengthTooLong, 0),
            (&[0x9C, 1, 0, 0x9A, 2, 1], ErrorKind::TruncatedValue, 3),
            (&[0x9C, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 1], ErrorKind::TruncatedValue, 0),
        ];
        for (bytes, kind, offset) in cases {
            assert_eq!(kinds(bytes), Err(Error { kind, offset }), "{bytes:02X?}");
        }
    }

    #[test]
    fn ends_after_an_error() {
        let mut tlvs = Tlvs::new(&[0x9C, 0x80, 0x9A, 0]);
        assert!(tlvs.next().unwrap().is_err());
        assert!(tlvs.next().is_none());
    }

    #[test]
    fn only_wants_exactly_one() {
        assert_eq!(Tlvs::new(&[0x70, 1, 5, 0]).only().unwrap().unwrap().value, [5]);
        assert_eq!(Tlvs::new(&[0x70, 0, 0x70, 0]).only(), Ok(None));
        assert_eq!(Tlvs::new(&[]).only(), Ok(None));
        assert!(Tlvs::new(&[0x70, 0, 0x70]).only().is_err());
    }

    #[test]
    fn debug_hides_values() {
        let pan = Tlv { tag: Tag(0x5A), value: &[0x47, 0x61], raw: &[] };
        assert_eq!(format!("{pan:?}"), "Tlv(5A, 2 bytes)");
    }

    proptest! {
        #[test]
        fn walks_anything_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut covered = 0;
            for tlv in Tlvs::new(&bytes).map_while(Result::ok) {
                covered += tlv.raw.len();
                prop_assert!(tlv.raw.ends_with(tlv.value) && covered <= bytes.len());
            }
        }

        #[test]
        fn reads_what_the_writer_wrote(
            objects in prop::collection::vec((1u8..0x1F, prop::collection::vec(any::<u8>(), 0..300)), 0..8)
        ) {
            let mut out = [0; 4096];
            let mut writer = Writer::new(&mut out);
            for (tag, value) in &objects {
                writer.put(Tag(u32::from(*tag)), value).unwrap();
            }
            let read: Vec<_> = kinds(writer.written()).unwrap();
            let wanted: Vec<_> = objects.into_iter().map(|(tag, value)| (u32::from(tag), value)).collect();
            prop_assert_eq!(read, wanted);
        }
    }
}
