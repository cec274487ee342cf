//! Transcripts and card images that this project did not make: they verify, byte for byte, and
//! with any other byte they do not. [C7 4, 6.1]

use super::card::*;
use super::run::*;
use chipwright::config::CaPublicKey;
use chipwright::contactless::{OutcomeType, Reason};
use chipwright::crypto::Hash;
use chipwright::session::LinkError;
use chipwright::tlv::Tlvs;
use chipwright::value::Date;
use chipwright_harness::CardChannel;
use chipwright_rustcrypto::RustCrypto;
use core::convert::Infallible;
use rsa::hazmat::rsa_decrypt_and_check;
use rsa::rand_core::TryCryptoRng;
use rsa::{BoxedUint, PrivateKey};
use serde_json::Value;

fn read(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-vectors");
    serde_json::from_str(&std::fs::read_to_string(format!("{folder}/{name}")).unwrap()).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    hex(value.as_str().unwrap_or_else(|| panic!("{value}")))
}

/// A certification authority's key out of a vector.
struct Key {
    rid: [u8; 5],
    index: u8,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Key {
    fn new(key: &Value) -> Self {
        Self {
            rid: bytes(&key["rid"]).try_into().unwrap(),
            index: bytes(&key["index"])[0],
            modulus: bytes(&key["modulus"]),
            exponent: bytes(&key["exponent"]),
        }
    }

    fn of(&self) -> CaPublicKey<'_> {
        let Self { rid, index, modulus, exponent } = self;
        CaPublicKey { rid: *rid, index: *index, modulus, exponent }
    }
}

/// A transcript: the commands must come as it has them, in its order.
struct Transcript {
    exchanges: Vec<(Vec<u8>, Vec<u8>)>,
    next: usize,
}

impl Transcript {
    /// From the selection of the application on.
    fn new(document: &Value) -> Self {
        let exchanges = document["exchanges"].as_array().unwrap().iter();
        let exchanges = exchanges.skip(1).map(|pair| (bytes(&pair["c"]), bytes(&pair["r"])));
        Self { exchanges: exchanges.collect(), next: 0 }
    }

    /// All of it was played.
    fn is_over(&self) -> bool {
        self.next == self.exchanges.len()
    }
}

impl CardChannel for Transcript {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        let (expected, answer) = &self.exchanges[self.next];
        assert_eq!(hex::encode_upper(command), hex::encode_upper(expected));
        self.next += 1;
        Ok(answer.clone())
    }
}

/// The reader of a transcript: what it sent with GET PROCESSING OPTIONS.
fn reader(document: &Value) -> Run<'static> {
    let sent = bytes(&document["exchanges"][2]["c"]);
    let sent = &sent[7..];
    let number = |digits: &[u8]| hex::encode(digits).parse::<u64>().unwrap();
    let [year, month, day] = [sent[25], sent[26], sent[27]].map(|byte| number(&[byte]));
    Run {
        qualifiers: Some(sent[..4].try_into().unwrap()),
        amount: number(&sent[4..10]),
        date: Date::new(2000 + year as u16, month as u8, day as u8).unwrap(),
        number: Some(sent[29..33].try_into().unwrap()),
        name: hex("A000000333010101"),
        aid: hex("A000000333010101"),
        ..Run::default()
    }
}

/// Every QuickPass transcript, with what its publisher says that it comes to.
#[test]
fn transcripts_come_to_their_outcome() {
    for (name, kind) in [
        ("dq-0001-a", OutcomeType::Approved),
        ("dq-0001-b", OutcomeType::OnlineRequest),
        ("dq-0001-c", OutcomeType::Declined),
        ("qpboc-kata", OutcomeType::OnlineRequest),
    ] {
        let document = read(&format!("traces/{name}.json"));
        let application = &document["expected"]["applications"][0];
        let keys = application.get("capk").map(Key::new);
        let keys: Vec<_> = keys.iter().map(Key::of).collect();
        let mut transcript = Transcript::new(&document);
        let ended = Run { keys: &keys, ..reader(&document) }.with(&mut transcript);
        assert_eq!(ended.kind(), kind, "{name}: {:?}", ended.told);
        assert!(transcript.is_over(), "{name}");
        let said = application["outcome"].as_str().unwrap_or("online_request");
        let agrees = match kind {
            OutcomeType::Approved => said == "approved_offline",
            OutcomeType::Declined => said.starts_with("declined_offline"),
            _ => said == "online_request",
        };
        assert!(agrees, "{name}: {said}");
        if kind == OutcomeType::Approved {
            assert_eq!(ended.object(0x9F4C), application["fdda"]["icc_dynamic_number"]);
            assert_eq!((ended.count("Certificate"), ended.object(0x5A).as_str()), (2, PAN));
        }
    }
}

/// The objects that are signed, certified, or certify.
const COVERED: [u32; 11] =
    [0x9F69, 0x57, 0x5A, 0x8F, 0x90, 0x92, 0x9F32, 0x9F46, 0x9F47, 0x9F48, 0x9F4B];

/// Where the values of the covered objects lie in an answer.
fn covered(answer: &[u8], tags: &[u32]) -> Vec<usize> {
    let Ok(Some(template)) = Tlvs::new(&answer[..answer.len() - 2]).only() else {
        return Vec::new();
    };
    let place = |part: &[u8]| part.as_ptr() as usize - answer.as_ptr() as usize;
    let tlvs = template.children().flatten();
    let tlvs = tlvs.filter(|tlv| tags.contains(&tlv.tag.0));
    // Of a track, the account number alone.
    let length =
        |tlv: &chipwright::tlv::Tlv<'_>| if tlv.tag.0 == 0x57 { 8 } else { tlv.value.len() };
    tlvs.flat_map(|tlv| place(tlv.value)..place(tlv.value) + length(&tlv)).collect()
}

/// One byte after the other of everything that a signature covers, and of the signature.
#[test]
fn no_byte_of_a_transcript_may_be_another() {
    let document = read("traces/dq-0001-a.json");
    let key = Key::new(&document["expected"]["applications"][0]["capk"]);
    let keys = [key.of()];
    let run = Run { keys: &keys, ..reader(&document) };
    let whole = Transcript::new(&document);
    let mut refused = 0;
    for (place, (_, answer)) in whole.exchanges.iter().enumerate().skip(1) {
        for byte in covered(answer, &COVERED) {
            let mut transcript = Transcript::new(&document);
            transcript.exchanges[place].1[byte] ^= 0x10;
            let ended = run.with(&mut transcript);
            assert_ne!(ended.kind(), OutcomeType::Approved, "exchange {place} byte {byte}");
            refused += 1;
        }
    }
    assert!(refused > 480, "{refused}");
    // And what the terminal put in.
    for change in [
        |run: &mut Run<'_>| run.amount += 1,
        |run: &mut Run<'_>| run.number = Some([0x11, 0x22, 0x33, 0x45]),
    ] {
        let mut other = Run { keys: &keys, ..reader(&document) };
        change(&mut other);
        let mut recorded = Recorded(Transcript::new(&document));
        let ended = other.with(&mut recorded);
        assert_eq!(
            (ended.kind(), ended.reason()),
            (OutcomeType::OnlineRequest, Some(Reason::AuthenticationFailedOnline))
        );
    }
}

/// A transcript whose card does not listen.
struct Recorded(Transcript);

impl CardChannel for Recorded {
    fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, LinkError> {
        let (_, answer) = &self.0.exchanges[self.0.next];
        self.0.next += 1;
        Ok(answer.clone())
    }
}

/// A card made of an image: its records, certificates and key.
struct Image {
    fci: Vec<u8>,
    aip: Vec<u8>,
    afl: Vec<u8>,
    records: Vec<(u8, u8, Vec<u8>)>,
    qualifiers: Vec<u8>,
    key: Option<PrivateKey>,
}

impl Image {
    fn new(card: &Value, mode: &str) -> Self {
        let inputs = &card["inputs"];
        let records = inputs["records"].as_array().unwrap().iter();
        let small = |value: &Value| value.as_u64().unwrap() as u8;
        let number = |value: &Value| BoxedUint::from_be_slice_vartime(&bytes(value));
        let key = inputs["keys"].get("icc_rsa").map(|key| {
            let [p, q, e] = ["p", "q", "e"].map(|part| number(&key[part]));
            PrivateKey::from_p_q(p, q, e).unwrap()
        });
        Self {
            fci: [bytes(&inputs["fci_contactless"]), status(0x9000)].concat(),
            aip: bytes(&inputs["gpo"][mode]["aip"]),
            afl: bytes(&inputs["gpo"][mode]["afl"]),
            records: records
                .map(|record| {
                    (small(&record["sfi"]), small(&record["record"]), bytes(&record["data"]))
                })
                .collect(),
            qualifiers: bytes(&inputs["get_data"]["9F6C"]),
            key,
        }
    }

    /// The value of an object in its records.
    fn object(&self, tag: u32) -> Vec<u8> {
        let templates = self.records.iter().flat_map(|(.., record)| Tlvs::new(record).flatten());
        let mut objects =
            templates.flat_map(|template| template.children().flatten().collect::<Vec<_>>());
        objects
            .find(|object| object.tag.0 == tag)
            .map(|object| object.value.to_vec())
            .unwrap_or_default()
    }

    /// A signature over what was sent and the related data, by the image's own key.
    fn sign(&self, sent: &[u8]) -> Vec<u8> {
        let Some(key) = &self.key else {
            return vec![0; 64];
        };
        let covered = [&sent[29..33], &sent[4..10], &sent[23..25], &self.object(0x9F69)].concat();
        let mut content = hex("95 01 03 02 0001");
        content.resize(128 - 22, 0xBB);
        let hash = RustCrypto.sha1(&mut [&content[..], &covered].into_iter());
        let block = [&[0x6A], &content[..], &hash, &[0xBC]].concat();
        let block = BoxedUint::from_be_slice(&block, 1024).unwrap();
        let power =
            rsa_decrypt_and_check(key, None::<&mut dyn TryCryptoRng<Error = Infallible>>, &block);
        power.unwrap().to_be_bytes().to_vec()
    }
}

impl CardChannel for Image {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, LinkError> {
        Ok(match *command {
            [0x00, 0xA4, ..] => self.fci.clone(),
            [0x80, 0xA8, ..] => answer(
                0x77,
                &[
                    object(0x82, &self.aip),
                    object(0x94, &self.afl),
                    tlv(0x9F36, "0001"),
                    tlv(0x9F26, "1122334455667788"),
                    tlv(0x9F10, TC),
                    object(0x9F6C, &self.qualifiers),
                    object(0x9F4B, &self.sign(&command[7..])),
                ],
            ),
            [0x00, 0xB2, number, file, ..] => {
                let mut records = self.records.iter();
                let record = records.find(|(sfi, other, _)| (*sfi, *other) == (file >> 3, number));
                [record.unwrap().2.clone(), status(0x9000)].concat()
            }
            _ => status(0x6D00),
        })
    }
}

/// Card images approve with a signature of their own key, and with no byte of their certificates
/// changed; one without RSA does not.
#[test]
fn card_images_verify() {
    let document = read("cards.json");
    let mut checked = 0;
    for card in document["vectors"].as_array().unwrap() {
        let modes = card["inputs"]["gpo"].as_object();
        let modes = modes.into_iter().flatten().map(|(mode, _)| mode.as_str());
        for mode in modes.filter(|mode| mode.starts_with("contactless_qpboc")) {
            let id = format!("{} {mode}", card["id"]);
            let keys = card["inputs"]["capk"].as_array().unwrap().iter();
            let keys: Vec<Key> =
                keys.filter(|key| key.get("modulus").is_some()).map(Key::new).collect();
            let keys: Vec<_> = keys.iter().map(Key::of).collect();
            let unknown = [CaPublicKey { rid: [9; 5], index: 1, modulus: &[3], exponent: &[3] }];
            let run = Run {
                keys: if keys.is_empty() { &unknown } else { &keys },
                date: Date::new(2025, 6, 15).unwrap(),
                name: hex("A0000003330101"),
                aid: hex("A0000003330101"),
                ..Run::default()
            };
            let mut image = Image::new(card, mode);
            let ended = run.with(&mut image);
            let valid = &card["expected"]["modes"][mode];
            let verifies = valid["icc_certificate"] == "valid" && mode != "contactless_qpboc_sm";
            if verifies {
                OutcomeType::Approved
            } else {
                OutcomeType::EndApplication
            };
            if verifies {
                assert_eq!(
                    (ended.kind(), ended.count("Certificate")),
                    (OutcomeType::Approved, 2),
                    "{id} {:?}",
                    ended.told
                );
                assert_eq!(ended.reason(), Some(Reason::Authenticated));
                for place in 0..image.records.len() {
                    let whole = image.records[place].2.clone();
                    // What the image signs itself it signs as it is: the rest is the issuer's.
                    let answer = [whole, status(0x9000)].concat();
                    let covered = covered(&answer, &COVERED[1..]);
                    for byte in covered.into_iter().step_by(7) {
                        let read = image.afl.chunks(4).any(|entry| {
                            let (sfi, number, _) = image.records[place];
                            entry[0] >> 3 == sfi && (entry[1]..=entry[2]).contains(&number)
                        });
                        image.records[place].2[byte] ^= 0x01;
                        let ended = run.with(&mut image);
                        assert_eq!(
                            ended.kind() == OutcomeType::Approved,
                            !read,
                            "{id} {place} {byte}"
                        );
                        image.records[place].2[byte] ^= 0x01;
                    }
                }
            } else {
                assert_ne!(ended.kind(), OutcomeType::Approved, "{id}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 4);
}
