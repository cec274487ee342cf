//! What is known of each data object: who provides it, how it is coded, where it may stand.
//! [B3 5.2]
//!
//! [`EMV`] is the table of Books 1 to 4. A kernel whose book gives tags a meaning of their own
//! brings a table beside it: `9F5D` or `9F6E` mean different things to different kernels, and a
//! single global table would mix them up.

pub mod emv;

use crate::tag::Tag;
pub use emv::EMV;

/// Format of a value field. [B3 4.3]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Format {
    /// Alphabetic.
    A,
    /// Alphanumeric.
    An,
    /// Alphanumeric special.
    Ans,
    /// Binary.
    B,
    /// Compressed numeric: digits from the left, F padding on the right.
    Cn,
    /// Numeric: digits from the right, 0 padding on the left.
    N,
}

/// Who provides a data object. [B3 A]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Source {
    /// The card.
    Card,
    /// The terminal, the kernel included.
    Terminal,
    /// The issuer, by way of the host.
    Issuer,
}

/// Where in the card's answers an object may stand. [B3 A]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Place {
    /// File control information (6F, A5, BF0C).
    Fci = 0x01,
    /// A directory entry (61, 73).
    Directory = 0x02,
    /// A record (70).
    Record = 0x04,
    /// The answer to GET PROCESSING OPTIONS, INTERNAL AUTHENTICATE or GENERATE AC (77, 80).
    Response = 0x08,
    /// The answer to GET DATA.
    GetData = 0x10,
}

/// A set of [`Place`]s.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Places(u8);

impl Places {
    /// No place.
    pub const NONE: Self = Self(0);

    /// This set and one more place.
    #[must_use]
    pub const fn and(self, place: Place) -> Self {
        Self(self.0 | place as u8)
    }

    /// Whether the place is in the set.
    pub const fn contains(self, place: Place) -> bool {
        self.0 & place as u8 != 0
    }
}

/// In the coding of an entry: a wrong length is tolerated.
const LENIENT: u8 = 0x80;

/// What is known of one data object.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The tag.
    pub tag: Tag,
    /// Format, source and tolerance: there are a hundred entries in every image.
    coding: u8,
    /// Where a card may put it.
    pub places: Places,
    /// Shortest value, in bytes.
    pub min: u8,
    /// Longest value, in bytes.
    pub max: u8,
    /// Name in the books' words.
    #[cfg(feature = "names")]
    pub name: &'static str,
}

impl Entry {
    /// An object of `min` to `max` bytes, whose wrong length is an error and which a card may put
    /// nowhere. Without the feature `names` the name is dropped.
    #[cfg_attr(not(feature = "names"), expect(unused_variables, reason = "dropped"))]
    pub const fn new(
        tag: Tag,
        format: Format,
        source: Source,
        (min, max): (u8, u8),
        name: &'static str,
    ) -> Self {
        Self {
            tag,
            coding: format as u8 | (source as u8) << 4,
            places: Places::NONE,
            min,
            max,
            #[cfg(feature = "names")]
            name,
        }
    }

    /// The same, where a card may put it.
    #[must_use]
    pub const fn in_places(mut self, places: Places) -> Self {
        self.places = places;
        self
    }

    /// The same, with a wrong length tolerated or not.
    #[must_use]
    pub const fn tolerating_length(mut self, lenient: bool) -> Self {
        self.coding = self.coding & !LENIENT | if lenient { LENIENT } else { 0 };
        self
    }

    /// Format of the value.
    pub const fn format(&self) -> Format {
        match self.coding & 0x0F {
            0 => Format::A,
            1 => Format::An,
            2 => Format::Ans,
            3 => Format::B,
            4 => Format::Cn,
            _ => Format::N,
        }
    }

    /// Who provides it.
    pub const fn source(&self) -> Source {
        match self.coding >> 4 & 0x03 {
            0 => Source::Card,
            1 => Source::Terminal,
            _ => Source::Issuer,
        }
    }

    /// A wrong length of a card's value is tolerated: the object counts as absent and the
    /// transaction goes on. [B3 7.5, B1 12.2.4]
    pub const fn tolerates_length(&self) -> bool {
        self.coding & LENIENT != 0
    }
}

/// A table of data objects, sorted by tag, and perhaps another one behind it.
#[derive(Clone, Copy, Debug)]
pub struct Dictionary<'d> {
    entries: &'d [Entry],
    behind: Option<&'d Dictionary<'d>>,
}

impl<'d> Dictionary<'d> {
    /// The dictionary of `entries`, which must ascend by tag.
    ///
    /// # Panics
    /// At compile time, when the entries do not ascend.
    pub const fn new(entries: &'d [Entry]) -> Self {
        let mut rest = entries;
        while let [a, tail @ ..] = rest {
            if let [b, ..] = tail {
                assert!(a.tag.0 < b.tag.0, "dictionary entries must ascend by tag");
            }
            rest = tail;
        }
        Self { entries, behind: None }
    }

    /// This table, and for tags that it does not have the `other` one: a kernel's own objects
    /// beside those of Books 1 to 4.
    #[must_use]
    pub const fn beside(mut self, other: &'d Dictionary<'d>) -> Self {
        self.behind = Some(other);
        self
    }

    /// The entry of a tag.
    pub fn entry(&self, tag: Tag) -> Option<&'d Entry> {
        let mut table = *self;
        loop {
            if let Ok(place) = table.entries.binary_search_by_key(&tag, |entry| entry.tag) {
                return table.entries.get(place);
            }
            table = *table.behind?;
        }
    }

    /// All entries of this table itself, ascending by tag.
    pub const fn entries(&self) -> &'d [Entry] {
        self.entries
    }
}

/// Defines the typed keys of a book's data objects and its dictionary, line by line:
/// `NAME = tag, type, format min..=max, source [places] lenient?, "name";`
///
/// The first line names the table, `pub static C7 beside EMV;` one that another stands behind.
#[macro_export]
macro_rules! objects {
    (
        $(#[$meta:meta])* $vis:vis static $TABLE:ident $(beside $behind:ident)?;
        $($NAME:ident = $tag:literal, $Type:ty, $Format:ident $min:literal..=$max:literal,
          $Source:ident [$($Place:ident)*] $($lenient:ident)?, $name:literal;)*
    ) => {
        $(
            #[doc = concat!($name, ".")]
            #[doc = ""]
            #[doc = concat!("Tag `", stringify!($tag), "`, format ", stringify!($Format), ", ",
                stringify!($min), " to ", stringify!($max), " bytes, from the ", stringify!($Source), ".")]
            pub const $NAME: $crate::object::Object<$Type> = $crate::object::Object::new($tag);
        )*

        $(#[$meta])*
        $vis static $TABLE: $crate::dictionary::Dictionary<'static> =
            $crate::dictionary::Dictionary::new(&[$(
                $crate::dictionary::Entry::new(
                    $crate::tag::Tag($tag),
                    $crate::dictionary::Format::$Format,
                    $crate::dictionary::Source::$Source,
                    ($min, $max),
                    $name,
                )
                .in_places($crate::dictionary::Places::NONE
                    $(.and($crate::dictionary::Place::$Place))*)
                .tolerating_length($crate::objects!(@lenient $($lenient)?)),
            )*])$(.beside(&$behind))?;
    };
    (@lenient lenient) => { true };
    (@lenient) => { false };
}

pub(crate) use crate::objects;

#[cfg(test)]
mod tests {
    use super::*;

    /// [B3 A]
    #[test]
    fn finds_every_entry_by_its_tag_and_nothing_else() {
        for entry in EMV.entries() {
            assert_eq!(EMV.entry(entry.tag).unwrap().tag, entry.tag);
            assert!(entry.min <= entry.max, "{}", entry.tag);
            assert!(!entry.tag.is_constructed(), "{}", entry.tag);
        }
        assert!(EMV.entry(Tag(0x70)).is_none());
        assert!(EMV.entry(Tag(0xDF01)).is_none());
    }

    /// [B3 5.2]
    #[test]
    fn only_what_the_card_provides_has_a_place_in_its_answers() {
        for entry in EMV.entries().iter().filter(|entry| entry.source() != Source::Card) {
            assert_eq!(entry.places, Places::NONE, "{}", entry.tag);
        }
    }

    #[test]
    fn a_table_has_another_behind_it() {
        static OWN: [Entry; 1] =
            [Entry::new(Tag(0x95), Format::B, Source::Card, (1, 2), "Something else")];
        let table = Dictionary::new(&OWN).beside(&EMV);
        assert_eq!(table.entry(Tag(0x95)).unwrap().source(), Source::Card);
        assert_eq!(table.entry(Tag(0x9A)).unwrap().source(), Source::Terminal);
        assert!(table.entry(Tag(0xDF01)).is_none());
        assert_eq!(table.entries().len(), 1);
    }

    #[test]
    #[should_panic(expected = "ascend")]
    fn refuses_a_table_out_of_order() {
        let [a, b, ..] = EMV.entries() else { panic!("too short") };
        let _ = Dictionary::new(&[*b, *a]);
    }
}
