//! Keys, applications and limits as TLV: as UnionPay terminals download them. [C7 3]

use chipwright::config::{Environment, KeyRecord};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};
use chipwright::value::Date;
use chipwright_rustcrypto::RustCrypto;

use crate::transaction::date;
use crate::{
    Application, Bytes, Combination, HAS_CVM_REQUIRED_LIMIT, HAS_FLOOR_LIMIT,
    HAS_TERMINAL_FLOOR_LIMIT, HAS_TRANSACTION_LIMIT, Key, Status, pointer,
};

/// For which side of the business a key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum KeyEnvironment {
    /// Test cards and test hosts.
    Test = 1,
    /// Money.
    Live = 2,
}

translate! { KeyEnvironment = Environment { Test, Live } }

/// Reads a key of a certification authority out of a BER-TLV string, and checks it before it may be
/// trusted: 9F06 RID, 9F22 index, DF02 modulus, DF04 exponent, DF03 SHA-1 checksum over these four,
/// DF05 last day (YYYYMMDD, four bytes coded or eight characters), DF06 and DF07 algorithms (01).
/// Other objects are passed over. What `key` points to lies in the string.
///
/// `environment` is the `chipwright_key_environment` that the string comes from, as the terminal
/// knows it; it may differ from `terminal_environment` in no key. `today` is coded YYMMDD.
///
/// Status: NULL, MISALIGNED, TOO_LONG; WRONG_CODING when it is no BER-TLV string, NOT_FOUND when one of
/// the first five is missing, UNKNOWN_VALUE for numbers that stand for nothing, WRONG_VALUE when the
/// key may not be trusted: impossible, changed on its way, expired, or of the other environment.
///
/// # Safety
/// `string` says where bytes are; there is room at `key`; `today` points to three bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_read_key(
    string: Bytes,
    environment: u32,
    terminal_environment: u32,
    today: *const u8,
    key: *mut Key,
) -> Status {
    // SAFETY: the caller promises it.
    let key_of = |string| unsafe { read_key(string, environment, terminal_environment, today) };
    // SAFETY: the caller promises it.
    Status::of(unsafe { string.read() }.and_then(key_of).and_then(|read| {
        // SAFETY: the caller promises it.
        unsafe { pointer::write(key, read) }
    }))
}

/// Reads an application and its limits out of a BER-TLV string. Of the slot: 9F06 AID, DF01 whether
/// names must be equal (1) or may be longer (0), 9F09 version, DF11 to DF13 action codes default,
/// online, denial, 9F1B floor limit, DF14 default DDOL, DF15 threshold, DF16 and DF17 maximum and
/// target percentage. Of taps: DF19 floor limit, DF20 transaction limit, DF21 limit of cardholder
/// verification, each n 12. Other objects are passed over. What is not there is not changed: fill in
/// the rest before or afterwards, kernel and qualifiers of the combination in any case. What is
/// pointed to lies in the string.
///
/// Status: NULL, MISALIGNED, TOO_LONG; WRONG_CODING when it is no BER-TLV string, NOT_FOUND without an
/// AID, WRONG_VALUE for a value that cannot be.
///
/// # Safety
/// `string` says where bytes are; `application` and `combination` point to initialised structs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn chipwright_read_application(
    string: Bytes,
    application: *mut Application,
    combination: *mut Combination,
) -> Status {
    // SAFETY: the caller promises it.
    Status::of(unsafe { string.read() }.and_then(|string| {
        // SAFETY: the caller promises it.
        let mut slot = *unsafe { pointer::read(application) }?;
        // SAFETY: the caller promises it.
        let mut tap = *unsafe { pointer::read(combination) }?;
        let aid = require(string, 0x9F06)?;
        if !matches!(aid.len(), 5..=16) {
            return Err(Status::WrongValue);
        }
        slot.aid = Bytes::of(aid);
        tap.aid = Bytes::of(aid);
        for object in Tlvs::new(string) {
            let object = object.map_err(|_| Status::WrongCoding)?;
            read_object(object.tag, object.value, &mut slot, &mut tap)?;
        }
        // SAFETY: the caller promises it.
        unsafe { pointer::write(application, slot) }?;
        // SAFETY: the caller promises it.
        unsafe { pointer::write(combination, tap) }
    }))
}

/// One object of an application.
fn read_object(
    tag: Tag,
    value: &[u8],
    slot: &mut Application,
    tap: &mut Combination,
) -> Result<(), Status> {
    let mut limit = |bit, limit: fn(&mut Combination) -> &mut u64| {
        *limit(tap) = number(value)?;
        tap.present |= bit;
        Ok(())
    };
    match tag.0 {
        0xDF01 => {
            slot.partial_match = match value {
                [0] => 1,
                [1] => 0,
                _ => return Err(Status::WrongValue),
            };
        }
        0x9F09 => slot.version = u16::from_be_bytes(exactly(value)?),
        0xDF11 => slot.action_code_default = exactly(value)?,
        0xDF12 => slot.action_code_online = exactly(value)?,
        0xDF13 => slot.action_code_denial = exactly(value)?,
        0x9F1B => {
            slot.floor_limit = u32::from_be_bytes(exactly(value)?);
            tap.terminal_floor_limit = slot.floor_limit;
            tap.present |= HAS_TERMINAL_FLOOR_LIMIT;
        }
        0xDF14 => slot.default_ddol = Bytes::of(value),
        0xDF15 => slot.random_threshold = u32::from_be_bytes(exactly(value)?),
        0xDF16 => slot.random_maximum = percentage(value)?,
        0xDF17 => slot.random_target = percentage(value)?,
        0xDF19 => limit(HAS_FLOOR_LIMIT, |tap| &mut tap.floor_limit)?,
        0xDF20 => limit(HAS_TRANSACTION_LIMIT, |tap| &mut tap.transaction_limit)?,
        0xDF21 => limit(HAS_CVM_REQUIRED_LIMIT, |tap| &mut tap.cvm_required_limit)?,
        _ => {}
    }
    Ok(())
}

/// # Safety
/// As [`chipwright_read_key`].
unsafe fn read_key(
    string: &[u8],
    environment: u32,
    terminal_environment: u32,
    today: *const u8,
) -> Result<Key, Status> {
    // SAFETY: the caller promises it.
    let today = date(exactly(unsafe { pointer::table(today, 3) }?)?)?;
    for algorithm in [0xDF06, 0xDF07] {
        if find(string, algorithm)?.is_some_and(|value| value != [0x01]) {
            return Err(Status::WrongValue);
        }
    }
    let [index] = exactly(require(string, 0x9F22)?)?;
    let key = Key {
        rid: exactly(require(string, 0x9F06)?)?,
        index,
        modulus: Bytes::of(require(string, 0xDF02)?),
        exponent: Bytes::of(require(string, 0xDF04)?),
    };
    let record = KeyRecord {
        // SAFETY: the bytes lie in the string.
        key: unsafe { key.read() }?,
        checksum: Some(exactly(require(string, 0xDF03)?)?),
        expiry: find(string, 0xDF05)?.map(last_day).transpose()?,
        environment: KeyEnvironment::read(environment)?,
    };
    let terminal_environment = KeyEnvironment::read(terminal_environment)?;
    let checked = record.check(terminal_environment, today, &RustCrypto);
    checked.map(|_| key).map_err(|_| Status::WrongValue)
}

/// A day of this century, YYYYMMDD: four bytes coded, or eight characters.
fn last_day(value: &[u8]) -> Result<Date, Status> {
    let mut coded = [0; 4];
    match value.as_chunks::<2>() {
        _ if value.len() == 4 => coded = exactly(value)?,
        (pairs, []) if value.len() == 8 => {
            for (place, pair) in coded.iter_mut().zip(pairs) {
                let [tens, ones] = pair.map(|character| character.wrapping_sub(b'0'));
                if tens > 9 || ones > 9 {
                    return Err(Status::WrongValue);
                }
                *place = tens << 4 | ones;
            }
        }
        _ => return Err(Status::WrongValue),
    }
    match coded {
        [0x20, year, month, day] => date([year, month, day]),
        _ => Err(Status::WrongValue),
    }
}

/// A percentage, n 2.
fn percentage(value: &[u8]) -> Result<u8, Status> {
    let [coded] = exactly(value)?;
    u8::try_from(number(&[coded])?).map_err(|_| Status::WrongValue)
}

/// A number in format n.
fn number(value: &[u8]) -> Result<u64, Status> {
    if value.len() > 6 {
        return Err(Status::WrongValue);
    }
    chipwright::value::Digits::number(value).ok_or(Status::WrongValue)
}

fn exactly<const N: usize>(value: &[u8]) -> Result<[u8; N], Status> {
    value.try_into().map_err(|_| Status::WrongValue)
}

fn require(string: &[u8], tag: u32) -> Result<&[u8], Status> {
    find(string, tag)?.ok_or(Status::NotFound)
}

fn find(string: &[u8], tag: u32) -> Result<Option<&[u8]>, Status> {
    tlv::find(string, Tag(tag)).map_err(|_| Status::WrongCoding)
}
