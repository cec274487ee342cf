//! crypto-bigint with the key's Montgomery parameters made beforehand, as for a CA key that stays.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, Uint};

/// As many limbs as a key of 1984 bits has.
type Number = Uint<{ 1984 / crypto_bigint::Limb::BITS as usize }>;

pub(super) fn with_cached_parameters(modulus: &[u8]) -> impl Fn(&[u8], &[u8], &[u8]) -> Vec<u8> {
    let odd = Odd::new(Number::from_be_slice(modulus)).expect("a usable key");
    let parameters = FixedMontyParams::new_vartime(odd);
    move |_, exponent, block| {
        let base = FixedMontyForm::new(&Number::from_be_slice(block), &parameters);
        power(base, exponent).retrieve().to_be_bytes().as_ref().to_vec()
    }
}

/// Square and multiply: for exponents as short as these, less work than the library's windows.
fn power<const LIMBS: usize>(
    base: FixedMontyForm<LIMBS>,
    exponent: &[u8],
) -> FixedMontyForm<LIMBS> {
    let bits = exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    bits.skip_while(|bit| !bit).skip(1).fold(base, |power, bit| {
        let square = power.square();
        if bit { square.mul(&base) } else { square }
    })
}
