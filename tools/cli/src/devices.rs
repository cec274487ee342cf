//! Simulated card and host in the places where a terminal has devices.

use chipwright::database::Database;
use chipwright::session::LinkError;
use chipwright::tlv::Writer;
use chipwright_card::Card;
use chipwright_harness::device::{CardChannel, Issuer, IssuerAnswer};
use chipwright_host::{Host, HostError};
use core::cell::RefCell;
use std::rc::Rc;

/// A simulated card in the reader.
#[derive(Debug)]
pub(crate) struct InReader(pub(crate) Card);

impl CardChannel for InReader {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        Ok(self.0.transmit(command))
    }
}

/// What the host had to say for itself, once it was asked.
pub(crate) type Remark = Rc<RefCell<Option<String>>>;

/// A simulated host at the other end of the line.
#[derive(Debug)]
pub(crate) struct OnLine {
    host: Host,
    remark: Remark,
}

impl OnLine {
    /// The host, and where it leaves its remark.
    pub(crate) const fn new(host: Host, remark: Remark) -> Self {
        Self { host, remark }
    }

    fn ask(&mut self, data: &Database<'_>) -> Result<IssuerAnswer, HostError> {
        let answer = self.host.authorise(&message(data))?;
        *self.remark.borrow_mut() = Some(answer.reason.to_string());
        let authentication = answer.issuer_authentication_data;
        Ok(IssuerAnswer {
            authorisation_response_code: answer.code,
            issuer_authentication_data: (!authentication.is_empty())
                .then(|| authentication.to_vec()),
            authorisation_code: None,
            scripts: answer.scripts,
        })
    }
}

impl Issuer for OnLine {
    fn authorise(&mut self, data: &Database<'_>) -> Option<IssuerAnswer> {
        match self.ask(data) {
            Ok(answer) => Some(answer),
            Err(error) => {
                *self.remark.borrow_mut() = Some(error.to_string());
                None
            }
        }
    }
}

/// Every data object, as a BER-TLV string: the host takes what it needs.
fn message(data: &Database<'_>) -> Vec<u8> {
    let mut message = Vec::new();
    for (tag, value) in data.objects() {
        let mut object = vec![0; value.len() + 8];
        let mut writer = Writer::new(&mut object);
        writer.put(tag, value).expect("room for one object");
        message.extend_from_slice(writer.written());
    }
    message
}
