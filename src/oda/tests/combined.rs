//! Signatures that come with a cryptogram. [B2 6.6.2]

use super::*;
use crate::field::CryptogramInformation;

const LENGTH: usize = 144;
const NUMBER: [u8; 4] = [0x0D, 0x0E, 0x0F, 0x10];
const CRYPTOGRAM: [u8; 8] = *b"AppCrypt";
const PDOL: [u8; 3] = [0xA0, 0xA1, 0xA2];
const CDOL1: [u8; 2] = [0xB0, 0xB1];
const CDOL2: [u8; 1] = [0xC0];

/// An answer to GENERATE AC without its signature: a length in two bytes stays as it came.
const BEFORE: [u8; 4] = [0x9F, 0x27, 0x01, 0x80];
const AFTER: [u8; 10] = [0x9F, 0x36, 0x81, 0x02, 0x00, 0x07, 0x9F, 0x10, 0x01, 0xDD];

/// The recovered block of a signature around `rest`, what follows the dynamic number.
fn block(rest: &[u8]) -> Vec<u8> {
    let count = u8::try_from(NUMBER.len()).unwrap();
    let length = u8::try_from(1 + NUMBER.len() + rest.len()).unwrap();
    let mut block = [&[0x6A, 0x05, 0x01, length, count], &NUMBER[..], rest].concat();
    block.resize(LENGTH - 21, 0xBB);
    block.extend(HASH);
    block.push(0xBC);
    block
}

fn rest(information: u8, hash: [u8; 20]) -> Vec<u8> {
    [&[information], &CRYPTOGRAM[..], &hash].concat()
}

fn answer(signature: &[u8]) -> Vec<u8> {
    [&BEFORE[..], &[0x00, 0x00], &tlv(0x9F4B, signature), &[0x00], &AFTER].concat()
}

/// Number and cryptogram, for an answer with this cryptogram information.
fn combined(block: &[u8], information: u8, glass: &Glass) -> Result<(Vec<u8>, [u8; 8]), Failure> {
    let modulus = vec![0xC1; block.len()];
    let key = PublicKey { modulus: &modulus, exponent: &[3] };
    let answer = answer(block);
    let exchanged = Exchanged {
        sent: [&PDOL, &CDOL1, &CDOL2],
        unpredictable_number: [0x11, 0x22, 0x33, 0x44],
        answer: &answer,
        information: CryptogramInformation(information),
    };
    let mut room = [0; MAX_MODULUS];
    verify_combined_signature(key, &exchanged, block, glass.crypto(), &mut room)
        .map(|signed| (signed.number.to_vec(), signed.cryptogram))
}

#[track_caller]
fn fails(block: &[u8], information: u8, check: Check) {
    assert_eq!(
        combined(block, information, &Glass::new(HASH)),
        Err(Failure::new(Part::DynamicSignature, check)),
        "{block:02X?}"
    );
}

#[test]
fn gives_number_and_cryptogram_over_all_that_was_exchanged() {
    let block = block(&rest(0x80, HASH));
    let glass = Glass::new(HASH);
    assert_eq!(combined(&block, 0x80, &glass), Ok((NUMBER.to_vec(), CRYPTOGRAM)));
    // The lists in order, then the answer as received without its signature; padding between
    // objects is none of them.
    let exchanged = [&PDOL[..], &CDOL1, &CDOL2, &BEFORE, &AFTER].concat();
    assert_eq!(glass.hashed.into_inner(), exchanged);
}

/// [B2 6.6.2 information]
#[test]
fn the_information_inside_is_the_one_outside() {
    for inside in 0..=u8::MAX {
        let block = block(&rest(inside, HASH));
        for outside in [0x00, 0x40, 0x80, 0xC0, 0x81, inside] {
            if inside == outside {
                assert!(combined(&block, outside, &Glass::new(HASH)).is_ok());
            } else {
                fails(&block, outside, Check::CryptogramInformation);
            }
        }
    }
}

/// [B2 6.6.2 transaction]
#[test]
fn every_bit_of_the_transaction_hash_counts() {
    for bit in 0..160 {
        let mut hash = HASH;
        hash[bit / 8] ^= 1 << (bit % 8);
        fails(&block(&rest(0x80, hash)), 0x80, Check::TransactionData);
    }
}

#[test]
fn dynamic_data_too_short_for_cryptogram_and_hash_fails() {
    let whole = rest(0x80, HASH);
    for length in 0..whole.len() {
        fails(&block(&whole[..length]), 0x80, Check::DynamicData);
    }
    let longer = [&whole[..], b"of the scheme"].concat();
    assert!(combined(&block(&longer), 0x80, &Glass::new(HASH)).is_ok());
}

#[test]
fn what_fails_a_dynamic_signature_fails_a_combined_one() {
    let good = block(&rest(0x80, HASH));
    for (place, check) in [
        (0, Check::Header),
        (1, Check::Format),
        (2, Check::HashAlgorithm),
        (LENGTH - 2, Check::Hash),
        (LENGTH - 1, Check::Trailer),
    ] {
        let mut bad = good.clone();
        bad[place] ^= 0x40;
        fails(&bad, 0x80, check);
    }
    for length in [0x00, 0x01, 0x04, 0x21, 0xFF] {
        let mut bad = good.clone();
        bad[3] = length;
        fails(&bad, 0x80, Check::DynamicData);
    }
}

/// [B2 6.6.2 left-out]
#[test]
fn only_the_signature_itself_is_left_out() {
    let block = block(&rest(0x40, HASH));
    let modulus = [0xC1; LENGTH];
    let key = PublicKey { modulus: &modulus, exponent: &[3] };
    // A template of the issuer's with the signature's tag inside, and the same value under
    // another tag: both were signed.
    let inside = tlv(0xBF0C, &tlv(0x9F4B, &[0xEE]));
    let other = tlv(0xDF4B, &block);
    let answer = [&inside[..], &tlv(0x9F4B, &block), &other].concat();
    let exchanged = Exchanged {
        sent: [&[], &CDOL1, &[]],
        unpredictable_number: [0; 4],
        answer: &answer,
        information: CryptogramInformation(0x40),
    };
    let glass = Glass::new(HASH);
    let mut room = [0; MAX_MODULUS];
    verify_combined_signature(key, &exchanged, &block, glass.crypto(), &mut room).unwrap();
    assert_eq!(glass.hashed.into_inner(), [&CDOL1[..], &inside, &other].concat());
}
