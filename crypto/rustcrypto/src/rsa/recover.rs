//! `block^exponent mod modulus` for public data, by long multiplication and long division.
//!
//! The arithmetic of limbs is that of `crypto-bigint`; what is here is the order of its rows. The
//! division of `crypto-bigint` would do the same, but leaves panics in the image, is copied for
//! every width, and takes three times as long; ADR 0003 has the figures.

use chipwright::crypto::KeyRefused;
use crypto_bigint::{Limb, Word};

use super::LIMBS;
use super::divisor::Divisor;
use super::limbs::{add_row, load, multiply, shift_right, square, store};

/// Replaces `block` by `block^exponent mod modulus`.
///
/// `modulus` is odd and as long as `block`; `exponent` is odd and at least 3.
pub(super) fn power(modulus: &[u8], exponent: u32, block: &mut [u8]) -> Result<(), KeyRefused> {
    if *block >= *modulus {
        return Err(KeyRefused);
    }
    shorter_power(modulus, exponent, block).ok_or(KeyRefused)
}

/// `None` when `modulus` is zero or longer than [`LIMBS`].
fn shorter_power(modulus: &[u8], exponent: u32, block: &mut [u8]) -> Option<()> {
    // Where the modulus begins with zeros, so does the block, which is below it.
    let zeros = modulus.iter().take_while(|&&byte| byte == 0).count();
    let (modulus, block) = (modulus.get(zeros..)?, block.get_mut(zeros..)?);

    let size = modulus.len().div_ceil(Limb::BYTES);
    let mut buffers = [[Limb::ZERO; LIMBS]; 3];
    let mut product = [Limb::ZERO; 2 * LIMBS];
    let [base, scaled, value] = &mut buffers;
    let (base, scaled) = (base.get_mut(..size)?, scaled.get_mut(..size)?);
    let (value, product) = (value.get_mut(..size)?, product.get_mut(..2 * size)?);

    // Division wants the highest bit of the divisor set, so it divides by a multiple of the
    // modulus. Remainders are then longer by `shift` bits but still congruent; the last product
    // is multiplied alike, and its remainder is that multiple of the result.
    load(modulus, base);
    let shift = base.last()?.leading_zeros();
    let multiple = Limb(Word::wrapping_shl(1, shift));
    add_row(scaled, base, multiple);
    let divisor = Divisor::new(scaled)?;

    load(block, base);
    load(block, value);
    scaled.fill(Limb::ZERO);
    add_row(scaled, base, multiple);
    for bit in (0..exponent.ilog2()).rev() {
        square(value, product);
        divisor.remainder(product, value);
        if exponent >> bit & 1 == 1 {
            multiply(value, if bit == 0 { scaled } else { base }, product);
            divisor.remainder(product, value);
        }
    }
    shift_right(value, shift);
    store(value, block);
    Some(())
}
