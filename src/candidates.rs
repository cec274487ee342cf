//! The candidate list: applications that card and terminal have in common. [B1 12.3]
//!
//! Candidates live in the data object store, each as a small BER-TLV string under an internal
//! tag, so that a list of any length costs the kernel's state nothing.

use crate::database::{Database, FIRST_INTERNAL};
use crate::dictionary::emv::{
    ADDITIONAL_TERMINAL_CAPABILITIES, ADF_NAME, APPLICATION_LABEL, APPLICATION_PREFERRED_NAME,
    APPLICATION_PRIORITY_INDICATOR, ISSUER_CODE_TABLE_INDEX,
};
use crate::fault::{Cause, Failed, Fault};
use crate::field::AdditionalTerminalCapabilities;
use crate::tag::Tag;
use crate::tlv::{self, Tlvs, Writer};

/// Most candidates that are kept; further ones are left out.
pub const MAX_CANDIDATES: u8 = 32;

/// The candidate list, seen in the data object store.
#[derive(Clone, Copy, Debug)]
pub struct Candidates<'a> {
    data: &'a Database<'a>,
}

/// An application that card and terminal have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Candidate<'a> {
    /// ADF name or DF name, 5 to 16 bytes: what is selected.
    pub name: &'a [u8],
    /// Application Label (50), 1 to 16 characters of ISO 8859-1; empty when there is none.
    pub label: &'a [u8],
    /// Application Preferred Name (9F12), 1 to 16 characters of the code table; empty when there
    /// is none.
    pub preferred_name: &'a [u8],
    /// Issuer Code Table Index (9F11): the part of ISO 8859 of the preferred name.
    pub code_table: Option<u8>,
    /// Application Priority Indicator (87).
    pub priority_indicator: u8,
}

/// What became of a candidate that was to be added.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Addition {
    /// It is on the list.
    Added,
    /// Its name was there before.
    Known,
    /// The list is full.
    Full,
}

/// A name to show to the cardholder.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DisplayName<'a> {
    /// 1 to 16 characters; empty when the card gave no name that can be shown.
    pub characters: &'a [u8],
    /// The part of ISO 8859 that they are of, as in the Issuer Code Table Index: 1 to 9, 10
    /// hexadecimal.
    pub code_table: u8,
}

impl<'a> Candidate<'a> {
    /// The name to show on a terminal of these capabilities: the preferred name where its code
    /// table is one of the terminal's, or else the label. [B1 12.4 display-name]
    pub fn display_name(&self, terminal: AdditionalTerminalCapabilities) -> DisplayName<'a> {
        // [B1 12.4 display-name]
        match self.code_table.filter(|index| terminal.has_code_table(*index)) {
            Some(code_table) if !self.preferred_name.is_empty() => {
                DisplayName { characters: self.preferred_name, code_table }
            }
            _ => DisplayName { characters: self.label, code_table: 1 },
        }
    }

    /// Whether the application may not be selected without the cardholder's consent: bit 8.
    pub const fn needs_confirmation(&self) -> bool {
        self.priority_indicator & 0x80 != 0
    }

    /// Priority, 1 highest to 15 lowest; 0 for none. [B1 12.2.3]
    pub const fn priority(&self) -> u8 {
        self.priority_indicator & 0x0F
    }
}

/// Behind every priority.
const NO_PRIORITY: u8 = 16;

/// Internal tag of the first candidate.
const FIRST: u32 = FIRST_INTERNAL.0;
/// Inside a candidate: place of the terminal's application in its configuration.
const APPLICATION: Tag = Tag(0xC1);
const NAME: Tag = ADF_NAME.tag;
const LABEL: Tag = APPLICATION_LABEL.tag;
const PREFERRED: Tag = APPLICATION_PREFERRED_NAME.tag;
const CODE_TABLE: Tag = ISSUER_CODE_TABLE_INDEX.tag;
const PRIORITY: Tag = APPLICATION_PRIORITY_INDICATOR.tag;

impl<'a> Candidates<'a> {
    /// The list in `data`.
    pub const fn new(data: &'a Database<'a>) -> Self {
        Self { data }
    }

    /// Candidates ever added, given-up ones included: numbers run from 0 to here.
    #[inline(never)]
    pub fn count(&self) -> u8 {
        (0..MAX_CANDIDATES).take_while(|number| self.coded(*number).is_some()).fold(0, |n, _| n + 1)
    }

    /// Whether a candidate may still be selected.
    pub fn is_open(&self, number: u8) -> bool {
        self.coded(number).is_some_and(|coded| !coded.is_empty())
    }

    /// A candidate that may still be selected.
    pub fn candidate(&self, number: u8) -> Option<Candidate<'a>> {
        let coded = self.coded(number).filter(|coded| !coded.is_empty())?;
        let mut candidate = Candidate::default();
        for tlv in Tlvs::new(coded).flatten() {
            let (field, byte) = (tlv.value, tlv.value.first().copied());
            match tlv.tag {
                NAME => candidate.name = field,
                LABEL => candidate.label = field,
                PREFERRED => candidate.preferred_name = field,
                CODE_TABLE => candidate.code_table = byte,
                PRIORITY => candidate.priority_indicator = byte.unwrap_or(0),
                _ => {}
            }
        }
        Some(candidate)
    }

    /// The name to show of a candidate that may still be selected, on this terminal.
    /// [B1 12.4 display-name]
    pub fn display_name(&self, number: u8) -> Option<DisplayName<'a>> {
        let terminal = self.data.get(ADDITIONAL_TERMINAL_CAPABILITIES).ok().flatten();
        Some(self.candidate(number)?.display_name(terminal.unwrap_or_default()))
    }

    /// Place of the candidate's application in the terminal's configuration.
    pub fn application(&self, number: u8) -> Option<usize> {
        let value = tlv::find(self.coded(number)?, APPLICATION).ok().flatten()?;
        value.first().map(|place| usize::from(*place))
    }

    /// The candidates that may still be selected, in order of priority: 1 to 15, then those
    /// without; equals in the order in which they came. [B1 12.4]
    pub fn by_priority(&self) -> impl Iterator<Item = (u8, Candidate<'a>)> + use<'a> {
        let list = *self;
        let mut last = None;
        core::iter::from_fn(move || {
            let ranks = (0..list.count()).filter_map(|number| Some((list.rank(number)?, number)));
            // [B1 12.4 priority]
            let next = ranks.filter(|next| Some(*next) > last).min()?;
            last = Some(next);
            Some((next.1, list.candidate(next.1)?))
        })
    }

    /// Rank for sorting: smaller comes first, no priority comes last.
    fn rank(&self, number: u8) -> Option<u8> {
        match self.candidate(number)?.priority() {
            0 => Some(NO_PRIORITY),
            priority => Some(priority),
        }
    }

    /// Adds a candidate, unless the list is full or has the name already.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    pub fn add(
        data: &mut Database<'_>,
        candidate: &Candidate<'_>,
        application: u8,
    ) -> Result<Addition, Failed> {
        let list = Candidates::new(data);
        let number = list.count();
        let known =
            (0..number).any(|n| list.candidate(n).is_some_and(|c| c.name == candidate.name));
        if known {
            return Ok(Addition::Known);
        }
        if number >= MAX_CANDIDATES {
            return Ok(Addition::Full);
        }
        let mut coded = [0; 80];
        let mut writer = Writer::new(&mut coded);
        let fields = [
            (NAME, candidate.name),
            (LABEL, candidate.label),
            (PREFERRED, candidate.preferred_name),
            (CODE_TABLE, candidate.code_table.as_slice()),
            (PRIORITY, &[candidate.priority_indicator]),
            (APPLICATION, &[application]),
        ];
        if fields.into_iter().any(|(tag, value)| writer.put(tag, value).is_err()) {
            return Err(data.note(Fault::new(Cause::StoreFull)));
        }
        data.put_bytes(tag(number), writer.written())?;
        Ok(Addition::Added)
    }

    /// Removes a candidate for the rest of the transaction; the others keep their numbers.
    ///
    /// # Errors
    /// [`Cause::StoreFull`].
    pub fn give_up(data: &mut Database<'_>, number: u8) -> Result<(), Failed> {
        data.put_bytes(tag(number), &[])
    }

    /// Empties the list.
    pub fn clear(data: &mut Database<'_>) {
        data.forget_range(tag(0)..Tag(FIRST + u32::from(MAX_CANDIDATES)));
    }

    fn coded(&self, number: u8) -> Option<&'a [u8]> {
        self.data.bytes(tag(number))
    }
}

fn tag(number: u8) -> Tag {
    Tag(FIRST + u32::from(number & 0x3F))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B1 12.4 priority; B1 12.2.3]
    #[test]
    fn ranks_by_priority_and_arrival() {
        let mut memory = [0; 1024];
        let mut data = Database::new(&mut memory);
        for (name, priority) in [(1, 0), (2, 3), (3, 0x81), (4, 3), (5, 0x0F)] {
            let candidate = Candidate {
                name: &[name; 5],
                priority_indicator: priority,
                ..Candidate::default()
            };
            assert_eq!(Candidates::add(&mut data, &candidate, name), Ok(Addition::Added));
        }
        let order = |data: &Database<'_>| -> Vec<u8> {
            Candidates::new(data).by_priority().map(|(_, c)| c.name[0]).collect()
        };
        assert_eq!(order(&data), [3, 2, 4, 5, 1]);
        Candidates::give_up(&mut data, 1).unwrap();
        assert_eq!(order(&data), [3, 4, 5, 1]);
        let list = Candidates::new(&data);
        assert!(!list.is_open(1) && list.is_open(2) && !list.is_open(9) && list.count() == 5);
        assert!(list.candidate(2).unwrap().needs_confirmation());
        assert_eq!(list.application(3), Some(4));
    }

    /// [B1 12.4 display-name]
    #[test]
    fn shows_the_preferred_name_where_the_terminal_has_its_characters() {
        type Additional = AdditionalTerminalCapabilities;
        let both = Candidate {
            name: &[1; 5],
            label: b"VISA",
            preferred_name: b"\xC2\xD8\xE1\xD0",
            code_table: Some(5),
            ..Candidate::default()
        };
        let shown = |candidate: Candidate<'static>, terminal| {
            let name = candidate.display_name(terminal);
            (name.characters, name.code_table)
        };
        assert_eq!(shown(both, Additional::CODE_TABLE_5), (both.preferred_name, 5));
        assert_eq!(shown(both, Additional::CODE_TABLE_1), (both.label, 1));
        let unnamed = Candidate { preferred_name: &[], ..both };
        assert_eq!(shown(unnamed, Additional::CODE_TABLE_5), (both.label, 1));
        let of_no_table = Candidate { code_table: None, ..both };
        assert_eq!(shown(of_no_table, Additional::CODE_TABLE_5), (both.label, 1));
        let unlabelled = Candidate { label: &[], ..both };
        assert_eq!(shown(unlabelled, Additional::CODE_TABLE_1), (&[][..], 1));

        let mut memory = [0; 256];
        let mut data = Database::new(&mut memory);
        Candidates::add(&mut data, &both, 0).unwrap();
        assert_eq!(Candidates::new(&data).display_name(0).unwrap().characters, both.label);
        data.put(ADDITIONAL_TERMINAL_CAPABILITIES, Additional::CODE_TABLE_5).unwrap();
        assert_eq!(Candidates::new(&data).display_name(0).unwrap().characters, both.preferred_name);
        assert_eq!(Candidates::new(&data).display_name(1), None);
    }

    /// [B1 12.3]
    #[test]
    fn keeps_names_and_takes_none_twice() {
        let mut memory = [0; 4096];
        let mut data = Database::new(&mut memory);
        let candidate = Candidate {
            name: &[7; 16],
            label: b"VISA CREDIT     ",
            preferred_name: b"A preferred name",
            code_table: Some(1),
            priority_indicator: 1,
        };
        assert_eq!(Candidates::add(&mut data, &candidate, 0), Ok(Addition::Added));
        assert_eq!(Candidates::add(&mut data, &candidate, 0), Ok(Addition::Known));
        assert_eq!(Candidates::new(&data).candidate(0), Some(candidate));
        assert_eq!(data.objects().count(), 0, "candidates are no data objects");
        for number in 1..MAX_CANDIDATES {
            let next = Candidate { name: &[number; 5], ..Candidate::default() };
            assert_eq!(Candidates::add(&mut data, &next, 0), Ok(Addition::Added));
        }
        let over = Candidate { name: &[99; 5], ..Candidate::default() };
        assert_eq!(Candidates::add(&mut data, &over, 0), Ok(Addition::Full));
        Candidates::clear(&mut data);
        assert_eq!((Candidates::new(&data).count(), data.usage().0), (0, 0));
    }
}
