//! Records, dates and the exception file. [C7 4.6, 4.7]

use super::card::*;
use super::run::*;
use chipwright::config::History;
use chipwright::contactless::{OutcomeType, Reason};
use chipwright::value::{Amount, Date, Pan};

/// Every status word class at every record. [C7 4.6 status]
#[test]
fn a_record_that_is_not_given_ends_the_application() {
    for word in [
        0x0000, 0x6200, 0x6283, 0x6300, 0x6400, 0x6581, 0x6700, 0x6985, 0x6986, 0x6A83, 0x6D00,
        0x9001,
    ] {
        for record in ["00B2010C", "00B2020C"] {
            let mut card = Card::offline().on(record, status(word));
            let ended = Run::default().with(&mut card);
            assert_eq!(ended.kind(), OutcomeType::EndApplication, "{word:04X}");
            let expected = format!("status word {word:04X}, SFI 1 record {} (card)", &record[5..6]);
            assert_eq!(ended.fault(), expected);
        }
    }
}

/// [C7 4.6 template]
#[test]
fn a_record_of_the_scheme_is_a_template_70() {
    for (bytes, what) in [
        ("77 02 9F", "truncated"),
        ("77 05 9F08 02 0030", "template"),
        ("", "template"),
        ("70 00 70 00", "template"),
        ("70 05 9F08 02 00", "truncated"),
        ("70 05 9F08 03 0030", "truncated"),
    ] {
        let mut card = Card::offline().on("00B2010C", [hex(bytes), status(0x9000)].concat());
        let ended = Run::default().with(&mut card);
        assert_eq!(ended.kind(), OutcomeType::EndApplication, "{bytes}");
        let fault = ended.fault();
        assert!(fault.contains(what) && fault.contains("SFI 1 record 1"), "{bytes}: {fault}");
    }
    // Elsewhere anything goes, as long as nobody has to sign it.
    let mut card = Card::new()
        .option(0x94, "58010100")
        .on("00B2015C", [hex("DF01 00"), status(0x9000)].concat());
    assert_eq!(Run::default().with(&mut card).kind(), OutcomeType::OnlineRequest);
}

/// In the locator's order, each once. [C7 4.6]
#[test]
fn records_are_read_in_their_order() {
    let mut card = Card::new()
        .option(0x94, "10020300 08010100")
        .on("00B20214", answer(0x70, &[tlv(0x5A, PAN)]))
        .on("00B20314", answer(0x70, &[tlv(0x9F08, "0030")]))
        .on("00B2010C", answer(0x70, &[tlv(0x5F24, "491231")]));
    let ended = Run::default().with(&mut card);
    assert_eq!(ended.kind(), OutcomeType::OnlineRequest, "{}", ended.fault());
    assert_eq!(card.sent(READ), [hex("00B2021400"), hex("00B2031400"), hex("00B2010C00")]);
}

/// The card takes the money with the last record: an expired one is seen before.
/// [C7 4.6 before-last]
#[test]
fn an_expired_card_keeps_the_money() {
    let mut card = Simulated::builtin("quickpass-expired");
    let ended = Run::default().with(&mut card);
    assert_eq!((ended.kind(), ended.reason()), (OutcomeType::Declined, Some(Reason::Expired)));
    assert_eq!(card.card.balance(), Some(10_000));
    assert!(!card.commands.iter().any(|command| command.starts_with(&hex("00B2012C"))));
    // On its last day it is good.
    card.present();
    let last = Run { date: Date::new(2020, 12, 31).unwrap(), ..Run::default() };
    assert_eq!(last.with(&mut card).kind(), OutcomeType::Approved);
    assert_eq!(card.card.balance(), Some(9112));
}

/// A date that only the last record brings is still a date. [C7 4.7 expired]
#[test]
fn a_late_date_declines_as_well() {
    let mut card = Card::offline().records(&[&[(0x5A, PAN)], &[(0x5F24, "260114")]]);
    let ended = Run::default().with(&mut card);
    assert_eq!((ended.kind(), ended.reason()), (OutcomeType::Declined, Some(Reason::Expired)));
    assert_eq!(card.sent(READ).len(), 2);
}

/// Expired: online where the card wants it and the terminal can, for both kinds of cryptogram.
/// [C7 4.7 expired]
#[test]
fn an_expired_card_may_go_online() {
    use OutcomeType::{Declined, OnlineRequest};
    for (card, terminal, kind) in [
        ("0800", 0x36, OnlineRequest),
        ("0800", 0x3E, Declined),
        ("0000", 0x36, Declined),
        ("F700", 0x36, Declined),
    ] {
        for data in [TC, ARQC] {
            let mut expired = Card::offline()
                .option(0x9F10, data)
                .option(0x9F6C, card)
                .records(&[&[(0x5A, PAN), (0x5F24, "251231")], &[]]);
            let ended = Run::qualifiers([terminal, 0, 0, 0x80]).with(&mut expired);
            assert_eq!(ended.kind(), kind, "{card} {terminal:02X}");
            let reason = if kind == Declined { Reason::Expired } else { Reason::ExpiredOnline };
            assert!(ended.reasons.contains(&(reason, Some(0x5F24))), "{:?}", ended.reasons);
            assert_eq!(expired.sent(READ).len(), if kind == Declined { 1 } else { 2 });
        }
    }
}

/// With a setting, and without it. [C7 4.7 effective]
#[test]
fn a_date_of_effect_may_be_looked_at() {
    let card = || Card::new().records(&[&[(0x5F24, "491231"), (0x5F25, "260116")]]);
    let ended = Run::default().with(&mut card());
    assert_eq!(
        (ended.kind(), ended.reason()),
        (OutcomeType::Declined, Some(Reason::NotYetEffective))
    );
    let lax = Run::configured(|settings| settings.effective_date = false);
    assert_eq!(lax.with(&mut card()).kind(), OutcomeType::OnlineRequest);
    let first_day = Run { date: Date::new(2026, 1, 16).unwrap(), ..Run::default() };
    assert_eq!(first_day.with(&mut card()).kind(), OutcomeType::OnlineRequest);
}

/// A file with one account.
#[derive(Debug)]
struct File(&'static str, Option<u8>);

impl History for File {
    fn on_exception_file(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> bool {
        Pan::new(&hex(self.0)) == Some(pan) && (self.1.is_none() || self.1 == sequence_number)
    }
    fn logged_amount(&self, _: Pan<'_>, _: Option<u8>) -> Amount {
        Amount::ZERO
    }
}

/// By number and sequence number, from record or track, before the last record.
/// [C7 4.7 exception-file]
#[test]
fn listed_accounts_are_declined() {
    let listed = File(PAN, Some(1));
    let other = File("6228000100001118", None);
    let sequence = File(PAN, Some(2));
    let run = |history| Run { history: Some(history), ..Run::default() };
    for data in [ARQC, TC] {
        let mut card = Card::offline().option(0x9F10, data);
        let ended = run(&listed).with(&mut card);
        assert_eq!(
            (ended.kind(), ended.reason()),
            (OutcomeType::Declined, Some(Reason::OnExceptionFile))
        );
        assert_eq!(card.sent(READ).len(), 0, "the track tells before the first record");
    }
    assert_eq!(run(&other).with(&mut Card::new()).kind(), OutcomeType::OnlineRequest);
    assert_eq!(run(&sequence).with(&mut Card::new()).kind(), OutcomeType::OnlineRequest);
    // Account and number in records, in two of three.
    let mut card = Card::offline().without(0x57).without(0x5F34).records(&[
        &[(0x5A, PAN)],
        &[(0x5F34, "01")],
        &[(0x5F24, "491231")],
    ]);
    assert_eq!(run(&listed).with(&mut card).kind(), OutcomeType::Declined);
    assert_eq!(card.sent(READ).len(), 2, "as soon as both are known");
    // Without a sequence number there is none to wait for.
    let mut card = Card::offline().without(0x5F34);
    let ended = run(&File(PAN, None)).with(&mut card);
    assert_eq!((ended.kind(), card.sent(READ).len()), (OutcomeType::Declined, 2));
}
