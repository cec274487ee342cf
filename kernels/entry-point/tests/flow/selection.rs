//! Start C: which application, and which kernel. [B 3.3]

use crate::run::*;
use chipwright::contactless::{KernelId, OutcomeType};
use chipwright::outcome::{Conclusion, End};
use chipwright::session::LinkError;
use chipwright_entry_point::Combination;

const NAME_7: &str = "A0000003330101";
const NAME_3: &str = "A0000000031010";

/// Directory, best candidate, its kernel: two commands and no more. [A 5; B 3; B 3.3.2]
/// [B 3.3; B 3.3.2.2; B 3.3.2.3; B 3.3.3; B 3.3.3.1; B 3.3.3.4; B 3.4.1]
#[test]
fn the_best_candidate_is_selected() {
    let seen = Script::with(&[VISA, UNIONPAY]).run();
    assert_eq!(seen.selected, [PPSE, NAME_7]);
    let (kernel, qualifiers, _, name) = &seen.activations[0];
    assert_eq!((*kernel, *qualifiers, &name[..]), (7, Some(QUALIFIERS), AID_7));
    assert!(seen.has("kernel 7 A false true"));
    assert_eq!(seen.outcome.conclusion, Conclusion::Approved);
}

/// A card without directory, or with nothing for us, ends the application. [B 3.3.2.3; B 3.3.2.7]
#[test]
fn nothing_in_common_ends_the_application() {
    let none = Script::default().run();
    let foreign = Script::with(&["4F05B000000001"]).run();
    for seen in [&none, &foreign] {
        assert_eq!(seen.selected, [PPSE]);
        assert!(seen.has("show 1C ReadyToRead") && seen.has("final EndApplication"));
        assert_eq!(seen.outcome.conclusion, Conclusion::Terminated);
        assert_eq!(seen.outcome.end, Some(End::NoCommonApplication));
    }
    assert_eq!(foreign.passed, ["1 NoCombination"]);
}

/// An error beside an FCI is an error. [B 3.3.2.3]
#[test]
fn a_directory_with_an_error_is_none() {
    let mut script = Script::with(&[UNIONPAY]);
    let (_, answer) = &mut script.selects[0];
    let answer = answer.as_mut().unwrap();
    let end = answer.len() - 2;
    answer[end..].copy_from_slice(&[0x62, 0x83]);
    let seen = script.run();
    assert_eq!(seen.selected, [PPSE]);
    assert!(seen.has("final EndApplication"));
}

/// Entries that cannot be used are told, and passed over. [B 3.3.2.5]
#[test]
fn unusable_entries_are_passed_over() {
    let seen = Script::with(&["500141", "4F07A00000033301019F2A020700", UNIONPAY]).run();
    assert_eq!(seen.passed, ["1 NoName", "2 KernelIdentifier"]);
    assert_eq!(seen.selected, [PPSE, NAME_7]);
}

/// A candidate that cannot be selected makes room for the next. [B 3.3.3.5]
#[test]
fn a_refusal_makes_room_for_the_next() {
    let mut script = Script::with(&[UNIONPAY, VISA]);
    script.selects.retain(|(name, _)| name != NAME_7);
    let seen = script.run();
    assert_eq!(seen.selected, [PPSE, NAME_7, NAME_3]);
    assert_eq!(seen.activations[0].0, 3);
    script.selects.retain(|(name, _)| name != NAME_3);
    assert!(script.run().has("final EndApplication"));
}

/// [B 3.3.3.3]
#[test]
fn the_extension_is_selected_with_the_name() {
    let entry = ["4F07A0000000031010 87010F 9F29020102"];
    let combination = |extended_selection| {
        vec![Combination { extended_selection, ..COMBINATIONS[1] }, COMBINATIONS[0]]
    };
    let mut script = Script::with(&entry);
    script.combinations = combination(Some(true));
    let seen = script.run();
    assert_eq!(seen.selected[1], "A00000000310100102");
    assert_eq!(seen.activations[0].3, hex("A00000000310100102"));
    for flag in [None, Some(false)] {
        script.combinations = combination(flag);
        assert_eq!(script.run().selected[1], NAME_3);
    }
}

/// Visa's kernel 3 needs the qualifiers; without, kernel 1 takes over or nobody. [B 3.3.3.6]
#[test]
fn an_application_that_asks_for_no_qualifiers_goes_to_kernel_1() {
    let mut script = Script::with(&[VISA, "4F07A0000003330101 870109"]);
    script.selects[2] = answer(NAME_3, ASKS_NOT);
    let without = script.run();
    assert_eq!((without.activations[0].0, without.selected.len()), (7, 3));
    script.supports_1 = true;
    let with = script.run();
    assert_eq!((with.activations[0].0, with.selected.len()), (1, 2));
    script.selects[2] = answer(NAME_3, ASKS);
    assert_eq!(script.run().activations[0].0, 3);
    // Another scheme's application under kernel 3 is left alone.
    script.combinations = vec![Combination::new(AID_7, KernelId::new(3))];
    script.selects[0] = ppse(&["4F07A0000003330101 9F2A0103"]);
    script.selects[1] = answer(NAME_7, ASKS_NOT);
    assert_eq!(script.run().activations[0].0, 3);
}

/// What pre-processing excludes is no candidate; without anything left no card is asked for.
/// [B 3.1.1.13]
#[test]
fn excluded_combinations_are_no_candidates() {
    let mut script = Script::with(&[UNIONPAY, VISA]);
    script.combinations[0].transaction_limit = chipwright::value::Amount::new(1000);
    let seen = script.run();
    assert_eq!(seen.selected, [PPSE, NAME_3]);
    assert_eq!(seen.passed, ["excluded 7 TransactionLimit"]);
    script.combinations[1].transaction_limit = chipwright::value::Amount::new(1000);
    let seen = script.run();
    assert_eq!((seen.selected.len(), seen.count("poll")), (0, 0));
    assert!(seen.has("show 18 ProcessingError") && seen.has("final TryAnotherInterface"));
    assert_eq!(seen.outcome.conclusion, Conclusion::TryAnotherInterface);
    // [B 3.1.1.4]
    script.amount = 0;
    script.combinations[1].zero_amount_allowed = Some(false);
    assert_eq!(script.run().passed, ["excluded 3 ZeroAmount"]);
    script.amount = 1000;
    // A reader that does not pre-process excludes nothing. [B 3.2.1.1]
    script.autorun = true;
    assert_eq!(script.run().selected, [PPSE, NAME_7]);
}

/// A link that fails on the way asks for the card again, from the directory on. [B 3.3.3.7]
#[test]
fn a_lost_card_is_asked_for_again() {
    for lost in 0..2 {
        let mut script = Script::with(&[UNIONPAY, VISA]);
        script.selects[lost].1 = Err(LinkError::Timeout);
        script.stop_after = 5;
        let seen = script.run();
        assert_eq!(seen.count("poll"), 6, "{lost}");
        assert_eq!(seen.selected.len(), 5 * (lost + 1));
        assert_eq!(seen.count("show 15"), 6);
        assert_eq!(seen.outcome.conclusion, Conclusion::Terminated);
        // Nobody stops it: it comes to an end all the same.
        script.stop_after = 1000;
        let seen = script.run();
        assert!(matches!(seen.outcome.end, Some(End::Fault(_))), "{:?}", seen.outcome);
        assert!(seen.count("poll") < 100);
    }
}

/// Every cut of a directory that fills an answer ends well. [B 3.3.2.5]
#[test]
fn a_directory_may_be_cut_anywhere() {
    let entries = ["4F07A0000003330101 870101"; 17];
    let whole = Script::with(&entries).selects[0].1.clone().unwrap();
    assert!(whole.len() > 240, "{}", whole.len());
    for length in 0..whole.len() - 2 {
        let mut script = Script::with(&entries);
        script.selects[0].1 = Ok([&whole[..length], &[0x90, 0x00]].concat());
        let seen = script.run();
        assert_eq!(seen.activations.len(), 0, "{length}");
        assert!(seen.has("final EndApplication"));
    }
    let seen = Script::with(&entries).comes_to(&[bare(OutcomeType::SelectNext)]).run();
    assert_eq!(seen.activations.len(), 17);
}
