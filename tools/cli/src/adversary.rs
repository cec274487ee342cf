//! Whoever attacks a transaction; nobody, as a rule.

use chipwright::session::LinkError;
use chipwright_card::{Card, Interface};
use chipwright_harness::CardChannel;
use chipwright_harness::random::Trouble;
use chipwright_harness::scenario::Line;
use chipwright_harness::wedge::{Answer, Cards, Wedge};
use core::cell::{Cell, RefCell};

/// What is done to a transaction. The default does nothing.
#[derive(Debug, Default)]
pub(crate) struct Adversary {
    /// Between reader and card.
    pub(crate) between: Between,
    /// Between terminal and host.
    pub(crate) line: Line,
    /// With the terminal's random numbers.
    pub(crate) random: Option<Trouble>,
}

/// What sits between reader and card.
#[derive(Debug, Default)]
pub(crate) struct Between {
    pub(crate) wedge: RefCell<Wedge>,
    /// Polls that find more than one card.
    pub(crate) collisions: Cell<u32>,
    /// The attacker's own card.
    pub(crate) second: Option<RefCell<Card>>,
}

/// A card at the end of a channel.
struct Held<'c>(&'c mut Card);

impl CardChannel for Held<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        Ok(self.0.transmit(command))
    }
}

impl Between {
    /// Takes the reader's command to a card, or wherever else.
    pub(crate) fn transmit(&self, command: &[u8], card: &mut Card) -> Result<Answer, LinkError> {
        let mut second = self.second.as_ref().map(RefCell::borrow_mut);
        let mut second = second.as_deref_mut().map(Held);
        let mut cards = Cards {
            honest: &mut Held(card),
            second: second.as_mut().map(|held| held as &mut dyn CardChannel),
        };
        self.wedge.borrow_mut().transmit(command, &mut cards)
    }

    /// Whether a poll finds more than one card.
    pub(crate) fn collides(&self) -> bool {
        let left = self.collisions.get();
        self.collisions.set(left.saturating_sub(1));
        left > 0
    }

    /// The cards get power.
    pub(crate) fn present(&self, card: &mut Card, interface: Interface) {
        card.present(interface);
        if let Some(second) = &self.second {
            second.borrow_mut().present(interface);
        }
    }
}
