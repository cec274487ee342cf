//! The ways to wait.
//!
//! A request is made when its method is called; what it returns only waits for the reply. So a
//! kernel's state machine holds no more of a request than that it waits.

use super::{Authorised, Field, PinEntry, PinResult, Polled, Proceed, Review, Stop};
use super::{Ended, Held, Link, Reply, Request, copy};
use crate::apdu::Command;
use crate::contactless::UiRequest;
use crate::event::{Event, Octets};
use crate::fault::{Cause, Failed, Fault};
use crate::outcome::End;
use crate::status::Status;
use core::future::{Future, poll_fn};
use core::task::{Poll, ready};

impl<'s, 'b> Link<'s, 'b> {
    /// Sends a command with data as it is; the answer is in [`apdu`](Self::apdu).
    ///
    /// # Errors
    /// When the command does not fit, the link fails, or the transaction is stopped.
    pub fn exchange<'l>(
        &'l mut self,
        command: Command,
        data: &[u8],
    ) -> impl Future<Output = Result<Status, Ended>> + use<'l, 's, 'b> {
        let written = copy(data, self.apdu.room());
        let composed = self.finish(command, written);
        self.send(composed);
        poll_fn(|_| self.answered())
    }

    /// Sends the composed command; the answer is in [`apdu`](Self::apdu).
    ///
    /// # Errors
    /// When the link fails, the answer has no status word, or the transaction is stopped; when
    /// the transaction took more exchanges than it may.
    pub fn transmit(&mut self) -> impl Future<Output = Result<Status, Ended>> {
        self.send(Ok(()));
        poll_fn(|_| self.answered())
    }

    /// Lets the cardholder choose among the candidates in the data store; `None` when they
    /// declined to.
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub fn choose(&mut self) -> impl Future<Output = Result<Option<u8>, Ended>> {
        self.wait(Request::Choose, |link, reply| match reply {
            Reply::Chosen(chosen) => Ok(chosen),
            _ => Err(link.unexpected()),
        })
    }

    /// Has a PIN entered.
    ///
    /// # Errors
    /// When the transaction is stopped or cancelled, or the pad lost the card.
    pub fn verify_pin(
        &mut self,
        entry: PinEntry,
    ) -> impl Future<Output = Result<PinResult, Ended>> {
        // The pad sends commands of its own: an entry counts as an exchange.
        match self.count_exchange() {
            Ok(()) => self.ask(Request::VerifyPin(entry)),
            Err(failed) => self.refuse(failed),
        }
        poll_fn(|_| {
            let Reply::Pin(result) = ready!(self.reply())? else {
                return Poll::Ready(Err(self.unexpected()));
            };
            self.events.emit(&Event::PinEntry(result));
            Poll::Ready(match result {
                PinResult::Cancelled => Err(self.end(End::Stopped(Stop::Cancelled))),
                PinResult::LinkFailed(error) => Err(self.end(End::Link(error))),
                result => Ok(result),
            })
        })
    }

    /// Lets the integrator look in.
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub fn review(&mut self, review: Review) -> impl Future<Output = Result<Proceed, Ended>> {
        self.wait(Request::Review(review), move |link, reply| match reply {
            Reply::Proceed(proceed) => {
                link.events.emit(&Event::Reviewed { review, proceed });
                Ok(proceed)
            }
            _ => Err(link.unexpected()),
        })
    }

    /// Has the issuer asked; `false` when it could not be reached. What the issuer sent is then
    /// among the data objects.
    ///
    /// # Errors
    /// When the transaction is stopped, or the answer finds no room: what it said is then not
    /// known.
    pub fn authorise(&mut self) -> impl Future<Output = Result<bool, Ended>> {
        self.wait(Request::Authorise, |link, reply| match reply {
            Reply::Authorised => Ok(true),
            Reply::Unreachable => Ok(false),
            _ => Err(link.unexpected()),
        })
    }

    /// Has the issuer asked while the card may stay in the field: for `removal_timeout` units of
    /// 100 ms, 0 for as long as it takes. [A 8.1.1.16]
    ///
    /// # Errors
    /// As [`authorise`](Self::authorise).
    pub fn authorise_with_card(
        &mut self,
        removal_timeout: u16,
    ) -> impl Future<Output = Result<Authorised, Ended>> {
        self.session.removal_timeout.set(removal_timeout);
        self.ask(Request::Authorise);
        poll_fn(|_| {
            let reply = ready!(self.reply());
            self.session.removal_timeout.set(0);
            Poll::Ready(match reply? {
                Reply::Authorised => Ok(Authorised::Answered),
                Reply::Unreachable => Ok(Authorised::Unreachable),
                Reply::RemovalTimeout => Ok(Authorised::RemovalTimeout),
                _ => Err(self.unexpected()),
            })
        })
    }

    /// Looks once what is in the field. [B 3.2]
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub fn poll(&mut self) -> impl Future<Output = Result<Polled, Ended>> {
        self.wait(Request::Poll, |link, reply| match reply {
            Reply::Polled(polled) => Ok(polled),
            _ => Err(link.unexpected()),
        })
    }

    /// Switches the field; goes on when it was off for long enough.
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub fn field(&mut self, field: Field) -> impl Future<Output = Result<(), Ended>> {
        self.wait(Request::Field(field), |_, _| Ok(()))
    }

    /// Shows a request. [A 7]
    ///
    /// # Errors
    /// When the transaction is stopped.
    pub fn show(&mut self, request: UiRequest) -> impl Future<Output = Result<(), Ended>> {
        self.put_up(&request);
        self.wait(Request::Show, |_, _| Ok(()))
    }

    /// Apart, so that the two are known not to overlap.
    #[inline(never)]
    fn put_up(&self, request: &UiRequest) {
        self.session.shown.set(*request);
    }

    /// Asks, and reads the reply.
    fn wait<'l, T>(
        &'l mut self,
        request: Request,
        read: impl Fn(&Self, Reply) -> Result<T, Ended> + 'l,
    ) -> impl Future<Output = Result<T, Ended>> + 'l {
        self.ask(request);
        poll_fn(move |_| {
            let reply = ready!(self.reply())?;
            Poll::Ready(read(self, reply))
        })
    }

    /// Sends the command, if it was composed and may be sent.
    #[inline(never)]
    fn send(&mut self, composed: Result<(), Failed>) {
        match composed.and_then(|()| self.count_exchange()).and_then(|()| self.spend_command()) {
            Ok(()) => {
                self.events.emit(&Event::Command(Octets(self.apdu.bytes())));
                self.ask(Request::Transmit);
            }
            Err(failed) => self.refuse(failed),
        }
    }

    #[inline(never)]
    fn answered(&mut self) -> Poll<Result<Status, Ended>> {
        let elapsed = match ready!(self.reply())? {
            Reply::Response { elapsed } => elapsed,
            Reply::LinkFailed(error) => return Poll::Ready(Err(self.end(End::Link(error)))),
            _ => return Poll::Ready(Err(self.unexpected())),
        };
        let status = self.data.noted(self.apdu.status())?;
        self.events.emit(&Event::Response { data: Octets(self.apdu.data()), status, elapsed });
        self.spend_answer(status, elapsed)?;
        Poll::Ready(Ok(status))
    }

    /// The command is within the budget. [H 11]
    #[inline(always)]
    fn spend_command(&mut self) -> Result<(), Failed> {
        if self.hardening.is_off() {
            return Ok(());
        }
        let Self { spent, apdu, hardening, events, .. } = self;
        let spent = spent.command(apdu.bytes(), *hardening, *events);
        self.data.noted(spent)
    }

    /// The answer is within the budget, and coded as it should be. [H 10, 11]
    #[inline(always)]
    fn spend_answer(&mut self, status: Status, elapsed: u32) -> Result<(), Failed> {
        if self.hardening.is_off() {
            return Ok(());
        }
        let phase = self.session.phase.get();
        let Self { spent, apdu, hardening, events, .. } = self;
        let answer = (apdu.data(), status, elapsed);
        let spent = spent.answer(answer, phase, *hardening, *events);
        self.data.noted(spent)
    }

    /// One exchange more, if it may be.
    fn count_exchange(&mut self) -> Result<(), Failed> {
        match self.exchanges_left.checked_sub(1) {
            Some(left) => self.exchanges_left = left,
            None => return Err(self.data.note(Fault::new(Cause::TooManyExchanges))),
        }
        Ok(())
    }

    /// Hands everything to the driver, with what is asked of it.
    #[inline(never)]
    fn ask(&mut self, request: Request) {
        self.release();
        self.session.request.set(Some(request));
    }

    /// Nothing is asked: what failed is the reply.
    #[cold]
    fn refuse(&self, _: Failed) {
        self.session.reply.set(Some(Reply::Failed));
    }

    /// The reply, when there is one; everything is then back.
    #[inline(never)]
    fn reply(&mut self) -> Poll<Result<Reply, Ended>> {
        let reply = match self.session.reply.take() {
            None => return Poll::Pending,
            Some(Reply::Failed) => return Poll::Ready(Err(Failed::NOTED.into())),
            Some(reply) => reply,
        };
        let Held { data, apdu } = self.session.held.take();
        (self.data, self.apdu) = (data, apdu);
        Poll::Ready(match reply {
            Reply::Stop(stop) => Err(self.end(End::Stopped(stop))),
            Reply::NoRoom(fault) => Err(self.end(End::Fault(fault))),
            reply => Ok(reply),
        })
    }

    /// The driver lets only matching replies through; this is what the compiler cannot know.
    #[cold]
    fn unexpected(&self) -> Ended {
        self.end(End::Stopped(Stop::Cancelled))
    }

    pub(super) fn release(&mut self) {
        let held =
            Held { data: core::mem::take(&mut self.data), apdu: core::mem::take(&mut self.apdu) };
        self.session.held.set(held);
    }
}
