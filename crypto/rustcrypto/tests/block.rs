//! Block ciphers against published examples.

use chipwright::crypto::{BlockCiphers, KeyRefused};
use chipwright_rustcrypto::RustCrypto;

fn array<const N: usize>(text: &str) -> [u8; N] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// Key, plaintext, ciphertext: FIPS 81, NBS special publication 500-20, and others well known.
const DES: [[&str; 3]; 4] = [
    ["0123456789ABCDEF", "4E6F772069732074", "3FA40E8A984D4815"],
    ["133457799BBCDFF1", "0123456789ABCDEF", "85E813540F0AB405"],
    ["10316E028C8F3B4A", "0000000000000000", "82DCBAFBDEAB6602"],
    ["0101010101010101", "8000000000000000", "95F8A5E5DD31D900"],
];

/// The first example of NIST special publication 800-67 has three keys; these have two.
const TDES: [[&str; 3]; 2] = [
    // With two equal halves it is single DES.
    ["133457799BBCDFF1133457799BBCDFF1", "0123456789ABCDEF", "85E813540F0AB405"],
    // The key check value of this key is well known from payment systems.
    ["0123456789ABCDEFFEDCBA9876543210", "0000000000000000", "08D7B4FB629D0885"],
];

/// FIPS 197, appendix C.
const AES: [[&str; 3]; 3] = [
    [
        "000102030405060708090A0B0C0D0E0F",
        "00112233445566778899AABBCCDDEEFF",
        "69C4E0D86A7B0430D8CDB78070B4C55A",
    ],
    [
        "000102030405060708090A0B0C0D0E0F1011121314151617",
        "00112233445566778899AABBCCDDEEFF",
        "DDA97CA4864CDFE06EAF70A0EC0D7191",
    ],
    [
        "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
        "00112233445566778899AABBCCDDEEFF",
        "8EA2B7CA516745BFEAFC49904B496089",
    ],
];

#[test]
fn des() {
    for [key, plain, cipher] in DES {
        let (key, plain) = (array(key), array(plain));
        let mut block = plain;
        RustCrypto.des_encrypt(&key, &mut block);
        assert_eq!(block, array(cipher));
        RustCrypto.des_decrypt(&key, &mut block);
        assert_eq!(block, plain);
    }
}

/// [B2 B1.1]
#[test]
fn triple_des() {
    for [key, plain, cipher] in TDES {
        let (key, plain) = (array(key), array(plain));
        let mut block = plain;
        RustCrypto.tdes_encrypt(&key, &mut block);
        assert_eq!(block, array(cipher));
        RustCrypto.tdes_decrypt(&key, &mut block);
        assert_eq!(block, plain);
    }
}

/// [B2 B1.2]
#[test]
fn aes() {
    for [key, plain, cipher] in AES {
        let (key, plain) = (hex::decode(key).unwrap(), array(plain));
        let mut block = plain;
        assert_eq!(RustCrypto.aes_encrypt(&key, &mut block), Ok(()));
        assert_eq!(block, array(cipher));
        assert_eq!(RustCrypto.aes_decrypt(&key, &mut block), Ok(()));
        assert_eq!(block, plain);
    }
}

#[test]
fn aes_keys_of_other_lengths_are_refused() {
    for length in (0..=64).filter(|length| ![16, 24, 32].contains(length)) {
        let mut block = [7; 16];
        let key = vec![1; length];
        assert_eq!(RustCrypto.aes_encrypt(&key, &mut block), Err(KeyRefused));
        assert_eq!(RustCrypto.aes_decrypt(&key, &mut block), Err(KeyRefused));
        assert_eq!(block, [7; 16], "{length}");
    }
}
