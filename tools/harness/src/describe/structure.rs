//! Values with parts: bit fields, lists, locators.

use chipwright::afl::Afl;
use chipwright::contactless::TerminalTransactionQualifiers;
use chipwright::cvm::{CvmList, Rule};
use chipwright::dol::Dol;
use chipwright::field::{
    AdditionalTerminalCapabilities, AdviceReason, ApplicationInterchangeProfile,
    ApplicationUsageControl, CryptogramInformation, CvmOutcome, CvmResults, TerminalCapabilities,
    TerminalVerificationResults, TransactionStatusInformation,
};
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright_c7::field::{AdditionalFunctions, CardTransactionQualifiers};

use super::bits as table;
use super::dictionary::{Book, Definition, definition};
use super::text;
use crate::currency::Currency;
use chipwright::value::Amount;

/// The bits that are set, a line for each: those of Books 1 to 4 and of the kernel that is linked,
/// and before them those that the table of bits has for a book.
pub(super) fn bits(
    definition: &Definition,
    book: Option<Book>,
    value: &[u8],
) -> Option<Vec<String>> {
    let tag = definition.tag.to_string();
    let object = if definition.reading.is_empty() { &tag } else { definition.reading };
    let known = known_bits(definition, value);
    let meaning = |byte, bit| {
        let mut bits = known.iter().flatten();
        bits.find(|own| (own.0, own.1) == (byte, bit)).and_then(|own| own.2)
    };
    table::lines(object, book, value, meaning).or_else(|| Some(set(known?.into_iter()).collect()))
}

/// A bit that is set, by byte and bit, with its meaning.
type Bit = (u8, u8, Option<&'static str>);

/// The bits that are set, of fields that the kernels know; `None` when it is no such field.
fn known_bits(definition: &Definition, value: &[u8]) -> Option<Vec<Bit>> {
    macro_rules! bits {
        ($Field:ty) => {
            <$Field>::decode(value).map(|field| field.set_bits().collect())
        };
    }
    let of = |book| definition.books.contains(&book);
    match definition.tag.0 {
        _ if definition.reading == "terminal-verification-results" => {
            bits!(TerminalVerificationResults)
        }
        0x9B => bits!(TransactionStatusInformation),
        0x82 if !definition.nowhere_else => bits!(ApplicationInterchangeProfile),
        0x9F07 => bits!(ApplicationUsageControl),
        0x9F33 => bits!(TerminalCapabilities),
        0x9F40 => bits!(AdditionalTerminalCapabilities),
        0x9F66 if of(Book::C7) => bits!(TerminalTransactionQualifiers),
        0x9F6C => bits!(CardTransactionQualifiers),
        0xDF61 if of(Book::C7) => bits!(AdditionalFunctions),
        _ => None,
    }
}

/// A line for each bit that is set.
pub(super) fn set(bits: impl Iterator<Item = Bit>) -> impl Iterator<Item = String> {
    bits.map(|(byte, bit, meaning)| format!("[{byte}:{bit}] {}", meaning.unwrap_or("RFU")))
}

/// A CVM List, a line for each rule. [B3 C3]
pub(super) fn cvm_list(
    value: &[u8],
    currency: Option<Currency>,
) -> Result<(String, Vec<String>), String> {
    let list = CvmList::read(value).map_err(|fault| fault.to_string())?;
    let amount = |minor: u32| {
        let amount = Amount::new(minor.into()).unwrap_or_default();
        text::amount(amount, currency)
    };
    let count = list.rules().len();
    let summary = format!(
        "X {}, Y {}, {}",
        amount(list.amount_x),
        amount(list.amount_y),
        counted(count, "rule")
    );
    let lines = list.rules().enumerate().map(|(place, rule)| {
        let next = if rule.apply_succeeding() { "else next rule" } else { "else fail" };
        let (method, condition) = (method(rule), rule.condition());
        format!(
            "{}. {:02X}{:02X} {method}, {condition}; {next}",
            place + 1,
            rule.code,
            rule.condition
        )
    });
    Ok((summary, lines.collect()))
}

/// CVM Results. [B4 A4]
pub(super) fn cvm_results(value: &[u8]) -> Option<String> {
    let results = CvmResults::decode(value)?;
    let outcome = match results.outcome {
        CvmOutcome::Unknown => "unknown",
        CvmOutcome::Failed => "failed",
        CvmOutcome::Successful => "successful",
        CvmOutcome::Rfu(_) => "RFU",
    };
    if results.code == 0x3F {
        return Some(format!("no method performed: {outcome}"));
    }
    let rule = Rule { code: results.code, condition: results.condition };
    Some(format!("{}, {}: {outcome}", method(rule), rule.condition()))
}

/// The method of a rule, those of later versions of EMV and of others included. [B3 C3]
fn method(rule: Rule) -> String {
    let code = rule.code & 0x3F;
    let what = match code {
        0x06 | 0x07 => "face",
        0x08 | 0x09 => "finger",
        0x0A | 0x0B => "palm",
        0x0C | 0x0D => "iris",
        0x0E | 0x0F => "voice",
        0x20..=0x2F => return format!("method {code:02X} of the payment system"),
        0x30..=0x3E => return format!("method {code:02X} of the issuer"),
        _ => return rule.method().to_string(),
    };
    let place = if code & 1 == 0 { "by the card" } else { "online" };
    format!("{what} verified {place} (4.4)")
}

/// An Application File Locator, a line for each entry. [B3 10.2]
pub(super) fn afl(value: &[u8]) -> Result<(String, Vec<String>), String> {
    let afl = Afl::read(value).map_err(|fault| fault.to_string())?;
    let lines = afl.entries().map(|entry| {
        let records = if entry.first == entry.last {
            format!("record {}", entry.first)
        } else {
            format!("records {} to {}", entry.first, entry.last)
        };
        let covered = match entry.covered {
            0 => String::new(),
            1 => format!(", {} is signed", entry.first),
            n => format!(", {} to {} are signed", entry.first, entry.first + (n - 1)),
        };
        format!("SFI {}, {records}{covered}", entry.sfi)
    });
    Ok((counted(afl.records().count(), "record"), lines.collect()))
}

/// A data object list, a line for each entry. [B3 5.4]
pub(super) fn dol(value: &[u8], book: Option<Book>) -> Result<(String, Vec<String>), String> {
    let list = Dol::new(value);
    let length = list.filled_length().map_err(|error| error.to_string())?;
    let line = |entry: chipwright::dol::Entry| {
        let (tag, name) = (entry.tag.to_string(), name(entry.tag, book));
        format!("{tag:<5} {name}, {}", bytes(entry.length.into()))
    };
    let lines: Vec<String> = list.entries().flatten().map(line).collect();
    Ok((format!("{}, {}", counted(lines.len(), "object"), bytes(length)), lines))
}

/// A list of tags.
pub(super) fn tag_list(value: &[u8], book: Option<Book>) -> Result<(String, Vec<String>), String> {
    let mut lines = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        let read =
            (1..=rest.len().min(4)).find_map(|n| Tag::from_bytes(&rest[..n]).map(|tag| (tag, n)));
        let Some((tag, length)) = read else {
            return Err(format!("no tag at offset {}", value.len() - rest.len()));
        };
        lines.push(format!("{tag} {}", name(tag, book)));
        rest = &rest[length..];
    }
    Ok((counted(lines.len(), "tag"), lines))
}

fn name(tag: Tag, book: Option<Book>) -> &'static str {
    definition(tag, book, None).map_or("unknown", |definition| definition.name)
}

/// Cryptogram Information Data. [B3 C4]
pub(super) fn cryptogram_information(value: &[u8]) -> Option<String> {
    let information = CryptogramInformation::decode(value)?;
    let kind = information.cryptogram().map_or("reserved type", |kind| kind.name());
    let advice = if information.advice_required() { ", advice required" } else { "" };
    let reason = match information.reason() {
        AdviceReason::None => "",
        AdviceReason::ServiceNotAllowed => ", service not allowed",
        AdviceReason::PinTryLimitExceeded => ", PIN try limit exceeded",
        AdviceReason::IssuerAuthenticationFailed => ", issuer authentication failed",
        AdviceReason::Rfu(_) => ", reserved reason",
    };
    Some(format!("{kind}{advice}{reason}"))
}

/// So many bytes.
pub(super) fn bytes(count: usize) -> String {
    counted(count, "byte")
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_named_as_the_books_count() {
        let bits = |tag: u32, value: &[u8]| bits(definition(Tag(tag), None, None)?, None, value);
        let lines = bits(0x95, &[0x80, 0x04, 0, 0, 0x08]).unwrap();
        assert_eq!(
            lines,
            ["[1:8] offline data authentication was not performed", "[2:3] RFU", "[5:4] RFU"]
        );
        assert_eq!(bits(0x95, &[0x80]), None);
        assert_eq!(bits(0x9A, &[0x80]), None);
    }

    #[test]
    fn lists_have_a_line_for_each_entry() {
        let (summary, lines) = afl(&[0x08, 1, 1, 0, 0x10, 1, 3, 2]).unwrap();
        assert_eq!(summary, "4 records");
        assert_eq!(lines, ["SFI 1, record 1", "SFI 2, records 1 to 3, 1 to 2 are signed"]);
        assert!(afl(&[0x08, 1]).unwrap_err().contains("94"));
        let (summary, lines) = dol(&[0x9F, 0x02, 6, 0xDF, 0x77, 1], None).unwrap();
        assert_eq!(summary, "2 objects, 7 bytes");
        assert_eq!(lines, ["9F02  Amount, Authorised (Numeric), 6 bytes", "DF77  unknown, 1 byte"]);
        assert_eq!(dol(&[0x9F], None).unwrap_err(), "truncated tag at offset 0");
        assert_eq!(tag_list(&[0x82, 0x9F, 0x37], None).unwrap().1.len(), 2);
        assert_eq!(tag_list(&[0x82, 0x9F], None).unwrap_err(), "no tag at offset 1");
    }

    #[test]
    fn rules_and_results_are_told() {
        let list = [0, 0, 0x03, 0xE8, 0, 0, 0, 0, 0x42, 0x03, 0x1F, 0x06];
        let (summary, lines) = cvm_list(&list, Currency::find("EUR")).unwrap();
        assert_eq!(summary, "X 10.00 EUR, Y 0.00 EUR, 2 rules");
        assert_eq!(
            lines[0],
            "1. 4203 enciphered PIN verified online, if the terminal supports the method; \
             else next rule"
        );
        assert!(cvm_list(&list[..9], None).is_err());
        assert_eq!(cvm_results(&[0x3F, 0, 1]).unwrap(), "no method performed: failed");
        assert_eq!(
            cvm_results(&[0x1E, 0x03, 0]).unwrap(),
            "signature, if the terminal supports the method: unknown"
        );
        let method = |code| method(Rule { code, condition: 0 });
        assert_eq!(method(0x48), "finger verified by the card (4.4)");
        assert_eq!(method(0x0F), "voice verified online (4.4)");
        assert_eq!(method(0x20), "method 20 of the payment system");
        assert_eq!(method(0x1F), "no verification required");
        assert_eq!(
            cryptogram_information(&[0x09]).unwrap(),
            "AAC, advice required, service not allowed"
        );
        assert_eq!(cryptogram_information(&[0xC0]).unwrap(), "reserved type");
    }
}
