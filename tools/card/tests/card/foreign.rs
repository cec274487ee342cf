//! Personalisations that others published, and what others say that such cards answer.

use serde_json::Value;

use crate::authentication::{Key, dynamic_data};
use crate::terminal::{Terminal, bytes, objects, only};

fn vectors(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

#[test]
fn a_published_card_answers_as_in_its_trace() {
    let mut terminal = Terminal::with(include_str!("mrautio.toml"));
    let trace = include_str!("../../../../test-vectors/traces/dc-mrautio-a.json");
    let trace: Value = serde_json::from_str(trace).unwrap();
    let key = &trace["expected"]["applications"][0]["icc_public_key"];
    let key = Key {
        modulus: bytes(key["modulus"].as_str().unwrap()),
        exponent: bytes(key["exponent"].as_str().unwrap()),
    };
    let mut compared = 0;
    for exchange in trace["exchanges"].as_array().unwrap() {
        let command = exchange["c"].as_str().unwrap();
        let expected = exchange["r"].as_str().unwrap();
        // The directory of the published card has entries that ours has not.
        let directory = compared == 0 && !command.contains("AFFFFFFFFF1234");
        if directory {
            continue;
        }
        // A trace has no Le where the transport swallows it.
        let answer = terminal.card.transmit(&bytes(command));
        if command.starts_with("0088") {
            let signed =
                |answer: &[u8]| objects(&only(&answer[..answer.len() - 2]).1)[&0x9F4B].clone();
            let covered = bytes(&command[10..18]);
            let (ours, theirs) = (signed(&answer), signed(&bytes(expected)));
            assert_eq!(
                dynamic_data(&key, &ours, &covered)[0],
                dynamic_data(&key, &theirs, &covered)[0]
            );
        } else if command.starts_with("80AE") {
            // Its cryptogram is a constant; ours is not.
            let head = |answer: &[u8]| objects(&only(&answer[..answer.len() - 2]).1);
            let (ours, theirs) = (head(&answer), head(&bytes(expected)));
            assert_eq!((&ours[&0x9F27], &ours[&0x9F36]), (&theirs[&0x9F27], &theirs[&0x9F36]));
        } else {
            assert_eq!(hex::encode_upper(&answer), expected, "{command}");
        }
        compared += 1;
    }
    assert_eq!(compared, 10);
}

#[test]
fn a_published_test_card_makes_the_published_cryptograms() {
    let cards = vectors(include_str!("../../../../test-vectors/cards.json"));
    let card = cards.iter().find(|card| card["id"] == "card-pboc-0001").unwrap();
    let inputs = &card["inputs"];
    let mut records = String::new();
    for record in inputs["records"].as_array().unwrap() {
        let (sfi, number) = (&record["sfi"], &record["record"]);
        records += &format!("{{ sfi = {sfi}, number = {number}, data = {} }},", record["data"]);
    }
    let cryptograms = vectors(include_str!("../../../../test-vectors/cryptogram.json"));
    let cryptograms =
        cryptograms.iter().filter(|vector| vector["kind"] == "application_cryptogram_pboc_cvn01");
    let mut compared = 0;
    for vector in cryptograms {
        let (given, expected) = (&vector["inputs"], &vector["expected"]);
        let input = given["ac_input"].as_str().unwrap();
        let (data, aip) = (&input[..58], &input[58..62]);
        let atc = u16::from_str_radix(given["atc"].as_str().unwrap(), 16).unwrap();
        // Type of the first cryptogram, as the Card Verification Results in the input have it.
        let p1 = if &input[68..70] == "90" { 0x40 } else { 0x80 };
        let mut terminal = Terminal::with(&format!(
            "title = 'published'\n[[application]]\nscheme = 'unionpay'\naid = {}\nfci = {}\n\
            aip = '{aip}'\nrecord = [{records}]\n[application.account]\n\
            number = '6228000100001117'\n[application.cryptogram]\ncard_key = {}\n\
            atc = {}\nlast_online_atc = 1",
            inputs["aid"],
            inputs["fci_contact"],
            inputs["keys"]["udk_ac"],
            atc - 1,
        ));
        assert_eq!(terminal.select("A000000333"), bytes(inputs["fci_contact"].as_str().unwrap()));
        terminal.begin();
        for record in inputs["records"].as_array().unwrap() {
            let (sfi, number) = (&record["sfi"], &record["record"]);
            let p2 = sfi.as_u64().unwrap() << 3 | 4;
            let answer = terminal.send(&format!("00B2{:02X}{p2:02X}00", number.as_u64().unwrap()));
            assert_eq!(answer, (bytes(record["data"].as_str().unwrap()), 0x9000));
        }
        let answer = terminal.generate(p1, data);
        assert_eq!(hex::encode_upper(&answer[&0x9F26]), expected["ac"].as_str().unwrap());
        compared += 1;
    }
    assert_eq!(compared, 3);
}
