use super::*;
use crate::dictionary::emv::{AIP, AMOUNT_AUTHORISED, ATC, TVR};
use crate::dictionary::{EMV, Place};
use crate::event::{Event, Events, Ignored, Sink};
use crate::fault::{Failed, RecordId};
use crate::field::TerminalVerificationResults as Tvr;
use crate::value::Amount;
use core::cell::RefCell;

const RECORD: RecordId = RecordId { sfi: 1, number: 1 };

#[derive(Default)]
struct Ignoring(RefCell<Vec<(u32, Ignored)>>);

impl Sink for Ignoring {
    fn event(&self, event: &Event<'_>) {
        if let Event::Ignored { tag, why } = event {
            self.0.borrow_mut().push((tag.0, *why));
        }
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    hex::decode(hex.replace(' ', "")).unwrap()
}

fn store_record(db: &mut Database<'_>, hex: &str, covered: bool) -> Result<(), Fault> {
    let stored = db.store_record(RECORD, &bytes(hex), covered, EMV, Events::NONE);
    db.told(stored)
}

fn static_data(db: &Database<'_>) -> Vec<u8> {
    db.static_data().unwrap().flatten().copied().collect()
}

#[test]
fn gives_back_what_was_put() {
    let mut memory = [0; 64];
    let mut db = Database::new(&mut memory);
    db.put(AMOUNT_AUTHORISED, Amount::new(1234).unwrap()).unwrap();
    db.put(TVR, Tvr::EMPTY).unwrap();
    db.put(TVR, Tvr::NEW_CARD).unwrap();
    assert_eq!(db.get(TVR), Ok(Some(Tvr::NEW_CARD)));
    assert_eq!(db.require(AMOUNT_AUTHORISED).map(Amount::minor_units), Ok(1234));
    assert_eq!(db.get(AIP), Ok(None));
    assert_eq!(db.told(db.require(AIP)), Err(Fault::missing(AIP.tag)));
    assert_eq!(db.objects().count(), 2, "the second TVR replaced the first");
    db.put_card(AIP.tag, &[1], Repeat::Refuse).unwrap();
    assert_eq!(db.told(db.get(AIP)), Err(Fault::format(AIP.tag)));
    db.put_bytes(TVR.tag, &[1]).unwrap();
    assert_eq!(db.told(db.require(TVR)), Err(Fault::new(Cause::Configuration).about(TVR.tag)));
}

#[test]
fn says_when_it_is_full() {
    let mut memory = [0; 24];
    let mut db = Database::new(&mut memory);
    db.put_bytes(Tag(0x9A), &[0; 8]).unwrap();
    for (tag, value) in [(0x9C, &[0; 1][..]), (0x9A, &[1; 17])] {
        let put = db.put_bytes(Tag(tag), value);
        assert_eq!(db.told(put), Err(Fault::new(Cause::StoreFull).about(Tag(tag))));
    }
    assert_eq!(db.bytes(Tag(0x9A)), Some(&[0; 8][..]));
    db.put_bytes(Tag(0x9C), &[]).unwrap();
    assert!(Database::default().put_bytes(Tag(0x9A), &[]).is_err());
}

/// Until the issuer has answered, the card leaves an eighth of the memory, however it fills the
/// rest: records, objects, index entries, what was sent to it. [B4 12.2.4 length]
#[test]
fn the_card_leaves_room_for_the_issuer() {
    type Fill = fn(&mut Database<'_>, u8) -> Result<(), Failed>;
    let fills: [Fill; 4] = [
        |db, n| db.put_card(Tag(0x9F80 + u32::from(n)), &[n; 3], Repeat::Refuse),
        |db, n| db.put_signed(Tag(0x9F80 + u32::from(n)), &[]),
        |db, n| db.store_record(RECORD, &[0x70, 4, 0xDF, n & 0x7F, 1, n], true, EMV, Events::NONE),
        |db, n| db.keep(Kept::Cdol1Data, &vec![n; usize::from(n)]),
    ];
    for fill in fills {
        let mut memory = [0; 800];
        let mut db = Database::new(&mut memory);
        let failed = (0..=u8::MAX).find_map(|n| fill(&mut db, n).err()).unwrap();
        assert_eq!(db.fault(failed).cause, Cause::StoreFull);
        assert!((600..=700).contains(&db.usage().0), "{:?}", db.usage());
        db.put_issuer(Tag(0x8A), b"05").unwrap();
        db.keep(Kept::Scripts, &[0x71; 80]).unwrap();
    }
    let mut memory = [0; 80];
    let mut db = Database::new(&mut memory);
    db.put_issuer(Tag(0x8A), b"00").unwrap();
    db.put_card(Tag(0x9F26), &[0; 54], Repeat::Replace).unwrap(); // there is nothing to wait for
    let kept = db.keep(Kept::Scripts, &[0; 80]);
    let fault = db.told(kept).unwrap_err();
    assert_eq!((fault.cause, fault.tag), (Cause::StoreFull, None), "no tag of a data object");
}

/// [B3 7.5 sources]
#[test]
fn a_card_cannot_write_or_shadow_terminal_data() {
    let mut memory = [0; 256];
    let mut db = Database::new(&mut memory);
    db.put(AMOUNT_AUTHORISED, Amount::new(500).unwrap()).unwrap();
    db.put_bytes(Tag(0x9F08), &[0, 1]).unwrap(); // the card's by the table, ours by possession
    let sink = Ignoring::default();
    let record = bytes("70 18 9F0206000000000001 9505 0000000000 9F08020002 DF0100");
    db.store_record(RECORD, &record, false, EMV, Events::to(&sink)).unwrap();
    assert_eq!(db.require(AMOUNT_AUTHORISED).unwrap().minor_units(), 500);
    assert_eq!(db.bytes(Tag(0x9F08)), Some(&[0, 1][..]));
    assert_eq!(db.bytes(TVR.tag), None);
    assert_eq!(
        sink.0.into_inner(),
        [
            (0x9F02, Ignored::NotTheCards),
            (0x95, Ignored::NotTheCards),
            (0x9F08, Ignored::NotTheCards),
            (0xDF01, Ignored::Unknown)
        ]
    );
}

/// [B3 7.5 twice]
#[test]
fn an_object_comes_once() {
    let mut memory = [0; 256];
    let mut db = Database::new(&mut memory);
    store_record(&mut db, "7006 9F0802 0001 00", false).unwrap();
    let fault = store_record(&mut db, "7008 8F0101 9F08020002", false).unwrap_err();
    assert_eq!(
        (fault.cause, fault.tag, fault.offset),
        (Cause::Redundant, Some(Tag(0x9F08)), Some(3))
    );
    assert_eq!(fault.record, Some(RECORD));
    let twice = bytes("9F36020001 9F36020002");
    let stored = db.store(&twice, Place::GetData, Repeat::Replace, EMV, Events::NONE);
    let fault = db.told(stored).unwrap_err();
    assert_eq!(fault.cause, Cause::Redundant);
    db.store(&twice[5..], Place::GetData, Repeat::Replace, EMV, Events::NONE).unwrap();
    assert_eq!(db.get(ATC), Ok(Some(2)));
    assert!(db.store(&twice[..5], Place::Response, Repeat::Refuse, EMV, Events::NONE).is_err());
}

/// [B3 7.5 places; B3 7.5 lengths; B1 12.2.4]
#[test]
fn wrong_lengths_and_places_are_told_apart() {
    let mut memory = [0; 256];
    let mut db = Database::new(&mut memory);
    let fault = store_record(&mut db, "7004 5F240125", false).unwrap_err();
    assert_eq!((fault.cause, fault.tag, fault.offset), (Cause::Format, Some(Tag(0x5F24)), Some(0)));
    let sink = Ignoring::default();
    let record = bytes("7008 5F200141 82020000");
    db.store_record(RECORD, &record, false, EMV, Events::to(&sink)).unwrap();
    assert_eq!(
        sink.0.into_inner(),
        [(0x5F20, Ignored::WrongLength), (0x82, Ignored::WrongTemplate)]
    );
    assert_eq!(db.bytes(AIP.tag), None);
    store_record(&mut db, "700B 5F200241 42 5F2403251231", false).unwrap();
    assert_eq!(db.bytes(Tag(0x5F20)), Some(&b"AB"[..]));
    assert_eq!(db.bytes(Tag(0x5F24)), Some(&[0x25, 0x12, 0x31][..]));
}

/// [B2 5.1.1; B3 10.2 template]
#[test]
fn hashes_records_where_they_lie() {
    let mut memory = [0; 512];
    let mut db = Database::new(&mut memory);
    db.store(&bytes("82025C00"), Place::Response, Repeat::Refuse, EMV, Events::NONE).unwrap();
    store_record(&mut db, "00 7008 5A0212 34 DF0101 07 00", true).unwrap(); // padding around
    store_record(&mut db, "7003 8F0101", false).unwrap();
    let foreign = RecordId { sfi: 11, number: 1 };
    db.store_record(foreign, &bytes("7004 9F4A0182"), true, EMV, Events::NONE).unwrap();
    assert_eq!(hex::encode(static_data(&db)), "5a021234df01010770049f4a01825c00");
    assert_eq!(db.bytes(Tag(0x5A)), Some(&[0x12, 0x34][..]));

    // Replacing an object that lies in covered bytes leaves those bytes alone.
    db.put_bytes(Tag(0x5A), &[0x99, 0x99]).unwrap();
    assert_eq!(hex::encode(static_data(&db)), "5a021234df01010770049f4a01825c00");
    assert_eq!(db.bytes(Tag(0x5A)), Some(&[0x99, 0x99][..]));
}

#[test]
fn only_covered_bytes_become_signed() {
    let mut memory = [0; 512];
    let mut db = Database::new(&mut memory);
    db.store(&bytes("82025C00"), Place::Response, Repeat::Refuse, EMV, Events::NONE).unwrap();
    store_record(&mut db, "7004 5A0212 34", true).unwrap();
    store_record(&mut db, "7003 8F0101", false).unwrap();
    let signed = |db: &Database<'_>| [0x5A, 0x8F, 0x82].map(|tag| db.is_signed(Tag(tag)));
    assert_eq!(signed(&db), [false; 3]);
    db.mark_static_data_signed();
    assert_eq!(signed(&db), [true, false, false]);
    store_record(&mut db, "7004 9F4A0182", true).unwrap();
    db.mark_static_data_signed();
    assert_eq!(signed(&db), [true, false, true]);
    db.put_bytes(Tag(0x5A), &[0x12, 0x34]).unwrap();
    assert_eq!(signed(&db), [false, false, true], "a replaced object is not what was signed");
}

/// [B3 10.3 record; B3 10.3 tag-list]
#[test]
fn static_data_that_cannot_be_authenticated() {
    for tag_list in ["7005 9F4A029F02", "7003 9F4A00", "7005 9F4A028282"] {
        let mut memory = [0; 256];
        let mut db = Database::new(&mut memory);
        store_record(&mut db, tag_list, true).unwrap();
        assert!(db.static_data().is_err(), "{tag_list}");
    }
    let mut memory = [0; 256];
    let mut db = Database::new(&mut memory);
    let foreign = RecordId { sfi: 11, number: 2 };
    db.store_record(foreign, &[0x61, 0], false, EMV, Events::NONE).unwrap();
    assert!(db.static_data().is_ok());
    db.store_record(foreign, &[0x61, 0], true, EMV, Events::NONE).unwrap();
    assert!(db.static_data().is_err());
}

/// [B3 10.2 template; B3 5.1; B3 7.1]
#[test]
fn a_record_of_emv_is_one_template_70() {
    let mut memory = [0; 256];
    let mut db = Database::new(&mut memory);
    for (answer, cause) in [
        ("6100", Cause::Template),
        ("70007000", Cause::Template),
        ("", Cause::Template),
        ("7002", Cause::Tlv(crate::tlv::ErrorKind::TruncatedValue)),
    ] {
        let fault = store_record(&mut db, answer, false).unwrap_err();
        assert_eq!((fault.cause, fault.record), (cause, Some(RECORD)), "{answer}");
    }
}

#[test]
fn forgetting_the_card_keeps_the_terminal() {
    let mut memory = [0; 256];
    let mut db = Database::new(&mut memory);
    db.put(AMOUNT_AUTHORISED, Amount::new(7).unwrap()).unwrap();
    db.put_bytes(Tag(0x9F06), &[1; 5]).unwrap();
    store_record(&mut db, "7004 5A021234", true).unwrap();
    db.put_issuer(Tag(0x8A), b"00").unwrap();
    db.put_bytes(Tag(0x9F06), &[2; 7]).unwrap(); // moved behind the card's data
    db.put(TVR, Tvr::NEW_CARD).unwrap();
    db.forget_card();
    assert_eq!(db.objects().map(|(tag, _)| tag.0).collect::<Vec<_>>(), [0x9F02, 0x9F06, 0x95]);
    assert_eq!(db.bytes(Tag(0x9F06)), Some(&[2; 7][..]));
    assert_eq!(db.require(AMOUNT_AUTHORISED).unwrap().minor_units(), 7);
    assert_eq!(db.get(TVR), Ok(Some(Tvr::NEW_CARD)));
    assert_eq!(db.usage().0, 6 + 7 + 5 + 3 * 8);
    store_record(&mut db, "7004 5A021234", true).unwrap();
}

#[test]
fn is_wiped_when_dropped_and_silent_when_shown() {
    let mut memory = [0; 64];
    let mut db = Database::new(&mut memory);
    db.put_bytes(Tag(0x5A), &[0x47; 8]).unwrap();
    assert_eq!(format!("{db:?}"), "{5A: 8}");
    drop(db);
    assert_eq!(memory, [0; 64]);
}

/// Forgotten entries of the index are wiped as well, and what one of a kind left behind.
#[test]
fn what_was_forgotten_leaves_nothing() {
    let mut memory = [0; 64];
    let mut db = Database::new(&mut memory);
    db.put_card(Tag(0x5A), &[0x47; 8], Repeat::Refuse).unwrap();
    db.put_bytes(Tag(0x9F1C), &[1; 3]).unwrap();
    db.put_bytes(Tag(0x9F1C), &[2; 4]).unwrap();
    db.forget(Tag(0x5A));
    drop(db);
    assert_eq!(memory, [0; 64]);
}

/// A value that grows goes behind the others, and its entry with it: they are moved in order.
#[test]
fn values_that_grew_survive_the_move() {
    let mut memory = [0; 128];
    let mut db = Database::new(&mut memory);
    db.put_bytes(Tag(0x9F1C), &[1; 3]).unwrap();
    db.put_bytes(Tag(0x9F4E), &[2, 3, 4, 5, 6]).unwrap();
    db.put_bytes(Tag(0x9F1C), &[7, 8, 9, 10]).unwrap();
    assert_eq!(db.objects().map(|(tag, _)| tag.0).collect::<Vec<_>>(), [0x9F4E, 0x9F1C]);
    db.forget_card();
    assert_eq!(db.bytes(Tag(0x9F4E)), Some(&[2, 3, 4, 5, 6][..]));
    assert_eq!(db.bytes(Tag(0x9F1C)), Some(&[7, 8, 9, 10][..]));
    assert_eq!(db.usage().0, 9 + 2 * 8);
}

#[test]
fn forgetting_one_object_moves_no_record() {
    let mut memory = [0; 256];
    let mut db = Database::new(&mut memory);
    db.put(TVR, Tvr::EMPTY).unwrap();
    store_record(&mut db, "7009 5A021234 9F08020001", true).unwrap();
    db.forget(Tag(0x9F08));
    db.forget(TVR.tag);
    assert_eq!(db.objects().map(|(tag, _)| tag.0).collect::<Vec<_>>(), [0x5A]);
    assert_eq!(db.bytes(Tag(0x5A)), Some(&[0x12, 0x34][..]));
    assert_eq!(hex::encode(static_data(&db)), "5a0212349f08020001");
}

#[test]
fn empty_objects_do_not_stop_the_move() {
    let mut memory = [0; 256];
    let mut data = Database::new(&mut memory);
    data.put_card(Tag(0x84), &[9; 7], Repeat::Refuse).unwrap();
    data.put_bytes(Tag(0x9F4E), &[]).unwrap();
    data.put_card(Tag(0x50), &[8; 7], Repeat::Refuse).unwrap();
    data.put_bytes(Tag(0x9F1C), &[1, 2, 3]).unwrap();
    data.forget_card();
    assert_eq!(data.bytes(Tag(0x9F4E)), Some(&[][..]));
    assert_eq!(data.bytes(Tag(0x9F1C)), Some(&[1, 2, 3][..]));
}
