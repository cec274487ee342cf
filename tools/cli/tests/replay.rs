//! `chipwright replay`.

mod command;

use command::{chipwright, file, root};
use serde_json::Value;
use std::path::Path;

fn temporary(name: &str) -> String {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).to_str().unwrap().to_owned()
}

#[test]
fn what_was_paid_can_be_replayed() {
    let (trace, transcript) = (temporary("paid.json"), temporary("paid.emv"));
    for arguments in [
        &["--card", "contact-dda"][..],
        &["--card", "contact-dda-pin", "--pin", "9999", "--pin", "1234", "--seed", "5"],
        &["--card", "contact-cda", "--host", "unreachable"],
        &["--card", "contact-dda-pin", "--pin", "cancel"],
        &["--type", "cashback", "--amount", "9.99", "--other-amount", "0.01", "--date", "270228"],
        &["--type", "refund"],
        &["--host", "answer-lost"],
        &["--card", "contact-online-pin", "--terminal", "atm", "--type", "inquiry"],
        &["--card", "quickpass-debit", "--amount", "8.88"],
        &["--card", "quickpass-debit", "--amount", "1200.00", "--currency", "CNY", "--seed", "7"],
        &["--card", "quickpass-pin", "--amount", "8.88", "--pin", "bypass"],
        &["--card", "quickpass-phone", "--amount", "1200.00", "--currency", "CNY"],
        &["--card", "quickpass-offline", "--amount", "8.88", "--force-online"],
        &["--card", "quickpass-offline", "--amount", "8.88"],
        &["--card", "quickpass-debit", "--type", "refund"],
        &["--card", "quickpass-debit", "--terminal", "offline-only"],
        &["--card", "quickpass-debit", "--host", "answer-lost"],
        &["--card", "dual-application", "--amount", "8.88", "--currency", "CNY"],
        &["--card", "dual-application", "--amount", "8.88", "--interface", "contactless"],
        &["--card", "contact-dda", "--interface", "contactless"],
    ] {
        let files = ["pay", "--trace", &trace, "--transcript", &transcript];
        chipwright(&[&files[..], arguments].concat());
        for path in [&trace, &transcript] {
            let run = chipwright(&["replay", path]);
            assert_eq!(run.code, 0, "{arguments:?}\n{}{}", run.stdout, run.stderr);
            assert!(run.stdout.contains("as recorded"));
        }
    }
}

#[test]
fn the_first_difference_is_shown_in_two_columns() {
    let path = temporary("altered.emv");
    chipwright(&["pay", "--transcript", &path]);
    let text = std::fs::read_to_string(&path).unwrap();
    let altered =
        file("altered.emv", &text.replace("> 80AE80001D 0000000012", "> 80AE80001D 0000000013"));
    let run = chipwright(&["replay", &altered]);
    assert_eq!(run.code, 1);
    let line = 1 + text.lines().position(|line| line.starts_with("> 80AE80001D")).unwrap();
    assert!(run.stdout.contains(&format!("differs  line {line}")), "{}", run.stdout);
    let columns = run.stdout.lines().find(|line| line.starts_with("> 80AE80001D")).unwrap();
    assert!(columns.contains("0000000013") && columns.contains("0000000012"));
    assert!(run.stdout.lines().any(|line| line.trim_start().starts_with('^')));
    let json = chipwright(&["replay", "--json", &altered]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &document["difference"]["line"]), (1, &line.into()));
    assert!(!run.stdout.contains("4761739001010119") && !json.stdout.contains("4761739001010119"));
}

#[test]
fn every_transcript_of_the_repository_is_as_recorded() {
    let mut count = 0;
    for entry in std::fs::read_dir(root().join("test-vectors/contact")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "emv") {
            let run = chipwright(&["replay", path.to_str().unwrap()]);
            assert_eq!(run.code, 0, "{}\n{}{}", path.display(), run.stdout, run.stderr);
            count += 1;
        }
    }
    assert!(count >= 50);
}

#[test]
fn contact_traces_say_where_they_end() {
    for (name, code, expected) in [
        ("bf-contact-mastercard", 0, "in Completion: declined, online"),
        ("bf-contact-visa", 0, "in Completion: approved, online"),
        (
            "dn-VisaCardPse",
            0,
            "in Read Application Data: the record has no answer to READ RECORD SFI 2",
        ),
        ("dc-mrautio-a", 0, "in Completion: the record has no answer to GENERATE AC asks for AAC"),
        ("dc-mrautio-b", 0, "in Completion: the record has no answer to GENERATE AC asks for AAC"),
        ("dn-wrapperTestSW_6C", 0, "the record has no answer to SELECT A0000000031010"),
        ("dn-wrapperTestSW_61", 1, "exchange 2, GET RESPONSE"),
    ] {
        let path = format!("test-vectors/traces/{name}.json");
        let run = chipwright(&["replay", &path]);
        assert_eq!(run.code, code, "{name}\n{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(expected), "{name}\n{}", run.stdout);
        let json = chipwright(&["replay", "--json", &path]);
        let document: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!(document["exit_code"], code, "{name}");
    }
}

#[test]
fn a_difference_to_a_trace_names_bytes_and_object() {
    let text =
        std::fs::read_to_string(root().join("test-vectors/traces/dc-mrautio-a.json")).unwrap();
    let other = file(
        "amount.json",
        &text.replace("\"9F02\": \"000000001000\"", "\"9F02\": \"000000002000\""),
    );
    let run = chipwright(&["replay", &other]);
    assert_eq!(run.code, 1);
    for expected in [
        "exchange 13, GENERATE AC asks for ARQC",
        "9F02 Amount, Authorised (Numeric): recorded 000000001000, sent 000000002000",
        "differs from the record",
    ] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
}

#[test]
fn account_numbers_of_traces_are_masked() {
    for (name, pan) in [
        ("bf-contact-visa", "4761340000000050"),
        ("bf-contact-mastercard", "5413330089600044"),
        ("dc-mrautio-a", "1234560012345608"),
    ] {
        let path = format!("test-vectors/traces/{name}.json");
        for arguments in [&["replay", &path][..], &["replay", "--json", &path]] {
            assert!(!chipwright(arguments).stdout.contains(pan), "{name}");
        }
    }
}

#[test]
fn what_cannot_be_replayed_is_65() {
    let contactless = chipwright(&["replay", "test-vectors/traces/dn-VisaCardPpse.json"]);
    assert_eq!(contactless.code, 65);
    assert!(contactless.stderr.contains("contactless"));
    let whole =
        std::fs::read_to_string(root().join("test-vectors/traces/bf-contact-visa.json")).unwrap();
    for (content, expected) in [
        ("", "no line `terminal`"),
        ("terminal no-such\npurchase 1.00 EUR\n= approved offline\n", "terminal "),
        ("terminal atm\npurchase 1.00 EUR\n> 00A4\n", "line 3: no end"),
        ("terminal atm\npurchase 1.00 EUR\n> 00G4\n", "line 3: not hexadecimal"),
        ("{", "line 1"),
        (
            "{\"interface\": \"contact\", \"exchanges\": [{\"c\": \"0\", \"r\": \"\"}]}",
            "exchange 1, command",
        ),
        (&whole[..whole.len() / 2], "line"),
    ] {
        let run = chipwright(&["replay", &file("broken.txt", content)]);
        assert_eq!((run.code, run.stdout.as_str()), (65, ""), "{content:?}");
        assert!(run.stderr.contains(expected), "{content:?}: {}", run.stderr);
    }
    assert_eq!(chipwright(&["replay", "no-such-file"]).code, 65);
    assert_eq!(chipwright(&["replay", "."]).code, 65);
    assert_eq!(chipwright(&["replay"]).code, 64);
}
