//! `block^exponent mod modulus` for public data, by long multiplication and long division.
//!
//! The arithmetic of limbs is that of `crypto-bigint`; what is here is the order of its rows. The
//! division of `crypto-bigint` would do the same, but leaves panics in the image, is copied for
//! every width, and takes three times as long; ADR 0003 has the figures.

use chipwright::crypto::KeyRefused;
use crypto_bigint::Limb;

use super::LIMBS;
use super::divisor::Divisor;
use super::limbs::{load, multiply, shift_left, shift_right, square, store};

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
    let (mut divisor, mut value) = ([Limb::ZERO; LIMBS], [Limb::ZERO; LIMBS]);
    let mut product = [Limb::ZERO; 2 * LIMBS];
    let (divisor, value) = (divisor.get_mut(..size)?, value.get_mut(..size)?);
    let product = product.get_mut(..2 * size)?;

    // Division wants the highest bit of the divisor set, so it divides by a multiple of the
    // modulus. Remainders are then longer by `shift` bits but still congruent; the last product
    // is multiplied alike, and its remainder is that multiple of the result.
    load(modulus, divisor);
    let shift = divisor.last()?.leading_zeros();
    shift_left(divisor, shift);
    let divisor = Divisor::new(divisor)?;

    load(block, value);
    for bit in (0..exponent.ilog2()).rev() {
        square(value, product);
        divisor.remainder(product, value);
        if exponent >> bit & 1 == 1 {
            multiply(value, block, product);
            if bit == 0 {
                shift_left(product, shift);
            }
            divisor.remainder(product, value);
        }
    }
    shift_right(value, shift);
    store(value, block);
    Some(())
}
