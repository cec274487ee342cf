//! The card: what it remembers, and who answers which command.

mod authenticate;
mod generate;
mod pin;
mod quickpass;
mod script;
mod select;
mod transaction;

use chipwright::cryptogram::Pin;
use chipwright::status::Status;
use chipwright::tag::Tag;
use core::fmt;

use crate::command::{Command, Instruction, Order, WRONG_PARAMETERS};
use crate::object::encode;
use crate::personalise::{self, Image};
use crate::profile::{Profile, ProfileError};
use crate::random::Random;
use transaction::Transaction;

/// A simulated card.
///
/// It answers as its [`Profile`] says, with real cryptography, and as strictly as a card can:
/// commands out of order, of the wrong length or with wrong parameters are refused. What it
/// answers depends on profile, seed and commands alone.
///
/// A clone is another card with the same keys, counters and memory: a test that needs many cards of
/// one kind has the certificates computed once.
#[derive(Clone)]
pub struct Card {
    applications: Vec<Application>,
    directory: Option<Directory>,
    /// What SELECT of the Proximity Payment System Environment finds.
    proximity_directory: Option<Vec<u8>>,
    interface: Interface,
    blocked: bool,
    random: Random,
    selected: Option<Selected>,
    /// The number for an enciphered PIN; the next command uses it or loses it.
    challenge: Option<[u8; 8]>,
}

/// How a card and a terminal meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub enum Interface {
    /// In a slot.
    #[default]
    Contact,
    /// In a field.
    Contactless,
}

/// An application and its state.
#[derive(Clone)]
struct Application {
    image: Image,
    memory: Memory,
    /// Since GET PROCESSING OPTIONS.
    transaction: Option<Transaction>,
}

/// What an application keeps without power.
#[derive(Clone)]
struct Memory {
    blocked: bool,
    /// The PIN that VERIFY compares.
    pin: Pin,
    atc: u16,
    last_online_atc: u16,
    pin_tries_left: u8,
    last_online_incomplete: bool,
    last_authentication_failed: bool,
    /// Commands of the issuer in the last transaction that it completed.
    script_commands: u8,
    script_failed: bool,
    /// The owner of a device has acted since it was refused.
    owner_verified: bool,
    /// What can be spent offline, in minor units.
    balance: Option<u64>,
}

/// The Payment System Environment.
#[derive(Clone)]
struct Directory {
    fci: Vec<u8>,
    records: Vec<Vec<u8>>,
}

/// What SELECT found last.
#[derive(Clone, Copy)]
enum Selected {
    Directory,
    ProximityDirectory,
    Application(usize),
}

impl Card {
    /// Personalises a card. Every number that is random on a real card comes from `seed`.
    ///
    /// # Errors
    /// [`ProfileError`] with the key of the profile that cannot be done, and, when the profile was
    /// read from a text, its place: unknown keys of that name, certificates that do not fit,
    /// account numbers that are not for tests.
    pub fn new(profile: &Profile, seed: u64) -> Result<Self, ProfileError> {
        let images = personalise::applications(profile)?;
        let directory = if profile.pse {
            let (fci, records) = personalise::directory(profile)?;
            Some(Directory { fci, records })
        } else {
            None
        };
        let contactless = profile.application.iter().any(|part| part.quickpass.is_some());
        let proximity_directory = if profile.ppse && contactless {
            Some(personalise::proximity_directory(profile)?)
        } else {
            None
        };
        Ok(Self {
            proximity_directory,
            interface: Interface::Contact,
            applications: images.into_iter().map(Application::new).collect(),
            directory,
            blocked: profile.blocked,
            random: Random::new(seed),
            selected: None,
            challenge: None,
        })
    }

    /// Takes a command, gives the answer with its status word.
    ///
    /// A command is header, data behind their length, and 00 where an answer is expected; an
    /// answer is 2 to 258 bytes.
    pub fn transmit(&mut self, command: &[u8]) -> Vec<u8> {
        let challenge = self.challenge.take();
        let answer = Command::parse(command).and_then(|command| self.perform(&command, challenge));
        let (mut bytes, status) = match answer {
            Ok(Answer { data, status }) => (data, status),
            Err(status) => (Vec::new(), status),
        };
        bytes.extend(status.0.to_be_bytes());
        bytes
    }

    /// Power off, and on over this interface; see [`reset`](Self::reset). A card is in a slot at
    /// first.
    pub fn present(&mut self, interface: Interface) {
        self.interface = interface;
        self.reset();
    }

    /// What can be spent offline with the first contactless application, in minor units; none when
    /// the card keeps no balance.
    pub fn balance(&self) -> Option<u64> {
        let mut applications = self.applications.iter();
        applications.find_map(|application| application.memory.balance)
    }

    /// Power off and on: what was selected and begun is lost, counters stay.
    pub fn reset(&mut self) {
        self.selected = None;
        self.challenge = None;
        for application in &mut self.applications {
            application.transaction = None;
        }
    }

    fn perform(
        &mut self,
        command: &Command<'_>,
        challenge: Option<[u8; 8]>,
    ) -> Result<Answer, Status> {
        if command.instruction == Instruction::Select {
            return self.select(command);
        }
        let index = match self.selected {
            None | Some(Selected::ProximityDirectory) => {
                return Err(Status::CONDITIONS_NOT_SATISFIED);
            }
            Some(Selected::Directory) => {
                let directory = self.directory.as_ref();
                return directory
                    .ok_or(Status::CONDITIONS_NOT_SATISFIED)?
                    .perform(command)
                    .map(Answer::from);
            }
            Some(Selected::Application(index)) => index,
        };
        let random = &mut self.random;
        let application = self.applications.get_mut(index);
        let application = application.ok_or(Status::CONDITIONS_NOT_SATISFIED)?;
        let data = match command.instruction {
            Instruction::Select => Vec::new(),
            Instruction::ReadRecord => application.read_record(command)?,
            Instruction::GetProcessingOptions => {
                application.get_processing_options(command, random)?
            }
            Instruction::GetData => application.get_data(command)?,
            Instruction::InternalAuthenticate => {
                application.internal_authenticate(command, random)?
            }
            Instruction::GetChallenge => {
                let challenge = application.get_challenge(command, random)?;
                self.challenge = Some(challenge);
                challenge.to_vec()
            }
            Instruction::Verify => application.verify(command, challenge)?,
            Instruction::GenerateAc => application.generate_ac(command, random)?,
            Instruction::ExternalAuthenticate => application.external_authenticate(command)?,
            Instruction::Script(order) => {
                application.obey(order, command)?;
                if order == Order::BlockCard {
                    self.block();
                }
                Vec::new()
            }
        };
        Ok(Answer::from(data))
    }

    /// CARD BLOCK: no application is selected ever again. [B3 6.5.3]
    fn block(&mut self) {
        self.blocked = true;
        for application in &mut self.applications {
            application.memory.blocked = true;
        }
    }
}

impl Application {
    fn new(image: Image) -> Self {
        let memory = Memory {
            blocked: image.blocked,
            pin: image.pin.clone(),
            atc: image.cryptogram.atc,
            last_online_atc: image.cryptogram.last_online_atc,
            pin_tries_left: image.pin_tries_left,
            last_online_incomplete: false,
            last_authentication_failed: false,
            script_commands: 0,
            script_failed: false,
            owner_verified: false,
            balance: image.tap.as_ref().and_then(|tap| tap.quickpass.balance),
        };
        Self { image, memory, transaction: None }
    }

    /// READ RECORD. [B3 6.5.11]
    fn read_record(&mut self, command: &Command<'_>) -> Result<Vec<u8>, Status> {
        let (sfi, number) = record_address(command)?;
        self.transaction()?;
        if let Some(record) = self.read_last_record((sfi, number)) {
            return Ok(record);
        }
        let records = &self.image.records;
        if let Some(record) = records.get(&(sfi, number)) {
            return Ok(record.clone());
        }
        let file = records.keys().any(|(file, _)| *file == sfi);
        Err(if file { Status::RECORD_NOT_FOUND } else { Status::FILE_NOT_FOUND })
    }

    /// GET DATA: counters, and what the profile gives. [B3 6.5.7]
    fn get_data(&self, command: &Command<'_>) -> Result<Vec<u8>, Status> {
        let tag = Tag(u32::from(u16::from_be_bytes([command.p1, command.p2])));
        let value = match (self.image.get_data.get(&tag), tag) {
            (Some(value), _) => value.clone(),
            _ if self.image.omitted.contains(&tag) => return Err(Status::DATA_NOT_FOUND),
            (None, Tag(0x9F36)) => self.memory.atc.to_be_bytes().to_vec(),
            (None, Tag(0x9F13)) => self.memory.last_online_atc.to_be_bytes().to_vec(),
            (None, Tag(0x9F17)) => vec![self.memory.pin_tries_left],
            _ => return Err(Status::DATA_NOT_FOUND),
        };
        Ok(encode(tag, &value))
    }

    /// The transaction, which GET PROCESSING OPTIONS begins.
    fn transaction(&self) -> Result<&Transaction, Status> {
        let transaction = self.transaction.as_ref();
        transaction.ok_or(Status::CONDITIONS_NOT_SATISFIED)
    }
}

/// File and number of a record: P2 is the short file identifier and 100. [B3 6.5.11]
fn record_address(command: &Command<'_>) -> Result<(u8, u8), Status> {
    if command.p2 & 0x07 == 0x04 {
        Ok((command.p2 >> 3, command.p1))
    } else {
        Err(WRONG_PARAMETERS)
    }
}

/// An answer to a command that was performed.
struct Answer {
    data: Vec<u8>,
    status: Status,
}

impl From<Vec<u8>> for Answer {
    fn from(data: Vec<u8>) -> Self {
        Self { data, status: Status::SUCCESS }
    }
}

/// Account and keys are not shown.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({} applications)", self.applications.len())
    }
}
