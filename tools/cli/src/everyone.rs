//! Everyone who listens to a transaction.

use chipwright::contactless::Status;
use chipwright::driver::{Input, Output};
use chipwright::event::{Event, Sink};
use chipwright_harness::describe::Context;
use chipwright_harness::record::Journal as Log;
use chipwright_harness::run::Watcher;
use chipwright_harness::transcript::Recorder;
use chipwright_terminal::display::Show;
use chipwright_terminal::host::HostMessage;
use core::cell::Cell;

use crate::clock::Clock;
use crate::failure::Exit;
use crate::front;
use crate::page::Page;
use crate::story::Story;
use crate::witness::Witness;

/// Page, log and transcript; and the mains, which may fail.
#[derive(Debug)]
pub(crate) struct Everyone {
    pub(crate) story: Story,
    pub(crate) log: Log,
    pub(crate) recorder: Recorder,
    pub(crate) witness: Witness,
    pub(crate) clock: Clock,
    /// Keep when things happened.
    measured: bool,
    /// What passes is nobody's business.
    private: Cell<bool>,
    /// Calls of devices until power fails.
    power: Cell<Option<u32>>,
    /// What ends when it does.
    off: fn(&Self) -> !,
}

impl Everyone {
    /// With amounts in this context; power fails at the call of a device with this number, from 1.
    pub(crate) fn new(context: Context, power_cut: Option<u32>) -> Self {
        Self {
            story: Story::new(Page::new(), context),
            log: Log::new(context),
            recorder: Recorder::default(),
            witness: Witness::default(),
            clock: Clock::new(),
            measured: false,
            private: Cell::new(false),
            power: Cell::new(power_cut),
            off: end_process,
        }
    }

    /// The same, with something else that ends when power fails.
    #[cfg(test)]
    pub(crate) fn ending(mut self, off: fn(&Self) -> !) -> Self {
        self.off = off;
        self
    }

    /// The same, keeping when things happened if that is wanted.
    pub(crate) const fn measuring(mut self, measured: bool) -> Self {
        self.measured = measured;
        self
    }

    /// Tells them something while the clock stands.
    fn tell(&self, something: impl FnOnce()) {
        let at = self.clock.stop();
        if self.measured {
            self.log.at(at);
        }
        something();
        self.clock.go();
    }

    /// A device is called: power may fail here.
    pub(crate) fn call(&self) {
        let left = self.power.get().map(|left| left.saturating_sub(1));
        self.power.set(left);
        if left == Some(0) {
            (self.off)(self);
        }
    }

    /// Does something without anyone listening.
    pub(crate) fn privately<T>(&self, something: impl FnOnce() -> T) -> T {
        self.private.set(true);
        let done = something();
        self.private.set(false);
        done
    }

    /// What the host has to say for itself, before its answer comes.
    pub(crate) fn remark(&self, remark: String) {
        self.story.remark(remark);
    }

    /// The display shows this.
    pub(crate) fn shown(&self, show: &Show) {
        self.tell(|| {
            self.story.shown(show);
            self.witness.log(show);
            self.log.note(front::display_entry(show));
        });
    }

    /// Display, lights and buzzer show what a reader for taps asks for.
    pub(crate) fn requested(&self, show: Option<&Show>, status: Option<Status>) {
        self.tell(|| {
            self.story.requested(show, status);
            self.log.note(front::request_entry(show, status));
        });
    }

    /// A message went to the acquirer; what became of it.
    pub(crate) fn delivered(&self, message: &HostMessage<'_>, became: Result<&str, &str>) {
        self.tell(|| {
            self.story.delivered(message, became);
            self.witness.log(message);
            self.log.note(front::delivery_entry(message, became));
        });
    }
}

/// The process ends: nothing is tidied up.
fn end_process(everyone: &Everyone) -> ! {
    everyone.story.power_fails();
    crate::print(&everyone.story.page.text());
    std::process::exit(Exit::PowerFailed as i32)
}

impl Sink for Everyone {
    fn event(&self, event: &Event<'_>) {
        self.tell(|| {
            self.story.event(event);
            self.log.event(event);
            self.recorder.event(event);
            self.witness.event(event);
        });
    }
}

impl Watcher for Everyone {
    fn request(&self, output: &Output<'_>) {
        if !self.private.get() {
            self.tell(|| {
                self.story.request(output);
                self.log.request(output);
                self.recorder.request(output);
                self.witness.log(output);
                self.clock.asked(output);
            });
        }
    }

    fn reply(&self, input: &Input<'_>) {
        if !self.private.get() {
            self.tell(|| {
                self.clock.answered(input);
                self.story.reply(input);
                self.log.reply(input);
                self.recorder.reply(input);
                self.witness.log(input);
            });
        }
    }
}
