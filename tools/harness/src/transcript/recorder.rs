//! Records transcripts.

use core::cell::RefCell;

use chipwright::database::Database;
use chipwright::driver::{Input, Output};
use chipwright::event::{Event, Sink};
use chipwright::session::Proceed;

use super::step::numbered;
use super::{Question, Reply, Step, Transcript};
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
    /// Forgets what it recorded: another transaction begins.
    pub fn begin_anew(&self) {
        self.steps.borrow_mut().clear();
    }

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

/// A review is told by the kernel, since it need not be the watched devices that answer it. One
/// that changed nothing is left out: the replay has nobody to look in then, to the same effect.
/// An issuer that nobody tried to reach is told by the kernel as well.
impl Sink for Recorder {
    fn event(&self, event: &Event<'_>) {
        if let Event::Unreachable = event {
            let mut steps = self.steps.borrow_mut();
            let told = Step::Told(Reply::Unreachable);
            if steps.last() != Some(&told) {
                steps.extend([Step::Asked(Question::Authorise(Vec::new())), told]);
            }
        }
        if let Event::Reviewed { review, proceed } = *event
            && proceed != Proceed::Continue
        {
            let steps =
                [Step::Asked(Question::Review(review)), Step::Told(Reply::Proceed(proceed))];
            self.steps.borrow_mut().extend(steps);
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
