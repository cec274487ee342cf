//! Events of the kernel.

use chipwright::contactless::{self, OutcomeParameters};
use chipwright::event::Event;
use chipwright::fault::{Blame, Fault};
use chipwright::oda::{Failure, Recovered};
use chipwright::reason::Reason;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use serde_json::{Value, json};

use crate::describe;

/// An event as JSON; commands and answers are in `exchange`.
pub(super) fn entry(event: &Event<'_>) -> Value {
    match *event {
        Event::Phase(phase) => {
            json!({"event": "phase", "code": phase as u8, "name": phase.name(), "rule": describe::phase_rule(phase)})
        }
        Event::Candidate { name, priority } => {
            json!({"event": "candidate", "name": hex::encode_upper(name), "priority": priority})
        }
        Event::Selected { name } => json!({"event": "selected", "name": hex::encode_upper(name)}),
        Event::Ignored { tag, why } => {
            json!({"event": "ignored", "tag": tag.to_string(), "name": describe::name_of(tag), "why": describe::ignored(why)})
        }
        Event::Result { reason, tag } => result(reason, tag),
        Event::Cleared(bits) => json!({"event": "cleared", "bits": set(bits.set_bits())}),
        Event::Status(bits) => json!({"event": "status", "bits": set(bits.set_bits())}),
        Event::Authentication(method) => {
            json!({"event": "authentication", "method": method.map(|method| method.name())})
        }
        Event::Covered(tag) => {
            json!({"event": "covered", "tag": tag.to_string(), "name": describe::name_of(tag)})
        }
        Event::Certificate(recovered) => certificate(&recovered),
        Event::Authenticated { method, result } => {
            json!({"event": "authenticated", "method": method.name(), "passed": result.is_ok(), "failure": result.err().map(failure)})
        }
        Event::PinKeyUnusable(why) => json!({"event": "pin-key-unusable", "failure": failure(why)}),
        Event::RulePassed { number, rule, why } => {
            json!({"event": "rule-passed", "number": number, "rule": code(rule), "method": rule.method().to_string(), "condition": rule.condition().to_string(), "why": describe::passed(why)})
        }
        Event::RulePerformed { number, rule } => {
            json!({"event": "rule-performed", "number": number, "rule": code(rule), "method": rule.method().to_string(), "condition": rule.condition().to_string()})
        }
        Event::Reviewed { review, proceed } => {
            json!({"event": "reviewed", "review": describe::review(review), "proceed": describe::proceed(proceed)})
        }
        Event::PinEntry(result) => {
            json!({"event": "pin-entry", "result": describe::pin_result(result)})
        }
        Event::RandomSelection { drawn, selected } => {
            json!({"event": "random-selection", "drawn": drawn, "selected": selected})
        }
        Event::ActionCode { column, issuer, bits } => {
            json!({"event": "action-code", "column": describe::column(column), "of": if issuer { "issuer" } else { "terminal" }, "bits": set(bits.set_bits())})
        }
        Event::Decision { request, authorisation_response_code } => {
            let code = authorisation_response_code.map(|code| describe::printable(&code));
            json!({"event": "decision", "request": request.name(), "authorisation_response_code": code})
        }
        Event::DefaultList(list) => json!({"event": "default-list", "list": list.to_string()}),
        Event::ListEntry { list, tag, length, origin } => {
            json!({"event": "list-entry", "list": list.to_string(), "tag": tag.to_string(), "name": describe::name_of(tag), "length": length, "origin": describe::list_origin(origin)})
        }
        ref event => outside(event),
    }
}

/// An event of issuer, reader and end.
fn outside(event: &Event<'_>) -> Value {
    match *event {
        Event::HostAnswer { authorisation_response_code, authentication_data } => {
            let code = describe::printable(&authorisation_response_code);
            json!({"event": "host-answer", "authorisation_response_code": code, "authentication_data": authentication_data})
        }
        Event::ScriptResult(result) => {
            json!({"event": "script-result", "result": hex::encode_upper(result)})
        }
        Event::Contactless { reason, tag } => tap_reason(reason, tag),
        Event::EntryPoint { start, restart } => {
            json!({"event": "entry-point", "start": format!("{start:?}"), "restart": restart})
        }
        Event::CombinationExcluded { aid, kernel, why } => {
            json!({"event": "combination-excluded", "aid": hex::encode_upper(aid), "kernel": hex::encode_upper(kernel.bytes()), "why": describe::excluded(why), "rule": "B 3.1.1.13"})
        }
        Event::EntryPassed { number, why } => {
            json!({"event": "entry-passed", "number": number, "why": describe::entry_passed(why)})
        }
        Event::FinalOutcome(outcome) => final_outcome(outcome),
        Event::Unreachable => json!({"event": "unreachable"}),
        Event::GivenUp(fault) => {
            let mut entry = self::fault(fault);
            entry["event"] = "given-up".into();
            entry
        }
        Event::Breach { breach, enforced, tag } => {
            json!({
                "event": "breach",
                "code": format!("{:04X}", breach.code()),
                "rule": breach.rule().to_string(),
                "text": breach.text(),
                "enforced": enforced,
                "tag": tag.map(|tag| tag.to_string()),
            })
        }
        Event::LeftOut(what) => json!({"event": "left-out", "what": describe::left_out(what)}),
        Event::Fault(fault) => self::fault(fault),
        Event::Ended(outcome) => {
            json!({"event": "ended", "conclusion": describe::conclusion(outcome.conclusion), "authority": describe::authority(outcome.authority)})
        }
        _ => json!({"event": "other"}),
    }
}

fn code(rule: chipwright::cvm::Rule) -> String {
    hex::encode_upper([rule.code, rule.condition])
}

fn result(reason: Reason, tag: Option<Tag>) -> Value {
    json!({
        "event": "result",
        "code": format!("{:04X}", reason.code()),
        "reason": describe::reason(reason),
        "rule": reason.rule(),
        "bits": set(reason.bits().set_bits()),
        "tag": tag.map(|tag| tag.to_string()),
    })
}

/// Why a contactless kernel decided as it did.
fn tap_reason(reason: contactless::Reason, tag: Option<Tag>) -> Value {
    json!({
        "event": "contactless",
        "code": format!("{:04X}", reason.code()),
        "reason": describe::contactless_reason(reason),
        "rule": reason.rule(),
        "tag": tag.map(|tag| tag.to_string()),
    })
}

/// The outcome of Entry Point.
fn final_outcome(outcome: &OutcomeParameters) -> Value {
    json!({
        "event": "final-outcome",
        "outcome": describe::outcome_type(outcome.outcome),
        "start": outcome.start.map(|start| format!("{start:?}")),
        "cardholder_verification": describe::cardholder_verification(outcome.cardholder_verification),
        "alternate_interface": describe::alternate_interface(outcome.alternate_interface),
        "data_record": outcome.data_record,
        "receipt": outcome.receipt,
        "field_off_request": outcome.field_off_request,
        "removal_timeout": outcome.removal_timeout,
    })
}

/// Bits with their meanings.
fn set(bits: impl Iterator<Item = (u8, u8, Option<&'static str>)>) -> Vec<Value> {
    bits.map(|(byte, bit, meaning)| json!({"byte": byte, "bit": bit, "meaning": meaning})).collect()
}

fn certificate(recovered: &Recovered<'_>) -> Value {
    let exponent = recovered.key.exponent.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    json!({
        "event": "certificate",
        "part": describe::part(recovered.part),
        "expiry": recovered.expiry.to_string(),
        "serial": hex::encode_upper(recovered.serial),
        "modulus_bits": 8 * recovered.key.modulus.len(),
        "exponent": exponent,
    })
}

fn failure(failure: Failure) -> Value {
    json!({"code": format!("{:04X}", failure.code()), "text": describe::authentication_failure(failure)})
}

/// A fault, with its stable code.
pub(super) fn fault(fault: Fault) -> Value {
    let blame = match fault.blame() {
        Blame::Card => "card",
        Blame::Host => "host",
        Blame::Terminal => "terminal",
    };
    json!({
        "event": "fault",
        "code": format!("{:04X}", fault.cause.code()),
        "text": fault.to_string(),
        "blame": blame,
        "tag": fault.tag.map(|tag| tag.to_string()),
        "offset": fault.offset,
        "record": fault.record.map(|record| json!({"sfi": record.sfi, "number": record.number})),
    })
}

/// How many objects a BER-TLV string holds.
pub(super) fn count(bytes: &[u8]) -> usize {
    Tlvs::new(bytes).map_while(Result::ok).count()
}
