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
use chipwright::fault::{Cause, Fault};
use chipwright::fci::Fci;
use chipwright::outcome::End;
use chipwright::phase::Phase;
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
    pub(crate) async fn select_application(&mut self, consent_needed: bool) -> Result<Picked, End> {
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
    pub(crate) fn give_up(&mut self, picked: Picked) -> Result<bool, Fault> {
        self.link.data.forget_card();
        self.withdraw_application()?;
        Candidates::give_up(&mut self.link.data, picked.number)?;
        Ok(picked.asked)
    }

    /// Picks by priority or lets the cardholder choose. [B1 12.4 1-3]
    async fn pick(&mut self, consent_needed: bool) -> Result<Picked, End> {
        let list = Candidates::new(&self.link.data);
        let first = list.by_priority().next().ok_or(End::NoCommonApplication)?;
        let single = list.by_priority().nth(1).is_none();
        let silent = list.by_priority().find(|(_, candidate)| !candidate.needs_confirmation());
        let silent = silent.map(|(number, _)| number).filter(|_| !consent_needed);
        // [B1 12.4 confirmation]
        if single && silent == Some(first.0) {
            return Ok(Picked { number: first.0, asked: false });
        }
        // [B1 12.4 choice]
        if self.transaction.terminal.options.cardholder_selection {
            let number = self.link.choose().await?.ok_or(End::NotConfirmed)?;
            return Ok(Picked { number, asked: true });
        }
        // [B1 12.4 2, 3] Nobody to ask: what needs confirmation cannot be had.
        let number = silent.ok_or(End::NotConfirmed)?;
        Ok(Picked { number, asked: false })
    }

    /// Selects a candidate by its whole name. [B1 12.4 6]
    async fn final_select(&mut self, number: u8) -> Result<bool, End> {
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
            Err(Fault::new(Cause::Status(status.0)))
        };
        if let Err(fault) = selected {
            self.link.events.emit(&Event::GivenUp(fault));
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
    fn store_fci(&mut self, name: &[u8]) -> Result<(), Fault> {
        let fci = Fci::read(self.link.apdu.data())?;
        // [B1 12.4 name]
        if fci.df_name != name {
            return Err(Fault::format(DF_NAME.tag));
        }
        let (data, events) = (&mut self.link.data, self.link.events);
        data.put_card(DF_NAME.tag, fci.df_name, Repeat::Refuse)?;
        data.store(fci.proprietary, Place::Fci, Repeat::Refuse, EMV, events)?;
        match tlv::find(fci.proprietary, FCI_ISSUER_DISCRETIONARY_DATA)? {
            Some(discretionary) => {
                data.store(discretionary, Place::Fci, Repeat::Refuse, EMV, events)
            }
            None => Ok(()),
        }
    }
}
