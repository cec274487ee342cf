//! `chipwright journal`, and `pay` with a journal.

mod command;

use command::{Run, chipwright};
use serde_json::Value;
use std::path::Path;

/// The account numbers of the built-in cards, as bytes: Visa, UnionPay.
const PANS: [[u8; 8]; 2] = [
    [0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x01, 0x19],
    [0x62, 0x28, 0x00, 0x01, 0x00, 0x00, 0x11, 0x17],
];

/// A journal that is not there yet.
fn journal(name: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path.to_str().unwrap().to_owned()
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().unwrap()
}

fn delivered(document: &Value) -> Vec<&str> {
    let events = list(document, "events").iter().filter(|event| event["event"] == "deliver");
    events.map(|event| event["kind"].as_str().unwrap()).collect()
}

fn keeps_account(path: &str) -> bool {
    std::fs::read(path).unwrap().windows(8).any(|window| PANS.iter().any(|pan| pan == window))
}

#[test]
fn the_batch_waits_in_the_file_until_it_is_delivered() {
    let path = journal("batch.journal");
    for sequence in 1..=2 {
        let run = chipwright(&["pay", "--journal", &path, "--json"]);
        let document = json(&run);
        assert_eq!((run.code, &document["record"]["sequence"]), (0, &sequence.into()));
        assert!(delivered(&document).is_empty());
    }
    assert!(keeps_account(&path));
    let run = chipwright(&["journal", &path]);
    for expected in
        ["1     purchase", "2     purchase", "approved online", "476173******0119", "batch item"]
    {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
    let down = chipwright(&["journal", &path, "--deliver", "--host", "unreachable", "--json"]);
    assert_eq!((down.code, list(&json(&down), "owed").len()), (1, 2));
    let run = chipwright(&["journal", &path, "--deliver", "--json"]);
    let document = json(&run);
    assert_eq!((run.code, delivered(&document)), (0, vec!["batch item"; 2]));
    assert_eq!((list(&document, "owed").len(), list(&document, "records").len()), (0, 2));
    assert_eq!(document["next_sequence"], 3);
    assert!(!keeps_account(&path), "the account left with the last message that needs it");
    let again = json(&chipwright(&["journal", &path, "--deliver", "--json"]));
    assert!(delivered(&again).is_empty());
}

/// Wherever power fails, the next start finds one outcome of each transaction, and what it owes
/// goes out once. A tap that leads to the slot is two.
#[test]
fn power_may_fail_at_every_call() {
    let amount = ["--amount", "8.88", "--currency", "CNY"];
    for (card, transactions) in [
        ("contact-dda", 1),
        ("quickpass-debit", 1),
        ("quickpass-offline", 1),
        ("quickpass-phone", 1),
        ("dual-application", 2),
    ] {
        let mut cuts = 0;
        for cut in 1.. {
            let path = journal("cut.journal");
            let number = cut.to_string();
            let options = ["pay", "--journal", &path, "--power-cut", &number, "--card", card];
            let run = chipwright(&[&options[..], &amount].concat());
            if run.code == 0 {
                break;
            }
            assert_eq!((run.code, run.stderr.as_str()), (4, ""), "{card} {cut}");
            assert!(run.stdout.contains("power fails"));
            let told = run.stdout.contains("APPROVED");
            let run = chipwright(&["journal", &path, "--deliver", "--json"]);
            let document = json(&run);
            let records = list(&document, "records");
            let approved = records.iter().filter(|record| record["conclusion"] == "approved");
            let (approved, delivered) = (approved.count(), delivered(&document));
            let of = |kind: &str| delivered.iter().filter(|delivered| **delivered == kind).count();
            assert!(list(&document, "owed").is_empty(), "{card} {cut}: {document:#}");
            assert!(records.len() <= transactions, "{card} {cut}: {document:#}");
            assert_eq!(of("batch item"), approved, "{card} {cut}");
            assert!(of("reversal") + approved <= 1 && (!told || approved == 1), "{card} {cut}");
            assert!(!keeps_account(&path), "{card} {cut}");
            cuts += 1;
        }
        assert!(cuts > 20, "{card}: {cuts}");
    }
}

#[test]
fn what_power_left_open_is_closed_before_the_next_transaction() {
    let path = journal("open.journal");
    let cut = (1..)
        .find(|cut| {
            let _ = std::fs::remove_file(&path);
            let run = chipwright(&["pay", "--journal", &path, "--power-cut", &cut.to_string()]);
            run.stdout.contains("cryptogram verified")
        })
        .unwrap();
    let run = chipwright(&["pay", "--journal", &path]);
    assert_eq!(run.code, 0, "{cut}\n{}", run.stderr);
    assert!(run.stdout.contains("interrupted by a power failure: terminated; owed: reversal"));
    assert!(run.stdout.contains("reversal                  transaction 1, 476173******0119"));
    let run = json(&chipwright(&["journal", &path, "--json"]));
    let causes: Vec<_> = list(&run, "records").iter().map(|record| &record["cause"]).collect();
    assert_eq!(causes, ["2301", "0000"]);
}

#[test]
fn a_sale_is_voided_before_the_batch_is_delivered() {
    let path = journal("void.journal");
    for _ in 0..2 {
        assert_eq!(chipwright(&["pay", "--journal", &path]).code, 0);
    }
    let run = chipwright(&["void", &path, "1"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("voided; owed: reversal"), "{}", run.stdout);
    for (sequence, why) in [("1", "was voided before"), ("3", "no such transaction")] {
        let run = chipwright(&["void", &path, sequence]);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""));
        assert!(run.stderr.contains(why), "{}", run.stderr);
    }
    assert!(chipwright(&["journal", &path]).stdout.contains("approved online, voided"));
    let document = json(&chipwright(&["journal", &path, "--deliver", "--json"]));
    let mut sent = delivered(&document);
    sent.sort_unstable();
    assert_eq!(sent, ["batch item", "reversal"]);
    assert_eq!(document["voided"], serde_json::json!([1]));
    let late = chipwright(&["void", &path, "2"]);
    assert!(late.code == 1 && late.stderr.contains("the acquirer has the transaction already"));
    let next = json(&chipwright(&["pay", "--journal", &path, "--json"]));
    assert_eq!(next["record"]["sequence"], 3);
    let offline = ["pay", "--journal", &path, "--card", "contact-offline", "--amount", "4.00"];
    assert_eq!(chipwright(&offline).code, 0);
    let voided = json(&chipwright(&["void", &path, "4", "--json"]));
    assert_eq!((&voided["sequence"], &voided["reversal"]), (&4.into(), &false.into()));
}

#[test]
fn taps_are_in_the_journal_as_all_others() {
    let path = journal("taps.journal");
    let tap = |card, more: &[&str]| {
        let options = ["pay", "--journal", &path, "--json", "--card", card, "--amount", "8.88"];
        json(&chipwright(&[&options[..], more].concat()))
    };
    assert_eq!(tap("quickpass-debit", &[])["record"]["sequence"], 1);
    assert!(keeps_account(&path));
    tap("quickpass-offline", &[]);
    let lost = tap("quickpass-debit", &["--host", "answer-lost"]);
    assert_eq!(delivered(&lost), ["reversal"]);
    let slot = tap("dual-application", &["--currency", "CNY"]);
    let record = &slot["record"];
    assert_eq!((&slot["interface"], &record["sequence"]), (&"contact".into(), &5.into()));
    let shown = chipwright(&["journal", &path]).stdout;
    let expected =
        ["purchase          contactless", "try another interface", "purchase          contact "];
    for expected in expected {
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
    let voided = json(&chipwright(&["void", &path, "1", "--json"]));
    assert_eq!(voided["reversal"], true);
    let voided = json(&chipwright(&["void", &path, "2", "--json"]));
    assert_eq!(voided["reversal"], false, "the issuer was not asked");
    assert_eq!(chipwright(&["void", &path, "4"]).code, 1, "it moved no money");
    let document = json(&chipwright(&["journal", &path, "--deliver", "--json"]));
    let mut sent = delivered(&document);
    sent.sort_unstable();
    assert_eq!(sent, ["batch item", "reversal"]);
    let events = list(&document, "events").iter();
    let mut remarks =
        events.filter(|event| event["event"] == "deliver").map(|event| &event["remark"]);
    // The host of this command has nothing of the tap in its books.
    assert!(
        remarks
            .all(|remark| remark == "acknowledged" || remark == "no such transaction in the books"),
        "{document:#}"
    );
    assert!(!keeps_account(&path));
}

#[test]
fn other_files_are_refused() {
    let missing = journal("missing.journal");
    let letter = command::file("letter.journal", "a letter and nothing else");
    for path in [&missing, &letter, "/"] {
        let run = chipwright(&["journal", path]);
        assert_eq!((run.code, run.stdout.as_str()), (65, ""), "{path}");
        assert!(run.stderr.contains(path), "{}", run.stderr);
        assert_eq!(chipwright(&["void", path, "1"]).code, 65);
    }
    assert!(!Path::new(&missing).exists());
    assert_eq!(chipwright(&["pay", "--journal", &letter]).code, 65);
    assert_eq!(chipwright(&["pay", "--power-cut", "0"]).code, 64);
    assert_eq!(chipwright(&["journal", &missing, "--host", "decline"]).code, 64);
}
