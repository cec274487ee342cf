//! The devices of a terminal, which do anything.

use crate::script::Script;
use crate::terminal::TODAY;
use chipwright::candidates::Candidates;
use chipwright::database::Database;
use chipwright::driver::Input;
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::session::{Field, LinkError, PinRequest, PinResult, Polled, Stop};
use chipwright::value::Date;
use chipwright_terminal::blocking::{
    Cardholder, ContactlessReader, Hooks, Host, PinPad, Reader, Storage,
};
use chipwright_terminal::device::{
    Absent, Answered, Clock, Display, NotAcknowledged, Online, PollEnded, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, MessageKind, NoAnswer, answer};
use chipwright_terminal::interface::{
    Attempt, Fallback, Interface, Interfaces, Next, after_contact, after_stripe, after_tap,
};
use chipwright_terminal::{FinalRecord, RECORD_LENGTH};
use std::cell::RefCell;
use std::ops::Range;

/// What all devices read their behaviour from.
pub type Shared<'s> = RefCell<Script<'s>>;

/// Records, and calls that are left until it fails for good.
pub struct Flash {
    pub records: Vec<Vec<u8>>,
    pub left: Option<u32>,
}

impl Flash {
    fn call(&mut self) -> Result<(), StorageFailed> {
        match &mut self.left {
            Some(0) => Err(StorageFailed),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Storage for Flash {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        self.call()?;
        Ok(0..self.records.len() as u32)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        assert!(record.len() <= RECORD_LENGTH && self.records.len() < 64);
        self.call()?;
        self.records.push(record.to_vec());
        Ok(())
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        self.call()?;
        let record = &self.records[place as usize];
        out[..record.len()].copy_from_slice(record);
        Ok(record.len())
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.call()?;
        self.records[place as usize].clear();
        Ok(())
    }
}

/// A record as the journal keeps it.
pub fn with_checksum(record: &[u8]) -> Vec<u8> {
    let checksum = !record.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    });
    [record, &checksum.to_be_bytes()].concat()
}

/// A slot, and whether a card that answers is in it.
pub struct Slot<'s>(pub &'s Shared<'s>, pub Result<(), Absent>);

impl Reader for Slot<'_> {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        self.1
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        transmit(self.0, command, out)
    }

    fn card_removed(&mut self) {}
}

fn transmit(script: &Shared<'_>, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
    assert!(matches!(command.len(), 4..=261));
    let mut memory = Vec::new();
    match script.borrow_mut().answer_in_field(command, &mut memory) {
        Input::Response { bytes, .. } => {
            let room = out.get_mut(..bytes.len()).ok_or(LinkError::Protocol)?;
            room.copy_from_slice(bytes);
            Ok(Answered { length: bytes.len(), elapsed: 0 })
        }
        Input::LinkFailed(error) => Err(error),
        _ => Err(LinkError::Removed),
    }
}

/// A reader with a field.
pub struct Antenna<'s>(pub &'s Shared<'s>);

impl ContactlessReader for Antenna<'_> {
    fn field(&mut self, _: Field) {}

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        match self.0.borrow_mut().byte().map(|byte| byte % 6) {
            Some(0..=2) => Ok(Polled::Card),
            Some(3) => Ok(Polled::Nothing),
            Some(4) => Ok(Polled::Collision),
            Some(_) => Err(PollEnded::CardInserted),
            None => Err(PollEnded::Stopped(Stop::Timeout)),
        }
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        transmit(self.0, command, out)
    }
}

/// A PIN pad.
pub struct Pad<'s>(pub &'s Shared<'s>);

impl PinPad for Pad<'_> {
    fn enter(&mut self, _: &PinRequest<'_>, _: &mut dyn Reader) -> PinResult {
        match self.0.borrow_mut().pin() {
            Input::Pin(result) => result,
            _ => PinResult::Broken,
        }
    }
}

/// A cardholder.
pub struct Customer<'s>(pub &'s Shared<'s>);

impl Cardholder for Customer<'_> {
    fn choose(&mut self, _: Candidates<'_>) -> Option<u8> {
        self.0.borrow_mut().byte().filter(|number| *number < 32)
    }
}

/// A host that answers anything, and what it has heard.
pub struct Acquirer<'s> {
    pub script: &'s Shared<'s>,
    pub delivers: bool,
    pub asked: bool,
    pub may_have_approved: bool,
    pub messages: Vec<(MessageKind, u32)>,
}

impl<'s> Acquirer<'s> {
    pub fn new(script: &'s Shared<'s>) -> Self {
        let (asked, may_have_approved) = (false, false);
        Self { script, delivers: false, asked, may_have_approved, messages: Vec::new() }
    }

    fn answer<'a>(&mut self, memory: &'a mut [u8]) -> Result<Answer<'a>, NoAnswer> {
        let mut script = self.script.borrow_mut();
        let length = usize::from(script.byte().unwrap_or_default());
        let coded = script.bytes(length);
        memory[..coded.len()].copy_from_slice(coded);
        let answer = answer(&memory[..coded.len()]);
        // What cannot be read may have been an approval.
        self.may_have_approved =
            answer.as_ref().map_or(true, |answer| answer.authorisation_response_code == *b"00");
        answer
    }
}

impl Host for Acquirer<'_> {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        assert_eq!(message.kind, MessageKind::Authorisation);
        assert!(!self.asked, "asked twice");
        let shown = format!("{message:?}");
        assert!(!shown.contains("4761739001010010"), "the account number is masked");
        self.asked = true;
        let how = self.script.borrow_mut().byte();
        match how {
            None | Some(0) => Err(NoAnswer::NotSent),
            Some(1) => {
                self.may_have_approved = true;
                Err(NoAnswer::Lost)
            }
            // Until it says more, it may have.
            Some(3) => {
                self.may_have_approved = true;
                Err(NoAnswer::NotYet)
            }
            Some(_) => self.answer(memory),
        }
    }

    fn wait_for_answer<'a>(&mut self, memory: &'a mut [u8]) -> Result<Answer<'a>, NoAnswer> {
        self.answer(memory)
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        let acknowledged =
            self.delivers || self.script.borrow_mut().byte().is_some_and(|byte| byte & 1 == 1);
        if !acknowledged {
            return Err(NotAcknowledged);
        }
        self.messages.push((message.kind, message.sequence));
        Ok(())
    }
}

/// Whoever looks in: what comes before the question for the issuer, and what may come next.
pub struct Looks(pub Online);

impl Hooks for Looks {
    fn before_online(&mut self, _: &mut Database<'_>) -> Online {
        self.0
    }

    fn ended(&mut self, record: &FinalRecord, outcome: &Outcome, data: &Database<'_>) {
        // Who only wanted to read the card has it decline.
        let read = record.conclusion == Conclusion::CardRead;
        assert!(outcome.conclusion == record.conclusion || read);
        assert!(!read || outcome.conclusion != Conclusion::Approved);
        assert!(data.objects().count() > 0);
        let stripe = Interfaces::NONE.and(Interface::MagneticStripe);
        let all = stripe.and(Interface::Contact).and(Interface::Contactless);
        for offered in [Interfaces::NONE, stripe, all] {
            for failed in 0..2 {
                let attempt = Attempt::Ran(*outcome);
                let next = after_contact(attempt, failed, offered, Fallback::DEFAULT);
                within(next, offered);
                let decided = matches!(next, Next::Finished);
                let money =
                    matches!(record.conclusion, Conclusion::Approved | Conclusion::Declined);
                assert!(decided || !money, "a decision stands");
                within(after_contact(Attempt::Mute, failed, offered, Fallback::DEFAULT), offered);
            }
            within(after_tap(outcome.conclusion, offered), offered);
            within(after_stripe((record.sequence % 1000) as u16, false, offered), offered);
        }
    }
}

/// What is next is offered.
fn within(next: Next, offered: Interfaces) {
    if let Next::Switch(interface) = next {
        assert!(offered.contains(interface));
        assert!(matches!(interface.entry_mode(false), 0x05 | 0x07 | 0x90));
    }
}

/// Remembers whether it showed an approval.
#[derive(Default)]
pub struct Front {
    pub approved: bool,
}

impl Display for Front {
    fn show(&mut self, show: &Show) {
        self.approved |= show.message == chipwright::message::Message::Approved;
    }
}

/// A clock that stands still.
pub struct Noon;

impl Clock for Noon {
    fn now(&self) -> (Date, [u8; 3]) {
        (TODAY, [0x12, 0x00, 0x00])
    }
}
