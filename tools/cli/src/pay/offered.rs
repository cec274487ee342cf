//! The card that is offered to the terminal.

use chipwright_card::{Card, Profile};
use chipwright_harness::pad::{Entry, Pin};

use crate::adversary::Between;
use crate::arguments::{Interface, Pay};
use crate::failure::Failure;
use crate::presence::{Presence, Simulated};

/// A card, its cardholder, and what is known of both.
pub(crate) struct Offered<'a> {
    /// Its name on the command line.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) title: String,
    /// Where it is offered; auto is a tap, and the slot when that ends so.
    pub(crate) interface: Interface,
    /// What happens at the PIN pad.
    pub(crate) entries: Vec<Entry>,
    pub(crate) presence: Box<dyn Presence + 'a>,
}

impl<'a> Offered<'a> {
    /// A simulated card. Its cardholder knows the PIN, unless the command line says otherwise.
    pub(crate) fn simulated(
        arguments: &Pay,
        profile: &Profile,
        card: Card,
        between: &'a Between,
    ) -> Result<Self, Failure> {
        Ok(Self {
            name: arguments.card.clone(),
            title: profile.title.clone(),
            interface: interface(arguments.interface, profile),
            entries: entries(arguments, profile)?,
            presence: Box::new(Simulated { card, between }),
        })
    }
}

/// Nobody holds a card to the reader that has nothing for it.
fn interface(asked: Interface, profile: &Profile) -> Interface {
    let for_taps = profile.application.iter().any(|part| part.quickpass.is_some());
    if asked == Interface::Auto && !for_taps { Interface::Contact } else { asked }
}

fn entries(arguments: &Pay, profile: &Profile) -> Result<Vec<Entry>, Failure> {
    if !arguments.pin.is_empty() {
        return arguments.entries();
    }
    let own = profile.application.first().map(|application| &application.verification.pin);
    let digits =
        own.map(|pin| pin.values().map(|digit| char::from(b'0' + digit)).collect::<String>());
    Ok(digits.and_then(|digits| Pin::new(&digits)).map(Entry::Digits).into_iter().collect())
}
