//! What a value says.

use chipwright::dictionary::{EMV, Format};
use chipwright::field::TerminalType;
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code, Date, Digits, Pan, Track2};

use super::{hex_of, structure, text};
use crate::currency::Currency;

/// What is known beside the object itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// Currency of the amounts.
    pub currency: Option<Currency>,
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
    fn of(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    fn wrong(problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::default() }
    }

    fn list(read: Result<(String, Vec<String>), String>) -> Self {
        match read {
            Ok((text, parts)) => Self { text: Some(text), parts, problem: None },
            Err(problem) => Self::wrong(problem),
        }
    }
}

/// What the value of a primitive object says. [B3 A]
pub fn meaning(tag: Tag, value: &[u8], context: Context) -> Meaning {
    let Some(entry) = EMV.entry(tag) else {
        return Meaning::default();
    };
    let mut meaning =
        known(tag, value, context).or_else(|| by_format(entry.format(), value)).unwrap_or_default();
    let (min, max) = (usize::from(entry.min), usize::from(entry.max));
    if !(min..=max).contains(&value.len()) && meaning.problem.is_none() {
        let expected = if min == max { min.to_string() } else { format!("{min} to {max}") };
        meaning.problem = Some(format!("length {}, expected {expected}", value.len()));
    }
    meaning
}

/// Objects with a meaning of their own.
fn known(tag: Tag, value: &[u8], context: Context) -> Option<Meaning> {
    if let Some(parts) = structure::bits(tag, value) {
        let text = match parts.len() {
            0 => Some("no bit set".to_owned()),
            _ => None,
        };
        return Some(Meaning { text, parts, problem: None });
    }
    Some(match tag.0 {
        0x5A => Pan::new(value)
            .map_or_else(|| Meaning::wrong("no account number"), |_| Meaning::default()),
        0x57 => track2(value),
        0x9A | 0x5F24 | 0x5F25 => Date::decode(value)
            .map_or_else(|| Meaning::wrong("no date"), |date| Meaning::of(date.to_string())),
        0x9F21 => time(value),
        0x9F02 | 0x9F03 => Amount::decode(value).map_or_else(
            || Meaning::wrong("no amount"),
            |amount| Meaning::of(text::amount(amount, context.currency)),
        ),
        0x81 | 0x9F04 | 0x9F1B => minor_units(value, context)?,
        0x5F2A | 0x9F42 => currency(value),
        0x5F28 | 0x9F1A => Code::decode(value).map_or_else(
            || Meaning::wrong("no country code"),
            |code| Meaning::of(format!("country {:03}", code.number())),
        ),
        0x8E => Meaning::list(structure::cvm_list(value, context.currency)),
        0x9F34 => Meaning::of(structure::cvm_results(value)?),
        0x94 => Meaning::list(structure::afl(value)),
        0x8C | 0x8D | 0x97 | 0x9F38 | 0x9F49 | 0x9F4F => Meaning::list(structure::dol(value)),
        0x9F4A => Meaning::list(structure::tag_list(value)),
        0x9F27 => Meaning::of(structure::cryptogram_information(value)?),
        0x90 | 0x9F46 | 0x9F2D | 0x93 | 0x9F4B => Meaning::of(format!("{} bits", 8 * value.len())),
        0x92 | 0x9F48 | 0x9F2F => Meaning::of(structure::bytes(value.len())),
        0x9F32 | 0x9F47 | 0x9F2E => number(value)?,
        0x84 | 0x4F | 0x9F06 => name(value)?,
        0x87 => priority(value)?,
        0x88 | 0x9F36 | 0x9F13 | 0x9F17 | 0x9F14 | 0x9F23 | 0x5F36 | 0x9F44 | 0x9F11 => {
            number(value)?
        }
        0x8A => response_code(value)?,
        0x9C => transaction_type(value)?,
        0x9F35 => terminal_type(value)?,
        0x9F08 | 0x9F09 => number(value)?,
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

fn currency(value: &[u8]) -> Meaning {
    match Code::decode(value) {
        Some(code) => Meaning::of(Currency::of(code).name()),
        None => Meaning::wrong("no currency code"),
    }
}

fn number(value: &[u8]) -> Option<Meaning> {
    let short = value.len() <= 4 && !value.is_empty();
    let number = value.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
    short.then(|| Meaning::of(number.to_string()))
}

/// A name: the text that it may be, or nothing beyond its bytes.
fn name(value: &[u8]) -> Option<Meaning> {
    let is_text = value.len() >= 5 && value.iter().all(|byte| (0x20..0x7F).contains(byte));
    Some(if is_text { Meaning::of(text::printable(value)) } else { Meaning::default() })
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

/// [B4 A6]
fn response_code(value: &[u8]) -> Option<Meaning> {
    let meaning = match value {
        b"00" | b"10" | b"11" => "approved",
        b"01" | b"02" => "referral",
        b"Y1" => "approved offline",
        b"Z1" => "declined offline",
        b"Y3" => "approved offline, unable to go online",
        b"Z3" => "declined offline, unable to go online",
        [_, _] => "declined",
        _ => return None,
    };
    Some(Meaning::of(format!("{}, {meaning}", text::printable(value))))
}

fn transaction_type(value: &[u8]) -> Option<Meaning> {
    Some(Meaning::of(match value {
        [0x00] => "purchase",
        [0x01] => "cash",
        [0x09] => "purchase with cashback",
        [0x20] => "refund",
        [0x31] => "inquiry",
        _ => return None,
    }))
}

/// [B4 A1]
fn terminal_type(value: &[u8]) -> Option<Meaning> {
    use chipwright::field::OnlineCapability::{OfflineOnly, OfflineWithOnline, OnlineOnly};
    let kind = TerminalType::decode(value)?;
    if !kind.is_valid() {
        return Some(Meaning::wrong("no terminal type"));
    }
    let place = if kind.is_attended() { "attended" } else { "unattended" };
    let online = match kind.online_capability() {
        OnlineOnly => "online only",
        OfflineWithOnline => "offline with online capability",
        OfflineOnly => "offline only",
    };
    Some(Meaning::of(format!("{place}, {online}")))
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
mod tests {
    use super::*;

    fn said(tag: u32, hex: &str) -> String {
        let context = Context { currency: Currency::find("EUR") };
        let meaning = meaning(Tag(tag), &hex::decode(hex).unwrap(), context);
        match (meaning.text, meaning.problem) {
            (Some(text), None) => text,
            (None, None) => meaning.parts.join("; "),
            (_, Some(problem)) => format!("! {problem}"),
        }
    }

    #[test]
    fn values_are_told() {
        for (tag, hex, expected) in [
            (0x9A, "260115", "2026-01-15"),
            (0x9A, "261315", "! no date"),
            (0x9F21, "235959", "23:59:59"),
            (0x9F21, "246000", "! no time"),
            (0x9F02, "000000001234", "12.34 EUR"),
            (0x9F02, "00000000123A", "! no amount"),
            (0x9F1B, "00001388", "50.00 EUR"),
            (0x5F2A, "0978", "EUR"),
            (0x5F2A, "0999", "999"),
            (0x9F1A, "0276", "country 276"),
            (0x84, "315041592E5359532E4444463031", "1PAY.SYS.DDF01"),
            (0x84, "A0000000031010", ""),
            (0x87, "82", "priority 2, not without confirmation"),
            (0x9F36, "0102", "258"),
            (0x9F32, "010001", "65537"),
            (0x90, "0011", "16 bits"),
            (0x8A, "5931", "Y1, approved offline"),
            (0x8A, "3035", "05, declined"),
            (0x9F35, "22", "attended, offline with online capability"),
            (0x9F35, "17", "! no terminal type"),
            (0x50, "56495341", "VISA"),
            (0x5F20, "41", "! length 1, expected 2 to 26"),
            (0x9F4C, "00", "! length 1, expected 2 to 8"),
            (0x57, "4761739001010010D49122011143804489", "expires 2049-12, service code 201"),
            (0x5A, "4761739001010010", ""),
            (0x5A, "47FF61", "! no account number"),
            (0x5F34, "0A", "! not numeric"),
            (0x9B, "0000", "no bit set"),
            (0xDF01, "00", ""),
        ] {
            assert_eq!(said(tag, hex), expected, "{tag:04X} {hex}");
        }
    }

    #[test]
    fn long_values_are_cut_and_account_numbers_masked() {
        assert_eq!(
            shown(Tag(0x5A), &[0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10]),
            "476173******0010"
        );
        let long = shown(Tag(0x90), &[0xAB; 100]);
        assert_eq!(long.chars().count(), 33);
        assert!(long.starts_with("ABAB") && long.contains('\u{2026}'));
    }
}
