//! Selection: directory, names, blocked applications.

use crate::terminal::{Terminal, bytes, objects, only};

const THREE: &str = "
title = 'Three applications, two of a name'
[[application]]
scheme = 'visa'
aid = 'A0000000031010 01'
label = 'First'
[[application]]
scheme = 'visa'
aid = 'A0000000031010 02'
label = 'Second'
preferred_name = 'Zweites Käs'
languages = 'deen'
confirmation = true
priority = 5
blocked = true
[[application]]
scheme = 'mastercard'
priority = 0
available = false
pdol = '9F1A02'
";

#[test]
fn the_directory_lists_every_application() {
    let mut terminal = Terminal::with(THREE);
    let (tag, fci) = only(&terminal.select("315041592E5359532E4444463031"));
    let fci = objects(&fci);
    assert_eq!((tag, fci[&0x84].as_slice()), (0x6F, &b"1PAY.SYS.DDF01"[..]));
    assert_eq!(objects(&fci[&0xA5])[&0x88], [1]);
    let mut names = Vec::new();
    for number in 1..=3 {
        let answer = terminal.send(&format!("00B2{number:02X}0C00"));
        let (_, record) = only(&terminal.expect(answer));
        let (tag, entry) = only(&record);
        assert_eq!(tag, 0x61);
        let entry = objects(&entry);
        names.push((entry[&0x4F].clone(), entry[&0x50].clone(), entry[&0x87].clone()));
        assert_eq!(entry.contains_key(&0x9F12), number == 2);
    }
    let expected = [
        ("A000000003101001", "First", 0x01),
        ("A000000003101002", "Second", 0x85),
        ("A0000000041010", "Mastercard", 0x00),
    ];
    for (name, (aid, label, priority)) in names.into_iter().zip(expected) {
        assert_eq!(name, (bytes(aid), label.as_bytes().to_vec(), vec![priority]));
    }
}

#[test]
fn a_beginning_finds_one_after_the_other() {
    let mut terminal = Terminal::with(THREE);
    let name = |data: &[u8]| objects(&only(data).1)[&0x84].clone();
    let first = terminal.ask("00A40400", "A0000000031010");
    assert_eq!((name(&first.0), first.1), (bytes("A000000003101001"), 0x9000));
    let second = terminal.ask("00A40402", "A0000000031010");
    assert_eq!((name(&second.0), second.1), (bytes("A000000003101002"), 0x6283));
    assert_eq!(terminal.ask("00A40402", "A0000000031010"), (Vec::new(), 0x6A82));
    let third = terminal.ask("00A40402", "A000000004");
    assert_eq!((name(&third.0), third.1), (bytes("A0000000041010"), 0x9000));
    let again = terminal.ask("00A40400", "A000000003101002");
    assert_eq!(again.1, 0x6283);
    assert_eq!(terminal.ask("00A40400", &"A0".repeat(17)).1, 0x6700);
}

#[test]
fn file_control_information_says_what_the_profile_does() {
    let mut terminal = Terminal::with(THREE);
    let (_, fci) = only(&terminal.ask("00A40400", "A000000003101002").0);
    let proprietary = objects(&objects(&fci)[&0xA5]);
    assert_eq!(proprietary[&0x50], b"Second");
    assert_eq!(proprietary[&0x5F2D], b"deen");
    assert_eq!(proprietary[&0x9F11], [1]);
    assert_eq!(proprietary[&0x9F12], b"Zweites K\xE4s");
    assert!(!proprietary.contains_key(&0x9F38));
    let (_, fci) = only(&terminal.select("A000000004"));
    assert_eq!(objects(&objects(&fci)[&0xA5])[&0x9F38], [0x9F, 0x1A, 2]);
}

#[test]
fn what_is_blocked_or_not_available_begins_no_transaction() {
    let mut terminal = Terminal::with(THREE);
    assert_eq!(terminal.ask("00A40400", "A000000003101002").1, 0x6283);
    assert_eq!(terminal.ask("80A80000", "8300").1, 0x6985);
    terminal.select("A000000004");
    assert_eq!(terminal.ask("80A80000", "83020276").1, 0x6985);
    terminal.select("A000000003101001");
    terminal.begin();

    let mut blocked = Terminal::with(&format!("blocked = true\n{THREE}"));
    for name in ["315041592E5359532E4444463031", "A000000003101001"] {
        assert_eq!(blocked.ask("00A40400", name), (Vec::new(), 0x6A81));
    }
}

#[test]
fn a_card_need_not_have_a_directory() {
    let mut terminal = Terminal::with(&format!("pse = false\n{THREE}"));
    assert_eq!(terminal.ask("00A40400", "315041592E5359532E4444463031").1, 0x6A82);
    terminal.select("A000000003101001");
}
