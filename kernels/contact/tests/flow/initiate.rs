//! Initiate Application Processing and Read Application Data.

use super::card::*;
use super::run::*;
use chipwright::fault::Blame;
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::phase::Phase;

const APPROVED: (Conclusion, Authority) = (Conclusion::Approved, Authority::Offline);

/// AIP and AFL come one behind the other, or as objects. [B3 6.5.8, 10.1]
#[test]
fn options_come_in_either_format() {
    let formats = [
        hex("8006 0000 08010100 9000"),
        hex("770A 8202 0000 9404 08010100 9000"),
        // More objects, known and unknown, in any order.
        hex("7713 9F3602 0001 DF0101 FF 9404 08010100 8202 0000 9000"),
    ];
    for format in formats {
        let mut card = Card::new().on(GPO, format.clone());
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!(ended.verdict(), APPROVED, "{format:02X?} {}", ended.fault());
        assert_eq!(
            (ended.object(0x82).as_str(), ended.object(0x94).as_str()),
            ("0000", "08010100")
        );
        assert_eq!(card.only(GPO), hex("80A8 0000 02 8300 00"), "no PDOL, no data");
    }
}

/// What has another form, or another status word than 9000 and 6985, ends the transaction.
/// [B3 6.5.8, 8.1, 7.5]
#[test]
fn options_of_another_form_end_the_transaction() {
    let answers = [
        hex("8002 0000 9000"),                              // no AFL
        hex("8005 0000 080101 9000"),                       // three bytes of one
        hex("8007 0000 08010100 00 9000"),                  // one byte too many
        hex("7706 9404 08010100 9000"),                     // no AIP
        hex("7704 8202 0000 9000"),                         // no AFL
        hex("7709 8201 00 9404 08010100 9000"),             // an AIP of one byte
        hex("770E 8202 0000 8202 0000 9404 08010100 9000"), // two of them
        hex("700A 8202 0000 9404 08010100 9000"),           // another template
        hex("8006 0000 08010100 8000 9000"),                // two templates
        hex("8006 0000 0801 9000"),                         // cut short
        hex("9000"),
        status(0x6283),
        status(0x63C1),
        status(0x6A81),
        status(0x6984),
    ];
    for options in answers {
        let mut card = Card::new().on(GPO, options.clone());
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!(ended.verdict().0, Conclusion::Terminated, "{options:02X?}");
        let Some(End::Fault(fault)) = ended.end() else { panic!("{:?}", ended.end()) };
        assert_eq!(fault.blame(), Blame::Card, "{fault}");
        assert_eq!(ended.outcome().phase, Phase::InitiateApplication);
        assert!(card.commands.last().unwrap().starts_with(&hex(GPO)), "nothing follows");
    }
}

/// The PDOL is filled as every list is: known objects, zeros for the rest. [B3 5.4, 6.5.8]
#[test]
fn the_pdol_is_filled_and_wrapped() {
    let mut card = Card::new().in_fci(&[tlv(0x9F38, "9F0206 DF0102 9F1A02 5A02")]);
    assert_eq!(Run::new(TERMINAL).with(&mut card).verdict(), APPROVED);
    assert_eq!(card.only(GPO), hex("80A8 0000 0E 830C 000000001000 0000 0276 0000 00"));

    let mut card = Card::new().in_fci(&[tlv(0x9F38, "DF0180")]);
    assert_eq!(Run::new(TERMINAL).with(&mut card).verdict(), APPROVED);
    assert_eq!(card.only(GPO)[..8], hex("80A8 0000 83 8381 80"), "a length of two bytes");
}

/// A list that is cut short, or asks for more than a command carries, is the card's fault.
/// [B3 5.4, 7.5]
#[test]
fn a_pdol_that_cannot_be_filled_is_the_cards_fault() {
    for pdol in ["9F0206 9F", "9F02", "DF01FF", "DF01F0 DF0120"] {
        let mut card = Card::new().in_fci(&[tlv(0x9F38, pdol)]);
        let ended = Run::new(TERMINAL).with(&mut card);
        let Some(End::Fault(fault)) = ended.end() else { panic!("{pdol}: {:?}", ended.end()) };
        assert_eq!(fault.tag.map(|tag| tag.0), Some(0x9F38), "{fault}");
        assert_eq!(fault.blame(), Blame::Card, "{pdol}: {fault}");
        assert!(card.sent(GPO).is_empty());
    }
}

/// Records that are not there, not coded as they must be, or lack mandatory objects.
/// [B3 7.2, 7.5, 10.2]
#[test]
fn records_must_be_there_and_complete() {
    let cards = [
        Card::new().on(RECORD, status(0x6A83)),
        Card::new().on(RECORD, status(0x6282)),
        Card::new().on(RECORD, hex("9000")),
        Card::new().on(RECORD, hex("7703 5F2400 9000")),
        Card::new().without(0x5A),
        Card::new().without(0x5F24),
        Card::new().without(0x8C),
        Card::new().without(0x8D),
        Card::new().object(0x5F24, "491301"),
        Card::new().object(0x5F24, "4912"),
        Card::new().object(0x5A, "47617A9001010119"),
        Card::new().object(0x5F25, "260230"),
    ];
    for (place, mut card) in cards.into_iter().enumerate() {
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!(ended.verdict().0, Conclusion::Terminated, "{place}");
        assert!(matches!(ended.end(), Some(End::Fault(_))));
        assert!(card.sent("80AE").is_empty(), "{place}: no cryptogram");
    }
}

/// What belongs to terminal or issuer is passed over, and told. [B3 7.5]
#[test]
fn what_is_not_the_cards_is_not_taken_from_it() {
    let mut card = Card::new()
        .object(0x9F1B, "00000000")
        .object(0x8A, "3030")
        .object(0x95, "0000000000")
        .object(0x9F33, "000000")
        .object(0xDF20, "01");
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!(ended.verdict(), APPROVED);
    assert_eq!((ended.tvr().as_str(), ended.object(0x9F1B).as_str()), ("8000000000", "00001388"));
    assert_eq!((ended.object(0x8A).as_str(), ended.object(0x9F33).as_str()), ("5931", "E0F8C8"));
    assert!(!ended.has(0xDF20));
    assert_eq!(ended.count("Ignored { tag: 9F1B, why: NotTheCards"), 1);
    assert_eq!(ended.count("Ignored { tag: DF20, why: Unknown"), 1);
}
