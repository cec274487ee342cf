//! A blocking terminal in one loop.

use crate::device::{CardChannel, Cardholder, Issuer, IssuerAnswer, PinPad};
use chipwright::apdu::{BUFFER_LENGTH, Buffer, RESPONSE_LENGTH};
use chipwright::config::Transaction;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::outcome::Outcome;
use chipwright::session::{LinkError, Proceed, Session};
use core::pin::pin;
use std::time::Instant;

/// The devices of one transaction.
pub struct Devices<'d> {
    /// The card.
    pub card: &'d mut dyn CardChannel,
    /// The PIN pad.
    pub pad: &'d mut dyn PinPad,
    /// The cardholder.
    pub cardholder: &'d mut dyn Cardholder,
    /// The issuer.
    pub issuer: &'d mut dyn Issuer,
}

impl core::fmt::Debug for Devices<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Devices")
    }
}

/// Sees what passes between kernel and devices: every request, and the reply that it got.
///
/// What the PIN pad says to the card does not pass here.
pub trait Watcher {
    /// The kernel asks for this.
    fn request(&self, output: &Output<'_>);
    /// It gets this.
    fn reply(&self, input: &Input<'_>);
}

/// Nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn request(&self, _: &Output<'_>) {}
    fn reply(&self, _: &Input<'_>) {}
}

/// Runs a contact transaction to its end; `read` sees the data objects that are left.
///
/// `timed`: measure the card's answers; without it every answer takes no time, so that what is
/// told of a transaction depends on its inputs alone.
///
/// # Panics
/// When the kernel refuses a reply that it asked for: an error of this loop.
pub fn run<T>(
    transaction: &Transaction<'_>,
    devices: &mut Devices<'_>,
    timed: bool,
    read: impl FnOnce(&Database<'_>) -> T,
) -> (Outcome, T) {
    run_watched(transaction, devices, &Unwatched, timed, |_, data| read(data))
}

/// As [`run`], with someone who looks on.
///
/// # Panics
/// As [`run`].
pub fn run_watched<T>(
    transaction: &Transaction<'_>,
    devices: &mut Devices<'_>,
    watcher: &dyn Watcher,
    timed: bool,
    read: impl FnOnce(&Outcome, &Database<'_>) -> T,
) -> (Outcome, T) {
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, transaction));
    let mut driver = Driver::new(&session, task);
    let mut answer;
    let mut issuer_answer;
    let mut input = Input::Start;
    loop {
        let output = driver.step(input).expect("a reply of the kind that was asked for");
        watcher.request(&output);
        input = match output {
            Output::Transmit(command) => {
                let start = Instant::now();
                match devices.card.transmit(command) {
                    Ok(bytes) if bytes.len() <= RESPONSE_LENGTH => {
                        answer = bytes;
                        Input::Response {
                            bytes: &answer,
                            elapsed: if timed { microseconds(start) } else { 0 },
                        }
                    }
                    Ok(_) => Input::LinkFailed(LinkError::Protocol),
                    Err(error) => Input::LinkFailed(error),
                }
            }
            Output::Choose(candidates) => Input::Chosen(devices.cardholder.choose(candidates)),
            Output::VerifyPin(request) => Input::Pin(devices.pad.enter(&request, devices.card)),
            Output::Authorise(data) => {
                issuer_answer = devices.issuer.authorise(data);
                issuer_answer
                    .as_ref()
                    .and_then(host_response)
                    .map_or(Input::Unreachable, Input::Authorised)
            }
            Output::Review(_) => Input::Proceed(Proceed::Continue),
            Output::Done(outcome) => return (outcome, read(&outcome, driver.data())),
            _ => unreachable!("every output of this version is handled"),
        };
        watcher.reply(&input);
    }
}

fn microseconds(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_micros()).unwrap_or(u32::MAX)
}

/// The issuer's answer as the kernel takes it; `None` when it is none: data of impossible length.
fn host_response(answer: &IssuerAnswer) -> Option<HostResponse<'_>> {
    let authentication = answer.issuer_authentication_data.as_deref();
    authentication.is_none_or(|data| matches!(data.len(), 8..=16)).then_some(HostResponse {
        authorisation_response_code: answer.authorisation_response_code,
        issuer_authentication_data: authentication,
        authorisation_code: answer.authorisation_code.as_ref().map(<[u8; 6]>::as_slice),
        scripts: &answer.scripts,
    })
}
