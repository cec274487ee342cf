//! File Control Information: what is read has all that is mandatory, and is found where it lies.

#![no_main]

use chipwright::fci::Fci;
use chipwright::tag::Tag;
use chipwright::tlv::{Tlvs, find};
use chipwright_fuzz::invariant::within;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: &[u8]| {
    let fci = match Fci::read(answer) {
        Ok(fci) => fci,
        Err(fault) => {
            within(fault, answer);
            return;
        }
    };
    assert!(matches!(fci.df_name.len(), 5..=16));
    let template = Tlvs::new(answer).only().expect("read").expect("one");
    assert_eq!(template.tag, Tag(0x6F));
    assert_eq!(find(template.value, Tag(0x84)), Ok(Some(fci.df_name)));
    assert_eq!(find(template.value, Tag(0xA5)), Ok(Some(fci.proprietary)));
    // Cut anywhere, it is one no more; zeros behind it are padding.
    let end = answer.len() - answer.iter().rev().take_while(|byte| **byte == 0).count();
    for length in 0..end {
        assert!(Fci::read(&answer[..length]).is_err(), "cut at {length}");
    }
});
