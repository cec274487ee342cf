//! `chipwright explain`.

mod command;

use chipwright::event::record::{self, HEAD};
use chipwright::event::{Event, Events, Sink};
use chipwright_harness::trace::Trace;
use chipwright_harness::transcript::play;
use command::{chipwright, file, root};
use core::cell::RefCell;
use serde_json::{Value, json};
use std::path::Path;

/// The trace of a transaction that is paid now, by the kernel of today.
fn trace(name: &str, arguments: &[&str]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let path = path.to_str().unwrap().to_owned();
    let run = chipwright(&[&["pay", "--trace", &path], arguments].concat());
    assert!(run.code <= 3, "{}", run.stderr);
    path
}

fn explain(file: &str, more: &[&str]) -> Value {
    let run = chipwright(&[&["explain", file, "--json"], more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The explanation of its only transaction.
fn explained(file: &str) -> Value {
    let document = explain(file, &[]);
    let [explanation] = &document["transactions"].as_array().unwrap()[..] else {
        panic!("{document:#}")
    };
    explanation.clone()
}

fn told(file: &str, more: &[&str]) -> String {
    let run = chipwright(&[&["explain", file], more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout
}

/// What a field of every element says.
fn column(list: &Value, field: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    list.as_array().unwrap().iter().map(|element| text(&element[field])).collect()
}

#[test]
fn a_refused_contact_transaction() {
    let path = trace("explain-expired.json", &["--card", "contact-expired"]);
    let explanation = explained(&path);
    assert_eq!(explanation["outcome"], "declined offline");
    // Which bit, which rule, which data.
    let results = &explanation["results"];
    assert_eq!(column(results, "code"), ["0207", "0403"]);
    assert_eq!(column(results, "rule"), ["B3 10.4.3", "B3 10.6.1"]);
    assert_eq!(
        (&results[0]["bits"][0]["byte"], &results[0]["bits"][0]["bit"]),
        (&2.into(), &7.into())
    );
    let data = &results[0]["data"];
    assert_eq!(column(data, "tag"), ["5F24", "9A"]);
    assert_eq!(column(data, "value"), ["201231", "260115"]);
    assert_eq!(column(data, "source"), ["card", "transaction"]);
    assert_eq!(data[0]["place"], "READ RECORD SFI 2, record 1");
    assert_eq!(data[0]["offset"], 75);
    assert_eq!(
        column(&explanation["status"], "rule"),
        ["B3 10.3", "B3 10.5", "B3 10.6", "B3 10.8"]
    );
    // Which column of the action codes decided.
    let course = &explanation["course"];
    assert_eq!(column(course, "event"), ["action-code", "decision", "response"]);
    assert_eq!(course[0]["what"], "IAC Denial");
    assert_eq!(course[0]["bits"], results[0]["bits"]);
    assert_eq!(course[1]["why"], "decline: asks for AAC, response code Z1");
    // Where every byte of a list came from.
    let lists = &explanation["lists"];
    assert_eq!(column(lists, "list"), ["9F49", "8C"]);
    let entries = &lists[1]["entries"];
    assert_eq!(column(entries, "offset"), ["0", "6", "12", "14", "19", "21", "24", "25"]);
    let sources: Vec<_> =
        entries.as_array().unwrap().iter().map(|entry| entry["datum"]["source"].clone()).collect();
    let expected = [
        "transaction",
        "transaction",
        "terminal",
        "kernel",
        "transaction",
        "transaction",
        "transaction",
        "kernel",
    ];
    assert_eq!(sources, expected);
    assert_eq!(entries[3]["datum"]["value"], "0040008000");
    // What was hashed.
    let authentication = &explanation["authentication"];
    assert_eq!(
        (&authentication["method"], &authentication["passed"]),
        (&json!("DDA"), &json!(true))
    );
    let pieces = &authentication["static_data"];
    assert_eq!(column(pieces, "record"), ["SFI 2, record 1", "null"]);
    assert!(pieces[0]["tags"].as_array().unwrap().contains(&"5F24".into()));
    assert_eq!(pieces[1]["list"], "9F4A");
    assert_eq!(authentication["covered_lists"], json!(["9F49"]));
    assert_eq!(explanation["interface"], json!([]), "nobody asked for another interface");
}

#[test]
fn a_refused_tap() {
    let card = ["--card", "quickpass-broken-signature", "--amount", "8.88", "--currency", "CNY"];
    let explanation = explained(&trace("explain-tap.json", &card));
    assert_eq!(explanation["outcome"], "declined offline");
    let course = &explanation["course"];
    let kinds = ["contactless", "contactless", "authenticated", "contactless", "final-outcome"];
    assert_eq!(column(course, "event"), kinds);
    assert_eq!(column(course, "code")[..4], ["0201", "0409", "2609", "0504"]);
    assert_eq!((&course[3]["rule"], &course[2]["what"]), (&json!("C7 4.10"), &json!("DDA fails")));
    assert_eq!(column(&course[3]["data"], "tag"), ["9F6C", "9F66"]);
    assert_eq!(column(&explanation["lists"], "list"), ["9F38"]);
    let authentication = &explanation["authentication"];
    assert_eq!(authentication["passed"], false);
    assert_eq!(column(&authentication["covered"], "tag"), ["9F37", "9F02", "5F2A", "9F69"]);
    assert_eq!(authentication["covered"][3]["place"], "READ RECORD SFI 5, record 1");
}

#[test]
fn another_interface() {
    let tap = |name, amount| {
        let card = ["--card", "dual-application", "--amount", amount, "--currency", "CNY"];
        let document = explain(&trace(name, &card), &[]);
        let parts = document["transactions"].as_array().unwrap();
        assert_eq!(parts.len(), 2, "the tap, and the slot");
        assert_eq!(parts[1]["interface"], json!([]));
        parts[0]["interface"].clone()
    };
    let why = tap("explain-dual.json", "8.88");
    assert_eq!(column(&why, "code").last(), Some(&"null".to_owned()));
    assert!(column(&why, "code").contains(&"0503".to_owned()), "{why:#}");
    let why = tap("explain-limit.json", "60000");
    assert_eq!(column(&why, "event"), ["combination-excluded", "final-outcome"]);
    assert_eq!(why[0]["why"], "the amount is not below its transaction limit");
    assert_eq!(why[0]["rule"], "B 3.1.1.13");
}

#[test]
fn cardholder_verification() {
    let card = ["--card", "contact-dda-pin", "--pin", "1111", "--pin", "bypass"];
    let path = trace("explain-pin.json", &card);
    let rules = &explained(&path)["verification"];
    assert_eq!(column(rules, "rule"), ["4103", "1E03"]);
    assert_eq!(column(rules, "performed"), ["true", "true"]);
    let came = rules[0]["came"].as_array().unwrap();
    assert_eq!(came.len(), 3, "{came:?}");
    assert!(came[2].as_str().unwrap().starts_with("TVR [3:4]"));
    // Without a PIN pad the rule is passed over.
    let then = explain(&path, &["--with", "capabilities=['signature', 'dda']"]);
    let rules = &then["what_if"]["then"]["verification"];
    assert_eq!(column(rules, "performed"), ["false", "true"]);
    assert_eq!(rules[0]["why"], "its condition does not hold");
}

#[test]
fn what_if() {
    let path = trace("explain-if.json", &["--card", "contact-expired"]);
    let then = |with: &str| explain(&path, &["--with", with])["what_if"].clone();
    let fact = |list: &Value, text: &str| {
        let mut facts = list.as_array().unwrap().iter();
        facts.any(|fact| fact.as_str().unwrap().contains(text))
    };
    // A date on which the card was good.
    let date = then("date=200601");
    assert!(fact(&date["gone"], "0207") && fact(&date["gone"], "outcome: declined offline"));
    assert!(fact(&date["come"], "asks for ARQC"));
    assert!(fact(&date["assumed"], "the record has no answer"));
    // A limit that the amount does not reach.
    let limit = then("application.floor_limit=10000");
    assert!(fact(&limit["gone"], "0403") && !fact(&limit["gone"], "0207"));
    assert_eq!(limit["then"]["outcome"], "declined offline");
    // An option of the kernel.
    let option = then("options.withdrawn=['signature']");
    assert!(fact(&option["gone"], "signature, performed"), "{option:#}");
    // A terminal that cannot.
    assert!(fact(&then("capabilities=['signature']")["come"], "0101"));
    let same = told(&path, &["--with", "date=260115"]);
    assert!(same.contains("=   nothing changes"), "{same}");
    for wrong in ["date=991399", "amount=x", "no-value", "force-online=1", "x=1", "type=5", "="] {
        let run = chipwright(&["explain", &path, "--with", wrong]);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{wrong}");
    }
}

#[test]
fn what_if_of_a_tap() {
    let card = ["--card", "quickpass-offline", "--amount", "8.88", "--currency", "CNY"];
    let path = trace("explain-tap-if.json", &card);
    let then = |with: &str| explain(&path, &["--with", with])["what_if"].clone();
    let limit = then("contactless.transaction_limit=100");
    assert_eq!(limit["then"]["outcome"], "try another interface offline");
    assert_eq!(column(&limit["then"]["interface"], "event")[0], "combination-excluded");
    let verified = then("contactless.cvm_required_limit=100");
    assert!(verified["come"].to_string().contains("requires verification"), "{verified:#}");
    assert!(verified["assumed"].to_string().contains("GET PROCESSING OPTIONS"));
    // The signature is over the recorded amount, and that is said.
    let amount = then("amount=9.00");
    assert!(amount["come"].to_string().contains("its hash differs"));
    assert!(amount["assumed"].to_string().contains("is over the recorded data"));
}

/// A trace has the terminal as it was, the hardened profile included.
#[test]
fn the_hardened_profile() {
    let hardened = ["--card", "contact-sda", "--profile", "hardened"];
    let path = trace("explain-hardened.json", &hardened);
    let course = &explained(&path)["course"];
    assert_eq!(column(course, "code")[..2], ["0701", "0201"]);
    assert_eq!(column(course, "rule")[..2], ["H7", "H2"]);
    assert_eq!(chipwright(&["replay", &path]).code, 0);
    let same = told(&path, &["--with", "date=260115"]);
    assert!(same.contains("nothing changes"), "{same}");
    let lax = told(&path, &["--with", "options.hardened.enforced=[]"]);
    assert!(lax.contains("-   refused: static authentication"), "{lax}");
    let transcript = chipwright(&[&["pay", "--transcript", "x.emv"], &hardened[..]].concat());
    assert_eq!(transcript.code, 64);
}

/// Every bit that a transcript ends with has its reason.
#[test]
fn no_bit_is_left_unexplained() {
    let mut bits = 0;
    for entry in std::fs::read_dir(root().join("test-vectors/contact")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let ending = text.lines().rfind(|line| line.starts_with("= ")).unwrap_or_default();
        let Some((_, rest)) = ending.split_once("TVR ") else { continue };
        let results = hex::decode(rest.split_whitespace().next().unwrap()).unwrap();
        let explanation = explained(path.to_str().unwrap());
        let mut explained = [0u8; 5];
        for finding in explanation["results"].as_array().unwrap() {
            for bit in finding["bits"].as_array().unwrap() {
                let (byte, bit) = (bit["byte"].as_u64().unwrap(), bit["bit"].as_u64().unwrap());
                let mask = 1 << (bit - 1);
                let byte = &mut explained[usize::try_from(byte).unwrap() - 1];
                if finding["cleared"] == false {
                    *byte |= mask;
                }
            }
            assert!(!finding["rule"].as_str().unwrap().is_empty());
        }
        assert_eq!(explained[..], results[..], "{}", path.display());
        bits += results.iter().map(|byte| byte.count_ones()).sum::<u32>();
    }
    assert!(bits > 30, "{bits} bits");
}

/// Nothing is decided here: what the kernel told is what is explained, right or wrong.
#[test]
fn the_events_are_believed() {
    let path = trace("explain-other.json", &["--card", "contact-expired"]);
    let text = std::fs::read_to_string(path).unwrap();
    let other = text
        .replace("\"code\": \"0207\"", "\"code\": \"0299\"")
        .replace("the expiration date is past", "the moon is full")
        .replace("\"request\": \"AAC\"", "\"request\": \"TC\"");
    let explanation = explained(&file("explain-told.json", &other));
    assert_eq!(explanation["results"][0]["code"], "0299");
    assert_eq!(explanation["course"][0]["why"], "the moon is full: 0299, B3 10.4.3");
    assert_eq!(explanation["course"][1]["why"], "approve: asks for TC, response code Z1");
}

#[test]
fn everything_that_holds_a_transaction_opens() {
    let transcript = explained("test-vectors/field/pin-bypassed.emv");
    assert_eq!(column(&transcript["results"], "code"), ["0307", "0403"]);
    let foreign = told("test-vectors/traces/dc-mrautio-a.json", &[]);
    assert!(foreign.contains("asks for ARQC"));
    // Masked: without exchanges and transcript.
    let text = std::fs::read_to_string(root().join("test-vectors/field/contact-expired.json"));
    let mut masked: Value = serde_json::from_str(&text.unwrap()).unwrap();
    for field in ["exchanges", "transcript"] {
        masked.as_object_mut().unwrap().remove(field).unwrap();
    }
    let path = file("explain-masked.json", &masked.to_string());
    assert_eq!(column(&explained(&path)["results"], "code"), ["0207", "0403"]);
    assert_eq!(chipwright(&["explain", &path, "--with", "date=200601"]).code, 65);
}

/// Writes events as a firmware does: without account data.
#[derive(Default)]
struct Firmware(RefCell<Vec<u8>>);

impl Sink for Firmware {
    fn event(&self, event: &Event<'_>) {
        if let Some(event) = record::masked(event) {
            record::write(&event, &mut |piece| self.0.borrow_mut().extend(piece));
        }
    }
}

#[test]
fn what_a_firmware_wrote_opens_the_same_way() {
    let text = std::fs::read_to_string(root().join("test-vectors/field/contact-expired.json"));
    let (transcript, terminal) = *Trace::parse(&text.unwrap()).unwrap().transcript.unwrap();
    let firmware = Firmware(HEAD.to_vec().into());
    let configuration = terminal.configuration();
    play(&transcript, &configuration.terminal(), Events::to(&firmware)).unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("explain.rows");
    let mut bytes = firmware.0.into_inner();
    std::fs::write(&path, &bytes).unwrap();
    let explanation = explained(path.to_str().unwrap());
    assert_eq!(explanation["outcome"], "declined offline");
    assert_eq!(column(&explanation["results"], "code"), ["0207", "0403"]);
    assert_eq!(column(&explanation["course"], "event")[..2], ["action-code", "decision"]);
    assert_eq!(column(&explanation["lists"], "list"), ["9F49", "8C"]);
    let entry = &explanation["lists"][1]["entries"][3];
    assert_eq!((&entry["offset"], &entry["datum"]["source"]), (&14.into(), &"kernel".into()));
    assert!(entry["datum"]["value"].is_null(), "it is not in the record");
    // Cut off before its end.
    bytes.truncate(bytes.len() - 3);
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(chipwright(&["explain", path.to_str().unwrap()]).code, 65);
}

#[test]
fn whatever_a_file_holds_it_is_no_panic() {
    for text in [
        "{\"events\": 1}",
        "{\"events\": [1, null, [], {\"event\": 5}]}",
        "{\"events\": [{\"event\": \"list-entry\", \"length\": 18446744073709551615}, \
         {\"event\": \"list-entry\", \"length\": 18446744073709551615, \"list\": \"\"}, \
         {\"event\": \"command\", \"bytes\": \"zz\"}, {\"event\": \"command\", \"bytes\": \"00\"}]}",
        "{\"events\": [{\"event\": \"result\", \"bits\": [1], \"tag\": \"FFFFFFFFFF\"}], \
         \"outcome\": {\"end\": 3}, \"terminal\": {\"9A\": \"x\", \"95\": 5}}",
        "{\"events\": [{\"event\": \"static-data\", \"tags\": [5]}, {\"event\": \"covered\"}]}",
    ] {
        let path = file("explain-hostile.json", text);
        assert_eq!(chipwright(&["explain", &path]).code, 0, "{text}");
    }
    for (text, place) in [("{", "line 1"), ("{}", "missing field"), ("", "line 1"), ("x", "line 1")]
    {
        let run = chipwright(&["explain", &file("explain-none.json", text)]);
        assert_eq!((run.code, run.stdout.as_str()), (65, ""));
        assert!(run.stderr.contains(place), "{}", run.stderr);
    }
    let colour = "{\"title\": \"\\u001b[31mred\", \"events\": [{\"event\": \"given-up\", \
                  \"text\": \"\\u001b]0;x\\u0007\\r\"}]}";
    let told = told(&file("explain-colour.json", colour), &[]);
    assert!(told.contains("red") && !told.contains('\u{1b}') && !told.contains('\r'));
}

#[test]
fn account_numbers_are_masked() {
    let path = trace("explain-account.json", &["--card", "contact-dda"]);
    let (words, codes) = (told(&path, &[]), explain(&path, &[]).to_string());
    let then = told(&path, &["--with", "date=260116"]);
    for text in [words, codes, then] {
        assert!(!text.contains("4761739001010010"), "{text}");
    }
}

/// The explanation that the README shows is what the program prints.
#[test]
fn the_readme_shows_a_real_one() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let command =
        text.lines().find_map(|line| line.strip_prefix("cargo run --release -- explain "));
    let arguments = command.and_then(|command| command.split('#').next()).unwrap().trim();
    let (_, after) = text.split_once("-- explain ").unwrap();
    let (_, block) = after.split_once("```text\n").unwrap();
    let (dialogue, _) = block.split_once("```").unwrap();
    assert!(dialogue.contains("IAC Denial"));
    assert!(told(arguments, &[]).contains(dialogue), "{}", told(arguments, &[]));
}
