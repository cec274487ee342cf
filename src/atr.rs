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

/// Which reset the card answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reset {
    /// The first one.
    Cold,
    /// A second one without power having been off.
    Warm,
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

/// Why a terminal does not go on with a card. [B1 8]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Violation {
    /// TA1: a speed that must be used at once and is none of 11 to 13.
    Speed,
    /// TB1: absent, or programming voltage asked for, after a cold reset.
    ProgrammingVoltage,
    /// TC1: extra guard time, neither none nor least.
    GuardTime,
    /// TD1: the first protocol is neither T=0 nor T=1.
    FirstProtocol,
    /// TA2: a protocol that must be used at once and is not the first.
    SpecificProtocol,
    /// TA2: parameters that the interface characters do not tell.
    ImplicitParameters,
    /// TB2: programming voltage.
    SecondProgrammingVoltage,
    /// TC2: a waiting time other than 0A.
    WaitingTime,
    /// TD2: a second protocol that may not follow the first.
    SecondProtocol,
    /// TA3 of T=1: a field size below 10, or FF.
    FieldSize,
    /// TB3 of T=1: absent, waiting times beyond their limits, or shorter than the guard time.
    BlockWaitingTime,
    /// TC3 of T=1: error detection other than by the longitudinal code.
    ErrorDetection,
    /// TA3 of T=15: no class of operating conditions.
    OperatingClass,
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

    /// Whether a terminal goes on with the card after this answer. [B1 8]
    ///
    /// # Errors
    /// The first character that it does not go on with, in their order.
    pub fn check(&self, reset: Reset) -> Result<(), Violation> {
        let mut groups = self.groups();
        let [first, second] = [groups.next(), groups.next()].map(Option::unwrap_or_default);
        check_first(first, second, reset)?;
        check_second(first, second)?;
        let third = |protocol| self.groups().skip(2).find(|group| group.protocol == protocol);
        let offers_t1 = [first, second].into_iter().filter_map(|group| group.td);
        if offers_t1.into_iter().any(|td| td & 0x0F == 1) {
            check_t1(third(1).unwrap_or_default(), first.tc)?;
        }
        match third(15).and_then(|group| group.ta) {
            Some(class) if !matches!(class & 0x3F, 1..=7) => Err(Violation::OperatingClass),
            _ => Ok(()),
        }
    }
}

/// TA1 to TD1. [B1 8]
const fn check_first(first: Group, second: Group, reset: Reset) -> Result<(), Violation> {
    // Bit 5 of TA2: the parameters are others than the characters tell.
    let specific = matches!(second.ta, Some(ta) if ta & 0x10 == 0);
    match first.ta {
        Some(0x11..=0x13) | None => {}
        Some(_) if specific => return Err(Violation::Speed),
        Some(_) => {}
    }
    if matches!(reset, Reset::Cold) && !matches!(first.tb, Some(0x00)) {
        return Err(Violation::ProgrammingVoltage);
    }
    if !matches!(first.tc, None | Some(0x00 | 0xFF)) {
        return Err(Violation::GuardTime);
    }
    match first.td {
        Some(td) if td & 0x0F > 1 => Err(Violation::FirstProtocol),
        _ => Ok(()),
    }
}

/// TA2 to TD2. [B1 8]
fn check_second(first: Group, second: Group) -> Result<(), Violation> {
    let protocol = first.td.map_or(0, |td| td & 0x0F);
    if second.ta.is_some_and(|ta| ta & 0x0F != protocol) {
        return Err(Violation::SpecificProtocol);
    }
    if second.ta.is_some_and(|ta| ta & 0x10 != 0) {
        return Err(Violation::ImplicitParameters);
    }
    if second.tb.is_some() {
        return Err(Violation::SecondProgrammingVoltage);
    }
    if !matches!(second.tc, None | Some(0x0A)) {
        return Err(Violation::WaitingTime);
    }
    // T=1 may follow either; what holds whatever the protocol (E until 4.3, F since) only T=0.
    match (protocol, second.td.map(|td| td & 0x0F)) {
        (_, None | Some(1)) | (0, Some(14 | 15)) => Ok(()),
        _ => Err(Violation::SecondProtocol),
    }
}

/// TA3 to TC3, where T=1 is offered. [B1 8]
fn check_t1(group: Group, guard_time: Option<u8>) -> Result<(), Violation> {
    if matches!(group.ta, Some(0x00..=0x0F | 0xFF)) {
        return Err(Violation::FieldSize);
    }
    let Some(integers) = group.tb else {
        return Err(Violation::BlockWaitingTime);
    };
    let (block, character) = (integers >> 4, integers & 0x0F);
    // FF is one less than none; 2 to the power of CWI must be above what N leaves.
    let guard_time = guard_time.unwrap_or(0).wrapping_add(1);
    let waiting = 1u32.wrapping_shl(character.into());
    if block > 4 || character > 5 || waiting <= guard_time.into() {
        return Err(Violation::BlockWaitingTime);
    }
    if matches!(group.tc, None | Some(0x00)) { Ok(()) } else { Err(Violation::ErrorDetection) }
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

impl Violation {
    /// The character that is wrong.
    pub const fn character(self) -> &'static str {
        match self {
            Self::Speed => "TA1",
            Self::ProgrammingVoltage => "TB1",
            Self::GuardTime => "TC1",
            Self::FirstProtocol => "TD1",
            Self::SpecificProtocol | Self::ImplicitParameters => "TA2",
            Self::SecondProgrammingVoltage => "TB2",
            Self::WaitingTime => "TC2",
            Self::SecondProtocol => "TD2",
            Self::FieldSize | Self::OperatingClass => "TA3",
            Self::BlockWaitingTime => "TB3",
            Self::ErrorDetection => "TC3",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Speed => "a speed other than 11 to 13, to be used at once",
            Self::ProgrammingVoltage => "absent or not 00 after a cold reset",
            Self::GuardTime => "neither 00 nor FF",
            Self::FirstProtocol => "neither T=0 nor T=1",
            Self::SpecificProtocol => "not the protocol that is offered first",
            Self::ImplicitParameters => "parameters that no character tells",
            Self::SecondProgrammingVoltage => "programming voltage",
            Self::WaitingTime => "not 0A",
            Self::SecondProtocol => "a protocol that may not follow the first",
            Self::FieldSize => "a field size that T=1 does not have",
            Self::BlockWaitingTime => "absent, or waiting times beyond the limits of T=1",
            Self::ErrorDetection => "not 00",
            Self::OperatingClass => "no class of operating conditions",
        };
        write!(f, "{}: {what}", self.character())
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

impl core::error::Error for Violation {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Puts an answer together; the last byte of `parts` is followed by its check character.
    fn checked(parts: &[u8]) -> Vec<u8> {
        let check = parts[1..].iter().fold(0, |sum, byte| sum ^ byte);
        [parts, &[check]].concat()
    }

    fn verdict(bytes: &[u8], reset: Reset) -> Result<(), Violation> {
        Atr::read(bytes).unwrap().check(reset)
    }

    /// A card of T=1 with these characters: TA1, TC1, TA3, TB3, TC3.
    fn t1([ta1, tc1, ta3, tb3, tc3]: [u8; 5]) -> Result<(), Violation> {
        let parts = [0x3B, 0xF0, ta1, 0x00, tc1, 0x91, 0x01, 0x71, ta3, tb3, tc3];
        verdict(&checked(&parts), Reset::Cold)
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
    }

    // Public answers of either kind are in the test vectors. [B1 8]
    #[test]
    fn every_character_has_its_limits() {
        let good = [0x13, 0x00, 0x10, 0x45, 0x00];
        assert_eq!(t1(good), Ok(()));
        let with = |place: usize, value| {
            let mut other = good;
            other[place] = value;
            t1(other)
        };
        for value in 0..=u8::MAX {
            let expect = |good: bool, violation| if good { Ok(()) } else { Err(violation) };
            assert_eq!(with(0, value), expect(matches!(value, 0x11..=0x13), Violation::Speed));
            assert_eq!(with(1, value), expect(matches!(value, 0 | 0xFF), Violation::GuardTime));
            assert_eq!(with(2, value), expect(matches!(value, 0x10..=0xFE), Violation::FieldSize));
            let waits = value >> 4 <= 4 && matches!(value & 0x0F, 1..=5);
            assert_eq!(with(3, value), expect(waits, Violation::BlockWaitingTime), "{value:02X}");
            assert_eq!(with(4, value), expect(value == 0, Violation::ErrorDetection));
        }
        // Without guard time there is time enough.
        assert_eq!(t1([0x11, 0xFF, 0x20, 0x00, 0x00]), Ok(()));
    }

    #[test]
    fn programming_voltage_is_never_given() {
        for reset in [Reset::Cold, Reset::Warm] {
            let warm = reset == Reset::Warm;
            assert_eq!(verdict(&[0x3B, 0x20, 0x00], reset), Ok(()));
            assert_eq!(verdict(&[0x3B, 0x20, 0x25], reset).is_ok(), warm);
            assert_eq!(verdict(&[0x3B, 0x00], reset).is_ok(), warm);
            let second = verdict(&[0x3B, 0xA0, 0x00, 0x20, 0x32], reset);
            assert_eq!(second, Err(Violation::SecondProgrammingVoltage));
        }
    }

    #[test]
    fn what_must_be_used_at_once_is_what_terminals_do() {
        let second = |td1: u8, ta2: u8| {
            let parts = [0x3B, 0xB0, 0x18, 0x00, 0x10 | td1, ta2];
            let bytes = if td1 == 0 { parts.to_vec() } else { checked(&parts) };
            verdict(&bytes, Reset::Cold)
        };
        assert_eq!(second(0, 0x00), Err(Violation::Speed));
        assert_eq!(second(0, 0x10), Err(Violation::ImplicitParameters));
        assert_eq!(second(0, 0x11), Err(Violation::SpecificProtocol));
        assert_eq!(second(1, 0x10), Err(Violation::SpecificProtocol));
        assert_eq!(second(2, 0x12), Err(Violation::FirstProtocol));
        // Negotiable: the speed is an offer.
        assert_eq!(verdict(&[0x3B, 0x30, 0x18, 0x00], Reset::Cold), Ok(()));
    }

    #[test]
    fn protocols_follow_each_other_in_order() {
        let follows = |first: u8, next: u8| {
            let parts = [0x3B, 0xA0, 0x00, 0x80 | first, 0x20 | next, 0x41];
            let plain = first == 0 && next == 0;
            verdict(&if plain { parts.to_vec() } else { checked(&parts) }, Reset::Cold)
        };
        for next in 0..16 {
            let of = |good: bool| if good { Ok(()) } else { Err(Violation::SecondProtocol) };
            assert_eq!(follows(0, next), of(matches!(next, 1 | 14 | 15)), "{next}");
            assert_eq!(follows(1, next), of(next == 1), "{next}");
        }
        // T=1 tells its waiting times.
        let silent = checked(&[0x3B, 0xA0, 0x00, 0x01]);
        assert_eq!(verdict(&silent, Reset::Cold), Err(Violation::BlockWaitingTime));
        let waiting = verdict(&[0x3B, 0xA0, 0x00, 0x40, 0x09], Reset::Cold);
        assert_eq!(waiting, Err(Violation::WaitingTime));
        for class in 0..=u8::MAX {
            let bytes = checked(&[0x3B, 0xA0, 0x00, 0x80, 0x1F, class]);
            let good = matches!(class & 0x3F, 1..=7);
            assert_eq!(verdict(&bytes, Reset::Cold).is_ok(), good, "{class:02X}");
        }
    }

    #[test]
    fn violations_name_their_character() {
        assert_eq!(Violation::GuardTime.to_string(), "TC1: neither 00 nor FF");
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
