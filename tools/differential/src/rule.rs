//! Known deviations of the peer that show in one place and change nothing else.

use chipwright::oda::Method;

use crate::adjustment::Adjustment;
use crate::case::Case;
use crate::compare::{Difference, Subject};
use crate::observation::{Ending, Observation};

/// A class of differences: its name in `docs/differential.md`, and the section that decides it.
pub(crate) type Class = (&'static str, &'static str);

/// Results of a method that was not performed.
const RESULTS_OF_UNPERFORMED: Class = ("cvm-results-of-unperformed", "B4 6.3.4.5");
/// Byte 3 of the results of PIN and signature.
const RESULTS_OF_COMBINATION: Class = ("cvm-results-of-combination", "B4 6.3.4.5");
/// TSI after CDA that failed before the cryptogram.
const CDA_FAILED_UNSAID: Class = ("cda-failed-unsaid", "B3 10.3");

/// A second signed cryptogram is taken for a wrong one.
const CDA_TWICE: Class = ("cda-twice", "B2 6.6.2");

/// Classes beside those of the adjustments.
#[cfg(test)]
pub(crate) const CLASSES: [Class; 4] =
    [RESULTS_OF_UNPERFORMED, RESULTS_OF_COMBINATION, CDA_FAILED_UNSAID, CDA_TWICE];

/// What a difference is, that is left when the `adjustments` are made; `None` when nobody knows.
pub(crate) fn class(
    case: &Case,
    adjustments: &[Adjustment],
    ours: &Observation,
    difference: &Difference,
) -> Option<Class> {
    match difference.subject {
        Subject::Ending => {
            let signed = |number| ours.request(number).is_some_and(|request| request.signed);
            let declined = ours.ending == Some(Ending::Approved)
                && difference.peer == Ending::Declined.to_string();
            (signed(0) && signed(1) && declined).then_some(CDA_TWICE)
        }
        Subject::CvmResults => cvm_results(case, adjustments, ours, difference),
        Subject::Status(0x80) | Subject::Listed(_, 0x9B) => {
            let failed = ours.method == Some(Method::Cda) && ours.authenticated == Some(false);
            let told = difference.ours == "1" && difference.peer == "0"
                || without_first_bit(&difference.ours) == Some(difference.peer.clone());
            (failed && told).then_some(CDA_FAILED_UNSAID)
        }
        // What the adjustment changed.
        Subject::Listed(_, 0x9F33) if adjustments.contains(&Adjustment::SignatureUnattended) => {
            Some(Adjustment::SignatureUnattended.class())
        }
        _ => None,
    }
}

fn cvm_results(
    case: &Case,
    adjustments: &[Adjustment],
    ours: &Observation,
    difference: &Difference,
) -> Option<Class> {
    let results = |text: &str| hex::decode(text).ok()?.try_into().ok();
    let [code, condition, outcome]: [u8; 3] = results(&difference.ours)?;
    let [peer_code, mut peer_condition, peer_outcome]: [u8; 3] = results(&difference.peer)?;
    if adjustments.contains(&Adjustment::ManualCash) && condition == 0x04 && peer_condition == 0x00
    {
        peer_condition = condition;
    }
    let peers = (peer_code, peer_condition);
    let same_rule = (code, condition) == peers;
    if same_rule && outcome == peer_outcome {
        return Some(Adjustment::ManualCash.class());
    }
    if same_rule && (outcome, peer_outcome) == (0x00, 0x02) && matches!(code & 0x3F, 0x03 | 0x05) {
        return Some(RESULTS_OF_COMBINATION);
    }
    // Of the rules that were passed over, the peer gives the last one whose condition held.
    let last = ours.performed.last().map_or((0x3F, 0x00), |rule| (rule.code, rule.condition));
    let ours_right = (code, condition) == last;
    let both_failed = outcome == 0x01 && peer_outcome == 0x01;
    // The peer's list may have been changed.
    let mut list = case.clone();
    adjustments.iter().for_each(|adjustment| adjustment.for_peer(&mut list));
    let mut rules = case.rules().chain(list.rules()).map(|[code, condition]| (code, condition));
    let passed_over = !ours.performed.iter().any(|rule| (rule.code, rule.condition) == peers)
        && (peers == (0x3F, 0x00) || rules.any(|rule| rule == peers));
    (both_failed && ours_right && passed_over).then_some(RESULTS_OF_UNPERFORMED)
}

/// A Transaction Status Information without "offline data authentication was performed".
fn without_first_bit(status: &str) -> Option<String> {
    let mut bytes = hex::decode(status).ok()?;
    *bytes.first_mut()? &= !0x80;
    Some(hex::encode_upper(bytes))
}
