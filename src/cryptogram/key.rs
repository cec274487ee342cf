//! Keys of two-key triple DES.

use crate::crypto::BlockCiphers;
use core::fmt;
use zeroize::Zeroize;

/// A double-length DES key: 16 bytes, the parity bits of no effect. [B2 B1.1]
///
/// Wiped when dropped, and never printed.
#[derive(Clone)]
pub struct DoubleKey([u8; 16]);

impl DoubleKey {
    /// The key with these bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The same key with the lowest bit of every byte set so that an odd number of bits is.
    #[must_use]
    pub fn with_odd_parity(mut self) -> Self {
        for byte in &mut self.0 {
            *byte ^= u8::from(byte.count_ones() % 2 == 0);
        }
        self
    }

    /// The key check value: the first three bytes of an enciphered block of zeros.
    pub fn check_value(&self, ciphers: &dyn BlockCiphers) -> [u8; 3] {
        let [a, b, c, ..] = self.encipher(ciphers, [0; 8]);
        [a, b, c]
    }

    pub(super) fn encipher(&self, ciphers: &dyn BlockCiphers, mut block: [u8; 8]) -> [u8; 8] {
        ciphers.tdes_encrypt(&self.0, &mut block);
        block
    }
}

impl Drop for DoubleKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for DoubleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoubleKey(..)")
    }
}

/// The left and the right half.
pub(super) const fn halves(whole: &[u8; 16]) -> ([u8; 8], [u8; 8]) {
    let [a, b, c, d, e, f, g, h, right @ ..] = *whole;
    ([a, b, c, d, e, f, g, h], right)
}

/// `left` and then `right`.
pub(super) fn whole(left: [u8; 8], right: [u8; 8]) -> [u8; 16] {
    let mut bytes = left.into_iter().chain(right);
    core::array::from_fn(|_| bytes.next().unwrap_or_default())
}

/// The bits that differ.
pub(super) fn xor<const N: usize>(mut one: [u8; N], other: [u8; N]) -> [u8; N] {
    for (byte, with) in one.iter_mut().zip(other) {
        *byte ^= with;
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parity_becomes_odd_and_the_rest_stays() {
        let key = DoubleKey::new([0, 1, 2, 3, 0xFE, 0xFF, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
        let adjusted = key.clone().with_odd_parity();
        assert_eq!(adjusted.bytes()[..8], [1, 1, 2, 2, 0xFE, 0xFE, 7, 8]);
        for (byte, before) in adjusted.bytes().iter().zip(key.bytes()) {
            assert_eq!(byte.count_ones() % 2, 1);
            assert_eq!(byte >> 1, before >> 1);
        }
    }

    #[test]
    fn bytes_do_not_show() {
        assert_eq!(format!("{:?}", DoubleKey::new([0x5A; 16])), "DoubleKey(..)");
    }

    #[test]
    fn halves_make_a_whole() {
        let bytes = core::array::from_fn(|place| u8::try_from(place).unwrap());
        let (left, right) = halves(&bytes);
        assert_eq!(whole(left, right), bytes);
    }
}
