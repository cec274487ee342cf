//! Hash functions.

use chipwright::crypto::{Hash, HashSha256, Parts};
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::RustCrypto;

impl Hash for RustCrypto {
    fn sha1(&self, parts: Parts<'_, '_>) -> [u8; 20] {
        let mut hash = Sha1::new();
        parts.for_each(|part| hash.update(part));
        hash.finalize().into()
    }
}

impl HashSha256 for RustCrypto {
    fn sha256(&self, parts: Parts<'_, '_>) -> [u8; 32] {
        let mut hash = Sha256::new();
        parts.for_each(|part| hash.update(part));
        hash.finalize().into()
    }
}
