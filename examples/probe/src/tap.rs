//! A tap: the application is selected here, and Kernel 7 does the rest.

use core::cell::Cell;
use core::pin::pin;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::Transaction;
use chipwright::contactless::{
    Activation, CardholderVerification, Indicators, OutcomeParameters, OutcomeType, Start,
    TerminalTransactionQualifiers, UiRequest,
};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input};
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::phase::Phase;
use chipwright::session::Session;
use chipwright_c7::{Configuration, KERNEL_ID};

use crate::device::{self, Register};

/// Name of the application, and the command that selects it.
const AID: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33];
const SELECT: &[u8] = &[0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x33, 0x00];

/// One tap, from selection to outcome; none when it was given up.
pub(crate) fn tap(transaction: &Transaction<'_>) -> Option<OutcomeParameters> {
    let mut selected = [0; BUFFER_LENGTH];
    device::write(Register::Card, SELECT);
    let selected = device::read(Register::Card, &mut selected);
    let activation = Activation {
        transaction,
        kernel: KERNEL_ID,
        aid: AID,
        indicators: Indicators::default(),
        qualifiers: Some(TerminalTransactionQualifiers([0x36, 0x00, 0x00, 0x80])),
        start: Start::C,
        restart: false,
    };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let outcome = Cell::new(None);
    let task = pin!(async {
        let configuration = &Configuration::DEFAULT;
        let came = chipwright_c7::transact(&session, &activation, configuration, selected).await;
        outcome.set(came.ok());
        ENDED
    });
    crate::run(Driver::new(&session, task));
    outcome.take().inspect(|outcome| report(outcome))
}

/// What the driver is told of a kernel whose outcome is of another kind.
const ENDED: Outcome = Outcome {
    conclusion: Conclusion::CardRead,
    authority: Authority::Offline,
    end: None,
    phase: Phase::Ended,
    signature: false,
    reversal: false,
    advice: false,
};

pub(crate) fn show(request: UiRequest) -> Input<'static> {
    let message = request.message.map_or(0, |message| message.identifier());
    device::write(Register::Display, &[message]);
    device::write(Register::Display, &request.language_preference);
    Input::Done
}

fn report(outcome: &OutcomeParameters) {
    let light = match (outcome.outcome, outcome.cardholder_verification) {
        (OutcomeType::Approved, CardholderVerification::ObtainSignature) => 2,
        (OutcomeType::Approved, _) => 1,
        (OutcomeType::OnlineRequest, CardholderVerification::OnlinePin) => 4,
        (OutcomeType::OnlineRequest, _) => 3,
        (OutcomeType::TryAgain, _) => 5,
        _ => 0,
    };
    device::write(Register::Display, &[light]);
    outcome.ui_request_on_outcome.map(show);
}
