//! The terminal's random numbers.

use chipwright::crypto::{Random, RandomFailed};
use chipwright_harness::random::{Seeded, Trouble};
use core::cell::{Cell, RefCell};

/// Random numbers that depend on a seed. A transaction that follows another has its own seed: each
/// can be replayed by itself.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: Cell<u64>,
    source: RefCell<Seeded>,
    trouble: Option<Trouble>,
    filled: Cell<u32>,
}

impl Chance {
    /// Numbers of this seed, from a source with this trouble.
    pub(crate) fn new(seed: u64, trouble: Option<Trouble>) -> Self {
        let (seed, source) = (Cell::new(seed), RefCell::new(Seeded::new(seed)));
        Self { seed, source, trouble, filled: Cell::new(0) }
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
        let before = self.filled.replace(self.filled.get().saturating_add(1));
        match self.trouble {
            Some(Trouble::Fails) => Err(RandomFailed),
            Some(Trouble::FailsLater) if before > 0 => Err(RandomFailed),
            Some(Trouble::Repeats) => Seeded::new(self.seed.get()).fill(out),
            Some(Trouble::Zeros) => {
                out.fill(0);
                Ok(())
            }
            _ => self.source.borrow().fill(out),
        }
    }
}
