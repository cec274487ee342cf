//! Cards that mean no good.

use super::card::*;
use super::run::*;
use chipwright::apdu::BUFFER_LENGTH;
use chipwright::database::Database;
use chipwright::driver::{HostResponse, Input, Output};
use chipwright::oda::PublicKey;
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::session::LinkError;
use chipwright::tag::Tag;
use chipwright_harness::CardChannel;

/// The answer to GENERATE AC with more objects.
fn with(information: u8, more: &[Vec<u8>]) -> Vec<u8> {
    let whole = cryptogram(information);
    let content = &whole[2..whole.len() - 2];
    answer(0x77, &[content.to_vec(), more.concat()])
}

/// An answer to GENERATE AC does not replace what the records said, and a signature may have
/// covered: lists, action codes, account, profile. [B3 7.5, 10.2, 6.5.5]
#[test]
fn a_cryptogram_does_not_rewrite_the_records() {
    for (tag, value) in [
        (0x9F0D, "0000000000"),
        (0x8D, "8A02"),
        (0x5A, "4761739001010010"),
        (0x82, "0000"),
        (0x94, "08010100"),
        (0x97, "9A03"),
        (0x5F24, "991231"),
    ] {
        // Unable to go online, the card's default code says: decline.
        let mut card = Card::online()
            .aip("0400")
            .object(0x9F0D, "8000000000")
            .object(0x97, "9F3704")
            .on(ASK_ARQC, with(0x80, &[tlv(tag, value)]));
        let ended = Run::host(Host::default()).with(&mut card);
        assert_ne!(ended.verdict().0, Conclusion::Approved, "{tag:04X}: the code was replaced");
        if ended.verdict().0 != Conclusion::Terminated {
            assert_ne!(ended.object(tag), value, "{tag:04X} was replaced");
        }
    }
}

/// Nor does it write what is the terminal's or the issuer's. [B3 7.5]
#[test]
fn a_cryptogram_does_not_write_terminal_data() {
    let foreign = [
        tlv(0x95, "0000000000"),
        tlv(0x8A, "3030"),
        tlv(0x9F34, "1F0002"),
        tlv(0x91, "1122334455667788"),
    ];
    let mut card = Card::online().on(ASK_ARQC, with(0x80, &foreign));
    let ended = Run::host(says(b"05")).with(&mut card);
    assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Online));
    assert_eq!((ended.tvr().as_str(), ended.object(0x8A).as_str()), ("8000000000", "3035"));
    assert_eq!((ended.cvm_results().as_str(), ended.has(0x91)), ("3F0000", false));
}

/// What the kernel keeps beside data objects, such as the candidate list, is neither written nor
/// asked for by a card. [B3 5.4, 7.5, 10.2]
#[test]
fn internal_places_are_out_of_reach() {
    let reach = tlv(0xFF_FF00, "5A5A5A5A");
    let mut card = Card::new()
        .in_fci(&[tlv(0x9F38, "FFFF0008 9F0206"), reach.clone()])
        .object(0xFF_FF00, "5A5A")
        .object(0x8C, "FFFF0010 FFFF0104 9505")
        .on(ASK_TC, with(0x40, &[reach]));
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!(ended.verdict().0, Conclusion::Approved, "{}", ended.fault());
    assert_eq!(card.only(GPO)[7..15], [0; 8]);
    assert_eq!(card.only(ASK_TC)[5..25], [0; 20]);
    assert_eq!(ended.count("Ignored { tag: FFFF00, why: Unknown"), 3);
}

/// A card that always has another application comes to an end, name by name. [B1 12.3.3]
/// [B1 12.3.3 bound]
#[test]
fn next_occurrences_come_to_an_end() {
    let mut card = Card::new().on(SELECT_NEXT, fci("A0000000032010", &[]));
    let ended = Run { choices: vec![Some(0)], ..Run::new(TERMINAL) }.with(&mut card);
    assert_eq!((card.sent(SELECT_NEXT).len(), ended.count("LeftOut(Occurrences)")), (15, 1));
    assert_eq!(ended.offered, [["A0000000031010", "A0000000032010"]], "each name once");
    assert_eq!(ended.verdict().0, Conclusion::Approved);

    /// Answers every SELECT NEXT with a name that it never gave before.
    struct Inventive(Card, u8);
    impl CardChannel for Inventive {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
            if command.starts_with(&hex(SELECT_NEXT)) {
                self.1 += 1;
                return Ok(fci(&format!("A0000000039999{:02X}", self.1), &[]));
            }
            self.0.transmit(command)
        }
    }
    let mut card = Inventive(Card::new(), 0);
    let ended = Run { choices: vec![Some(0)], ..Run::new(TERMINAL) }.with(&mut card);
    assert!(card.1 <= 16, "{}", card.1);
    assert_eq!(ended.verdict().0, Conclusion::Approved);
}

/// A directory without end comes to one. [B1 12.3.2]
#[test]
fn a_directory_comes_to_an_end() {
    let record = answer(0x70, &[object(0x61, &[tlv(0x4F, AID), tlv(0x50, "41")].concat())]);
    let mut card = Card::new()
        .on(SELECT_PSE, fci("315041592E5359532E4444463031", &[tlv(0x88, "0A")]))
        .on("00B2", record)
        .on(RECORD, status(0x6A83));
    let ended = Run::new(TERMINAL).with(&mut card);
    assert!(card.commands.len() < 400);
    assert_eq!(ended.count("LeftOut(DirectoryRecords)"), 1);
    assert_eq!(ended.verdict().0, Conclusion::Terminated);
}

/// An AFL that names more records than a transaction may read, or memory may hold, ends it.
/// [B3 10.2]
#[test]
fn records_without_end_end_the_transaction() {
    let afl = "0801FF00 1001FF00 1801FF00";
    let options = || Card::new().on(GPO, answer(0x77, &[tlv(0x82, "0000"), tlv(0x94, afl)]));
    let mut card = options().on("00B2", hex("7000 9000"));
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!((ended.fault().as_str(), card.commands.len()), ("too many exchanges (card)", 400));
    let mut card = options()
        .on("00B2", [object(0x70, &tlv(0xDF01, &"00".repeat(200))), status(0x9000)].concat());
    let ended = Run::new(TERMINAL).with(&mut card);
    assert!(matches!(ended.end(), Some(End::Fault(_))));
    assert!(card.commands.len() < 40, "memory is full before");
}

/// Records that leave no room do not keep the issuer's answer out: a transaction that the issuer
/// declines is not approved because its message did not fit. [B3 10.9; B4 12.2.3]
#[test]
fn a_full_memory_does_not_turn_a_refusal_into_an_approval() {
    for filler in 0..16 {
        // Records of unknown objects, kept as received, up to the brim.
        let record = |length: usize| {
            [object(0x70, &tlv(0xDF01, &"5A".repeat(length))), status(0x9000)].concat()
        };
        let mut card = Card::online()
            .on(GPO, answer(0x77, &[tlv(0x82, "0000"), tlv(0x94, "08010100 10010F00")]))
            .on("00B20F14", record(10 + 14 * filler))
            .on("00B2", record(230));
        card = card.on(RECORD, {
            let mut plain = Card::online();
            plain.transmit(&hex("00B2010C00")).unwrap()
        });
        let script = format!("71 7E {}", "86 05 84240000 00".repeat(18));
        let ended = Run::host(says(b"05").scripts(&script)).with(&mut card);
        assert_ne!(ended.verdict().0, Conclusion::Approved, "{filler}: the issuer had refused");
        assert!(!ended.misused, "{filler}: the issuer's answer did not fit");
    }
}

/// Nor do small objects, whose places in the index take more than they do, and a long answer to
/// GENERATE AC, once the records are read. [B3 10.9; B4 12.2.3; B4 12.2.4 length]
#[test]
fn what_comes_after_the_records_keeps_no_answer_out() {
    const EMPTY: [u32; 14] = [
        0x57, 0x8E, 0x90, 0x92, 0x93, 0x97, 0x9F1F, 0x9F20, 0x9F2D, 0x9F2E, 0x9F2F, 0x9F32, 0x9F46,
        0x9F48,
    ];
    const ONE_BYTE: [u32; 5] = [0x8F, 0x9F05, 0x9F14, 0x9F44, 0x9F43];
    let small = EMPTY.map(|tag| tlv(tag, "")).into_iter().chain(ONE_BYTE.map(|tag| tlv(tag, "01")));
    let small = answer(0x70, &small.collect::<Vec<_>>());
    let long = [
        tlv(0x9F27, "80"),
        tlv(0x9F36, "0007"),
        tlv(0x9F26, "1122334455667788"),
        tlv(0x9F10, &"10".repeat(32)),
        tlv(0x9F4B, &"4B".repeat(186)),
    ];
    let record =
        |length: usize| [object(0x70, &tlv(0xDF01, &"5A".repeat(length))), status(0x9000)].concat();
    let script = format!("71 7E {}", "86 05 84240000 00".repeat(18));
    let mut asked = 0;
    for (count, filler) in (8..15).flat_map(|count| (1..230).step_by(7).map(move |n| (count, n))) {
        let afl = format!("08010100 1001{count:02X}00 18010100");
        let mut card = Card::online()
            .on(GPO, answer(0x77, &[tlv(0x82, "0000"), tlv(0x94, &afl)]))
            .on("00B20114", record(filler))
            .on("00B2", record(230))
            .on("00B2011C", small.clone())
            .on(RECORD, Card::online().transmit(&hex("00B2010C00")).unwrap())
            .on(ASK_ARQC, answer(0x77, &long));
        let host = says(b"05").authentication("11".repeat(16).as_str()).scripts(&script);
        let ended = Run::host(host).with(&mut card);
        assert_ne!(ended.verdict().0, Conclusion::Approved, "{count} {filler}");
        assert!(!ended.misused, "{count} {filler}: the issuer's answer did not fit");
        asked += ended.authorisations;
    }
    assert!(asked > 50, "{asked}");
}

/// A refusal with more scripts than memory can hold is still a refusal, and an approval that found
/// no room is undone. [B3 10.9; B4 12.2.3]
#[test]
fn an_answer_that_finds_no_room_approves_nothing() {
    let scripts = "71 81 F0".to_owned() + &"86 05 84240000 00".repeat(34) + "0000";
    for code in [b"05", b"00"] {
        let host = says(code).scripts(&scripts.repeat(17));
        let ended = Run::host(host).with(&mut Card::online());
        assert_eq!(ended.verdict(), (Conclusion::Terminated, Authority::Online), "{code:?}");
        assert_eq!(ended.fault(), "data object store full (terminal)");
        assert!(ended.outcome().reversal, "{code:?}: what it said is not known");
    }
}

/// Approval needs a TC, of this transaction, from GENERATE AC. [B3 10.8, 10.11]
#[test]
fn a_cryptogram_of_another_command_is_none() {
    let mut card = Card::online()
        .on(
            GPO,
            answer(
                0x77,
                &[
                    tlv(0x82, "0400"),
                    tlv(0x94, "08010100"),
                    tlv(0x9F27, "40"),
                    tlv(0x9F26, "1122334455667788"),
                    tlv(0x9F36, "0001"),
                ],
            ),
        )
        .on(ASK_TC, answer(0x77, &[tlv(0x9F10, "00")]));
    let ended = Run::host(says(b"00")).with(&mut card);
    assert_eq!(ended.verdict(), (Conclusion::Terminated, Authority::Online));
    assert_eq!(ended.fault(), "mandatory data object missing, tag 9F36 (card)");
}

/// The same object twice, in one record or in two, or again in another answer. [B3 7.5, 10.2]
#[test]
fn nothing_is_given_twice() {
    let twice = [
        Card::new().on(RECORD, answer(0x70, &[tlv(0x5A, PAN), tlv(0x5A, PAN)])),
        Card::new()
            .on(GPO, answer(0x77, &[tlv(0x82, "0000"), tlv(0x94, "08010100"), tlv(0x5A, PAN)])),
        Card::new()
            .on(GPO, answer(0x77, &[tlv(0x82, "0000"), tlv(0x82, "0000"), tlv(0x94, "08010100")])),
    ];
    for mut card in twice {
        let ended = Run::new(TERMINAL).with(&mut card);
        assert!(ended.fault().starts_with("data object given twice"), "{}", ended.fault());
        assert!(card.sent("80AE").is_empty());
    }
}

/// Secrets do not reach the words of `Debug`: neither account number nor track data are shown by
/// what a terminal logs first. [B3 A]
#[test]
fn what_is_logged_first_shows_no_account_data() {
    const TRACK_2: &str = "4761739001010119D4912201";
    let card = || Card::online().object(0x57, TRACK_2).object(0x8C, "5A08 5713");
    let ended = Run::host(says(b"00").authentication(PAN).scripts(PAN)).with(&mut card());
    assert_eq!(ended.verdict().0, Conclusion::Approved);
    let record = card().transmit(&hex("00B2010C00")).unwrap();
    let (memory, buffer) = (&mut [0; 256], &mut [0; BUFFER_LENGTH]);
    let mut data = Database::new(memory);
    data.put_bytes(Tag(0x5A), &hex(PAN)).unwrap();
    buffer[..8].copy_from_slice(&hex(PAN));
    let response = HostResponse {
        authorisation_response_code: *b"00",
        issuer_authentication_data: Some(&buffer[..8]),
        authorisation_code: Some(&buffer[..6]),
        scripts: &buffer[..8],
    };
    let key = PublicKey { modulus: &buffer[..8], exponent: &[3] };
    let shown: [&dyn core::fmt::Debug; 6] = [
        &Input::Response { bytes: &record, elapsed: 0 },
        &Input::Authorised(response),
        &response,
        &Output::Transmit(&record),
        &Output::Authorise(&data),
        &key,
    ];
    let decimal = |bytes: &[u8]| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let secret = hex(PAN)[1..4].to_vec();
    let forms = [hex::encode(&secret), "61, 73, 90".to_owned(), decimal(&secret)];
    let shown = shown.iter().flat_map(|one| [format!("{one:?}"), format!("{one:02X?}")]);
    for words in shown.chain(ended.told) {
        assert!(!forms.iter().any(|form| words.contains(form)), "{words}");
    }
}
