//! Combinations for taps: limits, qualifiers, kernels.

use chipwright::config::Terminal;
use chipwright::contactless::TerminalTransactionQualifiers as Ttq;
use chipwright::field::{OnlineCapability, TerminalCapabilities as Can};
use chipwright_entry_point::Combination;
use chipwright_harness::describe::Book;

use super::{Findings, applications};

/// Checks every combination.
pub(super) fn check(
    terminal: &Terminal<'_>,
    combinations: &[Combination<'_>],
    findings: &mut Findings<'_>,
) {
    for (number, combination) in combinations.iter().enumerate() {
        let path = format!("contactless.{number}");
        applications::check_shape(combination.aid, &format!("{path}.aid"), findings);
        check_kernel(combination, &path, findings);
        check_limits(combination, &path, findings);
        check_qualifiers(terminal, combination, &path, findings);
        let mut before = combinations.iter().take(number);
        if before.any(|other| (other.aid, other.kernel) == (combination.aid, combination.kernel)) {
            findings.error(&path, "application and kernel are there twice");
        }
    }
}

fn check_kernel(combination: &Combination<'_>, path: &str, findings: &mut Findings<'_>) {
    let path = format!("{path}.kernel");
    let wanted = Book::of_aid(combination.aid);
    let given = Book::of_kernel(combination.kernel.bytes());
    if let (Some(wanted), Some(given)) = (wanted, given)
        && wanted != given
        && given != Book::C8
    {
        findings.warning(&path, format_args!("{given} for an application of {wanted}"));
    }
    if given != Some(Book::C7) {
        findings.warning(&path, "this kernel is not linked: its cards are passed over");
    }
}

/// [A 5.2]
fn check_limits(combination: &Combination<'_>, path: &str, findings: &mut Findings<'_>) {
    let Combination { transaction_limit, cvm_required_limit, floor_limit, .. } = *combination;
    let transaction = transaction_limit.map(|limit| limit.minor_units());
    let cvm = cvm_required_limit.map(|limit| limit.minor_units());
    let floor = floor_limit.map(|limit| limit.minor_units());
    if transaction == Some(0) {
        findings.error(&format!("{path}.transaction_limit"), "0: no tap for anything");
    } else if let Some(transaction) = transaction {
        if cvm.is_some_and(|cvm| cvm >= transaction) {
            findings.error(
                &format!("{path}.cvm_required_limit"),
                format_args!("not below the transaction limit {transaction}: never verified"),
            );
        }
        if floor.is_some_and(|floor| floor + 1 >= transaction) {
            findings.error(
                &format!("{path}.floor_limit"),
                format_args!("not below the transaction limit {transaction}: never online"),
            );
        }
    }
    if floor.is_some() && combination.terminal_floor_limit.is_some() {
        findings.warning(
            &format!("{path}.terminal_floor_limit"),
            "counts only where `floor_limit` is \"none\"",
        );
    }
    let unlimited = floor.is_none() && combination.terminal_floor_limit.is_none();
    if unlimited && !combination.online_without_floor_limit {
        findings.warning(path, "no floor limit: every tap may be approved offline");
    }
}

fn check_qualifiers(
    terminal: &Terminal<'_>,
    combination: &Combination<'_>,
    path: &str,
    findings: &mut Findings<'_>,
) {
    let Some(qualifiers) = combination.qualifiers else { return };
    let path = format!("{path}.qualifiers");
    let offline = terminal.terminal_type.online_capability() == OnlineCapability::OfflineOnly;
    let can = terminal.capabilities;
    let has = |bit: Ttq| qualifiers.contains(bit);
    for (wrong, why) in [
        (
            qualifiers.intersects(Ttq::ONLINE_CRYPTOGRAM_REQUIRED | Ttq::CVM_REQUIRED),
            "bits that pre-processing sets for one transaction are set for all",
        ),
        (!has(Ttq::EMV_MODE), "without `emv-mode`: no kernel can go on"),
        (has(Ttq::OFFLINE_ONLY) && !offline, "`offline-only`, and the terminal goes online"),
        (
            !has(Ttq::OFFLINE_ONLY) && offline,
            "not `offline-only`, and the terminal never goes online",
        ),
        (has(Ttq::ONLINE_PIN) && offline, "`online-pin`, and the terminal never goes online"),
        (
            has(Ttq::ONLINE_PIN) && !can.contains(Can::ENCIPHERED_PIN_ONLINE),
            "`online-pin`, which the capabilities do not have",
        ),
        (
            has(Ttq::SIGNATURE) && !can.contains(Can::SIGNATURE),
            "`signature`, which the capabilities do not have",
        ),
        (
            has(Ttq::CONTACT_CHIP) && !can.contains(Can::IC_WITH_CONTACTS),
            "`contact-chip`, which the capabilities do not have",
        ),
        (qualifiers.set_bits().any(|(.., meaning)| meaning.is_none()), "reserved bits are set"),
    ] {
        if wrong {
            findings.error(&path, why);
        }
    }
}
