//! The devices around a kernel.

use chipwright::candidates::Candidates;
use chipwright::database::Database;
use chipwright::session::{LinkError, PinRequest, PinResult};

/// A way to a card.
pub trait CardChannel {
    /// Sends a command; gives the whole answer, status word included.
    ///
    /// # Errors
    /// When the card does not answer, or not properly.
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError>;
}

/// A PIN pad. The card channel is lent to it: it sends VERIFY itself, and the digits stay in it.
pub trait PinPad {
    /// Takes a PIN and reports.
    fn enter(&mut self, request: &PinRequest<'_>, card: &mut dyn CardChannel) -> PinResult;
}

/// A cardholder in front of a display.
pub trait Cardholder {
    /// Chooses an application by its number, or none.
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8>;
}

/// The way to an issuer.
pub trait Issuer {
    /// Asks; `None` when there is no answer.
    fn authorise(&mut self, data: &Database<'_>) -> Option<IssuerAnswer>;
}

/// What the issuer answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerAnswer {
    /// Authorisation Response Code (8A).
    pub authorisation_response_code: [u8; 2],
    /// Issuer Authentication Data (91).
    pub issuer_authentication_data: Option<Vec<u8>>,
    /// Authorisation Code (89), six characters.
    pub authorisation_code: Option<[u8; 6]>,
    /// Issuer scripts: templates 71 and 72 one behind the other; empty for none.
    pub scripts: Vec<u8>,
}

/// Chooses the application of the highest priority.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstChoice;

impl Cardholder for FirstChoice {
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        candidates.by_priority().next().map(|(number, _)| number)
    }
}
