//! The evaluation of a list, rule by rule. [B3 10.5] [B3 10.5.5]

use super::{Condition, CvmList, Method, Rule};
use crate::config::TransactionType;
use crate::event::Event;
use crate::field::{CvmOutcome, CvmResults, TerminalCapabilities as Can};
use crate::findings::Findings;
use crate::reason::Reason;
use crate::value::Amount;

/// Receipt: cardholder verification was done.
///
/// Nobody else can make one:
///
/// ```compile_fail,E0423
/// let receipt = chipwright::cvm::Verified(());
/// ```
#[derive(Debug)]
#[must_use = "GENERATE AC demands it"]
pub struct Verified(());

/// What conditions are held against.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// What kind of business.
    pub kind: TransactionType,
    /// Whether cash is part of a purchase.
    pub cashback: bool,
    /// Amount, Authorised; none while it is not known.
    pub amount: Option<Amount>,
    /// Whether the transaction is in the application currency (5F2A = 9F42); none when the card
    /// does not say its currency.
    pub application_currency: Option<bool>,
    /// What the terminal can do.
    pub capabilities: Can,
}

/// Why a rule was passed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passed {
    /// Its condition code is not one of EMV.
    ConditionUnrecognised,
    /// Its condition is not satisfied.
    ConditionNotSatisfied,
    /// Data that its condition needs is missing.
    ConditionDataMissing,
    /// Its method is not one of EMV.
    MethodUnrecognised,
    /// The terminal does not support its method.
    MethodUnsupported,
}

/// How the performance of a method ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Performed {
    /// Successful.
    Successful,
    /// Successful as far as can be known now: signature, online PIN.
    Unknown,
    /// Failed.
    Failed,
}

/// The evaluation of one list.
#[derive(Clone, Copy, Debug)]
pub struct Evaluation {
    next: u8,
    done: bool,
    succeeded: bool,
    results: CvmResults,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self::new()
    }
}

impl Evaluation {
    /// Before the first rule. No rule performed is the results' starting value. [B4 6.3.4.5]
    pub const fn new() -> Self {
        // [B4 6.3.4.5 none-performed]
        let results = CvmResults { code: 0x3F, condition: 0x00, outcome: CvmOutcome::Failed };
        Self { next: 0, done: false, succeeded: false, results }
    }

    /// The next rule to perform; `None` when nothing is left to do. [B3 10.5]
    ///
    /// What it passes over is told to the events; what it concludes is noted.
    pub fn next(
        &mut self,
        list: &CvmList<'_>,
        circumstances: &Circumstances,
        findings: &mut Findings<'_>,
    ) -> Option<(Rule, Method)> {
        while !self.done {
            // A data object holds at most 122 rules: numbers end long before a byte does.
            let rule = list.rules().nth(self.next.into());
            let Some((rule, number)) = rule.zip(self.next.checked_add(1)) else {
                // [B3 10.5 exhausted]
                self.fail(Reason::NoRuleSucceeded, findings);
                break;
            };
            self.next = number;
            let (method, events) = (rule.method(), findings.events());
            let pass = |why| events.emit(&Event::RulePassed { number, rule, why });

            if let Err(why) = condition_satisfied(rule, list, circumstances) {
                pass(why);
                continue;
            }
            // [B3 10.5 unrecognised]
            if method == Method::Unrecognised {
                pass(Passed::MethodUnrecognised);
                findings.note(Reason::MethodNotRecognised);
            // [B3 10.5 unsupported]
            } else if !method.is_supported(circumstances.capabilities) {
                pass(Passed::MethodUnsupported);
                note_missing_pin_pad(method, circumstances.capabilities, findings);
            } else {
                events.emit(&Event::RulePerformed { number, rule });
                // [B3 10.5 fail-rule]
                if method != Method::Fail {
                    return Some((rule, method));
                }
                // [B3 10.5] This rule ends the list whatever its bit 7 says.
                // [B4 6.3.4.5 fail-rule]
                self.record(rule, CvmOutcome::Failed);
                self.fail(Reason::FailRule, findings);
                break;
            }
            if !rule.apply_succeeding() {
                self.fail(Reason::NoRuleSucceeded, findings);
            }
        }
        None
    }

    /// Reports how the rule that [`next`](Self::next) gave last was performed. [B4 6.3.4.5]
    pub fn performed(&mut self, rule: Rule, how: Performed, findings: &mut Findings<'_>) {
        self.record(
            rule,
            match how {
                // [B4 6.3.4.5 successful]
                Performed::Successful => CvmOutcome::Successful,
                // [B4 6.3.4.5 unknown]
                Performed::Unknown => CvmOutcome::Unknown,
                // [B4 6.3.4.5 failed]
                Performed::Failed => CvmOutcome::Failed,
            },
        );
        if how != Performed::Failed {
            (self.done, self.succeeded) = (true, true);
        // [B3 10.5 succeeding]
        } else if !rule.apply_succeeding() {
            self.fail(Reason::MethodFailed, findings);
        }
    }

    /// The CVM Results and the receipt. An evaluation that was not driven to its end has failed.
    pub fn conclude(mut self, findings: &mut Findings<'_>) -> (CvmResults, Verified) {
        if !self.done {
            self.fail(Reason::NoRuleSucceeded, findings);
        }
        (self.results, Verified(()))
    }

    /// Verification is not asked for, or there is no rule to follow. [B3 10.5, B4 6.3.4.5]
    pub fn without_rules() -> (CvmResults, Verified) {
        // [B4 6.3.4.5 not-asked]
        let results = CvmResults { code: 0x3F, condition: 0x00, outcome: CvmOutcome::Unknown };
        (results, Verified(()))
    }

    /// Whether verification succeeded, as far as can be known now.
    pub const fn succeeded(&self) -> bool {
        self.succeeded
    }

    fn record(&mut self, rule: Rule, outcome: CvmOutcome) {
        // [B4 6.3.4.5 last-performed] What is not performed leaves them alone.
        self.results = CvmResults { code: rule.code, condition: rule.condition, outcome };
    }

    fn fail(&mut self, reason: Reason, findings: &mut Findings<'_>) {
        self.done = true;
        findings.note(reason);
    }
}

/// Whether a rule's condition holds. [B3 10.5]
#[inline(never)]
fn condition_satisfied(
    rule: Rule,
    list: &CvmList<'_>,
    circumstances: &Circumstances,
) -> Result<(), Passed> {
    let kind = circumstances.kind;
    // [B3 10.5] Cashback is part of a purchase, or it is none.
    // [B3 10.5 cashback]
    let cashback = circumstances.cashback && kind.is_purchase();
    let satisfied = match rule.condition() {
        // [B3 10.5 always]
        Condition::Always => true,
        // [B3 10.5 unattended-cash]
        Condition::UnattendedCash => kind == TransactionType::UnattendedCash,
        // [B3 10.5 no-cash]
        Condition::NoCash => !kind.is_cash() && !cashback,
        // [B3 10.5] Both parts of a combination; failing is always possible.
        // [B3 10.5 supported]
        Condition::Supported => rule.method().is_supported(circumstances.capabilities),
        // [B3 10.5 manual-cash]
        Condition::ManualCash => kind == TransactionType::ManualCash,
        // [B3 10.5 with-cashback]
        Condition::Cashback => cashback,
        // [B3 10.5 under-x]
        Condition::UnderX => amount(circumstances)?.is_some_and(|a| a < list.amount_x.into()),
        // [B3 10.5 over-x]
        Condition::OverX => amount(circumstances)?.is_some_and(|a| a > list.amount_x.into()),
        // [B3 10.5 under-y]
        Condition::UnderY => amount(circumstances)?.is_some_and(|a| a < list.amount_y.into()),
        // [B3 10.5 over-y]
        Condition::OverY => amount(circumstances)?.is_some_and(|a| a > list.amount_y.into()),
        // [B3 10.5 unknown-condition]
        Condition::Unrecognised => return Err(Passed::ConditionUnrecognised),
    };
    // [B3 10.5 condition]
    if satisfied { Ok(()) } else { Err(Passed::ConditionNotSatisfied) }
}

/// The amount, if it is in the application currency.
fn amount(circumstances: &Circumstances) -> Result<Option<u64>, Passed> {
    // [B3 10.5 missing]
    let amount = circumstances.amount.ok_or(Passed::ConditionDataMissing)?;
    let same = circumstances.application_currency.ok_or(Passed::ConditionDataMissing)?;
    // [B3 10.5 currency]
    Ok(same.then_some(amount.minor_units()))
}

/// [B3 10.5] A PIN that the terminal cannot take counts as a missing pad: the online PIN when it
/// is not supported, an offline PIN when neither of its forms is.
fn note_missing_pin_pad(method: Method, can: Can, findings: &mut Findings<'_>) {
    let offline = Can::PLAINTEXT_PIN | Can::ENCIPHERED_PIN_OFFLINE;
    // [B3 10.5 pad]
    if method == Method::OnlinePin || (method.is_offline_pin() && !can.intersects(offline)) {
        findings.note(Reason::PinPadMissing);
    }
}
