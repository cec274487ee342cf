//! Forgeries: recovery here gives back what it gets, and hashing is what the test says, so that
//! every field behind a signature can be set to anything. Real keys and hashes:
//! `tests/decisions.rs`.

mod certificates;
mod combined;
mod signatures;

use super::*;
use crate::crypto::{Crypto, Hash, KeyRefused, Parts, Random, RandomFailed, RsaRecover};
use crate::dictionary::{EMV, Place};
use crate::event::Events;
use crate::fault::RecordId;
use crate::field::ApplicationInterchangeProfile;
use core::cell::RefCell;

/// Cryptography that one can look through: a signature is its own recovered block, and every
/// hash is the same.
struct Glass {
    hash: [u8; 20],
    refuse: bool,
    hashed: RefCell<Vec<u8>>,
    keys: RefCell<Vec<(Vec<u8>, Vec<u8>)>>,
}

const HASH: [u8; 20] = *b"the hash of anything";

impl Glass {
    fn new(hash: [u8; 20]) -> Self {
        Self { hash, refuse: false, hashed: RefCell::default(), keys: RefCell::default() }
    }

    fn crypto(&self) -> Crypto<'_> {
        Crypto { hash: self, rsa: self, random: self }
    }
}

impl RsaRecover for Glass {
    fn recover(&self, modulus: &[u8], exponent: &[u8], block: &mut [u8]) -> Result<(), KeyRefused> {
        assert_eq!(modulus.len(), block.len(), "a block is as long as its key");
        self.keys.borrow_mut().push((modulus.to_vec(), exponent.to_vec()));
        if self.refuse { Err(KeyRefused) } else { Ok(()) }
    }
}

impl Hash for Glass {
    fn sha1(&self, parts: Parts<'_, '_>) -> [u8; 20] {
        self.hashed.replace(parts.flatten().copied().collect());
        self.hash
    }
}

impl Random for Glass {
    fn fill(&self, _: &mut [u8]) -> Result<(), RandomFailed> {
        Err(RandomFailed) // verification needs no random numbers
    }
}

/// A data object; values up to 255 bytes.
fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    let tag = Tag(tag);
    let mut bytes = tag.to_be_bytes()[4 - tag.len()..].to_vec();
    if value.len() > 127 {
        bytes.push(0x81);
    }
    bytes.push(u8::try_from(value.len()).unwrap());
    bytes.extend(value);
    bytes
}

fn store_record(data: &mut Database<'_>, sfi: u8, objects: &[u8], covered: bool) {
    let record = RecordId { sfi, number: 1 };
    data.store_record(record, &tlv(0x70, objects), covered, EMV, Events::NONE).unwrap();
}

fn store_aip(data: &mut Database<'_>, aip: [u8; 2]) {
    let repeat = crate::database::Repeat::Refuse;
    let aip = tlv(0x82, &aip);
    data.store(&aip, Place::Response, repeat, EMV, Events::NONE).unwrap();
}

/// [B3 10.3 method; B3 C1; B4 6.3.2]
#[test]
fn the_best_shared_method_is_selected() {
    for aip in 0..=u8::MAX {
        for capabilities in 0..=u8::MAX {
            let shared = |card: u8, terminal: u8| aip & card != 0 && capabilities & terminal != 0;
            let expected = if shared(0x01, 0x08) {
                Some(Method::Cda)
            } else if shared(0x20, 0x40) {
                Some(Method::Dda)
            } else if shared(0x40, 0x80) {
                Some(Method::Sda)
            } else {
                None
            };
            for rest in [0x00, 0xFF] {
                assert_eq!(
                    select(
                        ApplicationInterchangeProfile([aip, rest]),
                        TerminalCapabilities([rest, rest, capabilities])
                    ),
                    expected,
                    "{aip:02X} {capabilities:02X}"
                );
            }
        }
    }
}

#[test]
fn a_failed_method_has_a_bit_of_its_own() {
    for (method, name, bit) in
        [(Method::Sda, "SDA", 0x40), (Method::Dda, "DDA", 0x08), (Method::Cda, "CDA", 0x04)]
    {
        assert_eq!(method.failed().bits().0, [bit, 0, 0, 0, 0]);
        assert_eq!(method.name(), name);
    }
}

/// Bits of the AIP that promise static and dynamic authentication.
const SDA: u8 = 0x40;
const DYNAMIC: u8 = 0x21;

/// The objects that are noted as missing.
#[derive(Default)]
struct Noted(RefCell<Vec<u32>>);

impl crate::event::Sink for Noted {
    fn event(&self, event: &crate::event::Event<'_>) {
        if let crate::event::Event::Result { reason, tag } = event {
            assert_eq!(*reason, Reason::CardDataMissing);
            self.0.borrow_mut().push(tag.unwrap().0);
        }
    }
}

/// [B3 7.5 promised]
#[test]
fn missing_data_is_noted_by_what_the_card_promises() {
    let rows: [(u32, u8); 6] = [
        (0x8F, SDA | DYNAMIC),
        (0x90, SDA | DYNAMIC),
        (0x9F32, SDA | DYNAMIC),
        (0x93, SDA),
        (0x9F46, DYNAMIC),
        (0x9F47, DYNAMIC),
    ];
    for aip in 0..=u8::MAX {
        for present in 0..1 << rows.len() {
            let mut memory = [0; 128];
            let mut data = Database::new(&mut memory);
            let mut expected = vec![];
            for (place, (tag, promise)) in rows.iter().enumerate() {
                if present >> place & 1 == 1 {
                    data.put_bytes(Tag(*tag), &[0]).unwrap();
                } else if aip & promise != 0 {
                    expected.push(*tag);
                }
            }
            let noted = Noted::default();
            let mut findings = Findings::new(Events::to(&noted));
            note_missing_data(&data, ApplicationInterchangeProfile([aip, 0]), &mut findings);
            let bit = if expected.is_empty() { 0 } else { 0x20 };
            assert_eq!(findings.bits().0, [bit, 0, 0, 0, 0], "{aip:02X}");
            assert_eq!(noted.0.into_inner(), expected, "{aip:02X} {present:06b}");
        }
    }
}

/// [B3 7.5 remainder] Only a remainder that was missing; of the key for PIN encipherment the AIP
/// promises nothing.
#[test]
fn a_missing_remainder_is_noted_by_what_the_card_promises() {
    for (tag, promise) in [(0x92, SDA | DYNAMIC), (0x9F48, DYNAMIC), (0x9F2F, 0), (0x90, 0)] {
        let missing = Failure::missing(Part::IssuerCertificate, Tag(tag));
        let wrong = Failure { check: Check::KeyLength, ..missing };
        for (failure, promise) in [(missing, promise), (wrong, 0)] {
            for aip in 0..=u8::MAX {
                let noted = Noted::default();
                let mut findings = Findings::new(Events::to(&noted));
                let aip = ApplicationInterchangeProfile([aip, 0]);
                note_missing_remainder(failure, aip, &mut findings);
                let due = aip.0[0] & promise != 0;
                assert_eq!(findings.bits().0, [if due { 0x20 } else { 0 }, 0, 0, 0, 0]);
                let expected = if due { vec![tag] } else { vec![] };
                assert_eq!(noted.0.into_inner(), expected, "{failure:?} {aip:?}");
            }
        }
    }
}

#[test]
fn a_key_shows_its_length_and_nothing_of_itself() {
    let key = PublicKey { modulus: &[0xC1; 128], exponent: &[3] };
    assert_eq!(format!("{key:?}"), "PublicKey(128 bytes)");
}

#[test]
fn failures_have_numbers_that_tell_part_and_check() {
    let parts = [
        Part::CaKey,
        Part::IssuerCertificate,
        Part::StaticSignature,
        Part::IccCertificate,
        Part::PinCertificate,
        Part::DynamicSignature,
    ];
    let mut seen = vec![];
    for (part, high) in parts.into_iter().zip(0x21..) {
        for (check, low) in [(Check::Missing, 1), (Check::Hash, 9), (Check::Withdrawn, 21)] {
            let code = Failure::new(part, check).code();
            assert_eq!(code.to_be_bytes(), [high, low]);
            assert!(!seen.contains(&code));
            seen.push(code);
        }
    }
}
