//! Cardholder and issuer of a record.

use std::collections::BTreeMap;

use chipwright::database::Database;
use chipwright::dictionary::emv::{AUTHORISATION_RESPONSE_CODE, ISSUER_AUTHENTICATION_DATA};
use chipwright::session::{PinMethod, PinRequest, PinResult};
use chipwright::status::Status;
use chipwright::tag::Tag;

use super::objects::{cryptogram_commands, listed};
use crate::device::{CardChannel, Issuer, IssuerAnswer, PinPad};
use crate::recorded::Exchange;

/// A pad that sends the recorded VERIFY commands, one after the other. Where none is left the PIN
/// counts as right: it was entered in some other way.
#[derive(Debug)]
pub(super) struct RecordedPad {
    commands: Vec<Vec<u8>>,
    /// PINs that were taken for right.
    pub(super) assumed: usize,
}

impl RecordedPad {
    pub(super) fn of(exchanges: &[Exchange]) -> Self {
        let verify = |exchange: &&Exchange| exchange.command.get(1) == Some(&0x20);
        let commands = exchanges.iter().rev().filter(verify);
        Self { commands: commands.map(|exchange| exchange.command.clone()).collect(), assumed: 0 }
    }
}

impl PinPad for RecordedPad {
    fn enter(&mut self, request: &PinRequest<'_>, card: &mut dyn CardChannel) -> PinResult {
        if request.entry.method == PinMethod::Online {
            return PinResult::Captured;
        }
        let Some(command) = self.commands.pop() else {
            self.assumed += 1;
            return PinResult::Verified(Status::SUCCESS);
        };
        match card.transmit(&command).as_deref() {
            Ok([.., sw1, sw2]) => PinResult::Verified(Status(u16::from_be_bytes([*sw1, *sw2]))),
            Ok(_) => PinResult::LinkFailed(chipwright::session::LinkError::Protocol),
            Err(error) => PinResult::LinkFailed(*error),
        }
    }
}

/// An issuer that answers what the card was told afterwards: in EXTERNAL AUTHENTICATE and the
/// second GENERATE AC. Without those it cannot be reached.
#[derive(Debug)]
pub(super) struct RecordedIssuer(Option<IssuerAnswer>);

impl RecordedIssuer {
    pub(super) fn of(exchanges: &[Exchange], card: &BTreeMap<Tag, Vec<u8>>) -> Self {
        let authenticate = exchanges
            .iter()
            .find(|exchange| exchange.command.starts_with(&[0x00, 0x82]))
            .map(|exchange| crate::describe::command(&exchange.command).data);
        let second = cryptogram_commands(exchanges).nth(1);
        if authenticate.is_none() && second.is_none() {
            return Self(None);
        }
        let told: BTreeMap<Tag, Vec<u8>> = second
            .and_then(|bytes| listed(bytes, true, card))
            .map(|objects| objects.into_iter().collect())
            .unwrap_or_default();
        let code = told.get(&AUTHORISATION_RESPONSE_CODE.tag);
        let code = code.and_then(|code| code.as_slice().try_into().ok());
        let approved = second.and_then(|bytes| bytes.get(2)).is_none_or(|p1| p1 & 0xC0 == 0x40);
        let data = authenticate.or_else(|| told.get(&ISSUER_AUTHENTICATION_DATA.tag).cloned());
        Self(Some(IssuerAnswer {
            authorisation_response_code: code.unwrap_or(if approved { *b"00" } else { *b"05" }),
            issuer_authentication_data: data.filter(|data| (8..=16).contains(&data.len())),
            authorisation_code: None,
            scripts: Vec::new(),
        }))
    }
}

impl Issuer for RecordedIssuer {
    fn authorise(&mut self, _: &Database<'_>) -> Option<IssuerAnswer> {
        self.0.clone()
    }
}
