//! Writes the seeds of all targets but `tlv`: transactions recorded in the test vectors, those of a
//! card whose signatures are transparent, and strings.
//!
//! `cargo run --example seeds`, in this folder.

mod entry_point;
mod parsers;

use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::EMV;
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::outcome::Outcome;
use chipwright::session::{LinkError, PinMethod, PinResult, Proceed, Session};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};
use chipwright_c7::dictionary::C7;
use chipwright_fuzz::crypto::HASH;
use chipwright_fuzz::terminal::{APPLICATIONS, Setup};
use chipwright_harness::CardChannel;
use chipwright_harness::recorded::{Exchange, RecordedCard};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::pin::pin;

const TRACES: [&str; 4] =
    ["dc-mrautio-a", "dc-mrautio-b", "bf-contact-mastercard", "bf-contact-visa"];

fn main() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-vectors");
    for name in TRACES {
        let trace = json(&vectors.join(format!("traces/{name}.json")));
        contact(name, Setup(0, 0), exchanges(&trace));
    }
    // A chain of DDA and one of CDA share a key.
    let chains = json(&vectors.join("chains.json"));
    for (number, chain) in chains["vectors"].as_array().expect("a list").iter().enumerate() {
        let setup = Setup(Setup::FORCE_ONLINE, 0).with_chain(number as u8 / 2);
        let name = chain["id"].as_str().expect("a string");
        let card = Card::of_chain(&chain["inputs"]);
        contact(name, setup, card.exchanges());
        write("certificates", name, &card.certificates(0));
    }
    let card = Card::transparent();
    contact("transparent", Setup(Setup::TRANSPARENT, 0), card.exchanges());
    contact(
        "transparent-review",
        Setup(Setup::TRANSPARENT | Setup::REVIEWS, 0x08),
        card.exchanges(),
    );
    write("certificates", "transparent", &card.certificates(1));
    quickpass("arqc", &card.tapped("07010103A0000001", false));
    quickpass("tc", &card.tapped("0701010390000001", true));
    entry_point::write_all(&card);
    parsers::write_all(&vectors);
    write("dol", "cdol1", &lengthened(&hex("9F02069F03069F1A0295055F2A029A039C019F3704")));
    write("dol", "numeric", &[3, 0x9F, 0x02, 3, 40, 6, 1, 2, 3, 4, 5, 6]);
}

/// A tap with these answers, as the target `quickpass` reads it.
fn quickpass(name: &str, answers: &[Vec<u8>]) {
    // Transparent; a reader that can do everything; the default settings.
    let seed = [vec![Setup::TRANSPARENT, 0x16, 0x00]];
    let answers = answers.iter().map(|answer| reply(&[answer, &hex("9000")[..]].concat()));
    write("quickpass", name, &seed.into_iter().chain(answers).collect::<Vec<_>>().concat());
}

/// A transaction with this card, as the target `contact` reads it.
fn contact(name: &str, setup: Setup, exchanges: Vec<Exchange>) {
    let mut seed = vec![setup.0, setup.1];
    let (outcome, replies) = record(setup, &mut RecordedCard::new(exchanges));
    seed.extend(replies.iter().flatten());
    println!("{name}: {:?} {:?}", outcome.conclusion, outcome.end);
    write("contact", name, &seed);
    if name == "bf-contact-visa" || name == "transparent" {
        parsers::transaction(name, &seed, &replies);
    }
}

/// The outcome, and every reply as the target reads it.
fn record(setup: Setup, card: &mut RecordedCard) -> (Outcome, Vec<Vec<u8>>) {
    let mut replies = Vec::new();
    let terminal = setup.terminal();
    let transaction = setup.transaction(&terminal);
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    let mut driver = Driver::new(&session, task);
    let mut answer;
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("a reply of the kind asked for") {
            Output::Transmit(command) => match card.transmit(command) {
                Ok(bytes) => {
                    replies.push(reply(&bytes));
                    answer = bytes;
                    Input::Response { bytes: &answer, elapsed: 0 }
                }
                Err(_) => {
                    replies.push(vec![0xFE, 0x03]);
                    Input::LinkFailed(LinkError::Removed)
                }
            },
            Output::Choose(candidates) => {
                let number = candidates.by_priority().next().map(|(number, _)| number);
                replies.push(vec![number.unwrap_or(0xFF)]);
                Input::Chosen(number)
            }
            Output::VerifyPin(request) if request.entry.method == PinMethod::Online => {
                replies.push(vec![0x01]);
                Input::Pin(PinResult::Captured)
            }
            Output::VerifyPin(_) => {
                replies.push(vec![0x00, 0x90, 0x00]);
                Input::Pin(PinResult::Verified(Status::SUCCESS))
            }
            Output::Authorise(_) => {
                replies.push(b"\x01\x30\x30\x08AUTHDATA\x00".to_vec());
                Input::Authorised(HostResponse {
                    authorisation_response_code: *b"00",
                    issuer_authentication_data: Some(b"AUTHDATA"),
                    authorisation_code: None,
                    scripts: &[],
                })
            }
            Output::Review(_) => {
                replies.push(vec![2]);
                Input::Proceed(Proceed::Continue)
            }
            Output::Done(outcome) => return (outcome, replies),
            other => panic!("new kind of output: {other:?}"),
        };
    }
}

/// An answer, as the target reads it: made of data objects where it can be.
fn reply(answer: &[u8]) -> Vec<u8> {
    let raw = || match u8::try_from(answer.len()) {
        Ok(length @ ..=0xFB) => vec![length],
        Ok(_) => vec![0xFD, 0x00],
        Err(_) => vec![0xFD, (answer.len() - 0x100) as u8],
    };
    composed(answer).unwrap_or_else(|| [raw(), answer.to_vec()].concat())
}

fn composed(answer: &[u8]) -> Option<Vec<u8>> {
    let data = answer.strip_suffix(&[0x90, 0x00])?;
    let template = Tlvs::new(data).only().ok()??;
    let (around, content) = match template.tag {
        Tag(0x70) => (0, template.value),
        Tag(0x77) => (1, template.value),
        Tag(0x6F) => {
            let name = tlv::find(template.value, Tag(0x84)).ok()??;
            let place = APPLICATIONS.iter().position(|application| application.aid == name)?;
            (2 | (place as u8) << 2, tlv::find(template.value, Tag(0xA5)).ok()??)
        }
        _ => (3, data),
    };
    let mut coded = Vec::new();
    for tlv in Tlvs::new(content) {
        let tlv = tlv.ok()?;
        let known = EMV.entries().iter().chain(C7.entries());
        let place = known.map(|entry| entry.tag).position(|tag| tag == tlv.tag)?;
        let length = u8::try_from(tlv.value.len()).ok().filter(|length| *length < 0xFF)?;
        coded.extend([u8::try_from(place).ok()?, length]);
        coded.extend(tlv.value);
    }
    Some([&[0xFC, around], &coded[..], &[0xFF]].concat())
}

/// A card that can be put together from parts.
struct Card {
    afl: Vec<u8>,
    aip: [u8; 2],
    records: Vec<([u8; 2], Vec<u8>)>,
    issuer_certificate: Vec<u8>,
    icc_certificate: Vec<u8>,
    remainder: Vec<u8>,
    exponent: Vec<u8>,
    signature: Vec<u8>,
    ca_modulus: Vec<u8>,
    first_cryptogram: Vec<u8>,
}

impl Card {
    fn of_chain(inputs: &Value) -> Self {
        let bytes = |name| text(&inputs[name]);
        let records = inputs["records"].as_object().expect("records").iter();
        let place = |key: &str| {
            let (sfi, number) = key.split_once(',').expect("file and number");
            [sfi, number].map(|text| text.parse().expect("a number"))
        };
        Self {
            afl: bytes("afl"),
            aip: bytes("aip").try_into().expect("two bytes"),
            records: records.map(|(key, record)| (place(key), text(record))).collect(),
            issuer_certificate: bytes("issuer_certificate_90"),
            icc_certificate: bytes("icc_certificate_9F46"),
            remainder: bytes("issuer_remainder_92"),
            exponent: bytes("issuer_exponent_9F32"),
            signature: bytes("sdad_9F4B"),
            ca_modulus: bytes("ca_modulus"),
            first_cryptogram: bytes("generate_ac_response"),
        }
    }

    fn transparent() -> Self {
        let head = [&hex("6A02476173901249000001010190")[..], &[1]].concat();
        let issuer_certificate = certificate(&head, 248);
        let head = hex("6A044761739001010010FFFF1249000001010160");
        let icc_certificate = certificate(&[&head[..], &[1]].concat(), 144);
        let signature = certificate(&hex("6A050109080102030405060708"), 96);
        let card = "5A0847617390010100105F24034912315F28020978\
            8C159F02069F03069F1A0295055F2A029A039C019F3704\
            8D178A029F02069F03069F1A0295055F2A029A039C019F37048E0C000000000000000042031F00";
        let records = vec![
            ([1, 1], object(&[0x70], &hex(card))),
            ([2, 1], object(&[0x70], &hex("8F01F99F3201039F4701039F49039F37049F140103"))),
            ([2, 2], object(&[0x70], &object(&[0x90], &issuer_certificate))),
            ([2, 3], object(&[0x70], &object(&[0x9F, 0x46], &icc_certificate))),
        ];
        Self {
            afl: hex("0801010110010300"),
            aip: [0x3C, 0x00],
            records,
            issuer_certificate,
            icc_certificate,
            remainder: Vec::new(),
            exponent: vec![3],
            signature,
            ca_modulus: vec![0xFF; 248],
            first_cryptogram: hex("801280000111223344556677880601 0A03A00000"),
        }
    }

    /// Answers to SELECT, GET PROCESSING OPTIONS and READ RECORD of a contactless card.
    fn tapped(&self, issuer_data: &str, offline: bool) -> Vec<Vec<u8>> {
        let options = "82022000 9F36020001 9F26081122334455667788
            57114761739001010010D49122010000000000 5F340101 9F6C020000";
        let mut options = hex(&options.replace('\n', ""));
        options.extend(object(&[0x9F, 0x10], &hex(issuer_data)));
        let pdol = hex("9F66049F02069F03069F1A0295055F2A029A039C019F3704");
        let name = object(&[0x84], &hex("A0000000031010"));
        let proprietary = object(&[0xA5], &object(&[0x9F, 0x38], &pdol));
        let mut answers = vec![object(&[0x6F], &[name, proprietary].concat())];
        if offline {
            let signature = certificate(&hex("6A950109080102030405060708"), 96);
            options.extend(object(&[0x94], &hex("0801010010010300")));
            options.extend(object(&[0x9F, 0x4B], &signature));
            options.extend(object(&[0x9F, 0x69], &hex("01A1B2C3D4000000")));
        }
        answers.push(object(&[0x77], &options));
        if offline {
            let first = hex("5A0847617390010100105F24034912319F08020030");
            answers.push(object(&[0x70], &first));
            answers.push(object(&[0x70], &hex("8F01F99F3201039F470103")));
            answers.push(object(&[0x70], &object(&[0x90], &self.issuer_certificate)));
            answers.push(object(&[0x70], &object(&[0x9F, 0x46], &self.icc_certificate)));
        }
        answers
    }

    fn exchanges(&self) -> Vec<Exchange> {
        let fci = hex("6F1E8407A0000000031010A513500544454249548701019F38069F1A029F3501");
        let options = [object(&[0x82], &self.aip), object(&[0x94], &self.afl)].concat();
        let signature = object(&[0x77], &object(&[0x9F, 0x4B], &self.signature));
        let counter = |tag| object(&[0x9F, tag], &[0x00, 0x02]);
        let mut all = vec![
            exchange("00A4040007A0000000031010", fci),
            exchange("80A80000", object(&[0x77], &options)),
            exchange("00880000", signature),
            exchange("80CA9F36", counter(0x36)),
            exchange("80CA9F13", counter(0x13)),
            exchange("80CA9F17", hex("9F170103")),
            exchange("00820000", Vec::new()),
            exchange("80AE80", self.first_cryptogram.clone()),
            exchange("80AE90", self.first_cryptogram.clone()),
            exchange(
                "80AE",
                hex("771E9F2701409F360200019F260811223344556677889F100706010A03A00000"),
            ),
        ];
        all.extend(self.records.iter().map(|([sfi, number], record)| {
            let command = [0x00, 0xB2, *number, sfi << 3 | 4];
            exchange(&hex::encode(command), record.clone())
        }));
        all
    }

    /// The chain, as the target `certificates` reads it.
    fn certificates(&self, setup: u8) -> Vec<u8> {
        let e65537 = if self.exponent == [3] { 0 } else { 2 };
        let mut seed = vec![setup | e65537];
        seed.extend(lengthened(&self.ca_modulus));
        seed.extend(lengthened(&self.signature));
        let objects = [
            (0, &self.issuer_certificate),
            (1, &self.remainder),
            (2, &self.exponent),
            (3, &self.icc_certificate),
            (5, &self.exponent),
            (10, &self.aip.to_vec()),
        ];
        for (number, value) in objects.into_iter().filter(|(_, value)| !value.is_empty()) {
            seed.push(number);
            seed.extend(lengthened(value));
        }
        for ([sfi, _], record) in &self.records {
            if let Ok(length) = u8::try_from(record.len()) {
                seed.extend([sfi << 4 | 0x0F, length]);
                seed.extend(record);
            }
        }
        seed
    }
}

/// A transparent signature: its content, padding, the hash of everything, the trailer.
fn certificate(content: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = content.to_vec();
    bytes.resize(length - HASH.len() - 1, 0xBB);
    bytes.extend(HASH);
    bytes.push(0xBC);
    bytes
}

fn exchange(command: &str, mut answer: Vec<u8>) -> Exchange {
    answer.extend([0x90, 0x00]);
    Exchange { command: hex(command), is_prefix: true, answer }
}

fn exchanges(trace: &Value) -> Vec<Exchange> {
    let all = trace["exchanges"].as_array().expect("a list").iter();
    let exchange = |entry: &Value| Exchange {
        command: text(&entry["c"]),
        is_prefix: entry["c_is_prefix"].as_bool().unwrap_or(false),
        answer: text(&entry["r"]),
    };
    all.map(exchange).collect()
}

fn object(tag: &[u8], value: &[u8]) -> Vec<u8> {
    let length = u8::try_from(value.len()).expect("short");
    let length: &[u8] = if length < 0x80 { &[length] } else { &[0x81, length] };
    [tag, length, value].concat()
}

fn lengthened(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).expect("short")], bytes].concat()
}

fn write(target: &str, name: &str, seed: &[u8]) {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", target].iter().collect();
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), seed).expect("a file");
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a file of the checkout");
    serde_json::from_str(&text).expect("JSON")
}

fn text(value: &Value) -> Vec<u8> {
    hex(value.as_str().expect("a string"))
}

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).expect("hexadecimal")
}
