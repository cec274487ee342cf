//! Plays a transcript again under other conditions: the same card, cardholder and issuer, and a
//! kernel that need not ask what it asked then.

use core::pin::pin;
use std::collections::VecDeque;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::candidates::Candidates;
use chipwright::config::Terminal;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::event::Events;
use chipwright::outcome::Outcome;
use chipwright::session::{LinkError, PinMethod, PinResult, Polled, Proceed, Session, Stop};
use chipwright::status::Status;
use chipwright_entry_point::{Combination, Reader};

use super::{Reply, Step, Transcript};
use crate::device::{CardChannel, IssuerAnswer};
use crate::kernels::Linked;
use crate::recorded::{Exchange, Note, RecordedCard};
use crate::run::Watcher;

/// How a transaction went under other conditions.
#[derive(Clone, Debug)]
pub struct Again {
    /// How it ended.
    pub outcome: Outcome,
    /// Where commands and record part, in order.
    pub notes: Vec<Note>,
    /// PINs that were taken for right, although the record does not have them.
    pub assumed_pins: usize,
    /// Whether the issuer was asked without a recorded answer, and so could not be reached.
    pub assumed_unreachable: bool,
}

/// Gives the kernel what card, cardholder and issuer said in a transcript, whatever it asks for in
/// between. A command with other data gets the recorded answer; a GENERATE AC for an AAC that is
/// not in the record is answered by an AAC, as by any card. `read` sees what is left.
pub fn play_again<T>(
    transcript: &Transcript,
    terminal: &Terminal<'_>,
    combinations: &[Combination<'_>],
    events: Events<'_>,
    watcher: &dyn Watcher,
    read: impl FnOnce(&Database<'_>) -> T,
) -> (Again, T) {
    let random = transcript.setup.random();
    let transaction = transcript.setup.transaction(terminal, &*random, events);
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let told = Told::by(transcript);
    if transcript.contactless {
        let reader = Reader { transaction: &transaction, combinations, autorun: false };
        let task = pin!(chipwright_entry_point::transact(&session, &reader, &Linked));
        told.run(Driver::new(&session, task), watcher, read)
    } else {
        let task = pin!(chipwright_contact::transact(&session, &transaction));
        told.run(Driver::new(&session, task), watcher, read)
    }
}

/// What was said to the kernel then.
struct Told<'t> {
    transcript: &'t Transcript,
    card: RecordedCard,
    chosen: VecDeque<Option<&'t [u8]>>,
    pins: VecDeque<PinResult>,
    proceeds: VecDeque<Proceed>,
    polled: VecDeque<Polled>,
    issuer: Option<&'t IssuerAnswer>,
    unreachable: bool,
    notes: Vec<Note>,
    assumed_pins: usize,
    assumed_unreachable: bool,
}

impl<'t> Told<'t> {
    fn by(transcript: &'t Transcript) -> Self {
        let mut told = Self {
            transcript,
            card: RecordedCard::new(exchanges(&transcript.steps)),
            chosen: VecDeque::new(),
            pins: VecDeque::new(),
            proceeds: VecDeque::new(),
            polled: VecDeque::new(),
            issuer: None,
            unreachable: false,
            notes: Vec::new(),
            assumed_pins: 0,
            assumed_unreachable: false,
        };
        for step in &transcript.steps {
            let Step::Told(reply) = step else { continue };
            match reply {
                Reply::Chosen(name) => told.chosen.push_back(name.as_deref()),
                Reply::Pin(result) => told.pins.push_back(*result),
                Reply::Proceed(proceed) => told.proceeds.push_back(*proceed),
                Reply::Polled(polled) => told.polled.push_back(*polled),
                Reply::Authorised(answer) => told.issuer = Some(answer),
                Reply::Unreachable => told.unreachable = true,
                Reply::LinkFailed(_) | Reply::Stop(_) => {}
            }
        }
        told
    }

    fn run<T>(
        mut self,
        mut driver: Driver<'_, '_>,
        watcher: &dyn Watcher,
        read: impl FnOnce(&Database<'_>) -> T,
    ) -> (Again, T) {
        let mut answer;
        let mut input = Input::Start;
        loop {
            let output = driver.step(input).expect("a reply of the kind that was asked for");
            watcher.request(&output);
            let stop = Step::of_output(&output).and_then(|step| self.stopped(&step));
            input = match output {
                Output::Done(outcome) => {
                    let Self { notes, assumed_pins, assumed_unreachable, .. } = self;
                    let again = Again { outcome, notes, assumed_pins, assumed_unreachable };
                    return (again, read(driver.data()));
                }
                Output::Show(_) | Output::Field(_) => Input::Done,
                _ if stop.is_some() => stop.map_or(Input::Done, Input::Stop),
                Output::Transmit(command) => match self.transmit(command) {
                    Ok(bytes) => {
                        answer = bytes;
                        Input::Response { bytes: &answer, elapsed: 0 }
                    }
                    Err(error) => Input::LinkFailed(error),
                },
                Output::Choose(candidates) => Input::Chosen(self.choose(candidates)),
                Output::VerifyPin(request) => Input::Pin(self.enter(request.entry.method)),
                Output::Authorise(_) => self.authorise(),
                Output::Review(_) => {
                    Input::Proceed(self.proceeds.pop_front().unwrap_or(Proceed::Continue))
                }
                Output::Poll => Input::Polled(self.polled.pop_front().unwrap_or(Polled::Card)),
                _ => unreachable!("every output of this version is handled"),
            };
            watcher.reply(&input);
        }
    }

    /// Why the transaction was stopped at this output, if it was.
    fn stopped(&self, output: &Step) -> Option<Stop> {
        self.transcript.steps.windows(2).find_map(|pair| match pair {
            [asked, Step::Told(Reply::Stop(stop))] if asked.expects(output) => Some(*stop),
            _ => None,
        })
    }

    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let known = self.card.notes().len();
        let answer = self.card.transmit(command);
        let notes = self.card.notes().get(known..).unwrap_or_default().to_vec();
        if !notes.iter().any(|note| matches!(note, Note::Missing { .. })) {
            self.notes.extend(notes);
            return answer;
        }
        if let Some(error) = self.failed(command) {
            return Err(error);
        }
        if matches!(command, [_, GENERATE_AC, p1, ..] if p1 & 0xC0 == 0) {
            let sent = command.to_vec();
            self.notes.push(Note::Assumed { sent, status: [0x90, 0x00] });
            return Ok(AAC.to_vec());
        }
        self.notes.extend(notes);
        answer
    }

    /// How the link failed at this command then.
    fn failed(&self, command: &[u8]) -> Option<LinkError> {
        self.transcript.steps.windows(2).find_map(|pair| match pair {
            [Step::Sent(sent), Step::Told(Reply::LinkFailed(error))] if sent == command => {
                Some(*error)
            }
            _ => None,
        })
    }

    fn choose(&mut self, candidates: Candidates<'_>) -> Option<u8> {
        let first = || candidates.by_priority().next().map(|(number, _)| number);
        let Some(chosen) = self.chosen.pop_front() else { return first() };
        let name = chosen?;
        let mut all = candidates.by_priority();
        all.find(|(_, candidate)| candidate.name == name).map(|(number, _)| number).or_else(first)
    }

    fn enter(&mut self, method: PinMethod) -> PinResult {
        if let Some(result) = self.pins.pop_front() {
            return result;
        }
        self.assumed_pins += 1;
        match method {
            PinMethod::Online => PinResult::Captured,
            _ => PinResult::Verified(Status::SUCCESS),
        }
    }

    fn authorise(&mut self) -> Input<'t> {
        let Some(answer) = self.issuer else {
            self.assumed_unreachable |= !self.unreachable;
            return Input::Unreachable;
        };
        Input::Authorised(HostResponse {
            authorisation_response_code: answer.authorisation_response_code,
            issuer_authentication_data: answer.issuer_authentication_data.as_deref(),
            authorisation_code: answer.authorisation_code.as_ref().map(|code| &code[..]),
            scripts: &answer.scripts,
        })
    }
}

const GENERATE_AC: u8 = 0xAE;

/// A refusal, which every card gives that is asked for one: its type, a counter, a cryptogram.
const AAC: [u8; 24] = [
    0x77, 0x14, 0x9F, 0x27, 1, 0x00, 0x9F, 0x36, 2, 0, 0, 0x9F, 0x26, 8, 0, 0, 0, 0, 0, 0, 0, 0,
    0x90, 0x00,
];

fn exchanges(steps: &[Step]) -> Vec<Exchange> {
    let pairs = steps.windows(2).filter_map(|pair| match pair {
        [Step::Sent(command), Step::Answered(answer)] => {
            let (command, answer) = (command.clone(), answer.clone());
            Some(Exchange { command, is_prefix: false, answer })
        }
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::Unwatched;
    use chipwright::field::TerminalVerificationResults as Tvr;
    use chipwright::outcome::Conclusion;
    use chipwright::value::{Amount, Date};
    use std::path::Path;

    fn read(name: &str) -> Transcript {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors");
        Transcript::parse(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    }

    fn again(transcript: &Transcript) -> Again {
        again_denying(transcript, Tvr::EMPTY)
    }

    /// At a terminal that denies when one of these bits is set.
    fn again_denying(transcript: &Transcript, bits: Tvr) -> Again {
        let file = transcript.terminal_file(Path::new("")).unwrap();
        let mut configuration = file.configuration();
        for application in &mut configuration.applications {
            application.action_codes.denial = bits;
        }
        let (terminal, combinations) = (configuration.terminal(), &configuration.combinations);
        play_again(transcript, &terminal, combinations, Events::NONE, &Unwatched, |_| ()).0
    }

    #[test]
    fn under_the_same_conditions_it_goes_as_it_went() {
        let again = again(&read("field/pin-bypassed.emv"));
        assert_eq!(again.outcome.conclusion, Conclusion::Approved);
        assert_eq!((again.notes, again.assumed_pins), (vec![], 0));
    }

    #[test]
    fn what_is_asked_otherwise_is_noted() {
        let mut transcript = read("field/pin-bypassed.emv");
        transcript.setup.amount = Amount::new(1).unwrap();
        let smaller = again(&transcript);
        assert!(matches!(smaller.notes[..], [Note::Differs { .. }, Note::Differs { .. }]));
        assert_eq!(smaller.outcome.conclusion, Conclusion::Approved);
        // An AAC is asked for, which every card gives.
        let refused = again_denying(&transcript, Tvr::PIN_NOT_ENTERED);
        assert!(matches!(refused.notes[..], [Note::Assumed { status: [0x90, 0x00], .. }]));
        assert_eq!(refused.outcome.conclusion, Conclusion::Declined);
    }

    /// A card that was asked for an AAC did not say what it makes of an ARQC.
    #[test]
    fn what_the_record_cannot_answer_ends_it() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors/field");
        let text = std::fs::read_to_string(folder.join("contact-expired.json")).unwrap();
        let mut own = crate::trace::Trace::parse(&text).unwrap().transcript.unwrap();
        own.0.setup.date = Date::new(2020, 6, 1).unwrap();
        let earlier = again(&own.0);
        assert!(
            matches!(&earlier.notes[..], [Note::Missing { sent }] if sent[1..3] == [0xAE, 0x80])
        );
    }
}
