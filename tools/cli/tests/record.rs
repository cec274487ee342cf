//! `chipwright record`.

mod command;

use chipwright::event::record::{self, HEAD};
use chipwright::event::{Event, Octets};
use chipwright::oda::Method;
use chipwright::outcome::{Authority, Conclusion, Outcome};
use chipwright::phase::Phase;
use chipwright::status::Status;
use command::{Run, chipwright};
use serde_json::Value;
use std::path::Path;

/// A record with these events, and a row of the terminal's own, which are written after the head.
fn recorded(name: &str, head: &[u8], events: &[Event<'_>], rest: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut bytes = head.to_vec();
    for event in events {
        record::write(event, &mut |piece| bytes.extend(piece));
    }
    bytes.extend(rest);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A record that a number could be read out of.
const RECORD: &[u8] = b"\x70\x0A\x5A\x08\x62\x28\x00\x00\x00\x00\x11\x17";

fn events() -> [Event<'static>; 5] {
    [
        Event::Phase(Phase::ReadApplicationData),
        Event::Command(Octets(&[0x00, 0xB2, 0x01, 0x0C, 0x00])),
        Event::Response { data: Octets(RECORD), status: Status(0x9000), elapsed: 0 },
        Event::Authenticated { method: Method::Dda, result: Ok(()) },
        Event::Ended(Outcome {
            conclusion: Conclusion::Approved,
            authority: Authority::Offline,
            end: None,
            phase: Phase::Completion,
            signature: false,
            reversal: false,
            advice: false,
        }),
    ]
}

#[test]
fn a_record_is_explained_and_account_numbers_masked() {
    let path = recorded("good.rows", &HEAD, &events(), &[0, 3, 0xC0, 1, 2]);
    let run = chipwright(&["record", &path]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let told = [
        "Read Application Data",
        "SFI 1, record 1",
        "622800******1117",
        "approved, offline",
        "C0 0102",
    ];
    for words in told {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    assert!(!run.stdout.contains("6228000000001117"));

    let run = chipwright(&["record", &path, "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let events = document["events"].as_array().unwrap();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["phase", "command", "response", "authenticated", "ended", "own"]);
    assert_eq!(events[5]["content"], "0102");
    assert!(!run.stdout.contains("6228000000001117"));
}

#[test]
fn what_is_wrong_is_named_after_what_came_before_it() {
    let refused = |run: Run, words: &str| {
        assert_eq!(run.code, 65);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        run.stdout
    };
    let path = recorded("cut.rows", &HEAD, &events()[..1], &[0, 9, 1]);
    let told = refused(chipwright(&["record", &path]), "ends within a row, offset 8");
    assert!(told.contains("Read Application Data"));
    let path = recorded("wrong.rows", &HEAD, &[], &[0, 2, 1, 99]);
    refused(chipwright(&["record", &path]), "not what its kind says, offset 4");
    let path = recorded("version.rows", &[0, 2, 0, 9], &[], &[]);
    refused(chipwright(&["record", &path]), "another version");
    let path = recorded("none.rows", b"{}", &[], &[]);
    refused(chipwright(&["record", &path, "--json"]), "not an event record");
}
