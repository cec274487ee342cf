//! What SELECT and the directory say of an application. [B1 11.3.4, 12.2.3]

use chipwright::tag::Tag;

use super::{Part, objects};
use crate::object::{encode, template};
use crate::profile::{Profile, ProfileError};

/// Name of the Payment System Environment.
pub(crate) const PSE: &[u8] = b"1PAY.SYS.DDF01";

/// Name of the Proximity Payment System Environment.
pub(crate) const PPSE: &[u8] = b"2PAY.SYS.DDF01";

/// SFI of the directory.
pub(crate) const DIRECTORY: u8 = 1;

/// File Control Information of an application.
pub(super) fn of_application(part: &Part<'_>) -> Result<Vec<u8>, ProfileError> {
    let this = part.application;
    if let Some(given) = &this.fci {
        part.require(given.len() <= 256, "fci", "more than 256 bytes")?;
        return Ok(given.to_vec());
    }
    let mut proprietary = vec![label(part)?, priority(part)?];
    let pdol = objects::pdol(part);
    if !pdol.is_empty() {
        proprietary.push(encode(Tag(0x9F38), pdol));
    }
    if let Some(languages) = &this.languages {
        let letters = languages.bytes().all(|byte| byte.is_ascii_lowercase());
        let right = letters && matches!(languages.len(), 2 | 4 | 6 | 8);
        part.require(right, "languages", "not one to four times two small letters")?;
        proprietary.push(encode(Tag(0x5F2D), languages.as_bytes()));
    }
    if let Some(name) = preferred_name(part)? {
        proprietary.push(encode(Tag(0x9F11), &[1]));
        proprietary.push(name);
    }
    if let Some(functions) = this.quickpass.as_ref().and_then(|tap| tap.functions.as_ref()) {
        proprietary.push(template(Tag(0xBF0C), [encode(Tag(0xDF61), functions)]));
    }
    let name = encode(Tag(0x84), &objects::name(part)?);
    let fci = template(Tag(0x6F), [name, template(Tag(0xA5), proprietary)]);
    part.require(fci.len() <= 256, "pdol", "too long for the answer to SELECT")?;
    Ok(fci)
}

/// File Control Information and records of the Payment System Environment.
pub(crate) fn directory(profile: &Profile) -> Result<(Vec<u8>, Vec<Vec<u8>>), ProfileError> {
    let sfi = encode(Tag(0x88), &[DIRECTORY]);
    let fci = template(Tag(0x6F), [encode(Tag(0x84), PSE), template(Tag(0xA5), [sfi])]);
    let parts = parts(profile).filter(|part| part.application.quickpass.is_none());
    let records = parts.map(|part| {
        let mut entry = vec![encode(Tag(0x4F), &objects::name(&part)?), label(&part)?];
        entry.extend(preferred_name(&part)?);
        entry.push(priority(&part)?);
        Ok(template(Tag(0x70), [template(Tag(0x61), entry)]))
    });
    Ok((fci, records.collect::<Result<_, _>>()?))
}

/// The answer to SELECT of the Proximity Payment System Environment: the contactless applications.
/// [B 3.3]
pub(crate) fn proximity_directory(profile: &Profile) -> Result<Vec<u8>, ProfileError> {
    let parts = parts(profile).filter(|part| part.application.quickpass.is_some());
    let entries = parts.map(|part| {
        let mut entry = vec![encode(Tag(0x4F), &objects::name(&part)?), label(&part)?];
        entry.push(priority(&part)?);
        let quickpass = part.application.quickpass.as_ref();
        if let Some(identifier) = quickpass.and_then(|tap| tap.kernel_identifier.as_ref()) {
            entry.push(encode(Tag(0x9F2A), identifier));
        }
        Ok(template(Tag(0x61), entry))
    });
    let entries = template(Tag(0xBF0C), entries.collect::<Result<Vec<_>, _>>()?);
    let name = encode(Tag(0x84), PPSE);
    Ok(template(Tag(0x6F), [name, template(Tag(0xA5), [entries])]))
}

fn parts(profile: &Profile) -> impl Iterator<Item = Part<'_>> {
    profile.application.iter().enumerate().map(|(position, application)| Part {
        profile,
        application,
        path: format!(".application.{position}"),
    })
}

fn label(part: &Part<'_>) -> Result<Vec<u8>, ProfileError> {
    let this = part.application;
    let label = this.label.as_deref().unwrap_or(this.scheme.label());
    let characters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    let right = characters && matches!(label.len(), 1..=16);
    part.require(right, "label", "not 1 to 16 letters, digits and spaces")?;
    Ok(encode(Tag(0x50), label.as_bytes()))
}

fn preferred_name(part: &Part<'_>) -> Result<Option<Vec<u8>>, ProfileError> {
    let Some(name) = &part.application.preferred_name else {
        return Ok(None);
    };
    // Code table 1 is Latin 1, whose characters have their Unicode numbers.
    let bytes: Option<Vec<u8>> = name.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let bytes = bytes.filter(|bytes| matches!(bytes.len(), 1..=16));
    let message = "not 1 to 16 characters of code table 1";
    let bytes = bytes.ok_or_else(|| part.error("preferred_name", message))?;
    Ok(Some(encode(Tag(0x9F12), &bytes)))
}

/// Application Priority Indicator (87).
fn priority(part: &Part<'_>) -> Result<Vec<u8>, ProfileError> {
    let this = part.application;
    let position = part.profile.application.iter();
    let position = position.take_while(|other| !core::ptr::eq(*other, this)).count() + 1;
    let priority = this.priority.map_or(position, usize::from);
    let priority = u8::try_from(priority).ok().filter(|priority| *priority < 16);
    let priority = priority.ok_or_else(|| part.error("priority", "more than 15"))?;
    let confirmation = if this.confirmation { 0x80 } else { 0x00 };
    Ok(encode(Tag(0x87), &[confirmation | priority]))
}
