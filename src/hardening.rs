//! The hardened profile: what a terminal may refuse beyond what the books let it refuse.
//!
//! Terminals fall to cards and relays that keep to the books. The rules here are ours, numbered as
//! in `docs/security.md` (H1 to H16); all are off unless [`Options`](crate::config::Options) say
//! otherwise, and each may only report first. What they cost in honest cards is said there.
//!
//! Without the feature `hardened` there is nothing but [`Hardening::OFF`]: every question is
//! answered "no" when a kernel is compiled, and no image holds what would have followed a "yes"
//! (`docs/adr/0006-hardened-profile.md`).
//!
//! ```
//! use chipwright::hardening::{Profile, Rule, Rules};
//!
//! // Two rules are kept, one is watched for a while.
//! const PROFILE: Profile<'static> = Profile::of(
//!     Rules::NONE.with(Rule::AuthenticationSucceeds).with(Rule::OfflineBound),
//!     Rules::NONE.with(Rule::BrandConsistent),
//! );
//! assert!(PROFILE.enforced.contains(Rule::OfflineBound));
//! ```

mod brand;
mod breach;
mod card_results;
mod coding;
mod key;
mod profile;
mod spent;

pub use brand::{Brand, SCHEMES};
pub use breach::{Breach, Rule, UnknownRule};
pub use profile::{Budget, Counters, Profile, Rules};
pub(crate) use spent::Spent;

use crate::database::Database;
use crate::dictionary::emv::{AID, ATC, PAN, PAN_SEQUENCE_NUMBER};
use crate::event::{Event, Events};
use crate::field::{CryptogramType, CvmResults};
use crate::object::Value;
use crate::tag::Tag;
use crate::value::Pan;
use core::fmt;
use core::marker::PhantomData;

/// Which rules of the hardened profile hold: those of a [`Profile`], or none.
#[derive(Clone, Copy)]
pub struct Hardening<'a> {
    #[cfg(feature = "hardened")]
    profile: Option<&'a Profile<'a>>,
    lent: PhantomData<&'a ()>,
}

impl<'a> Hardening<'a> {
    /// No rule holds.
    pub const OFF: Self = Self {
        #[cfg(feature = "hardened")]
        profile: None,
        lent: PhantomData,
    };

    /// Those of `profile` hold.
    #[cfg(feature = "hardened")]
    pub const fn by(profile: &'a Profile<'a>) -> Self {
        Self { profile: Some(profile), lent: PhantomData }
    }

    /// The profile, if there is one. This is the one place where the feature counts.
    #[inline(always)]
    pub const fn profile(self) -> Option<&'a Profile<'a>> {
        #[cfg(feature = "hardened")]
        return self.profile;
        #[cfg(not(feature = "hardened"))]
        None
    }

    /// Whether no rule holds.
    #[inline(always)]
    pub const fn is_off(self) -> bool {
        self.profile().is_none()
    }

    /// Whether anybody wants to know if this rule is broken.
    #[inline(always)]
    pub fn asks(self, rule: Rule) -> bool {
        self.profile().is_some_and(|profile| {
            profile.enforced.contains(rule) || profile.reported.contains(rule)
        })
    }

    /// Whether this rule is kept, not only reported.
    #[inline(always)]
    pub fn enforces(self, rule: Rule) -> bool {
        self.profile().is_some_and(|profile| profile.enforced.contains(rule))
    }

    /// Tells that a rule is broken, if anybody wants to know; says whether to act on it.
    #[inline(always)]
    pub fn refuses(self, breach: Breach, tag: Option<Tag>, events: Events<'_>) -> bool {
        let enforced = self.enforces(breach.rule());
        if self.asks(breach.rule()) {
            events.emit(&Event::Breach { breach, enforced, tag });
        }
        enforced
    }

    /// Whether the account number (5A) is of another brand than the application (4F). [H 5]
    #[inline(always)]
    pub fn is_foreign(self, data: &Database<'_>) -> bool {
        self.profile().is_some_and(|profile| {
            let name = data.bytes(AID.tag).unwrap_or_default();
            let pan = data.bytes(PAN.tag).and_then(Pan::new);
            pan.is_some_and(|pan| brand::is_foreign(profile.brands, name, pan))
        })
    }

    /// What is wrong with the modulus of a certified key. [H 8]
    #[inline(always)]
    pub fn key_breach(self, modulus: &[u8]) -> Option<Breach> {
        self.profile().and_then(|profile| key::breach(profile.minimum_modulus, modulus))
    }

    /// Whether the card has approved offline before, with this transaction counter (9F36) or a later
    /// one. [H 13]
    #[inline(always)]
    pub fn has_seen_counter(self, data: &Database<'_>) -> bool {
        let Some(counters) = self.profile().and_then(|profile| profile.counters) else {
            return false;
        };
        Counted::read(data).is_some_and(|Counted { pan, sequence_number, counter }| {
            counters.highest(pan, sequence_number).is_some_and(|highest| counter <= highest)
        })
    }

    /// Remembers the transaction counter of an offline approval. The terminal layer calls it when
    /// the approval is in its journal. [H 13]
    #[inline(always)]
    pub fn remember_counter(self, data: &Database<'_>) {
        let Some(counters) = self.profile().and_then(|profile| profile.counters) else { return };
        if let Some(Counted { pan, sequence_number, counter }) = Counted::read(data) {
            counters.remember(pan, sequence_number, counter);
        }
    }

    /// What the card tells its issuer of the cryptogram and the PIN, and the terminal knows
    /// better. [H 15, 16]
    ///
    /// `name` is the application's, `application_data` the Issuer Application Data (9F10); `given`
    /// says which type of cryptogram the card gave, and whether it was the first.
    #[inline(always)]
    pub fn contradiction(
        self,
        name: &[u8],
        application_data: &[u8],
        given: (CryptogramType, bool),
        verification: Option<CvmResults>,
    ) -> Option<Breach> {
        self.profile().and_then(|profile| {
            card_results::contradiction(profile, name, application_data, given, verification)
        })
    }
}

/// A card and its transaction counter.
struct Counted<'d> {
    pan: Pan<'d>,
    sequence_number: Option<u8>,
    counter: u16,
}

impl<'d> Counted<'d> {
    fn read(data: &'d Database<'_>) -> Option<Self> {
        Some(Self {
            pan: data.bytes(PAN.tag).and_then(Pan::new)?,
            sequence_number: data.bytes(PAN_SEQUENCE_NUMBER.tag).and_then(u8::decode),
            counter: data.bytes(ATC.tag).and_then(u16::decode)?,
        })
    }
}

/// The same profile, or none.
impl PartialEq for Hardening<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.profile(), other.profile()) {
            (Some(one), Some(other)) => core::ptr::eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        }
    }
}

impl Eq for Hardening<'_> {}

impl Default for Hardening<'_> {
    fn default() -> Self {
        Self::OFF
    }
}

impl fmt::Debug for Hardening<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.profile() {
            Some(profile) => profile.fmt(f),
            None => f.write_str("OFF"),
        }
    }
}

#[cfg(test)]
mod tests;
