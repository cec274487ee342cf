//! One RSA public operation of 1984 bits, bytes in to bytes out, with a key never seen before.

mod bigint;
#[cfg(feature = "peer-gcrypt")]
mod gcrypt;
#[cfg(feature = "peer-gmp")]
mod gmp;
#[cfg(feature = "peer-openssl")]
mod openssl;

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
        let cached = bigint::with_cached_parameters(&chain.ca_modulus);
        all.push(Work::new(task, "crypto-bigint, parameters cached", each_block(chain, cached)));
        #[cfg(feature = "peer-gcrypt")]
        all.push(Work::new(task, "libgcrypt", each_block(chain, gcrypt::power)));
        #[cfg(feature = "peer-gmp")]
        all.push(Work::new(task, "GMP", each_block(chain, gmp::power)));
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
