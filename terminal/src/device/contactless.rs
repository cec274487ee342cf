//! A reader for taps.

use super::{Absent, Answered, Reader};
use crate::given::given;
use chipwright::session::{Field, LinkError, Polled, Stop};
use core::future::Future;

/// A reader with a field: one that cards are held to. What it shows goes to the
/// [`Display`](super::Display).
pub trait ContactlessReader {
    /// Switches the field. One that is switched off stays off for so long at least; the future
    /// ends when it may be switched on again.
    fn field(&mut self, field: Field) -> impl Future<Output = ()>;

    /// Looks once what is in the field, and activates it if it is one card. [B 3.2]
    ///
    /// It is asked again until there is one, for a second tap as well: whoever does not want to
    /// wait for ever ends it here.
    fn poll(&mut self) -> impl Future<Output = Result<Polled, PollEnded>>;

    /// Sends a command and writes the card's answer, status word included, to the front of
    /// `answer`.
    fn transmit(
        &mut self,
        command: &[u8],
        answer: &mut [u8],
    ) -> impl Future<Output = Result<Answered, LinkError>>;
}

/// Why nobody looks into the field any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PollEnded {
    /// Someone stopped it, or nobody came.
    Stopped(Stop),
    /// A card was put into the slot. [A 8.1.1.10]
    CardInserted,
}

/// A terminal without a slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSlot;

impl Reader for NoSlot {
    fn card_inserted(&mut self) -> impl Future<Output = Result<(), Absent>> {
        given(Err(Absent::Stopped(Stop::Cancelled)))
    }

    fn transmit(
        &mut self,
        _: &[u8],
        _: &mut [u8],
    ) -> impl Future<Output = Result<Answered, LinkError>> {
        given(Err(LinkError::Removed))
    }

    fn card_removed(&mut self) -> impl Future<Output = ()> {
        given(())
    }
}
