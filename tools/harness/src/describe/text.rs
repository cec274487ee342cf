//! Text of the card, which may hold anything.

use chipwright::candidates::DisplayName;
use chipwright::value::Amount;

use crate::currency::Currency;

/// The characters of ISO 8859-1 in `bytes`, without trailing spaces; what a display could act
/// upon is shown as a code.
pub fn printable(bytes: &[u8]) -> String {
    let end = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    bytes
        .get(..end)
        .unwrap_or_default()
        .iter()
        .map(|byte| match byte {
            0x20..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF => char::from(*byte).to_string(),
            _ => format!("\\x{byte:02X}"),
        })
        .collect()
}

/// The characters of a part of ISO 8859, as [`printable`] shows those of the first; `None` when
/// there is no such part, or it does not have these characters.
pub(super) fn in_part(bytes: &[u8], part: u8) -> Option<String> {
    use encoding_rs::{
        ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6, ISO_8859_7, ISO_8859_8,
        ISO_8859_10, WINDOWS_1254,
    };
    let encoding = match part {
        2 => ISO_8859_2,
        3 => ISO_8859_3,
        4 => ISO_8859_4,
        5 => ISO_8859_5,
        6 => ISO_8859_6,
        7 => ISO_8859_7,
        8 => ISO_8859_8,
        // The same from A0 on, which is all that a card may use.
        9 => WINDOWS_1254,
        10 => ISO_8859_10,
        _ => return None,
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let letter = |letter: char| match letter {
        letter if letter.is_control() => format!("\\x{:02X}", u32::from(letter)),
        letter => letter.to_string(),
    };
    Some(text.trim_end_matches(' ').chars().map(letter).collect())
}

/// A name as the cardholder is shown it: characters of other parts of ISO 8859 than the first are
/// shown as codes, and the part is named.
pub fn display_name(name: DisplayName<'_>) -> String {
    let text = printable(name.characters);
    if name.code_table == 1 {
        return text;
    }
    let coded = text.chars().map(|character| match character {
        '\u{A0}'..='\u{FF}' => format!("\\x{:02X}", u32::from(character)),
        character => character.to_string(),
    });
    format!("{} (ISO 8859-{:X})", coded.collect::<String>(), name.code_table)
}

/// An amount, in its currency where that is known.
pub(super) fn amount(amount: Amount, currency: Option<Currency>) -> String {
    match currency {
        Some(currency) => currency.show(amount),
        None => format!("{} in minor units", amount.minor_units()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(printable(b"VISA \x1B[31mred\n  "), "VISA \\x1B[31mred\\x0A");
        assert_eq!(printable(&[0xC4, 0x9B, 0x85, b' ']), "\u{C4}\\x9B\\x85");
        assert_eq!(printable(b"  "), "");
    }

    #[test]
    fn other_parts_have_other_characters() {
        assert_eq!(in_part(&[0xBC, 0xD8, 0xE0], 5).as_deref(), Some("\u{41C}\u{438}\u{440}"));
        assert_eq!(in_part(b"abc \x07 ", 7).as_deref(), Some("abc \\x07"));
        assert_eq!(in_part(&[0xA5], 3), None, "not in that part");
        assert_eq!(in_part(b"abc", 1), None);
        assert_eq!(in_part(b"abc", 11), None);
    }

    #[test]
    fn names_of_other_alphabets_are_shown_as_codes() {
        let shown = |characters, code_table| display_name(DisplayName { characters, code_table });
        assert_eq!(shown(b"Cr\xE9dit", 1), "Cr\u{E9}dit");
        assert_eq!(shown(b"M\xD8r", 5), "M\\xD8r (ISO 8859-5)");
        assert_eq!(shown(b"A", 0x10), "A (ISO 8859-10)");
    }
}
