//! Keys, applications and limits as TLV: what is read, and what is refused.

use core::mem::{MaybeUninit, zeroed};
use core::ptr::null;

use chipwright_ffi::*;

const TODAY: [u8; 3] = [0x26, 0x01, 0x15];
const TEST: u32 = KeyEnvironment::Test as u32;

/// A key of the simulated cards, as it is published beside them.
struct Published {
    modulus: Vec<u8>,
    checksum: Vec<u8>,
}

fn published() -> Published {
    let text = include_str!("../../../test-vectors/keys/capk.json");
    let vectors: serde_json::Value = serde_json::from_str(text).unwrap();
    let key = &vectors["vectors"][0];
    let bytes = |value: &serde_json::Value| hex::decode(value.as_str().unwrap()).unwrap();
    assert_eq!(key["id"], "capk-A000000003-D2-1984");
    Published {
        modulus: bytes(&key["inputs"]["modulus"]),
        checksum: bytes(&key["expected"]["sha1"]),
    }
}

fn object(tag: u16, value: &[u8]) -> Vec<u8> {
    let length = u8::try_from(value.len()).unwrap();
    let head: &[u8] = if length < 0x80 { &[length] } else { &[0x81, length] };
    [&tag.to_be_bytes(), head, value].concat()
}

/// The key's objects, by tag.
fn objects() -> Vec<(u16, Vec<u8>)> {
    let Published { modulus, checksum } = published();
    vec![
        (0x9F06, vec![0xA0, 0, 0, 0, 3]),
        (0x9F22, vec![0xD2]),
        (0xDF02, modulus),
        (0xDF04, vec![3]),
        (0xDF03, checksum),
        (0xDF05, b"20491231".to_vec()),
        (0xDF06, vec![1]),
        (0xDF07, vec![1]),
    ]
}

fn string(objects: &[(u16, Vec<u8>)]) -> Vec<u8> {
    objects.iter().flat_map(|(tag, value)| object(*tag, value)).collect()
}

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes { bytes: bytes.as_ptr(), length: bytes.len() }
}

fn read_key(string: &[u8], today: [u8; 3], environment: u32) -> (Status, Option<Key>) {
    let mut key = MaybeUninit::uninit();
    // SAFETY: the string is one of bytes, and there is room for a key.
    let status = unsafe {
        chipwright_read_key(bytes(string), environment, TEST, today.as_ptr(), key.as_mut_ptr())
    };
    // SAFETY: it is written when it was read.
    (status, (status == Status::Ok).then(|| unsafe { key.assume_init() }))
}

#[test]
fn a_key_is_read_and_lies_in_its_string() {
    let string = string(&objects());
    let (status, key) = read_key(&string, TODAY, TEST);
    assert_eq!(status, Status::Ok);
    let key = key.unwrap();
    assert_eq!((key.rid, key.index), ([0xA0, 0, 0, 0, 3], 0xD2));
    assert_eq!((key.modulus.length, key.exponent.length), (248, 1));
    assert!(string.as_ptr_range().contains(&key.modulus.bytes));
}

/// A change to the objects of a key, and what comes of it.
type Change = (fn(&mut Vec<(u16, Vec<u8>)>), Status);

fn set(objects: &mut [(u16, Vec<u8>)], tag: u16, value: &[u8]) {
    objects.iter_mut().filter(|(other, _)| *other == tag).for_each(|row| row.1 = value.to_vec());
}

fn remove(objects: &mut Vec<(u16, Vec<u8>)>, tag: u16) {
    objects.retain(|(other, _)| *other != tag);
}

#[test]
fn a_key_that_may_not_be_trusted_is_refused() {
    let changes: [Change; 18] = [
        (|objects| set(objects, 0x9F22, &[0xD3]), Status::WrongValue),
        (|objects| objects[2].1[5] ^= 1, Status::WrongValue),
        (|objects| objects[4].1[0] ^= 1, Status::WrongValue),
        (|objects| set(objects, 0xDF03, &[0; 19]), Status::WrongValue),
        (|objects| set(objects, 0xDF04, &[5]), Status::WrongValue),
        (|objects| set(objects, 0xDF05, b"20260114"), Status::WrongValue),
        (|objects| set(objects, 0xDF05, b"20261314"), Status::WrongValue),
        (|objects| set(objects, 0xDF05, b"19261214"), Status::WrongValue),
        (|objects| set(objects, 0xDF05, b"2026A214"), Status::WrongValue),
        (|objects| set(objects, 0xDF05, b"20261"), Status::WrongValue),
        (|objects| set(objects, 0xDF06, &[7]), Status::WrongValue),
        (|objects| set(objects, 0xDF07, &[4]), Status::WrongValue),
        (|objects| remove(objects, 0x9F06), Status::NotFound),
        (|objects| remove(objects, 0x9F22), Status::NotFound),
        (|objects| remove(objects, 0xDF02), Status::NotFound),
        (|objects| remove(objects, 0xDF03), Status::NotFound),
        (|objects| remove(objects, 0xDF04), Status::NotFound),
        (|objects| set(objects, 0x9F06, &[0xA0, 0, 0, 0]), Status::WrongValue),
    ];
    for (number, (change, expected)) in changes.into_iter().enumerate() {
        let mut objects = objects();
        change(&mut objects);
        assert_eq!(read_key(&string(&objects), TODAY, TEST).0, expected, "{number}");
    }
    let good = string(&objects());
    assert_eq!(read_key(&good, TODAY, KeyEnvironment::Live as u32).0, Status::WrongValue);
    assert_eq!(read_key(&good, TODAY, 0).0, Status::UnknownValue);
    assert_eq!(read_key(&good, [0x26, 0x02, 0x30], TEST).0, Status::WrongValue);
    assert_eq!(read_key(&good[..good.len() - 1], TODAY, TEST).0, Status::WrongCoding);
    // SAFETY: null is what is tested.
    unsafe {
        let mut key = MaybeUninit::uninit();
        let status = chipwright_read_key(bytes(&good), TEST, TEST, null(), key.as_mut_ptr());
        assert_eq!(status, Status::Null);
    }
}

#[test]
fn a_key_is_good_on_its_last_day_and_without_one() {
    let mut objects = objects();
    set(&mut objects, 0xDF05, &[0x20, 0x26, 0x01, 0x15]);
    assert_eq!(read_key(&string(&objects), TODAY, TEST).0, Status::Ok);
    assert_eq!(read_key(&string(&objects), [0x26, 0x01, 0x16], TEST).0, Status::WrongValue);
    for tag in [0xDF05, 0xDF06, 0xDF07] {
        remove(&mut objects, tag);
    }
    assert_eq!(read_key(&string(&objects), [0x49, 0x12, 0x31], TEST).0, Status::Ok);
}

fn read_application(string: &[u8]) -> (Status, Application, Combination) {
    // SAFETY: zeros are empty ones.
    let mut application = unsafe { zeroed::<Application>() };
    // SAFETY: likewise.
    let mut combination = unsafe { zeroed::<Combination>() };
    // SAFETY: the string is one of bytes, and both are initialised.
    let status = unsafe {
        chipwright_read_application(bytes(string), &raw mut application, &raw mut combination)
    };
    (status, application, combination)
}

const AID: &[u8] = &[0xA0, 0, 0, 3, 0x33];

/// [C7 3]
#[test]
fn an_application_is_read_with_its_limits() {
    let rows = [
        (0x9F06, AID.to_vec()),
        (0xDF01, vec![1]),
        (0x9F09, vec![0, 0x30]),
        (0xDF11, vec![0x11; 5]),
        (0xDF12, vec![0x12; 5]),
        (0xDF13, vec![0x13; 5]),
        (0x9F1B, vec![0, 0, 0x27, 0x10]),
        (0xDF14, vec![0x9F, 0x37, 0x04]),
        (0xDF15, vec![0, 0, 1, 0]),
        (0xDF16, vec![0x99]),
        (0xDF17, vec![0x20]),
        (0xDF18, vec![1]),
        (0xDF19, vec![0, 0, 0, 2, 0, 0]),
        (0xDF20, vec![0, 0, 5, 0, 0, 0]),
        (0xDF21, vec![0, 0, 0, 0x10, 0, 0]),
    ];
    let string = string(&rows);
    let (status, slot, tap) = read_application(&string);
    assert_eq!(status, Status::Ok);
    assert_eq!((slot.aid.length, slot.partial_match, slot.version), (5, 0, 0x30));
    assert_eq!(slot.action_code_default, [0x11; 5]);
    assert_eq!(slot.action_code_online, [0x12; 5]);
    assert_eq!(slot.action_code_denial, [0x13; 5]);
    assert_eq!((slot.floor_limit, slot.default_ddol.length), (10_000, 3));
    assert_eq!((slot.random_threshold, slot.random_maximum, slot.random_target), (256, 99, 20));
    assert_eq!((tap.aid.bytes, tap.terminal_floor_limit), (slot.aid.bytes, 10_000));
    assert_eq!(
        (tap.floor_limit, tap.transaction_limit, tap.cvm_required_limit),
        (20_000, 5_000_000, 100_000)
    );
    let limits = HAS_FLOOR_LIMIT | HAS_TRANSACTION_LIMIT | HAS_CVM_REQUIRED_LIMIT;
    assert_eq!(tap.present, limits | HAS_TERMINAL_FLOOR_LIMIT);

    let (status, slot, tap) = read_application(&object(0x9F06, AID));
    assert_eq!((status, slot.partial_match, tap.present), (Status::Ok, 0, 0));
}

#[test]
fn an_application_that_cannot_be_is_refused() {
    assert_eq!(read_application(&[]).0, Status::NotFound);
    assert_eq!(read_application(&object(0x9F06, &AID[..4])).0, Status::WrongValue);
    assert_eq!(read_application(&object(0x9F06, &[1; 17])).0, Status::WrongValue);
    let name = object(0x9F06, AID);
    assert_eq!(read_application(&[&name[..], &[0xDF]].concat()).0, Status::WrongCoding);
    for (tag, value) in [
        (0xDF01, &[2][..]),
        (0xDF01, &[]),
        (0x9F09, &[0x30]),
        (0xDF11, &[0; 4]),
        (0xDF12, &[0; 6]),
        (0xDF13, &[]),
        (0x9F1B, &[0; 3]),
        (0xDF15, &[0; 5]),
        (0xDF16, &[0x9A]),
        (0xDF17, &[0, 0]),
        (0xDF19, &[0, 0, 0, 0, 0, 0xA0]),
        (0xDF20, &[0; 7]),
        (0xDF21, &[0xFF; 6]),
    ] {
        let (status, slot, tap) = read_application(&[name.clone(), object(tag, value)].concat());
        assert_eq!(status, Status::WrongValue, "{tag:04X}");
        assert_eq!((slot.aid.length, tap.aid.length), (0, 0), "nothing was changed");
    }
}

#[test]
fn the_answer_of_the_host_is_read() {
    let read = |string: &[u8]| {
        let mut response = MaybeUninit::<HostResponse>::uninit();
        // SAFETY: the string is one of bytes, and there is room.
        let status = unsafe { chipwright_read_host_response(bytes(string), response.as_mut_ptr()) };
        // SAFETY: it is written when it was read.
        (status, (status == Status::Ok).then(|| unsafe { response.assume_init() }))
    };
    let answer = hex::decode("910812345678123456788A02303072039F1800").unwrap();
    let response = read(&answer).1.unwrap();
    assert_eq!(&response.authorisation_response_code, b"00");
    assert_eq!(response.issuer_authentication_data.length, 8);
    assert!(response.authorisation_code.bytes.is_null());
    assert_eq!(response.scripts.length, 5);
    assert_eq!(read(&[]).0, Status::WrongCoding);
    assert_eq!(read(&answer[..12]).0, Status::WrongCoding);
}
