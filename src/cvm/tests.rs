use super::*;
use crate::config::TransactionType::{
    self, Cashback, Inquiry, ManualCash, Purchase, Refund, UnattendedCash,
};
use crate::event::{Event, Events, Sink};
use crate::fault::Fault;
use crate::field::TerminalCapabilities as Can;
use crate::findings::Findings;
use crate::object::Value;
use crate::tag::Tag;
use crate::value::Amount;
use Performed::{Failed, Successful, Unknown};
use core::cell::RefCell;
use proptest::prelude::*;

/// Byte 3 of the Terminal Verification Results.
const FAILED: u8 = 0x80;
const UNRECOGNISED: u8 = 0x40;
const NO_PAD: u8 = 0x10;

/// Byte 2 of the Terminal Capabilities.
const PLAIN: u8 = 0x80;
const ONLINE: u8 = 0x40;
const SIGN: u8 = 0x20;
const ENCIPHERED: u8 = 0x10;
const NONE: u8 = 0x08;
const ALL: u8 = 0xF8;

/// A list with X = 1000 and Y = 2000.
fn list(rules: &[[u8; 2]]) -> Vec<u8> {
    let mut value = [1000u32.to_be_bytes(), 2000u32.to_be_bytes()].concat();
    value.extend(rules.as_flattened());
    value
}

fn purchase(capabilities: u8) -> Circumstances {
    Circumstances {
        kind: Purchase,
        cashback: false,
        amount: Amount::new(1500),
        application_currency: Some(true),
        capabilities: Can([0xE0, capabilities, 0xC8]),
    }
}

/// What an evaluation comes to.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    performed: Vec<[u8; 2]>,
    results: [u8; 3],
    /// Byte 3 of the Terminal Verification Results.
    bits: u8,
    succeeded: bool,
}

/// A list has at most 122 rules: more events than this are a loop.
const TOO_MANY_EVENTS: usize = 2000;

#[derive(Default)]
struct Told(RefCell<Vec<(u8, Attempt)>>);

/// A rule performed, or why it was not.
type Attempt = Result<[u8; 2], Passed>;

impl Sink for Told {
    fn event(&self, event: &Event<'_>) {
        let mut told = self.0.borrow_mut();
        match *event {
            Event::RulePassed { number, why, .. } => told.push((number, Err(why))),
            Event::RulePerformed { number, rule } => {
                told.push((number, Ok([rule.code, rule.condition])));
            }
            Event::Result { .. } => {}
            ref other => panic!("{other:?}"),
        }
        assert!(told.len() < TOO_MANY_EVENTS, "the list is read in a loop");
    }
}

/// Evaluates a list as a kernel does; `outcomes` are how the methods end, the last one for good.
fn evaluate_for(
    value: &[u8],
    circumstances: &Circumstances,
    outcomes: &[Performed],
    events: Events<'_>,
) -> Verdict {
    let list = CvmList::read(value).unwrap();
    let mut findings = Findings::new(events);
    let mut evaluation = Evaluation::new();
    let mut performed = Vec::new();
    while let Some((rule, method)) = evaluation.next(&list, circumstances, &mut findings) {
        assert_eq!(method, rule.method());
        let outcome = outcomes.get(performed.len()).or(outcomes.last()).copied().unwrap_or(Failed);
        performed.push([rule.code, rule.condition]);
        evaluation.performed(rule, outcome, &mut findings);
        assert!(performed.len() <= 256, "the list is performed in a loop");
    }
    assert_eq!(evaluation.next(&list, circumstances, &mut findings), None, "it is over");
    let before = findings.bits();
    let succeeded = evaluation.succeeded();
    let (results, _receipt) = evaluation.conclude(&mut findings);
    assert_eq!(findings.bits(), before, "all was said");
    let [first, second, bits, fourth, fifth] = findings.bits().0;
    assert_eq!([first, second, fourth, fifth], [0; 4]);
    Verdict { performed, results: results.encode(), bits, succeeded }
}

fn evaluate(rules: &[[u8; 2]], circumstances: &Circumstances, outcomes: &[Performed]) -> Verdict {
    let told = Told::default();
    evaluate_for(&list(rules), circumstances, outcomes, Events::to(&told))
}

/// A slow reading of the tables: what a terminal with these capabilities must come to.
mod reference {
    use super::*;

    enum Support {
        Unknown,
        No,
        Yes,
    }

    /// Which bits of the capabilities a method needs, all of them.
    fn support(code: u8, capabilities: u8) -> Support {
        let needs = match code & 0b0011_1111 {
            0b00_0000 => 0,
            0b00_0001 => PLAIN,
            0b00_0010 => ONLINE,
            0b00_0011 => PLAIN | SIGN,
            0b00_0100 => ENCIPHERED,
            0b00_0101 => ENCIPHERED | SIGN,
            0b01_1110 => SIGN,
            0b01_1111 => NONE,
            _ => return Support::Unknown,
        };
        if capabilities & needs == needs { Support::Yes } else { Support::No }
    }

    fn applies(code: u8, condition: u8, x: u64, y: u64, now: &Circumstances) -> bool {
        let unattended_cash = now.kind == UnattendedCash;
        let manual_cash = now.kind == ManualCash;
        let purchase_with_cashback = now.cashback && matches!(now.kind, Purchase | Cashback);
        // Nothing about amounts is known unless amount and both currencies are.
        let amount = if now.application_currency == Some(true) {
            now.amount.map(Amount::minor_units)
        } else {
            None
        };
        match condition {
            0 => true,
            1 => unattended_cash,
            2 => !(unattended_cash || manual_cash || purchase_with_cashback),
            3 => matches!(support(code, now.capabilities.0[1]), Support::Yes),
            4 => manual_cash,
            5 => purchase_with_cashback,
            6 => amount.is_some_and(|amount| amount < x),
            7 => amount.is_some_and(|amount| amount > x),
            8 => amount.is_some_and(|amount| amount < y),
            9 => amount.is_some_and(|amount| amount > y),
            _ => false,
        }
    }

    pub(super) fn evaluate(value: &[u8], now: &Circumstances, outcomes: &[Performed]) -> Verdict {
        let number = |bytes: &[u8]| bytes.iter().fold(0u64, |n, byte| n * 256 + u64::from(*byte));
        let (x, y) = (number(&value[..4]), number(&value[4..8]));
        let capabilities = now.capabilities.0[1];
        let mut verdict =
            Verdict { performed: vec![], results: [0x3F, 0x00, 0x01], bits: 0, succeeded: false };
        for rule in value[8..].chunks(2) {
            let [code, condition] = [rule[0], rule[1]];
            if !applies(code, condition, x, y, now) {
                continue;
            }
            match support(code, capabilities) {
                Support::Unknown => verdict.bits |= UNRECOGNISED,
                Support::No => {
                    let online = code & 0x3F == 2;
                    let offline = matches!(code & 0x3F, 1 | 3 | 4 | 5);
                    let any_offline = capabilities & (PLAIN | ENCIPHERED) != 0;
                    if online || (offline && !any_offline) {
                        verdict.bits |= NO_PAD;
                    }
                }
                Support::Yes if code & 0x3F == 0 => {
                    verdict.results = [code, condition, 0x01];
                    verdict.bits |= FAILED;
                    return verdict;
                }
                Support::Yes => {
                    let count = verdict.performed.len();
                    verdict.performed.push([code, condition]);
                    let outcome = outcomes.get(count).or(outcomes.last());
                    let last = match outcome.copied().unwrap_or(Failed) {
                        Successful => 0x02,
                        Unknown => 0x00,
                        Failed => 0x01,
                    };
                    verdict.results = [code, condition, last];
                    if last != 0x01 {
                        verdict.succeeded = true;
                        return verdict;
                    }
                }
            }
            if code & 0x40 == 0 {
                break;
            }
        }
        verdict.bits |= FAILED;
        verdict
    }
}

/// Every combination of kind, amount and currency that can be.
fn all_circumstances() -> Vec<Circumstances> {
    let kinds: [(TransactionType, bool); 6] = [
        (Purchase, false),
        (ManualCash, false),
        (UnattendedCash, false),
        (Cashback, true),
        (Refund, false),
        (Inquiry, false),
    ];
    let amounts = [
        None,
        Some(0),
        Some(999),
        Some(1000),
        Some(1001),
        Some(1999),
        Some(2000),
        Some(2001),
        Some(999_999_999_999),
    ];
    let mut all = vec![];
    for (kind, cashback) in kinds {
        for amount in amounts {
            for application_currency in [None, Some(false), Some(true)] {
                all.push(Circumstances {
                    kind,
                    cashback,
                    amount: amount.and_then(Amount::new),
                    application_currency,
                    ..purchase(0)
                });
            }
        }
    }
    all
}

fn compare(rules: &[[u8; 2]], circumstances: &Circumstances, outcomes: &[Performed]) {
    let value = list(rules);
    assert_eq!(
        evaluate_for(&value, circumstances, outcomes, Events::NONE),
        reference::evaluate(&value, circumstances, outcomes),
        "{rules:02X?} {circumstances:?} {outcomes:?}"
    );
}

/// [B3 C3]
#[test]
fn every_single_rule_agrees_with_the_tables() {
    let circumstances = [
        purchase(0),
        purchase(ALL),
        purchase(SIGN | NONE),
        Circumstances { kind: UnattendedCash, ..purchase(ONLINE | ENCIPHERED) },
        Circumstances {
            kind: Cashback,
            cashback: true,
            amount: Amount::new(2001),
            ..purchase(PLAIN | SIGN)
        },
    ];
    for code in 0..=u8::MAX {
        for condition in 0..=u8::MAX {
            for now in &circumstances {
                compare(&[[code, condition]], now, &[Successful]);
            }
        }
    }
}

/// [B3 10.5 condition; B3 10.5 no-cash]
#[test]
fn every_known_rule_agrees_with_the_tables_in_all_circumstances() {
    let known = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x1E, 0x1F, 0x06, 0x3F];
    for circumstances in all_circumstances() {
        for capabilities in (0..32).map(|bits| bits << 3) {
            let now = Circumstances { capabilities: Can([0, capabilities, 0]), ..circumstances };
            for code in known {
                for condition in 0..=0x0A {
                    let outcome = [Successful, Unknown, Failed][usize::from(condition) % 3];
                    compare(&[[code, condition]], &now, &[outcome]);
                }
            }
        }
    }
}

fn any_rule() -> impl Strategy<Value = [u8; 2]> {
    let known = prop::sample::select(vec![0x01, 0x02, 0x03, 0x04, 0x05, 0x1E, 0x1F]);
    let code = prop_oneof![
        12 => (known, any::<bool>(), 0..8u8).prop_map(|(code, next, reserved)| {
            code | if next { 0x40 } else { 0 } | if reserved == 0 { 0x80 } else { 0 }
        }),
        1 => prop::sample::select(vec![0x00, 0x40]),
        2 => any::<u8>(),
        2 => any::<u8>().prop_map(|code| code | 0x40),
    ];
    let condition = prop_oneof![4 => Just(0x00), 8 => 0..=0x09u8, 1 => any::<u8>()];
    (code, condition).prop_map(|(code, condition)| [code, condition])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// [B3 10.5.5]
    #[test]
    fn lists_agree_with_the_tables(
        rules in prop::collection::vec(any_rule(), 0..12),
        circumstances in prop::sample::select(all_circumstances()),
        capabilities in any::<[u8; 3]>(),
        outcomes in prop::collection::vec(prop::sample::select(vec![Failed, Failed, Unknown, Successful]), 0..6),
    ) {
        let circumstances = Circumstances { capabilities: Can(capabilities), ..circumstances };
        compare(&rules, &circumstances, &outcomes);
    }
}

// The rows of the table of CVM Results.

/// The rows of the condition codes, each where it holds and where it does not.
/// [B3 10.5 always, unattended-cash, no-cash, supported, manual-cash, with-cashback]
/// [B3 10.5 under-x, over-x, under-y, over-y, unknown-condition, missing, currency]
#[test]
fn every_condition_has_its_row() {
    let of = |kind| Circumstances { kind, cashback: kind == Cashback, ..purchase(ALL) };
    let paying = |amount| Circumstances { amount: Amount::new(amount), ..purchase(ALL) };
    let elsewhere = Circumstances { application_currency: Some(false), ..paying(1500) };
    let unsaid = Circumstances { application_currency: None, ..paying(1500) };
    let unknown = Circumstances { amount: None, ..purchase(ALL) };
    let rows: [(u8, &[Circumstances], &[Circumstances]); 12] = [
        (0x00, &[of(Purchase), of(UnattendedCash), unsaid, purchase(NONE)], &[]),
        (0x01, &[of(UnattendedCash)], &[of(ManualCash), of(Purchase), of(Cashback)]),
        (0x02, &[of(Purchase), of(Refund)], &[of(UnattendedCash), of(ManualCash), of(Cashback)]),
        (0x03, &[purchase(ALL), purchase(NONE)], &[purchase(PLAIN | ONLINE | SIGN | ENCIPHERED)]),
        (0x04, &[of(ManualCash)], &[of(UnattendedCash), of(Purchase), of(Cashback)]),
        (0x05, &[of(Cashback)], &[of(Purchase), of(ManualCash), of(UnattendedCash)]),
        (0x06, &[paying(999)], &[paying(1000), paying(1001), elsewhere, unsaid, unknown]),
        (0x07, &[paying(1001)], &[paying(1000), paying(999), elsewhere, unsaid, unknown]),
        (0x08, &[paying(1999)], &[paying(2000), paying(2001), elsewhere, unsaid, unknown]),
        (0x09, &[paying(2001)], &[paying(2000), paying(1999), elsewhere, unsaid, unknown]),
        (0x0A, &[], &[of(Purchase), paying(1500)]),
        (0x80, &[], &[of(Purchase), of(ManualCash)]),
    ];
    for (condition, holds, fails) in rows {
        let performed = |now: &Circumstances| {
            let verdict = evaluate(&[[0x1F, condition]], now, &[Successful]);
            verdict.performed == [[0x1F, condition]]
        };
        assert!(holds.iter().all(performed), "{condition:02X}");
        assert!(!fails.iter().any(performed), "{condition:02X}");
    }
    // For want of data, and because the currency is another, are two different things.
    for (now, why) in [
        (unsaid, Passed::ConditionDataMissing),
        (unknown, Passed::ConditionDataMissing),
        (elsewhere, Passed::ConditionNotSatisfied),
    ] {
        let told = Told::default();
        evaluate_for(&list(&[[0x1F, 0x07]]), &now, &[], Events::to(&told));
        assert_eq!(told.0.into_inner(), [(1, Err(why))]);
    }
}

/// [B4 6.3.4; B4 6.3.4.5 not-asked]
#[test]
fn row_no_rules_to_follow() {
    let (results, _receipt) = Evaluation::without_rules();
    assert_eq!(results.encode(), [0x3F, 0x00, 0x00]);
}

/// [B3 10.5 exhausted; B4 6.3.4.5 none-performed]
#[test]
fn row_no_condition_satisfied() {
    let verdict = evaluate(&[[0x01, 0x01], [0x1E, 0x04], [0x1F, 0x42]], &purchase(ALL), &[]);
    assert_eq!(verdict.results, [0x3F, 0x00, 0x01]);
    assert_eq!((verdict.bits, verdict.succeeded), (FAILED, false));
    assert!(verdict.performed.is_empty());
}

/// [B3 10.5 unsupported]
#[test]
fn row_satisfied_but_none_supported() {
    let verdict = evaluate(&[[0x5E, 0x00], [0x1F, 0x00]], &purchase(PLAIN), &[]);
    assert_eq!(verdict.results, [0x3F, 0x00, 0x01]);
    assert_eq!(verdict.bits, FAILED);
}

/// [B3 10.5 unrecognised]
#[test]
fn row_none_recognised() {
    let verdict = evaluate(&[[0x46, 0x00], [0x20, 0x00]], &purchase(ALL), &[]);
    assert_eq!(verdict.results, [0x3F, 0x00, 0x01]);
    assert_eq!(verdict.bits, FAILED | UNRECOGNISED);
}

/// [B3 10.5 fail-rule; B4 6.3.4.5 fail-rule]
#[test]
fn row_fail_is_performed() {
    for code in [0x00, 0x40] {
        for condition in [0x00, 0x02, 0x03, 0x07] {
            let rules = [[code, condition], [0x1F, 0x00]];
            let verdict = evaluate(&rules, &purchase(ALL), &[Successful]);
            assert_eq!(verdict.results, [code, condition, 0x01]);
            assert_eq!((verdict.bits, verdict.succeeded), (FAILED, false));
            assert!(verdict.performed.is_empty(), "whatever bit 7 says");
            let verdict = evaluate(&[[0x1F, condition]], &purchase(ALL), &[Successful]);
            assert_eq!(verdict.performed.len(), 1, "no other rule fails of itself");
        }
    }
}

/// [B4 6.3.4.5 failed]
#[test]
fn row_last_performed_failed() {
    let verdict = evaluate(&[[0x41, 0x00], [0x02, 0x03]], &purchase(ALL), &[Failed]);
    assert_eq!(verdict.performed, [[0x41, 0x00], [0x02, 0x03]]);
    assert_eq!(verdict.results, [0x02, 0x03, 0x01]);
    assert_eq!((verdict.bits, verdict.succeeded), (FAILED, false));
}

/// [B3 10.5.3; B4 6.3.4.5 unknown]
#[test]
fn row_signature() {
    for code in [0x1E, 0x5E] {
        let verdict = evaluate(&[[code, 0x02]], &purchase(ALL), &[Unknown]);
        assert_eq!(verdict.results, [code, 0x02, 0x00]);
        assert_eq!((verdict.bits, verdict.succeeded), (0, true));
    }
}

#[test]
fn row_online_pin_entered() {
    for code in [0x02, 0x42] {
        let verdict = evaluate(&[[code, 0x00]], &purchase(ALL), &[Unknown]);
        assert_eq!(verdict.results, [code, 0x00, 0x00]);
        assert_eq!(
            (verdict.bits, verdict.succeeded),
            (0, true),
            "the bit for the PIN comes from who takes it"
        );
    }
}

#[test]
fn row_no_cvm_required() {
    for code in [0x1F, 0x5F] {
        let verdict = evaluate(&[[code, 0x03]], &purchase(ALL), &[Successful]);
        assert_eq!(verdict.results, [code, 0x03, 0x02]);
        assert_eq!((verdict.bits, verdict.succeeded), (0, true));
    }
}

/// [B4 6.3.4.5 successful]
#[test]
fn row_offline_pin_is_right() {
    for code in [0x01, 0x41, 0x04, 0x44] {
        let verdict = evaluate(&[[code, 0x00], [0x1E, 0x00]], &purchase(ALL), &[Successful]);
        assert_eq!(verdict.results, [code, 0x00, 0x02]);
        assert_eq!((verdict.bits, verdict.succeeded), (0, true));
        assert_eq!(verdict.performed.len(), 1);
    }
}

#[test]
fn row_combination_with_one_part_unknown() {
    for code in [0x03, 0x43, 0x05, 0x45] {
        let verdict = evaluate(&[[code, 0x00]], &purchase(ALL), &[Unknown]);
        assert_eq!(verdict.results, [code, 0x00, 0x00]);
        assert_eq!((verdict.bits, verdict.succeeded), (0, true));
    }
}

#[test]
fn row_combination_with_a_part_failed() {
    let last = evaluate(&[[0x03, 0x00], [0x1F, 0x00]], &purchase(ALL), &[Failed]);
    assert_eq!((last.results, last.bits), ([0x03, 0x00, 0x01], FAILED));
    let more = evaluate(&[[0x43, 0x00], [0x1F, 0x00]], &purchase(ALL), &[Failed, Successful]);
    assert_eq!((more.results, more.bits), ([0x1F, 0x00, 0x02], 0));
}

/// [B4 6.3.4.5 last-performed]
#[test]
fn a_failed_method_stays_in_the_results_when_nothing_is_performed_after_it() {
    for after in [[0x1F, 0x04], [0x5E, 0x00], [0x46, 0x00], [0x1E, 0x80]] {
        let verdict = evaluate(&[[0x44, 0x00], after], &purchase(ENCIPHERED), &[Failed]);
        assert_eq!(verdict.results, [0x44, 0x00, 0x01], "{after:02X?}");
        assert_eq!(verdict.bits & FAILED, FAILED);
    }
}

/// [B3 10.5 succeeding]
#[test]
fn the_rule_itself_says_whether_the_next_one_applies() {
    // Not performed: without bit 7 the list ends, whatever the rules around it say.
    for first in [[0x01, 0x00], [0x06, 0x00]] {
        let rules = [first, [0x5F, 0x00], [0x1F, 0x00]];
        let verdict = evaluate(&rules, &purchase(NONE), &[Successful]);
        assert!(verdict.performed.is_empty(), "{rules:02X?}");
        assert_eq!(verdict.bits & FAILED, FAILED);
        let rules = [[first[0] | 0x40, 0x00], [0x1F, 0x00]];
        let verdict = evaluate(&rules, &purchase(NONE), &[Successful]);
        assert_eq!(verdict.performed, [[0x1F, 0x00]]);
        assert_eq!(verdict.bits & FAILED, 0);
    }
    // Performed and failed: the same.
    let verdict = evaluate(&[[0x01, 0x00], [0x5F, 0x00]], &purchase(ALL), &[Failed]);
    assert_eq!(verdict.performed, [[0x01, 0x00]]);
    let verdict = evaluate(&[[0x41, 0x00], [0x1F, 0x00]], &purchase(ALL), &[Failed, Successful]);
    assert_eq!(verdict.performed, [[0x41, 0x00], [0x1F, 0x00]]);
    // A rule whose condition does not hold is passed over whatever its bit 7 says.
    let verdict = evaluate(&[[0x01, 0x04], [0x1F, 0x00]], &purchase(ALL), &[Successful]);
    assert_eq!(verdict.performed, [[0x1F, 0x00]]);
    // Bit 7 of the last rule leads nowhere.
    let verdict = evaluate(&[[0x41, 0x00]], &purchase(ALL), &[Failed]);
    assert_eq!((verdict.results, verdict.bits), ([0x41, 0x00, 0x01], FAILED));
}

/// [B3 10.5 under-x]
#[test]
fn under_and_over_are_strict() {
    for (condition, limit, under) in
        [(0x06, 1000, true), (0x07, 1000, false), (0x08, 2000, true), (0x09, 2000, false)]
    {
        for (amount, side) in [(limit - 1, Some(true)), (limit, None), (limit + 1, Some(false))] {
            let now = Circumstances { amount: Amount::new(amount), ..purchase(ALL) };
            let verdict = evaluate(&[[0x1F, condition]], &now, &[Successful]);
            assert_eq!(verdict.succeeded, side == Some(under), "{condition:02X} {amount}");
        }
    }
}

#[test]
fn limits_of_zero_and_of_four_bytes() {
    let evaluate = |x: u32, amount, condition| {
        let mut value = [x.to_be_bytes(), [0; 4]].concat();
        value.extend([0x1F, condition]);
        let now = Circumstances { amount: Amount::new(amount), ..purchase(ALL) };
        evaluate_for(&value, &now, &[Successful], Events::NONE).succeeded
    };
    assert!(!evaluate(0, 0, 0x06) && !evaluate(0, 0, 0x07) && evaluate(0, 1, 0x07));
    let most = u64::from(u32::MAX);
    assert!(evaluate(u32::MAX, most - 1, 0x06) && !evaluate(u32::MAX, most, 0x06));
    assert!(evaluate(u32::MAX, most + 1, 0x07) && !evaluate(u32::MAX, most + 1, 0x06));
}

#[test]
fn a_rule_about_amounts_is_passed_over_while_its_data_is_missing() {
    for condition in 0x06..=0x09 {
        for (amount, application_currency, why) in [
            (None, Some(true), Passed::ConditionDataMissing),
            (Some(1), None, Passed::ConditionDataMissing),
            (None, None, Passed::ConditionDataMissing),
            (Some(1), Some(false), Passed::ConditionNotSatisfied),
            (Some(9999), Some(false), Passed::ConditionNotSatisfied),
        ] {
            let now = Circumstances {
                amount: amount.and_then(Amount::new),
                application_currency,
                ..purchase(ALL)
            };
            let told = Told::default();
            let value = list(&[[0x00, condition], [0x1E, 0x00]]);
            let verdict = evaluate_for(&value, &now, &[Unknown], Events::to(&told));
            assert_eq!(verdict.performed, [[0x1E, 0x00]]);
            assert_eq!(
                told.0.into_inner(),
                [(1, Err(why)), (2, Ok([0x1E, 0x00]))],
                "{condition:02X}"
            );
        }
    }
}

#[test]
fn says_why_a_rule_was_passed_over() {
    let rules = [
        [0x41, 0x0A],
        [0x41, 0x80],
        [0x41, 0x01],
        [0x46, 0x00],
        [0x46, 0x03],
        [0x41, 0x03],
        [0x41, 0x00],
        [0x40, 0x00],
        [0x1F, 0x00],
    ];
    let told = Told::default();
    let verdict = evaluate_for(&list(&rules), &purchase(NONE), &[], Events::to(&told));
    assert_eq!(
        told.0.into_inner(),
        [
            (1, Err(Passed::ConditionUnrecognised)),
            (2, Err(Passed::ConditionUnrecognised)),
            (3, Err(Passed::ConditionNotSatisfied)),
            (4, Err(Passed::MethodUnrecognised)),
            (5, Err(Passed::ConditionNotSatisfied)),
            (6, Err(Passed::ConditionNotSatisfied)),
            (7, Err(Passed::MethodUnsupported)),
            (8, Ok([0x40, 0x00])),
        ]
    );
    assert_eq!(verdict.results, [0x40, 0x00, 0x01]);
    assert_eq!(verdict.bits, FAILED | UNRECOGNISED | NO_PAD);
}

/// [B3 10.5 pad]
#[test]
fn a_pin_that_cannot_be_taken_counts_as_a_missing_pad() {
    for (code, capabilities, bits) in [
        (0x02, ALL & !ONLINE, NO_PAD),
        (0x02, ONLINE, 0),
        (0x01, ONLINE | SIGN | NONE, NO_PAD),
        (0x01, ENCIPHERED, 0),
        (0x04, PLAIN, 0),
        (0x04, SIGN, NO_PAD),
        (0x03, PLAIN, 0), // the pad is there, the signature is not
        (0x03, SIGN, NO_PAD),
        (0x05, ENCIPHERED, 0),
        (0x05, SIGN, NO_PAD),
        (0x1E, PLAIN, 0),
        (0x1F, PLAIN, 0),
    ] {
        let verdict = evaluate(&[[code, 0x00]], &purchase(capabilities), &[Successful]);
        assert_eq!(verdict.bits & NO_PAD, bits, "{code:02X} {capabilities:02X}");
        // A rule under condition 3 is passed over instead.
        let verdict = evaluate(&[[code, 0x03]], &purchase(capabilities), &[Successful]);
        assert_eq!(verdict.bits & NO_PAD, 0);
    }
}

/// [B3 10.5 cashback]
#[test]
fn cashback_is_part_of_a_purchase_or_of_nothing() {
    for kind in [Purchase, Cashback, ManualCash, UnattendedCash, Refund, Inquiry] {
        for condition in [0x02, 0x05] {
            let now = Circumstances { kind, cashback: true, ..purchase(ALL) };
            compare(&[[0x1F, condition]], &now, &[Successful]);
        }
    }
}

/// [B3 10.5.4; B4 A2]
#[test]
fn combinations_need_both_parts() {
    for (code, pin) in [(0x03, PLAIN), (0x05, ENCIPHERED)] {
        for (capabilities, supported) in
            [(pin, false), (SIGN, false), (pin | SIGN, true), (ALL, true), (0, false)]
        {
            for condition in [0x00, 0x03] {
                let verdict = evaluate(&[[code, condition]], &purchase(capabilities), &[Unknown]);
                assert_eq!(verdict.succeeded, supported, "{code:02X} {capabilities:02X}");
            }
        }
    }
    let other = evaluate(&[[0x05, 0x00]], &purchase(PLAIN | SIGN), &[Unknown]);
    assert!(!other.succeeded, "the other kind of PIN does not do");
}

/// [B3 C3]
#[test]
fn methods_say_what_they_are_made_of() {
    for code in 0..=0x3F {
        let method = Rule { code, condition: 0x00 }.method();
        let words = method.to_string();
        assert_eq!(method.has_signature(), matches!(code, 0x03 | 0x05 | 0x1E), "{words}");
        assert_eq!(words.contains("signature"), method.has_signature(), "{words}");
        assert_eq!(method.is_offline_pin(), matches!(code, 0x01 | 0x03..=0x05), "{words}");
        assert_eq!(words.contains("PIN verified by the card"), method.is_offline_pin(), "{words}");
        assert_eq!(words == "no verification required", code == 0x1F, "{words}");
    }
}

/// [B3 C3]
#[test]
fn every_condition_has_words_of_its_own() {
    let words: Vec<_> =
        (0..=0x0A).map(|condition| Rule { code: 0, condition }.condition().to_string()).collect();
    assert!(words.iter().all(|text| !text.is_empty()));
    for (place, text) in words.iter().enumerate() {
        assert!(!words[..place].contains(text), "{text}");
    }
    for (place, limit) in [(6, "under X"), (7, "over X"), (8, "under Y"), (9, "over Y")] {
        assert!(words[place].ends_with(limit), "{}", words[place]);
    }
}

#[test]
fn a_terminal_without_any_capability_can_still_fail() {
    let verdict = evaluate(&[[0x00, 0x03]], &purchase(0), &[]);
    assert_eq!(verdict.results, [0x00, 0x03, 0x01]);
}

#[test]
fn an_evaluation_that_was_not_driven_to_its_end_has_failed() {
    let value = list(&[[0x41, 0x00], [0x1F, 0x00]]);
    let list = CvmList::read(&value).unwrap();
    let mut findings = Findings::new(Events::NONE);
    let (results, _) = Evaluation::new().conclude(&mut findings);
    assert_eq!(results.encode(), [0x3F, 0x00, 0x01]);
    assert_eq!(findings.bits().0, [0, 0, FAILED, 0, 0]);

    let mut findings = Findings::new(Events::NONE);
    let mut evaluation = Evaluation::default();
    let (rule, _) = evaluation.next(&list, &purchase(ALL), &mut findings).unwrap();
    evaluation.performed(rule, Failed, &mut findings);
    assert!(findings.bits().is_empty(), "the next rule may succeed");
    let (results, _) = evaluation.conclude(&mut findings);
    assert_eq!(results.encode(), [0x41, 0x00, 0x01]);
    assert_eq!(findings.bits().0, [0, 0, FAILED, 0, 0]);
}

#[test]
fn an_empty_list_proves_nothing() {
    let verdict = evaluate(&[], &purchase(ALL), &[Successful]);
    assert_eq!((verdict.bits, verdict.succeeded), (FAILED, false));
}

#[test]
fn a_list_of_the_longest_card_answer_ends() {
    for count in [122, 123, 254, 255] {
        for rule in [[0x41, 0x80], [0x46, 0x00], [0x41, 0x00]] {
            let told = Told::default();
            let value = list(&vec![rule; count]);
            let verdict = evaluate_for(&value, &purchase(ALL), &[Failed], Events::to(&told));
            assert!(!verdict.succeeded);
            let told = told.0.into_inner();
            assert_eq!(told.len(), count);
            assert_eq!(usize::from(told.last().unwrap().0), count);
        }
    }
}

#[test]
fn a_list_of_any_length_ends() {
    for count in [256, 257, 600] {
        let told = Told::default();
        let value = list(&vec![[0x41, 0x80]; count]);
        let verdict = evaluate_for(&value, &purchase(ALL), &[Failed], Events::to(&told));
        assert!(!verdict.succeeded);
    }
}

/// [B3 7.5 cvm-list]
#[test]
fn a_list_is_two_amounts_and_whole_rules() {
    for length in 0..=300 {
        let value: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
        match CvmList::read(&value) {
            Ok(list) => {
                assert!(length >= 8 && length % 2 == 0, "{length}");
                assert_eq!((list.amount_x, list.amount_y), (0x0001_0203, 0x0405_0607));
                let rules: Vec<_> =
                    list.rules().flat_map(|rule| [rule.code, rule.condition]).collect();
                assert_eq!(rules, value[8..]);
                assert_eq!(list.rules().len(), (length - 8) / 2);
            }
            Err(fault) => {
                assert!(length < 8 || length % 2 == 1, "{length}");
                assert_eq!(fault, Fault::format(Tag(0x8E)).at(length));
            }
        }
    }
}

#[test]
fn agrees_with_published_lists() {
    // From the test data of openemv/emv-utils and binaryfoo/emv-bertlv.
    let read = |hex: &str| {
        let value = hex::decode(hex).unwrap();
        CvmList::read(&value).ok().map(|list| {
            let rules: Vec<_> = list.rules().map(|rule| [rule.code, rule.condition]).collect();
            (list.amount_x, list.amount_y, rules)
        })
    };
    assert_eq!(read("00"), None);
    assert_eq!(read("000186A0000003E81E0342"), None);
    assert_eq!(read("000000000000000011"), None);
    assert_eq!(read("000186A0000003E84403"), Some((100_000, 1000, vec![[0x44, 0x03]])));
    assert_eq!(read("000000C80000000002071E00"), Some((200, 0, vec![[0x02, 0x07], [0x1E, 0x00]])));
    assert_eq!(
        read("00000000000000004201440341035E0342031F03").map(|(.., rules)| rules.len()),
        Some(6)
    );
}
