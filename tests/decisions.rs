//! Offline data authentication of cards that others made, with real cryptography, and the
//! consequences of every finding.

use chipwright::config::CaPublicKey;
use chipwright::crypto::{Crypto, Hash, Random, RandomFailed};
use chipwright::database::{Database, Repeat};
use chipwright::dictionary::{EMV, Place};
use chipwright::event::{Event, Events, Sink};
use chipwright::fault::{Fault, RecordId};
use chipwright::field::CryptogramInformation;
use chipwright::object::Value as _;
use chipwright::oda::{self, Check, Exchanged, Failure, Part, PublicKey};
use chipwright::reason::Reason;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright::value::{Date, MonthYear};
use chipwright_rustcrypto::RustCrypto;
use core::cell::RefCell;
use serde_json::Value;

struct NoRandom;

impl Random for NoRandom {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed)
    }
}

const CRYPTO: Crypto<'static> = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &NoRandom };

fn vectors(file: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/test-vectors/");
    let text = std::fs::read_to_string(format!("{path}{file}")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file["vectors"].as_array().unwrap().clone()
}

/// A field of hexadecimal digits; empty when it is not there.
fn hex(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap_or_default()).unwrap()
}

fn date(yymmdd: &[u8]) -> Date {
    Date::decode(yymmdd).unwrap()
}

/// The content of the template that `bytes` are.
fn content(bytes: &[u8]) -> &[u8] {
    Tlvs::new(bytes).only().unwrap().unwrap().value
}

/// A card's data and what it signed.
#[derive(Clone)]
struct Card {
    id: String,
    rid: [u8; 5],
    index: u8,
    ca_modulus: Vec<u8>,
    ca_exponent: Vec<u8>,
    aip: Vec<u8>,
    records: Vec<Record>,
    signature: Vec<u8>,
    unpredictable_number: Vec<u8>,
}

#[derive(Clone)]
struct Record {
    id: RecordId,
    answer: Vec<u8>,
    covered: bool,
}

/// What a chain of trust came to.
#[derive(Debug, PartialEq, Eq)]
struct Authentic {
    issuer_modulus: Vec<u8>,
    issuer_exponent: Vec<u8>,
    icc_modulus: Vec<u8>,
    icc_exponent: Vec<u8>,
    static_data: Vec<u8>,
    number: Vec<u8>,
    rest: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
enum Refused {
    Fault(Fault),
    Failure(Failure),
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Card {
    /// Reads the records in the order of the application file locator.
    fn new(vector: &Value) -> Self {
        let inputs = &vector["inputs"];
        let mut records = vec![];
        for entry in hex(&inputs["afl"]).chunks(4) {
            let &[sfi, first, last, covered] = entry else { panic!("half an entry") };
            for number in first..=last {
                let sfi = sfi >> 3;
                records.push(Record {
                    id: RecordId { sfi, number },
                    answer: hex(&inputs["records"][format!("{sfi},{number}")]),
                    covered: number - first < covered,
                });
            }
        }
        Self {
            id: vector["id"].as_str().unwrap().to_owned(),
            rid: hex(&inputs["rid"]).try_into().unwrap(),
            index: hex(&inputs["capk_index"])[0],
            ca_modulus: hex(&inputs["ca_modulus"]),
            ca_exponent: hex(&inputs["ca_exponent"]),
            aip: hex(&inputs["aip"]),
            records,
            signature: hex(&inputs["sdad_9F4B"]),
            unpredictable_number: hex(&inputs["unpredictable_number_9F37"]),
        }
    }

    fn load<'m>(&self, memory: &'m mut [u8]) -> Result<Database<'m>, Fault> {
        let mut data = Database::new(memory);
        let aip = [&[0x82, 0x02], &self.aip[..]].concat();
        let stored = data.store(&aip, Place::Response, Repeat::Refuse, EMV, Events::NONE);
        data.told(stored)?;
        for Record { id, answer, covered } in &self.records {
            let stored = data.store_record(*id, answer, *covered, EMV, Events::NONE);
            data.told(stored)?;
        }
        Ok(data)
    }

    fn authenticate(&self, events: Events<'_>) -> Result<Authentic, Refused> {
        let mut memory = [0; 4096];
        let data = self.load(&mut memory)?;
        let ca_key = CaPublicKey {
            rid: self.rid,
            index: self.index,
            modulus: &self.ca_modulus,
            exponent: &self.ca_exponent,
        };
        let today = date(&[0x26, 0x11, 0x25]);
        let (mut issuer, mut icc, mut block) = ([0; _], [0; _], [0; _]);
        let issuer =
            oda::issuer_public_key(&data, &ca_key, today, &[], CRYPTO, &mut issuer, events)?;
        let part = Part::IccCertificate;
        let icc = oda::icc_public_key(&data, part, issuer, today, CRYPTO, &mut icc, events)?;
        let signed = &mut core::iter::once(&self.unpredictable_number[..]);
        let dynamic =
            oda::verify_dynamic_signature(icc, &self.signature, signed, CRYPTO, &mut block)?;
        Ok(Authentic {
            issuer_modulus: issuer.modulus.to_vec(),
            issuer_exponent: issuer.exponent.to_vec(),
            icc_modulus: icc.modulus.to_vec(),
            icc_exponent: icc.exponent.to_vec(),
            static_data: data.static_data().unwrap().flatten().copied().collect(),
            number: dynamic.number.to_vec(),
            rest: dynamic.rest.to_vec(),
        })
    }

    /// Places of the bytes that signatures protect: whole covered templates, and of the other
    /// records what belongs to certificates.
    fn protected(&self) -> Vec<(usize, usize)> {
        let mut places = vec![];
        for (number, Record { answer, covered, .. }) in self.records.iter().enumerate() {
            let content = content(answer);
            let inside = answer.len() - content.len();
            let mut tlvs = Tlvs::new(content);
            while let Some(tlv) = tlvs.next().transpose().unwrap() {
                let whole = inside + tlvs.offset() - tlv.raw.len();
                let value = inside + tlvs.offset() - tlv.value.len();
                let certified = [0x90, 0x92, 0x9F32, 0x9F46, 0x9F48, 0x9F47].contains(&tlv.tag.0);
                if *covered || certified {
                    let start = if *covered { whole } else { value };
                    places.extend((start..inside + tlvs.offset()).map(|place| (number, place)));
                }
            }
        }
        places
    }
}

fn cards() -> Vec<(Card, Value)> {
    let vectors = vectors("chains.json");
    assert_eq!(vectors.len(), 8);
    vectors.into_iter().map(|vector| (Card::new(&vector), vector)).collect()
}

/// [B2 5.1.2; B2 6.2; B2 6.3]
#[test]
fn every_chain_of_trust_is_verified_to_its_end() {
    for (card, vector) in cards() {
        let authentic = card.authenticate(Events::NONE).unwrap();
        let (inputs, expected) = (&vector["inputs"], &vector["expected"]);
        assert_eq!(authentic.issuer_modulus, hex(&expected["issuer_modulus"]));
        assert_eq!(authentic.issuer_exponent, hex(&inputs["issuer_exponent_9F32"]));
        assert_eq!(authentic.icc_modulus, hex(&expected["icc_modulus"]));
        assert_eq!(authentic.icc_exponent, hex(&inputs["icc_exponent_9F47"]));
        assert_eq!(authentic.static_data, hex(&inputs["static_data_to_be_authenticated"]));
        assert_eq!(authentic.number, hex(&expected["icc_dynamic_number"]));
    }
}

#[derive(Default)]
struct Certificates(RefCell<Vec<(Part, String, [u8; 3])>>);

impl Sink for Certificates {
    fn event(&self, event: &Event<'_>) {
        if let Event::Certificate(certificate) = event {
            let expiry = format!("{}", certificate.expiry);
            let entry = (certificate.part, expiry, certificate.serial);
            self.0.borrow_mut().push(entry);
        }
    }
}

#[test]
fn certificates_are_told_as_they_lie_in_the_recovered_blocks() {
    for (card, vector) in cards() {
        let told = Certificates::default();
        let authentic = card.authenticate(Events::to(&told)).unwrap();
        let (mut room, inputs) = ([0; _], &vector["inputs"]);
        let mut expected = vec![];
        for (part, modulus, exponent, certificate, at) in [
            (
                Part::IssuerCertificate,
                &card.ca_modulus,
                &card.ca_exponent,
                "issuer_certificate_90",
                6,
            ),
            (
                Part::IccCertificate,
                &authentic.issuer_modulus,
                &authentic.issuer_exponent,
                "icc_certificate_9F46",
                12,
            ),
        ] {
            let key = PublicKey { modulus, exponent };
            let block = oda::recover(CRYPTO, key, &hex(&inputs[certificate]), &mut room).unwrap();
            let expiry = format!("20{:02X}-{:02X}", block[at + 1], block[at]);
            let serial = block[at + 2..at + 5].try_into().unwrap();
            expected.push((part, expiry, serial));
        }
        assert_eq!(told.0.into_inner(), expected);
    }
}

#[test]
fn a_combined_signature_holds_cryptogram_and_transaction_hash() {
    let mut seen = 0;
    for (card, vector) in cards() {
        let inputs = &vector["inputs"];
        let authentic = card.authenticate(Events::NONE).unwrap();
        if inputs["method"] == "dda" {
            assert!(authentic.rest.is_empty());
            continue;
        }
        seen += 1;
        let (information, rest) = authentic.rest.split_first().unwrap();
        let (cryptogram, hash) = rest.split_at(8);
        let answer = hex(&inputs["generate_ac_response"]);
        let cdol1_data = hex(&inputs["cdol1_data"]);
        let (mut clear, mut signed) = (None, vec![&cdol1_data[..]]);
        for tlv in Tlvs::new(content(&answer)) {
            let tlv = tlv.unwrap();
            match tlv.tag.0 {
                0x9F4B => assert_eq!(tlv.value, card.signature),
                0x9F27 => {
                    clear = tlv.value.first().copied();
                    signed.push(tlv.raw);
                }
                _ => signed.push(tlv.raw),
            }
        }
        assert_eq!(Some(*information), clear);
        assert_eq!(cryptogram.len(), 8);
        assert_eq!(hash, RustCrypto.sha1(&mut signed.into_iter()));
    }
    assert_eq!(seen, 4);
}

/// What a card exchanged when it signed a cryptogram.
#[derive(Clone)]
struct Exchange {
    sent: [Vec<u8>; 3],
    unpredictable_number: Vec<u8>,
    answer: Vec<u8>,
}

impl Exchange {
    fn verify(&self, key: PublicKey<'_>, signature: &[u8]) -> Result<[u8; 8], Failure> {
        let exchanged = Exchanged {
            sent: self.sent.each_ref().map(Vec::as_slice),
            unpredictable_number: self.unpredictable_number.clone().try_into().unwrap(),
            answer: &self.answer,
            information: CryptogramInformation(0x80),
        };
        oda::verify_combined_signature(key, &exchanged, signature, CRYPTO, &mut [0; _])
            .map(|signed| signed.cryptogram)
    }
}

#[test]
fn no_byte_of_what_a_combined_signature_covers_can_be_changed() {
    let mut seen = 0;
    for (card, vector) in cards() {
        let inputs = &vector["inputs"];
        if inputs["method"] != "cda" {
            continue;
        }
        let authentic = card.authenticate(Events::NONE).unwrap();
        let key = PublicKey { modulus: &authentic.icc_modulus, exponent: &authentic.icc_exponent };
        let honest = Exchange {
            sent: [vec![], hex(&inputs["cdol1_data"]), vec![]],
            unpredictable_number: card.unpredictable_number.clone(),
            answer: content(&hex(&inputs["generate_ac_response"])).to_vec(),
        };
        let signature = &card.signature;
        assert_eq!(honest.verify(key, signature).unwrap()[..], authentic.rest[1..9]);
        // Its value in the answer is not what is verified; its tag and length are.
        let start = honest.answer.windows(8).position(|window| *window == signature[..8]).unwrap();
        let own = start..start + signature.len();
        let parts: [fn(&mut Exchange) -> &mut Vec<u8>; 3] = [
            |exchange| &mut exchange.sent[1],
            |exchange| &mut exchange.unpredictable_number,
            |exchange| &mut exchange.answer,
        ];
        for (number, part) in parts.into_iter().enumerate() {
            for place in 0..part(&mut honest.clone()).len() {
                if number == 2 && own.contains(&place) {
                    continue;
                }
                let mut forged = honest.clone();
                part(&mut forged)[place] ^= 1 << (place % 8);
                assert!(forged.verify(key, signature).is_err(), "{number} {place}");
                part(&mut forged).remove(place);
                if number != 1 {
                    assert!(forged.verify(key, signature).is_err(), "{number} without {place}");
                }
            }
        }
        for list in 0..3 {
            let mut forged = honest.clone();
            forged.sent[list].push(0x00);
            assert!(forged.verify(key, signature).is_err(), "one byte more in list {list}");
        }
        for place in 0..signature.len() {
            let mut forged = signature.clone();
            forged[place] ^= 1 << (place % 8);
            assert!(honest.verify(key, &forged).is_err(), "signature {place}");
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn a_key_without_a_remainder_needs_none() {
    let mut seen = 0;
    for (card, _) in cards() {
        let mut memory = [0; 4096];
        let data = card.load(&mut memory).unwrap();
        if data.bytes(Tag(0x9F48)).is_none() {
            card.authenticate(Events::NONE).unwrap();
            seen += 1;
        }
    }
    assert_eq!(seen, 4);
}

/// [B2 6.5.2 7]
#[test]
fn no_protected_byte_can_be_changed() {
    for (card, _) in cards() {
        let places = card.protected();
        assert!(places.len() > 500, "{} {}", card.id, places.len());
        for (record, place) in places {
            for mask in [1 << (place % 8), 0xFF] {
                let mut forged = card.clone();
                forged.records[record].answer[place] ^= mask;
                let result = forged.authenticate(Events::NONE);
                assert!(
                    result.is_err(),
                    "{} record {record} byte {place} mask {mask:02X}: {result:02X?}",
                    card.id
                );
            }
        }
    }
}

#[test]
fn no_byte_of_signature_profile_unpredictable_number_or_ca_key_can_be_changed() {
    for (card, _) in cards() {
        let parts: [fn(&mut Card) -> &mut Vec<u8>; 5] = [
            |card| &mut card.signature,
            |card| &mut card.aip,
            |card| &mut card.unpredictable_number,
            |card| &mut card.ca_modulus,
            |card| &mut card.ca_exponent,
        ];
        for (number, part) in parts.into_iter().enumerate() {
            let length = part(&mut card.clone()).len();
            for place in 0..length {
                for mask in [1 << (place % 8), 0xFF] {
                    let mut forged = card.clone();
                    part(&mut forged)[place] ^= mask;
                    let result = forged.authenticate(Events::NONE);
                    assert!(result.is_err(), "{} part {number} byte {place}", card.id);
                }
            }
        }
    }
}

#[test]
fn records_in_another_order_left_out_or_not_covered_are_refused() {
    for (card, _) in cards() {
        let covered = card.records.iter().position(|record| record.covered).unwrap();
        let mut forged = card.clone();
        forged.records[covered].covered = false;
        assert!(forged.authenticate(Events::NONE).is_err());
        for record in (0..card.records.len()).filter(|record| *record != covered) {
            let mut forged = card.clone();
            forged.records[record].covered = true;
            assert!(forged.authenticate(Events::NONE).is_err(), "{record}");
        }
        let mut forged = card.clone();
        forged.records.remove(covered);
        assert!(forged.authenticate(Events::NONE).is_err());
    }
}

#[test]
fn the_signature_of_one_card_does_not_serve_another() {
    let cards = cards();
    for (card, vector) in &cards {
        for (other, other_vector) in &cards {
            let mut forged = card.clone();
            forged.signature = other.signature.clone();
            assert_eq!(
                forged.authenticate(Events::NONE).is_ok(),
                vector["group"] == other_vector["group"], // the same key
                "{} {}",
                card.id,
                other.id
            );
        }
    }
}

/// A remainder that the certified key's length asks for, and that is not there: card data is
/// missing, whatever else fails for want of it. [B3 7.5]
/// [B3 7.5 remainder]
#[test]
fn a_remainder_that_is_needed_and_missing_is_named() {
    let mut seen = vec![];
    for (card, _) in cards() {
        for tag in [0x92, 0x9F48] {
            let mut poorer = card.clone();
            for record in &mut poorer.records {
                let kept: Vec<u8> = Tlvs::new(content(&record.answer))
                    .map(Result::unwrap)
                    .filter(|tlv| tlv.tag != Tag(tag))
                    .flat_map(|tlv| tlv.raw.to_vec())
                    .collect();
                if kept.len() != content(&record.answer).len() {
                    seen.push(tag);
                    record.answer = vec![0x70, 0x81, u8::try_from(kept.len()).unwrap()];
                    record.answer.extend(kept);
                }
            }
            match poorer.authenticate(Events::NONE) {
                Ok(_) => assert_eq!(tag, 0x9F48, "only where it was not needed"),
                Err(Refused::Failure(failure)) => {
                    assert_eq!(failure.tag, Some(Tag(tag)), "{} {failure:?}", card.id);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(seen.len(), 12);
}

/// A card of the published single cases: its objects, and where the static data is known, a
/// record that holds it.
fn load_case<'m>(vector: &Value, memory: &'m mut [u8]) -> Result<Database<'m>, Fault> {
    let inputs = &vector["inputs"];
    let objects = inputs["data_objects"].as_object().unwrap();
    let mut data = Database::new(memory);
    let mut static_data = hex(&inputs["static_data_to_be_authenticated"]);
    if objects.contains_key("9F4A") {
        static_data.truncate(static_data.len().saturating_sub(2)); // the profile
    }
    if !static_data.is_empty() {
        let length = u8::try_from(static_data.len()).unwrap();
        let record = [&[0x70, length], &static_data[..]].concat();
        let id = RecordId { sfi: 1, number: 1 };
        let stored = data.store_record(id, &record, true, EMV, Events::NONE);
        data.told(stored)?;
    }
    for (tag, value) in objects {
        let tag = Tag(u32::from_str_radix(tag, 16).unwrap());
        if data.bytes(tag).is_none() {
            data.put_bytes(tag, &hex(value)).unwrap();
        }
    }
    let pan = Tag(0x5A);
    if data.bytes(pan).is_none() {
        // Not published: any account of the issuer will do.
        let issuer = hex(&vector["expected"]["issuer_public_key"]["issuer_id"]);
        data.put_bytes(pan, &issuer).unwrap();
    }
    Ok(data)
}

fn recovered(key: PublicKey<'_>, signature: &[u8]) -> Vec<u8> {
    oda::recover(CRYPTO, key, signature, &mut [0; _]).unwrap().to_vec()
}

/// What the published case says of one part, and whether its hash could be checked.
fn said(expected: &Value) -> Option<(Vec<u8>, bool)> {
    (!expected.is_null()).then(|| (hex(&expected["recovered"]), expected["hash_ok"] == true))
}

/// [B2 B2.3]
#[test]
fn published_signatures_recover_to_the_published_contents() {
    const GOOD_FOR_ALL: [u8; 3] = [0x15, 0x01, 0x01];
    let mut counts = [0; 4];
    for vector in vectors("oda.json") {
        let (inputs, expected) = (&vector["inputs"], &vector["expected"]);
        if inputs["data_objects"].is_null() || vector["negative"] == true {
            continue;
        }
        let id = vector["id"].as_str().unwrap();
        let mut memory = [0; 4096];
        let data = load_case(&vector, &mut memory).unwrap();
        let object = |tag| data.bytes(Tag(tag)).unwrap();
        let capk = &inputs["capk"];
        let (modulus, exponent) = (hex(&capk["modulus"]), hex(&capk["exponent"]));
        let ca_key = CaPublicKey {
            rid: hex(&capk["rid"]).try_into().unwrap(),
            index: hex(&capk["index"])[0],
            modulus: &modulus,
            exponent: &exponent,
        };
        let today = date(&GOOD_FOR_ALL);
        let (block, _) = said(&expected["issuer_public_key"]).unwrap();
        assert_eq!(recovered(ca_key.key(), object(0x90)), block, "{id}");
        let mut room = [0; _];
        let issuer =
            oda::issuer_public_key(&data, &ca_key, today, &[], CRYPTO, &mut room, Events::NONE)
                .unwrap_or_else(|failure| panic!("{id} {failure:?}"));
        assert_eq!(issuer.modulus, hex(&expected["issuer_public_key"]["modulus"]), "{id}");
        counts[0] += 1;

        if let Some((block, checkable)) = said(&expected["ssad"]) {
            assert_eq!(recovered(issuer, object(0x93)), block, "{id}");
            let result = oda::verify_static_signature(&data, issuer, CRYPTO);
            if checkable {
                assert_eq!(result.unwrap()[..], hex(&expected["ssad"]["dac"]), "{id}");
                counts[1] += 1;
            } else {
                assert_eq!(result.unwrap_err().check, Check::Hash, "{id}: static data unknown");
            }
        }
        let icc_modulus = hex(&expected["icc_public_key"]["modulus"]);
        if let Some((block, checkable)) = said(&expected["icc_public_key"]) {
            assert_eq!(recovered(issuer, object(0x9F46)), block, "{id}");
            let (part, mut room) = (Part::IccCertificate, [0; _]);
            let result =
                oda::icc_public_key(&data, part, issuer, today, CRYPTO, &mut room, Events::NONE);
            if checkable {
                assert_eq!(result.unwrap().modulus, icc_modulus, "{id}");
                counts[2] += 1;
            } else {
                assert_eq!(result.unwrap_err().check, Check::Hash, "{id}: static data unknown");
            }
        }
        if let Some((block, _)) = said(&expected["sdad"]) {
            let key = PublicKey { modulus: &icc_modulus, exponent: object(0x9F47) };
            assert_eq!(recovered(key, object(0x9F4B)), block, "{id}");
            let signed = hex(&inputs["terminal_dynamic_data"]);
            let mut room = [0; _];
            let dynamic = oda::verify_dynamic_signature(
                key,
                object(0x9F4B),
                &mut core::iter::once(&signed[..]),
                CRYPTO,
                &mut room,
            )
            .unwrap();
            assert_eq!(dynamic.number, hex(&expected["sdad"]["icc_dynamic_number"]));
            counts[3] += 1;
        }
    }
    assert_eq!(counts, [6, 3, 4, 1], "every kind of published signature");
}

#[test]
fn published_forgeries_are_refused() {
    let vectors = vectors("oda.json");
    let good = &vectors[0];
    let modulus = |part: &str| hex(&good["expected"][part]["modulus"]);
    let (issuer, icc) = (modulus("issuer_public_key"), modulus("icc_public_key"));
    let (issuer, icc) = [&issuer, &icc].map(|modulus| PublicKey { modulus, exponent: &[3] }).into();
    let mut seen = 0;
    for vector in &vectors {
        if vector["negative"] != true {
            continue;
        }
        let mut memory = [0; 4096];
        let data = load_case(vector, &mut memory).unwrap();
        let capk = &vector["inputs"]["capk"];
        let ca_modulus = hex(&capk["modulus"]);
        let ca_key = CaPublicKey {
            rid: hex(&capk["rid"]).try_into().unwrap(),
            index: hex(&capk["index"])[0],
            modulus: &ca_modulus,
            exponent: &[3],
        };
        let today = date(&[0x15, 0x01, 0x01]);
        let (mut room, none) = ([0; _], Events::NONE);
        let failure = match vector["expected"]["failing_item"].as_str().unwrap() {
            "issuer certificate" => {
                oda::issuer_public_key(&data, &ca_key, today, &[], CRYPTO, &mut room, none)
                    .unwrap_err()
            }
            "ICC certificate" => {
                let part = Part::IccCertificate;
                oda::icc_public_key(&data, part, issuer, today, CRYPTO, &mut room, none)
                    .unwrap_err()
            }
            "signed static data" => {
                oda::verify_static_signature(&data, issuer, CRYPTO).unwrap_err()
            }
            _ => {
                let signed = hex(&vector["inputs"]["terminal_dynamic_data"]);
                let signed = &mut core::iter::once(&signed[..]);
                let signature = data.bytes(Tag(0x9F4B)).unwrap();
                oda::verify_dynamic_signature(icc, signature, signed, CRYPTO, &mut room)
                    .unwrap_err()
            }
        };
        assert!(
            matches!(
                failure.check,
                Check::KeyRefused | Check::Trailer | Check::Header | Check::Format
            ),
            "{failure:?}: it is the recovery that fails"
        );
        seen += 1;
    }
    assert_eq!(seen, 4);
}

/// [B2 A2.1]
#[test]
fn published_blocks_are_recovered() {
    let mut seen = 0;
    for vector in vectors("oda.json") {
        if vector["operation"] == "rsa_recover" {
            let inputs = &vector["inputs"];
            let (modulus, exponent) = (hex(&inputs["modulus"]), hex(&inputs["exponent"]));
            let key = PublicKey { modulus: &modulus, exponent: &exponent };
            assert_eq!(
                recovered(key, &hex(&inputs["signed"])),
                hex(&vector["expected"]["recovered"])
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn published_certificates_expire_when_they_should() {
    let mut seen = 0;
    for vector in vectors("oda.json") {
        let inputs = &vector["inputs"];
        if inputs["transaction_date_yymmdd"].is_null() {
            continue;
        }
        let today = date(&hex(&inputs["transaction_date_yymmdd"]));
        let expired = vector["expected"]["certificates_expired"].as_array().unwrap();
        for (name, field) in
            [("issuer", "issuer_certificate_expiry_mmyy"), ("icc", "icc_certificate_expiry_mmyy")]
        {
            let expiry = MonthYear::decode(hex(&inputs[field]).try_into().unwrap()).unwrap();
            assert_eq!(expiry.is_before(today), expired.contains(&name.into()), "{name} {today}");
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
}

/// Static authentication of the published cards whose static data is known.
/// [B2 5.4 7]
#[test]
fn no_byte_under_a_static_signature_can_be_changed() {
    let mut seen = 0;
    for vector in vectors("oda.json") {
        if vector["expected"]["ssad"]["hash_ok"] != true {
            continue;
        }
        let modulus = hex(&vector["expected"]["issuer_public_key"]["modulus"]);
        let key = PublicKey { modulus: &modulus, exponent: &[3] };
        let verify = |vector: &Value| -> Result<[u8; 2], Refused> {
            let mut memory = [0; 4096];
            let data = load_case(vector, &mut memory)?;
            Ok(oda::verify_static_signature(&data, key, CRYPTO)?)
        };
        assert!(verify(&vector).is_ok());
        for path in
            [&["inputs", "data_objects", "93"][..], &["inputs", "static_data_to_be_authenticated"]]
        {
            let bytes = hex(path.iter().fold(&vector, |value, key| &value[key]));
            for place in 0..bytes.len() {
                let mut forged = bytes.clone();
                forged[place] ^= 0x01;
                let mut vector = vector.clone();
                *path.iter().fold(&mut vector, |value, key| &mut value[key]) =
                    hex::encode(forged).into();
                assert!(verify(&vector).is_err(), "{path:?} {place}");
            }
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn every_reason_sets_the_bits_of_its_table() {
    let table = [
        (Reason::NoCommonAuthenticationMethod, [0x80, 0, 0, 0, 0]),
        (Reason::CombinedAuthenticationNotRequested, [0x80, 0, 0, 0, 0]),
        (Reason::StaticAuthenticationFailed, [0x40, 0, 0, 0, 0]),
        (Reason::CardDataMissing, [0x20, 0, 0, 0, 0]),
        (Reason::OnExceptionFile, [0x10, 0, 0, 0, 0]),
        (Reason::DynamicAuthenticationFailed, [0x08, 0, 0, 0, 0]),
        (Reason::CombinedAuthenticationFailed, [0x04, 0, 0, 0, 0]),
        (Reason::StaticAuthenticationSelected, [0x02, 0, 0, 0, 0]),
        (Reason::ApplicationVersionsDiffer, [0, 0x80, 0, 0, 0]),
        (Reason::AfterExpirationDate, [0, 0x40, 0, 0, 0]),
        (Reason::BeforeEffectiveDate, [0, 0x20, 0, 0, 0]),
        (Reason::NotForThisKindOfTerminal, [0, 0x10, 0, 0, 0]),
        (Reason::CashNotAllowed, [0, 0x10, 0, 0, 0]),
        (Reason::GoodsAndServicesNotAllowed, [0, 0x10, 0, 0, 0]),
        (Reason::CashbackNotAllowed, [0, 0x10, 0, 0, 0]),
        (Reason::NewCard, [0, 0x08, 0, 0, 0]),
        (Reason::NoRuleSucceeded, [0, 0, 0x80, 0, 0]),
        (Reason::FailRule, [0, 0, 0x80, 0, 0]),
        (Reason::MethodFailed, [0, 0, 0x80, 0, 0]),
        (Reason::MethodNotRecognised, [0, 0, 0x40, 0, 0]),
        (Reason::PinTryLimitExceeded, [0, 0, 0x20, 0, 0]),
        (Reason::PinPadMissing, [0, 0, 0x10, 0, 0]),
        (Reason::PinBypassed, [0, 0, 0x08, 0, 0]),
        (Reason::OnlinePinEntered, [0, 0, 0x04, 0, 0]),
        (Reason::FloorLimitReached, [0, 0, 0, 0x80, 0]),
        (Reason::LowerOfflineLimitExceeded, [0, 0, 0, 0x40, 0]),
        (Reason::UpperOfflineLimitExceeded, [0, 0, 0, 0x20, 0]),
        (Reason::CountersUnavailable, [0, 0, 0, 0x60, 0]),
        (Reason::CountersInconsistent, [0, 0, 0, 0x60, 0]),
        (Reason::RandomlySelected, [0, 0, 0, 0x10, 0]),
        (Reason::MerchantForcedOnline, [0, 0, 0, 0x08, 0]),
        (Reason::DefaultTdolUsed, [0, 0, 0, 0, 0x80]),
        (Reason::IssuerAuthenticationFailed, [0, 0, 0, 0, 0x40]),
        (Reason::ScriptFailedBeforeFinalCryptogram, [0, 0, 0, 0, 0x20]),
        (Reason::ScriptFailedAfterFinalCryptogram, [0, 0, 0, 0, 0x10]),
    ];
    let mut codes = vec![];
    for (reason, bits) in table {
        assert_eq!(reason.bits().0, bits, "{reason:?}");
        assert!(!codes.contains(&reason.code()), "{reason:?}");
        codes.push(reason.code());
        assert!(reason.rule().starts_with("B3 ") || reason.rule().starts_with("B4 "));
    }
}
