//! What the kernel tells while it works.

use chipwright::event::Event as Core;
use chipwright::phase;
use chipwright::session::PinResult;

use crate::{Bytes, outcome};

/// Something that happened, for whoever explains or records a transaction: a kind, and numbers and
/// bytes that go with it. What a kind does not speak of is 0. It lasts as long as the call.
///
/// Bytes may be account data: what is shown or stored of them has to be masked.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Event {
    /// A `chipwright_event_kind`, which says what the fields mean.
    pub kind: u32,
    /// The number of a phase, reason, method or cause.
    pub code: u32,
    /// A data object.
    pub tag: u32,
    /// Another number.
    pub number: u32,
    /// Bytes.
    pub bytes: Bytes,
}

/// Kinds of event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum EventKind {
    /// A phase begins. `code`: a `chipwright_phase`.
    Phase = 1,
    /// A command goes to the card. `bytes`: the command.
    Command = 2,
    /// The card answered. `bytes`: the answer without its status word, which is `code`; `number`:
    /// microseconds.
    Response = 3,
    /// An application joined the candidate list. `bytes`: its name; `number`: its priority.
    Candidate = 4,
    /// The application that goes on. `bytes`: its name.
    Selected = 5,
    /// An object of the card was not stored. `tag`: which; `code`: 0 nobody knows it, 1 it is not
    /// the card's, 2 wrong template, 3 wrong length.
    Ignored = 6,
    /// A bit of the Terminal Verification Results was set. `code`: the reason; `tag`: the object that
    /// decided.
    Result = 7,
    /// Bits of them were cleared again. `bytes`: the bits.
    Cleared = 8,
    /// A bit of the Transaction Status Information was set. `bytes`: the bit.
    StatusInformation = 9,
    /// The method of offline data authentication was chosen. `code`: 1 SDA, 2 DDA, 3 CDA, 0 none.
    Authentication = 10,
    /// A certificate was recovered and every check passed. `code`: which part of the chain; `bytes`:
    /// the certified modulus.
    Certificate = 11,
    /// Offline data authentication ended. `code`: the method; `number`: 0 when it passed, or else
    /// part and check that failed.
    Authenticated = 12,
    /// The card has no usable key to encipher a PIN with. `number`: part and check that failed.
    PinKeyUnusable = 13,
    /// A cardholder verification rule was passed over. `number`: its place; `bytes`: none; `code`:
    /// its two bytes.
    RulePassed = 14,
    /// A cardholder verification rule is performed. As before.
    RulePerformed = 15,
    /// The PIN pad reported. `code`: a `chipwright_pin_result`; `number`: the status word.
    PinEntry = 16,
    /// Random selection was drawn. `number`: what was drawn; `code`: 1 when that selects.
    RandomSelection = 17,
    /// A bit of an action code met one of the results. `code`: 0 denial, 1 online, 2 default;
    /// `number`: 1 the issuer's, 0 the terminal's; `bytes`: the bits.
    ActionCode = 18,
    /// The terminal decided what to ask of the card. `code`: 0 AAC, 1 ARQC, 2 TC; `bytes`: the
    /// Authorisation Response Code, if one was set.
    Decision = 19,
    /// The host's answer arrived. `bytes`: the Authorisation Response Code; `number`: 1 when issuer
    /// authentication data came with it.
    HostAnswer = 20,
    /// The host could not be reached.
    Unreachable = 21,
    /// An issuer script was processed. `bytes`: its entry in the results.
    ScriptResult = 22,
    /// Entry Point begins. `code`: 0 Start A to 3 Start D; `number`: 1 when it starts again.
    EntryPoint = 23,
    /// A combination is not used for this transaction. `bytes`: its AID; `number`: its kernel;
    /// `code`: 0 the amount reaches its limit, 1 it does not take an amount of zero.
    CombinationExcluded = 24,
    /// An entry of the directory was passed over. `number`: its place; `code`: why.
    EntryPassed = 25,
    /// The final outcome of Entry Point. `code`: 0 select next, 1 try again, 2 approved, 3 declined,
    /// 4 online request, 5 another interface, 6 end application.
    FinalOutcome = 26,
    /// Why a contactless kernel decided as it did. `code`: the reason; `tag`: the object that
    /// decided.
    Contactless = 27,
    /// A rule was broken, and what it concerns is given up. `code`: the cause; `tag`: the object.
    GivenUp = 28,
    /// A rule was broken that ends the transaction. As before.
    Fault = 29,
    /// The transaction has ended. `code`: a `chipwright_conclusion`; `number`: a
    /// `chipwright_authority`.
    Ended = 30,
    /// Something else, which those explain who link the Rust crates.
    Other = 31,
    /// A rule of the hardened profile was broken. `code`: the breach, whose first byte is the number
    /// of the rule; `tag`: the object; `number`: 1 when the rule is kept, 0 when it is only reported.
    Breach = 32,
}

/// Phases of a transaction, in the books' words and order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub enum Phase {
    /// Nothing has begun.
    Idle = 0,
    /// Application Selection.
    ApplicationSelection = 1,
    /// Initiate Application Processing.
    InitiateApplication = 2,
    /// Read Application Data.
    ReadApplicationData = 3,
    /// Offline Data Authentication.
    OfflineDataAuthentication = 4,
    /// Processing Restrictions.
    ProcessingRestrictions = 5,
    /// Cardholder Verification.
    CardholderVerification = 6,
    /// Terminal Risk Management.
    TerminalRiskManagement = 7,
    /// Terminal Action Analysis.
    TerminalActionAnalysis = 8,
    /// Card Action Analysis: the first GENERATE AC.
    CardActionAnalysis = 9,
    /// Online Processing.
    OnlineProcessing = 10,
    /// Issuer-to-Card Script Processing.
    IssuerScriptProcessing = 11,
    /// Completion: the second GENERATE AC.
    Completion = 12,
    /// The outcome is known.
    Ended = 13,
}

const _: () = {
    assert!(
        Phase::OfflineDataAuthentication as u8 == phase::Phase::OfflineDataAuthentication as u8
    );
    assert!(Phase::CardActionAnalysis as u8 == phase::Phase::CardActionAnalysis as u8);
    assert!(Phase::Ended as u8 == phase::Phase::Ended as u8);
};

impl Event {
    const fn new(kind: EventKind) -> Self {
        Self { kind: kind as u32, code: 0, tag: 0, number: 0, bytes: Bytes::NONE }
    }

    fn code(mut self, code: impl Into<u32>) -> Self {
        self.code = code.into();
        self
    }

    fn about(mut self, tag: Option<chipwright::tag::Tag>) -> Self {
        self.tag = tag.map_or(0, |tag| tag.0);
        self
    }

    fn number(mut self, number: impl Into<u32>) -> Self {
        self.number = number.into();
        self
    }

    const fn bytes(mut self, bytes: &[u8]) -> Self {
        self.bytes = Bytes::of(bytes);
        self
    }

    /// What the core tells. The bytes of an event are those of the core's.
    pub(crate) fn of(event: &Core<'_>) -> Self {
        use EventKind as Kind;
        match event {
            Core::Phase(phase) => Self::new(Kind::Phase).code(*phase as u8),
            Core::Command(command) => Self::new(Kind::Command).bytes(command),
            Core::Response { data, status, elapsed } => {
                Self::new(Kind::Response).code(status.0).number(*elapsed).bytes(data)
            }
            Core::Candidate { name, priority } => {
                Self::new(Kind::Candidate).number(*priority).bytes(name)
            }
            Core::Selected { name } => Self::new(Kind::Selected).bytes(name),
            Core::Ignored { tag, why } => {
                Self::new(Kind::Ignored).code(*why as u8).about(Some(*tag))
            }
            Core::PinEntry(result) => pin_entry(*result),
            Core::HostAnswer { authorisation_response_code, authentication_data } => {
                let answer = Self::new(Kind::HostAnswer).number(*authentication_data);
                answer.bytes(authorisation_response_code)
            }
            Core::Unreachable => Self::new(Kind::Unreachable),
            Core::ScriptResult(entry) => Self::new(Kind::ScriptResult).bytes(entry),
            Core::GivenUp(fault) => {
                Self::new(Kind::GivenUp).code(fault.cause.code()).about(fault.tag)
            }
            Core::Breach { breach, enforced, tag } => {
                Self::new(Kind::Breach).code(breach.code()).about(*tag).number(*enforced)
            }
            Core::Fault(fault) => Self::new(Kind::Fault).code(fault.cause.code()).about(fault.tag),
            Core::Ended(outcome) => {
                let authority = outcome::authority(outcome.authority) as u32;
                Self::new(Kind::Ended)
                    .code(outcome::conclusion(outcome.conclusion) as u32)
                    .number(authority)
            }
            decision => Self::of_decision(decision)
                .or_else(|| Self::of_reader(decision))
                .unwrap_or(Self::new(Kind::Other)),
        }
    }

    /// What was found, and what came of it.
    fn of_decision(event: &Core<'_>) -> Option<Self> {
        use EventKind as Kind;
        Some(match event {
            Core::Result { reason, tag } => Self::new(Kind::Result).code(reason.code()).about(*tag),
            Core::Cleared(bits) => Self::new(Kind::Cleared).bytes(&bits.0),
            Core::Status(bits) => Self::new(Kind::StatusInformation).bytes(&bits.0),
            Core::Authentication(method) => {
                let code = method.map_or(0, |method| 1 + u32::from(method as u8));
                Self::new(Kind::Authentication).code(code)
            }
            Core::Certificate(recovered) => {
                Self::new(Kind::Certificate).code(recovered.part as u8).bytes(recovered.key.modulus)
            }
            Core::Authenticated { method, result } => Self::new(Kind::Authenticated)
                .code(1 + u32::from(*method as u8))
                .number(result.map_or_else(|failure| failure.code(), |()| 0)),
            Core::PinKeyUnusable(failure) => Self::new(Kind::PinKeyUnusable).number(failure.code()),
            Core::RulePassed { number, rule, .. } => Self::new(Kind::RulePassed)
                .code(u16::from_be_bytes([rule.code, rule.condition]))
                .number(*number),
            Core::RulePerformed { number, rule } => Self::new(Kind::RulePerformed)
                .code(u16::from_be_bytes([rule.code, rule.condition]))
                .number(*number),
            Core::RandomSelection { drawn, selected } => {
                Self::new(Kind::RandomSelection).code(*selected).number(*drawn)
            }
            Core::ActionCode { column, issuer, bits } => {
                Self::new(Kind::ActionCode).code(*column as u8).number(*issuer).bytes(&bits.0)
            }
            Core::Decision { request, authorisation_response_code } => {
                let code = authorisation_response_code.as_ref();
                Self::new(Kind::Decision)
                    .code(*request as u8)
                    .bytes(code.map_or(&[], |code| code.as_slice()))
            }
            _ => return None,
        })
    }

    /// What Entry Point and a contactless kernel tell.
    fn of_reader(event: &Core<'_>) -> Option<Self> {
        use EventKind as Kind;
        Some(match event {
            Core::EntryPoint { start, restart } => {
                Self::new(Kind::EntryPoint).code(*start as u8).number(*restart)
            }
            Core::CombinationExcluded { aid, kernel, why } => {
                let [number, ..] = kernel.0;
                Self::new(Kind::CombinationExcluded).code(*why as u8).number(number).bytes(aid)
            }
            Core::EntryPassed { number, why } => {
                Self::new(Kind::EntryPassed).code(*why as u8).number(*number)
            }
            Core::FinalOutcome(parameters) => {
                Self::new(Kind::FinalOutcome).code(parameters.outcome as u8)
            }
            Core::Contactless { reason, tag } => {
                Self::new(Kind::Contactless).code(reason.code()).about(*tag)
            }
            _ => return None,
        })
    }
}

fn pin_entry(result: PinResult) -> Event {
    let (code, word) = match result {
        PinResult::Verified(status) => (crate::PinResult::Verified, status.0),
        PinResult::Captured => (crate::PinResult::Captured, 0),
        PinResult::Bypassed => (crate::PinResult::Bypassed, 0),
        PinResult::Cancelled => (crate::PinResult::Cancelled, 0),
        PinResult::Broken => (crate::PinResult::Broken, 0),
        PinResult::NoChallenge => (crate::PinResult::NoChallenge, 0),
        PinResult::LinkFailed(_) => (crate::PinResult::LinkFailed, 0),
    };
    Event::new(EventKind::PinEntry).code(code as u32).number(word)
}
