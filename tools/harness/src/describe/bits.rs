//! Bits and codes of objects beyond Books 1 to 4, from a table.

use std::sync::LazyLock;

use super::dictionary::Book;

/// What a byte, or a part of it, says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) books: Vec<Book>,
    /// Object: its tag, or the name of a structure.
    pub(super) object: &'static str,
    /// Byte, from 1.
    pub(super) byte: usize,
    pub(super) mask: u8,
    pub(super) value: Told,
    pub(super) meaning: &'static str,
}

/// When and how a row is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// When the part has this value.
    When(u8),
    /// Always, as a number.
    Number,
    /// Always, in hexadecimal.
    Hexadecimal,
}

impl Row {
    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let mut column = || columns.next();
        let byte = |hex: &str| u8::from_str_radix(hex, 16).ok();
        Some(Self {
            books: column()?.split('|').map(Book::named).collect::<Option<_>>()?,
            object: column()?,
            byte: column()?.parse().ok()?,
            mask: byte(column()?)?,
            value: match column()? {
                "n" => Told::Number,
                "x" => Told::Hexadecimal,
                value => Told::When(byte(value)?),
            },
            meaning: column()?,
        })
    }

    /// What the row says of a byte; `None` when it does not apply.
    fn say(&self, byte: u8) -> Option<String> {
        let part = byte & self.mask;
        let number = part >> self.mask.trailing_zeros();
        match self.value {
            Told::When(value) => (part == value).then(|| self.meaning.to_owned()),
            Told::Number => Some(format!("{}: {number}", self.meaning)),
            Told::Hexadecimal => Some(format!("{} {number:02X}", self.meaning)),
        }
    }
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let lines = include_str!("bits.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(Row::read).collect()
});

/// The rows about an object in a book; none when the table does not have it.
fn rows(object: &str, book: Option<Book>) -> Vec<&'static Row> {
    let of =
        |row: &&Row| row.object == object && book.is_some_and(|book| row.books.contains(&book));
    TABLE.iter().filter(of).collect()
}

/// What the bits of an object say, a line for each; `known` names the bits that the table does
/// not have. `None` when the table does not have the object.
pub(super) fn lines(
    object: &str,
    book: Option<Book>,
    value: &[u8],
    known: impl Fn(u8, u8) -> Option<&'static str>,
) -> Option<Vec<String>> {
    let rows = rows(object, book);
    if rows.is_empty() {
        return None;
    }
    let mut lines = Vec::new();
    for (place, &byte) in (1..=u8::MAX).zip(value) {
        let rows: Vec<&Row> =
            rows.iter().copied().filter(|row| row.byte == usize::from(place)).collect();
        let mut said = 0u8;
        for bit in (1u8..=8).rev() {
            let mask = 1 << (bit - 1);
            if said & mask != 0 {
                continue;
            }
            let mut own = rows.iter().filter(|row| row.mask.ilog2() + 1 == u32::from(bit));
            if let Some((row, text)) = own.find_map(|row| Some((row, row.say(byte)?))) {
                lines.push(format!("[{place}:{}] {text}", range(row.mask)));
                said |= row.mask;
            } else if byte & mask != 0 {
                let meaning = known(place, bit).unwrap_or("RFU");
                lines.push(format!("[{place}:{bit}] {meaning}"));
            }
        }
    }
    Some(lines)
}

/// Bits of a part as the books count: `8`, or `8-5`.
fn range(mask: u8) -> String {
    let (high, low) = (8 - mask.leading_zeros(), mask.trailing_zeros() + 1);
    if high == low { high.to_string() } else { format!("{high}-{low}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(object: &str, book: Book, value: &[u8]) -> Vec<String> {
        lines(object, Some(book), value, |_, _| None).unwrap()
    }

    /// Every row is told when its bits are set, and not when they are not.
    #[test]
    fn every_bit_of_the_table_is_told() {
        let count = include_str!("bits.tsv").lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(count, TABLE.len());
        for row in TABLE.iter() {
            let part = match row.value {
                Told::When(value) => value,
                Told::Number | Told::Hexadecimal => {
                    row.mask & 0xA5 | 1 << row.mask.trailing_zeros()
                }
            };
            assert_eq!(part & !row.mask, 0, "{row:?}");
            let low = row.mask.trailing_zeros();
            // [a value that another row of the same part does not have]
            let expected = format!("[{}:{}] ", row.byte, range(row.mask));
            for &book in &row.books {
                let mut value = vec![0; row.byte];
                value[row.byte - 1] = part;
                let said = of(row.object, book, &value);
                let line = said.iter().find(|line| line.starts_with(&expected));
                let line = line.unwrap_or_else(|| panic!("{row:?} {said:?}"));
                assert!(line.contains(row.meaning), "{row:?} {said:?}");
                let shown = match row.value {
                    Told::When(_) => String::new(),
                    Told::Number => format!(": {}", part >> low),
                    Told::Hexadecimal => format!(" {:02X}", part >> low),
                };
                assert!(line.ends_with(&shown), "{row:?} {line}");
                if let Told::When(set @ 1..) = row.value {
                    value[row.byte - 1] = part ^ set;
                    let said = of(row.object, book, &value);
                    let own = format!("{expected}{}", row.meaning);
                    assert!(!said.contains(&own), "{row:?} {said:?}");
                }
            }
        }
    }

    /// No two rows of an object speak of the same part with the same value, or of parts that
    /// overlap without being the same.
    #[test]
    fn no_two_rows_share_bits() {
        for (place, row) in TABLE.iter().enumerate() {
            let others = TABLE[..place].iter().filter(|other| {
                other.object == row.object
                    && other.byte == row.byte
                    && other.books.iter().any(|book| row.books.contains(book))
                    && other.mask & row.mask != 0
            });
            for other in others {
                assert_eq!(other.mask, row.mask, "{row:?} {other:?}");
                assert_ne!(other.value, row.value, "{row:?} {other:?}");
            }
        }
    }

    #[test]
    fn what_the_table_does_not_have_is_told_by_others() {
        let known = |byte, bit| (byte == 1 && bit == 8).then_some("known");
        let said = lines("9F6C", Some(Book::C3), &[0x40, 0x01], known).unwrap();
        assert_eq!(said, ["[1:7] signature required", "[2:1] RFU"]);
        let said = lines("82", Some(Book::C8), &[0x81, 0x06], known).unwrap();
        assert_eq!(
            said,
            ["[1:8] known", "[1:1] local authentication supported", "[2:3] RFU", "[2:2] RFU"]
        );
        assert_eq!(lines("9F6C", None, &[0x80, 0], known), None);
        assert_eq!(lines("9F36", Some(Book::C3), &[0x80, 0], known), None);
        assert_eq!(range(0x0E), "4-2");
    }
}
