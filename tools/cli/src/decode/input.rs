//! What there is to decode: digits, letters, bytes or text.

use base64ct::{Base64, Base64Unpadded, Encoding};
use chipwright_harness::describe::definition;

use super::piece::Piece;
use crate::failure::Failure;
use crate::source;

/// What was given.
pub(super) enum Input {
    /// Bytes, or digits and letters that stand for bytes.
    Bytes(Vec<u8>),
    /// Text among which there may be data.
    Text(String),
}

/// Reads an argument: digits on the command line, base64, or a file.
pub(super) fn read(argument: &str, piece: Option<Piece>) -> Result<Input, Failure> {
    if argument != "-" {
        if let Some(digits) = number(argument, piece) {
            return digits_of(digits.as_bytes(), "the argument").map(Input::Bytes);
        }
        if is_hex(argument.as_bytes()) {
            return digits_of(argument.as_bytes(), "the argument").map(Input::Bytes);
        }
        if !std::path::Path::new(argument).exists() {
            if let Some(bytes) = base64(argument) {
                return Ok(Input::Bytes(bytes));
            }
            if argument.contains([' ', '\n', ':', '=']) {
                return Ok(Input::Text(argument.to_owned()));
            }
        }
    }
    // What was meant as data is not repeated: there may be an account number in it.
    if argument != "-" && !std::path::Path::new(argument).exists() && is_data(argument) {
        return Err(Failure::data(
            "the argument: no hexadecimal digits, no base64, and no such file",
        ));
    }
    let bytes = source::bytes(argument)?;
    if is_hex(&bytes) {
        let shown = if argument == "-" { "standard input" } else { argument };
        return digits_of(&bytes, shown).map(Input::Bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) if is_text(&text) => match base64(&text) {
            Some(bytes) => Ok(Input::Bytes(bytes)),
            None => Ok(Input::Text(text)),
        },
        Ok(text) => Ok(Input::Bytes(text.into_bytes())),
        Err(error) => Ok(Input::Bytes(error.into_bytes())),
    }
}

/// Digits of a numeric object, which may be fewer than its bytes hold.
fn number(argument: &str, piece: Option<Piece>) -> Option<String> {
    let Some(Piece::Value(tag)) = piece else { return None };
    let definition = definition(tag, None, None)?;
    let numeric = definition.format.starts_with('n') && !argument.is_empty();
    let digits = argument.bytes().all(|byte| byte.is_ascii_digit());
    let width = (2 * definition.min).max(argument.len().next_multiple_of(2));
    (numeric && digits).then(|| format!("{argument:0>width$}"))
}

/// Whether a word has as many digits on end as an account number.
fn is_data(word: &str) -> bool {
    word.split(|letter: char| !letter.is_ascii_hexdigit()).any(|digits| digits.len() >= 12)
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace())
}

/// Letters and what stands between them, and nothing that only a machine reads.
fn is_text(text: &str) -> bool {
    let control = |letter: char| letter.is_control() && !"\n\r\t\u{1B}\u{C}".contains(letter);
    !text.contains(control)
}

/// Bytes in base64, lines and padding as they come; so short a word is none.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let letters: String = text.split_ascii_whitespace().collect();
    if letters.len() < 8 {
        return None;
    }
    Base64::decode_vec(&letters).or_else(|_| Base64Unpadded::decode_vec(&letters)).ok()
}

fn digits_of(text: &[u8], what: &str) -> Result<Vec<u8>, Failure> {
    let digits: Vec<u8> = text.iter().copied().filter(u8::is_ascii_hexdigit).collect();
    if digits.is_empty() {
        return Err(Failure::data(format!("{what}: nothing to decode")));
    }
    hex::decode(&digits).map_err(|_| {
        Failure::data(format!("{what}: half a byte is left over, {} digits", digits.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::tag::Tag;

    fn bytes(argument: &str) -> Vec<u8> {
        match read(argument, None) {
            Ok(Input::Bytes(bytes)) => bytes,
            Ok(Input::Text(text)) => panic!("text {text}"),
            Err(failure) => panic!("{failure}"),
        }
    }

    #[test]
    fn digits_may_stand_apart() {
        assert_eq!(bytes(" 9A 03\n260115 "), [0x9A, 3, 0x26, 0x01, 0x15]);
        let wrong = |argument| read(argument, None).err().unwrap().message;
        assert!(wrong("9A0").contains("half a byte"));
        assert!(wrong("").contains("nothing to decode"));
        assert!(wrong("no-such-file").starts_with("no-such-file: "));
    }

    #[test]
    fn base64_is_taken_for_what_it_is() {
        assert_eq!(bytes("mgMmARWcAQA="), [0x9A, 3, 0x26, 0x01, 0x15, 0x9C, 1, 0]);
        assert_eq!(bytes("mgMmARWcAQA"), [0x9A, 3, 0x26, 0x01, 0x15, 0x9C, 1, 0]);
        assert_eq!(base64("mgM="), None);
    }

    #[test]
    fn numbers_are_as_wide_as_their_object() {
        let read = |argument, tag| match read(argument, Some(Piece::Value(Tag(tag)))) {
            Ok(Input::Bytes(bytes)) => bytes,
            _ => panic!("no bytes"),
        };
        assert_eq!(read("276", 0x9F1A), [0x02, 0x76]);
        assert_eq!(read("1234", 0x9F02), [0, 0, 0, 0, 0x12, 0x34]);
        assert_eq!(read("8000", 0x95), [0x80, 0x00]);
    }

    #[test]
    fn what_is_among_other_words_is_text() {
        assert!(matches!(read("TVR: 0000008000", None), Ok(Input::Text(_))));
    }
}
