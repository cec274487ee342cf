//! RSA with a public key: recovery of public data, encipherment of a secret block.

mod divisor;
mod encipher;
mod limbs;
mod recover;

use chipwright::crypto::{KeyRefused, MAX_MODULUS, RsaEncipher, RsaRecover};
use crypto_bigint::Limb;

use crate::RustCrypto;

/// Limbs of the longest modulus: 31 of 64 bits, 62 of 32.
const LIMBS: usize = MAX_MODULUS.div_ceil(Limb::BYTES);

impl RsaRecover for RustCrypto {
    fn recover(&self, modulus: &[u8], exponent: &[u8], block: &mut [u8]) -> Result<(), KeyRefused> {
        let exponent = accept(modulus, exponent, block)?;
        recover::power(modulus, exponent, block)
    }
}

impl RsaEncipher for RustCrypto {
    fn encipher(
        &self,
        modulus: &[u8],
        exponent: &[u8],
        block: &mut [u8],
    ) -> Result<(), KeyRefused> {
        let exponent = accept(modulus, exponent, block)?;
        encipher::power(modulus, exponent, block)
    }
}

/// Checks lengths and parity; returns the exponent.
///
/// EMV knows the exponents 3 and 65537; every odd one from 3 that fits four bytes will do.
// [B2 B2.1]
fn accept(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Result<u32, KeyRefused> {
    let odd = modulus.last().is_some_and(|byte| byte & 1 == 1);
    let short = modulus.len() <= MAX_MODULUS && exponent.len() <= modulus.len().min(4);
    let exponent = exponent.iter().fold(0, |value, &byte| value << 8 | u32::from(byte));
    let usable = odd && short && exponent & 1 == 1 && exponent >= 3;
    if usable && block.len() == modulus.len() { Ok(exponent) } else { Err(KeyRefused) }
}
