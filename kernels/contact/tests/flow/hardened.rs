//! The hardened profile: each rule kept, only reported, and off.

use super::card::*;
use super::run::*;
use chipwright::config::Options;
use chipwright::fault::Cause;
use chipwright::field::TerminalCapabilities;
use chipwright::hardening::{Breach, Budget, Counters, Hardening, Profile, Rules};
use chipwright::outcome::{Authority, Conclusion, End};
use chipwright::session::PinResult;
use chipwright::status::Status;
use chipwright::value::Pan;
use chipwright_harness::CardChannel;

/// Codes of action that leave everything to the terminal.
const IDLE: &str = "action_codes = { denial = \"0000000000\", online = \"0000000000\", default = \"0000000000\" }\n";

const DECLINED: (Conclusion, Authority) = (Conclusion::Declined, Authority::Offline);
const APPROVED: (Conclusion, Authority) = (Conclusion::Approved, Authority::Offline);
const ONLINE: (Conclusion, Authority) = (Conclusion::Approved, Authority::Online);
/// The issuer was asked: its answer is not what the card would take for one.
const ASKED: (Conclusion, Authority) = (Conclusion::Declined, Authority::Online);

/// The terminal with the keys of the test authorities, and a host that approves.
fn by(profile: Profile<'_>, change: &dyn Fn(&mut Run<'_>), card: &mut dyn CardChannel) -> Ended {
    let profile: Profile<'static> = Profile {
        brands: Vec::leak(profile.brands.to_vec()),
        cryptogram_versions: Vec::leak(profile.cryptogram_versions.to_vec()),
        counters: None,
        ..profile
    };
    let profile = Profile { counters: Some(&Before), ..profile };
    let options =
        Options { hardening: Hardening::by(Box::leak(Box::new(profile))), ..Options::DEFAULT };
    let run = |run: &mut Run<'_>| {
        run.host = says(b"00").authentication("11223344556677883030");
        run.pad = reports([PinResult::Verified(Status::SUCCESS)]);
        change(run);
    };
    signed(options, run, card)
}

/// Every card has approved offline before, with the counter 7.
#[derive(Debug)]
struct Before;

impl Counters for Before {
    fn highest(&self, _: Pan<'_>, _: Option<u8>) -> Option<u16> {
        Some(7)
    }

    fn remember(&self, _: Pan<'_>, _: Option<u8>, _: u16) {}
}

/// Whether a breach was told, and whether it was enforced.
fn told(ended: &Ended, breach: Breach) -> Option<bool> {
    let words = format!("Breach {{ breach: {breach:?}, enforced: ");
    let told = ended.told.iter().find_map(|event| event.strip_prefix(&words))?;
    Some(told.starts_with("true"))
}

/// What a rule makes of a card that breaks it.
struct Case<'c> {
    breach: Breach,
    change: &'c dyn Fn(&mut Run<'_>),
    /// What comes of it where the rule is off, and where it is kept.
    off: (Conclusion, Authority),
    kept: (Conclusion, Authority),
}

impl Case<'_> {
    /// Plays the card with the rule off, reported and kept, and an honest one with the rule kept.
    fn play<C: CardChannel, H: CardChannel>(&self, card: impl Fn() -> C, honest: impl Fn() -> H) {
        let (rule, breach) = (self.breach.rule(), self.breach);
        let one = Rules::NONE.with(rule);
        let play = |kept, reported| by(Profile::of(kept, reported), self.change, &mut card());
        let off = play(Rules::NONE, Rules::NONE);
        let reported = play(Rules::NONE, one);
        let kept = play(one, Rules::NONE);
        assert_eq!(off.verdict(), self.off, "{breach:?}: {:?}", off.end());
        assert_eq!(
            (told(&off, breach), told(&reported, breach)),
            (None, Some(false)),
            "{breach:?}"
        );
        assert_eq!((reported.outcome(), reported.tvr()), (off.outcome(), off.tvr()), "{breach:?}");
        assert_eq!(kept.verdict(), self.kept, "{breach:?}: {:?}", kept.end());
        assert_eq!(told(&kept, breach), Some(true), "{breach:?}");
        let honest = by(Profile::of(one, Rules::NONE), &|_| (), &mut honest());
        assert_eq!(told(&honest, breach), None, "{breach:?}");
        assert_eq!(honest.verdict().0, Conclusion::Approved, "{breach:?}: {:?}", honest.end());
    }
}

/// What somebody does to answers.
type Change = Box<dyn FnMut(&[u8], &mut Vec<u8>)>;

fn nothing(_: &mut Run<'_>) {}

fn signing(profile: &str) -> impl Fn() -> Signing<Change> + use<> {
    let profile = format!("{IDLE}{profile}");
    move || Signing::new(&profile, Box::new(nobody))
}

/// [H 1]
#[test]
fn authentication_that_fails_declines() {
    let change = |run: &mut Run<'_>| run.terminal.keys = &[];
    let breach = Breach::AuthenticationFailed;
    let case = Case { breach, change: &change, off: APPROVED, kept: DECLINED };
    for methods in ["sda", "dda", "cda"] {
        let card = signing(&format!("authentication.methods = [\"{methods}\"]\n"));
        case.play(&card, &card);
    }
    // Nobody is asked for a PIN any more.
    let card = "authentication.methods = [\"dda\"]\nverification.rules = [\"enciphered-pin\"]\n";
    let ended = by(Profile::ENFORCED, &change, &mut signing(card)());
    assert_eq!((ended.verdict(), ended.pins.len(), ended.authorisations), (DECLINED, 0, 0));
}

/// [H 1]
#[test]
fn an_issuer_that_was_not_authenticated_approves_nothing() {
    let change = |run: &mut Run<'_>| run.host = says(b"00");
    let breach = Breach::IssuerUnauthenticated;
    let case = Case { breach, change: &change, off: ONLINE, kept: ASKED };
    let card = "authentication.methods = [\"dda\"]\ncryptogram.first = \"arqc\"\n";
    // Unless the card wants no such proof.
    let honest = signing(&format!("{card}aip = \"3800\"\n"));
    case.play(signing(card), &honest);
    let rule = Profile::of(Rules::NONE.with(breach.rule()), Rules::NONE);
    assert_eq!(by(rule, &change, &mut honest()).verdict(), ONLINE);
}

/// [H 1]
#[test]
fn certificates_that_are_not_to_be_used_decline() {
    let breach = Breach::AuthenticationLeftOut;
    let case = Case { breach, change: &nothing, off: APPROVED, kept: DECLINED };
    let honest = signing("authentication.methods = [\"dda\"]\n");
    case.play(signing("aip = \"1C00\"\nauthentication.methods = [\"dda\"]\n"), &honest);
    case.play(signing("aip = \"5C00\"\nauthentication.methods = [\"sda\", \"dda\"]\n"), &honest);
    // Without a method of the terminal's nothing was possible.
    let none = |run: &mut Run<'_>| {
        run.terminal.capabilities = TerminalCapabilities([0xE0, 0xF8, 0x00]);
    };
    let mut card = signing("aip = \"1C00\"\nauthentication.methods = [\"dda\"]\n")();
    let ended = by(Profile::of(Rules::NONE, Rules::ALL), &none, &mut card);
    assert_eq!(told(&ended, breach), None);
}

/// [H 2]
#[test]
fn a_list_that_nobody_signed_is_not_followed() {
    let breach = Breach::VerificationUnsigned;
    let captured = |run: &mut Run<'_>| run.pad = reports([PinResult::Captured]);
    let case = Case { breach, change: &captured, off: APPROVED, kept: ASKED };
    let honest = signing("authentication.methods = [\"dda\"]\n");
    case.play(signing(""), &honest);
    // Nor is the word that there is none to follow, and a list of nothing.
    case.play(signing("aip = \"0C00\"\n"), &honest);
    case.play(
        signing("authentication.methods = [\"dda\"]\nobjects = { 8E = \"0000000000000000\" }\n"),
        &honest,
    );
    let without = |run: &mut Run<'_>| {
        run.terminal.capabilities = TerminalCapabilities([0xE0, 0xB8, 0xC8]);
    };
    let case = Case { breach, change: &without, off: APPROVED, kept: DECLINED };
    case.play(signing(""), &honest);
}

/// [H 4]
#[test]
fn an_offline_approval_stands_on_a_signed_cryptogram() {
    let breach = Breach::OfflineUnbound;
    let case = Case { breach, change: &nothing, off: APPROVED, kept: ASKED };
    let honest = signing("authentication.methods = [\"cda\"]\ncryptogram.atc = 7\n");
    case.play(signing("authentication.methods = [\"dda\"]\n"), &honest);
    case.play(signing("authentication.methods = [\"sda\"]\n"), &honest);
    let ended = by(Profile::ENFORCED, &nothing, &mut honest());
    assert_eq!(ended.verdict(), APPROVED, "{:?}", ended.told);
    // Where the issuer is out of reach as well.
    let cut = |run: &mut Run<'_>| run.host = Host::default();
    let unable = (Conclusion::Approved, Authority::UnableToGoOnline);
    let kept = (Conclusion::Declined, Authority::UnableToGoOnline);
    let case = Case { breach, change: &cut, off: unable, kept };
    case.play(
        signing("authentication.methods = [\"dda\"]\ncryptogram.first = \"arqc\"\n"),
        &honest,
    );
}

/// [H 5]
#[test]
fn an_account_of_another_brand_is_declined() {
    let breach = Breach::ForeignBrand;
    let case = Case { breach, change: &nothing, off: APPROVED, kept: DECLINED };
    let card = "authentication.methods = [\"dda\"]\n";
    case.play(signing(&format!("{card}account.number = \"5413330089010012\"\n")), signing(card));
}

/// [H 7]
#[test]
fn what_is_to_go_is_gone() {
    let case = |breach, kept| Case { breach, change: &nothing, off: APPROVED, kept };
    let honest = signing("authentication.methods = [\"dda\"]\n");
    let sda = "authentication.methods = [\"sda\"]\n";
    case(Breach::StaticAuthentication, APPROVED).play(signing(sda), &honest);
    let profile = Profile::of(Rules::NONE.with(Breach::PlaintextPin.rule()), Rules::NONE);
    assert_eq!(&by(profile, &nothing, &mut signing(sda)()).tvr()[..2], "80");

    let plaintext = "verification.rules = [\"plaintext-pin if-supported else-next\", \"no-cvm\"]\n";
    case(Breach::PlaintextPin, APPROVED).play(signing(plaintext), &honest);
    let ended = by(profile, &nothing, &mut signing(plaintext)());
    assert_eq!((ended.pins.len(), ended.cvm_results().as_str()), (0, "1F0002"));

    let shared = "authentication.methods = [\"dda\"]\n\
                  verification.rules = [\"enciphered-pin else-next\", \"no-cvm\"]\n";
    case(Breach::SharedPinKey, APPROVED).play(signing(shared), &honest);
    assert_eq!(by(profile, &nothing, &mut signing(shared)()).pins.len(), 0);
}

/// [H 8]
#[test]
fn a_key_that_should_not_be_in_use_fails() {
    let card = signing("authentication.methods = [\"dda\"]\n");
    let one = Rules::NONE.with(Breach::ModulusShort.rule());
    for (enforced, reported, expected) in [
        (one, Rules::NONE, Some(true)),
        (Rules::NONE, one, Some(false)),
        (Rules::NONE, Rules::NONE, None),
    ] {
        let profile = Profile { minimum_modulus: 1409, ..Profile::of(enforced, reported) };
        let ended = by(profile, &nothing, &mut card());
        assert_eq!(told(&ended, Breach::ModulusShort), expected);
        let failed = ended.told.iter().any(|event| event.contains("check: KeyRefused"));
        assert_eq!(failed, expected == Some(true));
    }
    let ended = by(Profile::of(one, Rules::NONE), &nothing, &mut card());
    assert_eq!(told(&ended, Breach::ModulusShort), None);
}

/// [H 13]
#[test]
fn a_counter_that_stands_still_is_declined() {
    let breach = Breach::CounterNotAbove;
    let case = Case { breach, change: &nothing, off: APPROVED, kept: DECLINED };
    let card = "authentication.methods = [\"dda\"]\n";
    let counter = |counter| format!("{card}cryptogram.atc = {counter}\n");
    case.play(signing(&counter(6)), signing(&counter(7)));
}

/// [H 14]
#[test]
fn what_is_not_signed_relaxes_nothing() {
    let breach = Breach::InputUnsigned;
    let case = Case { breach, change: &nothing, off: APPROVED, kept: ASKED };
    case.play(signing(""), signing("authentication.methods = [\"dda\"]\n"));
    let alone = |run: &mut Run<'_>| run.terminal.terminal_type.0 = 0x23;
    let case = Case { breach, change: &alone, off: APPROVED, kept: DECLINED };
    case.play(signing(""), signing("authentication.methods = [\"dda\"]\n"));
}

/// Changes the answer to the first GENERATE AC of an otherwise honest card.
fn answering(change: impl Fn(&mut Vec<u8>) + Copy + 'static) -> impl Fn() -> Signing<Change> {
    move || {
        let mut answers = 0;
        let between = move |command: &[u8], answer: &mut Vec<u8>| {
            answers += usize::from(command[1] == 0xAE);
            if command[1] == 0xAE && answers == 1 {
                change(answer);
            }
        };
        let profile = format!("{IDLE}authentication.methods = [\"dda\"]\n");
        Signing::new(&profile, Box::new(between))
    }
}

/// Where the value of an object begins in an answer.
fn place(answer: &[u8], header: &[u8]) -> usize {
    answer.windows(header.len()).position(|bytes| bytes == header).unwrap() + header.len()
}

/// [H 15]
#[test]
fn a_card_that_says_two_things_of_its_cryptogram_is_declined() {
    let breach = Breach::CryptogramTypeDiffers;
    let case = Case { breach, change: &nothing, off: APPROVED, kept: DECLINED };
    // The results in the Issuer Application Data speak of a refusal.
    let refusal = answering(|answer| {
        let results = place(answer, &[0x9F, 0x10, 0x07, 0x06]) + 2;
        answer[results + 1] &= 0xCF;
    });
    case.play(refusal, answering(|_| ()));
}

/// [H 16]
#[test]
fn a_pin_that_the_card_did_not_verify_is_none() {
    // A wedge says yes to the PIN; the results of the card do not know of any.
    let card = || {
        let profile = format!(
            "{IDLE}authentication.methods = [\"dda\"]\n\
             verification.rules = [\"plaintext-pin\"]\n"
        );
        Signing::new(&profile, nobody)
    };
    let one = Rules::NONE.with(Breach::PinResultDiffers.rule());
    for (enforced, reported, expected, verdict) in [
        (one, Rules::NONE, Some(true), DECLINED),
        (Rules::NONE, one, Some(false), APPROVED),
        (Rules::NONE, Rules::NONE, None, APPROVED),
    ] {
        let known = [([0xA0, 0, 0, 0, 3], 10)];
        let profile = Profile { cryptogram_versions: &known, ..Profile::of(enforced, reported) };
        let ended = by(profile, &nothing, &mut card());
        assert_eq!((told(&ended, Breach::PinResultDiffers), ended.verdict()), (expected, verdict));
        // A layout that nobody vouches for is none.
        let ended = by(Profile::of(enforced, reported), &nothing, &mut card());
        assert_eq!(told(&ended, Breach::PinResultDiffers), None);
        // The PIN went to the card.
        let pin = |run: &mut Run<'_>| run.pad = enters(&["1234"]);
        let ended = by(profile, &pin, &mut card());
        assert_eq!((told(&ended, Breach::PinResultDiffers), ended.verdict()), (None, APPROVED));
    }
}

/// [H 10]
#[test]
fn a_track_of_another_account_is_declined() {
    let breach = Breach::AccountsDiffer;
    let case = Case { breach, change: &nothing, off: APPROVED, kept: DECLINED };
    let card = |track: &'static [u8]| {
        move || {
            let change = move |_: &[u8], answer: &mut Vec<u8>| {
                let found = answer
                    .windows(4)
                    .position(|bytes| (bytes[0], &bytes[2..]) == (0x57, &[0x47, 0x61]));
                if let Some(place) = found {
                    answer[place + 2..place + 2 + track.len()].copy_from_slice(track);
                }
            };
            Signing::new(IDLE, change)
        }
    };
    case.play(card(&[0x41]), card(&[]));
}

/// What the profile says of a card that answers so, and whether the transaction ended with it.
fn strict(profile: Profile<'_>, card: &mut Card) -> (Ended, bool) {
    let ended = by(profile, &nothing, card);
    let refused =
        matches!(ended.end(), Some(End::Fault(fault)) if matches!(fault.cause, Cause::Refused(_)));
    (ended, refused)
}

/// Plays a card with the rule off, reported and kept, and an ordinary one with the rule kept.
fn refused(breach: Breach, profile: Profile<'_>, card: &dyn Fn() -> Card) {
    let one = Rules::NONE.with(breach.rule());
    let with = |enforced, reported| Profile { enforced, reported, ..profile };
    let (off, _) = strict(with(Rules::NONE, Rules::NONE), &mut card());
    let (reported, ended) = strict(with(Rules::NONE, one), &mut card());
    assert_eq!((told(&off, breach), told(&reported, breach)), (None, Some(false)), "{breach:?}");
    assert_eq!((reported.outcome(), ended), (off.outcome(), false), "{breach:?}");
    let (kept, ended) = strict(with(one, Rules::NONE), &mut card());
    assert_eq!((told(&kept, breach), ended), (Some(true), true), "{breach:?} {:?}", kept.end());
    let (ordinary, ended) = strict(Profile::of(one, Rules::NONE), &mut Card::new());
    assert_eq!((told(&ordinary, breach), ended), (None, false), "{breach:?}");
}

/// [H 10]
#[test]
fn what_coding_rules_leave_open_is_refused() {
    let profile = Profile::of(Rules::NONE, Rules::NONE);
    refused(Breach::ForeignObject, profile, &|| Card::new().object(0x9F02, "000000000001"));
    refused(Breach::MisplacedObject, profile, &|| Card::new().object(0x9F26, "0102030405060708"));
    refused(Breach::ObjectLength, profile, &|| Card::new().object(0x5F20, "41"));
    refused(Breach::LengthNotMinimal, profile, &|| {
        Card::new().on("80A8", hex("77810A 8202 1000 9404 08010100 9000"))
    });
    refused(Breach::Padding, profile, &|| {
        Card::new().on("80A8", hex("770B 8202 1000 9404 08010100 00 9000"))
    });
    refused(Breach::ObjectTwice, profile, &|| {
        Card::new().on("80A8", hex("7710 8202 1000 9404 08010100 DF0100 DF0100 9000"))
    });
}

/// [H 11]
#[test]
fn a_transaction_has_a_budget() {
    let profile = Profile::of(Rules::NONE, Rules::NONE);
    let with = |budget| Profile { budget, ..profile };
    let whole = Budget::DEFAULT;
    let ordinary = Card::new;
    for (breach, budget) in [
        (Breach::ExchangesSpent, Budget { exchanges: 3, ..whole }),
        (Breach::RecordsSpent, Budget { records: 0, ..whole }),
        (Breach::BytesSpent, Budget { bytes: 100, ..whole }),
        (Breach::NestingSpent, Budget { nesting: 0, ..whole }),
    ] {
        refused(breach, with(budget), &ordinary);
    }
}
