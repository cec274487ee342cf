//! The PIN. [B2 7.2; B3 6.5.6, 6.5.12]

use chipwright::status::Status;

use super::Application;
use super::transaction::Stage;
use crate::command::{Command, WRONG_LENGTH, WRONG_PARAMETERS};
use crate::key::RsaKey;
use crate::random::Random;

const PLAINTEXT: u8 = 0x80;
const ENCIPHERED: u8 = 0x88;

/// First byte of an enciphered block.
const HEADER: u8 = 0x7F;

impl Application {
    /// GET CHALLENGE: a number that an enciphered PIN must come with.
    pub(super) fn get_challenge(
        &self,
        command: &Command<'_>,
        random: &mut Random,
    ) -> Result<[u8; 8], Status> {
        Self::require_instruction(self.image.pin_key.is_some())?;
        command.without_parameters()?;
        self.transaction()?;
        Ok(random.next())
    }

    /// VERIFY: compares the PIN and counts the wrong ones.
    pub(super) fn verify(
        &mut self,
        command: &Command<'_>,
        challenge: Option<[u8; 8]>,
    ) -> Result<Vec<u8>, Status> {
        let key = match (command.p1, command.p2, &self.image.pin_key) {
            (0x00, PLAINTEXT, _) => None,
            (0x00, ENCIPHERED, Some(key)) => Some(key),
            _ => return Err(WRONG_PARAMETERS),
        };
        if command.data.len() != key.map_or(8, RsaKey::length) {
            return Err(WRONG_LENGTH);
        }
        let transaction = self.transaction.as_mut();
        let transaction = transaction
            .filter(|transaction| !matches!(transaction.stage, Stage::Ended(_)))
            .ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        if self.memory.pin_tries_left == 0 {
            return Err(Status::METHOD_BLOCKED);
        }
        let right = match key {
            None => command.data == self.memory.pin.format_2(),
            Some(key) => {
                let challenge = challenge.ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
                decipher(key, command.data, challenge) == Some(self.memory.pin.format_2())
            }
        };
        let left = if right { self.image.pin_try_limit } else { self.memory.pin_tries_left - 1 };
        self.memory.pin_tries_left = left;
        transaction.results.pin = Some(right);
        transaction.results.pin_enciphered = key.is_some();
        transaction.results.pin_tries_left = left;
        if right { Ok(Vec::new()) } else { Err(Status(0x63C0 | u16::from(left))) }
    }
}

/// The PIN block in an enciphered block that was made for this `challenge`. [B2 7.2]
fn decipher(key: &RsaKey, data: &[u8], challenge: [u8; 8]) -> Option<[u8; 8]> {
    let plain = key.power(data)?;
    let (&[header], rest) = plain.split_first_chunk()?;
    let (block, rest) = rest.split_first_chunk::<8>()?;
    (header == HEADER && rest.starts_with(&challenge)).then_some(*block)
}
