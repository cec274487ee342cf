//! Answers to reset: taken apart, and put together again.

#![no_main]

use chipwright::atr::{Atr, Convention, MAX_ATR};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(atr) = Atr::read(bytes) else {
        return;
    };
    assert!(bytes.len() <= MAX_ATR && atr.historical().len() <= 15);
    let initial = match atr.convention() {
        Convention::Direct => 0x3B,
        Convention::Inverse => 0x3F,
    };
    let mut again = vec![initial, bytes[1]];
    for group in atr.groups() {
        again.extend([group.ta, group.tb, group.tc, group.td].into_iter().flatten());
    }
    again.extend(atr.historical());
    let (parts, check) = bytes.split_at(again.len());
    assert_eq!(again, parts);
    assert!(check.len() <= 1 && (atr.first_protocol() == 0 || check.len() == 1));
});
