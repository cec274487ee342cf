//! What a check found: result bits, told to the events as they are found.

use crate::event::{Event, Events};
use crate::field::TerminalVerificationResults;
use crate::reason::Reason;
use crate::tag::Tag;

/// Collects the bits of the Terminal Verification Results that one check sets.
///
/// Checks are plain functions that note what they find; the kernel then writes the bits into the
/// data object store.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'e> {
    bits: TerminalVerificationResults,
    events: Events<'e>,
}

impl<'e> Findings<'e> {
    /// Nothing found yet; what is found is told to `events`.
    pub const fn new(events: Events<'e>) -> Self {
        Self { bits: TerminalVerificationResults::EMPTY, events }
    }

    /// Notes a finding.
    pub fn note(&mut self, reason: Reason) {
        self.bits.set(reason.bits());
        self.events.emit(&Event::Result { reason, tag: None });
    }

    /// Notes a finding and the data object that decided.
    pub fn note_about(&mut self, reason: Reason, tag: Tag) {
        self.bits.set(reason.bits());
        self.events.emit(&Event::Result { reason, tag: Some(tag) });
    }

    /// The bits found.
    pub const fn bits(&self) -> TerminalVerificationResults {
        self.bits
    }

    /// Where events go.
    pub const fn events(&self) -> Events<'e> {
        self.events
    }
}
