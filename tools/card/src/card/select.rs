//! Selection and what comes before the transaction. [B1 11.3; B3 6.5.8]

use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;

use super::transaction::Transaction;
use super::{Answer, Application, Card, Directory, Interface, Selected, record_address};
use crate::command::{
    Command, Instruction, UNKNOWN_INSTRUCTION, WRONG_DATA, WRONG_LENGTH, WRONG_PARAMETERS,
};
use crate::object::{encode, template};
use crate::personalise::{DIRECTORY, PPSE, PSE};
use crate::random::Random;

/// Names are no longer.
const LONGEST_NAME: usize = 16;

impl Card {
    /// SELECT by name: whole or its beginning, the first match or the next one.
    pub(super) fn select(&mut self, command: &Command<'_>) -> Result<Answer, Status> {
        let next = match (command.p1, command.p2) {
            (0x04, 0x00) => false,
            (0x04, 0x02) => true,
            _ => return Err(WRONG_PARAMETERS),
        };
        let name = command.data;
        if name.len() > LONGEST_NAME {
            return Err(WRONG_LENGTH);
        }
        if self.blocked {
            return Err(Status::FUNCTION_NOT_SUPPORTED);
        }
        let contactless = self.interface == Interface::Contactless;
        if let Some(answer) = self.proximity_directory.clone()
            && contactless
            && name == PPSE
        {
            self.begin(Selected::ProximityDirectory);
            return Ok(Answer::from(answer));
        }
        if let Some(directory) = self.directory.as_ref().filter(|_| name == PSE && !contactless) {
            let answer = Answer::from(directory.fci.clone());
            self.begin(Selected::Directory);
            return Ok(answer);
        }
        let after = match self.selected {
            Some(Selected::Application(current)) if next => current + 1,
            _ => 0,
        };
        let behind = self.applications.iter().enumerate().skip(after);
        let mut present =
            behind.filter(|(_, application)| application.image.tap.is_some() == contactless);
        let (found, application) = present
            .find(|(_, application)| application.image.name.starts_with(name))
            .ok_or(Status::FILE_NOT_FOUND)?;
        let status = if application.memory.blocked { Status::INVALIDATED } else { Status::SUCCESS };
        let data = application.image.fci.clone();
        self.begin(Selected::Application(found));
        Ok(Answer { data, status })
    }

    fn begin(&mut self, selected: Selected) {
        self.reset();
        self.selected = Some(selected);
    }
}

impl Directory {
    /// A directory has nothing but records.
    pub(super) fn perform(&self, command: &Command<'_>) -> Result<Vec<u8>, Status> {
        if command.instruction != Instruction::ReadRecord {
            return Err(Status::CONDITIONS_NOT_SATISFIED);
        }
        let (sfi, number) = record_address(command)?;
        if sfi != DIRECTORY {
            return Err(Status::FILE_NOT_FOUND);
        }
        let position = usize::from(number).checked_sub(1);
        let record = position.and_then(|position| self.records.get(position));
        record.cloned().ok_or(Status::RECORD_NOT_FOUND)
    }
}

impl Application {
    /// GET PROCESSING OPTIONS: the transaction begins and is counted. [B3 6.5.8]
    pub(super) fn get_processing_options(
        &mut self,
        command: &Command<'_>,
        random: &mut Random,
    ) -> Result<Vec<u8>, Status> {
        command.without_parameters()?;
        let image = &self.image;
        if self.transaction.is_some() || self.memory.blocked || !image.available {
            return Err(Status::CONDITIONS_NOT_SATISFIED);
        }
        let data = match Tlvs::new(command.data).only() {
            Ok(Some(template)) if template.tag == Tag(0x83) && template.raw == command.data => {
                template.value
            }
            _ => return Err(WRONG_DATA),
        };
        let objects = image.pdol.split(data).ok_or(WRONG_LENGTH)?;
        let tap = image.tap.clone();
        if let Some(tap) = &tap {
            self.awaits_owner(tap)?;
        }
        let counted = self.memory.atc.checked_add(1);
        self.memory.atc = counted.ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        if let Some(tap) = tap {
            return self.answer_tap(&tap, data, objects, random);
        }
        self.transaction = Some(Transaction::new(data, objects, &self.memory));

        let (aip, afl) = (&self.image.aip, &self.image.afl);
        Ok(if self.image.in_objects {
            template(Tag(0x77), [encode(Tag(0x82), aip), encode(Tag(0x94), afl)])
        } else {
            template(Tag(0x80), [aip.to_vec(), afl.clone()])
        })
    }

    /// An instruction that this application does not have unless `has`.
    pub(super) fn require_instruction(has: bool) -> Result<(), Status> {
        if has { Ok(()) } else { Err(UNKNOWN_INSTRUCTION) }
    }
}
