//! Taps, for devices that block.

use super::{Devices, Ready, finish};
use crate::device::{Answered, PollEnded};
use crate::final_record::FinalRecord;
use crate::journal::Journal;
use crate::memory::Memory;
use crate::run::{self, Failure, Setup};
use crate::service::Order;
use chipwright::session::{Field, LinkError, Polled};
use chipwright_entry_point::Kernels;
use core::fmt;
use core::pin::pin;

/// A reader with a field: [`device::ContactlessReader`](crate::device::ContactlessReader).
pub trait ContactlessReader {
    /// Switches the field; comes back when it was off for so long as asked.
    fn field(&mut self, field: Field);

    /// Looks once what is in the field, and activates it if it is one card.
    ///
    /// # Errors
    /// When nobody is to look any more.
    fn poll(&mut self) -> Result<Polled, PollEnded>;

    /// Sends a command and writes the answer to the front of `answer`.
    ///
    /// # Errors
    /// When the card does not answer, or not properly.
    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<Answered, LinkError>;
}

/// What taps need beside the other devices.
pub struct Contactless<'d, N> {
    /// The kernels that are linked.
    pub kernels: &'d N,
    /// The reader.
    pub reader: &'d mut dyn ContactlessReader,
}

impl<N> fmt::Debug for Contactless<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contactless")
    }
}

/// Takes up an order, asks for a tap, and runs a contactless transaction to its end:
/// [`tap`](crate::tap()) for devices that block.
///
/// # Errors
/// As there.
#[inline(never)]
pub fn tap<N: Kernels>(
    setup: &Setup<'_>,
    order: &Order,
    contactless: Contactless<'_, N>,
    devices: Devices<'_>,
    journal: &mut Journal,
    memory: Memory<'_>,
) -> Result<FinalRecord, Failure> {
    let Contactless { kernels, reader } = contactless;
    let contactless = run::Contactless { kernels, reader: &mut Ready(reader) };
    ready!(devices => devices);
    finish(pin!(run::tap(setup, order, contactless, devices, journal, memory)))
}

/// Takes up an order and asks for a card at either interface:
/// [`tap_or_insert`](crate::tap_or_insert()) for devices that block.
///
/// # Errors
/// As there.
pub fn tap_or_insert<N: Kernels>(
    setup: &Setup<'_>,
    order: &Order,
    contactless: Contactless<'_, N>,
    devices: Devices<'_>,
    journal: &mut Journal,
    memory: Memory<'_>,
) -> Result<FinalRecord, Failure> {
    let Contactless { kernels, reader } = contactless;
    let contactless = run::Contactless { kernels, reader: &mut Ready(reader) };
    ready!(devices => devices);
    finish(pin!(run::tap_or_insert(setup, order, contactless, devices, journal, memory)))
}
