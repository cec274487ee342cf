//! Cryptography for fuzzing.

use chipwright::crypto::{Crypto, Hash, KeyRefused, Parts, Random, RandomFailed, RsaRecover};
use chipwright_rustcrypto::RustCrypto;

/// The hash of everything.
pub const HASH: [u8; 20] = [0x48; 20];

/// What the random source gives: the number that recorded signatures cover, over and over.
pub const UNPREDICTABLE_NUMBER: [u8; 4] = [0x11, 0x22, 0x33, 0x44];

/// Signatures that are their own content and hashes that are all alike: what no mutation of real
/// signatures reaches, the checks behind them, lies open.
#[derive(Clone, Copy, Debug)]
pub struct Transparent;

impl RsaRecover for Transparent {
    fn recover(&self, _: &[u8], _: &[u8], _: &mut [u8]) -> Result<(), KeyRefused> {
        Ok(())
    }
}

impl Hash for Transparent {
    fn sha1(&self, parts: Parts<'_, '_>) -> [u8; 20] {
        parts.for_each(|part| _ = std::hint::black_box(part));
        HASH
    }
}

/// Not random at all.
#[derive(Clone, Copy, Debug)]
pub struct Fixed;

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        let numbers = UNPREDICTABLE_NUMBER.iter().cycle();
        out.iter_mut().zip(numbers).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

/// The capabilities: real ones, or [`Transparent`].
pub fn crypto(transparent: bool) -> Crypto<'static> {
    if transparent {
        Crypto { hash: &Transparent, rsa: &Transparent, random: &Fixed }
    } else {
        Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Fixed }
    }
}
