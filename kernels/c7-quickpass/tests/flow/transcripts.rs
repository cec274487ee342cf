//! Transcripts of taps, `test-vectors/quickpass`: from the answer to SELECT to the outcome.

use super::card::*;
use super::run::*;
use chipwright::config::{History, Terminal, Transaction};
use chipwright::contactless::{
    AlternateInterface, Start, TerminalTransactionQualifiers as Ttq, UiRequest,
};
use chipwright::crypto::Crypto;
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::session::LinkError;
use chipwright::value::{Amount, Code, Date, Pan};
use chipwright_c7::{Configuration, KERNEL_ID, Refusal, SignedDataFormat, UnwantedTc};
use chipwright_entry_point::{Combination, Prepared};
use chipwright_harness::CardChannel;
use chipwright_harness::describe;
use chipwright_harness::random::Seeded;
use chipwright_rustcrypto::RustCrypto;
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
        "any-qualifiers" => configuration.signature.compare_qualifiers = false,
        "dynamic-format" => configuration.signature.format = SignedDataFormat::Dynamic,
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
    listed: Option<Listed>,
}

/// The account in the exception file, and its sequence number.
#[derive(Debug)]
struct Listed(Vec<u8>, Option<u8>);

impl History for Listed {
    fn on_exception_file(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> bool {
        Pan::new(&self.0) == Some(pan) && self.1 == sequence_number
    }

    fn logged_amount(&self, _: Pan<'_>, _: Option<u8>) -> Amount {
        Amount::ZERO
    }
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
                Some(("exception-file", value)) => {
                    let (pan, number) = value.trim().split_once(' ').unwrap();
                    transcript.listed = Some(Listed(hex(pan), number.parse().ok()));
                }
                Some((key, value)) => {
                    transcript.head.push((key.to_owned(), value.trim().to_owned()));
                }
                None => panic!("line {number}: {line}"),
            }
        }
        transcript
    }

    fn run(&self) -> Run<'_> {
        let history = self.listed.as_ref().map(|listed| listed as &dyn History);
        let mut run = Run { history, ..Run::default() };
        for (key, value) in &self.head {
            match key.as_str() {
                "covers" | "limit" | "flag" => {}
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

    /// What pre-processing makes of limits and flags; none where the file has none, and its
    /// qualifiers are what came of them.
    fn prepared(&self, run: &Run<'_>) -> Option<Prepared> {
        let mut combination = Combination::new(&run.aid, KERNEL_ID);
        combination.qualifiers = run.qualifiers.map(Ttq);
        let mut any = false;
        for (key, value) in &self.head {
            match (key.as_str(), value.split_once(' ')) {
                ("limit", Some((limit, amount))) => {
                    let amount = amount.trim().replace('.', "").parse().unwrap();
                    match limit {
                        "transaction" => combination.transaction_limit = Amount::new(amount),
                        "floor" => combination.floor_limit = Amount::new(amount),
                        "terminal-floor" => {
                            combination.terminal_floor_limit = u32::try_from(amount).ok();
                        }
                        "cvm" => combination.cvm_required_limit = Amount::new(amount),
                        other => panic!("no limit `{other}`"),
                    }
                }
                ("flag", None) => match value.as_str() {
                    "status-check" => combination.status_check = Some(true),
                    "no-zero-amount" => combination.zero_amount_allowed = Some(false),
                    "online-without-floor-limit" => combination.online_without_floor_limit = true,
                    other => panic!("no flag `{other}`"),
                },
                _ => continue,
            }
            any = true;
        }
        let yuan = Code::new(156).unwrap();
        let terminal = Terminal::new(TerminalType(0x22), TerminalCapabilities::EMPTY, yuan);
        let random = Seeded::new(1);
        let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &random };
        let amount = Amount::new(run.amount).unwrap();
        let transaction = Transaction::purchase(&terminal, crypto, amount, yuan, run.date);
        any.then(|| combination.prepare(&transaction))
    }

    /// What the kernel and those around it say.
    fn said(&self) -> Vec<String> {
        let mut run = self.run();
        if let Some(prepared) = self.prepared(&run) {
            run.qualifiers = prepared.qualifiers.map(|qualifiers| qualifiers.0);
            if prepared.indicators.application_not_allowed {
                return vec!["= not-allowed".to_owned()];
            }
        }
        let ended = run.with(&mut Feeder { answers: self.lines.iter(), lost: false });
        let end = ending(&ended);
        ended.lines.into_iter().chain([end]).collect()
    }

    /// All of it, held against the file.
    fn play(&self) -> Result<(), String> {
        let mut said = self.said().into_iter();
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
    assert!(transcripts.len() >= 110, "{}", transcripts.len());
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
