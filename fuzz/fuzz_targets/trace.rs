//! Traces and transcripts: any text is read or refused with a line that is in it; what is read can
//! be shown and read again.

#![no_main]

use chipwright::event::Events;
use chipwright_harness::run::Unwatched;
use chipwright_harness::trace::{Trace, replay};
use chipwright_harness::transcript::Transcript;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Transcript::parse(text) {
        Ok(transcript) => shown(&transcript),
        Err(error) => {
            assert!(error.line >= 1 && error.line <= text.lines().count().max(1), "{error}");
        }
    }
    if let Ok(trace) = Trace::parse(text) {
        let first = replay(&trace, Events::NONE, &Unwatched);
        let second = replay(&trace, Events::NONE, &Unwatched);
        assert_eq!(format!("{:?}", first.outcome), format!("{:?}", second.outcome));
        if let Some(transcript) = &trace.transcript {
            shown(&transcript.0);
        }
    }
});

fn shown(transcript: &Transcript) {
    let again = Transcript::parse(&transcript.to_string()).expect("what was shown");
    assert_eq!(again.steps, transcript.steps);
    assert_eq!(again.setup, transcript.setup);
    assert_eq!(again.terminal, transcript.terminal);
}
