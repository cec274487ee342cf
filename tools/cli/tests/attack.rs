//! `attack`, as a user runs it.

mod command;

use command::{chipwright, file};

const WRONG: &str = r#"
id = "A01"
title = "A wrong expectation"

[[scenario]]
name = "declined"
pay = "--card contact-dda-pin"
rule = [{ on = "verify", answer = "9000" }, { on = "get-challenge", answer = "6D00" }]
expect.spec = { ends = "declined online", noticed = ["Completion: fault"] }
"#;

#[test]
fn the_catalogue_says_what_is_covered() {
    let run = chipwright(&["attack", "--list"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains("87 attacks: "), "{}", run.stdout);
    assert!(run.stdout.lines().any(|line| line.starts_with("A01") && line.contains("covered")));
    assert!(run.stdout.lines().any(|line| line.starts_with("B11") && line.contains("Kernel 2")));
}

#[test]
fn json_says_the_same() {
    let run = chipwright(&["attack", "B01", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let scenario = &document["scenarios"][0];
    assert_eq!(scenario["ends"], "approved offline");
    assert_eq!(scenario["suspicions"][0], "the cryptogram is not over the terminal's data");
    let run = chipwright(&["attack", "--list", "--json"]);
    let catalogue: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(catalogue.as_array().unwrap().len(), 87);
}

#[test]
fn the_page_on_security_has_every_attack() {
    let page = std::fs::read_to_string(command::root().join("docs/security.md")).unwrap();
    let run = chipwright(&["attack", "--list", "--json"]);
    let catalogue: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    for entry in catalogue.as_array().unwrap() {
        let word = |key: &str| entry[key].as_str().unwrap_or_default();
        let (id, title) = (word("id"), word("title"));
        let row = match word("pending") {
            _ if !entry["outside"].is_null() => continue,
            "" => {
                let file = id.to_lowercase();
                let count = &entry["scenarios"];
                format!("| {id} {title} | [{count}](../test-vectors/attacks/{file}.toml) |")
            }
            why => format!("- {id} {title}: {why}."),
        };
        assert!(page.contains(&row), "docs/security.md lacks: {row}");
    }
}

#[test]
fn an_attack_shows_the_dialogue_and_who_noticed() {
    let run = chipwright(&["attack", "a02", "1"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("Offline Data Authentication"));
    let noticed = run.stdout.lines().find(|line| line.trim_start().starts_with("noticed"));
    assert!(noticed.unwrap().ends_with("Offline Data Authentication: failed DDA 2409"));
    let run = chipwright(&["attack", "A01", "plaintext PIN"]);
    assert!(run.stdout.contains("by nobody at the terminal"));
    assert!(run.stdout.contains("the card verified no PIN"));
}

#[test]
fn what_is_not_as_expected_is_said() {
    let run = chipwright(&["attack", &file("wrong-attack.toml", WRONG)]);
    assert_eq!(run.code, 1);
    for what in [
        "expected declined online, came approved online",
        "not noticed: Completion: fault",
        "suspicion: expected , came the card verified no PIN",
        "rule 2 made no difference",
    ] {
        assert!(run.stdout.contains(what), "{what}: {}", run.stdout);
    }
}

#[test]
fn what_does_not_exist_is_refused() {
    for (arguments, code) in [
        (&["attack"][..], 64),
        (&["attack", "Z99"], 65),
        (&["attack", "B11"], 64),
        (&["attack", "A01", "99"], 64),
        (&["attack", "A01", "--report-only"], 64),
        (&["attack", &file("no-attack.toml", "id = 1")], 65),
    ] {
        assert_eq!(chipwright(arguments).code, code, "{arguments:?}");
    }
}
