//! Transcripts: transactions as plain-text dialogues, written by hand or recorded, and replayed
//! as tests.
//!
//! A transcript says what the terminal is and what is to be done, then every output of the kernel
//! (`>` a command, `?` a question, `=` the end) and every input that it gets (`<` an answer of the
//! card, `!` a reply). A replay gives the inputs and holds the kernel to the outputs.
//! `docs/transcripts.md` describes the format.
//!
//! ```
//! use chipwright_harness::transcript::Transcript;
//!
//! let text = "
//! terminal  attended-offline-online
//! purchase  10.00 EUR
//!
//! > 00A404000E 315041592E5359532E4444463031 00    # 1PAY.SYS.DDF01
//! < 6A81
//! = terminated offline  card-blocked
//! ";
//! let transcript = Transcript::parse(text)?;
//! assert_eq!(transcript.steps.len(), 3);
//! # Ok::<(), chipwright_harness::transcript::TranscriptError>(())
//! ```

mod again;
mod difference;
mod ending;
mod parse;
mod play;
mod recorder;
mod show;
mod step;
mod words;

pub use again::{Again, play_again};
pub use difference::{Difference, Row};
pub use ending::{Ending, Mark};
pub use parse::TranscriptError;
pub use play::{Played, play, play_tap};
pub use recorder::Recorder;
pub use step::{Question, Reply, Step};

use crate::setup::Setup;
use crate::terminal_file::TerminalFile;
use std::path::Path;

/// A transaction as a dialogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// What it shows, a line each.
    pub comments: Vec<String>,
    /// Requirement ids that it covers, as they stand in the file.
    pub covers: Vec<String>,
    /// The terminal: the name of a built-in one, or a file's path.
    pub terminal: String,
    /// The card is held to a reader, and not in a slot.
    pub contactless: bool,
    /// What is to be done.
    pub setup: Setup,
    /// The dialogue.
    pub steps: Vec<Step>,
    /// Line of each step in the text that was read, from 1; empty when it was not read.
    pub lines: Vec<usize>,
}

impl Transcript {
    /// The terminal: the built-in one of this name, or the file of this name in `folder`, where
    /// the transcript lies.
    ///
    /// # Errors
    /// A text that says that there is none, or what is wrong with the file.
    pub fn terminal_file(&self, folder: &Path) -> Result<TerminalFile, String> {
        let name = &self.terminal;
        if let Some(terminal) = TerminalFile::builtin(name) {
            return Ok(terminal);
        }
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("terminal {}: {error}", path.display()))?;
        TerminalFile::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }
}

#[cfg(test)]
mod tests;
