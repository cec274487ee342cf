//! Devices that block, seen as devices whose futures are ready.

use super::{Cardholder, ContactlessReader, Hooks, Host, PinPad, Reader, Storage};
use crate::device::{self, Absent, Answered, NotAcknowledged, Online, PollEnded, StorageFailed};
use crate::final_record::FinalRecord;
use crate::given::given;
use crate::host::{Answer, HostMessage, NoAnswer};
use chipwright::candidates::Candidates;
use chipwright::database::Database;
use chipwright::outcome::Outcome;
use chipwright::session::{Field, LinkError, PinRequest, PinResult, Polled, Proceed};
use core::future::Future;
use core::ops::Range;

/// A device that blocks, where one that waits is asked for: for a terminal of which some devices
/// block and some do not.
#[derive(Debug)]
pub struct Ready<'d, T: ?Sized>(pub &'d mut T);

impl<T: Reader + ?Sized> device::Reader for Ready<'_, T> {
    fn card_inserted(&mut self) -> impl Future<Output = Result<(), Absent>> {
        given(self.0.card_inserted())
    }

    fn transmit(
        &mut self,
        command: &[u8],
        answer: &mut [u8],
    ) -> impl Future<Output = Result<Answered, LinkError>> {
        given(self.0.transmit(command, answer))
    }

    fn card_removed(&mut self) -> impl Future<Output = ()> {
        self.0.card_removed();
        given(())
    }
}

impl<T: ContactlessReader + ?Sized> device::ContactlessReader for Ready<'_, T> {
    fn field(&mut self, field: Field) -> impl Future<Output = ()> {
        self.0.field(field);
        given(())
    }

    fn poll(&mut self) -> impl Future<Output = Result<Polled, PollEnded>> {
        given(self.0.poll())
    }

    fn transmit(
        &mut self,
        command: &[u8],
        answer: &mut [u8],
    ) -> impl Future<Output = Result<Answered, LinkError>> {
        given(self.0.transmit(command, answer))
    }
}

impl<'r, T: PinPad + ?Sized> device::PinPad<Ready<'r, dyn Reader + 'r>> for Ready<'_, T> {
    fn enter(
        &mut self,
        request: &PinRequest<'_>,
        reader: &mut Ready<'r, dyn Reader + 'r>,
    ) -> impl Future<Output = PinResult> {
        given(self.0.enter(request, reader.0))
    }
}

impl<T: Cardholder + ?Sized> device::Cardholder for Ready<'_, T> {
    fn choose(&mut self, candidates: Candidates<'_>) -> impl Future<Output = Option<u8>> {
        given(self.0.choose(candidates))
    }
}

impl<T: Host + ?Sized> device::Host for Ready<'_, T> {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> impl Future<Output = Result<Answer<'a>, NoAnswer>> {
        given(self.0.authorise(message, memory))
    }

    fn wait_for_answer<'a>(
        &mut self,
        memory: &'a mut [u8],
    ) -> impl Future<Output = Result<Answer<'a>, NoAnswer>> {
        given(self.0.wait_for_answer(memory))
    }

    fn deliver(
        &mut self,
        message: &HostMessage<'_>,
    ) -> impl Future<Output = Result<(), NotAcknowledged>> {
        given(self.0.deliver(message))
    }
}

impl<T: Storage + ?Sized> device::Storage for Ready<'_, T> {
    fn places(&mut self) -> impl Future<Output = Result<Range<u32>, StorageFailed>> {
        given(self.0.places())
    }

    fn append(&mut self, record: &[u8]) -> impl Future<Output = Result<(), StorageFailed>> {
        given(self.0.append(record))
    }

    fn read(
        &mut self,
        place: u32,
        out: &mut [u8],
    ) -> impl Future<Output = Result<usize, StorageFailed>> {
        given(self.0.read(place, out))
    }

    fn erase(&mut self, place: u32) -> impl Future<Output = Result<(), StorageFailed>> {
        given(self.0.erase(place))
    }
}

impl<T: Hooks + ?Sized> device::Hooks for Ready<'_, T> {
    fn candidates(&mut self, data: &mut Database<'_>) -> impl Future<Output = Proceed> {
        given(self.0.candidates(data))
    }

    fn records(&mut self, data: &mut Database<'_>) -> impl Future<Output = Proceed> {
        given(self.0.records(data))
    }

    fn before_online(&mut self, data: &mut Database<'_>) -> impl Future<Output = Online> {
        given(self.0.before_online(data))
    }

    fn ended(
        &mut self,
        record: &FinalRecord,
        outcome: &Outcome,
        data: &Database<'_>,
    ) -> impl Future<Output = ()> {
        self.0.ended(record, outcome, data);
        given(())
    }
}
