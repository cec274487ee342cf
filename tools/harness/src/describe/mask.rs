//! What must not be seen.

use chipwright::dictionary::emv::{
    IBAN, PAN, TRACK_1_DISCRETIONARY_DATA, TRACK_2, TRACK_2_DISCRETIONARY_DATA,
    TRANSACTION_PIN_DATA,
};
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright::value::Digits;
use core::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Track 2 Data of contactless cards, which no book of contact cards knows.
const TRACK_2_DATA: Tag = Tag(0x9F6B);

/// Whole secrets beside those of tracks: Track 1 Data and discretionary data of contactless cards,
/// PIN data, account number of a bank.
const WHOLE: [Tag; 7] = [
    TRACK_1_DISCRETIONARY_DATA.tag,
    TRACK_2_DISCRETIONARY_DATA.tag,
    TRANSACTION_PIN_DATA.tag,
    IBAN.tag,
    Tag(0x56),
    Tag(0xDF812A),
    Tag(0xDF812B),
];
/// A cardholder's identity number for PBOC, a code of two bytes for kernel 2.
const IDENTITY_NUMBER: Tag = Tag(0x9F61);

/// Digits of an account number from which on it is looked for in other values.
const SHORTEST: usize = 12;

/// The value field of an object in hexadecimal, with what must not be seen as asterisks: all of a
/// PAN but its first six and last four digits, all of a track but the same, whole discretionary
/// data.
pub fn hex_of(tag: Tag, value: &[u8]) -> String {
    let hex = hex::encode_upper(value);
    match tag {
        _ if tag == PAN.tag => cover(&hex, digits(value)),
        _ if [TRACK_2.tag, TRACK_2_DATA].contains(&tag) => cover(&hex, digits(value)),
        _ if hides_all(tag, value) => "*".repeat(hex.len()),
        _ => hex,
    }
}

/// Whether nothing of a value may be seen.
pub(super) fn hides_all(tag: Tag, value: &[u8]) -> bool {
    WHOLE.contains(&tag) || (tag == IDENTITY_NUMBER && value.len() > 2)
}

/// Covers the digits of an account number in the middle, and everything behind its end but
/// padding.
fn cover(hex: &str, count: usize) -> String {
    let shown = |place: usize| (place < 6 && count > 10) || (place < count && place + 4 >= count);
    let tail = hex.trim_end_matches('F').len();
    hex.char_indices()
        .map(|(place, digit)| if shown(place) || place >= tail.max(count) { digit } else { '*' })
        .collect()
}

/// Number of digits that a value begins with.
fn digits(value: &[u8]) -> usize {
    Digits::new(value).count()
}

/// The account numbers and tracks seen so far: they are masked wherever their digits turn up again.
#[derive(Default)]
pub struct Secrets {
    /// Each with what is shown of it.
    covered: BTreeMap<String, String>,
    /// Lengths that occur, longer ones first: a track holds its account number.
    lengths: BTreeSet<Reverse<usize>>,
}

impl Secrets {
    /// Takes note of the account numbers and tracks in a BER-TLV string, as far as it can be read.
    pub fn learn(&mut self, bytes: &[u8]) {
        self.learn_inside(bytes, 8);
    }

    fn learn_inside(&mut self, bytes: &[u8], depth: usize) {
        for tlv in Tlvs::new(bytes).map_while(Result::ok) {
            if tlv.tag.is_constructed() && depth > 0 {
                self.learn_inside(tlv.value, depth - 1);
            }
            self.learn_object(tlv.tag, tlv.value);
        }
    }

    /// Takes note of an account number or track if the object holds one.
    pub fn learn_object(&mut self, tag: Tag, value: &[u8]) {
        let is_track = [TRACK_2.tag, TRACK_2_DATA].contains(&tag);
        let count = digits(value);
        if (tag != PAN.tag && !is_track) || count < SHORTEST {
            return;
        }
        let hex = hex::encode_upper(value);
        self.insert(&hex[..count], count);
        if is_track {
            self.insert(hex.trim_end_matches('F'), count);
        }
    }

    fn insert(&mut self, hex: &str, count: usize) {
        self.lengths.insert(Reverse(hex.len()));
        self.covered.insert(hex.to_owned(), cover(hex, count));
    }

    /// The account numbers seen so far, and tracks, which begin with one.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.covered.keys().map(String::as_str)
    }

    /// The text with every known account number and track masked.
    pub fn hide(&self, text: &str) -> String {
        let mut hidden = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let known = self.beginning(rest);
            let length = known.map_or(letter.len_utf8(), str::len);
            let (own, behind) = rest.split_at(length);
            hidden.push_str(known.unwrap_or(own));
            rest = behind;
        }
        hidden
    }

    /// What is shown of the number or track that a text begins with, as long as that is.
    fn beginning(&self, text: &str) -> Option<&str> {
        if !text.starts_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        let mut beginnings = self.lengths.iter().filter_map(|length| text.get(..length.0));
        beginnings.find_map(|hex| self.covered.get(hex)).map(String::as_str)
    }
}

impl core::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Secrets({})", self.covered.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_and_four_digits_are_seen() {
        let pan = [0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10];
        assert_eq!(hex_of(PAN.tag, &pan), "476173******0010");
        assert_eq!(
            hex_of(PAN.tag, &[0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x1F, 0xFF, 0xFF]),
            "476173*****1001FFFFF"
        );
        let track = hex::decode("4761739001010010D49122011143804489").unwrap();
        assert_eq!(hex_of(TRACK_2.tag, &track), "476173******0010******************");
        assert_eq!(hex_of(TRACK_1_DISCRETIONARY_DATA.tag, &[1, 2]), "****");
        assert_eq!(hex_of(IDENTITY_NUMBER, b"11010"), "**********");
        assert_eq!(hex_of(IDENTITY_NUMBER, &[1, 2]), "0102");
        assert_eq!(hex_of(Tag(0x9F02), &[1, 2]), "0102");
    }

    #[test]
    fn nothing_is_seen_of_what_is_no_account_number() {
        assert_eq!(hex_of(PAN.tag, &[0xAB, 0xCD]), "****");
        assert_eq!(hex_of(PAN.tag, &[0x12, 0x34]), "1234");
        assert_eq!(hex_of(PAN.tag, &[0x12, 0x34, 0x56]), "**3456");
    }

    #[test]
    fn known_numbers_are_hidden_everywhere() {
        let mut secrets = Secrets::default();
        secrets.learn(&hex::decode("700C5A0847617390010100109C0100").unwrap());
        assert_eq!(secrets.hide("9F05 4761739001010010 x"), "9F05 476173******0010 x");
        let track = "4761739001010010D49122011143804489";
        secrets.learn(&hex::decode(format!("5711{track}")).unwrap());
        assert_eq!(
            secrets.hide(&format!("80AE{track}00 4761739001010010")),
            "80AE476173******0010******************00 476173******0010"
        );
        secrets.learn(&[0x70, 0x80]);
        secrets.learn_object(PAN.tag, &[0x11, 0x11]);
        assert_eq!(secrets.hide("1111"), "1111", "too short to be looked for");
    }
}
