//! What card and issuer tell each other: their data, which payment systems lay out.

use chipwright::issuer_application_data::{
    CardVerificationResults, CommonCoreResults, IssuerApplicationData, Layout, MChipResults,
};
use core::iter::once;

use super::dictionary::Book;
use super::value::Meaning;
use super::{bits, structure};

/// Provider identifiers by whose data an unknown card's are tried, first those with a mark.
const VISA: [u8; 5] = [0xA0, 0x00, 0x00, 0x00, 0x03];
const UNION_PAY: [u8; 5] = [0xA0, 0x00, 0x00, 0x03, 0x33];
const MASTERCARD: [u8; 5] = [0xA0, 0x00, 0x00, 0x00, 0x04];
const DISCOVER: [u8; 5] = [0xA0, 0x00, 0x00, 0x01, 0x52];

/// Issuer Application Data (9F10), by the layout of the book's payment system; of an unknown one
/// by what they look like. [B3 C7]
pub(super) fn application_data(value: &[u8], book: Option<Book>) -> Option<Meaning> {
    let owners: &[[u8; 5]] = match book {
        Some(Book::C2) => &[MASTERCARD],
        Some(Book::C3) => &[VISA],
        Some(Book::C6) => &[DISCOVER],
        Some(Book::C7 | Book::Pboc) => &[UNION_PAY],
        Some(Book::C4 | Book::C5) => return None,
        // Only those that are known by a mark, or by a length that no other has.
        _ => &[VISA, UNION_PAY, MASTERCARD],
    };
    let read = |owner: &[u8; 5]| Layout::of(owner, value)?.read(value);
    let data = owners.iter().find_map(read)?;
    let guess = if book.is_none() { ", by its looks" } else { "" };
    let layout = layout(data.layout);
    let text = format!(
        "{layout}{guess}: key index {:02X}, cryptogram version {}",
        data.key_index,
        version(&data)
    );
    Some(Meaning { text: Some(text), parts: parts(&data), problem: None })
}

const fn layout(layout: Layout) -> &'static str {
    match layout {
        Layout::Visa => "Visa, format 0, 1 or 3",
        Layout::VisaLong => "Visa, format 2 or 4",
        Layout::MChip => "M/Chip",
        Layout::UnionPay => "UnionPay",
        Layout::CommonCore => "Common Core",
        Layout::DPas => "D-PAS",
    }
}

/// The cryptogram version as people call it.
fn version(data: &IssuerApplicationData<'_>) -> String {
    match data.layout {
        Layout::CommonCore => match data.version {
            0xA5 => "A5 (triple DES)".to_owned(),
            0xA6 => "A6 (AES)".to_owned(),
            other => format!("{other:02X}"),
        },
        Layout::MChip => {
            let key = if data.version & 0x04 == 0 {
                "proprietary session key"
            } else {
                "common session key"
            };
            let counters = if data.version & 0x01 == 0 { "" } else { ", with counters" };
            format!("{} ({key}{counters})", data.version)
        }
        _ => format!("{} ({:02X})", data.version, data.version),
    }
}

fn parts(data: &IssuerApplicationData<'_>) -> Vec<String> {
    let hex = |bytes: &[u8]| hex::encode_upper(bytes);
    let mut parts: Vec<String> = once(format!("card verification results {}", hex(data.results)))
        .chain(results(data).into_iter().map(|line| format!("  {line}")))
        .collect();
    let mut part = |name: &str, value: Option<String>| {
        parts.extend(value.map(|value| format!("{name} {value}")));
    };
    let some = |bytes: &[u8]| Some(hex(bytes)).filter(|hex| !hex.is_empty());
    part("dynamic number", data.dynamic_number.map(|number| hex(&number)));
    part(
        "algorithm",
        data.algorithm.map(|algorithm| match algorithm {
            0x01 => "01 (triple DES)".to_owned(),
            0x04 => "04 (SM4)".to_owned(),
            other => format!("{other:02X}"),
        }),
    );
    part("counters", some(data.counters));
    part(
        "transaction counter of the last online transaction",
        data.last_online.map(|atc| atc.to_string()),
    );
    part("issuer discretionary data", some(data.discretionary));
    parts
}

/// The Card Verification Results: decisions and counters, then the bits.
fn results(data: &IssuerApplicationData<'_>) -> Vec<String> {
    // Those of UnionPay are in the table of bits.
    if data.layout == Layout::UnionPay {
        let results = data.results.get(1..).unwrap_or_default();
        let behind_length: Vec<u8> = once(0).chain(results.iter().copied()).collect();
        return bits::lines("cvr-unionpay", Some(Book::C7), &behind_length, |_, _| None)
            .unwrap_or_default();
    }
    match data.verification_results() {
        Some(CardVerificationResults::Visa(results)) => {
            let scripts = counted(results.script_counter(), "issuer script commands processed");
            structure::set(results.flags().set_bits()).chain(scripts).collect()
        }
        Some(CardVerificationResults::MChip(results)) => {
            let MChipResults([_, _, counters, ..]) = results;
            let tries = format!("[3:4-1] PIN tries left: {}", counters & 0x0F);
            let scripts = counted(results.script_counter(), "issuer script commands processed");
            structure::set(results.flags().set_bits()).chain(scripts).chain([tries]).collect()
        }
        Some(CardVerificationResults::CommonCore(results)) => {
            let CommonCoreResults([.., own]) = results;
            let tries = format!("[2:8-5] PIN tries left: {}", results.pin_try_counter());
            let scripts = counted(results.script_counter(), "issuer script commands processed");
            let own = (own != 0).then(|| format!("[5] for the issuer to define: {own:02X}"));
            structure::set(results.flags().set_bits())
                .chain(scripts)
                .chain([tries])
                .chain(own)
                .collect()
        }
        None => Vec::new(),
    }
}

fn counted(count: u8, what: &str) -> Option<String> {
    (count > 0).then(|| format!("{count} {what}"))
}

/// Issuer Authentication Data (91): a cryptogram of 8 bytes with the response code, or one of 4
/// with the Card Status Update. [B2 8.2]
pub(super) fn authentication_data(value: &[u8]) -> Option<Meaning> {
    let hex = hex::encode_upper;
    if value.len() == 10 {
        let (cryptogram, code) = value.split_at(8);
        let text = format!(
            "method 1: cryptogram {}, response code {}",
            hex(cryptogram),
            super::printable(code)
        );
        return Some(Meaning::of(text));
    }
    let (cryptogram, rest) = value.split_at_checked(4)?;
    let (update, own) = rest.split_at_checked(4)?;
    let own = if own.is_empty() { String::new() } else { format!(", proprietary {}", hex(own)) };
    let text = format!(
        "by method 2: cryptogram {}, card status update {}{own}",
        hex(cryptogram),
        hex(update)
    );
    let parts = bits::lines("card-status-update", Some(Book::Emv), update, |_, _| None);
    Some(Meaning { text: Some(text), parts: parts.unwrap_or_default(), problem: None })
}

/// Issuer Script Results: five bytes for each script. [B4 A5]
pub(super) fn script_results(value: &[u8]) -> Result<(String, Vec<String>), String> {
    let line = |script: &[u8]| match *script {
        [result, a, b, c, d] => {
            let what = match result >> 4 {
                0 => "not performed".to_owned(),
                1 if result & 0x0F == 0x0F => "failed at command 15 or later".to_owned(),
                1 => format!("failed at command {}", result & 0x0F),
                2 => "successful".to_owned(),
                _ => format!("result {result:02X}"),
            };
            Ok(format!("script {}: {what}", hex::encode_upper([a, b, c, d])))
        }
        _ => Err(format!("{} bytes left over", script.len())),
    };
    let lines = value.chunks(5).map(line).collect::<Result<Vec<_>, _>>()?;
    let scripts = if lines.len() == 1 { "script" } else { "scripts" };
    Ok((format!("{} {scripts}", lines.len()), lines))
}

/// Application Selection Registered Proprietary Data: identifier, length and value of each
/// registered object.
pub(super) fn registered_data(value: &[u8]) -> Result<(String, Vec<String>), String> {
    let mut lines = Vec::new();
    let mut rest = value;
    while let [high, low, length, behind @ ..] = rest {
        let at = value.len() - rest.len();
        let (own, behind) = behind
            .split_at_checked((*length).into())
            .ok_or_else(|| format!("object at offset {at} is cut short"))?;
        lines.push(format!("{high:02X}{low:02X} {}", hex::encode_upper(own)));
        rest = behind;
    }
    if !rest.is_empty() {
        return Err(format!("object at offset {} is cut short", value.len() - rest.len()));
    }
    let objects = if lines.len() == 1 { "object" } else { "objects" };
    Ok((format!("{} {objects}", lines.len()), lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(hex: &str, book: Option<Book>) -> (String, Vec<String>) {
        let meaning = application_data(&hex::decode(hex).unwrap(), book).unwrap();
        (meaning.text.unwrap(), meaning.parts)
    }

    #[test]
    fn every_payment_system_has_its_layout() {
        let (text, parts) = told("06010A03A4B802", Some(Book::C3));
        assert_eq!(text, "Visa, format 0, 1 or 3: key index 01, cryptogram version 10 (0A)");
        assert_eq!(parts[0], "card verification results 03A4B802");
        assert!(
            parts.contains(&"  [2:6] ARQC returned in first GENERATE AC".to_owned()),
            "{parts:?}"
        );
        assert!(parts.contains(&"  [4:2] dynamic data authentication performed".to_owned()));
        let (text, parts) = told("0110A78005132000693800000001999300FF", None);
        assert_eq!(
            text,
            "M/Chip, by its looks: key index 01, cryptogram version 16 (proprietary session key)"
        );
        assert!(parts.contains(&"  [3:4-1] PIN tries left: 5".to_owned()), "{parts:?}");
        assert!(parts.contains(&"dynamic number 6938".to_owned()), "{parts:?}");
        let (text, parts) = told("0701010390000001", Some(Book::C7));
        assert_eq!(text, "UnionPay: key index 01, cryptogram version 1 (01)");
        assert_eq!(
            parts[1..3],
            ["  [2:8-7] second GENERATE AC not requested", "  [2:6-5] TC returned first"]
        );
        assert_eq!(parts.last().unwrap(), "algorithm 01 (triple DES)");
        let core = format!("0FA5030102030405{}0F{}", "CC".repeat(8), "DD".repeat(15));
        let (text, parts) = told(&core, None);
        assert_eq!(
            text,
            "Common Core, by its looks: key index 03, cryptogram version A5 (triple DES)"
        );
        assert!(parts.contains(&"  [5] for the issuer to define: 05".to_owned()), "{parts:?}");
        let long = format!("1F1201{}", "00".repeat(29));
        assert_eq!(
            told(&long, Some(Book::C3)).0,
            "Visa, format 2 or 4: key index 01, cryptogram version 18 (12)"
        );
        assert_eq!(application_data(&[6, 1, 0x0A], Some(Book::C3)), None);
        assert_eq!(application_data(&[6, 1, 0x0A, 3, 0, 0, 0], Some(Book::C4)), None);
    }

    #[test]
    fn the_issuer_answers_by_one_of_two_methods() {
        let told = |hex: &str| authentication_data(&hex::decode(hex).unwrap());
        let first = told("11223344556677883030").unwrap();
        assert_eq!(first.text.unwrap(), "method 1: cryptogram 1122334455667788, response code 00");
        let second = told("1122334403830000").unwrap();
        assert_eq!(
            second.text.unwrap(),
            "by method 2: cryptogram 11223344, card status update 03830000"
        );
        assert_eq!(second.parts[0], "[1:4-1] PIN try counter: 3");
        assert_eq!(second.parts[1], "[2:8] issuer approves online transaction");
        assert_eq!(second.parts[2], "[2:2-1] transaction added to offline counters");
        assert_eq!(told("112233"), None);
    }

    #[test]
    fn lists_are_told_entry_by_entry() {
        let (text, lines) = script_results(&[0x20, 1, 2, 3, 4, 0x12, 0, 0, 0, 0]).unwrap();
        assert_eq!(text, "2 scripts");
        assert_eq!(lines, ["script 01020304: successful", "script 00000000: failed at command 2"]);
        assert_eq!(script_results(&[0x20, 1]).unwrap_err(), "2 bytes left over");
        let (_, lines) = registered_data(&[0x00, 0x01, 2, 0xAA, 0xBB, 0x00, 0x02, 0]).unwrap();
        assert_eq!(lines, ["0001 AABB", "0002 "]);
        assert!(registered_data(&[0, 1, 2, 0xAA]).unwrap_err().contains("offset 0"));
        assert!(registered_data(&[0, 1, 0, 0]).unwrap_err().contains("offset 3"));
    }
}
