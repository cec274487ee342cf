//! The PC/SC service of the system.

use chipwright::session::LinkError;
use core::time::Duration;
use pcsc::{
    Card, Context, Disposition, Error, MAX_BUFFER_SIZE, Protocols, ReaderState, Scope, ShareMode,
    State,
};
use std::ffi::CString;
use std::time::Instant;

use super::service::{Inside, Listed, Service, Trouble};
use crate::arguments::Protocol;

/// The PC/SC service, and the card that is connected.
pub(super) struct System {
    context: Context,
    card: Option<(String, Card)>,
}

/// Opens it.
pub(super) fn open() -> Result<System, Trouble> {
    let context = Context::establish(Scope::User).map_err(|error| trouble("PC/SC", error))?;
    Ok(System { context, card: None })
}

impl Service for System {
    fn readers(&mut self) -> Result<Vec<Listed>, Trouble> {
        let failed = |error| trouble("PC/SC", error);
        let names = self.context.list_readers_owned().map_err(failed)?;
        let state = |name| ReaderState::new(name, State::UNAWARE);
        let mut states: Vec<_> = names.into_iter().map(state).collect();
        match states[..] {
            [] => {}
            _ => self.context.get_status_change(Duration::ZERO, &mut states).map_err(failed)?,
        }
        Ok(states.iter().map(listed).collect())
    }

    fn wait(&mut self, reader: &str, card: bool, patience: Duration) -> Result<Inside, Trouble> {
        let ends = Instant::now() + patience;
        let mut states = [ReaderState::new(name(reader)?, State::UNAWARE)];
        loop {
            let left = ends.saturating_duration_since(Instant::now());
            match self.context.get_status_change(left, &mut states) {
                Ok(()) | Err(Error::Timeout) => {}
                Err(error) => return Err(trouble(reader, error)),
            }
            let [state] = &mut states;
            if state.event_state().intersects(State::UNKNOWN | State::IGNORE | State::UNAVAILABLE) {
                return Err(trouble(reader, Error::ReaderUnavailable));
            }
            let inside = listed(state).inside;
            if card != (inside == Inside::Nothing) || left.is_zero() {
                return Ok(inside);
            }
            state.sync_current_state();
        }
    }

    fn connect(&mut self, reader: &str) -> Result<Protocol, Trouble> {
        let failed = |error| trouble(reader, error);
        self.disconnect();
        let (mode, protocols) = (ShareMode::Exclusive, Protocols::ANY);
        let mut card = self.context.connect(&name(reader)?, mode, protocols).map_err(failed)?;
        // Whoever had it before may have left it anywhere.
        card.reconnect(mode, protocols, Disposition::UnpowerCard).map_err(failed)?;
        let status = card.status2_owned().map_err(failed)?;
        let protocol = match status.protocol2() {
            Some(pcsc::Protocol::T0) => Protocol::T0,
            Some(pcsc::Protocol::T1) => Protocol::T1,
            _ => return Err(failed(Error::ProtoMismatch)),
        };
        self.card = Some((reader.to_owned(), card));
        Ok(protocol)
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble> {
        let (reader, card) =
            self.card.as_ref().ok_or_else(|| trouble("PC/SC", Error::NoSmartcard))?;
        let mut answer = [0; MAX_BUFFER_SIZE];
        let answered = card.transmit(command, &mut answer);
        answered.map(<[u8]>::to_vec).map_err(|error| trouble(reader, error))
    }

    fn disconnect(&mut self) {
        if let Some((_, card)) = self.card.take() {
            // A card that cannot be powered off is one that is gone.
            let _ = card.disconnect(Disposition::UnpowerCard);
        }
    }
}

fn name(reader: &str) -> Result<CString, Trouble> {
    CString::new(reader).map_err(|_| trouble(reader, Error::UnknownReader))
}

fn listed(state: &ReaderState) -> Listed {
    let event = state.event_state();
    let inside = inside(event, state.atr());
    let busy = event.intersects(State::INUSE | State::EXCLUSIVE);
    Listed { name: state.name().to_string_lossy().into_owned(), inside, busy }
}

fn inside(event: State, answer: &[u8]) -> Inside {
    let nothing = State::EMPTY | State::UNKNOWN | State::IGNORE | State::UNAVAILABLE;
    if event.intersects(nothing) {
        Inside::Nothing
    } else if event.contains(State::PRESENT) && !event.contains(State::MUTE) {
        Inside::Card(answer.to_vec())
    } else {
        // Neither there nor not there is one that did not come back from a reset.
        Inside::Mute
    }
}

/// What went wrong, for the kernel and in words.
fn trouble(whom: &str, error: Error) -> Trouble {
    let told = |what: &str| format!("{whom}: {what}");
    let of_card = |link, what| Trouble::new(link, told(what));
    match error {
        Error::NoService | Error::ServiceStopped | Error::Shutdown => {
            Trouble::missing("the PC/SC service does not run")
        }
        Error::NoReadersAvailable => Trouble::missing("no reader is connected"),
        Error::UnknownReader | Error::ReaderUnavailable => {
            Trouble::missing(told("the reader is not connected any more"))
        }
        Error::SharingViolation => Trouble::missing(told("another program has the card")),
        // A card that was reset is another one to whoever talked to it.
        Error::RemovedCard | Error::NoSmartcard | Error::ResetCard => {
            of_card(LinkError::Removed, "the card was removed")
        }
        Error::UnresponsiveCard | Error::UnpoweredCard | Error::Timeout => {
            of_card(LinkError::Timeout, "the card does not answer")
        }
        Error::ProtoMismatch | Error::UnsupportedCard | Error::InsufficientBuffer => {
            of_card(LinkError::Protocol, "the card breaks the rules of its protocol")
        }
        Error::NotTransacted | Error::CommError | Error::CommDataLost => {
            of_card(LinkError::Transmission, "the card's answer did not come through")
        }
        other => of_card(LinkError::Transmission, &other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_is_there_has_an_answer_to_reset() {
        let card = Inside::Card(vec![0x3B]);
        for (event, expected) in [
            (State::PRESENT, card.clone()),
            (State::PRESENT | State::INUSE | State::CHANGED, card),
            (State::PRESENT | State::MUTE, Inside::Mute),
            (State::CHANGED, Inside::Mute),
            (State::EMPTY | State::CHANGED, Inside::Nothing),
            (State::UNKNOWN | State::CHANGED, Inside::Nothing),
        ] {
            assert_eq!(inside(event, &[0x3B]), expected, "{event:?}");
        }
    }

    #[test]
    fn errors_are_what_they_are_to_a_kernel() {
        for (error, link, missing, message) in [
            (Error::NoService, LinkError::Removed, true, "the PC/SC service does not run"),
            (
                Error::ReaderUnavailable,
                LinkError::Removed,
                true,
                "R: the reader is not connected any more",
            ),
            (Error::SharingViolation, LinkError::Removed, true, "R: another program has the card"),
            (Error::RemovedCard, LinkError::Removed, false, "R: the card was removed"),
            (Error::ResetCard, LinkError::Removed, false, "R: the card was removed"),
            (Error::UnresponsiveCard, LinkError::Timeout, false, "R: the card does not answer"),
            (
                Error::NotTransacted,
                LinkError::Transmission,
                false,
                "R: the card's answer did not come through",
            ),
            (
                Error::ProtoMismatch,
                LinkError::Protocol,
                false,
                "R: the card breaks the rules of its protocol",
            ),
        ] {
            let expected = Trouble { error: link, missing, message: message.to_owned() };
            assert_eq!(trouble("R", error), expected);
        }
        assert_eq!(trouble("R", Error::NoMemory).error, LinkError::Transmission);
    }
}
