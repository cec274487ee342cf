//! What the crate writes is what it reads.

use crate::made::{bytes, content, maker, signed, trust};
use chipwright::tlv::Writer;
use chipwright_parameters::{
    File, Record, head, put_application, put_combination, put_key, put_revocation,
};
use chipwright_rustcrypto::RustCrypto;

#[test]
fn records_are_written_as_they_are_read() {
    let first = signed(1, &content());
    let file = File::open(&first, &trust(&maker())).unwrap();
    let mut memory = [0; 600];
    let mut out = Writer::new(&mut memory);
    for record in file.records() {
        match record {
            Record::Application(application, combination) => {
                put_application(&mut out, &application).unwrap();
                put_combination(&mut out, &combination.unwrap()).unwrap();
            }
            Record::Key(key) => put_key(&mut out, &key, &RustCrypto).unwrap(),
            Record::Revocation(revocation) => put_revocation(&mut out, &revocation).unwrap(),
            _ => panic!("there is no other"),
        }
    }
    let again = signed(1, out.written());
    let again = File::open(&again, &trust(&maker())).unwrap();
    let (read, written): (Vec<_>, Vec<_>) = (file.records().collect(), again.records().collect());
    assert_eq!((read.len(), written.len()), (3, 4));
    let text = |record: &Record<'_>| format!("{record:?}");
    let Record::Application(application, Some(combination)) = read[0] else {
        panic!("it is first")
    };
    assert_eq!(text(&written[0]), text(&Record::Application(application, None)));
    assert_eq!(text(&written[1]), text(&Record::Combination(combination)));
    assert_eq!(text(&written[2]), text(&read[1]));
    assert_eq!(text(&written[3]), text(&read[2]));
}

#[test]
fn the_head_is_as_the_table_says() {
    let head = head(chipwright::config::Environment::Live, 0x0102_0304, 5);
    assert_eq!(head[..], bytes("454D5650 01 01 01020304 00000005"));
}
