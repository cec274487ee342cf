//! The hardened profile: each rule kept, only reported, and off.

use super::card::*;
use super::run::*;
use chipwright::contactless::{CardholderVerification as Cvm, OutcomeType};
use chipwright::fault::Cause;
use chipwright::hardening::{Breach, Counters, Hardening, Profile, Rules};
use chipwright::outcome::End;
use chipwright::session::LinkError;
use chipwright::value::Pan;
use chipwright_harness::CardChannel;

type Verdict = (OutcomeType, Cvm);

const APPROVED: Verdict = (OutcomeType::Approved, Cvm::NoCvm);
const DECLINED: Verdict = (OutcomeType::Declined, Cvm::NotApplicable);
const ONLINE: Verdict = (OutcomeType::OnlineRequest, Cvm::NoCvm);

/// A small amount, and one with cardholder verification.
const SMALL: [u8; 4] = [0x36, 0x00, 0, 0x80];
const VERIFIED: [u8; 4] = [0x36, 0x40, 0, 0x80];

/// Every card has approved offline before, with the counter 7.
#[derive(Debug)]
struct Before;

impl Counters for Before {
    fn highest(&self, _: Pan<'_>, _: Option<u8>) -> Option<u16> {
        Some(7)
    }

    fn remember(&self, _: Pan<'_>, _: Option<u8>, _: u16) {}
}

fn by(profile: &Profile<'_>, qualifiers: [u8; 4], card: &mut dyn CardChannel) -> Ended {
    let run = Run { hardening: Hardening::by(profile), ..Run::qualifiers(qualifiers) };
    run.with(card)
}

/// Whether a breach was told, and whether it was enforced.
fn told(ended: &Ended, breach: Breach) -> Option<bool> {
    let words = format!("Breach {{ breach: {breach:?}, enforced: ");
    let told = ended.told.iter().find_map(|event| event.strip_prefix(&words))?;
    Some(told.starts_with("true"))
}

/// Taps a card with the rule off, reported and kept.
fn play<C: CardChannel>(
    breach: Breach,
    qualifiers: [u8; 4],
    card: impl Fn() -> C,
    (off, kept): (Verdict, Verdict),
) {
    let one = Rules::NONE.with(breach.rule());
    let tap = |enforced, reported| {
        let profile = Profile { counters: Some(&Before), ..Profile::of(enforced, reported) };
        by(&profile, qualifiers, &mut card())
    };
    let (none, reported) = (tap(Rules::NONE, Rules::NONE), tap(Rules::NONE, one));
    let refused = tap(one, Rules::NONE);
    assert_eq!((none.verdict(), told(&none, breach)), (off, None), "{breach:?} {:?}", none.told);
    assert_eq!((reported.verdict(), told(&reported, breach)), (off, Some(false)), "{breach:?}");
    assert_eq!(reported.lines, none.lines, "{breach:?}");
    assert_eq!(refused.verdict(), kept, "{breach:?} {:?}", refused.told);
    assert_eq!(told(&refused, breach), Some(true), "{breach:?} {:?}", refused.told);
}

/// An honest card is no different with the rule kept.
fn honest(breach: Breach, qualifiers: [u8; 4], name: &str, verdict: Verdict) {
    let profile = Profile::of(Rules::NONE.with(breach.rule()), Rules::NONE);
    let ended = by(&profile, qualifiers, &mut Simulated::builtin(name));
    assert_eq!((ended.verdict(), told(&ended, breach)), (verdict, None), "{breach:?} {name}");
}

/// [H 3]
#[test]
fn qualifiers_are_proved_online_as_well() {
    let breach = Breach::QualifiersUnproved;
    let credit = || Simulated::builtin("quickpass-credit");
    let signature = (OutcomeType::OnlineRequest, Cvm::ObtainSignature);
    let pin = (OutcomeType::OnlineRequest, Cvm::OnlinePin);
    // Above the limit a PIN for the issuer, where the terminal takes one; below it, nothing.
    play(breach, VERIFIED, credit, (signature, pin));
    play(breach, [0x32, 0x40, 0, 0x80], credit, (signature, DECLINED));
    play(breach, SMALL, credit, (ONLINE, DECLINED));
    let profile = Profile { unproved_below_limit: true, ..Profile::ENFORCED };
    assert_eq!(by(&profile, SMALL, &mut credit()).verdict(), ONLINE);
    assert_eq!(by(&profile, [0x32, 0x40, 0, 0x80], &mut credit()).verdict(), DECLINED);
    // One that signs, and one that wants a PIN anyway.
    honest(breach, SMALL, "quickpass-quasi-credit", ONLINE);
    honest(breach, SMALL, "quickpass-pin", pin);
    // One that says it signs, and does not.
    let rule = Profile::of(Rules::NONE.with(breach.rule()), Rules::NONE);
    let mut lies = Card::new().option(0xDF61, "40");
    assert_eq!(by(&rule, SMALL, &mut lies).verdict(), DECLINED);
    // A PIN spares no card that is to be authenticated before the issuer is asked.
    let mut run = Run { hardening: Hardening::by(&rule), ..Run::qualifiers([0x37, 0x00, 0, 0x80]) };
    run.configuration.authentication_online = true;
    assert_eq!(run.with(&mut Simulated::builtin("quickpass-pin")).verdict(), DECLINED);
}

/// [H 4]
#[test]
fn nothing_is_approved_offline() {
    let breach = Breach::OfflineUnbound;
    // The card is told, and asks its issuer.
    let profile = Profile::of(Rules::NONE.with(breach.rule()), Rules::NONE);
    let mut card = Simulated::builtin("quickpass-offline");
    let ended = by(&profile, SMALL, &mut card);
    assert_eq!((ended.verdict(), ended.object(0x9F66).as_str()), (ONLINE, "36800080"));
    // One that approves all the same.
    play(
        breach,
        SMALL,
        || Stubborn(Simulated::offline("quickpass.balance = 10000")),
        (APPROVED, DECLINED),
    );
    honest(breach, VERIFIED, "quickpass-debit", (OutcomeType::OnlineRequest, Cvm::OnlinePin));
    // A reader that cannot ask anybody has nothing to go by.
    let ended = by(&profile, [0x2A, 0x00, 0, 0x80], &mut card);
    let cause = |end| matches!(end, Some(End::Fault(fault)) if fault.cause == Cause::Configuration);
    assert!(cause(ended.end()), "{ended:?}");
}

/// A card that does not hear that the issuer is to be asked.
struct Stubborn(Simulated);

impl CardChannel for Stubborn {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let mut command = command.to_vec();
        if command[1] == 0xA8 {
            command[8] &= 0x7F;
        }
        self.0.transmit(&command)
    }
}

fn offline() -> Simulated {
    Simulated::offline("quickpass.balance = 10000")
}

/// [H 1]
#[test]
fn a_signature_that_fails_declines() {
    let breach = Breach::AuthenticationFailed;
    let broken = || {
        let more = "quickpass.balance = 10000\nquickpass.qualifiers = \"2000\"\n\
                    quickpass.broken = \"signature\"";
        Simulated::offline(more)
    };
    play(breach, SMALL, broken, (ONLINE, DECLINED));
    honest(breach, SMALL, "quickpass-offline", APPROVED);
}

/// [H 2]
#[test]
fn qualifiers_are_those_that_were_signed() {
    let lax = |hardening| {
        let mut run = Run { hardening, ..Run::qualifiers(SMALL) };
        run.configuration.signature.compare_qualifiers = false;
        let between = |command: &[u8], answer: &mut Vec<u8>| {
            if command[1] == 0xA8 {
                let place = answer.windows(3).position(|bytes| bytes == [0x9F, 0x6C, 0x02]);
                answer[place.unwrap() + 3] ^= 0x08;
            }
        };
        run.with(&mut Simulated::tampered("quickpass.balance = 10000", between)).verdict()
    };
    assert_eq!(lax(Hardening::OFF), APPROVED);
    assert_eq!(lax(Hardening::by(&Profile::REPORTED)), APPROVED);
    let rule = Rules::NONE.with(Breach::VerificationUnsigned.rule());
    assert_eq!(lax(Hardening::by(&Profile::of(rule, Rules::NONE))), DECLINED);
}

/// [H 5]
#[test]
fn an_account_of_another_brand_is_declined() {
    let breach = Breach::ForeignBrand;
    let foreign =
        || Simulated::offline("quickpass.balance = 10000\naccount.number = \"4761739001010010\"");
    play(breach, SMALL, foreign, (APPROVED, DECLINED));
    honest(breach, SMALL, "quickpass-offline", APPROVED);
}

/// [H 10]
#[test]
fn a_track_of_another_account_is_declined() {
    let breach = Breach::AccountsDiffer;
    let card = || {
        Simulated::tampered(
            "quickpass.decision = \"arqc\"\nquickpass.online_records = true",
            |command, answer| {
                if command[1] == 0xA8 {
                    let place =
                        answer.windows(3).position(|bytes| bytes[0] == 0x57 && bytes[2] == 0x62);
                    answer[place.unwrap() + 4] ^= 0x11;
                }
            },
        )
    };
    play(breach, SMALL, card, (ONLINE, DECLINED));
    honest(breach, SMALL, "quickpass-offline", APPROVED);
}

/// [H 13]
#[test]
fn a_counter_that_stands_still_is_declined() {
    let breach = Breach::CounterNotAbove;
    play(breach, SMALL, offline, (APPROVED, DECLINED));
    honest(breach, SMALL, "quickpass-offline", APPROVED);
    let profile = Profile {
        counters: Some(&Before),
        ..Profile::of(Rules::NONE.with(breach.rule()), Rules::NONE)
    };
    let mut later = Simulated::offline("quickpass.balance = 10000\ncryptogram.atc = 7");
    assert_eq!(by(&profile, SMALL, &mut later).verdict(), APPROVED);
}

/// [H 14]
#[test]
fn what_is_not_signed_approves_nothing() {
    let breach = Breach::InputUnsigned;
    let unsigned = || {
        Simulated::offline(
            "quickpass.balance = 10000\nafl = '10010100 18010200 20010200 28010100'\n\
             [[application.record]]\nsfi = 2\nnumber = 1\ntags = ['5A', '5F24', '5F25', '5F28', '9F07', '9F08', '9F4A']\n\
             [[application.record]]\nsfi = 3\nnumber = 1\ntags = ['8F', '9F32']\n\
             [[application.record]]\nsfi = 3\nnumber = 2\ntags = ['90']\n\
             [[application.record]]\nsfi = 4\nnumber = 1\ntags = ['9F47', '9F48']\n\
             [[application.record]]\nsfi = 4\nnumber = 2\ntags = ['9F46']\n",
        )
    };
    play(breach, SMALL, unsigned, (APPROVED, ONLINE));
    honest(breach, SMALL, "quickpass-offline", APPROVED);
}

/// [H 15]
#[test]
fn a_card_that_says_two_things_of_its_cryptogram_is_declined() {
    let breach = Breach::CryptogramTypeDiffers;
    let card = || {
        let more = "quickpass.information = true\nquickpass.decision = \"arqc\"";
        let text = format!(
            "title = ''\n[[application]]\nscheme = 'unionpay'\naid = '{AID}'\n\
             authentication.methods = ['dda']\n{more}\n"
        );
        Simulated::with(&text, |command: &[u8], answer: &mut Vec<u8>| {
            if command[1] == 0xA8 {
                let place = answer.windows(3).position(|bytes| bytes[..2] == [0x9F, 0x10]);
                answer[place.unwrap() + 3 + 4] &= 0xCF;
            }
        })
    };
    play(breach, SMALL, card, (ONLINE, DECLINED));
    honest(breach, SMALL, "quickpass-phone", (OutcomeType::TryAgain, Cvm::NotApplicable));
    honest(breach, SMALL, "quickpass-credit", ONLINE);
}
