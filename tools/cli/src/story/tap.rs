//! A reader for taps: what its display, lights and buzzer say, and what Entry Point does.

use chipwright::contactless::{EntryPassed, OutcomeParameters, Start, Status};
use chipwright_harness::describe;
use chipwright_terminal::display::Show;

use super::{Mark, Story};
use crate::front;

impl Story {
    /// The card is held to the reader.
    pub(crate) fn presented(&self) {
        self.mention("card", "held to the reader");
    }

    /// Display, lights and buzzer of the reader show this. [A 7]
    pub(crate) fn requested(&self, show: Option<&Show>, status: Option<Status>) {
        let words = show.map_or("(unchanged)", |show| front::words(show.message));
        let face = status.map(describe::face);
        let lights = face.map_or_else(String::new, |face| {
            let lamp = |lit: bool| if lit { '●' } else { '○' };
            face.lit.into_iter().map(lamp).collect()
        });
        let tone = face.and_then(|face| face.tone).map(|tone| format!("  {tone}"));
        let hold = match show.map_or(0, |show| show.hold) {
            0 => String::new(),
            hold => format!("  for {}.{} s", hold / 10, hold % 10),
        };
        let beside = show.map(front::beside).filter(|beside| !beside.is_empty());
        let beside = beside.map(|beside| format!("  {beside}")).unwrap_or_default();
        let message = show.map_or(0, |show| show.message.identifier());
        let status = status.map_or("", describe::reader_status);
        let tone = tone.unwrap_or_default();
        self.tell(
            Mark::Shown,
            words,
            &format!("{lights}  {status}{tone}{hold}{beside}  message {message:02X}"),
        );
    }

    /// Entry Point begins.
    pub(super) fn entry_point(&self, start: Start, restart: bool) {
        let again = if restart { ", once more" } else { "" };
        self.mention("Entry Point", &format!("begins at Start {start:?}{again}"));
    }

    /// An entry of the directory is passed over.
    pub(super) fn entry_passed(&self, number: u8, why: EntryPassed) {
        self.mention(&format!("directory entry {number}"), describe::entry_passed(why));
    }

    /// What Entry Point came to.
    pub(super) fn final_outcome(&self, outcome: &OutcomeParameters) {
        let verification = describe::cardholder_verification(outcome.cardholder_verification);
        let what = describe::outcome_type(outcome.outcome);
        self.tell(
            Mark::Point,
            "outcome",
            &format!("{what}; cardholder verification: {verification}"),
        );
    }
}
