//! Cards that mean no good, and links that fail.

use super::card::*;
use super::run::*;
use chipwright::contactless::{OutcomeType, Reason};
use chipwright::fault::Cause;
use chipwright::outcome::End;
use chipwright::session::LinkError;
use chipwright_harness::CardChannel;

/// What is done to one answer of the card.
#[derive(Clone, Copy, Debug)]
enum Mischief {
    Status(u16),
    StatusBehindData(u16),
    Truncated,
    Padded,
    Empty,
    OneByte,
    Replayed,
    Gone,
    Flipped(usize),
}

const STATUS_WORDS: [u16; 16] = [
    0x0000, 0x6100, 0x6283, 0x6300, 0x63C1, 0x6581, 0x6700, 0x6983, 0x6984, 0x6985, 0x6986, 0x6A82,
    0x6A83, 0x6C10, 0x6F00, 0x9001,
];

/// A card whose answer at one exchange is not what it should be.
struct Mischievous {
    card: chipwright_card::Card,
    at: usize,
    mischief: Mischief,
    exchanges: usize,
    before: Vec<u8>,
}

impl CardChannel for Mischievous {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let place = self.exchanges;
        self.exchanges += 1;
        let honest = self.card.transmit(command);
        let before = core::mem::replace(&mut self.before, honest.clone());
        if place != self.at {
            return Ok(honest);
        }
        let data = honest[..honest.len() - 2].to_vec();
        Ok(match self.mischief {
            Mischief::Status(word) => status(word),
            Mischief::StatusBehindData(word) => [data, status(word)].concat(),
            Mischief::Truncated => [data[..data.len() / 2].to_vec(), status(0x9000)].concat(),
            Mischief::Padded => {
                let mut data = data;
                data.resize(256, 0);
                [data, status(0x9000)].concat()
            }
            Mischief::Empty => Vec::new(),
            Mischief::OneByte => vec![0x90],
            Mischief::Replayed => before,
            Mischief::Gone => return Err(LinkError::Removed),
            Mischief::Flipped(byte) => {
                let mut bytes = honest;
                let place = byte % bytes.len();
                bytes[place] ^= 1 << (byte % 8);
                bytes
            }
        })
    }
}

/// Whatever goes wrong at whichever exchange: one outcome, within bounds, and an approval only by a
/// TC that was allowed and whose signature is good. [C7 4, 4.2, 4.6]
#[test]
fn nothing_is_approved_that_is_not_signed() {
    let mut mischief = vec![
        Mischief::Truncated,
        Mischief::Padded,
        Mischief::Empty,
        Mischief::OneByte,
        Mischief::Replayed,
        Mischief::Gone,
    ];
    mischief.extend(STATUS_WORDS.map(Mischief::Status));
    mischief.extend(STATUS_WORDS.map(Mischief::StatusBehindData));
    mischief.extend((0..20).map(|place| Mischief::Flipped(place * 29)));
    let mut taps = 0;
    for builtin in chipwright_card::builtin() {
        if builtin.name.starts_with("contact-") {
            continue;
        }
        let simulated = Simulated::builtin(builtin.name);
        for second in [0x00, 0x40, 0x80] {
            for at in 1..9 {
                for mischief in &mischief {
                    let mut card = Mischievous {
                        card: simulated.card.clone(),
                        at,
                        mischief: *mischief,
                        exchanges: 0,
                        before: Vec::new(),
                    };
                    let run = Run::qualifiers([0x36, second, 0, 0x80]);
                    let ended = run.with(&mut card);
                    let what = format!("{} {second:02X} {at} {mischief:?}", builtin.name);
                    assert!(card.exchanges < 12, "{what}");
                    if ended.kind() == OutcomeType::Approved {
                        assert_ne!(second, 0x80, "{what}");
                        assert_eq!(ended.authentications, [Ok(())], "{what}");
                        assert_eq!(ended.object(0x9F27).as_bytes()[0], b'4', "{what}");
                    }
                    taps += 1;
                }
            }
        }
    }
    assert!(taps > 20_000, "{taps}");
}

/// Records without end meet the bound. [C7 4.6]
#[test]
fn records_come_to_an_end() {
    let mut card = Card::new().option(0x94, "0801FE00 1001FE00").on("00B2", answer(0x70, &[]));
    let run = Run { exchange_limit: 40, ..Run::default() };
    let ended = run.with(&mut card);
    assert_eq!(ended.kind(), OutcomeType::EndApplication);
    assert_eq!(ended.faults[0].cause, Cause::TooManyExchanges);
    assert_eq!(card.commands.len(), 41);
}

/// Records that no memory holds are the terminal's fault: it lent too little. [C7 4.6]
#[test]
fn a_full_store_ends_without_an_outcome() {
    let filler = answer(0x70, &[object(0x9F05, &[0x20; 32]), object(0xDF01, &[0; 200])]);
    let mut card = Card::new().option(0x94, "08012800").on("00B2", filler);
    let ended = Run { memory: 1280, ..Run::default() }.with(&mut card);
    let twice = ended.faults[0].cause == Cause::Redundant;
    assert!(twice && ended.kind() == OutcomeType::EndApplication, "{}", ended.fault());
    let unknown = answer(0x70, &[object(0xDF01, &[0; 240])]);
    let mut card = Card::new().option(0x94, "08012801").on("00B2", unknown);
    let ended = Run { memory: 1280, ..Run::default() }.with(&mut card);
    match ended.end() {
        Some(End::Fault(fault)) => assert_eq!(fault.cause, Cause::StoreFull),
        other => panic!("{other:?}"),
    }
}

/// A list that no command carries is the card's fault; one that is broken as well. [C7 4.2]
#[test]
fn an_impossible_list_ends_the_application() {
    for pdol in ["9F6604 9F02FF", "9F6604 9F02", "9F6604 9F", "9F6604 9FFFFFFF04"] {
        let mut card = Card::new().selected(fci(AID, &[tlv(0x9F38, pdol)]));
        let ended = Run::default().with(&mut card);
        assert_eq!(ended.kind(), OutcomeType::EndApplication, "{pdol}");
        assert!(ended.fault().contains("tag 9F38"), "{}", ended.fault());
        assert_eq!(card.commands.len(), 1);
    }
}

/// Internal places are out of a card's reach. [C7 4.3 foreign]
#[test]
fn internal_places_are_out_of_reach() {
    let mut card = Card::new()
        .selected(fci(AID, &[tlv(0x9F38, "9F6604 FFFF0008")]))
        .option(0xFF_FF00, "5A5A5A5A");
    let ended = Run::default().with(&mut card);
    assert_eq!(ended.kind(), OutcomeType::OnlineRequest);
    assert_eq!(card.sent(GPO)[0][11..19], [0; 8]);
}

/// A card that lies about its own cryptogram gains nothing. [C7 4.10]
#[test]
fn an_arqc_that_is_called_a_tc_is_not_signed() {
    let mut card = Simulated::tampered("quickpass.decision = 'arqc'", |command, answer| {
        if command[1] == 0xA8 {
            let mut content = answer[2..answer.len() - 2].to_vec();
            content.extend(tlv(0x9F27, "40"));
            content.extend(tlv(0x94, "10010101 18010200 20010100"));
            *answer = super::card::answer(0x77, &[content]);
        }
    });
    let ended = Run::default().with(&mut card);
    assert_eq!(
        (ended.kind(), ended.reason()),
        (OutcomeType::Declined, Some(Reason::AuthenticationFailed))
    );
}
