//! What the issuer orders: commands with a MAC. [B2 9.2, 9.3; B3 6.5.1, 6.5.2, 6.5.3, 6.5.10]

use chipwright::crypto::BlockCiphers;
use chipwright::cryptogram::{DoubleKey, Encipherment, Pin, PinBlock, Scheme};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright_rustcrypto::RustCrypto;

use super::transaction::{Request, Stage};
use super::{Application, record_address};
use crate::command::{Command, Order, WRONG_DATA, WRONG_LENGTH, WRONG_PARAMETERS};

/// Bytes of the MAC at the end of a command. Issuers may agree with their cards on fewer.
const MAC: usize = 8;

const MAC_MISSING: Status = Status(0x6987);
const MAC_WRONG: Status = Status(0x6988);

/// PIN CHANGE/UNBLOCK, P2: only unblock; change with the current PIN; change without. [B3 6.5.10]
const UNBLOCK: u8 = 0x00;
const CHANGE_OVER_CURRENT: u8 = 0x01;
const CHANGE: u8 = 0x02;

impl Application {
    /// Obeys an order of the issuer if it is the issuer's, and counts it either way.
    ///
    /// Orders are for the transaction in which the card asked the issuer: their keys, or their
    /// MACs, depend on its cryptogram.
    pub(super) fn obey(&mut self, order: Order, command: &Command<'_>) -> Result<(), Status> {
        let request = self.transaction()?.stage.request();
        let request = request.ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        let data = self.authentic_data(command, request);
        let done = data.and_then(|data| self.perform_order(order, command, data, request));
        if let Some(transaction) = &mut self.transaction {
            transaction.script_commands = transaction.script_commands.saturating_add(1);
            transaction.script_failed |= done.is_err();
            if matches!(transaction.stage, Stage::Ended(_)) {
                self.remember_scripts();
            }
        }
        done
    }

    /// Keeps for the next transaction what it tells the issuer about this one's orders.
    pub(super) fn remember_scripts(&mut self) {
        if let Some(transaction) = &self.transaction {
            self.memory.script_commands = transaction.script_commands;
            self.memory.script_failed = transaction.script_failed;
        }
    }

    /// The data of a command before its MAC, once that is verified. [B2 9.2]
    fn authentic_data<'c>(
        &self,
        command: &Command<'c>,
        request: Request,
    ) -> Result<&'c [u8], Status> {
        let (data, code) = command.data.split_last_chunk::<MAC>().ok_or(MAC_MISSING)?;
        let integrity = &self.image.cryptogram.keys.integrity;
        let expected = self.session(request.unpredictable_number).script_mac(
            integrity,
            self.script_cryptogram(request)?,
            command.header,
            data,
        );
        if *code == expected { Ok(data) } else { Err(MAC_WRONG) }
    }

    /// The cryptogram that keys and MACs depend on: Mastercard counts it up with every command.
    fn script_cryptogram(&self, request: Request) -> Result<[u8; 8], Status> {
        let number = match self.image.cryptogram.version.scheme {
            Scheme::Mastercard => self.transaction()?.script_commands,
            _ => 0,
        };
        let first = u64::from_be_bytes(request.cryptogram);
        Ok(first.wrapping_add(number.into()).to_be_bytes())
    }

    fn perform_order(
        &mut self,
        order: Order,
        command: &Command<'_>,
        data: &[u8],
        request: Request,
    ) -> Result<(), Status> {
        if matches!(order, Order::BlockApplication | Order::UnblockApplication | Order::BlockCard) {
            command.without_parameters()?;
            require_empty(data)?;
        }
        match order {
            Order::BlockApplication => self.memory.blocked = true,
            Order::UnblockApplication => self.memory.blocked = false,
            Order::BlockCard => {} // the card does it, with all its applications
            Order::ChangePin => self.change_pin(command, data, request)?,
            Order::PutData => {
                let tag = Tag(u32::from(u16::from_be_bytes([command.p1, command.p2])));
                let value = self.image.get_data.get_mut(&tag).ok_or(Status::DATA_NOT_FOUND)?;
                *value = data.to_vec();
            }
            Order::UpdateRecord => {
                let address = record_address(command)?;
                let record = self.image.records.get_mut(&address);
                *record.ok_or(Status::RECORD_NOT_FOUND)? = data.to_vec();
            }
        }
        Ok(())
    }

    /// PIN CHANGE/UNBLOCK: all tries again, with the old PIN or a new one. [B3 6.5.10]
    fn change_pin(
        &mut self,
        command: &Command<'_>,
        data: &[u8],
        request: Request,
    ) -> Result<(), Status> {
        match (command.p1, command.p2) {
            (0x00, UNBLOCK) => require_empty(data)?,
            (0x00, CHANGE | CHANGE_OVER_CURRENT) => {
                let over_current = command.p2 == CHANGE_OVER_CURRENT;
                self.memory.pin = self.new_pin(data, request, over_current)?;
            }
            _ => return Err(WRONG_PARAMETERS),
        }
        self.memory.pin_tries_left = self.image.pin_try_limit;
        Ok(())
    }

    /// The new PIN in the enciphered `data` of a PIN change.
    fn new_pin(&self, data: &[u8], request: Request, over_current: bool) -> Result<Pin, Status> {
        let image = &self.image.cryptogram;
        let (version, keys) = (image.version, &image.keys);
        let key = version.script_key.derive(
            &RustCrypto,
            &keys.confidentiality,
            self.memory.atc.to_be_bytes(),
            self.script_cryptogram(request)?,
        );
        let block = decipher(version.encipherment, &key, data).ok_or(WRONG_DATA)?;
        let masked = match (version.pin_block, over_current) {
            (PinBlock::Format2, true) => return Err(WRONG_PARAMETERS),
            (PinBlock::Format2 | PinBlock::VisaOverCurrent, false) => false,
            (PinBlock::Visa, _) | (PinBlock::VisaOverCurrent, true) => true,
        };
        let pin = if masked {
            // What lies over a new PIN lies over any other one as well.
            let current = &self.memory.pin;
            let over = over_current.then_some(current);
            let mask = xor(current.change_block(&keys.cryptogram, over), format_0(current));
            pin_in(xor(block, mask), 0)
        } else {
            pin_in(block, 2)
        };
        pin.ok_or(WRONG_DATA)
    }
}

fn require_empty(data: &[u8]) -> Result<(), Status> {
    if data.is_empty() { Ok(()) } else { Err(WRONG_LENGTH) }
}

/// The PIN block in enciphered data. [B2 9.3]
fn decipher(how: Encipherment, key: &DoubleKey, data: &[u8]) -> Option<[u8; 8]> {
    let (blocks, []) = data.as_chunks::<8>() else {
        return None;
    };
    let mut plain = Vec::new();
    let mut previous = [0; 8];
    for enciphered in blocks {
        let mut block = *enciphered;
        RustCrypto.tdes_decrypt(key.bytes(), &mut block);
        plain.extend(xor(block, previous));
        if how != Encipherment::Visa {
            previous = *enciphered;
        }
    }
    let block = match (how, plain.as_slice()) {
        (Encipherment::Visa, [8, block @ .., 0x80, 0, 0, 0, 0, 0, 0])
        | (Encipherment::Emv, [block @ .., 0x80, 0, 0, 0, 0, 0, 0, 0])
        | (Encipherment::Mastercard, block) => block,
        _ => return None,
    };
    block.try_into().ok()
}

/// The PIN in a block whose first half byte is `format`.
fn pin_in(block: [u8; 8], format: u8) -> Option<Pin> {
    let [first, rest @ ..] = block;
    let digits: Vec<u8> = rest.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).collect();
    let (digits, filler) = digits.split_at_checked(usize::from(first & 0x0F))?;
    let right = first >> 4 == format && filler.iter().all(|half| *half == 0x0F);
    if right { Pin::new(digits) } else { None }
}

/// The block of format 2 with format 0's first half byte.
fn format_0(pin: &Pin) -> [u8; 8] {
    xor(pin.format_2(), [0x20, 0, 0, 0, 0, 0, 0, 0])
}

fn xor(one: [u8; 8], other: [u8; 8]) -> [u8; 8] {
    core::array::from_fn(|place| one[place] ^ other[place])
}
