//! Where a kernel and its driver meet.
//!
//! A kernel is an `async fn` that the [`Driver`](crate::driver::Driver) polls by hand: the
//! compiler builds the state machine, the flow reads as the book does. While the kernel works it
//! holds data and buffer through its [`Link`]; while it waits the driver holds them. They pass
//! through the [`Session`] like a baton: exactly one side has them, so nothing is shared, locked
//! or copied.

mod request;
mod wait;

use crate::apdu::{Buffer, Command};
use crate::config::{Options, Transaction};
use crate::contactless::UiRequest;
use crate::database::Database;
use crate::event::{Event, Events};
use crate::fault::{Cause, Failed, Fault};
use crate::hardening::{Breach, Hardening, Spent};
use crate::outcome::{End, Outcome};
use crate::phase::Phase;
use crate::status::Status;
use crate::tag::Tag;
use core::cell::Cell;
use core::fmt;
pub use request::{
    Authorised, Field, LinkError, PinEntry, PinMethod, PinRequest, PinResult, Polled, Proceed,
    Review, Stop,
};
pub(crate) use request::{Reply, Request};

/// The meeting point of one transaction.
pub struct Session<'b> {
    pub(crate) held: Cell<Held<'b>>,
    pub(crate) request: Cell<Option<Request>>,
    pub(crate) reply: Cell<Option<Reply>>,
    pub(crate) phase: Cell<Phase>,
    pub(crate) decided: Cell<Option<Outcome>>,
    pub(crate) shown: Cell<UiRequest>,
    pub(crate) removal_timeout: Cell<u16>,
    end: Cell<Option<End>>,
}

/// What passes between kernel and driver.
#[derive(Debug, Default)]
pub(crate) struct Held<'b> {
    pub(crate) data: Database<'b>,
    pub(crate) apdu: Buffer<'b>,
}

impl<'b> Session<'b> {
    /// A session over lent memory; see [`DATABASE_LENGTH`](crate::database::DATABASE_LENGTH) and
    /// [`BUFFER_LENGTH`](crate::apdu::BUFFER_LENGTH).
    pub const fn new(data: Database<'b>, apdu: Buffer<'b>) -> Self {
        Self {
            held: Cell::new(Held { data, apdu }),
            request: Cell::new(None),
            reply: Cell::new(None),
            phase: Cell::new(Phase::Idle),
            decided: Cell::new(None),
            shown: Cell::new(UiRequest::NOTHING),
            removal_timeout: Cell::new(0),
            end: Cell::new(None),
        }
    }

    /// Where the transaction is.
    pub const fn phase(&self) -> Phase {
        self.phase.get()
    }
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("phase", &self.phase.get()).finish_non_exhaustive()
    }
}

/// Proof that a transaction ends, and that why is noted: [`Link::why`] tells.
///
/// As small as [`Failed`], for the same reason.
#[derive(PartialEq, Eq, Debug)]
#[must_use = "why it ends is to be told"]
pub struct Ended(());

impl From<Failed> for Ended {
    fn from(_: Failed) -> Self {
        Self(())
    }
}

/// A kernel's end of a session: its data, its buffer, and the ways to wait.
#[derive(Debug)]
pub struct Link<'s, 'b> {
    session: &'s Session<'b>,
    exchanges_left: u16,
    spent: Spent,
    /// Where events go.
    pub events: Events<'s>,
    /// What is refused beyond the books.
    pub hardening: Hardening<'s>,
    /// The data objects.
    pub data: Database<'b>,
    /// The last answer, or the command in the making.
    pub apdu: Buffer<'b>,
}

impl<'s, 'b> Link<'s, 'b> {
    /// Takes data and buffer out of the session, for this transaction.
    pub fn new(session: &'s Session<'b>, transaction: &Transaction<'s>) -> Self {
        let Transaction { terminal, events, .. } = *transaction;
        let Options { exchange_limit, hardening, .. } = terminal.options;
        let Held { mut data, apdu } = session.held.take();
        data.harden(hardening);
        let spent = Spent::default();
        Self { session, exchanges_left: exchange_limit, spent, events, hardening, data, apdu }
    }

    /// Tells that a rule of the hardened profile is broken, if anybody wants to know; says whether
    /// to act on it.
    #[inline(always)]
    pub fn refuses(&self, breach: Breach, tag: Option<Tag>) -> bool {
        self.hardening.refuses(breach, tag, self.events)
    }

    /// Enters a phase.
    pub fn enter(&self, phase: Phase) {
        self.session.phase.set(phase);
        self.events.emit(&Event::Phase(phase));
    }

    /// Lets it be known what the transaction comes to, although it has not ended: nothing that
    /// follows changes it.
    pub fn decide(&self, outcome: Outcome) {
        self.session.decided.set(Some(outcome));
    }

    /// Notes why the transaction ends.
    #[cold]
    #[inline(never)]
    pub fn end(&self, end: End) -> Ended {
        self.session.end.set(Some(end));
        Ended(())
    }

    /// Why the transaction ends: what was noted here, or as a fault with the data objects.
    #[inline(never)]
    pub fn why(&self, _: Ended) -> End {
        self.session.end.take().unwrap_or_else(|| End::Fault(self.data.fault(Failed::NOTED)))
    }

    /// Notes a status word that ends the transaction.
    #[cold]
    #[inline(never)]
    pub fn refused(&self, status: Status) -> Failed {
        self.data.note(Fault::new(Cause::Status(status.0)))
    }

    /// Composes a command whose data is written from the data objects;
    /// [`transmit`](Self::transmit) sends it.
    ///
    /// # Errors
    /// When it does not fit, or what `write` returns.
    pub fn compose(
        &mut self,
        command: Command,
        write: impl FnOnce(&Database<'b>, &mut [u8]) -> Result<usize, Failed>,
    ) -> Result<(), Failed> {
        let written = write(&self.data, self.apdu.room())?;
        self.finish(command, Some(written))
    }

    /// Composes a command whose data is one of the data objects as it is, or nothing.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn compose_from(&mut self, command: Command, tag: Tag) -> Result<(), Failed> {
        let written = copy(self.data.bytes(tag).unwrap_or_default(), self.apdu.room());
        self.finish(command, written)
    }

    /// Makes a command of what was written, unless that did not fit.
    #[inline(never)]
    fn finish(&mut self, command: Command, written: Option<usize>) -> Result<(), Failed> {
        let composed = match written {
            Some(written) => self.apdu.compose(command, written),
            None => Err(Fault::new(Cause::CommandLength)),
        };
        self.data.noted(composed)
    }
}

/// How many bytes were copied; `None` when there is no room.
fn copy(data: &[u8], out: &mut [u8]) -> Option<usize> {
    out.get_mut(..data.len())?.copy_from_slice(data);
    Some(data.len())
}

/// The data stays readable after the end: for the receipt, the host, the record.
impl Drop for Link<'_, '_> {
    fn drop(&mut self) {
        self.release();
    }
}
