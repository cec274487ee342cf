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
