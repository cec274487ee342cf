//! Certificates of issuer and card. [B2 5.3, 6.4, 7.1]

use super::*;
use crate::config::{CaPublicKey, Revocation};
use crate::event::{Event, Sink};
use crate::object::Value;
use crate::value::Date;
use proptest::prelude::*;

const PARTS: [Part; 3] = [Part::IssuerCertificate, Part::IccCertificate, Part::PinCertificate];
const PAN: [u8; 8] = [0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10];
const RID: [u8; 5] = [0xA0, 0x00, 0x00, 0x00, 0x03];
const INDEX: u8 = 0xF9;
const AIP: [u8; 2] = [0x38, 0x00];
/// What a record that is to be authenticated holds, beside the tag list.
const COVERED: [u8; 6] = [0x5F, 0x24, 0x03, 0x30, 0x12, 0x31];

/// A certificate, field by field, and all that is held against it.
#[derive(Clone, Debug)]
struct Forgery {
    part: Part,
    /// Length of the key that signed.
    signer: usize,
    header: u8,
    format: u8,
    subject: Vec<u8>,
    expiry: [u8; 2],
    serial: [u8; 3],
    hash_algorithm: u8,
    key_algorithm: u8,
    key_length: u8,
    exponent_length: u8,
    /// The modulus, as much as there is room for, padded.
    key: Vec<u8>,
    hash: [u8; 20],
    trailer: u8,
    /// Bytes more than the key that signed has.
    surplus: usize,
    certificate: bool,
    remainder: Option<Vec<u8>>,
    exponent: Option<Vec<u8>>,
    pan: Option<Vec<u8>>,
    tag_list: Option<Vec<u8>>,
    today: [u8; 3],
    revocations: Vec<Revocation>,
    refuse: bool,
}

#[derive(Debug, PartialEq, Eq)]
struct Key {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

impl Forgery {
    /// A good one that needs a remainder of eight bytes.
    fn new(part: Part) -> Self {
        let signer = 128;
        let issuer = part == Part::IssuerCertificate;
        let room = signer - if issuer { 36 } else { 42 };
        Self {
            part,
            signer,
            header: 0x6A,
            format: if issuer { 0x02 } else { 0x04 },
            subject: if issuer {
                vec![0x47, 0x61, 0x73, 0x90]
            } else {
                [&PAN[..], &[0xFF, 0xFF]].concat()
            },
            expiry: [0x12, 0x30],
            serial: [1, 2, 3],
            hash_algorithm: 0x01,
            key_algorithm: 0x01,
            key_length: u8::try_from(room + 8).unwrap(),
            exponent_length: 1,
            key: (0..room).map(|byte| byte as u8).collect(),
            hash: HASH,
            trailer: 0xBC,
            surplus: 0,
            certificate: true,
            remainder: Some(b"leftover".to_vec()),
            exponent: Some(vec![3]),
            pan: Some(PAN.to_vec()),
            tag_list: None,
            today: [0x26, 0x11, 0x25],
            revocations: vec![],
            refuse: false,
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut other = self.clone();
        change(&mut other);
        other
    }

    fn tags(&self) -> [u32; 3] {
        match self.part {
            Part::IssuerCertificate => [0x90, 0x92, 0x9F32],
            Part::IccCertificate => [0x9F46, 0x9F48, 0x9F47],
            _ => [0x9F2D, 0x9F2F, 0x9F2E],
        }
    }

    fn block(&self) -> Vec<u8> {
        let mut block = [
            &[self.header, self.format][..],
            &self.subject,
            &self.expiry,
            &self.serial,
            &[self.hash_algorithm, self.key_algorithm, self.key_length, self.exponent_length],
            &self.key,
            &self.hash,
            &[self.trailer],
        ]
        .concat();
        block.resize(block.len() + self.surplus, self.trailer);
        block
    }

    fn fill(&self, data: &mut Database<'_>) {
        let [certificate, remainder, exponent] = self.tags();
        let mut objects = vec![];
        if self.certificate {
            objects.extend(tlv(certificate, &self.block()));
        }
        for (tag, value) in
            [(remainder, &self.remainder), (exponent, &self.exponent), (0x5A, &self.pan)]
        {
            if let Some(value) = value {
                objects.extend(tlv(tag, value));
            }
        }
        for object in split(&objects) {
            store_record(data, 1, object, false);
        }
        let mut covered = COVERED.to_vec();
        if let Some(list) = &self.tag_list {
            covered.extend(tlv(0x9F4A, list));
        }
        store_record(data, 2, &covered, true);
        store_aip(data, AIP);
    }

    fn recover(&self, glass: &Glass, events: Events<'_>) -> Result<Key, Failure> {
        let mut memory = [0; 1600];
        let mut data = Database::new(&mut memory);
        self.fill(&mut data);
        let signer = vec![0xC1; self.signer];
        let today = Date::decode(&self.today).unwrap();
        let mut modulus = [0xEE; MAX_MODULUS];
        let key = if self.part == Part::IssuerCertificate {
            let ca_key =
                CaPublicKey { rid: RID, index: INDEX, modulus: &signer, exponent: &[1, 0, 1] };
            issuer_public_key(
                &data,
                &ca_key,
                today,
                &self.revocations,
                glass.crypto(),
                &mut modulus,
                events,
            )
        } else {
            let issuer_key = PublicKey { modulus: &signer, exponent: &[1, 0, 1] };
            icc_public_key(
                &data,
                self.part,
                issuer_key,
                today,
                glass.crypto(),
                &mut modulus,
                events,
            )
        };
        if !glass.keys.borrow().is_empty() {
            assert_eq!(
                glass.keys.borrow()[..],
                [(signer.clone(), vec![1, 0, 1])],
                "recovered once, with the key of the signer"
            );
        }
        key.map(|key| Key { modulus: key.modulus.to_vec(), exponent: key.exponent.to_vec() })
    }

    fn verify(&self) -> Result<Key, Failure> {
        let mut glass = Glass::new(HASH);
        glass.refuse = self.refuse;
        self.recover(&glass, Events::NONE)
    }

    #[track_caller]
    fn fails(&self, check: Check) {
        assert_eq!(self.verify(), Err(Failure::new(self.part, check)), "{self:02X?}");
    }

    #[track_caller]
    fn passes(&self) -> Key {
        self.verify().unwrap_or_else(|failure| panic!("{failure:?} {self:02X?}"))
    }
}

/// Each object by itself: together they are more than a record can hold.
fn split(objects: &[u8]) -> impl Iterator<Item = &[u8]> {
    let tlvs: Vec<_> = crate::tlv::Tlvs::new(objects).map(|tlv| tlv.unwrap().raw).collect();
    tlvs.into_iter()
}

fn forgeries() -> impl Iterator<Item = Forgery> {
    PARTS.into_iter().map(Forgery::new)
}

#[derive(Default)]
struct Told(RefCell<Vec<String>>);

impl Sink for Told {
    fn event(&self, event: &Event<'_>) {
        if let Event::Certificate(Recovered { part, expiry, serial, key }) = event {
            self.0.borrow_mut().push(format!(
                "{part:?} {expiry} {serial:?} {} {:?}",
                key.modulus.len(),
                key.exponent
            ));
        }
    }
}

#[test]
fn a_good_certificate_gives_its_key() {
    for forgery in forgeries() {
        let key = forgery.passes();
        let modulus = [&forgery.key[..], b"leftover"].concat();
        assert_eq!(key.modulus, modulus);
        assert_eq!(key.modulus.len(), usize::from(forgery.key_length));
        assert_eq!(key.exponent, [3]);
    }
}

#[test]
fn tells_what_it_recovered_and_only_when_it_did() {
    for forgery in forgeries() {
        let told = Told::default();
        let key = forgery.recover(&Glass::new(HASH), Events::to(&told)).unwrap();
        assert_eq!(
            told.0.into_inner(),
            [format!("{:?} 2030-12 [1, 2, 3] {} [3]", forgery.part, key.modulus.len())]
        );
        for (_, change) in FAULTS {
            let told = Told::default();
            let bad = forgery.with(change);
            let mut glass = Glass::new(HASH);
            glass.refuse = bad.refuse;
            if bad.recover(&glass, Events::to(&told)).is_err() {
                assert!(told.0.into_inner().is_empty());
            }
        }
    }
}

/// [B2 5.3 5; B2 6.4 5; B2 6.1]
/// [B2 7.1 static-data]
#[test]
fn hashes_content_remainder_exponent_and_for_the_signing_key_the_static_data() {
    for forgery in forgeries() {
        for remainder in [None, Some(vec![]), Some(b"leftover".to_vec())] {
            for tag_list in [None, Some(vec![0x82])] {
                let forgery = forgery.with(|it| {
                    // A key that needs no remainder: one that is there is hashed all the same.
                    it.key_length = u8::try_from(it.key.len()).unwrap();
                    it.remainder = remainder.clone();
                    it.tag_list = tag_list.clone();
                });
                let glass = Glass::new(HASH);
                let key = forgery.recover(&glass, Events::NONE).unwrap();
                assert_eq!(key.modulus, forgery.key);
                let block = forgery.block();
                let mut expected = block[1..block.len() - 21].to_vec();
                expected.extend(remainder.iter().flatten());
                expected.push(3);
                if forgery.part == Part::IccCertificate {
                    expected.extend(COVERED);
                    if tag_list.is_some() {
                        expected.extend([0x9F, 0x4A, 0x01, 0x82]);
                        expected.extend(AIP);
                    }
                }
                assert_eq!(glass.hashed.into_inner(), expected, "{:?}", forgery.part);
            }
        }
    }
}

/// [B3 7.5 remainder]
#[test]
fn what_is_missing_is_named() {
    for forgery in forgeries() {
        let [certificate, remainder, exponent] = forgery.tags();
        for (tag, forgery) in [
            (certificate, forgery.with(|it| it.certificate = false)),
            (remainder, forgery.with(|it| it.remainder = None)),
            (exponent, forgery.with(|it| it.exponent = None)),
        ] {
            assert_eq!(
                forgery.verify(),
                Err(Failure { part: forgery.part, check: Check::Missing, tag: Some(Tag(tag)) })
            );
        }
    }
}

/// [B2 5.3 1; B2 6.4 1]
#[test]
fn a_certificate_is_as_long_as_the_key_that_signed_it() {
    for forgery in forgeries() {
        for signer in 0..MAX_MODULUS {
            if signer != forgery.signer {
                forgery.with(|it| it.signer = signer).fails(Check::Length);
            }
        }
        forgery.with(|it| it.surplus = 1).fails(Check::Length);
    }
}

#[test]
fn a_key_that_cryptography_refuses_fails() {
    for forgery in forgeries() {
        forgery.with(|it| it.refuse = true).fails(Check::KeyRefused);
    }
}

/// [B2 5.3 2; B2 5.3 3; B2 5.3 4; B2 6.4 2; B2 6.4 3; B2 6.4 4]
#[test]
fn the_frame_is_exact() {
    for forgery in forgeries() {
        for byte in 0..=u8::MAX {
            if byte != 0xBC {
                forgery.with(|it| it.trailer = byte).fails(Check::Trailer);
            }
            if byte != 0x6A {
                forgery.with(|it| it.header = byte).fails(Check::Header);
            }
            if byte != forgery.format {
                forgery.with(|it| it.format = byte).fails(Check::Format);
            }
        }
    }
}

/// [B2 5.3 7; B2 6.4 7]
#[test]
fn every_bit_of_the_hash_counts() {
    for forgery in forgeries() {
        for bit in 0..160 {
            let bad = forgery.with(|it| it.hash[bit / 8] ^= 1 << (bit % 8));
            bad.fails(Check::Hash);
        }
    }
}

/// [B2 5.3 6; B2 5.3 11; B2 6.4 6; B2 6.4 10]
#[test]
fn only_sha_1_and_rsa_are_known() {
    for forgery in forgeries() {
        for algorithm in (0..=u8::MAX).filter(|algorithm| *algorithm != 1) {
            forgery.with(|it| it.hash_algorithm = algorithm).fails(Check::HashAlgorithm);
            forgery.with(|it| it.key_algorithm = algorithm).fails(Check::KeyAlgorithm);
        }
    }
}

/// [B2 5.3 8]
#[test]
fn the_issuer_identifier_is_the_start_of_the_account_number() {
    let forgery = Forgery::new(Part::IssuerCertificate);
    for subject in [
        [0x47, 0x61, 0x73, 0x90],
        [0x47, 0x61, 0x73, 0x9F],
        [0x47, 0x61, 0x73, 0xFF],
        [0x47, 0x61, 0x7F, 0xFF],
        [0x47, 0x61, 0xFF, 0xFF],
        [0x47, 0x6F, 0xFF, 0xFF],
    ] {
        forgery.with(|it| it.subject = subject.to_vec()).passes();
    }
    for subject in [
        [0x47, 0x61, 0x73, 0x91],
        [0x47, 0x61, 0x73, 0x8F],
        [0x47, 0x62, 0x73, 0x90],
        [0x57, 0x61, 0x73, 0x90],
        [0x46, 0x6F, 0xFF, 0xFF],
        [0x61, 0x73, 0x90, 0x01],
        [0x47, 0x61, 0xF3, 0x90],
        [0x47, 0x61, 0xFF, 0x90],
        [0x4F, 0x61, 0x73, 0x90],
        [0xF7, 0x61, 0x73, 0x90],
        [0x47, 0x61, 0x73, 0x9A],
        [0x47, 0x61, 0x73, 0xAA],
        [0x00, 0x00, 0x00, 0x00],
    ] {
        forgery.with(|it| it.subject = subject.to_vec()).fails(Check::Subject);
    }
    // The identifier is longer than the account number.
    forgery.with(|it| it.pan = Some(vec![0x47, 0x61, 0x73])).fails(Check::Subject);
    forgery.with(|it| it.pan = Some(vec![0x47, 0x61, 0x73, 0x9F])).fails(Check::Subject);
}

#[test]
fn an_issuer_identifier_has_three_digits_at_least() {
    let forgery = Forgery::new(Part::IssuerCertificate);
    for subject in [[0xFF, 0xFF, 0xFF, 0xFF], [0x4F, 0xFF, 0xFF, 0xFF], [0x47, 0xFF, 0xFF, 0xFF]] {
        forgery.with(|it| it.subject = subject.to_vec()).fails(Check::Subject);
    }
}

/// [B2 6.4 8]
#[test]
fn a_card_certificate_is_for_this_account_number() {
    for part in [Part::IccCertificate, Part::PinCertificate] {
        let forgery = Forgery::new(part);
        for padding in 0..=2 {
            let pan = [&PAN[..], &[0xFF; 2][..padding]].concat();
            forgery.with(|it| it.pan = Some(pan)).passes();
        }
        // 19 digits fill the field but for half a byte.
        let long = [&PAN[..], &[0x98, 0x7F]].concat();
        forgery.with(|it| (it.subject, it.pan) = (long.clone(), Some(long.clone()))).passes();
        forgery.with(|it| it.subject = long.clone()).fails(Check::Subject);
        forgery.with(|it| it.pan = Some(long.clone())).fails(Check::Subject);
        let short = [&PAN[..6], &[0xFF; 4]].concat();
        forgery.with(|it| (it.subject, it.pan) = (short.clone(), Some(PAN[..6].to_vec()))).passes();
        for place in 0..20 {
            let digit = 0x10 >> (place % 2 * 4);
            let bad = forgery.with(|it| it.subject[place / 2] ^= digit);
            bad.fails(Check::Subject);
        }
        for place in 0..16 {
            let digit = 0x10 >> (place % 2 * 4);
            let bad = forgery.with(|it| it.pan.as_mut().unwrap()[place / 2] ^= digit);
            bad.fails(Check::Subject);
        }
        for nothing in [[0xFF; 10], [0xAA; 10]] {
            forgery
                .with(|it| (it.subject, it.pan) = (nothing.to_vec(), Some(nothing.to_vec())))
                .fails(Check::Subject);
        }
    }
}

#[test]
fn without_an_account_number_no_certificate_fits() {
    for forgery in forgeries() {
        forgery.with(|it| it.pan = None).fails(Check::Subject);
        for pan in [&[0x4A, 0x61, 0x73][..], &[0xFF], &[0x47, 0xF1, 0x73], &[0x11; 10]] {
            forgery.with(|it| it.pan = Some(pan.to_vec())).fails(Check::Subject);
        }
    }
}

/// [B2 5.3 9; B2 6.4 9]
#[test]
fn a_certificate_lasts_to_the_end_of_its_month() {
    for forgery in forgeries() {
        for (expiry, today, good) in [
            ([0x11, 0x26], [0x26, 0x11, 0x25], true),
            ([0x11, 0x26], [0x26, 0x11, 0x01], true),
            ([0x11, 0x26], [0x26, 0x11, 0x30], true),
            ([0x11, 0x26], [0x26, 0x12, 0x01], false),
            ([0x11, 0x26], [0x27, 0x01, 0x01], false),
            ([0x10, 0x26], [0x26, 0x11, 0x01], false),
            ([0x12, 0x25], [0x26, 0x01, 0x01], false),
            ([0x12, 0x25], [0x25, 0x12, 0x31], true),
            ([0x01, 0x27], [0x26, 0x12, 0x31], true),
            ([0x02, 0x24], [0x24, 0x02, 0x29], true),
            ([0x12, 0x99], [0x99, 0x12, 0x31], true),
            ([0x12, 0x99], [0x00, 0x01, 0x01], false),
            ([0x01, 0x00], [0x99, 0x12, 0x31], true),
            ([0x12, 0x49], [0x49, 0x12, 0x31], true),
            ([0x01, 0x50], [0x49, 0x12, 0x31], false),
        ] {
            let forgery = forgery.with(|it| (it.expiry, it.today) = (expiry, today));
            if good {
                forgery.passes();
            } else {
                forgery.fails(Check::Expired);
            }
        }
    }
}

#[test]
fn a_month_that_does_not_exist_is_over() {
    for forgery in forgeries() {
        for month in 0..=u8::MAX {
            let forgery = forgery.with(|it| it.expiry = [month, 0x49]);
            if matches!(month, 0x01..=0x09 | 0x10..=0x12) {
                forgery.passes();
            } else {
                forgery.fails(Check::Expired);
            }
        }
        for year in [0x3A, 0xA3, 0x4F, 0xFF] {
            forgery.with(|it| it.expiry = [0x12, year]).fails(Check::Expired);
        }
    }
}

/// [B2 5.3 10]
#[test]
fn a_revoked_certificate_fails() {
    let forgery = Forgery::new(Part::IssuerCertificate);
    let entry = Revocation { rid: RID, index: INDEX, serial: [1, 2, 3] };
    let others = [
        Revocation { rid: [0xA0, 0, 0, 0, 4], ..entry },
        Revocation { index: INDEX - 1, ..entry },
        Revocation { serial: [1, 2, 4], ..entry },
        Revocation { serial: [3, 2, 1], ..entry },
    ];
    forgery.with(|it| it.revocations = others.to_vec()).passes();
    for place in 0..=others.len() {
        let mut list = others.to_vec();
        list.insert(place, entry);
        forgery.with(|it| it.revocations = list).fails(Check::Revoked);
    }
}

/// [B2 B2.1 exponent]
#[test]
fn exponents_are_3_and_65537_in_the_length_that_the_certificate_says() {
    let exponents: [&[u8]; 14] = [
        &[],
        &[3],
        &[1, 0, 1],
        &[2],
        &[1],
        &[0],
        &[17],
        &[0, 3],
        &[0, 0, 3],
        &[1, 0, 0],
        &[1, 0, 3],
        &[0, 1, 0, 1],
        &[3, 0, 0],
        &[1, 0, 1, 0],
    ];
    for forgery in forgeries() {
        for exponent in exponents {
            for length in 0..=5 {
                let forgery = forgery.with(|it| {
                    (it.exponent, it.exponent_length) = (Some(exponent.to_vec()), length);
                });
                if matches!((exponent, length), ([3], 1) | ([1, 0, 1], 3)) {
                    assert_eq!(forgery.passes().exponent, exponent);
                } else {
                    forgery.fails(Check::Exponent);
                }
            }
        }
    }
}

/// [B2 D1 length; B2 5.3 12; B2 6.4 11]
#[test]
fn key_and_remainder_fit_together() {
    for forgery in forgeries() {
        let room = forgery.key.len();
        for length in 0..=u8::MAX {
            let needed = usize::from(length).saturating_sub(room);
            let mut lengths = vec![0, 1, needed, needed + 1, needed.saturating_sub(1), 251];
            lengths.sort_unstable();
            lengths.dedup();
            let remainders = lengths.into_iter().map(|length| Some(vec![0x77; length]));
            for remainder in remainders.chain([None]) {
                let good = length > 0
                    && usize::from(length) <= forgery.signer
                    && (needed == 0 || remainder.as_ref().map(Vec::len) == Some(needed));
                let forgery = forgery.with(|it| {
                    (it.key_length, it.remainder) = (length, remainder.clone());
                });
                if good {
                    let mut modulus = forgery.key.clone();
                    modulus.extend([0x77; MAX_MODULUS]);
                    modulus.truncate(length.into());
                    assert_eq!(forgery.passes().modulus, modulus);
                } else {
                    let failure = forgery.verify().unwrap_err();
                    // A remainder that is needed and not there may be called missing.
                    let missing = remainder.is_none() && failure.check == Check::Missing;
                    assert!(
                        missing || failure.check == Check::KeyLength,
                        "{length} {remainder:02X?} {failure:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn padding_is_not_part_of_the_key() {
    for forgery in forgeries() {
        for padding in [0xBB, 0x00, 0xFF] {
            let short = forgery.with(|it| {
                it.key_length = 64;
                it.key[64..].fill(padding);
                it.remainder = None;
            });
            assert_eq!(short.passes().modulus, forgery.key[..64]);
        }
    }
}

#[test]
fn the_longest_certificates_fit() {
    for forgery in forgeries() {
        let header = if forgery.part == Part::IssuerCertificate { 36 } else { 42 };
        let forgery = forgery.with(|it| {
            it.signer = MAX_MODULUS;
            it.key = vec![0x99; MAX_MODULUS - header];
            it.key_length = 248;
            it.remainder = Some(vec![0x99; header]);
        });
        assert_eq!(forgery.passes().modulus, [0x99; MAX_MODULUS]);
        forgery.with(|it| it.key_length = 249).fails(Check::KeyLength);
    }
}

#[test]
fn static_data_that_cannot_be_authenticated_fails_the_signing_key_alone() {
    for list in [&[][..], &[0x00], &[0x83], &[0x82, 0x82], &[0x82, 0x00], &[0x9F, 0x36]] {
        for forgery in forgeries() {
            let forgery = forgery.with(|it| it.tag_list = Some(list.to_vec()));
            if forgery.part == Part::IccCertificate {
                forgery.fails(Check::StaticData);
            } else {
                forgery.passes();
            }
        }
    }
}

type Fault = (Check, fn(&mut Forgery));

/// One fault each, in the order in which the book checks.
const FAULTS: [Fault; 11] = [
    (Check::Length, |it| it.surplus = 1),
    (Check::KeyRefused, |it| it.refuse = true),
    (Check::Trailer, |it| it.trailer = 0xBB),
    (Check::Header, |it| it.header = 0x6B),
    (Check::Format, |it| it.format = 0x03),
    (Check::Hash, |it| it.hash = [0; 20]),
    (Check::Subject, |it| it.pan = Some(vec![0x52; 8])),
    (Check::Expired, |it| it.expiry = [0x10, 0x26]),
    (Check::Revoked, |it| {
        it.revocations = vec![Revocation { rid: RID, index: INDEX, serial: it.serial }];
    }),
    (Check::KeyAlgorithm, |it| it.key_algorithm = 0x02),
    (Check::KeyLength, |it| it.key_length = 0),
];

#[test]
fn the_first_check_that_fails_is_the_one_reported() {
    for forgery in forgeries() {
        // Only the issuer's certificate can be revoked.
        let applies = |check| check != Check::Revoked || forgery.part == Part::IssuerCertificate;
        for (place, (first, change)) in FAULTS.iter().enumerate() {
            for (_, other) in &FAULTS[place..] {
                if applies(*first) {
                    forgery
                        .with(|it| {
                            change(it);
                            other(it);
                        })
                        .fails(*first);
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_signed_block_holds_is_refused_or_used_without_panic(
        part in prop::sample::select(&PARTS[..]),
        mut block in prop::collection::vec(any::<u8>(), 0..=MAX_MODULUS),
        remainder in prop::option::of(prop::collection::vec(any::<u8>(), 0..=250)),
        exponent in prop_oneof![Just(vec![3]), Just(vec![1, 0, 1]), prop::collection::vec(any::<u8>(), 0..5)],
        frame in prop::bool::weighted(0.9), fields in prop::bool::weighted(0.8),
    ) {
        let good = Forgery::new(part);
        let [certificate, remainder_tag, exponent_tag] = good.tags();
        let length = block.len();
        if frame && length > 22 {
            (block[0], block[1], block[length - 1]) = (0x6A, good.format, 0xBC);
        }
        if fields {
            for (byte, good) in block.iter_mut().zip(good.block()).take(2 + good.subject.len() + 7) {
                *byte = good;
            }
        }
        let hash = block.iter().rev().skip(1).take(20).rev().copied().collect::<Vec<_>>();
        let glass = Glass::new(hash.try_into().unwrap_or(HASH));
        let mut memory = [0; 1600];
        let mut data = Database::new(&mut memory);
        for (tag, value) in [(certificate, Some(&block)), (remainder_tag, remainder.as_ref()), (exponent_tag, Some(&exponent))] {
            if let Some(value) = value {
                data.put_bytes(Tag(tag), value).unwrap();
            }
        }
        data.put_bytes(Tag(0x5A), &PAN).unwrap();
        let today = Date::decode(&good.today).unwrap();
        let signer = vec![0xC1; length];
        let key = PublicKey { modulus: &signer, exponent: &[3] };
        let mut modulus = [0; MAX_MODULUS];
        let result = if part == Part::IssuerCertificate {
            let ca_key = CaPublicKey { rid: RID, index: INDEX, modulus: &signer, exponent: &[3] };
            issuer_public_key(&data, &ca_key, today, &[], glass.crypto(), &mut modulus, Events::NONE)
        } else {
            icc_public_key(&data, part, key, today, glass.crypto(), &mut modulus, Events::NONE)
        };
        if let Ok(key) = result {
            prop_assert!(frame && key.modulus.len() <= length);
            prop_assert!(matches!(key.exponent, [3] | [1, 0, 1]));
        }
    }
}
