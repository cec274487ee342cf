//! A reader with many combinations, and a card with many directory entries, of which the last go
//! together.

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::Transaction;
use chipwright::contactless::{KernelId, TerminalTransactionQualifiers};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::outcome::Outcome;
use chipwright::session::{Polled, Session, Stop};
use chipwright::tag::Tag;
use chipwright::tlv::Writer;
use chipwright::value::Amount;
use chipwright_entry_point::{Combination, Kernels, Reader, transact};
use core::pin::pin;

/// What card and reader have in common: the provider of UnionPay.
pub(super) const SHARED: [u8; 5] = [0xA0, 0x00, 0x00, 0x03, 0x33];
pub(super) const KERNEL: KernelId = KernelId::new(7);

/// An application of a provider that nobody registered.
const fn application(number: u8) -> [u8; 5] {
    [0xF0, b'C', b'H', b'I', number]
}

/// Names of so many combinations.
pub(super) fn names(combinations: u8) -> Vec<[u8; 5]> {
    let others = (1..combinations).map(application);
    others.chain([SHARED]).collect()
}

/// A combination whose limits an amount below 500.00 does not reach.
pub(super) fn combination(aid: &[u8]) -> Combination<'_> {
    Combination {
        status_check: Some(true),
        transaction_limit: Amount::new(100_000),
        floor_limit: Amount::new(50_000),
        cvm_required_limit: Amount::new(50_000),
        qualifiers: Some(TerminalTransactionQualifiers([0x26, 0x00, 0x00, 0x80])),
        ..Combination::new(aid, KERNEL)
    }
}

/// The answer to SELECT PPSE with so many entries; 25 fill it. The reader knows the last.
pub(super) fn directory(entries: u8) -> Vec<u8> {
    let others = (1..entries).map(|number| application(number + 100));
    let names = others.chain([SHARED]);
    let entries: Vec<_> = names.flat_map(|name| object(0x61, &object(0x4F, &name))).collect();
    answer(&object(0xA5, &object(0xBF0C, &entries)))
}

/// An answer to SELECT.
pub(super) fn answer(content: &[u8]) -> Vec<u8> {
    let answer = [object(0x6F, content), vec![0x90, 0x00]].concat();
    assert!(answer.len() <= 258, "no card can say so much");
    answer
}

pub(super) fn object(tag: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; value.len() + 6];
    let mut writer = Writer::new(&mut bytes);
    writer.put(Tag(tag), value).expect("room");
    writer.written().to_vec()
}

/// One tap, to the outcome; `answer` is the card. The issuer approves.
pub(super) fn tap<'c>(
    transaction: &Transaction<'_>,
    combinations: &[Combination<'_>],
    kernels: &impl Kernels,
    mut answer: impl FnMut(&[u8]) -> &'c [u8],
) -> Outcome {
    let reader = Reader { transaction, combinations, autorun: false };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(transact(&session, &reader, kernels));
    let mut driver = Driver::new(&session, task);
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("replies as asked for") {
            Output::Transmit(command) => Input::Response { bytes: answer(command), elapsed: 0 },
            Output::Poll => Input::Polled(Polled::Card),
            Output::Field(_) | Output::Show(_) => Input::Done,
            Output::Authorise(_) => Input::Authorised(HostResponse {
                authorisation_response_code: *b"00",
                issuer_authentication_data: None,
                authorisation_code: None,
                scripts: &[],
            }),
            Output::Done(outcome) => return outcome,
            _ => Input::Stop(Stop::Cancelled),
        };
    }
}
