//! The devices. Reader, PIN pad, host and storage are simulated; a terminal has its own here.

use chipwright::apdu::Command;
use chipwright::candidates::Candidates;
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, Status as Lights,
};
use chipwright::crypto::{Random, RandomFailed};
use chipwright::session::{
    Ended, Field, Link, LinkError, PinMethod, PinRequest, PinResult, Polled,
};
use chipwright::status::Status;
use chipwright::value::Date;
use chipwright_card::{Card, Interface};
use chipwright_entry_point::Kernels;
use chipwright_host::Host;
use chipwright_terminal::blocking::{self, Cardholder, ContactlessReader, PinPad, Reader, Storage};
use chipwright_terminal::device::{
    Absent, Answered, Clock, Display, NotAcknowledged, PollEnded, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, MessageKind, NoAnswer, answer};
use core::cell::RefCell;
use core::ops::Range;

/// What the customer does with the card.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Puts it into the slot.
    Inserts,
    /// Holds it to the reader.
    Taps,
}

/// A card in the customer's hand: slot and field see the same one.
pub(crate) struct Presented {
    card: RefCell<Card>,
    hand: Hand,
}

impl Presented {
    pub(crate) fn new(card: Card, hand: Hand) -> Self {
        Self { card: RefCell::new(card), hand }
    }

    fn transmit(&self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        let answer = self.card.borrow_mut().transmit(command);
        out.get_mut(..answer.len()).ok_or(LinkError::Protocol)?.copy_from_slice(&answer);
        Ok(Answered { length: answer.len(), elapsed: 0 })
    }
}

/// A reader with a slot.
pub(crate) struct Slot<'p>(pub(crate) &'p Presented);

impl Reader for Slot<'_> {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        self.0.card.borrow_mut().present(Interface::Contact);
        Ok(())
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        self.0.transmit(command, out)
    }

    fn card_removed(&mut self) {}
}

/// A reader with a field, which knows of the slot beside it.
pub(crate) struct Antenna<'p>(pub(crate) &'p Presented);

impl ContactlessReader for Antenna<'_> {
    fn field(&mut self, _: Field) {}

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        if self.0.hand == Hand::Inserts {
            return Err(PollEnded::CardInserted);
        }
        self.0.card.borrow_mut().present(Interface::Contactless);
        Ok(Polled::Card)
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        self.0.transmit(command, out)
    }
}

/// The kernels for taps: Kernel 7 alone. What is not named here is not linked.
pub(crate) struct Linked;

impl Kernels for Linked {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == chipwright_c7::KERNEL_ID
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        if !self.supports(activation.kernel) {
            return Ok(OutcomeParameters::new(OutcomeType::SelectNext));
        }
        let configuration = chipwright_c7::Configuration::DEFAULT;
        chipwright_c7::process(link, activation, &configuration).await
    }
}

/// The PIN pad: it takes the digits and sends VERIFY itself; only the status word leaves it.
pub(crate) struct Pad;

impl PinPad for Pad {
    fn enter(&mut self, request: &PinRequest<'_>, reader: &mut dyn Reader) -> PinResult {
        if request.entry.method != PinMethod::Plaintext {
            return PinResult::Broken; // this pad has neither enciphered nor online PIN
        }
        let block = [0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]; // what was typed: 1234
        let command = [&Command::VERIFY_PLAINTEXT.header[..], &[8], &block].concat();
        let mut status = [0; 2];
        match reader.transmit(&command, &mut status) {
            Ok(_) => PinResult::Verified(Status(u16::from_be_bytes(status))),
            Err(error) => PinResult::LinkFailed(error),
        }
    }
}

/// A customer who takes the best application.
pub(crate) struct Customer;

impl Cardholder for Customer {
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        candidates.by_priority().next().map(|(number, _)| number)
    }
}

/// The way to the acquirer. Field 55 goes as it is; the account number has a field of its own.
pub(crate) struct Line(pub(crate) Host);

impl blocking::Host for Line {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        println!("  {message:?}");
        let coded = self.0.authorise(message.field_55).map_err(|_| NoAnswer::NotSent)?.objects();
        let room = memory.get_mut(..coded.len()).ok_or(NoAnswer::Lost)?;
        room.copy_from_slice(&coded);
        answer(room)
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        println!("  {message:?}");
        let taken = match message.kind {
            MessageKind::Batch => self.0.settle(message.field_55),
            MessageKind::Reversal => self.0.reverse(message.field_55),
            _ => Ok(()),
        };
        taken.map_err(|_| NotAcknowledged)
    }
}

/// The journal's records: a terminal writes them to flash.
#[derive(Default)]
pub(crate) struct Records(Vec<Vec<u8>>);

impl Records {
    fn at(&mut self, place: u32) -> Result<&mut Vec<u8>, StorageFailed> {
        let place = usize::try_from(place).map_err(|_| StorageFailed)?;
        self.0.get_mut(place).ok_or(StorageFailed)
    }
}

impl Storage for Records {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        Ok(0..u32::try_from(self.0.len()).map_err(|_| StorageFailed)?)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        self.0.push(record.to_vec());
        Ok(())
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        let record = self.at(place)?;
        out.get_mut(..record.len()).ok_or(StorageFailed)?.copy_from_slice(record);
        Ok(record.len())
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        self.at(place)?.clear();
        Ok(())
    }
}

/// The display.
pub(crate) struct Screen;

impl Display for Screen {
    fn show(&mut self, show: &Show) {
        println!("  {:?}", show.message);
    }

    fn request(&mut self, show: Option<&Show>, status: Option<Lights>) {
        let (message, lights) = (show.map(|show| show.message), status);
        println!("  {message:?}, lights {lights:?}");
    }
}

/// A clock that stands, so that the certificates of the test card are good.
pub(crate) struct Watch;

impl Clock for Watch {
    fn now(&self) -> (Date, [u8; 3]) {
        const TODAY: Date = match Date::new(2026, 3, 17) {
            Some(date) => date,
            None => panic!("no such day"),
        };
        (TODAY, [0x12, 0x00, 0x00])
    }
}

/// Random numbers of the operating system; firmware asks its own generator.
#[derive(Debug)]
pub(crate) struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        getrandom::fill(out).map_err(|_| RandomFailed)
    }
}
