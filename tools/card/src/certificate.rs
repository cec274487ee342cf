//! What an issuer and its card sign: certificates, static and dynamic data. [B2 5, 6]

use chipwright::crypto::Hash;
use chipwright_rustcrypto::RustCrypto;

use crate::key::RsaKey;

/// Bytes of a signed block that are not content: header, hash, trailer.
const FRAME: usize = 1 + 20 + 1;

/// SHA-1 and RSA, as the signatures name them.
const ALGORITHMS: [u8; 2] = [0x01, 0x01];

/// Filler behind content that is too short.
const FILLER: u8 = 0xBB;

/// A certificate and what of the certified key did not fit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The signed block.
    pub(crate) certificate: Vec<u8>,
    /// Rightmost bytes of the modulus; empty when all of it fits.
    pub(crate) remainder: Vec<u8>,
    /// Public exponent.
    pub(crate) exponent: Vec<u8>,
}

/// What a certificate says beside the key.
pub(crate) struct Subject<'a> {
    /// Certificate format: 02 for an issuer's key, 04 for a card's.
    pub(crate) format: u8,
    /// Issuer identifier, or PAN: padded with F.
    pub(crate) identifier: &'a [u8],
    /// MMYY.
    pub(crate) expiry: [u8; 2],
    /// 3 bytes.
    pub(crate) serial: &'a [u8],
}

/// Certifies `key`; a card's application key together with the `static_data`. [B2 5.1, 6.1]
///
/// `None` when `key` is longer than the key of the `signer`.
pub(crate) fn certify(
    signer: &RsaKey,
    subject: &Subject<'_>,
    key: &RsaKey,
    static_data: &[u8],
) -> Option<Certificate> {
    let (block, remainder) =
        certificate_block(signer.length(), subject, (&key.modulus, &key.exponent), static_data)?;
    Some(Certificate {
        certificate: signer.power(&block)?,
        remainder: remainder.to_vec(),
        exponent: key.exponent.clone(),
    })
}

/// Signed Static Application Data (93). [B2 5.4]
pub(crate) fn sign_static_data(
    signer: &RsaKey,
    authentication_code: [u8; 2],
    static_data: &[u8],
) -> Option<Vec<u8>> {
    let [hash, _] = ALGORITHMS;
    let [high, low] = authentication_code;
    let content = vec![0x03, hash, high, low];
    signer.power(&block(signer.length(), content, &[static_data])?)
}

/// Format of a signature by INTERNAL AUTHENTICATE or GENERATE AC. [B2 6.5.1]
pub(crate) const DYNAMIC: u8 = 0x05;
/// Format of a signature that comes with GET PROCESSING OPTIONS.
pub(crate) const FAST: u8 = 0x95;

/// Signed Dynamic Application Data (9F4B): signs the ICC Dynamic Data and covers what the terminal
/// sent. [B2 6.5.1, 6.6.1]
pub(crate) fn sign_dynamic_data(
    signer: &RsaKey,
    format: u8,
    dynamic_data: &[u8],
    terminal_data: &[u8],
) -> Option<Vec<u8>> {
    let [hash, _] = ALGORITHMS;
    let mut content = vec![format, hash, u8::try_from(dynamic_data.len()).ok()?];
    content.extend(dynamic_data);
    signer.power(&block(signer.length(), content, &[terminal_data])?)
}

/// SHA-1 over the `parts`, one after the other.
pub(crate) fn sha1(parts: &[&[u8]]) -> [u8; 20] {
    RustCrypto.sha1(&mut parts.iter().copied())
}

/// The block of a certificate, `length` bytes, and the remainder of the modulus.
fn certificate_block<'m>(
    length: usize,
    subject: &Subject<'_>,
    (modulus, exponent): (&'m [u8], &[u8]),
    static_data: &[u8],
) -> Option<(Vec<u8>, &'m [u8])> {
    if modulus.len() > length {
        return None;
    }
    let mut content = vec![subject.format];
    content.extend(subject.identifier);
    content.extend(subject.expiry);
    content.extend(subject.serial);
    content.extend(ALGORITHMS);
    content.push(u8::try_from(modulus.len()).ok()?);
    content.push(u8::try_from(exponent.len()).ok()?);
    let room = length.checked_sub(FRAME + content.len())?;
    let (digits, remainder) = modulus.split_at(room.min(modulus.len()));
    content.extend(digits);
    let block = block(length, content, &[remainder, exponent, static_data])?;
    Some((block, remainder))
}

/// A block of `length` bytes to be signed: `content`, filled up, and a hash that also covers
/// `covered`. [B2 A2.1]
///
/// `None` when there is more content than room.
fn block(length: usize, mut content: Vec<u8>, covered: &[&[u8]]) -> Option<Vec<u8>> {
    let room = length.checked_sub(FRAME)?;
    if content.len() > room {
        return None;
    }
    content.resize(room, FILLER);
    let mut parts = vec![content.as_slice()];
    parts.extend(covered);
    let hash = sha1(&parts);
    let mut block = vec![0x6A];
    block.extend(content);
    block.extend(hash);
    block.push(0xBC);
    Some(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsa::BoxedUint;
    use rsa::hazmat::rsa_encrypt;
    use serde_json::Value;

    fn bytes(vector: &Value, path: &str) -> Vec<u8> {
        let text = vector.pointer(path).and_then(Value::as_str);
        hex::decode(text.unwrap_or_else(|| panic!("{path}"))).unwrap()
    }

    fn recover(modulus: &[u8], exponent: &[u8], signed: &[u8]) -> Vec<u8> {
        let number = BoxedUint::from_be_slice_vartime;
        let key = rsa::PublicKey::new_unchecked(number(modulus), number(exponent));
        let recovered = rsa_encrypt(&key, &number(signed)).unwrap().to_be_bytes();
        recovered[recovered.len() - modulus.len()..].to_vec()
    }

    /// Certificates and signatures that others made and others have verified.
    fn chains() -> Vec<Value> {
        let text = include_str!("../../../test-vectors/chains.json");
        let file: Value = serde_json::from_str(text).unwrap();
        file["vectors"].as_array().unwrap().clone()
    }

    #[test]
    fn blocks_are_those_of_foreign_certificates() {
        for chain in chains() {
            let id = chain["id"].as_str().unwrap();
            let authority = bytes(&chain, "/inputs/ca_modulus");
            let issuer = bytes(&chain, "/expected/issuer_modulus");
            let card = bytes(&chain, "/expected/icc_modulus");
            let pan = bytes(&chain, "/inputs/pan");
            let signed = recover(
                &authority,
                &bytes(&chain, "/inputs/ca_exponent"),
                &bytes(&chain, "/inputs/issuer_certificate_90"),
            );
            let subject = Subject {
                format: 0x02,
                identifier: &signed[2..6],
                expiry: [signed[6], signed[7]],
                serial: &signed[8..11],
            };
            assert!(
                hex::encode(&pan).starts_with(hex::encode(&signed[2..6]).trim_end_matches('f'))
            );
            let exponent = bytes(&chain, "/inputs/issuer_exponent_9F32");
            let made =
                certificate_block(authority.len(), &subject, (&issuer, &exponent), &[]).unwrap();
            let remainder = bytes(&chain, "/inputs/issuer_remainder_92");
            assert_eq!(made, (signed, remainder.as_slice()), "{id}");

            let signed =
                recover(&issuer, &exponent, &bytes(&chain, "/inputs/icc_certificate_9F46"));
            let mut identifier = pan;
            identifier.resize(10, 0xFF);
            let subject = Subject {
                format: 0x04,
                identifier: &identifier,
                expiry: [signed[12], signed[13]],
                serial: &signed[14..17],
            };
            let exponent = bytes(&chain, "/inputs/icc_exponent_9F47");
            let data = bytes(&chain, "/inputs/static_data_to_be_authenticated");
            let made =
                certificate_block(issuer.len(), &subject, (&card, &exponent), &data).unwrap();
            let remainder = bytes(&chain, "/inputs/icc_remainder_9F48");
            assert_eq!(made, (signed, remainder.as_slice()), "{id}");
        }
    }

    /// The private operation without prime factors, which the chains do not tell.
    fn private_power(modulus: &[u8], exponent: &[u8], block: &[u8]) -> Vec<u8> {
        let bits = u32::try_from(8 * modulus.len()).unwrap();
        let number = |bytes| BoxedUint::from_be_slice(bytes, bits).unwrap();
        let key = rsa::PublicKey::new_unchecked(number(modulus), number(exponent));
        let power = rsa_encrypt(&key, &number(block)).unwrap().to_be_bytes();
        power[power.len() - modulus.len()..].to_vec()
    }

    #[test]
    fn dynamic_signatures_are_those_of_a_foreign_card() {
        let mut compared = 0;
        for chain in chains() {
            let Some(exponent) = chain["inputs"]["icc_private_exponent"].as_str() else {
                continue;
            };
            let card = bytes(&chain, "/expected/icc_modulus");
            let number = bytes(&chain, "/expected/icc_dynamic_number");
            let mut content = vec![0x05, 0x01, 9, 8];
            content.extend(number);
            let terminal_data = bytes(&chain, "/inputs/unpredictable_number_9F37");
            let block = block(card.len(), content, &[&terminal_data]).unwrap();
            let signed = private_power(&card, &hex::decode(exponent).unwrap(), &block);
            assert_eq!(signed, bytes(&chain, "/inputs/sdad_9F4B"), "{}", chain["id"]);
            compared += 1;
        }
        assert!(compared >= 4, "{compared}");
    }
}
