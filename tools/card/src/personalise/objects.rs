//! Data objects that follow from a profile alone.

use std::collections::BTreeMap;

use chipwright::field::ApplicationInterchangeProfile;
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::value::{Code, Digits};

use super::{Part, Tap};
use crate::object::Objects;
use crate::profile::{Broken, Hex, IssuerAuthentication, Method, ProfileError, TEST_RANGES};

/// What a cryptogram usually covers: amounts, country, TVR, currency, date, type, number.
const CDOL: [u8; 23] = [
    0x9F, 0x02, 6, 0x9F, 0x03, 6, 0x9F, 0x1A, 2, 0x95, 5, 0x5F, 0x2A, 2, 0x9A, 3, 0x9C, 1, 0x9F,
    0x37, 4, 0x8A, 2,
];

/// The application's name.
pub(super) fn name(part: &Part<'_>) -> Result<Vec<u8>, ProfileError> {
    let this = part.application;
    let name = this.aid.as_ref().map_or(this.scheme.aid(), |aid| &aid[..]);
    part.require(matches!(name.len(), 5..=16), "aid", "not 5 to 16 bytes")?;
    Ok(name.to_vec())
}

/// The account number in format cn.
pub(super) fn account_number(part: &Part<'_>) -> Result<Vec<u8>, ProfileError> {
    let digits = digits_of_account(part)?;
    Ok(digits.compressed())
}

fn digits_of_account(part: &Part<'_>) -> Result<crate::profile::Digits, ProfileError> {
    let this = part.application;
    let own = this.account.number.clone();
    let digits = own.unwrap_or_else(|| this.scheme.account_number());
    let key = "account.number";
    part.require(matches!(digits.count(), 12..=19), key, "not 12 to 19 digits")?;
    let for_tests = digits.are_for_tests();
    let message = format!("of no test range; those begin with {}", TEST_RANGES.join(", "));
    part.require(for_tests, key, &message)?;
    Ok(digits)
}

/// A number below 100 in one byte of format n.
pub(super) fn two_digits(number: u8) -> u8 {
    ((number / 10) << 4) | (number % 10)
}

/// How the issuer's answer reaches the card.
pub(super) fn issuer_authentication(part: &Part<'_>) -> IssuerAuthentication {
    let this = part.application;
    let own = this.cryptogram.issuer_authentication;
    own.unwrap_or(this.scheme.issuer_authentication())
}

/// The Application Interchange Profile: given, or what the methods say. [B3 C1]
pub(super) fn interchange_profile(part: &Part<'_>) -> Result<[u8; 2], ProfileError> {
    type Aip = ApplicationInterchangeProfile;
    let this = part.application;
    if let Some(given) = &this.aip {
        let bytes = given.0.as_slice().try_into().ok();
        return bytes.ok_or_else(|| part.error("aip", "not 2 bytes"));
    }
    let mut profile = Aip::EMPTY;
    for method in &this.authentication.methods {
        profile.set(match method {
            Method::Sda => Aip::SDA_SUPPORTED,
            Method::Dda => Aip::DDA_SUPPORTED,
            Method::Cda => Aip::CDA_SUPPORTED,
        });
    }
    // Over contactless nothing but the signature and cardholder verification is promised.
    if this.quickpass.is_some() {
        profile.set(Aip::CARDHOLDER_VERIFICATION_SUPPORTED);
        return Ok(profile.0);
    }
    let external = issuer_authentication(part) == IssuerAuthentication::External;
    let others = [
        (!this.verification.rules.is_empty(), Aip::CARDHOLDER_VERIFICATION_SUPPORTED),
        (this.terminal_risk_management, Aip::TERMINAL_RISK_MANAGEMENT_REQUIRED),
        (external, Aip::ISSUER_AUTHENTICATION_SUPPORTED),
    ];
    for (supported, bit) in others {
        if supported {
            profile.set(bit);
        }
    }
    Ok(profile.0)
}

/// Every object for the records but keys and certificates.
pub(super) fn of_application(part: &Part<'_>) -> Result<Objects, ProfileError> {
    let this = part.application;
    let mut objects = of_account(part)?;
    let mut put = |tag, value| objects.insert(Tag(tag), value);

    let version = this.version.unwrap_or(this.scheme.application_version());
    put(0x9F08, version.to_be_bytes().to_vec());
    put(0x9F0E, this.action_codes.denial.0.0.to_vec());
    put(0x9F0F, this.action_codes.online.0.0.to_vec());
    put(0x9F0D, this.action_codes.default.0.0.to_vec());
    for (tag, limit) in [(0x9F14, this.limits.lower), (0x9F23, this.limits.upper)] {
        if let Some(limit) = limit {
            put(tag, vec![limit]);
        }
    }

    let cdol1 = this.cryptogram.cdol1.as_ref();
    let [common @ .., _, _] = CDOL;
    put(0x8C, cdol1.map_or(common.to_vec(), |list| list.to_vec()));
    let cdol2 = this.cryptogram.cdol2.as_ref();
    put(0x8D, cdol2.map_or_else(|| default_cdol2(part), |list| list.to_vec()));
    if let Some(tdol) = &this.cryptogram.tdol {
        put(0x97, tdol.to_vec());
    }

    let verification = &this.verification;
    if !verification.rules.is_empty() {
        let mut list = verification.amount_x.to_be_bytes().to_vec();
        list.extend(verification.amount_y.to_be_bytes());
        list.extend(verification.rules.iter().flat_map(|rule| rule.0));
        put(0x8E, list);
    }
    let authentication = &this.authentication;
    if authentication.is_dynamic() && !authentication.ddol.is_empty() {
        put(0x9F49, authentication.ddol.to_vec());
    }
    if authentication.sign_aip && !authentication.methods.is_empty() {
        put(0x9F4A, vec![0x82]);
    }
    Ok(objects)
}

/// The first list and the authorisation response code, and before them the issuer's answer where
/// it comes that way.
fn default_cdol2(part: &Part<'_>) -> Vec<u8> {
    let mut list = Vec::new();
    if issuer_authentication(part) == IssuerAuthentication::InCdol2 {
        list.extend([0x91, 10]);
    }
    list.extend(CDOL);
    list
}

fn of_account(part: &Part<'_>) -> Result<Objects, ProfileError> {
    let account = &part.application.account;
    let code = |key, number| {
        let code = Code::new(number).map(|code| code.encode().to_vec());
        code.ok_or_else(|| part.error(key, "more than three digits"))
    };
    let holder = account.holder.as_bytes();
    let printable = holder.iter().all(|byte| matches!(byte, 0x20..=0x7E));
    let right = printable && matches!(holder.len(), 2..=26);
    part.require(right, "account.holder", "not 2 to 26 printable characters")?;
    let three = account.service_code.count() == 3;
    part.require(three, "account.service_code", "not three digits")?;
    let sequence = account.sequence_number;
    part.require(sequence < 100, "account.sequence_number", "more than two digits")?;
    let exponent = account.currency_exponent;
    part.require(exponent < 10, "account.currency_exponent", "more than one digit")?;

    let digits = digits_of_account(part)?;
    let service = account.service_code.values().fold(0, |sum, digit| 10 * sum + u64::from(digit));
    Ok(Objects::from([
        (Tag(0x57), track_2(&digits, account)),
        (Tag(0x5A), digits.compressed()),
        (Tag(0x5F20), holder.to_vec()),
        (Tag(0x5F24), account.expiry.0.to_vec()),
        (Tag(0x5F25), account.effective.0.to_vec()),
        (Tag(0x5F28), code("account.country", account.country)?),
        (Tag(0x5F30), Digits::encode::<2>(service).unwrap_or_default().to_vec()),
        (Tag(0x5F34), vec![two_digits(sequence)]),
        (Tag(0x9F07), account.usage.0.0.to_vec()),
        (Tag(0x9F42), code("account.currency", account.currency)?),
        (Tag(0x9F44), vec![exponent]),
    ]))
}

/// Track 2 Equivalent Data: number, D, expiry YYMM, service code, zeros. [B3 A]
fn track_2(number: &crate::profile::Digits, account: &crate::profile::Account) -> Vec<u8> {
    let [year, month, _] = account.expiry.0;
    let expiry = [year, month].into_iter().flat_map(|pair| [pair >> 4, pair & 0x0F]);
    let mut nibbles: Vec<u8> = number.values().collect();
    nibbles.push(0x0D);
    nibbles.extend(expiry);
    nibbles.extend(account.service_code.values());
    nibbles.extend([0; 5]);
    if nibbles.len() % 2 == 1 {
        nibbles.push(0x0F);
    }
    nibbles.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Applies what the profile changes by tag: other values, objects left out.
pub(super) fn change(part: &Part<'_>, objects: &mut Objects) -> Result<(), ProfileError> {
    objects.extend(by_tag(part, "objects", &part.application.objects)?);
    for tag in omitted(part)? {
        objects.remove(&tag);
    }
    Ok(())
}

/// What a contactless application asks for unless its profile says otherwise: qualifiers, amounts,
/// country, TVR, currency, date, type, number.
const CONTACTLESS_PDOL: [u8; 24] = [
    0x9F, 0x66, 4, 0x9F, 0x02, 6, 0x9F, 0x03, 6, 0x9F, 0x1A, 2, 0x95, 5, 0x5F, 0x2A, 2, 0x9A, 3,
    0x9C, 1, 0x9F, 0x37, 4,
];

/// Records of a contactless application hold these, keys and certificates.
const IN_CONTACTLESS_RECORDS: [u32; 7] = [0x5A, 0x5F24, 0x5F25, 0x5F28, 0x9F07, 0x9F08, 0x9F4A];

/// The processing options list (9F38).
pub(super) fn pdol<'p>(part: &Part<'p>) -> &'p [u8] {
    let this = part.application;
    match this.quickpass {
        Some(_) if this.pdol.is_empty() => &CONTACTLESS_PDOL,
        _ => &this.pdol,
    }
}

/// What a contactless application has beside its records; takes it, and what such an application
/// does not have, out of `objects`.
pub(super) fn of_tap(part: &Part<'_>, objects: &mut Objects) -> Result<Option<Tap>, ProfileError> {
    let Some(quickpass) = &part.application.quickpass else {
        return Ok(None);
    };
    let two = quickpass.qualifiers.len() == 2;
    part.require(two, "quickpass.qualifiers", "not 2 bytes")?;
    let known = quickpass.signature_version < 2;
    part.require(known, "quickpass.signature_version", "neither 0 nor 1")?;
    let fits = quickpass.balance.is_none_or(|balance| Digits::encode::<6>(balance).is_some());
    part.require(fits, "quickpass.balance", "more than twelve digits")?;
    let track_2 = objects.remove(&Tag(0x57)).unwrap_or_default();
    let sequence_number = objects.remove(&Tag(0x5F34)).unwrap_or_default();
    objects.retain(|tag, _| IN_CONTACTLESS_RECORDS.contains(&tag.0));
    Ok(Some(Tap { quickpass: quickpass.clone(), track_2, sequence_number }))
}

/// Makes the certificate of the card's key another one, for a card that is broken so.
pub(super) fn break_certificate(part: &Part<'_>, objects: &mut Objects) {
    let broken = part.application.quickpass.as_ref().and_then(|quickpass| quickpass.broken);
    let certificate = objects.get_mut(&Tag(0x9F46));
    if let (Some(Broken::Certificate), Some(certificate)) = (broken, certificate) {
        certificate.iter_mut().rev().take(1).for_each(|byte| *byte ^= 0x01);
    }
}

/// Tags that the card is to lack.
pub(super) fn omitted(part: &Part<'_>) -> Result<Vec<Tag>, ProfileError> {
    let tags = part.application.omit.iter().enumerate();
    tags.map(|(position, tag)| tag_of(part, &format!("omit.{position}"), tag)).collect()
}

/// A table of the profile whose keys are tags.
pub(super) fn by_tag(
    part: &Part<'_>,
    key: &str,
    table: &BTreeMap<String, Hex>,
) -> Result<Objects, ProfileError> {
    let entries = table.iter().map(|(name, value)| {
        let key = format!("{key}.{name}");
        let tag = hex::decode(name).unwrap_or_default();
        Ok((tag_of(part, &key, &tag)?, value.to_vec()))
    });
    entries.collect()
}

/// A tag in hexadecimal.
pub(super) fn tag_of(part: &Part<'_>, key: &str, bytes: &[u8]) -> Result<Tag, ProfileError> {
    Tag::from_bytes(bytes).ok_or_else(|| part.error(key, "not a tag in hexadecimal"))
}
