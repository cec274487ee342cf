//! The last line of a transcript.

use chipwright::database::Database;
use chipwright::dictionary::emv::{AUTHORISATION_RESPONSE_CODE, CVM_RESULTS, TSI, TVR};
use chipwright::fault::{Cause, RecordId};
use chipwright::outcome::{Authority, Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{LinkError, Stop};
use chipwright::tag::Tag;

/// How a transaction ended, and what its data objects were then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The conclusion.
    pub conclusion: Conclusion,
    /// Who decided.
    pub authority: Authority,
    /// Why it ended before its time.
    pub mark: Option<Mark>,
    /// Where it was; a transcript may leave it open.
    pub phase: Option<Phase>,
    /// A signature has to be taken.
    pub signature: bool,
    /// An approval has to be undone.
    pub reversal: bool,
    /// The card asked for an advice message.
    pub advice: bool,
    /// TVR, TSI, CVM Results and Authorisation Response Code; a transcript may leave some open.
    pub objects: Vec<(Tag, Vec<u8>)>,
}

/// Why a transaction ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A rule was broken; what is `None` a transcript leaves open.
    Fault {
        /// Code of the cause.
        code: u16,
        /// The status word that it was about.
        status: Option<u16>,
        /// The data object that it was about.
        tag: Option<Tag>,
        /// The record that it was about.
        record: Option<RecordId>,
    },
    /// The link failed.
    Link(LinkError),
    /// It was stopped.
    Stopped(Stop),
    /// The card is blocked.
    CardBlocked,
    /// No common application.
    NoCommonApplication,
    /// The application was not confirmed.
    NotConfirmed,
    /// The card was read, and nothing more was wanted.
    CardRead,
}

/// The data objects that the last line may show, with their short names.
pub(super) const OBJECTS: [(&str, Tag); 4] = [
    ("TVR", TVR.tag),
    ("TSI", TSI.tag),
    ("CVMR", CVM_RESULTS.tag),
    ("ARC", AUTHORISATION_RESPONSE_CODE.tag),
];

impl Ending {
    /// The end that an outcome tells; its data objects are still missing.
    pub fn of(outcome: &Outcome) -> Self {
        Self {
            conclusion: outcome.conclusion,
            authority: outcome.authority,
            mark: outcome.end.and_then(Mark::of),
            phase: Some(outcome.phase),
            signature: outcome.signature,
            reversal: outcome.reversal,
            advice: outcome.advice,
            objects: Vec::new(),
        }
    }

    /// Adds the data objects that are left.
    pub(super) fn add_objects(&mut self, data: &Database<'_>) {
        let found = |(_, tag): &(&str, Tag)| Some((*tag, data.bytes(*tag)?.to_vec()));
        self.objects = OBJECTS.iter().filter_map(found).collect();
    }

    pub(super) fn expects(&self, found: &Self) -> bool {
        let flags = |ending: &Self| (ending.signature, ending.reversal, ending.advice);
        (self.conclusion, self.authority) == (found.conclusion, found.authority)
            && flags(self) == flags(found)
            && self.phase.is_none_or(|phase| found.phase == Some(phase))
            && self.objects.iter().all(|object| found.objects.contains(object))
            && match (self.mark, found.mark) {
                (Some(expected), Some(found)) => expected.expects(found),
                (expected, found) => expected == found,
            }
    }
}

impl Mark {
    fn of(end: End) -> Option<Self> {
        Some(match end {
            End::Fault(fault) => Self::Fault {
                code: fault.cause.code(),
                status: match fault.cause {
                    Cause::Status(status) => Some(status),
                    _ => None,
                },
                tag: fault.tag,
                record: fault.record,
            },
            End::Link(error) => Self::Link(error),
            End::Stopped(stop) => Self::Stopped(stop),
            End::CardBlocked => Self::CardBlocked,
            End::NoCommonApplication => Self::NoCommonApplication,
            End::NotConfirmed => Self::NotConfirmed,
            End::CardRead => Self::CardRead,
            _ => return None,
        })
    }

    fn expects(self, found: Self) -> bool {
        match (self, found) {
            (
                Self::Fault { code, status, tag, record },
                Self::Fault { code: code2, status: status2, tag: tag2, record: record2 },
            ) => {
                code == code2
                    && status.is_none_or(|status| status2 == Some(status))
                    && tag.is_none_or(|tag| tag2 == Some(tag))
                    && record.is_none_or(|record| record2 == Some(record))
            }
            (expected, found) => expected == found,
        }
    }
}
