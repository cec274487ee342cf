//! What a kernel needs from cryptography, as references to capabilities.
//!
//! A kernel computes nothing itself: it is handed a [`Crypto`], a plain struct of references that
//! can be built in a `const`. An integrator with a crypto co-processor implements the traits for
//! it; everyone else takes `chipwright-rustcrypto`. Operations are synchronous: the slowest, an
//! RSA public operation, takes milliseconds on a microcontroller.
//!
//! Public-key recovery works on public data and may take variable time. Whatever touches a PIN or
//! a secret key ([`RsaEncipher`], [`BlockCiphers`]) must not.

use core::fmt;

/// Longest RSA modulus of EMV, in bytes: 1984 bits, so that a response carrying a certificate
/// fits 256 bytes. [B2 B2.1]
pub const MAX_MODULUS: usize = 248;

/// Byte strings to be hashed one after the other, as if they were one: a mutable reference to any
/// iterator over them, and such an iterator itself.
pub type Parts<'i, 'p> = &'i mut (dyn NextPart<'p> + 'i);

/// What is asked of an iterator over byte strings.
///
/// `dyn Iterator` would do, but puts every method of each such iterator into the image.
pub trait NextPart<'p> {
    /// The next byte string.
    fn next_part(&mut self) -> Option<&'p [u8]>;
}

impl<'p, I: Iterator<Item = &'p [u8]>> NextPart<'p> for I {
    fn next_part(&mut self) -> Option<&'p [u8]> {
        self.next()
    }
}

impl<'p> Iterator for dyn NextPart<'p> + '_ {
    type Item = &'p [u8];
    fn next(&mut self) -> Option<&'p [u8]> {
        self.next_part()
    }
}

/// Hash functions. [B2 B3]
pub trait Hash {
    /// SHA-1 over the concatenation of `parts`.
    fn sha1(&self, parts: Parts<'_, '_>) -> [u8; 20];
}

/// SHA-256, for what is not an EMV signature: configuration files, kernel checksums.
///
/// Apart from [`Hash`], so that an image that never asks for it does not carry it.
pub trait HashSha256 {
    /// SHA-256 over the concatenation of `parts`.
    fn sha256(&self, parts: Parts<'_, '_>) -> [u8; 32];
}

/// RSA with public data: recovers what a private key signed. [B2 B2.1]
pub trait RsaRecover {
    /// Replaces `block` by `block^exponent mod modulus`.
    ///
    /// `modulus` is big-endian, 1 to [`MAX_MODULUS`] bytes, odd; `exponent` is big-endian
    /// (EMV uses 3 and 65537); `block` is as long as the modulus. May take variable time.
    ///
    /// # Errors
    /// [`KeyRefused`] when the key is not usable (even, zero, too long) or `block` has another
    /// length or a value not below the modulus; `block` is then unspecified.
    fn recover(&self, modulus: &[u8], exponent: &[u8], block: &mut [u8]) -> Result<(), KeyRefused>;
}

/// RSA with a secret block: enciphers an offline PIN. [B2 7.2]
///
/// The PIN pad uses this, never a kernel.
pub trait RsaEncipher {
    /// Replaces `block` by `block^exponent mod modulus` in time independent of `block`.
    ///
    /// # Errors
    /// As [`RsaRecover::recover`].
    fn encipher(&self, modulus: &[u8], exponent: &[u8], block: &mut [u8])
    -> Result<(), KeyRefused>;
}

/// A source of unpredictable numbers.
pub trait Random {
    /// Fills `out` with bytes that a card cannot predict.
    ///
    /// # Errors
    /// [`RandomFailed`] when the source is not (yet) trustworthy; the transaction then ends
    /// rather than go on with a predictable number.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed>;
}

/// Block ciphers for issuer cryptography ([`crate::cryptogram`]); no kernel needs them.
///
/// Keys are secret: implementations take time independent of key and data.
pub trait BlockCiphers {
    /// Single DES, the building block of the MAC with two keys. [B2 A1.2]
    fn des_encrypt(&self, key: &[u8; 8], block: &mut [u8; 8]);
    /// Inverse of [`des_encrypt`](Self::des_encrypt).
    fn des_decrypt(&self, key: &[u8; 8], block: &mut [u8; 8]);
    /// Triple DES with a double-length key (encrypt, decrypt, encrypt). [B2 B1.1]
    fn tdes_encrypt(&self, key: &[u8; 16], block: &mut [u8; 8]);
    /// Inverse of [`tdes_encrypt`](Self::tdes_encrypt).
    fn tdes_decrypt(&self, key: &[u8; 16], block: &mut [u8; 8]);
    /// AES with a key of 16, 24 or 32 bytes. [B2 B1.2]
    ///
    /// # Errors
    /// [`KeyRefused`] for a key of another length; `block` is then unchanged.
    fn aes_encrypt(&self, key: &[u8], block: &mut [u8; 16]) -> Result<(), KeyRefused>;
    /// Inverse of [`aes_encrypt`](Self::aes_encrypt).
    ///
    /// # Errors
    /// As [`aes_encrypt`](Self::aes_encrypt).
    fn aes_decrypt(&self, key: &[u8], block: &mut [u8; 16]) -> Result<(), KeyRefused>;
}

/// The key cannot be used: length, parity or range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRefused;

/// The random source failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomFailed;

/// The capabilities a kernel is given.
///
/// References rather than type parameters: an algorithm that no kernel calls is dropped by the
/// linker, and the C interface can fill the struct.
#[derive(Clone, Copy)]
pub struct Crypto<'a> {
    /// Hash functions.
    pub hash: &'a dyn Hash,
    /// RSA public operation.
    pub rsa: &'a dyn RsaRecover,
    /// Unpredictable numbers.
    pub random: &'a dyn Random,
}

impl fmt::Debug for Crypto<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Crypto")
    }
}
