//! Replays transcripts.

use core::pin::pin;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{Options, Reviews, Terminal};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::event::Events;
use chipwright::outcome::Outcome;
use chipwright::session::{Review, Session};
use chipwright_entry_point::{Combination, Reader};

use super::step::numbered;
use super::{Difference, Question, Reply, Step, Transcript};
use crate::kernels::Linked;

/// A replay in which the kernel said what the transcript expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// How the transaction ended.
    pub outcome: Outcome,
    /// Commands that were sent.
    pub commands: usize,
    /// Questions that were asked beside them.
    pub questions: usize,
}

/// Gives the kernel every input of a transcript, and holds it to every output. A review that
/// stands in the transcript is one that its terminal wants.
///
/// # Errors
/// The first output that is not what the transcript expects.
pub fn play(
    transcript: &Transcript,
    terminal: &Terminal<'_>,
    events: Events<'_>,
) -> Result<Played, Box<Difference>> {
    let random = transcript.setup.random();
    let stands = |review| transcript.steps.contains(&Step::Asked(Question::Review(review)));
    let Reviews { candidates, records } = terminal.options.reviews;
    let reviews = Reviews {
        candidates: candidates || stands(Review::Candidates),
        records: records || stands(Review::Records),
    };
    let terminal = Terminal { options: Options { reviews, ..terminal.options }, ..*terminal };
    let transaction = transcript.setup.transaction(&terminal, &*random, events);
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    Replay::of(transcript).run(Driver::new(&session, task))
}

/// As [`play`], for a transcript of a tap: Entry Point with these combinations and the kernels
/// that are [`Linked`]. What is shown and how the field is switched stands in no transcript.
///
/// # Errors
/// As [`play`].
pub fn play_tap(
    transcript: &Transcript,
    terminal: &Terminal<'_>,
    combinations: &[Combination<'_>],
    events: Events<'_>,
) -> Result<Played, Box<Difference>> {
    let random = transcript.setup.random();
    let transaction = transcript.setup.transaction(terminal, &*random, events);
    let reader = Reader { transaction: &transaction, combinations, autorun: false };
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_entry_point::transact(&session, &reader, &Linked));
    Replay::of(transcript).run(Driver::new(&session, task))
}

/// A replay under way.
struct Replay<'t> {
    transcript: &'t Transcript,
    /// Place of the next step.
    next: usize,
    /// What the cardholder was last asked to choose from.
    candidates: Vec<(u8, Vec<u8>)>,
    commands: usize,
    questions: usize,
}

impl<'t> Replay<'t> {
    const fn of(transcript: &'t Transcript) -> Self {
        Self { transcript, next: 0, candidates: Vec::new(), commands: 0, questions: 0 }
    }

    fn run(mut self, mut driver: Driver<'_, '_>) -> Result<Played, Box<Difference>> {
        let mut input = Input::Start;
        loop {
            let (mut found, outcome) = match driver.step(input) {
                Ok(Output::Show(_) | Output::Field(_)) => {
                    input = Input::Done;
                    continue;
                }
                Ok(output) => {
                    if let Output::Choose(candidates) = &output {
                        self.candidates = numbered(candidates);
                    }
                    let done =
                        if let Output::Done(outcome) = &output { Some(*outcome) } else { None };
                    (Step::of_output(&output), done)
                }
                Err(misuse) => return Err(self.refused(&misuse)),
            };
            if let Some(Step::Ended(ending)) = &mut found {
                ending.add_objects(driver.data());
            }
            self.check(found)?;
            if let Some(outcome) = outcome {
                let Self { commands, questions, .. } = self;
                return Ok(Played { outcome, commands, questions });
            }
            input = self.reply()?;
        }
    }

    /// Holds an output against the next step.
    fn check(&mut self, found: Option<Step>) -> Result<(), Box<Difference>> {
        match &found {
            Some(Step::Sent(_)) => self.commands += 1,
            Some(Step::Asked(_)) => self.questions += 1,
            _ => {}
        }
        let expected = self.transcript.steps.get(self.next);
        if let (Some(expected), Some(found)) = (expected, &found)
            && expected.expects(found)
        {
            self.next += 1;
            return Ok(());
        }
        Err(Box::new(Difference::new(self.transcript, self.next, found)))
    }

    /// The input that the transcript gives next.
    fn reply(&mut self) -> Result<Input<'t>, Box<Difference>> {
        let step = self.transcript.steps.get(self.next);
        self.next += 1;
        Ok(match step {
            Some(Step::Answered(bytes)) => Input::Response { bytes, elapsed: 0 },
            Some(Step::Told(reply)) => match reply {
                Reply::LinkFailed(error) => Input::LinkFailed(*error),
                Reply::Chosen(name) => {
                    Input::Chosen(name.as_ref().and_then(|name| self.number(name)))
                }
                Reply::Pin(result) => Input::Pin(*result),
                Reply::Authorised(answer) => Input::Authorised(HostResponse {
                    authorisation_response_code: answer.authorisation_response_code,
                    issuer_authentication_data: answer.issuer_authentication_data.as_deref(),
                    authorisation_code: answer.authorisation_code.as_ref().map(|code| &code[..]),
                    scripts: &answer.scripts,
                }),
                Reply::Unreachable => Input::Unreachable,
                Reply::Proceed(proceed) => Input::Proceed(*proceed),
                Reply::Polled(polled) => Input::Polled(*polled),
                Reply::Stop(stop) => Input::Stop(*stop),
            },
            _ => return Err(Box::new(Difference::new(self.transcript, self.next - 1, None))),
        })
    }

    fn number(&self, name: &[u8]) -> Option<u8> {
        self.candidates.iter().find(|(_, known)| known == name).map(|(number, _)| *number)
    }

    /// The kernel takes no such input.
    fn refused(&self, misuse: &dyn core::fmt::Display) -> Box<Difference> {
        let place = self.next.saturating_sub(1);
        Box::new(Difference::new(self.transcript, place, None).because(misuse.to_string()))
    }
}
