//! A tap: Entry Point with Kernel 7.

use core::pin::pin;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::Transaction;
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, TerminalTransactionQualifiers, UiRequest,
};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input};
use chipwright::outcome::{End, Outcome};
use chipwright::session::{Field, Link, Polled, Session};
use chipwright::value::Amount;
use chipwright_c7::{Configuration, KERNEL_ID};
use chipwright_entry_point::{Combination, Kernels, Reader};

use crate::device::{self, Register};

/// The combinations of the reader.
const COMBINATIONS: [Combination<'static>; 1] = [Combination {
    transaction_limit: Amount::new(100_000),
    floor_limit: Amount::new(0),
    cvm_required_limit: Amount::new(30_000),
    qualifiers: Some(TerminalTransactionQualifiers([0x36, 0x00, 0x00, 0x80])),
    ..Combination::new(&[0xA0, 0x00, 0x00, 0x03, 0x33], KERNEL_ID)
}];

/// The kernels of the image.
pub(crate) struct Linked;

impl Kernels for Linked {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == KERNEL_ID
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, End> {
        match activation.kernel {
            KERNEL_ID => chipwright_c7::process(link, activation, &Configuration::DEFAULT).await,
            _ => Ok(OutcomeParameters::new(OutcomeType::SelectNext)),
        }
    }
}

/// One tap, from the idle reader to the outcome.
pub(crate) fn tap(transaction: &Transaction<'_>) -> Outcome {
    let reader = Reader { transaction, combinations: &COMBINATIONS, autorun: false };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_entry_point::transact(&session, &reader, &Linked));
    crate::run(Driver::new(&session, task))
}

pub(crate) fn show(request: UiRequest) -> Input<'static> {
    let message = request.message.map_or(0, |message| message.identifier());
    device::write(Register::Display, &[message]);
    device::write(Register::Display, &request.language_preference);
    Input::Done
}

/// Looks what is in the field.
pub(crate) fn poll() -> Input<'static> {
    let mut found = [0];
    Input::Polled(match *device::read(Register::Card, &mut found) {
        [] | [0] => Polled::Nothing,
        [1] => Polled::Card,
        _ => Polled::Collision,
    })
}

pub(crate) fn switch(field: Field) -> Input<'static> {
    let hold = match field {
        Field::On => 0,
        Field::Off(hold) => hold,
    };
    device::write(Register::Card, &[u8::from(field == Field::On)]);
    device::write(Register::Card, &hold.to_be_bytes());
    Input::Done
}
