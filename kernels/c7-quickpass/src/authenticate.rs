//! Offline Data Authentication: fast DDA. [C7 6.1]
//!
//! Reads: AIP (82), certificates, remainders and exponents, signature (9F4B), related data (9F69),
//! the signed records, and what was sent. Writes: ICC Dynamic Number (9F4C).

use crate::dictionary::{
    CARD_AUTHENTICATION_RELATED_DATA, CARD_TRANSACTION_QUALIFIERS, SIGNED_DYNAMIC_APPLICATION_DATA,
};
use crate::field::RelatedData;
use crate::{QuickPass, Signature, SignedDataFormat};
use chipwright::database::Database;
use chipwright::dictionary::emv::{
    AIP, AMOUNT_AUTHORISED, APPLICATION_VERSION_NUMBER_CARD, ICC_DYNAMIC_NUMBER, PAN, PDOL,
    TRACK_2, TRANSACTION_CURRENCY_CODE, UNPREDICTABLE_NUMBER,
};
use chipwright::dol::Dol;
use chipwright::event::Event;
use chipwright::fault::Failed;
use chipwright::field::{ApplicationInterchangeProfile as Aip, TerminalVerificationResults as Tvr};
use chipwright::hardening::Rule;
use chipwright::object::Value;
use chipwright::oda::{
    Check, Failure, Method, Part, PublicKey, card_public_key, verify_dynamic_signature,
    verify_fast_dynamic_signature,
};
use chipwright::phase::Phase;
use chipwright::tag::Tag;
use chipwright::value::Pan;

/// Receipt: the card is what its issuer made, and it signed this transaction.
#[must_use = "an offline approval demands it"]
pub(crate) struct Authenticated(());

/// The application version (9F08) from which on cards sign in version 01. [C7 6.1]
const SIGNS_AMOUNT: u16 = 0x0030;
/// That of a card which does not tell. [C7 6.1]
const UNTOLD: u16 = 0x0020;

/// What the signature covers. [C7 6.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Version {
    /// The unpredictable number.
    V0,
    /// Amount, currency, and the card's related data as well.
    V1,
}

impl Version {
    /// What of the terminal is covered, in order, with its length.
    const fn covered(self) -> &'static [(Tag, u8)] {
        const COVERED: &[(Tag, u8)] = &[
            (UNPREDICTABLE_NUMBER.tag, 4),
            (AMOUNT_AUTHORISED.tag, 6),
            (TRANSACTION_CURRENCY_CODE.tag, 2),
        ];
        match (self, COVERED) {
            (Self::V0, [number, ..]) => core::slice::from_ref(number),
            _ => COVERED,
        }
    }
}

/// The version of the signature, if it is one that counts. [C7 6.1]
fn version(
    related: Option<&[u8]>,
    application_version: Option<u16>,
    settings: Signature,
) -> Result<Version, Failure> {
    let tag = CARD_AUTHENTICATION_RELATED_DATA.tag;
    let version = match related.map(RelatedData::read) {
        None => Version::V0,
        // [C7 6.1 related-data]
        Some(None) => return Err(failed(Check::Length, tag)),
        Some(Some(RelatedData { version: 0x00, .. })) => Version::V0,
        Some(Some(RelatedData { version: 0x01, .. })) => Version::V1,
        Some(Some(_)) => return Err(failed(Check::Version, tag)),
    };
    // [C7 6.1 application-version]
    let signs_amount = application_version.unwrap_or(UNTOLD) >= SIGNS_AMOUNT;
    if settings.by_application_version && signs_amount != (version == Version::V1) {
        return Err(failed(Check::Version, APPLICATION_VERSION_NUMBER_CARD.tag));
    }
    // [C7 6.1 version-0]
    if version == Version::V0 && !settings.version_0 {
        return Err(failed(Check::Version, tag));
    }
    Ok(version)
}

impl QuickPass<'_, '_, '_> {
    /// Authenticates card and data by the signature that came with the cryptogram; `None` when it
    /// fails.
    pub(crate) fn authenticate(&mut self) -> Result<Option<Authenticated>, Failed> {
        self.enter(Phase::OfflineDataAuthentication);
        self.link.data.tell_static_data(self.link.events);
        let verified = self.verify_signature();
        let result = verified.map(drop);
        self.link.events.emit(&Event::Authenticated { method: Method::Dda, result });
        let Ok((number, length)) = verified else {
            self.add_results(Tvr::DDA_FAILED)?;
            return Ok(None);
        };
        let number = number.get(..length).unwrap_or_default();
        self.link.data.put_signed(ICC_DYNAMIC_NUMBER.tag, number)?;
        self.link.data.mark_static_data_signed();
        Ok(Some(Authenticated(())))
    }

    /// The card's dynamic number and its length, when every check passes.
    fn verify_signature(&self) -> Result<([u8; 8], usize), Failure> {
        let (transaction, data) = (self.activation.transaction, &self.link.data);
        let version = self.check_promises(data, self.configuration.signature)?;
        let signature = data.bytes(SIGNED_DYNAMIC_APPLICATION_DATA.tag);
        let missing = failed(Check::Missing, SIGNED_DYNAMIC_APPLICATION_DATA.tag);
        let signature = signature.ok_or(missing)?;
        let mut modulus = [0; _];
        let key = card_public_key(transaction, data, Part::IccCertificate, &mut modulus)?;
        self.tell_covered(version);
        self.dynamic_number(key, signature, version)
    }

    /// The card's dynamic number and its length, from a signature that is good.
    // Apart: the stack holds its block and those of the certificates one after the other.
    #[inline(never)]
    fn dynamic_number(
        &self,
        key: PublicKey<'_>,
        signature: &[u8],
        version: Version,
    ) -> Result<([u8; 8], usize), Failure> {
        let (crypto, data) = (self.activation.transaction.crypto, &self.link.data);
        // [C7 6.1 covered] What was sent: it did not change since.
        let sent = version.covered().iter().filter_map(|(tag, _)| data.bytes(*tag));
        let related = data.bytes(CARD_AUTHENTICATION_RELATED_DATA.tag);
        let parts = &mut sent.chain(related.filter(|_| version == Version::V1));
        let mut block = [0; _];
        // [C7 6.1 format]
        let dynamic = match self.configuration.signature.format {
            SignedDataFormat::Fast => {
                verify_fast_dynamic_signature(key, signature, parts, crypto, &mut block)?
            }
            SignedDataFormat::Dynamic => {
                verify_dynamic_signature(key, signature, parts, crypto, &mut block)?
            }
        };
        let mut number = [0; 8];
        let length = dynamic.number.len();
        if let Some(room) = number.get_mut(..length) {
            room.copy_from_slice(dynamic.number);
        }
        Ok((number, length))
    }

    /// Tells what the signature has to cover.
    fn tell_covered(&self, version: Version) {
        let events = self.link.events;
        version.covered().iter().for_each(|(tag, _)| events.emit(&Event::Covered(*tag)));
        if version == Version::V1 {
            events.emit(&Event::Covered(CARD_AUTHENTICATION_RELATED_DATA.tag));
        }
    }

    /// Sees that the card promises a signature that counts, and could sign what it has to cover.
    fn check_promises(&self, data: &Database<'_>, settings: Signature) -> Result<Version, Failure> {
        // [C7 6.1 aip]
        let aip = data.bytes(AIP.tag).and_then(Aip::decode).unwrap_or_default();
        if !aip.contains(Aip::DDA_SUPPORTED) {
            return Err(failed(Check::NotSupported, AIP.tag));
        }
        let related = data.bytes(CARD_AUTHENTICATION_RELATED_DATA.tag);
        let application_version =
            data.bytes(APPLICATION_VERSION_NUMBER_CARD.tag).and_then(u16::decode);
        let version = version(related, application_version, settings)?;
        // [C7 6.1 pdol]
        let pdol = Dol::new(data.bytes(PDOL.tag).unwrap_or_default());
        let sent = |(tag, length): &(Tag, u8)| {
            let mut entries = pdol.entries().map_while(Result::ok);
            entries.any(|entry| (entry.tag, entry.length) == (*tag, *length))
        };
        if !version.covered().iter().all(sent) {
            return Err(failed(Check::Ddol, PDOL.tag));
        }
        // [C7 6.1 qualifiers]
        let signed = related.and_then(RelatedData::read).filter(|_| version == Version::V1);
        let qualifiers = self.card_qualifiers().unwrap_or_default();
        // [H 2]
        let compared =
            settings.compare_qualifiers || self.link.hardening.enforces(Rule::VerificationSigned);
        if compared && signed.is_some_and(|signed| signed.qualifiers != qualifiers) {
            return Err(failed(Check::TransactionData, CARD_TRANSACTION_QUALIFIERS.tag));
        }
        // [C7 6.1 accounts]
        let pan = data.bytes(PAN.tag).and_then(Pan::new);
        let track = self.account_of_track();
        if track.is_some_and(|(track, _)| Pan::new(&track) != pan) {
            return Err(failed(Check::Subject, TRACK_2.tag));
        }
        Ok(version)
    }
}

const fn failed(check: Check, tag: Tag) -> Failure {
    Failure { part: Part::DynamicSignature, check, tag: Some(tag) }
}

#[cfg(test)]
mod tests;
