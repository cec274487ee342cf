//! One transaction, as card and host see it. [B2 8.1.2; B2 8.3]

use super::{
    CryptogramVersion, DoubleKey, Error, IssuerAuthenticationData, Padding, Pin, PinBlock,
    ScriptMac, Verdict, mac,
};
use crate::crypto::BlockCiphers;
use core::fmt;
use ctutils::CtEq;
use heapless::Vec;

/// The keys of a card for one transaction, and how its cryptogram version uses them.
#[derive(Clone)]
pub struct Session<'a> {
    ciphers: &'a dyn BlockCiphers,
    version: &'a CryptogramVersion,
    master: &'a DoubleKey,
    key: DoubleKey,
    atc: [u8; 2],
}

/// A command with secure messaging: header, data and MAC.
pub type Command = Vec<u8, 32>;

impl<'a> Session<'a> {
    /// The session of a card with the `master` key for application cryptograms, in the transaction
    /// with this Application Transaction Counter (9F36) and Unpredictable Number (9F37).
    pub fn new(
        ciphers: &'a dyn BlockCiphers,
        version: &'a CryptogramVersion,
        master: &'a DoubleKey,
        atc: [u8; 2],
        unpredictable_number: [u8; 4],
    ) -> Self {
        let key = version.session_key.derive(ciphers, master, atc, unpredictable_number);
        Self { ciphers, version, master, key, atc }
    }

    /// The key of the application cryptogram.
    pub const fn key(&self) -> &DoubleKey {
        &self.key
    }

    /// The application cryptogram (9F26) over the `parts` of its input. [B2 8.1]
    pub fn application_cryptogram<'p>(&self, parts: impl IntoIterator<Item = &'p [u8]>) -> [u8; 8] {
        mac(self.ciphers, &self.key, self.version.padding, parts)
    }

    /// Issuer Authentication Data (91) in answer to an application cryptogram. [B2 8.2]
    ///
    /// # Errors
    /// [`Error::Verdict`] when the version is answered by the other kind; [`Error::Space`] for
    /// more than 8 bytes of the issuer's own.
    pub fn issuer_authentication_data(
        &self,
        cryptogram: [u8; 8],
        verdict: Verdict<'_>,
    ) -> Result<IssuerAuthenticationData, Error> {
        let keys = [self.master, &self.key];
        self.version.response.answer(self.ciphers, keys, cryptogram, verdict)
    }

    /// What the issuer decided; `None` when it is not the issuer who speaks, or not about this
    /// cryptogram. [B2 8.2]
    pub fn verify<'d>(&self, cryptogram: [u8; 8], data: &'d [u8]) -> Option<Verdict<'d>> {
        let verdict = self.version.response.verdict(data)?;
        let expected = self.issuer_authentication_data(cryptogram, verdict).ok()?;
        is_same(&expected, data).then_some(verdict)
    }

    /// The MAC of a script command. [B2 9.2]
    ///
    /// `integrity` is the card's master key for it. `cryptogram` is the application cryptogram,
    /// which Mastercard counts up by one for every further command of the transaction. Shorter
    /// MACs are the leftmost bytes.
    pub fn script_mac(
        &self,
        integrity: &DoubleKey,
        cryptogram: [u8; 8],
        header: &[u8],
        data: &[u8],
    ) -> [u8; 8] {
        let key = self.script_key(integrity, cryptogram);
        let [counter, cryptogram]: [&[u8]; 2] = match self.version.script_mac {
            ScriptMac::Plain => [&[], &[]],
            ScriptMac::Transaction => [&self.atc, &cryptogram],
        };
        let parts = [header, counter, cryptogram, data];
        mac(self.ciphers, &key, Padding::Method2, parts)
    }

    /// The command PIN CHANGE (Book 3, 6.5.10) with the `new` PIN, and with the `current` one where
    /// the card is to have it.
    ///
    /// `integrity` and `confidentiality` are the card's master keys for scripts.
    ///
    /// # Errors
    /// [`Error::CurrentPin`] when the version's PIN block has no room for it.
    pub fn pin_change(
        &self,
        [integrity, confidentiality]: [&DoubleKey; 2],
        cryptogram: [u8; 8],
        new: &Pin,
        current: Option<&Pin>,
    ) -> Result<Command, Error> {
        let block = match (self.version.pin_block, current) {
            (PinBlock::VisaOverCurrent | PinBlock::Format2, None) => new.format_2(),
            (PinBlock::Visa | PinBlock::VisaOverCurrent, current) => {
                new.change_block(self.master, current)
            }
            (PinBlock::Format2, Some(_)) => return Err(Error::CurrentPin),
        };
        let key = self.script_key(confidentiality, cryptogram);
        let mut space = [0; 16];
        let encipherment = self.version.encipherment;
        let data = encipherment.encipher(self.ciphers, &key, &block, &mut space)?;

        let variant = if current.is_some() { 0x01 } else { 0x02 };
        let length = u8::try_from(data.len() + 8).map_err(|_| Error::Space)?;
        let header = [0x84, 0x24, 0x00, variant, length];
        let code = self.script_mac(integrity, cryptogram, &header, data);
        let mut command = Command::new();
        for part in [header.as_slice(), data, &code] {
            command.extend_from_slice(part).map_err(|_| Error::Space)?;
        }
        Ok(command)
    }

    fn script_key(&self, master: &DoubleKey, cryptogram: [u8; 8]) -> DoubleKey {
        self.version.script_key.derive(self.ciphers, master, self.atc, cryptogram)
    }
}

/// Whether what came is what is expected, in time that does not tell where it differs.
fn is_same(expected: &[u8], came: &[u8]) -> bool {
    expected.ct_eq(came).to_bool()
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("scheme", &self.version.scheme)
            .field("version", &self.version.number)
            .field("atc", &self.atc)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn what_differs_anywhere_or_is_shorter_is_not_the_same() {
        let expected = [0x2C, 0x70, 0x1D, 0xFE, 0x07, 0x11, 0xBB, 0xBE];
        assert!(is_same(&expected, &expected));
        for bit in 0..64 {
            let mut came = expected;
            came[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_same(&expected, &came), "bit {bit}");
        }
        assert!(!is_same(&expected, &expected[..7]) && !is_same(&expected[..7], &expected));
    }
}
