//! What a step asks for.

use chipwright::contactless::{Shown, UiRequest as CoreRequest};
use chipwright::driver;
use chipwright::session;
use core::fmt;

use crate::{Bytes, Outcome};

/// What a step asks for: a kind, and what goes with it. Bytes stay where they are until the next
/// step.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Output {
    /// A `chipwright_output_kind`.
    pub kind: u32,
    /// What goes with the kind; nothing with AUTHORISE and POLL.
    pub content: OutputContent,
}

/// What goes with a kind of output.
#[derive(Clone, Copy)]
#[repr(C)]
pub union OutputContent {
    /// With TRANSMIT: the command.
    pub command: Bytes,
    /// With CHOOSE: how many candidates there are; see `chipwright_candidate`.
    pub candidates: u32,
    /// With VERIFY_PIN.
    pub pin: PinRequest,
    /// With REVIEW: a `chipwright_review`.
    pub review: u32,
    /// With FIELD.
    pub field: FieldRequest,
    /// With SHOW.
    pub show: UiRequest,
    /// With ENDED.
    pub outcome: Outcome,
}

/// Kinds of output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum OutputKind {
    /// Send a command to the card; reply RESPONSE or LINK_FAILED.
    Transmit = 1,
    /// Let the cardholder choose; reply CHOSEN.
    Choose = 2,
    /// Have a PIN entered; reply PIN.
    VerifyPin = 3,
    /// Ask the issuer; reply AUTHORISED or UNREACHABLE. What the message needs is among the data
    /// objects: see `chipwright_field_55`.
    Authorise = 4,
    /// Look in; reply PROCEED.
    Review = 5,
    /// Look once what is in the field, and activate it if it is one card; reply POLLED.
    Poll = 6,
    /// Switch the field; reply DONE when it was off for as long as asked for.
    Field = 7,
    /// Show this on display, lights and buzzer; reply DONE.
    Show = 8,
    /// The transaction has ended.
    Ended = 9,
    /// Something that this interface does not know: reply STOP.
    Unknown = 10,
}

/// A PIN that is to be entered. For one that the card verifies, the pad sends VERIFY itself, and
/// reports the status word: the digits never enter the kernel.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct PinRequest {
    /// How it travels: a `chipwright_pin_method`.
    pub method: u32,
    /// Tries left; -1 when the card did not tell.
    pub tries_left: i16,
    /// 1 when a wrong PIN was entered just before.
    pub again: u8,
    /// Modulus of the card's verified key, for ENCIPHERED.
    pub modulus: Bytes,
    /// Its exponent.
    pub exponent: Bytes,
}

/// How a PIN travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum PinMethod {
    /// To the card, in the clear.
    Plaintext = 1,
    /// To the card, enciphered with a key of the card.
    Enciphered = 2,
    /// To the issuer, enciphered by the pad.
    Online = 3,
}

/// Where the integrator may look in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Review {
    /// The candidate list was built.
    Candidates = 1,
    /// The records were read: objects of the terminal may be changed.
    Records = 2,
}

/// What to do with the reader's field.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct FieldRequest {
    /// 1 to switch it on, 0 to switch it off.
    pub on: u8,
    /// For how long it is off at least, in units of 100 ms.
    pub off_time: u16,
}

/// A request to display, lights and buzzer. What is 0 leaves them as they are. [A 7]
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct UiRequest {
    /// The identifier of the message to show, as the books number them. [B4 11.2] [A 9.4]
    pub message: u8,
    /// What the lights say: a `chipwright_reader_status`.
    pub reader_status: u32,
    /// How long the message stays before another may replace it, in units of 100 ms.
    pub hold_time: u16,
    /// Language Preference (5F2D) of the card: one to four languages of two small letters each.
    pub language_preference: [u8; 8],
    /// Which amount to show with the message: a `chipwright_amount_shown`.
    pub amount_shown: u32,
    /// That amount, in minor units.
    pub amount: u64,
    /// Its currency; 0 when it is not known.
    pub currency: u16,
}

/// What the reader's lights say. [A 7.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum ReaderStatus {
    /// Out of order for the moment.
    NotReady = 1,
    /// Waiting for a transaction.
    Idle = 2,
    /// Waiting for a card.
    ReadyToRead = 3,
    /// Working with the card.
    Processing = 4,
    /// The card may be taken away.
    CardReadSuccessfully = 5,
    /// Something went wrong; a collision, too.
    ProcessingError = 6,
}

/// Which amount is shown with a message. [A 7.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum AmountShown {
    /// That of the transaction.
    Transaction = 1,
    /// The balance of the card.
    Balance = 2,
}

translate! { PinMethod = session::PinMethod { Plaintext, Enciphered, Online } }
translate! { Review = session::Review { Candidates, Records } }
translate! { ReaderStatus = chipwright::contactless::Status {
    NotReady, Idle, ReadyToRead, Processing, CardReadSuccessfully, ProcessingError,
} }

impl Output {
    /// What the core asks for.
    pub(crate) fn of(output: &driver::Output<'_>) -> Self {
        let (kind, content) = match output {
            driver::Output::Transmit(command) => {
                (OutputKind::Transmit, OutputContent { command: Bytes::of(command) })
            }
            driver::Output::Choose(list) => {
                let candidates = list.by_priority().fold(0, |count, _| count + 1);
                (OutputKind::Choose, OutputContent { candidates })
            }
            driver::Output::VerifyPin(request) => {
                (OutputKind::VerifyPin, OutputContent { pin: PinRequest::of(request) })
            }
            driver::Output::Authorise(_) => (OutputKind::Authorise, NOTHING),
            driver::Output::Review(review) => {
                (OutputKind::Review, OutputContent { review: 1 + *review as u32 })
            }
            driver::Output::Poll => (OutputKind::Poll, NOTHING),
            driver::Output::Field(field) => {
                (OutputKind::Field, OutputContent { field: FieldRequest::of(*field) })
            }
            driver::Output::Show(request) => {
                (OutputKind::Show, OutputContent { show: UiRequest::of(request) })
            }
            driver::Output::Done(outcome) => {
                (OutputKind::Ended, OutputContent { outcome: Outcome::of(outcome) })
            }
            _ => (OutputKind::Unknown, NOTHING),
        };
        Self { kind: kind as u32, content }
    }
}

const NOTHING: OutputContent = OutputContent { candidates: 0 };

impl PinRequest {
    fn of(request: &session::PinRequest<'_>) -> Self {
        Self {
            method: 1 + request.entry.method as u32,
            tries_left: request.entry.tries_left.map_or(-1, i16::from),
            again: u8::from(request.entry.again),
            modulus: request.key.map_or(Bytes::NONE, |key| Bytes::of(key.modulus)),
            exponent: request.key.map_or(Bytes::NONE, |key| Bytes::of(key.exponent)),
        }
    }
}

impl FieldRequest {
    const fn of(field: session::Field) -> Self {
        match field {
            session::Field::On => Self { on: 1, off_time: 0 },
            session::Field::Off(off_time) => Self { on: 0, off_time },
        }
    }
}

impl UiRequest {
    fn of(request: &CoreRequest) -> Self {
        let (amount_shown, amount, currency) = match request.value {
            None => (0, 0, None),
            Some(Shown::Amount(amount, currency)) => {
                (AmountShown::Transaction as u32, amount.minor_units(), currency)
            }
            Some(Shown::Balance(amount, currency)) => {
                (AmountShown::Balance as u32, amount.minor_units(), currency)
            }
        };
        Self {
            message: request.message.map_or(0, |message| message.identifier()),
            reader_status: request.status.map_or(0, |status| 1 + status as u32),
            hold_time: request.hold_time,
            language_preference: request.language_preference,
            amount_shown,
            amount,
            currency: currency.map_or(0, |code| code.number()),
        }
    }
}

/// Commands carry account data: only the kind is shown.
impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Output({})", self.kind)
    }
}
