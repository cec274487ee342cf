//! What the kernel found and decided.

use chipwright::contactless;
use chipwright::cvm::Rule;
use chipwright::event::Event;
use chipwright::fault::Fault;
use chipwright::field::CryptogramType;
use chipwright::hardening::Breach;
use chipwright::oda::{Method, Recovered};
use chipwright::reason::Reason;
use chipwright::session::{PinResult, Proceed};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright_harness::describe;

use super::{MARGIN, Mark, Story, WHAT};
use crate::page::{Style, cell};

impl Story {
    /// An event that is no exchange.
    pub(super) fn decision(&self, event: &Event<'_>) {
        match *event {
            Event::Candidate { name, priority } => {
                let name = hex::encode_upper(name);
                let priority = match priority {
                    0 => "no priority".to_owned(),
                    priority => format!("priority {priority}"),
                };
                self.tell(Mark::Added, "candidate", &format!("{name}, {priority}"));
            }
            Event::Selected { name } => {
                self.tell(Mark::Good, "selected", &hex::encode_upper(name));
            }
            Event::Ignored { tag, why } => {
                let name = describe::name_of(tag).unwrap_or("unknown");
                self.mention(
                    &format!("ignored {tag}"),
                    &format!("{name}: {}", describe::ignored(why)),
                );
            }
            Event::GivenUp(fault) => self.tell(Mark::Noted, "given up", &fault.to_string()),
            Event::LeftOut(what) => self.tell(Mark::Noted, "left out", describe::left_out(what)),
            Event::Result { reason, tag } => self.result(reason, tag),
            Event::Breach { breach, enforced, tag } => self.breach(breach, enforced, tag),
            Event::Cleared(bits) => {
                for (byte, bit, meaning) in bits.set_bits() {
                    let meaning = meaning.unwrap_or("RFU");
                    self.mention(&format!("TVR [{byte}:{bit}]"), &format!("cleared: {meaning}"));
                }
            }
            Event::DefaultList(list) => {
                let name = describe::name_of(list).unwrap_or("unknown");
                self.mention(&format!("list {list}"), &format!("the terminal's default {name}"));
            }
            Event::Status(bits) => {
                for (byte, bit, meaning) in bits.set_bits() {
                    self.mention(&format!("TSI [{byte}:{bit}]"), meaning.unwrap_or("RFU"));
                }
            }
            Event::Authentication(method) => {
                let method = method.map_or("none in common", Method::name);
                self.tell(Mark::Point, "method", method);
            }
            Event::Certificate(recovered) => self.certificate(&recovered),
            Event::Covered(tag) => {
                let name = describe::name_of(tag).unwrap_or("unknown");
                self.mention("  signature covers", &format!("{tag} {name}"));
            }
            Event::Authenticated { method, result } => match result {
                Ok(()) => self.tell(Mark::Good, method.name(), "succeeded"),
                Err(failure) => {
                    let failure = describe::authentication_failure(failure);
                    self.tell(Mark::Bad, method.name(), &format!("failed: {failure}"));
                }
            },
            ref event => self.check(event),
        }
    }

    /// An event of the phases that check cardholder, risk and action codes.
    fn check(&self, event: &Event<'_>) {
        match *event {
            Event::PinKeyUnusable(failure) => {
                let failure = describe::authentication_failure(failure);
                self.tell(Mark::Bad, "PIN encipherment", &failure);
            }
            Event::RulePassed { number, rule, why } => {
                self.rule(
                    number,
                    rule,
                    Style::Dim,
                    &format!("passed over: {}", describe::passed(why)),
                );
            }
            Event::RulePerformed { number, rule } => {
                self.rule(number, rule, Style::Plain, "performed");
            }
            Event::Reviewed { proceed: Proceed::Continue, .. } => {}
            Event::Reviewed { proceed, .. } => {
                self.tell(Mark::Decided, "terminal goes on", describe::proceed(proceed));
            }
            Event::PinEntry(result) => {
                let right =
                    matches!(result, PinResult::Verified(Status::SUCCESS) | PinResult::Captured);
                let mark = if right { Mark::Good } else { Mark::Noted };
                self.tell(mark, "PIN pad", &describe::pin_result(result));
            }
            Event::RandomSelection { drawn, selected } => {
                let selected = if selected { "selected" } else { "not selected" };
                self.tell(
                    Mark::Point,
                    "random selection",
                    &format!("drew {drawn} of 1 to 99: {selected}"),
                );
            }
            Event::ActionCode { column, issuer, bits } => {
                let of = if issuer { "IAC" } else { "TAC" };
                let what = format!("{of} {}", describe::column(column));
                for (byte, bit, meaning) in bits.set_bits() {
                    let meaning = meaning.unwrap_or("RFU");
                    self.tell(Mark::Point, &what, &format!("[{byte}:{bit}] {meaning}"));
                }
            }
            Event::Decision { request, authorisation_response_code } => {
                self.decided(request, authorisation_response_code);
            }
            Event::ScriptResult(result) => {
                self.tell(Mark::Point, "script result", &hex::encode_upper(result));
            }
            Event::Unreachable => self.tell(Mark::Bad, "unable to go online", ""),
            Event::Contactless { reason, tag } => self.tap_reason(reason, tag),
            Event::EntryPoint { start, restart } => self.entry_point(start, restart),
            Event::CombinationExcluded { aid, why, .. } => {
                let aid = hex::encode_upper(aid);
                self.tell(Mark::Noted, &format!("not for {aid}"), describe::excluded(why));
            }
            Event::EntryPassed { number, why } => self.entry_passed(number, why),
            Event::FinalOutcome(outcome) => self.final_outcome(outcome),
            Event::Fault(fault) => self.fault(fault),
            _ => {}
        }
    }

    /// A result bit, why it was set, and by which rule.
    fn result(&self, reason: Reason, tag: Option<Tag>) {
        for (byte, bit, meaning) in reason.bits().set_bits() {
            let what = format!("TVR [{byte}:{bit}]");
            self.tell(Mark::Noted, &what, meaning.unwrap_or("RFU"));
        }
        let object = tag.map(|tag| {
            let name = describe::name_of(tag).unwrap_or("unknown");
            format!(" ({tag} {name})")
        });
        let why = format!("{}{}", describe::reason(reason), object.unwrap_or_default());
        let code = format!("{:04X}", reason.code());
        self.mention(&format!("  {code}, {}", reason.rule()), &why);
    }

    /// A rule of the hardened profile that is broken, and by what.
    fn breach(&self, breach: Breach, enforced: bool, tag: Option<Tag>) {
        let mark = if enforced { Mark::Bad } else { Mark::Noted };
        let object = tag.map(|tag| {
            let name = describe::name_of(tag).unwrap_or("unknown");
            format!(" ({tag} {name})")
        });
        let only = if enforced { "" } else { ", only reported" };
        let what = format!("{:04X}, {}", breach.code(), breach.rule());
        self.tell(mark, &what, &format!("{}{}{only}", breach.text(), object.unwrap_or_default()));
    }

    /// Why a contactless kernel decided as it did, and by which rule.
    fn tap_reason(&self, reason: contactless::Reason, tag: Option<Tag>) {
        let mark = match describe::speaks_for(reason) {
            Some(true) => Mark::Good,
            Some(false) => Mark::Bad,
            None => Mark::Noted,
        };
        let object = tag.map(|tag| {
            let name = describe::name_of(tag).unwrap_or("unknown");
            format!(" ({tag} {name})")
        });
        let what = format!("{:04X}, {}", reason.code(), reason.rule());
        let why = describe::contactless_reason(reason);
        self.tell(mark, &what, &format!("{why}{}", object.unwrap_or_default()));
    }

    fn certificate(&self, recovered: &Recovered<'_>) {
        let exponent =
            recovered.key.exponent.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
        let facts = format!(
            "key of {} bits, exponent {exponent}, serial {}, good to {}",
            8 * recovered.key.modulus.len(),
            hex::encode_upper(recovered.serial),
            recovered.expiry
        );
        self.tell(Mark::Good, describe::part(recovered.part), &facts);
    }

    fn rule(&self, number: u8, rule: Rule, style: Style, how: &str) {
        self.silent.set(false);
        let (method, condition) = (rule.method(), rule.condition());
        let what = format!("rule {number}  {:02X}{:02X}", rule.code, rule.condition);
        self.page.row(&[
            cell(Style::Plain, "").wide(MARGIN - 2),
            cell(style, Mark::Point.symbol()).wide(2),
            cell(style, &what).wide(WHAT),
            cell(style, &format!("{method}, {condition}")),
        ]);
        self.page.row(&[cell(Style::Plain, "").wide(MARGIN + WHAT), cell(style, how)]);
    }

    fn decided(&self, request: CryptogramType, code: Option<[u8; 2]>) {
        let what = match request {
            CryptogramType::Tc => "approve: ask for a TC",
            CryptogramType::Arqc => "ask the issuer: ask for an ARQC",
            CryptogramType::Aac => "decline: ask for an AAC",
        };
        let code = code.map(|code| format!(", response code {}", describe::printable(&code)));
        let mark = if request == CryptogramType::Aac { Mark::Declined } else { Mark::Decided };
        self.tell(mark, "decision", &format!("{what}{}", code.unwrap_or_default()));
    }

    fn fault(&self, fault: Fault) {
        let what = format!("fault {:04X}", fault.cause.code());
        self.tell(Mark::Bad, &what, &fault.to_string());
    }

    /// What is going to be authenticated, once all of it was told.
    pub(super) fn tell_static_data(&self) {
        let (length, pieces) = self.static_data.replace((0, 0));
        if pieces > 0 {
            let more = format!("{length} bytes in {pieces} pieces");
            self.tell(Mark::Point, "static data", &more);
        }
    }
}
