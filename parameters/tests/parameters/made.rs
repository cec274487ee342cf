//! Files made by hand, byte by byte, and signed.

use chipwright::config::Environment;
use chipwright_parameters::{EcdsaP256, Trust, VerifySignature};
use chipwright_rustcrypto::RustCrypto;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

/// An application as it is downloaded, with tags of others among its own.
pub(crate) const APPLICATION: &str = "9F0608A000000333010101 DF010100 9F08020020 DF1105D84000A800 \
    DF1205D84004F800 DF13050010000000 9F1B0400004E20 DF1504000001F4 DF160199 DF170110 DF14039F3704 \
    DF180101 9F7B06000000100000 DF1906000000000000 DF2006000000100000 DF2106000000030000 9F2A0107";

/// A key as it is downloaded; its checksum by `sha1sum`.
pub(crate) const KEY: &str = "9F0605F043484950 9F2201F0 DF05083230333031323331 DF060101 DF070101 \
    DF0208B1B1B1B1B1B1B1B3 DF040103 DF0314F8AB77ADDC025529F56EFEE01F1FCB0E1E6E0836";

/// A revoked certificate.
pub(crate) const REVOCATION: &str = "9F0605F043484950 9F2201F0 DF3003000009";

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex.replace(' ', "")).unwrap()
}

/// The key without spaces.
pub(crate) fn key() -> String {
    KEY.replace(' ', "")
}

/// The objects without the one with this tag, whose value is shorter than 128 bytes.
pub(crate) fn without(objects: &[u8], tag: &str) -> Vec<u8> {
    let tag = bytes(tag);
    let place = objects.windows(2).position(|window| window == tag).unwrap();
    let end = place + 3 + usize::from(objects[place + 2]);
    [&objects[..place], &objects[end..]].concat()
}

pub(crate) fn template(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    match length {
        0..0x80 => [&[tag, length], content].concat(),
        _ => [&[tag, 0x81, length], content].concat(),
    }
}

/// One record of every kind.
pub(crate) fn content() -> Vec<u8> {
    [(0xE1, APPLICATION), (0xE2, KEY), (0xE3, REVOCATION)]
        .map(|(tag, hex)| template(tag, &bytes(hex)))
        .concat()
}

pub(crate) fn signer(secret: u8) -> SigningKey {
    SigningKey::from_slice(&[secret; 32]).unwrap()
}

pub(crate) fn public(signer: &SigningKey) -> EcdsaP256 {
    EcdsaP256::new(signer.verifying_key().to_sec1_point(true).as_bytes()).unwrap()
}

/// The maker whom terminals trust.
pub(crate) fn maker() -> EcdsaP256 {
    public(&signer(1))
}

pub(crate) fn trust(signature: &dyn VerifySignature) -> Trust<'_> {
    Trust { signature, hash: &RustCrypto, environment: Environment::Test }
}

pub(crate) fn unsigned(environment: u8, version: u32, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap();
    [&b"EMVP\x01"[..], &[environment], &version.to_be_bytes(), &length.to_be_bytes(), content]
        .concat()
}

fn sign(mut unsigned: Vec<u8>) -> Vec<u8> {
    let signature: Signature = signer(1).sign(&unsigned);
    unsigned.extend(signature.to_bytes());
    unsigned
}

pub(crate) fn signed(version: u32, content: &[u8]) -> Vec<u8> {
    sign(unsigned(0, version, content))
}

pub(crate) fn file(version: u32) -> Vec<u8> {
    signed(version, &content())
}

pub(crate) fn on_side(environment: u8) -> Vec<u8> {
    sign(unsigned(environment, 1, &content()))
}
