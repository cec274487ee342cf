//! What all signatures of EMV have in common. [B2 A2.1]

use super::{Block, Check, PublicKey};
use crate::crypto::{Crypto, Parts};

/// Length of a SHA-1 hash.
const HASH: usize = 20;
/// SHA-1, the only hash algorithm of RSA signatures. [B2 B2.2]
pub(super) const SHA_1: u8 = 0x01;
/// RSA. [B2 B2.3]
pub(super) const RSA: u8 = 0x01;

/// The message inside a recovered signature.
#[derive(Debug)]
pub(super) struct Message<'x> {
    /// From the format byte to before the hash: what was hashed first.
    pub(super) content: &'x [u8],
    hash: &'x [u8; HASH],
}

/// Recovers a signature in a block of its own: 6A, message, hash, BC. [B2 A2.1]
///
/// Gives the whole recovered block, unchecked: for display and conformance runs.
///
/// # Errors
/// [`Check::Length`] or [`Check::KeyRefused`].
pub fn recover<'x>(
    crypto: Crypto<'_>,
    key: PublicKey<'_>,
    signature: &[u8],
    block: &'x mut Block,
) -> Result<&'x [u8], Check> {
    // [B2 5.3 1; B2 5.4 1; B2 6.4 1; B2 6.5.2 1]
    if signature.len() != key.modulus.len() {
        return Err(Check::Length);
    }
    let block = block.get_mut(..signature.len()).ok_or(Check::Length)?;
    block.copy_from_slice(signature);
    crypto.rsa.recover(key.modulus, key.exponent, block).map_err(|_| Check::KeyRefused)?;
    Ok(block)
}

impl<'x> Message<'x> {
    /// Recovers a signature and checks its frame in the order of the books. [B2 5.3, 5.4, 6.4,
    /// 6.5.2: steps 1 to 4]
    pub(super) fn recover(
        crypto: Crypto<'_>,
        key: PublicKey<'_>,
        signature: &[u8],
        format: u8,
        block: &'x mut Block,
    ) -> Result<Self, Check> {
        let block: &'x [u8] = recover(crypto, key, signature, block)?;
        let (&trailer, block) = block.split_last().ok_or(Check::Length)?;
        let (content, hash) = block.split_last_chunk::<HASH>().ok_or(Check::Length)?;
        let (&header, content) = content.split_first().ok_or(Check::Length)?;
        // [B2 5.3 2; B2 5.4 2; B2 6.4 2; B2 6.5.2 2]
        if trailer != 0xBC {
            return Err(Check::Trailer);
        }
        // [B2 5.3 3; B2 5.4 3; B2 6.4 3; B2 6.5.2 3]
        if header != 0x6A {
            return Err(Check::Header);
        }
        // [B2 5.3 4; B2 5.4 4; B2 6.4 4; B2 6.5.2 4]
        if content.first() != Some(&format) {
            return Err(Check::Format);
        }
        Ok(Self { content, hash })
    }

    /// Compares the hash of the message and what was signed with it.
    #[inline(never)]
    pub(super) fn check_hash(
        &self,
        crypto: Crypto<'_>,
        signed_with_it: Parts<'_, '_>,
    ) -> Result<(), Check> {
        let signed_with_it = signed_with_it.map(|part| -> &[u8] { part });
        let hash = crypto.hash.sha1(&mut core::iter::once(self.content).chain(signed_with_it));
        // [B2 5.3 7; B2 5.4 7; B2 6.4 7; B2 6.5.2 7]
        if hash == *self.hash { Ok(()) } else { Err(Check::Hash) }
    }
}
