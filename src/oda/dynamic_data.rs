//! The card's dynamic signature. [B2 6.5.2, 6.6.2]

use super::recover::{Message, SHA_1};
use super::{Block, Check, Failure, Part, PublicKey};
use crate::crypto::{Crypto, Parts};

/// What the card put into its dynamic signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DynamicData<'x> {
    /// ICC Dynamic Number (9F4C), 2 to 8 bytes.
    pub number: &'x [u8],
    /// What follows it: nothing for DDA; cryptogram information, cryptogram and transaction data
    /// hash for CDA.
    pub rest: &'x [u8],
}

/// Signed Data Format of DDA and CDA. [B2 6.5.2]
const DYNAMIC: u8 = 0x05;
/// Signed Data Format of fast DDA, by which contactless cards sign in one go.
const FAST: u8 = 0x95;

/// Verifies a dynamic signature (9F4B) over `signed`, the terminal's data: the filled DDOL for
/// DDA, the unpredictable number for CDA.
///
/// # Errors
/// The first check that fails, in the order of the book.
pub fn verify_dynamic_signature<'x>(
    icc_key: PublicKey<'_>,
    signature: &[u8],
    signed: Parts<'_, '_>,
    crypto: Crypto<'_>,
    block: &'x mut Block,
) -> Result<DynamicData<'x>, Failure> {
    verify(DYNAMIC, icc_key, signature, signed, crypto, block)
}

/// Verifies a dynamic signature (9F4B) of fast DDA over `signed`: what the payment system says
/// that terminal and card put into it. All else is as in [`verify_dynamic_signature`].
///
/// # Errors
/// The first check that fails.
pub fn verify_fast_dynamic_signature<'x>(
    icc_key: PublicKey<'_>,
    signature: &[u8],
    signed: Parts<'_, '_>,
    crypto: Crypto<'_>,
    block: &'x mut Block,
) -> Result<DynamicData<'x>, Failure> {
    verify(FAST, icc_key, signature, signed, crypto, block)
}

fn verify<'x>(
    format: u8,
    icc_key: PublicKey<'_>,
    signature: &[u8],
    signed: Parts<'_, '_>,
    crypto: Crypto<'_>,
    block: &'x mut Block,
) -> Result<DynamicData<'x>, Failure> {
    let failure = |check| Failure::new(Part::DynamicSignature, check);
    let message = Message::recover(crypto, icc_key, signature, format, block);
    let message = message.map_err(failure)?; // [B2 6.5.2 1-4]
    message.check_hash(crypto, signed).map_err(failure)?; // [B2 6.5.2 5-7]
    let [_, hash_algorithm, content @ ..] = message.content else {
        return Err(failure(Check::Length));
    };
    // [B2 6.5.2 6]
    if *hash_algorithm != SHA_1 {
        return Err(failure(Check::HashAlgorithm));
    }
    // [B2 6.5.2] A length, so many bytes, and padding: a length that reaches past the signature
    // is refused.
    let fields = prefixed(content).and_then(|(dynamic, _)| prefixed(dynamic));
    let (number, rest) = fields.ok_or(failure(Check::DynamicData))?;
    // [B2 6.5.2 number]
    if !matches!(number.len(), 2..=8) {
        return Err(failure(Check::DynamicData));
    }
    Ok(DynamicData { number, rest })
}

/// What a length stands in front of, and what follows it.
fn prefixed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    rest.split_at_checked(length.into())
}
