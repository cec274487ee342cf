//! How what is passed over is taken, for H10. [H 10]

use super::Database;
use crate::event::{Event, Events, Ignored};
use crate::fault::{Cause, Failed, Fault};
use crate::hardening::{Breach, Hardening, Rule};
use crate::tag::Tag;

/// Whether what is passed over is reported, or refused. Without the feature there is no such thing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Strictness {
    #[cfg(feature = "hardened")]
    asked: bool,
    #[cfg(feature = "hardened")]
    enforced: bool,
}

impl Strictness {
    pub(super) const NONE: Self = Self {
        #[cfg(feature = "hardened")]
        asked: false,
        #[cfg(feature = "hardened")]
        enforced: false,
    };

    /// Whether anybody asks, and whether the rule is kept.
    #[inline(always)]
    const fn tell(self) -> (bool, bool) {
        #[cfg(feature = "hardened")]
        return (self.asked, self.enforced);
        #[cfg(not(feature = "hardened"))]
        (false, false)
    }
}

impl Database<'_> {
    /// Takes from now on what the hardened profile says about objects that are passed over.
    #[inline(always)]
    pub(crate) fn harden(&mut self, hardening: Hardening<'_>) {
        #[cfg(feature = "hardened")]
        {
            let rule = Rule::StrictCoding;
            self.strictness =
                Strictness { asked: hardening.asks(rule), enforced: hardening.enforces(rule) };
        }
        #[cfg(not(feature = "hardened"))]
        let _ = (hardening, Rule::StrictCoding);
    }

    /// Passes over an object, and says why, unless it is refused.
    #[inline(always)]
    pub(super) fn pass_over(
        &self,
        (tag, offset): (Tag, usize),
        why: Ignored,
        events: Events<'_>,
    ) -> Result<(), Failed> {
        events.emit(&Event::Ignored { tag, why });
        let (asked, enforced) = self.strictness.tell();
        let breach = match why {
            Ignored::NotTheCards => Breach::ForeignObject,
            Ignored::WrongTemplate => Breach::MisplacedObject,
            Ignored::WrongLength => Breach::ObjectLength,
            Ignored::Unknown => return Ok(()),
        };
        if asked {
            events.emit(&Event::Breach { breach, enforced, tag: Some(tag) });
        }
        if enforced {
            let fault = Fault::new(Cause::Refused(breach)).about(tag).at(offset);
            return Err(self.note(fault));
        }
        Ok(())
    }
}
