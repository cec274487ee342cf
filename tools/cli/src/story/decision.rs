//! What the kernel found and decided.

use chipwright::cvm::Rule;
use chipwright::event::Event;
use chipwright::fault::Fault;
use chipwright::field::CryptogramType;
use chipwright::oda::{Method, Recovered};
use chipwright::reason::Reason;
use chipwright::session::PinResult;
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright_harness::describe;

use super::{MARGIN, Story, WHAT};
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
                self.tell("+", Style::Plain, "candidate", &format!("{name}, {priority}"));
            }
            Event::Selected { name } => {
                self.tell("\u{2713}", Style::Good, "selected", &hex::encode_upper(name));
            }
            Event::Ignored { tag, why } => {
                let name = describe::name_of(tag).unwrap_or("unknown");
                self.mention(
                    &format!("ignored {tag}"),
                    &format!("{name}: {}", describe::ignored(why)),
                );
            }
            Event::Result { reason, tag } => self.result(reason, tag),
            Event::Status(bits) => {
                for (byte, bit, meaning) in bits.set_bits() {
                    self.mention(&format!("TSI [{byte}:{bit}]"), meaning.unwrap_or("RFU"));
                }
            }
            Event::Authentication(method) => {
                let method = method.map_or("none in common", Method::name);
                self.tell("\u{00B7}", Style::Plain, "method", method);
            }
            Event::Certificate(recovered) => self.certificate(&recovered),
            Event::Authenticated { method, result } => match result {
                Ok(()) => self.tell("\u{2713}", Style::Good, method.name(), "succeeded"),
                Err(failure) => {
                    let failure = describe::authentication_failure(failure);
                    self.tell("\u{2717}", Style::Bad, method.name(), &format!("failed: {failure}"));
                }
            },
            Event::PinKeyUnusable(failure) => {
                let failure = describe::authentication_failure(failure);
                self.tell("\u{2717}", Style::Bad, "PIN encipherment", &failure);
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
                self.rule(number, rule, Style::Plain, "performed")
            }
            Event::PinEntry(result) => {
                let right =
                    matches!(result, PinResult::Verified(Status::SUCCESS) | PinResult::Captured);
                let (mark, style) =
                    if right { ("\u{2713}", Style::Good) } else { ("!", Style::Note) };
                self.tell(mark, style, "PIN pad", &describe::pin_result(result));
            }
            Event::RandomSelection { drawn, selected } => {
                let selected = if selected { "selected" } else { "not selected" };
                self.tell(
                    "\u{00B7}",
                    Style::Plain,
                    "random selection",
                    &format!("drew {drawn} of 1 to 99: {selected}"),
                );
            }
            Event::ActionCode { column, issuer, bits } => {
                let of = if issuer { "IAC" } else { "TAC" };
                let what = format!("{of} {}", describe::column(column));
                for (byte, bit, meaning) in bits.set_bits() {
                    let meaning = meaning.unwrap_or("RFU");
                    self.tell(
                        "\u{00B7}",
                        Style::Plain,
                        &what,
                        &format!("[{byte}:{bit}] {meaning}"),
                    );
                }
            }
            Event::Decision { request, authorisation_response_code } => {
                self.decided(request, authorisation_response_code);
            }
            Event::ScriptResult(result) => {
                self.tell("\u{00B7}", Style::Plain, "script result", &hex::encode_upper(result));
            }
            Event::Unreachable => self.tell("\u{2717}", Style::Bad, "unable to go online", ""),
            Event::Fault(fault) => self.fault(fault),
            _ => {}
        }
    }

    /// A result bit, why it was set, and by which rule.
    fn result(&self, reason: Reason, tag: Option<Tag>) {
        for (byte, bit, meaning) in reason.bits().set_bits() {
            let what = format!("TVR [{byte}:{bit}]");
            self.tell("!", Style::Note, &what, meaning.unwrap_or("RFU"));
        }
        let object = tag.map(|tag| {
            let name = describe::name_of(tag).unwrap_or("unknown");
            format!(" ({tag} {name})")
        });
        let why = format!("{}{}", describe::reason(reason), object.unwrap_or_default());
        let code = format!("{:04X}", reason.code());
        self.mention(&format!("  {code}, {}", reason.rule()), &why);
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
        self.tell("\u{2713}", Style::Good, describe::part(recovered.part), &facts);
    }

    fn rule(&self, number: u8, rule: Rule, style: Style, how: &str) {
        self.silent.set(false);
        let (method, condition) = (rule.method(), rule.condition());
        let what = format!("rule {number}  {:02X}{:02X}", rule.code, rule.condition);
        self.page.row(&[
            cell(Style::Plain, "").wide(MARGIN - 2),
            cell(style, "\u{00B7}").wide(2),
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
        let style = if request == CryptogramType::Aac { Style::Bad } else { Style::Good };
        self.tell("\u{21D2}", style, "decision", &format!("{what}{}", code.unwrap_or_default()));
    }

    fn fault(&self, fault: Fault) {
        let what = format!("fault {:04X}", fault.cause.code());
        self.tell("\u{2717}", Style::Bad, &what, &fault.to_string());
    }

    /// What is going to be authenticated, once all of it was told.
    pub(super) fn tell_static_data(&self) {
        let (length, pieces) = self.static_data.replace((0, 0));
        if pieces > 0 {
            let more = format!("{length} bytes in {pieces} pieces");
            self.tell("\u{00B7}", Style::Plain, "static data", &more);
        }
    }
}
