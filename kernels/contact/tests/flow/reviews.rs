//! Where the integrator looks in.

use super::card::*;
use super::run::*;
use chipwright::candidates::Candidates;
use chipwright::config::{Options, Reviews, Terminal};
use chipwright::database::Database;
use chipwright::dictionary::emv::{PAN as PAN_OBJECT, TRANSACTION_CURRENCY_CODE};
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::session::{Proceed, Review};
use chipwright::value::{Amount, Code};

const APPROVED: (Conclusion, Authority) = (Conclusion::Approved, Authority::Offline);

/// Runs `card` with someone who looks in at every place.
fn run(card: &mut Card, look: impl FnMut(Review, &mut Database<'_>) -> Proceed) -> Ended {
    let reviews = Reviews { candidates: true, records: true };
    let options = Options { reviews, ..Options::DEFAULT };
    let terminal = Terminal { options, ..TERMINAL };
    Run { look: Box::new(look), ..Run::new(terminal) }.with(card)
}

/// Candidates may be seen and given up; with none left there is no application. [B1 12.4]
#[test]
fn candidates_may_be_given_up() {
    let mut seen = Vec::new();
    let ended = run(&mut Card::new(), |review, data| {
        seen.push(review);
        if review == Review::Candidates {
            assert_eq!(Candidates::new(data).by_priority().count(), 1);
            Candidates::give_up(data, 0).unwrap();
        }
        Proceed::Continue
    });
    assert_eq!((ended.end(), seen), (Some(End::NoCommonApplication), vec![Review::Candidates]));
}

/// The card may be read and no more. [B4 6.3.1]
#[test]
fn reading_the_card_may_be_all() {
    for stop in [Review::Candidates, Review::Records] {
        let mut card = Card::new();
        let ended = run(&mut card, |review, data| {
            assert_eq!(data.bytes(PAN_OBJECT.tag).is_some(), review == Review::Records);
            if review == stop { Proceed::CardRead } else { Proceed::Continue }
        });
        assert_eq!((ended.verdict().0, ended.end()), (Conclusion::CardRead, Some(End::CardRead)));
        assert_eq!(card.sent(GPO).len(), usize::from(stop == Review::Records));
        assert!(card.sent("80AE").is_empty());
    }
}

/// An amount that is known late counts from then on: floor limit, rules, lists. [B4 6.3.1]
#[test]
fn an_amount_may_be_known_late() {
    let mut card = Card::new().object(0x8C, "9F0206 9F0306 8104 9505 5F2A02");
    let ended = run(&mut card, |review, data| {
        if review == Review::Records {
            let (amount, other) = (Amount::new(5000).unwrap(), Amount::new(700).unwrap());
            data.put_amounts(amount, other).unwrap();
            data.put(TRANSACTION_CURRENCY_CODE, Code::new(840).unwrap()).unwrap();
        }
        Proceed::Continue
    });
    assert_eq!((ended.verdict(), ended.tvr().as_str()), (APPROVED, "8000008000"));
    assert_eq!(card.only(ASK_TC)[5..28], hex("000000005000 000000000700 00001388 8000008000 0840"));
}

/// A refusal that is wanted asks the card for an AAC, whatever the checks find, and says so.
/// [B3 10.7; B4 A6]
#[test]
fn a_refusal_may_be_wanted() {
    let mut card = Card::online().object(0x8C, "8A02 9505");
    let ended = run(&mut card, |review, _| match review {
        Review::Records => Proceed::Decline,
        Review::Candidates => Proceed::Continue,
    });
    assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Offline));
    assert_eq!(ended.count("Reviewed { review: Candidates, proceed: Continue }"), 1);
    assert_eq!(ended.count("Reviewed { review: Records, proceed: Decline }"), 1);
    assert_eq!(card.only("80AE")[2..12], hex("0000 07 5A31 8000000000"));
    assert_eq!(
        ended.count("Decision { request: Aac"),
        1,
        "the decision is told: {:#?}",
        ended.told
    );
}

/// A refusal that is wanted before there is an application is not forgotten. [B3 10.7]
#[test]
fn a_refusal_wanted_early_is_kept() {
    let ended = run(&mut Card::new(), |review, _| match review {
        Review::Candidates => Proceed::Decline,
        Review::Records => Proceed::Continue,
    });
    assert_ne!(ended.verdict().0, Conclusion::Approved, "a refusal was wanted");
}

/// What the integrator spoils is not the card's fault. [B3 7.5]
#[test]
fn spoiled_terminal_data_are_the_terminals_fault() {
    let ended = run(&mut Card::new(), |_, data| {
        data.put_bytes(chipwright::tag::Tag(0x9F02), b"ten").unwrap();
        Proceed::Continue
    });
    assert!(ended.fault().ends_with("tag 9F02 (terminal)"), "{}", ended.fault());
}
