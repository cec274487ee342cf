//! `chipwright pay`.

mod command;

use command::{Run, chipwright, file, root};
use serde_json::Value;

/// The account number of the built-in Visa cards.
const PAN: &str = "4761739001010119";

fn pay(more: &[&str]) -> Run {
    chipwright(&[&["pay"], more].concat())
}

#[test]
fn the_default_approves_after_dda_and_online() {
    let run = pay(&[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for expected in [
        "\u{2713} DDA                       succeeded",
        "\u{2713} issuer certificate        key of 1984 bits, exponent 3",
        "\u{2713} card certificate          key of 1408 bits",
        "\u{2192} INTERNAL AUTHENTICATE",
        "! TVR [4:8]                 transaction exceeds floor limit",
        "0403, B3 10.6.1         the amount reaches the floor limit",
        "IAC Online                [4:8] transaction exceeds floor limit",
        "decision                  ask the issuer: ask for an ARQC",
        "\u{2190} issuer                    cryptogram verified, approved",
        "APPROVED online, response code 00",
        "476173******0119",
    ] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
    let phases = ["Application Selection", "Processing Restrictions", "Completion", "Receipt"];
    let places: Vec<_> = phases.iter().map(|phase| run.stdout.find(phase).unwrap()).collect();
    assert!(places.is_sorted());
}

#[test]
fn the_display_is_shown_as_the_cardholder_sees_it() {
    let run = pay(&["--card", "contact-dda-pin", "--pin", "9999", "--pin", "1234"]);
    let shown: Vec<&str> =
        run.stdout.lines().filter_map(|line| line.trim_start().strip_prefix("\u{25A1} ")).collect();
    let shown: Vec<_> = shown.iter().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(
        shown,
        [
            "INSERT CARD",
            "PLEASE WAIT",
            "ENTER PIN",
            "PLEASE WAIT",
            "INCORRECT PIN",
            "ENTER PIN",
            "PIN OK",
            "PLEASE WAIT",
            "AUTHORISING, PLEASE WAIT",
            "APPROVED",
            "REMOVE CARD"
        ]
    );
    assert!(run.stdout.contains("12.34 EUR, 2 tries left  message 09"), "{}", run.stdout);
    let json: Value = serde_json::from_str(&pay(&["--json"]).stdout).unwrap();
    let events = json["events"].as_array().unwrap().iter();
    let shown: Vec<_> = events.filter(|event| event["event"] == "display").collect();
    assert_eq!(
        (&shown[0]["identifier"], &shown[0]["message"]),
        (&"0B".into(), &"INSERT CARD".into())
    );
    assert_eq!(shown[0]["language"], "en");
}

#[test]
fn what_goes_to_the_acquirer_is_told() {
    let delivered = |arguments: &[&str]| -> Vec<Value> {
        let json: Value =
            serde_json::from_str(&pay(&[arguments, &["--json"]].concat()).stdout).unwrap();
        let events = json["events"].as_array().unwrap().iter();
        events.filter(|event| event["event"] == "deliver").cloned().collect()
    };
    let kinds = |arguments: &[&str]| -> Vec<String> {
        let delivered = delivered(arguments);
        delivered.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&[]), ["batch item"]);
    assert_eq!(kinds(&["--host", "bad-arpc"]), ["reversal"]);
    assert_eq!(kinds(&["--amount", "4.00", "--host", "answer-lost"]), ["reversal", "batch item"]);
    assert!(kinds(&["--host", "decline"]).is_empty());
    let [item] = &delivered(&[])[..] else { panic!("one item") };
    assert_eq!(item["account"], "476173******0119");
    assert_eq!((&item["acknowledged"], &item["remark"]), (&true.into(), &"acknowledged".into()));
    let [lost] = &delivered(&["--host", "answer-lost"])[..] else { panic!("one reversal") };
    assert_eq!(lost["reason"], "no usable answer came");
    // Nobody is there to take it.
    let [item] = &delivered(&["--amount", "4.00", "--host", "unreachable"])[..] else {
        panic!("one item")
    };
    assert_eq!(item["acknowledged"], false);
    let text = pay(&["--amount", "4.00", "--host", "unreachable"]).stdout;
    assert!(text.contains("still owed                1 in the journal"), "{text}");
}

#[test]
fn output_depends_on_the_arguments_alone() {
    let once = pay(&["--card", "contact-cda", "--seed", "7"]).stdout;
    assert_eq!(once, pay(&["--card", "contact-cda", "--seed", "7"]).stdout);
    assert_ne!(once, pay(&["--card", "contact-cda", "--seed", "8"]).stdout);
    let json = pay(&["--json"]).stdout;
    assert_eq!(json, pay(&["--json"]).stdout);
    assert!(!pay(&[]).stdout.contains('\x1B'), "colour only on a terminal");
}

#[test]
fn every_end_has_its_code() {
    for (arguments, code, expected) in [
        (&["--host", "approve"][..], 0, "APPROVED online"),
        (&["--host", "decline"], 1, "DECLINED online, response code 05"),
        (&["--host", "unreachable"], 1, "DECLINED unable to go online, response code Z3"),
        (&["--host", "bad-arpc"], 1, "reversal                  transaction 1, 476173******0119"),
        (&["--card", "contact-expired"], 1, "DECLINED offline, response code Z1"),
        (
            &["--card", "contact-dda-pin", "--pin", "cancel"],
            2,
            "Cardholder Verification: cancelled",
        ),
    ] {
        let run = pay(arguments);
        assert_eq!(run.code, code, "{arguments:?}");
        assert!(run.stdout.contains(expected), "{arguments:?}: {expected}\n{}", run.stdout);
    }
}

#[test]
fn every_built_in_card_and_terminal_is_there_to_be_used() {
    for builtin in chipwright_card::builtin() {
        let run = pay(&["--card", builtin.name]);
        // Whether it is approved is for docs/cases.md to say.
        assert!(run.code <= 2, "{}\n{}{}", builtin.name, run.stdout, run.stderr);
        let tapped = run.stdout.contains("held to the reader");
        assert!(tapped || run.stdout.contains("Receipt"), "{}", builtin.name);
    }
    for terminal in chipwright_harness::terminal_file::names() {
        let kind = if terminal == "atm" { "cash" } else { "purchase" };
        let run = pay(&["--terminal", terminal, "--type", kind, "--amount", "4.00"]);
        assert!(run.code == 0 && run.stdout.contains("APPROVED"), "{terminal}\n{}", run.stdout);
    }
}

/// A tap that wants the slot is followed by a transaction of its own. [A 8.1.1.11]
#[test]
fn the_slot_after_a_tap_begins_anew() {
    let run = pay(&["--card", "dual-application", "--amount", "8.88", "--currency", "CNY"]);
    let numbers = run.stdout.lines().filter(|line| line.contains("9F37   Unpredictable Number"));
    let numbers: Vec<_> = numbers.filter_map(|line| line.split_whitespace().last()).collect();
    let (first, rest) = numbers.split_first().unwrap();
    assert!(!rest.is_empty() && !rest.contains(first), "{numbers:?}");
}

/// Options of the slot are options of taps.
#[test]
fn a_tap_has_the_options_of_the_slot() {
    let tap = |card, more: &[&str]| {
        let head = ["--card", card, "--amount", "8.88", "--currency", "CNY"];
        let run = pay(&[&head[..], more].concat());
        assert!(run.stdout.contains("held to the reader"), "{}", run.stderr);
        run
    };
    let offline = tap("quickpass-offline", &[]);
    assert!(
        offline.stdout.contains("APPROVED offline") && offline.stdout.contains("91.12 CNY left")
    );
    let forced = tap("quickpass-offline", &["--force-online"]);
    assert!(forced.code == 0 && forced.stdout.contains("APPROVED online"));
    let lost = tap("quickpass-debit", &["--host", "answer-lost"]);
    assert!(lost.code == 1 && lost.stdout.contains("reversal                  transaction 1"));
    assert!(lost.stdout.contains("no usable answer came"));
    assert!(tap("quickpass-debit", &["--timing"]).stdout.contains("\n   kernel  "));
    let refund = tap("quickpass-debit", &["--type", "refund"]);
    assert!(refund.code == 0 && refund.stdout.contains("CARD READ offline"));
    assert!(!refund.stdout.contains("authorisation request"), "the issuer is not asked");
    let listed = tap("quickpass-debit", &["--exception-file"]);
    assert!(listed.code == 1 && listed.stdout.contains("DECLINED offline"));
}

#[test]
fn beyond_the_reader_the_slot_is_left_or_nothing() {
    let much = ["--card", "quickpass-debit", "--amount", "60000.00"];
    let run = pay(&[&much[..], &["--interface", "contactless"]].concat());
    assert_eq!((run.code, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("the amount is beyond taps"), "{}", run.stderr);
    assert_eq!(pay(&much).code, 2, "the card has nothing for the slot");
}

/// Combinations and limits are the terminal file's.
#[test]
fn limits_of_taps_are_the_terminals() {
    let terminal = |name, tables: &str| {
        let builtin = root().join("test-vectors/terminals/attended-offline-online.toml");
        let text = std::fs::read_to_string(builtin).unwrap();
        file(name, &(text + tables))
    };
    let tap = |terminal: &str, more: &[&str]| {
        let head = ["--card", "quickpass-offline", "--terminal", terminal];
        pay(&[&head[..], more].concat())
    };
    let low = terminal(
        "low.toml",
        "[[contactless]]\naid = \"A000000333\"\nkernel = 7\nfloor_limit = 500\n",
    );
    assert!(tap(&low, &["--amount", "5.00"]).stdout.contains("APPROVED offline"));
    assert!(tap(&low, &["--amount", "5.01"]).stdout.contains("APPROVED online"));
    let other = "[[contactless]]\naid = \"A000000003\"\nkernel = 3\n";
    let other = tap(&terminal("other.toml", other), &["--interface", "contactless"]);
    assert!(other.code == 2 && other.stdout.contains("directory entry 1"), "{}", other.stdout);
    let builtin = root().join("test-vectors/terminals/attended-offline-online.toml");
    let text = std::fs::read_to_string(builtin).unwrap();
    let none = file("none.toml", &format!("contactless = []\n{text}"));
    let none = tap(&none, &["--interface", "contactless"]);
    assert_eq!(none.code, 64);
    assert!(none.stderr.contains("offers no taps"), "{}", none.stderr);
    let wrong = terminal("wrong.toml", "[[contactless]]\naid = \"A000000333\"\nkernel = 64\n");
    let wrong = tap(&wrong, &[]);
    assert_eq!(wrong.code, 65);
    assert!(wrong.stderr.contains("line ") && wrong.stderr.contains("64 is no number of a kernel"));
}

#[test]
fn kinds_of_business() {
    let cashback = pay(&["--type", "cashback", "--amount", "22.34", "--other-amount", "10.00"]);
    assert_eq!(cashback.code, 0);
    assert!(cashback.stdout.contains("9C     Transaction Type                      09"));
    assert!(cashback.stdout.contains("cashback                10.00 EUR"));
    let yen = pay(&["--currency", "JPY", "--amount", "1234"]);
    assert!(yen.stdout.contains("1234 JPY") && yen.stdout.contains("000000001234"));
    assert_eq!(pay(&["--type", "refund"]).code, 0);
}

#[test]
fn what_is_not_built_is_refused() {
    for (arguments, expected) in [
        (&["--report-only"][..], "--report-only goes with --profile hardened"),
        (&["--option", "hardened = { enforced = [\"H6\"] }"], "`H6`: no kernel here has it yet"),
        (&["--interface", "contactless", "--choose", "0"], "nobody chooses in a tap"),
    ] {
        let run = pay(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""));
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

#[test]
fn wrong_usage_is_64() {
    for arguments in [
        &["--card", "no-such-card"][..],
        &["--terminal", "no-such-terminal"],
        &["--amount", "12.345"],
        &["--amount", "-1"],
        &["--amount", "99999999999.00"],
        &["--currency", "XXX"],
        &["--date", "260230"],
        &["--date", "2601155"],
        &["--type", "gift"],
        &["--type", "cashback"],
        &["--other-amount", "1.00"],
        &["--type", "cashback", "--other-amount", "20.00"],
        &["--host", "maybe"],
        &["--seed", "x"],
        &["--pin", "123"],
        &["--script", "sometime: card-block"],
        &["--script", "before: pin-change 12"],
        &["--choose", "x"],
        &["--logged-amount", "x"],
        &["--option", "combined_mode"],
        &["--option", "combined_mode=5"],
        &["--option", "no_such_option=1"],
        // A record does not say what the terminal remembers, nor a transcript its options.
        &["--option", "combined_mode=3", "--transcript", "x.emv"],
        &["--exception-file", "--transcript", "x.emv"],
        &["--logged-amount", "1.00", "--trace", "x.json"],
        &["--no-such-option"],
        &["stray"],
    ] {
        let run = pay(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (64, ""), "{arguments:?}");
        assert!(!run.stderr.is_empty());
    }
    assert_eq!(chipwright(&[]).code, 64);
    assert_eq!(chipwright(&["--help"]).code, 0);
    assert_eq!(chipwright(&["pay", "--help"]).code, 0);
    assert!(chipwright(&["--version"]).stdout.starts_with("chipwright 0."));
}

#[test]
fn bad_files_are_65_with_their_place() {
    let missing = pay(&["--card", "./no-such-file.toml"]);
    assert_eq!(missing.code, 65);
    for (option, content, expected) in [
        ("--card", "title = 5\n", "line 1, column 9"),
        ("--card", "title = 'x'\napplication = []\nx = 1\n", "line 3"),
        ("--terminal", "title = 'x'\ntype = 17\n", "line 2, column 8: 17 is no terminal type"),
        ("--terminal", "= 1", "line 1, column 1"),
        ("--terminal", "\u{0}", "line 1, column 2"),
    ] {
        let path = file("bad.toml", content);
        let run = pay(&[option, &path]);
        assert_eq!((run.code, run.stdout.as_str()), (65, ""), "{content:?}");
        assert!(run.stderr.contains(expected), "{content:?}: {}", run.stderr);
    }
    let endless = pay(&["--card", "/dev/zero"]);
    assert_eq!(endless.code, 65);
    assert!(endless.stderr.contains("longer than"));
    let unwritable = pay(&["--trace", "/no/such/folder/x.json"]);
    assert_eq!(unwritable.code, 65);
}

#[test]
fn json_is_one_document() {
    let run = pay(&["--json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &document["exit_code"]), (0, &0.into()));
    assert_eq!(document["outcome"]["conclusion"], "approved");
    let events = document["events"].as_array().unwrap();
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    assert_eq!(of("command").len(), of("response").len());
    assert_eq!(of("result")[0]["code"], "0403");
    assert_eq!(of("authenticated")[0]["passed"], true);
    assert_eq!(of("certificate")[0]["modulus_bits"], 1984);
    assert_eq!(of("decision")[0]["request"], "ARQC");
    assert!(events.iter().all(|event| event["event"] != "other"), "an event without words");
    let declined = pay(&["--json", "--pin", "cancel", "--card", "contact-dda-pin"]);
    let document: Value = serde_json::from_str(&declined.stdout).unwrap();
    assert_eq!(document["outcome"]["end"]["code"], "stopped");
}

#[test]
fn timing_is_shown_when_it_is_asked_for() {
    assert!(pay(&["--timing"]).stdout.contains(" ms"));
    assert!(pay(&["--timing", "--json"]).stdout.contains("\"microseconds\""));
    assert!(!pay(&[]).stdout.contains(" ms") && !pay(&["--json"]).stdout.contains("microseconds"));
}

#[test]
fn account_numbers_are_masked() {
    for card in ["contact-dda", "contact-mastercard", "contact-unionpay", "contact-no-oda"] {
        for more in
            [&[][..], &["--json"], &["--host", "unreachable"], &["--terminal", "offline-only"]]
        {
            let run = pay(&[&["--card", card], more].concat());
            for pan in [PAN, "5413330089020029", "6228000100001117"] {
                assert!(!run.stdout.contains(pan) && !run.stderr.contains(pan), "{card} {more:?}");
                // The track goes on behind it.
                assert!(!run.stdout.contains(&pan[6..]), "{card} {more:?}");
            }
            assert!(run.stdout.contains("******"));
        }
    }
}

#[test]
fn pins_are_nowhere() {
    let (pin, wrong) = ("1234", "918273");
    let (trace, transcript) = (file("pin.json", ""), file("pin.emv", ""));
    for card in ["contact-dda-pin", "contact-dda"] {
        let arguments = ["--card", card, "--pin", wrong, "--pin", pin, "--amount", "5.00"];
        let files = ["--trace", &trace, "--transcript", &transcript];
        for more in [&files[..], &["--json"]] {
            let run = pay(&[&arguments[..], more].concat());
            assert_eq!(run.code, 0);
            let written = [&trace, &transcript].map(|path| std::fs::read_to_string(path).unwrap());
            for text in [&run.stdout, &run.stderr, &written[0], &written[1]] {
                assert!(!text.contains(wrong) && !text.contains("26918273"), "{card}");
                assert!(!text.contains("241234"), "{card}: a PIN block");
            }
        }
    }
    for arguments in
        [&["--pin", "91827x"][..], &["--pin", "1", "--pin", "918273"], &["--pin", "1234", "918273"]]
    {
        let run = pay(arguments);
        assert_eq!(run.code, 64);
        assert!(!run.stderr.contains("91827"), "{}", run.stderr);
    }
}

#[test]
fn pin_entry_is_told() {
    let run = pay(&["--card", "contact-dda-pin", "--pin", "9999", "--pin", "1234"]);
    for expected in
        ["3 tries left", "63C2, wrong, 2 tries left", "2 tries left, once more", "9000, success"]
    {
        assert!(run.stdout.contains(expected), "{expected}");
    }
    let bypassed = pay(&["--card", "contact-dda-pin", "--pin", "bypass"]);
    assert!(bypassed.stdout.contains("TVR [3:4]") && bypassed.stdout.contains("0307, B3 10.5.1"));
    let broken = pay(&["--card", "contact-dda-pin", "--pin", "broken"]);
    assert!(broken.stdout.contains("TVR [3:5]"));
    // Left out, the cardholder knows the card's PIN.
    assert!(!pay(&["--card", "contact-dda-pin"]).stdout.contains("TVR [3:"));
}
