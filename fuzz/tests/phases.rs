//! The seeds of the whole kernels reach every phase that the kernel has, and an approval.

use chipwright::apdu::{BUFFER_LENGTH, Buffer, RESPONSE_LENGTH};
use chipwright::config::Transaction;
use chipwright::contactless::{
    Activation, Indicators, KernelId, OutcomeParameters, OutcomeType, Start,
    TerminalTransactionQualifiers as Ttq,
};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, Input, Output};
use chipwright::event::{Event, Events, Sink};
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{Ended, Link, PinResult, Polled, Session, Stop};
use chipwright_c7::Configuration;
use chipwright_entry_point::{Combination, Kernels, Reader};
use chipwright_fuzz::kernels::come_to_anything;
use chipwright_fuzz::script::Script;
use chipwright_fuzz::terminal::{APPLICATIONS, Setup};
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

/// Steps to the end, with replies from the script.
fn play(
    session: &Session<'_>,
    task: impl Future<Output = Outcome>,
    script: &RefCell<Script<'_>>,
) -> Outcome {
    let task = pin!(task);
    let mut driver = Driver::new(session, task);
    let mut memory = Vec::new();
    let mut input = Input::Start;
    loop {
        let output = driver.step(input).unwrap();
        let mut script = script.borrow_mut();
        input = match output {
            Output::Transmit(command) => script.answer_in_field(command, &mut memory),
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
            Output::Authorise(_) => match script.authorisation() {
                Input::Authorised(response)
                    if response
                        .issuer_authentication_data
                        .is_some_and(|data| !matches!(data.len(), 8..=16)) =>
                {
                    Input::Unreachable
                }
                reply => reply,
            },
            Output::Review(_) => script.review(),
            Output::Poll => match script.byte().map(|byte| byte % 5) {
                Some(0..=2) => Input::Polled(Polled::Card),
                Some(3) => Input::Polled(Polled::Nothing),
                Some(_) => Input::Polled(Polled::Collision),
                None => Input::Stop(Stop::Timeout),
            },
            Output::Field(_) | Output::Show(_) => Input::Done,
            Output::Done(outcome) => return outcome,
            other => panic!("new kind of output: {other:?}"),
        };
        if matches!(input, Input::Response { bytes, .. } if bytes.len() > RESPONSE_LENGTH) {
            input = Input::Stop(Stop::Timeout);
        }
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
        let outcome = play(&session, task, &RefCell::new(Script::new(replies)));
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
        let [first, reader, _, replies @ ..] = &seed[..] else { continue };
        let setup = Setup(first & Setup::TRANSPARENT, 0);
        let terminal = setup.terminal();
        let events = Events::to(&seen);
        let transaction = Transaction { events, ..setup.transaction(&terminal) };
        let activation = Activation {
            transaction: &transaction,
            kernel: chipwright_c7::KERNEL_ID,
            aid: APPLICATIONS[0].aid,
            indicators: Indicators::default(),
            qualifiers: Some(Ttq([0x20 | reader & 0x1F, 0, 0, 0x80])),
            start: Start::C,
            restart: false,
        };
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
            let configuration = Configuration::DEFAULT;
            let tap = chipwright_c7::transact(&session, &activation, &configuration, &selected);
            if tap.await.is_ok_and(|outcome| outcome.outcome == OutcomeType::Approved) {
                seen.approved.set(true);
            }
            ENDED
        };
        play(&session, task, &script);
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

struct Linked<'k, 's>(&'k RefCell<Script<'s>>);

impl Kernels for Linked<'_, '_> {
    fn supports(&self, _: KernelId) -> bool {
        true
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        _: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        come_to_anything(self.0, link).await
    }
}

#[test]
fn seeds_reach_every_phase_of_entry_point() {
    let seen = Seen::default();
    for seed in seeds("entry-point") {
        let [_, _, replies @ ..] = &seed[..] else { continue };
        let terminal = Setup(0, 0).terminal();
        let events = Events::to(&seen);
        let transaction = Transaction { events, ..Setup(0, 0).transaction(&terminal) };
        let combinations = [(0, 3), (1, 2), (2, 7)].map(|(place, kernel): (usize, u8)| {
            let qualifiers = Some(Ttq([0x36, 0, 0, 0x80]));
            let aid = APPLICATIONS[place].aid;
            Combination { qualifiers, ..Combination::new(aid, KernelId::new(kernel)) }
        });
        let reader =
            Reader { transaction: &transaction, combinations: &combinations, autorun: false };
        let script = RefCell::new(Script::new(replies));
        let kernels = Linked(&script);
        let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
        let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
        let task = chipwright_entry_point::transact(&session, &reader, &kernels);
        let outcome = play(&session, task, &script);
        seen.approved.set(seen.approved.get() || outcome.conclusion == Conclusion::Approved);
    }
    seen.assert(&[Phase::ApplicationSelection, Phase::OnlineProcessing]);
}
