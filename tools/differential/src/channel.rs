//! The way to a card, which remembers what passed.

use chipwright::session::LinkError;
use chipwright_card::{Card, Profile};
use chipwright_harness::CardChannel;
use emv::core::apdu::{Command, Response};
use emv::core::card_reader::CardReader;

use crate::case::Case;
use crate::observation::Exchange;

/// A card that both kernels can talk to. The issuer's script commands are answered as the case
/// says, everything else by the simulated card.
pub(crate) struct Channel {
    card: Card,
    scripts: Vec<(Vec<u8>, u16)>,
    pub(crate) exchanges: Vec<Exchange>,
}

impl Channel {
    /// The card of a case: made of the same seed, it answers alike.
    pub(crate) fn new(case: &Case) -> Self {
        let text = case.profile();
        let profile = Profile::parse(&text).expect("drawn profiles can be read");
        let card = Card::new(&profile, u64::from(case.number)).expect("drawn cards can be made");
        let scripts = case.issuer.scripts.iter().flat_map(|script| script.commands.clone());
        Self { card, scripts: scripts.collect(), exchanges: Vec::new() }
    }

    fn exchange(&mut self, command: &[u8]) -> Vec<u8> {
        let script = self.scripts.iter().find(|(known, _)| known == command);
        let answer = match script {
            Some((_, status)) => status.to_be_bytes().to_vec(),
            None => self.card.transmit(command),
        };
        self.exchanges.push(Exchange { command: command.to_vec(), answer: answer.clone() });
        answer
    }
}

impl CardChannel for Channel {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        Ok(self.exchange(command))
    }
}

impl CardReader for Channel {
    type Error = emv::Error;

    fn transmit(&mut self, command: &Command) -> Result<Response, emv::Error> {
        Response::parse(&self.exchange(&command.to_bytes()?))
    }
}
