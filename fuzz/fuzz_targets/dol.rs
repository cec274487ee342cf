//! Data object lists: any list is filled from any objects, or refused, and every entry is what
//! its object says.

#![no_main]

use chipwright::database::Database;
use chipwright::dictionary::emv::PDOL;
use chipwright::dictionary::{EMV, Format};
use chipwright::dol::{Dol, fill_command_template};
use chipwright::event::Events;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use chipwright_fuzz::script::Script;
use libfuzzer_sys::fuzz_target;

/// Name of the list; only told in faults.
const LIST: Tag = Tag(0x8C);

fuzz_target!(|bytes: &[u8]| {
    let mut script = Script::new(bytes);
    let length = usize::from(script.byte().unwrap_or_default());
    let list = script.bytes(length);
    let mut memory = [0; 1024];
    let mut data = Database::new(&mut memory);
    while let Some(place) = script.byte() {
        let entries = EMV.entries();
        let entry = entries[usize::from(place) % entries.len()];
        let length = usize::from(script.byte().unwrap_or_default());
        if data.put_bytes(entry.tag, script.bytes(length)).is_err() {
            break;
        }
    }
    fill(Dol::new(list), &data);
    _ = data.put_bytes(PDOL.tag, list);
    command(&data);
});

/// As GET PROCESSING OPTIONS carries it.
fn command(data: &Database<'_>) {
    let mut out = [0xEE; 300];
    let list = Dol::new(data.bytes(PDOL.tag).unwrap_or_default());
    let Ok(length) = fill_command_template(data, EMV, &mut out, Events::NONE) else {
        assert!(list.filled_length().is_err() || list.filled_length().is_ok_and(|it| it > 0xFF));
        return;
    };
    let expected = list.filled_length().expect("was filled");
    let template = Tlvs::new(&out[..length]).only().expect("well-formed").expect("one");
    assert_eq!((template.tag, template.value.len()), (Tag(0x83), expected));
    let parts: Vec<_> = list.split(template.value).expect("as long as the list says").collect();
    assert_eq!(parts.iter().map(|(_, part)| part.len()).sum::<usize>(), expected);
    assert!(parts.iter().all(|(tag, _)| list.asks_for(*tag)));
    assert!(list.split(&out[..length]).is_err(), "longer than the list says");
}

fn fill(list: Dol<'_>, data: &Database<'_>) {
    let mut out = [0xEE; 300];
    let filled = list.fill(LIST, data, EMV, &mut out, Events::NONE);
    let Ok(expected) = list.filled_length() else {
        assert!(filled.is_err(), "a malformed list is not filled");
        return;
    };
    let Ok(length) = filled else {
        assert!(expected > out.len(), "a list that fits is filled");
        return;
    };
    assert_eq!(length, expected);
    assert!(out[length..].iter().all(|byte| *byte == 0xEE), "nothing is written behind it");
    let mut rest = &out[..length];
    for entry in list.entries() {
        let entry = entry.expect("well-formed");
        let (bytes, behind) = rest.split_at(usize::from(entry.length));
        check(entry.tag, bytes, data);
        rest = behind;
    }
}

fn check(tag: Tag, bytes: &[u8], data: &Database<'_>) {
    let (Some(known), Some(value)) = (EMV.entry(tag), data.bytes(tag)) else {
        assert!(bytes.iter().all(|byte| *byte == 0));
        return;
    };
    let common = bytes.len().min(value.len());
    if known.format() == Format::N {
        assert_eq!(bytes[bytes.len() - common..], value[value.len() - common..]);
    } else {
        assert_eq!(bytes[..common], value[..common]);
    }
}
