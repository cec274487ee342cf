//! Smallest image that has the terminal layer: a terminal that blocks, with slot, field and journal.
//!
//! As the image beside it, it is not meant to run: it shows what a terminal has to link that
//! leaves devices, messages, journal and reversal to `chipwright-terminal`.

#![no_std]
#![no_main]

#[macro_use]
mod export;
mod device;
mod linked;
mod terminal;

use chipwright::candidates::Candidates;
use chipwright::config::TransactionType;
use chipwright::contactless::Status as Lights;
use chipwright::crypto::Crypto;
use chipwright::object::Value;
use chipwright::outcome::Conclusion;
use chipwright::session::{Field, LinkError, PinRequest, PinResult, Polled, Stop};
use chipwright::status::Status;
use chipwright::value::{Amount, Code, Date};
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::blocking::{
    self, Cardholder, Contactless, ContactlessReader, Hooks, Host, PinPad, Reader, Ready, Storage,
};
use chipwright_terminal::device::{
    Absent, Answered, Cancel, Clock, Display, NoHooks, NotAcknowledged, PollEnded, StorageFailed,
};
use chipwright_terminal::display::Show;
use chipwright_terminal::host::{Answer, HostMessage, NoAnswer, answer};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{Journal, JournalFailure, Memory, Order, Service, Setup, Workspace};
use core::ops::Range;
use device::Register;
use linked::{COMBINATIONS, Linked};
use terminal::TERMINAL;

export! {
    CHIPWRIGHT_SIZE_LENT_WORKSPACE = size_of::<Workspace>();
    CHIPWRIGHT_SIZE_JOURNAL = size_of::<Journal>();
    CHIPWRIGHT_SIZE_SETUP = size_of::<Setup<'static>>();
    CHIPWRIGHT_SIZE_RUN_FUTURE = size_of_run(chipwright_terminal::run);
    CHIPWRIGHT_SIZE_TAP_FUTURE = size_of_tap(chipwright_terminal::tap);
}

/// The devices of the image, as the layer sees them.
type Devices = chipwright_terminal::Devices<
    'static,
    Ready<'static, dyn Reader>,
    Ready<'static, dyn PinPad>,
    Ready<'static, dyn Cardholder>,
    Ready<'static, dyn Host>,
    Ready<'static, dyn Storage>,
    Ready<'static, dyn Hooks>,
>;
type Taps =
    chipwright_terminal::Contactless<'static, Linked, Ready<'static, dyn ContactlessReader>>;

/// Size of the future of a whole transaction in the slot.
const fn size_of_run<Run>(
    _: fn(
        &'static Setup<'static>,
        &'static Order,
        Devices,
        &'static mut Journal,
        Memory<'static>,
    ) -> Run,
) -> usize {
    size_of::<Run>()
}

/// The same of one in the field.
const fn size_of_tap<Tap>(
    _: fn(
        &'static Setup<'static>,
        &'static Order,
        Taps,
        Devices,
        &'static mut Journal,
        Memory<'static>,
    ) -> Tap,
) -> usize {
    size_of::<Tap>()
}

/// What the terminal sells.
const SETUP: Setup<'static> = Setup {
    history: Some(&device::Log),
    ..Setup::new(
        &TERMINAL,
        &[service(TransactionType::Purchase), service(TransactionType::Refund)],
        Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &device::Random },
    )
};

const fn service(kind: TransactionType) -> Service<'static> {
    Service { combinations: &COMBINATIONS, ..Service::new(kind, TERMINAL.applications) }
}

/// First function of the image.
///
/// The name is what the linker looks for.
#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    let mut workspace = Workspace::new();
    loop {
        if let Ok(recovery) = blocking::recover(&mut World, 1, &mut workspace) {
            let _failed = serve(recovery.journal, &mut workspace);
        }
    }
}

/// Does what the till orders, until the journal fails.
fn serve(mut journal: Journal, workspace: &mut Workspace) -> Result<(), JournalFailure> {
    loop {
        deliver(&mut journal, Due::Now, workspace)?;
        let mut bytes = [0; 24];
        let light = match device::read(Register::Till, &mut bytes) {
            [b'B'] => deliver(&mut journal, Due::Everything, workspace)?,
            [b'V', sequence @ ..] => {
                let sequence = sequence.first_chunk().copied().map_or(0, u32::from_be_bytes);
                u8::from(blocking::void(&mut journal, &mut World, sequence, workspace).is_ok())
            }
            message => order(message)
                .map_or(0, |(order, watch)| sell(&order, &watch, &mut journal, workspace)),
        };
        device::write(Register::Display, &[light]);
        if journal.needs_recovery() {
            return Err(JournalFailure::NotRecovered);
        }
    }
}

fn deliver(
    journal: &mut Journal,
    due: Due,
    workspace: &mut Workspace,
) -> Result<u8, JournalFailure> {
    let delivery =
        blocking::deliver(journal, &mut World, &mut World, due, &SETUP.lists, workspace)?;
    Ok(u8::from(delivery.left == 0))
}

/// One transaction; the light that tells how it ended.
fn sell(order: &Order, watch: &Watch, journal: &mut Journal, workspace: &mut Workspace) -> u8 {
    let devices = blocking::Devices {
        reader: &mut World,
        pad: &mut World,
        cardholder: &mut World,
        host: &mut World,
        storage: &mut World,
        hooks: &mut NoHooks,
        display: &mut World,
        clock: watch,
        cancel: &World,
    };
    let contactless = Contactless { kernels: &Linked, reader: &mut World };
    let memory = workspace.lend();
    match blocking::tap_or_insert(&SETUP, order, contactless, devices, journal, memory) {
        Ok(record) if record.conclusion == Conclusion::Approved => 1,
        Ok(_) => 2,
        Err(_) => 0,
    }
}

/// What the till orders; `None` when it is nonsense.
fn order(message: &[u8]) -> Option<(Order, Watch)> {
    let (kind, rest) = message.split_first()?;
    let (amount, rest) = rest.split_first_chunk::<6>()?;
    let (date, time) = rest.split_first_chunk::<3>()?;
    let order = Order {
        kind: if *kind == b'R' { TransactionType::Refund } else { TransactionType::Purchase },
        amount: Some(Amount::decode(amount)?),
        amount_other: Amount::ZERO,
        currency: Code::new(978)?,
        currency_exponent: 2,
        force_online: false,
    };
    Some((order, Watch(Date::decode(date)?, *time.first_chunk()?)))
}

/// The clock that the till set last.
struct Watch(Date, [u8; 3]);

impl Clock for Watch {
    fn now(&self) -> (Date, [u8; 3]) {
        (self.0, self.1)
    }
}

/// Every device: registers.
struct World;

/// Sends a message with a letter in front, and reads the answer.
fn ask<'a>(register: Register, letter: u8, message: &[u8], memory: &'a mut [u8]) -> &'a [u8] {
    device::write(register, &[letter]);
    device::write(register, message);
    device::read(register, memory)
}

impl Reader for World {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        match ask(Register::Card, b'I', &[], &mut [0; 1]) {
            [1] => Ok(()),
            [2] => Err(Absent::Mute),
            _ => Err(Absent::Stopped(Stop::Timeout)),
        }
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        match ask(Register::Card, b'T', command, out).len() {
            0 => Err(LinkError::Timeout),
            length => Ok(Answered { length, elapsed: 0 }),
        }
    }

    fn card_removed(&mut self) {
        device::write(Register::Card, b"R");
    }
}

impl ContactlessReader for World {
    fn field(&mut self, field: Field) {
        let (letter, hold) = match field {
            Field::On => (b'F', 0),
            Field::Off(hold) => (b'O', hold),
        };
        ask(Register::Card, letter, &hold.to_be_bytes(), &mut [0; 1]);
    }

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        match ask(Register::Card, b'L', &[], &mut [0; 1]) {
            [0] => Ok(Polled::Nothing),
            [1] => Ok(Polled::Card),
            [2] => Ok(Polled::Collision),
            [3] => Err(PollEnded::CardInserted),
            _ => Err(PollEnded::Stopped(Stop::Timeout)),
        }
    }

    fn transmit(&mut self, command: &[u8], out: &mut [u8]) -> Result<Answered, LinkError> {
        Reader::transmit(self, command, out)
    }
}

impl PinPad for World {
    fn enter(&mut self, request: &PinRequest<'_>, _: &mut dyn Reader) -> PinResult {
        if let Some(key) = request.key {
            device::write(Register::PinPad, key.modulus);
            device::write(Register::PinPad, key.exponent);
        }
        match *ask(Register::PinPad, b'P', &[], &mut [0; 3]) {
            [0, sw1, sw2] => PinResult::Verified(Status(u16::from_be_bytes([sw1, sw2]))),
            [1, ..] => PinResult::Captured,
            [2, ..] => PinResult::Bypassed,
            [3, ..] => PinResult::Cancelled,
            _ => PinResult::Broken,
        }
    }
}

impl Cardholder for World {
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        for (number, candidate) in candidates.by_priority() {
            device::write(Register::Display, &[number]);
            device::write(Register::Display, candidate.label);
        }
        ask(Register::PinPad, b'C', &[], &mut [0; 1]).first().copied()
    }
}

impl Host for World {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        match ask(Register::Host, message.kind as u8, message.field_55, memory) {
            [] => Err(NoAnswer::Lost),
            field_55 => answer(field_55),
        }
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        device::write(Register::Host, &message.sequence.to_be_bytes());
        match ask(Register::Host, message.kind as u8, message.field_55, &mut [0; 1]) {
            [1] => Ok(()),
            _ => Err(NotAcknowledged),
        }
    }
}

impl World {
    fn store(letter: u8, message: &[u8]) -> Result<(), StorageFailed> {
        match ask(Register::Flash, letter, message, &mut [0; 1]) {
            [1] => Ok(()),
            _ => Err(StorageFailed),
        }
    }
}

impl Storage for World {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        let mut bounds = [0; 8];
        let bounds = ask(Register::Flash, b'P', &[], &mut bounds);
        let (start, end) = bounds.split_first_chunk().ok_or(StorageFailed)?;
        let end = end.first_chunk().ok_or(StorageFailed)?;
        Ok(u32::from_be_bytes(*start)..u32::from_be_bytes(*end))
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        Self::store(b'A', record)
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        Ok(ask(Register::Flash, b'R', &place.to_be_bytes(), out).len())
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        Self::store(b'E', &place.to_be_bytes())
    }
}

impl Display for World {
    fn show(&mut self, show: &Show) {
        device::write(Register::Display, &[show.message.identifier()]);
        device::write(Register::Display, &show.language);
    }

    fn request(&mut self, show: Option<&Show>, status: Option<Lights>) {
        if let Some(status) = status {
            device::write(Register::Display, &[status as u8]);
        }
        if let Some(show) = show {
            self.show(show);
        }
    }
}

impl Cancel for World {
    fn stop(&self) -> Option<Stop> {
        match device::read(Register::Till, &mut [0; 1]) {
            [1] => Some(Stop::Cancelled),
            _ => None,
        }
    }
}
