//! A reader for taps: what its display, lights and buzzer say, and what Entry Point does.

use chipwright::contactless::{EntryPassed, OutcomeParameters, Start, UiRequest};
use chipwright_harness::describe;

use super::{Mark, Story};
use crate::front;

impl Story {
    /// The card is held to the reader.
    pub(crate) fn presented(&self) {
        self.mention("card", "held to the reader");
    }

    /// The reader shows this. [A 7]
    pub(crate) fn requested(&self, request: &UiRequest) {
        let words = request.message.map_or("(unchanged)", front::words);
        let face = request.status.map(describe::face);
        let lights = face.map_or_else(String::new, |face| {
            let lamp = |lit: bool| if lit { '●' } else { '○' };
            face.lit.into_iter().map(lamp).collect()
        });
        let status = request.status.map_or("", describe::reader_status);
        let tone =
            face.and_then(|face| face.tone).map_or(String::new(), |tone| format!("  {tone}"));
        let message = request.message.map_or(0, |message| message.identifier());
        let hold = match request.hold_time {
            0 => String::new(),
            hold => format!("  for {}.{} s", hold / 10, hold % 10),
        };
        self.tell(
            Mark::Shown,
            words,
            &format!("{lights}  {status}{tone}{hold}  message {message:02X}"),
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
