//! Whether a terminal goes on with a card after its answer to reset. [B1 8]

use super::{Atr, Group};
use core::fmt;

/// Which reset the card answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reset {
    /// The first one.
    Cold,
    /// A second one without power having been off.
    Warm,
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

impl Atr<'_> {
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
        let mut offered = [first, second].into_iter().filter_map(|group| group.td);
        if offered.any(|td| td & 0x0F == 1) {
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
    // Bit 5 of TA2 not set: the parameters are what the characters tell, and count at once.
    let specific = matches!(second.ta, Some(ta) if ta & 0x10 == 0);
    if specific && !matches!(first.ta, None | Some(0x11..=0x13)) {
        return Err(Violation::Speed);
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

impl core::error::Error for Violation {}

#[cfg(test)]
mod tests {
    use super::super::tests::checked;
    use super::*;

    fn verdict(bytes: &[u8], reset: Reset) -> Result<(), Violation> {
        Atr::read(bytes).unwrap().check(reset)
    }

    /// A card of T=1 with these characters: TA1, TC1, TA3, TB3, TC3.
    fn t1([ta1, tc1, ta3, tb3, tc3]: [u8; 5]) -> Result<(), Violation> {
        let parts = [0x3B, 0xF0, ta1, 0x00, tc1, 0x91, 0x01, 0x71, ta3, tb3, tc3];
        verdict(&checked(&parts), Reset::Cold)
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
    }
}
