//! Where a kernel and its driver meet.
//!
//! A kernel is an `async fn` that the [`Driver`](crate::driver::Driver) polls by hand: the
//! compiler builds the state machine, the flow reads as the book does. While the kernel works it
//! holds data and buffer through its [`Link`]; while it waits the driver holds them. They pass
//! through the [`Session`] like a baton: exactly one side has them, so nothing is shared, locked
//! or copied.

mod request;

use crate::apdu::{Buffer, Command};
use crate::contactless::UiRequest;
use crate::database::Database;
use crate::event::{Event, Events, Octets};
use crate::fault::{Cause, Fault};
use crate::outcome::{End, Outcome};
use crate::phase::Phase;
use crate::status::Status;
use core::cell::Cell;
use core::fmt;
use core::future::{Future, poll_fn};
use core::task::Poll;
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

/// A kernel's end of a session: its data, its buffer, and the ways to wait.
#[derive(Debug)]
pub struct Link<'s, 'b> {
    session: &'s Session<'b>,
    exchanges_left: u16,
    /// Where events go.
    pub events: Events<'s>,
    /// The data objects.
    pub data: Database<'b>,
    /// The last answer, or the command in the making.
    pub apdu: Buffer<'b>,
}

impl<'s, 'b> Link<'s, 'b> {
    /// Takes data and buffer out of the session.
    pub fn new(session: &'s Session<'b>, exchange_limit: u16, events: Events<'s>) -> Self {
        let Held { data, apdu } = session.held.take();
        Self { session, exchanges_left: exchange_limit, events, data, apdu }
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

    /// Sends a command with data as it is; the answer is in [`apdu`](Self::apdu).
    ///
    /// # Errors
    /// When the command does not fit, the link fails, or the transaction is stopped.
    pub async fn exchange(&mut self, command: Command, data: &[u8]) -> Result<Status, End> {
        self.compose(command, |_, out| copy(data, out))?;
        self.transmit().await
    }

    /// Composes a command whose data is written from the data objects;
    /// [`transmit`](Self::transmit) sends it.
    ///
    /// # Errors
    /// When it does not fit, or what `write` returns.
    pub fn compose(
        &mut self,
        command: Command,
        write: impl FnOnce(&Database<'b>, &mut [u8]) -> Result<usize, Fault>,
    ) -> Result<(), Fault> {
        self.apdu.compose(command, |out| write(&self.data, out))
    }

    /// Sends the composed command; the answer is in [`apdu`](Self::apdu).
    ///
    /// # Errors
    /// When the link fails, the answer has no status word, or the transaction is stopped; when
    /// the transaction took more exchanges than it may.
    pub async fn transmit(&mut self) -> Result<Status, End> {
        let left = self.exchanges_left.checked_sub(1);
        self.exchanges_left = left.ok_or(Fault::new(Cause::TooManyExchanges))?;
        self.events.emit(&Event::Command(Octets(self.apdu.bytes())));
        let elapsed = match self.wait(Request::Transmit).await? {
            Reply::Response { elapsed } => elapsed,
            Reply::LinkFailed(error) => return Err(End::Link(error)),
            _ => return Err(UNEXPECTED),
        };
        let status = self.apdu.status()?;
        self.events.emit(&Event::Response { data: Octets(self.apdu.data()), status, elapsed });
        Ok(status)
    }

    /// Lets the cardholder choose among the candidates in the data store; `None` when they
    /// declined to.
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub async fn choose(&mut self) -> Result<Option<u8>, End> {
        match self.wait(Request::Choose).await? {
            Reply::Chosen(chosen) => Ok(chosen),
            _ => Err(UNEXPECTED),
        }
    }

    /// Has a PIN entered.
    ///
    /// # Errors
    /// When the transaction is stopped or cancelled, or the pad lost the card.
    pub async fn verify_pin(&mut self, entry: PinEntry) -> Result<PinResult, End> {
        // The pad sends commands of its own: an entry counts as an exchange.
        let left = self.exchanges_left.checked_sub(1);
        self.exchanges_left = left.ok_or(Fault::new(Cause::TooManyExchanges))?;
        let Reply::Pin(result) = self.wait(Request::VerifyPin(entry)).await? else {
            return Err(UNEXPECTED);
        };
        self.events.emit(&Event::PinEntry(result));
        match result {
            PinResult::Cancelled => Err(End::Stopped(Stop::Cancelled)),
            PinResult::LinkFailed(error) => Err(End::Link(error)),
            result => Ok(result),
        }
    }

    /// Lets the integrator look in.
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub async fn review(&mut self, review: Review) -> Result<Proceed, End> {
        match self.wait(Request::Review(review)).await? {
            Reply::Proceed(proceed) => {
                self.events.emit(&Event::Reviewed { review, proceed });
                Ok(proceed)
            }
            _ => Err(UNEXPECTED),
        }
    }

    /// Has the issuer asked; `false` when it could not be reached. What the issuer sent is then
    /// among the data objects.
    ///
    /// # Errors
    /// When the transaction is stopped, or the answer finds no room: what it said is then not known.
    pub async fn authorise(&mut self) -> Result<bool, End> {
        match self.wait(Request::Authorise).await? {
            Reply::Authorised => Ok(true),
            Reply::Unreachable => Ok(false),
            _ => Err(UNEXPECTED),
        }
    }

    /// Has the issuer asked while the card may stay in the field: for `removal_timeout` units of
    /// 100 ms, 0 for as long as it takes. [A 8.1.1.16]
    ///
    /// # Errors
    /// As [`authorise`](Self::authorise).
    pub async fn authorise_with_card(&mut self, removal_timeout: u16) -> Result<Authorised, End> {
        self.session.removal_timeout.set(removal_timeout);
        let reply = self.wait(Request::Authorise).await;
        self.session.removal_timeout.set(0);
        match reply? {
            Reply::Authorised => Ok(Authorised::Answered),
            Reply::Unreachable => Ok(Authorised::Unreachable),
            Reply::RemovalTimeout => Ok(Authorised::RemovalTimeout),
            _ => Err(UNEXPECTED),
        }
    }

    /// Looks once what is in the field. [B 3.2]
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub async fn poll(&mut self) -> Result<Polled, End> {
        match self.wait(Request::Poll).await? {
            Reply::Polled(polled) => Ok(polled),
            _ => Err(UNEXPECTED),
        }
    }

    /// Switches the field; goes on when it was off for long enough.
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub async fn field(&mut self, field: Field) -> Result<(), End> {
        self.wait(Request::Field(field)).await.map(drop)
    }

    /// Shows a request. [A 7]
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub fn show(&mut self, request: UiRequest) -> impl Future<Output = Result<(), End>> {
        // Here and not in the future: the request need not wait there.
        self.session.shown.set(request);
        async { self.wait(Request::Show).await.map(drop) }
    }

    /// Hands everything to the driver, waits for its reply, and takes everything back.
    async fn wait(&mut self, request: Request) -> Result<Reply, End> {
        self.release();
        self.session.request.set(Some(request));
        let reply = poll_fn(|_| match self.session.reply.take() {
            Some(reply) => Poll::Ready(reply),
            None => Poll::Pending,
        });
        let reply = reply.await;
        let held = self.session.held.take();
        (self.data, self.apdu) = (held.data, held.apdu);
        match reply {
            Reply::Stop(stop) => Err(End::Stopped(stop)),
            Reply::NoRoom(fault) => Err(fault.into()),
            reply => Ok(reply),
        }
    }

    fn release(&mut self) {
        let held =
            Held { data: core::mem::take(&mut self.data), apdu: core::mem::take(&mut self.apdu) };
        self.session.held.set(held);
    }
}

/// The driver lets only matching replies through; this is what the compiler cannot know.
const UNEXPECTED: End = End::Stopped(Stop::Cancelled);

fn copy(data: &[u8], out: &mut [u8]) -> Result<usize, Fault> {
    let room = out.get_mut(..data.len()).ok_or(Fault::new(Cause::CommandLength))?;
    room.copy_from_slice(data);
    Ok(data.len())
}

/// The data stays readable after the end: for the receipt, the host, the record.
impl Drop for Link<'_, '_> {
    fn drop(&mut self) {
        self.release();
    }
}
