//! Records transcripts.

use core::cell::RefCell;

use chipwright::database::Database;
use chipwright::driver::{Input, Output};

use super::step::numbered;
use super::{Step, Transcript};
use crate::run::Watcher;
use crate::setup::Setup;

/// Records a transaction as a transcript.
///
/// Bytes are kept as they are, account data included; PINs never pass here.
#[derive(Debug, Default)]
pub struct Recorder {
    steps: RefCell<Vec<Step>>,
    candidates: RefCell<Vec<(u8, Vec<u8>)>>,
}

impl Recorder {
    /// The transcript of a transaction that has ended with these data objects.
    pub fn transcript(&self, terminal: &str, setup: &Setup, data: &Database<'_>) -> Transcript {
        let mut steps = self.steps.borrow().clone();
        if let Some(Step::Ended(ending)) = steps.last_mut() {
            ending.add_objects(data);
        }
        Transcript {
            terminal: terminal.to_owned(),
            setup: setup.clone(),
            steps,
            ..Transcript::default()
        }
    }
}

impl Watcher for Recorder {
    fn request(&self, output: &Output<'_>) {
        if let Output::Choose(candidates) = output {
            *self.candidates.borrow_mut() = numbered(candidates);
        }
        self.steps.borrow_mut().extend(Step::of_output(output));
    }

    fn reply(&self, input: &Input<'_>) {
        self.steps.borrow_mut().extend(Step::of_input(input, &self.candidates.borrow()));
    }
}
