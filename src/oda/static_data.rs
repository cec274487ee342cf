//! Static data authentication. [B2 5.4]

use super::recover::{Message, SHA_1};
use super::{Check, Failure, Part, PublicKey};
use crate::crypto::Crypto;
use crate::database::Database;
use crate::dictionary::emv::SIGNED_STATIC_APPLICATION_DATA;

/// Verifies the signed static application data (93) with the issuer's key; gives the Data
/// Authentication Code (9F45). [B2 5.4]
///
/// # Errors
/// The first check that fails, in the order of the book.
pub fn verify_static_signature(
    data: &Database<'_>,
    issuer_key: PublicKey<'_>,
    crypto: Crypto<'_>,
) -> Result<[u8; 2], Failure> {
    let part = Part::StaticSignature;
    let failure = |check| Failure::new(part, check);
    let tag = SIGNED_STATIC_APPLICATION_DATA.tag;
    let signature = data.bytes(tag).ok_or(Failure::missing(part, tag))?;
    let mut block = [0; _];
    let message = Message::recover(crypto, issuer_key, signature, 0x03, &mut block);
    let message = message.map_err(failure)?; // [B2 5.4 1-4]
    let mut static_data = data.static_data().map_err(|_| failure(Check::StaticData))?;
    message.check_hash(crypto, &mut static_data).map_err(failure)?; // [B2 5.4 5-7]
    match *message.content {
        [_, SHA_1, first, second, ..] => Ok([first, second]),
        _ => Err(failure(Check::HashAlgorithm)),
    }
}
