//! Every object of the corpus, nested ones included, is visited once.

use super::Work;
use crate::records::records;
use chipwright::tlv::Tlvs;
use core::hint::black_box;

const TASK: &str = "TLV";
const OBJECTS: usize = 619;

pub(super) fn work() -> Vec<Work> {
    vec![
        Work::new(TASK, "chipwright", each_record(count)),
        Work::new(TASK, "floor", each_record(floor::count)),
        #[cfg(feature = "peer-emv")]
        Work::new(TASK, "emv", each_record(peer::count)),
    ]
}

fn each_record(count: impl Fn(&[u8]) -> usize + 'static) -> impl FnMut() {
    let records = records();
    move || {
        let objects: usize = records.iter().map(|record| count(black_box(record))).sum();
        assert_eq!(objects, OBJECTS);
    }
}

/// Objects in `bytes`, at any depth.
///
/// # Panics
/// When the bytes are malformed.
pub fn count(bytes: &[u8]) -> usize {
    let mut objects = 0;
    for tlv in Tlvs::new(bytes) {
        let tlv = tlv.expect("well-formed");
        black_box((tlv.tag, tlv.value));
        objects += 1;
        if tlv.tag.is_constructed() {
            objects += count(tlv.value);
        }
    }
    objects
}

/// The least that a walk through BER-TLV has to do: no errors told apart, no offsets.
mod floor {
    use core::hint::black_box;

    pub(super) fn count(bytes: &[u8]) -> usize {
        walk(bytes).expect("well-formed")
    }

    fn walk(bytes: &[u8]) -> Option<usize> {
        let (mut objects, mut at) = (0, 0);
        while at < bytes.len() {
            let first = bytes[at];
            at += 1;
            if first == 0 {
                continue;
            }
            let mut tag = u32::from(first);
            if first & 0x1F == 0x1F {
                loop {
                    let byte = *bytes.get(at)?;
                    at += 1;
                    tag = tag << 8 | u32::from(byte);
                    if byte & 0x80 == 0 {
                        break;
                    }
                }
            }
            let mut length = usize::from(*bytes.get(at)?);
            at += 1;
            if length > 0x7F {
                let count = length & 0x7F;
                length = 0;
                for _ in 0..count {
                    length = length << 8 | usize::from(*bytes.get(at)?);
                    at += 1;
                }
            }
            let value = bytes.get(at..at.checked_add(length)?)?;
            at += length;
            black_box((tag, value));
            objects += 1;
            if first & 0x20 != 0 {
                objects += walk(value)?;
            }
        }
        Some(objects)
    }
}

#[cfg(feature = "peer-emv")]
mod peer {
    use core::hint::black_box;
    use emv::{Tlv, Value};

    pub(super) fn count(bytes: &[u8]) -> usize {
        visit(&Tlv::parse_all(bytes).expect("well-formed"))
    }

    fn visit(objects: &[Tlv]) -> usize {
        let mut count = 0;
        for tlv in objects {
            black_box(tlv);
            count += 1;
            if let Value::Constructed(children) = tlv.value() {
                count += visit(children);
            }
        }
        count
    }
}
