//! Pre-processing and combination selection: from the idle reader to the kernel, which declines at
//! once.

use super::Work;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{Terminal, Transaction};
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, TerminalTransactionQualifiers,
};
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::outcome::{Conclusion, End};
use chipwright::session::{Link, Polled, Session, Stop};
use chipwright::tag::Tag;
use chipwright::tlv::Writer;
use chipwright::value::{Amount, Code, Date};
use chipwright_entry_point::{Combination, Kernels, Reader, transact};
use chipwright_rustcrypto::RustCrypto;
use core::pin::pin;

use super::transaction::Fixed;

/// Task, combinations of the reader, and entries of the card's directory; 25 fill it. The last of
/// both go together.
const TASKS: [(&str, u8, u8); 6] = [
    ("Entry Point, 1 combination, 1 entry", 1, 1),
    ("Entry Point, 10 combinations, 1 entry", 10, 1),
    ("Entry Point, 100 combinations, 1 entry", 100, 1),
    ("Entry Point, 1 combination, 10 entries", 1, 10),
    ("Entry Point, 1 combination, 25 entries", 1, 25),
    ("Entry Point, 100 combinations, 25 entries", 100, 25),
];

/// What card and reader have in common.
const SHARED: [u8; 5] = application(0xFF);
const KERNEL: KernelId = KernelId::new(7);

pub(super) fn work() -> Vec<Work> {
    let selection = |(task, combinations, entries)| {
        Work::new(task, "chipwright", select(combinations, entries))
    };
    TASKS.into_iter().map(selection).collect()
}

/// An application of a provider that nobody registered.
const fn application(number: u8) -> [u8; 5] {
    [0xF0, b'C', b'H', b'I', number]
}

fn select(combinations: u8, entries: u8) -> impl FnMut() {
    let mut names: Vec<_> = (1..combinations).map(application).collect();
    names.push(SHARED);
    // Those that the reader does not know have names beyond its own.
    let mut directory: Vec<_> = (1..entries).map(|number| application(number + 100)).collect();
    directory.push(SHARED);
    let entries: Vec<_> =
        directory.iter().flat_map(|name| object(0x61, &object(0x4F, name))).collect();
    let directory = answer(&object(0xA5, &object(0xBF0C, &entries)));
    let selected = answer(&[object(0x84, &SHARED), object(0xA5, &object(0x50, b"TAP"))].concat());
    move || {
        let combinations: Vec<_> = names.iter().map(|aid| combination(aid)).collect();
        tap(&combinations, [&directory, &selected]);
    }
}

fn combination(aid: &[u8]) -> Combination<'_> {
    Combination {
        status_check: Some(true),
        transaction_limit: Amount::new(50_000),
        floor_limit: Amount::new(20_00),
        cvm_required_limit: Amount::new(50_00),
        qualifiers: Some(TerminalTransactionQualifiers([0x36, 0x00, 0x80, 0x00])),
        ..Combination::new(aid, KERNEL)
    }
}

/// The answer to SELECT.
fn answer(content: &[u8]) -> Vec<u8> {
    let answer = [object(0x6F, content), vec![0x90, 0x00]].concat();
    assert!(answer.len() <= 258, "no card can say so much");
    answer
}

fn object(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; value.len() + 6];
    let mut writer = Writer::new(&mut bytes);
    writer.put(Tag(tag), value).expect("room");
    writer.written().to_vec()
}

/// Declines.
struct Declining;

impl Kernels for Declining {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == KERNEL
    }

    async fn activate(
        &self,
        _: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, End> {
        assert_eq!(activation.aid, SHARED);
        Ok(OutcomeParameters::new(OutcomeType::Declined))
    }
}

/// The loop of a reader.
fn tap(combinations: &[Combination<'_>], answers: [&[u8]; 2]) {
    let euro = Code::new(978).expect("three digits");
    let terminal = Terminal::new(TerminalType(0x22), TerminalCapabilities::EMPTY, euro);
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Fixed };
    let amount = Amount::new(30_00).expect("twelve digits");
    let date = Date::new(2026, 3, 17).expect("the calendar has this day");
    let transaction = Transaction::purchase(&terminal, crypto, amount, euro, date);
    let reader = Reader { transaction: &transaction, combinations, autorun: false };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(transact(&session, &reader, &Declining));
    let mut driver = Driver::new(&session, task);
    let mut answers = answers.iter();
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("replies as asked for") {
            Output::Transmit(_) => {
                Input::Response { bytes: answers.next().expect("two commands"), elapsed: 0 }
            }
            Output::Poll => Input::Polled(Polled::Card),
            Output::Field(_) | Output::Show(_) => Input::Done,
            Output::Done(outcome) => return assert_eq!(outcome.conclusion, Conclusion::Declined),
            _ => Input::Stop(Stop::Cancelled),
        };
    }
}
