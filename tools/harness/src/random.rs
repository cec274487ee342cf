//! Random sources that repeat themselves, so that a transaction can.

use chipwright::crypto::{HashSha256, Random, RandomFailed};
use chipwright_rustcrypto::RustCrypto;
use core::cell::Cell;
use serde::Deserialize;

/// Bytes that depend on a seed only: SHA-256 of seed and counter. For tests and demonstrations;
/// a card can predict them.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    counter: Cell<u64>,
}

impl Seeded {
    /// The source with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { seed, counter: Cell::new(0) }
    }
}

impl Random for Seeded {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for chunk in out.chunks_mut(32) {
            let counter = self.counter.get();
            self.counter.set(counter + 1);
            let parts = [self.seed.to_be_bytes(), counter.to_be_bytes()];
            let block = RustCrypto.sha256(&mut parts.iter().map(<[u8; 8]>::as_slice));
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// Gives four bytes first, then goes on like [`Seeded`]: replays the Unpredictable Number of a
/// recorded transaction.
#[derive(Debug)]
pub struct Replayed {
    first: Cell<Option<[u8; 4]>>,
    then: Seeded,
}

impl Replayed {
    /// Gives `unpredictable_number` first.
    pub const fn new(unpredictable_number: [u8; 4], seed: u64) -> Self {
        Self { first: Cell::new(Some(unpredictable_number)), then: Seeded::new(seed) }
    }
}

impl Random for Replayed {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        match (self.first.take(), out.len()) {
            (Some(first), 4) => {
                out.copy_from_slice(&first);
                Ok(())
            }
            (first, _) => {
                self.first.set(first);
                self.then.fill(out)
            }
        }
    }
}

/// What can be wrong with a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// It gives nothing.
    Fails,
    /// It gives nothing from its second number on.
    FailsLater,
    /// It gives the same numbers again and again.
    Repeats,
    /// It gives zeros.
    Zeros,
}

/// A source that fails.
#[derive(Clone, Copy, Debug)]
pub struct Broken;

impl Random for Broken {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed)
    }
}
