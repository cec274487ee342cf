//! A card before the terminal: what its reader sees of it.

use chipwright::session::{Field, LinkError, Polled};
use chipwright_card::{Card, Interface};
use chipwright_harness::wedge::Answer;
use chipwright_terminal::device::{Absent, PollEnded};

use crate::adversary::Between;
use crate::failure::Failure;

/// A card that comes, answers and goes.
pub(crate) trait Presence {
    /// Waits until it is in the slot, and activates it.
    fn insert(&mut self) -> Result<(), Absent>;

    /// The field is switched.
    fn field(&mut self, _: Field) {}

    /// Looks once what is in the field, and activates it if it is one card.
    fn poll(&mut self) -> Result<Polled, PollEnded>;

    /// Sends a command, gives the answer.
    fn transmit(&mut self, command: &[u8]) -> Result<Answer, LinkError>;

    /// Deactivates it.
    fn remove(&mut self) {}

    /// What the reader knows of a link that failed last, in its own words.
    fn trouble(&self) -> Option<Failure> {
        None
    }
}

/// A simulated card, and whoever sits between it and the reader.
pub(crate) struct Simulated<'a> {
    pub(crate) card: Card,
    pub(crate) between: &'a Between,
}

impl Presence for Simulated<'_> {
    fn insert(&mut self) -> Result<(), Absent> {
        self.between.present(&mut self.card, Interface::Contact);
        Ok(())
    }

    /// The card is taken away and held to the reader again whenever it is asked for.
    fn poll(&mut self) -> Result<Polled, PollEnded> {
        if self.between.collides() {
            return Ok(Polled::Collision);
        }
        self.between.present(&mut self.card, Interface::Contactless);
        Ok(Polled::Card)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Answer, LinkError> {
        self.between.transmit(command, &mut self.card)
    }
}
