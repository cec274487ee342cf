//! Combined dynamic data authentication and application cryptogram generation. [B2 6.6]

use super::{Block, Check, Failure, Part, PublicKey, verify_dynamic_signature};
use crate::crypto::Crypto;
use crate::dictionary::emv::SIGNED_DYNAMIC_APPLICATION_DATA;
use crate::field::CryptogramInformation;
use crate::tlv::Tlvs;

/// What was sent to the card before it signed, and what came back with the signature.
#[derive(Clone, Copy, Debug)]
pub struct Exchanged<'a> {
    /// The filled lists as sent, in order: PDOL, CDOL1 and, for the second GENERATE AC, CDOL2.
    /// Empty where there was none.
    pub sent: [&'a [u8]; 3],
    /// The Unpredictable Number (9F37) in force when GENERATE AC was sent.
    pub unpredictable_number: [u8; 4],
    /// Content of template 77 of the answer, as received.
    pub answer: &'a [u8],
    /// Cryptogram Information Data (9F27) of the answer.
    pub information: CryptogramInformation,
}

/// What the signature carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'x> {
    /// ICC Dynamic Number (9F4C), 2 to 8 bytes.
    pub number: &'x [u8],
    /// Application Cryptogram (9F26).
    pub cryptogram: [u8; 8],
}

/// Verifies the combined signature (9F4B) of an answer to GENERATE AC. [B2 6.6.2]
///
/// # Errors
/// The first check that fails: the signature as a whole, then what it carries.
pub fn verify_combined_signature<'x>(
    icc_key: PublicKey<'_>,
    exchanged: &Exchanged<'_>,
    signature: &[u8],
    crypto: Crypto<'_>,
    block: &'x mut Block,
) -> Result<Signed<'x>, Failure> {
    let failure = |check| Failure::new(Part::DynamicSignature, check);
    let number = &mut core::iter::once(&exchanged.unpredictable_number[..]);
    let dynamic = verify_dynamic_signature(icc_key, signature, number, crypto, block)?;

    // [B2 6.6.2] Behind the dynamic number: CID, cryptogram, hash; a longer rest is left
    // to the schemes.
    let fields = dynamic.rest.split_first().and_then(|(&information, rest)| {
        let (cryptogram, rest) = rest.split_first_chunk()?;
        Some((information, *cryptogram, rest.first_chunk()?))
    });
    let (information, cryptogram, hash) = fields.ok_or(failure(Check::DynamicData))?;
    // [B2 6.6.2 information]
    if information != exchanged.information.0 {
        return Err(failure(Check::CryptogramInformation));
    }
    // [B2 6.6.2] Over what was sent and what was answered, the signature itself left out.
    let answered = Tlvs::new(exchanged.answer)
        .filter_map(Result::ok)
        // [B2 6.6.2 left-out]
        .filter(|tlv| tlv.tag != SIGNED_DYNAMIC_APPLICATION_DATA.tag)
        .map(|tlv| tlv.raw);
    // [B2 6.6.2 transaction]
    if crypto.hash.sha1(&mut exchanged.sent.into_iter().chain(answered)) != *hash {
        return Err(failure(Check::TransactionData));
    }
    Ok(Signed { number: dynamic.number, cryptogram })
}
