//! Cards that are put together from parts.

use super::{exchange, hex, lengthened, object, text};
use chipwright_fuzz::crypto::HASH;
use chipwright_harness::recorded::Exchange;
use serde_json::Value;

/// A card that can be put together from parts.
pub(super) struct Card {
    pub(super) afl: Vec<u8>,
    pub(super) aip: [u8; 2],
    pub(super) records: Vec<([u8; 2], Vec<u8>)>,
    pub(super) issuer_certificate: Vec<u8>,
    pub(super) icc_certificate: Vec<u8>,
    pub(super) remainder: Vec<u8>,
    pub(super) exponent: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) ca_modulus: Vec<u8>,
    pub(super) first_cryptogram: Vec<u8>,
}

impl Card {
    pub(super) fn of_chain(inputs: &Value) -> Self {
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

    pub(super) fn transparent() -> Self {
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

    /// A card that wants to stay offline, with a signature of its own or with one that has the
    /// cryptogram in it.
    pub(super) fn offline(combined: bool) -> Self {
        let mut card = Self::transparent();
        let limits = "9F0D050000000000 9F0E050000000000 9F0F050000000000 9F230109 5F340101";
        let (_, record) = &mut card.records[0];
        let content = [&record[2..], &hex(limits)].concat();
        *record = object(&[0x70], &content);
        if combined {
            card.aip = [0x3D, 0x00];
        }
        card
    }

    /// An answer to GENERATE AC with a signature, which is transparent.
    pub(super) fn combined_cryptogram(information: u8) -> Vec<u8> {
        let head = hex("6A050126080102030405060708");
        let signed = [&head[..], &[information], &hex("1122334455667788"), &HASH].concat();
        let signature = object(&[0x9F, 0x4B], &certificate(&signed, 96));
        let information = [&hex("9F2701")[..], &[information]].concat();
        object(&[0x77], &[information, hex("9F36020002"), signature].concat())
    }

    /// Answers to SELECT, GET PROCESSING OPTIONS and READ RECORD of a contactless card.
    pub(super) fn tapped(&self, issuer_data: &str, offline: bool) -> Vec<Vec<u8>> {
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

    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        let fci = hex("6F1E8407A0000000031010A513500544454249548701019F38069F1A029F3501");
        let options = [object(&[0x82], &self.aip), object(&[0x94], &self.afl)].concat();
        let signature = object(&[0x77], &object(&[0x9F, 0x4B], &self.signature));
        let counter = |tag| object(&[0x9F, tag], &[0x00, 0x02]);
        let mut all = vec![
            exchange("00A4040007A0000000031010", fci),
            exchange("80A80000", object(&[0x77], &options)),
            exchange("00880000", signature),
            exchange("80CA9F36", counter(0x36)),
            exchange("80CA9F13", hex("9F13020001")),
            exchange("80CA9F17", hex("9F170103")),
            exchange("00820000", Vec::new()),
            exchange("84", Vec::new()),
            exchange("80AE80", self.first_cryptogram.clone()),
            exchange("80AE90", Self::combined_cryptogram(0x80)),
            exchange("80AE50", Self::combined_cryptogram(0x40)),
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
    pub(super) fn certificates(&self, setup: u8) -> Vec<u8> {
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
pub(super) fn certificate(content: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = content.to_vec();
    bytes.resize(length - HASH.len() - 1, 0xBB);
    bytes.extend(HASH);
    bytes.push(0xBC);
    bytes
}
