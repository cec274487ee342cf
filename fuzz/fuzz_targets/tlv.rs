//! BER-TLV: any bytes are walked to an end, and what is read can be written and read again.

#![no_main]

use chipwright::tlv::{Tlvs, Writer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| walk(bytes, 0));

/// Deeper than any template of the books.
const DEPTH: usize = 8;

fn walk(bytes: &[u8], depth: usize) {
    let mut read = 0;
    let mut objects = Tlvs::new(bytes);
    while let Some(result) = objects.next() {
        assert!(objects.offset() <= bytes.len());
        let tlv = match result {
            Ok(tlv) => tlv,
            Err(error) => {
                assert!(error.offset <= bytes.len() && objects.next().is_none());
                return;
            }
        };
        assert!(tlv.raw.ends_with(tlv.value));
        read += tlv.raw.len();
        assert!(read <= objects.offset());

        // The length may have been written longer than needed, so only tag and value must agree.
        let mut out = vec![0; tlv.raw.len()];
        let mut writer = Writer::new(&mut out);
        writer.put(tlv.tag, tlv.value).expect("written no longer than it was read");
        let again = Tlvs::new(writer.written()).only().expect("well-formed");
        assert!(again.is_some_and(|again| (again.tag, again.value) == (tlv.tag, tlv.value)));

        if tlv.tag.is_constructed() && depth < DEPTH {
            walk(tlv.value, depth + 1);
        }
    }
}
