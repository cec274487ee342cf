//! Every chain and signature that the vectors name verifies, and no longer does when any single
//! byte of a certificate, a signature or of signed data is another. [B2 5, 6; B3 10.3]

use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv;
use chipwright::oda::Part;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright_harness::vectors::{Chain, Given, Proof, proofs};
use core::ops::Range;
use std::collections::BTreeMap;
use std::path::Path;
use std::thread;

fn all() -> Vec<Proof> {
    proofs(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-vectors"))).unwrap()
}

#[test]
fn every_named_part_verifies() {
    let mut count = BTreeMap::new();
    for proof in all() {
        let verdicts = proof.chain.verify().unwrap();
        for part in &proof.parts {
            assert_eq!(verdicts.of(*part), Some(Ok(())), "{} {part:?}", proof.id);
            *count.entry(format!("{part:?}")).or_insert(0) += 1;
        }
    }
    let counts: Vec<_> = count.iter().map(|(part, count)| (part.as_str(), *count)).collect();
    assert_eq!(
        counts,
        [
            ("DynamicSignature", 14),
            ("IccCertificate", 23),
            ("IssuerCertificate", 31),
            ("StaticSignature", 8)
        ]
    );
}

#[test]
fn no_byte_can_be_changed() {
    let proofs = all();
    let (one, other) = proofs.split_at(proofs.len() / 2);
    let flipped: usize = thread::scope(|scope| {
        let threads = [one, other].map(|half| scope.spawn(|| half.iter().map(flip_all).sum()));
        threads.map(|thread| thread.join().unwrap()).iter().sum::<usize>()
    });
    assert!(flipped > 10_000, "only {flipped} bytes were changed");
}

/// Changes every byte that counts, one at a time; gives their number.
fn flip_all(proof: &Proof) -> usize {
    let places = places(&proof.chain);
    for Flip { place, bytes, parts } in &places {
        for offset in bytes.clone() {
            let mut chain = proof.chain.clone();
            place.bytes(&mut chain)[offset] ^= 0x01;
            let Ok(verdicts) = chain.verify() else {
                continue; // not even read
            };
            for part in parts.iter().filter(|part| proof.parts.contains(part)) {
                let verdict = verdicts.of(*part);
                let id = &proof.id;
                assert!(matches!(verdict, Some(Err(_))), "{id}: {place:?} {offset} for {part:?}");
            }
        }
    }
    places.iter().map(|flip| flip.bytes.len()).sum()
}

/// Bytes that count, and the parts that fail when one of them is another.
struct Flip {
    place: Place,
    bytes: Range<usize>,
    parts: Vec<Part>,
}

/// Where bytes lie in a chain.
#[derive(Clone, Copy, Debug)]
enum Place {
    Given(usize),
    Signature,
    Data,
    Sent(usize),
    Answer,
}

impl Place {
    fn bytes(self, chain: &mut Chain) -> &mut Vec<u8> {
        if let Self::Given(index) = self {
            return match &mut chain.given[index] {
                Given::Record { answer, .. } => answer,
                Given::Objects(_, bytes) | Given::Object(_, bytes) => bytes,
            };
        }
        let dynamic = chain.dynamic.as_mut().unwrap();
        match self {
            Self::Sent(list) => &mut dynamic.combined.as_mut().unwrap().sent[list],
            Self::Answer => &mut dynamic.combined.as_mut().unwrap().answer,
            Self::Data => &mut dynamic.data,
            _ => &mut dynamic.signature,
        }
    }
}

fn places(chain: &Chain) -> Vec<Flip> {
    let mut flips = Vec::new();
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    chain.store(&mut data).unwrap();
    let with_aip = data.bytes(emv::STATIC_DATA_AUTHENTICATION_TAG_LIST.tag).is_some();
    for (index, given) in chain.given.iter().enumerate() {
        let place = Place::Given(index);
        if let Given::Record { covered: true, answer, .. } = given {
            let template = Tlvs::new(answer).only().unwrap().unwrap();
            let bytes = range(answer, template.value);
            let parts = vec![Part::StaticSignature, Part::IccCertificate];
            flips.push(Flip { place, bytes, parts });
        }
        for (tag, bytes) in objects(given) {
            let parts = parts(tag, with_aip);
            if !parts.is_empty() {
                flips.push(Flip { place, bytes, parts });
            }
        }
    }
    let Some(dynamic) = &chain.dynamic else {
        return flips;
    };
    let mut dynamic_part = |place, bytes| {
        flips.push(Flip { place, bytes, parts: vec![Part::DynamicSignature] });
    };
    dynamic_part(Place::Signature, 0..dynamic.signature.len());
    dynamic_part(Place::Data, 0..dynamic.data.len());
    if let Some(combined) = &dynamic.combined {
        for (list, sent) in combined.sent.iter().enumerate() {
            dynamic_part(Place::Sent(list), 0..sent.len());
        }
        for tlv in Tlvs::new(&combined.answer).map(Result::unwrap) {
            if tlv.tag != emv::SIGNED_DYNAMIC_APPLICATION_DATA.tag {
                dynamic_part(Place::Answer, range(&combined.answer, tlv.raw));
            }
        }
    }
    flips
}

/// The parts that stand or fall with an object.
fn parts(tag: Tag, with_aip: bool) -> Vec<Part> {
    let issuer = [
        emv::ISSUER_PUBLIC_KEY_CERTIFICATE.tag,
        emv::ISSUER_PUBLIC_KEY_REMAINDER.tag,
        emv::ISSUER_PUBLIC_KEY_EXPONENT.tag,
    ];
    let icc = [
        emv::ICC_PUBLIC_KEY_CERTIFICATE.tag,
        emv::ICC_PUBLIC_KEY_REMAINDER.tag,
        emv::ICC_PUBLIC_KEY_EXPONENT.tag,
    ];
    if issuer.contains(&tag) {
        vec![Part::IssuerCertificate]
    } else if icc.contains(&tag) {
        vec![Part::IccCertificate]
    } else if tag == emv::SIGNED_STATIC_APPLICATION_DATA.tag {
        vec![Part::StaticSignature]
    } else if tag == emv::AIP.tag && with_aip {
        vec![Part::StaticSignature, Part::IccCertificate]
    } else {
        Vec::new()
    }
}

/// The objects that something given holds, each with the place of its value.
fn objects(given: &Given) -> Vec<(Tag, Range<usize>)> {
    let (all, content): (&[u8], &[u8]) = match given {
        Given::Object(tag, value) => return vec![(*tag, 0..value.len())],
        Given::Objects(_, content) => (content, content),
        Given::Record { answer, .. } => (answer, Tlvs::new(answer).only().unwrap().unwrap().value),
    };
    let tlvs = Tlvs::new(content).map(Result::unwrap);
    tlvs.map(|tlv| (tlv.tag, range(all, tlv.value))).collect()
}

/// Where `part` lies in `whole`.
fn range(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}
