//! What tags mean to whom: Books 1 to 4, the contactless books, payment systems.
//!
//! The kernels have tables of the objects that they use ([`chipwright::dictionary`]); this one is
//! for people, with every object that is known, and every meaning of tags that have several.

use chipwright::dictionary::Format;
use chipwright::tag::Tag;
use core::fmt;
use std::sync::LazyLock;

/// Where a meaning comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Book {
    /// Books 1 to 4.
    Emv,
    /// Books 1 to 4 from version 4.4 on.
    Emv44,
    /// Contactless Books A and B.
    EntryPoint,
    /// Kernel 2, of Mastercard.
    C2,
    /// Kernel 3, of Visa.
    C3,
    /// Kernel 4, of American Express.
    C4,
    /// Kernel 5, of JCB.
    C5,
    /// Kernel 6, of Discover.
    C6,
    /// Kernel 7, of UnionPay.
    C7,
    /// Kernel 8, of EMVCo.
    C8,
    /// UnionPay's cards with contacts and electronic cash.
    Pboc,
    /// UnionPay's parameter files.
    Parameters,
}

impl Book {
    /// Every book, with its word.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Emv, "emv"),
        (Self::Emv44, "4.4"),
        (Self::EntryPoint, "entry-point"),
        (Self::C2, "c2"),
        (Self::C3, "c3"),
        (Self::C4, "c4"),
        (Self::C5, "c5"),
        (Self::C6, "c6"),
        (Self::C7, "c7"),
        (Self::C8, "c8"),
        (Self::Pboc, "pboc"),
        (Self::Parameters, "parameters"),
    ];

    /// The book of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(book, _)| book)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(book, _)| *book == self).map_or("", |(_, word)| word)
    }

    /// The book of the payment system whose application this is. [B 3.3.2.5]
    pub fn of_aid(aid: &[u8]) -> Option<Self> {
        Some(match aid.first_chunk()? {
            [0xA0, 0x00, 0x00, 0x00, 0x04 | 0x05] => Self::C2,
            [0xA0, 0x00, 0x00, 0x00, 0x03 | 0x98] => Self::C3,
            [0xA0, 0x00, 0x00, 0x00, 0x25] => Self::C4,
            [0xA0, 0x00, 0x00, 0x00, 0x65] => Self::C5,
            [0xA0, 0x00, 0x00, 0x01, 0x52] | [0xA0, 0x00, 0x00, 0x03, 0x24] => Self::C6,
            [0xA0, 0x00, 0x00, 0x03, 0x33] => Self::C7,
            _ => return None,
        })
    }

    /// The book of the kernel that a Kernel Identifier (9F2A) asks for. [B 3.3.2.5]
    pub fn of_kernel(identifier: &[u8]) -> Option<Self> {
        Some(match identifier.first()? & 0xBF {
            0x02 => Self::C2,
            0x03 => Self::C3,
            0x04 => Self::C4,
            0x05 => Self::C5,
            0x06 => Self::C6,
            0x07 => Self::C7,
            0x08 => Self::C8,
            _ => return None,
        })
    }

    /// How far a meaning of this book is from one who reads `wanted`: what fits first, what
    /// belongs to nobody's kernel next, what is another's last.
    fn distance(self, wanted: Option<Self>) -> u8 {
        match (self, wanted) {
            (own, Some(wanted)) if own == wanted => 0,
            (Self::Pboc, Some(Self::C7)) | (Self::C7, Some(Self::Pboc)) => 1,
            (Self::Emv | Self::Emv44 | Self::EntryPoint, _) => 2,
            (Self::Parameters, _) => 3,
            // The kernel that is linked before those that are not.
            (Self::C7, _) => FOREIGN,
            (Self::C3, _) => FOREIGN + 1,
            (Self::C2, _) => FOREIGN + 2,
            (Self::C8, _) => FOREIGN + 3,
            (Self::C4, _) => FOREIGN + 4,
            (Self::C5, _) => FOREIGN + 5,
            (Self::C6, _) => FOREIGN + 6,
            (Self::Pboc, _) => FOREIGN + 7,
        }
    }
}

/// From here on a meaning is another kernel's.
const FOREIGN: u8 = 4;

impl fmt::Display for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Emv => "EMV",
            Self::Emv44 => "EMV 4.4",
            Self::EntryPoint => "Entry Point",
            Self::C2 => "kernel 2",
            Self::C3 => "kernel 3",
            Self::C4 => "kernel 4",
            Self::C5 => "kernel 5",
            Self::C6 => "kernel 6",
            Self::C7 => "kernel 7",
            Self::C8 => "kernel 8",
            Self::Pboc => "PBOC",
            Self::Parameters => "UnionPay parameters",
        })
    }
}

/// One meaning of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The tag.
    pub tag: Tag,
    /// Its name.
    pub name: &'static str,
    /// To whom it means that.
    pub books: Vec<Book>,
    /// Who provides it: card, terminal, kernel, issuer; several apart by a stroke.
    pub source: &'static str,
    /// Format as the books write it, such as `n12`.
    pub format: &'static str,
    /// Shortest value in bytes.
    pub min: usize,
    /// Longest value in bytes, where it is limited.
    pub max: Option<usize>,
    /// Templates in which it stands.
    pub templates: Vec<Tag>,
    /// It means that in those templates only.
    pub nowhere_else: bool,
    /// How its value is read; empty when there is nothing to it.
    pub(super) reading: &'static str,
}

impl Definition {
    /// The format's letters; `None` where it is open.
    pub fn format_letters(&self) -> Option<Format> {
        let letters = self.format.split(|letter: char| !letter.is_ascii_lowercase()).next();
        Some(match letters? {
            "a" => Format::A,
            "an" => Format::An,
            "ans" => Format::Ans,
            "b" => Format::B,
            "cn" => Format::Cn,
            "n" => Format::N,
            _ => return None,
        })
    }

    /// The book of this meaning that is nearest to `wanted`.
    pub fn book(&self, wanted: Option<Book>) -> Option<Book> {
        self.books.iter().copied().min_by_key(|book| book.distance(wanted))
    }

    /// Whether the meaning is that of another kernel than `wanted`.
    pub fn is_foreign(&self, wanted: Option<Book>) -> bool {
        self.distance(wanted) >= FOREIGN
    }

    fn distance(&self, wanted: Option<Book>) -> u8 {
        self.book(wanted).map_or(u8::MAX, |book| book.distance(wanted))
    }

    /// A line of the table.
    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let mut column = || columns.next();
        let tag = |hex: &str| u32::from_str_radix(hex, 16).ok().map(Tag);
        let of = tag(column()?)?;
        let books = column()?.split('|').map(Book::named).collect::<Option<_>>()?;
        let (source, format) = (column()?, column()?);
        let (min, max) = (column()?.parse().ok()?, column()?);
        let max = if max.is_empty() { None } else { Some(max.parse().ok()?) };
        let templates = column()?;
        let nowhere_else = templates.starts_with('=');
        let templates = templates.trim_start_matches('=').split('|').filter(|tag| !tag.is_empty());
        let templates = templates.map(tag).collect::<Option<_>>()?;
        let (reading, name) = (column()?, column()?);
        Some(Self {
            tag: of,
            name,
            books,
            source,
            format,
            min,
            max,
            templates,
            nowhere_else,
            reading,
        })
    }
}

static TABLE: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let lines = include_str!("tags.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(Definition::read).collect()
});

/// Every meaning of every tag, ascending by tag.
pub fn definitions() -> &'static [Definition] {
    &TABLE
}

/// The meanings of a tag.
pub fn definitions_of(tag: Tag) -> &'static [Definition] {
    let start = TABLE.partition_point(|definition| definition.tag < tag);
    let rest = TABLE.get(start..).unwrap_or_default();
    rest.split_at(rest.partition_point(|definition| definition.tag == tag)).0
}

/// The meaning of a tag to one who reads a book, in a template; `None` when nobody knows it.
pub fn definition(
    tag: Tag,
    book: Option<Book>,
    template: Option<Tag>,
) -> Option<&'static Definition> {
    let inside = |definition: &Definition| {
        template.is_some_and(|template| definition.templates.contains(&template))
    };
    definitions_of(tag)
        .iter()
        .filter(|definition| !definition.nowhere_else || inside(definition))
        .min_by_key(|definition| (!definition.nowhere_else, definition.distance(book)))
}

/// Name of a data object or template, as the kernels that are linked know it, or else as others
/// do; `None` when nobody knows the tag.
pub fn name_of(tag: Tag) -> Option<&'static str> {
    definition(tag, None, None).map(|definition| definition.name)
}

/// A format as the books write it.
pub const fn format_name(format: Format) -> &'static str {
    match format {
        Format::A => "a",
        Format::An => "an",
        Format::Ans => "ans",
        Format::B => "b",
        Format::Cn => "cn",
        Format::N => "n",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::dictionary::{Dictionary, EMV, Source};
    use chipwright_c7::dictionary::C7;

    #[test]
    fn every_line_is_read_and_found_again() {
        let lines = include_str!("tags.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), definitions().len());
        assert!(definitions().is_sorted_by_key(|definition| definition.tag));
        for own in definitions() {
            let template = own.templates.first().copied().filter(|_| own.nowhere_else);
            for &book in &own.books {
                let found = definition(own.tag, Some(book), template).unwrap();
                assert_eq!(found.name, own.name, "{} {book}", own.tag);
                assert_eq!(found.book(Some(book)), Some(book));
            }
            assert!(own.max.is_none_or(|max| own.min <= max), "{}", own.tag);
            assert!(!own.name.is_empty() && !own.source.is_empty());
            let open = ["var"].contains(&own.format);
            assert_eq!(own.format_letters().is_none(), open, "{}", own.format);
        }
    }

    /// The kernels' own tables say the same.
    #[test]
    fn agrees_with_the_tables_of_the_kernels() {
        let agrees = |table: &Dictionary<'_>, book: Book| {
            for entry in table.entries() {
                let own = definition(entry.tag, Some(book), None).unwrap();
                let open = matches!(own.format, "var");
                assert_eq!(own.name, entry.name, "{}", entry.tag);
                assert!(open || own.format_letters() == Some(entry.format()), "{}", entry.tag);
                let source = match entry.source() {
                    Source::Card => "card",
                    Source::Terminal => "terminal",
                    Source::Issuer => "issuer",
                };
                assert!(own.source.contains(source), "{}", entry.tag);
            }
        };
        agrees(&EMV, Book::Emv);
        agrees(&C7, Book::C7);
    }

    #[test]
    fn a_tag_means_what_the_reader_of_a_book_knows() {
        let name = |tag, book| definition(Tag(tag), book, None).map(|found| found.name);
        assert_eq!(name(0x9F6E, Some(Book::C2)), Some("Third Party Data"));
        assert_eq!(name(0x9F6E, Some(Book::C3)), Some("Form Factor Indicator (FFI)"));
        assert_eq!(name(0x9F79, Some(Book::C7)), Some("Electronic Cash Balance"));
        assert_eq!(name(0x9F66, None), Some("Terminal Transaction Qualifiers"));
        assert_eq!(name(0x9F5B, None), Some("Issuer Script Results"));
        assert_eq!(name(0x9F5B, Some(Book::C2)), Some("DSDOL"));
        assert_eq!(name(0xDF77, None), None);
        let found = definition(Tag(0x9F2B), Some(Book::C3), None).unwrap();
        assert!(found.is_foreign(Some(Book::C3)) && !found.is_foreign(Some(Book::C8)));
    }

    #[test]
    fn templates_and_objects_have_names() {
        assert_eq!(name_of(Tag(0x6F)), Some("FCI Template"));
        assert_eq!(name_of(Tag(0x95)), Some("Terminal Verification Results"));
        assert_eq!(name_of(Tag(0x9F6C)), Some("Card Transaction Qualifiers"));
        assert_eq!(name_of(Tag(0xDF77)), None);
    }

    #[test]
    fn some_tags_mean_something_else_in_a_template() {
        let name = |template| definition(Tag(0x82), None, template).unwrap().name;
        assert_eq!(name(None), "Application Interchange Profile");
        assert_eq!(name(Some(Tag(0xA1))), "Biometric Subtype");
    }

    #[test]
    fn books_are_found_by_application_and_kernel() {
        assert_eq!(Book::of_aid(&[0xA0, 0, 0, 3, 0x33, 1]), Some(Book::C7));
        assert_eq!(Book::of_aid(b"2PAY.SYS.DDF01"), None);
        assert_eq!(Book::of_kernel(&[0x08]), Some(Book::C8));
        assert_eq!(Book::of_kernel(&[0x43]), Some(Book::C3));
        assert_eq!(Book::of_kernel(&[0x00]), None);
        for (book, word) in Book::ALL {
            assert_eq!((Book::named(word), book.word()), (Some(book), word));
        }
    }
}
