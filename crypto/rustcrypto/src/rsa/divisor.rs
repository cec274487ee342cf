//! Long division by a fixed divisor, for its remainder.

use crypto_bigint::{Limb, Uint, UintRef, WideWord, Word};

use super::limbs::add_row;

/// A divisor with its highest bit set, prepared for dividing by it.
pub(super) struct Divisor<'l> {
    /// The divisor's negative, modulo 2 to the power of its bits: adding a multiple of it to a
    /// remainder takes off the same multiple of the divisor.
    negative: &'l [Limb],
    /// The two highest limbs.
    leading: WideWord,
    /// See [`reciprocal`].
    reciprocal: Word,
}

impl<'l> Divisor<'l> {
    /// Prepares the divisor in the place where it lies. `None` when `limbs` is empty, or its
    /// highest bit is not set.
    pub(super) fn new(limbs: &'l mut [Limb]) -> Option<Self> {
        let mut descending = limbs.iter().rev();
        let high = descending.next()?;
        let low = descending.next().unwrap_or(&Limb::ZERO);
        if high.leading_zeros() > 0 {
            return None;
        }
        let leading = join(high.0, low.0);
        for limb in &mut *limbs {
            *limb = !*limb;
        }
        UintRef::new_mut(limbs).add_assign_limb(Limb::ONE);
        Some(Self { negative: limbs, leading, reciprocal: reciprocal(leading) })
    }

    /// Leaves the remainder of `dividend` in `remainder`, which is as long as the divisor.
    ///
    /// `dividend` is twice as long, and its upper half is below the divisor.
    pub(super) fn remainder(&self, dividend: &mut [Limb], remainder: &mut [Limb]) {
        let negative = self.negative;
        let mut rest = &mut *dividend;
        while let Some((top, lower)) = rest.split_last_mut() {
            let window = lower.len().checked_sub(negative.len());
            let Some(window) = window.and_then(|start| lower.get_mut(start..)) else {
                break;
            };
            let mut descending = window.iter().rev().map(|limb| limb.0);
            let next = descending.next().unwrap_or_default();
            let digit = self.digit(join(top.0, next), descending.next().unwrap_or_default());

            // A digit that is one too large, which is rare, shows at the top.
            let carry = add_row(window, negative, digit);
            if top.0.wrapping_add(carry.0) != digit.0 {
                take_off(window, negative);
            }
            rest = lower;
        }
        for (to, &limb) in remainder.iter_mut().zip(&*dividend) {
            *to = limb;
        }
    }

    /// The quotient of three limbs by the leading two of the divisor: the next digit or, with a
    /// probability of about 2 to the power of -limb, the next digit plus one.
    ///
    /// Möller and Granlund, "Improved division by invariant integers", algorithm 5.
    fn digit(&self, upper: WideWord, lowest: Word) -> Limb {
        if upper >= self.leading {
            return Limb::MAX;
        }
        let (highest, middle) = split(upper);
        let (d1, d0) = split(self.leading);

        let estimate = product(self.reciprocal, highest).wrapping_add(upper);
        let (mut quotient, fraction) = split(estimate);
        let mut remainder = join(middle.wrapping_sub(quotient.wrapping_mul(d1)), lowest)
            .wrapping_sub(product(d0, quotient))
            .wrapping_sub(self.leading);
        quotient = quotient.wrapping_add(1);
        if split(remainder).0 >= fraction {
            quotient = quotient.wrapping_sub(1);
            remainder = remainder.wrapping_add(self.leading);
        }
        if remainder >= self.leading {
            quotient = quotient.wrapping_add(1);
        }
        Limb(quotient)
    }
}

/// What the cube of a limb's range, less one, is divided by `leading`; its highest bit, which is
/// always set, is left out. Once for every key: bit by bit is fast enough, and small.
fn reciprocal(leading: WideWord) -> Word {
    // The dividend is nothing but ones. After the quotient's highest bit this is left,
    let mut rest = !leading;
    let mut quotient: Word = 0;
    for _ in 0..Word::BITS {
        // and every step brings down one of the ones.
        let beyond = rest.leading_ones() > 0;
        rest = rest << 1 | 1;
        let fits = beyond || rest >= leading;
        if fits {
            rest = rest.wrapping_sub(leading);
        }
        quotient = quotient << 1 | Word::from(fits);
    }
    quotient
}

/// Subtracts `row` from as many limbs of `from`.
fn take_off(from: &mut [Limb], row: &[Limb]) {
    if let Some(from) = from.get_mut(..row.len()) {
        UintRef::new_mut(from).borrowing_sub_assign(UintRef::new(row), Limb::ZERO);
    }
}

fn product(left: Word, right: Word) -> WideWord {
    WideWord::from(left).wrapping_mul(WideWord::from(right))
}

fn join(high: Word, low: Word) -> WideWord {
    WideWord::from(high) << Word::BITS | WideWord::from(low)
}

fn split(wide: WideWord) -> (Word, Word) {
    let [low, high] = Uint::<2>::from_wide_word(wide).to_words();
    (high, low)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::LIMBS;
    use super::*;

    fn number(limbs: &[Limb]) -> BigUint {
        limbs
            .iter()
            .rev()
            .fold(BigUint::default(), |value, limb| (value << Limb::BITS) + BigUint::from(limb.0))
    }

    fn limbs(mut value: BigUint, size: usize) -> Vec<Limb> {
        let base = BigUint::from(1_u8) << Limb::BITS;
        let mut limbs = Vec::new();
        for _ in 0..size {
            limbs.push(Limb(Word::try_from(&value % &base).unwrap()));
            value >>= Limb::BITS;
        }
        limbs
    }

    fn remainder(dividend: &[Limb], divisor: &[Limb]) -> Vec<Limb> {
        let mut remainder = vec![Limb::ZERO; divisor.len()];
        let mut divisor = divisor.to_vec();
        let prepared = Divisor::new(&mut divisor).unwrap();
        prepared.remainder(&mut dividend.to_vec(), &mut remainder);
        remainder
    }

    /// Limbs at the borders, where estimates of digits go wrong, and others.
    fn limb() -> impl Strategy<Value = Limb> {
        let high = 1 << (Word::BITS - 1);
        let border =
            prop::sample::select(vec![0, 1, high, high - 1, high + 1, Word::MAX - 1, Word::MAX]);
        prop_oneof![border, any::<Word>()].prop_map(Limb)
    }

    proptest! {
        #[test]
        fn remainder_is_that_of_another_library(
            mut divisor in vec(limb(), 1..=LIMBS),
            quotient in vec(limb(), LIMBS),
            below in vec(limb(), LIMBS),
            exact in any::<bool>(),
        ) {
            let size = divisor.len();
            divisor.last_mut().unwrap().0 |= 1 << (Word::BITS - 1);
            let n = number(&divisor);
            // One below or a little above a multiple of the divisor.
            let q = number(quotient.get(..size).unwrap()) % &n;
            let above = number(below.get(..size).unwrap()) % &n;
            let product = if exact && q > BigUint::default() { &q * &n - 1_u8 } else { &q * &n + above };
            let dividend = limbs(product.clone(), 2 * size);
            prop_assert_eq!(number(&remainder(&dividend, &divisor)), product % n);
        }
    }

    /// The only case in which the digit is taken back.
    #[test]
    fn digit_one_too_large_is_corrected() {
        let divisor = [Limb::MAX, Limb::ZERO, Limb(1 << (Word::BITS - 1))];
        let n = number(&divisor);
        for quotient in [1, 2, 3, Word::MAX / 2, Word::MAX] {
            let dividend = limbs(&n * quotient - 1_u8, 6);
            assert_eq!(number(&remainder(&dividend, &divisor)), &n - 1_u8);
        }
    }

    /// [`crypto_bigint::Reciprocal`] computes the same, in another way.
    #[test]
    fn reciprocal_is_that_of_another_library() {
        let high = 1 << (Word::BITS - 1);
        // With words of 64 bits these two together are 2^132 - 1 by 21: what is left while dividing
        // is once as large as the divisor.
        let even = [0xC30C_30C3_0C30_C30C_u64, 0x30C3_0C30_C30C_30C3];
        let [even_upper, even_lower] = even.map(|word| (word >> (64 - Word::BITS)) as Word);
        for upper in [high, high + 1, high | 0x1234_5678, even_upper, Word::MAX - 1, Word::MAX] {
            for lower in [0, 1, 0x9ABC_DEF0, even_lower, high - 1, high, Word::MAX] {
                let theirs = crypto_bigint::Reciprocal::new(Limb(upper).to_nz().unwrap());
                let ours = reciprocal(join(upper, lower));
                assert_eq!(ours, theirs.reciprocal_3by2(lower, upper), "{upper:X} {lower:X}");
            }
        }
    }

    #[test]
    fn divisor_without_a_highest_bit_is_refused() {
        assert!(Divisor::new(&mut []).is_none());
        assert!(Divisor::new(&mut [Limb::ONE, Limb::ZERO]).is_none());
        assert!(Divisor::new(&mut [Limb::MAX, Limb(Word::MAX >> 1)]).is_none());
    }
}
