//! The numbers of events and of what is in them. None changes its meaning, and none is used again.

use super::coded::{Coded, Input, Output, fields, numbered, values, variants, wrapped};
use crate::actions::Column;
use crate::contactless::{
    AlternateInterface, CardholderVerification, EntryPassed, Excluded, KernelId,
    OnlineResponseData, OutcomeParameters, OutcomeType, Reason as Tapped, Shown, Start,
    Status as Lights, UiRequest,
};
use crate::cvm::{Passed, Rule};
use crate::event::{Event, Ignored, LeftOut, ListOrigin};
use crate::fault::{Cause, Fault, RecordId};
use crate::field::{CryptogramType, TerminalVerificationResults, TransactionStatusInformation};
use crate::hardening::Breach;
use crate::message::Message;
use crate::object::Value;
use crate::oda::{Check, Failure, Method, Part, PublicKey, Recovered};
use crate::outcome::{Authority, Conclusion, End, Outcome};
use crate::phase::Phase;
use crate::reason::Reason;
use crate::session::{LinkError, PinResult, Proceed, Review, Stop};
use crate::status::Status;
use crate::tag::Tag;
use crate::tlv::ErrorKind;
use crate::value::{Amount, Code, MonthYear};

/// The event whose content is borrowed: see [`final_outcome`].
pub(super) const FINAL_OUTCOME: u8 = 0x1E;
/// Was an excluded combination without the reason.
const RETIRED: u8 = 0x1C;
const LAST: u8 = 0x26;

/// Whether there is an event of this kind.
pub(super) const fn is_known(kind: u8) -> bool {
    matches!(kind, 1..=LAST) && kind != RETIRED
}

variants! {
    Event<'e> {
        0x01 Phase(phase),
        0x02 Command(bytes),
        0x03 Response { data, status, elapsed },
        0x04 Candidate { name, priority },
        0x05 Selected { name },
        0x06 Ignored { tag, why },
        0x07 Result { reason, tag },
        0x08 Cleared(bits),
        0x09 Status(bits),
        0x0A Authentication(method),
        0x0B StaticData(bytes),
        0x0C Certificate(recovered),
        0x0D Authenticated { method, result },
        0x0E PinKeyUnusable(failure),
        0x0F RulePassed { number, rule, why },
        0x10 RulePerformed { number, rule },
        0x11 Reviewed { review, proceed },
        0x12 PinEntry(result),
        0x13 RandomSelection { drawn, selected },
        0x14 ActionCode { column, issuer, bits },
        0x15 Decision { request, authorisation_response_code },
        0x16 DefaultList(tag),
        0x17 ListEntry { list, tag, length, origin },
        0x18 HostAnswer { authorisation_response_code, authentication_data },
        0x19 ScriptResult(result),
        0x1A Unreachable,
        0x1B EntryPoint { start, restart },
        0x1D EntryPassed { number, why },
        0x1F Contactless { reason, tag },
        0x20 GivenUp(fault),
        0x21 LeftOut(what),
        0x22 Fault(fault),
        0x23 Ended(outcome),
        0x24 CombinationExcluded { aid, kernel, why },
        0x25 Covered(tag),
        0x26 Breach { breach, enforced, tag },
    }; |out| Self::FinalOutcome(outcome) => {
        out(&[FINAL_OUTCOME]);
        outcome.put(out);
    }
}

/// Reads the content of [`Event::FinalOutcome`].
pub(super) fn final_outcome(input: &mut Input<'_>) -> Option<OutcomeParameters> {
    u8::take(input).filter(|kind| *kind == FINAL_OUTCOME)?;
    OutcomeParameters::take(input)
}

variants! {
    Column { 0 Denial, 1 Online, 2 Default }
    Ignored { 0 Unknown, 1 NotTheCards, 2 WrongTemplate, 3 WrongLength }
    LeftOut { 0 DirectoryRecords, 1 Applications, 2 Occurrences, 3 Candidate, 4 Scripts }
    ListOrigin { 0 Whole, 1 Truncated, 2 Padded, 3 Unknown, 4 Absent }
    Excluded { 0 TransactionLimit, 1 ZeroAmount }
    EntryPassed { 0 NoName, 1 KernelIdentifier, 2 KernelOpen, 3 NoCombination }
    OutcomeType { 0 SelectNext, 1 TryAgain, 2 Approved, 3 Declined, 4 OnlineRequest, 5 TryAnotherInterface, 6 EndApplication }
    Start { 0 A, 1 B, 2 C, 3 D }
    OnlineResponseData { 0 NotApplicable, 1 EmvData, 2 Any }
    CardholderVerification { 0 NotApplicable, 1 OnlinePin, 2 ConfirmationCodeVerified, 3 ObtainSignature, 4 NoCvm }
    AlternateInterface { 0 NotApplicable, 1 ContactChip, 2 MagneticStripe, 3 Both }
    Passed { 0 ConditionUnrecognised, 1 ConditionNotSatisfied, 2 ConditionDataMissing, 3 MethodUnrecognised, 4 MethodUnsupported }
    CryptogramType { 0 Aac, 1 Arqc, 2 Tc }
    Method { 0 Sda, 1 Dda, 2 Cda }
    Conclusion { 0 Approved, 1 Declined, 2 Terminated, 3 CardRead, 4 TryAnotherInterface }
    Authority { 0 Offline, 1 Online, 2 UnableToGoOnline }
    LinkError { 0 Timeout, 1 Transmission, 2 Protocol, 3 Removed }
    Stop { 0 Cancelled, 1 Timeout, 2 CardRemoved }
    Review { 0 Candidates, 1 Records }
    Proceed { 0 Continue, 1 CardRead, 2 Decline }
    ErrorKind { 0 TruncatedTag, 1 TagTooLong, 2 TruncatedLength, 3 IndefiniteLength, 4 LengthTooLong, 5 TruncatedValue }
    Lights { 0 NotReady, 1 Idle, 2 ReadyToRead, 3 Processing, 4 CardReadSuccessfully, 5 ProcessingError }
    Cause {
        0x01 Tlv(kind),
        0x02 Missing,
        0x03 Format,
        0x04 Redundant,
        0x05 Template,
        0x06 ResponseLength,
        0x07 Status(status),
        0x08 CryptogramType(information),
        0x09 ServiceNotAllowed,
        0x0A TooManyExchanges,
        0x0B Refused(breach),
        0x11 HostAnswer,
        0x21 CommandLength,
        0x22 StoreFull,
        0x23 Configuration,
        0x24 Random,
    }
    End {
        0 Fault(fault),
        1 Link(error),
        2 Stopped(stop),
        3 CardBlocked,
        4 NoCommonApplication,
        5 CardRead,
        6 NotConfirmed,
    }
    PinResult {
        0 Verified(status),
        1 Captured,
        2 Bypassed,
        3 Cancelled,
        4 Broken,
        5 NoChallenge,
        6 LinkFailed(error),
    }
    Shown { 0 Amount(amount, currency), 1 Balance(amount, currency) }
}

numbered! {
    Phase: u8 { Idle, ApplicationSelection, InitiateApplication, ReadApplicationData, OfflineDataAuthentication, ProcessingRestrictions, CardholderVerification, TerminalRiskManagement, TerminalActionAnalysis, CardActionAnalysis, OnlineProcessing, IssuerScriptProcessing, Completion, Ended }
    Part: u8 { CaKey, IssuerCertificate, StaticSignature, IccCertificate, PinCertificate, DynamicSignature }
    Check: u8 { Missing, KeyUnknown, Length, KeyRefused, Trailer, Header, Format, HashAlgorithm, Hash, Subject, Expired, Revoked, KeyAlgorithm, KeyLength, Exponent, StaticData, Ddol, DynamicData, CryptogramInformation, TransactionData, Withdrawn, NotSupported, Version }
    Reason: u16 { NoCommonAuthenticationMethod, CombinedAuthenticationNotRequested, StaticAuthenticationSelected, StaticAuthenticationFailed, DynamicAuthenticationFailed, CombinedAuthenticationFailed, CardDataMissing, ApplicationVersionsDiffer, NotForThisKindOfTerminal, CashNotAllowed, GoodsAndServicesNotAllowed, CashbackNotAllowed, BeforeEffectiveDate, AfterExpirationDate, MethodNotRecognised, NoRuleSucceeded, FailRule, MethodFailed, PinTryLimitExceeded, PinPadMissing, PinBypassed, OnlinePinEntered, OnExceptionFile, MerchantForcedOnline, FloorLimitReached, RandomlySelected, CountersUnavailable, CountersInconsistent, LowerOfflineLimitExceeded, UpperOfflineLimitExceeded, NewCard, DefaultTdolUsed, IssuerAuthenticationFailed, ScriptFailedBeforeFinalCryptogram, ScriptFailedAfterFinalCryptogram }
    Breach: u16 { AuthenticationFailed, AuthenticationLeftOut, IssuerUnauthenticated, VerificationUnsigned, QualifiersUnproved, OfflineUnbound, ForeignBrand, StaticAuthentication, PlaintextPin, SharedPinKey, ModulusEven, ModulusShort, ModulusFactorable, ForeignObject, MisplacedObject, ObjectLength, LengthNotMinimal, Padding, ObjectTwice, AccountsDiffer, ExchangesSpent, BytesSpent, RecordsSpent, NestingSpent, TimeSpent, NumberRepeated, CounterNotAbove, InputUnsigned, CryptogramTypeDiffers, PinResultDiffers }
    Tapped: u16 { QualifiersNotRequested, DeviceToBeUsed, RefusedByCard, LinkFailed, CryptogramInApplicationData, DeclinedByCard, CryptogramReserved, OnlineByCard, OnlineWasRequired, OnlineForPin, Expired, ExpiredOnline, NotYetEffective, OnExceptionFile, OnlinePin, OnlinePinUnsupported, DeviceVerified, DeviceVerificationDiffers, DeviceVerifiedOnline, DeviceVerificationUnproven, Signature, SignatureUnsupported, NotRequired, NoneOffered, SignatureByTerminal, OnlinePinByTerminal, NoneAvailable, Authenticated, AuthenticationFailedOnline, AuthenticationFailedContact, AuthenticationFailed, AuthenticatedOnline, AuthenticationOnlineUnsupported }
}

fields! {
    Fault { cause, tag, offset, record }
    RecordId { sfi, number }
    Failure { part, check, tag }
    Recovered<'e> { part, expiry, serial, key }
    PublicKey<'e> { modulus, exponent }
    Rule { code, condition }
    Outcome { conclusion, authority, end, phase, signature, reversal, advice }
    OutcomeParameters {
        outcome, start, online_response_data, cardholder_verification, ui_request_on_outcome,
        ui_request_on_restart, data_record, discretionary_data, alternate_interface, receipt,
        field_off_request, removal_timeout,
    }
    UiRequest { message, status, hold_time, language_preference, value }
}

wrapped! { Tag Status KernelId }

values! { TerminalVerificationResults TransactionStatusInformation Amount Code }

impl Coded<'_> for MonthYear {
    fn put(&self, out: &mut Output<'_>) {
        out(&self.encode());
    }

    fn take(input: &mut Input<'_>) -> Option<Self> {
        Coded::take(input).and_then(Self::decode)
    }
}

impl Coded<'_> for Message {
    fn put(&self, out: &mut Output<'_>) {
        self.identifier().put(out);
    }

    fn take(input: &mut Input<'_>) -> Option<Self> {
        u8::take(input).and_then(Self::identified)
    }
}
