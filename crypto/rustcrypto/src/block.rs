//! Block ciphers.

use aes::{Aes128, Aes192, Aes256};
use chipwright::crypto::{BlockCiphers, KeyRefused};
use des::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use des::{Des, TdesEde2};

use crate::RustCrypto;

impl BlockCiphers for RustCrypto {
    fn des_encrypt(&self, key: &[u8; 8], block: &mut [u8; 8]) {
        Des::new(key.into()).encrypt_block(block.into());
    }

    fn des_decrypt(&self, key: &[u8; 8], block: &mut [u8; 8]) {
        Des::new(key.into()).decrypt_block(block.into());
    }

    fn tdes_encrypt(&self, key: &[u8; 16], block: &mut [u8; 8]) {
        TdesEde2::new(key.into()).encrypt_block(block.into());
    }

    fn tdes_decrypt(&self, key: &[u8; 16], block: &mut [u8; 8]) {
        TdesEde2::new(key.into()).decrypt_block(block.into());
    }

    fn aes_encrypt(&self, key: &[u8], block: &mut [u8; 16]) -> Result<(), KeyRefused> {
        let block = block.into();
        if let Ok(cipher) = Aes128::new_from_slice(key) {
            cipher.encrypt_block(block);
        } else if let Ok(cipher) = Aes192::new_from_slice(key) {
            cipher.encrypt_block(block);
        } else if let Ok(cipher) = Aes256::new_from_slice(key) {
            cipher.encrypt_block(block);
        } else {
            return Err(KeyRefused);
        }
        Ok(())
    }

    fn aes_decrypt(&self, key: &[u8], block: &mut [u8; 16]) -> Result<(), KeyRefused> {
        let block = block.into();
        if let Ok(cipher) = Aes128::new_from_slice(key) {
            cipher.decrypt_block(block);
        } else if let Ok(cipher) = Aes192::new_from_slice(key) {
            cipher.decrypt_block(block);
        } else if let Ok(cipher) = Aes256::new_from_slice(key) {
            cipher.decrypt_block(block);
        } else {
            return Err(KeyRefused);
        }
        Ok(())
    }
}
