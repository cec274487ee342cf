//! Cards.

use std::collections::BTreeMap;

use crate::case::{
    Account, ActionCodes, Application, Authentication, Cryptogram, Limits, Scheme, Verification,
};
use crate::dice::Dice;

/// Keys that go together: authority, issuer, card. The moduli shrink along the chain, so that
/// every certificate fits, with and without a remainder.
const CHAINS: [[&str; 3]; 11] = [
    ["ca-1984-e3", "issuer-1984-e3", "icc-1408-e3"],
    ["ca-1984-e3", "issuer-1408-e3", "icc-1152-e3"],
    ["ca-1984-e3", "issuer-1408-e3", "icc-1000-e3"],
    ["ca-1984-e3", "issuer-1408-e65537", "icc-1024-e3"],
    ["ca-1984-e65537", "issuer-1984-e65537", "icc-1408-e65537"],
    ["ca-1984-e65537", "issuer-1408-e65537", "icc-1152-e65537"],
    ["ca-1408-e3", "issuer-1408-e3", "icc-1408-e3"],
    ["ca-1408-e3", "issuer-1152-e3", "icc-1024-e65537"],
    ["ca-1408-e3", "issuer-1024-e3", "icc-896-e3"],
    ["ca-1152-e65537", "issuer-1152-e65537", "icc-1024-e65537"],
    ["ca-1152-e65537", "issuer-1152-e65537", "icc-1152-e65537"],
];

/// A chain whose signatures fill an answer: no cryptogram beside them.
const LONGEST: [&str; 3] = ["ca-1984-e3", "issuer-1984-e3", "icc-1984-e3"];

const PIN_KEYS: [(&str, usize); 4] =
    [("pin-1408-e3", 1408), ("pin-1152-e3", 1152), ("pin-1024-e65537", 1024), ("pin-896-e3", 896)];

/// Amounts, country, results, currency, date, type, number: what cryptograms cover.
const COVERED: &str = "9F02069F03069F1A0295055F2A029A039C019F3704";

/// What lists ask for beside that: of the terminal, of the card, of nobody; whole, longer,
/// shorter.
const FURTHER: [&str; 16] = [
    "9F3501", "9F3303", "9F4005", "9F2103", "9F1B04", "9F1B02", "9F1502", "9F1503", "9F160F",
    "9F4104", "9F0902", "9F1E08", "9F1E06", "8104", "9F6604", "9F4E05",
];

/// The same of objects that come up during the transaction, or from the card.
const LATER: [&str; 4] = ["9F3403", "9F4502", "9F4C08", "9B02"];

/// One application, or two: of different payment systems or, where the terminal looks for all of
/// a provider's applications, of the same one.
pub(super) fn applications(dice: &Dice, partial: bool) -> Vec<Application> {
    let first = dice.pick(&Scheme::ALL);
    let mut applications = vec![application(dice, first)];
    if partial && dice.chance(15) {
        let mut name = first.name().to_vec();
        name.push(0x01);
        let aid = Some(hex::encode_upper(name));
        applications.push(Application { aid, ..application(dice, first) });
    } else if dice.chance(10) {
        let other = *Scheme::ALL.iter().find(|scheme| **scheme != first).unwrap_or(&first);
        applications.push(application(dice, other));
    }
    let [higher, lower] = dice.pick(&[[1, 2], [2, 1]]);
    if applications.len() == 2 {
        (applications[0].priority, applications[1].priority) = (higher, lower);
    }
    applications
}

fn application(dice: &Dice, scheme: Scheme) -> Application {
    let mut omit: Vec<&str> = dice.some(
        4,
        &[
            "5F25", "9F07", "5F28", "9F08", "9F42", "9F0D", "9F0E", "9F0F", "8E", "5F20", "57",
            "9F13", "9F17", "5F34",
        ],
    );
    omit.dedup();
    let authentication = authentication(dice);
    let mut objects = BTreeMap::new();
    // A card of a profile without rules has no list, and does not promise one.
    let verification = verification(dice);
    if dice.chance(2) && !verification.rules.is_empty() {
        objects.insert("8E", "0000000000000000".to_owned());
        omit.retain(|tag| *tag != "8E");
    }
    Application {
        scheme,
        aid: None,
        priority: 1,
        confirmation: dice.chance(4),
        format: dice.pick(&[1, 2]),
        pdol: pdol(dice),
        terminal_risk_management: dice.chance(80),
        account: account(dice, scheme, omit.contains(&"5F34")),
        omit,
        authentication,
        verification,
        cryptogram: cryptogram(dice, scheme),
        action_codes: action_codes(dice),
        limits: limits(dice),
        objects,
    }
}

fn pdol(dice: &Dice) -> String {
    if dice.chance(50) {
        return String::new();
    }
    let terminals = [
        "9F3303", "9F1A02", "9F3501", "9F4005", "9F0206", "5F2A02", "9F3704", "9C01", "9A03",
        "9F2103", "9F6604", "9F0306", "8104",
    ];
    dice.some(40, &terminals).concat()
}

fn account(dice: &Dice, scheme: Scheme, without_sequence_number: bool) -> Account {
    let number = match scheme {
        Scheme::Visa => ["4761739001010119", "4761739001010010003", "4761739001011"],
        Scheme::Mastercard => ["5413330089020029", "5413330000000000014", "541333000000"],
        Scheme::UnionPay => ["6228000100001117", "6228000100001117012", "62280001000011"],
    };
    let (expiry, effective) = match dice.below(100) {
        0..5 => ("251231", "200101"),
        5..10 => ("260115", "260115"),
        10..15 => ("491231", "270101"),
        15 => ("491231", "991231"), // of the last century
        16 => ("951231", "900101"),
        _ => ("491231", "200101"),
    };
    let usage = match dice.below(10) {
        0..=3 => "FFC0".to_owned(),
        4 => "FDC0".to_owned(), // not at ATMs
        5 => "FEC0".to_owned(), // at ATMs alone
        6 => "AB80".to_owned(), // at home
        7 => "5740".to_owned(), // abroad
        _ => hex::encode_upper(dice.bytes::<2>()),
    };
    Account {
        number: number[if dice.chance(70) { 0 } else { dice.below(3) }],
        sequence_number: if without_sequence_number { 0 } else { dice.pick(&[0, 1, 12]) },
        expiry,
        effective,
        country: dice.pick(&[276, 276, 250]),
        currency: dice.pick(&[978, 978, 978, 840]),
        usage,
    }
}

fn authentication(dice: &Dice) -> Authentication {
    let methods: &[&'static str] = match dice.below(16) {
        0 | 1 => &[],
        2..=4 => &["sda"],
        5..=7 => &["dda"],
        8 => &["sda", "dda"],
        9..=11 => &["cda"],
        _ => &["sda", "dda", "cda"],
    };
    let longest = !methods.contains(&"cda") && dice.chance(10);
    let [ca_key, issuer_key, icc_key] = if longest { LONGEST } else { dice.pick(&CHAINS) };
    let room: usize = issuer_key.split('-').nth(1).and_then(|bits| bits.parse().ok()).unwrap_or(0);
    let fitting: Vec<&str> =
        PIN_KEYS.iter().filter(|(_, bits)| *bits <= room).map(|(name, _)| *name).collect();
    let has_keys = !methods.is_empty();
    Authentication {
        methods: methods.to_vec(),
        ca_key,
        issuer_key,
        icc_key,
        pin_key: (has_keys && dice.chance(50)).then(|| dice.pick(&fitting)),
        certificate_expiry: match dice.below(100) {
            0..10 => "0126",
            10..18 => "1225",
            18 => "1295",
            _ => "1249",
        },
        certificate_serial: dice.pick(&["000001", "123456"]),
        sign_aip: dice.chance(80),
        ddol: dice.pick(&["9F3704", "9F3704", "9F37049F02069A03", "9F02069F3704", ""]).to_owned(),
        dynamic_number_length: dice.pick(&[2, 4, 8]),
    }
}

fn verification(dice: &Dice) -> Verification {
    const METHODS: [u8; 20] = [
        0x00, 0x01, 0x01, 0x01, 0x02, 0x02, 0x02, 0x03, 0x03, 0x04, 0x04, 0x04, 0x05, 0x05, 0x1E,
        0x1E, 0x1F, 0x1F, 0x1F, 0x20,
    ];
    /// Of EMV 4.4: a face, verified by the card.
    const BIOMETRIC: u8 = 0x06;
    const CONDITIONS: [u8; 20] = [
        0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x03, 0x03, 0x03, 0x01, 0x02, 0x02, 0x04, 0x05, 0x06,
        0x07, 0x08, 0x09, 0x0A, 0x80,
    ];
    let count = dice.pick(&[0, 1, 2, 2, 3, 3, 4, 5]);
    let rule = |_| {
        let next = if dice.chance(70) { 0x40 } else { 0x00 };
        let method = if dice.chance(1) { BIOMETRIC } else { dice.pick(&METHODS) };
        hex::encode_upper([method | next, dice.pick(&CONDITIONS)])
    };
    Verification {
        rules: (0..count).map(rule).collect(),
        amount_x: 1000,
        amount_y: 5000,
        pin: dice.pick(&["1234", "123456", "098765432109"]),
        pin_try_limit: 3,
        pin_tries_left: dice.pick(&[3, 3, 3, 3, 3, 3, 3, 2, 1, 1, 0]),
    }
}

fn cryptogram(dice: &Dice, scheme: Scheme) -> Cryptogram {
    let version = match scheme {
        Scheme::Visa => dice.pick(&[0x0A, 0x0E, 0x12, 0x22]),
        Scheme::Mastercard => dice.pick(&[0x10, 0x11, 0x14, 0x15]),
        Scheme::UnionPay => 0x01,
    };
    let way = dice.pick(&["external", "external", "in-cdol2", "none"]);
    let mut first = COVERED.to_owned();
    let mut second = match (way, version) {
        // Cryptogram and Card Status Update; cryptogram and response code.
        ("in-cdol2", 0x12 | 0x22) => "9108".to_owned(),
        ("in-cdol2", _) => "910A".to_owned(),
        _ => String::new(),
    };
    second.push_str(COVERED);
    second.push_str("8A02");
    for list in [&mut first, &mut second] {
        list.push_str(&dice.some(8, &FURTHER).concat());
        list.push_str(&dice.some(3, &LATER).concat());
    }
    let hashes = dice.chance(20);
    if hashes {
        first.push_str("9814");
        second.push_str("9814");
    }
    Cryptogram {
        version,
        cdol1: first,
        cdol2: second,
        tdol: (hashes && dice.chance(50)).then(|| "9F02065F2A029A039505".to_owned()),
        issuer_authentication: way,
        issuer_authentication_mandatory: dice.chance(20),
        first: dice.pick(&["as-requested", "as-requested", "as-requested", "arqc", "aac"]),
        second: dice.pick(&["as-requested", "as-requested", "as-requested", "as-requested", "aac"]),
        atc: dice.pick(&[1, 5, 9, 20, 300]),
        last_online_atc: dice.pick(&[0, 1, 5, 9, 300]),
    }
}

fn action_codes(dice: &Dice) -> Option<ActionCodes> {
    let none = "0000000000".to_owned();
    let some = || hex::encode_upper(dice.bytes::<5>().map(|byte| byte & dice.bytes::<1>()[0]));
    match dice.below(10) {
        0..=2 => None,
        3..=6 => Some(ActionCodes { denial: none.clone(), online: none.clone(), default: none }),
        7 => Some(ActionCodes { denial: none, online: some(), default: some() }),
        8 => Some(ActionCodes { denial: some(), online: some(), default: some() }),
        _ => {
            let all = "FFFFFFFFFF".to_owned();
            Some(ActionCodes { denial: none.clone(), online: all, default: none })
        }
    }
}

fn limits(dice: &Dice) -> Limits {
    match dice.below(8) {
        0..=3 => Limits { lower: None, upper: None },
        4 => Limits { lower: Some(2), upper: None },
        5 => Limits { lower: Some(2), upper: Some(8) },
        6 => Limits { lower: Some(0), upper: Some(0) },
        _ => Limits { lower: Some(250), upper: Some(255) },
    }
}
