//! Everyone who listens to a transaction.

use chipwright::driver::{Input, Output};
use chipwright::event::{Event, Sink};
use chipwright_harness::record::Journal;
use chipwright_harness::run::Watcher;
use chipwright_harness::transcript::Recorder;

use crate::story::Story;

/// Passes on to page, journal and transcript.
pub(super) struct Everyone<'a> {
    pub(super) story: &'a Story,
    pub(super) journal: &'a Journal,
    pub(super) recorder: &'a Recorder,
}

impl Sink for Everyone<'_> {
    fn event(&self, event: &Event<'_>) {
        self.story.event(event);
        self.journal.event(event);
    }
}

impl Watcher for Everyone<'_> {
    fn request(&self, output: &Output<'_>) {
        self.story.request(output);
        self.journal.request(output);
        self.recorder.request(output);
    }

    fn reply(&self, input: &Input<'_>) {
        self.story.reply(input);
        self.journal.reply(input);
        self.recorder.reply(input);
    }
}
