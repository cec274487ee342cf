//! The issuer's work: keys, certificates, signed static data.

use chipwright::tag::Tag;

use super::{Part, Signer, objects};
use crate::certificate::{Certificate, Subject, certify, sign_static_data};
use crate::key::{self, KeyText, RsaKey};
use crate::object::Objects;
use crate::profile::{Method, ProfileError};

/// The keys that a card with offline data authentication goes back to.
pub(super) struct Keys {
    authority: RsaKey,
    /// Index under which terminals know the authority's key.
    index: Vec<u8>,
    issuer: RsaKey,
    /// The card's, for DDA and CDA.
    card: Option<RsaKey>,
    pin: Option<RsaKey>,
}

impl Keys {
    /// The keys that the profile names; none for a card without offline data authentication.
    ///
    /// # Errors
    /// [`ProfileError`] about names without a key, and authorities without an index.
    pub(super) fn of(part: &Part<'_>) -> Result<Option<Self>, ProfileError> {
        let this = &part.application.authentication;
        if this.methods.is_empty() && this.pin_key.is_none() {
            return Ok(None);
        }
        let authority = text(part, "ca_key", &this.ca_key)?;
        let index = authority.index.clone().unwrap_or_default();
        let message = "an authority's key needs an index of 1 byte";
        part.require(index.len() == 1, "authentication.ca_key", message)?;
        let key = |key, name| usable(part, key, text(part, key, name)?);
        Ok(Some(Self {
            authority: usable(part, "ca_key", authority)?,
            index: index.to_vec(),
            issuer: key("issuer_key", &this.issuer_key)?,
            card: if this.is_dynamic() { Some(key("icc_key", &this.icc_key)?) } else { None },
            pin: match &this.pin_key {
                Some(name) => Some(key("pin_key", name)?),
                None => None,
            },
        }))
    }

    /// The authority's index and the issuer's certificate. [B2 5.1]
    pub(super) fn certify_issuer(
        &self,
        part: &Part<'_>,
        objects: &mut Objects,
    ) -> Result<(), ProfileError> {
        let mut identifier = objects::account_number(part)?;
        identifier.truncate(3);
        identifier.push(0xFF);
        let subject = subject(part, 0x02, &identifier)?;
        let certificate = certify(&self.authority, &subject, &self.issuer, &[]);
        let certificate = certificate.ok_or_else(|| too_long(part, "issuer_key", "ca_key"))?;
        objects.insert(Tag(0x8F), self.index.clone());
        put(objects, certificate, [0x90, 0x9F32, 0x92]);
        Ok(())
    }

    /// The card's certificates and the signed static data. [B2 5.1, 6.1, 7.1]
    pub(super) fn certify_card(
        &self,
        part: &Part<'_>,
        static_data: &[u8],
        objects: &mut Objects,
    ) -> Result<(), ProfileError> {
        let this = &part.application.authentication;
        if this.methods.contains(&Method::Sda) {
            let code = this.data_authentication_code.0.as_slice().try_into();
            let key = "authentication.data_authentication_code";
            let code = code.map_err(|_| part.error(key, "not 2 bytes"))?;
            let covered = if this.forged { &[] } else { static_data };
            let signed = sign_static_data(&self.issuer, code, covered);
            let key = "authentication.issuer_key";
            let signed = signed.ok_or_else(|| part.error(key, "too short to sign with"))?;
            objects.insert(Tag(0x93), signed);
        }
        let mut identifier = objects::account_number(part)?;
        identifier.resize(10, 0xFF);
        let subject = subject(part, 0x04, &identifier)?;
        let application = (&self.card, "icc_key", static_data, [0x9F46, 0x9F47, 0x9F48]);
        // The certificate of a key for PINs does not cover the static data.
        let pin = (&self.pin, "pin_key", &[][..], [0x9F2D, 0x9F2E, 0x9F2F]);
        for (key, name, covered, tags) in [application, pin] {
            if let Some(key) = key {
                let certificate = certify(&self.issuer, &subject, key, covered);
                let certificate = certificate.ok_or_else(|| too_long(part, name, "issuer_key"))?;
                put(objects, certificate, tags);
            }
        }
        Ok(())
    }
}

/// The key that signs dynamic data, and the one that deciphers PINs.
pub(super) fn card_keys(
    part: &Part<'_>,
    keys: Option<Keys>,
) -> Result<(Option<Signer>, Option<RsaKey>), ProfileError> {
    let this = &part.application.authentication;
    let length = usize::from(this.dynamic_number_length);
    let key = "authentication.dynamic_number_length";
    part.require(matches!(length, 2..=8), key, "not 2 to 8")?;
    let Some(Keys { card, pin, .. }) = keys else {
        return Ok((None, None));
    };
    let pin = pin.or_else(|| card.clone());
    let signer = card.map(|key| Signer {
        key,
        dynamic: this.methods.contains(&Method::Dda),
        combined: this.methods.contains(&Method::Cda),
        number_length: length,
        forged: this.forged,
    });
    Ok((signer, pin))
}

fn text<'p>(part: &Part<'p>, key: &str, name: &str) -> Result<&'p KeyText, ProfileError> {
    let found = part.profile.key.get(name).or_else(|| key::named(name));
    let key = format!("authentication.{key}");
    found.ok_or_else(|| part.error(&key, format!("no key `{name}`")))
}

fn usable(part: &Part<'_>, key: &str, text: &KeyText) -> Result<RsaKey, ProfileError> {
    RsaKey::new(text).map_err(|message| part.error(&format!("authentication.{key}"), message))
}

fn too_long(part: &Part<'_>, key: &str, signer: &str) -> ProfileError {
    let message = format!("longer than the {signer} that is to certify it");
    part.error(&format!("authentication.{key}"), message)
}

fn subject<'s>(
    part: &'s Part<'_>,
    format: u8,
    identifier: &'s [u8],
) -> Result<Subject<'s>, ProfileError> {
    let this = &part.application.authentication;
    let three = this.certificate_serial.len() == 3;
    part.require(three, "authentication.certificate_serial", "not 3 bytes")?;
    Ok(Subject {
        format,
        identifier,
        expiry: this.certificate_expiry.0,
        serial: &this.certificate_serial,
    })
}

/// Puts a certificate, its exponent and, where there is one, its remainder under these tags.
fn put(objects: &mut Objects, certificate: Certificate, tags: [u32; 3]) {
    let [signed, exponent, remainder] = tags.map(Tag);
    objects.insert(signed, certificate.certificate);
    objects.insert(exponent, certificate.exponent);
    if !certificate.remainder.is_empty() {
        objects.insert(remainder, certificate.remainder);
    }
}
