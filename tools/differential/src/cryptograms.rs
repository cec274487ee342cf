//! Random cases of the issuer's cryptography and what the core makes of them, as JSON lines: for
//! `pyemv_check.py`, which makes it again.

use std::io::{self, Write};

use chipwright::cryptogram::{
    COMMON_CORE_5, CryptogramVersion, DoubleKey, Error, INTERAC_133, MASTERCARD_16, MASTERCARD_17,
    MASTERCARD_20, MASTERCARD_21, Pin, ResponseMethod, Scheme, Session, Tree, VISA_10, VISA_14,
    VISA_18, VISA_22, Verdict, common, cvc3, cvc3_vector, tree,
};
use chipwright::tag::Tag;
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;
use serde_json::{Value, json};

use crate::dice::Dice;

/// The cryptogram versions that both sides have, by the name that the lines have for them.
const VERSIONS: [(&str, CryptogramVersion); 10] = [
    ("visa-10", VISA_10),
    ("visa-14", VISA_14),
    ("visa-18", VISA_18),
    ("visa-22", VISA_22),
    ("mastercard-16", MASTERCARD_16),
    ("mastercard-17", MASTERCARD_17),
    ("mastercard-20", MASTERCARD_20),
    ("mastercard-21", MASTERCARD_21),
    ("interac-133", INTERAC_133),
    ("common-core-5", COMMON_CORE_5),
];

/// Data objects of every cryptogram here, and their lengths.
const OBJECTS: [(u32, usize); 9] = [
    (0x9F02, 6),
    (0x9F03, 6),
    (0x9F1A, 2),
    (0x95, 5),
    (0x5F2A, 2),
    (0x9A, 3),
    (0x9C, 1),
    (0x9F37, 4),
    (0x82, 2),
];

/// Writes so many cases of every version, and of the keys and codes that belong to none.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn write(seed: u32, cases: u32, out: &mut impl Write) -> io::Result<()> {
    for number in 0..cases {
        let dice = &Dice::new(seed, number);
        for (name, version) in VERSIONS {
            writeln!(out, "{}", version_case(dice, name, &version))?;
        }
        writeln!(out, "{}", tree_case(dice))?;
        writeln!(out, "{}", code_case(dice))?;
    }
    Ok(())
}

fn version_case(dice: &Dice, name: &str, version: &CryptogramVersion) -> Value {
    let crypto = &RustCrypto;
    let (digits, number) = account_number(dice);
    let pan = Pan::new(&number).expect("a drawn account number");
    let sequence_number = dice.chance(90).then(|| two_digits(dice));
    let issuer_keys = [(); 3].map(|()| dice.bytes::<16>());
    let card_keys = issuer_keys.map(|key| {
        let sequence_number = sequence_number.unwrap_or(0);
        version.icc_master_key(crypto, crypto, &DoubleKey::new(key), pan, sequence_number)
    });
    let [application, integrity, confidentiality] = &card_keys;
    let atc: [u8; 2] = dice.bytes();
    let objects = OBJECTS.map(|(tag, length)| (tag, dice.bytes::<6>()[..length].to_vec()));
    let issuer_data = issuer_application_data(dice, version);
    let object = |tag: Tag| match tag.0 {
        0x9F36 => Some(atc.as_slice()),
        0x9F10 => Some(issuer_data.as_slice()),
        wanted => objects.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| value.as_slice()),
    };
    let number = object(Tag(0x9F37)).and_then(|number| number.try_into().ok());
    let session = Session::new(crypto, version, application, atc, number.unwrap_or_default());
    let input = version.input(object).expect("the objects are there");
    let cryptogram = session.application_cryptogram(input.parts());

    let header: [u8; 5] = dice.bytes();
    let length = dice.below(33);
    let data = dice.bytes::<32>()[..length].to_vec();
    let key = version.script_key.derive(crypto, confidentiality, atc, cryptogram);
    let mut space = [0; 48];
    let enciphered = version.encipherment.encipher(crypto, &key, &data, &mut space);

    json!({
        "version": name,
        "issuer_keys": issuer_keys.map(hex::encode),
        "pan": digits,
        "sequence_number": sequence_number.map(|number| format!("{number:02x}")),
        "card_keys": card_keys.each_ref().map(|key| hex::encode(key.bytes())),
        "session_key": hex::encode(session.key().bytes()),
        "objects": objects.iter()
            .map(|(tag, value)| (format!("{tag:02x}"), Value::from(hex::encode(value))))
            .collect::<serde_json::Map<_, _>>(),
        "atc": hex::encode(atc),
        "issuer_application_data": hex::encode(&issuer_data),
        "cryptogram": hex::encode(cryptogram),
        "answer": answer(dice, version, &session, cryptogram),
        "header": hex::encode(header),
        "data": hex::encode(&data),
        "mac": hex::encode(session.script_mac(integrity, cryptogram, &header, &data)),
        "enciphered": hex::encode(enciphered.expect("there is room")),
        "pin": pin_change(dice, &session, [integrity, confidentiality], cryptogram),
    })
}

/// The issuer's answer: by code, or by status.
fn answer(
    dice: &Dice,
    version: &CryptogramVersion,
    session: &Session<'_>,
    cryptogram: [u8; 8],
) -> Value {
    let proprietary = dice.bytes::<8>()[..dice.below(9)].to_vec();
    let (code, update) = (dice.bytes(), dice.bytes());
    let verdict = match version.response {
        ResponseMethod::Status => Verdict::Status { update, proprietary: &proprietary },
        _ => Verdict::Code(code),
    };
    let data = session.issuer_authentication_data(cryptogram, verdict).expect("it is answered");
    json!({
        "code": hex::encode(code),
        "update": hex::encode(update),
        "proprietary": hex::encode(&proprietary),
        "data": hex::encode(&data),
    })
}

/// A PIN change, with the current PIN or without.
fn pin_change(
    dice: &Dice,
    session: &Session<'_>,
    keys: [&DoubleKey; 2],
    cryptogram: [u8; 8],
) -> Value {
    let [new, current] = [(); 2].map(|()| {
        let length = 4 + dice.below(9);
        dice.bytes::<12>()[..length].iter().map(|byte| byte % 10).collect::<Vec<u8>>()
    });
    let with = |current: Option<&[u8]>| {
        let pin = Pin::new(&new).expect("a drawn PIN");
        let current = current.and_then(Pin::new);
        match session.pin_change(keys, cryptogram, &pin, current.as_ref()) {
            Ok(command) => Some(hex::encode(&command)),
            Err(Error::CurrentPin) => None,
            Err(error) => panic!("{error}"),
        }
    };
    let text =
        |digits: &[u8]| -> String { digits.iter().map(|digit| char::from(b'0' + digit)).collect() };
    json!({
        "new": text(&new),
        "current": text(&current),
        "command": with(None),
        "command_with_current": with(Some(&current)),
    })
}

/// Issuer Application Data as cards of the version have it: what is not its name is random.
fn issuer_application_data(dice: &Dice, version: &CryptogramVersion) -> Vec<u8> {
    let random: [u8; 32] = dice.bytes();
    let length = match version.scheme {
        Scheme::Visa if *version == VISA_22 => 32,
        Scheme::Mastercard => dice.pick(&[18, 20, 26, 28]),
        Scheme::CommonCore => 32,
        _ => 7 + dice.below(26),
    };
    let mut data = random[..length].to_vec();
    let place = match version.scheme {
        Scheme::Visa if *version == VISA_22 => 1,
        Scheme::Mastercard | Scheme::CommonCore => 1,
        _ => 2,
    };
    data[0] = match version.scheme {
        Scheme::Visa if *version == VISA_22 => 0x1F,
        Scheme::Visa => 0x06,
        _ => data[0],
    };
    data[place] = version.number;
    assert_eq!(CryptogramVersion::of(version.scheme, &data), Some(version));
    data
}

/// The session key tree, of the shapes that are enough for every counter.
fn tree_case(dice: &Dice) -> Value {
    let (height, branches) = dice.pick(&[(8, 4), (16, 2), (16, 3), (8, 5), (7, 6)]);
    let shape = Tree::new(height, branches).expect("it has enough leaves");
    let (master, atc, initial): ([u8; 16], _, _) = (dice.bytes(), dice.bytes(), dice.bytes());
    let key = tree(&RustCrypto, &DoubleKey::new(master), atc, shape, initial);
    let diversifier = dice.bytes();
    let common = common(&RustCrypto, &DoubleKey::new(master), diversifier);
    json!({
        "version": "session-keys",
        "master_key": hex::encode(master),
        "atc": hex::encode(atc),
        "height": height,
        "branches": branches,
        "initial": hex::encode(initial),
        "tree": hex::encode(key.bytes()),
        "diversifier": hex::encode(diversifier),
        "common": hex::encode(common.bytes()),
    })
}

/// CVC3.
fn code_case(dice: &Dice) -> Value {
    let key: [u8; 16] = dice.bytes();
    let length = 12 + dice.below(20);
    let template = dice.bytes::<32>()[..length].to_vec();
    let (number, atc) = (dice.bytes(), dice.bytes());
    let card_key = DoubleKey::new(key);
    let vector = cvc3_vector(&RustCrypto, &card_key, &template);
    json!({
        "version": "cvc3",
        "key": hex::encode(key),
        "template": hex::encode(&template),
        "atc": hex::encode(atc),
        "unpredictable_number": hex::encode(number),
        "code": cvc3(&RustCrypto, &card_key, vector, number, atc),
    })
}

/// An account number of 12 to 19 digits: as text, and in format cn. None of a card: it begins with
/// digits that no issuer has.
pub(crate) fn account_number(dice: &Dice) -> (String, Vec<u8>) {
    let length = 12 + dice.below(8);
    let random = dice.bytes::<19>()[..length - 6].to_vec();
    let mut digits = "999999".to_owned();
    digits.extend(random.iter().map(|byte| char::from(b'0' + byte % 10)));
    let padded = if digits.len() % 2 == 1 { format!("{digits}F") } else { digits.clone() };
    let number = hex::decode(padded).expect("digits are hexadecimal");
    (digits, number)
}

/// Two digits in format n.
pub(crate) fn two_digits(dice: &Dice) -> u8 {
    let number = dice.below(100);
    u8::try_from(((number / 10) << 4) | (number % 10)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_objects_that_repeat_themselves() {
        let lines = |seed| {
            let mut out = Vec::new();
            write(seed, 3, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(lines(1), lines(1));
        assert_ne!(lines(1), lines(2));
        assert_eq!(lines(1).lines().count(), 3 * (VERSIONS.len() + 2));
        for line in lines(1).lines() {
            assert!(serde_json::from_str::<Value>(line).unwrap().is_object());
        }
    }
}
