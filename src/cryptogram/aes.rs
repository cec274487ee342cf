//! The same with AES: master key option C, session keys, CMAC, issuer answers.
//!
//! AES is a matter of the Common Core Definitions, version 6. [B3 C7] No public values for
//! whole transactions are known: the parts follow the formulas of Book 2, the CMAC is proven by
//! RFC 4493.

use super::key::xor;
use super::master_key::account;
use crate::crypto::{BlockCiphers, KeyRefused};
use crate::value::Pan;
use core::fmt;
use zeroize::Zeroize;

/// An AES key of 16, 24 or 32 bytes. [B2 B1.2]
///
/// Wiped when dropped, and never printed.
#[derive(Clone)]
pub struct AesKey {
    bytes: [u8; 32],
    length: usize,
}

impl AesKey {
    /// The key with these bytes.
    ///
    /// # Errors
    /// [`KeyRefused`] for another length.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyRefused> {
        if !matches!(bytes.len(), 16 | 24 | 32) {
            return Err(KeyRefused);
        }
        let mut key = Self { bytes: [0; 32], length: bytes.len() };
        for (to, byte) in key.bytes.iter_mut().zip(bytes) {
            *to = *byte;
        }
        Ok(key)
    }

    /// The bytes of the key.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn encipher(
        &self,
        ciphers: &dyn BlockCiphers,
        mut block: [u8; 16],
    ) -> Result<[u8; 16], KeyRefused> {
        ciphers.aes_encrypt(self.bytes(), &mut block)?;
        Ok(block)
    }

    /// A key of the same length: the leftmost bytes of two enciphered blocks.
    fn derive(
        &self,
        ciphers: &dyn BlockCiphers,
        [first, second]: [[u8; 16]; 2],
    ) -> Result<Self, KeyRefused> {
        let first = self.encipher(ciphers, first)?;
        let second = self.encipher(ciphers, second)?;
        let mut bytes = first.into_iter().chain(second);
        Ok(Self {
            bytes: core::array::from_fn(|_| bytes.next().unwrap_or_default()),
            length: self.length,
        })
    }
}

impl Drop for AesKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesKey(..)")
    }
}

/// Derives the master key of a card by option C. [B2 A1.4]
///
/// # Errors
/// [`KeyRefused`] when the provider lacks AES of this length.
pub fn icc_master_key(
    ciphers: &dyn BlockCiphers,
    issuer: &AesKey,
    pan: Pan<'_>,
    sequence_number: u8,
) -> Result<AesKey, KeyRefused> {
    let account = account(pan, sequence_number);
    issuer.derive(ciphers, [account, xor(account, [0xFF; 16])])
}

/// The common session key for `diversifier`: the counter (9F36) for an application cryptogram, the
/// application cryptogram for a script; zeros behind it. [B2 A1.3.1]
///
/// # Errors
/// [`KeyRefused`] when the provider lacks AES of this length.
pub fn common(
    ciphers: &dyn BlockCiphers,
    master: &AesKey,
    diversifier: [u8; 16],
) -> Result<AesKey, KeyRefused> {
    // A key of one block comes from the diversifier as it is.
    if master.length == 16 {
        return master.derive(ciphers, [diversifier; 2]);
    }
    let marked = |mark| {
        let mut block = diversifier;
        let [_, _, byte, ..] = &mut block;
        *byte = mark;
        block
    };
    master.derive(ciphers, [marked(0xF0), marked(0x0F)])
}

/// A MAC over `parts`, as if they were one: CMAC. [B2 A1.2] (ISO/IEC 9797-1, algorithm 5)
///
/// An application cryptogram is its leftmost 8 bytes, as is the MAC of a script command.
///
/// # Errors
/// [`KeyRefused`] when the provider lacks AES of this length.
pub fn mac<'p>(
    ciphers: &dyn BlockCiphers,
    key: &AesKey,
    parts: impl IntoIterator<Item = &'p [u8]>,
) -> Result<[u8; 16], KeyRefused> {
    let mut block = [0; 16];
    let mut filled = 0;
    for byte in parts.into_iter().flatten() {
        // Whether a block is the last is known only when there is more.
        if filled == block.len() {
            block = key.encipher(ciphers, block)?;
            filled = 0;
        }
        if let Some(place) = block.get_mut(filled) {
            *place ^= byte;
        }
        filled += 1;
    }
    let mut mask = doubled(key.encipher(ciphers, [0; 16])?);
    if let Some(place) = block.get_mut(filled) {
        *place ^= 0x80;
        mask = doubled(mask);
    }
    key.encipher(ciphers, xor(block, mask))
}

/// Twice the number in the field of CMAC.
fn doubled(block: [u8; 16]) -> [u8; 16] {
    let number = u128::from_be_bytes(block);
    let carry = if number >> 127 == 1 { 0x87 } else { 0 };
    (number << 1 ^ carry).to_be_bytes()
}

/// An Authorisation Response Cryptogram by method 1. [B2 8.2.1]
///
/// # Errors
/// [`KeyRefused`] when the provider lacks AES of this length.
pub fn method_1(
    ciphers: &dyn BlockCiphers,
    key: &AesKey,
    cryptogram: [u8; 8],
    code: [u8; 2],
) -> Result<[u8; 8], KeyRefused> {
    let [high, low] = code;
    let block = xor(cryptogram, [high, low, 0, 0, 0, 0, 0, 0]);
    let block = key.encipher(ciphers, super::key::whole(block, [0; 8]))?;
    Ok(super::key::halves(&block).0)
}

/// An Authorisation Response Cryptogram by method 2. [B2 8.2.2]
///
/// `proprietary` is up to 8 bytes long.
///
/// # Errors
/// [`KeyRefused`] when the provider lacks AES of this length.
pub fn method_2(
    ciphers: &dyn BlockCiphers,
    key: &AesKey,
    cryptogram: [u8; 8],
    update: [u8; 4],
    proprietary: &[u8],
) -> Result<[u8; 4], KeyRefused> {
    let parts = [cryptogram.as_slice(), &update, proprietary];
    let [a, b, c, d, ..] = mac(ciphers, key, parts)?;
    Ok([a, b, c, d])
}
