//! CVM Lists at terminals of every class, held against an evaluator written apart: from the bytes
//! and the books' table, without the kernel's types. [B3 10.5]
//!
//! `cargo test` takes a part; with `CHIPWRIGHT_SWEEP=whole` everything is run.

use chipwright::config::TransactionType;
use chipwright::cvm::{Circumstances, CvmList, Evaluation, Performed};
use chipwright::event::Events;
use chipwright::field::{CvmOutcome, TerminalCapabilities, TerminalVerificationResults as Tvr};
use chipwright::findings::Findings;
use chipwright::value::Amount;

/// In minor units.
const AMOUNT_X: u32 = 1_000;
const AMOUNT_Y: u32 = 5_000;

/// A terminal, a transaction and how its methods end.
#[derive(Clone, Copy, Debug)]
struct Case {
    /// Byte 2 of the Terminal Capabilities.
    capabilities: u8,
    kind: TransactionType,
    cashback: bool,
    amount: Option<u32>,
    currency: Option<bool>,
    /// Successful, unknown or failed, by turns.
    results: [u8; 2],
}

/// What is compared: CVM Results, and the bits of byte 3 of the Terminal Verification Results that
/// an evaluation sets itself.
#[derive(PartialEq, Eq, Debug)]
struct Seen {
    results: [u8; 3],
    verified: bool,
    not_recognised: bool,
    pad_missing: bool,
    performed: Vec<u8>,
}

/// The reference: one pass over the rules.
fn reference(rules: &[[u8; 2]], case: &Case) -> Seen {
    let mut seen = Seen {
        results: [0x3F, 0x00, 0x01],
        verified: false,
        not_recognised: false,
        pad_missing: false,
        performed: Vec::new(),
    };
    let has = |bit: u8| case.capabilities & bit != 0;
    let can = |method: u8| match method {
        0x00 => true,
        0x01 => has(0x80),
        0x02 => has(0x40),
        0x03 => has(0x80) && has(0x20),
        0x04 => has(0x10),
        0x05 => has(0x10) && has(0x20),
        0x1E => has(0x20),
        0x1F => has(0x08),
        _ => false,
    };
    let cash = matches!(case.kind, TransactionType::ManualCash | TransactionType::UnattendedCash);
    let purchase = matches!(case.kind, TransactionType::Purchase | TransactionType::Cashback);
    let cashback = case.cashback && purchase;
    for [code, condition] in rules {
        let method = code & 0x3F;
        let amount = if case.currency == Some(true) { case.amount } else { None };
        let applies = match condition {
            0x00 => true,
            0x01 => case.kind == TransactionType::UnattendedCash,
            0x02 => !cash && !cashback,
            0x03 => can(method),
            0x04 => case.kind == TransactionType::ManualCash,
            0x05 => cashback,
            0x06 => amount.is_some_and(|amount| amount < AMOUNT_X),
            0x07 => amount.is_some_and(|amount| amount > AMOUNT_X),
            0x08 => amount.is_some_and(|amount| amount < AMOUNT_Y),
            0x09 => amount.is_some_and(|amount| amount > AMOUNT_Y),
            _ => false,
        };
        if !applies {
            continue;
        }
        let known = matches!(method, 0x00..=0x05 | 0x1E | 0x1F);
        if method == 0 {
            seen.results = [*code, *condition, 0x01];
            return seen;
        }
        if known && can(method) {
            let how = case.results[seen.performed.len() % 2];
            seen.performed.push(*code);
            // 02 successful, 00 unknown, 01 failed.
            seen.results = [*code, *condition, [0x02, 0x00, 0x01][usize::from(how)]];
            if how != 2 {
                seen.verified = true;
                return seen;
            }
        }
        seen.not_recognised |= !known;
        let offline_pin = matches!(method, 0x01 | 0x03 | 0x04 | 0x05);
        let no_pad = method == 0x02 || offline_pin && !has(0x80) && !has(0x10);
        seen.pad_missing |= known && !can(method) && no_pad;
        if code & 0x40 == 0 {
            return seen;
        }
    }
    seen
}

/// The kernel's evaluator with the same.
fn kernel(rules: &[[u8; 2]], case: &Case) -> Seen {
    let amounts = [AMOUNT_X, AMOUNT_Y].map(u32::to_be_bytes);
    let coded = [amounts.as_flattened(), rules.as_flattened()].concat();
    let list = CvmList::read(&coded).unwrap();
    let circumstances = Circumstances {
        kind: case.kind,
        cashback: case.cashback,
        amount: case.amount.and_then(|amount| Amount::new(amount.into())),
        application_currency: case.currency,
        capabilities: TerminalCapabilities([0xE0, case.capabilities, 0xC8]),
    };
    let mut findings = Findings::new(Events::NONE);
    let mut evaluation = Evaluation::new();
    let mut performed = Vec::new();
    while let Some((rule, _)) = evaluation.next(&list, &circumstances, &mut findings) {
        let how = [Performed::Successful, Performed::Unknown, Performed::Failed];
        let how = how[usize::from(case.results[performed.len() % 2])];
        performed.push(rule.code);
        evaluation.performed(rule, how, &mut findings);
    }
    let verified = evaluation.succeeded();
    let (results, _receipt) = evaluation.conclude(&mut findings);
    let outcome = match results.outcome {
        CvmOutcome::Unknown => 0x00,
        CvmOutcome::Failed => 0x01,
        CvmOutcome::Successful => 0x02,
        CvmOutcome::Rfu(value) => value,
    };
    let bits = findings.bits();
    assert_eq!(bits.contains(Tvr::CARDHOLDER_VERIFICATION_FAILED), !verified);
    Seen {
        results: [results.code, results.condition, outcome],
        verified,
        not_recognised: bits.contains(Tvr::UNRECOGNISED_CVM),
        pad_missing: bits.contains(Tvr::PIN_PAD_MISSING),
        performed,
    }
}

/// Every class of terminal, kind of business, amount and currency.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let kinds = [
        (TransactionType::Purchase, false),
        (TransactionType::Cashback, true),
        (TransactionType::ManualCash, false),
        (TransactionType::UnattendedCash, true),
        (TransactionType::Refund, false),
        (TransactionType::Inquiry, true),
    ];
    let amounts = [
        (Some(AMOUNT_X - 1), Some(true)),
        (Some(AMOUNT_X), Some(true)),
        (Some(AMOUNT_X + 1), Some(true)),
        (Some(AMOUNT_Y), Some(true)),
        (Some(AMOUNT_Y + 1), Some(true)),
        (Some(1), Some(false)),
        (Some(1), None),
        (None, Some(true)),
    ];
    for capabilities in (0..32).map(|class| class << 3) {
        for (kind, cashback) in kinds {
            for (amount, currency) in amounts {
                for results in [[0, 0], [1, 1], [2, 0], [2, 1], [2, 2]] {
                    cases.push(Case { capabilities, kind, cashback, amount, currency, results });
                }
            }
        }
    }
    cases
}

fn hold(rules: &[[u8; 2]], case: &Case) {
    assert_eq!(kernel(rules, case), reference(rules, case), "{rules:02X?} {case:?}");
}

/// Prime to the number of cases and of lists, so that a part has all of each.
fn step(part: usize) -> usize {
    let whole = std::env::var("CHIPWRIGHT_SWEEP").is_ok_and(|how| how == "whole");
    if whole { 1 } else { part }
}

#[test]
fn every_rule_at_every_terminal_is_taken_as_the_reference_takes_it() {
    let cases = cases();
    let conditions = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x0A, 0x80];
    let (mut number, mut count) = (0, 0);
    for code in 0..=u8::MAX {
        for condition in conditions {
            for case in cases.iter().skip(number % step(41)).step_by(step(41)) {
                hold(&[[code, condition], [0x1F, 0x00]], case);
                count += 1;
            }
            number += 1;
        }
    }
    println!("{count} lists and terminals");
}

#[test]
fn every_pair_of_rules_is_taken_as_the_reference_takes_it() {
    let cases = cases();
    let methods = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x1E, 0x1F, 0x06, 0x20];
    let rules: Vec<[u8; 2]> = methods
        .into_iter()
        .flat_map(|method| [method, method | 0x40])
        .flat_map(|code| (0..=0x0A).map(move |condition| [code, condition]))
        .collect();
    let (mut number, mut count) = (0, 0);
    for first in &rules {
        for second in &rules {
            for case in cases.iter().skip(number % step(997)).step_by(step(997)) {
                hold(&[*first, *second], case);
                count += 1;
            }
            number += 1;
        }
    }
    println!("{count} lists and terminals");
}
