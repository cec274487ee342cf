//! Application File Locators: records are those of the entries, in order, and no others.

#![no_main]

use chipwright::afl::Afl;
use chipwright_fuzz::invariant::within;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &[u8]| {
    // Longer than any data object.
    let value = &value[..value.len().min(252)];
    match Afl::read(value) {
        Ok(afl) => read(value, &afl),
        Err(fault) => {
            within(fault, value);
            let whole = !value.is_empty() && value.len().is_multiple_of(4);
            assert!(!whole || value.chunks(4).any(|entry| !makes_sense(entry)), "{value:02X?}");
        }
    }
});

fn read(value: &[u8], afl: &Afl<'_>) {
    assert!(value.chunks(4).all(makes_sense));
    let mut place = 0;
    for (entry, bytes) in afl.entries().zip(value.chunks(4)) {
        assert_eq!([entry.sfi << 3, entry.first, entry.last, entry.covered], bytes);
        for number in entry.first..=entry.last {
            let (record, covered) = afl.record(place).expect("as many as the entries say");
            assert_eq!((record.sfi, record.number), (entry.sfi, number));
            assert_eq!(covered, number - entry.first < entry.covered);
            place += 1;
        }
    }
    assert_eq!(afl.records().count(), place);
    assert!(afl.record(place).is_none());
}

fn makes_sense(entry: &[u8]) -> bool {
    let [file, first, last, covered] = *entry else { return false };
    (0x08..=0xF0).contains(&file)
        && file.is_multiple_of(8)
        && first != 0
        && last >= first
        && u16::from(covered) <= u16::from(last) - u16::from(first) + 1
}
