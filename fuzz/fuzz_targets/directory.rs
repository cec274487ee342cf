//! Directories of a card, in the slot and in the field: candidates are of the applications that the
//! terminal has, each once, and the walk has an end.

#![no_main]

use chipwright::apdu::{BUFFER_LENGTH, Buffer, RESPONSE_LENGTH};
use chipwright::candidates::Candidates;
use chipwright::config::{Reviews, Terminal};
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, TerminalTransactionQualifiers as Ttq,
};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::session::{Ended, Link, LinkError, Polled, Proceed, Session, Stop};
use chipwright_entry_point::{Combination, Kernels, Reader};
use chipwright_fuzz::script::{Script, object};
use chipwright_fuzz::terminal::{APPLICATIONS, EXCHANGE_LIMIT, Setup};
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;
use std::pin::pin;

fuzz_target!(|bytes: &[u8]| {
    let Some((setup, replies)) = bytes.split_first() else {
        return;
    };
    slot(*setup, Script::new(replies));
    field(*setup, Script::new(replies));
});

/// The Payment System Environment, record by record, or else the list of AIDs; then a review of
/// what was found ends it.
fn slot(setup: u8, mut script: Script<'_>) {
    let mut terminal = Setup(setup & 0x86, setup & Setup::ENFORCED).terminal();
    terminal.options.reviews = Reviews { candidates: true, records: false };
    let transaction = Setup(0, 0).transaction(&terminal);
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    let mut driver = Driver::new(&session, task);
    let (mut memory, mut exchanges) = (Vec::new(), 0);
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("a reply of the kind asked for") {
            Output::Transmit(command) => {
                exchanges += 1;
                assert!(exchanges <= EXCHANGE_LIMIT);
                assert!(matches!(command[1], 0xA4 | 0xB2), "nothing but the directory");
                answer(command, &mut script, &mut memory)
            }
            Output::Review(_) => {
                listed(driver.data(), &terminal);
                Input::Proceed(Proceed::CardRead)
            }
            Output::Choose(_) => Input::Chosen(None),
            _ => break,
        };
    }
}

/// A record of a directory is made of entries, others are bytes as they are.
fn answer<'r, 's: 'r>(
    command: &[u8],
    script: &mut Script<'s>,
    memory: &'r mut Vec<u8>,
) -> Input<'r> {
    let reply = match (command[1], script.clone().byte()) {
        (0xB2, Some(0xF9)) => {
            _ = script.byte();
            record(script, memory);
            Input::Response { bytes: memory, elapsed: 0 }
        }
        (0xA4, Some(0xFA)) => {
            _ = script.byte();
            script.directory(memory);
            Input::Response { bytes: memory, elapsed: 0 }
        }
        _ => script.answer(memory),
    };
    match reply {
        Input::Response { bytes, .. } if bytes.len() > RESPONSE_LENGTH => {
            Input::LinkFailed(LinkError::Protocol)
        }
        Input::Stop(_) => Input::LinkFailed(LinkError::Removed),
        reply => reply,
    }
}

/// Entries: an application, what its name is longer by, a priority, a label; application FF ends
/// them.
fn record(script: &mut Script<'_>, answer: &mut Vec<u8>) {
    let mut entries = Vec::new();
    while let Some(number @ ..=0xFE) = script.byte() {
        let mut part = || {
            let length = usize::from(script.byte().unwrap_or_default());
            script.bytes(length)
        };
        let known = APPLICATIONS[usize::from(number) % APPLICATIONS.len()].aid;
        let mut entry = Vec::new();
        object(&[0x4F], &[known, part()].concat(), &mut entry);
        for tag in [&[0x87][..], &[0x50], &[0x9F, 0x12], &[0x73]] {
            match part() {
                [] => {}
                value => object(tag, value, &mut entry),
            }
        }
        object(&[0x61], &entry, &mut entries);
    }
    answer.clear();
    object(&[0x70], &entries, answer);
    answer.extend([0x90, 0x00]);
}

/// Every candidate is of an application of the terminal, and comes once.
fn listed(data: &Database<'_>, terminal: &Terminal<'_>) {
    let list = Candidates::new(data);
    let mut numbers = Vec::new();
    for (number, candidate) in list.by_priority() {
        let application = list.application(number).expect("of one of the terminal's");
        let known = terminal.applications[application];
        assert!(candidate.name.starts_with(known.aid), "{:02X?}", candidate.name);
        assert!(!numbers.contains(&number) && list.is_open(number));
        let shown = candidate.display_name(terminal.additional_capabilities);
        assert_eq!(list.display_name(number).is_some(), list.candidate(number).is_some());
        assert!(shown.characters.len() <= 16);
        numbers.push(number);
    }
    assert!(numbers.len() <= list.count().into());
}

/// A directory in the field: every application that is activated is configured for its kernel.
fn field(setup: u8, script: Script<'_>) {
    let terminal = Setup(0, 0).terminal();
    let transaction = Setup(0, 0).transaction(&terminal);
    let extended = Some(setup & 1 != 0);
    let combinations = [(0, 7), (0, 3), (1, 2), (2, 7), (3, 0x20)].map(|(place, kernel)| {
        let place: usize = place;
        Combination {
            extended_selection: extended,
            qualifiers: Some(Ttq([0x36, 0, 0, 0x80])),
            ..Combination::new(APPLICATIONS[place].aid, KernelId::new(kernel))
        }
    });
    let reader = Reader { transaction: &transaction, combinations: &combinations, autorun: false };
    let kernels = Next { combinations: &combinations, seen: RefCell::default() };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_entry_point::transact(&session, &reader, &kernels));
    let mut driver = Driver::new(&session, task);
    let (mut script, mut memory, mut polls) = (script, Vec::new(), 0);
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("a reply of the kind asked for") {
            Output::Transmit(command) => answer(command, &mut script, &mut memory),
            Output::Poll if polls < 4 => {
                polls += 1;
                Input::Polled(Polled::Card)
            }
            Output::Poll => Input::Stop(Stop::Timeout),
            Output::Field(_) | Output::Show(_) => Input::Done,
            _ => break,
        };
    }
}

/// Kernels that want the next application.
struct Next<'c> {
    combinations: &'c [Combination<'c>],
    seen: RefCell<usize>,
}

impl Kernels for Next<'_> {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel != KernelId::new(1)
    }

    async fn activate(
        &self,
        _: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        *self.seen.borrow_mut() += 1;
        assert!(*self.seen.borrow() < 256, "candidates without an end");
        let known = |combination: &&Combination<'_>| {
            combination.aid == activation.aid && combination.kernel == activation.kernel
        };
        assert!(self.combinations.iter().find(known).is_some(), "is configured");
        Ok(OutcomeParameters::new(OutcomeType::SelectNext))
    }
}
