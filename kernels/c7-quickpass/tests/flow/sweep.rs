//! Every status word at every command of a tap, and every answer cut at every byte: `cargo test`
//! takes a part of the status words; with `CHIPWRIGHT_SWEEP=whole` all 65,536 at each command.

use super::card::*;
use super::run::*;
use chipwright::contactless::OutcomeType::{
    self, Approved, Declined, EndApplication, OnlineRequest, SelectNext, TryAgain,
    TryAnotherInterface,
};
use chipwright::session::LinkError;
use chipwright_harness::CardChannel;

/// Commands with their answers.
type Exchanges = Vec<(Vec<u8>, Vec<u8>)>;

/// What a card said, said again but for one answer.
struct Echo {
    exchanges: Exchanges,
    at: usize,
    instead: Vec<u8>,
    sent: usize,
}

impl CardChannel for Echo {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let known = self.exchanges.iter().find(|(known, _)| known[..4] == command[..4]);
        let answer = if self.sent == self.at {
            Some(&self.instead)
        } else {
            known.map(|(_, answer)| answer)
        };
        self.sent += 1;
        Ok(answer.cloned().unwrap_or_else(|| status(0x6A82)))
    }
}

/// Writes down what a card says.
struct Recorder {
    card: Simulated,
    exchanges: Exchanges,
}

impl CardChannel for Recorder {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let answer = self.card.transmit(command)?;
        self.exchanges.push((command.to_vec(), answer.clone()));
        Ok(answer)
    }
}

/// A tap that is approved offline, and what it was.
fn honest() -> (Run<'static>, Exchanges) {
    let run = Run::default();
    let mut recorder =
        Recorder { card: Simulated::builtin("quickpass-offline"), exchanges: Vec::new() };
    assert_eq!(run.with(&mut recorder).kind(), Approved);
    (run, recorder.exchanges)
}

/// The table of the notes, written apart from the kernel. [C7 4.2, 4.4]
fn expected(instruction: u8, word: u16) -> Option<OutcomeType> {
    match (instruction, word) {
        // SELECT is Entry Point's: the kernel gets what it answered.
        (0xA4, _) => None,
        (0xA8, 0x6985) => Some(SelectNext),
        (0xA8, 0x6986) => Some(TryAgain),
        // This reader has the contact chip.
        (0xA8, _) => Some(TryAnotherInterface),
        _ => Some(EndApplication),
    }
}

fn with(run: &Run<'_>, exchanges: &[(Vec<u8>, Vec<u8>)], at: usize, instead: Vec<u8>) -> Ended {
    let exchanges = exchanges.to_vec();
    let commands = exchanges.len();
    let mut card = Echo { exchanges, at, instead, sent: 0 };
    let ended = run.with(&mut card);
    assert!(card.sent <= commands, "{} commands", card.sent);
    ended
}

#[test]
fn every_status_word_at_every_command_has_the_outcome_of_the_table() {
    let whole = std::env::var("CHIPWRIGHT_SWEEP").is_ok_and(|how| how == "whole");
    let mut words: Vec<u16> = (0..=u16::MAX).step_by(if whole { 1 } else { 257 }).collect();
    words.extend([0x6283, 0x6983, 0x6984, 0x6985, 0x6986, 0x6A81, 0x6A82, 0x6A83, 0x9001]);
    let (run, exchanges) = honest();
    let mut count = 0;
    for (at, (command, answer)) in exchanges.iter().enumerate() {
        for word in words.iter().filter(|word| **word != 0x9000) {
            // Alone, and behind the data that would be good.
            for data in [&[], &answer[..answer.len() - 2]] {
                let ended = with(&run, &exchanges, at, [data, &status(*word)].concat());
                count += 1;
                let outcome = ended.end().is_none().then(|| ended.kind());
                // What SELECT is answered by is for Entry Point to look at.
                let Some(expected) = expected(command[1], *word) else { continue };
                assert_eq!(outcome, Some(expected), "{word:04X} at {at}: {}", ended.fault());
            }
        }
    }
    println!("{count} taps, {} commands", exchanges.len());
}

#[test]
fn every_answer_cut_at_every_byte_is_never_approved() {
    let (run, exchanges) = honest();
    let mut count = 0;
    for (at, (_, answer)) in exchanges.iter().enumerate() {
        for length in 0..answer.len() - 2 {
            let instead = [&answer[..length], &[0x90, 0x00]].concat();
            let ended = with(&run, &exchanges, at, instead);
            count += 1;
            let outcome = ended.end().is_none().then(|| ended.kind());
            assert!(!matches!(outcome, Some(Approved | OnlineRequest)), "{at} cut at {length}");
        }
        for byte in (0..=u8::MAX).filter(|byte| *byte != answer[1]) {
            let mut instead = answer.clone();
            instead[1] = byte;
            let ended = with(&run, &exchanges, at, instead);
            count += 1;
            let outcome = ended.end().is_none().then(|| ended.kind());
            let declined = matches!(
                outcome,
                None | Some(Declined | EndApplication | TryAnotherInterface | SelectNext)
            );
            assert!(declined, "{at}, length {byte:02X}: {outcome:?}");
        }
    }
    println!("{count} taps");
}
