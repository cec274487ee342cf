//! Chance that repeats itself.

use chipwright::crypto::Random;
use chipwright_harness::random::Seeded;

/// Numbers that depend on a seed and the number of a case alone.
pub(crate) struct Dice(Seeded);

impl Dice {
    pub(crate) const fn new(seed: u32, case: u32) -> Self {
        Self(Seeded::new((seed as u64) << 32 | case as u64))
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes).expect("a seeded source does not fail");
        bytes
    }

    /// A number below `bound`.
    pub(crate) fn below(&self, bound: usize) -> usize {
        let number = u32::from_be_bytes(self.bytes()) as usize;
        number % bound
    }

    /// True in so many cases of a hundred.
    pub(crate) fn chance(&self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Every one of `from` with this chance, in order.
    pub(crate) fn some<T: Copy>(&self, percent: usize, from: &[T]) -> Vec<T> {
        from.iter().copied().filter(|_| self.chance(percent)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_has_its_own_numbers() {
        let numbers = |seed, case| Dice::new(seed, case).bytes::<8>();
        assert_eq!(numbers(1, 2), numbers(1, 2));
        assert_ne!(numbers(1, 2), numbers(2, 1));
        assert_ne!(numbers(1, 2), numbers(1, 3));
    }
}
