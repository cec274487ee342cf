//! A transaction of the contact kernel, and the loop that gives any kernel what it asks for.

use core::pin::pin;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::candidates::Candidates;
use chipwright::config::{Transaction, TransactionType};
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::event::Events;
use chipwright::object::Value;
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::session::{LinkError, PinRequest, PinResult, Proceed, Session, Stop};
use chipwright::status::Status;
use chipwright::value::{Amount, Code, Date};
use chipwright_rustcrypto::RustCrypto;

use crate::device::{self, Register};
use crate::terminal::TERMINAL;

/// Longest answer of the host.
const HOST_ANSWER: usize = 512;

/// The light that tells an outcome.
pub(crate) fn light(outcome: Outcome) -> u8 {
    match outcome.conclusion {
        Conclusion::Approved => 1,
        _ => 2,
    }
}

/// What the till orders; `None` when it is nonsense.
pub(crate) fn order() -> Option<Transaction<'static>> {
    let mut bytes = [0; 24];
    let (amount, rest) = device::read(Register::Till, &mut bytes).split_first_chunk::<6>()?;
    let (date, rest) = rest.split_first_chunk::<3>()?;
    let (time, rest) = rest.split_first_chunk::<3>()?;
    let (counter, _) = rest.split_first_chunk::<4>()?;
    Some(Transaction {
        terminal: &TERMINAL,
        crypto: Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &device::Random },
        events: Events::NONE,
        kind: TransactionType::Purchase,
        amount: Amount::decode(amount)?,
        amount_other: Amount::ZERO,
        currency: Code::new(978)?,
        currency_exponent: 2,
        date: Date::decode(date)?,
        time: *time,
        sequence_counter: u32::from_be_bytes(*counter),
        force_online: false,
        history: Some(&device::Log),
    })
}

/// One transaction, from the first command to the outcome.
pub(crate) fn transact(transaction: &Transaction<'_>) -> Outcome {
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, transaction));
    run(Driver::new(&session, task), |_| Input::Stop(Stop::Cancelled))
}

/// Gives a kernel what it asks for, until it has ended; `field` answers what only a reader of a
/// field is asked.
pub(crate) fn run(
    mut driver: Driver<'_, '_>,
    field: impl Fn(Output<'_>) -> Input<'static>,
) -> Outcome {
    let (mut answer, mut host_answer) = ([0; BUFFER_LENGTH], [0; HOST_ANSWER]);
    let mut input = Input::Start;
    loop {
        input = match driver.step(input) {
            Ok(Output::Transmit(command)) => send(command, &mut answer),
            Ok(Output::Choose(candidates)) => choose(candidates),
            Ok(Output::VerifyPin(request)) => Input::Pin(enter_pin(request)),
            Ok(Output::Authorise(data)) => authorise(data, &mut host_answer),
            Ok(Output::Review(_)) => Input::Proceed(Proceed::Continue),
            Ok(Output::Done(outcome)) => return outcome,
            Ok(output) => field(output),
            Err(_) => Input::Stop(Stop::Cancelled),
        };
    }
}

fn send<'i>(command: &[u8], answer: &'i mut [u8]) -> Input<'i> {
    device::write(Register::Card, command);
    match device::read(Register::Card, answer) {
        [] => Input::LinkFailed(LinkError::Timeout),
        bytes => Input::Response { bytes, elapsed: 0 },
    }
}

fn choose(candidates: Candidates<'_>) -> Input<'static> {
    for (number, _) in candidates.by_priority() {
        if let Some(name) = candidates.display_name(number) {
            device::write(Register::Display, &[number]);
            device::write(Register::Display, name.characters);
        }
    }
    let mut key = [0];
    Input::Chosen(device::read(Register::PinPad, &mut key).first().copied())
}

/// The pad sends VERIFY itself: it gets what it needs for that, and gives the status word back.
fn enter_pin(request: PinRequest<'_>) -> PinResult {
    let tries = request.entry.tries_left.unwrap_or(u8::MAX);
    device::write(Register::PinPad, &[tries, u8::from(request.entry.again)]);
    if let Some(key) = request.key {
        device::write(Register::PinPad, key.modulus);
        device::write(Register::PinPad, key.exponent);
    }
    let mut result = [0; 3];
    match *device::read(Register::PinPad, &mut result) {
        [0, sw1, sw2] => PinResult::Verified(Status(u16::from_be_bytes([sw1, sw2]))),
        [1, ..] => PinResult::Captured,
        [2, ..] => PinResult::Bypassed,
        [3, ..] => PinResult::Cancelled,
        _ => PinResult::Broken,
    }
}

/// Sends every data object to the host, and reads its answer: response code, authentication data
/// behind its length, scripts.
fn authorise<'i>(data: &Database<'_>, answer: &'i mut [u8]) -> Input<'i> {
    for (tag, value) in data.objects() {
        device::write(Register::Host, &tag.to_be_bytes());
        device::write(Register::Host, value);
    }
    let [first, second, length, rest @ ..] = device::read(Register::Host, answer) else {
        return Input::Unreachable;
    };
    let Some((authentication, scripts)) = rest.split_at_checked(usize::from(*length)) else {
        return Input::Unreachable;
    };
    Input::Authorised(HostResponse {
        authorisation_response_code: [*first, *second],
        issuer_authentication_data: Some(authentication).filter(|data| !data.is_empty()),
        authorisation_code: None,
        scripts,
    })
}
