use super::*;
use crate::wedge::Order;
use serde_json::json;

const SCENARIO: &str = r#"
id = "Z01"
title = "An attack"

[[scenario]]
name = "value {}"
pay = "--card contact-dda"
each = ["01", "02"]
rule = [{ on = "verify", answer = "90{}" }]
expect.spec = { ends = "approved online", noticed = ["Completion: fault 1004"] }
"#;

fn seen<'s>(events: &'s [serde_json::Value], outcome: &'s serde_json::Value) -> Seen<'s> {
    Seen { events, outcome, objects: &[], tape: &[], suspicions: &[] }
}

#[test]
fn one_scenario_stands_for_many() {
    let attack = Attack::parse(SCENARIO).unwrap();
    let names: Vec<_> = attack.scenarios.iter().map(|scenario| &scenario.name).collect();
    assert_eq!(names, ["value 01", "value 02"]);
    let lists = SCENARIO.replace(r#"["01", "02"]"#, r#"[["a", "01"], ["b", "02"]]"#);
    let lists = lists.replace("value {}", "{0}").replace("90{}", "90{1}");
    assert_eq!(Attack::parse(&lists).unwrap().scenarios[1].name, "b");
}

#[test]
fn wrong_files_are_refused() {
    for (from, to) in [
        ("value {}", "value"),
        ("title", "name"),
        ("on = \"verify\"", "at = \"verify\""),
        ("[\"01\", \"02\"]", "[1]"),
        ("expect.spec", "expect.other"),
    ] {
        let text = SCENARIO.replace(from, to);
        assert!(Attack::parse(&text).is_err(), "{text}");
    }
}

#[test]
fn an_expectation_can_fail() {
    let expected = &Attack::parse(SCENARIO).unwrap().scenarios[0].expect.spec;
    let events = [
        json!({"event": "phase", "name": "Completion"}),
        json!({"event": "fault", "code": "1004", "tag": "5A"}),
    ];
    let outcome = json!({"conclusion": "approved", "authority": "online", "reversal": false});
    assert_eq!(notices(&events), ["Completion: fault 1004 5A"]);
    assert!(expected.differences(&seen(&events, &outcome)).is_empty());
    assert_eq!(
        expected.differences(&seen(&events[1..], &outcome)),
        ["not noticed: Completion: fault 1004"]
    );
    let declined = json!({"conclusion": "declined", "authority": "online", "reversal": true});
    assert_eq!(expected.differences(&seen(&events, &declined)).len(), 2);
    let strict = Expected {
        unnoticed: vec!["Completion: fault".to_owned()],
        suspicion: Some("a lie".to_owned()),
        commands: [(Order::Verify, 1)].into(),
        ..expected.clone()
    };
    assert_eq!(strict.differences(&seen(&events, &outcome)).len(), 3);
}
