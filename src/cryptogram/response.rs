//! The issuer's answer to an application cryptogram. [B2 8.2]

use super::key::xor;
use super::{DoubleKey, Error, Padding, mac};
use crate::crypto::BlockCiphers;
use heapless::Vec;

/// Issuer Authentication Data (91): 8 to 16 bytes. [B3 A]
pub type IssuerAuthenticationData = Vec<u8, 16>;

/// What the issuer decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict<'a> {
    /// An Authorisation Response Code (8A), for method 1.
    Code([u8; 2]),
    /// Card Status Update and up to 8 bytes of the issuer's own, for method 2. [B3 C9]
    Status {
        /// Card Status Update.
        update: [u8; 4],
        /// Proprietary Authentication Data.
        proprietary: &'a [u8],
    },
}

/// How a version is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResponseMethod {
    /// Method 1, with the session key of the cryptogram.
    Code,
    /// Method 1, with the master key of the card.
    CodeByMasterKey,
    /// Method 2, with the session key of the cryptogram.
    Status,
    /// Not at all: the card is gone when the answer comes.
    None,
}

/// An Authorisation Response Cryptogram by method 1. [B2 8.2.1]
pub fn method_1(
    ciphers: &dyn BlockCiphers,
    key: &DoubleKey,
    cryptogram: [u8; 8],
    code: [u8; 2],
) -> [u8; 8] {
    let [high, low] = code;
    key.encipher(ciphers, xor(cryptogram, [high, low, 0, 0, 0, 0, 0, 0]))
}

/// An Authorisation Response Cryptogram by method 2. [B2 8.2.2]
///
/// `proprietary` is up to 8 bytes long.
pub fn method_2(
    ciphers: &dyn BlockCiphers,
    key: &DoubleKey,
    cryptogram: [u8; 8],
    update: [u8; 4],
    proprietary: &[u8],
) -> [u8; 4] {
    let parts = [cryptogram.as_slice(), &update, proprietary];
    let [a, b, c, d, ..] = mac(ciphers, key, Padding::Method2, parts);
    [a, b, c, d]
}

impl ResponseMethod {
    /// The Issuer Authentication Data: the cryptogram, then what it covers.
    pub(super) fn answer(
        self,
        ciphers: &dyn BlockCiphers,
        [master, session]: [&DoubleKey; 2],
        cryptogram: [u8; 8],
        verdict: Verdict<'_>,
    ) -> Result<IssuerAuthenticationData, Error> {
        let mut data = Vec::new();
        let mut put = |bytes: &[u8]| data.extend_from_slice(bytes).map_err(|_| Error::Space);
        match (self, verdict) {
            (Self::Code, Verdict::Code(code)) => {
                put(&method_1(ciphers, session, cryptogram, code))?;
                put(&code)?;
            }
            (Self::CodeByMasterKey, Verdict::Code(code)) => {
                put(&method_1(ciphers, master, cryptogram, code))?;
                put(&code)?;
            }
            (Self::Status, Verdict::Status { update, proprietary }) => {
                put(&method_2(ciphers, session, cryptogram, update, proprietary))?;
                put(&update)?;
                put(proprietary)?;
            }
            _ => return Err(Error::Verdict),
        }
        Ok(data)
    }

    /// The verdict in Issuer Authentication Data, not yet verified; `None` when they have another
    /// length than the method's.
    pub(super) fn verdict(self, data: &[u8]) -> Option<Verdict<'_>> {
        match self {
            Self::Code | Self::CodeByMasterKey => {
                let (_, code) = data.split_first_chunk::<8>()?;
                code.try_into().ok().map(Verdict::Code)
            }
            Self::Status => {
                let (_, rest) = data.split_first_chunk::<4>()?;
                let (&update, proprietary) = rest.split_first_chunk()?;
                Some(Verdict::Status { update, proprietary })
            }
            Self::None => None,
        }
    }
}
