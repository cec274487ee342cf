//! CVM Lists: rules are performed in order, each at most once, and the results are those of the
//! last that was performed.

#![no_main]

use chipwright::config::TransactionType;
use chipwright::cvm::{Circumstances, CvmList, Evaluation, Method, Performed};
use chipwright::event::Events;
use chipwright::field::{CvmOutcome, TerminalCapabilities, TerminalVerificationResults as Tvr};
use chipwright::findings::Findings;
use chipwright::value::Amount;
use chipwright_fuzz::invariant::within;
use libfuzzer_sys::fuzz_target;

/// In the order of the first byte.
const KINDS: [TransactionType; 6] = [
    TransactionType::Purchase,
    TransactionType::ManualCash,
    TransactionType::UnattendedCash,
    TransactionType::Cashback,
    TransactionType::Refund,
    TransactionType::Inquiry,
];

fuzz_target!(|bytes: &[u8]| {
    let [kind, currency, capabilities, a, b, c, results, list @ ..] = bytes else {
        return;
    };
    let circumstances = Circumstances {
        kind: KINDS[usize::from(*kind) % KINDS.len()],
        cashback: kind & 0x80 != 0,
        amount: Amount::new(u64::from(u32::from_be_bytes([0, *a, *b, *c]))).filter(|_| *a != 0xFF),
        application_currency: [None, Some(true), Some(false)][usize::from(*currency) % 3],
        capabilities: TerminalCapabilities([0xE0, *capabilities, 0xC8]),
    };
    let list = &list[..list.len().min(252)];
    match CvmList::read(list) {
        Ok(read) => {
            assert_eq!(read.rules().len() * 2 + 8, list.len());
            for rule in read.rules() {
                let method = rule.method();
                let told = format!("{method}, {}", rule.condition());
                assert_eq!(method.has_signature(), told.contains("signature"), "{told}");
            }
            evaluate(&read, &circumstances, *results);
        }
        Err(fault) => {
            within(fault, list);
            assert!(list.len() < 8 || list.len() % 2 == 1);
            let (results, _receipt) = Evaluation::without_rules();
            assert_eq!(results.outcome, CvmOutcome::Unknown);
        }
    }
});

/// `results` says of each rule whether it succeeds.
fn evaluate(list: &CvmList<'_>, circumstances: &Circumstances, mut results: u8) {
    let mut findings = Findings::new(Events::NONE);
    let mut evaluation = Evaluation::new();
    let mut last = (0x3F, 0x00, CvmOutcome::Failed);
    let mut left = list.rules();
    let mut went_on = true;
    while let Some((rule, method)) = evaluation.next(list, circumstances, &mut findings) {
        assert!(went_on, "asked after it was at its end");
        assert!(left.any(|other| other == rule), "out of order: {rule:?}");
        assert!(method == rule.method() && method != Method::Fail);
        assert!(method.is_supported(circumstances.capabilities));
        let (how, outcome) = match results & 3 {
            0 => (Performed::Successful, CvmOutcome::Successful),
            1 => (Performed::Unknown, CvmOutcome::Unknown),
            _ => (Performed::Failed, CvmOutcome::Failed),
        };
        results >>= 2;
        evaluation.performed(rule, how, &mut findings);
        last = (rule.code, rule.condition, outcome);
        went_on = how == Performed::Failed && rule.apply_succeeding();
    }
    let succeeded = evaluation.succeeded();
    let (concluded, _receipt) = evaluation.conclude(&mut findings);
    let shown = (concluded.code, concluded.condition, concluded.outcome);
    let fail_rule = left.any(|rule| {
        rule.method() == Method::Fail && (rule.code, rule.condition) == (shown.0, shown.1)
    });
    assert!(shown == last || fail_rule, "{shown:?} after {last:?}");
    assert_eq!(succeeded, concluded.outcome != CvmOutcome::Failed);
    let failed = findings.bits().contains(Tvr::CARDHOLDER_VERIFICATION_FAILED);
    assert_eq!(failed, !succeeded, "the results say whether it failed");
}
