//! Reads transcripts.

use core::fmt;

use chipwright::apdu::{BUFFER_LENGTH, RESPONSE_LENGTH};
use chipwright::config::TransactionType;
use chipwright::fault::RecordId;
use chipwright::object::Value;
use chipwright::session::{PinEntry, PinResult};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::value::{Amount, Date};

use super::ending::OBJECTS;
use super::words::{
    AUTHORITIES, CONCLUSIONS, KINDS, LINK_ERRORS, PHASES, PIN_METHODS, PIN_RESULTS, POLLED,
    PROCEEDS, REVIEWS, STOPS, value,
};
use super::{Ending, Mark, Question, Reply, Step, Transcript};
use crate::currency::Currency;
use crate::device::IssuerAnswer;

/// What is wrong with a transcript, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TranscriptError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl core::error::Error for TranscriptError {}

impl Transcript {
    /// Reads a transcript.
    ///
    /// # Errors
    /// [`TranscriptError`]: a line that is none, outputs and inputs that do not take turns, a
    /// reply that does not answer the question, no end.
    pub fn parse(text: &str) -> Result<Self, TranscriptError> {
        let mut transcript = Self::default();
        let mut last = 1;
        for (line, text) in (1..).zip(text.lines()) {
            last = line;
            let error = |message| TranscriptError { line, message };
            if let (Some(comment), true) = (text.strip_prefix('#'), transcript.steps.is_empty()) {
                transcript.comments.push(comment.trim().to_owned());
                continue;
            }
            let text = text.split('#').next().unwrap_or_default().trim();
            if !text.is_empty() {
                transcript.read_line(line, text).map_err(error)?;
            }
        }
        let error = |message: &str| TranscriptError { line: last, message: message.to_owned() };
        if transcript.terminal.is_empty() {
            return Err(error("no line `terminal`"));
        }
        match transcript.steps.last() {
            Some(Step::Ended(_)) => Ok(transcript),
            _ => Err(error("no end: a transcript's last line begins with `=`")),
        }
    }

    fn read_line(&mut self, line: usize, text: &str) -> Result<(), String> {
        let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let step = match first {
            ">" => Step::Sent(bytes(rest)?),
            "<" => Step::Answered(answer(rest)?),
            "?" => Step::Asked(question(rest)?),
            "!" => Step::Told(self.reply(rest)?),
            "=" => Step::Ended(ending(rest)?),
            _ if !self.steps.is_empty() => {
                return Err(format!("`{first}` in the dialogue, expected one of > < ? ! ="));
            }
            _ => return self.head(first, rest),
        };
        self.check_turn(&step)?;
        self.steps.push(step);
        self.lines.push(line);
        Ok(())
    }

    /// A line before the dialogue.
    fn head(&mut self, first: &str, rest: &str) -> Result<(), String> {
        let setup = &mut self.setup;
        match first {
            "covers" => self.covers.extend(rest.split(',').map(|id| id.trim().to_owned())),
            "terminal" => self.terminal = rest.to_owned(),
            "date" => {
                let (date, time) = rest.split_once(' ').unwrap_or((rest, "120000"));
                setup.date = bytes(date)
                    .ok()
                    .and_then(|date| Date::decode(&date))
                    .ok_or("no date YYMMDD")?;
                setup.time = exactly(time.trim())?;
            }
            "counter" => setup.counter = rest.parse().map_err(|_| "no number")?,
            "seed" => setup.seed = rest.parse().map_err(|_| "no number")?,
            "unpredictable-number" => setup.unpredictable_number = Some(exactly(rest)?),
            "force-online" if rest.is_empty() => setup.force_online = true,
            "contactless" if rest.is_empty() => self.contactless = true,
            _ => {
                setup.kind = value(KINDS, "line of a transcript, or kind of transaction", first)?;
                self.amounts(rest)?;
            }
        }
        Ok(())
    }

    /// `12.34 EUR`, and `other 2.00` behind it.
    fn amounts(&mut self, text: &str) -> Result<(), String> {
        let setup = &mut self.setup;
        let words: Vec<&str> = text.split_whitespace().collect();
        let (amount, currency, other) = match words[..] {
            [amount, currency] => (amount, currency, None),
            [amount, currency, "other", other] => (amount, currency, Some(other)),
            _ => {
                return Err(
                    "expected an amount, its currency, and `other` with an amount".to_owned()
                );
            }
        };
        setup.currency =
            Currency::find(currency).ok_or(format!("unknown currency `{currency}`"))?;
        let read = |text| setup.currency.amount(text).ok_or(format!("`{text}` is no amount"));
        (setup.amount, setup.other) = (read(amount)?, other.map_or(Ok(Amount::ZERO), read)?);
        if setup.other > setup.amount {
            return Err("the other amount is part of the amount, and not above it".to_owned());
        }
        if (setup.kind == TransactionType::Cashback) != (setup.other > Amount::ZERO) {
            return Err("cashback has another amount, and nothing else has".to_owned());
        }
        Ok(())
    }

    /// Outputs and inputs take turns, and a reply answers what was asked.
    fn check_turn(&self, step: &Step) -> Result<(), String> {
        let fits = match (self.steps.last(), step) {
            (Some(Step::Ended(_)), _) => return Err("nothing comes behind the end".to_owned()),
            (None | Some(Step::Answered(_) | Step::Told(_)), step) => step.is_output(),
            (Some(Step::Sent(_) | Step::Asked(_)), Step::Told(Reply::Stop(_)))
            | (Some(Step::Sent(_)), Step::Answered(_) | Step::Told(Reply::LinkFailed(_)))
            | (Some(Step::Asked(Question::Choose(_))), Step::Told(Reply::Chosen(_)))
            | (Some(Step::Asked(Question::VerifyPin(_))), Step::Told(Reply::Pin(_)))
            | (Some(Step::Asked(Question::Review(_))), Step::Told(Reply::Proceed(_)))
            | (Some(Step::Asked(Question::Poll)), Step::Told(Reply::Polled(_)))
            | (
                Some(Step::Asked(Question::Authorise(_))),
                Step::Told(Reply::Authorised(_) | Reply::Unreachable),
            ) => true,
            _ => false,
        };
        match self.steps.last() {
            _ if fits => Ok(()),
            Some(last) if last.is_output() => Err(format!("no reply to `{last}`")),
            _ => Err("a reply to nothing".to_owned()),
        }
    }

    fn reply(&self, text: &str) -> Result<Reply, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let at_pad = matches!(self.steps.last(), Some(Step::Asked(Question::VerifyPin(_))));
        Ok(match words[..] {
            ["link", word] => match value(LINK_ERRORS, "failure of the link", word)? {
                error if at_pad => Reply::Pin(PinResult::LinkFailed(error)),
                error => Reply::LinkFailed(error),
            },
            ["stop", word] => Reply::Stop(value(STOPS, "reason to stop", word)?),
            ["chosen", name] => {
                let name = bytes(name)?;
                match self.steps.last() {
                    Some(Step::Asked(Question::Choose(names))) if !names.contains(&name) => {
                        return Err("chosen, but not to choose from".to_owned());
                    }
                    _ => Reply::Chosen(Some(name)),
                }
            }
            ["none"] => Reply::Chosen(None),
            ["entered", status] => {
                Reply::Pin(PinResult::Verified(Status(u16::from_be_bytes(exactly(status)?))))
            }
            ["unreachable"] => Reply::Unreachable,
            ["found", word] => Reply::Polled(value(POLLED, "content of a field", word)?),
            ["proceed", word] => Reply::Proceed(value(PROCEEDS, "way to go on", word)?),
            ["authorised", code, ref objects @ ..] => Reply::Authorised(authorised(code, objects)?),
            [word] => Reply::Pin(value(PIN_RESULTS, "reply", word)?),
            _ => return Err(format!("`{text}` is no reply")),
        })
    }
}

fn question(text: &str) -> Result<Question, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(match words[..] {
        ["choose", ref names @ ..] => {
            Question::Choose(names.iter().map(|name| bytes(name)).collect::<Result<_, _>>()?)
        }
        ["verify-pin", method, ref more @ ..] => {
            let method = value(PIN_METHODS, "method of PIN entry", method)?;
            let mut entry = PinEntry { method, tries_left: None, again: false };
            for word in more {
                match word.split_once('=') {
                    Some(("tries", tries)) => {
                        entry.tries_left =
                            Some(tries.parse().map_err(|_| format!("`{word}`: no number"))?);
                    }
                    None if *word == "again" => entry.again = true,
                    _ => return Err(format!("`{word}`, expected tries=N or again")),
                }
            }
            Question::VerifyPin(entry)
        }
        ["poll"] => Question::Poll,
        ["review", word] => Question::Review(value(REVIEWS, "review", word)?),
        ["authorise", ref objects @ ..] => {
            Question::Authorise(objects.iter().map(|word| object(word)).collect::<Result<_, _>>()?)
        }
        _ => {
            return Err(format!(
                "`{text}` is no question, expected choose, verify-pin, review, poll or authorise"
            ));
        }
    })
}

fn authorised(code: &str, objects: &[&str]) -> Result<IssuerAnswer, String> {
    let authorisation_response_code = response_code(code)?;
    let (mut issuer_authentication_data, mut authorisation_code) = (None, None);
    let mut scripts = Vec::new();
    for word in objects {
        if let Some(hex) = word.strip_prefix("scripts=") {
            scripts = hex::decode(hex).map_err(|error| format!("not hexadecimal: {error}"))?;
            continue;
        }
        let (tag, value) = object(word)?;
        match (tag.0, value.len()) {
            (0x91, 8..=16) => issuer_authentication_data = Some(value),
            (0x89, 6) => authorisation_code = value.try_into().ok(),
            _ => return Err(format!("`{word}`, expected 91 with 8 to 16 bytes or 89 with 6")),
        }
    }
    Ok(IssuerAnswer {
        authorisation_response_code,
        issuer_authentication_data,
        authorisation_code,
        scripts,
    })
}

fn ending(text: &str) -> Result<Ending, String> {
    let mut words = text.split_whitespace().peekable();
    let mut next = |what: &str| words.next().ok_or(format!("{what} is missing"));
    let conclusion = value(CONCLUSIONS, "conclusion", next("the conclusion")?)?;
    let authority = value(AUTHORITIES, "authority", next("who decided")?)?;
    let mut ending = Ending {
        conclusion,
        authority,
        mark: None,
        phase: None,
        signature: false,
        reversal: false,
        advice: false,
        objects: Vec::new(),
    };
    while let Some(word) = words.next() {
        let mut operand = || words.next().ok_or(format!("nothing behind `{word}`"));
        match word {
            "signature" => ending.signature = true,
            "reversal" => ending.reversal = true,
            "advice" => ending.advice = true,
            "in" => ending.phase = Some(value(PHASES, "phase", operand()?)?),
            "fault" => {
                let code = u16::from_be_bytes(exactly(operand()?)?);
                ending.mark = Some(Mark::Fault { code, status: None, tag: None, record: None });
            }
            "status" | "tag" | "record" => about(&mut ending, word, operand()?)?,
            "link" => {
                let error = value(LINK_ERRORS, "failure of the link", operand()?)?;
                ending.mark = Some(Mark::Link(error));
            }
            "stopped" => {
                ending.mark = Some(Mark::Stopped(value(STOPS, "reason to stop", operand()?)?));
            }
            "card-blocked" => ending.mark = Some(Mark::CardBlocked),
            "no-common-application" => ending.mark = Some(Mark::NoCommonApplication),
            "not-confirmed" => ending.mark = Some(Mark::NotConfirmed),
            "card-read" => ending.mark = Some(Mark::CardRead),
            _ => {
                let known = OBJECTS.iter().find(|(name, _)| *name == word);
                let (name, tag) = known.ok_or(format!("`{word}` says nothing of the end"))?;
                let text = operand()?;
                let value =
                    if *name == "ARC" { response_code(text)?.to_vec() } else { bytes(text)? };
                ending.objects.push((*tag, value));
            }
        }
    }
    Ok(ending)
}

/// What a fault was about.
fn about(ending: &mut Ending, word: &str, operand: &str) -> Result<(), String> {
    let Some(Mark::Fault { status, tag, record, .. }) = &mut ending.mark else {
        return Err(format!("`{word}` without a fault before it"));
    };
    match word {
        "status" => *status = Some(u16::from_be_bytes(exactly(operand)?)),
        "tag" => *tag = Some(read_tag(operand)?),
        _ => {
            let numbers = operand.split_once('.').and_then(|(sfi, number)| {
                Some(RecordId { sfi: sfi.parse().ok()?, number: number.parse().ok()? })
            });
            *record =
                Some(numbers.ok_or(format!("`{operand}` is no record, expected SFI.NUMBER"))?);
        }
    }
    Ok(())
}

/// `9F26=1122`
fn object(word: &str) -> Result<(Tag, Vec<u8>), String> {
    let (tag, value) = word.split_once('=').ok_or(format!("`{word}`, expected TAG=VALUE"))?;
    Ok((read_tag(tag)?, bytes(value)?))
}

fn read_tag(text: &str) -> Result<Tag, String> {
    let tag = hex::decode(text).ok().and_then(|bytes| Tag::from_bytes(&bytes));
    tag.ok_or(format!("`{text}` is no tag"))
}

/// Two letters or digits, or four hexadecimal digits.
fn response_code(text: &str) -> Result<[u8; 2], String> {
    match *text.as_bytes() {
        [a, b] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() => Ok([a, b]),
        _ => exactly(text),
    }
}

fn exactly<const N: usize>(text: &str) -> Result<[u8; N], String> {
    let bytes = bytes(text)?;
    let length = bytes.len();
    bytes.try_into().map_err(|_| format!("{length} bytes, expected {N}"))
}

/// An answer of the card, with its status word.
fn answer(text: &str) -> Result<Vec<u8>, String> {
    let bytes = bytes(text)?;
    if bytes.len() > RESPONSE_LENGTH {
        return Err(format!(
            "{} bytes, and no answer has more than {RESPONSE_LENGTH}",
            bytes.len()
        ));
    }
    Ok(bytes)
}

/// Bytes in hexadecimal, as many as a command or an answer may have.
fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let digits: String = text.split_whitespace().collect();
    let bytes = hex::decode(digits).map_err(|error| format!("not hexadecimal: {error}"))?;
    if bytes.len() > BUFFER_LENGTH {
        return Err(format!("{} bytes, and no APDU has more than {BUFFER_LENGTH}", bytes.len()));
    }
    Ok(bytes)
}
