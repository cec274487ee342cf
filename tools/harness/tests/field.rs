//! Transactions from the field, in `test-vectors/field`: every file there is a test.
//!
//! A transcript, or a trace that has one, is replayed strictly. A trace of another terminal is
//! replayed as far as its answers reach, and the kernel sends what was recorded.

use chipwright::event::Events;
use chipwright_harness::run::Unwatched;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::trace::{Trace, replay};
use chipwright_harness::transcript::{Transcript, play, play_tap};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/field")
}

/// What differs from the record, if anything does.
fn difference(transcript: &Transcript, terminal: &TerminalFile) -> Option<String> {
    let configuration = terminal.configuration();
    let terminal = configuration.terminal();
    let played = if transcript.contactless {
        play_tap(transcript, &terminal, &configuration.combinations, Events::NONE)
    } else {
        play(transcript, &terminal, Events::NONE)
    };
    played.err().map(|difference| difference.to_string())
}

fn check(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    if file.extension().is_some_and(|extension| extension == "emv") {
        let transcript = Transcript::parse(&text).map_err(|error| error.to_string())?;
        let terminal = transcript.terminal_file(&folder())?;
        return difference(&transcript, &terminal).map_or(Ok(()), Err);
    }
    let trace = Trace::parse(&text).map_err(|error| error.to_string())?;
    if let Some(own) = &trace.transcript {
        return difference(&own.0, &own.1).map_or(Ok(()), Err);
    }
    let replayed = replay(&trace, Events::NONE, &Unwatched);
    replayed.is_as_recorded().then_some(()).ok_or(format!("{:?}", replayed.notes))
}

#[test]
fn every_transaction_of_the_field_ends_as_it_did() {
    let mut checked = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let known = path.extension().is_some_and(|extension| extension != "md");
        if known {
            check(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
            checked += 1;
        }
    }
    assert!(checked >= 3, "{checked} files");
}

/// The check can fail: one byte of an answer is another.
#[test]
fn a_changed_answer_is_seen() {
    let text = std::fs::read_to_string(folder().join("contact-expired.json")).unwrap();
    let trace = Trace::parse(&text).unwrap();
    let (transcript, terminal) = &**trace.transcript.as_ref().unwrap();
    assert_eq!(difference(transcript, terminal), None);
    let expiry = text.replace("5F2403201231", "5F2403491231");
    assert_ne!(expiry, text);
    let trace = Trace::parse(&expiry).unwrap();
    let (transcript, terminal) = &**trace.transcript.as_ref().unwrap();
    assert!(difference(transcript, terminal).is_some());
}
