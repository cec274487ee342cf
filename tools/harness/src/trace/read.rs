//! Reads traces.

use core::fmt;
use std::collections::BTreeMap;

use chipwright::tag::Tag;
use serde::Deserialize;

use crate::recorded::Exchange;
use crate::terminal_file::TerminalFile;
use crate::transcript::Transcript;

/// A recorded transaction.
#[derive(Clone, Debug)]
pub struct Trace {
    /// What it is.
    pub title: String,
    /// By which interface the card was asked.
    pub interface: Interface,
    /// Commands and answers.
    pub exchanges: Vec<Exchange>,
    /// Data objects of the terminal, as far as the record tells.
    pub terminal: BTreeMap<Tag, Vec<u8>>,
    /// Names of the applications that were used, beside those in SELECT commands.
    pub names: Vec<Vec<u8>>,
    /// Keys that were used.
    pub keys: Vec<Key>,
    /// The transaction as a transcript, with its terminal, in traces of ours.
    pub transcript: Option<Box<(Transcript, TerminalFile)>>,
}

/// By which interface a card is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interface {
    /// Contacts.
    Contact,
    /// Contactless.
    Contactless,
}

/// A key of a certification authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Index.
    pub index: u8,
    /// Modulus.
    pub modulus: Vec<u8>,
    /// Exponent.
    pub exponent: Vec<u8>,
}

/// What is wrong with a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceError(String);

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for TraceError {}

#[derive(Deserialize)]
struct TraceText {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    interface: Interface,
    #[serde(default)]
    terminal: BTreeMap<String, String>,
    #[serde(default)]
    exchanges: Vec<ExchangeText>,
    #[serde(default)]
    expected: Expected,
    transcript: Option<Vec<String>>,
    terminal_file: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ExchangeText {
    c: String,
    r: String,
    #[serde(default)]
    c_is_prefix: bool,
}

#[derive(Default, Deserialize)]
struct Expected {
    #[serde(default)]
    applications: Vec<ApplicationText>,
}

#[derive(Deserialize)]
struct ApplicationText {
    aid: Option<String>,
    capk: Option<KeyText>,
}

#[derive(Deserialize)]
struct KeyText {
    rid: String,
    index: String,
    modulus: String,
    exponent: String,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// [`TraceError`] with line and column, or the number of the exchange from 1.
    pub fn parse(text: &str) -> Result<Self, TraceError> {
        let file: TraceText =
            serde_json::from_str(text).map_err(|error| TraceError(error.to_string()))?;
        if file.exchanges.is_empty() && file.transcript.is_none() {
            let why = "no exchanges: a masked trace is explained, and not replayed";
            return Err(TraceError(why.to_owned()));
        }
        let mut exchanges = Vec::new();
        for (number, exchange) in (1..).zip(&file.exchanges) {
            let read = |text, what| {
                bytes(text)
                    .map_err(|error| TraceError(format!("exchange {number}, {what}: {error}")))
            };
            let (command, answer) = (read(&exchange.c, "command")?, read(&exchange.r, "answer")?);
            exchanges.push(Exchange { command, is_prefix: exchange.c_is_prefix, answer });
        }
        let mut terminal = BTreeMap::new();
        for (name, value) in &file.terminal {
            let error = |what: &str| TraceError(format!("terminal, {name}: {what}"));
            let tag = bytes(name).ok().and_then(|bytes| Tag::from_bytes(&bytes));
            let tag = tag.ok_or_else(|| error("no tag"))?;
            terminal.insert(tag, bytes(value).map_err(|what| error(&what))?);
        }
        let (names, keys) = applications(&file.expected)?;
        let transcript = match (&file.transcript, &file.terminal_file) {
            (Some(transcript), Some(terminal)) => Some(Box::new(own(transcript, terminal)?)),
            _ => None,
        };
        let title = [file.id, file.title].into_iter().filter(|part| !part.is_empty());
        let title = title.collect::<Vec<_>>().join(": ");
        let interface = file.interface;
        Ok(Self { title, interface, exchanges, terminal, names, keys, transcript })
    }
}

/// Transcript and terminal of a trace of ours.
fn own(
    transcript: &[String],
    terminal: &[String],
) -> Result<(Transcript, TerminalFile), TraceError> {
    let transcript = Transcript::parse(&transcript.join("\n"))
        .map_err(|error| TraceError(format!("transcript, {error}")))?;
    let terminal = TerminalFile::parse(&terminal.join("\n"))
        .map_err(|error| TraceError(format!("terminal file, {error}")))?;
    Ok((transcript, terminal))
}

/// Names and keys of the applications that the record expects.
fn applications(expected: &Expected) -> Result<(Vec<Vec<u8>>, Vec<Key>), TraceError> {
    let (mut names, mut keys) = (Vec::new(), Vec::new());
    for (number, application) in (1..).zip(&expected.applications) {
        let error = |what: &str| TraceError(format!("expected application {number}: {what}"));
        if let Some(aid) = &application.aid {
            let name = bytes(aid).map_err(|what| error(&what))?;
            if !(5..=16).contains(&name.len()) {
                return Err(error("an AID has 5 to 16 bytes"));
            }
            names.push(name);
        }
        if let Some(key) = &application.capk {
            keys.push(self::key(key).map_err(|what| error(&what))?);
        }
    }
    Ok((names, keys))
}

fn key(text: &KeyText) -> Result<Key, String> {
    let [index] = exactly(&text.index)?;
    let (modulus, exponent) = (bytes(&text.modulus)?, bytes(&text.exponent)?);
    if !(1..=chipwright::crypto::MAX_MODULUS).contains(&modulus.len()) {
        return Err(format!("a modulus of {} bytes", modulus.len()));
    }
    Ok(Key { rid: exactly(&text.rid)?, index, modulus, exponent })
}

fn exactly<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let bytes = bytes(text)?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| format!("{length} bytes, expected {N}"))
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    hex::decode(text).map_err(|error| format!("not hexadecimal: {error}"))
}
