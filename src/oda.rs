//! Offline data authentication. [B2 5, 6; B3 10.3]
//!
//! Certificates and signatures are recovered and checked in the order of the books; the first
//! check that fails is the [`Failure`] that everyone is told. Nothing here talks to a card.

mod certificate;
mod chain;
mod combined;
mod dynamic_data;
mod recover;
mod static_data;

pub use certificate::{icc_public_key, issuer_public_key};
pub use chain::{ca_public_key, card_public_key, issuer_key};
pub use combined::{Exchanged, Signed, verify_combined_signature};
pub use dynamic_data::{DynamicData, verify_dynamic_signature, verify_fast_dynamic_signature};
pub use recover::recover;
pub use static_data::verify_static_signature;

use crate::crypto::MAX_MODULUS;
use crate::database::Database;
use crate::dictionary::emv::{
    CA_PUBLIC_KEY_INDEX, ICC_PUBLIC_KEY_CERTIFICATE, ICC_PUBLIC_KEY_EXPONENT,
    ICC_PUBLIC_KEY_REMAINDER, ISSUER_PUBLIC_KEY_CERTIFICATE, ISSUER_PUBLIC_KEY_EXPONENT,
    ISSUER_PUBLIC_KEY_REMAINDER, SIGNED_STATIC_APPLICATION_DATA,
};
use crate::field::{ApplicationInterchangeProfile as Aip, TerminalCapabilities};
use crate::findings::Findings;
use crate::reason::Reason;
use crate::tag::Tag;
use crate::value::MonthYear;
use core::fmt;

/// A method of offline data authentication.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Method {
    /// Static data authentication.
    Sda,
    /// Dynamic data authentication.
    Dda,
    /// Combined dynamic data authentication and application cryptogram generation.
    Cda,
}

impl Method {
    /// The books' abbreviation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sda => "SDA",
            Self::Dda => "DDA",
            Self::Cda => "CDA",
        }
    }

    /// The result when the method fails.
    pub const fn failed(self) -> Reason {
        match self {
            Self::Sda => Reason::StaticAuthenticationFailed,
            Self::Dda => Reason::DynamicAuthenticationFailed,
            Self::Cda => Reason::CombinedAuthenticationFailed,
        }
    }
}

/// The best method that card and terminal share: CDA before DDA before SDA. [B3 10.3]
pub fn select(aip: Aip, capabilities: TerminalCapabilities) -> Option<Method> {
    type Can = TerminalCapabilities;
    [
        (Method::Cda, Aip::CDA_SUPPORTED, Can::CDA),
        (Method::Dda, Aip::DDA_SUPPORTED, Can::DDA),
        (Method::Sda, Aip::SDA_SUPPORTED, Can::SDA),
    ]
    .into_iter()
    // [B3 10.3 method]
    .find(|(_, card, terminal)| aip.contains(*card) && capabilities.contains(*terminal))
    .map(|(method, ..)| method)
}

/// Notes the objects that the card promises by its AIP and does not have. [B3 7.5]
///
/// Remainders are noted where the recovered key tells that they are needed.
pub fn note_missing_data(data: &Database<'_>, aip: Aip, findings: &mut Findings<'_>) {
    let dynamic = Aip::DDA_SUPPORTED | Aip::CDA_SUPPORTED;
    let any = Aip::SDA_SUPPORTED | dynamic;
    for (promise, tag) in [
        (any, CA_PUBLIC_KEY_INDEX.tag),
        (any, ISSUER_PUBLIC_KEY_CERTIFICATE.tag),
        (any, ISSUER_PUBLIC_KEY_EXPONENT.tag),
        (Aip::SDA_SUPPORTED, SIGNED_STATIC_APPLICATION_DATA.tag),
        (dynamic, ICC_PUBLIC_KEY_CERTIFICATE.tag),
        (dynamic, ICC_PUBLIC_KEY_EXPONENT.tag),
    ] {
        // [B3 7.5 promised]
        if aip.intersects(promise) && data.bytes(tag).is_none() {
            findings.note_about(Reason::CardDataMissing, tag);
        }
    }
}

/// Notes a remainder that a recovered certificate says is needed, and that the card promises by
/// its AIP and does not have: in the chain of whichever key. [B3 7.5]
pub fn note_missing_remainder(failure: Failure, aip: Aip, findings: &mut Findings<'_>) {
    let dynamic = Aip::DDA_SUPPORTED | Aip::CDA_SUPPORTED;
    for (promise, tag) in [
        (Aip::SDA_SUPPORTED | dynamic, ISSUER_PUBLIC_KEY_REMAINDER.tag),
        (dynamic, ICC_PUBLIC_KEY_REMAINDER.tag),
    ] {
        // [B3 7.5 remainder]
        if aip.intersects(promise) && failure.check == Check::Missing && failure.tag == Some(tag) {
            findings.note_about(Reason::CardDataMissing, tag);
        }
    }
}

/// An RSA public key: big-endian modulus and exponent. `Debug` shows its length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey<'k> {
    /// Modulus, 1 to [`MAX_MODULUS`] bytes.
    pub modulus: &'k [u8],
    /// Exponent, 3 or 65537 in 1 to 3 bytes.
    pub exponent: &'k [u8],
}

impl fmt::Debug for PublicKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({} bytes)", self.modulus.len())
    }
}

/// Memory for one modulus or one recovered block.
pub type Block = [u8; MAX_MODULUS];

/// Which part of a chain of trust.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum Part {
    /// The certification authority's key.
    CaKey = 1,
    /// The issuer's certificate (90). [B2 5.3]
    IssuerCertificate = 2,
    /// The signed static application data (93). [B2 5.4]
    StaticSignature = 3,
    /// The card's certificate (9F46). [B2 6.4]
    IccCertificate = 4,
    /// The certificate of the card's key for PIN encipherment (9F2D). [B2 7.1]
    PinCertificate = 5,
    /// The signed dynamic application data (9F4B). [B2 6.5.2, 6.6.2]
    DynamicSignature = 6,
}

/// A check of offline data authentication that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Check {
    /// The object is missing.
    Missing = 1,
    /// The terminal has no such key.
    KeyUnknown = 2,
    /// The length differs from that of the key that signed.
    Length = 3,
    /// The key cannot be used, or the signature is not below its modulus.
    KeyRefused = 4,
    /// The recovered data does not end in BC.
    Trailer = 5,
    /// The recovered data does not begin with 6A.
    Header = 6,
    /// The recovered data is of another format.
    Format = 7,
    /// The hash algorithm is unknown.
    HashAlgorithm = 8,
    /// The hash differs.
    Hash = 9,
    /// Certificate and account number belong to different issuers or cards.
    Subject = 10,
    /// The certificate's month is over, or is none.
    Expired = 11,
    /// The certificate is revoked.
    Revoked = 12,
    /// The algorithm of the certified key is unknown.
    KeyAlgorithm = 13,
    /// The certified key's length is impossible, or does not fit its remainder.
    KeyLength = 14,
    /// The exponent is neither 3 nor 65537, or not as long as the certificate says.
    Exponent = 15,
    /// The static data cannot be authenticated.
    StaticData = 16,
    /// No list for the dynamic signature, or one without the unpredictable number.
    Ddol = 17,
    /// The dynamic data is too short or its parts do not fit.
    DynamicData = 18,
    /// The cryptogram information inside the signature differs from that outside.
    CryptogramInformation = 19,
    /// The transaction data differs from what was signed.
    TransactionData = 20,
    /// The terminal's configuration does not accept the method any more.
    Withdrawn = 21,
    /// The card does not support the method.
    NotSupported = 22,
    /// The signature is of a version that does not count.
    Version = 23,
}

/// Where offline data authentication failed, and at which check.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Failure {
    /// The part of the chain.
    pub part: Part,
    /// The check.
    pub check: Check,
    /// The object that is missing or wrong, where there is one.
    pub tag: Option<Tag>,
}

impl Failure {
    /// The stable number: part and check.
    pub const fn code(self) -> u16 {
        u16::from_be_bytes([0x20 | self.part as u8, self.check as u8])
    }

    const fn new(part: Part, check: Check) -> Self {
        Self { part, check, tag: None }
    }

    const fn missing(part: Part, tag: Tag) -> Self {
        Self { part, check: Check::Missing, tag: Some(tag) }
    }
}

/// A certificate whose checks all passed.
#[derive(Clone, Copy, Debug)]
pub struct Recovered<'e> {
    /// Which one.
    pub part: Part,
    /// Good to the end of this month.
    pub expiry: MonthYear,
    /// Serial number, unique for the certificate's maker.
    pub serial: [u8; 3],
    /// The certified key.
    pub key: PublicKey<'e>,
}

#[cfg(test)]
mod tests;
