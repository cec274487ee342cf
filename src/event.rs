//! What the kernel tells while it works: one stream that explains a transaction.
//!
//! The kernel decides once, and says what it decided and why. Whatever shows or records a
//! transaction (command line, reports, firmware logs, the C interface) reads these events and
//! computes nothing again. As bytes, to be kept or sent, they are a [`record`]. Without a [`Sink`]
//! an event costs one comparison, and without the feature `events` nothing at all.
//!
//! Events carry data as the card gave it, account data included: `Debug` shows the number of such
//! bytes ([`Octets`]), and a sink that shows or stores more masks what must not be seen.

pub mod record;

use crate::actions::Column;
use crate::contactless::{EntryPassed, Excluded, KernelId, OutcomeParameters, Start};
use crate::cvm::{Passed, Rule};
use crate::fault::Fault;
use crate::field::{CryptogramType, TerminalVerificationResults, TransactionStatusInformation};
use crate::hardening::Breach;
use crate::oda::{Failure, Method, Recovered};
use crate::outcome::Outcome;
use crate::phase::Phase;
use crate::reason::Reason;
use crate::session::{PinResult, Proceed, Review};
use crate::status::Status;
use crate::tag::Tag;
use core::fmt;
use core::ops::Deref;

/// Takes events.
pub trait Sink {
    /// Takes one event. Called from within a kernel: it must not block.
    fn event(&self, event: &Event<'_>);
}

/// Where events go: a [`Sink`] or nowhere.
#[derive(Clone, Copy, Default)]
pub struct Events<'a>(Option<&'a dyn Sink>);

impl<'a> Events<'a> {
    /// Nowhere.
    pub const NONE: Self = Self(None);

    /// To `sink`. Needs the feature `events`.
    #[cfg(feature = "events")]
    pub const fn to(sink: &'a dyn Sink) -> Self {
        Self(Some(sink))
    }

    /// Passes an event on.
    #[cfg(feature = "events")]
    #[inline(never)]
    pub fn emit(self, event: &Event<'_>) {
        if let Some(sink) = self.0 {
            sink.event(event);
        }
    }

    /// Passes nothing on: what the event is made of is not even looked up.
    #[cfg(not(feature = "events"))]
    #[inline]
    pub fn emit(self, _: &Event<'_>) {}
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Events(sink)" } else { "Events(none)" })
    }
}

/// Bytes that may be account data: `Debug` shows their number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Octets<'e>(pub &'e [u8]);

impl Deref for Octets<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        self.0
    }
}

impl fmt::Debug for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A phase begins.
    Phase(Phase),
    /// A command goes to the card.
    Command(Octets<'e>),
    /// The card answered.
    Response {
        /// The answer without its status word.
        data: Octets<'e>,
        /// The status word.
        status: Status,
        /// Time that the reader measured, in microseconds; 0 when it does not measure.
        elapsed: u32,
    },
    /// An application joined the candidate list.
    Candidate {
        /// Its name (ADF name, 5 to 16 bytes).
        name: &'e [u8],
        /// Priority, 1 highest to 15; 0 for none.
        priority: u8,
    },
    /// The application that goes on.
    Selected {
        /// Its name (DF name, 5 to 16 bytes).
        name: &'e [u8],
    },
    /// An object of the card was not stored.
    Ignored {
        /// The object.
        tag: Tag,
        /// Why not.
        why: Ignored,
    },
    /// A bit of the Terminal Verification Results was set.
    Result {
        /// Why, with bits and rule.
        reason: Reason,
        /// The data object that decided, where there is one.
        tag: Option<Tag>,
    },
    /// Bits of the Terminal Verification Results were cleared again: a note that held for the first
    /// cryptogram only. [B3 10.3]
    Cleared(TerminalVerificationResults),
    /// A bit of the Transaction Status Information was set.
    Status(TransactionStatusInformation),
    /// The method of offline data authentication was chosen; none when none is shared.
    Authentication(Option<Method>),
    /// Bytes of the static data to be authenticated, in order.
    StaticData(Octets<'e>),
    /// A certificate was recovered and every check passed.
    Certificate(Recovered<'e>),
    /// The dynamic signature of a contactless card has to cover this object; in order.
    Covered(Tag),
    /// Offline data authentication ended.
    Authenticated {
        /// By this method.
        method: Method,
        /// With this result.
        result: Result<(), Failure>,
    },
    /// The card has no usable key to encipher a PIN with. [B2 7.1]
    PinKeyUnusable(Failure),
    /// A cardholder verification rule was passed over.
    RulePassed {
        /// Place in the list, from 1.
        number: u8,
        /// The rule.
        rule: Rule,
        /// Why.
        why: Passed,
    },
    /// A cardholder verification rule is performed.
    RulePerformed {
        /// Place in the list, from 1.
        number: u8,
        /// The rule.
        rule: Rule,
    },
    /// The integrator looked in.
    Reviewed {
        /// Where.
        review: Review,
        /// How it goes on.
        proceed: Proceed,
    },
    /// The PIN pad reported.
    PinEntry(PinResult),
    /// Random selection was drawn.
    RandomSelection {
        /// The number drawn, 1 to 99.
        drawn: u8,
        /// Whether that selects the transaction.
        selected: bool,
    },
    /// A bit of an action code met one of the results.
    ActionCode {
        /// Which codes.
        column: Column,
        /// From the issuer (IAC) or the terminal (TAC).
        issuer: bool,
        /// The bits that met.
        bits: TerminalVerificationResults,
    },
    /// The terminal decided what to ask of the card.
    Decision {
        /// The cryptogram to ask for.
        request: CryptogramType,
        /// The Authorisation Response Code that goes with it, if one was set.
        authorisation_response_code: Option<[u8; 2]>,
    },
    /// The card has no such list: the terminal's default is filled.
    DefaultList(Tag),
    /// Bytes of a data object list were filled.
    ListEntry {
        /// The list.
        list: Tag,
        /// The object asked for.
        tag: Tag,
        /// Bytes asked for.
        length: u8,
        /// Where they came from.
        origin: ListOrigin,
    },
    /// The host's answer arrived.
    HostAnswer {
        /// The Authorisation Response Code.
        authorisation_response_code: [u8; 2],
        /// Whether issuer authentication data came with it.
        authentication_data: bool,
    },
    /// An issuer script was processed: its entry in the Issuer Script Results. [B4 A5]
    ScriptResult([u8; 5]),
    /// The host could not be reached.
    Unreachable,
    /// Entry Point begins. [B 3]
    EntryPoint {
        /// Where.
        start: Start,
        /// The issuer answered, or the card is to be presented again.
        restart: bool,
    },
    /// A combination is not used for this transaction. [B 3.1.1.13]
    CombinationExcluded {
        /// Its AID.
        aid: &'e [u8],
        /// Its kernel.
        kernel: KernelId,
        /// Why not.
        why: Excluded,
    },
    /// An entry of the directory was passed over. [B 3.3.2.5]
    EntryPassed {
        /// Place in the directory, from 1.
        number: u8,
        /// Why.
        why: EntryPassed,
    },
    /// The final outcome of Entry Point. [A 6]
    FinalOutcome(&'e OutcomeParameters),
    /// Why a contactless kernel decided as it did.
    Contactless {
        /// Why, with the rule.
        reason: crate::contactless::Reason,
        /// The data object that decided, where there is one.
        tag: Option<Tag>,
    },
    /// A rule was broken, and what it concerns is given up: the directory, an application of the
    /// card. The transaction goes on with what is left.
    GivenUp(Fault),
    /// A rule of the hardened profile is broken.
    Breach {
        /// By what.
        breach: Breach,
        /// Whether the rule is kept; otherwise it is only reported.
        enforced: bool,
        /// The data object that decided, where there is one.
        tag: Option<Tag>,
    },
    /// There was more than is processed, and the rest is left out.
    LeftOut(LeftOut),
    /// A rule was broken that ends the transaction.
    Fault(Fault),
    /// The transaction has ended.
    Ended(Outcome),
}

/// What is left out, from a limit of ours on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum LeftOut {
    /// Records of a directory: the last record number was read, and it was not the end.
    DirectoryRecords,
    /// Applications of the terminal's configuration behind the 256th.
    Applications,
    /// Answers to SELECT NEXT for one AID.
    Occurrences,
    /// A candidate: the list is full.
    Candidate,
    /// Issuer scripts of one kind.
    Scripts,
}

/// Why an object of the card was not stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ignored {
    /// No dictionary knows it. [B3 10.2]
    Unknown,
    /// It belongs to the terminal or the issuer. [B3 7.5]
    NotTheCards,
    /// It does not belong in this template.
    WrongTemplate,
    /// Its length is wrong, and the rules say that this does not matter. [B3 7.5]
    WrongLength,
}

/// Where the bytes of a list entry came from. [B3 5.4]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListOrigin {
    /// From the object as it is.
    Whole,
    /// From the object, cut to length.
    Truncated,
    /// From the object, padded to length.
    Padded,
    /// Zeros: no dictionary knows the tag, or it is a template.
    Unknown,
    /// Zeros: the object is absent.
    Absent,
}
