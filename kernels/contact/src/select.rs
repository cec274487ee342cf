//! Application Selection: the one that goes on. [B1 12.4]
//!
//! Reads: the candidate list. Writes: AID (9F06) and the FCI's objects.
//! Commands: SELECT.

use crate::Contact;
use chipwright::apdu::Command;
use chipwright::candidates::Candidates;
use chipwright::database::Repeat;
use chipwright::dictionary::emv::template::FCI_ISSUER_DISCRETIONARY_DATA;
use chipwright::dictionary::emv::{AID, DF_NAME};
use chipwright::dictionary::{EMV, Place};
use chipwright::event::Event;
use chipwright::fault::Failed;
use chipwright::fci::Fci;
use chipwright::outcome::End;
use chipwright::phase::Phase;
use chipwright::session::Ended;
use chipwright::status::Status;
use chipwright::tlv;

/// A candidate's number, and whether the cardholder was asked about it.
#[derive(Clone, Copy)]
pub(crate) struct Picked {
    number: u8,
    asked: bool,
}

impl Contact<'_, '_, '_> {
    /// Picks a candidate and selects it, until one answers as it should.
    ///
    /// `consent_needed`: the cardholder chose before, so nothing is selected silently.
    pub(crate) async fn select_application(
        &mut self,
        consent_needed: bool,
    ) -> Result<Picked, Ended> {
        self.enter(Phase::ApplicationSelection);
        let mut consent_needed = consent_needed;
        loop {
            let picked = self.pick(consent_needed).await?;
            if self.final_select(picked.number).await? {
                return Ok(picked);
            }
            // [B1 12.4 replacement]
            consent_needed |= self.give_up(picked)?; // [B1 12.4 6]
        }
    }

    /// Removes a candidate and what it said of itself; says whether the cardholder had been
    /// asked about it.
    pub(crate) fn give_up(&mut self, picked: Picked) -> Result<bool, Failed> {
        self.link.data.forget_card();
        self.withdraw_application()?;
        Candidates::give_up(&mut self.link.data, picked.number)?;
        Ok(picked.asked)
    }

    /// Picks by priority or lets the cardholder choose. [B1 12.4 1-3]
    async fn pick(&mut self, consent_needed: bool) -> Result<Picked, Ended> {
        let (mut open, mut silent) = (0u8, None);
        for (number, candidate) in Candidates::new(&self.link.data).by_priority() {
            open = open.saturating_add(1);
            if !candidate.needs_confirmation() && !consent_needed {
                silent = silent.or(Some(number));
            }
        }
        match (open, silent) {
            (0, _) => return Err(self.link.end(End::NoCommonApplication)),
            // [B1 12.4 confirmation]
            (1, Some(number)) => return Ok(Picked { number, asked: false }),
            _ => {}
        }
        // [B1 12.4 choice]
        if self.transaction.terminal.options.cardholder_selection {
            return match self.link.choose().await? {
                Some(number) => Ok(Picked { number, asked: true }),
                None => Err(self.link.end(End::NotConfirmed)),
            };
        }
        // [B1 12.4 2, 3] Nobody to ask: what needs confirmation cannot be had.
        match silent {
            Some(number) => Ok(Picked { number, asked: false }),
            None => Err(self.link.end(End::NotConfirmed)),
        }
    }

    /// Selects a candidate by its whole name. [B1 12.4 6]
    async fn final_select(&mut self, number: u8) -> Result<bool, Ended> {
        let mut name = [0; 16];
        let list = Candidates::new(&self.link.data);
        let Some((candidate, place)) = list.candidate(number).zip(list.application(number)) else {
            return Ok(false);
        };
        let length = candidate.name.len();
        let Some(name) = name.get_mut(..length) else {
            return Ok(false);
        };
        name.copy_from_slice(candidate.name);
        let status = self.link.exchange(Command::SELECT, name).await?;
        // [B1 12.4 status]
        let selected = if status == Status::SUCCESS {
            self.store_fci(name)
        } else {
            Err(self.link.refused(status))
        };
        if let Err(failed) = selected {
            self.link.events.emit(&Event::GivenUp(self.link.data.fault(failed)));
            return Ok(false);
        }
        self.link.data.put_bytes(AID.tag, name)?; // [B1 12.4] the card's whole name
        self.link.events.emit(&Event::Selected { name });
        let Some(application) = self.transaction.terminal.applications.get(place) else {
            return Ok(false);
        };
        self.prepare_application(application)?;
        Ok(true)
    }

    /// Stores the FCI if it is of the application that was asked for. [B1 11.3.4]
    fn store_fci(&mut self, name: &[u8]) -> Result<(), Failed> {
        let (data, events) = (&mut self.link.data, self.link.events);
        let fci = data.noted(Fci::read(self.link.apdu.data()))?;
        // [B1 12.4 name]
        if fci.df_name != name {
            return Err(data.malformed(DF_NAME.tag));
        }
        data.put_card(DF_NAME.tag, fci.df_name, Repeat::Refuse)?;
        data.store(fci.proprietary, Place::Fci, Repeat::Refuse, EMV, events)?;
        match data.noted(tlv::find(fci.proprietary, FCI_ISSUER_DISCRETIONARY_DATA))? {
            Some(discretionary) => {
                data.store(discretionary, Place::Fci, Repeat::Refuse, EMV, events)
            }
            None => Ok(()),
        }
    }
}
