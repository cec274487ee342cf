//! Application selection.

use super::card::*;
use super::run::*;
use chipwright::config::{Application, Options, Terminal};
use chipwright::outcome::{Authority, Conclusion, End};

const APPROVED: (Conclusion, Authority) = (Conclusion::Approved, Authority::Offline);

/// SELECT an application of [`two`] by its whole name.
const FIRST: &str = "00A4040007A0000000031010";
const SECOND: &str = "00A4040007A0000000032010";

/// A card with two applications and no directory.
fn two() -> Card {
    let first = fci("A0000000031010", &[tlv(0x50, "4F4E45"), tlv(0x87, "01")]);
    let second = fci("A0000000032010", &[tlv(0x50, "54574F"), tlv(0x87, "02")]);
    Card::new()
        .on(SELECT_PSE, status(0x6A82))
        .on(SELECT_RID, first.clone())
        .on(SELECT_NEXT, second.clone())
        .on(SELECT_NEXT, status(0x6A82))
        .on(FIRST, first)
        .on(SECOND, second)
}

/// A terminal where nobody can be asked.
fn nobody_to_ask() -> Terminal<'static> {
    let options = Options { cardholder_selection: false, ..Options::DEFAULT };
    Terminal { options, ..TERMINAL }
}

/// A directory that lists the ordinary application.
fn directory() -> Card {
    Card::new()
        .on(SELECT_PSE, fci("315041592E5359532E4444463031", &[tlv(0x88, "01")]))
        .on("00B2010C", answer(0x70, &[entry(AID)]))
        .on("00B2010C", answer(0x70, &[record()]))
        .on("00B2020C", status(0x6A83))
}

fn entry(name: &str) -> Vec<u8> {
    object(0x61, &[tlv(0x4F, name), tlv(0x50, "54455354")].concat())
}

/// The content of the application's record: the directory uses the same file number.
fn record() -> Vec<u8> {
    [
        tlv(0x5A, PAN),
        tlv(0x5F24, "491231"),
        tlv(0x8C, "9505"),
        tlv(0x8D, "8A02"),
        tlv(0x9F0F, "0000000000"),
    ]
    .concat()
}

/// With a directory nothing is tried by name. [B1 12.3.2]
#[test]
fn the_directory_is_enough() {
    let mut card = directory();
    assert_eq!(Run::new(TERMINAL).with(&mut card).verdict(), APPROVED);
    assert!(card.sent(SELECT_RID).is_empty());
}

/// Whatever is wrong with the directory, the list of AIDs is tried, and what the directory said
/// before is forgotten. [B1 12.3.2, 12.3.3]
#[test]
fn a_faulty_directory_is_none() {
    let pse = |more: &[Vec<u8>]| fci("315041592E5359532E4444463031", more);
    let good = || Card::new().on(SELECT_PSE, pse(&[tlv(0x88, "0A")]));
    let other = answer(0x70, &[entry("A0000000039999")]);
    let cards = [
        ("no directory", Card::new().on(SELECT_PSE, status(0x6A82))),
        ("blocked", Card::new().on(SELECT_PSE, status(0x6283))),
        ("another status", Card::new().on(SELECT_PSE, status(0x6F00))),
        ("no file", Card::new().on(SELECT_PSE, pse(&[]))),
        ("file 0", Card::new().on(SELECT_PSE, pse(&[tlv(0x88, "00")]))),
        ("file 11", Card::new().on(SELECT_PSE, pse(&[tlv(0x88, "0B")]))),
        ("no FCI", Card::new().on(SELECT_PSE, hex("7000 9000"))),
        ("empty", good().on("00B20154", status(0x6A83))),
        ("no record", good().on("00B20154", status(0x6A82))),
        ("no template", good().on("00B20154", hex("7700 9000"))),
        (
            "nothing known",
            good()
                .on("00B20154", answer(0x70, &[entry("A000000004")]))
                .on("00B20254", status(0x6A83)),
        ),
        ("later status", good().on("00B20154", other.clone()).on("00B20254", status(0x6281))),
        ("later template", good().on("00B20154", other.clone()).on("00B20254", hex("8000 9000"))),
        (
            "later entry",
            good()
                .on("00B20154", other.clone())
                .on("00B20254", answer(0x70, &[hex("61 05 4F 07 A000")])),
        ),
        (
            "later name",
            good().on("00B20154", other).on("00B20254", answer(0x70, &[entry("A0000003")])),
        ),
    ];
    for (what, mut card) in cards {
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!(ended.verdict(), APPROVED, "{what}: {}", ended.fault());
        assert_eq!(ended.object(0x9F06), AID, "{what}");
        assert_eq!(card.sent(SELECT_RID).len(), 1, "{what}");
        assert!(ended.offered.is_empty(), "{what}: one candidate, nothing to ask");
    }
}

/// A blocked directory is none, however good it looks, and nothing of it is read.
/// [B1 12.3.2 pse-blocked]
#[test]
fn a_blocked_directory_is_none() {
    let mut pse = fci("315041592E5359532E4444463031", &[tlv(0x88, "0A")]);
    pse.truncate(pse.len() - 2);
    pse.extend(status(0x6283));
    let mut card = Card::new()
        .on(SELECT_PSE, pse)
        .on("00B20154", answer(0x70, &[entry("A0000000039999")]))
        .on("00B20254", status(0x6A83));
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!((ended.verdict(), ended.object(0x9F06).as_str()), (APPROVED, AID));
    assert!(card.sent("00B20154").is_empty());
    assert_eq!(card.sent(SELECT_RID).len(), 1);
}

/// What is given up on the way is told, and is not what ends the transaction. [B1 12.3.2, 12.3.3,
/// 12.4; B3 10.1]
#[test]
fn what_is_given_up_is_told() {
    let given_up = |card: &mut Card| {
        let ended = Run::new(TERMINAL).with(card);
        assert_eq!(ended.count("Fault"), 0, "{}", ended.fault());
        ended.told.into_iter().filter(|told| told.starts_with("GivenUp")).collect::<Vec<_>>()
    };
    assert_eq!(given_up(&mut Card::new()), [""; 0]);
    for (mut card, words) in [
        (Card::new().on(SELECT_PSE, hex("7000 9000")), "Template"),
        (
            Card::new().on(SELECT_PSE, fci("315041592E5359532E4444463031", &[])),
            "Missing, tag: Some(88)",
        ),
        (Card::new().on(SELECT_RID, hex("7000 9000")), "Template"),
    ] {
        let told = given_up(&mut card);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(words), "{told:?}");
    }
    let whole = format!("00A4040007{AID}");
    for (last, words) in [
        (status(0x6A82), "Status(6A82)"),
        (hex("7000 9000"), "Template"),
        (fci("A0000000031011", &[]), "Format, tag: Some(84)"),
    ] {
        let told = given_up(&mut Card::new().on(&whole, last));
        assert!(told.len() == 1 && told[0].contains(words), "{told:?}");
    }
    let mut card = two().on(GPO, status(0x6985));
    let ended = Run { choices: vec![Some(0)], ..Run::new(TERMINAL) }.with(&mut card);
    assert_eq!(ended.count("GivenUp(Fault { cause: Status(6985)"), 1);
}

/// What is left out for want of room is told: candidates, applications of the terminal.
/// [B1 12.3]
#[test]
fn what_is_left_out_is_told() {
    let names: Vec<_> = (0..40u8).map(|n| entry(&format!("A00000000310{n:02X}"))).collect();
    let mut card = Card::new()
        .on(SELECT_PSE, fci("315041592E5359532E4444463031", &[tlv(0x88, "02")]))
        .on("00B20114", answer(0x70, &names[..10]))
        .on("00B20214", answer(0x70, &names[10..20]))
        .on("00B20314", answer(0x70, &names[20..30]))
        .on("00B20414", answer(0x70, &names[30..]))
        .on("00B20514", status(0x6A83));
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!((ended.count("LeftOut(Candidate)"), ended.count("Candidate {")), (8, 32));

    let mut applications = vec![Application::new(&[0xB0; 5]); 256];
    applications.push(APPLICATION);
    let terminal = Terminal { applications: &applications, ..TERMINAL };
    let ended = Run::new(terminal).with(&mut Card::new());
    assert_eq!(ended.count("LeftOut(Applications)"), 1);
    assert_eq!(ended.end(), Some(End::NoCommonApplication));
    let ended = Run::new(terminal).with(&mut directory());
    assert_eq!(ended.count("LeftOut(Applications)"), 2, "by the directory, and by the list");
}

/// 6A81 on the first SELECT of either method ends the session; later it is one name less.
/// [B1 12.3.2, 12.3.3]
#[test]
fn a_blocked_card_ends_the_session() {
    let mut card = Card::new().on(SELECT_PSE, status(0x6A81));
    assert_eq!(Run::new(TERMINAL).with(&mut card).end(), Some(End::CardBlocked));
    let mut card = Card::new().on(SELECT_RID, status(0x6A81));
    assert_eq!(Run::new(TERMINAL).with(&mut card).end(), Some(End::CardBlocked));

    let mut card = Card::new().on("00A4040005A000000004", status(0x6A81));
    let applications = [APPLICATION, Application::new(&[0xA0, 0, 0, 0, 4])];
    let ended = Run::new(Terminal { applications: &applications, ..TERMINAL }).with(&mut card);
    assert_eq!(ended.verdict(), APPROVED);
    let mut card = Card::new().on(SELECT_RID, status(0x6A82));
    assert_eq!(Run::new(TERMINAL).with(&mut card).end(), Some(End::NoCommonApplication));
}

/// Next occurrences are asked for until there is none, by a name that may be longer; a blocked
/// application is none. [B1 12.3.1, 12.3.3; B1 12.3.1 match]
#[test]
fn names_that_begin_alike_are_found_one_after_the_other() {
    let mut card = two();
    let ended = Run { choices: vec![Some(1)], ..Run::new(TERMINAL) }.with(&mut card);
    assert_eq!(ended.offered, [["A0000000031010", "A0000000032010"]]);
    assert_eq!((ended.verdict(), ended.object(0x9F06).as_str()), (APPROVED, "A0000000032010"));

    // The first is blocked: it is not offered, and the search goes on behind it.
    let blocked = [fci("A0000000031010", &[])[..13].to_vec(), status(0x6283)].concat();
    let mut card = Card::new()
        .on(SELECT_RID, blocked)
        .on(SELECT_NEXT, fci("A0000000032010", &[]))
        .on(SELECT_NEXT, status(0x6A82))
        .on(SECOND, fci("A0000000032010", &[]));
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!(ended.object(0x9F06), "A0000000032010", "{}", ended.fault());

    // A terminal that takes the exact name only does not look for longer ones.
    let exact = [Application { partial_match: false, ..APPLICATION }];
    let mut card = two();
    let ended = Run::new(Terminal { applications: &exact, ..TERMINAL }).with(&mut card);
    assert_eq!(ended.end(), Some(End::NoCommonApplication));
    assert!(card.sent(SELECT_NEXT).is_empty());
    let exact = [Application { aid: &[0xA0, 0, 0, 0, 3, 0x10, 0x10], ..exact[0] }];
    let ended = Run::new(Terminal { applications: &exact, ..TERMINAL }).with(&mut two());
    assert_eq!(ended.object(0x9F06), AID, "{}", ended.fault());
}

/// Without anybody to ask, priority decides among those that need no confirmation. [B1 12.4]
#[test]
fn priority_decides_where_nobody_can_be_asked() {
    let ended = Run::new(nobody_to_ask()).with(&mut two());
    assert_eq!((ended.verdict(), ended.object(0x9F06).as_str()), (APPROVED, AID));
    let mut card = two_with("81", "02");
    let ended = Run::new(nobody_to_ask()).with(&mut card);
    assert_eq!(ended.object(0x9F06), "A0000000032010", "the first needs confirmation");
    let ended = Run::new(nobody_to_ask()).with(&mut two_with("81", "82"));
    assert_eq!(ended.end(), Some(End::NotConfirmed));
}

fn two_with(first: &str, second: &str) -> Card {
    let first = fci("A0000000031010", &[tlv(0x87, first)]);
    let second = fci("A0000000032010", &[tlv(0x87, second)]);
    Card::new()
        .on(SELECT_RID, first.clone())
        .on(SELECT_NEXT, second.clone())
        .on(SELECT_NEXT, status(0x6A82))
        .on(FIRST, first)
        .on(SECOND, second)
}

/// A single application that needs confirmation is not selected without it. [B1 12.4]
#[test]
fn confirmation_is_asked_for() {
    let card = || Card::new().in_fci(&[tlv(0x87, "81")]);
    let ended = Run { choices: vec![Some(0)], ..Run::new(TERMINAL) }.with(&mut card());
    assert_eq!((ended.verdict(), ended.offered.len()), (APPROVED, 1));
    for choice in [None, Some(7)] {
        let ended = Run { choices: vec![choice], ..Run::new(TERMINAL) }.with(&mut card());
        assert_eq!(ended.end(), Some(End::NotConfirmed), "{choice:?}");
    }
    assert_eq!(Run::new(nobody_to_ask()).with(&mut card()).end(), Some(End::NotConfirmed));
}

/// An application whose answer to the last SELECT is not what it should be makes room for the
/// next; what the cardholder chose is not replaced silently. [B1 12.4, 11.3.4]
#[test]
fn the_last_select_must_name_what_was_chosen() {
    let wrong = [
        status(0x6A82),
        [fci("A0000000031010", &[])[..13].to_vec(), status(0x6283)].concat(),
        fci("A0000000031099", &[]),
        fci("A0000000032010", &[]),
        hex("6F00 9000"),
        fci("A0000000031010", &[tlv(0x84, AID)]),
        fci("A0000000031010", &[hex("9F3803 9F02")]),
    ];
    for answer in wrong {
        let card = || {
            let second = fci("A0000000032010", &[]);
            Card::new()
                .on(SELECT_RID, fci("A0000000031010", &[tlv(0x5F2D, "6465")]))
                .on(SELECT_NEXT, second.clone())
                .on(SELECT_NEXT, status(0x6A82))
                .on(FIRST, answer.clone())
                .on(SECOND, second)
        };
        let ended = Run::new(nobody_to_ask()).with(&mut card());
        assert_eq!(ended.object(0x9F06), "A0000000032010", "{answer:02X?} {}", ended.fault());
        let choices = vec![Some(0), Some(1)];
        let ended = Run { choices, ..Run::new(TERMINAL) }.with(&mut card());
        assert_eq!(ended.offered.len(), 2, "the one that is left is offered again");
        assert_eq!((ended.verdict(), ended.object(0x9F06).as_str()), (APPROVED, "A0000000032010"));
        let ended = Run { choices: vec![Some(0), None], ..Run::new(TERMINAL) }.with(&mut card());
        assert_eq!(ended.end(), Some(End::NotConfirmed));
    }
}

/// Conditions of use not satisfied: back to the list, without this application and everything it
/// said. [B3 10.1; B4 6.3.1]
#[test]
fn an_application_that_refuses_leaves_nothing_behind() {
    let second = fci("A0000000032010", &[tlv(0x50, "54574F")]);
    let first = fci(
        "A0000000031010",
        &[tlv(0x50, "4F4E45"), tlv(0x5F2D, "6465"), tlv(0x9F38, "9F0206"), tlv(0x9F11, "01")],
    );
    let card = || {
        Card::new()
            .on(SELECT_RID, first.clone())
            .on(SELECT_NEXT, second.clone())
            .on(SELECT_NEXT, status(0x6A82))
            .on(FIRST, first.clone())
            .on(SECOND, second.clone())
            .on(GPO, status(0x6985))
            .on(GPO, hex("8006 0000 08010100 9000"))
    };
    let mut without = card();
    let ended = Run::new(nobody_to_ask()).with(&mut without);
    assert_eq!((ended.verdict(), ended.object(0x9F06).as_str()), (APPROVED, "A0000000032010"));
    assert_eq!(without.sent(GPO)[1], hex("80A8 0000 02 8300 00"), "the second has no PDOL");
    assert_eq!(
        (ended.object(0x50).as_str(), ended.object(0x84).as_str()),
        ("54574F", "A0000000032010")
    );
    assert!(!ended.has(0x5F2D) && !ended.has(0x9F38) && !ended.has(0x9F11));
    assert_eq!(ended.tvr(), "8000000000");

    // Chosen by the cardholder, it is not replaced behind their back.
    let ended = Run { choices: vec![Some(0), Some(1)], ..Run::new(TERMINAL) }.with(&mut card());
    assert_eq!((ended.offered.len(), ended.verdict()), (2, APPROVED));
    // The last one to refuse leaves none.
    let mut card = Card::new().on(GPO, status(0x6985));
    assert_eq!(Run::new(TERMINAL).with(&mut card).end(), Some(End::NoCommonApplication));
}

/// What the terminal has configured for an application goes with it. [B3 10.1; B4 10]
#[test]
fn the_terminals_data_for_an_application_go_with_it() {
    let first = Application {
        aid: &[0xA0, 0, 0, 0, 3, 0x10, 0x10],
        floor_limit: 1,
        data: &[0x9F, 0x1D, 1, 0x55, 0x9F, 0x15, 2, 0x11, 0x11],
        ..APPLICATION
    };
    let second = Application { aid: &[0xA0, 0, 0, 0, 3, 0x20, 0x10], ..APPLICATION };
    let applications = [first, second];
    let data = [0x9F, 0x15, 2, 0x54, 0x11];
    let terminal = Terminal { applications: &applications, data: &data, ..nobody_to_ask() };
    let mut card = Card::new()
        .on(FIRST, fci("A0000000031010", &[]))
        .on(SECOND, fci("A0000000032010", &[]))
        .on(GPO, status(0x6985))
        .on(GPO, hex("8006 0000 08010100 9000"));
    let ended = Run::new(terminal).with(&mut card);
    assert_eq!(ended.object(0x9F06), "A0000000032010");
    assert_eq!(ended.object(0x9F1B), "00001388", "the floor limit of the second");
    assert_eq!(ended.object(0x9F1D), "", "of the first, and of no concern any more");
    assert_eq!(ended.object(0x9F15), "5411", "the terminal's own");
}

/// Display items of the wrong length count as absent and end nothing. [B1 12.2.4]
#[test]
fn display_items_end_nothing() {
    let mut card = Card::new().in_fci(&[
        tlv(0x50, ""),
        tlv(0x9F12, "4142434445464748494A4B4C4D4E4F505152"),
        tlv(0x9F11, "0101"),
        tlv(0x5F2D, "64"),
        tlv(0x87, "0101"),
    ]);
    let ended = Run::new(TERMINAL).with(&mut card);
    assert_eq!(ended.verdict(), APPROVED, "{}", ended.fault());
    assert!([0x50, 0x9F12, 0x9F11, 0x5F2D, 0x87].iter().all(|tag| !ended.has(*tag)));
    // One to sixteen characters are shown, each object in its own place.
    let shown = |label: &str, name: &str| {
        let items = [tlv(0x87, "81"), tlv(0x50, label), tlv(0x9F12, name), tlv(0x9F11, "01")];
        let run = Run { choices: vec![Some(0)], ..Run::new(TERMINAL) };
        let ended = run.with(&mut Card::new().in_fci(&items));
        assert_eq!(ended.verdict(), APPROVED, "{}", ended.fault());
        ended.labels[0].clone()
    };
    let sixteen = "4142434445464748494A4B4C4D4E4F50";
    assert_eq!(shown("41", sixteen), ["41", sixteen]);
    assert_eq!(shown(sixteen, "42"), [sixteen, "42"]);
    assert_eq!(shown(&format!("{sixteen}51"), ""), ["", ""]);
    assert_eq!(shown("", &format!("{sixteen}51")), ["", ""]);
}
