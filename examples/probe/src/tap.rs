//! A tap: Entry Point with Kernel 7.

use core::pin::pin;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::Transaction;
use chipwright::contactless::UiRequest;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::outcome::Outcome;
use chipwright::session::{Field, Polled, Session, Stop};
use chipwright_entry_point::Reader;

use crate::device::{self, Register};
use crate::kernel;
use crate::linked::{COMBINATIONS, Linked};

/// One tap, from the idle reader to the outcome.
pub(crate) fn tap(transaction: &Transaction<'_>) -> Outcome {
    let reader = Reader { transaction, combinations: &COMBINATIONS, autorun: false };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_entry_point::transact(&session, &reader, &Linked));
    kernel::run(Driver::new(&session, task), field)
}

/// What only a reader of a field is asked.
fn field(output: Output<'_>) -> Input<'static> {
    match output {
        Output::Show(request) => show(request),
        Output::Poll => poll(),
        Output::Field(field) => switch(field),
        _ => Input::Stop(Stop::Cancelled),
    }
}

fn show(request: UiRequest) -> Input<'static> {
    let message = request.message.map_or(0, |message| message.identifier());
    device::write(Register::Display, &[message]);
    device::write(Register::Display, &request.language_preference);
    Input::Done
}

/// Looks what is in the field.
fn poll() -> Input<'static> {
    let mut found = [0];
    Input::Polled(match *device::read(Register::Card, &mut found) {
        [] | [0] => Polled::Nothing,
        [1] => Polled::Card,
        _ => Polled::Collision,
    })
}

fn switch(field: Field) -> Input<'static> {
    let hold = match field {
        Field::On => 0,
        Field::Off(hold) => hold,
    };
    device::write(Register::Card, &[u8::from(field == Field::On)]);
    device::write(Register::Card, &hold.to_be_bytes());
    Input::Done
}
