//! RSA keys of authorities, issuers and cards, and the issuers' master keys.

use core::convert::Infallible;
use core::fmt;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use chipwright::cryptogram::DoubleKey;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::rand_core::TryCryptoRng;
use rsa::{BoxedUint, PrivateKey};
use serde::Deserialize;

use crate::profile::Hex;

/// An RSA key pair as it is written in a file, numbers in hexadecimal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyText {
    /// Index (8F), 1 byte; authorities only.
    pub index: Option<Hex>,
    /// Modulus: up to 248 bytes, the first one from 80.
    pub modulus: Hex,
    /// Public exponent: 03 or 010001.
    pub exponent: Hex,
    /// Private exponent.
    pub private_exponent: Hex,
    /// One prime factor.
    pub prime_p: Hex,
    /// The other one.
    pub prime_q: Hex,
}

/// An RSA key pair, ready for use.
#[derive(Clone)]
pub(crate) struct RsaKey {
    pub(crate) modulus: Vec<u8>,
    pub(crate) exponent: Vec<u8>,
    private: PrivateKey,
}

impl RsaKey {
    /// The key that `text` describes.
    ///
    /// # Errors
    /// A message when the numbers do not belong together or EMV has no use for them.
    pub(crate) fn new(text: &KeyText) -> Result<Self, String> {
        // [B2 B2.1]
        if text.modulus.len() > 248 {
            return Err("a modulus of more than 248 bytes".to_owned());
        }
        if text.modulus.first().is_none_or(|byte| byte & 0x80 == 0) {
            return Err("a modulus that does not begin with a bit 1".to_owned());
        }
        if !matches!(text.exponent[..], [0x03] | [0x01, 0x00, 0x01]) {
            return Err("a public exponent that is neither 3 nor 65537".to_owned());
        }
        let number = |bytes: &Hex| BoxedUint::from_be_slice_vartime(bytes);
        let primes = vec![number(&text.prime_p), number(&text.prime_q)];
        let private = PrivateKey::from_components(
            number(&text.modulus),
            number(&text.exponent),
            number(&text.private_exponent),
            primes,
        )
        .map_err(|error| format!("no RSA key: {error}"))?;
        Ok(Self { modulus: text.modulus.to_vec(), exponent: text.exponent.to_vec(), private })
    }

    /// Length of the modulus, in bytes.
    pub(crate) fn length(&self) -> usize {
        self.modulus.len()
    }

    /// The private operation: signs, or deciphers. [B2 B2.1]
    ///
    /// `None` when `block` is not as long as the modulus, or not below it.
    pub(crate) fn power(&self, block: &[u8]) -> Option<Vec<u8>> {
        if block.len() != self.length() {
            return None;
        }
        let bits = u32::try_from(8 * block.len()).ok()?;
        let number = BoxedUint::from_be_slice(block, bits).ok()?;
        // A simulated card need not hide its timing: no blinding.
        let none = None::<&mut dyn TryCryptoRng<Error = Infallible>>;
        let power = rsa_decrypt_and_check(&self.private, none, &number).ok()?;
        let bytes = power.to_be_bytes();
        let surplus = bytes.len().checked_sub(block.len())?;
        Some(bytes[surplus..].to_vec())
    }
}

/// The private part is not shown.
impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RsaKey({} bytes)", self.length())
    }
}

/// The key pair of this name in `test-vectors/keys`.
pub(crate) fn named(name: &str) -> Option<&'static KeyText> {
    static KEYS: LazyLock<BTreeMap<String, KeyText>> = LazyLock::new(|| {
        const FILES: [&str; 5] = [
            include_str!("../../../test-vectors/keys/certification-authorities.toml"),
            include_str!("../../../test-vectors/keys/issuers.toml"),
            include_str!("../../../test-vectors/keys/cards.toml"),
            include_str!("../../../test-vectors/keys/pin-encipherment.toml"),
            include_str!("../../../test-vectors/keys/factorable.toml"),
        ];
        let keys = |text| toml::from_str::<BTreeMap<String, KeyText>>(text);
        FILES.into_iter().flat_map(|text| keys(text).expect("a key file holds keys")).collect()
    });
    KEYS.get(name)
}

/// The master keys of an issuer, or of one of its cards.
#[derive(Clone, Debug)]
pub(crate) struct MasterKeys {
    /// For application cryptograms.
    pub(crate) cryptogram: DoubleKey,
    /// For the MACs of the issuer's commands.
    pub(crate) integrity: DoubleKey,
    /// For what they carry enciphered.
    pub(crate) confidentiality: DoubleKey,
}

/// The master keys of the issuer of this name.
pub(crate) fn issuer_master_keys(name: &str) -> Option<MasterKeys> {
    #[derive(Deserialize)]
    struct Issuer {
        application_cryptogram: Hex,
        integrity: Hex,
        confidentiality: Hex,
    }
    static ISSUERS: LazyLock<BTreeMap<String, Issuer>> = LazyLock::new(|| {
        toml::from_str(include_str!("../../../test-vectors/keys/issuer-master-keys.toml"))
            .expect("the file of master keys holds keys")
    });
    let issuer = ISSUERS.get(name)?;
    let key = |key: &Hex| Some(DoubleKey::new(key.0.as_slice().try_into().ok()?));
    Some(MasterKeys {
        cryptogram: key(&issuer.application_cryptogram)?,
        integrity: key(&issuer.integrity)?,
        confidentiality: key(&issuer.confidentiality)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_file_work() {
        for name in ["ca-1984-e3", "issuer-1152-e65537", "icc-1000-e3", "pin-896-e3"] {
            let key = RsaKey::new(named(name).unwrap()).unwrap();
            let mut block = vec![0x5A; key.length()];
            block[0] = 0x6A;
            let signed = key.power(&block).unwrap();
            let public = BoxedUint::from_be_slice_vartime(&signed);
            let modulus = BoxedUint::from_be_slice_vartime(&key.modulus);
            let recovered = rsa::hazmat::rsa_encrypt(
                &rsa::PublicKey::new_unchecked(
                    modulus,
                    BoxedUint::from_be_slice_vartime(&key.exponent),
                ),
                &public,
            )
            .unwrap()
            .to_be_bytes();
            assert!(recovered.ends_with(&block), "{name}");
        }
        assert!(named("icc-1984-e5").is_none());
        for issuer in ["visa", "mastercard", "unionpay"] {
            assert!(issuer_master_keys(issuer).is_some(), "{issuer}");
        }
        assert!(issuer_master_keys("nobody").is_none());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let good = named("icc-1024-e3").unwrap();
        let refused = |change: &dyn Fn(&mut KeyText)| {
            let mut text = good.clone();
            change(&mut text);
            RsaKey::new(&text).map(drop).unwrap_err()
        };
        assert!(refused(&|text| text.modulus.0[0] &= 0x7F).contains("bit 1"));
        assert!(refused(&|text| text.modulus.0.resize(249, 1)).contains("248"));
        assert!(refused(&|text| text.exponent.0 = vec![5]).contains("65537"));
        assert!(refused(&|text| text.modulus.0[127] ^= 2).contains("no RSA key"));
        assert!(refused(&|text| text.private_exponent.0[60] ^= 1).contains("no RSA key"));
        assert!(refused(&|text| text.prime_p = text.prime_q.clone()).contains("no RSA key"));
    }

    #[test]
    fn only_blocks_below_the_modulus_have_a_power() {
        let key = RsaKey::new(named("icc-1024-e3").unwrap()).unwrap();
        assert!(key.power(&[0x6A; 128]).is_some());
        assert!(key.power(&[0x6A; 127]).is_none());
        assert!(key.power(&key.modulus).is_none());
        assert!(key.power(&[]).is_none());
    }
}
