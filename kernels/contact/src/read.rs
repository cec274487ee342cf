//! Read Application Data. [B3 10.2] [B3 7.1]
//!
//! Reads: AFL (94). Writes: the records and their objects.
//! Commands: READ RECORD.

use crate::Contact;
use chipwright::afl::Afl;
use chipwright::apdu::Command;
use chipwright::dictionary::emv::{AFL, APPLICATION_EXPIRATION_DATE, CDOL1, CDOL2, PAN};
use chipwright::dictionary::{EMV, Source};
use chipwright::fault::{Cause, Fault};
use chipwright::phase::Phase;
use chipwright::session::Ended;
use chipwright::status::Status;

/// What the records must have brought. [B3 7.2]
const MANDATORY: [chipwright::tag::Tag; 4] =
    [APPLICATION_EXPIRATION_DATE.tag, PAN.tag, CDOL1.tag, CDOL2.tag];

impl Contact<'_, '_, '_> {
    /// Reads every record that the AFL names, in its order.
    pub(crate) async fn read_application_data(&mut self) -> Result<(), Ended> {
        self.enter(Phase::ReadApplicationData);
        let mut next = 0;
        loop {
            let afl = Afl::read(self.link.data.bytes(AFL.tag).unwrap_or_default());
            let afl = self.link.data.noted(afl)?;
            let Some((record, covered)) = afl.record(next) else {
                break;
            };
            let command = Command::read_record(record.sfi, record.number);
            let status = self.link.exchange(command, &[]).await?;
            // [B3 8.1 record]
            if status != Status::SUCCESS {
                let fault = Fault::new(Cause::Status(status.0)).in_record(record);
                return Err(self.link.data.note(fault).into());
            }
            let (data, answer) = (&mut self.link.data, self.link.apdu.data());
            data.store_record(record, answer, covered, EMV, self.link.events)?;
            next += 1;
        }
        // [B3 7.2 mandatory]
        match MANDATORY.into_iter().find(|tag| self.link.data.source(*tag) != Some(Source::Card)) {
            Some(tag) => Err(self.link.data.missing(tag).into()),
            None => Ok(()),
        }
    }
}
