//! Rules of a CVM list in words.

use serde::de::{Deserialize, Deserializer, Error};

/// A rule of a CVM list: method and condition, two bytes. [B3 C3]
///
/// Written as `"plaintext-pin if-supported else-next"`: method, condition (`always` when left
/// out), and whether the next rule applies when the method fails; or as four hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule(pub [u8; 2]);

const METHODS: [(&str, u8); 8] = [
    ("fail", 0x00),
    ("plaintext-pin", 0x01),
    ("online-pin", 0x02),
    ("plaintext-pin-and-signature", 0x03),
    ("enciphered-pin", 0x04),
    ("enciphered-pin-and-signature", 0x05),
    ("signature", 0x1E),
    ("no-cvm", 0x1F),
];

const CONDITIONS: [(&str, u8); 10] = [
    ("always", 0x00),
    ("if-unattended-cash", 0x01),
    ("if-not-cash", 0x02),
    ("if-supported", 0x03),
    ("if-manual-cash", 0x04),
    ("if-cashback", 0x05),
    ("if-under-x", 0x06),
    ("if-over-x", 0x07),
    ("if-under-y", 0x08),
    ("if-over-y", 0x09),
];

/// "Apply the next rule when this one is unsuccessful."
const ELSE_NEXT: u8 = 0x40;

impl Rule {
    /// Reads a rule in words or hexadecimal.
    ///
    /// # Errors
    /// A text that says which words there are.
    pub fn new(text: &str) -> Result<Self, String> {
        if let Some(bytes) = hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok()) {
            return Ok(Self(bytes));
        }
        let mut words = text.split(' ').peekable();
        let method = words.next().unwrap_or_default();
        let mut code =
            look_up(&METHODS, method).ok_or_else(|| unknown("method", method, &METHODS))?;
        let condition = match words.next_if(|word| *word != "else-next") {
            Some(word) => {
                look_up(&CONDITIONS, word).ok_or_else(|| unknown("condition", word, &CONDITIONS))?
            }
            None => 0x00,
        };
        if words.next_if_eq(&"else-next").is_some() {
            code |= ELSE_NEXT;
        }
        match words.next() {
            Some(word) => Err(format!("`{word}` behind the end of a CVM rule")),
            None => Ok(Self([code, condition])),
        }
    }

    /// Whether the card itself verifies a PIN.
    pub fn is_offline_pin(self) -> bool {
        matches!(self.0[0] & 0x3F, 0x01 | 0x03 | 0x04 | 0x05)
    }
}

fn look_up(table: &[(&str, u8)], word: &str) -> Option<u8> {
    table.iter().find(|(name, _)| *name == word).map(|(_, code)| *code)
}

fn unknown(what: &str, word: &str, table: &[(&str, u8)]) -> String {
    let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
    format!("unknown CVM {what} `{word}`, expected one of {}", names.join(", "))
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_bytes() {
        for (text, bytes) in [
            ("no-cvm", [0x1F, 0x00]),
            ("signature if-supported", [0x1E, 0x03]),
            ("plaintext-pin if-supported else-next", [0x41, 0x03]),
            ("enciphered-pin else-next", [0x44, 0x00]),
            ("online-pin if-over-y", [0x02, 0x09]),
            ("4203", [0x42, 0x03]),
        ] {
            assert_eq!(Rule::new(text), Ok(Rule(bytes)), "{text}");
        }
    }

    #[test]
    fn unknown_words_are_named() {
        for (text, word) in [
            ("", "``"),
            ("pin", "`pin`"),
            ("42", "`42`"),
            ("no-cvm sometimes", "`sometimes`"),
            ("no-cvm always else", "`else`"),
            ("no-cvm else-next always", "`always`"),
        ] {
            let error = Rule::new(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }

    #[test]
    fn the_card_verifies_offline_pins_only() {
        let offline = |text| Rule::new(text).unwrap().is_offline_pin();
        assert!(offline("plaintext-pin else-next") && offline("enciphered-pin-and-signature"));
        assert!(!offline("online-pin") && !offline("no-cvm"));
    }
}
