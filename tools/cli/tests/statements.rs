//! `chipwright ics`, `chipwright capk check`, and the lists of `chipwright vectors`.

mod command;

use std::collections::BTreeSet;

use command::{Run, chipwright, file};
use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    let run = chipwright(&[arguments, &["--json"]].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

fn ics(more: &[&str]) -> Run {
    chipwright(&[&["ics"], more].concat())
}

#[test]
fn every_switch_changes_its_line_and_no_other() {
    let before = ics(&[]).stdout;
    for (option, key) in [
        ("withdrawn=['sda']", "sda"),
        ("withdrawn=['plaintext-pin']", "plaintext-pin"),
        ("withdrawn=['enciphered-pin-offline']", "enciphered-pin-offline"),
        ("withdrawn=['signature']", "signature"),
        ("sda_selected_bit=false", "sda_selected_bit"),
        ("combined_mode=3", "combined_mode"),
        ("payment_system_environment=false", "payment_system_environment"),
        ("cardholder_selection=false", "cardholder_selection"),
        ("unattended_pin_bypass=true", "unattended_pin_bypass"),
        ("reviews=['candidates']", "review_candidates"),
        ("reviews=['records']", "review_records"),
        ("exchange_limit=99", "exchange_limit"),
    ] {
        let run = ics(&["--option", option]);
        assert_eq!((run.code, run.stdout.lines().count()), (0, before.lines().count()));
        let changed: Vec<_> =
            run.stdout.lines().zip(before.lines()).filter(|(now, before)| now != before).collect();
        assert_eq!(changed.len(), 1, "{option}: {changed:?}");
        assert!(changed[0].0.starts_with(&format!("{key} ")), "{option}: {changed:?}");
    }
}

#[test]
fn the_statement_names_kernels_capabilities_and_limits() {
    let statement = json(&["ics"]);
    let mut checksums = BTreeSet::new();
    for name in ["chipwright-contact", "chipwright-entry-point", "chipwright-c7"] {
        let kernel = &statement["kernels"][name];
        assert_eq!(kernel["value"], env!("CARGO_PKG_VERSION"), "{name}");
        let checksum = kernel["about"].as_str().unwrap().strip_prefix("checksum ").unwrap();
        assert!(checksum.len() == 64 && checksum.bytes().all(|digit| digit.is_ascii_hexdigit()));
        assert!(checksums.insert(checksum.to_owned()), "{name} has the checksum of another");
    }
    let tap = &statement["taps"]["combination A000000333"];
    assert_eq!(tap["value"], "kernel 07");
    let about = "online above 20000, verified from 100000, none from 5000000, 9F66 36000080";
    assert_eq!(tap["about"], about);
    assert_eq!(statement["capabilities"]["signature"]["value"], true);
    assert_eq!(statement["limits"]["buffer"]["value"], 261);
    let atm = json(&["ics", "--terminal", "atm"]);
    assert_eq!(atm["capabilities"]["signature"]["value"], false);
    assert_eq!(
        (&atm["terminal"]["type"]["value"], ics(&["--terminal", "x"]).code),
        (&"14".into(), 64)
    );
}

#[test]
fn keys_are_checked_as_one_set() {
    let collection = "test-vectors/keys/capk.json";
    let keys = json(&["capk", "check", collection, collection]);
    assert_eq!((&keys["refused"], &keys["exit_code"]), (&12.into(), &1.into()));
    let reasons: Vec<_> =
        keys["keys"].as_array().unwrap().iter().map(|key| &key["reason"]).collect();
    assert!(reasons[..12].iter().all(|reason| reason.is_null()));
    assert!(reasons[12..].iter().all(|reason| *reason == "another key has the same RID and index"));
    // A terminal file has its keys in the same form; those of tests come with the program.
    let terminal = file(
        "keys.toml",
        "title = 'x'\n[[key]]\nrid = 'A000000003'\nname = 'ca-1984-e3'\n\
         [[key]]\nrid = 'A000000003'\nindex = '01'\nmodulus = 'C1C3'\nexponent = '03'\n",
    );
    let run = chipwright(&["capk", "check", &terminal]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("no checksum: the key is of unknown"), "{}", run.stdout);
    assert!(run.stdout.contains("2 keys: 1 good, 1 refused"));
}

#[test]
fn key_files_that_are_none_are_65() {
    let empty = file("empty.toml", "title = 'x'");
    for path in ["no-such-file", &empty, "README.md"] {
        let run = chipwright(&["capk", "check", path]);
        assert_eq!((run.code, run.stdout.as_str()), (65, ""), "{path}");
        assert!(run.stderr.contains(path), "{}", run.stderr);
    }
    assert_eq!(chipwright(&["capk", "check"]).code, 64);
    assert_eq!(chipwright(&["capk", "check", &empty, "--date", "261301"]).code, 64);
}

#[test]
fn no_terminal_works_with_a_key_that_is_over() {
    let builtin = std::fs::read_to_string(
        command::root().join("test-vectors/terminals/attended-offline-online.toml"),
    );
    let key = "\n[[key]]\nrid = 'A000000003'\nname = 'ca-1152-e65537'\nexpiry = '2026-01-15'\n";
    let path = file("expiring.toml", &(builtin.unwrap() + key));
    assert_eq!(chipwright(&["pay", "--terminal", &path]).code, 0);
    let run = chipwright(&["pay", "--terminal", &path, "--date", "260116"]);
    assert_eq!(run.code, 65);
    assert!(run.stderr.contains("key A000000003 D5: the key has expired"), "{}", run.stderr);
}

#[test]
fn differences_on_purpose_are_listed_with_their_reasons() {
    let found = json(&["vectors", "test-vectors/selection.json"]);
    let listed = found["differences"].as_array().unwrap();
    assert_eq!(found["different_on_purpose"], listed.len());
    assert!(!listed.is_empty());
    for difference in listed {
        assert!(difference["id"].as_str().unwrap().starts_with("emvutils-"));
        assert!(difference["line"].is_number() && !difference["why"].as_str().unwrap().is_empty());
        assert!(difference["difference"].as_str().unwrap().contains("expected"));
    }
}
