//! Application Selection: which applications card and terminal have in common. [B1 12.3]
//! [B1 10; B1 11.2]
//!
//! Reads: the terminal's applications. Writes: the candidate list.
//! Commands: SELECT, READ RECORD.

use crate::Contact;
use chipwright::apdu::Command;
use chipwright::candidates::{Addition, Candidate, Candidates};
use chipwright::config::Application;
use chipwright::database::Database;
use chipwright::dictionary::emv::template::{APPLICATION_TEMPLATE, RECORD_TEMPLATE};
use chipwright::dictionary::emv::{
    ADF_NAME, APPLICATION_LABEL, APPLICATION_PREFERRED_NAME, APPLICATION_PRIORITY_INDICATOR,
    ISSUER_CODE_TABLE_INDEX, SFI,
};
use chipwright::event::{Event, Events, LeftOut};
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::fci::Fci;
use chipwright::outcome::End;
use chipwright::phase::Phase;
use chipwright::session::Ended;
use chipwright::status::Status;
use chipwright::tlv::{self, Tlvs};

/// The Payment System Environment's name. [B1 12.2.2]
const PSE: &[u8] = b"1PAY.SYS.DDF01";

/// Answers to SELECT NEXT that are read for one AID: a card that repeats itself ends here.
const MAX_OCCURRENCES: u8 = 16;

impl Contact<'_, '_, '_> {
    /// Builds the candidate list: from the directory, or name by name. [B1 12.3.2, 12.3.3]
    pub(crate) async fn build_candidate_list(&mut self) -> Result<(), Ended> {
        self.enter(Phase::ApplicationSelection);
        if self.transaction.terminal.options.payment_system_environment {
            self.read_directory().await?;
            // [B1 12.3.2 none]
            if Candidates::new(&self.link.data).count() > 0 {
                return Ok(());
            }
        }
        self.try_list_of_aids().await
    }

    /// Selection by the directory. Whatever is wrong with it leaves an empty list behind, and
    /// the list of AIDs is tried. [B1 12.3.2]
    async fn read_directory(&mut self) -> Result<(), Ended> {
        match self.link.exchange(Command::SELECT, PSE).await? {
            Status::SUCCESS => {}
            // [B1 12.3.2 blocked]
            Status::FUNCTION_NOT_SUPPORTED => return Err(self.link.end(End::CardBlocked)),
            // [B1 12.3.2 pse-blocked] One that is blocked, or none.
            _ => return Ok(()),
        }
        let sfi = match directory_file(self.link.apdu.data()) {
            Ok(sfi) => sfi,
            Err(fault) => return self.clear_candidates(fault),
        };
        for number in 1..=u8::MAX {
            match self.link.exchange(Command::read_record(sfi, number), &[]).await? {
                Status::SUCCESS => {
                    if let Err(failed) = self.add_directory_record() {
                        return self.clear_candidates(self.link.data.fault(failed));
                    }
                }
                Status::RECORD_NOT_FOUND => return Ok(()),
                // [B1 12.3.2 status]
                status => return self.clear_candidates(Fault::new(Cause::Status(status.0))),
            }
        }
        self.link.events.emit(&Event::LeftOut(LeftOut::DirectoryRecords));
        Ok(())
    }

    /// [B1 12.3.2] An error in the directory empties the list.
    fn clear_candidates(&mut self, fault: Fault) -> Result<(), Ended> {
        self.link.events.emit(&Event::GivenUp(fault));
        // [B1 12.3.2 errors]
        Candidates::clear(&mut self.link.data);
        Ok(())
    }

    /// Adds the entries of a directory record that the terminal has. [B1 12.2.3]
    fn add_directory_record(&mut self) -> Result<(), Failed> {
        let only = self.link.data.noted(Tlvs::new(self.link.apdu.data()).only())?;
        let record = only.filter(|tlv| tlv.tag == RECORD_TEMPLATE);
        let foreign = || self.link.data.note(Fault::new(Cause::Template).about(RECORD_TEMPLATE));
        for entry in record.ok_or_else(foreign)?.children() {
            let entry = self.link.data.noted(entry)?;
            if entry.tag != APPLICATION_TEMPLATE {
                continue; // [B1 12.2.3] other data is of no concern
            }
            // An entry without an ADF name is one of a DDF, which EMV does not use any more.
            let name = self.link.data.noted(tlv::find(entry.value, ADF_NAME.tag))?;
            let Some(name) = name else {
                continue;
            };
            let candidate = self.link.data.noted(candidate(name, entry.value))?;
            let applications = self.transaction.terminal.applications;
            if let Some(place) = applications.iter().position(|app| matches(app, name)) {
                let events = self.link.events;
                let Ok(place) = u8::try_from(place) else {
                    events.emit(&Event::LeftOut(LeftOut::Applications));
                    continue;
                };
                add(&mut self.link.data, &candidate, place, events)?;
            }
        }
        Ok(())
    }

    /// Selection by trying every AID of the terminal. [B1 12.3.3]
    async fn try_list_of_aids(&mut self) -> Result<(), Ended> {
        for (place, application) in self.transaction.terminal.applications.iter().enumerate() {
            let Ok(place) = u8::try_from(place) else {
                self.link.events.emit(&Event::LeftOut(LeftOut::Applications));
                break;
            };
            let mut command = Command::SELECT;
            let mut answers = 0;
            loop {
                // [B1 12.3.3 bound]
                if answers >= MAX_OCCURRENCES {
                    self.link.events.emit(&Event::LeftOut(LeftOut::Occurrences));
                    break;
                }
                answers += 1;
                let status = self.link.exchange(command, application.aid).await?;
                // [B1 12.3.3] Only the first SELECT tells that the card is blocked.
                if status == Status::FUNCTION_NOT_SUPPORTED
                    // [B1 12.3.3 card-blocked]
                    && place == 0
                    && command == Command::SELECT
                {
                    return Err(self.link.end(End::CardBlocked));
                }
                let next = command == Command::SELECT_NEXT;
                let readable = status == Status::SUCCESS
                    || status == Status::INVALIDATED
                    || (next && status.is_warning());
                // [B1 12.3.3 next]
                if !readable || !self.add_selected(application, place, status)? {
                    break;
                }
                command = Command::SELECT_NEXT;
            }
        }
        Ok(())
    }

    /// Adds the application that answered SELECT, unless it is blocked; says whether the card
    /// may have another one whose name begins with the same AID. [B1 12.3.3]
    fn add_selected(
        &mut self,
        application: &Application<'_>,
        place: u8,
        status: Status,
    ) -> Result<bool, Failed> {
        let events = self.link.events;
        // [B1 12.3.3] An answer that cannot be read leads to the next AID.
        let fci = match Fci::read(self.link.apdu.data()) {
            Ok(fci) => fci,
            Err(fault) => {
                events.emit(&Event::GivenUp(fault));
                return Ok(false);
            }
        };
        let (name, longer) = (fci.df_name, fci.df_name.len() > application.aid.len());
        if !matches(application, name) {
            return Ok(false);
        }
        // [B1 12.3.3 blocked]
        if status == Status::SUCCESS {
            match candidate(name, fci.proprietary) {
                Ok(candidate) => add(&mut self.link.data, &candidate, place, events)?,
                Err(fault) => {
                    events.emit(&Event::GivenUp(fault));
                    return Ok(false);
                }
            }
        }
        Ok(longer)
    }
}

/// Adds to the candidate list what is not on it, and tells.
fn add(
    data: &mut Database<'_>,
    candidate: &Candidate<'_>,
    place: u8,
    events: Events<'_>,
) -> Result<(), Failed> {
    let (name, priority) = (candidate.name, candidate.priority());
    match Candidates::add(data, candidate, place)? {
        Addition::Added => events.emit(&Event::Candidate { name, priority }),
        Addition::Known => {}
        Addition::Full => events.emit(&Event::LeftOut(LeftOut::Candidate)),
    }
    Ok(())
}

/// The SFI of the directory, 1 to 10. [B1 11.3.4]
fn directory_file(answer: &[u8]) -> Result<u8, Fault> {
    match tlv::find(Fci::read(answer)?.proprietary, SFI.tag)? {
        // [B1 12.3.2 directory-file]
        Some(&[sfi @ 1..=10]) => Ok(sfi),
        Some(_) => Err(Fault::format(SFI.tag)),
        None => Err(Fault::missing(SFI.tag)),
    }
}

/// Whether the terminal accepts the card's name as this application. [B1 12.3.1]
fn matches(application: &Application<'_>, name: &[u8]) -> bool {
    // [B1 12.3.1 match]
    name == application.aid || (application.partial_match && name.starts_with(application.aid))
}

/// Reads what a directory entry or an FCI says of an application. What only serves display is
/// dropped when it is wrong, and never ends the session. [B1 12.2.4, 12.4]
fn candidate<'a>(name: &'a [u8], content: &'a [u8]) -> Result<Candidate<'a>, Fault> {
    if !matches!(name.len(), 5..=16) {
        return Err(Fault::format(ADF_NAME.tag));
    }
    let mut candidate = Candidate { name, ..Candidate::default() };
    for tlv in Tlvs::new(content) {
        let tlv = tlv?;
        // [B1 12.2.4 display]
        let text = matches!(tlv.value.len(), 1..=16);
        match (tlv.tag, tlv.value) {
            (tag, label) if tag == APPLICATION_LABEL.tag && text => candidate.label = label,
            (tag, name) if tag == APPLICATION_PREFERRED_NAME.tag && text => {
                candidate.preferred_name = name;
            }
            (tag, &[index]) if tag == ISSUER_CODE_TABLE_INDEX.tag => {
                candidate.code_table = Some(index);
            }
            (tag, &[indicator]) if tag == APPLICATION_PRIORITY_INDICATOR.tag => {
                candidate.priority_indicator = indicator;
            }
            _ => {}
        }
    }
    Ok(candidate)
}
