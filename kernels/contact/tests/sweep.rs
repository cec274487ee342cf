//! Every status word at every command of a whole transaction, every record cut at every byte, and
//! every first length byte of every answer: each has the end that the books give it, and nothing is
//! approved that the card did not approve. [B3 8.1; B1 12.3, 12.4]
//!
//! `cargo test` takes a part of the status words; with `CHIPWRIGHT_SWEEP=whole`, as `cargo xtask
//! long` has it, all 65,536 at each command.

mod issuer;

use chipwright::database::Database;
use chipwright::dictionary::emv::{CRYPTOGRAM_INFORMATION_DATA, TVR};
use chipwright::event::Events;
use chipwright::fault::Cause;
use chipwright::field::{CryptogramType, TerminalVerificationResults as Tvr};
use chipwright::outcome::{Conclusion, End, Outcome};
use chipwright::session::LinkError;
use chipwright_card::{Card, Profile};
use chipwright_harness::device::{FirstChoice, Issuer, IssuerAnswer};
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::{CardChannel, Devices, run};
use chipwright_host::{Host, Mode};
use issuer::Live;
use std::thread;

/// A card that is asked for everything that a contact kernel can ask for.
const CARD: &str = r#"
title = "Every command of a contact transaction"

[[application]]
scheme = "visa"
authentication.methods = ["dda"]
verification = { rules = ["plaintext-pin if-supported else-next", "signature if-supported", "no-cvm"], pin = "1234" }
limits = { lower = 2, upper = 5 }
cryptogram = { first = "arqc", atc = 12, last_online_atc = 10, issuer_authentication_mandatory = true }
"#;

/// A script for each moment.
const SCRIPTS: [u8; 16] =
    [0x71, 0x06, 0x86, 0x04, 0x84, 0x18, 0, 0, 0x72, 0x06, 0x86, 0x04, 0x84, 0x1E, 0, 0];

/// A command by what it is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    SelectDirectory,
    DirectoryRecord,
    SelectApplication,
    ProcessingOptions,
    Record,
    InternalAuthenticate,
    GetData,
    Verify,
    FirstCryptogram,
    ExternalAuthenticate,
    ScriptBefore,
    SecondCryptogram,
    ScriptAfter,
}

impl Kind {
    const ALL: [Self; 13] = [
        Self::SelectDirectory,
        Self::DirectoryRecord,
        Self::SelectApplication,
        Self::ProcessingOptions,
        Self::Record,
        Self::InternalAuthenticate,
        Self::GetData,
        Self::Verify,
        Self::FirstCryptogram,
        Self::ExternalAuthenticate,
        Self::ScriptBefore,
        Self::SecondCryptogram,
        Self::ScriptAfter,
    ];

    fn of(command: &[u8], before: &[Self]) -> Self {
        let selected = before.contains(&Self::SelectApplication);
        match command[1] {
            0xA4 if command[5..].starts_with(b"1PAY") => Self::SelectDirectory,
            0xA4 => Self::SelectApplication,
            0xB2 if selected => Self::Record,
            0xB2 => Self::DirectoryRecord,
            0xA8 => Self::ProcessingOptions,
            0x88 => Self::InternalAuthenticate,
            0xCA => Self::GetData,
            0x20 => Self::Verify,
            0xAE if before.contains(&Self::FirstCryptogram) => Self::SecondCryptogram,
            0xAE => Self::FirstCryptogram,
            0x82 => Self::ExternalAuthenticate,
            0x18 => Self::ScriptBefore,
            0x1E => Self::ScriptAfter,
            other => panic!("command {other:02X}"),
        }
    }
}

/// What becomes of the transaction when a command is answered by a status word alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Expected {
    /// It goes on, and is approved as without it.
    GoesOn,
    /// It goes on with these bits of the Terminal Verification Results.
    Noted(Tvr),
    /// Ends for this reason.
    Ends(End),
    /// Ends with the status word as the fault.
    Fault,
}

/// The table of the books, written apart from the kernel.
fn expected(kind: Kind, status: u16) -> Expected {
    use Expected::{Ends, Fault, GoesOn, Noted};
    match (kind, status) {
        (Kind::SelectDirectory, 0x6A81) => Ends(End::CardBlocked),
        // Whatever is wrong with the directory, there is the list of AIDs.
        (Kind::SelectDirectory | Kind::DirectoryRecord, _) => GoesOn,
        (Kind::SelectApplication, _) => Ends(End::NoCommonApplication),
        (Kind::ProcessingOptions, 0x6985) => Ends(End::NoCommonApplication),
        (Kind::GetData, _) => GoesOn,
        (Kind::Verify, 0x9000 | 0x63C1..=0x63CF) => GoesOn,
        (Kind::Verify, 0x63C0 | 0x6983 | 0x6984) => Noted(Tvr::PIN_TRY_LIMIT_EXCEEDED),
        (Kind::ExternalAuthenticate, 0x9000) => GoesOn,
        (Kind::ExternalAuthenticate, _) => Noted(Tvr::ISSUER_AUTHENTICATION_FAILED),
        (Kind::ScriptBefore | Kind::ScriptAfter, 0x9000..=0x90FF | 0x6200..=0x63FF) => GoesOn,
        (Kind::ScriptBefore, _) => Noted(Tvr::SCRIPT_FAILED_BEFORE),
        (Kind::ScriptAfter, _) => Noted(Tvr::SCRIPT_FAILED_AFTER),
        _ => Fault,
    }
}

/// What is done to the answer at one place.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// This status word, and no data.
    Status(u16),
    /// This status word, behind the data.
    StatusBehindData(u16),
    /// Cut to so many bytes, and 9000.
    Cut(usize),
    /// The byte at this offset is this.
    Byte(usize, u8),
}

/// The answers of an honest card, said again.
struct Echo<'e> {
    exchanges: &'e [(Vec<u8>, Vec<u8>)],
    at: usize,
    change: Change,
    sent: usize,
}

impl CardChannel for Echo<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        // The directory and the application may use the same file: what comes in turn comes first.
        let in_turn = self.exchanges.get(self.sent).filter(|(known, _)| known == command);
        let same = |(known, _): &&(Vec<u8>, Vec<u8>)| known == command;
        let exact = in_turn.or_else(|| self.exchanges.iter().rev().find(same));
        let alike = || self.exchanges.iter().find(|(known, _)| is_alike(known, command));
        let answer = exact.or_else(alike).map(|(_, answer)| answer.clone());
        let mut answer = answer.unwrap_or_else(|| vec![0x6A, 0x82]);
        if self.sent == self.at {
            match self.change {
                Change::Status(status) => answer = status.to_be_bytes().to_vec(),
                Change::StatusBehindData(status) => {
                    answer.truncate(answer.len() - 2);
                    answer.extend(status.to_be_bytes());
                }
                Change::Cut(length) => {
                    answer.truncate(length);
                    answer.extend([0x90, 0x00]);
                }
                Change::Byte(offset, byte) => answer[offset] = byte,
            }
        }
        self.sent += 1;
        Ok(answer)
    }
}

/// Whether a command is one that was recorded but for its data; a name may be selected by its
/// beginning.
fn is_alike(known: &[u8], command: &[u8]) -> bool {
    let name = |command: &[u8]| command[5..command.len() - 1].to_vec();
    known[..4] == command[..4] && (command[1] != 0xA4 || name(known).starts_with(&name(command)))
}

/// The honest card, written down.
struct Recorder {
    card: Card,
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
}

impl CardChannel for Recorder {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let script = command[0] == 0x84;
        let answer = if script { vec![0x90, 0x00] } else { self.card.transmit(command) };
        self.exchanges.push((command.to_vec(), answer.clone()));
        Ok(answer)
    }
}

/// A host that approves, with scripts; then what it answered, again and again.
struct Books {
    live: Live,
    answer: Option<IssuerAnswer>,
}

impl Issuer for Books {
    fn authorise(&mut self, data: &Database<'_>) -> Option<IssuerAnswer> {
        if self.answer.is_none() {
            let answer = self.live.authorise(data).unwrap();
            assert_eq!(answer.authorisation_response_code, *b"00");
            assert!(self.live.approved());
            self.answer = Some(IssuerAnswer { scripts: SCRIPTS.to_vec(), ..answer });
        }
        self.answer.clone()
    }
}

struct Ended {
    outcome: Outcome,
    tc: bool,
    results: Tvr,
}

fn transact(card: &mut dyn CardChannel, books: &mut Books, terminal: &TerminalFile) -> Ended {
    let configuration = terminal.configuration();
    let terminal = configuration.terminal();
    let setup = Setup::default();
    let random = setup.random();
    let transaction = setup.transaction(&terminal, random.as_ref(), Events::NONE);
    let pin = || Entry::Digits(Pin::new("1234").unwrap());
    let mut pad = ScriptedPad::new([pin(), pin(), pin()], random.as_ref());
    let mut devices = Devices { card, pad: &mut pad, cardholder: &mut FirstChoice, issuer: books };
    let (outcome, (tc, results)) = run(&transaction, &mut devices, false, |data| {
        let information = data.get(CRYPTOGRAM_INFORMATION_DATA).ok().flatten();
        let cryptogram = information.and_then(|information| information.cryptogram());
        let results = data.get(TVR).ok().flatten().unwrap_or_default();
        (cryptogram == Some(CryptogramType::Tc), results)
    });
    Ended { outcome, tc, results }
}

/// An honest transaction: what was said, and what each command was for.
struct Honest {
    terminal: TerminalFile,
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    kinds: Vec<Kind>,
    answer: Option<IssuerAnswer>,
}

impl Honest {
    fn new() -> Self {
        let card = Card::new(&Profile::parse(CARD).unwrap(), 7).unwrap();
        let terminal = TerminalFile::builtin("attended-offline-online").unwrap();
        let mut recorder = Recorder { card, exchanges: Vec::new() };
        let mut books = Books { live: Live(Host::new(Mode::Approve)), answer: None };
        let ended = transact(&mut recorder, &mut books, &terminal);
        assert_eq!((ended.outcome.conclusion, ended.tc), (Conclusion::Approved, true));
        let mut kinds = Vec::new();
        for (command, _) in &recorder.exchanges {
            kinds.push(Kind::of(command, &kinds));
        }
        let missing: Vec<_> = Kind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
        assert!(missing.is_empty(), "never sent: {missing:?}");
        Self { terminal, exchanges: recorder.exchanges, kinds, answer: books.answer }
    }

    /// The same with one answer changed; what holds whatever that is has been checked.
    fn with(&self, at: usize, change: Change) -> Ended {
        let mut card = Echo { exchanges: &self.exchanges, at, change, sent: 0 };
        let mut books = Books { live: Live(Host::new(Mode::Approve)), answer: self.answer.clone() };
        let ended = transact(&mut card, &mut books, &self.terminal);
        let what = || format!("{change:?} at {:?}", self.kinds.get(at));
        assert!(card.sent <= self.exchanges.len() + 20, "{}: {} exchanges", what(), card.sent);
        let approved = ended.outcome.conclusion == Conclusion::Approved;
        assert!(!approved || ended.tc, "{}: approved without a TC", what());
        ended
    }
}

/// Holds one end against the table.
fn hold(kind: Kind, status: u16, ended: &Ended) {
    let Ended { outcome, results, .. } = ended;
    let what = format!("{status:04X} at {kind:?}: {outcome:?} {results:?}");
    match expected(kind, status) {
        Expected::GoesOn => assert_eq!(outcome.conclusion, Conclusion::Approved, "{what}"),
        Expected::Noted(bits) => {
            assert_eq!(outcome.conclusion, Conclusion::Approved, "{what}");
            assert!(results.contains(bits), "{what}");
        }
        Expected::Ends(end) => {
            assert_eq!(
                (outcome.conclusion, outcome.end),
                (Conclusion::Terminated, Some(end)),
                "{what}"
            );
        }
        Expected::Fault => {
            let Some(End::Fault(fault)) = outcome.end else { panic!("{what}") };
            assert_eq!(outcome.conclusion, Conclusion::Terminated, "{what}");
            assert_eq!(fault.cause, Cause::Status(status), "{what}");
        }
    }
    assert_eq!(outcome.reversal, kind == Kind::SecondCryptogram, "{what}");
}

fn is_whole() -> bool {
    std::env::var("CHIPWRIGHT_SWEEP").is_ok_and(|how| how == "whole")
}

/// All of them, or every first byte with a second one, and every one that means something.
fn status_words() -> Vec<u16> {
    if is_whole() {
        return (0..=u16::MAX).collect();
    }
    let mut words: Vec<u16> = (0..=u16::MAX).step_by(509).collect();
    words.extend([0x6283, 0x6700, 0x6983, 0x6984, 0x6985, 0x6A81, 0x6A82, 0x6A83, 0x6D00, 0x9001]);
    words.extend(0x63BF..=0x63D0);
    words
}

/// [B3 8.1]
#[test]
fn every_status_word_at_every_command_has_the_end_that_the_books_give_it() {
    let honest = Honest::new();
    let words = status_words();
    let count = 2 * honest.kinds.len() * words.len();
    let half = words.len() / 2;
    thread::scope(|scope| {
        for words in [&words[..half], &words[half..]] {
            let honest = &honest;
            scope.spawn(move || {
                for (at, kind) in honest.kinds.iter().enumerate() {
                    for status in words.iter().filter(|status| **status != 0x9000) {
                        for change in [Change::Status, Change::StatusBehindData] {
                            hold(*kind, *status, &honest.with(at, change(*status)));
                        }
                    }
                }
            });
        }
    });
    println!("{count} transactions, {} commands", honest.kinds.len());
}

/// Cut anywhere, an answer with data ends the transaction, or leads to the list of AIDs.
#[test]
fn every_answer_cut_at_every_byte_approves_nothing_that_was_not_whole() {
    let honest = Honest::new();
    let mut count = 0;
    for (at, (kind, (_, answer))) in honest.kinds.iter().zip(&honest.exchanges).enumerate() {
        for length in 0..answer.len() - 2 {
            let ended = honest.with(at, Change::Cut(length));
            count += 1;
            // An answer that may be empty, or whose lack has a place in the results.
            let goes_on =
                matches!(kind, Kind::SelectDirectory | Kind::DirectoryRecord | Kind::GetData);
            let approved = ended.outcome.conclusion == Conclusion::Approved;
            assert_eq!(
                approved, goes_on,
                "{kind:?} cut at {length} of {answer:02X?}: {:?} {:?}",
                ended.outcome, ended.results
            );
        }
    }
    println!("{count} transactions");
    assert!(count > 500, "{count}");
}

/// The length byte of the outermost object, and that of the first inside, as all 256 values.
#[test]
fn every_first_length_byte_is_taken_for_what_it_is() {
    let honest = Honest::new();
    let mut count = 0;
    for (at, (kind, (_, answer))) in honest.kinds.iter().zip(&honest.exchanges).enumerate() {
        if answer.len() < 6 {
            continue;
        }
        for offset in [1, 2, 3] {
            for byte in 0..=u8::MAX {
                let ended = honest.with(at, Change::Byte(offset, byte));
                count += 1;
                let goes_on =
                    matches!(kind, Kind::SelectDirectory | Kind::DirectoryRecord | Kind::GetData);
                let same = answer[offset] == byte;
                let approved = ended.outcome.conclusion == Conclusion::Approved;
                assert!(!(same || goes_on) || approved, "{kind:?} {offset} {byte:02X}");
                // The outermost length has one value.
                if offset == 1 && !same && !goes_on {
                    assert!(!approved, "{kind:?}, length {byte:02X}");
                }
            }
        }
    }
    println!("{count} transactions");
}
