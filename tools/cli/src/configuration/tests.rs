use super::*;
use chipwright::crypto::Hash;
use chipwright_harness::terminal_file::DEFAULT;
use chipwright_rustcrypto::RustCrypto;

/// What is found in the default terminal with a piece of its file changed.
fn changed(piece: &str, other: &str) -> Vec<String> {
    let text = TerminalFile::builtin(DEFAULT).unwrap().text().to_owned();
    assert!(text.contains(piece), "{piece}");
    of(&text.replacen(piece, other, 1))
}

fn of(text: &str) -> Vec<String> {
    let today = Date::new(2026, 1, 15).unwrap();
    let shown = |finding: Finding| {
        let (line, column) = finding.place.unwrap_or_default();
        format!("{line}:{column} {}: {}", finding.level.word(), finding.message)
    };
    findings(text, today).into_iter().map(shown).collect()
}

/// Whether a change is found, and where.
fn finds(piece: &str, other: &str, expected: &[&str]) {
    let found = changed(piece, other);
    for expected in expected {
        let hit = found.iter().any(|finding| finding.contains(expected));
        assert!(hit, "{other}: expected {expected}, found {found:#?}");
    }
}

#[test]
fn nothing_is_wrong_with_the_terminals_that_come_with_it() {
    for name in chipwright_harness::terminal_file::names() {
        let found = of(TerminalFile::builtin(name).unwrap().text());
        let errors: Vec<_> = found.iter().filter(|finding| finding.contains(" error: ")).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    assert_eq!(of(TerminalFile::builtin(DEFAULT).unwrap().text()), [] as [String; 0]);
}

#[test]
fn files_that_are_none_are_told_with_their_place() {
    finds("type = 22", "type = ", &["3:", "error: "]);
    finds("type = 22", "type = 17", &["3:8 error: ", "17"]);
    finds(
        "floor_limit = 1000",
        "floor_limits = 1000",
        &["error: application.0.floor_limits: unknown key, `floor_limit` perhaps"],
    );
    finds("serial_number", "wavelength", &["error: wavelength: unknown key"]);
    // Several things at once.
    let found = changed("type = 22\ncountry = 276", "type = 22\ncuntry = 276\ntitel = 1");
    assert_eq!(
        found.iter().filter(|finding| finding.contains("unknown key")).count(),
        2,
        "{found:?}"
    );
}

#[test]
fn capabilities_fit_the_type() {
    finds(
        "type = 22",
        "type = 25",
        &[
            "error: capabilities: `signature` with type 25, which nobody attends",
            "warning: additional_capabilities: print or display for an attendant",
            "warning: additional_capabilities: `cashback` with type 25",
        ],
    );
    finds(
        "type = 22",
        "type = 23",
        &["error: capabilities: `enciphered-pin-online` with type 23, which never goes online"],
    );
    finds(
        "type = 22",
        "type = 34",
        &["error: additional_capabilities: `cash` with type 34, which the cardholder runs"],
    );
    finds("\"numeric-keys\", ", "", &["error: capabilities: a PIN without `numeric-keys`"]);
    finds("\"print-attendant\", ", "", &["nothing to sign on"]);
    finds("\"dda\", \"cda\"", "\"cda\"", &["`cda` without `dda`", "no `dda` with type 22"]);
    finds(
        "\"cda\",",
        "\"cda\", \"xda\",",
        &["error: capabilities: `xda` is claimed and no kernel has it"],
    );
    finds("\"ic-with-contacts\", ", "", &["applications without `ic-with-contacts`"]);
    finds("\"plaintext-pin\",", "", &["one of `plaintext-pin` and `enciphered-pin-offline`"]);
    finds("\"goods\", \"services\", ", "", &["error: additional_capabilities: `cashback` without"]);
    finds("\"code-table-1\",", "", &["no code table"]);
    finds("country = 276", "country = 999", &["4:1 error: country: 999 is no country"]);
    finds(
        "[objects]",
        "[options]\nwithdrawn = [\"sda\"]\n[objects]",
        &["warning: options.withdrawn: `sda`"],
    );
    finds("9F15 = \"5411\"", "9F15 = \"0001\"", &["warning: objects.9F15: no merchant category"]);
    finds(
        "9F15 = \"5411\"",
        "9F1A = \"0276\"",
        &["error: objects.9F1A: `country` says this", "no merchant category code (9F15)"],
    );
    finds(
        "9F1C = \"5445524D30303031\"",
        "9F1C = \"54\"",
        &["error: objects.9F1C: length 1, expected 8"],
    );
}

#[test]
fn applications_mean_what_they_say() {
    finds(
        "aid = \"A000000003\"",
        "aid = \"1000000003\"",
        &["application.0.aid: begins with 1", "no key of its certification authority"],
    );
    finds(
        "aid = \"A000000004\"",
        "aid = \"A000000003\"",
        &["error: application.1.aid: is there twice"],
    );
    finds(
        "aid = \"A000000004\"",
        "aid = \"A0000000031010\"",
        &["warning: application.1.aid: comes after A000000003"],
    );
    finds(
        "aid = \"A000000003\"",
        "aid = \"A000000003\"\npartial_match = false",
        &["a provider alone, exactly"],
    );
    finds(
        "threshold = 500",
        "threshold = 5000",
        &["error: application.0.random_selection: threshold 5000 above the floor limit 1000"],
    );
    finds(
        "random_selection = { target = 20, maximum = 60, threshold = 500 }\n",
        "",
        &["selected at random"],
    );
    finds(
        "denial = \"0010000000\"",
        "denial = \"0014000000\"",
        &["error: application.0.action_codes.denial: reserved bits are set: [2:3]"],
    );
    finds("denial = \"0010000000\"", "denial = \"0010008000\"", &["the floor limit declines"]);
    finds("online = \"DC4004F800\"", "online = \"0000000000\"", &["nothing goes online"]);
    finds("online = \"DC4004F800\"", "online = \"DC40047800\"", &["not even the floor limit"]);
    finds("default = \"DC4000A800\"", "default = \"0000000000\"", &["nothing declines"]);
    finds("default = \"DC4000A800\"", "default = \"DC6000A800\"", &["never asked online: [2:6]"]);
    finds(
        "default_ddol = \"9F3704\"",
        "default_ddol = \"9F0206\"",
        &["error: application.0.default_ddol: without 9F37"],
    );
    finds("default_ddol = \"9F3704\"\n", "", &["no `default_ddol`"]);
}

#[test]
fn taps_stay_within_their_limits() {
    let with = |lines: &str, expected: &[&str]| {
        let tap = format!("[[contactless]]\naid = \"A000000333\"\nkernel = 7\n{lines}\n[objects]");
        finds("[objects]", &tap, expected);
    };
    with("transaction_limit = 0", &["error: contactless.0.transaction_limit: 0"]);
    with("transaction_limit = 100", &["cvm_required_limit: not below", "floor_limit: not below"]);
    with("floor_limit = \"none\"", &["warning: contactless.0: no floor limit"]);
    with("terminal_floor_limit = 5", &["counts only where"]);
    with(
        "qualifiers = \"2E800080\"",
        &["pre-processing sets", "`offline-only`, and the terminal goes online"],
    );
    with("qualifiers = \"00000080\"", &["without `emv-mode`"]);
    with(
        "[[contactless]]\naid = \"A000000333\"\nkernel = 7",
        &["error: contactless.1: application and kernel are there twice"],
    );
    with(
        "[[contactless]]\naid = \"A000000004\"\nkernel = 7",
        &["kernel 7 for an application of kernel 2"],
    );
    with("[[contactless]]\naid = \"A000000004\"\nkernel = 2", &["this kernel is not linked"]);
    finds("\"enciphered-pin-online\", ", "", &[]);
}

#[test]
fn keys_are_good_and_needed() {
    let key = |lines: &str| {
        let modulus = "B1".repeat(144);
        format!(
            "\n[[key]]\nrid = \"A000000025\"\nindex = \"01\"\nmodulus = \"{modulus}\"\nexponent = \"03\"\n{lines}\n"
        )
    };
    let with = |lines: &str, expected: &str| {
        let text = TerminalFile::builtin(DEFAULT).unwrap().text().to_owned() + &key(lines);
        let found = of(&text);
        assert!(found.iter().any(|finding| finding.contains(expected)), "{expected}: {found:#?}");
        found
    };
    with("", "error: key.0: A000000025 01: ");
    with(&format!("checksum = \"{}\"", "00".repeat(20)), "error: key.0.checksum: A000000025 01: ");
    let (rid, modulus) = ([0xA0, 0, 0, 0, 0x25], [0xB1; 144]);
    let parts: [&[u8]; 4] = [&rid, &[1], &modulus, &[3]];
    let right =
        format!("checksum = \"{}\"\n", hex::encode(RustCrypto.sha1(&mut parts.into_iter())));
    let with_right = |lines: &str, expected: &str| with(&format!("{right}{lines}"), expected);
    with_right("environment = \"live\"", "error: key.0.environment: A000000025 01: ");
    with_right("expiry = \"2025-12-31\"", "error: key.0.expiry: A000000025 01: ");
    with_right(
        "expiry = \"2026-05-31\"",
        "warning: key.0.expiry: A000000025 01: ends on 2026-05-31",
    );
    with_right("", "warning: key.0: A000000025 01: no last day");
    let found = with("", "A000000025 01");
    assert!(found.iter().all(|finding| !finding.contains("no key of its")), "{found:?}");
    finds(
        "test_keys = [\"A000000003\", ",
        "test_keys = [",
        &["error: application.0.aid: no key of its"],
    );
    finds(
        "[objects]",
        "[[revocation]]\nrid = \"A000000025\"\nindex = \"01\"\nserial = \"000001\"\n[objects]",
        &["warning: revocation.0.rid: no key"],
    );
}
