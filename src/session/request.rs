//! What kernel and driver ask of each other, and what they reply.

use crate::fault::Fault;
use crate::oda::PublicKey;
use crate::status::Status;

/// What a kernel waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    Transmit,
    Choose,
    VerifyPin(PinEntry),
    Authorise,
    Review(Review),
    Poll,
    Field(Field),
    Show,
}

/// What it gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reply {
    Response {
        elapsed: u32,
    },
    LinkFailed(LinkError),
    Chosen(Option<u8>),
    Pin(PinResult),
    Authorised,
    /// The issuer's answer found no room.
    NoRoom(Fault),
    Unreachable,
    Proceed(Proceed),
    Polled(Polled),
    Done,
    RemovalTimeout,
    Stop(Stop),
    /// Nothing was asked: what failed is noted.
    Failed,
}

/// What polling found in the field. [B 3.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Polled {
    /// One card, activated.
    Card,
    /// More than one.
    Collision,
    /// None.
    Nothing,
}

/// What to do with the reader's field.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Field {
    /// Switch it on.
    On,
    /// Switch it off, and leave it off for so long at least, in units of 100 ms.
    Off(u16),
}

/// What asking the issuer came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Authorised {
    /// It answered: what it sent is among the data objects.
    Answered,
    /// It could not be reached.
    Unreachable,
    /// The removal timeout expired first: it is to be asked on. [A 8.1.1.16]
    RemovalTimeout,
}

/// Where the integrator may look in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Review {
    /// The candidate list was built: candidates may be given up.
    Candidates,
    /// The records were read: amounts, currency and other data of the terminal may be changed.
    Records,
}

/// How to go on after a review.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Proceed {
    /// As it stands.
    Continue,
    /// Not at all: reading the card was all that was wanted.
    CardRead,
    /// With a refusal: the card is asked for an AAC whatever the checks find.
    Decline,
}

/// Why the link to the card failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum LinkError {
    /// The card did not answer in time.
    Timeout,
    /// The answer was garbled.
    Transmission,
    /// The transport protocol was broken.
    Protocol,
    /// The card was removed.
    Removed,
}

/// Why a transaction is stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Stop {
    /// The cardholder or the merchant cancelled.
    Cancelled,
    /// A deadline of the integrator passed.
    Timeout,
    /// The card was removed while nothing was sent to it.
    CardRemoved,
}

/// How a PIN travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum PinMethod {
    /// To the card, in the clear.
    Plaintext,
    /// To the card, enciphered with a key of the card.
    Enciphered,
    /// To the issuer, enciphered by the pad.
    Online,
}

/// A PIN that is to be entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct PinEntry {
    /// How it travels.
    pub method: PinMethod,
    /// Tries left, where the card told.
    pub tries_left: Option<u8>,
    /// Whether a wrong PIN was entered just before.
    pub again: bool,
}

/// What a PIN pad is asked to do.
///
/// For a PIN that the card verifies, the pad takes the PIN, asks the card for a challenge where
/// the method needs one, sends VERIFY itself, and reports the status word. The digits never
/// enter the kernel.
#[derive(Clone, Copy, Debug)]
pub struct PinRequest<'o> {
    /// What is to be entered.
    pub entry: PinEntry,
    /// The card's verified key, for [`PinMethod::Enciphered`].
    pub key: Option<PublicKey<'o>>,
}

/// What the PIN pad reports. [B3 10.5.1, 10.5.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum PinResult {
    /// The card answered VERIFY with this status word.
    Verified(Status),
    /// A PIN was taken for the issuer.
    Captured,
    /// Cardholder or merchant went past PIN entry.
    Bypassed,
    /// The cardholder cancelled the transaction.
    Cancelled,
    /// The pad is missing or does not work.
    Broken,
    /// The PIN could not be sent: the card gave no challenge to encipher it with, or the pad did not
    /// form it.
    NoChallenge,
    /// The link to the card failed.
    LinkFailed(LinkError),
}

impl PinResult {
    /// Whether a pad may report this when it was asked for a PIN that travels so.
    pub const fn answers(self, method: PinMethod) -> bool {
        match self {
            Self::Verified(_) | Self::NoChallenge => !matches!(method, PinMethod::Online),
            Self::Captured => matches!(method, PinMethod::Online),
            Self::Bypassed | Self::Cancelled | Self::Broken | Self::LinkFailed(_) => true,
        }
    }
}
