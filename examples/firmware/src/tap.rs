//! A tap: Entry Point with Kernel 7.

use crate::devices::{Watch, transmit};
use crate::line::{Line, Whom};
use crate::record;
use crate::setup::{COMBINATIONS, ORDER};
use chipwright::apdu::Buffer;
use chipwright::config::Transaction;
use chipwright::contactless::{Activation, KernelId, OutcomeParameters, OutcomeType};
use chipwright::database::Database;
use chipwright::driver::{Driver, Input, Output};
use chipwright::outcome::{End, Outcome};
use chipwright::session::{Link, PinResult, Polled, Proceed, Session, Stop};
use chipwright_c7::{Configuration, KERNEL_ID};
use chipwright_entry_point::{Kernels, Reader, transact};
use chipwright_terminal::device::{Answered, Clock};
use chipwright_terminal::{Memory, Setup};
use core::pin::pin;

/// The kernels of the terminal.
struct Linked;

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
pub(crate) fn tap(line: &dyn Line, setup: &Setup<'_>, memory: Memory<'_>) -> Outcome {
    let (date, time) = Watch.now();
    let transaction = Transaction {
        terminal: setup.terminal,
        crypto: setup.crypto,
        events: setup.events,
        kind: ORDER.kind,
        amount: ORDER.amount.unwrap_or_default(),
        amount_other: ORDER.amount_other,
        currency: ORDER.currency,
        currency_exponent: ORDER.currency_exponent,
        date,
        time,
        sequence_counter: 2,
        force_online: false,
        history: None,
    };
    let reader = Reader { transaction: &transaction, combinations: &COMBINATIONS, autorun: false };
    let Memory { data, apdu, answer, .. } = memory;
    let session = Session::new(Database::new(data), Buffer::new(apdu));
    let task = pin!(transact(&session, &reader, &Linked));
    let mut driver = Driver::new(&session, task);
    let mut input = Input::Start;
    loop {
        input = match driver.step(input) {
            Ok(Output::Transmit(command)) => match transmit(line, Whom::Field, command, answer) {
                Ok(Answered { length, elapsed }) => {
                    Input::Response { bytes: answer.get(..length).unwrap_or_default(), elapsed }
                }
                Err(error) => Input::LinkFailed(error),
            },
            Ok(Output::Poll) => Input::Polled(match line.ask(Whom::Field, [&[], &[]], answer) {
                [] => Polled::Nothing,
                _ => Polled::Card,
            }),
            Ok(Output::Show(request)) => {
                if let Some(message) = request.message {
                    record::row(record::SHOWN, &[message.identifier(), b'e', b'n']);
                }
                Input::Done
            }
            Ok(Output::Field(_)) => Input::Done,
            Ok(Output::VerifyPin(_)) => Input::Pin(PinResult::Broken),
            Ok(Output::Authorise(_)) => Input::Unreachable,
            Ok(Output::Review(_)) => Input::Proceed(Proceed::Continue),
            Ok(Output::Done(outcome)) => return outcome,
            _ => Input::Stop(Stop::Cancelled),
        };
    }
}
