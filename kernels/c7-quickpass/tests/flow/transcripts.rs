//! Transcripts of taps, `test-vectors/quickpass`: from the answer to SELECT to the outcome.

use super::card::*;
use super::run::*;
use chipwright::contactless::{AlternateInterface, Start, UiRequest};
use chipwright::session::LinkError;
use chipwright::value::Date;
use chipwright_c7::{Configuration, Refusal, UnwantedTc};
use chipwright_harness::CardChannel;
use chipwright_harness::describe;
use core::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A request: message identifier, lights, hold time.
pub(crate) fn request(request: &UiRequest) -> String {
    let message = request.message.map_or("-".to_owned(), |it| format!("{:02X}", it.identifier()));
    let status = request.status.map_or("-", describe::reader_status).replace(' ', "-");
    match request.hold_time {
        0 => format!("{message} {status}"),
        hold => format!("{message} {status} hold {hold}"),
    }
}

/// The last line.
fn ending(ended: &Ended) -> String {
    let outcome = ended.outcome();
    let mut line = format!(
        "= {} cvm {}",
        describe::outcome_type(outcome.outcome).replace(' ', "-"),
        describe::cardholder_verification(outcome.cardholder_verification)
            .to_lowercase()
            .replace(' ', "-")
    );
    let mut word = |words: String| _ = write!(line, "  {words}");
    if let Some(shown) = &outcome.ui_request_on_outcome {
        word(format!("show {}", request(shown)));
    }
    if let Some(shown) = &outcome.ui_request_on_restart {
        word(format!("restart {}", request(shown)));
    }
    match outcome.start {
        Some(Start::B) => word("start B".to_owned()),
        Some(Start::C) => word("start C".to_owned()),
        _ => {}
    }
    if let Some(off) = outcome.field_off_request {
        word(format!("field-off {off}"));
    }
    if outcome.alternate_interface == AlternateInterface::ContactChip {
        word("contact-chip".to_owned());
    }
    if outcome.data_record {
        word(format!("data-record CVMR {} TVR {}", ended.object(0x9F34), ended.object(0x95)));
    }
    for (reason, tag) in &ended.reasons {
        let tag = tag.map(|tag| format!(" {tag:02X}")).unwrap_or_default();
        word(format!("reason {:04X}{tag}", reason.code()));
    }
    for fault in &ended.faults {
        let tag = fault.tag.map(|tag| format!(" tag {tag}")).unwrap_or_default();
        word(format!("fault {:04X}{tag}", fault.cause.code()));
    }
    for result in &ended.authentications {
        word(result.err().map_or("oda good".to_owned(), |why| format!("oda {:04X}", why.code())));
    }
    line
}

fn setting(configuration: &mut Configuration<'_>, name: &str) {
    match name {
        "version-0" => configuration.signature.version_0 = true,
        "any-application-version" => configuration.signature.by_application_version = false,
        "no-effective-date" => configuration.effective_date = false,
        "authentication-online" => configuration.authentication_online = true,
        "verification-results" => configuration.verification_results = true,
        "unwanted-tc-declined" => configuration.unwanted_tc = UnwantedTc::Declined,
        "prefer-contact-chip" => configuration.prefer_contact_chip = true,
        "6985-is-another-interface" => configuration.refusals = &[],
        "qualifiers-are-another-interface" => {
            configuration.qualifiers_not_requested = Refusal::AnotherInterface;
        }
        other => panic!("no setting `{other}`"),
    }
}

/// A transcript, read.
#[derive(Default)]
struct Transcript {
    comments: usize,
    head: Vec<(String, String)>,
    /// The dialogue with line numbers, from 1; hexadecimal digits without spaces.
    lines: Vec<(usize, String)>,
}

impl Transcript {
    fn parse(text: &str) -> Self {
        let mut transcript = Self::default();
        for (number, line) in (1..).zip(text.lines()) {
            match line.split_once(char::is_whitespace) {
                _ if line.trim().is_empty() => {}
                _ if line.starts_with('#') => transcript.comments += 1,
                Some((mark @ ("<" | ">"), rest)) => {
                    transcript.lines.push((number, format!("{mark} {}", rest.replace(' ', ""))));
                }
                Some(("?" | "!" | "=", _)) => {
                    transcript.lines.push((number, line.trim_end().to_owned()));
                }
                Some((key, value)) => {
                    transcript.head.push((key.to_owned(), value.trim().to_owned()));
                }
                None => panic!("line {number}: {line}"),
            }
        }
        transcript
    }

    fn run(&self) -> Run<'static> {
        let mut run = Run::default();
        for (key, value) in &self.head {
            match key.as_str() {
                "covers" => {}
                "qualifiers" => run.qualifiers = hex(value).try_into().ok(),
                "purchase" => run.amount = value.replace('.', "").parse().unwrap(),
                "date" => {
                    let [year, month, day] = hex(value)[..] else { panic!("{value}") };
                    let number = |byte: u8| (byte >> 4) * 10 + (byte & 0x0F);
                    let year = 2000 + u16::from(number(year));
                    run.date = Date::new(year, number(month), number(day)).unwrap();
                }
                "unpredictable-number" => run.number = hex(value).try_into().ok(),
                "setting" => setting(&mut run.configuration, value),
                other => panic!("no line `{other}`"),
            }
        }
        run
    }

    /// What the kernel and those around it say, held against the file.
    fn play(&self) -> Result<(), String> {
        let mut card = Feeder { answers: self.lines.iter(), lost: false };
        let ended = self.run().with(&mut card);
        let said = ended.lines.iter().cloned().chain([ending(&ended)]);
        let mut said = said.collect::<Vec<_>>().into_iter();
        for (number, expected) in &self.lines {
            match said.next() {
                Some(found) if found == *expected => {}
                found => return Err(format!("line {number}: {found:?} instead of {expected}")),
            }
        }
        said.next().map_or(Ok(()), |more| Err(format!("and then {more}")))
    }
}

/// A card that gives a transcript's answers in their order.
struct Feeder<'t> {
    answers: core::slice::Iter<'t, (usize, String)>,
    lost: bool,
}

impl CardChannel for Feeder<'_> {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
        for (_, line) in self.answers.by_ref() {
            match line.split_once(' ') {
                Some(("<", answer)) => return Ok(hex(answer)),
                Some(("!", "link removed")) => break,
                _ => {}
            }
        }
        self.lost = true;
        Err(LinkError::Removed)
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/quickpass")
}

fn transcripts() -> Vec<(String, String)> {
    let mut all: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "emv"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn the_kernel_says_what_every_transcript_expects() {
    let transcripts = transcripts();
    assert!(transcripts.len() >= 55, "{}", transcripts.len());
    for (name, text) in transcripts {
        let transcript = Transcript::parse(&text);
        assert!(transcript.comments > 0, "{name} does not say what it shows");
        assert!(transcript.head.iter().any(|(key, _)| key == "covers"), "{name} covers nothing");
        transcript.play().unwrap_or_else(|why| panic!("{name}, {why}"));
    }
}

#[test]
fn every_line_that_the_kernel_says_is_held_against_it() {
    for (name, text) in transcripts() {
        let transcript = Transcript::parse(&text);
        for place in 0..transcript.lines.len() {
            let mut altered = Transcript::parse(&text);
            let (_, line) = &mut altered.lines[place];
            if line.starts_with(['>', '?', '=']) {
                line.push('0');
                assert!(altered.play().is_err(), "{name}");
            }
        }
    }
}
