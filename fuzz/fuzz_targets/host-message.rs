//! The host's field 55 and our own: an answer says nothing twice and nothing that did not come;
//! what we write has each object once and stays within its place.

#![no_main]

use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::tag::Tag;
use chipwright::tlv::{Tlvs, find};
use chipwright_fuzz::devices::{Flash, with_checksum};
use chipwright_fuzz::invariant::lies_in;
use chipwright_terminal::blocking::{self, Host};
use chipwright_terminal::device::NotAcknowledged;
use chipwright_terminal::host::{
    Answer, HostMessage, MessageKind, MessageLists, NoAnswer, answer, field_55,
};
use chipwright_terminal::journal::Due;
use chipwright_terminal::{Objects, RECORD_LENGTH, Workspace};
use libfuzzer_sys::fuzz_target;

const KINDS: [MessageKind; 4] =
    [MessageKind::Authorisation, MessageKind::Advice, MessageKind::Reversal, MessageKind::Batch];

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    journal(bytes);
    let objects = Objects::Kept(bytes);
    for kind in KINDS {
        let length = bytes.first().copied().unwrap_or(u8::MAX);
        for room in [usize::from(length), 512] {
            message(MessageLists::default().of(kind), &objects, room);
        }
    }
});

fn read(bytes: &[u8]) {
    let answer = match answer(bytes) {
        Ok(answer) => answer,
        Err(why) => {
            assert_eq!(why, NoAnswer::Lost);
            return;
        }
    };
    let code = lies_in_order(bytes, 0x8A).expect("an answer has a code");
    assert_eq!(code, answer.authorisation_response_code);
    if let Some(data) = answer.issuer_authentication_data {
        assert!(lies_in(data, bytes).is_some());
        assert_eq!(lies_in_order(bytes, 0x91), Some(data));
    }
    if let Some(code) = answer.authorisation_code {
        assert_eq!(lies_in_order(bytes, 0x89), Some(code));
    }
    assert!(bytes.ends_with(answer.scripts), "scripts are what remains");
    // Zeros before an object are padding.
    let first = answer.scripts.iter().find(|byte| **byte != 0);
    assert!(matches!(first, None | Some(0x71 | 0x72)));
}

/// A journal with one record, and what it owes.
fn journal(bytes: &[u8]) {
    let record = with_checksum(&bytes[..bytes.len().min(RECORD_LENGTH - 4)]);
    let mut flash = Flash { records: vec![record], left: None };
    let mut workspace = Workspace::new();
    if let Ok(mut recovery) = blocking::recover(&mut flash, 1, &mut workspace) {
        let (lists, due) = (MessageLists::default(), Due::Everything);
        let journal = &mut recovery.journal;
        blocking::deliver(journal, &mut flash, &mut Eyes, due, &lists, &mut workspace)
            .expect("the storage is good");
    }
}

/// A host that looks at what it is told.
struct Eyes;

impl Host for Eyes {
    fn authorise<'a>(
        &mut self,
        _: &HostMessage<'_>,
        _: &'a mut [u8],
    ) -> Result<Answer<'a>, NoAnswer> {
        Err(NoAnswer::NotSent)
    }

    fn deliver(&mut self, message: &HostMessage<'_>) -> Result<(), NotAcknowledged> {
        assert_ne!(message.kind, MessageKind::Authorisation);
        let shown = format!("{message:?}");
        if let Some(pan) = message.pan() {
            let digits: String = pan.digits().map(|digit| char::from(b'0' + digit)).collect();
            assert!(digits.len() < 11 || !shown.contains(&digits), "{digits}");
        }
        Ok(())
    }
}

/// The first object of this tag, whatever is behind it.
fn lies_in_order(bytes: &[u8], tag: u32) -> Option<&[u8]> {
    let objects = Tlvs::new(bytes).map_while(Result::ok);
    objects.into_iter().find(|tlv| tlv.tag == Tag(tag)).map(|tlv| tlv.value)
}

fn message(list: &[Tag], objects: &Objects<'_>, room: usize) {
    let mut out = vec![0xEE; room];
    let Ok(written) = field_55(list, objects, &mut out) else {
        assert!(room < 512 || list.iter().any(|tag| objects.bytes(*tag).is_some()));
        return;
    };
    let mut before = Vec::new();
    for tlv in Tlvs::new(written) {
        let tlv = tlv.expect("well-formed");
        assert!(list.contains(&tlv.tag) && !before.contains(&tlv.tag), "{}", tlv.tag);
        before.push(tlv.tag);
        let kept = objects.bytes(tlv.tag).expect("only what is there");
        if tlv.tag != Tag(0x95) {
            assert_eq!(tlv.value, kept);
        } else if let Ok(results) = <[u8; 5]>::try_from(tlv.value) {
            assert!(!Tvr(results).contains(Tvr::SCRIPT_FAILED_AFTER));
        }
    }
    for tag in list {
        assert_eq!(
            find(written, *tag).expect("well-formed").is_some(),
            objects.bytes(*tag).is_some()
        );
    }
}
