use super::*;
use crate::field::CvmOutcome;
use crate::value::Pan;
use CryptogramType::{Aac, Arqc, Tc};
#[cfg(feature = "hardened")]
use core::cell::RefCell;

const VISA: [u8; 7] = [0xA0, 0, 0, 0, 3, 0x10, 0x10];

#[test]
fn every_breach_has_its_rule_in_its_code() {
    for rule in Rule::ALL {
        assert_eq!(Rule::named(&rule.to_string()), Ok(rule));
        let none = Rules::NONE.with(rule);
        assert!(none.contains(rule) && Rules::ALL.contains(rule), "{rule}");
        assert!(!Rules::ALL.without(rule).contains(rule), "{rule}");
    }
    for breach in [
        Breach::AuthenticationLeftOut,
        Breach::VerificationUnsigned,
        Breach::QualifiersUnproved,
        Breach::OfflineUnbound,
        Breach::ForeignBrand,
        Breach::SharedPinKey,
        Breach::ModulusFactorable,
        Breach::AccountsDiffer,
        Breach::TimeSpent,
        Breach::NumberRepeated,
        Breach::CounterNotAbove,
        Breach::InputUnsigned,
        Breach::CryptogramTypeDiffers,
        Breach::PinResultDiffers,
    ] {
        assert_eq!(breach.code() >> 8, u16::from(breach.rule().number()), "{breach:?}");
    }
}

#[test]
fn rules_of_absent_kernels_say_so() {
    for (name, why) in [
        ("H6", UnknownRule::NoKernel),
        ("H9", UnknownRule::NoKernel),
        ("H0", UnknownRule::NoRule),
        ("H17", UnknownRule::NoRule),
        ("1", UnknownRule::NoRule),
        ("", UnknownRule::NoRule),
    ] {
        assert_eq!(Rule::named(name), Err(why), "{name}");
    }
    assert_eq!(UnknownRule::NoKernel.to_string(), "no kernel here has it yet");
}

#[cfg(feature = "hardened")]
#[derive(Default)]
struct Heard(RefCell<Vec<(Breach, bool)>>);

#[cfg(feature = "hardened")]
impl crate::event::Sink for Heard {
    fn event(&self, event: &Event<'_>) {
        if let Event::Breach { breach, enforced, .. } = event {
            self.0.borrow_mut().push((*breach, *enforced));
        }
    }
}

#[cfg(feature = "hardened")]
#[test]
fn sunset_features_are_not_among_the_capabilities() {
    use crate::config::Options;
    use crate::field::TerminalCapabilities as Can;

    let rules = Rules::NONE.with(Rule::SunsetFeatures);
    let (kept, reported) = (Profile::of(rules, Rules::NONE), Profile::of(Rules::NONE, rules));
    let accepted = |profile| {
        Options { hardening: Hardening::by(profile), ..Options::DEFAULT }.accepted(Can([0xFF; 3]))
    };
    let mut fewer = Can([0xFF; 3]);
    fewer.clear(Can::SDA | Can::PLAINTEXT_PIN);
    assert_eq!(accepted(&kept), fewer);
    assert_eq!(accepted(&reported), Can([0xFF; 3]));
}

#[cfg(feature = "hardened")]
#[test]
fn what_is_only_reported_is_not_refused() {
    let profile =
        Profile::of(Rules::NONE.with(Rule::OfflineBound), Rules::NONE.with(Rule::BrandConsistent));
    let hardening = Hardening::by(&profile);
    let heard = Heard::default();
    let refuses = |breach| hardening.refuses(breach, None, Events::to(&heard));
    assert!(refuses(Breach::OfflineUnbound));
    assert!(!refuses(Breach::ForeignBrand));
    assert!(!refuses(Breach::TimeSpent));
    assert_eq!(heard.0.take(), [(Breach::OfflineUnbound, true), (Breach::ForeignBrand, false)]);
    assert!(hardening.asks(Rule::BrandConsistent) && !hardening.enforces(Rule::BrandConsistent));
    assert!(!Hardening::OFF.refuses(Breach::OfflineUnbound, None, Events::to(&heard)));
    assert!(heard.0.take().is_empty());
}

/// [H 5]
#[test]
fn accounts_are_of_their_brand() {
    let foreign = |name: &[u8], digits: &str| {
        let bytes = hex::decode(digits).unwrap();
        brand::is_foreign(SCHEMES, name, Pan::new(&bytes).unwrap())
    };
    let rid = |bytes: [u8; 5]| bytes;
    let mastercard = rid([0xA0, 0, 0, 0, 4]);
    let unionpay = rid([0xA0, 0, 0, 3, 0x33]);
    let cartes_bancaires = rid([0xA0, 0, 0, 0, 0x42]);
    for (name, digits, expected) in [
        (&VISA[..], "4761739001010010", false),
        (&VISA, "5413330089010012", true),
        (&VISA, "2221000000000009", true),
        (&VISA, "6228000000000000", true),
        (&mastercard, "5413330089010012", false),
        (&mastercard, "2221000000000009", false),
        (&mastercard, "2720990000000007", false),
        (&mastercard, "2721000000000004", true),
        (&mastercard, "5018000000000009", false),
        (&mastercard, "6799999999999999", false),
        (&mastercard, "4111111111111111", true),
        (&unionpay, "6228000000000000", false),
        (&unionpay, "4761739001010010", true),
        // Domestic cards have the account number of the other brand.
        (&cartes_bancaires, "4761739001010010", false),
        (&cartes_bancaires, "5413330089010012", false),
        (&cartes_bancaires, "3782822463100050", true),
        // A system that is not named takes any.
        (&rid([0xA0, 0, 0, 9, 0x99]), "1234560000000000", false),
    ] {
        assert_eq!(foreign(name, digits), expected, "{name:02X?} {digits}");
    }
}

/// An odd number of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0xA5; bits / 8];
    *modulus.last_mut().unwrap() |= 1;
    modulus
}

/// [H 8]
#[test]
fn moduli_are_odd_and_long_enough() {
    assert_eq!(key::breach(1024, &modulus(1024)), None);
    assert_eq!(key::breach(1025, &modulus(1024)), Some(Breach::ModulusShort));
    let mut even = modulus(1024);
    *even.last_mut().unwrap() &= 0xFE;
    assert_eq!(key::breach(1024, &even), Some(Breach::ModulusEven));
    assert_eq!(key::breach(0, &[]), Some(Breach::ModulusEven));
    // Leading zeros are no bits.
    let mut short = modulus(1024);
    (short[0], short[1]) = (0, 0x7F);
    assert_eq!(key::breach(1015, &short), None);
    assert_eq!(key::breach(1016, &short), Some(Breach::ModulusShort));
}

/// Primes of the published generator are `k M + 65537^a mod M` for a product `M` of small primes:
/// so is every product of two of them. [H 8]
#[test]
fn moduli_of_the_generator_that_is_known_broken_are_found() {
    // M of its shortest keys: the product of the first 39 primes.
    let small: Vec<u64> = (2..168).filter(|n| (2..*n).all(|divisor| n % divisor != 0)).collect();
    let product = small.iter().fold(vec![1_u8], |product, prime| times(&product, *prime));
    for (k, exponent) in [(3_u64, 17_u32), (0xFFFF, 1), (0x1_0001, 1234)] {
        // A number that is a power of 65537 by M, and M times k.
        let mut power = vec![1_u8];
        for _ in 0..exponent {
            power = remainder(&times(&power, 65_537), &product);
        }
        let factorable = plus(&times(&product, k), &power);
        let big_endian: Vec<u8> = factorable.iter().rev().copied().collect();
        assert_eq!(key::breach(128, &big_endian), Some(Breach::ModulusFactorable), "{k}");
        // Two more, and it is none.
        let other: Vec<u8> = plus(&factorable, &[2]).into_iter().rev().collect();
        assert_ne!(key::breach(128, &other), Some(Breach::ModulusFactorable));
    }
}

/// Little-endian arithmetic, as one does it by hand.
fn times(number: &[u8], factor: u64) -> Vec<u8> {
    let mut carry = 0_u64;
    let mut product = Vec::new();
    for byte in number.iter().copied().chain([0; 8]) {
        carry += u64::from(byte) * factor;
        product.push(carry as u8);
        carry >>= 8;
    }
    trimmed(product)
}

fn plus(number: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carry = 0_u16;
    let length = number.len().max(other.len()) + 1;
    let digit = |number: &[u8], place| number.get(place).copied().unwrap_or(0);
    let sum = (0..length).map(|place| {
        carry += u16::from(digit(number, place)) + u16::from(digit(other, place));
        let low = carry as u8;
        carry >>= 8;
        low
    });
    trimmed(sum.collect())
}

/// The number without multiples of the other, by subtraction of shifted ones.
fn remainder(number: &[u8], by: &[u8]) -> Vec<u8> {
    let mut rest = number.to_vec();
    for shift in (0..=rest.len().saturating_sub(by.len())).rev() {
        let shifted: Vec<u8> = core::iter::repeat_n(0, shift).chain(by.iter().copied()).collect();
        while !is_below(&rest, &shifted) {
            rest = minus(&rest, &shifted);
        }
    }
    rest
}

fn minus(number: &[u8], other: &[u8]) -> Vec<u8> {
    let mut borrow = 0_i16;
    let difference = number.iter().enumerate().map(|(place, byte)| {
        let digit = i16::from(*byte) - i16::from(other.get(place).copied().unwrap_or(0)) - borrow;
        borrow = i16::from(digit < 0);
        digit as u8
    });
    trimmed(difference.collect())
}

fn is_below(number: &[u8], other: &[u8]) -> bool {
    let (number, other) = (trimmed(number.to_vec()), trimmed(other.to_vec()));
    (number.len(), number.iter().rev().collect::<Vec<_>>())
        < (other.len(), other.iter().rev().collect())
}

fn trimmed(mut number: Vec<u8>) -> Vec<u8> {
    while number.last() == Some(&0) {
        number.pop();
    }
    number
}

/// What is contradicted, by a profile that enforces everything and knows Visa's version 10.
fn contradiction(
    application_data: &str,
    given: (CryptogramType, bool),
    verification: Option<CvmResults>,
) -> Option<Breach> {
    let known = [([0xA0, 0, 0, 0, 3], 10)];
    let profile = Profile { cryptogram_versions: &known, ..Profile::ENFORCED };
    let data = hex::decode(application_data).unwrap();
    card_results::contradiction(&profile, &VISA, &data, given, verification)
}

/// [H 15]
#[test]
fn the_card_says_the_same_twice_of_its_cryptogram() {
    // The first answer: AAC, TC, ARQC, reserved; nothing asked for the second time.
    for (bits, kind) in [("80", Some(Aac)), ("90", Some(Tc)), ("A0", Some(Arqc)), ("B0", None)] {
        let data = format!("06010A03{bits}0000");
        for given in [Aac, Arqc, Tc] {
            let expected = (kind != Some(given)).then_some(Breach::CryptogramTypeDiffers);
            assert_eq!(contradiction(&data, (given, true), None), expected, "{bits} {given:?}");
        }
    }
    assert_eq!(contradiction("06010A03600000", (Tc, false), None), None);
    let differs = Some(Breach::CryptogramTypeDiffers);
    assert_eq!(contradiction("06010A03200000", (Tc, false), None), differs);
    // A layout that nobody knows says nothing.
    assert_eq!(contradiction("05010A03800000", (Tc, true), None), None);
    assert_eq!(contradiction("", (Tc, true), None), None);
}

/// [H 16]
#[test]
fn a_pin_that_was_accepted_was_verified_by_the_card() {
    let results = |code, outcome| Some(CvmResults { code, condition: 0, outcome });
    let (right, unknown) = (CvmOutcome::Successful, CvmOutcome::Unknown);
    let differs = Some(Breach::PinResultDiffers);
    for (pin, verified) in [("90", false), ("94", true), ("96", false)] {
        let data = format!("06010A03{pin}0000");
        let differs = if verified { None } else { differs };
        for (code, outcome) in [(0x41, right), (0x44, right), (0x03, unknown), (0x05, unknown)] {
            assert_eq!(contradiction(&data, (Tc, true), results(code, outcome)), differs, "{pin}");
        }
        for (code, outcome) in [(0x41, CvmOutcome::Failed), (0x42, unknown), (0x1F, right)] {
            assert_eq!(contradiction(&data, (Tc, true), results(code, outcome)), None, "{pin}");
        }
    }
    // Nobody vouches for version 14.
    assert_eq!(contradiction("06010E03900000", (Tc, true), results(0x41, right)), None);
    // The Common Core's layout tells itself.
    let core = |results: &str| format!("0FA501{results}{}0F{}", "00".repeat(8), "00".repeat(15));
    assert_eq!(contradiction(&core("9000000000"), (Tc, true), results(0x41, right)), differs);
    assert_eq!(contradiction(&core("9008000000"), (Tc, true), results(0x41, right)), None);
    assert_eq!(contradiction(&core("900C000000"), (Tc, true), results(0x41, right)), differs);
}
