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
