//! Keys of certification authorities, and what is checked before one is trusted. [B2 5.2, 10]

use crate::crypto::{Hash, MAX_MODULUS};
use crate::oda::PublicKey;
use crate::value::Date;
use core::fmt;

/// A key of a certification authority. [B2 5.2]
#[derive(Clone, Copy, Debug)]
pub struct CaPublicKey<'a> {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Certification Authority Public Key Index.
    pub index: u8,
    /// Modulus, up to 248 bytes.
    pub modulus: &'a [u8],
    /// Exponent, 3 or 65537.
    pub exponent: &'a [u8],
}

impl<'a> CaPublicKey<'a> {
    /// Modulus and exponent.
    pub const fn key(&self) -> PublicKey<'a> {
        PublicKey { modulus: self.modulus, exponent: self.exponent }
    }
}

/// An issuer certificate that counts no more. [B2 5.1.2]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Index of the key that signed the certificate.
    pub index: u8,
    /// The certificate's serial number.
    pub serial: [u8; 3],
}

impl Revocation {
    /// Whether this entry revokes the certificate with `serial` under `key`.
    pub fn revokes(&self, key: &CaPublicKey<'_>, serial: [u8; 3]) -> bool {
        (self.rid, self.index, self.serial) == (key.rid, key.index, serial)
    }
}

/// For which side of the business a key is.
///
/// Test and live keys of a scheme share index numbers: a terminal that holds both would trust
/// test cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Test cards and test hosts.
    Test,
    /// Money.
    Live,
}

/// A key as it is distributed: with what tells whether it arrived whole and is still good.
#[derive(Clone, Copy, Debug)]
pub struct KeyRecord<'a> {
    /// The key.
    pub key: CaPublicKey<'a>,
    /// SHA-1 over RID, index, modulus and exponent, as published. [B2 10]
    pub checksum: Option<[u8; 20]>,
    /// Last day on which the key is good; none when the scheme gives none.
    pub expiry: Option<Date>,
    /// For which side it is.
    pub environment: Environment,
}

/// Why a key is not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyFault {
    /// The modulus has no byte, more than 248, a leading zero, or is even.
    Modulus,
    /// The exponent is neither 3 nor 65537 in its shortest form.
    Exponent,
    /// No checksum came with the key: its origin is unknown.
    NoChecksum,
    /// The checksum differs: the key was changed on its way.
    Checksum,
    /// The last day is over.
    Expired,
    /// The key is of the other environment.
    Environment,
    /// Another key of the set has the same RID and index.
    Duplicate,
}

impl<'a> KeyRecord<'a> {
    /// The checksum that the key should have. [B2 10]
    pub fn computed_checksum(&self, hash: &dyn Hash) -> [u8; 20] {
        let CaPublicKey { rid, index, modulus, exponent } = self.key;
        hash.sha1(&mut [&rid[..], &[index], modulus, exponent].into_iter())
    }

    /// Checks a key before it is loaded; gives the key that may be trusted. [B2 10]
    ///
    /// # Errors
    /// The first [`KeyFault`] found, [`KeyFault::Duplicate`] excepted: that one concerns the set.
    pub fn check(
        &self,
        environment: Environment,
        today: Date,
        hash: &dyn Hash,
    ) -> Result<CaPublicKey<'a>, KeyFault> {
        match *self.key.modulus {
            [1..=0xFF, .., last] if last & 1 == 1 && self.key.modulus.len() <= MAX_MODULUS => {}
            _ => return Err(KeyFault::Modulus),
        }
        if !matches!(self.key.exponent, [3] | [1, 0, 1]) {
            return Err(KeyFault::Exponent);
        }
        let published = self.checksum.ok_or(KeyFault::NoChecksum)?;
        if published != self.computed_checksum(hash) {
            return Err(KeyFault::Checksum);
        }
        if self.expiry.is_some_and(|last| today > last) {
            return Err(KeyFault::Expired);
        }
        if self.environment != environment {
            return Err(KeyFault::Environment);
        }
        Ok(self.key)
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Modulus => "the modulus is empty, too long, even, or has a leading zero",
            Self::Exponent => "the exponent is neither 3 nor 65537",
            Self::NoChecksum => "no checksum: the key is of unknown origin",
            Self::Checksum => "the checksum differs: the key was changed on its way",
            Self::Expired => "the key has expired",
            Self::Environment => "the key is of the other environment, test or live",
            Self::Duplicate => "another key has the same RID and index",
        })
    }
}

impl core::error::Error for KeyFault {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Parts;

    /// Not a hash: the bytes folded together, which is enough to tell strings apart.
    struct Folded;

    impl Hash for Folded {
        fn sha1(&self, parts: Parts<'_, '_>) -> [u8; 20] {
            let mut sum = [0u8; 20];
            for (place, byte) in parts.flatten().enumerate() {
                sum[place % 20] = sum[place % 20].rotate_left(1) ^ byte;
            }
            sum
        }
    }

    const KEY: CaPublicKey<'static> = CaPublicKey {
        rid: [0xA0, 0, 0, 0, 3],
        index: 0xF1,
        modulus: &[0xC1, 0x03],
        exponent: &[3],
    };

    fn check(change: impl FnOnce(&mut KeyRecord<'_>)) -> Result<(), KeyFault> {
        let last = Date::new(2030, 12, 31).unwrap();
        let mut record = KeyRecord {
            key: KEY,
            checksum: None,
            expiry: Some(last),
            environment: Environment::Test,
        };
        record.checksum = Some(record.computed_checksum(&Folded));
        change(&mut record);
        record.check(Environment::Test, last, &Folded).map(|key| assert_eq!(key.index, 0xF1))
    }

    /// [B2 10]
    #[test]
    fn every_check_can_fail() {
        assert_eq!(check(|_| {}), Ok(()));
        assert_eq!(check(|r| r.key.modulus = &[]), Err(KeyFault::Modulus));
        assert_eq!(check(|r| r.key.modulus = &[0x00, 0x03]), Err(KeyFault::Modulus));
        assert_eq!(check(|r| r.key.modulus = &[0xC1, 0x02]), Err(KeyFault::Modulus));
        assert_eq!(check(|r| r.key.modulus = &[0xFF; 249]), Err(KeyFault::Modulus));
        assert_eq!(check(|r| r.key.exponent = &[5]), Err(KeyFault::Exponent));
        assert_eq!(check(|r| r.checksum = None), Err(KeyFault::NoChecksum));
        assert_eq!(check(|r| r.key.index = 0xF2), Err(KeyFault::Checksum));
        assert_eq!(check(|r| r.key.modulus = &[0xC1, 0x05]), Err(KeyFault::Checksum));
        assert_eq!(check(|r| r.expiry = Date::new(2030, 12, 30)), Err(KeyFault::Expired));
        assert_eq!(check(|r| r.expiry = None), Ok(()));
        assert_eq!(check(|r| r.environment = Environment::Live), Err(KeyFault::Environment));
    }
}
