//! Terminals.

use crate::case::{RandomSelection, Scheme, Terminal};
use crate::dice::Dice;

/// Floor limits; amounts are drawn around them.
const FLOOR_LIMITS: [u32; 5] = [0, 1000, 5000, 5000, 100_000];

pub(super) fn kind(dice: &Dice) -> u8 {
    dice.pick(&[
        0x21, 0x22, 0x22, 0x22, 0x23, 0x24, 0x25, 0x25, 0x26, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
        0x34, 0x35, 0x36,
    ])
}

pub(super) fn terminal(dice: &Dice, kind: u8, partial: bool, scheme: Scheme) -> Terminal {
    let floor_limit = dice.pick(&FLOOR_LIMITS);
    let version = scheme.version();
    Terminal {
        kind,
        capabilities: [0xE0, verification(dice, kind), dice.pick(&[0xC8, 0xC8, 0xC0, 0x80, 0x40])],
        additional: [dice.pick(&[0xF0, 0xF0, 0x70]), 0x00, 0xF0, 0xA0, 0x01],
        country: 276,
        partial,
        version: if dice.chance(85) { version } else { 0x0001 },
        floor_limit,
        random_selection: random_selection(dice, floor_limit),
        action_codes: action_codes(dice),
        default_ddol: dice.chance(70).then(|| dice.pick(&[LONG, &[0x9F, 0x37, 4]]).to_vec()),
        default_tdol: dice.chance(50).then(|| vec![0x9F, 0x02, 6, 0x95, 5]),
        knows_key: dice.chance(94),
        revoked: dice.chance(4),
    }
}

const LONG: &[u8] = &[0x9F, 0x37, 4, 0x9F, 0x02, 6, 0x95, 5];

/// Byte 2 of the Terminal Capabilities. Nobody takes a signature where nobody is, but a few
/// terminals claim to.
fn verification(dice: &Dice, kind: u8) -> u8 {
    let attended = matches!(kind & 0x0F, 1..=3);
    let byte = if dice.chance(60) { 0xF8 } else { dice.bytes::<1>()[0] & 0xF8 };
    if attended || dice.chance(15) { byte } else { byte & !0x20 }
}

fn random_selection(dice: &Dice, floor_limit: u32) -> RandomSelection {
    if floor_limit == 0 || dice.chance(40) {
        return RandomSelection { target: 0, maximum: 0, threshold: 0 };
    }
    let [target, maximum] = dice.pick(&[[20, 60], [0, 99], [50, 50], [99, 99]]);
    RandomSelection {
        target,
        maximum,
        threshold: dice.pick(&[0, floor_limit / 4, floor_limit - 1]),
    }
}

fn action_codes(dice: &Dice) -> [[u8; 5]; 3] {
    match dice.below(10) {
        0..=5 => [[0; 5]; 3],
        6 | 7 => [
            [0x00, 0x00, 0x00, 0x00, 0x00],
            [0xFC, 0x50, 0xBC, 0xF8, 0x00],
            [0xFC, 0x50, 0xBC, 0xA0, 0x00],
        ],
        8 => [[0x00, 0x10, 0x00, 0x00, 0x00], [0xDC, 0x40, 0x04, 0xF8, 0x00], [0; 5]],
        _ => {
            let some = || dice.bytes::<5>().map(|byte| byte & dice.bytes::<1>()[0] & 0x55);
            [some(), some(), some()]
        }
    }
}
