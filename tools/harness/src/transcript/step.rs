//! The steps of a dialogue.

use chipwright::candidates::Candidates;
use chipwright::database::Database;
use chipwright::dictionary::emv::{APPLICATION_CRYPTOGRAM, ATC, CRYPTOGRAM_INFORMATION_DATA, TVR};
use chipwright::driver::{HostResponse, Input, Output};
use chipwright::session::{LinkError, PinEntry, PinResult, Polled, Proceed, Review, Stop};
use chipwright::tag::Tag;

use super::Ending;
use crate::device::IssuerAnswer;

/// A line of the dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `>` The kernel sends a command.
    Sent(Vec<u8>),
    /// `<` The card answers, status word included.
    Answered(Vec<u8>),
    /// `?` The kernel asks something else than the card.
    Asked(Question),
    /// `!` It is told something.
    Told(Reply),
    /// `=` The transaction has ended.
    Ended(Ending),
}

/// What a kernel asks beside commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which of these applications? Their names, in order of priority.
    Choose(Vec<Vec<u8>>),
    /// A PIN is to be entered.
    VerifyPin(PinEntry),
    /// The integrator may look in.
    Review(Review),
    /// What is in the field?
    Poll,
    /// What does the issuer say? With some of the data objects that it is told.
    Authorise(Vec<(Tag, Vec<u8>)>),
}

/// What a kernel is told beside answers of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The card did not answer.
    LinkFailed(LinkError),
    /// The cardholder chose this application, or none.
    Chosen(Option<Vec<u8>>),
    /// The PIN pad reports.
    Pin(PinResult),
    /// The issuer answered.
    Authorised(IssuerAnswer),
    /// The issuer did not answer.
    Unreachable,
    /// Go on after a review.
    Proceed(Proceed),
    /// This is in the field.
    Polled(Polled),
    /// The transaction is to end.
    Stop(Stop),
}

/// What is kept of the data objects when the issuer is asked.
const ASKED: [Tag; 4] =
    [CRYPTOGRAM_INFORMATION_DATA.tag, ATC.tag, APPLICATION_CRYPTOGRAM.tag, TVR.tag];

impl Step {
    /// What a kernel asks for; `None` for what no transcript can say.
    pub fn of_output(output: &Output<'_>) -> Option<Self> {
        Some(match output {
            Output::Transmit(command) => Self::Sent(command.to_vec()),
            Output::Choose(candidates) => {
                let names = candidates.by_priority().map(|(_, candidate)| candidate.name.to_vec());
                Self::Asked(Question::Choose(names.collect()))
            }
            Output::VerifyPin(request) => Self::Asked(Question::VerifyPin(request.entry)),
            Output::Authorise(data) => Self::Asked(Question::Authorise(objects(data))),
            Output::Review(review) => Self::Asked(Question::Review(*review)),
            Output::Poll => Self::Asked(Question::Poll),
            Output::Done(outcome) => Self::Ended(Ending::of(outcome)),
            _ => return None,
        })
    }

    /// What a kernel is given; `None` for what no transcript can say. `candidates`: the names by
    /// number when it asked for a choice.
    pub fn of_input(input: &Input<'_>, candidates: &[(u8, Vec<u8>)]) -> Option<Self> {
        let name = |number: u8| {
            candidates.iter().find(|(known, _)| *known == number).map(|(_, name)| name.clone())
        };
        Some(Self::Told(match *input {
            Input::Response { bytes, .. } => return Some(Self::Answered(bytes.to_vec())),
            Input::LinkFailed(error) => Reply::LinkFailed(error),
            Input::Chosen(number) => Reply::Chosen(number.and_then(name)),
            Input::Pin(result) => Reply::Pin(result),
            Input::Authorised(response) => Reply::Authorised(answer(&response)),
            Input::Unreachable => Reply::Unreachable,
            Input::Proceed(proceed) => Reply::Proceed(proceed),
            Input::Polled(polled) => Reply::Polled(polled),
            Input::Stop(stop) => Reply::Stop(stop),
            _ => return None,
        }))
    }

    /// Whether the kernel says it, and not those around it.
    pub const fn is_output(&self) -> bool {
        matches!(self, Self::Sent(_) | Self::Asked(_) | Self::Ended(_))
    }

    /// Whether what a kernel said is what this step expects. What a step leaves open about data
    /// objects and the end is not held against it.
    pub(super) fn expects(&self, found: &Self) -> bool {
        match (self, found) {
            (
                Self::Asked(Question::Authorise(expected)),
                Self::Asked(Question::Authorise(found)),
            ) => expected.iter().all(|object| found.contains(object)),
            (Self::Ended(expected), Self::Ended(found)) => expected.expects(found),
            (expected, found) => expected == found,
        }
    }
}

/// The candidates' names by number.
pub(super) fn numbered(candidates: &Candidates<'_>) -> Vec<(u8, Vec<u8>)> {
    candidates.by_priority().map(|(number, it)| (number, it.name.to_vec())).collect()
}

fn objects(data: &Database<'_>) -> Vec<(Tag, Vec<u8>)> {
    ASKED.iter().filter_map(|tag| Some((*tag, data.bytes(*tag)?.to_vec()))).collect()
}

fn answer(response: &HostResponse<'_>) -> IssuerAnswer {
    IssuerAnswer {
        authorisation_response_code: response.authorisation_response_code,
        issuer_authentication_data: response.issuer_authentication_data.map(<[u8]>::to_vec),
        authorisation_code: response.authorisation_code.and_then(|code| code.try_into().ok()),
        scripts: response.scripts.to_vec(),
    }
}
