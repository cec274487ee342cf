//! Combined dynamic data authentication and cryptogram generation, with real signatures.

use super::card::*;
use super::run::*;
use chipwright::config::{ActionCodes, Application, CombinedMode, Options};
use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::outcome::{Authority, Conclusion};
use chipwright::reason::Reason;

const CODES: &str = "action_codes = { denial = \"0000000000\", online = \"0000000000\", default = \"0000000000\" }\n";

/// A card for combined signatures, with more lines of its profile.
fn profile(more: &str) -> String {
    format!("authentication.methods = [\"cda\"]\n{CODES}{more}")
}

/// Someone who changes the answer to GENERATE AC number `which`, from 0.
fn forger(which: usize, change: impl Fn(&mut Vec<u8>)) -> impl FnMut(&[u8], &mut Vec<u8>) {
    let mut place = 0;
    move |command, answer| {
        if command[1] == 0xAE {
            if place == which {
                change(answer);
            }
            place += 1;
        }
    }
}

/// Where a value begins in an answer.
fn position(answer: &[u8], header: &[u8]) -> usize {
    answer.windows(header.len()).position(|bytes| bytes == header).unwrap() + header.len()
}

/// Flips a bit of the signature.
fn spoil_signature(answer: &mut [u8]) {
    let place = position(answer, &[0x9F, 0x4B, 0x81]);
    answer[place + 40] ^= 0x01;
}

/// What makes the terminal ask for an ARQC: the merchant wants it, and the terminal minds.
fn forced_online(run: &mut Run<'_>) {
    const ASKS: &[Application<'static>] = &[Application {
        action_codes: ActionCodes {
            denial: Tvr::EMPTY,
            online: Tvr::MERCHANT_FORCED_ONLINE,
            default: Tvr::ODA_NOT_PERFORMED,
        },
        ..APPLICATION
    }];
    run.force_online = true;
    run.terminal.applications = ASKS;
}

fn mode(combined_mode: CombinedMode) -> Options<'static> {
    Options { combined_mode, ..Options::DEFAULT }
}

/// A TC is asked for with a signature, which brings cryptogram and dynamic number.
/// [B2 6.6, 6.6.2; B3 6.5.5, 10.3]
#[test]
fn a_signed_tc_approves() {
    let mut card = Signing::new(&profile(""), nobody);
    let ended = signed(Options::DEFAULT, |_| (), &mut card);
    assert_eq!(ended.verdict(), (Conclusion::Approved, Authority::Offline), "{}", ended.fault());
    assert_eq!(
        (card.asked(), ended.tvr(), ended.tsi()),
        (vec![0x50], "0000000000".into(), "E800".into())
    );
    assert_eq!((ended.object(0x9F27), ended.object(0x9F26).len()), ("40".into(), 16));
    assert_eq!(ended.object(0x9F4C).len(), 16);
    assert_eq!(ended.count("Authenticated { method: Cda, result: Ok(())"), 1);
}

/// The signature covers the PDOL as well. [B2 6.6.1, 6.6.2; B2 6.6.2 kept]
#[test]
fn the_signature_covers_every_list() {
    let mut card =
        Signing::new(&profile("pdol = \"9F0206 9F3704\"\ncryptogram.first = \"arqc\"\n"), nobody);
    let ended = signed(Options::DEFAULT, |run| run.host = says(b"00"), &mut card);
    assert_eq!(ended.verdict(), (Conclusion::Approved, Authority::Online), "{}", ended.tvr());
    assert_eq!((card.asked(), ended.tvr().as_str()), (vec![0x50, 0x50], "0000000000"));
}

/// A TC whose signature fails is a refusal; there is no second GENERATE AC. [B2 6.6.2]
#[test]
fn a_tc_with_a_bad_signature_declines() {
    let spoilers: [fn(&mut Vec<u8>); 4] = [
        |answer| spoil_signature(answer),
        // The Issuer Application Data, which the transaction data hash covers.
        |answer| {
            let place = position(answer, &[0x9F, 0x10]);
            answer[place + 1] ^= 0x01;
        },
        // The transaction counter.
        |answer| {
            let place = position(answer, &[0x9F, 0x36, 2]);
            answer[place] ^= 0x01;
        },
        // A bit of the CID that says nothing about its type.
        |answer| {
            let place = position(answer, &[0x9F, 0x27, 1]);
            answer[place] ^= 0x10;
        },
    ];
    for (which, spoil) in spoilers.into_iter().enumerate() {
        let mut card = Signing::new(&profile(""), forger(0, spoil));
        let ended = signed(Options::DEFAULT, |_| (), &mut card);
        assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Offline), "{which}");
        assert_eq!((card.asked(), ended.authorisations), (vec![0x50], 0));
        assert_eq!((ended.tvr(), ended.tsi()), ("0400000000".into(), "E800".into()));
        assert!(ended.said(Reason::CombinedAuthenticationFailed));
        assert!(!ended.has(0x9F26), "an unproven cryptogram is none");
    }
}

/// An ARQC made into a TC on its way is noticed. [B2 6.6.2]
#[test]
fn an_arqc_made_into_a_tc_declines() {
    let mut card = Signing::new(
        &profile("cryptogram.first = \"arqc\"\n"),
        forger(0, |answer| {
            let place = position(answer, &[0x9F, 0x27, 1]);
            answer[place] = 0x40;
        }),
    );
    let ended = signed(Options::DEFAULT, |_| (), &mut card);
    assert_eq!((ended.verdict().0, ended.tvr()), (Conclusion::Declined, "0400000000".into()));
}

/// An ARQC whose signature fails is not sent to the issuer: the card is asked for an AAC at once,
/// by a code that says "declined offline". [B2 6.6.2; B4 A6]
#[test]
fn an_arqc_with_a_bad_signature_is_refused_at_once() {
    let mut card = Signing::new(
        &profile("cryptogram.first = \"arqc\"\n"),
        forger(0, |answer| spoil_signature(answer)),
    );
    let ended = signed(Options::DEFAULT, |run| run.host = says(b"00"), &mut card);
    assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Offline), "{}", ended.fault());
    assert_eq!((card.asked(), ended.authorisations), (vec![0x50, 0x00], 0));
    assert_eq!((ended.tvr(), ended.tsi()), ("0400000000".into(), "E800".into()));
    // CDOL2 is CDOL1 and the code.
    let second = card.commands.iter().rfind(|command| command[1] == 0xAE).unwrap();
    assert_eq!(second[second.len() - 3..second.len() - 1], *b"Z1");
    assert_eq!(ended.object(0x8A), "5A31");
}

/// Which cryptograms are asked for with a signature is the terminal's choice, save for a TC that
/// no issuer stands behind. Where an ARQC is not, its list says so, and the next one does not.
/// [B2 6.6; B3 10.3, 10.7]
#[test]
fn modes_choose_what_is_signed() {
    let rows = [
        (CombinedMode::Mode1, 0x90, 0x50),
        (CombinedMode::Mode2, 0x90, 0x40),
        (CombinedMode::Mode3, 0x80, 0x40),
        (CombinedMode::Mode4, 0x80, 0x50),
    ];
    for (combined_mode, first, second) in rows {
        for (host, second, authority) in [
            (says(b"00"), second, Authority::Online),
            (Host::default(), 0x50, Authority::UnableToGoOnline),
        ] {
            let mut card = Signing::new(&profile(""), nobody);
            let change = |run: &mut Run<'_>| {
                forced_online(run);
                run.host = host;
            };
            let ended = signed(mode(combined_mode), change, &mut card);
            assert_eq!(card.asked(), [first, second], "{combined_mode:?}");
            // The default codes mind a missing authentication: the bit is gone before they look.
            assert_eq!(ended.verdict(), (Conclusion::Approved, authority), "{combined_mode:?}");
            let lists: Vec<_> =
                card.commands.iter().filter(|c| c[1] == 0xAE).map(|c| c[19]).collect();
            let unsigned = first & 0x10 == 0;
            assert_eq!(
                lists,
                [if unsigned { 0x80 } else { 0x00 }, 0x00],
                "TVR byte 1 in the lists"
            );
            assert_eq!(ended.said(Reason::CombinedAuthenticationNotRequested), unsigned);
            assert_eq!(ended.tvr(), "0000000800");
            assert_eq!(ended.count("Cleared({ODA_NOT_PERFORMED})"), usize::from(unsigned));
            let performed = (first | second) & 0x10 != 0;
            assert_eq!(&ended.tsi()[..1], if performed { "E" } else { "6" }, "{combined_mode:?}");
        }
    }
}

/// An AAC is never asked for with a signature, and never expected to have one. [B2 6.6.2]
#[test]
fn a_refusal_is_not_signed() {
    let mut card = Signing::new(&profile("cryptogram.first = \"aac\"\n"), nobody);
    let ended = signed(Options::DEFAULT, |_| (), &mut card);
    assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Offline), "{}", ended.fault());
    assert_eq!((card.asked(), ended.tvr()), (vec![0x50], "0000000000".into()));

    let mut card = Signing::new(&profile("cryptogram.first = \"arqc\"\n"), nobody);
    let ended = signed(Options::DEFAULT, |run| run.host = says(b"05"), &mut card);
    assert_eq!((ended.verdict().0, card.asked()), (Conclusion::Declined, vec![0x50, 0x00]));
    assert_eq!(ended.tvr(), "0000000000");
}

/// The signature of the second cryptogram fails: a refusal, and the approval is undone.
/// [B2 6.6.2; B4 12.2.1]
#[test]
fn a_second_signature_that_fails_declines() {
    let mut card = Signing::new(
        &profile("cryptogram.first = \"arqc\"\n"),
        forger(1, |answer| spoil_signature(answer)),
    );
    let ended = signed(Options::DEFAULT, |run| run.host = says(b"00"), &mut card);
    assert_eq!(ended.verdict(), (Conclusion::Declined, Authority::Online));
    assert!(ended.outcome().reversal);
    assert_eq!((card.asked(), ended.tvr()), (vec![0x50, 0x50], "0400000000".into()));
}

/// A key that cannot be recovered fails the method before the decision, and no signature is asked
/// for. [B2 6.6, 6.3; B3 7.5, 10.3]
#[test]
fn without_a_key_no_signature_is_asked_for() {
    for (more, tvr) in [
        ("omit = [\"9F46\"]\n", "2400000000"),
        ("omit = [\"8F\"]\n", "2400000000"),
        ("objects = { 9F46 = \"00\" }\n", "0400000000"),
    ] {
        let mut card = Signing::new(&profile(more), nobody);
        let ended = signed(Options::DEFAULT, |_| (), &mut card);
        assert_eq!(
            (card.asked(), ended.tvr(), ended.tsi()),
            (vec![0x40], tvr.into(), "E800".into()),
            "{more}"
        );
        assert_eq!(ended.count("Authenticated { method: Cda, result: Err"), 1);
    }
}

/// An answer without its signature: in format 2 a mandatory object is missing, format 1 has no
/// place for it. [B2 6.6.2; B3 6.5.5]
#[test]
fn an_answer_without_signature() {
    let mut card = Signing::new(&profile(""), forger(0, |answer| *answer = cryptogram(0x40)));
    let ended = signed(Options::DEFAULT, |_| (), &mut card);
    assert_eq!(ended.fault(), "mandatory data object missing, tag 9F4B (card)");

    let plain = [object(0x80, &hex("40 0001 1122334455667788")), status(0x9000)].concat();
    let mut card = Signing::new(&profile(""), forger(0, move |answer| *answer = plain.clone()));
    let ended = signed(Options::DEFAULT, |_| (), &mut card);
    assert_eq!((ended.verdict().0, ended.tvr()), (Conclusion::Declined, "0400000000".into()));
}

/// Dynamic authentication in either format; a wrong signature is a result, a refused command the
/// end. [B2 6.5, 6.5.2; B3 6.5.9, 8.1]
#[test]
fn dynamic_authentication_in_either_format() {
    for format in [1, 2] {
        let profile = format!("format = {format}\nauthentication.methods = [\"dda\"]\n{CODES}");
        let mut card = Signing::new(&profile, nobody);
        let ended = signed(Options::DEFAULT, |_| (), &mut card);
        assert_eq!(
            (ended.verdict().0, ended.tvr()),
            (Conclusion::Approved, "0000000000".into()),
            "{format}"
        );
        assert_eq!((ended.tsi(), ended.object(0x9F4C).len()), ("E800".into(), 16));
        let internal = card.commands.iter().find(|command| command[1] == 0x88).unwrap();
        assert_eq!(hex::encode_upper(&internal[5..9]), ended.object(0x9F37));

        let spoil = |command: &[u8], answer: &mut Vec<u8>| {
            if command[1] == 0x88 {
                answer[60] ^= 1;
            }
        };
        let ended = signed(Options::DEFAULT, |_| (), &mut Signing::new(&profile, spoil));
        assert_eq!((ended.tvr(), ended.tsi()), ("0800000000".into(), "E800".into()));
        let refuse = |command: &[u8], answer: &mut Vec<u8>| {
            if command[1] == 0x88 {
                *answer = status(0x6985);
            }
        };
        let ended = signed(Options::DEFAULT, |_| (), &mut Signing::new(&profile, refuse));
        assert_eq!(ended.fault(), "status word 6985 (card)");
    }
    let bare = |command: &[u8], answer: &mut Vec<u8>| {
        if command[1] == 0x88 {
            *answer = hex("7703 9F4B00 9000");
        }
    };
    let profile = format!("authentication.methods = [\"dda\"]\n{CODES}");
    let ended = signed(Options::DEFAULT, |_| (), &mut Signing::new(&profile, bare));
    assert_eq!(ended.tvr(), "0800000000", "a signature of no length");
    let none = |command: &[u8], answer: &mut Vec<u8>| {
        if command[1] == 0x88 {
            *answer = hex("7704 9F4C 01 00 9000");
        }
    };
    let ended = signed(Options::DEFAULT, |_| (), &mut Signing::new(&profile, none));
    assert_eq!(ended.fault(), "mandatory data object missing, tag 9F4B (card)");
}

/// The card's list or the terminal's; one without the unpredictable number authenticates nothing.
/// [B2 6.5.1, 6.5.2]
#[test]
fn the_list_for_a_signature_asks_for_the_unpredictable_number() {
    let card = |ddol: &str| {
        format!("authentication = {{ methods = [\"dda\"], ddol = \"{ddol}\" }}\n{CODES}")
    };
    let no_default = |run: &mut Run<'_>| {
        const NONE: &[Application<'static>] = &[Application { default_ddol: None, ..APPLICATION }];
        run.terminal.applications = NONE;
    };
    let tvr = |ddol: &str, without_default: bool| {
        let mut card = Signing::new(&card(ddol), nobody);
        let change = |run: &mut Run<'_>| {
            if without_default {
                no_default(run);
            }
        };
        let ended = signed(Options::DEFAULT, change, &mut card);
        let sent = card.commands.iter().filter(|command| command[1] == 0x88).count();
        let default = ended.count("DefaultList(9F49)") == 1;
        assert_eq!(default, ddol.is_empty() && !without_default, "{ddol}");
        (ended.tvr(), sent)
    };
    assert_eq!(tvr("9F3704", true), ("0000000000".into(), 1));
    assert_eq!(tvr("9F0206 9F3704", true), ("0000000000".into(), 1));
    assert_eq!(tvr("", false), ("0000000000".into(), 1));
    assert_eq!(tvr("", true), ("0800000000".into(), 0));
    assert_eq!(tvr("9F0206", false), ("0800000000".into(), 0), "its own list counts");
}
