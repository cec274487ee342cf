//! Transcripts as text.

use core::fmt;

use chipwright::session::{PinEntry, PinResult};
use chipwright::tag::Tag;
use chipwright::value::Amount;

use super::ending::OBJECTS;
use super::words::{
    AUTHORITIES, CONCLUSIONS, KINDS, LINK_ERRORS, PHASES, PIN_METHODS, PIN_RESULTS, POLLED,
    PROCEEDS, REVIEWS, STOPS, word,
};
use super::{Ending, Mark, Question, Reply, Step, Transcript};
use crate::device::IssuerAnswer;
use chipwright::object::Value;

impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for comment in &self.comments {
            writeln!(f, "{}", format!("# {comment}").trim_end())?;
        }
        if !self.covers.is_empty() {
            writeln!(f, "covers    {}", self.covers.join(", "))?;
        }
        let setup = &self.setup;
        writeln!(f, "terminal  {}", self.terminal)?;
        if self.contactless {
            writeln!(f, "contactless")?;
        }
        let (kind, amount) = (word(KINDS, setup.kind), setup.currency.show(setup.amount));
        write!(f, "{kind:<9} {amount}")?;
        if setup.other != Amount::ZERO {
            write!(f, " other {}", setup.currency.decimal(setup.other))?;
        }
        let hex = |bytes: &[u8]| hex::encode_upper(bytes);
        writeln!(f, "\ndate      {} {}", hex(&setup.date.encode()), hex(&setup.time))?;
        if setup.counter != 1 {
            writeln!(f, "counter   {}", setup.counter)?;
        }
        writeln!(f, "seed      {}", setup.seed)?;
        if let Some(number) = setup.unpredictable_number {
            writeln!(f, "unpredictable-number {}", hex(&number))?;
        }
        if setup.force_online {
            writeln!(f, "force-online")?;
        }
        writeln!(f)?;
        for step in &self.steps {
            writeln!(f, "{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent(bytes) => write!(f, "> {}", command(bytes)),
            Self::Answered(bytes) => match bytes.split_last_chunk::<2>() {
                Some(([], status)) => write!(f, "< {}", hex::encode_upper(status)),
                Some((data, status)) => {
                    write!(f, "< {} {}", hex::encode_upper(data), hex::encode_upper(status))
                }
                None => write!(f, "< {}", hex::encode_upper(bytes)),
            },
            Self::Asked(question) => write!(f, "? {question}"),
            Self::Told(reply) => write!(f, "! {reply}"),
            Self::Ended(ending) => write!(f, "= {ending}"),
        }
    }
}

/// Header, data and Le apart.
fn command(bytes: &[u8]) -> String {
    let hex = hex::encode_upper(bytes);
    match *bytes {
        [_, _, _, _, lc, _, ..] if bytes.len() >= 5 + usize::from(lc) && lc > 0 => {
            let (header, rest) = hex.split_at(10);
            let (data, le) = rest.split_at(2 * usize::from(lc));
            format!("{header} {data} {le}").trim_end().to_owned()
        }
        _ => hex,
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choose(names) => {
                f.write_str("choose")?;
                names.iter().try_for_each(|name| write!(f, " {}", hex::encode_upper(name)))
            }
            Self::VerifyPin(PinEntry { method, tries_left, again }) => {
                write!(f, "verify-pin {}", word(PIN_METHODS, *method))?;
                if let Some(tries) = tries_left {
                    write!(f, " tries={tries}")?;
                }
                f.write_str(if *again { " again" } else { "" })
            }
            Self::Review(review) => write!(f, "review {}", word(REVIEWS, *review)),
            Self::Poll => f.write_str("poll"),
            Self::Authorise(objects) => {
                f.write_str("authorise")?;
                show_objects(f, objects)
            }
        }
    }
}

fn show_objects(f: &mut fmt::Formatter<'_>, objects: &[(Tag, Vec<u8>)]) -> fmt::Result {
    objects.iter().try_for_each(|(tag, value)| write!(f, " {tag}={}", hex::encode_upper(value)))
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkFailed(error) | Self::Pin(PinResult::LinkFailed(error)) => {
                write!(f, "link {}", word(LINK_ERRORS, *error))
            }
            Self::Chosen(Some(name)) => write!(f, "chosen {}", hex::encode_upper(name)),
            Self::Chosen(None) => f.write_str("none"),
            Self::Pin(PinResult::Verified(status)) => write!(f, "entered {status}"),
            Self::Pin(result) => f.write_str(word(PIN_RESULTS, *result)),
            Self::Authorised(answer) => write!(f, "authorised {}", Host(answer)),
            Self::Unreachable => f.write_str("unreachable"),
            Self::Proceed(proceed) => write!(f, "proceed {}", word(PROCEEDS, *proceed)),
            Self::Polled(polled) => write!(f, "found {}", word(POLLED, *polled)),
            Self::Stop(stop) => write!(f, "stop {}", word(STOPS, *stop)),
        }
    }
}

/// An issuer's answer: response code, then data objects.
struct Host<'a>(&'a IssuerAnswer);

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = self.0;
        f.write_str(&response_code(&answer.authorisation_response_code))?;
        if let Some(data) = &answer.issuer_authentication_data {
            write!(f, " 91={}", hex::encode_upper(data))?;
        }
        if let Some(code) = &answer.authorisation_code {
            write!(f, " 89={}", hex::encode_upper(code))?;
        }
        if !answer.scripts.is_empty() {
            write!(f, " scripts={}", hex::encode_upper(&answer.scripts))?;
        }
        Ok(())
    }
}

/// Two letters or digits, or four hexadecimal digits.
fn response_code(code: &[u8]) -> String {
    if code.len() == 2 && code.iter().all(u8::is_ascii_alphanumeric) {
        code.iter().map(|byte| char::from(*byte)).collect()
    } else {
        hex::encode_upper(code)
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conclusion = word(CONCLUSIONS, self.conclusion);
        write!(f, "{conclusion} {}", word(AUTHORITIES, self.authority))?;
        if let Some(mark) = self.mark {
            write!(f, "  {mark}")?;
            if let Some(phase) = self.phase {
                write!(f, "  in {}", word(PHASES, phase))?;
            }
        }
        for (flag, name) in
            [(self.signature, "signature"), (self.reversal, "reversal"), (self.advice, "advice")]
        {
            if flag {
                write!(f, "  {name}")?;
            }
        }
        for (tag, value) in &self.objects {
            let named = OBJECTS.iter().find(|(_, known)| known == tag);
            let (Some((name, _)), shown) = (named, response_code(value)) else { continue };
            let shown = if *name == "ARC" { shown } else { hex::encode_upper(value) };
            write!(f, "  {name} {shown}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault { code, status, tag, record } => {
                write!(f, "fault {code:04X}")?;
                if let Some(status) = status {
                    write!(f, " status {status:04X}")?;
                }
                if let Some(tag) = tag {
                    write!(f, " tag {tag}")?;
                }
                if let Some(record) = record {
                    write!(f, " record {}.{}", record.sfi, record.number)?;
                }
                Ok(())
            }
            Self::Link(error) => write!(f, "link {}", word(LINK_ERRORS, *error)),
            Self::Stopped(stop) => write!(f, "stopped {}", word(STOPS, *stop)),
            Self::CardBlocked => f.write_str("card-blocked"),
            Self::NoCommonApplication => f.write_str("no-common-application"),
            Self::NotConfirmed => f.write_str("not-confirmed"),
            Self::CardRead => f.write_str("card-read"),
        }
    }
}
