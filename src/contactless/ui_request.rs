//! Requests to the reader's display, lights and buzzer. [A 7]

use crate::message::Message;
use crate::value::{Amount, Code};

/// What the reader's lights say. [A 7.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Status {
    /// Out of order for the moment.
    NotReady,
    /// Waiting for a transaction.
    Idle,
    /// Waiting for a card.
    ReadyToRead,
    /// Working with the card.
    Processing,
    /// The card may be taken away.
    CardReadSuccessfully,
    /// Something went wrong; a collision, too.
    ProcessingError,
}

/// An amount to be shown with the message. [A 7.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// The amount of the transaction, in its currency where that is known.
    Amount(Amount, Option<Code>),
    /// The balance of the card, in its currency where that is known.
    Balance(Amount, Option<Code>),
}

/// One request. What is absent leaves display or lights as they are. [A 7.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UiRequest {
    /// What to show.
    pub message: Option<Message>,
    /// What the lights say.
    pub status: Option<Status>,
    /// How long the message stays before another may replace it, in units of 100 ms.
    pub hold_time: u16,
    /// Language Preference (5F2D) of the card: one to four languages of ISO 639, two small
    /// letters each; zeros where there is none.
    pub language_preference: [u8; 8],
    /// An amount to show with the message.
    pub value: Option<Shown>,
}

impl UiRequest {
    /// Everything stays as it is.
    pub const NOTHING: Self = Self {
        message: None,
        status: None,
        hold_time: 0,
        language_preference: [0; 8],
        value: None,
    };

    /// A message and a status, and nothing more.
    pub const fn new(message: Message, status: Status) -> Self {
        Self { message: Some(message), status: Some(status), ..Self::NOTHING }
    }

    /// The request with a hold time, in units of 100 ms.
    #[must_use]
    pub const fn held(mut self, hold_time: u16) -> Self {
        self.hold_time = hold_time;
        self
    }
}
