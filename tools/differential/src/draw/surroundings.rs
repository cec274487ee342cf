//! Business, cardholder, issuer.

use chipwright::config::TransactionType;

use crate::case::{Business, Cardholder, Issuer, Mode, Script, Terminal};
use crate::dice::Dice;

/// Amounts around the limits of terminals and CVM lists.
const AMOUNTS: [u64; 10] = [1, 500, 999, 1000, 1001, 2500, 4999, 5000, 5001, 123_456];

pub(super) fn business(dice: &Dice, terminal: u8) -> Business {
    let attended = matches!(terminal & 0x0F, 1..=3);
    let kind = match (dice.below(8), attended) {
        (0..=4, _) => TransactionType::Purchase,
        (5, _) => TransactionType::Cashback,
        (_, true) => TransactionType::ManualCash,
        (_, false) => TransactionType::UnattendedCash,
    };
    let amount = dice.pick(&AMOUNTS);
    let cashback = kind == TransactionType::Cashback;
    Business {
        kind,
        amount,
        other: if cashback { amount.div_ceil(2) } else { 0 },
        currency: 978,
        date: dice.pick(&[(2026, 1, 15), (2026, 1, 15), (2026, 1, 15), (2026, 1, 31)]),
        time: [0x12, 0x34, 0x56],
        counter: u32::from(u16::from_be_bytes(dice.bytes())),
        unpredictable_number: dice.bytes(),
        drawn: u8::try_from(1 + dice.below(99)).unwrap_or(1),
    }
}

pub(super) fn cardholder(dice: &Dice, right: &'static str) -> Cardholder {
    const WRONG: &str = "4321";
    match dice.below(20) {
        0 => Cardholder::Enters(vec![WRONG, right]),
        1 => Cardholder::Enters(vec![WRONG; 3]),
        2 => Cardholder::Enters(vec![WRONG]),
        3..=5 => Cardholder::Bypasses,
        _ => Cardholder::Enters(vec![right; 5]),
    }
}

pub(super) fn issuer(dice: &Dice, terminal: &Terminal) -> Issuer {
    let offline = matches!(terminal.kind & 0x0F, 3 | 6);
    let mode = match dice.below(10) {
        _ if offline => Mode::Unreachable,
        0..=4 => Mode::Approves,
        5 | 6 => Mode::Declines,
        7 => Mode::ApprovesWrongly,
        _ => Mode::Unreachable,
    };
    let count = dice.pick(&[0, 0, 0, 1, 1, 2]);
    Issuer {
        mode,
        authenticates: dice.chance(85),
        scripts: (0..count).map(|_| script(dice)).collect(),
    }
}

fn script(dice: &Dice) -> Script {
    const SUCCESS: [u16; 4] = [0x9000, 0x9000, 0x6283, 0x63C1];
    const FAILURE: [u16; 5] = [0x6A80, 0x6985, 0x6988, 0x6D00, 0x6700];
    const HEADERS: [[u8; 5]; 4] = [
        [0x84, 0x1E, 0x00, 0x00, 0x08],
        [0x84, 0x18, 0x00, 0x00, 0x08],
        [0x84, 0x24, 0x00, 0x00, 0x08],
        [0x04, 0xDA, 0x9F, 0x14, 0x08],
    ];
    let count = dice.pick(&[0, 1, 1, 2, 3]);
    let command = |_| {
        let command = [dice.pick(&HEADERS).as_slice(), &dice.bytes::<8>()].concat();
        let answer = if dice.chance(75) { dice.pick(&SUCCESS) } else { dice.pick(&FAILURE) };
        (command, answer)
    };
    Script {
        template: dice.pick(&[0x71, 0x72]),
        identifier: dice.chance(60).then(|| dice.bytes()),
        commands: (0..count).map(command).collect(),
    }
}
