//! `chipwright decode` and `chipwright vectors`.

mod command;

use command::{chipwright, file, root, run};
use serde_json::Value;

#[test]
fn objects_are_told() {
    let run = chipwright(&[
        "decode",
        "8E0A00000000000003E842039F3602010A9505000000800050045649534194040801020 1 9000",
    ]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for expected in [
        "CVM List",
        "1. 4203 enciphered PIN verified online, if the terminal",
        "supports the method; else next rule",
        "010A  266",
        "[4:8] transaction exceeds floor limit",
        "VISA",
        "SFI 1, records 1 to 2, 1 is signed",
        "9000   Status Word",
    ] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
}

#[test]
fn hexadecimal_comes_from_argument_file_and_standard_input() {
    let expected = chipwright(&["decode", "9A03260115"]).stdout;
    assert!(expected.contains("2026-01-15"));
    assert_eq!(run(&["decode"], b"9A 03 26\n01 15\n").stdout, expected);
    assert_eq!(run(&["decode", "-"], b"9a03260115").stdout, expected);
    assert_eq!(run(&["decode", "-"], &[0x9A, 3, 0x26, 0x01, 0x15]).stdout, expected);
    assert_eq!(chipwright(&["decode", &file("date.hex", "9A 03\n260115\n")]).stdout, expected);
}

#[test]
fn account_data_are_masked() {
    let data = "5A084761739001010119 5711 4761739001010119D49122010000000000 9F1F0431323334 9F0508 4761739001010119";
    for arguments in [&["decode", data][..], &["decode", "--json", data]] {
        let run = chipwright(arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout.contains("476173******0119"));
        for hidden in ["4761739001010119", "D4912", "31323334"] {
            assert!(!run.stdout.contains(hidden), "{hidden}\n{}", run.stdout);
        }
    }
}

/// An account number beside its tag is learnt as well.
#[test]
fn account_data_in_text_are_masked() {
    let run = chipwright(&["decode", "PAN (5A): 4761739001010119\n9F05: 084761739001010119"]);
    assert!(run.stdout.contains("476173******0119"), "{}{}", run.stdout, run.stderr);
    assert!(!run.stdout.contains("4761739001010119"), "{}", run.stdout);
}

/// A PIN in a command is told by nobody.
#[test]
fn pins_are_not_told() {
    let log = "> 0020008008241234FFFFFFFFFF\n< 9000\n> 80CA9F1700\n< 9F1701039000\n";
    let other = log.replace("9F170103", "9F170102").replace("241234", "241235");
    for arguments in
        [&["decode", log][..], &["decode", log, "--diff", &other], &["decode", "--json", log]]
    {
        let run = chipwright(arguments);
        assert!(run.code < 2, "{arguments:?} {}", run.stderr);
        assert!(!run.stdout.contains("241234"), "{arguments:?} {}", run.stdout);
        assert!(run.stdout.contains("PIN Try Counter"), "{}", run.stdout);
    }
    let differences = chipwright(&["decode", log, "--diff", &other]).stdout;
    assert!(differences.ends_with("1 difference\n"), "{differences}");
}

/// Nor does an error repeat what it is about.
#[test]
fn errors_do_not_repeat_account_data() {
    let wrong = "5A084761739001010119zz";
    for arguments in [
        &["decode", wrong][..],
        &["decode", "9A03260115", "--diff", wrong],
        &["decode", "9A03260115", "--diff", "5A094761739001010119"],
        &["decode", "5A094761739001010119"],
        &["decode", "--atr", "5A084761739001010119"],
        &["decode", "PAN 5A094761739001010119 x"],
    ] {
        let run = chipwright(arguments);
        assert_eq!(run.code, 65, "{arguments:?} {}", run.stdout);
        assert!(!run.stderr.contains("4761739001"), "{arguments:?} {}", run.stderr);
    }
}

#[test]
fn text_of_the_card_cannot_act() {
    let run = chipwright(&["decode", "500A1B5B33316D524544070A"]);
    assert!(!run.stdout.contains('\x1B') && !run.stdout.contains('\x07'));
    assert!(run.stdout.contains("\\x1B[31mRED\\x07\\x0A"));
}

#[test]
fn errors_name_offset_and_object() {
    for (hex, expected) in [
        (
            "9A03260115 5A0847",
            "truncated value at offset 5 (5A Application Primary Account Number), of 8 bytes",
        ),
        ("7005 9A0326", "truncated value at offset 0"),
        ("7005 9A04260115", "truncated value at offset 2 (9A Transaction Date)"),
        ("9F", "truncated tag at offset 0"),
        ("9A80", "indefinite length at offset 0 (9A"),
        ("9A85", "length of more than four bytes at offset 0"),
        ("9A0", "half a byte is left over"),
    ] {
        let run = chipwright(&["decode", hex]);
        assert_eq!((run.code, run.stdout.as_str()), (65, ""), "{hex}");
        assert!(run.stderr.contains(expected), "{hex}: {}", run.stderr);
    }
    assert_eq!(run(&["decode"], b"").code, 65);
    assert_eq!(chipwright(&["decode", "no-such-file"]).code, 65);
    assert_eq!(chipwright(&["decode", "/dev/zero"]).code, 65);
}

#[test]
fn nesting_is_bounded() {
    let mut bytes = vec![];
    for _ in 0..2000 {
        let length = bytes.len();
        let header: &[u8] = &[0x70, 0x82, (length >> 8) as u8, length as u8];
        bytes.splice(0..0, header.iter().copied());
    }
    let run = run(&["decode"], &bytes);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn json_has_the_same_tree() {
    let run = chipwright(&["decode", "--json", "6F0B8401AAA506500141BF0C009000"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["status"]["code"], "9000");
    let template = &document["objects"][0];
    assert_eq!((&template["tag"], &template["offset"]), (&"6F".into(), &0.into()));
    assert_eq!(template["objects"][1]["objects"][0]["meaning"], "A");
    assert_eq!(template["objects"][0]["problem"], "length 1, expected 5 to 16");
}

/// The dictionary is chosen by the application in the data, or by the command line.
#[test]
fn tags_mean_what_the_kernel_says() {
    let data = "BF0C1461124F07A00000000410109F6E06027600003030";
    let own = chipwright(&["decode", data]);
    assert!(own.stdout.contains("Third Party Data"), "{}{}", own.stdout, own.stderr);
    assert!(own.stdout.contains("Germany, identifier 0000, card"), "{}", own.stdout);
    for (kernel, name) in [
        ("c3", "Form Factor Indicator (FFI)"),
        ("4", "Enhanced Contactless Reader Capabilities"),
        ("c7", "Form Factor Indicator"),
    ] {
        let other = chipwright(&["decode", "--kernel", kernel, data]);
        assert!(other.stdout.contains(name), "{kernel} {}", other.stdout);
    }
    let open = chipwright(&["decode", "9F5D03010203"]);
    assert!(open.stdout.contains("or Application Capabilities Information (ACI)"));
    assert_eq!(chipwright(&["decode", "--kernel", "c9", data]).code, 64);
}

#[test]
fn everything_else_is_told_too() {
    for (arguments, expected) in [
        (&["mgMmARWcAQA="][..], "2026-01-15"),
        (&["6985"], "conditions of use not satisfied"),
        (&["00A4040007A000000003101000"], "00A40400 SELECT A0000000031010"),
        (&["3B6D000000318071866567010000009000"], "answer to reset, first protocol T=0"),
        (&["--atr", "0578807002"], "answer to select"),
        (&["0578807002"], "frame waiting time 38.7 ms"),
        (&["00089A032601159C0100"], "8 bytes behind their length of 2 bytes"),
        (&["--as", "dol", "9F02069F3704"], "9F37  Unpredictable Number, 4 bytes"),
        (&["--as", "tags", "829F37"], "9F37 Unpredictable Number"),
        (&["--tag", "9F15", "5411"], "grocery shops and supermarkets"),
        (&["--tag", "9F1A", "276"], "Germany"),
        (&["--tag", "9F02", "--currency", "JPY", "1234"], "1234 JPY"),
        (&["--tag", "95", "0000008000"], "[4:8] transaction exceeds floor limit"),
        (
            &["--kernel", "c8", "--tag", "9F2B", "0280001000000000"],
            "[2:8] local authentication enabled",
        ),
        (&["5F2A0203929F0206000000001234"], "1234 JPY"),
    ] {
        let run = chipwright(&[&["decode"], arguments].concat());
        assert_eq!(run.code, 0, "{arguments:?} {}", run.stderr);
        assert!(run.stdout.contains(expected), "{arguments:?}\n{}", run.stdout);
    }
}

/// A transcript, read as any text: dialogue, lists, application and certificates are found.
#[test]
fn a_log_is_told_string_by_string() {
    let transcript = file("decode.emv", "");
    let paid = chipwright(&["pay", "--transcript", &transcript]);
    assert_eq!(paid.code, 0, "{}", paid.stderr);
    let run = chipwright(&["decode", &transcript, "--keys", "attended-offline-online"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for expected in [
        "line 7, column 3",
        "SELECT 1PAY.SYS.DDF01",
        "Visa, format 0, 1 or 3: key index 01",
        "80AE8000 GENERATE AC asks for ARQC\n9F02   Amount, Authorised (Numeric)",
        "issuer certificate",
        "hash right",
        "account 476173******0119",
        "ICC Dynamic Number",
    ] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("4761739001010119"));
    // Issuer, card and dynamic signature: everything that they cover is in the transcript.
    assert_eq!(run.stdout.matches("hash right").count(), 3, "{}", run.stdout);
    let text = std::fs::read_to_string(&transcript).unwrap();
    let altered = file("altered.emv", &text.replacen("5F25032001", "5F25032002", 1));
    let altered = chipwright(&["decode", &altered, "--keys", "attended-offline-online"]);
    assert_eq!(altered.stdout.matches("hash right").count(), 1, "{}", altered.stdout);
    assert!(altered.stdout.contains("its hash differs"));
    let wrong = chipwright(&["decode", &transcript, "--keys", "test-vectors/capk.json"]);
    assert!(
        wrong.stdout.contains("none of the keys with index D2 of A000000003 opens it"),
        "{}",
        wrong.stdout
    );
    let json = chipwright(&["decode", "--json", &transcript]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["found"][0]["line"], 7);
    let nothing = chipwright(&["decode", "nothing here: at all"]);
    assert_eq!(nothing.code, 65);
    assert!(nothing.stderr.contains("nothing to decode in it"));
}

#[test]
fn two_strings_are_compared() {
    let before = "9F0607A0000000031010950500000080009A032601155A084761739001010119";
    let after = "9F0607A0000000031010950500000480009A032601155A0847617390010101279C0100";
    let run = chipwright(&["decode", before, "--diff", after]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for expected in [
        "95  Terminal Verification Results",
        "+ 0000048000",
        "+      [3:3] online PIN entered",
        "9C  Transaction Type",
        "- 476173******0119",
        "+ 476173******0127",
        "3 differences",
    ] {
        assert!(run.stdout.contains(expected), "{expected}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("[4:8]"), "what is the same is not told");
    let visa = "8407A00000000310109F100706011203800000";
    let other = chipwright(&["decode", visa, "--diff", &visa.replace("0380", "03A0")]);
    assert!(
        other.stdout.contains("+ 06011203A00000  Visa, format 0, 1 or 3: key index 01"),
        "{}",
        other.stdout
    );
    assert_eq!(chipwright(&["decode", before, "--diff", before]).code, 0);
    let json = chipwright(&["decode", before, "--diff", after, "--json"]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["differences"][2]["path"], "9C");
    assert_eq!(document["differences"][2]["before"], Value::Null);
    let broken = chipwright(&["decode", before, "--diff", "9A0326"]);
    assert_eq!(broken.code, 65);
    assert!(broken.stderr.contains("the second: not BER-TLV: truncated value at offset 0"));
}

/// However a file is made up, it is read in a time that grows with its length.
#[test]
fn long_files_end() {
    let numbers: String = (0..8_000)
        .map(|number| format!("5A0847617390{number:08}9F0508476173900000{number:04X}\n"))
        .collect();
    let lines = "0123456789ABCDEF0123456789ABCDEF\n".repeat(5_000);
    let templates = "70820FFF 9A03260115\n".repeat(2_500);
    let same = "9A03260115".repeat(10_000);
    for (name, text) in
        [("numbers", &numbers), ("lines", &lines), ("templates", &templates), ("same", &same)]
    {
        let path = file(&format!("long-{name}.log"), &format!("log\n{text}"));
        let start = std::time::Instant::now();
        let run = chipwright(&["decode", &path, "--diff", &path]);
        assert!([0, 65].contains(&run.code), "{name}: {}", run.stderr);
        chipwright(&["decode", &path]);
        assert!(start.elapsed().as_secs() < 30, "{name}: {:?}", start.elapsed());
    }
}

/// Every tag of the dictionary is known to the decoder, by its name in its book.
#[test]
fn every_tag_of_the_dictionary_is_decoded() {
    let listed = chipwright(&["tags", "--json"]);
    let document: Value = serde_json::from_str(&listed.stdout).unwrap();
    let rows = document.as_array().unwrap();
    assert!(rows.len() > 400, "{}", rows.len());
    let books = [
        "emv",
        "4.4",
        "entry-point",
        "c2",
        "c3",
        "c4",
        "c5",
        "c6",
        "c7",
        "c8",
        "pboc",
        "parameters",
    ];
    for book in books {
        let of = |row: &&Value| {
            let books = row["books"].as_array().unwrap();
            // Some tags mean something else within a template, which a value alone has not.
            books.contains(&book.into()) && row["templates"] != serde_json::json!(["A1"])
        };
        let mut expected: Vec<&Value> = rows.iter().filter(of).collect();
        expected.retain(|row| {
            let inside = row["templates"].as_array().unwrap();
            !inside.iter().any(|tag| ["BF4C", "BF4D", "BF4E"].contains(&tag.as_str().unwrap()))
        });
        let data: String =
            expected.iter().map(|row| format!("{}00", row["tag"].as_str().unwrap())).collect();
        let run = chipwright(&["decode", "--json", "--as", "tlv", "--kernel", book, &data]);
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", run.stderr));
        let objects = document["objects"].as_array().unwrap();
        assert_eq!(objects.len(), expected.len(), "{book}");
        for (object, row) in objects.iter().zip(expected) {
            for key in ["tag", "name", "source"] {
                assert_eq!(object[key], row[key], "{book} {row}");
            }
        }
    }
}

#[test]
fn the_dictionary_is_searched() {
    let run = chipwright(&["tags", "9F6E"]);
    assert_eq!(run.stdout.lines().count(), 4, "{}", run.stdout);
    assert!(run.stdout.contains("kernel 2"));
    let words = chipwright(&["tags", "unpredictable number", "--kernel", "c2"]);
    assert!(words.stdout.contains("9F6A"), "{}", words.stdout);
    assert_eq!(chipwright(&["tags", "no such thing"]).code, 65);
}

#[test]
fn vectors_pass_and_a_corrupted_one_fails() {
    let good = chipwright(&["vectors", "test-vectors/tlv.json"]);
    assert_eq!(good.code, 0, "{}", good.stdout);
    let last = good.stdout.lines().last().unwrap();
    assert!(last.contains(" passed, 0 failed, "), "{last}");
    let text = std::fs::read_to_string(root().join("test-vectors/tlv.json")).unwrap();
    let altered = text.replacen("\"data\": \"9C01FF\"", "\"data\": \"9C01FE\"", 1);
    assert_ne!(altered, text);
    let bad = chipwright(&["vectors", &file("tlv.json", &altered)]);
    assert_eq!(bad.code, 1, "{}", bad.stdout);
    assert!(bad.stdout.lines().any(|line| line.contains("expected") && line.contains("found")));
    let json = chipwright(&["vectors", "--json", "test-vectors/tlv.json"]);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["failed"], 0);
    assert_eq!(chipwright(&["vectors", "no-such-folder"]).code, 65);
    assert_eq!(chipwright(&["vectors"]).code, 64);
}
