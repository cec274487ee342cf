//! Offline data authentication behind the hash: certificates and signatures are bent, and then
//! signed with the keys that sign them, so that what refuses them is a check of their content.

#![no_main]

use chipwright::config::{CaPublicKey, Terminal, Transaction};
use chipwright::crypto::{Crypto, Hash};
use chipwright::database::{DATABASE_LENGTH, Database, Repeat};
use chipwright::dictionary::EMV;
use chipwright::dictionary::emv::{
    AID, CA_PUBLIC_KEY_INDEX, ICC_PUBLIC_KEY_CERTIFICATE, ICC_PUBLIC_KEY_EXPONENT,
    ICC_PUBLIC_KEY_REMAINDER, ISSUER_PUBLIC_KEY_CERTIFICATE, ISSUER_PUBLIC_KEY_EXPONENT,
    ISSUER_PUBLIC_KEY_REMAINDER, SIGNED_STATIC_APPLICATION_DATA,
};
use chipwright::event::Events;
use chipwright::fault::RecordId;
use chipwright::field::CryptogramInformation;
use chipwright::oda::{
    Exchanged, Part, PublicKey, card_public_key, issuer_key, verify_combined_signature,
    verify_dynamic_signature, verify_fast_dynamic_signature, verify_static_signature,
};
use chipwright_fuzz::crypto::{Fixed, Transparent};
use chipwright_fuzz::script::{Script, object};
use chipwright_fuzz::signer::{Signer, signers};
use chipwright_fuzz::terminal::Setup;
use chipwright_rustcrypto::RustCrypto;
use libfuzzer_sys::fuzz_target;

/// The first byte of an input whose signatures are real.
const REAL: u8 = 0x52;

const NONE: Events<'static> = Events::NONE;

/// Of the application, and of the key that signed.
const RID: [u8; 5] = [0xA0, 0, 0, 0, 3];
const INDEX: u8 = 0xF9;

/// Where the hash of the transaction is in a block with a cryptogram.
const TRANSACTION: usize = 22;

/// What the card has, before it is signed.
struct Card {
    /// Issuer certificate, ICC certificate, static data, dynamic data, the same with a cryptogram:
    /// blocks without a hash.
    blocks: [Vec<u8>; 5],
    /// Remainder and exponent of the issuer's key, and of the card's.
    keys: [[Vec<u8>; 2]; 2],
    /// The one record that is signed.
    record: Vec<u8>,
    /// What the terminal sent for the dynamic signature.
    sent: Vec<u8>,
    /// What it answers with the cryptogram.
    answer: Vec<u8>,
}

fuzz_target!(|bytes: &[u8]| {
    let Some((setup, edits)) = bytes.split_first() else {
        return;
    };
    let keys = signers();
    let mut card = Card::honest(keys);
    let edited = card.edit(Script::new(edits));
    // Without RSA a block is its own signature: that is quicker by far, and what comes next is alike.
    let plain = *setup != REAL;
    verify(&card, keys, plain, !edited);
});

impl Card {
    fn honest([authority, issuer, icc]: &[Signer; 3]) -> Self {
        let record = decode("5A0847617390010100105F2403491231");
        let issuer_room = authority.length() - 36;
        let icc_room = issuer.length() - 42;
        let key = |length: usize, signer: &Signer| {
            vec![0x01, 0x01, length as u8, signer.exponent.len() as u8]
        };
        let issuer_head = decode("6A02476173FF1249000001");
        let icc_head = decode("6A044761739001010010FFFF1249000001");
        let (digits, remainder) = issuer.modulus.split_at(issuer_room);
        let issuer_block =
            [&issuer_head[..], &key(issuer.length(), issuer), digits, &[0; 20], &[0xBC]].concat();
        let (icc_digits, icc_remainder) = icc.modulus.split_at(icc_room);
        let icc_block =
            [&icc_head[..], &key(icc.length(), icc), icc_digits, &[0; 20], &[0xBC]].concat();
        let padded = |head: &str, length: usize| {
            let mut block = decode(head);
            block.resize(length - 21, 0xBB);
            [&block[..], &[0; 20], &[0xBC]].concat()
        };
        Self {
            blocks: [
                issuer_block,
                icc_block,
                padded("6A0301DAC2", issuer.length()),
                padded("6A050109080102030405060708", icc.length()),
                padded("6A050126080102030405060708801122334455667788", icc.length()),
            ],
            keys: [
                [remainder.to_vec(), issuer.exponent.clone()],
                [icc_remainder.to_vec(), icc.exponent.clone()],
            ],
            record,
            sent: b"\x11\x22\x33\x44".to_vec(),
            answer: decode("9F2701809F36020001"),
        }
    }

    /// Each edit is what is bent, where, and the byte; FF for the place sets the length.
    fn edit(&mut self, mut script: Script<'_>) -> bool {
        let mut edited = false;
        while let (Some(part), &[place, byte]) = (script.byte(), script.bytes(2)) {
            edited = true;
            let [issuer, icc] = &mut self.keys;
            let bent = match part % 12 {
                number @ 0..=3 => &mut self.blocks[usize::from(number)],
                4 => &mut issuer[0],
                5 => &mut issuer[1],
                6 => &mut icc[0],
                7 => &mut icc[1],
                8 => &mut self.record,
                9 => &mut self.sent,
                10 => &mut self.blocks[4],
                _ => &mut self.answer,
            };
            // A block is as long as its key.
            if place == 0xFF && matches!(part % 12, 4..=9 | 11) {
                bent.resize(byte.into(), 0);
            } else if let Some(bent) = bent.get_mut(usize::from(place)) {
                *bent = byte;
            }
        }
        edited
    }

    /// The block with its hash, signed.
    fn sign(&self, number: usize, signer: &Signer, plain: bool) -> Vec<u8> {
        let [issuer, icc] = &self.keys;
        let covered = match number {
            0 => [&issuer[0][..], &issuer[1]].concat(),
            1 => [&icc[0][..], &icc[1], &self.record].concat(),
            2 => self.record.clone(),
            _ => self.sent.clone(),
        };
        let mut block = self.blocks[number].clone();
        if number == 4 {
            let transaction = RustCrypto.sha1(&mut [&self.sent[..], &self.answer].into_iter());
            block[TRANSACTION..TRANSACTION + 20].copy_from_slice(&transaction);
        }
        let end = block.len() - 21;
        let hash = RustCrypto.sha1(&mut [&block[1..end], &covered].into_iter());
        block[end..end + 20].copy_from_slice(&hash);
        if plain { block } else { signer.sign(&block) }
    }
}

/// Stores what the card has; whether all of it could be stored.
fn store(
    card: &Card,
    [authority, issuer, _]: &[Signer; 3],
    plain: bool,
    data: &mut Database<'_>,
) -> bool {
    let record = RecordId { sfi: 1, number: 1 };
    let mut template = Vec::new();
    object(&[0x70], &card.record, &mut template);
    let [issuer_key, icc_key] = &card.keys;
    let objects = [
        (ISSUER_PUBLIC_KEY_CERTIFICATE.tag, &card.sign(0, authority, plain)),
        (ISSUER_PUBLIC_KEY_REMAINDER.tag, &issuer_key[0]),
        (ISSUER_PUBLIC_KEY_EXPONENT.tag, &issuer_key[1]),
        (ICC_PUBLIC_KEY_CERTIFICATE.tag, &card.sign(1, issuer, plain)),
        (ICC_PUBLIC_KEY_REMAINDER.tag, &icc_key[0]),
        (ICC_PUBLIC_KEY_EXPONENT.tag, &icc_key[1]),
        (SIGNED_STATIC_APPLICATION_DATA.tag, &card.sign(2, issuer, plain)),
        (CA_PUBLIC_KEY_INDEX.tag, &vec![INDEX]),
    ];
    data.put_bytes(AID.tag, &RID).is_ok()
        && data.store_record(record, &template, true, EMV, NONE).is_ok()
        && objects
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .all(|(tag, value)| data.put_card(tag, value, Repeat::Replace).is_ok())
}

fn verify(card: &Card, signers: &[Signer; 3], plain: bool, honest: bool) {
    let [authority, issuer, icc] = signers;
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    if !store(card, signers, plain, &mut data) {
        assert!(!honest);
        return;
    }
    let crypto = Crypto {
        hash: &RustCrypto,
        rsa: if plain { &Transparent } else { &RustCrypto },
        random: &Fixed,
    };
    let keys = [CaPublicKey {
        rid: RID,
        index: INDEX,
        modulus: &authority.modulus,
        exponent: &authority.exponent,
    }];
    let terminal = Terminal { keys: &keys, ..Setup(0, 0).terminal() };
    let transaction = Transaction { crypto, ..Setup(0, 0).transaction(&terminal) };
    let (mut issuer_memory, mut icc_memory, mut block) = ([0; _], [0; _], [0; _]);
    let recovered = issuer_key(&transaction, &data, &mut issuer_memory);
    let Ok(key) = recovered else {
        assert!(!honest, "{recovered:?}");
        return;
    };
    certified(&card.blocks[0], 0x02, 6, (key.modulus, key.exponent), &card.keys[0]);
    identified(&card.blocks[0][2..6], card);
    // What was certified in place of the issuer's key verifies nothing that the issuer signed.
    if !plain && key.modulus != issuer.modulus {
        return;
    }
    let signed = verify_static_signature(&data, key, crypto).is_ok();
    assert!(signed || !honest);
    let [first, format, hash, .., last] = card.blocks[2][..] else { return };
    assert!(!signed || [first, format, hash, last] == [0x6A, 0x03, 0x01, 0xBC]);

    let part = Part::IccCertificate;
    let recovered = card_public_key(&transaction, &data, part, &mut icc_memory);
    let Ok(key) = recovered else {
        assert!(!honest, "{recovered:?}");
        return;
    };
    certified(&card.blocks[1], 0x04, 12, (key.modulus, key.exponent), &card.keys[1]);
    if !plain && key.modulus != icc.modulus {
        return;
    }
    let signature = card.sign(3, icc, plain);
    let sent = &mut std::iter::once(&card.sent[..]);
    let dynamic = verify_dynamic_signature(key, &signature, sent, crypto, &mut block);
    assert!(dynamic.is_ok() || !honest, "{dynamic:?}");
    if let Ok(dynamic) = dynamic {
        let [first, format, hash, length, number, .., last] = card.blocks[3][..] else { return };
        assert_eq!([first, format, hash, last], [0x6A, 0x05, 0x01, 0xBC]);
        assert!(matches!(number, 2..=8) && number < length);
        assert_eq!(dynamic.number, &card.blocks[3][5..5 + usize::from(number)]);
    }
    let sent = &mut std::iter::once(&card.sent[..]);
    if verify_fast_dynamic_signature(key, &signature, sent, crypto, &mut block).is_ok() {
        assert_eq!(card.blocks[3][1], 0x95, "fast by its format alone");
    }
    combined(card, key, &card.sign(4, icc, plain), crypto, honest);
}

/// A signature with a cryptogram says which one, and of which kind.
fn combined(card: &Card, key: PublicKey<'_>, signature: &[u8], crypto: Crypto<'_>, honest: bool) {
    let Some(unpredictable_number) = card.sent.first_chunk().copied() else {
        return;
    };
    let exchanged = Exchanged {
        sent: [&card.sent, &[], &[]],
        unpredictable_number,
        answer: &card.answer,
        information: CryptogramInformation(0x80),
    };
    let mut block = [0; _];
    let signed = verify_combined_signature(key, &exchanged, signature, crypto, &mut block);
    assert!(signed.is_ok() || !honest, "{signed:?}");
    if let Ok(signed) = signed {
        let number = usize::from(card.blocks[4][4]);
        let (information, cryptogram) = card.blocks[4][5 + number..].split_at(1);
        assert_eq!(information, [0x80], "as it is outside");
        assert_eq!(signed.cryptogram, cryptogram[..8]);
        assert_eq!(signed.number, &card.blocks[4][5..5 + number]);
    }
}

/// What must hold of a certificate that was accepted, read from the block by its places.
fn certified(block: &[u8], format: u8, expiry: usize, key: (&[u8], &[u8]), rest: &[Vec<u8>; 2]) {
    assert_eq!((block[0], block[1], block.last()), (0x6A, format, Some(&0xBC)));
    let [month, year, _, _, _, hash, algorithm, length, exponent, ..] = block[expiry..] else {
        panic!("shorter than its head");
    };
    assert_eq!((hash, algorithm), (0x01, 0x01));
    assert!(matches!(month, 0x01..=0x09 | 0x10..=0x12), "month {month:02X}");
    // YY below 50 is 20YY; certificates are good to the last day of their month.
    assert!(year < 0x50 && (year, month) >= (0x18, 0x06), "expired: {month:02X}/{year:02X}");
    assert_eq!(key.0.len(), usize::from(length));
    assert_eq!((key.1.len(), key.1), (usize::from(exponent), &rest[1][..]));
    assert!(key.1 == [3] || key.1 == [1, 0, 1]);
    let digits = &block[expiry + 9..block.len() - 21];
    assert!(key.0.starts_with(&digits[..digits.len().min(key.0.len())]));
}

/// Three to eight digits that the account number begins with, and F behind them.
fn identified(identifier: &[u8], card: &Card) {
    let nibbles = |bytes: &[u8]| bytes.iter().flat_map(|b| [b >> 4, b & 0xF]).collect::<Vec<_>>();
    let identifier = nibbles(identifier);
    let digits: Vec<_> = identifier.iter().copied().take_while(|digit| *digit != 0xF).collect();
    assert!(digits.len() >= 3 && identifier[digits.len()..].iter().all(|digit| *digit == 0xF));
    let pan = nibbles(card.record.get(2..).unwrap_or_default());
    assert!(card.record[0] != 0x5A || pan.starts_with(&digits));
}

fn decode(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hexadecimal")
}
