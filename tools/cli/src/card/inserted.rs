//! A card in a virtual reader: what it says when it is powered, and what it speaks.

use chipwright_card::{Card, Interface, Profile, T0};

use crate::arguments::{self, CardOnALine, Protocol};
use crate::failure::Failure;

/// What a card of T=1 says in a slot, without its check character: blocks of 254 bytes, no extra
/// guard time, the longest waiting times that a terminal must bear. [B1 8]
const T1_IN_SLOT: &[u8] = &[0x3B, 0xE0, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x45];
/// What a reader says for a card in its field, without the check character: T=0 and T=1 in name,
/// no historical bytes. [PC/SC Part 3, 3.1.3.2.3]
const IN_FIELD: &[u8] = &[0x3B, 0x80, 0x80, 0x01];

/// A card in a virtual reader.
#[derive(Debug)]
pub(super) struct Inserted {
    card: Card,
    interface: Interface,
    /// The card's side of T=0, if it speaks that.
    t0: Option<T0>,
}

impl Inserted {
    /// Where and how the command line says.
    pub(super) fn new(
        card: Card,
        profile: &Profile,
        arguments: &CardOnALine,
    ) -> Result<Self, Failure> {
        let for_slots = profile.application.iter().any(|part| part.quickpass.is_none());
        let interface = match arguments.interface {
            arguments::Interface::Contact => Interface::Contact,
            arguments::Interface::Contactless => Interface::Contactless,
            arguments::Interface::Auto if for_slots => Interface::Contact,
            arguments::Interface::Auto => Interface::Contactless,
        };
        let t0 = (arguments.protocol == Protocol::T0).then(T0::default);
        if t0.is_some() && interface == Interface::Contactless {
            return Err(Failure::usage("--protocol t0: there is none in a field"));
        }
        Ok(Self { card, interface, t0 })
    }

    /// Power off and on, or reset.
    pub(super) fn power(&mut self) {
        self.card.present(self.interface);
        if let Some(t0) = &mut self.t0 {
            t0.reset();
        }
    }

    /// Answer to reset.
    pub(super) fn answer_to_reset(&self) -> Vec<u8> {
        match (self.interface, &self.t0) {
            (Interface::Contact, Some(_)) => super::ANSWER_TO_RESET.to_vec(),
            (Interface::Contact, None) => checked(T1_IN_SLOT),
            (Interface::Contactless, _) => checked(IN_FIELD),
        }
    }

    /// Takes a command, gives the answer with its status word.
    pub(super) fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        match &mut self.t0 {
            Some(t0) => t0.transmit(command, &mut self.card),
            None => self.card.transmit(command),
        }
    }
}

/// With the check character, which makes the exclusive-or of everything behind the first byte
/// zero. [B1 8]
fn checked(parts: &[u8]) -> Vec<u8> {
    let check = parts.iter().skip(1).fold(0, |sum, byte| sum ^ byte);
    [parts, &[check]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::atr::{Atr, Reset};

    #[test]
    fn terminals_accept_the_answers_to_reset() {
        for (answer, protocol) in
            [(super::super::ANSWER_TO_RESET.to_vec(), 0), (checked(T1_IN_SLOT), 1)]
        {
            let atr = Atr::read(&answer).unwrap();
            assert_eq!((atr.first_protocol(), atr.check(Reset::Cold)), (protocol, Ok(())));
        }
        assert_eq!(checked(IN_FIELD), [0x3B, 0x80, 0x80, 0x01, 0x01]);
        assert!(Atr::read(&checked(IN_FIELD)).is_ok());
    }
}
