//! Terminal and Card Action Analysis, GENERATE AC, TC Hash Value.

use super::card::*;
use super::run::*;
use chipwright::config::{ActionCodes, Application, Terminal};
use chipwright::crypto::Hash;
use chipwright::field::{TerminalType, TerminalVerificationResults as Tvr};
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright_rustcrypto::RustCrypto;

const OFFLINE: Authority = Authority::Offline;
const ONLINE: Authority = Authority::Online;

/// A card that a terminal asks for this first cryptogram.
fn asked_for(kind: u8) -> Card {
    match kind {
        0x00 => Card::new().object(0x9F0E, "8000000000"),
        0x40 => Card::new(),
        _ => Card::online(),
    }
}

fn ask(kind: u8) -> String {
    format!("80AE{kind:02X}")
}

/// The card may promise less than it was asked for, never more, and nothing that is not defined.
/// [B3 9.3, 10.8]
#[test]
fn the_first_cryptogram_promises_no_more_than_was_asked_for() {
    let terminated = Conclusion::Terminated;
    let declined = Conclusion::Declined;
    let table = [
        (0x40, 0x40, Conclusion::Approved, OFFLINE),
        (0x40, 0x80, declined, ONLINE), // the host declines
        (0x40, 0x00, declined, OFFLINE),
        (0x40, 0xC0, terminated, OFFLINE),
        (0x80, 0x40, terminated, OFFLINE),
        (0x80, 0x80, declined, ONLINE),
        (0x80, 0x00, declined, OFFLINE),
        (0x80, 0xC0, terminated, OFFLINE),
        (0x00, 0x40, terminated, OFFLINE),
        (0x00, 0x80, terminated, OFFLINE),
        (0x00, 0x00, declined, OFFLINE),
        (0x00, 0xC0, terminated, OFFLINE),
    ];
    for (kind, reply, conclusion, authority) in table {
        let mut card = asked_for(kind).on(&ask(kind), cryptogram(reply)).on(ASK_AAC, cryptogram(0));
        if kind == 0 {
            card = asked_for(kind).on(ASK_AAC, cryptogram(reply));
        }
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!(ended.verdict(), (conclusion, authority), "{kind:02X} {reply:02X}");
        let fault = ended.fault().contains("does not answer the request");
        assert_eq!(fault, conclusion == terminated, "{}", ended.fault());
        assert_eq!(card.commands.iter().find(|c| c[1] == 0xAE).unwrap()[2], kind);
    }
}

/// After the second GENERATE AC there is a TC that was asked for, or a refusal. [B3 9.3, 10.11]
#[test]
fn the_second_cryptogram_is_a_tc_or_a_refusal() {
    for (code, kind) in [(b"00", 0x40), (b"05", 0x00)] {
        for reply in [0x00, 0x40, 0x80, 0xC0] {
            let mut card = Card::online().on(&ask(kind), cryptogram(reply));
            let ended = Run::host(says(code)).with(&mut card);
            let approved = (kind, reply) == (0x40, 0x40);
            let conclusion = if approved { Conclusion::Approved } else { Conclusion::Declined };
            assert_eq!(ended.verdict(), (conclusion, ONLINE), "{kind:02X} {reply:02X}");
            assert_eq!(ended.outcome().reversal, kind == 0x40 && !approved);
            assert_eq!(ended.outcome().phase, Phase::Completion);
            assert_eq!(card.sent("80AE").len(), 2);
        }
    }
}

/// A refusal because the service is not allowed ends the transaction, at either GENERATE AC.
/// [B3 10.8; B3 C4]
#[test]
fn service_not_allowed_ends_the_transaction() {
    let mut card = Card::new().on(ASK_TC, cryptogram(0x01));
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!(ended.verdict(), (Conclusion::Terminated, OFFLINE));
    assert_eq!(ended.fault(), "card reports: service not allowed (card)");
    assert_eq!(ended.tsi(), "2800");

    let mut card = Card::online().on(ASK_TC, cryptogram(0x09));
    let ended = Run::host(says(b"00")).with(&mut card);
    assert_eq!(ended.verdict(), (Conclusion::Terminated, ONLINE));
    assert!(ended.outcome().reversal && ended.outcome().advice);

    for reason in [0x00, 0x02, 0x03, 0x04] {
        let ended = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, cryptogram(reason)));
        assert_eq!(ended.verdict(), (Conclusion::Declined, OFFLINE), "{reason:02X}");
    }
    // A TC says no such thing.
    let ended = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, cryptogram(0x41)));
    assert_eq!(ended.verdict(), (Conclusion::Approved, OFFLINE));
}

/// The card may ask for an advice with any cryptogram. [B3 C4; B4 12.2.2]
#[test]
fn advices_are_asked_for() {
    for (information, advice) in [(0x08, true), (0x40, false), (0x48, true)] {
        let ended = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, cryptogram(information)));
        assert_eq!(ended.outcome().advice, advice, "{information:02X}");
    }
}

/// Cryptograms come in either format, with Issuer Application Data or without. [B3 6.5.5]
#[test]
fn cryptograms_come_in_either_format() {
    let format_1 = |kind: u8, data: usize| {
        let value = [&[kind, 0, 9][..], &[0xAC; 8], &vec![0x10; data]].concat();
        [object(0x80, &value), status(0x9000)].concat()
    };
    for data in [0, 1, 32] {
        let mut card =
            Card::online().on(ASK_ARQC, format_1(0x80, data)).on(ASK_TC, format_1(0x40, data));
        let ended = Run::host(says(b"00")).with(&mut card);
        assert_eq!(ended.verdict(), (Conclusion::Approved, ONLINE), "{}", ended.fault());
        assert_eq!((ended.object(0x9F27).as_str(), ended.object(0x9F36).as_str()), ("40", "0009"));
        assert_eq!(ended.object(0x9F26), "AC".repeat(8));
        assert_eq!(ended.object(0x9F10), "10".repeat(data));
    }
    let without = |tag: u32| {
        let all = [(0x9F27, "40"), (0x9F36, "0001"), (0x9F26, "1122334455667788")];
        let left = all.iter().filter(|(other, _)| *other != tag);
        answer(0x77, &left.map(|(tag, value)| tlv(*tag, value)).collect::<Vec<_>>())
    };
    let whole = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, without(0)));
    assert_eq!(whole.verdict(), (Conclusion::Approved, OFFLINE));
    let wrong = [
        [object(0x80, &[0x40; 10]), status(0x9000)].concat(),
        [object(0x80, &[0x40; 44]), status(0x9000)].concat(),
        without(0x9F27),
        without(0x9F36),
        without(0x9F26),
        answer(0x70, &[tlv(0x9F27, "40"), tlv(0x9F36, "0001"), tlv(0x9F26, "1122334455667788")]),
        answer(
            0x77,
            &[
                tlv(0x9F27, "40"),
                tlv(0x9F27, "40"),
                tlv(0x9F36, "0001"),
                tlv(0x9F26, "1122334455667788"),
            ],
        ),
        hex("9000"),
    ];
    for answer in wrong {
        let first = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, answer.clone()));
        assert_eq!(first.verdict(), (Conclusion::Terminated, OFFLINE), "{answer:02X?}");
        let second = Run::host(says(b"00")).with(&mut Card::online().on(ASK_TC, answer.clone()));
        assert_eq!(second.verdict(), (Conclusion::Terminated, ONLINE), "{answer:02X?}");
        assert!(second.outcome().reversal);
    }
}

/// A status word other than 9000 ends the transaction, at either GENERATE AC. [B3 8.1, 6.5.5]
#[test]
fn a_card_that_gives_no_cryptogram_ends_the_transaction() {
    for word in [0x6985, 0x6283, 0x63C1, 0x6A80, 0x6700] {
        let fault = format!("status word {word:04X} (card)");
        let ended = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, status(word)));
        assert_eq!(
            (ended.verdict(), ended.fault()),
            ((Conclusion::Terminated, OFFLINE), fault.clone())
        );
        let ended = Run::host(says(b"00")).with(&mut Card::online().on(ASK_TC, status(word)));
        assert_eq!((ended.verdict(), ended.fault()), ((Conclusion::Terminated, ONLINE), fault));
        assert!(ended.outcome().reversal);
    }
}

/// The second answer's data are its own: nothing of the first stands in for what it lacks.
/// [B3 6.5.5, 10.11]
#[test]
fn nothing_of_the_first_answer_is_left_after_the_second() {
    let second =
        answer(0x77, &[tlv(0x9F27, "40"), tlv(0x9F36, "0007"), tlv(0x9F26, "AABBCCDDEEFF0011")]);
    let ended = Run::host(says(b"00")).with(&mut Card::online().on(ASK_TC, second));
    assert_eq!(ended.verdict(), (Conclusion::Approved, ONLINE));
    assert_eq!(ended.object(0x9F26), "AABBCCDDEEFF0011");
    assert_eq!(ended.object(0x9F10), "", "belongs to the ARQC");
}

/// Denial comes first, whatever the terminal can do; then asking the issuer; then approval or,
/// offline, the default codes. The Authorisation Response Code is in the list. [B3 10.7; B4 A6]
#[test]
fn action_codes_decide_what_is_asked_for() {
    const ODA: Tvr = Tvr::ODA_NOT_PERFORMED;
    let table = [
        // type, IAC denial, online, default; TAC denial, online, default; asked, ARC
        (0x22, "0000000000", "0000000000", "0000000000", [false; 3], 0x40, "5931"),
        (0x22, "8000000000", "0000000000", "0000000000", [false; 3], 0x00, "5A31"),
        (0x22, "0000000000", "8000000000", "0000000000", [false; 3], 0x80, "0000"),
        (0x22, "0000000000", "0000000000", "8000000000", [false; 3], 0x40, "5931"),
        (0x22, "0000000000", "0000000000", "0000000000", [true, true, true], 0x00, "5A31"),
        (0x22, "0000000000", "0000000000", "0000000000", [false, true, false], 0x80, "0000"),
        (0x21, "0000000000", "0000000000", "0000000000", [false; 3], 0x80, "0000"),
        (0x24, "8000000000", "0000000000", "0000000000", [false; 3], 0x00, "5A31"),
        (0x23, "0000000000", "8000000000", "0000000000", [false; 3], 0x40, "5931"),
        (0x26, "0000000000", "8000000000", "8000000000", [false; 3], 0x00, "5A31"),
        (0x23, "0000000000", "0000000000", "0000000000", [false, false, true], 0x00, "5A31"),
    ];
    for (kind, denial, online, default, terminal, asked, code) in table {
        let mut card = Card::new()
            .object(0x8C, "8A02 95 05")
            .object(0x9F0E, denial)
            .object(0x9F0F, online)
            .object(0x9F0D, default);
        let pick = |set: bool| if set { ODA } else { Tvr::EMPTY };
        let [denial, online, default] = terminal.map(pick);
        let action_codes = ActionCodes { denial, online, default };
        let applications = [Application { action_codes, ..APPLICATION }];
        let terminal_type = TerminalType(kind);
        let ended = Run::new(Terminal { applications: &applications, terminal_type, ..TERMINAL })
            .with(&mut card);
        let first = card.sent("80AE")[0];
        assert_eq!(
            (first[2], hex::encode_upper(&first[5..7])),
            (asked, code.to_owned()),
            "{kind:02X}"
        );
        assert!(ended.count("Decision") >= 1);
    }
}

/// Without codes of the issuer no result is a reason to refuse, every one is a reason to ask, and
/// to refuse where nobody can be asked. [B3 10.7 issuer-default]
#[test]
fn codes_that_the_issuer_does_not_give_have_defaults() {
    let offline_only = Terminal { terminal_type: TerminalType(0x23), ..TERMINAL };
    let zero = "0000000000";
    for (missing, terminal, asked) in [
        (&[0x9F0D, 0x9F0E, 0x9F0F][..], TERMINAL, ASK_ARQC),
        (&[0x9F0F], TERMINAL, ASK_ARQC),
        (&[0x9F0E], TERMINAL, ASK_TC),
        (&[0x9F0D], TERMINAL, ASK_TC),
        (&[0x9F0D], offline_only, ASK_AAC),
        (&[0x9F0E, 0x9F0F], offline_only, ASK_TC),
    ] {
        let card = Card::new().object(0x9F0D, zero).object(0x9F0E, zero).object(0x9F0F, zero);
        let mut card = missing.iter().fold(card, |card, tag| card.without(*tag));
        Run::new(terminal).with(&mut card);
        card.only(asked);
        assert_eq!(card.sent("80AE").len(), if asked == ASK_ARQC { 2 } else { 1 }, "{missing:X?}");
    }
}

/// The bits that decided are told with their column and whose they were. [B3 10.7]
#[test]
fn the_deciding_bits_are_told() {
    let ended = Run::new(TERMINAL).with(&mut Card::online());
    assert_eq!(
        ended.count("ActionCode { column: Online, issuer: true, bits: {ODA_NOT_PERFORMED} }"),
        1
    );
    assert_eq!(ended.count("ActionCode"), 1);
}

/// The TC Hash Value covers the card's TDOL, or the terminal's default with a result bit that is
/// already in the list, or nothing. [B3 9.2.2, 6.5.5]
#[test]
fn the_tc_hash_covers_a_list() {
    let default = [Application { default_tdol: Some(&[0x9F, 0x02, 6, 0x95, 5]), ..APPLICATION }];
    let with_default = Terminal { applications: &default, ..TERMINAL };
    let amount = "000000001000";
    let cases = [
        (Some("9A03"), with_default, "260115".to_owned(), "8000000000"),
        (None, with_default, format!("{amount}8000000080"), "8000000080"),
        (None, TERMINAL, String::new(), "8000000000"),
        // A list that no command could carry.
        (
            Some("9A03 DF01FF DF01FF 9C02"),
            TERMINAL,
            format!("260115{}0000", "00".repeat(510)),
            "8000000000",
        ),
        (Some(""), with_default, String::new(), "8000000000"),
    ];
    for (tdol, terminal, hashed, tvr) in cases {
        let mut card = Card::new().object(0x8C, "9814 9505");
        if let Some(tdol) = tdol {
            card = card.object(0x97, tdol);
        }
        let ended = Run::new(terminal).with(&mut card);
        assert_eq!(ended.verdict(), (Conclusion::Approved, OFFLINE));
        let hash = RustCrypto.sha1(&mut core::iter::once(&hex(&hashed)[..]));
        let sent = card.only(ASK_TC);
        assert_eq!((&sent[5..25], &sent[25..30]), (&hash[..], &hex(tvr)[..]), "{tdol:?}");
        assert_eq!(
            (ended.tvr(), ended.said(Reason::DefaultTdolUsed)),
            (tvr.to_owned(), tvr.ends_with("80"))
        );
        assert_eq!(ended.count("DefaultList(97)"), usize::from(tvr.ends_with("80")));
    }
    // A list that does not ask for the hash sets nothing.
    let ended = Run::new(with_default).with(&mut Card::new());
    assert_eq!(ended.tvr(), "8000000000");
}

/// A list that is cut short ends the transaction before anything is sent for it. [B3 5.4, 7.5]
#[test]
fn a_list_that_is_cut_short_ends_the_transaction() {
    let mut card = Card::new().object(0x8C, "9505 9F");
    let ended = Run::new(TERMINAL).with(&mut card);
    assert!(matches!(ended.end(), Some(End::Fault(fault)) if fault.tag.unwrap().0 == 0x8C));
    assert!(card.sent("80AE").is_empty());
    let mut card = Card::online().object(0x8D, "9F37");
    let ended = Run::host(says(b"00")).with(&mut card);
    assert!(matches!(ended.end(), Some(End::Fault(fault)) if fault.tag.unwrap().0 == 0x8D));
    assert!(ended.outcome().reversal);
    // An empty list asks for nothing.
    let mut card = Card::new().object(0x8C, "");
    assert_eq!(Run::new(TERMINAL).with(&mut card).verdict(), (Conclusion::Approved, OFFLINE));
    assert_eq!(card.only(ASK_TC), hex("80AE 4000 00"));
}

/// A whole offline approval: the phases in order, results, status, and where list bytes came from.
/// [B3 8.2, 10.1]
#[test]
fn phases_follow_each_other_as_in_the_book() {
    let ended = Run::new(TERMINAL).with(&mut Card::new());
    use Phase::*;
    assert_eq!(
        ended.phases,
        [
            ApplicationSelection,
            InitiateApplication,
            ReadApplicationData,
            OfflineDataAuthentication,
            ProcessingRestrictions,
            CardholderVerification,
            TerminalRiskManagement,
            TerminalActionAnalysis,
            CardActionAnalysis
        ]
    );
    assert_eq!(
        (ended.tvr(), ended.tsi(), ended.cvm_results()),
        ("8000000000".into(), "2800".into(), "3F0000".into())
    );
    assert!(ended.said(Reason::NoCommonAuthenticationMethod));
    assert_eq!(ended.count("DefaultList"), 0);
    assert!(ended.told.last().unwrap().starts_with("Ended(Outcome { conclusion: Approved"));
    assert_eq!(ended.count("Ended"), 1);
    assert_eq!(ended.count("ListEntry { list: 8C, tag: 95, length: 05, origin: Whole }"), 1);
}
