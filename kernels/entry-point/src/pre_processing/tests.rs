use super::*;
use chipwright::config::Terminal;
use chipwright::contactless::KernelId;
use chipwright::crypto::{Crypto, Random, RandomFailed};
use chipwright::field::{TerminalCapabilities, TerminalType};
use chipwright::value::{Code, Date};
use chipwright_rustcrypto::RustCrypto;

#[derive(Debug)]
struct Fours;

impl Random for Fours {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomFailed> {
        out.fill(4);
        Ok(())
    }
}

const fn units(amount: u64) -> Option<Amount> {
    Amount::new(amount)
}

fn prepare(combination: Combination<'_>, amount: u64) -> Prepared {
    prepare_as(combination, amount, false)
}

fn prepare_as(combination: Combination<'_>, amount: u64, force_online: bool) -> Prepared {
    with_transaction(amount, |purchase| {
        combination.prepare(&Transaction { force_online, ..purchase })
    })
}

fn with_transaction<T>(amount: u64, then: impl FnOnce(Transaction<'_>) -> T) -> T {
    let code = Code::new(978).unwrap();
    let terminal = Terminal::new(TerminalType(0x22), TerminalCapabilities::EMPTY, code);
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Fours };
    let date = Date::new(2026, 11, 25).unwrap();
    let amount = Amount::new(amount).unwrap();
    then(Transaction::purchase(&terminal, crypto, amount, code, date))
}

fn plain() -> Combination<'static> {
    Combination::new(&[0xA0, 0, 0, 3, 0x33], KernelId::new(7))
}

/// Up to twelve digits, as an amount.
#[test]
fn a_unit_has_as_many_minor_units_as_the_currency_says() {
    let of = |currency_exponent| {
        with_transaction(1, |purchase| unit(&Transaction { currency_exponent, ..purchase }))
    };
    let expected = [(0, units(1)), (2, units(100)), (3, units(1000)), (11, units(100_000_000_000))];
    for (exponent, amount) in expected {
        assert!(amount.is_some());
        assert_eq!(of(exponent), amount);
    }
    assert_eq!([12, 13, 20, 255].map(of), [None; 4]);
}

/// What is not configured is not checked. [B 3.1, 3.1.1.1]
#[test]
fn without_limits_nothing_is_indicated() {
    let prepared = prepare(plain(), 999_999_999_999);
    assert_eq!(prepared, Prepared { indicators: Indicators::default(), qualifiers: None });
}

/// The limits differ in what happens at the limit itself.
/// [B 3.1.1.5; B 3.1.1.6; B 3.1.1.7; B 3.1.1.8]
#[test]
fn limits_are_reached_or_exceeded() {
    let transaction = Combination { transaction_limit: units(100), ..plain() };
    let refused = |amount| prepare(transaction, amount).indicators.application_not_allowed;
    assert_eq!([99, 100, 101].map(refused), [false, true, true]);

    let verified = Combination { cvm_required_limit: units(100), ..plain() };
    let verify = |amount| prepare(verified, amount).indicators.cvm_required_limit_exceeded;
    assert_eq!([99, 100, 101].map(verify), [false, true, true]);

    let floor = Combination { floor_limit: units(100), terminal_floor_limit: Some(5), ..plain() };
    let exceed = |amount| prepare(floor, amount).indicators.floor_limit_exceeded;
    assert_eq!([99, 100, 101].map(exceed), [false, false, true]);

    let other = Combination { terminal_floor_limit: Some(100), ..plain() };
    let exceed = |amount| prepare(other, amount).indicators.floor_limit_exceeded;
    assert_eq!([99, 100, 101].map(exceed), [false, false, true]);
}

/// One unit of the currency, and nothing near it. [B 3.1.1.3]
#[test]
fn one_unit_asks_for_the_status() {
    let asked = |flag, amount| {
        let combination = Combination { status_check: flag, ..plain() };
        prepare(combination, amount).indicators.status_check_requested
    };
    assert_eq!([99, 100, 101].map(|n| asked(Some(true), n)), [false, true, false]);
    assert!(!asked(Some(false), 100) && !asked(None, 100));
}

/// [B 3.1.1.4]
#[test]
fn zero_is_allowed_unless_it_is_not() {
    let zero = |flag| {
        let combination = Combination { zero_amount_allowed: flag, ..plain() };
        let indicators = prepare(combination, 0).indicators;
        (indicators.zero_amount, indicators.application_not_allowed)
    };
    assert_eq!(zero(None), (true, false));
    assert_eq!(zero(Some(true)), (true, false));
    assert_eq!(zero(Some(false)), (false, true));
    assert!(!prepare(plain(), 1).indicators.zero_amount);
}

/// Bits of one transaction are cleared, then set by what was found.
/// [B 3.1.1.2; B 3.1.1.9; B 3.1.1.10; B 3.1.1.11; B 3.1.1.12]
#[test]
fn qualifiers_follow_the_indicators() {
    let every = Ttq([0x36, 0xE0, 0x00, 0x80]);
    let with = |change: fn(Combination<'static>) -> Combination<'static>, amount| {
        let combination = change(Combination { qualifiers: Some(every), ..plain() });
        prepare(combination, amount).qualifiers.unwrap().0[1]
    };
    assert_eq!(with(|c| c, 50), 0x20);
    assert_eq!(with(|c| Combination { floor_limit: units(10), ..c }, 50), 0xA0);
    assert_eq!(with(|c| Combination { status_check: Some(true), ..c }, 100), 0xA0);
    assert_eq!(with(|c| c, 0), 0xA0);
    assert_eq!(with(|c| Combination { cvm_required_limit: units(10), ..c }, 50), 0x60);
}

/// A reader that is never online takes no zero amounts. [B 3.1.1.11]
#[test]
fn zero_is_not_for_offline_readers() {
    let offline = Some(Ttq::EMV_MODE | Ttq::OFFLINE_ONLY);
    let prepared = prepare(Combination { qualifiers: offline, ..plain() }, 0);
    assert!(prepared.indicators.application_not_allowed);
    assert_eq!(prepared.qualifiers, offline);
}

/// [C7 3 no-floor-limit]
#[test]
fn a_missing_floor_limit_may_mean_online() {
    let fixed = Some(Ttq::EMV_MODE);
    let online = |floor_limit, terminal_floor_limit, online_without_floor_limit| {
        let combination = Combination {
            qualifiers: fixed,
            floor_limit,
            terminal_floor_limit,
            online_without_floor_limit,
            ..plain()
        };
        let qualifiers = prepare(combination, 50).qualifiers.unwrap();
        qualifiers.contains(Ttq::ONLINE_CRYPTOGRAM_REQUIRED)
    };
    assert!(online(None, None, true));
    assert!(!online(None, None, false));
    assert!(!online(units(100), None, true) && !online(None, Some(100), true));
}

/// The merchant's wish to go online needs no limit. [B4 6.5.3]
#[test]
fn a_merchant_forces_an_online_cryptogram() {
    let combination = Combination { qualifiers: Some(Ttq::EMV_MODE), ..plain() };
    let online = |forced| {
        let qualifiers = prepare_as(combination, 1, forced).qualifiers.unwrap();
        qualifiers.contains(Ttq::ONLINE_CRYPTOGRAM_REQUIRED)
    };
    assert_eq!([false, true].map(online), [false, true]);
}
