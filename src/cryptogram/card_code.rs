//! Codes for magnetic stripe and contactless magnetic stripe data.

use super::key::{halves, xor};
use super::nibble::{decimalised, nibbles, pack};
use super::{DoubleKey, Padding, mac};
use crate::crypto::BlockCiphers;
use crate::value::Pan;

/// The initial vector of CVC3 for track 1 or track 2, from the `template` with which the card was
/// personalised.
pub fn cvc3_vector(ciphers: &dyn BlockCiphers, key: &DoubleKey, template: &[u8]) -> [u8; 2] {
    let [.., high, low] = mac(ciphers, key, Padding::Method2, [template]);
    [high, low]
}

/// Mastercard's dynamic card code CVC3, printed with five digits.
///
/// `key` is the card's, derived from the issuer's key for CVC3; `unpredictable_number` is numeric.
pub fn cvc3(
    ciphers: &dyn BlockCiphers,
    key: &DoubleKey,
    vector: [u8; 2],
    unpredictable_number: [u8; 4],
    atc: [u8; 2],
) -> u16 {
    let ([v, w], [a, b, c, d], [y, z]) = (vector, unpredictable_number, atc);
    let [.., high, low] = key.encipher(ciphers, [v, w, a, b, c, d, y, z]);
    u16::from_be_bytes([high, low])
}

/// A card verification value: three digits out of account number, expiry (YYMM) and service code.
///
/// `key` holds the two keys for it. The value for a chip's track data has the service code 999.
pub fn card_verification_value(
    ciphers: &dyn BlockCiphers,
    key: &DoubleKey,
    pan: Pan<'_>,
    expiry: [u8; 2],
    service_code: u16,
) -> u16 {
    verification_value(ciphers, key, pan.digits(), expiry, service_code)
}

/// Visa's dynamic card verification value: that of the account number with the counter in place of
/// its first four digits, by the `key` of the card for application cryptograms.
///
/// From a single public source. It does not say what becomes of a counter with hexadecimal digits;
/// here they count as they are.
pub fn dynamic_card_verification_value(
    ciphers: &dyn BlockCiphers,
    key: &DoubleKey,
    pan: Pan<'_>,
    atc: [u8; 2],
    expiry: [u8; 2],
    service_code: u16,
) -> u16 {
    let digits = nibbles(&atc).chain(pan.digits().skip(4));
    verification_value(ciphers, key, digits, expiry, service_code)
}

fn verification_value(
    ciphers: &dyn BlockCiphers,
    key: &DoubleKey,
    pan: impl Iterator<Item = u8>,
    expiry: [u8; 2],
    service_code: u16,
) -> u16 {
    let service_code = [service_code / 100 % 10, service_code / 10 % 10, service_code % 10]
        .map(|digit| u8::try_from(digit).unwrap_or_default());
    let digits = pan.chain(nibbles(&expiry)).chain(service_code);
    let (mut first, second) = halves(&pack(digits, 0));
    ciphers.des_encrypt(&halves(key.bytes()).0, &mut first);
    let block = key.encipher(ciphers, xor(first, second));
    decimalised(&block).take(3).fold(0, |value, digit| value * 10 + u16::from(digit))
}
