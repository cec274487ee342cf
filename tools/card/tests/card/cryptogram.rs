//! Cryptograms, the issuer's answer, and what the card decides.

use chipwright::cryptogram::{
    CryptogramVersion, DoubleKey, MASTERCARD_20, Session, UNION_PAY_1, VISA_10, VISA_18, VISA_22,
    Verdict,
};
use chipwright::value::Pan;
use chipwright_rustcrypto::RustCrypto;

use crate::terminal::{CDOL1, CDOL2, Objects, Terminal, bytes, visa};

const PAN: [u8; 8] = [0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x01, 0x19];

fn master_key(version: &CryptogramVersion, name: &str, pan: &[u8]) -> DoubleKey {
    let text = include_str!("../../../../test-vectors/keys/issuer-master-keys.toml");
    let file: toml::Table = text.parse().unwrap();
    let key = file[name]["application_cryptogram"].as_str().unwrap();
    let key = DoubleKey::new(bytes(key).try_into().unwrap());
    version.icc_master_key(&RustCrypto, &RustCrypto, &key, Pan::new(pan).unwrap(), 0x01)
}

/// The cryptogram over these terminal data, as an issuer computes it.
fn expected(
    session: &Session<'_>,
    version: &CryptogramVersion,
    aip: &[u8],
    data: &str,
    answer: &Objects,
) -> Vec<u8> {
    let data = bytes(data);
    let input = version.input(|tag| match tag.0 {
        0x9F02 => Some(&data[..6]),
        0x9F03 => Some(&data[6..12]),
        0x9F1A => Some(&data[12..14]),
        0x95 => Some(&data[14..19]),
        0x5F2A => Some(&data[19..21]),
        0x9A => Some(&data[21..24]),
        0x9C => Some(&data[24..25]),
        0x9F37 => Some(&data[25..29]),
        0x82 => Some(aip),
        0x9F36 => Some(&answer[&0x9F36]),
        0x9F10 => Some(&answer[&0x9F10]),
        _ => None,
    });
    session.application_cryptogram(input.unwrap().parts()).to_vec()
}

#[test]
fn every_version_makes_cryptograms_that_the_issuer_computes_too() {
    let unionpay = bytes("6228000100001117");
    let mastercard = bytes("5413330089020029");
    let cases: [(&str, &str, &CryptogramVersion, &[u8]); 5] = [
        ("visa", "", &VISA_10, &PAN),
        ("visa", "cryptogram = { version = 18, discretionary_data = 'ABCD' }", &VISA_18, &PAN),
        ("visa", "cryptogram.version = 0x22", &VISA_22, &PAN),
        ("mastercard", "", &MASTERCARD_20, &mastercard),
        ("unionpay", "format = 1", &UNION_PAY_1, &unionpay),
    ];
    for (scheme, more, version, pan) in cases {
        let profile = visa(more).replace("'visa'", &format!("'{scheme}'"));
        let mut terminal = Terminal::with(&profile);
        let card = terminal.read();
        let master = master_key(version, scheme, pan);
        let first = terminal.generate(0x80, CDOL1);
        assert_eq!(first[&0x9F27], [0x80], "{scheme} {more}");
        assert_eq!(first[&0x9F36], [0, 1]);
        let number = [0x11, 0x22, 0x33, 0x44];
        let session = Session::new(&RustCrypto, version, &master, [0, 1], number);
        let arqc = expected(&session, version, &card.aip, CDOL1, &first);
        assert_eq!(first[&0x9F26], arqc, "{scheme} {more}");

        let verdict = if matches!(version.number, 0x12 | 0x22) {
            Verdict::Status { update: [0, 0x80, 0, 0], proprietary: &[] }
        } else {
            Verdict::Code(*b"00")
        };
        let arqc: [u8; 8] = arqc.try_into().unwrap();
        let answer = session.issuer_authentication_data(arqc, verdict).unwrap();
        let mut data = CDOL2.to_owned();
        if scheme == "mastercard" {
            data = format!("{} {CDOL2}", hex::encode(&answer));
        } else {
            assert_eq!(terminal.tell("00820000", &hex::encode(&answer)), 0x9000);
        }
        let second = terminal.generate(0x40, &data);
        assert_eq!(second[&0x9F27], [0x40], "{scheme} {more}");
        let session = Session::new(&RustCrypto, version, &master, [0, 1], [0x55, 0x66, 0x77, 0x88]);
        let certificate = expected(&session, version, &card.aip, CDOL2, &second);
        assert_eq!(second[&0x9F26], certificate, "{scheme} {more}");
        let last_online = terminal.send("80CA9F1300").0;
        assert_eq!(last_online, [0x9F, 0x13, 2, 0, 1], "{scheme} {more}");
    }
}

/// A card that asked online, and the right answer to it.
fn online(more: &str) -> (Terminal, String) {
    let mut terminal = Terminal::with_visa(more);
    terminal.read();
    let first = terminal.generate(0x80, CDOL1);
    let master = master_key(&VISA_10, "visa", &PAN);
    let session = Session::new(&RustCrypto, &VISA_10, &master, [0, 1], [0x11, 0x22, 0x33, 0x44]);
    let arqc = first[&0x9F26].as_slice().try_into().unwrap();
    let answer = session.issuer_authentication_data(arqc, Verdict::Code(*b"00"));
    (terminal, hex::encode(answer.unwrap()))
}

#[test]
fn a_wrong_answer_is_not_believed() {
    let (_, right) = online("");
    for byte in 0..right.len() / 2 {
        let mut wrong = bytes(&right);
        wrong[byte] ^= 0x10;
        let (mut terminal, _) = online("");
        assert_eq!(terminal.tell("00820000", &hex::encode(wrong)), 0x6300);
        assert_eq!(terminal.tell("00820000", &right), 0x6985, "once only");
        assert_eq!(terminal.generate(0x40, CDOL2)[&0x9F27], [0x00]);
        assert_eq!(terminal.send("80CA9F1300").0, [0x9F, 0x13, 2, 0, 0]);
    }
    let (mut terminal, right) = online("");
    assert_eq!(terminal.tell("00820000", &right), 0x9000);
    assert_eq!(terminal.tell("00820000", &right), 0x6985, "once only");
    assert_eq!(terminal.generate(0x40, CDOL2)[&0x9F27], [0x40]);
}

#[test]
fn an_answer_is_needed_where_it_is_mandatory() {
    for (more, given) in [("", 0x40), ("cryptogram.issuer_authentication_mandatory = true", 0x00)] {
        let (mut terminal, _) = online(more);
        assert_eq!(terminal.generate(0x40, CDOL2)[&0x9F27], [given], "{more}");
        // Without an issuer to ask, nobody misses its answer.
        let (mut terminal, _) = online(more);
        let unable = CDOL2.replace("3030", "5933");
        let second = terminal.generate(0x40, &unable);
        assert_eq!(second[&0x9F27], [0x40], "{more}");
        assert_eq!(second[&0x9F10][4] & 0x01, 0x01, "unable to go online");
        assert_eq!(terminal.send("80CA9F1300").0, [0x9F, 0x13, 2, 0, 0]);
    }
}

#[test]
fn an_issuer_that_does_not_approve_is_heard() {
    let master = master_key(&VISA_18, "visa", &PAN);
    for (second_byte, given) in [(0x80, 0x40), (0x00, 0x00)] {
        let mut terminal = Terminal::with_visa("cryptogram.version = 18");
        terminal.read();
        let first = terminal.generate(0x80, CDOL1);
        let session = Session::new(&RustCrypto, &VISA_18, &master, [0, 1], [0; 4]);
        let verdict = Verdict::Status { update: [0, second_byte, 0, 0], proprietary: &[] };
        let arqc = first[&0x9F26].as_slice().try_into().unwrap();
        let answer = session.issuer_authentication_data(arqc, verdict).unwrap();
        assert_eq!(terminal.tell("00820000", &hex::encode(answer)), 0x9000);
        assert_eq!(terminal.generate(0x40, CDOL2)[&0x9F27], [given]);
    }
}

#[test]
fn the_first_answer_is_what_the_profile_says() {
    for (first, given) in [
        ("as-requested", [0x00, 0x40, 0x80]),
        ("arqc", [0x00, 0x80, 0x80]),
        ("aac", [0x00, 0x00, 0x00]),
        ("tc", [0x40, 0x40, 0x40]),
    ] {
        for (p1, given) in [0x00, 0x40, 0x80].into_iter().zip(given) {
            let mut terminal = Terminal::with_visa(&format!("cryptogram.first = '{first}'"));
            terminal.read();
            assert_eq!(terminal.generate(p1, CDOL1)[&0x9F27], [given], "{first} {p1:02X}");
            let again = terminal.ask("80AE4000", CDOL2).1;
            assert_eq!(again, if given == 0x80 { 0x9000 } else { 0x6985 });
        }
    }
}

#[test]
fn the_second_answer_is_what_the_profile_says() {
    for (second, given) in [("as-requested", [0x00, 0x40]), ("aac", [0; 2]), ("tc", [0x40; 2])] {
        for (p1, given) in [0x00, 0x40].into_iter().zip(given) {
            let (mut terminal, _) = online(&format!("cryptogram.second = '{second}'"));
            assert_eq!(terminal.generate(p1, CDOL2)[&0x9F27], [given], "{second} {p1:02X}");
        }
    }
}

#[test]
fn transactions_are_counted_and_remembered() {
    let (mut terminal, answer) = online("cryptogram = { atc = 0xFFFC, last_online_atc = 9 }");
    let _ = answer;
    assert_eq!(terminal.send("80CA9F3600").0, [0x9F, 0x36, 2, 0xFF, 0xFD]);
    assert_eq!(terminal.send("80CA9F1300").0, [0x9F, 0x13, 2, 0, 9]);
    terminal.card.reset();
    terminal.select("A000000003");
    terminal.begin();
    // The transaction before went online and was not completed.
    let next = terminal.generate(0x80, CDOL1);
    assert_eq!(next[&0x9F36], [0xFF, 0xFE]);
    assert_eq!(next[&0x9F10][5] & 0x80, 0x80);
    terminal.generate(0x00, CDOL2);
    terminal.select("A000000003");
    terminal.begin();
    assert_eq!(terminal.generate(0x80, CDOL1)[&0x9F10][5] & 0x80, 0x00);
    terminal.select("A000000003");
    assert_eq!(terminal.ask("80A80000", "8300").1, 0x6985, "the counter is used up");
}

#[test]
fn the_seed_changes_random_numbers_and_nothing_else() {
    let profile =
        chipwright_card::Profile::parse(&visa("authentication.methods = ['dda']")).unwrap();
    let talk = |seed| {
        let card = chipwright_card::Card::new(&profile, seed).unwrap();
        let mut terminal = Terminal { card };
        let read = terminal.read();
        let dynamic = terminal.ask("00880000", "11223344").0;
        (read.objects, terminal.generate(0x80, CDOL1), dynamic)
    };
    let (one, same, other) = (talk(1), talk(1), talk(2));
    assert_eq!(one, same);
    assert_eq!((&one.0, &one.1), (&other.0, &other.1));
    assert_ne!(one.2, other.2);
}
