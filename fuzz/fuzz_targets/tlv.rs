//! BER-TLV: any bytes are walked to an end, and what is read can be written and read again.

#![no_main]

use chipwright::tag::Tag;
use chipwright::tlv::{Full, Tlv, Tlvs, Writer, find};
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
                assert!(error.to_string().ends_with(&error.offset.to_string()));
                return;
            }
        };
        assert!(tlv.raw.ends_with(tlv.value));
        assert!(format!("{tlv:?} {objects:?}").contains(&format!("{} bytes)", tlv.value.len())));
        read += tlv.raw.len();
        assert!(read <= objects.offset());

        // The length may have been written longer than needed, so only tag and value must agree.
        let mut out = vec![0; tlv.raw.len()];
        let mut writer = Writer::new(&mut out);
        writer.put(tlv.tag, tlv.value).expect("written no longer than it was read");
        let again = Tlvs::new(writer.written()).only().expect("well-formed");
        assert!(again.is_some_and(|again| (again.tag, again.value) == (tlv.tag, tlv.value)));

        nest(&tlv);
        if tlv.tag.is_constructed() && depth < DEPTH {
            walk(tlv.value, depth + 1);
        }
    }
}

/// The same object in a template, object by object, where there is room for it and where not.
fn nest(tlv: &Tlv<'_>) {
    let template = Tag(0x70);
    let mut out = vec![0; tlv.raw.len() + 8];
    let mut writer = Writer::new(&mut out);
    let written = writer.nest(template, |inside| {
        inside.nest(tlv.tag, |inside| {
            let objects = tlv.children().map_while(Result::ok);
            objects.into_iter().try_for_each(|object| inside.put(object.tag, object.value))
        })
    });
    written.expect("room for a header more");
    let length = writer.finish().len();
    let whole = Tlvs::new(&out[..length]).only().expect("well-formed").expect("one");
    assert_eq!(whole.tag, template);
    let content = find(whole.value, tlv.tag).expect("well-formed").expect("was written").to_vec();
    let (again, first) = (Tlvs::new(&content), tlv.children().map_while(Result::ok));
    let again = again.map(|object| object.expect("well-formed"));
    assert!(again.map(|it| (it.tag, it.value)).eq(first.map(|it| (it.tag, it.value))));
    let mut writer = Writer::new(&mut out[..length - 1]);
    let object = |inside: &mut Writer<'_>| inside.put(tlv.tag, &content);
    assert_eq!(writer.nest(template, object), Err(Full));
    assert!(writer.written().is_empty(), "nothing of it");
}
