//! One transaction, from the card in the slot or in the field to its final record.

mod authorise;
mod conclude;
mod consult;
mod field;
mod tap;
mod turn;

pub use tap::{Contactless, tap, tap_or_insert};

use crate::device::{
    Absent, Cancel, Cardholder, Clock, Display, Hooks, Host, PinPad, Reader, Storage,
};
use crate::display::Message;
use crate::final_record::FinalRecord;
use crate::host::MessageLists;
use crate::journal::{Journal, JournalFailure};
use crate::memory::{Lent, Memory};
use crate::service::{self, Capture, Order, Refusal, Service};
use chipwright::config::{History, Terminal};
use chipwright::crypto::Crypto;
use chipwright::driver::Misuse;
use chipwright::event::Events;
use core::fmt;
use turn::Turn;

/// How a terminal is set up. Everything in it can be built in a `const`, save what is not.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The terminal. Its applications and reviews are replaced: by those of the service, and by
    /// what hooks need.
    pub terminal: &'a Terminal<'a>,
    /// What it sells.
    pub services: &'a [Service<'a>],
    /// When the acquirer learns of a sale.
    pub capture: Capture,
    /// Advices are sent where the card asks for them. [B4 12.2.2]
    pub advices: bool,
    /// Data objects of the messages to the acquirer.
    pub lists: MessageLists<'a>,
    /// Languages that the display speaks, ISO 639 in two small letters, the first by default.
    pub languages: &'a [[u8; 2]],
    /// Cryptography, and the source of unpredictable numbers.
    pub crypto: Crypto<'a>,
    /// Where the kernel's events go.
    pub events: Events<'a>,
    /// What the terminal remembers of accounts.
    pub history: Option<&'a dyn History>,
}

const ENGLISH: [[u8; 2]; 1] = [*b"en"];

impl<'a> Setup<'a> {
    /// A terminal that keeps a batch, sends advices, speaks English, and tells its events to
    /// nobody; to be changed with struct update syntax.
    pub const fn new(
        terminal: &'a Terminal<'a>,
        services: &'a [Service<'a>],
        crypto: Crypto<'a>,
    ) -> Self {
        Self {
            terminal,
            services,
            capture: Capture::Batch,
            advices: true,
            lists: MessageLists::DEFAULT,
            languages: &ENGLISH,
            crypto,
            events: Events::NONE,
            history: None,
        }
    }
}

/// The devices of a terminal.
pub struct Devices<'d, R, P, C, H, S, K> {
    /// The card reader.
    pub reader: &'d mut R,
    /// The PIN pad.
    pub pad: &'d mut P,
    /// The cardholder.
    pub cardholder: &'d mut C,
    /// The way to the acquirer.
    pub host: &'d mut H,
    /// The journal's storage.
    pub storage: &'d mut S,
    /// Where the integrator looks in.
    pub hooks: &'d mut K,
    /// The display.
    pub display: &'d mut dyn Display,
    /// The clock.
    pub clock: &'d dyn Clock,
    /// The cancel key.
    pub cancel: &'d dyn Cancel,
}

impl<R, P, C, H, S, K> fmt::Debug for Devices<'_, R, P, C, H, S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Devices")
    }
}

/// Why there is no final record to return.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The order is not taken up. Nothing was begun.
    Refused(Refusal),
    /// There is no card to begin with. Nothing was begun.
    NoCard(Absent),
    /// Nobody may tap for this amount: the reader asked for another interface, and none is
    /// offered. Nothing was begun. [B 3.1.1.13]
    NoTap,
    /// The journal cannot be kept, so the transaction was given up: nothing is approved, and
    /// [`Journal::recover`] closes it and owes what is owed.
    Journal(JournalFailure),
    /// The kernel refused a reply that it asked for. As above.
    Kernel(Misuse),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => fmt::Display::fmt(refusal, f),
            Self::NoCard(Absent::Mute) => f.write_str("the card does not answer"),
            Self::NoCard(Absent::Stopped(_)) => f.write_str("stopped before a card was inserted"),
            Self::NoTap => {
                f.write_str("the amount is beyond taps, and no other interface is offered")
            }
            Self::Journal(failure) => fmt::Display::fmt(failure, f),
            Self::Kernel(misuse) => fmt::Display::fmt(misuse, f),
        }
    }
}

impl core::error::Error for Failure {}

impl From<JournalFailure> for Failure {
    fn from(failure: JournalFailure) -> Self {
        Self::Journal(failure)
    }
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Self {
        Self::Kernel(misuse)
    }
}

/// Takes up an order, asks for a card, and runs a contact transaction to its end.
///
/// Returns when the card was taken out. What the transaction came to is in the journal by then,
/// and messages that it owes were delivered or wait there.
///
/// Dropping the future is like a power failure: the transaction stays open in the journal, and
/// [`Journal::recover`] closes it.
///
/// # Errors
/// [`Failure`]; only the last two leave something behind.
pub async fn run<R, P, C, H, S, K>(
    setup: &Setup<'_>,
    order: &Order,
    mut devices: Devices<'_, R, P, C, H, S, K>,
    journal: &mut Journal,
    mut memory: Memory<'_>,
) -> Result<FinalRecord, Failure>
where
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    let service = take_up(setup, order, journal)?;
    insert(setup, order, service, &mut devices, journal, &mut Lent(&mut memory)).await
}

/// Finds the service, and whether a transaction may be begun.
fn take_up<'a>(
    setup: &Setup<'a>,
    order: &Order,
    journal: &Journal,
) -> Result<&'a Service<'a>, Failure> {
    let service = service::find(setup.services, setup.terminal, order).map_err(Failure::Refused)?;
    if journal.needs_recovery() {
        return Err(JournalFailure::NotRecovered.into());
    }
    Ok(service)
}

/// Asks for a card in the slot, and runs a contact transaction.
async fn insert<R, P, C, H, S, K>(
    setup: &Setup<'_>,
    order: &Order,
    service: &Service<'_>,
    devices: &mut Devices<'_, R, P, C, H, S, K>,
    journal: &mut Journal,
    lent: &mut Lent<'_, '_>,
) -> Result<FinalRecord, Failure>
where
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    let Memory { data, apdu, answer, record, field_55 } = &mut *lent.0;
    let mut turn = Turn::new(setup, order, service, devices, journal, record, field_55);
    turn.show(Message::InsertCard);
    turn.reader.card_inserted().await.map_err(Failure::NoCard)?;
    turn.show(Message::PleaseWait);
    let result = turn.transact(data, apdu, answer).await;
    match result {
        Ok(()) => turn.deliver().await,
        Err(_) => turn.tell(Some(Message::ProcessingError)),
    }
    turn.reader.card_removed().await;
    result.map(|()| turn.record)
}
