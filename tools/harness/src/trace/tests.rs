use super::*;
use chipwright::event::Events;
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::phase::Phase;

use crate::recorded::Note;
use crate::run::Unwatched;

fn text(name: &str) -> String {
    let path = format!("{}/../../test-vectors/traces/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn trace(name: &str) -> Trace {
    Trace::parse(&text(name)).unwrap()
}

fn replayed(name: &str) -> Replayed {
    replay(&trace(name), Events::NONE, &Unwatched)
}

/// The command that the record has no answer to, its first four bytes.
fn unanswered(replayed: &Replayed) -> Option<&[u8]> {
    replayed.unanswered().map(|command| &command[..4])
}

#[test]
fn whole_records_come_to_the_recorded_end() {
    let visa = replayed("bf-contact-visa");
    assert!(visa.is_as_recorded() && visa.unanswered().is_none());
    assert_eq!(
        (visa.outcome.conclusion, visa.outcome.authority),
        (Conclusion::Approved, Authority::Online)
    );
    assert_eq!((visa.used, visa.assumed_pins), (11, 1));
    // The card refused although the issuer had approved.
    let mastercard = replayed("bf-contact-mastercard");
    assert!(mastercard.is_as_recorded() && mastercard.unanswered().is_none());
    assert_eq!(mastercard.outcome.conclusion, Conclusion::Declined);
    assert!(mastercard.outcome.reversal);
}

#[test]
fn shorter_records_end_where_their_answers_end() {
    for name in ["dc-mrautio-a", "dc-mrautio-b"] {
        let derived = replayed(name);
        assert!(derived.is_as_recorded(), "{name}");
        assert_eq!(unanswered(&derived), Some(&[0x80, 0xAE, 0x00, 0x00][..]), "{name}");
        assert_eq!((derived.outcome.phase, derived.used), (Phase::Completion, 12), "{name}");
    }
    let masked = replayed("dn-VisaCardPse");
    assert_eq!(unanswered(&masked), Some(&[0x00, 0xB2, 0x01, 0x14][..]));
    assert_eq!(masked.outcome.phase, Phase::ReadApplicationData);
}

#[test]
fn answers_of_t0_are_put_together() {
    let longer = replayed("dn-wrapperTestSW_6C");
    assert!(longer.is_as_recorded());
    assert_eq!((longer.used, longer.outcome.end), (2, Some(End::NoCommonApplication)));
    let name = [0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10];
    assert_eq!(longer.unanswered().map(|command| &command[5..12]), Some(&name[..]));
    // The record has another command than GET RESPONSE.
    let waiting = replayed("dn-wrapperTestSW_61");
    assert!(!waiting.is_as_recorded());
    assert!(waiting.notes.iter().any(|note| matches!(note, Note::Differs { place: 1, .. })));
    assert_eq!(waiting.used, 2);
}

#[test]
fn what_differs_is_named() {
    // The record's terminal had another amount in GENERATE AC than in what it says of itself.
    let other =
        text("dc-mrautio-a").replace("\"9F02\": \"000000001000\"", "\"9F02\": \"000000002000\"");
    let other = Trace::parse(&other).unwrap();
    let replayed = replay(&other, Events::NONE, &Unwatched);
    assert!(!replayed.is_as_recorded());
    let Some(Note::Differs { sent, recorded, place: 12 }) =
        replayed.notes.iter().find(|note| matches!(note, Note::Differs { .. }))
    else {
        panic!("{:?}", replayed.notes)
    };
    let changed = changed(&other.exchanges, recorded, sent);
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].tag.0, changed[0].sent[4]), (0x9F02, 0x20));
}

#[test]
fn contactless_records_are_known_by_their_interface() {
    assert_eq!(trace("dn-VisaCardPpse").interface, Interface::Contactless);
}

#[test]
fn what_is_no_trace_is_refused() {
    let error = |text: &str| Trace::parse(text).unwrap_err().to_string();
    assert!(error("{").contains("line 1"));
    assert!(error("[]").contains("line 1"));
    assert!(error(r#"{"exchanges": []}"#).contains("missing field `interface`"));
    let with = |more: &str| {
        error(&format!(
            r#"{{"interface": "contact", "exchanges": [{{"c": "00", "r": ""}}], {more}}}"#
        ))
    };
    assert!(with(r#""x": 1, "exchanges": []"#).contains("duplicate field"));
    assert!(error(r#"{"interface": "contact"}"#).contains("a masked trace is explained"));
    let exchanges =
        |inside: &str| error(&format!(r#"{{"interface": "contact", "exchanges": [{inside}]}}"#));
    assert_eq!(
        exchanges(r#"{"c": "00", "r": "90"}, {"c": "0", "r": "9000"}"#),
        "exchange 2, command: not hexadecimal: Odd number of digits"
    );
    assert!(exchanges(r#"{"c": "00", "r": "9x"}"#).starts_with("exchange 1, answer: "));
    assert!(with(r#""terminal": {"9F": "00"}"#).contains("terminal, 9F: no tag"));
    assert!(with(r#""terminal": {"9A": "x"}"#).contains("terminal, 9A: not hexadecimal"));
    assert!(
        with(r#""expected": {"applications": [{"aid": "00"}]}"#)
            .contains("expected application 1: an AID")
    );
    let key = r#"{"rid": "A0", "index": "01", "modulus": "C1", "exponent": "03"}"#;
    assert!(
        with(&format!(r#""expected": {{"applications": [{{"capk": {key}}}]}}"#))
            .contains("1 bytes, expected 5")
    );
    assert!(with(r#""transcript": ["x"], "terminal_file": []"#).contains("transcript, line 1"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_answers_come_to_an_end(answers in proptest::collection::vec(proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80), 1..30)) {
        let mut trace = trace("dc-mrautio-a");
        for (exchange, answer) in trace.exchanges.iter_mut().zip(answers) {
            exchange.answer = answer;
        }
        replay(&trace, Events::NONE, &Unwatched);
    }
}
