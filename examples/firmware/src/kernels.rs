//! The same transactions without the terminal layer: what the kernels take on their own.

use crate::devices::{Pad, Slot, Watch, transmit};
use crate::line::{Line, Whom};
use crate::setup::ORDER;
use crate::tap::{Antenna, Linked};
use chipwright::apdu::Buffer;
use chipwright::config::{Terminal, Transaction};
use chipwright::database::Database;
use chipwright::driver::{Driver, Input, Output};
use chipwright::outcome::Conclusion;
use chipwright::session::{Session, Stop};
use chipwright_entry_point::Reader;
use chipwright_terminal::blocking::{ContactlessReader, PinPad, Reader as _};
use chipwright_terminal::device::{Answered, Clock};
use chipwright_terminal::host::{self, MessageKind};
use chipwright_terminal::{Memory, Objects, Setup};
use core::pin::pin;

/// A sale with the card in the slot; whether it was approved.
#[inline(never)]
pub(crate) fn sale(line: &dyn Line, setup: &Setup<'_>, memory: Memory<'_>) -> bool {
    let terminal = terminal(setup);
    let transaction = transaction(&terminal, setup, 1);
    let Memory { data, apdu, answer, field_55, .. } = memory;
    let session = Session::new(Database::new(data), Buffer::new(apdu));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    if Slot(line).card_inserted().is_err() {
        return false;
    }
    drive(Driver::new(&session, task), line, Whom::Slot, setup, answer, field_55)
}

/// A sale with the card in the field; whether it was approved.
#[inline(never)]
pub(crate) fn tap(line: &dyn Line, setup: &Setup<'_>, memory: Memory<'_>) -> bool {
    let terminal = terminal(setup);
    let transaction = transaction(&terminal, setup, 2);
    let combinations = setup.services.first().map_or(&[][..], |service| service.combinations);
    let reader = Reader { transaction: &transaction, combinations, autorun: false };
    let Memory { data, apdu, answer, field_55, .. } = memory;
    let session = Session::new(Database::new(data), Buffer::new(apdu));
    let task = pin!(chipwright_entry_point::transact(&session, &reader, &Linked));
    drive(Driver::new(&session, task), line, Whom::Field, setup, answer, field_55)
}

fn terminal<'s>(setup: &Setup<'s>) -> Terminal<'s> {
    let applications = setup.services.first().map_or(&[][..], |service| service.applications);
    Terminal { applications, ..*setup.terminal }
}

fn transaction<'t>(
    terminal: &'t Terminal<'t>,
    setup: &Setup<'t>,
    sequence_counter: u32,
) -> Transaction<'t> {
    let (date, time) = Watch.now();
    Transaction {
        events: setup.events,
        currency_exponent: ORDER.currency_exponent,
        time,
        sequence_counter,
        ..Transaction::purchase(
            terminal,
            setup.crypto,
            ORDER.amount.unwrap_or_default(),
            ORDER.currency,
            date,
        )
    }
}

/// Gives a kernel what it asks for, until it has ended.
fn drive(
    mut driver: Driver<'_, '_>,
    line: &dyn Line,
    card: Whom,
    setup: &Setup<'_>,
    answer: &mut [u8],
    field_55: &mut [u8],
) -> bool {
    let mut input = Input::Start;
    loop {
        input = match driver.step(input) {
            Ok(Output::Transmit(command)) => match transmit(line, card, command, answer) {
                Ok(Answered { length, elapsed }) => {
                    Input::Response { bytes: answer.get(..length).unwrap_or_default(), elapsed }
                }
                Err(error) => Input::LinkFailed(error),
            },
            Ok(Output::VerifyPin(request)) => Input::Pin(Pad.enter(&request, &mut Slot(line))),
            Ok(Output::Authorise(data)) => {
                let kind = [MessageKind::Authorisation as u8];
                let objects = Objects::Data(data);
                let list = setup.lists.authorisation;
                let content =
                    host::field_55(list, &objects, field_55).map_or(&[][..], |content| content);
                host::answer(line.ask(Whom::Acquirer, [&kind, content], answer))
                    .map_or(Input::Unreachable, Input::Authorised)
            }
            Ok(Output::Poll) => match Antenna(line).poll() {
                Ok(polled) => Input::Polled(polled),
                Err(_) => Input::Stop(Stop::Timeout),
            },
            Ok(Output::Field(_) | Output::Show(_)) => Input::Done,
            Ok(Output::Done(outcome)) => return outcome.conclusion == Conclusion::Approved,
            _ => Input::Stop(Stop::Cancelled),
        };
    }
}
