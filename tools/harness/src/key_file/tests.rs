use super::published::LastDay;
use super::*;
use serde_json::Value;
use std::collections::BTreeMap;

const TEST: Environment = Environment::Test;

fn today() -> Date {
    Date::new(2026, 1, 15).unwrap()
}

fn verdicts(text: &str) -> Vec<Result<(), Refusal>> {
    check(&read(text).unwrap(), TEST, today())
}

/// A whole key table: one of the published test keys.
fn table(change: impl FnOnce(&mut BTreeMap<&'static str, String>)) -> String {
    let text = include_str!("../../../../test-vectors/keys/capk.json");
    let keys: Value = serde_json::from_str(text).unwrap();
    let key = &keys["vectors"][1];
    let inputs = |name: &str| key["inputs"][name].as_str().unwrap().to_owned();
    let mut fields = BTreeMap::from([
        ("rid", inputs("rid")),
        ("index", inputs("index")),
        ("modulus", inputs("modulus")),
        ("exponent", inputs("exponent")),
        ("checksum", key["expected"]["sha1"].as_str().unwrap().to_owned()),
        ("expiry", "2026-01-15".to_owned()),
        ("environment", "test".to_owned()),
    ]);
    change(&mut fields);
    let lines = fields.iter().map(|(name, value)| format!("{name} = '{value}'\n"));
    format!("[[key]]\n{}", lines.collect::<String>())
}

/// [B2 10]
#[test]
fn every_check_refuses_what_it_is_for() {
    let verdict = |change: &dyn Fn(&mut BTreeMap<&'static str, String>)| {
        verdicts(&table(|fields| change(fields))).remove(0).err()
    };
    let set = |name, value: &str| {
        let value = value.to_owned();
        move |fields: &mut BTreeMap<&'static str, String>| drop(fields.insert(name, value.clone()))
    };
    let refused = |fault| Some(Refusal::Fault(fault));
    assert_eq!(verdict(&|_| ()), None);
    assert_eq!(verdict(&set("modulus", "C2")), refused(KeyFault::Modulus));
    assert_eq!(verdict(&set("modulus", &"C1".repeat(249))), refused(KeyFault::Modulus));
    assert_eq!(verdict(&set("exponent", "02")), refused(KeyFault::Exponent));
    assert_eq!(verdict(&set("exponent", "000003")), refused(KeyFault::Exponent));
    assert_eq!(verdict(&|fields| drop(fields.remove("checksum"))), refused(KeyFault::NoChecksum));
    assert_eq!(verdict(&set("index", "D2")), refused(KeyFault::Checksum));
    assert_eq!(verdict(&set("expiry", "2026-01-14")), refused(KeyFault::Expired));
    assert_eq!(verdict(&set("environment", "live")), refused(KeyFault::Environment));
    let twice = table(|_| ()) + &table(|_| ());
    assert_eq!(verdicts(&twice), [Ok(()), Err(Refusal::Fault(KeyFault::Duplicate))]);
    // One that is refused takes no place.
    let good = table(|fields| drop(fields.insert("expiry", "2026-01-14".to_owned())));
    let [Err(_), Ok(())] = verdicts(&(good + &table(|_| ())))[..] else { panic!("no") };
}

#[test]
fn errors_name_the_place() {
    let error = |text: &str| read(text).unwrap_err().to_string();
    assert_eq!(error("[[key]]\nrid = 'A0'\n"), "line 2, column 7: 1 bytes, expected 5");
    let expiry = table(|fields| drop(fields.insert("expiry", "2026-02-30".to_owned())));
    assert!(error(&expiry).contains("`2026-02-30` is no day"), "{}", error(&expiry));
    let side = table(|fields| drop(fields.insert("environment", "mock".to_owned())));
    assert!(error(&side).contains("`mock` is no environment"));
    assert!(error("{\n\"vectors\": 5}").starts_with("line 2, column "));
    for empty in ["", "title = 'x'", "{\"vectors\": []}"] {
        assert_eq!(error(empty), "no key in it");
    }
}

#[test]
fn last_days_are_read_in_every_form() {
    let day = |text: &str| LastDay::read(text).map(LastDay::date);
    let date = |year, month, day| Some(Date::new(year, month, day));
    for text in ["2026-12-31", "20261231", "31122026", "261231", "31 Dec 2026", "31 December 2026"]
    {
        assert_eq!(day(text), date(2026, 12, 31), "{text}");
    }
    assert_eq!(day("202002"), date(2020, 2, 28), "a month without a day");
    assert_eq!(day("31122099"), Some(None), "beyond all dates");
    for text in ["", "x", "5048575749505149", "20261331", "31 Foo 2026", "0-0-0", "1-2-3-4"] {
        assert_eq!(day(text), None, "{text}");
    }
}

/// Every key of the public collection, judged by what the collection says of it.
#[test]
fn the_public_collection_is_refused_for_the_right_reasons() {
    let text = include_str!("../../../../test-vectors/capk.json");
    let collection: Value = serde_json::from_str(text).unwrap();
    let keys = read(text).unwrap();
    let mut seen = BTreeMap::<String, u32>::new();
    let vectors = collection["vectors"].as_array().unwrap();
    for (vector, verdict) in vectors.iter().zip(check(&keys, TEST, today())) {
        let found = match verdict {
            Ok(()) => "good".to_owned(),
            Err(Refusal::Unusable(_)) => "unusable".to_owned(),
            Err(Refusal::Fault(fault)) => format!("{fault:?}"),
        };
        let expected = expected(vector);
        assert!(expected.contains(&found.as_str()), "{found}, not {expected:?}: {vector}");
        *seen.entry(found).or_default() += 1;
    }
    assert_eq!(seen.values().sum::<u32>(), 203);
    let counts = [seen["good"], seen["Checksum"], seen["Exponent"], seen["Duplicate"]];
    assert_eq!(counts, [38, 6, 8, 1], "{seen:?}");
}

/// The last days in the collection that are before today.
const OVER: [&str; 20] = [
    "091231",
    "2009-12-31",
    "20091231",
    "20121231",
    "201231",
    "20141231",
    "20161231",
    "20171231",
    "202001",
    "20201231",
    "2021-12-31",
    "20211231",
    "20221231",
    "2024-12-31",
    "20241231",
    "2025-12-31",
    "20251231",
    "221231",
    "31 December 2009",
    "31 December 2018",
];

/// What a key may come to.
fn expected(vector: &Value) -> Vec<&'static str> {
    let input = |field: &str| vector["inputs"][field].as_str().unwrap_or_default();
    let published = |field: &str| -> Vec<&str> {
        let list = vector["published"][field].as_array();
        list.into_iter().flatten().map(|item| item.as_str().unwrap()).collect()
    };
    let (modulus, days) = (input("modulus"), published("expiry"));
    let is_odd = modulus.ends_with(|digit: char| digit.to_digit(16).is_some_and(|n| n % 2 == 1));
    if input("algorithm") == "SM2" || days.contains(&"5048575749505149") {
        return vec!["unusable"];
    }
    if !is_odd || modulus.starts_with("00") || modulus.len() > 496 {
        return vec!["Modulus"];
    }
    if !matches!(input("exponent"), "03" | "010001") {
        return vec!["Exponent"];
    }
    if !published("checksums").iter().any(|text| text.len() == 40) {
        return vec!["NoChecksum"];
    }
    if vector["expected"]["published_checksum_valid"] == false {
        return vec!["Checksum"];
    }
    if days.iter().any(|day| OVER.contains(day)) {
        return vec!["Expired"];
    }
    if published("environment").contains(&"live") {
        return vec!["Environment"];
    }
    // Whether another one was there before, the key itself does not say.
    vec!["good", "Duplicate"]
}

/// Found by fuzzing: an object that ends at the beginning of a line had column 0.
#[test]
fn columns_of_published_keys_count_characters_from_one() {
    let place = |text: &str| read(text).unwrap_err().place;
    assert_eq!(place("{\n"), Some((2, 1)));
    assert_eq!(place("{\"é\": 1, x"), Some((1, 10)));
}
