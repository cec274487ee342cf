//! Cardholder verification. [C7 4.8, 5] The table itself is tested beside the decision.

use super::card::*;
use super::run::*;
use chipwright::contactless::CardholderVerification as Cvm;
use chipwright::contactless::{OutcomeType, Reason};
use chipwright_c7::UnwantedTc;

/// Each method with its results, and each reason to decline. [C7 4.12 cvm-results] [C7 4.8]
#[test]
fn methods_have_their_results() {
    for (card, related, terminal, method, results, reason) in [
        ("8000", "", [0x36, 0x40], Some(Cvm::OnlinePin), "020000", Reason::OnlinePin),
        ("4000", "", [0x36, 0x00], Some(Cvm::ObtainSignature), "1E0000", Reason::Signature),
        ("0000", "", [0x36, 0x00], Some(Cvm::NoCvm), "1F0002", Reason::NotRequired),
        (
            "0080",
            "01A1B2C3D4008000",
            [0x36, 0x40],
            Some(Cvm::ConfirmationCodeVerified),
            "010002",
            Reason::DeviceVerified,
        ),
        (
            "0080",
            "",
            [0x36, 0x40],
            Some(Cvm::ConfirmationCodeVerified),
            "010002",
            Reason::DeviceVerifiedOnline,
        ),
        ("0080", "01A1B2C3D4000000", [0x36, 0x40], None, "", Reason::DeviceVerificationDiffers),
        ("8000", "", [0x32, 0x40], None, "", Reason::OnlinePinUnsupported),
        ("4000", "", [0x34, 0x00], None, "", Reason::SignatureUnsupported),
        ("0000", "", [0x36, 0x40], None, "", Reason::NoneOffered),
    ] {
        let answer = Card::new().option(0x9F6C, card);
        let mut answer = if related.is_empty() { answer } else { answer.option(0x9F69, related) };
        let [first, second] = terminal;
        let ended = Run::qualifiers([first, second, 0, 0x80]).with(&mut answer);
        let expected = match method {
            Some(method) => (OutcomeType::OnlineRequest, method),
            None => (OutcomeType::Declined, Cvm::NotApplicable),
        };
        assert_eq!(ended.verdict(), expected, "{card} {related}");
        assert_eq!(ended.object(0x9F34), results);
        assert!(ended.reasons.contains(&(reason, Some(0x9F6C))), "{:?}", ended.reasons);
        assert_eq!(ended.outcome().data_record, method.is_some());
    }
}

/// [C7 5 absent]
#[test]
fn without_qualifiers_of_the_card_the_terminal_chooses() {
    for (terminal, kind, method) in [
        ([0x36, 0x00], OutcomeType::OnlineRequest, Cvm::NoCvm),
        ([0x36, 0x40], OutcomeType::OnlineRequest, Cvm::ObtainSignature),
        ([0x34, 0x40], OutcomeType::OnlineRequest, Cvm::OnlinePin),
        ([0x30, 0x40], OutcomeType::Declined, Cvm::NotApplicable),
    ] {
        let [first, second] = terminal;
        let ended =
            Run::qualifiers([first, second, 0, 0x80]).with(&mut Card::new().without(0x9F6C));
        assert_eq!(ended.verdict(), (kind, method));
        assert!(ended.reasons.iter().all(|(_, tag)| *tag != Some(0x9F6C)));
    }
}

/// A device that says so in a TC without proof is declined; in an ARQC the issuer will see.
/// [C7 5 device]
#[test]
fn an_offline_device_proves_its_owner() {
    for (related, approved) in [(true, true), (false, false)] {
        let more = if related { "" } else { "omit = ['9F69']\nquickpass.signature_version = 0" };
        let mut card = Simulated::offline(&format!("quickpass.device = true\n{more}"));
        assert_eq!(
            Run::qualifiers([0x36, 0x40, 0, 0x80]).with(&mut card).kind(),
            OutcomeType::TryAgain
        );
        card.present();
        let ended = Run::qualifiers([0x36, 0x40, 0, 0x80]).with(&mut card);
        if approved {
            assert_eq!(ended.verdict(), (OutcomeType::Approved, Cvm::ConfirmationCodeVerified));
        } else {
            assert_eq!(ended.kind(), OutcomeType::Declined);
            assert_eq!(ended.reason(), Some(Reason::DeviceVerificationUnproven));
        }
    }
}

/// An online PIN with a TC is for the issuer, or declined. [C7 5 pin-with-tc]
#[test]
fn a_tc_with_an_online_pin_is_no_offline_approval() {
    use OutcomeType::{Declined, OnlineRequest};
    for (terminal, unwanted, kind) in [
        (0x36, UnwantedTc::OnlineRequest, OnlineRequest),
        (0x3E, UnwantedTc::OnlineRequest, Declined),
        (0x36, UnwantedTc::Declined, Declined),
    ] {
        let mut card = Simulated::offline("quickpass.qualifiers = '8000'");
        let mut run = Run::configured(|settings| settings.unwanted_tc = unwanted);
        run.qualifiers = Some([terminal, 0, 0, 0x80]);
        let ended = run.with(&mut card);
        assert_eq!((ended.kind(), ended.reason()), (kind, Some(Reason::OnlineForPin)));
        assert_eq!(ended.authentications, []);
    }
}

/// The CVM Results are the configuration's. [C7 4.12 cvm-results; C7 11]
#[test]
fn results_can_be_others() {
    let run = Run::configured(|settings| settings.cvm_results.no_cvm.condition = 0x03);
    assert_eq!(run.with(&mut Card::new()).object(0x9F34), "1F0302");
}
