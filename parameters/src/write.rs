//! Makes files; who signs them is elsewhere.

use crate::file::{FORMAT, HEAD_LENGTH, MAGIC};
use crate::record::tag;
use chipwright::config::{Application, Environment, KeyRecord, Revocation};
use chipwright::crypto::Hash;
use chipwright::object::Value;
use chipwright::tlv::{Full, Writer};
use chipwright_entry_point::Combination;

/// What stands before a content of so many bytes.
pub fn head(environment: Environment, version: u32, length: u32) -> [u8; HEAD_LENGTH] {
    let [m0, m1, m2, m3] = MAGIC;
    let environment = match environment {
        Environment::Test => 0,
        Environment::Live => 1,
    };
    let ([v0, v1, v2, v3], [l0, l1, l2, l3]) = (version.to_be_bytes(), length.to_be_bytes());
    [m0, m1, m2, m3, FORMAT, environment, v0, v1, v2, v3, l0, l1, l2, l3]
}

/// Appends an application. What a file has no tag for ([`Application::data`], a default TDOL) is
/// not in it.
///
/// # Errors
/// [`Full`] when it does not fit.
pub fn put_application(out: &mut Writer<'_>, application: &Application<'_>) -> Result<(), Full> {
    let Application { random_selection, action_codes, .. } = application;
    out.nest(tag::APPLICATION, |out| {
        out.put(tag::IDENTIFIER, application.aid)?;
        out.put(tag::SELECTION, &[u8::from(!application.partial_match)])?;
        out.put(tag::VERSION, &application.version.to_be_bytes())?;
        out.put(tag::FLOOR_LIMIT, &application.floor_limit.to_be_bytes())?;
        out.put(tag::ACTION_DEFAULT, &action_codes.default.0)?;
        out.put(tag::ACTION_ONLINE, &action_codes.online.0)?;
        out.put(tag::ACTION_DENIAL, &action_codes.denial.0)?;
        application.default_ddol.map_or(Ok(()), |ddol| out.put(tag::DDOL, ddol))?;
        out.put(tag::THRESHOLD, &random_selection.threshold.to_be_bytes())?;
        out.put(tag::MAXIMUM, &[two_digits(random_selection.maximum)])?;
        out.put(tag::TARGET, &[two_digits(random_selection.target)])
    })
}

/// Appends how an application is used in the field. Flags that a file has no tag for are not in
/// it.
///
/// # Errors
/// [`Full`] when it does not fit.
pub fn put_combination(out: &mut Writer<'_>, combination: &Combination<'_>) -> Result<(), Full> {
    out.nest(tag::COMBINATION, |out| {
        out.put(tag::IDENTIFIER, combination.aid)?;
        out.put(tag::KERNEL, &combination.kernel.0)?;
        for (tag, limit) in [
            (tag::TAP_FLOOR_LIMIT, combination.floor_limit),
            (tag::TAP_LIMIT, combination.transaction_limit),
            (tag::TAP_CVM_LIMIT, combination.cvm_required_limit),
        ] {
            limit.map_or(Ok(()), |limit| out.put(tag, &limit.encode()))?;
        }
        let floor_limit = combination.terminal_floor_limit;
        floor_limit.map_or(Ok(()), |limit| out.put(tag::FLOOR_LIMIT, &limit.to_be_bytes()))?;
        let qualifiers = combination.qualifiers;
        qualifiers.map_or(Ok(()), |qualifiers| out.put(tag::QUALIFIERS, &qualifiers.0))
    })
}

/// Appends a key; one without a checksum gets it.
///
/// # Errors
/// [`Full`] when it does not fit.
pub fn put_key(out: &mut Writer<'_>, key: &KeyRecord<'_>, hash: &dyn Hash) -> Result<(), Full> {
    out.nest(tag::KEY, |out| {
        out.put(tag::IDENTIFIER, &key.key.rid)?;
        out.put(tag::INDEX, &[key.key.index])?;
        out.put(tag::MODULUS, key.key.modulus)?;
        out.put(tag::EXPONENT, key.key.exponent)?;
        out.put(tag::CHECKSUM, &key.checksum.unwrap_or_else(|| key.computed_checksum(hash)))?;
        let Some(date) = key.expiry else { return Ok(()) };
        let [year, month, day] = date.encode();
        let century = two_digits(u8::try_from(date.year() / 100).unwrap_or_default());
        out.put(tag::EXPIRY, &[century, year, month, day])
    })
}

/// Appends a revocation.
///
/// # Errors
/// [`Full`] when it does not fit.
pub fn put_revocation(out: &mut Writer<'_>, revocation: &Revocation) -> Result<(), Full> {
    out.nest(tag::REVOCATION, |out| {
        out.put(tag::IDENTIFIER, &revocation.rid)?;
        out.put(tag::INDEX, &[revocation.index])?;
        out.put(tag::SERIAL, &revocation.serial)
    })
}

/// A number below 100, in n 2.
const fn two_digits(number: u8) -> u8 {
    number / 10 % 10 * 16 + number % 10
}
