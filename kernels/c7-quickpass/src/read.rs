//! Read Application Data. [C7 4.6]
//!
//! Reads: AFL (94). Writes: the records and their objects.
//! Commands: READ RECORD.

use crate::dictionary::C7;
use crate::restrict::Restricted;
use crate::{Exit, QuickPass};
use chipwright::afl::Afl;
use chipwright::apdu::Command;
use chipwright::database::Repeat;
use chipwright::dictionary::emv::{AFL, PAN};
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::phase::Phase;
use chipwright::status::Status;

impl QuickPass<'_, '_, '_> {
    /// Reads every record that the AFL names, in its order; a card without one has none.
    ///
    /// The card takes the money when the last record is read, so that what declines is seen
    /// before: restrictions are checked as soon as their data is known. [C7 4.6]
    pub(crate) async fn read_application_data(&mut self) -> Result<Restricted, Exit> {
        self.enter(Phase::ReadApplicationData);
        let mut next = 0;
        loop {
            let _known = self.check_restrictions(false)?; // [C7 4.6 before-last]
            let record = match self.link.data.bytes(AFL.tag) {
                Some(afl) => self.link.data.noted(Afl::read(afl))?.record(next),
                None => None,
            };
            let Some((record, covered)) = record else {
                break;
            };
            let command = Command::read_record(record.sfi, record.number);
            let status = self.link.exchange(command, &[]).await?;
            // [C7 4.6 status]
            if status != Status::SUCCESS {
                let fault = Fault::new(Cause::Status(status.0)).in_record(record);
                return Err(self.link.data.note(fault).into());
            }
            let (data, answer) = (&mut self.link.data, self.link.apdu.data());
            // [C7 4.6 template] [C7 4.3 twice-record]
            data.store_record(record, answer, covered, C7, self.link.events)?;
            next += 1;
        }
        self.provide_account_number()?;
        self.enter(Phase::ProcessingRestrictions);
        self.check_restrictions(true)
    }

    /// Takes the account number out of the track where the card does not give it by itself: the
    /// acquirer wants it, and a certificate names it. [C7 7]
    fn provide_account_number(&mut self) -> Result<(), Failed> {
        // [C7 7 account]
        match self.account_of_track() {
            Some((pan, length)) if self.link.data.bytes(PAN.tag).is_none() => {
                let pan = pan.get(..length).unwrap_or_default();
                self.link.data.put_card(PAN.tag, pan, Repeat::Refuse)
            }
            _ => Ok(()),
        }
    }
}
