//! Every status word at every SELECT that Entry Point sends, every answer cut at every byte, and
//! every byte of them as all 256 values: `cargo test` takes a part of the status words; with
//! `CHIPWRIGHT_SWEEP=whole`, as `cargo xtask long` has it, all 65,536 at each command.

use crate::reference;
use crate::run::*;
use chipwright::contactless::{OnlineResponseData, OutcomeParameters, OutcomeType, Start};
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright_entry_point::Combination;

/// Three applications; the last has a longer name than the reader's, and an extension.
const ENTRIES: [&str; 3] = [
    "4F07A0000003330101 870101 9F2A0107",
    "5004564953414F07A0000000031010 870102",
    "4F08A000000333010102 870103 9F29020102",
];
/// What is selected for them.
const NAMES: [&str; 3] = ["A0000003330101", "A0000000031010", "A0000003330101020102"];
/// The kernel of each.
const KERNELS: [u8; 3] = [7, 3, 7];

/// A card whose every application is tried: each kernel passes on to the next.
fn honest() -> Script {
    let mut script = Script::with(&ENTRIES).comes_to(&[bare(OutcomeType::SelectNext)]);
    script.combinations[0] =
        Combination { extended_selection: Some(true), ..script.combinations[0] };
    script.selects.truncate(1);
    script.selects.extend(NAMES.map(|name| answer(name, ASKS)));
    script
}

/// The data of an answer, without its status word.
fn data(script: &Script, at: usize) -> Vec<u8> {
    let whole = script.selects[at].1.clone().unwrap();
    whole[..whole.len() - 2].to_vec()
}

/// What was selected behind the directory, and which kernel got what.
fn came(seen: &Seen) -> (Vec<String>, Vec<(u8, String)>) {
    assert_eq!(seen.selected[0], PPSE);
    let handed = seen.activations.iter();
    let handed = handed.map(|(kernel, _, _, name)| (*kernel, hex::encode_upper(name)));
    (seen.selected[1..].to_vec(), handed.collect())
}

/// Nothing is left that both sides have.
fn nothing_left(seen: &Seen) -> bool {
    let ended = (seen.outcome.conclusion, seen.outcome.end, seen.count("final"));
    ended == (Conclusion::Terminated, Some(End::NoCommonApplication), 1)
        && seen.has("final EndApplication")
}

fn status_words() -> Vec<u16> {
    let whole = std::env::var("CHIPWRIGHT_SWEEP").is_ok_and(|how| how == "whole");
    let mut words: Vec<u16> = (0..=u16::MAX).step_by(if whole { 1 } else { 257 }).collect();
    words.extend([0x6283, 0x6700, 0x6983, 0x6985, 0x6986, 0x6A81, 0x6A82, 0x6A83, 0x9001, 0x90FF]);
    words.retain(|word| *word != 0x9000);
    words.sort_unstable();
    words.dedup();
    words
}

/// This status word alone, and behind the data that would be good.
fn refusals(word: u16, good: &[u8]) -> [Vec<u8>; 2] {
    [word.to_be_bytes().to_vec(), [good, &word.to_be_bytes()].concat()]
}

/// Cut at every byte, and every byte as all 256 values.
fn changed(good: &[u8]) -> Vec<Vec<u8>> {
    let cut = (0..good.len()).map(|length| good[..length].to_vec());
    let bytes = (0..good.len()).flat_map(|at| (0..=u8::MAX).map(move |byte| (at, byte)));
    let set = bytes.map(|(at, byte)| {
        let mut bytes = good.to_vec();
        bytes[at] = byte;
        bytes
    });
    cut.chain(set).collect()
}

/// Anything but 9000 is a refusal: of the directory, and nothing is selected; of an application,
/// and the next one is. [B 3.3.2.3; B 3.3.3.5]
#[test]
fn every_status_word_but_9000_is_a_refusal() {
    let mut script = honest();
    let all: Vec<_> = KERNELS.into_iter().zip(NAMES.map(str::to_owned)).collect();
    assert_eq!(came(&script.run()), (NAMES.map(str::to_owned).to_vec(), all.clone()));
    let mut count = 0;
    for at in 0..script.selects.len() {
        let good = script.selects[at].1.clone();
        let bytes = data(&script, at);
        for word in status_words() {
            for refusal in refusals(word, &bytes) {
                script.selects[at].1 = Ok(refusal);
                let seen = script.run();
                count += 1;
                let (selected, mut left) = (NAMES.map(str::to_owned).to_vec(), all.clone());
                let expected = match at.checked_sub(1) {
                    None => (Vec::new(), Vec::new()),
                    Some(refused) => {
                        left.remove(refused);
                        (selected, left)
                    }
                };
                assert_eq!(came(&seen), expected, "{word:04X} at {at}");
                assert!(nothing_left(&seen), "{word:04X} at {at}: {:?}", seen.outcome);
            }
        }
        script.selects[at].1 = good;
    }
    println!("{count} taps, {} commands", script.selects.len());
}

/// Runs the script with every refusal of one SELECT more, of the first application.
fn with_every_refusal(mut script: Script, check: impl Fn(&Seen, u16)) {
    let good = data(&script, 1);
    let mut count = 0;
    for word in status_words() {
        for refusal in refusals(word, &good) {
            script.selects.push((NAMES[0].to_owned(), Ok(refusal)));
            check(&script.run(), word);
            count += 1;
            script.selects.pop();
        }
    }
    println!("{count} taps");
}

/// Of a second presentment no other application is tried: the issuer's answer was for this one, and
/// it stands. [B 3.3.3.5; A 8.1.1.24]
#[test]
fn every_status_word_but_9000_ends_a_second_presentment() {
    let first =
        OutcomeParameters { online_response_data: OnlineResponseData::EmvData, ..online(Start::B) };
    let mut script = honest().comes_to(&[first, bare(OutcomeType::Declined)]);
    script.issuer = Some((b"00", Some(&[0x11; 8]), &[]));
    assert_eq!(script.run().outcome.conclusion, Conclusion::Declined);
    with_every_refusal(script, |seen, word| {
        assert_eq!(seen.selected, [PPSE, NAMES[0], NAMES[0]], "{word:04X}");
        assert_eq!(seen.activations.len(), 1, "{word:04X}");
        let ended = (seen.outcome.conclusion, seen.outcome.authority);
        assert_eq!(ended, (Conclusion::Approved, Authority::Online), "{word:04X}");
        assert!(seen.has("final EndApplication"), "{word:04X}");
    });
}

/// An application that is selected again at Start C, and refused, makes room for the next.
/// [B 3.3.3.5]
#[test]
fn every_status_word_but_9000_at_start_c_makes_room_for_the_next() {
    let held =
        OutcomeParameters { online_response_data: OnlineResponseData::Any, ..online(Start::C) };
    let script = honest().comes_to(&[held, bare(OutcomeType::Approved)]);
    with_every_refusal(script, |seen, word| {
        assert_eq!(seen.selected, [PPSE, NAMES[0], NAMES[0], NAMES[1]], "{word:04X}");
        let kernels: Vec<_> = seen.activations.iter().map(|handed| handed.0).collect();
        assert_eq!(kernels, [7, 3], "{word:04X}");
        assert_eq!(seen.outcome.conclusion, Conclusion::Approved, "{word:04X}");
    });
}

/// A directory cut anywhere, and with any byte as any other: what can be read of it is what the
/// reference reads. [B 3.3.2.3; B 3.3.2.4; B 3.3.2.5; B 3.3.3.2; B 3.3.3.3]
#[test]
fn every_byte_of_a_directory_is_taken_for_what_it_is() {
    let mut script = honest();
    let good = data(&script, 0);
    let (mut whole, mut fewer, mut none) = (0, 0, 0);
    let changed = changed(&good);
    for bytes in &changed {
        script.selects[0].1 = Ok([bytes, &[0x90, 0x00][..]].concat());
        let seen = script.run();
        let candidates = reference::candidates(bytes, &script.combinations);
        let names: Vec<_> = candidates.iter().map(|(name, _)| hex::encode_upper(name)).collect();
        let known = candidates.iter().zip(&names).filter(|(_, name)| NAMES.contains(&&***name));
        let known = known.map(|((_, kernel), name)| (*kernel, name.clone())).collect();
        match names.len() {
            0 => none += 1,
            3 => whole += 1,
            _ => fewer += 1,
        }
        assert_eq!(came(&seen), (names, known), "{}", hex::encode_upper(bytes));
        assert!(nothing_left(&seen), "{:?}", seen.outcome);
    }
    println!("{} directories: {whole} whole, {fewer} with less, {none} without", changed.len());
    assert!(whole > 1000 && fewer > 1000 && none > 1000);
}

/// An answer of an application is its kernel's to read; of Visa's, kernel 3 wants the list of what
/// it asks for. [B 3.3.3.6]
#[test]
fn every_byte_of_an_application_is_taken_for_what_it_is() {
    let mut count = [0, 0];
    for supports_1 in [false, true] {
        let mut script = honest();
        script.supports_1 = supports_1;
        for at in 1..=NAMES.len() {
            let good = data(&script, at);
            for bytes in changed(&good) {
                script.selects[at].1 = Ok([&bytes, &[0x90, 0x00][..]].concat());
                let seen = script.run();
                let asks = at != 2 || reference::asks_for_qualifiers(&bytes);
                count[usize::from(asks)] += 1;
                let kernel = |place: usize| match (place + 1 == at && !asks, supports_1) {
                    (false, _) => Some(KERNELS[place]),
                    (true, true) => Some(1),
                    (true, false) => None,
                };
                let named = (0..3).filter_map(|place| Some((kernel(place)?, NAMES[place].into())));
                let expected = (NAMES.map(str::to_owned).to_vec(), named.collect());
                assert_eq!(came(&seen), expected, "{at}: {}", hex::encode_upper(&bytes));
                assert!(nothing_left(&seen), "{:?}", seen.outcome);
            }
            script.selects[at] = answer(NAMES[at - 1], ASKS);
        }
    }
    println!("{} answers, {} of Visa's without the list", count[0] + count[1], count[0]);
    assert!(count[0] > 1000);
}
