//! The devices around a kernel, for terminals that wait asynchronously. Terminals that block
//! implement the traits of [`blocking`](crate::blocking) instead.
//!
//! What waits for something returns a future; what does not (display, clock, cancel key) is a
//! plain function and the same for both. No future is boxed, and none needs to be `Send`.
//!
//! A device may fail at any time, and power may fail within any call: the journal is written so
//! that neither loses money. A device that hangs for ever hangs the transaction: deadlines are
//! the device's.

use crate::display::Show;
use crate::final_record::FinalRecord;
use crate::given::given;
use crate::host::{Answer, HostMessage, NoAnswer};
use chipwright::candidates::Candidates;
use chipwright::contactless::Status;
use chipwright::database::Database;
use chipwright::outcome::Outcome;
use chipwright::session::{LinkError, PinRequest, PinResult, Proceed, Stop};
use chipwright::value::Date;
use core::future::Future;
use core::ops::Range;

mod contactless;

pub use contactless::{ContactlessReader, NoSlot, PollEnded};

/// A card reader with a slot.
pub trait Reader {
    /// Waits until a card is in the slot, and activates it: power, reset, answer to reset.
    fn card_inserted(&mut self) -> impl Future<Output = Result<(), Absent>>;

    /// Sends a command and writes the card's answer, status word included, to the front of
    /// `answer`. The transport (T=0, T=1, GET RESPONSE) is the reader's.
    fn transmit(
        &mut self,
        command: &[u8],
        answer: &mut [u8],
    ) -> impl Future<Output = Result<Answered, LinkError>>;

    /// Deactivates the card, and waits until it was taken out. Does nothing when there is none.
    fn card_removed(&mut self) -> impl Future<Output = ()>;
}

/// The length of a card's answer, and the time that it took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answered {
    /// Bytes written, status word included.
    pub length: usize,
    /// Microseconds from the end of the command to the end of the answer; 0 when it is not
    /// measured.
    pub elapsed: u32,
}

/// Why there is no card.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Absent {
    /// A card was inserted and gave no answer to reset, or one that is none.
    Mute,
    /// Nobody inserted one.
    Stopped(Stop),
}

/// A PIN pad. The reader is lent to it: for a PIN that the card verifies it sends GET CHALLENGE
/// and VERIFY itself, and the digits stay in it.
///
/// Messages around PIN entry are shown by the terminal; what shows stars is the pad's.
pub trait PinPad<R> {
    /// Takes a PIN and reports.
    fn enter(
        &mut self,
        request: &PinRequest<'_>,
        reader: &mut R,
    ) -> impl Future<Output = PinResult>;
}

/// A cardholder in front of a display with keys. [B4 11.3]
pub trait Cardholder {
    /// Chooses an application by its number, or none. A single one is to be confirmed. What is
    /// shown of each is [`Candidates::display_name`].
    fn choose(&mut self, candidates: Candidates<'_>) -> impl Future<Output = Option<u8>>;
}

/// The way to the acquirer. What goes over the line (ISO 8583 or other), the PIN block that the
/// pad keeps and the deadlines are the integrator's.
pub trait Host {
    /// Asks for an authorisation; the answer may lie in `memory`, whose content is of no
    /// concern before.
    ///
    /// How it failed decides whether a reversal is owed: see [`NoAnswer`].
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> impl Future<Output = Result<Answer<'a>, NoAnswer>>;

    /// Waits on for the answer, after [`NoAnswer::NotYet`]. A host that never says so has nothing
    /// to do here.
    fn wait_for_answer<'a>(
        &mut self,
        memory: &'a mut [u8],
    ) -> impl Future<Output = Result<Answer<'a>, NoAnswer>> {
        let _ = memory;
        given(Err(NoAnswer::Lost))
    }

    /// Delivers an advice, a reversal or an item of the batch, and waits for the acknowledgement.
    ///
    /// A message that was not acknowledged is delivered again, with
    /// [`HostMessage::repeat`] set: the acquirer recognises it by kind and sequence counter.
    fn deliver(
        &mut self,
        message: &HostMessage<'_>,
    ) -> impl Future<Output = Result<(), NotAcknowledged>>;
}

/// The message was not acknowledged, or not in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAcknowledged;

/// Memory that keeps records when power fails: the journal's.
///
/// Records are numbered by their place, in the order in which they were appended. The contract:
///
/// - When [`append`](Self::append) or [`erase`](Self::erase) has returned `Ok`, it is done, and
///   stays done when power fails: caches are flushed.
/// - When power fails within `append`, the record is there, or it is not, or its place reads as
///   anything at all: half of it, noise, or an error-free empty record. Records before it are
///   untouched. The same when it returns an error.
/// - When power fails within `erase`, or it returns an error, the record is as before, or it
///   reads as anything at all. Others are untouched. NOR flash can erase a record in place by
///   writing zeros over it.
/// - An erased record reads as empty, and its bytes are gone: they held an account number.
///   Memory of erased records may be used again, places are not.
pub trait Storage {
    /// Places that may hold a record: from the oldest to the one that comes next.
    fn places(&mut self) -> impl Future<Output = Result<Range<u32>, StorageFailed>>;

    /// Appends a record of up to [`RECORD_LENGTH`](crate::RECORD_LENGTH) bytes at the next place.
    fn append(&mut self, record: &[u8]) -> impl Future<Output = Result<(), StorageFailed>>;

    /// Writes the record of a place to the front of `out` and gives its length; 0 when it was
    /// erased. What is longer than `out` is no record of the journal, and is cut.
    fn read(
        &mut self,
        place: u32,
        out: &mut [u8],
    ) -> impl Future<Output = Result<usize, StorageFailed>>;

    /// Erases the record of a place.
    fn erase(&mut self, place: u32) -> impl Future<Output = Result<(), StorageFailed>>;
}

/// The storage did not do what it was asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StorageFailed;

/// Where the integrator looks in, and changes what is its own. The defaults do nothing.
///
/// A hook that changes amounts sets them with
/// [`put_amounts`](chipwright::database::Database::put_amounts), the currency with
/// [`put`](chipwright::database::Database::put): the kernel goes on with them, and the limits of
/// the [`Service`](crate::Service) are checked again. What a card was sent before (its PDOL may
/// ask for the amount) it keeps in mind; whether it may change, schemes say.
pub trait Hooks {
    /// After the candidate list was built, before one is selected: candidates may be given up
    /// (`Candidates::give_up`).
    fn candidates(&mut self, data: &mut Database<'_>) -> impl Future<Output = Proceed> {
        let _ = data;
        given(Proceed::Continue)
    }

    /// After the records were read: rules by account range, surcharge, choice of currency, an
    /// amount that is known only now.
    fn records(&mut self, data: &mut Database<'_>) -> impl Future<Output = Proceed> {
        let _ = data;
        given(Proceed::Continue)
    }

    /// Before the authorisation message is built.
    fn before_online(&mut self, data: &mut Database<'_>) -> impl Future<Output = Online> {
        let _ = data;
        given(Online::Ask)
    }

    /// After the transaction has ended, was written down and told on the display, while all its
    /// data objects are still there: for the receipt, which needs more of them than the final
    /// record has.
    fn ended(
        &mut self,
        record: &FinalRecord,
        outcome: &Outcome,
        data: &Database<'_>,
    ) -> impl Future<Output = ()> {
        let _ = (record, outcome, data);
        given(())
    }
}

/// Whether to ask the issuer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Online {
    /// Ask.
    Ask,
    /// Do not: card and terminal decide as when there is no line.
    Unreachable,
    /// Stop the transaction.
    Stop(Stop),
}

/// No hooks.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHooks;

impl Hooks for NoHooks {}

/// A display. Showing does not wait: a message stays until the next one.
pub trait Display {
    /// Shows a message.
    fn show(&mut self, show: &Show);

    /// Shows what a reader for taps asks for: words, and along with them lights and buzzer.
    /// What is absent stays as it is. [A 7]
    fn request(&mut self, show: Option<&Show>, status: Option<Status>) {
        let _ = status;
        if let Some(show) = show {
            self.show(show);
        }
    }
}

/// A clock, set to local time. [B4 10.1]
pub trait Clock {
    /// Date, and time as HHMMSS in n 6.
    fn now(&self) -> (Date, [u8; 3]);
}

/// A cancel key, or whatever else ends a transaction from outside: asked before every command to
/// the card, every look into the field, and before the authorisation message goes out.
///
/// Devices that wait (reader, pad, choice, host) watch the key themselves.
pub trait Cancel {
    /// Why to stop, if so.
    fn stop(&self) -> Option<Stop>;
}

/// Nobody cancels.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCancel;

impl Cancel for NoCancel {
    fn stop(&self) -> Option<Stop> {
        None
    }
}
