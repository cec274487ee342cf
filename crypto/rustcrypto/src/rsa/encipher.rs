//! `block^exponent mod modulus` in time that does not depend on the block.

use chipwright::crypto::KeyRefused;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{CtLt, Limb, Uint};
use zeroize::Zeroize;

use super::LIMBS;
use super::limbs::{load, store};

/// Replaces `block` by `block^exponent mod modulus`.
///
/// One width serves all lengths: enciphering a PIN is done once in a transaction, and a short key
/// as slowly as the longest. The exponent is public: its bits decide on the order of operations.
pub(super) fn power(modulus: &[u8], exponent: u32, block: &mut [u8]) -> Result<(), KeyRefused> {
    let modulus = number(modulus);
    let mut number = number(block);
    // That the block is out of range is no secret: the caller is told.
    if !number.ct_lt(&modulus).to_bool() {
        return Err(KeyRefused);
    }
    let modulus = modulus.to_odd().into_option().ok_or(KeyRefused)?;
    let params = FixedMontyParams::new_vartime(modulus);
    let mut base = FixedMontyForm::new(&number, &params);
    let mut value = base;
    for bit in (0..exponent.ilog2()).rev() {
        value = value.square();
        if exponent >> bit & 1 == 1 {
            value = value.mul(&base);
        }
    }
    store(value.retrieve().as_limbs(), block);
    number.zeroize();
    base.zeroize();
    value.zeroize();
    Ok(())
}

fn number(bytes: &[u8]) -> Uint<LIMBS> {
    let mut limbs = [Limb::ZERO; LIMBS];
    load(bytes, &mut limbs);
    Uint::new(limbs)
}
