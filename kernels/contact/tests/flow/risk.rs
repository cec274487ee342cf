//! Terminal risk management and processing restrictions, as parts of a transaction.

use super::card::*;
use super::run::*;
use chipwright::config::{Application, History, RandomSelection, Terminal, TransactionType};
use chipwright::field::{AdditionalTerminalCapabilities, TerminalType};
use chipwright::outcome::Conclusion;
use chipwright::reason::Reason;
use chipwright::value::{Amount, Pan};

#[derive(Debug)]
struct Remembers {
    listed: bool,
    logged: u64,
}

impl History for Remembers {
    fn on_exception_file(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> bool {
        assert_eq!(Some(pan), Pan::new(&hex(PAN)));
        assert_eq!(sequence_number, Some(0x01));
        self.listed
    }
    fn logged_amount(&self, pan: Pan<'_>, _: Option<u8>) -> Amount {
        assert_eq!(Some(pan), Pan::new(&hex(PAN)));
        Amount::new(self.logged).unwrap()
    }
}

fn with_history(listed: bool, logged: u64) -> Ended {
    let history = Remembers { listed, logged };
    let run = Run { history: Some(&history), ..Run::new(TERMINAL) };
    run.with(&mut Card::new().object(0x5F34, "01"))
}

/// The exception file and the log of the same account count. [B3 10.6.1; B4 6.3.5]
#[test]
fn the_terminal_remembers_accounts() {
    let ended = with_history(true, 0);
    assert_eq!((ended.tvr().as_str(), ended.said(Reason::OnExceptionFile)), ("9000000000", true));
    let ended = with_history(false, 3999);
    assert_eq!(
        (ended.tvr().as_str(), ended.said(Reason::FloorLimitReached)),
        ("8000000000", false)
    );
    let ended = with_history(false, 4000);
    assert_eq!((ended.tvr().as_str(), ended.said(Reason::FloorLimitReached)), ("8000008000", true));
    let ended = with_history(false, 999_999_999_999);
    assert_eq!((ended.tvr().as_str(), ended.tsi().as_str()), ("8000008000", "2800"));
}

/// The floor limit is reached at equality; the merchant may force a transaction online; random
/// selection is for terminals that can go online, below the floor limit. [B3 10.6, 10.6.1, 10.6.2]
/// [B3 10.6.2 offline-only]
#[test]
fn what_speaks_for_going_online() {
    let always = RandomSelection { target: 99, maximum: 99, threshold: 0 };
    let applications = [Application { random_selection: always, ..APPLICATION }];
    let random = Terminal { applications: &applications, ..TERMINAL };
    let offline = Terminal { terminal_type: TerminalType(0x23), ..random };
    let tvr = |terminal, amount, force_online| {
        let run = Run { amount, force_online, ..Run::new(terminal) };
        run.with(&mut Card::new()).tvr()
    };
    assert_eq!(tvr(TERMINAL, 4999, false), "8000000000");
    assert_eq!(tvr(TERMINAL, 5000, false), "8000008000");
    assert_eq!(tvr(TERMINAL, 1, true), "8000000800");
    assert_eq!(tvr(random, 1, false), "8000001000");
    assert_eq!(tvr(random, 4999, false), "8000001000");
    assert_eq!(tvr(random, 5000, false), "8000008000", "no draw beyond the limit");
    assert_eq!(tvr(offline, 1, false), "8000000000");
}

/// A counter as GET DATA gives it.
fn counter(tag: u32, value: &str) -> Vec<u8> {
    [tlv(tag, value), status(0x9000)].concat()
}

/// Velocity is checked where the card has both limits, by the card's counters. A counter that it
/// does not give is missing data as well. [B3 10.6.3, 7.3, 7.5; B3 10.6.3 both-limits]
#[test]
fn velocity_is_checked_by_the_cards_counters() {
    let limits = || Card::new().object(0x9F14, "02").object(0x9F23, "04");
    let counters = |atc: &str, last: &str| {
        limits().on("80CA9F36", counter(0x9F36, atc)).on("80CA9F13", counter(0x9F13, last))
    };
    let rows = [
        (counters("0012", "0010"), "8000000000"),
        (counters("0013", "0010"), "8000004000"),
        (counters("0014", "0010"), "8000004000"),
        (counters("0015", "0010"), "8000006000"),
        (counters("0010", "0010"), "8000006000"),
        (counters("000F", "0010"), "8000006000"),
        (counters("0001", "0000"), "8008000000"),
        (counters("FFFF", "0000"), "8008006000"),
        (counters("0000", "0000"), "8008006000"),
        // Missing: both limits count as exceeded, and the card's data as missing.
        (limits(), "A000006000"),
        (limits().on("80CA9F36", counter(0x9F36, "0012")), "A000006000"),
        (limits().on("80CA9F13", counter(0x9F13, "0012")), "A000006000"),
        (limits().on("80CA9F13", counter(0x9F13, "0000")), "A008006000"),
        (counters("12", "0010"), "A000006000"),
        (
            limits()
                .on("80CA9F36", counter(0x9F13, "0012"))
                .on("80CA9F13", counter(0x9F13, "0010")),
            "A000006000",
        ),
        // One limit alone asks for nothing.
        (Card::new().object(0x9F14, "00"), "8000000000"),
        (Card::new().object(0x9F23, "00"), "8000000000"),
    ];
    for (place, (mut card, tvr)) in rows.into_iter().enumerate() {
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!(ended.tvr(), tvr, "row {place}: {:?}", ended.reasons);
        let asked = card.sent("80CA").len();
        assert_eq!(asked, if place < 15 { 2 } else { 0 }, "row {place}");
    }
}

/// Version, usage, country, dates. [B3 10.4.1, 10.4.2, 10.4.3]
#[test]
fn restrictions_leave_results() {
    let rows = [
        (Card::new().object(0x9F08, "0096"), "00"),
        (Card::new().object(0x9F08, "0095"), "80"),
        (Card::new().object(0x5F25, "260115"), "00"),
        (Card::new().object(0x5F25, "260116"), "20"),
        (Card::new().object(0x5F24, "260115"), "00"),
        (Card::new().object(0x5F24, "260114"), "40"),
        (Card::new().object(0x9F07, "0100").object(0x5F28, "0276"), "10"),
        (Card::new().object(0x9F07, "2100").object(0x5F28, "0276"), "00"),
        (Card::new().object(0x9F07, "0900").object(0x5F28, "0276"), "00"),
        (Card::new().object(0x9F07, "2100").object(0x5F28, "0250"), "10"),
        (Card::new().object(0x9F07, "0500").object(0x5F28, "0250"), "00"),
        (Card::new().object(0x9F07, "FE00").object(0x5F28, "0276"), "10"), // not for terminals
        (Card::new().object(0x9F07, "0100"), "00"), // no country to hold it against
    ];
    for (place, (mut card, byte)) in rows.into_iter().enumerate() {
        let ended = Run::new(TERMINAL).with(&mut card);
        assert_eq!(ended.tvr(), format!("80{byte}000000"), "row {place}");
    }
    // Cash and cashback; an ATM.
    let usage = |usage: &str| Card::new().object(0x9F07, usage).object(0x5F28, "0276");
    let tvr = |terminal, kind, other, usage_control: &str| {
        Run { kind, other, ..Run::new(terminal) }.with(&mut usage(usage_control)).tvr()[2..4]
            .to_owned()
    };
    let atm = Terminal {
        terminal_type: TerminalType(0x14),
        additional_capabilities: AdditionalTerminalCapabilities([0x80, 0, 0xF0, 0x30, 1]),
        ..TERMINAL
    };
    assert_eq!(tvr(TERMINAL, TransactionType::ManualCash, 0, "8100"), "00");
    assert_eq!(tvr(TERMINAL, TransactionType::ManualCash, 0, "7F00"), "10");
    assert_eq!(tvr(atm, TransactionType::UnattendedCash, 0, "8200"), "00");
    assert_eq!(tvr(atm, TransactionType::UnattendedCash, 0, "8100"), "10");
    assert_eq!(tvr(TERMINAL, TransactionType::Cashback, 200, "2180"), "00");
    assert_eq!(tvr(TERMINAL, TransactionType::Cashback, 200, "2140"), "10");
    assert_eq!(tvr(TERMINAL, TransactionType::Refund, 0, "0100"), "00");
}

/// A date that does not exist ends the transaction. [B3 7.5 dates]
#[test]
fn impossible_dates_end_the_transaction() {
    for tag in [0x5F24, 0x5F25] {
        for date in ["301301", "300001", "300100", "300132", "300431", "300229", "30011A"] {
            let mut card = Card::new().object(tag, date);
            let ended = Run::new(TERMINAL).with(&mut card);
            assert_eq!(ended.fault(), format!("format error, tag {tag:04X} (card)"), "{date}");
            assert!(card.sent("80AE").is_empty());
        }
        let ended = Run::new(TERMINAL).with(&mut Card::new().object(tag, "280229"));
        assert_eq!(ended.verdict().0, Conclusion::Approved);
    }
}

/// An account number that is none ends the transaction, whatever the terminal remembers.
/// [B3 7.5]
#[test]
fn an_account_number_must_be_one() {
    let ended = Run::new(TERMINAL).with(&mut Card::new().object(0x5A, "4761F39001010119"));
    assert_eq!(ended.verdict().0, Conclusion::Terminated);
    assert_eq!(ended.fault(), "format error, tag 5A (card)");
}
