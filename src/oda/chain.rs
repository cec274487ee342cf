//! From the certification authority's key to a key of the card. [B2 5.2, 6.2, 6.3, 6.4]

use super::{Block, Check, Failure, Part, PublicKey, icc_public_key, issuer_public_key};
use crate::config::{CaPublicKey, Transaction};
use crate::database::Database;
use crate::dictionary::emv::{AID, CA_PUBLIC_KEY_INDEX};
use crate::hardening::Rule;

/// The key of the certification authority that the card names. [B2 5.2]
///
/// # Errors
/// [`Check::Missing`] or [`Check::KeyUnknown`].
pub fn ca_public_key<'t>(
    transaction: &'t Transaction<'t>,
    data: &Database<'_>,
) -> Result<&'t CaPublicKey<'t>, Failure> {
    let tag = CA_PUBLIC_KEY_INDEX.tag;
    let failure = |check| Failure { part: Part::CaKey, check, tag: Some(tag) };
    let Some(&[index]) = data.bytes(tag) else {
        return Err(failure(Check::Missing));
    };
    let rid = data.bytes(AID.tag).and_then(|aid| aid.first_chunk::<5>());
    let key = rid.and_then(|rid| transaction.terminal.key(rid, index));
    key.ok_or(failure(Check::KeyUnknown))
}

/// Recovers the issuer's key into `modulus`, by the key of the authority that the card names.
///
/// # Errors
/// The first check that fails.
pub fn issuer_key<'k>(
    transaction: &Transaction<'_>,
    data: &'k Database<'_>,
    modulus: &'k mut Block,
) -> Result<PublicKey<'k>, Failure> {
    let Transaction { terminal, crypto, events, date, .. } = *transaction;
    let ca_key = ca_public_key(transaction, data)?;
    let key = issuer_public_key(data, ca_key, date, terminal.revocations, crypto, modulus, events);
    check_hygiene(transaction, Part::IssuerCertificate, key)
}

/// Recovers a key of the card into `modulus`, along the whole chain: authority, issuer, card.
/// `part` says which one, as in [`icc_public_key`].
///
/// # Errors
/// The first check that fails.
pub fn card_public_key<'k>(
    transaction: &Transaction<'_>,
    data: &'k Database<'_>,
    part: Part,
    modulus: &'k mut Block,
) -> Result<PublicKey<'k>, Failure> {
    let Transaction { crypto, events, date, .. } = *transaction;
    let mut issuer_modulus = [0; _];
    let issuer_key = issuer_key(transaction, data, &mut issuer_modulus)?;
    let key = icc_public_key(data, part, issuer_key, date, crypto, modulus, events);
    check_hygiene(transaction, part, key)
}

/// Refuses a certified key that should not be in use, where the hardened profile does. [H 8]
#[inline(always)]
fn check_hygiene<'k>(
    transaction: &Transaction<'_>,
    part: Part,
    key: Result<PublicKey<'k>, Failure>,
) -> Result<PublicKey<'k>, Failure> {
    let Transaction { terminal, events, .. } = *transaction;
    let hardening = terminal.options.hardening;
    if hardening.asks(Rule::KeyHygiene)
        && let Ok(PublicKey { modulus, .. }) = key
        && let Some(breach) = hardening.key_breach(modulus)
        && hardening.refuses(breach, None, events)
    {
        return Err(Failure { part, check: Check::KeyRefused, tag: None });
    }
    key
}
