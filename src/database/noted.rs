//! Faults, noted where they are found. See `docs/adr/0005-noted-faults.md`.

use super::Database;
use crate::dictionary::Source;
use crate::fault::{Cause, Failed, Fault};
use crate::tag::Tag;

impl Database<'_> {
    /// An object that does not fit its type is the fault of whoever provided it.
    #[cold]
    pub(super) fn unreadable(&self, tag: Tag) -> Failed {
        self.note(match self.source(tag) {
            Some(Source::Terminal) => Fault::new(Cause::Configuration).about(tag),
            _ => Fault::format(tag),
        })
    }

    /// Notes a fault: it waits here until [`fault`](Self::fault) takes it back. A later one
    /// replaces it.
    #[cold]
    #[inline(never)]
    pub fn note(&self, fault: impl Into<Fault>) -> Failed {
        self.noted.set(Some(fault.into()));
        Failed::NOTED
    }

    /// Notes that an object is missing that must be there. [B3 7.5]
    #[cold]
    #[inline(never)]
    pub fn missing(&self, tag: Tag) -> Failed {
        self.note(Fault::missing(tag))
    }

    /// Notes that an object's length or content does not fit its definition.
    #[cold]
    #[inline(never)]
    pub fn malformed(&self, tag: Tag) -> Failed {
        self.note(Fault::format(tag))
    }

    /// Notes what went wrong, if something did.
    ///
    /// # Errors
    /// As `result`.
    pub fn noted<T>(&self, result: Result<T, impl Into<Fault>>) -> Result<T, Failed> {
        result.map_err(|error| self.note(error))
    }

    /// The same result with what was noted in it: for those to whom it goes no further.
    ///
    /// # Errors
    /// As `result`.
    pub fn told<T>(&self, result: Result<T, Failed>) -> Result<T, Fault> {
        result.map_err(|failed| self.fault(failed))
    }

    /// Takes the fault back that was noted.
    #[cold]
    #[inline(never)]
    pub fn fault(&self, _: Failed) -> Fault {
        // Without one, the proof is of other data: the integrator's mistake.
        self.noted.take().unwrap_or(Fault::new(Cause::Configuration))
    }
}
