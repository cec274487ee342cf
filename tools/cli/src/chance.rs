//! The terminal's random numbers.

use chipwright::crypto::{Random, RandomFailed};
use chipwright_harness::random::Seeded;
use core::cell::{Cell, RefCell};

/// Random numbers that depend on a seed. A transaction that follows another has its own seed: each
/// can be replayed by itself.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: Cell<u64>,
    source: RefCell<Seeded>,
}

impl Chance {
    /// Numbers of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed: Cell::new(seed), source: RefCell::new(Seeded::new(seed)) }
    }

    /// What the numbers depend on.
    pub(crate) const fn seed(&self) -> u64 {
        self.seed.get()
    }

    /// Another transaction follows.
    pub(crate) fn begin_anew(&self) {
        let seed = self.seed.get().wrapping_add(1);
        self.seed.set(seed);
        self.source.replace(Seeded::new(seed));
    }
}

impl Random for Chance {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        self.source.borrow().fill(out)
    }
}
