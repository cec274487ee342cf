//! The devices of the terminal: what it has of its own, and what is at the end of the line.

use crate::board;
use crate::line::{Line, Whom};
use crate::record;
use chipwright::apdu::Command;
use chipwright::candidates::Candidates;
use chipwright::crypto::{Random, RandomFailed};
use chipwright::session::{LinkError, PinMethod, PinRequest, PinResult};
use chipwright::status::Status;
use chipwright::value::Date;
use chipwright_terminal::RECORD_LENGTH;
use chipwright_terminal::blocking::{self, Cardholder, PinPad, Reader, Storage};
use chipwright_terminal::device::{
    Absent, Answered, Clock, Display, NotAcknowledged, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, NoAnswer, answer};
use core::cell::Cell;
use core::ops::Range;

/// The reader with a slot.
pub(crate) struct Slot<'l>(pub(crate) &'l dyn Line);

impl Reader for Slot<'_> {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        match self.0.ask(Whom::Slot, [&[], &[]], &mut [0; 33]) {
            [] => Err(Absent::Mute),
            _ => Ok(()),
        }
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        transmit(self.0, Whom::Slot, command, out)
    }

    fn card_removed(&mut self) {}
}

/// Sends a command to a card.
pub(crate) fn transmit(
    line: &dyn Line,
    card: Whom,
    command: &[u8],
    out: &mut [u8],
) -> Result<Answered, LinkError> {
    match line.ask(card, [command, &[]], out).len() {
        0 => Err(LinkError::Timeout),
        length => Ok(Answered { length, elapsed: 0 }),
    }
}

/// The PIN pad: it takes the digits and sends VERIFY itself. The board has no keys: 1234 it is.
pub(crate) struct Pad;

impl PinPad for Pad {
    fn enter(&mut self, request: &PinRequest<'_>, reader: &mut dyn Reader) -> PinResult {
        if request.entry.method != PinMethod::Plaintext {
            return PinResult::Broken; // it has neither enciphered nor online PIN
        }
        let mut command = [0; 13];
        let (header, block) = command.split_at_mut(4);
        header.copy_from_slice(&Command::VERIFY_PLAINTEXT.header);
        block.copy_from_slice(&[8, 0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
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

/// The way to the acquirer.
pub(crate) struct Acquirer<'l>(pub(crate) &'l dyn Line);

impl blocking::Host for Acquirer<'_> {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        let kind = [message.kind as u8];
        answer(self.0.ask(Whom::Acquirer, [&kind, message.field_55], memory))
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        let kind = [message.kind as u8];
        match self.0.ask(Whom::Acquirer, [&kind, message.field_55], &mut [0; 1]) {
            [1] => Ok(()),
            _ => Err(NotAcknowledged),
        }
    }
}

/// The journal's memory: places of one size, each with its length in front.
pub(crate) struct Flash {
    next: u32,
}

/// Bytes of a place.
const PLACE: usize = 2 + RECORD_LENGTH;

impl Flash {
    /// Finds the first place that was never written to.
    pub(crate) fn open() -> Self {
        let mut flash = Self { next: 0 };
        while flash.length(flash.next).is_some_and(|length| length > 0) {
            flash.next += 1;
        }
        flash
    }

    /// Where a place begins.
    fn start(place: u32) -> Option<usize> {
        let start = usize::try_from(place).ok()?.checked_mul(PLACE)?;
        (start.checked_add(PLACE)? <= board::ROOM).then_some(start)
    }

    /// Bytes of the record at a place; an erased one keeps its length.
    fn length(&self, place: u32) -> Option<usize> {
        let start = Self::start(place)?;
        Some(usize::from(u16::from_be_bytes([board::read(start), board::read(start + 1)])))
    }
}

impl Storage for Flash {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        Ok(0..self.next)
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        let start = Self::start(self.next).ok_or(StorageFailed)?;
        let length = u16::try_from(record.len()).map_err(|_| StorageFailed)?;
        let bytes = length.to_be_bytes().into_iter().chain(record.iter().copied());
        (start..start + PLACE).zip(bytes).for_each(|(place, byte)| board::write(place, byte));
        self.next += 1;
        Ok(())
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        let start = Self::start(place).filter(|_| place < self.next).ok_or(StorageFailed)?;
        let length = self.length(place).ok_or(StorageFailed)?.min(out.len());
        let record = start + 2..start + 2 + length;
        out.iter_mut().zip(record).for_each(|(byte, place)| *byte = board::read(place));
        let erased = out.iter().take(length).all(|byte| *byte == 0);
        Ok(if erased { 0 } else { length })
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        let start = Self::start(place).filter(|_| place < self.next).ok_or(StorageFailed)?;
        board::erase(start + 2..start + PLACE);
        Ok(())
    }
}

/// The display: the till shows what it is sent.
pub(crate) struct Screen;

impl Display for Screen {
    fn show(&mut self, show: &Show) {
        let [first, second] = show.language;
        record::row(record::SHOWN, &[show.message.identifier(), first, second]);
    }
}

/// A clock that stands: the board has none.
pub(crate) struct Watch;

/// A day on which the test card is good.
const TODAY: Date = match Date::new(2026, 3, 17) {
    Some(date) => date,
    None => panic!("no such day"),
};

impl Clock for Watch {
    fn now(&self) -> (Date, [u8; 3]) {
        (TODAY, [0x12, 0x00, 0x00])
    }
}

/// A source of numbers that are the same every time: the board has no other, and what was said
/// once can so be said again. A terminal has a source that nobody can predict.
#[derive(Clone)]
pub(crate) struct Noise(Cell<u32>);

impl Noise {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(1))
    }

    /// Goes back to where it was when `other` was made of it.
    #[allow(dead_code, reason = "one of the images says everything twice")]
    pub(crate) fn rewind(&self, other: &Self) {
        self.0.set(other.0.get());
    }
}

impl Random for Noise {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        for byte in out {
            let next = self.0.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            self.0.set(next);
            [*byte, ..] = next.to_be_bytes();
        }
        Ok(())
    }
}
