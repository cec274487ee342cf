//! Online processing, issuer authentication, completion.

use super::card::*;
use super::run::*;
use chipwright::config::Terminal;
use chipwright::field::TerminalType;
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::reason::Reason;
use chipwright::session::LinkError;
use chipwright_harness::CardChannel;

const APPROVED: (Conclusion, Authority) = (Conclusion::Approved, Authority::Online);

/// The data go to the card once, if the AIP says so and the issuer sent some. [B3 10.9, 6.5.4]
#[test]
fn the_issuer_is_authenticated_exactly_once() {
    let data = "1122334455667788 3030";
    let mut card = Card::online().aip("0400");
    let ended = Run::host(says(b"00").authentication(data)).with(&mut card);
    assert_eq!(card.only(EXTERNAL_AUTHENTICATE), hex(&format!("0082 0000 0A {data}")));
    assert_eq!(
        (ended.verdict(), ended.tvr(), ended.tsi()),
        (APPROVED, "8000000000".into(), "3800".into())
    );

    let mut card = Card::online();
    let ended = Run::host(says(b"00").authentication(data)).with(&mut card);
    assert!(card.sent(EXTERNAL_AUTHENTICATE).is_empty(), "the AIP does not say so");
    assert_eq!((ended.verdict(), ended.tsi()), (APPROVED, "2800".into()));

    let mut card = Card::online().aip("0400");
    let ended = Run::host(says(b"00")).with(&mut card);
    assert!(card.sent(EXTERNAL_AUTHENTICATE).is_empty(), "there is nothing to send");
    assert_eq!((ended.verdict(), ended.tsi()), (APPROVED, "2800".into()));
}

/// A card that does not believe the issuer: a result, and on it goes. [B3 10.9, 6.5.4]
#[test]
fn a_failed_issuer_authentication_is_a_result() {
    for word in [0x6300, 0x6985, 0x6283, 0x63C0, 0x6700, 0x6A81] {
        let mut card = Card::online()
            .aip("0400")
            .object(0x8D, "9505 8A02")
            .on(EXTERNAL_AUTHENTICATE, status(word));
        let ended = Run::host(says(b"00").authentication("1122334455667788")).with(&mut card);
        assert_eq!(card.sent(EXTERNAL_AUTHENTICATE).len(), 1);
        assert_eq!(card.only(ASK_TC)[5..12], hex("8000000040 3030"), "{word:04X}: in the list");
        assert_eq!(
            (ended.verdict(), ended.tvr(), ended.tsi()),
            (APPROVED, "8000000040".into(), "3800".into())
        );
        assert!(ended.reasons.contains(&(Reason::IssuerAuthenticationFailed, Some(0x91))));
    }
}

/// Without EXTERNAL AUTHENTICATE the data reach the card through its list. [B3 10.9]
#[test]
fn the_list_carries_the_issuers_data() {
    let mut card = Card::online().object(0x8D, "910A 8A02 8906");
    Run::host(says(b"00").authentication("1122334455667788 3030")).with(&mut card);
    assert_eq!(card.only(ASK_TC)[5..17], hex("1122334455667788 3030 3030"));
    // What it did not send is zero.
    let mut card = Card::online().object(0x8D, "910A 8A02");
    Run::host(says(b"05")).with(&mut card);
    assert_eq!(card.sent(ASK_AAC)[0][5..17], hex("00000000000000000000 3035"));
}

/// The issuer's code decides what is asked for and is never altered. [B3 10.9, 10.11; B4 A6]
#[test]
fn the_issuers_code_decides() {
    for (code, approves) in [
        (b"00", true),
        (b"10", true),
        (b"11", true),
        (b"05", false),
        (b"01", false),
        (b"Y3", false),
    ] {
        let mut card = Card::online();
        let ended = Run::host(says(code)).with(&mut card);
        let conclusion = if approves { Conclusion::Approved } else { Conclusion::Declined };
        assert_eq!(ended.verdict(), (conclusion, Authority::Online), "{code:?}");
        assert_eq!(card.sent("80AE")[1][2], if approves { 0x40 } else { 0x00 });
        assert_eq!((ended.object(0x8A), ended.authorisations), (hex::encode_upper(code), 1));
        assert!(!ended.outcome().reversal);
    }
}

/// The issuer approved and the card does not: the approval has to be undone. [B3 10.11; B4 12.2.1]
#[test]
fn an_approval_that_the_card_refuses_is_reversed() {
    let mut card = Card::online().on(ASK_TC, cryptogram(0x00));
    let ended = Run::host(says(b"00")).with(&mut card);
    assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Online));
    assert!(ended.outcome().reversal);
    let ended = Run::host(says(b"05")).with(&mut Card::online());
    assert!(!ended.outcome().reversal, "there is nothing to undo");
}

/// When the issuer cannot be reached the default codes decide; where every transaction is online,
/// it is declined. [B3 10.7; B4 6.3.8, A6]
#[test]
fn without_the_issuer_the_default_codes_decide() {
    let card = |default| Card::online().object(0x9F0D, default).object(0x8D, "8A02 9505 910A");
    let unreachable = || Run::host(Host::default());
    let authority = Authority::UnableToGoOnline;

    let mut approving = card("0000000000");
    let ended = unreachable().with(&mut approving);
    assert_eq!(
        (ended.verdict(), ended.object(0x8A)),
        ((Conclusion::Approved, authority), "5933".into())
    );
    assert_eq!(approving.only(ASK_TC)[5..22], hex("5933 8000000000 00000000000000000000"));
    assert!(approving.sent(EXTERNAL_AUTHENTICATE).is_empty());

    let ended = unreachable().with(&mut card("8000000000"));
    assert_eq!(
        (ended.verdict(), ended.object(0x8A)),
        ((Conclusion::Declined, authority), "5A33".into())
    );
    assert_eq!(ended.count("Unreachable"), 1);

    let terminal_type = TerminalType(0x21);
    let run = Run { host: Host::default(), ..Run::new(Terminal { terminal_type, ..TERMINAL }) };
    let ended = run.with(&mut card("0000000000"));
    assert_eq!(
        (ended.verdict(), ended.object(0x8A)),
        ((Conclusion::Declined, authority), "5A33".into())
    );
}

/// A transaction that ends before its time tells who decided by then. [B4 6.3.8]
#[test]
fn who_decides_is_known_at_every_end() {
    let failing = || Card::online().on(ASK_TC, status(0x6F00)).on(ASK_AAC, status(0x6F00));
    for (host, authority) in [
        (Host::default(), Authority::UnableToGoOnline),
        (says(b"00"), Authority::Online),
        (says(b"05"), Authority::Online),
    ] {
        let mut card = failing().object(0x9F0D, "0000000000");
        let ended = Run::host(host).with(&mut card);
        assert_eq!(ended.verdict(), (Conclusion::Terminated, authority));
        assert_eq!(ended.count("Ended"), 1);
    }
    let ended = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, status(0x6F00)));
    assert_eq!(ended.verdict(), (Conclusion::Terminated, Authority::Offline));
}

/// A code that the terminal set for a promise that the card did not keep does not outlive it: a
/// declined transaction does not say "approved offline". [B4 A6]
#[test]
fn the_terminals_code_says_what_became_of_the_transaction() {
    let ended = Run::new(TERMINAL).with(&mut Card::new().on(ASK_TC, cryptogram(0x00)));
    assert_eq!((ended.verdict().0, ended.object(0x8A)), (Conclusion::Declined, "5A31".into()));
    let mut card = Card::online().on(ASK_TC, cryptogram(0x00));
    let ended = Run::host(Host::default()).with(&mut card);
    assert_eq!((ended.verdict().0, ended.object(0x8A)), (Conclusion::Declined, "5A33".into()));
}

/// Whatever goes wrong between approval and TC, nothing is approved and the host is told.
/// [B3 10.11; B4 12.2.1]
#[test]
fn a_card_that_leaves_after_the_approval_gets_nothing() {
    struct Leaves(Card, usize);
    impl CardChannel for Leaves {
        fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
            if self.0.commands.len() == self.1 {
                return Err(LinkError::Removed);
            }
            self.0.transmit(command)
        }
    }
    let mut whole = Card::online().aip("0400");
    let run =
        || Run::host(says(b"00").authentication("1122334455667788").scripts("7106 8604 84240000"));
    assert_eq!(run().with(&mut whole).verdict(), APPROVED);
    for left in 0..whole.commands.len() {
        let ended = run().with(&mut Leaves(Card::online().aip("0400"), left));
        assert_eq!(ended.end(), Some(End::Link(LinkError::Removed)), "{left}");
        assert_eq!(ended.verdict().0, Conclusion::Terminated);
        assert_eq!(ended.outcome().reversal, ended.authorisations == 1, "{left}");
    }
}
