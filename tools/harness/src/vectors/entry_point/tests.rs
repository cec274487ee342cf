use super::*;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-vectors/entry-point");

fn tables() -> (Settings, Vec<Value>) {
    let settings = Settings::beside(Some(Path::new(FOLDER))).unwrap();
    let cases = fs::read_to_string(format!("{FOLDER}/cases.json")).unwrap();
    let cases: Value = serde_json::from_str(&cases).unwrap();
    (settings, cases["cases"].as_array().unwrap().clone())
}

#[test]
fn every_case_passes() {
    let (settings, cases) = tables();
    let failed: Vec<_> = cases
        .iter()
        .filter_map(|case| Some((case["id"].as_str()?, check(Node(case), &settings).err()?)))
        .map(|(id, problem)| format!("{id}: {problem}"))
        .collect();
    assert_eq!((cases.len(), failed.join("\n")), (210, String::new()));
}

/// Were it forbidden what completes a case, or never complete, every case would fail.
#[test]
fn the_rules_of_every_case_are_applied() {
    let (settings, mut cases) = tables();
    for case in &mut cases {
        let id = case["id"].as_str().unwrap().to_owned();
        let original = case.clone();
        let rules = |case: &mut Value, change: &dyn Fn(&mut Value)| {
            let rules = case["checker"]["rules"].as_array_mut().unwrap();
            rules.iter_mut().for_each(change);
        };
        rules(case, &|rule| {
            rule.as_object_mut().unwrap().remove("complete");
            rule.as_object_mut().unwrap().remove("collect");
        });
        assert!(check(Node(case), &settings).is_err(), "{id} without an end");
        *case = original;
        if id == "2EA.007.00" {
            continue; // it has no rule but to collect
        }
        rules(case, &|rule| {
            if rule["complete"] == json!(true) {
                rule["fail"] = json!(true);
            }
        });
        assert!(check(Node(case), &settings).is_err(), "{id} forbidden");
    }
}

#[test]
fn other_values_are_noticed() {
    let (settings, cases) = tables();
    let case = cases.iter().find(|case| case["id"] == "2EA.001.00.case02").unwrap();
    for (place, other) in [(0, "20"), (1, "000000000076"), (2, "000000000001")] {
        let mut case = case.clone();
        case["checker"]["rules"][0]["require"][place]["value"] = json!(other);
        assert!(check(Node(&case), &settings).is_err(), "{place}");
    }
}

/// The card knows its list: data of another length are no data for it.
#[test]
fn data_that_do_not_fit_the_list_are_noticed() {
    let (mut settings, cases) = tables();
    let case = cases.iter().find(|case| case["id"] == "2EA.001.00.case02").unwrap();
    for length in [1, 3] {
        let card = &mut settings.cards["settings"][case["card_setting"].as_str().unwrap()];
        card["applications"][0]["pdol_entries"][0]["length"] = json!(length);
        assert!(check(Node(case), &settings).is_err(), "{length}");
    }
}

#[test]
fn what_a_case_needs_is_required() {
    let (settings, cases) = tables();
    let mut other = cases[0].clone();
    other["card_presentation"] = json!("thrown");
    assert!(check(Node(&other), &settings).is_err());
    for (field, feature) in [("supported", "MAGIC"), ("not_supported", "AUTORUN")] {
        let mut case = cases[0].clone();
        case["requires"][field] = json!([feature]);
        assert!(check(Node(&case), &settings).is_err(), "{feature}");
    }
    assert!(Settings::beside(None).is_err());
}
