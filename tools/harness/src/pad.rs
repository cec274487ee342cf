//! A simulated PIN pad.

use crate::device::{CardChannel, PinPad};
use chipwright::apdu::{BUFFER_LENGTH, Buffer, Command};
use chipwright::crypto::{MAX_MODULUS, Random, RsaEncipher};
use chipwright::oda::PublicKey;
use chipwright::session::{LinkError, PinMethod, PinRequest, PinResult};
use chipwright::status::Status;
use chipwright_rustcrypto::RustCrypto;
use std::collections::VecDeque;

/// What happens at the pad when a PIN is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// These digits are entered.
    Digits(Pin),
    /// The PIN is bypassed.
    Bypass,
    /// The transaction is cancelled.
    Cancel,
    /// The pad does not work.
    Broken,
}

/// Four to twelve digits. Not shown, and wiped on drop.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Vec<u8>);

impl Pin {
    /// Reads digits; `None` when there are less than 4 or more than 12, or something else.
    pub fn new(digits: &str) -> Option<Self> {
        let valid = matches!(digits.len(), 4..=12) && digits.bytes().all(|b| b.is_ascii_digit());
        valid.then(|| Self(digits.bytes().map(|digit| digit - b'0').collect()))
    }

    /// The plaintext PIN block: control 2, length, digits, F filler. [B3 6.5.12]
    fn block(&self) -> [u8; 8] {
        let mut nibbles = [0xF; 16];
        nibbles[0] = 0x2;
        nibbles[1] = self.0.len() as u8;
        nibbles[2..2 + self.0.len()].copy_from_slice(&self.0);
        core::array::from_fn(|i| nibbles[2 * i] << 4 | nibbles[2 * i + 1])
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl core::fmt::Debug for Pin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("****")
    }
}

/// A pad at which the given entries are made, one after the other; when none is left, it is
/// bypassed.
pub struct ScriptedPad<'a> {
    entries: VecDeque<Entry>,
    random: &'a dyn Random,
}

impl<'a> ScriptedPad<'a> {
    /// The pad with these entries; `random` pads what is enciphered.
    pub fn new(entries: impl IntoIterator<Item = Entry>, random: &'a dyn Random) -> Self {
        Self { entries: entries.into_iter().collect(), random }
    }

    /// Enciphers and verifies: 7F, PIN block, challenge, random padding. [B2 7.2]
    fn verify_enciphered(
        &self,
        pin: &Pin,
        key: PublicKey<'_>,
        card: &mut dyn CardChannel,
    ) -> Result<PinResult, LinkError> {
        let answer = exchange(card, Command::GET_CHALLENGE, &[])?;
        let [challenge @ .., 0x90, 0x00] = &answer[..] else {
            return Ok(PinResult::NoChallenge);
        };
        if challenge.len() != 8 || key.modulus.len() < 17 || key.modulus.len() > MAX_MODULUS {
            return Ok(PinResult::NoChallenge);
        }
        let mut block = vec![0; key.modulus.len()];
        block[0] = 0x7F;
        block[1..9].copy_from_slice(&pin.block());
        block[9..17].copy_from_slice(challenge);
        let enciphered = self.random.fill(&mut block[17..]).is_ok()
            && RustCrypto.encipher(key.modulus, key.exponent, &mut block).is_ok();
        if !enciphered {
            zeroize::Zeroize::zeroize(&mut block);
            return Ok(PinResult::Broken);
        }
        verified(&exchange(card, Command::VERIFY_ENCIPHERED, &block)?)
    }
}

impl PinPad for ScriptedPad<'_> {
    fn enter(&mut self, request: &PinRequest<'_>, card: &mut dyn CardChannel) -> PinResult {
        let pin = match self.entries.pop_front() {
            Some(Entry::Digits(pin)) => pin,
            Some(Entry::Bypass) | None => return PinResult::Bypassed,
            Some(Entry::Cancel) => return PinResult::Cancelled,
            Some(Entry::Broken) => return PinResult::Broken,
        };
        let result = match (request.entry.method, request.key) {
            // Enciphered here for the issuer; the simulated host trusts that it is right.
            (PinMethod::Online, _) => return PinResult::Captured,
            (PinMethod::Plaintext, _) => exchange(card, Command::VERIFY_PLAINTEXT, &pin.block())
                .and_then(|answer| verified(&answer)),
            (PinMethod::Enciphered, Some(key)) => self.verify_enciphered(&pin, key, card),
            (PinMethod::Enciphered, None) => return PinResult::NoChallenge,
        };
        result.unwrap_or_else(PinResult::LinkFailed)
    }
}

impl core::fmt::Debug for ScriptedPad<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ScriptedPad({} entries left)", self.entries.len())
    }
}

fn verified(answer: &[u8]) -> Result<PinResult, LinkError> {
    match *answer {
        [.., sw1, sw2] => Ok(PinResult::Verified(Status(u16::from_be_bytes([sw1, sw2])))),
        _ => Err(LinkError::Protocol),
    }
}

fn exchange(
    card: &mut dyn CardChannel,
    command: Command,
    data: &[u8],
) -> Result<Vec<u8>, LinkError> {
    let mut memory = [0; BUFFER_LENGTH];
    let mut buffer = Buffer::new(&mut memory);
    let room = buffer.room().get_mut(..data.len()).ok_or(LinkError::Protocol)?;
    room.copy_from_slice(data);
    buffer.compose(command, data.len()).map_err(|_| LinkError::Protocol)?;
    card.transmit(buffer.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_four_to_twelve_digits_and_not_shown() {
        assert_eq!(
            Pin::new("1234").unwrap().block(),
            [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
        );
        let longest = Pin::new("123456789012").unwrap().block();
        assert_eq!(longest, [0x2C, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0xFF]);
        for wrong in ["123", "1234567890123", "12a4", ""] {
            assert_eq!(Pin::new(wrong), None);
        }
        assert_eq!(format!("{:?}", Entry::Digits(Pin::new("1234").unwrap())), "Digits(****)");
    }
}
