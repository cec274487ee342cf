//! Answer to reset: what a card says of itself before the first command. [B1 8]
//!
//! Readers interpret it and hand over whole answers to commands; this module is for readers that
//! leave it to the terminal, and for tools that explain it. [`Atr::read`] takes an answer apart as
//! ISO/IEC 7816-3 codes it, [`Atr::check`] says whether a terminal may go on with the card.
//!
//! ```
//! use chipwright::atr::{Atr, Reset, Violation};
//!
//! let atr = Atr::read(&[0x3B, 0x60, 0x00, 0x00]).unwrap();
//! assert_eq!(atr.first_protocol(), 0);
//! assert_eq!(atr.check(Reset::Cold), Ok(()));
//! let atr = Atr::read(&[0x3B, 0x40, 0x05]).unwrap();
//! assert_eq!(atr.check(Reset::Cold), Err(Violation::ProgrammingVoltage));
//! ```

mod check;

pub use check::{Reset, Violation};

use core::fmt;

/// Most bytes of an answer: the initial character and 32 more.
pub const MAX_ATR: usize = 33;

/// An answer to reset whose parts are all there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Atr<'a> {
    convention: Convention,
    /// Format character T0: which characters the first group has, how many are historical.
    format: u8,
    /// What follows T0.
    behind: &'a [u8],
    historical: &'a [u8],
}

/// How bits are levels on the line: the initial character TS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Convention {
    /// 3B: least significant bit first, high is one.
    Direct,
    /// 3F: most significant bit first, low is one.
    Inverse,
}

/// A group of interface characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Group {
    /// The protocol that the characters are about, by the group before: T=0, T=1, or T=15 for
    /// what counts whatever the protocol. The first two groups have characters of fixed meaning.
    pub protocol: u8,
    /// TA.
    pub ta: Option<u8>,
    /// TB.
    pub tb: Option<u8>,
    /// TC.
    pub tc: Option<u8>,
    /// TD: which characters the next group has, and what they are about.
    pub td: Option<u8>,
}

/// Why bytes are no answer to reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Error {
    /// The initial character is neither 3B nor 3F.
    InitialCharacter,
    /// It ends before its parts do.
    Truncated,
    /// It goes on behind its parts, or has more than [`MAX_ATR`] bytes.
    TooLong,
    /// The check character does not fit.
    CheckCharacter,
}

impl<'a> Atr<'a> {
    /// Takes an answer apart.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let [initial, format, behind @ ..] = bytes else {
            return Err(Error::Truncated);
        };
        let convention = match initial {
            0x3B => Convention::Direct,
            0x3F => Convention::Inverse,
            _ => return Err(Error::InitialCharacter),
        };
        if bytes.len() > MAX_ATR {
            return Err(Error::TooLong);
        }
        let atr = Self { convention, format: *format, behind, historical: &[] };
        let mut groups = atr.groups();
        // The check character may be left out when T=0 alone is offered, and only then.
        let checked = groups.by_ref().filter_map(|group| group.td).any(|td| td & 0x0F != 0);
        groups.by_ref().for_each(drop);
        let rest = groups.rest.ok_or(Error::Truncated)?;
        let (historical, rest) =
            rest.split_at_checked(usize::from(format & 0x0F)).ok_or(Error::Truncated)?;
        let parts = behind.split_last().map_or(&[][..], |(_, parts)| parts);
        let sum = parts.iter().fold(*format, |sum, byte| sum ^ byte);
        match rest {
            [] if checked => Err(Error::Truncated),
            [check] if *check != sum => Err(Error::CheckCharacter),
            [] | [_] => Ok(Self { historical, ..atr }),
            _ => Err(Error::TooLong),
        }
    }

    /// The convention.
    pub const fn convention(&self) -> Convention {
        self.convention
    }

    /// The groups of interface characters, in order: the first has TA1 to TD1.
    pub const fn groups(&self) -> Groups<'a> {
        Groups { rest: Some(self.behind), present: Some(self.format), protocol: 0 }
    }

    /// The historical characters, 0 to 15.
    pub const fn historical(&self) -> &'a [u8] {
        self.historical
    }

    /// The protocol that the card offers first: T=0 when it does not say.
    pub fn first_protocol(&self) -> u8 {
        self.groups().next().and_then(|group| group.td).map_or(0, |td| td & 0x0F)
    }
}

/// Iterates over the groups of interface characters.
#[derive(Clone, Debug)]
pub struct Groups<'a> {
    /// What follows; none once it ended within a group.
    rest: Option<&'a [u8]>,
    /// Bits 8 to 5: characters of the next group.
    present: Option<u8>,
    protocol: u8,
}

impl Groups<'_> {
    fn character(&mut self, present: u8, bit: u8) -> Option<u8> {
        if present & bit == 0 {
            return None;
        }
        let split = self.rest.and_then(<[u8]>::split_first);
        self.rest = split.map(|(_, rest)| rest);
        split.map(|(character, _)| *character)
    }
}

impl Iterator for Groups<'_> {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        let present = self.present.take()?;
        let group = Group {
            protocol: self.protocol,
            ta: self.character(present, 0x10),
            tb: self.character(present, 0x20),
            tc: self.character(present, 0x40),
            td: self.character(present, 0x80),
        };
        self.present = group.td;
        self.protocol = group.td.unwrap_or_default() & 0x0F;
        self.rest.map(|_| group)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InitialCharacter => "initial character neither 3B nor 3F",
            Self::Truncated => "shorter than its parts",
            Self::TooLong => "longer than its parts",
            Self::CheckCharacter => "wrong check character",
        })
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Puts an answer together; the last byte of `parts` is followed by its check character.
    pub(super) fn checked(parts: &[u8]) -> Vec<u8> {
        let check = parts[1..].iter().fold(0, |sum, byte| sum ^ byte);
        [parts, &[check]].concat()
    }

    #[test]
    fn parts_are_told_apart() {
        let bytes = checked(&[0x3F, 0xF2, 0x13, 0x00, 0xFF, 0x91, 0x01, 0x71, 0x7C, 0x41, 0, 8, 9]);
        let atr = Atr::read(&bytes).unwrap();
        assert_eq!((atr.convention(), atr.historical()), (Convention::Inverse, &[8, 9][..]));
        assert_eq!(atr.first_protocol(), 1);
        let groups: Vec<Group> = atr.groups().collect();
        let expected = [
            Group { protocol: 0, ta: Some(0x13), tb: Some(0), tc: Some(0xFF), td: Some(0x91) },
            Group { protocol: 1, ta: Some(0x01), tb: None, tc: None, td: Some(0x71) },
            Group { protocol: 1, ta: Some(0x7C), tb: Some(0x41), tc: Some(0), td: None },
        ];
        assert_eq!(groups, expected);
        let least = Atr::read(&[0x3B, 0x00]).unwrap();
        assert_eq!((least.first_protocol(), least.groups().count()), (0, 1));
    }

    #[test]
    fn every_byte_counts() {
        let whole = checked(&[0x3B, 0xE2, 0x00, 0xFF, 0x81, 0x31, 0x7C, 0x41, 1, 2]);
        assert!(Atr::read(&whole).is_ok());
        for length in 0..whole.len() {
            assert_eq!(Atr::read(&whole[..length]), Err(Error::Truncated), "{length}");
        }
        assert_eq!(Atr::read(&[&whole[..], &[0]].concat()), Err(Error::TooLong));
        for place in 1..whole.len() {
            let mut other = whole.clone();
            other[place] ^= 0x01;
            assert!(Atr::read(&other).is_err(), "{place}");
        }
        assert_eq!(Atr::read(&[0x3C, 0x00]), Err(Error::InitialCharacter));
        assert_eq!(Atr::read(&[0x3B, 0x01, 5, 5]), Err(Error::CheckCharacter));
        assert_eq!(Atr::read(&[0x3B, 0x01, 5, 4, 0]), Err(Error::TooLong));
        assert_eq!(Atr::read(&[0x3B; 34]), Err(Error::TooLong));
        // T=0 alone needs no check character; with T=15 beside it there is one.
        assert!(Atr::read(&[0x3B, 0x80, 0x00]).is_ok());
        assert!(Atr::read(&[0x3B, 0x80, 0x00, 0x80]).is_ok());
        assert_eq!(Atr::read(&[0x3B, 0x80, 0x80, 0x0F]), Err(Error::Truncated));
        assert!(Atr::read(&checked(&[0x3B, 0x80, 0x80, 0x0F])).is_ok());
        assert_eq!(Error::Truncated.to_string(), "shorter than its parts");
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_only_refused(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let bytes = [&[0x3B], &bytes[..]].concat();
            if let Ok(atr) = Atr::read(&bytes) {
                prop_assert!(atr.groups().count() <= 32 && atr.historical().len() <= 15);
                let _ = (atr.check(Reset::Cold), atr.check(Reset::Warm));
            }
        }
    }
}
