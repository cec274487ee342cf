//! What a terminal needs of a service for readers.

use chipwright::session::LinkError;
use core::time::Duration;

use crate::arguments::Protocol;
use crate::failure::{Exit, Failure};

/// A service for readers. Cards are powered off and on by it, and talked to by one at a time.
pub(super) trait Service {
    /// The readers, and what is in them.
    fn readers(&mut self) -> Result<Vec<Listed>, Trouble>;

    /// Waits until there is a card in the reader or, as the case may be, none; for so long at most.
    /// Gives what is there then.
    fn wait(&mut self, reader: &str, card: bool, patience: Duration) -> Result<Inside, Trouble>;

    /// Powers the card off and on, for nobody else; gives what it speaks.
    fn connect(&mut self, reader: &str) -> Result<Protocol, Trouble>;

    /// Sends a command as the protocol has it, gives what the card answers at once.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble>;

    /// Powers the card off, if it is connected.
    fn disconnect(&mut self);
}

/// A reader that is connected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) inside: Inside,
    /// Somebody talks to the card.
    pub(super) busy: bool,
}

/// What is in a reader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Inside {
    Nothing,
    /// A card without an answer to reset, or the wrong way round.
    Mute,
    /// A card, with its answer to reset.
    Card(Vec<u8>),
}

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trouble {
    /// What it is to a kernel.
    pub(super) error: LinkError,
    /// The reader, or the whole service, is not there or not to be had.
    pub(super) missing: bool,
    /// In words.
    pub(super) message: String,
}

impl Trouble {
    /// Of the card.
    pub(super) fn new(error: LinkError, message: impl Into<String>) -> Self {
        Self { error, missing: false, message: message.into() }
    }

    /// Of the reader or the service: to a kernel, the card is gone with it.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self { missing: true, ..Self::new(LinkError::Removed, message) }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let exit = if trouble.missing { Exit::Missing } else { Exit::Terminated };
        Self { exit, message: trouble.message }
    }
}
