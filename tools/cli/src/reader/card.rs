//! A card in a reader.

use chipwright::session::{Field, LinkError, Polled, Stop};
use chipwright_harness::CardChannel;
use chipwright_harness::t0::T0;
use chipwright_harness::wedge::Answer;
use chipwright_terminal::device::{Absent, PollEnded};
use core::time::Duration;
use std::time::Instant;

use super::link::Link;
use super::service::{Inside, Trouble};
use crate::arguments::Protocol;
use crate::failure::Failure;
use crate::presence::Presence;

/// How long one look into the field takes.
const LOOK: Duration = Duration::from_millis(100);
/// How long a service may take to see that a card is gone.
const SETTLE: Duration = Duration::from_secs(1);

/// Whatever card is in a reader.
pub(super) struct CardInReader {
    link: Link,
    patience: Duration,
    /// What the card speaks, while it has power.
    protocol: Option<Protocol>,
    /// When nobody waits for a card in the field any more.
    deadline: Option<Instant>,
    trouble: Option<Trouble>,
}

impl CardInReader {
    /// At the end of this link; a card in the field is waited for so long.
    pub(super) const fn new(link: Link, patience: Duration) -> Self {
        Self { link, patience, protocol: None, deadline: None, trouble: None }
    }

    fn power(&mut self) -> Result<(), Trouble> {
        self.protocol = None;
        self.protocol = Some(self.link.connect()?);
        self.trouble = None;
        Ok(())
    }

    /// Whether a card is in the field, and has power. One that had power keeps the terminal waiting
    /// for a moment: it is asked for until it is taken away.
    fn look(&mut self) -> Result<bool, Trouble> {
        let had_power = self.protocol.is_some();
        match self.link.wait(!had_power, LOOK)? {
            Inside::Card(_) => self.power().map(|()| true),
            Inside::Nothing | Inside::Mute => {
                self.protocol = None;
                Ok(false)
            }
        }
    }

    /// An answer that does not come through may be one that nobody sent: services see that a card
    /// is gone later than that it does not answer.
    fn judged(&mut self, trouble: Trouble) -> Trouble {
        if trouble.error == LinkError::Removed {
            return trouble;
        }
        match self.link.wait(false, SETTLE) {
            Ok(Inside::Nothing) => {
                Trouble::new(LinkError::Removed, self.link.told("the card was removed"))
            }
            Err(gone) if gone.missing => gone,
            _ => trouble,
        }
    }

    fn note(&mut self, trouble: Trouble) -> LinkError {
        let error = trouble.error;
        self.trouble = Some(trouble);
        error
    }
}

impl Presence for CardInReader {
    fn insert(&mut self) -> Result<(), Absent> {
        let inserted = self.link.card().and_then(|_| self.power());
        inserted.map_err(|trouble| match self.note(trouble) {
            LinkError::Removed => Absent::Stopped(Stop::Timeout),
            _ => Absent::Mute,
        })
    }

    /// PC/SC knows no field: the card loses its power with it.
    fn field(&mut self, field: Field) {
        match field {
            Field::On => self.deadline = None,
            Field::Off(_) => self.remove(),
        }
    }

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        let now = Instant::now();
        let ends = *self.deadline.get_or_insert(now + self.patience);
        let looked = match self.look() {
            // It was not held still, or is on its way.
            Err(trouble) if !trouble.missing => {
                self.note(trouble);
                Ok(false)
            }
            looked => looked,
        };
        match looked {
            Err(trouble) => {
                self.note(trouble);
                Err(PollEnded::Stopped(Stop::Timeout))
            }
            Ok(_) if now > ends => {
                let seconds = self.patience.as_secs();
                let message = self.link.told(&format!("nobody came within {seconds} s"));
                self.trouble.get_or_insert(Trouble::new(LinkError::Timeout, message));
                Err(PollEnded::Stopped(Stop::Timeout))
            }
            Ok(true) => Ok(Polled::Card),
            Ok(false) => Ok(Polled::Nothing),
        }
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Answer, LinkError> {
        let Some(protocol) = self.protocol else { return Err(LinkError::Removed) };
        let mut channel = Channel { card: self, protocol };
        let bytes = match protocol {
            Protocol::T0 => T0::new(channel).transmit(command),
            Protocol::T1 => channel.transmit(command),
        };
        Ok(Answer { bytes: bytes?, late: 0 })
    }

    fn remove(&mut self) {
        if self.protocol.take().is_some() {
            self.link.disconnect();
        }
    }

    fn trouble(&self) -> Option<Failure> {
        self.trouble.clone().map(Failure::from)
    }
}

/// The reader, for one command.
struct Channel<'c> {
    card: &'c mut CardInReader,
    protocol: Protocol,
}

impl CardChannel for Channel<'_> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let answer = match (self.protocol, command) {
            // T=0 has P3 in every case, and no Le beside data. [B1 9]
            (Protocol::T0, [class, code, p1, p2]) => {
                self.card.link.transmit(&[*class, *code, *p1, *p2, 0x00])
            }
            (Protocol::T0, [_, _, _, _, length, ..]) if command.len() > 5 => {
                let end = command.len().min(5 + usize::from(*length));
                self.card.link.transmit(&command[..end])
            }
            _ => self.card.link.transmit(command),
        };
        // Readers that lost the card may say that it answered nothing.
        let answer = answer.and_then(|answer| match answer.len() {
            0 | 1 => Err(Trouble::new(
                LinkError::Transmission,
                self.card.link.told("an answer without a status word"),
            )),
            _ => Ok(answer),
        });
        answer.map_err(|trouble| {
            let trouble = self.card.judged(trouble);
            self.card.note(trouble)
        })
    }
}

#[cfg(test)]
mod tests;
