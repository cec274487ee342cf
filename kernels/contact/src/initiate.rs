//! Initiate Application Processing. [B3 10.1] [B3 7.4]
//!
//! Reads: PDOL (9F38) and what it lists. Writes: AIP (82), AFL (94).
//! Commands: GET PROCESSING OPTIONS.

use crate::Contact;
use chipwright::apdu::Command;
use chipwright::database::{Kept, Repeat};
use chipwright::dictionary::emv::template::COMMAND_TEMPLATE;
use chipwright::dictionary::emv::{AFL, AIP, TERMINAL_CAPABILITIES};
use chipwright::dictionary::{EMV, Place};
use chipwright::dol::fill_command_template;
use chipwright::event::Event;
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::field::TerminalCapabilities;
use chipwright::phase::Phase;
use chipwright::response::{self, Response};
use chipwright::session::Ended;
use chipwright::status::Status;
use chipwright::tlv;

impl Contact<'_, '_, '_> {
    /// Starts the selected application; `false` when it refuses these conditions of use.
    pub(crate) async fn initiate_application(&mut self) -> Result<bool, Ended> {
        self.enter(Phase::InitiateApplication);
        let events = self.link.events;
        self.link.compose(Command::GET_PROCESSING_OPTIONS, |data, out| {
            fill_command_template(data, EMV, out, events)
        })?;
        self.keep_pdol_data()?;
        match self.link.transmit().await? {
            Status::SUCCESS => {}
            // [B3 10.1 refused]
            status @ Status::CONDITIONS_NOT_SATISFIED => {
                let fault = Fault::new(Cause::Status(status.0));
                self.link.events.emit(&Event::GivenUp(fault));
                return Ok(false);
            }
            status => return Err(self.link.refused(status).into()),
        }
        self.store_processing_options()?;
        Ok(true)
    }

    /// Keeps what a combined signature will cover. [B2 6.6.2]
    fn keep_pdol_data(&mut self) -> Result<(), Failed> {
        if !self.link.data.require(TERMINAL_CAPABILITIES)?.contains(TerminalCapabilities::CDA) {
            return Ok(());
        }
        // [B2 6.6.2 kept]
        let template = tlv::find(self.link.apdu.command_data(), COMMAND_TEMPLATE);
        let template = self.link.data.noted(template)?;
        self.link.data.keep(Kept::PdolData, template.unwrap_or_default())
    }

    /// Stores AIP and AFL out of either format. [B3 6.5.8]
    fn store_processing_options(&mut self) -> Result<(), Failed> {
        let data = &mut self.link.data;
        match data.noted(Response::read(self.link.apdu.data()))? {
            Response::Format1(value) => {
                for (tag, value) in data.noted(response::processing_options(value))? {
                    data.put_card(tag, value, Repeat::Refuse)?;
                }
            }
            Response::Format2(content) => {
                data.store(content, Place::Response, Repeat::Refuse, EMV, self.link.events)?;
            }
        }
        // [B3 6.5.8 mandatory]
        data.require(AIP)?;
        match data.bytes(AFL.tag) {
            Some(_) => Ok(()),
            None => Err(data.missing(AFL.tag)),
        }
    }
}
