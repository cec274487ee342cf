//! What the two kernels made of a case.

use crate::adjustment::Adjustment;
use crate::case::Case;
use crate::compare::{Difference, compare};
use crate::observation::Observation;
use crate::rule::{self, Class};
use crate::{ours, peer};

/// What came out of one case.
pub(crate) struct Verdict {
    pub(crate) ours: Observation,
    pub(crate) peer: Observation,
    /// Where they differ before anything is undone.
    pub(crate) differences: Vec<Difference>,
    /// What explains it, with the fewest deviations that do.
    pub(crate) classes: Vec<Class>,
    /// What nothing explains; then `classes` is empty.
    pub(crate) unexplained: Vec<Difference>,
}

/// Runs a case, with these adjustments.
type Kernel<'k> = &'k dyn Fn(&Case, &[Adjustment]) -> Observation;

/// Runs both kernels, and again for the known deviations that may be the reason for what is
/// different: first for none, then for each, then for two of them, until nothing is left.
pub(crate) fn judge(case: &Case) -> Verdict {
    judge_kernels(case, [&ours::observe, &peer::observe])
}

fn judge_kernels(case: &Case, kernels: [Kernel<'_>; 2]) -> Verdict {
    let [ours, peer] = kernels.map(|kernel| kernel(case, &[]));
    let differences = compare(case, &ours, &peer);
    let mut possible: Vec<Adjustment> = Adjustment::ALL.to_vec();
    possible.retain(|adjustment| adjustment.applies(case, &ours));
    let mut sets: Vec<u32> = (0..1 << possible.len()).collect();
    sets.sort_by_key(|set| set.count_ones());
    let explained = sets.into_iter().find_map(|set| {
        let chosen = possible.iter().enumerate().filter(|(bit, _)| set & 1 << bit != 0);
        let adjustments: Vec<Adjustment> = chosen.map(|(_, adjustment)| *adjustment).collect();
        explain(case, kernels, &adjustments)
    });
    match explained {
        Some(classes) => Verdict { ours, peer, differences, classes, unexplained: Vec::new() },
        None => {
            let unexplained = differences.clone();
            Verdict { ours, peer, differences, classes: Vec::new(), unexplained }
        }
    }
}

/// The classes of the adjustments, and of what is left with them; `None` when that has no class.
fn explain(case: &Case, kernels: [Kernel<'_>; 2], chosen: &[Adjustment]) -> Option<Vec<Class>> {
    let [ours, peer] = kernels.map(|kernel| kernel(case, chosen));
    let mut classes: Vec<Class> = chosen.iter().map(|one| one.class()).collect();
    for difference in compare(case, &ours, &peer) {
        let class = rule::class(case, chosen, &ours, &difference)?;
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    Some(classes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::draw;
    use crate::observation::{Ending, GENERATE_AC};

    /// A fault of our kernel, as it would be seen.
    type Fault = fn(&mut Observation);

    const FAULTS: [(&str, Fault); 7] = [
        ("a result at the end", |ours| ours.results[3] ^= 0x80),
        ("the results of verification", |ours| {
            if let Some([code, ..]) = &mut ours.cvm_results {
                *code ^= 0x01;
            }
        }),
        ("the status", |ours| ours.status[0] ^= 0x08),
        ("the type of the cryptogram", |ours| change_command(ours, 2, 0xC0)),
        ("the signature", |ours| change_command(ours, 2, 0x10)),
        ("what a list is filled with", |ours| change_command(ours, 10, 0x01)),
        ("the ending", |ours| {
            ours.ending = match ours.ending {
                Some(Ending::Approved) => Some(Ending::Declined),
                _ => Some(Ending::Approved),
            };
        }),
    ];

    fn change_command(ours: &mut Observation, place: usize, mask: u8) {
        let mut exchanges = ours.exchanges.iter_mut();
        if let Some(exchange) = exchanges.find(|one| one.instruction() == GENERATE_AC) {
            exchange.command[place] ^= mask;
        }
    }

    #[test]
    fn a_fault_of_ours_has_no_explanation() {
        let cases = (0..40).map(|number| draw(1, number));
        let alike: Vec<Case> = cases.filter(|case| judge(case).differences.is_empty()).collect();
        assert!(alike.len() > 5);
        for (name, fault) in FAULTS {
            for case in &alike {
                let faulty = |case: &Case, chosen: &[Adjustment]| {
                    let mut ours = ours::observe(case, chosen);
                    fault(&mut ours);
                    ours
                };
                let verdict = judge_kernels(case, [&faulty, &peer::observe]);
                let number = case.number;
                assert!(!verdict.unexplained.is_empty(), "{name} of case {number} goes unseen");
            }
        }
    }

    #[test]
    fn the_fewest_deviations_explain() {
        // A kernel that differs in nothing needs none.
        let case = draw(1, 0);
        let verdict = judge_kernels(&case, [&ours::observe, &ours::observe]);
        assert!(verdict.differences.is_empty() && verdict.classes.is_empty());
    }
}
