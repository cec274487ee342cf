//! Structures of the contactless books.

use chipwright::message::Message;
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Digits};

use super::dictionary::{Book, definition};
use super::value::Meaning;
use super::{Context, codes, structure, text};
use crate::currency::Currency;

/// Kernel Identifier (9F2A): which kernel the application wants. [B 3.3.2.5]
pub(super) fn kernel_identifier(value: &[u8]) -> Option<Meaning> {
    let &[first, ..] = value else { return Some(Meaning::of("default of the application")) };
    let kernel = first & 0x3F;
    let text = match first >> 6 {
        0b00 | 0b01 if kernel == 0 => "default of the application".to_owned(),
        0b00 => format!("kernel {kernel} of EMVCo"),
        0b01 => format!("kernel {kernel}, proprietary"),
        _ if value.len() < 3 => return Some(Meaning::wrong("a domestic kernel has 3 bytes")),
        _ => {
            let owner = value.get(1..3).and_then(Digits::number);
            let owner = owner.and_then(|number| codes::country(u16::try_from(number).ok()?));
            match owner {
                Some(country) if first >> 6 == 0b10 => {
                    format!("domestic kernel {kernel} of {country}")
                }
                _ => format!("domestic kernel {kernel}"),
            }
        }
    };
    Some(Meaning::of(text))
}

/// Card Authentication Related Data (9F69): version, number of the card, copy of the Card
/// Transaction Qualifiers. [C7 2]
pub(super) fn related_data(tag: Tag, value: &[u8], book: Option<Book>) -> Option<Meaning> {
    let (&version, rest) = value.split_first()?;
    let (number, rest) = rest.split_at_checked(4)?;
    let number = hex::encode_upper(number);
    let text = format!("fDDA version {version:02X}, unpredictable number {number}");
    let mut parts = Vec::new();
    if let Some((qualifiers, more)) = rest.split_at_checked(2) {
        parts.push(format!(
            "copy of the Card Transaction Qualifiers {}",
            hex::encode_upper(qualifiers)
        ));
        // Whose qualifiers they are is whose related data these are.
        let own = definition(tag, book, None).and_then(|definition| definition.book(book));
        let bits = definition(Tag(0x9F6C), own, None)
            .and_then(|definition| structure::bits(definition, own, qualifiers));
        parts.extend(bits.unwrap_or_default().into_iter().map(|line| format!("  {line}")));
        if !more.is_empty() {
            parts.push(format!("proprietary {}", hex::encode_upper(more)));
        }
    }
    Some(Meaning { text: Some(text), parts, problem: None })
}

/// Third Party Data (9F6E) of Mastercard: country, identifier, kind of device, what the third
/// party adds.
pub(super) fn third_party_data(value: &[u8]) -> Option<Meaning> {
    let (country, rest) = value.split_first_chunk::<2>()?;
    let (identifier, rest) = rest.split_first_chunk::<2>()?;
    let country = Code::decode(country).and_then(|code| codes::country(code.number()));
    let country = country.unwrap_or("no country");
    let mut text = format!("{country}, identifier {}", hex::encode_upper(identifier));
    // The kind of device is left out where the first bit of the identifier is set.
    let (device, own) = match rest.split_at_checked(2) {
        Some((device, own)) if identifier.first().is_some_and(|byte| byte & 0x80 == 0) => {
            (Some(device), own)
        }
        _ => (None, rest),
    };
    if let Some(device) = device {
        text.push_str(&format!(", {}", device_type(device)));
    }
    let own = Some(own).filter(|own| !own.is_empty());
    let parts = own.map(|own| format!("proprietary {}", hex::encode_upper(own)));
    Some(Meaning { text: Some(text), parts: parts.into_iter().collect(), problem: None })
}

fn device_type(code: &[u8]) -> String {
    let kind = match code {
        b"00" => "card",
        b"01" => "mobile phone, removable secure element of its network operator",
        b"02" => "key fob",
        b"03" => "watch",
        b"04" => "mobile tag",
        b"05" => "wristband",
        b"06" => "case or sleeve of a mobile phone",
        b"07" => "mobile phone, fixed secure element of its network operator",
        b"08" => "removable secure element of others",
        b"09" => "mobile phone, fixed secure element of others",
        b"10" => "tablet, removable secure element of its network operator",
        b"11" => "tablet, fixed secure element of its network operator",
        b"12" => "removable secure element of others, for a tablet",
        b"13" => "tablet, fixed secure element of others",
        _ => return format!("device {}", text::printable(code)),
    };
    kind.to_owned()
}

/// A message by its identifier. [A 9.4]
fn message(identifier: u8) -> String {
    match Message::identified(identifier) {
        Some(message) => format!("{identifier:02X}{}", words(&format!("{message:?}"))),
        None if identifier == 0xFF => "none".to_owned(),
        None => format!("{identifier:02X}"),
    }
}

/// A name in one word as words, each with a space before it.
fn words(name: &str) -> String {
    let letter = |letter: char| match letter {
        'A'..='Z' => format!(" {}", letter.to_ascii_lowercase()),
        _ => letter.to_string(),
    };
    name.chars().map(letter).collect()
}

/// Identifiers of messages.
pub(super) fn message_identifiers(value: &[u8]) -> Meaning {
    let messages: Vec<String> = value.iter().map(|identifier| message(*identifier)).collect();
    Meaning::of(messages.join(", "))
}

/// User Interface Request Data: 22 bytes of kernel 2, 13 of kernel 8, which has no amount.
pub(super) fn ui_request(value: &[u8], context: Context) -> Option<Meaning> {
    let (&[identifier, status], rest) = value.split_first_chunk()?;
    let (hold, rest) = rest.split_first_chunk::<3>()?;
    let (languages, rest) = rest.split_first_chunk::<8>()?;
    let status = match status {
        0x00 => "not ready",
        0x01 => "idle",
        0x02 => "ready to read",
        0x03 => "processing",
        0x04 => "card read successfully",
        0x05 => "processing error",
        _ => "no status",
    };
    let mut parts = vec![format!("status: {status}")];
    if let Some(tenths) = Digits::number(hold).filter(|tenths| *tenths > 0) {
        parts.push(format!("hold time: {} ms", 100 * tenths));
    }
    let languages = languages.chunks(2).filter(|letters| *letters != [0, 0]);
    let named: Vec<&str> = languages.filter_map(codes::language).collect();
    if !named.is_empty() {
        parts.push(format!("languages: {}", named.join(", ")));
    }
    parts.extend(amount(rest, context));
    Some(Meaning { text: Some(message(identifier)), parts, problem: None })
}

/// Value qualifier, value and currency code of kernel 2's request.
fn amount(rest: &[u8], context: Context) -> Option<String> {
    let (qualifier, rest) = rest.split_first()?;
    let (value, currency) = rest.split_at_checked(6)?;
    let what = match qualifier >> 4 {
        1 => "amount",
        2 => "balance",
        _ => return None,
    };
    let currency = Code::decode(currency).map(Currency::of).or(context.currency);
    let amount = text::amount(Amount::decode(value)?, currency);
    Some(format!("{what}: {amount}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).unwrap()
    }

    #[test]
    fn kernels_are_named() {
        let told = |hex: &str| {
            let meaning = kernel_identifier(&bytes(hex)).unwrap();
            meaning.text.or(meaning.problem).unwrap()
        };
        assert_eq!(told("08"), "kernel 8 of EMVCo");
        assert_eq!(told("43"), "kernel 3, proprietary");
        assert_eq!(told(""), "default of the application");
        assert_eq!(told("810276"), "domestic kernel 1 of Germany");
        assert_eq!(told("81"), "a domestic kernel has 3 bytes");
    }

    #[test]
    fn the_copy_of_the_qualifiers_is_that_of_the_book() {
        let told = |book| related_data(Tag(0x9F69), &bytes("01AABBCCDD8040"), Some(book)).unwrap();
        let visa = told(Book::C3);
        assert_eq!(visa.text.as_deref(), Some("fDDA version 01, unpredictable number AABBCCDD"));
        assert_eq!(visa.parts.len(), 3, "{visa:?}");
        assert!(visa.parts[2].contains("issuer update"));
        assert!(told(Book::C7).parts[2].contains("RFU"));
        assert_eq!(related_data(Tag(0x9F69), &[1, 2], None), None);
    }

    #[test]
    fn third_parties_name_device_and_country() {
        let told = third_party_data(&bytes("084000013031AABB")).unwrap();
        let expected = "United States of America, identifier 0001, mobile phone, removable secure element of its network operator";
        assert_eq!(told.text.as_deref(), Some(expected));
        assert_eq!(told.parts, ["proprietary AABB"]);
        let told = third_party_data(&bytes("02768001AABB")).unwrap();
        assert_eq!(told.text.as_deref(), Some("Germany, identifier 8001"));
        assert_eq!(third_party_data(&[2]), None);
    }

    #[test]
    fn requests_are_told_part_by_part() {
        let told =
            ui_request(&bytes("1704000013656E000000000000100000000012340978"), Context::default())
                .unwrap();
        assert_eq!(told.text.as_deref(), Some("17 card read ok"));
        assert_eq!(
            told.parts,
            [
                "status: card read successfully",
                "hold time: 1300 ms",
                "languages: English",
                "amount: 12.34 EUR"
            ]
        );
        let told = ui_request(&bytes("FF000000000000000000000000"), Context::default()).unwrap();
        assert_eq!((told.text.as_deref(), told.parts.len()), (Some("none"), 1));
        assert_eq!(ui_request(&[1, 2, 3], Context::default()), None);
    }
}
