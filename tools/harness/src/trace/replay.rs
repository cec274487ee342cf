//! Replays traces.

use chipwright::event::Events;
use chipwright::outcome::{End, Outcome};

use super::Trace;
use super::devices::{RecordedIssuer, RecordedPad};
use super::terminal::Told;
use crate::device::FirstChoice;
use crate::recorded::{Note, RecordedCard};
use crate::run::{Devices, Watcher, run_watched};
use crate::setup::Setup;
use crate::t0::T0;

/// How far a replay came.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// How the transaction ended.
    pub outcome: Outcome,
    /// What was taken to have been done.
    pub setup: Setup,
    /// Recorded answers that were used.
    pub used: usize,
    /// Where replay and record parted, in order.
    pub notes: Vec<Note>,
    /// PINs that were taken for right, although the record does not have them.
    pub assumed_pins: usize,
}

impl Replayed {
    /// Whether every command that the record has was sent as recorded.
    pub fn is_as_recorded(&self) -> bool {
        !self.notes.iter().any(|note| matches!(note, Note::Differs { .. }))
    }

    /// The command that the record has no answer to, if that ended the replay.
    pub fn unanswered(&self) -> Option<&[u8]> {
        let no_application = self.outcome.end == Some(End::NoCommonApplication);
        match self.notes.last() {
            Some(Note::Missing { sent }) => Some(sent),
            // An application of the record cannot be selected: the record ends before that.
            Some(Note::Assumed { sent, .. }) if no_application => Some(sent),
            _ => None,
        }
    }
}

/// Runs the kernel with the answers of a record.
///
/// The trace's own transcript is not looked at: [`play`](crate::transcript::play) it.
pub fn replay(trace: &Trace, events: Events<'_>, watcher: &dyn Watcher) -> Replayed {
    let told = Told::by(trace);
    let (applications, keys) = (told.applications(), told.keys());
    let terminal = told.terminal(&applications, &keys);
    let setup = told.setup();
    let random = setup.random();
    let mut card = T0::new(RecordedCard::new(trace.exchanges.clone()));
    let mut pad = RecordedPad::of(&trace.exchanges);
    let mut issuer = RecordedIssuer::of(&trace.exchanges, &told.card);
    let mut devices = Devices {
        card: &mut card,
        pad: &mut pad,
        cardholder: &mut FirstChoice,
        issuer: &mut issuer,
    };
    let transaction = setup.transaction(&terminal, &*random, events);
    let (outcome, ()) = run_watched(&transaction, &mut devices, watcher, false, |_, _| ());
    Replayed {
        outcome,
        used: card.card().used(),
        notes: card.card().notes().to_vec(),
        assumed_pins: pad.assumed,
        setup,
    }
}
