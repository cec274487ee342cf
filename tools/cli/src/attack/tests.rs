use super::*;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Every scenario, with its place in words.
fn scenarios() -> Vec<(String, Scenario)> {
    let mut scenarios = Vec::new();
    for entry in scenario::catalogue() {
        let Some(text) = scenario::builtin(&entry.id) else { continue };
        let attack = File::parse(text).unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        let named = attack.scenarios.into_iter();
        scenarios
            .extend(named.map(|scenario| (format!("{}, {}", entry.id, scenario.name), scenario)));
    }
    scenarios
}

/// What is not as expected in every scenario that this thread comes to take.
fn played(scenarios: &[(String, Scenario)], judged: Judged, next: &AtomicUsize) -> Vec<String> {
    let mut wrong = Vec::new();
    while let Some((place, scenario)) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
        let verdict = play(scenario, judged).unwrap_or_else(|error| panic!("{place}: {error}"));
        wrong.extend(verdict.wrong.iter().map(|wrong| format!("{place}: {wrong}")));
    }
    wrong
}

/// What is not as expected in every scenario.
fn wrong(judged: Judged) -> String {
    let (scenarios, next) = (scenarios(), AtomicUsize::new(0));
    let threads = thread::available_parallelism().map_or(1, Into::into);
    let wrong: Vec<String> = thread::scope(|scope| {
        let play = || scope.spawn(|| played(&scenarios, judged, &next));
        let playing: Vec<_> = (0..threads).map(|_| play()).collect();
        playing.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(scenarios.len() > 1000, "{}", scenarios.len());
    wrong.join("\n")
}

#[test]
fn every_scenario_ends_as_it_says() {
    assert_eq!(wrong(Judged::ByTheBooks), "");
}

#[test]
fn every_scenario_ends_as_it_says_in_the_hardened_profile() {
    assert_eq!(wrong(Judged::Hardened), "");
}

/// What the catalogue wants of a hardened terminal: what the issuer would not bear out is not
/// approved offline, and online only where nobody but the issuer can see it.
#[test]
fn the_hardened_profile_approves_nothing_that_a_terminal_could_refuse() {
    // PINs that a wedge accepted, and opaque application data; counters without a signature; a
    // message that the line changed.
    const ISSUERS: [&str; 4] = ["A01", "B15", "B25", "E04"];
    let mut approved = Vec::new();
    for (place, scenario) in scenarios() {
        let ends = scenario.expect.ends(true);
        if scenario.expect.suspicion(true).is_none() || !ends.starts_with("approved") {
            continue;
        }
        assert_eq!(ends, "approved online", "{place}");
        approved.push(place.split(',').next().unwrap_or_default().to_owned());
    }
    approved.dedup();
    assert_eq!(approved, ISSUERS);
}

#[test]
fn a_profile_that_only_reports_changes_nothing() {
    assert_eq!(wrong(Judged::Reported), "");
}
