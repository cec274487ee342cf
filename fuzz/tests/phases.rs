//! The seeds of the whole kernels reach every phase that the kernel has, and an approval.

use chipwright::apdu::{BUFFER_LENGTH, Buffer, RESPONSE_LENGTH};
use chipwright::config::Transaction;
use chipwright::contactless::OutcomeType;
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::event::{Event, Events, Sink};
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{PinResult, Session};
use chipwright_entry_point::Reader;
use chipwright_fuzz::crypto::Transparent;
use chipwright_fuzz::quickpass::Settings;
use chipwright_fuzz::reader::{self, Anything, Counting, accepted, reply};
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::Setup;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;

/// What was seen on the way.
#[derive(Default)]
struct Seen {
    phases: RefCell<BTreeSet<Phase>>,
    approved: Cell<bool>,
}

impl Sink for Seen {
    fn event(&self, event: &Event<'_>) {
        if let Event::Phase(phase) = event {
            self.phases.borrow_mut().insert(*phase);
        }
    }
}

impl Seen {
    fn assert(&self, phases: &[Phase]) {
        let reached = self.phases.borrow();
        let missing: Vec<_> = phases.iter().filter(|phase| !reached.contains(phase)).collect();
        assert!(missing.is_empty(), "no seed reaches {missing:?}");
        assert!(self.approved.get(), "no seed is approved");
    }
}

/// The committed inputs of a target.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", target].iter().collect();
    let files = folder.read_dir().unwrap();
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

/// Steps to the end, with replies from the script: in the slot, or in the field.
fn play(
    session: &Session<'_>,
    task: impl Future<Output = Outcome>,
    script: &RefCell<Script<'_>>,
    in_field: bool,
) -> Outcome {
    let task = pin!(task);
    let mut driver = Driver::new(session, task);
    let mut memory = Vec::new();
    let mut input = Input::Start;
    loop {
        if let Output::Done(outcome) = driver.step(input).unwrap() {
            return outcome;
        }
        let removal_timeout = driver.removal_timeout();
        let output = driver.step(Input::Start).unwrap();
        let script = &mut script.borrow_mut();
        input = if in_field {
            reply(output, removal_timeout, script, &mut memory)
        } else {
            accepted(in_the_slot(output, script, &mut memory))
        };
    }
}

/// What cardholder, card and host say to a request of the contact kernel.
fn in_the_slot<'r, 's: 'r>(
    output: Output<'_>,
    script: &mut Script<'s>,
    memory: &'r mut Vec<u8>,
) -> Input<'r> {
    match output {
        Output::Transmit(_) => script.answer(memory),
        Output::Choose(candidates) => match script.choice() {
            Input::Chosen(Some(number)) if !candidates.is_open(number) => Input::Chosen(None),
            reply => reply,
        },
        Output::VerifyPin(request) => match script.pin() {
            Input::Pin(result) if !result.answers(request.entry.method) => {
                Input::Pin(PinResult::Broken)
            }
            reply => reply,
        },
        Output::Authorise(_) => script.authorisation(),
        Output::Review(_) => script.review(),
        other => panic!("new kind of output: {other:?}"),
    }
}

#[test]
fn seeds_reach_every_phase_of_the_contact_kernel() {
    let seen = Seen::default();
    for seed in seeds("contact") {
        let [first, second, replies @ ..] = &seed[..] else { continue };
        let setup = Setup(*first, *second);
        let terminal = setup.terminal();
        let events = Events::to(&seen);
        let transaction = Transaction { events, ..setup.transaction(&terminal) };
        let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
        let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
        let task = chipwright_contact::transact(&session, &transaction);
        let outcome = play(&session, task, &RefCell::new(Script::new(replies)), false);
        seen.approved.set(seen.approved.get() || outcome.conclusion == Conclusion::Approved);
    }
    seen.assert(&[
        Phase::ApplicationSelection,
        Phase::InitiateApplication,
        Phase::ReadApplicationData,
        Phase::OfflineDataAuthentication,
        Phase::ProcessingRestrictions,
        Phase::CardholderVerification,
        Phase::TerminalRiskManagement,
        Phase::TerminalActionAnalysis,
        Phase::CardActionAnalysis,
        Phase::OnlineProcessing,
        Phase::IssuerScriptProcessing,
        Phase::Completion,
    ]);
}

#[test]
fn seeds_reach_every_phase_of_kernel_7() {
    let seen = Seen::default();
    for seed in seeds("quickpass") {
        let Some((settings, replies)) = Settings::read(&seed) else { continue };
        let terminal = settings.setup.terminal();
        let events = Events::to(&seen);
        let transaction = Transaction { events, ..settings.setup.transaction(&terminal) };
        let activation = settings.activation(&transaction);
        let script = Script::new(replies).knowing(chipwright_c7::dictionary::C7.entries());
        let script = RefCell::new(script);
        let mut answer = Vec::new();
        let selected = match script.borrow_mut().answer(&mut answer) {
            Input::Response { bytes, .. } if bytes.len() <= RESPONSE_LENGTH => bytes.to_vec(),
            _ => continue,
        };
        let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
        let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
        let task = async {
            let configuration = &settings.configuration;
            let tap = chipwright_c7::transact(&session, &activation, configuration, &selected);
            if tap.await.is_ok_and(|outcome| outcome.outcome == OutcomeType::Approved) {
                seen.approved.set(true);
            }
            ENDED
        };
        play(&session, task, &script, true);
    }
    seen.assert(&[
        Phase::ApplicationSelection,
        Phase::InitiateApplication,
        Phase::ReadApplicationData,
        Phase::OfflineDataAuthentication,
        Phase::ProcessingRestrictions,
        Phase::CardholderVerification,
    ]);
}

/// What a driver is told of a kernel that has an outcome of another kind.
const ENDED: Outcome = Outcome {
    conclusion: Conclusion::CardRead,
    authority: chipwright::outcome::Authority::Offline,
    end: None,
    phase: Phase::Ended,
    signature: false,
    reversal: false,
    advice: false,
};

#[test]
fn seeds_reach_every_phase_of_entry_point() {
    let seen = Seen::default();
    for seed in seeds("entry-point") {
        let [first, second, replies @ ..] = &seed[..] else { continue };
        let settings = reader::Settings(*first, *second);
        let terminal = Setup(0, 0).terminal();
        let random = Counting::default();
        let transaction = Transaction {
            events: Events::to(&seen),
            amount: settings.amount(),
            crypto: Crypto { hash: &Transparent, rsa: &Transparent, random: &random },
            ..Setup(0, 0).transaction(&terminal)
        };
        let combinations = settings.combinations();
        let reader = Reader {
            transaction: &transaction,
            combinations: &combinations,
            autorun: settings.autorun(),
        };
        let script = Script::new(replies).knowing(chipwright_c7::dictionary::C7.entries());
        let script = RefCell::new(script);
        let kernels = Anything::new(&script, settings);
        let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
        let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
        let task = chipwright_entry_point::transact(&session, &reader, &kernels);
        let outcome = play(&session, task, &script, true);
        seen.approved.set(seen.approved.get() || outcome.conclusion == Conclusion::Approved);
    }
    seen.assert(&[Phase::ApplicationSelection, Phase::OnlineProcessing]);
}
