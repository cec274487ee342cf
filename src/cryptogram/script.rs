//! Issuer scripts: keys and encipherment. [B2 9] [B2 9.1]

use super::key::xor;
use super::session_key::SessionKey;
use super::{DoubleKey, Error, Padding, common, visa_script};
use crate::crypto::BlockCiphers;

/// How the key of a script comes from a master key of the card. [B2 9.2, 9.3]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScriptKey {
    /// The counter over the key, as Visa has it.
    Counter,
    /// Common session key from the application cryptogram. [B2 A1.3.1]
    Cryptogram,
    /// As the key of the application cryptogram.
    Session(SessionKey),
}

impl ScriptKey {
    /// The key for the scripts of the transaction with this Application Transaction Counter and
    /// this application cryptogram.
    pub fn derive(
        self,
        ciphers: &dyn BlockCiphers,
        master: &DoubleKey,
        atc: [u8; 2],
        cryptogram: [u8; 8],
    ) -> DoubleKey {
        match self {
            Self::Counter => visa_script(master, atc),
            Self::Cryptogram => common(ciphers, master, cryptogram),
            Self::Session(method) => method.derive(ciphers, master, atc, [0; 4]),
        }
    }
}

/// What the MAC of a script command covers. [B2 9.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScriptMac {
    /// Header and data.
    Plain,
    /// Header, Application Transaction Counter, application cryptogram, data.
    Transaction,
}

/// How script data are enciphered. [B2 9.3]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encipherment {
    /// Behind a length byte, padded, each block for itself.
    Visa,
    /// Padded only when there is no whole number of blocks, blocks chained.
    Mastercard,
    /// Always padded, blocks chained. [B2 A1.1]
    Emv,
}

impl Encipherment {
    /// Enciphers `data` into `out`; gives the part of it that is used.
    ///
    /// # Errors
    /// [`Error::Space`] when `out`, or the length byte, is too small.
    pub fn encipher<'o>(
        self,
        ciphers: &dyn BlockCiphers,
        key: &DoubleKey,
        data: &[u8],
        out: &'o mut [u8],
    ) -> Result<&'o mut [u8], Error> {
        let prefix = match self {
            Self::Visa => Some(u8::try_from(data.len()).map_err(|_| Error::Space)?),
            Self::Mastercard | Self::Emv => None,
        };
        let length = data.len() + usize::from(prefix.is_some());
        let padded = self != Self::Mastercard || !length.is_multiple_of(8);
        let padding = padded.then(|| Padding::Method2.after::<8>(length));
        let padding = padding.into_iter().flatten();
        let total = length + padding.clone().count();
        let out = out.get_mut(..total).ok_or(Error::Space)?;

        let plain = prefix.into_iter().chain(data.iter().copied()).chain(padding);
        for (to, byte) in out.iter_mut().zip(plain) {
            *to = byte;
        }
        let mut previous = [0; 8];
        let (blocks, _) = out.as_chunks_mut();
        for block in blocks {
            *block = key.encipher(ciphers, xor(*block, previous));
            if self != Self::Visa {
                previous = *block;
            }
        }
        Ok(out)
    }
}

/// The PIN block of a PIN change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PinBlock {
    /// Visa's, over half of a key of the card and, where there is one, the current PIN.
    Visa,
    /// Visa's with a current PIN, format 2 without.
    VisaOverCurrent,
    /// Format 2; there is no current PIN.
    Format2,
}
