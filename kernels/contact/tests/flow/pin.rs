//! Cardholder verification, PIN by PIN.

use super::card::*;
use super::run::*;
use chipwright::config::{Options, Terminal};
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::reason::Reason;
use chipwright::session::PinResult::{self, Broken, Bypassed, Cancelled, Captured, NoChallenge};
use chipwright::session::{LinkError, PinMethod, Stop};
use chipwright::status::Status;
use chipwright::tlv::Tlvs;

/// TVR byte 3 and the CVM Results.
fn results(ended: &Ended) -> (String, String) {
    assert_eq!(ended.tsi(), "6800", "verification was performed: {}", ended.fault());
    (ended.tvr()[4..6].to_owned(), ended.cvm_results())
}

/// Rules, what the pad reports, TVR byte 3, CVM Results, entries at the pad.
type Row<'a> = (&'a str, &'a [PinResult], &'a str, &'a str, usize);

/// The card answered VERIFY with this status word.
const fn word(word: u16) -> PinResult {
    PinResult::Verified(Status(word))
}

/// What each report means, for plaintext, online and combined methods.
/// [B3 10.5.1, 10.5.2, 10.5.4; B4 6.3.4.1, 6.3.4.5]
/// [B4 6.3.4.5 no-cvm, signature, combined, online]
#[test]
fn reports_of_the_pad_have_their_results() {
    let rows: [Row<'_>; 26] = [
        ("0100", &[word(0x9000)], "00", "010002", 1),
        ("0100", &[word(0x63C2), word(0x9000)], "00", "010002", 2),
        ("0100", &[word(0x63C2), word(0x63C1), word(0x63C0)], "A0", "010001", 3),
        ("0100", &[word(0x63C0)], "A0", "010001", 1),
        ("0100", &[word(0x6983)], "A0", "010001", 1),
        ("0100", &[word(0x6984)], "A0", "010001", 1),
        ("0100", &[word(0x63C1), word(0x6983)], "A0", "010001", 2),
        ("0100", &[Broken], "90", "010001", 1),
        ("0100", &[Bypassed], "88", "010001", 1),
        ("0100", &[word(0x63C2), Bypassed], "88", "010001", 2),
        ("0200", &[Captured], "04", "020000", 1),
        ("0200", &[Broken], "90", "020001", 1),
        ("0200", &[Bypassed], "88", "020001", 1),
        ("0300", &[word(0x9000)], "00", "030000", 1),
        ("0300", &[word(0x63C0)], "A0", "030001", 1),
        // A bypass holds for every PIN that follows, and not for what is none.
        ("4100 0200", &[Bypassed], "88", "020001", 1),
        ("4100 5E00", &[Bypassed], "08", "5E0000", 1),
        ("4100 1F00", &[Broken], "10", "1F0002", 1),
        // A failure may be followed by another method; what is not performed leaves it as it is.
        ("4100 0200", &[word(0x6983), Captured], "24", "020000", 2),
        ("4100 0204", &[word(0x6983)], "A0", "410001", 1),
        ("4100 4602", &[word(0x63C0)], "E0", "410001", 1),
        ("4100", &[word(0x63C0)], "A0", "410001", 1),
        ("0100 1E00", &[word(0x63C0)], "A0", "010001", 1),
        ("4100 4000 1F00", &[word(0x63C0)], "A0", "400001", 1),
        ("0000", &[Broken], "80", "000001", 0),
        ("0204 0105", &[Broken], "80", "3F0001", 0),
    ];
    for (rules, reports_of_pad, byte, cvm, entries) in rows {
        let mut card = Card::new().rules(rules);
        let ended = Run::pad(reports(reports_of_pad.iter().copied())).with(&mut card);
        assert_eq!(results(&ended), (byte.into(), cvm.into()), "{rules} {reports_of_pad:?}");
        assert_eq!(ended.pins.len(), entries, "{rules} {reports_of_pad:?}");
        let last = u8::from_str_radix(&cvm[..2], 16).unwrap() & 0x3F;
        let signed = matches!(last, 0x03 | 0x05 | 0x1E) && !cvm.ends_with("01");
        assert_eq!(ended.outcome().signature, signed, "{rules}");
        assert_eq!(ended.verdict(), (Conclusion::Approved, Authority::Offline), "the codes decide");
    }
}

/// Where nobody attends, a PIN that is left out cancels the transaction, unless the configuration
/// has it otherwise. [B4 6.3.4.3 attended]
#[test]
fn only_an_attendant_lets_a_pin_be_left_out() {
    let run = |kind, unattended_pin_bypass, rules| {
        let options = Options { unattended_pin_bypass, ..Options::DEFAULT };
        let terminal = Terminal { terminal_type: TerminalType(kind), options, ..TERMINAL };
        let run = Run { pad: reports([Bypassed]), ..Run::new(terminal) };
        run.with(&mut Card::new().rules(rules))
    };
    for rules in ["4100 1F00", "4200 1F00"] {
        let ended = run(0x25, false, rules);
        assert_eq!(ended.end(), Some(End::Stopped(Stop::Cancelled)), "{rules}");
        for (kind, configured) in [(0x22, false), (0x25, true)] {
            let ended = run(kind, configured, rules);
            assert_eq!(results(&ended), ("08".into(), "1F0002".into()), "{rules}");
        }
    }
}

/// A bypass that is carried over asks nothing of the card. [B4 6.3.4.3 carried-over]
#[test]
fn a_bypass_that_is_carried_over_costs_no_command() {
    let mut card = Card::new().rules("4200 4100 0300");
    let ended = Run::pad(reports([Bypassed])).with(&mut card);
    assert_eq!((results(&ended), ended.pins.len()), (("88".into(), "030001".into()), 1));
    assert!(card.sent("80CA").is_empty(), "the counter is of no interest");
    let ended = Run::pad(reports([Bypassed])).with(&mut Card::new().rules("4200 0400"));
    assert_eq!(
        (results(&ended), ended.count("PinKeyUnusable")),
        (("88".into(), "040001".into()), 0)
    );
}

/// What speaks for a bit is told. [B3 10.5.1, 10.5.2]
#[test]
fn reasons_are_told() {
    let said = |rules: &str, report, reason| {
        let ended = Run::pad(reports([report])).with(&mut Card::new().rules(rules));
        assert!(ended.said(reason), "{rules} {report:?} {:?}", ended.reasons);
        ended
    };
    said("0100", word(0x63C0), Reason::PinTryLimitExceeded);
    said("0100", Broken, Reason::PinPadMissing);
    said("0100", Bypassed, Reason::PinBypassed);
    said("0200", Captured, Reason::OnlinePinEntered);
    said("0000", Broken, Reason::FailRule);
    said("4600 1F00", Broken, Reason::MethodNotRecognised);
    said("1E04", Broken, Reason::NoRuleSucceeded);
    let ended = said("0100", word(0x6983), Reason::MethodFailed);
    assert_eq!(ended.count("PinEntry(Verified(6983))"), 1);
    let ended = said("4204 4600 5E01 0100", word(0x6983), Reason::MethodFailed);
    assert_eq!(ended.count("RulePassed { number: 01, rule: Rule { code: 42, condition: 04 }, why: ConditionNotSatisfied"), 1);
    assert_eq!(ended.count("RulePassed { number: 02, rule: Rule { code: 46, condition: 00 }, why: MethodUnrecognised"), 1);
    assert_eq!(ended.count("RulePassed { number: 03,"), 1);
    assert_eq!(ended.count("RulePerformed { number: 04,"), 1);
}

/// The pad is told how the PIN travels, what tries are left, and whether the last was wrong.
/// [B3 10.5.1]
#[test]
fn the_pad_is_told_what_it_needs() {
    let asked = |method, tries_left, again| Asked { method, tries_left, again, key: None };
    let mut card = Card::new().rules("0100").on("80CA9F17", hex("9F1701 03 9000"));
    let ended = Run::pad(reports([word(0x63C2), word(0x63C1), word(0x9000)])).with(&mut card);
    let plain = PinMethod::Plaintext;
    assert_eq!(
        ended.pins,
        [asked(plain, Some(3), false), asked(plain, Some(2), true), asked(plain, Some(1), true)]
    );
    let ended = Run::pad(reports([Captured])).with(&mut Card::new().rules("0200"));
    assert_eq!(ended.pins, [asked(PinMethod::Online, None, false)]);
}

/// A counter at zero spares the cardholder the question; one that cannot be had does not. The
/// online PIN is the issuer's business. [B3 10.5.1, 6.5.7, 7.3]
#[test]
fn the_try_counter_is_asked_for_first() {
    let zero = || Card::new().on("80CA9F17", hex("9F1701 00 9000"));
    let ended = Run::new(TERMINAL).with(&mut zero().rules("0100"));
    assert_eq!((results(&ended), ended.pins.len()), (("A0".into(), "010001".into()), 0));
    assert!(ended.reasons.contains(&(Reason::PinTryLimitExceeded, Some(0x9F17))));
    let ended = Run::pad(reports([Captured])).with(&mut zero().rules("4100 0200"));
    assert_eq!((results(&ended), ended.pins.len()), (("24".into(), "020000".into()), 1));

    for answer in [
        status(0x6A88),
        hex("9F1702 0003 9000"),
        hex("9F3601 03 9000"),
        hex("9000"),
        hex("9F1701 03 00 9F1701 03 9000"),
    ] {
        let mut card = Card::new().rules("0100").on("80CA9F17", answer.clone());
        let ended = Run::pad(reports([word(0x9000)])).with(&mut card);
        assert_eq!(ended.pins[0].tries_left, None, "{answer:02X?}");
        assert_eq!(results(&ended), ("00".into(), "010002".into()));
    }
}

/// Any other status word, a cancelled entry and a lost card end the transaction. [B3 10.5.1]
#[test]
fn what_is_no_verdict_on_a_pin_ends_the_transaction() {
    for code in [0x6300, 0x6700, 0x6985, 0x6A88, 0x6283, 0x6F00] {
        let ended = Run::pad(reports([word(code)])).with(&mut Card::new().rules("4100 1F00"));
        assert_eq!(ended.fault(), format!("status word {code:04X} (card)"));
        assert_eq!(ended.verdict().0, Conclusion::Terminated);
    }
    let ended = Run::pad(reports([Cancelled])).with(&mut Card::new().rules("4100 1F00"));
    assert_eq!(ended.end(), Some(End::Stopped(Stop::Cancelled)));
    let lost = PinResult::LinkFailed(LinkError::Removed);
    let ended = Run::pad(reports([lost])).with(&mut Card::new().rules("4100 1F00"));
    assert_eq!(ended.end(), Some(End::Link(LinkError::Removed)));
}

/// A card that never runs out of tries does not keep the cardholder at the pad for ever: the
/// counter has four bits, and goes down. [B3 6.5.12, 10.5.1]
#[test]
fn tries_run_out() {
    for left in [0x63C1, 0x63CF] {
        let ended = Run::pad(reports([word(left)])).with(&mut Card::new().rules("0100"));
        assert!(ended.pins.len() <= 16, "{left:04X}: {} entries", ended.pins.len());
        assert_ne!(ended.cvm_results(), "010002");
    }
}

/// Entries at the pad are card commands, and count as such. [B3 8.1]
#[test]
fn entries_count_as_exchanges() {
    let tries = (1..=14).rev().map(|left| word(0x63C0 | left)).chain([word(0x9000)]);
    let options = Options { exchange_limit: 12, ..Options::DEFAULT };
    let run = Run { pad: reports(tries), ..Run::new(Terminal { options, ..TERMINAL }) };
    let ended = run.with(&mut Card::new().rules("0100"));
    assert_eq!(ended.fault(), "too many exchanges (card)");
}

/// No list, no rules, no verification asked for; half a rule. [B3 10.5, 7.5; B4 6.3.4.5]
#[test]
fn without_rules_there_is_nothing_to_perform() {
    for (mut card, byte_1) in [
        (Card::new(), "80"),
        (Card::new().object(0x8E, "0000000000000000 1F00"), "80"),
        (Card::new().aip("1000"), "A0"),
        (Card::new().rules(""), "A0"),
    ] {
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!((ended.cvm_results(), ended.tsi()), ("3F0000".into(), "2800".into()));
        assert_eq!(ended.tvr(), format!("{byte_1}00000000"));
    }
    for list in ["00000000000000", "0000000000000000 1F", ""] {
        let ended = Run::new(TERMINAL).with(&mut Card::new().aip("1000").object(0x8E, list));
        assert!(matches!(ended.end(), Some(End::Fault(f)) if f.tag.unwrap().0 == 0x8E), "{list}");
    }
}

/// A signature needs an attendant and paper. [B3 10.5.3; B4 A2, A3]
#[test]
fn a_signature_needs_attendant_and_paper() {
    let no_paper = AdditionalTerminalCapabilities([0xF0, 0, 0xF0, 0x70, 1]);
    for terminal in [
        Terminal { terminal_type: TerminalType(0x25), ..TERMINAL },
        Terminal { additional_capabilities: no_paper, ..TERMINAL },
        Terminal { capabilities: TerminalCapabilities([0xE0, 0xD8, 0xC8]), ..TERMINAL },
    ] {
        let ended = Run::new(terminal).with(&mut Card::new().rules("1E00"));
        assert_eq!(results(&ended), ("80".into(), "3F0001".into()));
        assert!(!ended.outcome().signature);
        let ended = Run::new(terminal).with(&mut Card::new().rules("5E03 1F00"));
        assert_eq!(results(&ended), ("00".into(), "1F0002".into()));
    }
}

/// What the terminal cannot take is a missing pad: an online PIN, or an offline one when neither
/// form can be. [B3 10.5]
#[test]
fn a_pin_that_cannot_be_taken_is_a_missing_pad() {
    let rows = [
        ("0100", 0x28, "90"),
        ("0400", 0x28, "90"),
        ("0300", 0x28, "90"),
        ("0100", 0x38, "80"), // the enciphered form is supported
        ("0400", 0xA8, "80"),
        ("0200", 0xB8, "90"),
        ("0300", 0x98, "80"), // the signature is what is missing
    ];
    for (rule, can, byte) in rows {
        let capabilities = TerminalCapabilities([0xE0, can, 0xC8]);
        let ended =
            Run::new(Terminal { capabilities, ..TERMINAL }).with(&mut Card::new().rules(rule));
        assert_eq!(results(&ended), (byte.into(), "3F0001".into()), "{rule} {can:02X}");
        assert_eq!(ended.pins.len(), 0);
    }
}

const ENCIPHERED: &str = "verification.rules = [\"enciphered-pin else-next\"]\n";

/// The key is the card's own for PINs where it has one, or else the one that signs; each PIN is
/// enciphered over a challenge of its own. [B2 7.1, 7.2; B3 6.5.6, 6.5.12]
#[test]
fn a_pin_is_enciphered_with_the_right_key() {
    for (authentication, length) in [
        ("authentication = { methods = [\"dda\"], pin_key = \"pin-896-e3\" }\n", 112),
        ("authentication = { methods = [\"dda\"], icc_key = \"icc-1152-e3\" }\n", 144),
    ] {
        let mut card = Signing::new(&format!("{authentication}{ENCIPHERED}"), nobody);
        let pad = |run: &mut Run<'_>| run.pad = enters(&["9999", "1234"]);
        let ended = signed(Options::DEFAULT, pad, &mut card);
        assert_eq!(ended.cvm_results(), "440002", "{}", ended.fault());
        assert_eq!(ended.pins.iter().map(|asked| asked.key).collect::<Vec<_>>(), [Some(length); 2]);
        assert_eq!((ended.pins[0].tries_left, ended.pins[1].tries_left), (Some(3), Some(2)));
        let sent = |ins| card.commands.iter().filter(|command| command[1] == ins).count();
        assert_eq!((sent(0x84), sent(0x20)), (2, 2), "a challenge for each");
        assert_eq!(&ended.tvr()[4..6], "00");
    }
}

/// Without a good certificate, or without a challenge, the method fails and sets no bit of its
/// own. The key for PINs is not replaced by the other. [B2 7.1, 7.2]
#[test]
fn without_key_or_challenge_the_method_fails() {
    let lost = "authentication = { methods = [\"dda\"], pin_key = \"pin-896-e3\" }\n\
                objects = { 9F2D = \"DEADBEEF\" }\n";
    let mut card = Signing::new(&format!("{lost}{ENCIPHERED}"), nobody);
    let ended = signed(Options::DEFAULT, |run| run.pad = enters(&["1234"]), &mut card);
    assert_eq!((ended.cvm_results().as_str(), ended.pins.len()), ("440001", 0));
    assert_eq!((&ended.tvr()[4..6], ended.count("PinKeyUnusable")), ("80", 1));

    let none = "authentication.methods = [\"dda\"]\n";
    let no_challenge = |command: &[u8], answer: &mut Vec<u8>| {
        if command[1] == 0x84 {
            *answer = status(0x6A81);
        }
    };
    let mut card = Signing::new(&format!("{none}{ENCIPHERED}"), no_challenge);
    let ended = signed(Options::DEFAULT, |run| run.pad = enters(&["1234"]), &mut card);
    assert_eq!(
        (ended.cvm_results().as_str(), ended.pins.len(), &ended.tvr()[4..6]),
        ("440001", 1, "80")
    );
    let ended = Run::pad(reports([NoChallenge])).with(&mut Card::new().rules("0400"));
    assert_eq!(
        (results(&ended), ended.pins.len()),
        (("80".into(), "040001".into()), 0),
        "no key at all"
    );
}

/// A remainder that only the chain of the key for PINs tells of is noted as well, if the card
/// promises it. [B3 7.5 remainder]
#[test]
fn a_remainder_that_the_pin_key_needs_is_missing_data() {
    let without = |tag: u32| {
        move |command: &[u8], answer: &mut Vec<u8>| {
            if command[1] == 0xB2 && answer.len() > 2 {
                let record = answer[..answer.len() - 2].to_vec();
                let objects = Tlvs::new(&record).next().unwrap().unwrap().children();
                let kept = objects.map(Result::unwrap).filter(|tlv| tlv.tag.0 != tag);
                *answer = super::card::answer(
                    0x70,
                    &kept.map(|tlv| tlv.raw.to_vec()).collect::<Vec<_>>(),
                );
            }
        }
    };
    let chain = "authentication = { methods = [\"dda\"], issuer_key = \"issuer-1984-e3\" }\n";
    let change = |run: &mut Run<'_>| {
        run.terminal.capabilities = TerminalCapabilities([0xE0, 0xF8, 0x08]);
        run.pad = enters(&["1234"]);
    };
    for (tag, missing) in [(0x92, true), (0, false)] {
        let mut card = Signing::new(&format!("{chain}{ENCIPHERED}"), without(tag));
        let ended = signed(Options::DEFAULT, change, &mut card);
        let noted = ended.reasons.contains(&(Reason::CardDataMissing, Some(tag)));
        assert_eq!(
            (noted, ended.tvr().starts_with('A')),
            (missing, missing),
            "{:?}",
            ended.reasons
        );
        assert_eq!(ended.count("PinKeyUnusable"), usize::from(missing));
    }
}
