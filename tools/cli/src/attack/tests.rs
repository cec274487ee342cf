use super::*;

#[test]
fn every_scenario_ends_as_it_says() {
    let mut wrong = Vec::new();
    let mut played = 0;
    for entry in scenario::catalogue() {
        let Some(text) = scenario::builtin(&entry.id) else { continue };
        let attack = File::parse(text).unwrap_or_else(|error| panic!("{}: {error}", entry.id));
        for scenario in &attack.scenarios {
            let place = format!("{}, {}", entry.id, scenario.name);
            let verdict = play(scenario).unwrap_or_else(|error| panic!("{place}: {error}"));
            wrong.extend(verdict.wrong.iter().map(|wrong| format!("{place}: {wrong}")));
            played += 1;
        }
    }
    assert!(played > 0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
