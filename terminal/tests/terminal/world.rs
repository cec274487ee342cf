//! A terminal with everything around it, in which power can fail at any call of a device.

use crate::card::Card;
use crate::field::Tap;
use chipwright::candidates::Candidates;
use chipwright::config::{ActionCodes, Application, Options, Terminal, TransactionType};
use chipwright::contactless::Status;
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Tvr,
};
use chipwright::session::{LinkError, PinRequest, PinResult, Stop};
use chipwright::status::Status as Word;
use chipwright::value::{Amount, Code, Date};
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::device::{
    Absent, Answered, Cancel, Cardholder, Clock, Display, Host, NotAcknowledged, PinPad, Reader,
    Storage, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, MessageKind, NoAnswer, answer};
use chipwright_terminal::{Capture, Order, Service, Setup};
use core::cell::{Cell, RefCell};
use core::future::pending;
use core::ops::Range;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What happens at a call of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cut {
    /// Power fails before the call does anything.
    Before,
    /// Power fails when it has done everything, and nobody learns of it.
    After,
    /// Power fails in the middle: a record is torn.
    Within,
    /// The device fails, and power stays.
    Fails,
}

pub(crate) const CUTS: [Cut; 4] = [Cut::Before, Cut::After, Cut::Within, Cut::Fails];

/// The mains: counts calls, and fails at one of them.
#[derive(Clone, Default)]
pub(crate) struct Power {
    calls: Rc<Cell<u32>>,
    cut: Rc<Cell<Option<(u32, Cut)>>>,
}

impl Power {
    /// Fails at the call with this number, from 0, counted from now.
    pub(crate) fn cut(&self, at: Option<(u32, Cut)>) {
        self.calls.set(0);
        self.cut.set(at);
    }

    /// Calls since then.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.get()
    }

    /// Counts a call; says what happens at it.
    fn next(&self) -> Option<Cut> {
        let number = self.calls.get();
        self.calls.set(number + 1);
        self.cut.get().filter(|(at, _)| *at == number).map(|(_, cut)| cut)
    }

    /// One call that does `all`, or `part` of it when power fails within.
    pub(crate) async fn call<T>(
        &self,
        all: impl FnOnce() -> T,
        part: impl FnOnce(),
        fails: T,
    ) -> T {
        match self.next() {
            None => all(),
            Some(Cut::Fails) => fails,
            Some(cut) => {
                match cut {
                    Cut::After => drop(all()),
                    Cut::Within => part(),
                    _ => {}
                }
                pending().await
            }
        }
    }
}

/// How the terminal asks for a card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    Slot,
    Field,
    Either,
}

/// What the host does with an authorisation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    /// Approves.
    Approves,
    /// Declines.
    Declines,
    /// Cannot be reached, and the terminal knows.
    Down,
    /// Receives nothing, and the terminal does not know.
    LosesRequest,
    /// Approves, and the answer is lost.
    LosesAnswer,
    /// Approves, with an answer that is none.
    Garbles,
    /// Approves, after the card has been in the field for too long.
    Hesitates,
}

/// The acquirer's books.
#[derive(Clone, Default, Debug)]
pub(crate) struct Books {
    /// What the issuer approved, and whether it was undone.
    pub(crate) held: BTreeMap<u32, bool>,
    /// What was delivered: messages of a kind and a sequence counter count once.
    pub(crate) delivered: BTreeMap<(u8, u32), u32>,
    /// Messages as they came.
    pub(crate) log: Vec<Logged>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logged {
    pub(crate) kind: MessageKind,
    pub(crate) sequence: u32,
    pub(crate) repeat: bool,
    pub(crate) pan: Option<String>,
    pub(crate) reason: Option<chipwright_terminal::host::ReversalReason>,
    pub(crate) field_55: String,
}

impl Books {
    /// Whether the acquirer will take the money, and how often.
    pub(crate) fn charged(&self, sequence: u32, capture: Capture) -> u32 {
        let held = self.held.get(&sequence) == Some(&false);
        let settled = [MessageKind::Batch, MessageKind::Advice]
            .map(|kind| u32::from(self.delivered.contains_key(&(kind as u8, sequence))));
        match capture {
            Capture::Online => u32::from(held) + settled[1],
            Capture::Batch => settled[0],
        }
    }

    fn log(&mut self, message: &HostMessage<'_>) {
        self.log.push(Logged {
            kind: message.kind,
            sequence: message.sequence,
            repeat: message.repeat,
            pan: message.pan().map(|pan| pan.digits().map(|digit| digit.to_string()).collect()),
            reason: message.reason,
            field_55: hex::encode_upper(message.field_55),
        });
    }

    fn deliver(&mut self, message: &HostMessage<'_>) {
        self.log(message);
        *self.delivered.entry((message.kind as u8, message.sequence)).or_default() += 1;
        if message.kind == MessageKind::Reversal
            && let Some(reversed) = self.held.get_mut(&message.sequence)
        {
            *reversed = true;
        }
    }
}

/// Everything around a terminal that survives a power failure, and the card.
pub(crate) struct World {
    pub(crate) power: Power,
    pub(crate) by: By,
    pub(crate) card: Card,
    pub(crate) tap: RefCell<Tap>,
    pub(crate) line: Line,
    pub(crate) answer: Vec<u8>,
    pub(crate) books: Books,
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) pin: PinResult,
    pub(crate) chosen: Option<u8>,
    pub(crate) inserted: Result<(), Absent>,
    pub(crate) shown: Rc<RefCell<Vec<Show>>>,
    pub(crate) lights: Rc<RefCell<Vec<Status>>>,
    pub(crate) stop: Option<Stop>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            power: Power::default(),
            by: By::Slot,
            card: Card::default(),
            tap: RefCell::default(),
            line: Line::Approves,
            answer: hex::decode("8A0230308906313233343536").unwrap(),
            books: Books::default(),
            records: Vec::new(),
            pin: PinResult::Verified(Word::SUCCESS),
            chosen: Some(0),
            inserted: Ok(()),
            shown: Rc::default(),
            lights: Rc::default(),
            stop: None,
        }
    }

    /// Identifiers of the messages shown, in order.
    pub(crate) fn shown(&self) -> Vec<u8> {
        self.shown.borrow().iter().map(|show| show.message.identifier()).collect()
    }

    /// Whether any record has these bytes.
    pub(crate) fn keeps(&self, bytes: &[u8]) -> bool {
        self.records.iter().any(|record| record.windows(bytes.len()).any(|window| window == bytes))
    }
}

pub(crate) struct Slot<'w> {
    pub(crate) power: Power,
    pub(crate) card: &'w mut Card,
    pub(crate) inserted: Result<(), Absent>,
}

impl Reader for Slot<'_> {
    async fn card_inserted(&mut self) -> Result<(), Absent> {
        let inserted = self.inserted;
        self.power.call(|| inserted, || (), Err(Absent::Mute)).await
    }

    async fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        let first = self.card.seen.is_empty();
        assert!(!first || out.iter().all(|byte| *byte == 0), "something is left over");
        let card = RefCell::new(&mut *self.card);
        let done = || {
            let bytes = card.borrow_mut().answer(command)?;
            out.get_mut(..bytes.len()).ok_or(LinkError::Protocol)?.copy_from_slice(&bytes);
            Ok(Answered { length: bytes.len(), elapsed: 0 })
        };
        self.power.call(done, || (), Err(LinkError::Removed)).await
    }

    async fn card_removed(&mut self) {
        self.power.call(|| (), || (), ()).await;
    }
}

pub(crate) struct Pad {
    pub(crate) power: Power,
    pub(crate) result: PinResult,
    pub(crate) asked: Vec<Option<u8>>,
}

impl<R: Reader> PinPad<R> for Pad {
    async fn enter(&mut self, request: &PinRequest<'_>, reader: &mut R) -> PinResult {
        self.asked.push(request.entry.tries_left);
        let result = self.result;
        match self.power.call(|| result, || (), PinResult::Broken).await {
            // The card says what it thinks of the PIN.
            PinResult::Verified(Word::SUCCESS) => {
                let mut answer = [0; 2];
                let verify =
                    [0x00, 0x20, 0x00, 0x80, 8, 0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
                match reader.transmit(&verify, &mut answer).await {
                    Ok(_) => PinResult::Verified(Word(u16::from_be_bytes(answer))),
                    Err(error) => PinResult::LinkFailed(error),
                }
            }
            result => result,
        }
    }
}

pub(crate) struct Customer {
    pub(crate) power: Power,
    pub(crate) chosen: Option<u8>,
}

impl Cardholder for Customer {
    async fn choose(&mut self, _: Candidates<'_>) -> Option<u8> {
        let chosen = self.chosen;
        self.power.call(|| chosen, || (), None).await
    }
}

pub(crate) struct Acquirer<'w> {
    pub(crate) power: Power,
    pub(crate) books: &'w mut Books,
    pub(crate) line: Line,
    pub(crate) answer: &'w [u8],
}

impl Acquirer<'_> {
    fn authorise_now<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        match self.line {
            Line::Down => return Err(NoAnswer::NotSent),
            Line::LosesRequest => return Err(NoAnswer::Lost),
            _ => self.books.log(message),
        }
        if self.line != Line::Declines {
            self.books.held.insert(message.sequence, false);
        }
        let coded = match self.line {
            Line::Declines => &[0x8A, 2, b'0', b'5'],
            Line::LosesAnswer => return Err(NoAnswer::Lost),
            Line::Hesitates => return Err(NoAnswer::NotYet),
            Line::Garbles => &[0x8A, 2, b'0', b'0', 0x91, 3, 1, 2, 3][..],
            _ => self.answer,
        };
        let room = &mut memory[..coded.len()];
        room.copy_from_slice(coded);
        answer(room)
    }

    fn deliver_now(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        if self.line == Line::Down {
            return Err(NotAcknowledged);
        }
        self.books.deliver(message);
        Ok(())
    }
}

impl Host for Acquirer<'_> {
    async fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        let power = self.power.clone();
        // A line that fails may fail after the message went out.
        power.call(|| self.authorise_now(message, memory), || (), Err(NoAnswer::Lost)).await
    }

    async fn wait_for_answer<'a>(&mut self, memory: &'a mut [u8]) -> Result<Answer<'a>, NoAnswer> {
        let coded = self.answer;
        let room = &mut memory[..coded.len()];
        room.copy_from_slice(coded);
        let room = &*room;
        self.power.call(|| answer(room), || (), Err(NoAnswer::Lost)).await
    }

    async fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        let power = self.power.clone();
        power.call(|| self.deliver_now(message), || (), Err(NotAcknowledged)).await
    }
}

pub(crate) struct Flash<'w> {
    pub(crate) power: Power,
    pub(crate) records: &'w mut Vec<Vec<u8>>,
}

impl Storage for Flash<'_> {
    async fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        let end = self.records.len() as u32;
        self.power.call(|| Ok(0..end), || (), Err(StorageFailed)).await
    }

    async fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        let records = RefCell::new(&mut *self.records);
        let all = || {
            records.borrow_mut().push(record.to_vec());
            Ok(())
        };
        let torn = || {
            let mut torn = record.to_vec();
            torn[record.len() / 2..].fill(0xFF);
            records.borrow_mut().push(torn);
        };
        self.power.call(all, torn, Err(StorageFailed)).await
    }

    async fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        let record = self.records.get(place as usize).map(Vec::as_slice).unwrap_or_default();
        let all = || {
            let length = record.len().min(out.len());
            out[..length].copy_from_slice(&record[..length]);
            Ok(length)
        };
        self.power.call(all, || (), Err(StorageFailed)).await
    }

    async fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        let record = RefCell::new(&mut self.records[place as usize]);
        let all = || {
            record.borrow_mut().clear();
            Ok(())
        };
        let torn = || {
            let mut record = record.borrow_mut();
            let half = record.len() / 2;
            record[..half].fill(0);
        };
        self.power.call(all, torn, Err(StorageFailed)).await
    }
}

pub(crate) struct Screen {
    pub(crate) shown: Rc<RefCell<Vec<Show>>>,
    pub(crate) lights: Rc<RefCell<Vec<Status>>>,
}

impl Display for Screen {
    fn show(&mut self, show: &Show) {
        self.shown.borrow_mut().push(*show);
    }

    fn request(&mut self, show: Option<&Show>, status: Option<Status>) {
        self.shown.borrow_mut().extend(show);
        self.lights.borrow_mut().extend(status);
    }
}

pub(crate) struct Noon;

impl Clock for Noon {
    fn now(&self) -> (Date, [u8; 3]) {
        (Date::new(2026, 11, 25).unwrap(), [0x12, 0, 0])
    }
}

/// A cancel key: pressed at the call at which power would fail.
pub(crate) struct Key {
    pub(crate) power: Power,
    pub(crate) stop: Option<Stop>,
}

impl Cancel for Key {
    fn stop(&self) -> Option<Stop> {
        match self.power.next() {
            Some(_) => Some(Stop::Cancelled),
            None => self.stop,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Dice;

impl Random for Dice {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        out.fill(4);
        Ok(())
    }
}

/// Goes online whatever happens; without the issuer it approves.
const ONLINE: ActionCodes =
    ActionCodes { denial: Tvr([0; 5]), online: Tvr([0xFF; 5]), default: Tvr([0; 5]) };

pub(crate) const APPLICATIONS: [Application<'static>; 1] = [application(ONLINE)];
const OFFLINE: [Application<'static>; 1] =
    [application(ActionCodes { online: Tvr([0; 5]), ..ONLINE })];

const fn application(action_codes: ActionCodes) -> Application<'static> {
    Application {
        partial_match: false,
        floor_limit: 5000,
        action_codes,
        ..Application::new(&[0xA0, 0, 0, 0, 3, 0x10, 0x10])
    }
}

const GERMANY: Code = match Code::new(276) {
    Some(code) => code,
    None => panic!(),
};

pub(crate) const TERMINAL: Terminal<'static> = Terminal {
    additional_capabilities: AdditionalTerminalCapabilities([0xF8, 0, 0xF0, 0xA0, 1]),
    options: Options { payment_system_environment: false, ..Options::DEFAULT },
    ..Terminal::new(TerminalType(0x22), TerminalCapabilities([0xE0, 0xF8, 0xC8]), GERMANY)
};

pub(crate) const SERVICES: [Service<'static>; 4] = [
    Service::new(TransactionType::Purchase, &APPLICATIONS),
    Service::new(TransactionType::Cashback, &APPLICATIONS),
    Service::new(TransactionType::Refund, &APPLICATIONS),
    Service::new(TransactionType::Inquiry, &APPLICATIONS),
];

/// Approves offline where the card lets it.
pub(crate) const OFFLINE_SERVICES: [Service<'static>; 1] =
    [Service::new(TransactionType::Purchase, &OFFLINE)];

const CRYPTO: Crypto<'static> = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Dice };

pub(crate) const SETUP: Setup<'static> =
    Setup { languages: &[*b"en", *b"fr"], ..Setup::new(&TERMINAL, &SERVICES, CRYPTO) };

pub(crate) fn order(kind: TransactionType, amount: u64) -> Order {
    Order {
        kind,
        amount: Amount::new(amount),
        amount_other: Amount::ZERO,
        currency: Code::new(978).unwrap(),
        currency_exponent: 2,
        force_online: false,
    }
}

pub(crate) fn purchase() -> Order {
    order(TransactionType::Purchase, 1234)
}
