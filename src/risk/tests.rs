use super::*;
use crate::event::{Event, Events, Sink};
use core::cell::RefCell;
use proptest::prelude::*;

/// Byte 4 of the Terminal Verification Results and the bits in it.
const FLOOR: u8 = 0x80;
const LOWER: u8 = 0x40;
const UPPER: u8 = 0x20;
const RANDOM: u8 = 0x10;
const FORCED: u8 = 0x08;

#[derive(Default)]
struct Noted(RefCell<Vec<Reason>>);

impl Sink for Noted {
    fn event(&self, event: &Event<'_>) {
        if let Event::Result { reason, .. } = event {
            self.0.borrow_mut().push(*reason);
        }
    }
}

fn exposure(amount: u64, floor_limit: u32) -> Exposure {
    Exposure {
        amount: Amount::new(amount).unwrap(),
        logged: Amount::ZERO,
        floor_limit,
        on_exception_file: false,
        force_online: false,
        random: None,
        velocity: None,
    }
}

fn bits(exposure: &Exposure) -> [u8; 5] {
    let mut findings = Findings::new(Events::NONE);
    let Assessed(()) = assess(exposure, &mut findings);
    findings.bits().0
}

fn reasons(exposure: &Exposure) -> Vec<Reason> {
    let noted = Noted::default();
    let Assessed(()) = assess(exposure, &mut Findings::new(Events::to(&noted)));
    noted.0.into_inner()
}

#[test]
fn nothing_speaks_against_a_small_amount() {
    assert_eq!(bits(&exposure(0, 1)), [0; 5]);
    assert!(reasons(&exposure(0, 1)).is_empty());
}

/// [B3 10.6 forced; B4 6.3.5 exception-file; B4 6.3.5; B4 6.5.3]
#[test]
fn exception_file_and_merchant_have_bits_of_their_own() {
    for (on_exception_file, force_online) in
        [(false, false), (true, false), (false, true), (true, true)]
    {
        let exposure = Exposure { on_exception_file, force_online, ..exposure(1, 100) };
        let first = if on_exception_file { 0x10 } else { 0 };
        let fourth = if force_online { FORCED } else { 0 };
        assert_eq!(bits(&exposure), [first, 0, 0, fourth, 0]);
    }
}

/// [B3 10.6.1 reached]
#[test]
fn reaching_the_floor_limit_counts() {
    for (amount, logged, floor, reached) in [
        (9_999, 0, 10_000, false),
        (10_000, 0, 10_000, true),
        (10_001, 0, 10_000, true),
        (5_000, 4_999, 10_000, false),
        (5_000, 5_000, 10_000, true),
        (1, 9_999, 10_000, true),
        (0, 10_000, 10_000, true),
        (0, 0, 0, true),
        (0, 0, 1, false),
        (u64::from(u32::MAX) - 1, 0, u32::MAX, false),
        (u64::from(u32::MAX), 0, u32::MAX, true),
        // More than four bytes can hold must not wrap around to a small number.
        (u64::from(u32::MAX) + 1, 0, u32::MAX, true),
        (1, u64::from(u32::MAX), u32::MAX, true),
        (999_999_999_999, 999_999_999_999, u32::MAX, true),
    ] {
        let exposure = Exposure { logged: Amount::new(logged).unwrap(), ..exposure(amount, floor) };
        let expected = if reached { FLOOR } else { 0 };
        assert_eq!(bits(&exposure), [0, 0, 0, expected, 0], "{amount} {logged} {floor}");
    }
}

/// A fraction with a positive denominator.
#[derive(Clone, Copy)]
struct Fraction(i128, i128);

impl Fraction {
    fn at_least(self, number: u8) -> bool {
        self.0 >= i128::from(number) * self.1
    }
}

/// The percentage with which a transaction below the floor limit is selected, exactly.
fn percentage(amount: u64, floor: u32, parameters: RandomSelection) -> Fraction {
    let RandomSelection { target, maximum, threshold } = parameters;
    let (amount, floor) = (i128::from(amount), i128::from(floor));
    let (target, maximum) = (i128::from(target), i128::from(maximum));
    let threshold = i128::from(threshold);
    if amount < threshold {
        return Fraction(target, 1);
    }
    let (part, whole) = (amount - threshold, floor - threshold);
    Fraction((maximum - target) * part + target * whole, whole)
}

fn selected(amount: u64, floor: u32, parameters: RandomSelection, drawn: u8) -> bool {
    let exposure = Exposure { random: Some((parameters, drawn)), ..exposure(amount, floor) };
    let bits = bits(&exposure);
    assert_eq!([bits[0], bits[1], bits[2], bits[4]], [0; 4], "other bits: {bits:02X?}");
    assert!(
        matches!(bits[3], 0 | RANDOM | FLOOR),
        "floor limit and selection exclude each other: {bits:02X?}"
    );
    bits[3] == RANDOM
}

/// [B3 10.6.2 below; B3 10.6.2 biased]
#[test]
fn selects_with_exactly_the_interpolated_percentage() {
    for floor in [0, 1, 2, 3, 7, 10] {
        for threshold in 0..=floor + 2 {
            for amount in 0..u64::from(floor) + 2 {
                for (target, maximum) in
                    [(0, 0), (0, 99), (1, 2), (20, 50), (33, 34), (50, 50), (99, 99)]
                {
                    let parameters = RandomSelection { target, maximum, threshold };
                    let below = amount < u64::from(floor);
                    for drawn in 1..=99 {
                        let expected =
                            below && percentage(amount, floor, parameters).at_least(drawn);
                        assert_eq!(
                            selected(amount, floor, parameters, drawn),
                            expected,
                            "{amount} {floor} {parameters:?} {drawn}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn selection_at_its_edges() {
    let parameters = RandomSelection { target: 20, maximum: 60, threshold: 500 };
    for (amount, last) in [
        (0, 20),
        (499, 20),
        (500, 20),
        (512, 20),
        (513, 21), // 20 + 40 * 13 / 500 = 21.04
        (750, 40),
        (987, 58),
        (988, 59), // 59.04
        (999, 59), // 59.92: the maximum is reached at the floor limit only
    ] {
        assert!(selected(amount, 1000, parameters, last), "{amount}");
        assert!(!selected(amount, 1000, parameters, last + 1), "{amount}");
    }
}

#[test]
fn a_threshold_beyond_the_floor_limit_leaves_the_target_percentage() {
    let parameters = RandomSelection { target: 10, maximum: 99, threshold: u32::MAX };
    for amount in [0, 1, 99] {
        assert!(selected(amount, 100, parameters, 10));
        assert!(!selected(amount, 100, parameters, 11));
    }
    let parameters = RandomSelection { threshold: 100, ..parameters };
    assert!(!selected(99, 100, parameters, 11));
}

#[test]
fn above_the_floor_limit_nothing_is_selected() {
    let always = RandomSelection { target: 99, maximum: 99, threshold: 0 };
    assert!(!selected(100, 100, always, 1));
    assert!(!selected(999_999_999_999, u32::MAX, always, 1));
    // The logged amount counts for the floor limit.
    let exposure = Exposure {
        logged: Amount::new(60).unwrap(),
        random: Some((always, 1)),
        ..exposure(40, 100)
    };
    assert_eq!(bits(&exposure), [0, 0, 0, FLOOR, 0]);
}

#[test]
fn the_logged_amount_does_not_bias_selection() {
    let parameters = RandomSelection { target: 10, maximum: 90, threshold: 50 };
    let exposure = Exposure {
        logged: Amount::new(40).unwrap(),
        random: Some((parameters, 11)),
        ..exposure(49, 100)
    };
    assert_eq!(bits(&exposure), [0; 5]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn selection_is_exact_and_never_overflows(
        amount in prop_oneof![0..1_000_000_000_000u64, 0..10_000u64, 4_294_967_290..4_294_967_300u64],
        logged in prop_oneof![Just(0u64), 0..1_000_000_000_000u64],
        floor in prop_oneof![any::<u32>(), 0..10_000u32, Just(u32::MAX)],
        threshold in prop_oneof![any::<u32>(), 0..10_000u32],
        target in any::<u8>(), maximum in any::<u8>(), drawn in any::<u8>(),
    ) {
        let parameters = RandomSelection { target, maximum, threshold };
        let exposure = Exposure {
            logged: Amount::new(logged).unwrap(),
            random: Some((parameters, drawn)),
            ..exposure(amount, floor)
        };
        let bits = bits(&exposure)[3];
        if amount + logged >= u64::from(floor) {
            prop_assert_eq!(bits, FLOOR);
        } else if maximum >= target {
            let expected = percentage(amount, floor, parameters).at_least(drawn);
            prop_assert_eq!(bits, if expected { RANDOM } else { 0 });
        }
    }

    #[test]
    fn selection_grows_with_the_amount(
        floor in 2..u32::MAX, threshold in any::<u32>(),
        target in 0..=99u8, growth in 0..=99u8, drawn in 1..=99u8,
        (a, b) in (any::<u32>(), any::<u32>()),
    ) {
        let maximum = (target + growth).min(99);
        let parameters = RandomSelection { target, maximum, threshold };
        let (a, b) = (a.min(b) % floor, a.max(b) % floor);
        let (small, large) = (u64::from(a.min(b)), u64::from(a.max(b)));
        prop_assert!(
            selected(large, floor, parameters, drawn) >= selected(small, floor, parameters, drawn)
        );
    }
}

fn velocity(atc: Option<u16>, last_online: Option<u16>, limits: (u8, u8)) -> [u8; 5] {
    bits(&Exposure {
        velocity: Some(Velocity {
            transaction_counter: atc,
            last_online,
            lower_limit: limits.0,
            upper_limit: limits.1,
        }),
        ..exposure(1, 100)
    })
}

/// Bytes 2 and 4, by the rules.
fn expected(atc: Option<u16>, last_online: Option<u16>, limits: (u8, u8)) -> [u8; 5] {
    let new_card = if last_online == Some(0) { 0x08 } else { 0 };
    let limits = match (atc, last_online) {
        (Some(atc), Some(last)) if atc > last => {
            let since = u32::from(atc) - u32::from(last);
            let lower = if since > u32::from(limits.0) { LOWER } else { 0 };
            let upper = if since > u32::from(limits.1) { UPPER } else { 0 };
            lower | upper
        }
        _ => LOWER | UPPER,
    };
    [0, new_card, 0, limits, 0]
}

/// [B3 10.6.3 lower; B3 10.6.3 upper]
#[test]
fn limits_are_exceeded_strictly() {
    for (since, bits) in
        [(1, 0), (18, 0), (19, LOWER), (52, LOWER), (53, LOWER | UPPER), (60_000, LOWER | UPPER)]
    {
        let found = velocity(Some(1234 + since), Some(1234), (18, 52));
        assert_eq!(found, [0, 0, 0, bits, 0], "{since}");
    }
    // Limits of zero are exceeded by every offline transaction, limits of 255 by the 256th.
    assert_eq!(velocity(Some(2), Some(1), (0, 0))[3], LOWER | UPPER);
    assert_eq!(velocity(Some(256), Some(1), (255, 255))[3], 0);
    assert_eq!(velocity(Some(257), Some(1), (255, 255))[3], LOWER | UPPER);
    assert_eq!(velocity(Some(0xFFFF), Some(1), (1, 255))[3], LOWER | UPPER);
}

/// [B3 10.6.3 unavailable; B3 10.6.3 backwards]
#[test]
fn counters_that_are_missing_or_run_backwards_exceed_both_limits() {
    const BOTH: u8 = LOWER | UPPER;
    for (atc, last_online, new_card) in [
        (None, None, 0),
        (Some(5), None, 0),
        (Some(0), None, 0),
        (None, Some(5), 0),
        (None, Some(0), 0x08),
        (Some(5), Some(5), 0),
        (Some(5), Some(6), 0),
        (Some(0), Some(0xFFFF), 0),
        (Some(0), Some(0), 0x08),
    ] {
        assert_eq!(
            velocity(atc, last_online, (255, 255)),
            [0, new_card, 0, BOTH, 0],
            "{atc:?} {last_online:?}"
        );
    }
}

/// [B3 10.6.3 new]
#[test]
fn a_card_that_was_never_online_is_new() {
    assert_eq!(velocity(Some(5), Some(0), (18, 52)), [0, 0x08, 0, 0, 0]);
    assert_eq!(velocity(Some(19), Some(0), (18, 52)), [0, 0x08, 0, LOWER, 0]);
    assert_eq!(velocity(Some(5), Some(1), (18, 52)), [0; 5]);
    assert_eq!(velocity(Some(5), None, (18, 52))[1], 0);
}

#[test]
fn velocity_agrees_with_the_rules_on_every_edge() {
    let limits = [0, 1, 2, 17, 127, 128, 254, 255];
    let counters = [
        None,
        Some(0),
        Some(1),
        Some(2),
        Some(17),
        Some(18),
        Some(127),
        Some(128),
        Some(129),
        Some(254),
        Some(255),
        Some(256),
        Some(257),
        Some(0x7FFF),
        Some(0x8000),
        Some(0xFFFE),
        Some(0xFFFF),
    ];
    for lower in limits {
        for upper in limits {
            for atc in counters {
                for last in counters {
                    assert_eq!(
                        velocity(atc, last, (lower, upper)),
                        expected(atc, last, (lower, upper)),
                        "{atc:?} {last:?} {lower} {upper}"
                    );
                }
            }
        }
    }
}

#[test]
fn says_why_both_limits_count_as_exceeded() {
    let with = |atc, last| {
        reasons(&Exposure {
            velocity: Some(Velocity {
                transaction_counter: atc,
                last_online: last,
                lower_limit: 1,
                upper_limit: 2,
            }),
            ..exposure(1, 100)
        })
    };
    assert_eq!(with(None, Some(3)), [Reason::CountersUnavailable]);
    assert_eq!(with(Some(3), Some(3)), [Reason::CountersInconsistent]);
    assert_eq!(
        with(Some(6), Some(3)),
        [Reason::LowerOfflineLimitExceeded, Reason::UpperOfflineLimitExceeded]
    );
}

/// [B3 10.6]
#[test]
fn every_check_is_made_whatever_the_others_found() {
    let exposure = Exposure {
        logged: Amount::new(50).unwrap(),
        on_exception_file: true,
        force_online: true,
        velocity: Some(Velocity {
            transaction_counter: Some(100),
            last_online: Some(0),
            lower_limit: 1,
            upper_limit: 2,
        }),
        ..exposure(50, 100)
    };
    assert_eq!(bits(&exposure), [0x10, 0x08, 0, FLOOR | LOWER | UPPER | FORCED, 0]);
}

#[test]
fn agrees_with_published_cases() {
    // From the test data of openemv/emv-utils: floor limit 10,000, consecutive limits 18 and 52.
    let floor = |amount, logged| {
        bits(&Exposure { logged: Amount::new(logged).unwrap(), ..exposure(amount, 10_000) })
    };
    assert_eq!(floor(15_000, 0), [0, 0, 0, 0x80, 0]);
    assert_eq!(floor(15_000, 1), [0, 0, 0, 0x80, 0]);
    assert_eq!(floor(5_000, 39_321), [0, 0, 0, 0x80, 0]);
    let limits = (0x12, 0x34);
    assert_eq!(velocity(None, None, limits), [0, 0, 0, 0x60, 0]);
    assert_eq!(velocity(Some(0x04D2), Some(0x04BF), limits), [0, 0, 0, 0x40, 0]);
    assert_eq!(velocity(Some(0x04D2), Some(0x049D), limits), [0, 0, 0, 0x60, 0]);
    assert_eq!(velocity(Some(5), Some(0), limits), [0, 0x08, 0, 0, 0]);
}

/// [B3 10.6.2 draw]
#[test]
fn draws_every_number_from_1_to_99_equally_often() {
    let mut drawn = [0; 256];
    let mut refused = 0;
    for byte in 0..=u8::MAX {
        match draw(byte) {
            Some(number) => drawn[usize::from(number)] += 1,
            None => refused += 1,
        }
    }
    assert!(drawn[1..=99].iter().all(|count| *count == drawn[1]));
    assert_eq!(drawn[0] + drawn[100..].iter().sum::<i32>(), 0);
    assert!(refused < 99, "a byte is refused only where it would favour a number");
    assert_eq!(99 * drawn[1] + refused, 256);
}
