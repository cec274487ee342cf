//! Answers in both formats: what is taken apart is all of what came.

#![no_main]

use chipwright::dictionary::emv::{AFL, AIP, CRYPTOGRAM_INFORMATION_DATA, ISSUER_APPLICATION_DATA};
use chipwright::fault::Fault;
use chipwright::response::{Response, cryptogram, processing_options};
use chipwright_fuzz::invariant::within;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: &[u8]| {
    // Zeros before an object are padding.
    let padding = answer.iter().take_while(|byte| **byte == 0).count();
    let object = &answer[padding..];
    let value = match Response::read(answer) {
        Ok(Response::Format1(value)) => value,
        Ok(Response::Format2(value)) => {
            assert!(object.starts_with(&[0x77]) && object.len() > value.len());
            return;
        }
        Err(fault) => {
            within(fault, answer);
            return;
        }
    };
    assert!(object.starts_with(&[0x80]) && object.len() > value.len());
    options(value);
    generated(value);
});

fn options(value: &[u8]) {
    match processing_options(value) {
        Ok([(AIP_TAG, aip), (AFL_TAG, afl)]) => {
            assert_eq!([aip, afl].concat(), value);
            assert!(aip.len() == 2 && !afl.is_empty() && afl.len().is_multiple_of(4));
        }
        Ok(other) => panic!("other objects: {other:?}"),
        Err(fault) => refused(fault, value, value.len() < 6 || value.len() % 4 != 2),
    }
}

fn generated(value: &[u8]) {
    match cryptogram(value) {
        Ok(objects) => {
            let objects: Vec<_> = objects.collect();
            let whole: Vec<u8> = objects.iter().flat_map(|(_, bytes)| *bytes).copied().collect();
            assert_eq!(whole, value);
            assert_eq!(objects[0].0, CRYPTOGRAM_INFORMATION_DATA.tag);
            let issuer = objects.iter().find(|(tag, _)| *tag == ISSUER_APPLICATION_DATA.tag);
            assert!(issuer.is_none_or(|(_, bytes)| matches!(bytes.len(), 1..=32)));
        }
        Err(fault) => refused(fault, value, !matches!(value.len(), 11..=43)),
    }
}

fn refused(fault: Fault, value: &[u8], rightly: bool) {
    within(fault, value);
    assert!(rightly, "refused: {value:02X?}");
}

const AIP_TAG: chipwright::tag::Tag = AIP.tag;
const AFL_TAG: chipwright::tag::Tag = AFL.tag;
