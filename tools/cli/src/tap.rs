//! A tap: the card is held to the reader. Entry Point selects, Kernel 7 decides, the issuer is
//! asked where they want it.

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{History, Transaction};
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, OutcomeType, TerminalTransactionQualifiers as Ttq,
};
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::event::Events;
use chipwright::field::{OnlineCapability, TerminalCapabilities as Can};
use chipwright::outcome::{Authority, End, Outcome};
use chipwright::session::{LinkError, PinResult, Polled, Proceed, Session};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Writer};
use chipwright::value::Amount;
use chipwright_card::{Card, Interface};
use chipwright_entry_point::{Combination, Kernels, Reader, transact};
use chipwright_harness::describe::{self, Context};
use chipwright_harness::pad::ScriptedPad;
use chipwright_harness::record;
use chipwright_harness::run::Watcher;
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_harness::{CardChannel, PinPad as _};
use chipwright_host::Host;
use chipwright_rustcrypto::RustCrypto;
use core::pin::pin;
use serde_json::Value;

use crate::arguments::Pay;
use crate::everyone::Everyone;
use crate::failure::Failure;
use crate::page::{Style, cell};

/// Registered application provider of UnionPay.
const UNIONPAY: &[u8] = &[0xA0, 0x00, 0x00, 0x03, 0x33];
/// Limits of the reader, in minor units: offline to here, without verification below, and not for
/// more than this.
const FLOOR_LIMIT: Option<Amount> = Amount::new(20_000);
const CVM_REQUIRED_LIMIT: Option<Amount> = Amount::new(100_000);
const TRANSACTION_LIMIT: Option<Amount> = Amount::new(5_000_000);

/// What is left of a tap.
pub(crate) struct Tapped {
    pub(crate) outcome: Outcome,
    /// The data objects, as JSON.
    pub(crate) objects: Vec<Value>,
}

/// Whom the reader deals with.
pub(crate) struct People<'p> {
    pub(crate) card: &'p mut Card,
    /// None where the terminal has no line.
    pub(crate) host: Option<Host>,
    pub(crate) pad: ScriptedPad<'p>,
}

/// The kernels that this program links.
struct Linked;

impl Kernels for Linked {
    fn supports(&self, kernel: KernelId) -> bool {
        kernel == chipwright_c7::KERNEL_ID
    }

    async fn activate(
        &self,
        link: &mut chipwright::session::Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, End> {
        if activation.kernel != chipwright_c7::KERNEL_ID {
            return Ok(OutcomeParameters::new(OutcomeType::SelectNext));
        }
        let configuration = chipwright_c7::Configuration::DEFAULT;
        chipwright_c7::process(link, activation, &configuration).await
    }
}

/// Runs a tap to its end.
pub(crate) fn run(
    arguments: &Pay,
    file: &TerminalFile,
    setup: &Setup,
    people: People<'_>,
    everyone: &Everyone,
) -> Result<Tapped, Failure> {
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    let random = setup.random();
    let history = arguments.history(setup)?;
    let transaction = Transaction {
        events: Events::to(everyone),
        kind: setup.kind,
        amount_other: setup.other,
        currency_exponent: setup.currency.exponent,
        time: setup.time,
        sequence_counter: setup.counter,
        history: history.as_ref().map(|history| history as &dyn History),
        ..Transaction::purchase(
            &terminal,
            Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &*random },
            setup.amount,
            setup.currency.code(),
            setup.date,
        )
    };
    let combinations = [Combination {
        floor_limit: FLOOR_LIMIT,
        cvm_required_limit: CVM_REQUIRED_LIMIT,
        transaction_limit: TRANSACTION_LIMIT,
        qualifiers: Some(qualifiers(
            terminal.terminal_type.online_capability(),
            terminal.capabilities,
        )),
        ..Combination::new(UNIONPAY, chipwright_c7::KERNEL_ID)
    }];
    let reader = Reader { transaction: &transaction, combinations: &combinations, autorun: false };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(transact(&session, &reader, &Linked));
    let mut driver = Driver::new(&session, task);
    // A reader that cannot go online declines what the card asks its issuer.
    let online = terminal.terminal_type.online_capability() != OnlineCapability::OfflineOnly;
    let people = People { host: people.host.filter(|_| online), ..people };
    let outcome = drive(&mut driver, people, everyone)?;
    let context = Context { currency: Some(setup.currency) };
    let objects = record::objects(driver.data(), context).iter().map(record::node).collect();
    end(everyone, &outcome);
    Ok(Tapped { outcome, objects })
}

/// The qualifiers of a reader that can do what the terminal can. [C7 2]
fn qualifiers(online: OnlineCapability, capabilities: Can) -> Ttq {
    let mut qualifiers = Ttq::EMV_MODE | Ttq::FDDA_VERSION_1;
    for (able, bit) in [
        (online == OnlineCapability::OfflineOnly, Ttq::OFFLINE_ONLY),
        (capabilities.contains(Can::IC_WITH_CONTACTS), Ttq::CONTACT_CHIP),
        (capabilities.contains(Can::ENCIPHERED_PIN_ONLINE), Ttq::ONLINE_PIN),
        (capabilities.contains(Can::SIGNATURE), Ttq::SIGNATURE),
    ] {
        if able {
            qualifiers.set(bit);
        }
    }
    qualifiers
}

/// Gives Entry Point what it asks for, and tells everyone.
fn drive(
    driver: &mut Driver<'_, '_>,
    mut people: People<'_>,
    everyone: &Everyone,
) -> Result<Outcome, Failure> {
    let (mut answer, mut host_answer);
    let mut input = Input::Start;
    loop {
        let output = driver.step(input).map_err(|misuse| Failure::data(misuse.to_string()))?;
        everyone.request(&output);
        input = match output {
            Output::Transmit(command) => {
                answer = people.card.transmit(command);
                Input::Response { bytes: &answer, elapsed: 0 }
            }
            // Every time the reader asks, the card is taken away and held to it again.
            Output::Poll => {
                everyone.story.presented();
                people.card.present(Interface::Contactless);
                Input::Polled(Polled::Card)
            }
            Output::Field(_) => Input::Done,
            Output::Show(request) => {
                everyone.requested(&request);
                Input::Done
            }
            Output::VerifyPin(request) => {
                Input::Pin(everyone.privately(|| people.pad.enter(&request, &mut NoCard)))
            }
            Output::Authorise(data) => {
                host_answer = people.host.as_mut().and_then(|host| ask(host, data, everyone));
                host_answer
                    .as_deref()
                    .and_then(response)
                    .map_or(Input::Unreachable, Input::Authorised)
            }
            Output::Review(_) => Input::Proceed(Proceed::Continue),
            Output::Done(outcome) => return Ok(outcome),
            _ => Input::Pin(PinResult::Broken),
        };
        everyone.reply(&input);
    }
}

/// The pad of a tap says nothing to the card.
struct NoCard;

impl CardChannel for NoCard {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
        Err(LinkError::Removed)
    }
}

/// Asks the issuer; its answer as a BER-TLV string, none when it gives none.
fn ask(host: &mut Host, data: &Database<'_>, everyone: &Everyone) -> Option<Vec<u8>> {
    let mut memory = vec![0; DATABASE_LENGTH];
    let mut message = Writer::new(&mut memory);
    for (tag, value) in data.objects() {
        message.put(tag, value).ok()?;
    }
    match host.authorise(message.written()) {
        Ok(answer) => {
            everyone.remark(answer.reason.to_string());
            Some(answer.objects())
        }
        Err(error) => {
            everyone.remark(error.to_string());
            None
        }
    }
}

/// The issuer's answer. A card that was taken away gets neither data nor scripts. [C7 4.11]
fn response(objects: &[u8]) -> Option<HostResponse<'_>> {
    let code = tlv::find(objects, Tag(0x8A)).ok().flatten()?;
    Some(HostResponse {
        authorisation_response_code: code.try_into().ok()?,
        issuer_authentication_data: None,
        authorisation_code: None,
        scripts: &[],
    })
}

/// The last lines of the page.
fn end(everyone: &Everyone, outcome: &Outcome) {
    let page = &everyone.story.page;
    everyone.story.end_phase();
    page.gap();
    let what = describe::conclusion(outcome.conclusion);
    let who = match outcome.authority {
        _ if outcome.end.is_some() => "",
        Authority::Offline => " offline",
        Authority::Online => " online",
        Authority::UnableToGoOnline => ", unable to go online",
    };
    let signature = if outcome.signature { ", signature to be taken" } else { "" };
    page.row(&[cell(Style::Bold, &format!("    {what}{who}{signature}"))]);
}
