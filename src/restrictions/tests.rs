use super::*;
use crate::config::Options;
use crate::database::Repeat;
use crate::dictionary::emv::TRANSACTION_DATE;
use crate::dictionary::{EMV, Source};
use crate::event::{Event, Events, Sink};
use crate::fault::{Blame, Cause, Fault};
use crate::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use crate::tag::Tag;
use crate::value::Code;
use TransactionType::{Cashback, Inquiry, ManualCash, Purchase, Refund, UnattendedCash};
use core::cell::RefCell;

const KINDS: [TransactionType; 6] =
    [Purchase, ManualCash, UnattendedCash, Cashback, Refund, Inquiry];
const HOME: u16 = 528;

#[derive(Default)]
struct Noted(RefCell<Vec<(Reason, Option<Tag>)>>);

impl Sink for Noted {
    fn event(&self, event: &Event<'_>) {
        if let Event::Result { reason, tag } = event {
            self.0.borrow_mut().push((*reason, *tag));
        }
    }
}

fn terminal(terminal_type: u8, cash: bool) -> Terminal<'static> {
    Terminal {
        terminal_type: TerminalType(terminal_type),
        capabilities: TerminalCapabilities([0xE0, 0xF8, 0xC8]),
        additional_capabilities: AdditionalTerminalCapabilities([
            if cash { 0xF0 } else { 0x70 },
            0,
            0,
            0,
            0,
        ]),
        country: Code::new(HOME).unwrap(),
        ifd_serial_number: *b"12345678",
        data: &[],
        applications: &[],
        keys: &[],
        revocations: &[],
        options: Options::DEFAULT,
    }
}

/// Objects by tag; what the card and the terminal know.
type Objects<'o> = &'o [(u32, &'o [u8])];

const TODAY: (u32, &[u8]) = (0x9A, &[0x25, 0x05, 0x11]);
const EXPIRES: (u32, &[u8]) = (0x5F24, &[0x25, 0x05, 0x11]);

/// The bits set and the reasons with their objects, or the fault.
#[allow(clippy::type_complexity)]
fn restrict(
    objects: Objects<'_>,
    terminal: &Terminal<'_>,
    kind: TransactionType,
    cashback: bool,
) -> Result<([u8; 5], Vec<(Reason, Option<Tag>)>), Fault> {
    let mut memory = [0; 192];
    let mut data = Database::new(&mut memory);
    for (tag, value) in objects {
        match EMV.entry(Tag(*tag)).map(|entry| entry.source()) {
            Some(Source::Card) => data.put_card(Tag(*tag), value, Repeat::Refuse).unwrap(),
            _ => data.put_bytes(Tag(*tag), value).unwrap(),
        }
    }
    let noted = Noted::default();
    let mut findings = Findings::new(Events::to(&noted));
    let processed = process(&data, terminal, kind, cashback, &mut findings);
    data.told(processed.map(|Restricted(())| ()))?;
    let bits = findings.bits().0;
    Ok((bits, noted.0.into_inner()))
}

/// The bits at a shop's terminal for a purchase.
fn bits(objects: Objects<'_>) -> Result<[u8; 5], Fault> {
    restrict(objects, &terminal(0x22, true), Purchase, false).map(|(bits, _)| bits)
}

/// What usage control forbids. Rows: who asks, and which bits of the two bytes allow it at home
/// and abroad; any of them will do.
fn forbidden(
    usage: u16,
    atm: bool,
    domestic: Option<bool>,
    kind: TransactionType,
    cashback: bool,
) -> Vec<Reason> {
    let cash = matches!(kind, ManualCash | UnattendedCash);
    let purchase = matches!(kind, Purchase | Cashback);
    let country = domestic.is_some();
    [
        (atm, 0x0200, 0x0200, Reason::NotForThisKindOfTerminal),
        (!atm, 0x0100, 0x0100, Reason::NotForThisKindOfTerminal),
        (country && cash, 0x8000, 0x4000, Reason::CashNotAllowed),
        (country && purchase, 0x2000 | 0x0800, 0x1000 | 0x0400, Reason::GoodsAndServicesNotAllowed),
        (country && cashback, 0x0080, 0x0040, Reason::CashbackNotAllowed),
    ]
    .into_iter()
    .filter(|(asked, home, abroad, _)| {
        let mask = if domestic == Some(false) { *abroad } else { *home };
        *asked && usage & mask == 0
    })
    .map(|(.., reason)| reason)
    .collect()
}

/// [B3 10.4.2 country; B3 10.4.2 cash; B3 10.4.2 cashback; B3 C2]
#[test]
fn usage_control_agrees_with_the_table_for_every_usage() {
    // Ten bits mean something; the six others are reserved, and nobody looks at them.
    for usage in 0..1u16 << 10 {
        let usage = usage >> 2 << 8 | (usage & 3) << 6;
        for reserved in [0x00, 0x3F] {
            let bytes = (usage | reserved).to_be_bytes();
            for (domestic, country) in
                [(None, None), (Some(true), Some([0x05, 0x28])), (Some(false), Some([0x08, 0x40]))]
            {
                let mut objects = vec![TODAY, EXPIRES, (0x9F07, &bytes[..])];
                objects.extend(country.as_ref().map(|code| (0x5F28, &code[..])));
                for kind in KINDS {
                    for cashback in [false, true] {
                        for (terminal_type, atm) in [(0x15, true), (0x25, false)] {
                            let terminal = terminal(terminal_type, true);
                            let (bits, noted) =
                                restrict(&objects, &terminal, kind, cashback).unwrap();
                            let expected = forbidden(usage, atm, domestic, kind, cashback);
                            let set = if expected.is_empty() { 0 } else { 0x10 };
                            let about = format!("{usage:04X} {domestic:?} {kind:?} {cashback}");
                            assert_eq!(bits, [0, set, 0, 0, 0], "{about}");
                            let expected: Vec<_> = expected
                                .into_iter()
                                .map(|reason| (reason, Some(Tag(0x9F07))))
                                .collect();
                            assert_eq!(noted, expected, "{about}");
                        }
                    }
                }
            }
        }
    }
}

/// [B3 10.4.2 cashback]
#[test]
fn cashback_is_not_measured_with_the_bits_for_cash() {
    let usage = |bytes: &[u8], country: &[u8], kind, cashback| {
        let objects = [TODAY, EXPIRES, (0x9F07, bytes), (0x5F28, country)];
        let (bits, _) = restrict(&objects, &terminal(0x22, true), kind, cashback).unwrap();
        bits[1] == 0
    };
    let (home, abroad) = ([0x05, 0x28], [0x02, 0x76]);
    assert!(usage(&[0x3D, 0x80], &home, Cashback, true));
    assert!(!usage(&[0xFD, 0x40], &home, Cashback, true));
    assert!(usage(&[0x3D, 0x40], &abroad, Cashback, true));
    assert!(!usage(&[0xFD, 0x80], &abroad, Cashback, true));
    // And cash is not measured with the bits for cashback.
    assert!(!usage(&[0x3D, 0xC0], &home, ManualCash, false));
    assert!(usage(&[0x81, 0x00], &home, ManualCash, false));
}

/// [B3 10.4.2 purchase]
#[test]
fn goods_or_services_suffice_for_a_purchase() {
    for (byte, home, abroad) in [
        (0x21, true, false),
        (0x09, true, false),
        (0x11, false, true),
        (0x05, false, true),
        (0xC3, false, false),
    ] {
        for (country, allowed) in [([0x05, 0x28], home), ([0x02, 0x50], abroad)] {
            let bytes = [byte, 0xC0];
            let objects = [TODAY, EXPIRES, (0x9F07, &bytes[..]), (0x5F28, &country)];
            assert_eq!(bits(&objects).unwrap()[1] == 0, allowed, "{byte:02X} {country:02X?}");
        }
    }
}

/// [B3 10.4.2 terminal]
#[test]
fn only_unattended_cash_machines_of_a_bank_are_atms() {
    for terminal_type in (0x11..=0x16).chain(0x21..=0x26).chain(0x34..=0x36) {
        for cash in [false, true] {
            let terminal = terminal(terminal_type, cash);
            let atm = cash && matches!(terminal_type, 0x14..=0x16);
            for (usage, right) in [([0x02, 0], atm), ([0x01, 0], !atm), ([0x03, 0], true)] {
                let objects = [TODAY, EXPIRES, (0x9F07, &usage[..])];
                let (bits, _) = restrict(&objects, &terminal, Inquiry, false).unwrap();
                assert_eq!(bits[1] == 0, right, "{terminal_type:02X} {cash} {usage:02X?}");
            }
        }
    }
}

#[test]
fn without_usage_control_everything_is_allowed() {
    let objects = [TODAY, EXPIRES, (0x5F28, &[0x05, 0x28][..])];
    for kind in KINDS {
        for terminal_type in [0x14, 0x22] {
            let terminal = terminal(terminal_type, true);
            assert_eq!(restrict(&objects, &terminal, kind, true).unwrap().0, [0; 5], "{kind:?}");
        }
    }
}

/// [B3 10.4.1 differs]
#[test]
fn versions_fit_when_equal_or_when_the_card_has_none() {
    let ours = (0x9F09, &[0x13, 0x13][..]);
    for (card, differ) in [
        (None, false),
        (Some([0x13, 0x13]), false),
        (Some([0x13, 0x12]), true),
        (Some([0x13, 0x14]), true),
        (Some([0x12, 0x13]), true),
        (Some([0x00, 0x00]), true),
    ] {
        let mut objects = vec![TODAY, EXPIRES, ours];
        objects.extend(card.as_ref().map(|version| (0x9F08, &version[..])));
        let (bits, noted) = restrict(&objects, &terminal(0x22, true), Purchase, false).unwrap();
        assert_eq!(bits, [0, if differ { 0x80 } else { 0 }, 0, 0, 0], "{card:02X?}");
        let reason = (Reason::ApplicationVersionsDiffer, Some(Tag(0x9F08)));
        assert_eq!(noted, if differ { vec![reason] } else { vec![] });
    }
}

/// [B3 10.4.3 effective; B3 10.4.3 expired]
#[test]
fn a_card_is_good_from_its_first_day_to_its_last() {
    // Ascending, over the turn of the century that two digits hide.
    const DAYS: [[u8; 3]; 9] = [
        [0x50, 0x01, 0x01],
        [0x99, 0x12, 0x31],
        [0x00, 0x01, 0x01],
        [0x09, 0x10, 0x10],
        [0x10, 0x09, 0x09],
        [0x24, 0x02, 0x29],
        [0x24, 0x03, 0x01],
        [0x25, 0x01, 0x31],
        [0x49, 0x12, 0x31],
    ];
    for (today, date) in DAYS.iter().enumerate() {
        for (last, expiration) in DAYS.iter().enumerate() {
            let late = if today > last { 0x40 } else { 0 };
            let mut objects = vec![(0x9A, &date[..]), (0x5F24, &expiration[..])];
            assert_eq!(bits(&objects), Ok([0, late, 0, 0, 0]), "{date:02X?} {expiration:02X?}");
            for (first, effective) in DAYS.iter().enumerate() {
                let early = if today < first { 0x20 } else { 0 };
                objects.push((0x5F25, &effective[..]));
                assert_eq!(
                    bits(&objects),
                    Ok([0, late | early, 0, 0, 0]),
                    "{date:02X?} {expiration:02X?} {effective:02X?}"
                );
                objects.pop();
            }
        }
    }
}

#[test]
fn names_the_date_that_decided() {
    let objects = [
        (0x9A, &[0x25, 0x05, 0x11][..]),
        (0x5F24, &[0x25, 0x05, 0x10]),
        (0x5F25, &[0x25, 0x05, 0x12]),
    ];
    let (_, noted) = restrict(&objects, &terminal(0x22, true), Purchase, false).unwrap();
    assert_eq!(
        noted,
        [
            (Reason::BeforeEffectiveDate, Some(Tag(0x5F25))),
            (Reason::AfterExpirationDate, Some(Tag(0x5F24))),
        ]
    );
}

#[test]
fn a_card_without_an_expiration_date_ends_the_transaction() {
    assert_eq!(bits(&[TODAY]), Err(Fault::missing(Tag(0x5F24))));
}

#[test]
fn ill_formed_card_data_ends_the_transaction_and_is_named() {
    let good: [(u32, &[u8]); 7] = [
        TODAY,
        EXPIRES,
        (0x5F25, &[0x25, 0x05, 0x11]),
        (0x5F28, &[0x05, 0x28]),
        (0x9F07, &[0xFF, 0xC0]),
        (0x9F08, &[0x00, 0x01]),
        (0x9F09, &[0x00, 0x01]),
    ];
    assert_eq!(bits(&good), Ok([0; 5]));
    let wrong: [(u32, &[&[u8]]); 5] = [
        (
            0x5F24,
            &[
                &[0x25, 0x00, 0x10],
                &[0x25, 0x13, 0x10],
                &[0x25, 0x02, 0x29],
                &[0x25, 0x05, 0x00],
                &[0x25, 0x05, 0x32],
                &[0x2A, 0x05, 0x10],
                &[0x25, 0x05, 0x1F],
                &[0xFF, 0xFF, 0xFF],
                &[0x25, 0x05],
                &[0x25, 0x05, 0x10, 0x00],
                &[],
            ],
        ),
        (0x5F25, &[&[0x25, 0x13, 0x01], &[0x23, 0x02, 0x29], &[0x00, 0x00, 0x00], &[0x25], &[]]),
        (0x5F28, &[&[0x15, 0x28], &[0x05, 0x2A], &[0x28], &[0x00, 0x05, 0x28], &[]]),
        (0x9F07, &[&[0xFF], &[0xFF, 0xC0, 0x00], &[]]),
        (0x9F08, &[&[0x01], &[0x00, 0x00, 0x01], &[]]),
    ];
    for (tag, values) in wrong {
        for value in values {
            let mut objects = good;
            let place = objects.iter().position(|(other, _)| *other == tag).unwrap();
            objects[place].1 = value;
            let fault = bits(&objects).unwrap_err();
            assert_eq!(fault, Fault::format(Tag(tag)), "{value:02X?}");
            assert_eq!((fault.cause, fault.blame()), (Cause::Format, Blame::Card));
        }
    }
}

/// [B3 10.4; B4 6.3.3]
#[test]
fn agrees_with_published_cases() {
    // From the test data of openemv/emv-utils.
    type Case = (u8, TransactionType, &'static [(u32, &'static [u8])], u8);
    let cases: [Case; 6] = [
        (0x22, Purchase, &[TODAY, (0x9F08, &[0x13, 0x10]), EXPIRES], 0x80),
        (0x15, Purchase, &[TODAY, (0x9F07, &[0xFD, 0xC0]), EXPIRES], 0x10),
        (
            0x22,
            Purchase,
            &[
                TODAY,
                (0x9F08, &[0x13, 0x13]),
                (0x9F07, &[0xD7, 0xC0]),
                (0x5F28, &[0x05, 0x28]),
                EXPIRES,
                (0x5F25, &[0x25, 0x05, 0x11]),
            ],
            0x10,
        ),
        (
            0x22,
            Purchase,
            &[(0x9A, &[0x25, 0x05, 0x10]), EXPIRES, (0x5F25, &[0x25, 0x05, 0x11])],
            0x20,
        ),
        (
            0x22,
            Purchase,
            &[(0x9A, &[0x25, 0x05, 0x12]), EXPIRES, (0x5F25, &[0x25, 0x05, 0x11])],
            0x40,
        ),
        (
            0x22,
            ManualCash,
            &[
                TODAY,
                (0x9F08, &[0x13, 0x14]),
                (0x9F07, &[0x7F, 0xC0]),
                (0x5F28, &[0x05, 0x28]),
                (0x5F24, &[0x25, 0x05, 0x10]),
                (0x5F25, &[0x25, 0x05, 0x12]),
            ],
            0xF0,
        ),
    ];
    for (terminal_type, kind, objects, expected) in cases {
        let mut objects = objects.to_vec();
        objects.push((0x9F09, &[0x13, 0x13]));
        let (bits, _) = restrict(&objects, &terminal(terminal_type, true), kind, false).unwrap();
        assert_eq!(bits, [0, expected, 0, 0, 0], "{objects:02X?}");
    }
}

#[test]
fn a_terminal_without_a_date_cannot_judge() {
    let fault = bits(&[EXPIRES]).unwrap_err();
    assert_eq!(fault.tag, Some(TRANSACTION_DATE.tag));
}
