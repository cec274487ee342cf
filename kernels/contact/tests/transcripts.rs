//! Every transcript under `test-vectors/contact`, replayed.

use chipwright::event::Events;
use chipwright_harness::transcript::{Difference, Played, Step, Transcript, play};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/contact")
}

/// The transcripts with their names, in order.
fn transcripts() -> Vec<(String, Transcript)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "emv"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let transcript = Transcript::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, transcript)
    };
    paths.into_iter().map(read).collect()
}

fn played(transcript: &Transcript) -> Result<Played, Box<Difference>> {
    let file = transcript.terminal_file(&folder()).unwrap();
    let configuration = file.configuration();
    play(transcript, &configuration.terminal(), Events::NONE)
}

#[test]
fn the_kernel_says_what_every_transcript_expects() {
    let transcripts = transcripts();
    assert!(transcripts.len() >= 50);
    for (name, transcript) in &transcripts {
        assert!(!transcript.covers.is_empty(), "{name} covers nothing");
        assert!(!transcript.comments.is_empty(), "{name} does not say what it shows");
        if let Err(difference) = played(transcript) {
            panic!("{name}: {difference}");
        }
    }
}

#[test]
fn every_output_of_every_transcript_is_held_against_the_kernel() {
    for (name, transcript) in transcripts() {
        for place in 0..transcript.steps.len() {
            let mut altered = transcript.clone();
            match &mut altered.steps[place] {
                Step::Sent(command) => command[1] ^= 0x01,
                Step::Asked(_) => altered.steps[place] = Step::Sent(vec![0; 5]),
                Step::Ended(ending) => ending.signature ^= true,
                Step::Answered(_) | Step::Told(_) => continue,
            }
            let difference = played(&altered).unwrap_err();
            assert_eq!(difference.line, transcript.lines[place], "{name}");
        }
    }
}
