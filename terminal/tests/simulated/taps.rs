//! Taps with Kernel 7 and real cryptograms: terminal and host agree.

use crate::{By, Course, Mode, State, run_by, state};
use chipwright::config::TransactionType;
use chipwright::field::CryptogramType;
use chipwright::outcome::{Authority, Conclusion};
use chipwright_card::builtin;

fn tap(card: &str, mode: Mode, amount: u64) -> Course {
    run_by(By::Field, card, mode, TransactionType::Purchase, amount)
}

#[test]
fn what_the_issuer_says_of_a_tap_is_in_its_books() {
    use Authority::{Offline, Online, UnableToGoOnline};
    use Conclusion::{Approved, Declined};
    let (small, large) = (8_88, 120_000);
    for (card, mode, amount, ended, booked) in [
        ("quickpass-debit", Mode::Approve, small, (Approved, Online), Some(State::Settled)),
        ("quickpass-debit", Mode::Approve, large, (Approved, Online), Some(State::Settled)),
        ("quickpass-debit", Mode::Decline, small, (Declined, Online), Some(State::Declined)),
        ("quickpass-debit", Mode::Unreachable, small, (Declined, UnableToGoOnline), None),
        ("quickpass-phone", Mode::Approve, large, (Approved, Online), Some(State::Settled)),
        ("quickpass-quasi-credit", Mode::Approve, large, (Approved, Online), Some(State::Settled)),
        ("quickpass-offline", Mode::Decline, small, (Approved, Offline), Some(State::Settled)),
        ("quickpass-offline", Mode::Approve, 25_000, (Approved, Online), Some(State::Settled)),
        ("quickpass-offline", Mode::Approve, large, (Declined, Offline), None),
        ("quickpass-expired", Mode::Approve, small, (Declined, Offline), None),
    ] {
        let course = tap(card, mode, amount);
        let record = course.record;
        let found = ((record.conclusion, record.authority), state(&course));
        assert_eq!(found, (ended, booked), "{card} {amount}: {record:?}");
        assert!(!record.duties.reversal, "{card} {amount}");
    }
}

#[test]
fn a_signature_is_asked_for_and_a_pin_goes_to_the_issuer() {
    let course = tap("quickpass-credit", Mode::Approve, 120_000);
    assert!(course.record.signature);
    assert_eq!(course.shown, [0x14, 0x15, 0x17, 0x1B, 0x1A]);
    let course = tap("quickpass-pin", Mode::Approve, 8_88);
    assert_eq!(course.shown, [0x14, 0x15, 0x17, 0x1B, 0x09, 0x0E, 0x1B, 0x03]);
    assert_eq!(state(&course), Some(State::Settled));
}

/// Every card whose signature is broken in some way.
#[test]
fn a_broken_signature_is_no_sale() {
    let broken = builtin().iter().filter(|card| card.name.starts_with("quickpass-broken"));
    let mut count = 0;
    for card in broken {
        let course = tap(card.name, Mode::Approve, 8_88);
        let ended = (course.record.conclusion, state(&course));
        assert_eq!(ended, (Conclusion::Declined, None), "{}", card.name);
        assert!(!course.shown.contains(&0x03), "{}", card.name);
        count += 1;
    }
    assert!(count >= 8, "{count}");
}

/// A tap that fails to sign is made good in the slot, and the host has one sale.
#[test]
fn a_tap_that_leads_to_the_slot_is_one_sale() {
    let kind = TransactionType::Purchase;
    let course = run_by(By::Either, "dual-application", Mode::Approve, kind, 8_88);
    let ended = (course.record.conclusion, course.record.authority, course.record.sequence);
    assert_eq!(ended, (Conclusion::Approved, Authority::Online, 2));
    assert_eq!((course.host.book().len(), state(&course)), (1, Some(State::Settled)));
    let verification = course.record.details.verification.unwrap();
    assert_ne!(verification.code, 0x1F, "the slot verifies anew");
}

#[test]
fn a_refund_by_tap_is_settled_with_the_request_that_nobody_heard() {
    let kind = TransactionType::Refund;
    let course = run_by(By::Field, "quickpass-debit", Mode::Decline, kind, 8_88);
    assert_eq!(course.record.conclusion, Conclusion::CardRead);
    assert_eq!(state(&course), Some(State::Settled));
    assert!(course.shown.ends_with(&[0x17]));
    // A card that could pay alone is not let: its balance stays.
    let course = run_by(By::Field, "quickpass-offline", Mode::Decline, kind, 8_88);
    let cryptogram = course.record.details.cryptogram_information.unwrap().cryptogram();
    assert_eq!(cryptogram, Some(CryptogramType::Arqc));
    assert_eq!((course.record.conclusion, course.balance), (Conclusion::CardRead, Some(10_000)));
}
