//! The same terminal for devices that block: what waits, waits within the call.
//!
//! There is one flow, [`run`](crate::run()), and it is asynchronous. A device that blocks is one
//! whose futures are ready when they are made ([`Ready`]): polled once, the flow runs through.
//! No executor is involved, and nothing is written twice.
//!
//! The traits mirror those of [`device`](crate::device), which say what is asked of each. They
//! can be used as `dyn`, so that there is one instance of the flow whatever the devices are.

/// The devices of a terminal that blocks, in the place of devices that wait.
macro_rules! ready {
    ($blocking:expr => $devices:ident) => {
        let blocking = $blocking;
        let $devices = crate::run::Devices {
            reader: &mut Ready(blocking.reader),
            pad: &mut Ready(blocking.pad),
            cardholder: &mut Ready(blocking.cardholder),
            host: &mut Ready(blocking.host),
            storage: &mut Ready(blocking.storage),
            hooks: &mut Ready(blocking.hooks),
            display: blocking.display,
            clock: blocking.clock,
            cancel: blocking.cancel,
        };
    };
}

mod contactless;
mod ready;

pub use contactless::{Contactless, ContactlessReader, tap, tap_or_insert};
pub use ready::Ready;

use crate::device::{
    Absent, Answered, Cancel, Clock, Display, NoHooks, NotAcknowledged, Online, StorageFailed,
};
use crate::final_record::FinalRecord;
use crate::host::{Answer, HostMessage, MessageLists, NoAnswer};
use crate::journal::{Delivery, Due, Journal, JournalFailure, Owed, Recovery, VoidFailure, Voided};
use crate::memory::{Memory, Workspace};
use crate::run::{self, Failure, Setup};
use crate::service::Order;
use chipwright::candidates::Candidates;
use chipwright::database::Database;
use chipwright::outcome::Outcome;
use chipwright::session::{LinkError, PinRequest, PinResult, Proceed};
use core::fmt;
use core::future::Future;
use core::ops::Range;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

/// A card reader with a slot: [`device::Reader`](crate::device::Reader).
pub trait Reader {
    /// Waits until a card is in the slot, and activates it.
    ///
    /// # Errors
    /// Why there is none.
    fn card_inserted(&mut self) -> Result<(), Absent>;

    /// Sends a command and writes the answer to the front of `answer`.
    ///
    /// # Errors
    /// When the card does not answer, or not properly.
    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<Answered, LinkError>;

    /// Deactivates the card, and waits until it was taken out.
    fn card_removed(&mut self);
}

/// A PIN pad: [`device::PinPad`](crate::device::PinPad).
pub trait PinPad {
    /// Takes a PIN and reports.
    fn enter(&mut self, request: &PinRequest<'_>, reader: &mut dyn Reader) -> PinResult;
}

/// A cardholder: [`device::Cardholder`](crate::device::Cardholder).
pub trait Cardholder {
    /// Chooses an application by its number, or none.
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8>;
}

/// The way to the acquirer: [`device::Host`](crate::device::Host).
pub trait Host {
    /// Asks for an authorisation.
    ///
    /// # Errors
    /// Why there is no usable answer.
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer>;

    /// Waits on for the answer, after [`NoAnswer::NotYet`].
    ///
    /// # Errors
    /// Why there is no usable answer.
    fn wait_for_answer<'a>(&mut self, memory: &'a mut [u8]) -> Result<Answer<'a>, NoAnswer> {
        let _ = memory;
        Err(NoAnswer::Lost)
    }

    /// Delivers an advice, a reversal or an item of the batch.
    ///
    /// # Errors
    /// When it was not acknowledged.
    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged>;
}

/// Memory that keeps records when power fails: [`device::Storage`](crate::device::Storage), whose
/// contract it keeps.
pub trait Storage {
    /// Places that may hold a record: from the oldest to the one that comes next.
    ///
    /// # Errors
    /// When it failed.
    fn places(&mut self) -> Result<Range<u32>, StorageFailed>;

    /// Appends a record at the next place.
    ///
    /// # Errors
    /// When it failed.
    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed>;

    /// Writes the record of a place to the front of `out` and gives its length.
    ///
    /// # Errors
    /// When it failed.
    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed>;

    /// Erases the record of a place.
    ///
    /// # Errors
    /// When it failed.
    fn erase(&mut self, place: u32) -> Result<(), StorageFailed>;
}

/// Where the integrator looks in: [`device::Hooks`](crate::device::Hooks).
pub trait Hooks {
    /// After the candidate list was built.
    fn candidates(&mut self, data: &mut Database<'_>) -> Proceed {
        let _ = data;
        Proceed::Continue
    }

    /// After the records were read.
    fn records(&mut self, data: &mut Database<'_>) -> Proceed {
        let _ = data;
        Proceed::Continue
    }

    /// Before the authorisation message is built.
    fn before_online(&mut self, data: &mut Database<'_>) -> Online {
        let _ = data;
        Online::Ask
    }

    /// After the transaction has ended.
    fn ended(&mut self, record: &FinalRecord, outcome: &Outcome, data: &Database<'_>) {
        let _ = (record, outcome, data);
    }
}

impl Hooks for NoHooks {}

/// The devices of a terminal.
pub struct Devices<'d> {
    /// The card reader.
    pub reader: &'d mut dyn Reader,
    /// The PIN pad.
    pub pad: &'d mut dyn PinPad,
    /// The cardholder.
    pub cardholder: &'d mut dyn Cardholder,
    /// The way to the acquirer.
    pub host: &'d mut dyn Host,
    /// The journal's storage.
    pub storage: &'d mut dyn Storage,
    /// Where the integrator looks in.
    pub hooks: &'d mut dyn Hooks,
    /// The display.
    pub display: &'d mut dyn Display,
    /// The clock.
    pub clock: &'d dyn Clock,
    /// The cancel key.
    pub cancel: &'d dyn Cancel,
}

impl fmt::Debug for Devices<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Devices")
    }
}

/// Takes up an order, asks for a card, and runs a contact transaction to its end:
/// [`run`](crate::run()) for devices that block.
///
/// # Errors
/// As there.
// Apart, as what follows: while one of them runs, the stack holds no future of another.
#[inline(never)]
pub fn run(
    setup: &Setup<'_>,
    order: &Order,
    devices: Devices<'_>,
    journal: &mut Journal,
    memory: Memory<'_>,
) -> Result<FinalRecord, Failure> {
    ready!(devices => devices);
    finish(pin!(run::run(setup, order, devices, journal, memory)))
}

/// Reads the journal and closes what was left open: [`Journal::recover`] for a storage that
/// blocks.
///
/// # Errors
/// As there.
#[inline(never)]
pub fn recover(
    storage: &mut dyn Storage,
    first: u32,
    workspace: &mut Workspace,
) -> Result<Recovery, JournalFailure> {
    finish(pin!(Journal::recover(&mut Ready(storage), first, workspace.lend().record)))
}

/// Delivers messages that are owed: [`Journal::deliver`] for devices that block.
///
/// # Errors
/// As there.
#[inline(never)]
pub fn deliver(
    journal: &mut Journal,
    storage: &mut dyn Storage,
    host: &mut dyn Host,
    due: Due,
    lists: &MessageLists<'_>,
    workspace: &mut Workspace,
) -> Result<Delivery, JournalFailure> {
    let memory = workspace.lend_to_journal();
    finish(pin!(journal.deliver(&mut Ready(storage), &mut Ready(host), due, lists, memory)))
}

/// The final record at a place: [`Journal::read`] for a storage that blocks.
///
/// # Errors
/// As there.
pub fn read(
    storage: &mut dyn Storage,
    place: u32,
    workspace: &mut Workspace,
) -> Result<Option<FinalRecord>, JournalFailure> {
    finish(pin!(Journal::read(&mut Ready(storage), place, workspace.lend().record)))
}

/// The message that is owed at a place: [`Journal::owed`] for a storage that blocks.
///
/// # Errors
/// As there.
pub fn owed(
    storage: &mut dyn Storage,
    place: u32,
    workspace: &mut Workspace,
) -> Result<Option<Owed>, JournalFailure> {
    finish(pin!(Journal::owed(&mut Ready(storage), place, workspace.lend().record)))
}

/// Voids a transaction: [`Journal::void`] for a storage that blocks.
///
/// # Errors
/// As there.
pub fn void(
    journal: &mut Journal,
    storage: &mut dyn Storage,
    sequence: u32,
    workspace: &mut Workspace,
) -> Result<Voided, VoidFailure> {
    finish(pin!(journal.void(&mut Ready(storage), sequence, workspace.lend().record)))
}

/// What was voided by the record at a place: [`Journal::voided`] for a storage that blocks.
///
/// # Errors
/// As there.
pub fn voided(
    storage: &mut dyn Storage,
    place: u32,
    workspace: &mut Workspace,
) -> Result<Option<Voided>, JournalFailure> {
    finish(pin!(Journal::voided(&mut Ready(storage), place, workspace.lend().record)))
}

/// Erases the final record at a place: [`Journal::forget`] for a storage that blocks.
///
/// # Errors
/// As there.
pub fn forget(
    journal: &Journal,
    storage: &mut dyn Storage,
    place: u32,
    workspace: &mut Workspace,
) -> Result<bool, JournalFailure> {
    finish(pin!(journal.forget(&mut Ready(storage), place, workspace.lend().record)))
}

/// Runs a future to its end. Everything that it waits for is [`Ready`]: one poll does.
fn finish<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
