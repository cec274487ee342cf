//! Certificates of issuer and card. [B2 5.3, 6.4, 7.1] [B2 6.1]

use super::recover::{Message, RSA, SHA_1};
use super::{Block, Check, Failure, Part, PublicKey, Recovered};
use crate::config::{CaPublicKey, Revocation};
use crate::crypto::Crypto;
use crate::database::Database;
use crate::dictionary::emv::{
    ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_CERTIFICATE, ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_EXPONENT,
    ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_REMAINDER, ICC_PUBLIC_KEY_CERTIFICATE, ICC_PUBLIC_KEY_EXPONENT,
    ICC_PUBLIC_KEY_REMAINDER, ISSUER_PUBLIC_KEY_CERTIFICATE, ISSUER_PUBLIC_KEY_EXPONENT,
    ISSUER_PUBLIC_KEY_REMAINDER, PAN,
};
use crate::event::{Event, Events};
use crate::tag::Tag;
use crate::value::{Date, Digits, MonthYear, Pan};

/// Recovers the issuer's key from its certificate (90) into `modulus`. [B2 5.3]
///
/// # Errors
/// The first check that fails, in the order of the book.
pub fn issuer_public_key<'k>(
    data: &'k Database<'_>,
    ca_key: &CaPublicKey<'_>,
    today: Date,
    revocations: &[Revocation],
    crypto: Crypto<'_>,
    modulus: &'k mut Block,
    events: Events<'_>,
) -> Result<PublicKey<'k>, Failure> {
    let signer = Signer::Authority(ca_key, revocations);
    certified_key(data, Part::IssuerCertificate, signer, today, crypto, modulus, events)
}

/// Recovers a key of the card from its certificate into `modulus`: the signing key (9F46) or,
/// for [`Part::PinCertificate`], the key for PIN encipherment (9F2D). [B2 6.4, 7.1]
///
/// # Errors
/// The first check that fails, in the order of the book.
pub fn icc_public_key<'k>(
    data: &'k Database<'_>,
    part: Part,
    issuer_key: PublicKey<'_>,
    today: Date,
    crypto: Crypto<'_>,
    modulus: &'k mut Block,
    events: Events<'_>,
) -> Result<PublicKey<'k>, Failure> {
    certified_key(data, part, Signer::Issuer(issuer_key), today, crypto, modulus, events)
}

/// Whose signature a certificate bears.
#[derive(Clone, Copy)]
enum Signer<'s> {
    /// The authority's, which may have revoked it; on an issuer's certificate.
    Authority(&'s CaPublicKey<'s>, &'s [Revocation]),
    /// The issuer's; on a certificate of the card.
    Issuer(PublicKey<'s>),
}

/// Recovers a certified key into `modulus`. The certificates of issuer and card have the same
/// checks, and a few of their own.
fn certified_key<'k>(
    data: &'k Database<'_>,
    part: Part,
    signer: Signer<'_>,
    today: Date,
    crypto: Crypto<'_>,
    modulus: &'k mut Block,
    events: Events<'_>,
) -> Result<PublicKey<'k>, Failure> {
    let failure = |check| Failure::new(part, check);
    let objects = Objects::read(data, part)?;
    let (key, format, subject) = match signer {
        Signer::Authority(ca_key, _) => (ca_key.key(), 0x02, 4),
        Signer::Issuer(key) => (key, 0x04, 10),
    };
    let mut block = [0; _];
    let message = Message::recover(crypto, key, objects.certificate, format, &mut block);
    let message = message.map_err(failure)?; // [B2 5.3 1-4; B2 6.4 1-4]
    let certificate = Certificate::read(message.content, subject).map_err(failure)?;
    objects.require_remainder(&certificate, part)?;

    // [B2 5.3 5-7; B2 6.4 5-7] The card's certificate signs the static data as well, that of the
    // key for PIN encipherment does not. [B2 7.1]
    let mut signed = objects.signed_with_it();
    // [B2 7.1 static-data]
    if part == Part::IccCertificate {
        let static_data = data.static_data().map_err(|_| failure(Check::StaticData))?;
        message.check_hash(crypto, &mut signed.chain(static_data)).map_err(failure)?;
    } else {
        message.check_hash(crypto, &mut signed).map_err(failure)?;
    }
    certificate.check_hash_algorithm().map_err(failure)?;
    let pan = data.bytes(PAN.tag).and_then(Pan::new);
    let belongs = match signer {
        // [B2 5.3 8] The identifier is 3 to 8 leftmost digits of the account number.
        Signer::Authority(..) => {
            let named = Digits::new(certificate.subject).count() >= 3;
            named && pan.is_some_and(|pan| pan.starts_with(certificate.subject))
        }
        // [B2 6.4 8]
        Signer::Issuer(_) => pan.is_some() && pan == Pan::new(certificate.subject),
    };
    if !belongs {
        return Err(failure(Check::Subject));
    }
    let expiry = certificate.expiry(today).map_err(failure)?; // [B2 5.3 9; B2 6.4 9]
    let serial = certificate.serial;
    if let Signer::Authority(ca_key, revocations) = signer
        && revocations.iter().any(|entry| entry.revokes(ca_key, serial))
    {
        return Err(failure(Check::Revoked)); // [B2 5.3 10]
    }
    let key = certificate // [B2 5.3 11, 12; B2 6.4 10, 11]
        .certified_key(&objects, key.modulus.len(), modulus)
        .map_err(failure)?;
    events.emit(&Event::Certificate(Recovered { part, expiry, serial, key }));
    Ok(key)
}

/// The data objects that belong to one certificate.
struct Objects<'k> {
    certificate: &'k [u8],
    remainder: Option<&'k [u8]>,
    exponent: &'k [u8],
}

impl<'k> Objects<'k> {
    fn read(data: &'k Database<'_>, part: Part) -> Result<Self, Failure> {
        let (certificate, remainder, exponent) = tags(part);
        let require = |tag| data.bytes(tag).ok_or(Failure::missing(part, tag));
        Ok(Self {
            certificate: require(certificate)?,
            remainder: data.bytes(remainder),
            exponent: require(exponent)?,
        })
    }

    /// [B3 7.5] A remainder that the certificate needs and the card does not have is missing data,
    /// before the hash fails for the lack of it.
    fn require_remainder(&self, certificate: &Certificate<'_>, part: Part) -> Result<(), Failure> {
        // [B3 7.5 remainder]
        if certificate.key_length > certificate.key.len() && self.remainder.is_none() {
            return Err(Failure::missing(part, tags(part).1));
        }
        Ok(())
    }

    /// What was hashed behind the certificate's content.
    fn signed_with_it(&self) -> impl Iterator<Item = &'k [u8]> + use<'k> {
        self.remainder.into_iter().chain([self.exponent])
    }
}

/// Certificate, remainder and exponent of a part.
fn tags(part: Part) -> (Tag, Tag, Tag) {
    match part {
        Part::PinCertificate => (
            ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_CERTIFICATE.tag,
            ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_REMAINDER.tag,
            ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_EXPONENT.tag,
        ),
        Part::IccCertificate => (
            ICC_PUBLIC_KEY_CERTIFICATE.tag,
            ICC_PUBLIC_KEY_REMAINDER.tag,
            ICC_PUBLIC_KEY_EXPONENT.tag,
        ),
        _ => (
            ISSUER_PUBLIC_KEY_CERTIFICATE.tag,
            ISSUER_PUBLIC_KEY_REMAINDER.tag,
            ISSUER_PUBLIC_KEY_EXPONENT.tag,
        ),
    }
}

/// The content of a certificate. [B2 5.3, 6.4]
struct Certificate<'x> {
    /// Issuer identifier (4 bytes) or account number (10 bytes), F padded.
    subject: &'x [u8],
    expiry: [u8; 2],
    serial: [u8; 3],
    hash_algorithm: u8,
    key_algorithm: u8,
    key_length: usize,
    exponent_length: usize,
    /// The modulus or its leftmost bytes, BB padded.
    key: &'x [u8],
}

impl<'x> Certificate<'x> {
    /// Reads the content behind the format byte; `subject` is the length of its first field.
    fn read(content: &'x [u8], subject: usize) -> Result<Self, Check> {
        let (_, content) = content.split_first().ok_or(Check::Length)?;
        let (subject, content) = content.split_at_checked(subject).ok_or(Check::Length)?;
        let (fields, key) = content.split_first_chunk().ok_or(Check::Length)?;
        let &[month, year, s, t, u, hash_algorithm, key_algorithm, length, exponent] = fields;
        Ok(Self {
            subject,
            expiry: [month, year],
            serial: [s, t, u],
            hash_algorithm,
            key_algorithm,
            key_length: length.into(),
            exponent_length: exponent.into(),
            key,
        })
    }

    fn check_hash_algorithm(&self) -> Result<(), Check> {
        // [B2 5.3 6; B2 6.4 6]
        if self.hash_algorithm == SHA_1 { Ok(()) } else { Err(Check::HashAlgorithm) }
    }

    fn expiry(&self, today: Date) -> Result<MonthYear, Check> {
        let expiry = MonthYear::decode(self.expiry);
        // [B2 5.3 9; B2 6.4 9]
        expiry.filter(|expiry| !expiry.is_before(today)).ok_or(Check::Expired)
    }

    /// Puts the certified key together: what the certificate holds of it, and the remainder.
    fn certified_key<'k>(
        &self,
        objects: &Objects<'k>,
        signer_length: usize,
        modulus: &'k mut Block,
    ) -> Result<PublicKey<'k>, Check> {
        // [B2 5.3 11; B2 6.4 10]
        if self.key_algorithm != RSA {
            return Err(Check::KeyAlgorithm);
        }
        let exponent = objects.exponent;
        // [B2 B2.1 exponent]
        if exponent.len() != self.exponent_length || !matches!(exponent, [3] | [1, 0, 1]) {
            return Err(Check::Exponent);
        }
        // [B2 D1 length]
        if self.key_length == 0 || self.key_length > signer_length {
            return Err(Check::KeyLength); // no key is longer than the one that certified it
        }
        let inside = self.key.len().min(self.key_length);
        let modulus = modulus.get_mut(..self.key_length).ok_or(Check::KeyLength)?;
        let (left, right) = modulus.split_at_mut_checked(inside).ok_or(Check::KeyLength)?;
        left.copy_from_slice(self.key.get(..inside).ok_or(Check::KeyLength)?);
        // A remainder that is not needed is part of the hash and nothing else.
        if !right.is_empty() {
            let remainder = objects.remainder.filter(|remainder| remainder.len() == right.len());
            right.copy_from_slice(remainder.ok_or(Check::KeyLength)?);
        }
        Ok(PublicKey { modulus, exponent })
    }
}
