//! Every simulated card, with the number of commands that it takes. [C7 4]

use super::card::*;
use super::run::*;
use chipwright::contactless::{CardholderVerification as Cvm, OutcomeType};
use chipwright_host::{Host, Mode, Reason};

/// A card, the reader's qualifiers, what comes of it, and how many commands it takes, SELECT
/// included: none can be done without.
type Row = (&'static str, [u8; 2], OutcomeType, Cvm, usize);

/// A small amount, one with cardholder verification, an offline-only reader.
const SMALL: [u8; 2] = [0x36, 0x00];
const VERIFIED: [u8; 2] = [0x36, 0x40];
const REQUIRED: [u8; 2] = [0x36, 0x80];
const OFFLINE: [u8; 2] = [0x2A, 0x00];

#[test]
fn every_card_comes_to_its_outcome_without_a_command_too_many() {
    use OutcomeType::{Approved, Declined, OnlineRequest, TryAgain, TryAnotherInterface};
    let rows: [Row; 32] = [
        ("quickpass-debit", SMALL, OnlineRequest, Cvm::NoCvm, 2),
        ("quickpass-debit", VERIFIED, OnlineRequest, Cvm::OnlinePin, 2),
        ("quickpass-debit", [0x32, 0x40], Declined, Cvm::NotApplicable, 2),
        ("quickpass-credit", SMALL, OnlineRequest, Cvm::NoCvm, 2),
        ("quickpass-credit", VERIFIED, OnlineRequest, Cvm::ObtainSignature, 2),
        ("quickpass-quasi-credit", SMALL, OnlineRequest, Cvm::NoCvm, 7),
        ("quickpass-quasi-credit", VERIFIED, OnlineRequest, Cvm::OnlinePin, 7),
        ("quickpass-phone", SMALL, TryAgain, Cvm::NotApplicable, 2),
        ("quickpass-phone", VERIFIED, TryAgain, Cvm::NotApplicable, 2),
        ("quickpass-offline", SMALL, Approved, Cvm::NoCvm, 7),
        ("quickpass-offline", OFFLINE, Approved, Cvm::NoCvm, 7),
        ("quickpass-offline", REQUIRED, OnlineRequest, Cvm::NoCvm, 2),
        ("quickpass-expired", SMALL, Declined, Cvm::NotApplicable, 3),
        ("quickpass-expired", OFFLINE, Declined, Cvm::NotApplicable, 3),
        ("quickpass-no-ctq", SMALL, Approved, Cvm::NoCvm, 7),
        ("quickpass-no-ctq", VERIFIED, Approved, Cvm::ObtainSignature, 7),
        ("quickpass-no-ctq", [0x34, 0x40], OnlineRequest, Cvm::OnlinePin, 7),
        ("quickpass-no-ctq", [0x30, 0x40], Declined, Cvm::NotApplicable, 7),
        ("quickpass-pin", SMALL, OnlineRequest, Cvm::OnlinePin, 2),
        ("quickpass-pin", [0x32, 0x00], Declined, Cvm::NotApplicable, 2),
        ("quickpass-signature", SMALL, Approved, Cvm::ObtainSignature, 7),
        ("quickpass-signature", [0x34, 0x00], Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-signature", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-number", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-amount", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-related-length", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-version", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-qualifiers", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-certificate", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-profile", SMALL, Declined, Cvm::NotApplicable, 7),
        ("quickpass-broken-record", SMALL, Declined, Cvm::NotApplicable, 9),
        ("dual-application", SMALL, TryAnotherInterface, Cvm::NotApplicable, 7),
    ];
    for (name, [first, second], kind, method, commands) in rows {
        let mut card = Simulated::builtin(name);
        let ended = Run::qualifiers([first, second, 0, 0x80]).with(&mut card);
        assert_eq!(
            ended.verdict(),
            (kind, method),
            "{name} {first:02X}{second:02X} {:?}",
            ended.told
        );
        assert_eq!(card.commands.len(), commands, "{name} {first:02X}{second:02X}");
        let mut sent = card.commands.clone();
        sent.dedup();
        assert_eq!(sent.len(), commands, "{name}: none twice");
    }
    let names = chipwright_card::builtin().iter().map(|builtin| builtin.name);
    for name in names.filter(|name| !name.starts_with("contact-")) {
        assert!(rows.iter().any(|row| row.0 == name), "{name} is in no row");
    }
}

/// A phone: see the phone, and with the second tap its owner is verified. [C7 5 device]
#[test]
fn a_phone_is_verified_with_the_second_tap() {
    for second in [0x00, 0x40] {
        let mut card = Simulated::builtin("quickpass-phone");
        let run = Run::qualifiers([0x36, second, 0, 0x80]);
        assert_eq!(run.with(&mut card).kind(), OutcomeType::TryAgain);
        card.present();
        let ended = run.with(&mut card);
        assert_eq!(ended.verdict(), (OutcomeType::OnlineRequest, Cvm::ConfirmationCodeVerified));
        assert_eq!((card.commands.len(), ended.object(0x9F34).as_str()), (2, "010002"));
    }
}

/// Money is taken once, and only of who approves. [C7 4.6]
#[test]
fn a_card_pays_what_it_approves() {
    let mut card = Simulated::builtin("quickpass-offline");
    for left in [9112, 8224, 7336] {
        assert_eq!(Run::default().with(&mut card).kind(), OutcomeType::Approved);
        assert_eq!(card.card.balance(), Some(left));
        card.present();
    }
    // The card is taken away before the last record: nothing is approved, nothing is paid.
    let ended = Run { exchange_limit: 5, ..Run::default() }.with(&mut card);
    assert_eq!((ended.kind(), card.card.balance()), (OutcomeType::EndApplication, Some(7336)));
    let more = Run { amount: 7337, ..Run::default() };
    card.present();
    assert_eq!(more.with(&mut card).kind(), OutcomeType::OnlineRequest);
    assert_eq!(card.card.balance(), Some(7336));
}

/// What the acquirer gets is enough for the issuer to verify the cryptogram, with and without
/// records. [C7 7 account]
#[test]
fn the_issuer_verifies_what_the_acquirer_gets() {
    for name in ["quickpass-debit", "quickpass-credit", "quickpass-quasi-credit", "quickpass-pin"] {
        let ended = Run::default().with(&mut Simulated::builtin(name));
        let mut host = Host::new(Mode::Approve);
        let answer = host.authorise(&ended.message).unwrap();
        assert_eq!((answer.code, answer.reason), (*b"00", Reason::Approved), "{name}");
        let mut other = ended.message.clone();
        let amount = other.windows(3).position(|bytes| bytes == [0x9F, 0x02, 6]).unwrap();
        other[amount + 8] ^= 0x01;
        let refused = Host::new(Mode::Approve).authorise(&other).unwrap();
        assert_eq!(refused.reason, Reason::WrongCryptogram, "{name}");
    }
    let ended = Run::default().with(&mut Simulated::builtin("quickpass-offline"));
    Host::new(Mode::Approve).settle(&ended.message).unwrap();
}
