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

/// Runs both kernels, and again for the known deviations that may be the reason for what is
/// different: first for none, then for each, then for two of them, until nothing is left.
pub(crate) fn judge(case: &Case) -> Verdict {
    let (ours, peer) = (ours::observe(case, &[]), peer::observe(case, &[]));
    let differences = compare(case, &ours, &peer);
    let mut possible: Vec<Adjustment> = Adjustment::ALL.to_vec();
    possible.retain(|adjustment| adjustment.applies(case, &ours));
    let mut sets: Vec<u32> = (0..1 << possible.len()).collect();
    sets.sort_by_key(|set| set.count_ones());
    let explained = sets.into_iter().find_map(|set| {
        let chosen = possible.iter().enumerate().filter(|(bit, _)| set & 1 << bit != 0);
        let adjustments: Vec<Adjustment> = chosen.map(|(_, adjustment)| *adjustment).collect();
        explain(case, &adjustments)
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
fn explain(case: &Case, adjustments: &[Adjustment]) -> Option<Vec<Class>> {
    let ours = ours::observe(case, adjustments);
    let differences = compare(case, &ours, &peer::observe(case, adjustments));
    let mut classes: Vec<Class> = adjustments.iter().map(|one| one.class()).collect();
    for difference in differences {
        let class = rule::class(case, adjustments, &ours, &difference)?;
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    Some(classes)
}
