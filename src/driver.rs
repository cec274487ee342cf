//! The integrator's end: `step(Input) -> Output`.

use crate::apdu::RESPONSE_LENGTH;
use crate::candidates::Candidates;
use crate::contactless::UiRequest;
use crate::database::{Database, Kept};
use crate::dictionary::emv::{
    AUTHORISATION_CODE, AUTHORISATION_RESPONSE_CODE, ISSUER_AUTHENTICATION_DATA,
};
use crate::event::Octets;
use crate::fault::Failed;
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::session::{
    Field, Held, LinkError, PinMethod, PinRequest, PinResult, Polled, Proceed, Reply, Request,
    Review, Session, Stop,
};
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// Drives one transaction.
///
/// The kernel asks for one thing at a time. Give what it asked for, and it asks for the next,
/// until it is [`Output::Done`]. A reply of the wrong kind is refused as [`Misuse`] and changes
/// nothing. Dropping the driver's task ends the transaction; lent memory is wiped.
pub struct Driver<'a, 'b> {
    session: &'a Session<'b>,
    task: Pin<&'a mut dyn Future<Output = Outcome>>,
    held: Held<'b>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    New,
    Reached(Stage),
}

/// Where the kernel stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Waiting(Request),
    Done(Outcome),
}

/// What the kernel is given.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Input<'i> {
    /// Begin. Afterwards: say again what is asked for.
    Start,
    /// The card answered.
    Response {
        /// The answer, status word included.
        bytes: &'i [u8],
        /// Time that the card took, in microseconds; 0 when it is not measured.
        elapsed: u32,
    },
    /// The card did not answer, or not properly.
    LinkFailed(LinkError),
    /// The cardholder chose a candidate by its number, or none.
    Chosen(Option<u8>),
    /// The PIN pad reports.
    Pin(PinResult),
    /// The issuer answered.
    Authorised(HostResponse<'i>),
    /// The issuer could not be reached in time, or its answer was no answer.
    Unreachable,
    /// Go on after a review.
    Proceed(Proceed),
    /// What is in the field.
    Polled(Polled),
    /// The field is switched, or the request shown.
    Done,
    /// The card stayed in the field for as long as it may, and the issuer has not answered yet.
    RemovalTimeout,
    /// End the transaction.
    Stop(Stop),
}

/// What the issuer answered. [B4 12.1]
#[derive(Clone, Copy)]
pub struct HostResponse<'i> {
    /// Authorisation Response Code (8A).
    pub authorisation_response_code: [u8; 2],
    /// Issuer Authentication Data (91), 8 to 16 bytes.
    pub issuer_authentication_data: Option<&'i [u8]>,
    /// Authorisation Code (89), an 6.
    pub authorisation_code: Option<&'i [u8]>,
    /// Issuer scripts: templates 71 and 72 one behind the other, as received; empty for none.
    pub scripts: &'i [u8],
}

impl HostResponse<'_> {
    /// Whether every field has a length that it may have.
    fn fits(&self) -> bool {
        self.issuer_authentication_data.is_none_or(|data| matches!(data.len(), 8..=16))
            && self.authorisation_code.is_none_or(|code| code.len() == 6)
    }
}

/// What the kernel asks for.
#[non_exhaustive]
pub enum Output<'o> {
    /// Send this command to the card; reply [`Input::Response`] or [`Input::LinkFailed`].
    Transmit(&'o [u8]),
    /// Let the cardholder choose; reply [`Input::Chosen`].
    Choose(Candidates<'o>),
    /// Have a PIN entered; reply [`Input::Pin`].
    VerifyPin(PinRequest<'o>),
    /// Ask the issuer; reply [`Input::Authorised`] or [`Input::Unreachable`]. What the message
    /// needs is in the data objects.
    Authorise(&'o Database<'o>),
    /// Look in, and change what is the terminal's with [`Driver::data_mut`] if need be; reply
    /// [`Input::Proceed`].
    Review(Review),
    /// Look once what is in the field, and activate it if it is one card; reply
    /// [`Input::Polled`].
    Poll,
    /// Switch the field; reply [`Input::Done`] when it was off for as long as asked for.
    Field(Field),
    /// Show this on display, lights and buzzer; reply [`Input::Done`].
    Show(UiRequest),
    /// The transaction has ended.
    Done(Outcome),
}

/// The integrator replied with something that was not asked for. The transaction is unharmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Misuse {
    /// Another kind of reply is expected, or a report that the pad was not asked for: a PIN that
    /// the card verified where it goes to the issuer.
    WrongReply,
    /// The number is none of a candidate that may still be selected.
    NotACandidate,
    /// The answer is longer than any, or than the buffer lent.
    ResponseTooLong,
    /// The host's answer does not fit its fields.
    HostResponse,
    /// The task is not one of this session: it waits for something else.
    ForeignTask,
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WrongReply => "the kernel did not ask for this reply",
            Self::NotACandidate => "the number is none of a candidate that may be selected",
            Self::ResponseTooLong => "the answer is longer than any, or than the buffer lent",
            Self::HostResponse => "the host's answer does not fit",
            Self::ForeignTask => "the task does not belong to this session",
        })
    }
}

impl core::error::Error for Misuse {}

impl<'a, 'b> Driver<'a, 'b> {
    /// Drives `task`, a kernel's future over `session`.
    ///
    /// Pin the task in a variable of its own, as in `let task = pin!(transact(..));`. As an
    /// argument, `Driver::new(&session, pin!(transact(..)))` lets the future live no longer than
    /// the statement, and the compiler refuses the driver with E0716.
    pub fn new(session: &'a Session<'b>, task: Pin<&'a mut dyn Future<Output = Outcome>>) -> Self {
        Self { session, task, held: Held::default(), state: State::New }
    }

    /// Gives the kernel what it asked for; gives back what it asks for next.
    ///
    /// # Errors
    /// [`Misuse`]; the transaction can go on with a proper reply.
    pub fn step(&mut self, input: Input<'_>) -> Result<Output<'_>, Misuse> {
        let stage = match (self.state, input) {
            (State::New, Input::Start) => self.resume(None)?,
            (State::New, _) => return Err(Misuse::WrongReply),
            (State::Reached(stage), Input::Start) => stage,
            (State::Reached(stage @ Stage::Done(_)), _) => stage,
            (State::Reached(Stage::Waiting(request)), input) => {
                let reply = self.accept(request, input)?;
                self.resume(Some(reply))?
            }
        };
        Ok(self.output(stage))
    }

    /// Where the transaction is.
    pub const fn phase(&self) -> Phase {
        self.session.phase.get()
    }

    /// What the transaction comes to, once that is settled: scripts may still be on their way to
    /// the card, and change nothing about it. [B3 10.10]
    pub const fn decided(&self) -> Option<Outcome> {
        match self.state {
            State::Reached(Stage::Done(outcome)) => Some(outcome),
            _ => self.session.decided.get(),
        }
    }

    /// How long the card may stay in the field while the issuer is asked, in units of 100 ms; 0
    /// for no limit. When it is over, reply [`Input::RemovalTimeout`] to [`Output::Authorise`],
    /// which then comes again. [A 8.1.1.16]
    pub const fn removal_timeout(&self) -> u16 {
        self.session.removal_timeout.get()
    }

    /// The data objects, while the kernel waits and after the end.
    pub const fn data(&self) -> &Database<'b> {
        &self.held.data
    }

    /// The data objects, to change what is the terminal's: an amount that is known late.
    pub const fn data_mut(&mut self) -> &mut Database<'b> {
        &mut self.held.data
    }

    /// Lets the kernel work until it asks for something or ends.
    fn resume(&mut self, reply: Option<Reply>) -> Result<Stage, Misuse> {
        if self.state != State::New {
            self.session.held.set(core::mem::take(&mut self.held));
        }
        self.session.reply.set(reply);
        let mut context = Context::from_waker(Waker::noop());
        let polled = self.task.as_mut().poll(&mut context);
        self.held = self.session.held.take();
        let stage = match polled {
            Poll::Ready(outcome) => {
                self.session.phase.set(Phase::Ended);
                Stage::Done(outcome)
            }
            Poll::Pending => {
                Stage::Waiting(self.session.request.take().ok_or(Misuse::ForeignTask)?)
            }
        };
        self.state = State::Reached(stage);
        Ok(stage)
    }

    /// Takes a reply if it is one to the request.
    fn accept(&mut self, request: Request, input: Input<'_>) -> Result<Reply, Misuse> {
        Ok(match (request, input) {
            (_, Input::Stop(stop)) => Reply::Stop(stop),
            (Request::Transmit, Input::Response { bytes, elapsed }) => {
                if bytes.len() > RESPONSE_LENGTH {
                    return Err(Misuse::ResponseTooLong);
                }
                self.held.apdu.load(bytes).map_err(|_| Misuse::ResponseTooLong)?;
                Reply::Response { elapsed }
            }
            (Request::Transmit, Input::LinkFailed(error)) => Reply::LinkFailed(error),
            (Request::Choose, Input::Chosen(number)) => {
                let list = Candidates::new(&self.held.data);
                if number.is_some_and(|number| !list.is_open(number)) {
                    return Err(Misuse::NotACandidate);
                }
                Reply::Chosen(number)
            }
            (Request::VerifyPin(entry), Input::Pin(result)) if result.answers(entry.method) => {
                Reply::Pin(result)
            }
            (Request::Authorise, Input::Authorised(response)) => {
                if !response.fits() {
                    return Err(Misuse::HostResponse);
                }
                match self.put_host_response(response) {
                    Ok(()) => Reply::Authorised,
                    Err(failed) => Reply::NoRoom(self.held.data.fault(failed)),
                }
            }
            (Request::Authorise, Input::Unreachable) => Reply::Unreachable,
            (Request::Authorise, Input::RemovalTimeout) if self.removal_timeout() > 0 => {
                Reply::RemovalTimeout
            }
            (Request::Review(_), Input::Proceed(proceed)) => Reply::Proceed(proceed),
            (Request::Poll, Input::Polled(polled)) => Reply::Polled(polled),
            (Request::Field(_) | Request::Show, Input::Done) => Reply::Done,
            _ => return Err(Misuse::WrongReply),
        })
    }

    /// Puts the host's answer among the data objects. [B3 10.9]
    ///
    /// # Errors
    /// [`Cause::StoreFull`](crate::fault::Cause::StoreFull).
    fn put_host_response(&mut self, response: HostResponse<'_>) -> Result<(), Failed> {
        let data = &mut self.held.data;
        let code = &response.authorisation_response_code;
        data.put_issuer(AUTHORISATION_RESPONSE_CODE.tag, code)?;
        for (tag, value) in [
            (ISSUER_AUTHENTICATION_DATA.tag, response.issuer_authentication_data),
            (AUTHORISATION_CODE.tag, response.authorisation_code),
        ] {
            value.map_or(Ok(()), |value| data.put_issuer(tag, value))?;
        }
        data.keep(Kept::Scripts, response.scripts)
    }

    #[inline(never)]
    fn output(&self, stage: Stage) -> Output<'_> {
        match stage {
            Stage::Waiting(Request::Transmit) => Output::Transmit(self.held.apdu.bytes()),
            Stage::Waiting(Request::Choose) => Output::Choose(Candidates::new(&self.held.data)),
            Stage::Waiting(Request::VerifyPin(entry)) => {
                let enciphered = entry.method == PinMethod::Enciphered;
                let key = self.held.data.pin_public_key().filter(|_| enciphered);
                Output::VerifyPin(PinRequest { entry, key })
            }
            Stage::Waiting(Request::Authorise) => Output::Authorise(&self.held.data),
            Stage::Waiting(Request::Review(review)) => Output::Review(review),
            Stage::Waiting(Request::Poll) => Output::Poll,
            Stage::Waiting(Request::Field(field)) => Output::Field(field),
            Stage::Waiting(Request::Show) => Output::Show(self.session.shown.get()),
            Stage::Done(outcome) => Output::Done(outcome),
        }
    }
}

impl fmt::Debug for Driver<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("phase", &self.phase())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Answers carry account data: only their length is shown.
impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Response { bytes, elapsed } => {
                write!(f, "Response({} bytes, {elapsed} microseconds)", bytes.len())
            }
            Self::LinkFailed(error) => f.debug_tuple("LinkFailed").field(error).finish(),
            Self::Chosen(number) => f.debug_tuple("Chosen").field(number).finish(),
            Self::Pin(result) => f.debug_tuple("Pin").field(result).finish(),
            Self::Authorised(response) => f.debug_tuple("Authorised").field(response).finish(),
            Self::Unreachable => f.write_str("Unreachable"),
            Self::Proceed(proceed) => f.debug_tuple("Proceed").field(proceed).finish(),
            Self::Polled(polled) => f.debug_tuple("Polled").field(polled).finish(),
            Self::Done => f.write_str("Done"),
            Self::RemovalTimeout => f.write_str("RemovalTimeout"),
            Self::Stop(stop) => f.debug_tuple("Stop").field(stop).finish(),
        }
    }
}

/// As for [`Input`]: of bytes only their number is shown.
impl fmt::Debug for HostResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostResponse")
            .field("authorisation_response_code", &self.authorisation_response_code)
            .field("issuer_authentication_data", &self.issuer_authentication_data.map(Octets))
            .field("authorisation_code", &self.authorisation_code.map(Octets))
            .field("scripts", &Octets(self.scripts))
            .finish()
    }
}

/// Commands carry account data as well.
impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transmit(bytes) => f.debug_tuple("Transmit").field(&Octets(bytes)).finish(),
            Self::Choose(candidates) => f.debug_tuple("Choose").field(candidates).finish(),
            Self::VerifyPin(request) => f.debug_tuple("VerifyPin").field(request).finish(),
            Self::Authorise(data) => f.debug_tuple("Authorise").field(data).finish(),
            Self::Review(review) => f.debug_tuple("Review").field(review).finish(),
            Self::Poll => f.write_str("Poll"),
            Self::Field(field) => f.debug_tuple("Field").field(field).finish(),
            Self::Show(request) => f.debug_tuple("Show").field(request).finish(),
            Self::Done(outcome) => f.debug_tuple("Done").field(outcome).finish(),
        }
    }
}
