//! Issuer-to-Card Script Processing.

use super::card::*;
use super::run::*;
use chipwright::outcome::{Authority, Conclusion};
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::session::LinkError;
use chipwright_harness::CardChannel;

const APPROVED: (Conclusion, Authority) = (Conclusion::Approved, Authority::Online);
/// Commands of the scripts here.
const UPDATE: &str = "8424";
const BLOCK: &str = "8418";

fn run(scripts: &str, card: &mut dyn CardChannel) -> Ended {
    Run::host(says(b"00").scripts(scripts)).with(card)
}

/// A card that takes the commands of scripts, and asks for the results in its second list.
fn card() -> Card {
    Card::online().object(0x8D, "9505 9F5B05").on(UPDATE, status(0x9000)).on(BLOCK, status(0x9000))
}

/// Every row of the results: all commands taken, one refused, none readable, some readable; before
/// the final cryptogram and after it. [B3 10.10; B4 6.3.9, A5, 12.2.4]
#[test]
fn results_tell_what_became_of_a_script() {
    let rows: [(&str, &str, u16, usize, bool); 11] = [
        // content behind the template's tag, result, status word of 8418, commands sent, failed
        ("0D 9F1804 11223344 8604 84240000", "2011223344", 0x9000, 1, false),
        ("13 9F1804 11223344 8604 84240000 8604 84180000", "2011223344", 0x9000, 2, false),
        ("06 8604 84180000", "2000000000", 0x6281, 1, false),
        ("06 8604 84180000", "2000000000", 0x63C1, 1, false),
        ("06 8604 84180000", "1100000000", 0x6985, 1, true),
        ("0C 8604 84180000 8604 84240000", "1100000000", 0x6A80, 1, true),
        ("13 9F1804 AABBCCDD 8604 84240000 8604 84180000", "12AABBCCDD", 0x6A88, 2, true),
        ("09 9F1804 01020304 8604", "0001020304", 0x9000, 0, true),
        ("0B 9F1804 01020304 8602 8424", "0001020304", 0x9000, 0, true),
        ("0F 9F1804 01020304 8604 84240000 8604", "1101020304", 0x9000, 1, true),
        ("00", "2000000000", 0x9000, 0, false),
    ];
    for (content, result, word, sent, failed) in rows {
        for (template, bit, reason) in [
            ("71", "8000000020", Reason::ScriptFailedBeforeFinalCryptogram),
            ("72", "8000000010", Reason::ScriptFailedAfterFinalCryptogram),
        ] {
            let mut card = Card::online().on(UPDATE, status(0x9000)).on(BLOCK, status(word));
            let ended = run(&format!("{template}{content}"), &mut card);
            assert_eq!(ended.verdict(), APPROVED);
            assert_eq!(ended.object(0x9F5B), result, "{template}{content}");
            assert_eq!(card.sent("84").len(), sent, "{template}{content}");
            assert_eq!(ended.tvr(), if failed { bit } else { "8000000000" }, "{template}{content}");
            assert_eq!(ended.said(reason), failed);
            assert_eq!((ended.tsi().as_str(), ended.count("ScriptResult")), ("2C00", 1));
        }
    }
    let ended = run("", &mut card());
    assert_eq!((ended.tsi().as_str(), ended.has(0x9F5B)), ("2800", false), "none received");
}

/// A command number of fifteen or more is F. [B4 A5]
#[test]
fn the_fifteenth_command_and_all_after_it_are_f() {
    for (before, result) in [(13, "1E"), (14, "1F"), (15, "1F"), (17, "1F")] {
        let commands = "8604 84240000".repeat(before) + "8604 84180000";
        let scripts = format!("71 81 {:02X} {commands}", 6 * (before + 1));
        let mut card = Card::online().on(UPDATE, status(0x9000)).on(BLOCK, status(0x6F00));
        assert_eq!(run(&scripts, &mut card).object(0x9F5B), format!("{result}00000000"));
        assert_eq!(card.sent("84").len(), before + 1);
    }
}

/// Scripts of 71 come before the final cryptogram and are in its list; those of 72 after it; the
/// next one is processed whatever became of the one before. [B3 10.10, 10.11; B3 10.10 order]
#[test]
fn scripts_have_their_moment() {
    let scripts = "7206 8604 84240002 7106 8604 84180001 7106 8604 84240001";
    let mut card = Card::online()
        .object(0x8D, "9505 9F5B0A")
        .on(UPDATE, status(0x9000))
        .on(BLOCK, status(0x6985));
    let ended = run(scripts, &mut card);
    let order: Vec<_> =
        card.commands[card.commands.len() - 5..].iter().map(|c| hex::encode(&c[..4])).collect();
    assert_eq!(order, ["80ae8000", "84180001", "84240001", "80ae4000", "84240002"]);
    assert_eq!(card.only(ASK_TC)[5..20], hex("8000000020 1100000000 2000000000"));
    assert_eq!(ended.object(0x9F5B), "110000000020000000002000000000");
    assert_eq!(
        ended.phases[ended.phases.len() - 4..],
        [
            Phase::OnlineProcessing,
            Phase::IssuerScriptProcessing,
            Phase::Completion,
            Phase::IssuerScriptProcessing
        ]
    );
    assert_eq!(ended.verdict(), APPROVED);
}

/// Commands go to the card as they came. [B3 10.10]
#[test]
fn commands_go_as_they_came() {
    let mut card = card();
    run("710F 860D 84240002 08 0102030405060708", &mut card);
    assert_eq!(card.only(UPDATE), hex("84240002 08 0102030405060708"));
}

/// A template that is cut short is a script that cannot be read. [B3 10.10; B4 A5]
#[test]
fn a_template_that_is_cut_short_has_failed() {
    let ended = run("7109 8604 84240000", &mut card());
    assert_eq!(
        (ended.object(0x9F5B), ended.tvr(), ended.tsi()),
        ("0000000000".into(), "8000000020".into(), "2C00".into())
    );
}

/// Scripts belong to an answer: without one, and for a declined transaction with one.
/// [B3 10.10; B4 6.3.8]
#[test]
fn a_refusal_may_bring_scripts() {
    let mut card = card();
    let ended = Run::host(says(b"05").scripts("7206 8604 84180000")).with(&mut card);
    assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Online));
    assert_eq!((ended.object(0x9F5B), card.sent(BLOCK).len()), ("2000000000".into(), 1));
    let host = Host { code: None, ..says(b"00").scripts("7106 8604 84180000") };
    let ended = Run::host(host).with(&mut self::card());
    assert!(!ended.has(0x9F5B));
}

/// The decision stands, whatever becomes of scripts after it. [B3 10.10]
#[test]
fn a_card_that_leaves_during_the_last_scripts_was_approved() {
    struct Leaves(Card);
    impl CardChannel for Leaves {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
            if command[0] == 0x84 { Err(LinkError::Removed) } else { self.0.transmit(command) }
        }
    }
    let ended = run("7206 8604 84180000", &mut Leaves(card()));
    assert_eq!((ended.verdict(), ended.end()), (APPROVED, None));
    assert_eq!((ended.tvr(), ended.outcome().reversal), ("8000000010".into(), false));
    let mut card = card();
    let stayed = run("7206 8604 84180000", &mut card);
    assert_eq!((stayed.verdict(), stayed.tvr().as_str()), (APPROVED, "8000000000"));
    assert_eq!(card.sent(BLOCK).len(), 1);
}

/// A message of 128 bytes of scripts must be taken; more may be. [B3 10.10; B4 12.2.4 length]
#[test]
fn a_long_message_is_taken() {
    let script = format!("71 7E {}", "86 05 84240000 00".repeat(18));
    assert_eq!(hex(&script).len(), 128);
    let mut card = card();
    let ended = run(&script, &mut card);
    assert_eq!((card.sent(UPDATE).len(), ended.object(0x9F5B)), (18, "2000000000".into()));
}

/// Scripts behind the sixteenth of their kind are left out, and that is told. [B3 10.10]
#[test]
fn scripts_that_are_left_out_are_told() {
    for template in ["71", "72"] {
        for (count, told) in [(16, 0), (17, 1), (40, 1)] {
            let scripts = format!("{template} 06 8604 84240000").repeat(count);
            let ended = run(&scripts, &mut card());
            assert_eq!((ended.verdict(), ended.count("LeftOut(Scripts)")), (APPROVED, told));
            assert_eq!(ended.count("ScriptResult"), 16);
        }
    }
}
