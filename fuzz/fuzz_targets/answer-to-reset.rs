//! Answers to reset: taken apart, put together again, and checked: a card that is refused after a
//! warm reset is refused after a cold one.

#![no_main]

use chipwright::atr::{Atr, Convention, MAX_ATR, Reset};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let atr = match Atr::read(bytes) {
        Ok(atr) => atr,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let [cold, warm] = [Reset::Cold, Reset::Warm].map(|reset| atr.check(reset));
    assert!(warm.is_ok() || cold.is_err(), "{warm:?} after a warm reset alone");
    if let Err(violation) = cold {
        assert!(!violation.to_string().is_empty());
    }
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
