//! Offline data authentication. [C7 6.1, 6.2]

use super::card::*;
use super::run::*;
use chipwright::contactless::{CardholderVerification as Cvm, OutcomeType, Reason};
use chipwright::oda::{Check, Failure, Part};
use chipwright_c7::{Signature, SignedDataFormat};

/// Where authentication failed.
fn failure(ended: &Ended) -> (Part, Check, Option<u32>) {
    match ended.authentications.as_slice() {
        [Err(Failure { part, check, tag })] => (*part, *check, tag.map(|tag| tag.0)),
        other => panic!("{other:?}"),
    }
}

/// Every way in which a card is broken. [C7 6.1 covered, related-data]
#[test]
fn every_broken_card_fails_where_it_is_broken() {
    let signature = Part::DynamicSignature;
    for (name, expected) in [
        ("signature", (signature, Check::Hash, None)),
        ("number", (signature, Check::Hash, None)),
        ("amount", (signature, Check::Hash, None)),
        ("related-length", (signature, Check::Length, Some(0x9F69))),
        ("version", (signature, Check::Version, Some(0x9F69))),
        ("qualifiers", (signature, Check::TransactionData, Some(0x9F6C))),
        ("certificate", (Part::IccCertificate, Check::Trailer, None)),
        ("profile", (signature, Check::NotSupported, Some(0x82))),
        ("record", (Part::IccCertificate, Check::StaticData, None)),
    ] {
        let mut card = Simulated::builtin(&format!("quickpass-broken-{name}"));
        let ended = Run::default().with(&mut card);
        assert_eq!(failure(&ended), expected, "{name}");
        assert_eq!(ended.kind(), OutcomeType::Declined, "{name}");
        assert!(!ended.authenticated && !ended.has(0x9F4C), "{name}");
        // Anywhere: no other reader approves either.
        for first in [0x20, 0x26, 0x36, 0x28, 0x3E] {
            card.present();
            let ended = Run::qualifiers([first, 0, 0, 0x80]).with(&mut card);
            assert_ne!(ended.kind(), OutcomeType::Approved, "{name}");
        }
    }
}

/// What the signature has to cover is told, in order. [C7 6.1 covered]
#[test]
fn what_the_signature_covers_is_told() {
    let covered = |ended: &Ended| {
        let told = ended.told.iter().filter(|event| event.starts_with("Covered"));
        told.cloned().collect::<Vec<_>>().join(" ")
    };
    let ended = Run::default().with(&mut Simulated::offline(""));
    let expected = "Covered(9F37) Covered(9F02) Covered(5F2A) Covered(9F69)";
    assert_eq!(covered(&ended), expected);
    let run = Run::configured(|settings| settings.signature.version_0 = true);
    let old = "quickpass.signature_version = 0\nversion = 0x0020";
    assert_eq!(covered(&run.with(&mut Simulated::offline(old))), "Covered(9F37)");
}

/// What is there and good is needed, one by one. [C7 6.1]
#[test]
fn nothing_of_the_chain_may_be_missing() {
    for (tag, part, check) in [
        ("8F", Part::CaKey, Check::Missing),
        ("90", Part::IssuerCertificate, Check::Missing),
        ("9F32", Part::IssuerCertificate, Check::Missing),
        ("9F46", Part::IccCertificate, Check::Missing),
        ("9F47", Part::IccCertificate, Check::Missing),
        ("9F48", Part::IccCertificate, Check::Missing),
        ("9F4B", Part::DynamicSignature, Check::Missing),
    ] {
        let ended = Run::default().with(&mut Simulated::offline(&format!("omit = ['{tag}']")));
        let (failed, found, _) = failure(&ended);
        assert_eq!((failed, found), (part, check), "{tag}");
        assert_eq!(ended.kind(), OutcomeType::Declined);
    }
    let ended = Run::default().with(&mut Simulated::offline("omit = ['9F69', '9F08']"));
    assert_eq!(failure(&ended).1, Check::Version, "no related data, no version 01");
    let unknown =
        [chipwright::config::CaPublicKey { rid: [9; 5], index: 1, modulus: &[3], exponent: &[3] }];
    let ended = Run { keys: &unknown, ..Run::default() }.with(&mut Simulated::offline(""));
    assert_eq!(failure(&ended), (Part::CaKey, Check::KeyUnknown, Some(0x8F)));
}

/// The profile, before anything else. [C7 6.1 aip]
#[test]
fn the_profile_promises_the_signature() {
    for (aip, approved) in [("2000", true), ("3000", true), ("5F80", false), ("0000", false)] {
        let ended = Run::default().with(&mut Simulated::offline(&format!("aip = '{aip}'")));
        assert_eq!(ended.kind() == OutcomeType::Approved, approved, "{aip}");
    }
}

/// By the card's application version, unless the setting does without. [C7 6.1
/// application-version]
#[test]
fn the_application_version_tells_which_signature_counts() {
    let lax = Signature { by_application_version: false, ..signature() };
    for (version, strict) in
        [("version = 0x0030", true), ("version = 0x0020", false), ("omit = ['9F08']", false)]
    {
        let ended = Run::default().with(&mut Simulated::offline(version));
        assert_eq!(ended.kind() == OutcomeType::Approved, strict, "{version}");
        let run = Run::configured(|settings| settings.signature = lax);
        assert_eq!(run.with(&mut Simulated::offline(version)).kind(), OutcomeType::Approved);
    }
}

fn signature() -> Signature {
    chipwright_c7::Configuration::DEFAULT.signature
}

/// Version 00 where a setting lets it count: it covers the number alone. [C7 6.1 version-0]
#[test]
fn version_0_counts_where_it_is_let() {
    let old = "quickpass.signature_version = 0\nversion = 0x0020";
    let ended = Run::default().with(&mut Simulated::offline(old));
    assert_eq!(failure(&ended), (Part::DynamicSignature, Check::Version, Some(0x9F69)));
    let run = Run::configured(|settings| settings.signature.version_0 = true);
    assert_eq!(run.with(&mut Simulated::offline(old)).kind(), OutcomeType::Approved);
    let other = format!("{old}\nquickpass.broken = 'number'");
    assert_eq!(failure(&run.with(&mut Simulated::offline(&other))).1, Check::Hash);
    // A newer card may not go back.
    let newer = "quickpass.signature_version = 0\nversion = 0x0030";
    assert_eq!(failure(&run.with(&mut Simulated::offline(newer))).1, Check::Version);
    // Related data of version 00 are not signed, and prove nothing.
    let mut tampered = Simulated::tampered(old, |command, answer| {
        if command.starts_with(&hex("00B2012C")) {
            *answer = super::card::answer(0x70, &[tlv(0x9F69, "00A1B2C3D4000000")]);
        }
    });
    assert_eq!(run.with(&mut tampered).kind(), OutcomeType::Approved);
}

/// A card that was not sent it did not sign it. [C7 6.1 pdol]
#[test]
fn the_list_has_what_is_signed() {
    for pdol in [
        "9F6604 9F0206 9F0306 9F1A02 9505 9A03 9C01 9F3704 5F2A01",
        "9F6604 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3704 9F0207",
        "9F6604 9F0206 9F0306 9F1A02 9505 5F2A02 9A03 9C01 9F3703",
    ] {
        let mut card = Simulated::offline("");
        let list = hex(pdol);
        let good = hex(PDOL);
        let mut between = Between(
            &mut card,
            |command: &[u8], answer: &mut Vec<u8>| {
                if command[1] == 0xA4 {
                    replace(answer, &good, &list);
                }
            },
            |command: &[u8]| {
                if command[1] == 0xA8 {
                    hex(&format!("80A80000238321{SENT}00"))
                } else {
                    command.to_vec()
                }
            },
        );
        let ended = Run::default().with(&mut between);
        assert_eq!(failure(&ended), (Part::DynamicSignature, Check::Ddol, Some(0x9F38)), "{pdol}");
    }
}

const SENT: &str = "36000080000000000888000000000000015600000000000156260115001122334 4";

/// Somebody between card and terminal who changes commands as well.
struct Between<'c, A, C>(&'c mut Simulated, A, C);

impl<A: FnMut(&[u8], &mut Vec<u8>), C: FnMut(&[u8]) -> Vec<u8>> chipwright_harness::CardChannel
    for Between<'_, A, C>
{
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, chipwright::session::LinkError> {
        let mut answer = self.0.transmit(&(self.2)(command))?;
        (self.1)(command, &mut answer);
        Ok(answer)
    }
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let place = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[place..place + to.len()].copy_from_slice(to);
}

/// Qualifiers that somebody changed on the way. [C7 6.1 qualifiers]
#[test]
fn the_qualifiers_are_those_that_were_signed() {
    let tampered = |more: &str, to: &'static str| {
        Simulated::tampered(more, move |command, answer: &mut Vec<u8>| {
            if command[1] == 0xA8 {
                let place = answer.windows(3).position(|window| window == hex("9F6C02")).unwrap();
                answer[place + 3..place + 5].copy_from_slice(&hex(to));
            }
        })
    };
    // The card wants a PIN: somebody says that it does not.
    let mut card = tampered("quickpass.qualifiers = '8000'", "0000");
    let ended = Run::default().with(&mut card);
    assert_eq!(failure(&ended), (Part::DynamicSignature, Check::TransactionData, Some(0x9F6C)));
    assert_eq!(ended.kind(), OutcomeType::Declined);
    let lax = Run::configured(|settings| settings.signature.compare_qualifiers = false);
    let mut card = tampered("quickpass.qualifiers = '8000'", "0000");
    assert_eq!(lax.with(&mut card).kind(), OutcomeType::Approved, "the notes do not compare");
    // Or leaves them out: zeros were signed, or something else.
    let absent = |more: &str| Simulated::offline(&format!("omit = ['9F6C']\n{more}"));
    assert_eq!(Run::default().with(&mut absent("")).kind(), OutcomeType::Approved);
    let ended = Run::default().with(&mut absent("quickpass.qualifiers = '4000'"));
    assert_eq!(failure(&ended).1, Check::TransactionData);
}

/// [C7 6.1 format]
#[test]
fn the_signature_has_its_own_format() {
    let run = Run::configured(|settings| settings.signature.format = SignedDataFormat::Dynamic);
    let ended = run.with(&mut Simulated::offline(""));
    assert_eq!(failure(&ended), (Part::DynamicSignature, Check::Format, None));
    assert_eq!(Run::default().with(&mut Simulated::offline("")).kind(), OutcomeType::Approved);
}

/// The account number from the track, where there is no other; and one number, if there are two.
/// [C7 6.1 accounts] [C7 7 account]
#[test]
fn the_certificate_names_the_account() {
    let ended = Run::default().with(&mut Simulated::offline("omit = ['5A']"));
    assert_eq!(ended.kind(), OutcomeType::Approved, "{:?}", ended.authentications);
    assert_eq!(ended.object(0x5A), PAN);
    let mut card = Simulated::tampered("", |command, answer| {
        if command[1] == 0xA8 {
            replace(answer, &hex("6228000100001117D"[..16].trim()), &hex("6228000100001125"));
        }
    });
    let ended = Run::default().with(&mut card);
    assert_eq!(failure(&ended), (Part::DynamicSignature, Check::Subject, Some(0x57)));
    let mut card = Simulated::offline("omit = ['5A', '57']");
    let ended = Run::default().with(&mut card);
    assert_eq!(failure(&ended), (Part::IssuerCertificate, Check::Subject, None));
}

/// The signature may come in a record. [C7 6.1]
#[test]
fn the_signature_may_come_in_a_record() {
    let mut signature = Vec::new();
    let mut card = Simulated::tampered("", move |command, answer: &mut Vec<u8>| {
        if command[1] == 0xA8 {
            let place = answer.windows(2).position(|window| window == hex("9F4B")).unwrap();
            signature = answer.drain(place..answer.len() - 2).collect();
            let content = answer[3..answer.len() - 2].to_vec();
            *answer = super::card::answer(0x77, &[content]);
        }
        if command.starts_with(&hex("00B2012C")) {
            let related = answer[2..answer.len() - 2].to_vec();
            *answer = super::card::answer(0x70, &[related, signature.clone()]);
        }
    });
    assert_eq!(Run::default().with(&mut card).kind(), OutcomeType::Approved);
}

/// For online authorisations: where both sides say so, and not otherwise. [C7 6.2 undeclared,
/// wanted, card, failed]
#[test]
fn a_gate_opens_for_an_authenticated_card_alone() {
    const TRANSIT: [u8; 4] = [0x37, 0x80, 0x00, 0x80];
    let run = |on| {
        let mut run = Run::configured(|settings| settings.authentication_online = on);
        run.qualifiers = Some(TRANSIT);
        run
    };
    let card = |more: &str| Simulated::offline(&format!("quickpass.online_records = true\n{more}"));
    for (on, more, kind, reason, authenticated) in [
        (
            true,
            "quickpass.functions = '40'",
            OutcomeType::OnlineRequest,
            Reason::AuthenticatedOnline,
            true,
        ),
        (true, "", OutcomeType::Declined, Reason::AuthenticationOnlineUnsupported, false),
        (
            true,
            "quickpass.functions = 'BF'",
            OutcomeType::Declined,
            Reason::AuthenticationOnlineUnsupported,
            false,
        ),
        (
            true,
            "quickpass.functions = '40'\nquickpass.broken = 'number'",
            OutcomeType::Declined,
            Reason::AuthenticationFailed,
            false,
        ),
        (
            false,
            "quickpass.functions = '40'",
            OutcomeType::OnlineRequest,
            Reason::OnlineByCard,
            false,
        ),
    ] {
        let mut card = card(more);
        let ended = run(on).with(&mut card);
        assert_eq!((ended.kind(), ended.reason()), (kind, Some(reason)), "{more}");
        assert_eq!(ended.authenticated, authenticated);
        // What the terminal does not do it does not tell the card.
        let told = if on { "37800080" } else { "36800080" };
        assert_eq!(ended.object(0x9F66), told);
        let sent = card.commands.iter().find(|command| command[1] == 0xA8).unwrap();
        assert_eq!(sent[7..11], hex(told));
    }
    // The setting alone does not do it either.
    let mut run = run(true);
    run.qualifiers = Some([0x36, 0x80, 0x00, 0x80]);
    let ended = run.with(&mut card("quickpass.functions = '40'"));
    assert_eq!(
        (ended.verdict(), ended.authenticated),
        ((OutcomeType::OnlineRequest, Cvm::NoCvm), false)
    );
}

/// A flipped bit anywhere in what is signed, certified or said of it is refused. [C7 6.1]
#[test]
fn no_bit_may_be_another() {
    let mut answers: Vec<(Vec<u8>, usize)> = Vec::new();
    let mut card = Simulated::tampered("", |command, answer: &mut Vec<u8>| {
        answers.push((command.to_vec(), answer.len()));
    });
    assert_eq!(Run::default().with(&mut card).kind(), OutcomeType::Approved);
    drop(card);
    let mut refused = 0;
    for (place, (command, length)) in
        answers.iter().enumerate().filter(|(_, (sent, _))| sent[1] == 0xB2)
    {
        for byte in 0..length - 2 {
            let bit = 1 << (byte % 8);
            let mut seen = 0;
            let mut card = Simulated::tampered("", move |_, answer: &mut Vec<u8>| {
                if seen == place {
                    answer[byte] ^= bit;
                }
                seen += 1;
            });
            let ended = Run::default().with(&mut card);
            assert_ne!(ended.kind(), OutcomeType::Approved, "{command:02X?} byte {byte}");
            refused += 1;
        }
    }
    assert!(refused > 500, "{refused}");
}
