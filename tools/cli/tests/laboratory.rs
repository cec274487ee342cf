//! What the command gives to test laboratories, shells and readers.

mod command;

use command::{chipwright, file};
use serde_json::Value;

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn vectors_are_written_as_cases() {
    let (junit, html) = (file("vectors.xml", ""), file("vectors.html", ""));
    let run = chipwright(&["vectors", "test-vectors/tlv.json", "--junit", &junit, "--html", &html]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let xml = read(&junit);
    assert!(xml.contains("<testsuite name=\"test-vectors/tlv.json\""), "{xml}");
    assert_eq!(xml.matches("<testcase ").count(), read(&html).matches("<tr>").count());
    assert!(run.stderr.is_empty(), "no bar where nobody looks: {}", run.stderr);
    let broken =
        file("broken.json", &read(&path("test-vectors/tlv.json")).replacen("9C01FF", "9C01FE", 1));
    let run = chipwright(&["vectors", &broken, "--junit", &junit]);
    assert_eq!(run.code, 1);
    assert!(read(&junit).contains("<failure message=\"line "), "{}", read(&junit));
}

fn path(name: &str) -> String {
    command::root().join(name).to_str().unwrap().to_owned()
}

/// What the statement does not have is not run, and said so.
#[test]
fn cases_are_chosen_by_the_conformance_statement() {
    let statement = chipwright(&["ics", "--json"]).stdout;
    let own = file("ics.json", &statement);
    let all = chipwright(&["vectors", "test-vectors/oda.json", "--ics", &own]);
    assert!(all.stdout.ends_with("0 not in the conformance statement\n"), "{}", all.stdout);
    let mut less: Value = serde_json::from_str(&statement).unwrap();
    less["kernels"].as_object_mut().unwrap().remove("chipwright-contact");
    let less = file("ics-less.json", &less.to_string());
    let junit = file("less.xml", "");
    let few = chipwright(&["vectors", "test-vectors/oda.json", "--ics", &less, "--junit", &junit]);
    assert!(few.stdout.starts_with("0 passed, 0 failed, 0 skipped"), "{}", few.stdout);
    assert!(read(&junit).contains("chipwright-contact is not in the conformance statement"));
    let none = chipwright(&["vectors", "test-vectors/oda.json", "--ics", "test-vectors/tlv.json"]);
    assert_eq!(none.code, 65);
    assert!(none.stderr.contains("no conformance statement: `kernels` is missing"));
}

#[test]
fn attacks_are_written_as_cases() {
    let (junit, html) = (file("attack.xml", ""), file("attack.html", ""));
    let run = chipwright(&["attack", "A01", "--junit", &junit, "--html", &html]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(read(&junit).contains("<testsuite name=\"A01 A wedge answers VERIFY"));
    assert!(read(&html).contains("passed"));
    for options in [&["attack"][..], &["attack", "--all", "--list"]] {
        assert_eq!(chipwright(options).code, 64);
    }
}

#[test]
fn the_command_line_is_written_for_shells_and_readers() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = chipwright(&["completions", shell]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.contains("power-cut"), "{shell}");
    }
    assert_eq!(chipwright(&["completions", "cmd"]).code, 64);
    let page = chipwright(&["man"]).stdout;
    assert!(page.contains(".TH chipwright 1") && page.contains("Exit codes"), "{page}");
    let directory = std::path::Path::new(&file("man", "")).with_file_name("manual");
    let run = chipwright(&["man", "--output", directory.to_str().unwrap()]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(directory.join("chipwright-decode.1").exists());
}

/// Findings have places as compilers write them; errors end in 1, warnings do not.
#[test]
fn terminal_files_are_checked_as_a_laboratory_would() {
    let good = chipwright(&["config", "check", "attended-offline-online", "atm"]);
    assert_eq!((good.code, good.stdout.as_str()), (0, "0 errors, 0 warnings\n"));
    let text = read(&path("test-vectors/terminals/attended-offline-online.toml"));
    let bad =
        file("bad.toml", &text.replace("type = 22", "type = 25").replace("version =", "versoin ="));
    let run = chipwright(&["config", "check", &bad]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("unknown key, `version` perhaps"), "{}", run.stdout);
    let findings = run.stdout.lines().filter(|line| line.contains("bad.toml:"));
    assert_eq!(findings.count(), 6, "a line for each, however long the path: {}", run.stdout);
    assert!(run.stdout.contains("bad.toml:6:1: error: capabilities:"), "{}", run.stdout);
    let json = chipwright(&["config", "check", "--json", &bad]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["exit_code"], 1);
    assert!(document["files"][0]["findings"][0]["line"].is_number());
    let odd = file(
        "odd.toml",
        &text.replace("country = 276", "country = 276 # \u{E9}").replace("9F15", "9F16\n9F15"),
    );
    assert_eq!(chipwright(&["config", "check", &odd]).code, 1, "no TOML is a finding, too");
    assert_eq!(chipwright(&["config", "check", "no-such-file"]).code, 65);
}
