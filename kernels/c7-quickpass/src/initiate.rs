//! Initiate Application Processing: one command that brings the card's decision. [C7 4.2, 4.3,
//! 4.4]
//!
//! Reads: PDOL and what it lists. Writes: the objects of the answer.
//! Commands: GET PROCESSING OPTIONS.

use crate::cryptogram::{self, MANDATORY_FOR_ISSUER, MANDATORY_FOR_TC};
use crate::dictionary::C7;
use crate::outcome::Conclusion;
use crate::{Exit, QuickPass, Reason, Refusal};
use chipwright::afl::Afl;
use chipwright::apdu::Command;
use chipwright::database::Repeat;
use chipwright::dictionary::emv::template::RESPONSE_FORMAT_2;
use chipwright::dictionary::emv::{AFL, AIP, CRYPTOGRAM_INFORMATION_DATA, ISSUER_APPLICATION_DATA};
use chipwright::dictionary::{Place, Source};
use chipwright::dol::fill_command_template;
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::field::{CryptogramInformation, CryptogramType};
use chipwright::object::Value;
use chipwright::phase::Phase;
use chipwright::response::Response;
use chipwright::status::Status;

/// Shortest content of the answer. [C7 4.3]
const SHORTEST: usize = 6;

impl QuickPass<'_, '_, '_> {
    /// Has the card decide; gives the type of its cryptogram.
    pub(crate) async fn initiate_application(&mut self) -> Result<CryptogramType, Exit> {
        self.enter(Phase::InitiateApplication);
        let events = self.link.events;
        self.link.compose(Command::GET_PROCESSING_OPTIONS, |data, out| {
            fill_command_template(data, C7, out, events)
        })?;
        let status = self.link.transmit().await?;
        // [C7 4.2 status]
        if status != Status::SUCCESS {
            let refusal = self.configuration.refusal(status);
            self.tell(Reason::RefusedByCard, None);
            return Err(Exit::Concluded(self.refused(refusal)));
        }
        self.store_processing_options()?;
        self.cryptogram_type()
    }

    /// What becomes of a card that does not go on. [C7 4.1, 4.2]
    pub(crate) fn refused(&self, refusal: Refusal) -> Conclusion {
        match refusal {
            // [C7 4.2 6986]
            Refusal::DeviceToBeUsed => {
                self.tell(Reason::DeviceToBeUsed, None);
                Conclusion::SeeDevice
            }
            Refusal::SelectNext => Conclusion::SelectNext,
            Refusal::AnotherInterface => self.another_interface(),
            Refusal::EndApplication => Conclusion::EndApplication,
        }
    }

    /// Stores the answer, and checks what it says of the records. [C7 4.3]
    fn store_processing_options(&mut self) -> Result<(), Failed> {
        let (data, events) = (&mut self.link.data, self.link.events);
        // [C7 4.3 template]
        let response = data.noted(Response::read(self.link.apdu.data()))?;
        let Response::Format2(content) = response else {
            return Err(data.note(Fault::new(Cause::Template).about(RESPONSE_FORMAT_2)));
        };
        // [C7 4.3 length]
        if content.len() < SHORTEST {
            return Err(data.malformed(RESPONSE_FORMAT_2));
        }
        // [C7 4.3 twice, foreign]
        data.store(content, Place::Response, Repeat::Refuse, C7, events)?;
        // [C7 4.3 afl] An empty one is none.
        match data.bytes(AFL.tag) {
            Some([]) => data.forget(AFL.tag),
            Some(afl) => drop(data.noted(Afl::read(afl))?),
            None => {}
        }
        // [C7 4.3 aip]
        data.require(AIP).map(drop)
    }

    /// The type of the cryptogram, with everything there that it takes. [C7 4.4]
    fn cryptogram_type(&mut self) -> Result<CryptogramType, Exit> {
        let data = &mut self.link.data;
        // [C7 4.4 application-data]
        let application_data = data.bytes(ISSUER_APPLICATION_DATA.tag);
        let application_data =
            application_data.ok_or_else(|| data.missing(ISSUER_APPLICATION_DATA.tag))?;
        let given = data.bytes(CRYPTOGRAM_INFORMATION_DATA.tag);
        let given = given.and_then(CryptogramInformation::decode);
        let derived = given.is_none();
        let information = given.or_else(|| cryptogram::information(application_data));
        let information = information.ok_or_else(|| data.malformed(ISSUER_APPLICATION_DATA.tag))?;
        if derived {
            // [C7 2 derived] The acquirer gets it as if the card had given it.
            let tag = CRYPTOGRAM_INFORMATION_DATA.tag;
            data.put_card(tag, &[information.0], Repeat::Refuse)?;
            self.tell(Reason::CryptogramInApplicationData, Some(ISSUER_APPLICATION_DATA.tag));
        }
        // [H 15]
        if !self.link.hardening.is_off() && self.contradicts(information, self.told_to_issuer()) {
            return Err(Exit::Concluded(Conclusion::Declined));
        }
        // [C7 4.4 reserved]
        let Some(kind) = information.cryptogram() else {
            return Err(Exit::Concluded(self.declined(Reason::CryptogramReserved)));
        };
        let mandatory = match kind {
            CryptogramType::Tc => &MANDATORY_FOR_TC,
            CryptogramType::Arqc | CryptogramType::Aac => &MANDATORY_FOR_ISSUER,
        };
        // [C7 4.4 mandatory]
        let data = &self.link.data;
        match mandatory.iter().find(|tag| data.source(**tag) != Some(Source::Card)) {
            Some(tag) => Err(data.missing(*tag).into()),
            None => Ok(kind),
        }
    }
}
