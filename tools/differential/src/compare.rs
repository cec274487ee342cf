//! Where two observations of the same case differ.

use core::fmt;

use chipwright::field::TerminalVerificationResults as Tvr;

use crate::case::{Case, bytes, entries};
use crate::observation::{
    GENERATE_AC, GET_PROCESSING_OPTIONS, INTERNAL_AUTHENTICATE, Observation, Request,
};

/// What is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    /// CVM Results (9F34).
    CvmResults,
    /// A bit of the Terminal Verification Results: byte from 1, mask. As sent with the first
    /// GENERATE AC, when there was one.
    EarlyResult(u8, u8),
    /// What the first GENERATE AC asks for.
    FirstRequest,
    /// An object of a list, by tag: the list and which command carried it.
    Listed(List, u32),
    /// The issuer's opinion.
    Host,
    /// What the second GENERATE AC asks for.
    SecondRequest,
    /// Issuer Script Results (9F5B).
    ScriptResults,
    /// A bit of the Terminal Verification Results at the end.
    LateResult(u8, u8),
    /// A bit of the Transaction Status Information: byte 1, mask.
    Status(u8),
    /// Approved, declined, terminated.
    Ending,
}

/// A data object list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum List {
    Pdol,
    Ddol,
    Cdol1,
    Cdol2,
}

/// A difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    pub(crate) subject: Subject,
    pub(crate) ours: String,
    pub(crate) peer: String,
}

/// Every difference, in the order of the transaction.
pub(crate) fn compare(case: &Case, ours: &Observation, peer: &Observation) -> Vec<Difference> {
    let mut differences = Differences(Vec::new());
    differences.add(Subject::CvmResults, shown(ours.cvm_results), shown(peer.cvm_results));
    let early = [ours, peer].map(|one| early_results(case, one).unwrap_or(one.results));
    differences.add_bits(early[0], early[1], Subject::EarlyResult);
    differences.add(Subject::FirstRequest, asked(ours.request(0)), asked(peer.request(0)));
    for list in List::ALL {
        for (tag, ours, peer) in listed(case, list, ours, peer) {
            // The results are compared bit by bit.
            if tag != 0x95 {
                differences.add(Subject::Listed(list, tag), ours, peer);
            }
        }
    }
    differences.add(Subject::Host, opinion(ours), opinion(peer));
    differences.add(Subject::SecondRequest, asked(ours.request(1)), asked(peer.request(1)));
    let [ours_scripts, peer_scripts] =
        [ours, peer].map(|one| hex::encode_upper(&one.script_results));
    differences.add(Subject::ScriptResults, ours_scripts, peer_scripts);
    differences.add_bits(ours.results, peer.results, Subject::LateResult);
    let status = |_, mask| Subject::Status(mask);
    differences.add_bits([ours.status[0]], [peer.status[0]], status);
    let ending = |one: &Observation| one.ending.map(|ending| ending.to_string());
    let [ours_ending, peer_ending] = [ours, peer].map(|one| ending(one).unwrap_or_default());
    differences.add(Subject::Ending, ours_ending, peer_ending);
    differences.0
}

/// The Terminal Verification Results that the first GENERATE AC carried.
pub(crate) fn early_results(case: &Case, observation: &Observation) -> Option<[u8; 5]> {
    let data = observation.data(GENERATE_AC, 0)?;
    let value = value(&List::Cdol1.of(case), data, 0x95)?;
    value.try_into().ok()
}

impl Subject {
    /// What kind of thing it is.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::CvmResults => "CVM Results",
            Self::EarlyResult(..) | Self::LateResult(..) => "TVR",
            Self::FirstRequest => "first request",
            Self::Listed(..) => "lists",
            Self::Host => "issuer's opinion",
            Self::SecondRequest => "second request",
            Self::ScriptResults => "Issuer Script Results",
            Self::Status(_) => "TSI",
            Self::Ending => "ending",
        }
    }
}

impl List {
    const ALL: [Self; 4] = [Self::Pdol, Self::Ddol, Self::Cdol1, Self::Cdol2];

    /// The list of a case.
    fn of(self, case: &Case) -> Vec<u8> {
        let application = case.application();
        bytes(match self {
            Self::Pdol => &application.pdol,
            Self::Ddol if application.authentication.ddol.is_empty() => {
                return case.terminal.default_ddol.clone().unwrap_or_default();
            }
            Self::Ddol => &application.authentication.ddol,
            Self::Cdol1 => &application.cryptogram.cdol1,
            Self::Cdol2 => &application.cryptogram.cdol2,
        })
    }

    /// The data that a kernel filled it with.
    fn data(self, observation: &Observation) -> Option<&[u8]> {
        match self {
            Self::Pdol => {
                let template = observation.data(GET_PROCESSING_OPTIONS, 0)?;
                match template {
                    [0x83, 0x81, _, data @ ..] | [0x83, _, data @ ..] => Some(data),
                    _ => None,
                }
            }
            Self::Ddol => observation.data(INTERNAL_AUTHENTICATE, 0),
            Self::Cdol1 => observation.data(GENERATE_AC, 0),
            Self::Cdol2 => observation.data(GENERATE_AC, 1),
        }
    }
}

/// Objects of a list as both sides filled them, when both did.
fn listed(
    case: &Case,
    list: List,
    ours: &Observation,
    peer: &Observation,
) -> Vec<(u32, String, String)> {
    let (Some(ours), Some(peer)) = (list.data(ours), list.data(peer)) else {
        return Vec::new();
    };
    let content = list.of(case);
    let mut all = Vec::new();
    let mut place = 0;
    for (tag, length) in entries(&content) {
        let value = |data: &[u8]| shown(data.get(place..place + length));
        all.push((tag, value(ours), value(peer)));
        place += length;
    }
    let rest = |data: &[u8]| shown(data.get(place..));
    all.push((0, rest(ours), rest(peer)));
    all
}

fn value<'d>(list: &[u8], data: &'d [u8], wanted: u32) -> Option<&'d [u8]> {
    let mut place = 0;
    for (tag, length) in entries(list) {
        if tag == wanted {
            return data.get(place..place + length);
        }
        place += length;
    }
    None
}

fn asked(request: Option<Request>) -> String {
    let Some(Request { kind, signed }) = request else {
        return "none".to_owned();
    };
    let kind = match kind {
        0x00 => "AAC",
        0x40 => "TC",
        0x80 => "ARQC",
        _ => "RFU",
    };
    if signed { format!("{kind} signed") } else { kind.to_owned() }
}

fn opinion(observation: &Observation) -> String {
    observation.host.clone().unwrap_or_default()
}

fn shown(value: Option<impl AsRef<[u8]>>) -> String {
    value.map(hex::encode_upper).unwrap_or_default()
}

struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, subject: Subject, ours: String, peer: String) {
        if ours != peer {
            self.0.push(Difference { subject, ours, peer });
        }
    }

    fn add_bits<const N: usize>(
        &mut self,
        ours: [u8; N],
        peer: [u8; N],
        subject: impl Fn(u8, u8) -> Subject,
    ) {
        for (number, (ours, peer)) in (1..).zip(ours.into_iter().zip(peer)) {
            for mask in (0..8).rev().map(|bit| 1 << bit) {
                let shown = |byte: u8| u8::from(byte & mask != 0).to_string();
                self.add(subject(number, mask), shown(ours), shown(peer));
            }
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::CvmResults => f.write_str("CVM Results"),
            Self::EarlyResult(byte, mask) => {
                write!(f, "TVR before GENERATE AC: {}", Bit(byte, mask))
            }
            Self::FirstRequest => f.write_str("first request"),
            Self::Listed(list, 0) => write!(f, "{list:?}: what no entry asked for"),
            Self::Listed(list, tag) => write!(f, "{list:?}: {tag:04X}"),
            Self::Host => f.write_str("issuer"),
            Self::SecondRequest => f.write_str("second request"),
            Self::ScriptResults => f.write_str("Issuer Script Results"),
            Self::LateResult(byte, mask) => write!(f, "TVR at the end: {}", Bit(byte, mask)),
            Self::Status(mask) => write!(f, "TSI {mask:02X}"),
            Self::Ending => f.write_str("ending"),
        }
    }
}

/// A bit of the Terminal Verification Results.
struct Bit(u8, u8);

impl fmt::Display for Bit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 5];
        bytes[usize::from(self.0) - 1] = self.1;
        let known = Tvr::BITS.iter().find(|(bit, ..)| bit.0 == bytes);
        match known {
            Some((_, _, meaning)) => f.write_str(meaning),
            None => write!(f, "byte {} mask {:02X}", self.0, self.1),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ours `{}`, peer `{}`", self.subject, self.ours, self.peer)
    }
}
