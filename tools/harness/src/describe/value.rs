//! What a value says.

use chipwright::dictionary::Format;
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date, Digits, Pan, Track2};

use super::dictionary::{Book, Definition, definition};
use super::{coded, codes, contactless, hex_of, issuer, mask, structure, text};
use crate::currency::Currency;

/// What is known beside the object itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// Currency of the amounts.
    pub currency: Option<Currency>,
    /// Whose meaning of tags counts: a contactless book's, or Books 1 to 4.
    pub book: Option<Book>,
}

impl Context {
    /// With amounts in this currency.
    pub fn of(currency: Currency) -> Self {
        Self { currency: Some(currency), ..Self::default() }
    }
}

/// What a value says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// In one line; `None` when there is nothing to say but the bytes.
    pub text: Option<String>,
    /// Its parts, a line for each.
    pub parts: Vec<String>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Meaning {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    pub(super) fn wrong(problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::default() }
    }

    pub(super) fn list(read: Result<(String, Vec<String>), String>) -> Self {
        match read {
            Ok((text, parts)) => Self { text: Some(text), parts, problem: None },
            Err(problem) => Self::wrong(problem),
        }
    }

    fn bits(parts: Vec<String>) -> Self {
        let text = parts.is_empty().then(|| "no bit set".to_owned());
        Self { text, parts, problem: None }
    }
}

/// What the value of a primitive object says. [B3 A]
pub fn meaning(tag: Tag, value: &[u8], context: Context) -> Meaning {
    let found = definition(tag, context.book, None);
    found.map_or_else(Meaning::default, |definition| defined(definition, value, context))
}

/// What a value says whose meaning is found.
pub(super) fn defined(definition: &Definition, value: &[u8], context: Context) -> Meaning {
    let by_format = || by_format(definition.format_letters()?, value);
    let told = || read(definition, value, context).or_else(by_format);
    let secret = mask::hides_all(definition.tag, value);
    let mut meaning = if secret { None } else { told() }.unwrap_or_default();
    let (min, max) = (definition.min, definition.max.unwrap_or(usize::MAX));
    if !(min..=max).contains(&value.len()) && meaning.problem.is_none() {
        let expected = match definition.max {
            Some(max) if max == min => min.to_string(),
            Some(max) => format!("{min} to {max}"),
            None => format!("{min} or more"),
        };
        meaning.problem = Some(format!("length {}, expected {expected}", value.len()));
    }
    meaning
}

/// Objects with a meaning of their own.
fn read(definition: &Definition, value: &[u8], context: Context) -> Option<Meaning> {
    let tag = definition.tag;
    let book = definition.book(context.book);
    // A tag of Books 1 to 4 may have bits that are a kernel's.
    if let Some(parts) = structure::bits(definition, context.book.or(book), value)
        .or_else(|| structure::bits(definition, book, value))
    {
        return Some(Meaning::bits(parts));
    }
    Some(match definition.reading {
        "pan" => Pan::new(value)
            .map_or_else(|| Meaning::wrong("no account number"), |_| Meaning::default()),
        "track-2" => track2(value),
        "date" => Date::decode(value)
            .map_or_else(|| Meaning::wrong("no date"), |date| Meaning::of(date.to_string())),
        "time" => time(value),
        "amount" => Amount::decode(value).map_or_else(
            || Meaning::wrong("no amount"),
            |amount| Meaning::of(text::amount(amount, context.currency)),
        ),
        "minor-units" => minor_units(value, context)?,
        "currency" => codes_of(value, "currency", currency),
        "country" => codes_of(value, "country", country),
        "country-letters" => Meaning::of(codes::country_of_letters(value)?),
        "language" => languages(value),
        "merchant-category" => merchant_category(value)?,
        "service-code" => coded::service_code(value)?,
        "cvm-list" => Meaning::list(structure::cvm_list(value, context.currency)),
        "cvm-results" => Meaning::of(structure::cvm_results(value)?),
        "afl" => Meaning::list(structure::afl(value)),
        "dol" => Meaning::list(structure::dol(value, context.book)),
        "tag-list" => Meaning::list(structure::tag_list(value, context.book)),
        "cryptogram-information" => Meaning::of(structure::cryptogram_information(value)?),
        "certificate" => Meaning::of(format!("{} bits", 8 * value.len())),
        "length" => Meaning::of(structure::bytes(value.len())),
        "number" => number(value, "")?,
        "percent" => number(value, " %")?,
        "seconds" => number(value, " s")?,
        "milliseconds" => number(value, " ms")?,
        "tenths" => scaled(value, 100)?,
        "hundreds-of-microseconds" => {
            Meaning::of(format!("{} \u{B5}s", 100 * u64::from(unsigned(value)?)))
        }
        "code-table" => Meaning::of(format!("ISO 8859-{}", Digits::number(value)?)),
        "aid" => name(value)?,
        "priority" => priority(value)?,
        "kernel-identifier" => contactless::kernel_identifier(value)?,
        "response-code" => coded::response_code(value)?,
        "transaction-type" => coded::transaction_type(value)?,
        "account-type" => coded::account_type(value)?,
        "terminal-type" => coded::terminal_type(value)?,
        "pos-entry-mode" => coded::pos_entry_mode(value)?,
        "log-entry" => log_entry(value)?,
        "key-date" => key_date(value)?,
        "script-command" => script_command(value),
        "script-results" => Meaning::list(issuer::script_results(value)),
        "registered-data" => Meaning::list(issuer::registered_data(value)),
        "issuer-application-data" => issuer::application_data(value, context.book)?,
        "issuer-authentication-data" => issuer::authentication_data(value)?,
        "related-data" => contactless::related_data(tag, value, context.book)?,
        "third-party-data" => contactless::third_party_data(value)?,
        "ui-request-13" | "ui-request-22" => contactless::ui_request(value, context)?,
        "message-identifiers" => contactless::message_identifiers(value),
        _ => return None,
    })
}

fn by_format(format: Format, value: &[u8]) -> Option<Meaning> {
    match format {
        Format::A | Format::An | Format::Ans => Some(Meaning::of(text::printable(value))),
        Format::N if Digits::new(value).count() != 2 * value.len() => {
            Some(Meaning::wrong("not numeric"))
        }
        _ => None,
    }
}

fn track2(value: &[u8]) -> Meaning {
    let Some(track) = Track2::new(value) else {
        return Meaning::wrong("no track 2");
    };
    match track.expiry() {
        Some(expiry) => {
            Meaning::of(format!("expires {expiry}, service code {:03}", track.service_code()))
        }
        None => Meaning::wrong("no expiry month"),
    }
}

fn time(value: &[u8]) -> Meaning {
    let part = |byte: u8| Digits::number(&[byte]);
    match value.iter().map(|byte| part(*byte)).collect::<Option<Vec<_>>>().as_deref() {
        Some(&[hours @ ..24, minutes @ ..60, seconds @ ..60]) => {
            Meaning::of(format!("{hours:02}:{minutes:02}:{seconds:02}"))
        }
        _ => Meaning::wrong("no time"),
    }
}

fn minor_units(value: &[u8], context: Context) -> Option<Meaning> {
    let minor = u32::from_be_bytes(value.try_into().ok()?);
    Some(Meaning::of(text::amount(Amount::new(minor.into())?, context.currency)))
}

/// One code of two bytes, or several.
fn codes_of(value: &[u8], what: &str, name: impl Fn(Code) -> String) -> Meaning {
    let named = value.chunks(2).map(|code| Code::decode(code).map(&name));
    match named.collect::<Option<Vec<String>>>() {
        Some(names) if !names.is_empty() => Meaning::of(names.join(", ")),
        _ => Meaning::wrong(format!("no {what} code")),
    }
}

fn currency(code: Code) -> String {
    let letters = Currency::of(code).name();
    match codes::currency(code.number()) {
        Some(name) if letters != format!("{:03}", code.number()) => format!("{letters} {name}"),
        Some(name) => name,
        None => letters,
    }
}

fn country(code: Code) -> String {
    let number = code.number();
    codes::country(number).map_or_else(|| format!("country {number:03}"), str::to_owned)
}

/// Up to four languages, best first. [B1 12.2.4]
fn languages(value: &[u8]) -> Meaning {
    let language = |letters: &[u8]| {
        codes::language(letters).map_or_else(|| text::printable(letters), str::to_owned)
    };
    Meaning::of(value.chunks(2).map(language).collect::<Vec<_>>().join(", "))
}

fn merchant_category(value: &[u8]) -> Option<Meaning> {
    let code = u16::try_from(Digits::number(value)?).ok()?;
    Some(codes::merchant_category(code).map_or_else(Meaning::default, Meaning::of))
}

/// A binary number of up to four bytes.
fn unsigned(value: &[u8]) -> Option<u32> {
    let short = value.len() <= 4 && !value.is_empty();
    short.then(|| value.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte)))
}

fn number(value: &[u8], unit: &str) -> Option<Meaning> {
    Some(Meaning::of(format!("{}{unit}", unsigned(value)?)))
}

/// A time in steps of so many milliseconds: numeric where it has three bytes.
fn scaled(value: &[u8], step: u64) -> Option<Meaning> {
    let count = if value.len() == 3 { Digits::number(value)? } else { unsigned(value)?.into() };
    Some(Meaning::of(format!("{} ms", step * count)))
}

/// A name: the text that it may be, or whose application it names.
fn name(value: &[u8]) -> Option<Meaning> {
    let is_text = value.len() >= 5 && value.iter().all(|byte| (0x20..0x7F).contains(byte));
    if is_text {
        return Some(Meaning::of(text::printable(value)));
    }
    let Some(name) = super::application_name(value) else { return Some(Meaning::default()) };
    let product = name.product.map(|product| format!(" {product}")).unwrap_or_default();
    Some(Meaning::of(format!("{}{product}", name.scheme)))
}

fn priority(value: &[u8]) -> Option<Meaning> {
    let &[indicator] = value else { return None };
    let priority = match indicator & 0x0F {
        0 => "no priority".to_owned(),
        priority => format!("priority {priority}"),
    };
    let consent = if indicator & 0x80 == 0 { "" } else { ", not without confirmation" };
    Some(Meaning::of(format!("{priority}{consent}")))
}

/// Log Entry (9F4D): file and size of the log.
fn log_entry(value: &[u8]) -> Option<Meaning> {
    let &[sfi, records] = value else { return None };
    Some(Meaning::of(format!("SFI {sfi}, at most {records} records")))
}

/// A day as YYYYMMDD, in four bytes of digits or eight letters.
fn key_date(value: &[u8]) -> Option<Meaning> {
    let digits = match value.len() {
        8 => str::from_utf8(value).ok()?.to_owned(),
        _ => hex::encode(value),
    };
    let (year, day) = digits.split_at_checked(4)?;
    let (month, day) = day.split_at_checked(2)?;
    Some(Meaning::of(format!("{year}-{month}-{day}")))
}

fn script_command(value: &[u8]) -> Meaning {
    let instruction = super::command(value);
    let about = if instruction.about.is_empty() {
        String::new()
    } else {
        format!(" {}", instruction.about)
    };
    Meaning::of(format!("{}{about}", instruction.name))
}

/// The value as it is shown beside its meaning: masked, and long ones cut in the middle.
pub(super) fn shown(tag: Tag, value: &[u8]) -> String {
    let hex = hex_of(tag, value);
    if hex.len() <= 64 {
        return hex;
    }
    format!("{}\u{2026}{}", &hex[..24], &hex[hex.len() - 8..])
}

#[cfg(test)]
mod tests;
