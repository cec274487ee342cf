//! What people do and what terminals remember, as the command line says it.

use chipwright::candidates::Candidates;
use chipwright::config::History;
use chipwright::value::{Amount, Pan};
use chipwright_harness::device::{Cardholder, FirstChoice};
use std::collections::VecDeque;

/// A cardholder who makes these choices, and takes the best application when none is left.
#[derive(Debug)]
pub(crate) struct Choices(pub(crate) VecDeque<Option<u8>>);

impl Cardholder for Choices {
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        self.0.pop_front().unwrap_or_else(|| FirstChoice.choose(candidates))
    }
}

/// What the terminal remembers of the one account that there is.
#[derive(Debug)]
pub(crate) struct Remembered {
    /// It is on the exception file.
    pub(crate) listed: bool,
    /// Amount of its last transaction in the log.
    pub(crate) logged: Amount,
}

impl History for Remembered {
    fn on_exception_file(&self, _: Pan<'_>, _: Option<u8>) -> bool {
        self.listed
    }

    fn logged_amount(&self, _: Pan<'_>, _: Option<u8>) -> Amount {
        self.logged
    }
}
