//! Profiles: what they change, and what is wrong with them, with line and column.

use chipwright_card::{Card, Profile, ProfileError};

use crate::terminal::{CDOL1, Terminal, bytes, visa};

fn error(text: &str) -> ProfileError {
    match Profile::parse(text) {
        Err(error) => error,
        Ok(profile) => Card::new(&profile, 0).map(drop).expect_err(text),
    }
}

#[test]
fn an_error_names_line_column_and_cause() {
    // The first line of `more` is line 4.
    let cases = [
        ("colour = 'red'", (4, 1), "unknown field `colour`"),
        ("account.number = 'x'", (4, 18), "decimal digits"),
        ("account.number = '476173900101'\naccount.numbr = ''", (5, 9), "unknown field `numbr`"),
        ("account.number = '47617390010'", (4, 18), "12 to 19 digits"),
        ("account.number = '4971730000000000'", (4, 18), "test range"),
        ("account.expiry = '491301'", (4, 18), "YYMMDD"),
        ("account.country = 1000", (4, 19), "three digits"),
        ("account.holder = 'X'", (4, 18), "2 to 26"),
        ("account.service_code = '20'", (4, 24), "three digits"),
        ("account.sequence_number = 100", (4, 27), "two digits"),
        ("account.currency_exponent = 10", (4, 29), "one digit"),
        ("account.currency = 1000", (4, 20), "three digits"),
        ("account.usage = ['cash']", (4, 17), "unknown bit `cash`"),
        ("aid = 'A0000000'", (4, 7), "5 to 16 bytes"),
        ("aid = 'A00'", (4, 7), "hexadecimal"),
        ("label = 'A label of 17 chs'", (4, 9), "1 to 16"),
        ("preferred_name = '支付'", (4, 18), "code table 1"),
        ("languages = 'DE'", (4, 13), "small letters"),
        ("priority = 16", (4, 12), "more than 15"),
        ("format = 3", (4, 10), "neither 1 nor 2"),
        ("aip = '00'", (4, 7), "2 bytes"),
        ("pdol = '9F02'", (4, 8), "truncated length at offset 0"),
        ("pdol = '9F02FF 9F0301'", (4, 8), "more than a command"),
        ("scheme = 'visa'", (4, 1), "duplicate key"),
        ("authentication.methods = ['ddA']", (4, 27), "unknown variant `ddA`"),
        ("authentication = { methods = ['dda'], icc_key = 'x' }", (4, 49), "no key `x`"),
        ("authentication = { methods = ['sda'], ca_key = 'icc-896-e3' }", (4, 48), "index"),
        (
            "authentication = { methods = ['dda'], issuer_key = 'issuer-1024-e3' }",
            (4, 18),
            "icc_key: longer than the issuer_key",
        ),
        (
            "authentication = { methods = ['dda'], ca_key = 'ca-1152-e65537' }",
            (4, 18),
            "issuer_key: longer than the ca_key",
        ),
        (
            "authentication = { methods = ['cda'], issuer_key = 'issuer-1984-e3', icc_key = 'icc-1984-e3' }",
            (4, 80),
            "exceed 256 bytes",
        ),
        ("authentication.dynamic_number_length = 9", (4, 40), "2 to 8"),
        ("authentication = { methods = ['sda'], certificate_serial = '00' }", (4, 60), "3 bytes"),
        (
            "authentication = { methods = ['sda'], data_authentication_code = '00' }",
            (4, 66),
            "2 bytes",
        ),
        ("verification.rules = ['pin']", (4, 22), "unknown CVM method `pin`"),
        ("verification.pin = '123'", (4, 20), "4 to 12 digits"),
        ("verification.pin_try_limit = 16", (4, 30), "1 to 15"),
        ("verification.pin_tries_left = 4", (4, 31), "more than the limit"),
        ("cryptogram.version = 17", (4, 22), "none of this payment system"),
        ("cryptogram.issuer = 'nobody'", (4, 21), "no issuer"),
        ("cryptogram.card_key = '00'", (4, 23), "16 bytes"),
        (
            "cryptogram = { issuer = 'visa', card_key = '00112233445566778899AABBCCDDEEFF' }",
            (4, 25),
            "key of its own",
        ),
        (
            "cryptogram.discretionary_data = '0011223344556677889900112233445566'",
            (4, 33),
            "more than 16 bytes",
        ),
        ("cryptogram.cdol1 = '9F0206'", (4, 20), "9F03"),
        ("cryptogram.cdol2 = '9F0205'", (4, 20), "9F02"),
        ("cryptogram.first = 'arcq'", (4, 20), "unknown variant `arcq`"),
        ("objects = { '9F' = '00' }", (4, 20), "not a tag"),
        ("objects = { '9F4201' = '00' }", (4, 24), "not a tag"),
        ("omit = ['9F42', '']", (4, 17), "not a tag"),
        ("get_data = { 'XY' = '00' }", (4, 21), "not a tag"),
        ("record = [{ sfi = 31, number = 1, tags = [] }]", (4, 19), "1 to 30"),
        ("record = [{ sfi = 1, number = 0, tags = [] }]", (4, 31), "from 1"),
        ("record = [{ sfi = 1, number = 1 }]", (4, 11), "either tags or data"),
        ("record = [{ sfi = 1, number = 1, tags = ['9F7E'] }]", (4, 41), "the card has no 9F7E"),
        ("record = [{ sfi = 1, number = 1, tags = [], data = '' }]", (4, 41), "either"),
        (
            "record = [{ sfi = 1, number = 1, tags = [] }, { sfi = 1, number = 1, tags = [] }]",
            (4, 67),
            "already",
        ),
        (
            "record = [{ sfi = 1, number = 1, data = '71', signed = true }]",
            (4, 41),
            "no record template",
        ),
    ];
    let mut differences = Vec::new();
    for (more, place, message) in cases {
        let error = error(&visa(more));
        if error.place != Some(place) || !error.message.contains(message) {
            differences.push(format!("{more}\n    expected {place:?}, {message}; found {error}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn an_answer_holds_256_bytes() {
    let long = "9F0200".repeat(80);
    for (key, value) in
        [("fci", "00".repeat(257)), ("pdol", long.clone()), ("objects.9F7E", "00".repeat(253))]
    {
        let error = error(&visa(&format!("{key} = '{value}'")));
        assert!(error.message.contains("256") || key == "pdol", "{error}");
        assert!(error.message.contains("SELECT") || key != "pdol", "{error}");
    }
    Terminal::with_visa(&format!("fci = '{}'", "00".repeat(256)));
    let mastercard = visa("cryptogram.discretionary_data = '00'").replace("visa", "mastercard");
    assert!(error(&mastercard).message.contains("more than 0 bytes"));
}

#[test]
fn an_error_need_not_be_in_an_application() {
    assert!(error("title = ''\n").message.contains("missing field `application`"));
    assert_eq!(
        error("title = ''\napplication = []").to_string(),
        "line 2, column 15: application: a card without any"
    );
    assert_eq!(error("title = ''\ntitle").place.map(|place| place.0), Some(2));
    let broken = "title = ''\n[key.mine]\nmodulus = '81'\nexponent = '05'\nprivate_exponent = '01'\n\
        prime_p = '03'\nprime_q = '05'\n[[application]]\nscheme = 'visa'\n\
        authentication = { methods = ['dda'], icc_key = 'mine' }";
    let error = error(broken);
    assert_eq!(error.place, Some((10, 49)));
    assert!(error.message.contains("neither 3 nor 65537"), "{error}");
}

#[test]
fn a_profile_that_was_changed_in_code_has_no_lines() {
    let mut profile = Profile::parse(&visa("")).unwrap();
    profile.application[0].format = 9;
    let error = Card::new(&profile, 0).map(drop).unwrap_err();
    assert!(error.message.starts_with("application.0.format: "), "{error}");
}

#[test]
fn objects_are_changed_and_left_out() {
    let more = "objects = { '9F42' = '0840', '9F7E' = 'AABB' }\nomit = ['5F25', '9F13']";
    let mut terminal = Terminal::with_visa(more);
    let card = terminal.read();
    assert_eq!(card.objects[&0x9F42], [0x08, 0x40]);
    assert_eq!(card.objects[&0x9F7E], [0xAA, 0xBB]);
    assert!(!card.objects.contains_key(&0x5F25));
    assert_eq!(terminal.send("80CA9F1300").1, 0x6A88);
    assert_eq!(terminal.send("80CA9F3600").1, 0x9000);
}

#[test]
fn a_profile_may_break_certificates() {
    let more = "authentication.methods = ['dda']\nobjects = { '9F46' = 'FF', '90' = '' }";
    let card = Terminal::with_visa(more).read();
    assert_eq!((card.objects[&0x9F46].len(), card.objects[&0x90].len()), (1, 0));
}

#[test]
fn the_file_locator_follows_the_records() {
    let more = "record = [\n\
        { sfi = 2, number = 1, signed = true, tags = ['5A', '5F24'] },\n\
        { sfi = 2, number = 2, signed = true, tags = ['8C'] },\n\
        { sfi = 2, number = 3, tags = ['8D'] },\n\
        { sfi = 2, number = 4, signed = true, tags = ['8E'] },\n\
        { sfi = 2, number = 6, tags = ['9F07'] },\n\
        { sfi = 1, number = 7, data = '70 03 9F36 00' },\n\
        { sfi = 1, number = 8, located = false, data = 'C0FFEE' },\n\
        { sfi = 30, number = 1, tags = [] } ]";
    let mut terminal = Terminal::with_visa(more);
    let card = terminal.read();
    assert_eq!(card.afl, bytes("10010302 10040401 10060600 08070700 F0010100"));
    assert!(card.objects.contains_key(&0x9F36));
    assert_eq!(terminal.send("00B2080C00").0, [0xC0, 0xFF, 0xEE]);

    let more = format!("afl = '08010100'\n{more}");
    let mut terminal = Terminal::with_visa(&more);
    terminal.select("A000000003");
    assert_eq!(terminal.begin().1, bytes("08010100"));
}

#[test]
fn other_details_end_up_where_they_belong() {
    let more = "terminal_risk_management = false\nversion = 0x0102\nformat = 1\n\
        fci = '6F00'\nget_data = { '9F4F' = '9A03' }\n\
        account = { sequence_number = 42, currency = 8, currency_exponent = 3, country = 56, \
        service_code = '101', holder = 'NOBODY/A' }\n\
        verification = { rules = [] }\nlimits = { lower = 2, upper = 5 }\n\
        action_codes = { denial = 'FFFFFFFFFF', online = [], default = ['sda-failed'] }\n\
        cryptogram = { tdol = '9A03', key_index = 9 }";
    let mut terminal = Terminal::with_visa(more);
    assert_eq!(terminal.select("A000000003"), [0x6F, 0x00]);
    let card = terminal.read();
    assert_eq!(card.aip, [0x04, 0x00]);
    for (tag, value) in [
        (0x57, "4761739001010119D4912101000 00F"),
        (0x5F20, "4E4F424F44592F41"),
        (0x5F28, "0056"),
        (0x5F30, "0101"),
        (0x5F34, "42"),
        (0x97, "9A03"),
        (0x9F08, "0102"),
        (0x9F0D, "4000000000"),
        (0x9F0E, "FFFFFFFFFF"),
        (0x9F0F, "0000000000"),
        (0x9F14, "02"),
        (0x9F23, "05"),
        (0x9F42, "0008"),
        (0x9F44, "03"),
    ] {
        assert_eq!(card.objects[&tag], bytes(value), "{tag:X}");
    }
    assert!(!card.objects.contains_key(&0x8E));
    assert_eq!(terminal.send("80CA9F4F00").0, bytes("9F4F 02 9A03"));
    assert_eq!(terminal.generate(0x80, CDOL1)[&0x9F10][1], 9);
}

#[test]
fn every_key_is_documented() {
    let page = include_str!("../../../../docs/cards.md");
    let parts =
        ["account", "authentication", "verification", "cryptogram", "action_codes", "limits"];
    let mut texts = vec!["'?' = 1".to_owned(), visa("'?' = 1"), visa("record = [{ '?' = 1 }]")];
    texts.extend(parts.map(|part| visa(&format!("{part}.'?' = 1"))));
    texts.push("title = ''\n[key.x]\n'?' = 1".to_owned());
    let mut keys = 0;
    for text in texts {
        let message = error(&text).message;
        let (_, names) = message.split_once("expected").unwrap_or_else(|| panic!("{message}"));
        for name in names.split('`').skip(1).step_by(2) {
            let row = page.contains(&format!("`{name}`")) || page.contains(&format!("\n{name} = "));
            assert!(row, "{name} is not in docs/cards.md");
            keys += 1;
        }
    }
    assert!(keys > 70, "{keys}");
}

#[test]
fn examples_of_the_documentation_work() {
    let page = include_str!("../../../../docs/cards.md");
    let mut examples =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    Terminal::with(examples.next().unwrap());
    let records = examples.next().unwrap();
    assert_eq!(Terminal::with_visa(records).read().afl, bytes("10010101"));
}

#[test]
fn every_profile_is_listed_with_its_title() {
    let page = include_str!("../../../../docs/cards.md");
    let names = ["contact-", "quickpass-", "dual-"];
    let is_listed = |line: &&str| names.iter().any(|name| line.starts_with(&format!("| `{name}")));
    let listed = page.lines().filter(is_listed);
    assert_eq!(listed.count(), chipwright_card::builtin().len());
    for builtin in chipwright_card::builtin() {
        let title = Profile::parse(builtin.text).unwrap().title;
        let row = format!("| `{}` | {title} |", builtin.name);
        assert!(page.contains(&row), "{row}");
    }
}
