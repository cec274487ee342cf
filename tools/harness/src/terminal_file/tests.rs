use super::*;
use chipwright::config::{CombinedMode, Options};
use chipwright::field::OnlineCapability;

const SMALL: &str = r#"
title = "Small"
type = 22
country = 276
capabilities = ["ic-with-contacts", "signature", "dda"]

[[application]]
aid = "A000000003"
version = 150
"#;

fn error(text: &str) -> String {
    TerminalFile::parse(text).unwrap_err().to_string()
}

#[test]
fn every_builtin_is_good() {
    for name in names() {
        let file = TerminalFile::builtin(name).unwrap();
        let configuration = file.configuration();
        let terminal = configuration.terminal();
        assert!(terminal.capabilities.contains(TerminalCapabilities::CDA), "{name}");
        assert_eq!((terminal.applications.len(), terminal.keys.len()), (3, 12), "{name}");
        assert!(terminal.key(&[0xA0, 0, 0, 0, 3], 0xD2).is_some());
        assert!(!file.title.is_empty());
    }
    assert!(names().any(|name| name == DEFAULT));
    assert!(TerminalFile::builtin("no-such").is_none());
}

#[test]
fn builtins_are_what_their_names_say() {
    use OnlineCapability::{OfflineOnly, OfflineWithOnline, OnlineOnly};
    for (name, attended, online) in [
        ("attended-offline-online", true, OfflineWithOnline),
        ("attended-online-only", true, OnlineOnly),
        ("unattended-offline-online", false, OfflineWithOnline),
        ("offline-only", true, OfflineOnly),
        ("atm", false, OnlineOnly),
    ] {
        let file = TerminalFile::builtin(name).unwrap();
        let kind = file.terminal_type();
        assert_eq!((kind.is_attended(), kind.online_capability()), (attended, online), "{name}");
        let configuration = file.configuration();
        let terminal = configuration.terminal();
        assert_eq!(kind.is_atm(terminal.additional_capabilities), name == "atm");
    }
}

#[test]
fn what_is_left_out_has_defaults() {
    let file = TerminalFile::parse(SMALL).unwrap();
    assert_eq!(file.text(), SMALL);
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    assert_eq!(terminal.terminal_type, TerminalType(0x22));
    assert_eq!(terminal.capabilities.0, [0x20, 0x20, 0x40]);
    assert_eq!((terminal.country.number(), terminal.data), (276, &[][..]));
    assert_eq!(terminal.options, Options::DEFAULT);
    let application = terminal.applications[0];
    assert_eq!(application.aid, [0xA0, 0, 0, 0, 3]);
    assert!(application.partial_match && application.default_ddol.is_none());
    assert_eq!((application.version, application.floor_limit), (150, 0));
}

#[test]
fn everything_can_be_said() {
    let text = format!(
        r#"{SMALL}
partial_match = false
floor_limit = 5000
random_selection = {{ target = 20, maximum = 60, threshold = 1000 }}
action_codes = {{ denial = "0010000000", online = ["floor-limit-exceeded"], default = [] }}
default_ddol = "9F37 04"
default_tdol = ""
objects = {{ 9F1D = "2C", DF8101 = "01" }}

[[key]]
rid = "A000000003"
index = "F1"
modulus = "C0FFEE01"
exponent = "010001"

[[revocation]]
rid = "A000000003"
index = "F1"
serial = "000102"

[options]
sda_selected_bit = false
payment_system_environment = false
cardholder_selection = false
approval_codes = ["00", "Y7"]
combined_mode = 3
withdrawn = ["sda", "signature"]
reviews = ["records"]
exchange_limit = 9
"#
    );
    let file = TerminalFile::parse(&text).unwrap();
    let configuration = file.configuration();
    let terminal = configuration.terminal();
    let application = terminal.applications[0];
    assert_eq!(application.action_codes.denial.0, [0, 0x10, 0, 0, 0]);
    assert_eq!(application.action_codes.online.0, [0, 0, 0, 0x80, 0]);
    assert_eq!(application.random_selection.maximum, 60);
    assert_eq!(application.default_ddol, Some(&[0x9F, 0x37, 4][..]));
    assert_eq!(application.default_tdol, Some(&[][..]));
    assert_eq!(application.data, [0x9F, 0x1D, 1, 0x2C, 0xDF, 0x81, 1, 1, 1]);
    assert_eq!((terminal.keys[0].index, terminal.keys[0].modulus.len()), (0xF1, 4));
    assert_eq!(terminal.revocations[0].serial, [0, 1, 2]);
    assert_eq!(terminal.options.combined_mode, CombinedMode::Mode3);
    assert_eq!(terminal.options.approval_codes, [*b"00", *b"Y7"]);
    assert!(terminal.options.withdrawn.signature && !terminal.options.withdrawn.plaintext_pin);
    assert!(terminal.options.reviews.records && !terminal.options.reviews.candidates);
    assert!(!terminal.options.cardholder_selection && terminal.options.exchange_limit == 9);
}

#[test]
fn errors_name_the_place() {
    assert_eq!(
        error("title = 5"),
        "line 1, column 9: invalid type: integer `5`, expected a string"
    );
    assert!(error("x = ").starts_with("line 1, column 5: "));
    assert!(
        error(&SMALL.replace("22", "17")).starts_with("line 3, column 8: 17 is no terminal type")
    );
    assert!(error(&SMALL.replace("276", "1276")).starts_with("line 4, column 11: more than three"));
    assert!(
        error(&SMALL.replace("\"dda\"", "\"ddx\"")).contains("unknown bit `ddx`, expected one of")
    );
    assert!(
        error(&SMALL.replace("A000000003", "A0"))
            .starts_with("line 8, column 7: an AID of 1 bytes")
    );
    assert!(error(&SMALL.replace("A000000003", "A0000")).contains("not hexadecimal"));
    assert!(
        error(&SMALL.replace("version", "floor = 1\nversion")).contains("unknown field `floor`")
    );
    let with = |more: &str| error(&format!("{SMALL}{more}\n"));
    assert!(with("objects = { 5A = '00' }").contains("an object of the card"));
    assert!(with("objects = { 8A = '3030' }").contains("an object of the issuer"));
    assert!(with("objects = { 70 = '00' }").contains("a template"));
    assert!(with("objects = { 9F = '00' }").contains("no tag"));
    assert!(
        with("default_ddol = '9F37'").contains("no data object list: truncated length at offset 0")
    );
    assert!(
        with("random_selection = { target = 50, maximum = 20, threshold = 0 }")
            .contains("target 50")
    );
    assert!(with("[[key]]\nrid = 'A000000003'\nname = 'x'").contains("unknown test key `x`"));
    assert!(with("[[key]]\nrid = 'A000000003'").contains("either a name"));
    assert!(with("[[key]]\nrid = 'A0'\nname = 'ca-1984-e3'").contains("1 bytes, expected 5"));
    assert!(with("[options]\ncombined_mode = 5").contains("5 is no mode"));
    assert!(with("[options]\napproval_codes = ['0']").contains("`0` is no response code"));
    assert!(with("[options]\napproval_codes = ['\u{20AC}']").contains("is no response code"));
    assert!(with("[options]\nwithdrawn = ['dda']").contains("`dda` cannot be withdrawn"));
    assert!(with("[options]\nreviews = ['all']").contains("no review of `all`"));
    let key = |modulus: &str, exponent: &str| {
        with(&format!(
            "[[key]]\nrid='A000000003'\nindex='F1'\nmodulus='{modulus}'\nexponent='{exponent}'"
        ))
    };
    assert!(key(&"C1".repeat(249), "03").contains("a modulus of 249 bytes"));
    let more = |more: &str| with(&format!("[[key]]\nrid='A000000003'\nname='ca-1984-e3'\n{more}"));
    assert!(more(&format!("checksum='{}'", "00".repeat(20))).contains("the checksum differs"));
    assert!(more("expiry='2031-02-29'").contains("`2031-02-29` is no day"));
    assert!(more("environment='live'").contains("key A000000003 D2: the key is of the other"));
    let live =
        SMALL.replace("country", "environment = 'live'\ntest_keys = ['A000000003']\ncountry");
    assert!(error(&live).contains("test keys in a live terminal"));
    assert!(key("C1", "05").contains("neither 03 nor 010001"));
}

#[test]
fn two_keys_of_one_name_are_the_same_key() {
    let key = |modulus: &str| {
        format!(
            "\n[[key]]\nrid = 'A000000003'\nindex = '01'\nmodulus = '{modulus}'\nexponent = '03'\n"
        )
    };
    let parse = |more: &str| TerminalFile::parse(&(SMALL.to_owned() + more));
    assert!(parse(&(key("B1") + &key("B1"))).is_ok());
    let error = parse(&(key("B1") + &key("B3"))).unwrap_err();
    assert_eq!(error.message, "two different keys are called A000000003 01");
}
