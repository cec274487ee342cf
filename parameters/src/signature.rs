//! Signatures in software.

use crate::file::{SIGNATURE_LENGTH, VerifySignature};
use core::fmt;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};

/// Verifies signatures with the crate `p256`.
#[derive(Clone)]
pub struct EcdsaP256(VerifyingKey);

impl EcdsaP256 {
    /// For the maker with this key: a point in SEC 1 coding, 33 bytes compressed or 65 not; none
    /// when it is no point of the curve.
    pub fn new(key: &[u8]) -> Option<Self> {
        VerifyingKey::from_sec1_bytes(key).ok().map(Self)
    }
}

impl VerifySignature for EcdsaP256 {
    fn verify(&self, message: &[u8], signature: &[u8; SIGNATURE_LENGTH]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

impl fmt::Debug for EcdsaP256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcdsaP256")
    }
}
