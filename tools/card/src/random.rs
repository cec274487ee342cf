//! Numbers that look random and depend on a seed alone.

use chipwright::crypto::HashSha256;
use chipwright_rustcrypto::RustCrypto;

/// A stream of bytes from a seed: hashes of the seed and a counter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random {
    seed: u64,
    counter: u64,
}

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    /// The next eight bytes.
    pub(crate) fn next(&mut self) -> [u8; 8] {
        self.counter = self.counter.wrapping_add(1);
        let parts = [self.seed.to_be_bytes(), self.counter.to_be_bytes()];
        let hash = RustCrypto.sha256(&mut parts.iter().map(<[u8; 8]>::as_slice));
        let [a, b, c, d, e, f, g, h, ..] = hash;
        [a, b, c, d, e, f, g, h]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_stream() {
        let (mut one, mut same, mut other) = (Random::new(1), Random::new(1), Random::new(2));
        let first = one.next();
        assert_eq!(first, same.next());
        assert_ne!(first, other.next());
        assert_ne!(first, one.next());
    }
}
