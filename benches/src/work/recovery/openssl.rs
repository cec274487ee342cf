//! OpenSSL.

use openssl::bn::BigNum;
use openssl::encrypt::Encrypter;
use openssl::pkey::{PKey, Public};
use openssl::rsa::{Padding, Rsa};

fn import(modulus: &[u8], exponent: &[u8]) -> Rsa<Public> {
    let modulus = BigNum::from_slice(modulus).expect("memory");
    let exponent = BigNum::from_slice(exponent).expect("memory");
    Rsa::from_public_components(modulus, exponent).expect("a usable key")
}

/// By the old interface, which is the faster one.
pub(super) fn rsa(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Vec<u8> {
    let mut out = vec![0; modulus.len()];
    let key = import(modulus, exponent);
    key.public_decrypt(block, &mut out, Padding::NONE).expect("below the modulus");
    out
}

/// By the interface that OpenSSL recommends.
pub(super) fn evp(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Vec<u8> {
    let mut out = vec![0; modulus.len()];
    let key = PKey::from_rsa(import(modulus, exponent)).expect("a usable key");
    let mut operation = Encrypter::new(&key).expect("memory");
    operation.set_rsa_padding(Padding::NONE).expect("a padding of RSA");
    operation.encrypt(block, &mut out).expect("below the modulus");
    out
}
