//! Numbers of any length as little-endian limbs, and the products of long multiplication.

use crypto_bigint::{Limb, UintRef, Word};

/// Fills `limbs` with the big-endian number in `bytes`; what has no room is left out.
pub(super) fn load(bytes: &[u8], limbs: &mut [Limb]) {
    let zeros = core::iter::repeat(Limb::ZERO);
    for (limb, digit) in limbs.iter_mut().zip(digits(bytes).chain(zeros)) {
        *limb = digit;
    }
}

/// Writes the number in `limbs` to `bytes`, big-endian; what has no room is left out.
pub(super) fn store(limbs: &[Limb], bytes: &mut [u8]) {
    for (chunk, limb) in bytes.rchunks_mut(Limb::BYTES).zip(limbs) {
        let word = limb.0.to_be_bytes();
        for (to, &byte) in chunk.iter_mut().rev().zip(word.iter().rev()) {
            *to = byte;
        }
    }
}

/// Shifts left by less than a limb; what goes beyond the highest is lost.
pub(super) fn shift_left(limbs: &mut [Limb], shift: u32) {
    let mut below = 0;
    for limb in limbs {
        let word = limb.0;
        limb.0 = word << shift | below;
        below = word >> 1 >> (Limb::BITS - 1 - shift);
    }
}

/// Shifts right by less than a limb.
pub(super) fn shift_right(limbs: &mut [Limb], shift: u32) {
    let mut above = 0;
    for limb in limbs.iter_mut().rev() {
        let word = limb.0;
        limb.0 = word >> shift | above;
        above = word << 1 << (Limb::BITS - 1 - shift);
    }
}

/// The limbs of the big-endian number in `bytes`.
fn digits(bytes: &[u8]) -> impl Iterator<Item = Limb> {
    bytes
        .rchunks(Limb::BYTES)
        .map(|chunk| Limb(chunk.iter().fold(0, |word, &byte| word << 8 | Word::from(byte))))
}

/// Puts `left` times the big-endian number `right` into `product`, which is as long as both
/// together.
pub(super) fn multiply(left: &[Limb], right: &[u8], product: &mut [Limb]) {
    product.fill(Limb::ZERO);
    let mut rest = product;
    // Two digits at a time: a limb of the sum is fetched and put back half as often, which is what
    // takes a small processor longest.
    let mut digits = digits(right);
    while let Some(low) = digits.next() {
        let high = digits.next().unwrap_or(Limb::ZERO);
        let Some((sum, above)) = rest.split_at_mut_checked(left.len()) else { break };
        let (mut low_carry, mut high_carry, mut below) = (Limb::ZERO, Limb::ZERO, Limb::ZERO);
        for (sum, &limb) in sum.iter_mut().zip(left) {
            (*sum, low_carry) = limb.carrying_mul_add(low, *sum, low_carry);
            (*sum, high_carry) = below.carrying_mul_add(high, *sum, high_carry);
            below = limb;
        }
        let (next, last) = below.carrying_mul_add(high, low_carry, high_carry);
        above.iter_mut().zip([next, last]).for_each(|(limb, value)| *limb = value);
        rest = rest.get_mut(2..).unwrap_or_default();
    }
}

/// Puts the square of `root` into `product`, which is twice as long.
pub(super) fn square(root: &[Limb], product: &mut [Limb]) {
    product.fill(Limb::ZERO);
    // The products of two different limbs, each once,
    let mut rest = root;
    let mut position = 1;
    while let Some((&digit, above)) = rest.split_first() {
        if let Some(sum) = product.get_mut(position..) {
            place_row(sum, above, digit);
        }
        rest = above;
        position += 2;
    }
    // doubled, and the square of every limb.
    UintRef::new_mut(product).shl1_assign();
    let mut carry = Limb::ZERO;
    for (pair, &digit) in product.chunks_exact_mut(2).zip(root) {
        if let [low, high] = pair {
            (*low, carry) = digit.carrying_mul_add(digit, *low, carry);
            (*high, carry) = high.carrying_add(carry, Limb::ZERO);
        }
    }
}

/// Adds `row` times `digit` to `sum`; the limb above the row is still free.
fn place_row(sum: &mut [Limb], row: &[Limb], digit: Limb) {
    let carry = add_row(sum, row, digit);
    if let Some(next) = sum.get_mut(row.len()) {
        *next = carry;
    }
}

/// Adds `row` times `digit` to as many limbs of `sum`; returns what goes beyond them.
#[inline]
pub(super) fn add_row(sum: &mut [Limb], row: &[Limb], digit: Limb) -> Limb {
    match sum.get_mut(..row.len()) {
        Some(sum) => {
            UintRef::new_mut(sum).carrying_add_assign_mul_limb(UintRef::new(row), digit, Limb::ZERO)
        }
        None => Limb::ZERO,
    }
}
