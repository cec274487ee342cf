//! Records: applications, keys, revocations.

use crate::Refusal;
use crate::fields::Fields;
use chipwright::config::{
    ActionCodes, Application, CaPublicKey, Environment, KeyRecord, RandomSelection, Revocation,
};
use chipwright::contactless::{KernelId, TerminalTransactionQualifiers};
use chipwright::crypto::MAX_MODULUS;
use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::tag::Tag;
use chipwright::tlv::Tlv;
use chipwright::value::{Amount, Date};
use chipwright_entry_point::Combination;

/// Templates and tags: see the table of the crate.
pub(crate) mod tag {
    use chipwright::tag::Tag;

    pub(crate) const APPLICATION: Tag = Tag(0xE1);
    pub(crate) const KEY: Tag = Tag(0xE2);
    pub(crate) const REVOCATION: Tag = Tag(0xE3);
    pub(crate) const COMBINATION: Tag = Tag(0xE4);

    pub(crate) const IDENTIFIER: Tag = Tag(0x9F06);
    pub(crate) const SELECTION: Tag = Tag(0xDF01);
    pub(crate) const VERSION: Tag = Tag(0x9F09);
    pub(crate) const CARD_VERSION: Tag = Tag(0x9F08);
    pub(crate) const FLOOR_LIMIT: Tag = Tag(0x9F1B);
    pub(crate) const ACTION_DEFAULT: Tag = Tag(0xDF11);
    pub(crate) const ACTION_ONLINE: Tag = Tag(0xDF12);
    pub(crate) const ACTION_DENIAL: Tag = Tag(0xDF13);
    pub(crate) const DDOL: Tag = Tag(0xDF14);
    pub(crate) const THRESHOLD: Tag = Tag(0xDF15);
    pub(crate) const MAXIMUM: Tag = Tag(0xDF16);
    pub(crate) const TARGET: Tag = Tag(0xDF17);
    pub(crate) const KERNEL: Tag = Tag(0x9F2A);
    pub(crate) const TAP_FLOOR_LIMIT: Tag = Tag(0xDF19);
    pub(crate) const TAP_LIMIT: Tag = Tag(0xDF20);
    pub(crate) const TAP_CVM_LIMIT: Tag = Tag(0xDF21);
    pub(crate) const QUALIFIERS: Tag = Tag(0x9F66);

    pub(crate) const INDEX: Tag = Tag(0x9F22);
    pub(crate) const MODULUS: Tag = Tag(0xDF02);
    pub(crate) const CHECKSUM: Tag = Tag(0xDF03);
    pub(crate) const EXPONENT: Tag = Tag(0xDF04);
    pub(crate) const EXPIRY: Tag = Tag(0xDF05);
    pub(crate) const HASH_ALGORITHM: Tag = Tag(0xDF06);
    pub(crate) const KEY_ALGORITHM: Tag = Tag(0xDF07);
    pub(crate) const SERIAL: Tag = Tag(0xDF30);
}

/// A record of a file.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Record<'f> {
    /// An application, and how it is used in the field, where its record says so.
    Application(Application<'f>, Option<Combination<'f>>),
    /// How an application is used in the field.
    Combination(Combination<'f>),
    /// A key, which is not checked yet.
    Key(KeyRecord<'f>),
    /// An issuer certificate that counts no more.
    Revocation(Revocation),
}

/// Reads a template.
pub(crate) fn read<'f>(
    template: Tlv<'f>,
    environment: Environment,
    offset: usize,
) -> Result<Record<'f>, Refusal> {
    let fields = || Fields::new(template.value, offset);
    match template.tag {
        tag::APPLICATION => {
            let fields = fields()?;
            Ok(Record::Application(read_application(&fields)?, combination(&fields)?))
        }
        tag::KEY => Ok(Record::Key(read_key(&fields()?, environment)?)),
        tag::REVOCATION => {
            let fields = fields()?;
            Ok(Record::Revocation(Revocation {
                rid: fields.value(tag::IDENTIFIER)?,
                index: fields.value(tag::INDEX)?,
                serial: fields.value(tag::SERIAL)?,
            }))
        }
        tag::COMBINATION => {
            let fields = fields()?;
            let combination = combination(&fields)?;
            combination.map(Record::Combination).ok_or(missing(&fields, tag::KERNEL))
        }
        other => Err(Refusal::Template(other, offset)),
    }
}

/// Reads an application as it is downloaded, and how it is used in the field, where it is.
///
/// # Errors
/// [`Refusal`], with 0 for the offset of the template.
pub fn application(download: &[u8]) -> Result<(Application<'_>, Option<Combination<'_>>), Refusal> {
    let fields = Fields::new(download, 0)?;
    Ok((read_application(&fields)?, combination(&fields)?))
}

/// Reads a key as it is downloaded. It is to be checked before it is used:
/// [`KeyRecord::check`].
///
/// # Errors
/// [`Refusal`], with 0 for the offset of the template.
pub fn key(download: &[u8], environment: Environment) -> Result<KeyRecord<'_>, Refusal> {
    read_key(&Fields::new(download, 0)?, environment)
}

fn read_application<'f>(fields: &Fields<'f>) -> Result<Application<'f>, Refusal> {
    let version = match fields.optional(tag::VERSION)? {
        Some(version) => version,
        // Downloads name the tag of the card's version.
        None => fields.optional(tag::CARD_VERSION)?.ok_or(missing(fields, tag::VERSION))?,
    };
    let default_ddol = fields.bytes(tag::DDOL).map(|_| fields.required(tag::DDOL, 1..=252));
    Ok(Application {
        partial_match: match fields.optional::<u8>(tag::SELECTION)? {
            None | Some(0) => true,
            Some(1) => false,
            Some(_) => return Err(fields.wrong(tag::SELECTION)),
        },
        version,
        floor_limit: fields.optional(tag::FLOOR_LIMIT)?.unwrap_or_default(),
        random_selection: random_selection(fields)?,
        action_codes: ActionCodes {
            denial: fields.value::<Tvr>(tag::ACTION_DENIAL)?,
            online: fields.value::<Tvr>(tag::ACTION_ONLINE)?,
            default: fields.value::<Tvr>(tag::ACTION_DEFAULT)?,
        },
        default_ddol: default_ddol.transpose()?,
        ..Application::new(fields.required(tag::IDENTIFIER, 5..=16)?)
    })
}

/// [B3 10.6.2] The target is not above the maximum.
fn random_selection(fields: &Fields<'_>) -> Result<RandomSelection, Refusal> {
    let target = percentage(fields, tag::TARGET)?;
    let maximum = percentage(fields, tag::MAXIMUM)?;
    if target > maximum {
        return Err(fields.wrong(tag::TARGET));
    }
    let threshold = fields.optional(tag::THRESHOLD)?.unwrap_or_default();
    Ok(RandomSelection { target, maximum, threshold })
}

/// Two decimal digits.
fn percentage(fields: &Fields<'_>, tag: Tag) -> Result<u8, Refusal> {
    let coded = fields.optional::<u8>(tag)?.unwrap_or_default();
    match (coded >> 4, coded & 0x0F) {
        (tens @ ..=9, ones @ ..=9) => Ok(tens * 10 + ones),
        _ => Err(fields.wrong(tag)),
    }
}

fn combination<'f>(fields: &Fields<'f>) -> Result<Option<Combination<'f>>, Refusal> {
    let kernel = match fields.bytes(tag::KERNEL) {
        None => return Ok(None),
        Some([number]) if *number > 0 => KernelId::new(*number),
        Some(&[first, second, third]) if first > 0 => KernelId([first, second, third]),
        Some(_) => return Err(fields.wrong(tag::KERNEL)),
    };
    Ok(Some(Combination {
        floor_limit: fields.optional::<Amount>(tag::TAP_FLOOR_LIMIT)?,
        transaction_limit: fields.optional(tag::TAP_LIMIT)?,
        cvm_required_limit: fields.optional(tag::TAP_CVM_LIMIT)?,
        terminal_floor_limit: fields.optional(tag::FLOOR_LIMIT)?,
        qualifiers: fields.optional::<[u8; 4]>(tag::QUALIFIERS)?.map(TerminalTransactionQualifiers),
        ..Combination::new(fields.required(tag::IDENTIFIER, 5..=16)?, kernel)
    }))
}

fn read_key<'f>(fields: &Fields<'f>, environment: Environment) -> Result<KeyRecord<'f>, Refusal> {
    for algorithm in [tag::HASH_ALGORITHM, tag::KEY_ALGORITHM] {
        if !matches!(fields.optional::<u8>(algorithm)?, None | Some(1)) {
            return Err(fields.wrong(algorithm));
        }
    }
    Ok(KeyRecord {
        key: CaPublicKey {
            rid: fields.value(tag::IDENTIFIER)?,
            index: fields.value(tag::INDEX)?,
            modulus: fields.required(tag::MODULUS, 1..=MAX_MODULUS)?,
            exponent: fields.required(tag::EXPONENT, 1..=3)?,
        },
        checksum: Some(fields.value(tag::CHECKSUM)?),
        expiry: fields
            .bytes(tag::EXPIRY)
            .map(|bytes| date(bytes).ok_or(fields.wrong(tag::EXPIRY)))
            .transpose()?,
        environment,
    })
}

/// YYYYMMDD, as digits or two to a byte.
fn date(bytes: &[u8]) -> Option<Date> {
    let number = match bytes.len() {
        8 => number(bytes.iter().map(|byte| byte.wrapping_sub(b'0'))),
        4 => number(bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F])),
        _ => None,
    }?;
    let part = |number: u32| u8::try_from(number % 100).ok();
    Date::new(u16::try_from(number / 10_000).ok()?, part(number / 100)?, part(number)?)
}

/// The number that decimal digits make.
fn number(mut digits: impl Iterator<Item = u8>) -> Option<u32> {
    digits.try_fold(0_u32, |number, digit| {
        let digit = (digit <= 9).then_some(digit)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

const fn missing(fields: &Fields<'_>, tag: Tag) -> Refusal {
    Refusal::Missing(tag, fields.offset)
}
