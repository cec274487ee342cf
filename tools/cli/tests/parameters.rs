//! `chipwright parameters`.

mod command;

use command::{Run, chipwright, file};
use serde_json::Value;
use std::path::Path;

/// Signs the default terminal's parameters; the file, and the maker's public key.
fn signed(name: &str, secret: &str) -> (String, String) {
    let key = file(&format!("{name}.key"), &format!("{secret}\n"));
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.emvp"));
    let output = output.to_str().unwrap().to_owned();
    let run =
        chipwright(&["parameters", "sign", "--version", "3", "--key", &key, "--output", &output]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("version 3, "));
    let (_, public) = run.stdout.trim_end().rsplit_once(' ').unwrap();
    (output, public.to_owned())
}

fn check(file: &str, public: &str, more: &[&str]) -> Run {
    chipwright(&[&["parameters", "check", file, "--public-key", public], more].concat())
}

fn secret(digits: &str) -> String {
    digits.repeat(32)
}

#[test]
fn what_is_signed_is_good_and_shown() {
    let (file, public) = signed("good", &secret("17"));
    let run = check(&file, &public, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for words in
        ["application   A000000003", "combination   A000000333", "1984 bits", "version 3, "]
    {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let run = check(&file, &public, &["--json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["version"], 3);
    assert!(document["records"].as_array().unwrap().len() > 4);
}

#[test]
fn what_is_not_good_is_refused_with_the_reason() {
    let (file, public) = signed("refused", &secret("17"));
    let (_, stranger) = signed("stranger", &secret("18"));
    let refused = |run: Run, code, words: &str| {
        assert_eq!(run.code, code);
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    };
    refused(check(&file, &stranger, &[]), 65, "the signature is wrong");
    refused(check(&file, "04AA", &[]), 64, "no point of P-256");
    refused(check(&file, &public, &["--environment", "live"]), 65, "other environment");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.pop();
    std::fs::write(&file, &bytes).unwrap();
    refused(check(&file, &public, &["--json"]), 65, "not all of one");
}

#[test]
fn a_key_that_is_none_is_not_repeated() {
    for text in ["1234", "00", &secret("00"), &secret("FF"), &secret("1G")] {
        let key = file("none.key", text);
        let output = format!("{key}.emvp");
        let arguments =
            ["parameters", "sign", "--version", "1", "--key", &key, "--output", &output];
        let run = chipwright(&arguments);
        assert_eq!(run.code, 65, "{text}");
        assert!(run.stderr.contains("no private key") && !run.stderr.contains(text));
        assert!(!Path::new(&output).exists());
    }
}
