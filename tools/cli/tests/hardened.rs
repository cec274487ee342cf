//! The hardened profile and honest cards.

mod command;

use command::chipwright;
use serde_json::Value;

/// How the transaction of a card ends, and the rules that it breaks.
fn ends(card: &str, profile: &str) -> (String, Vec<String>) {
    let run = chipwright(&["pay", "--card", card, "--profile", profile, "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| {
        panic!("{card}: {}", run.stderr);
    });
    let word = |key: &str| document["outcome"][key].as_str().unwrap_or_default().to_owned();
    let events = document["events"].as_array().unwrap();
    let breaches = events.iter().filter(|event| event["event"] == "breach");
    let mut rules: Vec<_> =
        breaches.map(|event| event["rule"].as_str().unwrap().to_owned()).collect();
    rules.sort_unstable();
    rules.dedup();
    (format!("{} {}", word("conclusion"), word("authority")), rules)
}

/// Every card that ends otherwise in the hardened profile is in the list, with the rules that it
/// breaks, and no other.
#[test]
fn built_in_cards_end_alike_or_are_listed() {
    let path = command::root().join("test-vectors/hardened/cards.toml");
    let list: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let listed = list["card"].as_array().unwrap();
    let mut wrong = Vec::new();
    for builtin in chipwright_card::builtin() {
        let (spec, none) = ends(builtin.name, "spec");
        assert!(none.is_empty(), "{}: {none:?}", builtin.name);
        let (hardened, by) = ends(builtin.name, "hardened");
        let row = listed.iter().find(|row| row["name"].as_str() == Some(builtin.name));
        let written = row.map(|row| {
            let word = |key: &str| row[key].as_str().unwrap().to_owned();
            let by = row["by"].as_array().unwrap().iter();
            let by: Vec<_> = by.map(|rule| rule.as_str().unwrap().to_owned()).collect();
            (word("spec"), word("hardened"), by)
        });
        let came = (spec != hardened).then_some((spec, hardened, by));
        if came != written {
            wrong.push(format!("{}: written {written:?}, came {came:?}", builtin.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_story_says_what_would_be_refused() {
    let run =
        chipwright(&["pay", "--card", "contact-sda", "--profile", "hardened", "--report-only"]);
    let words = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "0701, H7 static authentication (82 Application Interchange Profile), only reported";
    assert!(words.contains(told), "{words}");
    assert_eq!(run.code, chipwright(&["pay", "--card", "contact-sda"]).code);
    let run = chipwright(&["pay", "--card", "contact-unknown-authority", "--profile", "hardened"]);
    assert!(run.stdout.contains("0101, H1"), "{}", run.stdout);
    assert!(run.stdout.contains("authentication failed"));
}

#[test]
fn a_terminal_says_which_rules_hold() {
    let pay = |option: &str| {
        chipwright(&["pay", "--card", "contact-unknown-authority", "--option", option])
    };
    let run = pay("hardened = { enforced = [\"H1\"] }");
    assert!(run.stdout.contains("DECLINED") || run.code != 0, "{}", run.stdout);
    for (option, why) in [
        ("hardened = { enforced = [\"H9\"] }", "`H9`: no kernel here has it yet"),
        ("hardened = { enforced = [\"H17\"] }", "`H17`: no rule of the hardened profile"),
        ("hardened = { brands = [{ rid = \"A000000003\", accounts = [\"4-\"] }] }", "`4-`"),
        ("hardened = { budget = { apdus = 3 } }", "unknown field"),
    ] {
        let run = pay(option);
        assert_eq!(run.code, 64, "{option}");
        assert!(run.stderr.contains(why), "{option}: {}", run.stderr);
    }
}

/// A trace has the profile with it: it explains itself, and what would have come otherwise.
#[test]
fn a_trace_has_the_profile_with_it() {
    let trace = command::file("hardened.json", "");
    let card = ["pay", "--card", "contact-unknown-authority", "--profile", "hardened"];
    chipwright(&[&card[..], &["--trace", &trace]].concat());
    let explained = chipwright(&["explain", &trace]);
    assert!(explained.stdout.contains("refused"), "{}", explained.stdout);
    assert!(explained.stdout.contains("authentication failed"), "{}", explained.stdout);
    let refused = chipwright(&[&card[..], &["--transcript", &trace]].concat());
    assert_eq!(refused.code, 64);
    assert!(refused.stderr.contains("no profile"), "{}", refused.stderr);
}
