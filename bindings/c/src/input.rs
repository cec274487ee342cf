//! What a step is given.

use core::fmt;

use chipwright::driver;
use chipwright::session;
use chipwright::status::Status as StatusWord;

use crate::context::Entered;
use crate::{Bytes, Status};

/// What a step is given: a kind, and what goes with it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Input {
    /// A `chipwright_input_kind`.
    pub kind: u32,
    /// What goes with the kind; nothing with START, UNREACHABLE, DONE and REMOVAL_TIMEOUT.
    pub content: InputContent,
}

/// What goes with a kind of input.
#[derive(Clone, Copy)]
#[repr(C)]
pub union InputContent {
    /// With RESPONSE.
    pub response: Response,
    /// With LINK_FAILED: a `chipwright_link_error`.
    pub link_error: u32,
    /// With CHOSEN: the number of a candidate, or -1 for none.
    pub chosen: i32,
    /// With PIN.
    pub pin: PinReport,
    /// With AUTHORISED.
    pub host_response: HostResponse,
    /// With PROCEED: a `chipwright_proceed`.
    pub proceed: u32,
    /// With POLLED: a `chipwright_polled`.
    pub polled: u32,
    /// With STOP: a `chipwright_stop`.
    pub stop: u32,
}

/// Kinds of input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum InputKind {
    /// Begin. Afterwards: say again what is asked for.
    Start = 1,
    /// The card answered.
    Response = 2,
    /// The card did not answer, or not properly.
    LinkFailed = 3,
    /// The cardholder chose a candidate, or none.
    Chosen = 4,
    /// The PIN pad reports.
    Pin = 5,
    /// The issuer answered.
    Authorised = 6,
    /// The issuer could not be reached in time, or its answer was no answer.
    Unreachable = 7,
    /// Go on after a review.
    Proceed = 8,
    /// What is in the field.
    Polled = 9,
    /// The field is switched, or the request shown.
    Done = 10,
    /// The card stayed in the field for as long as it may, and the issuer has not answered yet.
    RemovalTimeout = 11,
    /// End the transaction.
    Stop = 12,
}

/// An answer of the card.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Response {
    /// The answer, status word included. It is copied.
    pub answer: Bytes,
    /// Time that the card took, in microseconds; 0 when it is not measured.
    pub elapsed: u32,
}

/// Why the link to the card failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum LinkError {
    /// The card did not answer in time.
    Timeout = 1,
    /// The answer was garbled.
    Transmission = 2,
    /// The transport protocol was broken.
    Protocol = 3,
    /// The card was removed.
    Removed = 4,
}

/// What the PIN pad reports. [B3 10.5.1, 10.5.2]
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct PinReport {
    /// A `chipwright_pin_result`.
    pub result: u32,
    /// With VERIFIED: the status word by which the card answered VERIFY.
    pub status_word: u16,
    /// With LINK_FAILED: a `chipwright_link_error`.
    pub link_error: u32,
}

/// How a PIN entry ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum PinResult {
    /// The card answered VERIFY.
    Verified = 1,
    /// A PIN was taken for the issuer.
    Captured = 2,
    /// Cardholder or merchant went past PIN entry.
    Bypassed = 3,
    /// The cardholder cancelled the transaction.
    Cancelled = 4,
    /// The pad is missing or does not work.
    Broken = 5,
    /// The PIN could not be sent: no challenge, or the pad did not form it.
    NoChallenge = 6,
    /// The link to the card failed.
    LinkFailed = 7,
}

/// What the issuer answered. [B4 12.1] It is copied.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct HostResponse {
    /// Authorisation Response Code (8A).
    pub authorisation_response_code: [u8; 2],
    /// Issuer Authentication Data (91), 8 to 16 bytes; null for none.
    pub issuer_authentication_data: Bytes,
    /// Authorisation Code (89), 6 bytes; null for none.
    pub authorisation_code: Bytes,
    /// Issuer scripts: templates 71 and 72 one behind the other, as received.
    pub scripts: Bytes,
}

/// How to go on after a review.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Proceed {
    /// As it stands.
    Continue = 1,
    /// Not at all: reading the card was all that was wanted.
    CardRead = 2,
    /// With a refusal: the card is asked for an AAC whatever the checks find.
    Decline = 3,
}

/// What is in the field. [B 3.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Polled {
    /// One card, activated.
    Card = 1,
    /// More than one.
    Collision = 2,
    /// None.
    Nothing = 3,
}

/// Why a transaction is stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Stop {
    /// The cardholder or the merchant cancelled.
    Cancelled = 1,
    /// A deadline of the integrator passed.
    Timeout = 2,
    /// The card was removed while nothing was sent to it.
    CardRemoved = 3,
}

translate! { LinkError = session::LinkError { Timeout, Transmission, Protocol, Removed } }
translate! { Proceed = session::Proceed { Continue, CardRead, Decline } }
translate! { Polled = session::Polled { Card, Collision, Nothing } }
translate! { Stop = session::Stop { Cancelled, Timeout, CardRemoved } }

impl InputKind {
    const ALL: [Self; 12] = [
        Self::Start,
        Self::Response,
        Self::LinkFailed,
        Self::Chosen,
        Self::Pin,
        Self::Authorised,
        Self::Unreachable,
        Self::Proceed,
        Self::Polled,
        Self::Done,
        Self::RemovalTimeout,
        Self::Stop,
    ];
}

impl Input {
    /// What the core makes of it.
    ///
    /// # Safety
    /// What goes with the kind is initialised, and its bytes stay as they are for as long as `'a`.
    pub(crate) unsafe fn read<'a>(&self, entered: &Entered) -> Result<driver::Input<'a>, Status> {
        let kind = InputKind::ALL.into_iter().find(|kind| *kind as u32 == self.kind);
        let content = self.content;
        Ok(match kind.ok_or(Status::UnknownValue)? {
            InputKind::Start => driver::Input::Start,
            InputKind::Unreachable => driver::Input::Unreachable,
            InputKind::Done => driver::Input::Done,
            InputKind::RemovalTimeout => driver::Input::RemovalTimeout,
            InputKind::Response => {
                // SAFETY: goes with the kind, so the caller promises that it is there.
                let Response { answer, elapsed } = unsafe { content.response };
                entered.apart(answer.bytes, answer.length)?;
                // SAFETY: the caller promises it.
                driver::Input::Response { bytes: unsafe { answer.read() }?, elapsed }
            }
            InputKind::LinkFailed => {
                // SAFETY: goes with the kind.
                driver::Input::LinkFailed(LinkError::read(unsafe { content.link_error })?)
            }
            InputKind::Chosen => {
                // SAFETY: goes with the kind.
                driver::Input::Chosen(chosen(unsafe { content.chosen })?)
            }
            InputKind::Pin => {
                // SAFETY: goes with the kind.
                driver::Input::Pin(unsafe { content.pin }.read()?)
            }
            InputKind::Authorised => {
                // SAFETY: goes with the kind.
                let response = unsafe { content.host_response };
                // SAFETY: the caller promises it.
                driver::Input::Authorised(unsafe { response.read(entered) }?)
            }
            InputKind::Proceed => {
                // SAFETY: goes with the kind.
                driver::Input::Proceed(Proceed::read(unsafe { content.proceed })?)
            }
            InputKind::Polled => {
                // SAFETY: goes with the kind.
                driver::Input::Polled(Polled::read(unsafe { content.polled })?)
            }
            InputKind::Stop => {
                // SAFETY: goes with the kind.
                driver::Input::Stop(Stop::read(unsafe { content.stop })?)
            }
        })
    }
}

/// The number of a candidate, or none.
fn chosen(number: i32) -> Result<Option<u8>, Status> {
    if number == -1 {
        return Ok(None);
    }
    u8::try_from(number).map(Some).map_err(|_| Status::NotFound)
}

impl PinReport {
    pub(crate) fn read(self) -> Result<session::PinResult, Status> {
        const ALL: [PinResult; 7] = [
            PinResult::Verified,
            PinResult::Captured,
            PinResult::Bypassed,
            PinResult::Cancelled,
            PinResult::Broken,
            PinResult::NoChallenge,
            PinResult::LinkFailed,
        ];
        let result = ALL.into_iter().find(|result| *result as u32 == self.result);
        Ok(match result.ok_or(Status::UnknownValue)? {
            PinResult::Verified => session::PinResult::Verified(StatusWord(self.status_word)),
            PinResult::Captured => session::PinResult::Captured,
            PinResult::Bypassed => session::PinResult::Bypassed,
            PinResult::Cancelled => session::PinResult::Cancelled,
            PinResult::Broken => session::PinResult::Broken,
            PinResult::NoChallenge => session::PinResult::NoChallenge,
            PinResult::LinkFailed => {
                session::PinResult::LinkFailed(LinkError::read(self.link_error)?)
            }
        })
    }
}

impl HostResponse {
    /// # Safety
    /// The bytes are there, and stay as they are for as long as `'a`.
    unsafe fn read<'a>(self, entered: &Entered) -> Result<driver::HostResponse<'a>, Status> {
        for bytes in [self.issuer_authentication_data, self.authorisation_code, self.scripts] {
            entered.apart(bytes.bytes, bytes.length)?;
        }
        // SAFETY: the caller promises it, of these as of the next two.
        let issuer_authentication_data = unsafe { self.issuer_authentication_data.read_if_any() }?;
        // SAFETY: as before.
        let authorisation_code = unsafe { self.authorisation_code.read_if_any() }?;
        // SAFETY: as before.
        let scripts = unsafe { self.scripts.read() }?;
        Ok(driver::HostResponse {
            authorisation_response_code: self.authorisation_response_code,
            issuer_authentication_data,
            authorisation_code,
            scripts,
        })
    }
}

/// Answers carry account data: only the kind is shown.
impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Input({})", self.kind)
    }
}
