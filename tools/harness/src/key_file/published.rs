//! What several publishers wrote of a key.

use chipwright::config::Environment;
use chipwright::value::Date;
use serde::Deserialize;

use super::KeyEntry;
use crate::terminal_file::TerminalFileError;
use crate::terminal_file::value::{Exactly, Hex};

#[derive(Deserialize)]
struct Collection {
    vectors: Vec<Published>,
}

#[derive(Deserialize)]
pub(super) struct Published {
    inputs: Inputs,
    #[serde(default)]
    published: Claims,
}

#[derive(Deserialize)]
struct Inputs {
    rid: Exactly<5>,
    index: Exactly<1>,
    #[serde(default)]
    modulus: Hex,
    #[serde(default)]
    exponent: Hex,
    #[serde(default = "rsa")]
    algorithm: String,
}

fn rsa() -> String {
    "RSA".to_owned()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    checksums: Vec<String>,
    expiry: Vec<String>,
    environment: Vec<String>,
}

/// Reads a collection.
pub(super) fn read(text: &str) -> Result<Vec<Published>, TerminalFileError> {
    let read = serde_json::from_str(text).map(|Collection { vectors }| vectors);
    read.map_err(|error| TerminalFileError {
        place: Some((error.line(), column(text, error.line(), error.column()))),
        message: error.to_string(),
    })
}

/// The column in characters, from 1, of one in bytes, which is 0 before the first of a line.
fn column(text: &str, line: usize, bytes: usize) -> usize {
    let line = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    line.char_indices().take_while(|(place, _)| *place < bytes).count().max(1)
}

impl Published {
    /// The key, with the strictest of what was written of it.
    pub(super) fn entry(self) -> KeyEntry {
        let Self { inputs, published } = self;
        let days: Vec<_> =
            published.expiry.iter().map(|text| (text, LastDay::read(text))).collect();
        let unreadable = days.iter().find(|(_, day)| day.is_none());
        let unusable = if inputs.algorithm == "RSA" {
            unreadable.map(|(text, _)| format!("`{text}` is no last day"))
        } else {
            Some(format!("a key for {}, which no kernel here has", inputs.algorithm))
        };
        // Some publishers wrote something else in the place of a checksum.
        let checksum = |text: &String| hex::decode(text).ok()?.try_into().ok();
        KeyEntry {
            rid: inputs.rid.0,
            index: inputs.index.0[0],
            modulus: inputs.modulus.0,
            exponent: inputs.exponent.0,
            expiry: days.iter().filter_map(|(_, day)| day.and_then(LastDay::date)).min(),
            environments: published.environment.iter().map(|text| side(text)).collect(),
            checksums: published.checksums.iter().filter_map(checksum).collect(),
            unusable,
        }
    }
}

/// Whatever is not live is for tests.
fn side(text: &str) -> Environment {
    if text == "live" { Environment::Live } else { Environment::Test }
}

/// A last day, in one of the forms that publishers use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastDay {
    year: u16,
    month: u8,
    day: u8,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl LastDay {
    /// Reads 2026-12-31, 20261231, 31122026, 261231, 202612 and 31 Dec 2026; `None` for what is no
    /// day in any of them.
    pub(super) fn read(text: &str) -> Option<Self> {
        let number = |digits: &str| digits.parse::<u16>().ok();
        let new = |year: Option<u16>, month: Option<u16>, day: Option<u16>| {
            let (month, day) = (u8::try_from(month?).ok()?, u8::try_from(day?).ok()?);
            let known = (1..=12).contains(&month) && (1..=31).contains(&day);
            Some(Self { year: year.filter(|year| *year >= 1950)?, month, day }).filter(|_| known)
        };
        let part = |from, to| text.get(from..to).and_then(number);
        if let [day, month, year] = text.split(' ').collect::<Vec<_>>()[..] {
            let month = (1..).zip(MONTHS).find(|(_, name)| month.starts_with(name));
            return new(number(year), month.map(|(number, _)| number), number(day));
        }
        if let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] {
            return new(number(year), number(month), number(day));
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.len() {
            8 if digits => new(part(0, 4), part(4, 6), part(6, 8))
                .or_else(|| new(part(4, 8), part(2, 4), part(0, 2))),
            6 if digits => new(part(0, 2).map(|year| 2000 + year), part(2, 4), part(4, 6))
                .or_else(|| new(part(0, 4), part(4, 6), Some(28))),
            _ => None,
        }
    }

    /// The date; none for what lies beyond all that EMV can write. The last day of a month is the
    /// last that there is.
    pub(super) fn date(self) -> Option<Date> {
        (1..=self.day).rev().find_map(|day| Date::new(self.year, self.month, day))
    }
}
