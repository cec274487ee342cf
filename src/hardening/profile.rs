//! Which rules hold, and what they go by.

use super::{Brand, Rule, SCHEMES};
use crate::value::Pan;

/// The rules that hold, and what they go by. Everything in it can be built in a `const`.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// Rules that are kept.
    pub enforced: Rules,
    /// Rules of which a breach is only told.
    pub reported: Rules,
    /// Account numbers by brand, for H5: an application whose RID stands here takes no others.
    pub brands: &'a [Brand],
    /// Bits that the modulus of a certified key has at least, for H8.
    pub minimum_modulus: u16,
    /// Whether a tap whose qualifiers nothing proves goes online without verification where none is
    /// required, for H3.
    pub unproved_below_limit: bool,
    /// What one transaction may take, for H11.
    pub budget: Budget,
    /// Cryptogram Version Numbers by RID whose Issuer Application Data are laid out as
    /// [`Layout`](crate::issuer_application_data::Layout) has them, for H16. The layout of the
    /// Common Core Definitions needs no entry: it tells itself.
    pub cryptogram_versions: &'a [([u8; 5], u8)],
    /// What the terminal remembers of transaction counters, for H13; nothing when there is none.
    pub counters: Option<&'a dyn Counters>,
}

/// What a terminal remembers of Application Transaction Counters (9F36), for H13.
pub trait Counters: core::fmt::Debug {
    /// The highest one with which a card of the account approved offline before.
    fn highest(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> Option<u16>;
    /// A card of the account approved offline with this one.
    fn remember(&self, pan: Pan<'_>, sequence_number: Option<u8>, counter: u16);
}

impl Profile<'_> {
    /// Every rule is kept.
    pub const ENFORCED: Self = Self::of(Rules::ALL, Rules::NONE);
    /// Of every rule a breach is told, and nothing else changes.
    pub const REPORTED: Self = Self::of(Rules::NONE, Rules::ALL);

    /// These rules, with what they go by unless told otherwise.
    pub const fn of(enforced: Rules, reported: Rules) -> Self {
        Self {
            enforced,
            reported,
            brands: SCHEMES,
            minimum_modulus: 1024,
            unproved_below_limit: false,
            budget: Budget::DEFAULT,
            cryptogram_versions: &[],
            counters: None,
        }
    }
}

/// What one transaction may take, for H11.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// Commands to the card.
    pub exchanges: u16,
    /// Bytes of its answers.
    pub bytes: u32,
    /// Records that are read, those of directories included.
    pub records: u16,
    /// Templates within each other.
    pub nesting: u8,
    /// Time that the card takes for its answers, as the reader measures it, in milliseconds.
    pub milliseconds: u32,
}

impl Budget {
    /// Several times what honest cards take.
    pub const DEFAULT: Self =
        Self { exchanges: 160, bytes: 16_384, records: 64, nesting: 6, milliseconds: 60_000 };
}

/// A set of rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rules(u32);

impl Rules {
    /// None.
    pub const NONE: Self = Self(0);
    /// All that kernels here have.
    pub const ALL: Self = {
        let (mut all, mut rest) = (Self::NONE, Rule::ALL.as_slice());
        while let [rule, others @ ..] = rest {
            (all, rest) = (all.with(*rule), others);
        }
        all
    };

    /// With one more.
    #[must_use]
    pub const fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << rule.number())
    }

    /// With those of another set.
    #[must_use]
    pub const fn with_all(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, rule: Rule) -> Self {
        Self(self.0 & !(1 << rule.number()))
    }

    /// Whether it is among them.
    pub const fn contains(self, rule: Rule) -> bool {
        self.0 & 1 << rule.number() != 0
    }
}
