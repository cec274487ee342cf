//! The devices of the world as devices that block.

use crate::field::{Antenna, BOTH, Planned};
use crate::taps::{self, APPROVED, ELSEWHERE, HOLD, TWICE};
use crate::transactions::{PLAINTEXT_PIN, go, poll, world_with_rules};
use crate::world::*;
use chipwright::candidates::Candidates;
use chipwright::session::{Field, LinkError, PinRequest, PinResult, Polled};
use chipwright_terminal::Workspace;
use chipwright_terminal::blocking::{self, Ready};
use chipwright_terminal::device::{
    self, Absent, Answered, NoCancel, NoHooks, NotAcknowledged, PollEnded, StorageFailed,
};
use chipwright_terminal::host::{Answer, HostMessage, NoAnswer};
use chipwright_terminal::journal::Due;
use core::ops::Range;

impl blocking::Reader for Slot<'_> {
    fn card_inserted(&mut self) -> Result<(), Absent> {
        poll(device::Reader::card_inserted(self)).unwrap()
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<Answered, LinkError> {
        poll(device::Reader::transmit(self, command, answer)).unwrap()
    }

    fn card_removed(&mut self) {
        poll(device::Reader::card_removed(self)).unwrap();
    }
}

impl blocking::PinPad for Pad {
    fn enter(&mut self, request: &PinRequest<'_>, reader: &mut dyn blocking::Reader) -> PinResult {
        poll(device::PinPad::enter(self, request, &mut Ready(reader))).unwrap()
    }
}

impl blocking::Cardholder for Customer {
    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        poll(device::Cardholder::choose(self, candidates)).unwrap()
    }
}

impl blocking::Host for Acquirer<'_> {
    fn authorise<'a>(
        &mut self,
        message: &HostMessage<'_>,
        memory: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        poll(device::Host::authorise(self, message, memory)).unwrap()
    }

    fn wait_for_answer<'a>(&mut self, memory: &'a mut [u8]) -> Result<Answer<'a>, NoAnswer> {
        poll(device::Host::wait_for_answer(self, memory)).unwrap()
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        poll(device::Host::deliver(self, message)).unwrap()
    }
}

impl blocking::Storage for Flash<'_> {
    fn places(&mut self) -> Result<Range<u32>, StorageFailed> {
        poll(device::Storage::places(self)).unwrap()
    }

    fn append(&mut self, record: &[u8]) -> Result<(), StorageFailed> {
        poll(device::Storage::append(self, record)).unwrap()
    }

    fn read(&mut self, place: u32, out: &mut [u8]) -> Result<usize, StorageFailed> {
        poll(device::Storage::read(self, place, out)).unwrap()
    }

    fn erase(&mut self, place: u32) -> Result<(), StorageFailed> {
        poll(device::Storage::erase(self, place)).unwrap()
    }
}

impl blocking::ContactlessReader for Antenna<'_> {
    fn field(&mut self, field: Field) {
        poll(device::ContactlessReader::field(self, field)).unwrap();
    }

    fn poll(&mut self) -> Result<Polled, PollEnded> {
        poll(device::ContactlessReader::poll(self)).unwrap()
    }

    fn transmit(&mut self, command: &[u8], answer: &mut [u8]) -> Result<Answered, LinkError> {
        poll(device::ContactlessReader::transmit(self, command, answer)).unwrap()
    }
}

/// Alone, and with the slot behind it.
#[test]
fn taps_that_block_do_the_same() {
    for (by, outcomes) in [
        (By::Field, &[TWICE, APPROVED][..]),
        (By::Field, &[HOLD, APPROVED]),
        (By::Either, &[ELSEWHERE]),
    ] {
        let line = Line::Hesitates;
        let line = if outcomes.contains(&HOLD) { line } else { Line::Approves };
        let mut waiting = World { line, ..taps::world(by, outcomes) };
        let expected = go(&mut waiting, &BOTH, &purchase());
        let mut world = World { line, ..taps::world(by, outcomes) };
        let power = world.power.clone();
        let mut workspace = Workspace::new();
        let mut flash = Flash { power: power.clone(), records: &mut world.records };
        let mut journal = blocking::recover(&mut flash, 1, &mut workspace).unwrap().journal;
        let devices = blocking::Devices {
            reader: &mut Slot { power: power.clone(), card: &mut world.card, inserted: Ok(()) },
            pad: &mut Pad { power: power.clone(), result: world.pin, asked: Vec::new() },
            cardholder: &mut Customer { power: power.clone(), chosen: None },
            host: &mut Acquirer {
                power: power.clone(),
                books: &mut world.books,
                line: world.line,
                answer: &world.answer,
            },
            storage: &mut flash,
            hooks: &mut NoHooks,
            display: &mut Screen { shown: world.shown.clone(), lights: world.lights.clone() },
            clock: &Noon,
            cancel: &NoCancel,
        };
        let (kernels, lent) = (&Planned(&world.tap), workspace.lend());
        let reader = &mut Antenna { power, tap: &world.tap };
        let contactless = blocking::Contactless { kernels, reader };
        let run = if by == By::Field { blocking::tap } else { blocking::tap_or_insert };
        let record = run(&BOTH, &purchase(), contactless, devices, &mut journal, lent);
        assert_eq!(record, expected);
        assert_eq!(world.shown(), waiting.shown());
        assert_eq!(world.tap.borrow().seen, waiting.tap.borrow().seen);
        assert_eq!(world.lights, waiting.lights);
    }
}

#[test]
fn a_terminal_that_blocks_does_the_same() {
    let mut waiting = world_with_rules(PLAINTEXT_PIN);
    let expected = go(&mut waiting, &SETUP, &purchase());
    let mut world = world_with_rules(PLAINTEXT_PIN);
    let power = world.power.clone();
    let mut workspace = Workspace::new();
    let mut flash = Flash { power: power.clone(), records: &mut world.records };
    let mut host = Acquirer {
        power: power.clone(),
        books: &mut world.books,
        line: world.line,
        answer: &world.answer,
    };
    let mut journal = blocking::recover(&mut flash, 1, &mut workspace).unwrap().journal;
    let devices = blocking::Devices {
        reader: &mut Slot { power: power.clone(), card: &mut world.card, inserted: Ok(()) },
        pad: &mut Pad { power: power.clone(), result: world.pin, asked: Vec::new() },
        cardholder: &mut Customer { power: power.clone(), chosen: None },
        host: &mut host,
        storage: &mut flash,
        hooks: &mut NoHooks,
        display: &mut Screen { shown: world.shown.clone(), lights: world.lights.clone() },
        clock: &Noon,
        cancel: &NoCancel,
    };
    let record =
        blocking::run(&SETUP, &purchase(), devices, &mut journal, workspace.lend()).unwrap();
    assert_eq!(Ok(record), expected);
    let (due, lists) = (Due::Everything, &SETUP.lists);
    let delivery =
        blocking::deliver(&mut journal, &mut flash, &mut host, due, lists, &mut workspace);
    assert_eq!(delivery.map(|delivery| delivery.delivered), Ok(1));
    let read = blocking::read(&mut flash, 5, &mut workspace).unwrap();
    assert_eq!(read, Some(record));
    assert_eq!(blocking::forget(&journal, &mut flash, 5, &mut workspace), Ok(false));
    assert_eq!(world.shown(), waiting.shown());
    assert_eq!(world.card.seen, waiting.card.seen);
}
