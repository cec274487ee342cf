//! One RSA public operation of 1984 bits, bytes in to bytes out, with a key never seen before.

use super::Work;
use crate::chain::Chain;
use chipwright::crypto::RsaRecover;
use chipwright_rustcrypto::RustCrypto;
use core::hint::black_box;

const TASKS: [(&str, &str); 2] = [
    ("RSA 1984 bits, e = 3", "chain-1984-e3-dda"),
    ("RSA 1984 bits, e = 65537", "chain-1984-e65537-dda"),
];

pub(super) fn work() -> Vec<Work> {
    let mut all = Vec::new();
    for (task, id) in TASKS {
        let chain = Chain::load(id);
        all.push(Work::new(task, "chipwright-rustcrypto", each_block(chain, ours)));
        #[cfg(feature = "peer-openssl")]
        {
            all.push(Work::new(task, "OpenSSL, RSA", each_block(chain, openssl::rsa)));
            all.push(Work::new(task, "OpenSSL, EVP", each_block(chain, openssl::evp)));
        }
        #[cfg(feature = "peer-emv")]
        all.push(Work::new(task, "emv", each_block(chain, emv)));
    }
    all
}

/// The certificate's block under its key, checked at both ends.
fn each_block(
    chain: &'static Chain,
    recover: impl Fn(&[u8], &[u8], &[u8]) -> Vec<u8> + 'static,
) -> impl FnMut() {
    let block = chain.bytes("issuer_certificate_90");
    move || {
        let recovered = recover(&chain.ca_modulus, &chain.ca_exponent, black_box(&block));
        assert!(matches!(recovered[..], [0x6A, .., 0xBC]));
    }
}

fn ours(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Vec<u8> {
    let mut block = block.to_vec();
    RustCrypto.recover(modulus, exponent, &mut block).expect("a usable key");
    block
}

#[cfg(feature = "peer-emv")]
fn emv(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Vec<u8> {
    emv::core::iso9796_2::rsa_recover(block, exponent, modulus).expect("a usable key")
}

#[cfg(feature = "peer-openssl")]
mod openssl {
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
}
