//! `chipwright card --vpcd`: what a virtual reader gets; here the reader is a test.

mod command;

use core::time::Duration;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use command::run;

const OFF: &[u8] = &[0];
const ON: &[u8] = &[1];
const RESET: &[u8] = &[2];
const ATR: &[u8] = &[4];

const SELECT_1PAY: &[u8] = b"\x00\xA4\x04\x00\x0E1PAY.SYS.DDF01\x00";
const SELECT_2PAY: &[u8] = b"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00";
const READ_RECORD: &[u8] = &[0x00, 0xB2, 0x01, 0x0C, 0x00];

const NOT_FOUND: [u8; 2] = [0x6A, 0x82];

/// A reader with a card in it.
struct Reader {
    card: Child,
    stream: TcpStream,
}

impl Reader {
    fn new(arguments: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let card = Command::new(env!("CARGO_BIN_EXE_chipwright"))
            .args(["card", "--vpcd", &address])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Self { card, stream }
    }

    fn send(&mut self, message: &[u8]) {
        let length = u16::try_from(message.len()).unwrap().to_be_bytes();
        // In two pieces, as vpcd does.
        self.stream.write_all(&length).unwrap();
        self.stream.write_all(message).unwrap();
    }

    fn ask(&mut self, message: &[u8]) -> Vec<u8> {
        self.send(message);
        let mut length = [0; 2];
        self.stream.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        self.stream.read_exact(&mut answer).unwrap();
        answer
    }

    /// Ends after these bytes, whole messages or not; gives exit code and what the card said.
    fn unplug(mut self, bytes: &[u8]) -> (i32, String) {
        // A card that refused what came before does not read on.
        let _ = self.stream.write_all(bytes);
        let _ = self.stream.shutdown(Shutdown::Write);
        let output = self.card.wait_with_output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }
}

fn selected(answer: &[u8]) -> bool {
    answer.starts_with(&[0x6F]) && answer.ends_with(&[0x90, 0x00])
}

#[test]
fn the_answer_to_reset_fits_card_and_protocol() {
    for (arguments, answer) in [
        (&["--card", "contact-dda"][..], &[0x3B, 0xE0, 0, 0, 0x81, 0x31, 0xFE, 0x45, 0xEB][..]),
        (&["--protocol", "t0"], &[0x3B, 0x60, 0x00, 0x00]),
        (&["--card", "quickpass-credit"], &[0x3B, 0x80, 0x80, 0x01, 0x01]),
        (&["--card", "dual-application", "--interface", "contactless"], &[0x3B, 0x80, 0x80, 1, 1]),
    ] {
        let mut reader = Reader::new(arguments);
        reader.send(ON);
        assert_eq!(reader.ask(ATR), answer, "{arguments:?}");
        assert_eq!(reader.unplug(&[]), (0, String::new()));
    }
}

#[test]
fn a_card_is_in_the_slot_or_in_the_field() {
    for (arguments, in_slot) in [
        (&["--card", "dual-application"][..], true),
        (&["--card", "dual-application", "--interface", "contactless"], false),
        (&["--card", "quickpass-debit"], false),
    ] {
        let mut reader = Reader::new(arguments);
        assert_eq!(selected(&reader.ask(SELECT_1PAY)), in_slot);
        assert_eq!(selected(&reader.ask(SELECT_2PAY)), !in_slot);
    }
}

#[test]
fn without_power_everything_is_forgotten() {
    let mut reader = Reader::new(&[]);
    for lost in [RESET, OFF, ON] {
        assert!(selected(&reader.ask(SELECT_1PAY)));
        assert!(reader.ask(READ_RECORD).ends_with(&[0x90, 0x00]));
        reader.ask(ATR);
        assert!(reader.ask(READ_RECORD).ends_with(&[0x90, 0x00]), "a question changes nothing");
        reader.send(lost);
        assert_eq!(reader.ask(READ_RECORD), [0x69, 0x85]);
    }
    let mut reader = Reader::new(&["--protocol", "t0"]);
    let response = [0x00, 0xC0, 0x00, 0x00, 0x01];
    assert_eq!(reader.ask(SELECT_1PAY)[0], 0x61);
    assert_eq!(reader.ask(&response)[1], 0x61);
    reader.send(RESET);
    assert_eq!(reader.ask(&response), [0x69, 0x85]);
}

#[test]
fn long_commands_are_refused_and_the_card_goes_on() {
    let mut reader = Reader::new(&[]);
    let mut long = vec![0; 0xFFFF];
    assert_eq!(reader.ask(&long), [0x6D, 0x00]);
    long[1] = 0xA4;
    assert_eq!(reader.ask(&long), [0x67, 0x00]);
    assert!(selected(&reader.ask(SELECT_1PAY)));
    assert_eq!(reader.ask(SELECT_2PAY), NOT_FOUND);
}

#[test]
fn a_reader_that_breaks_the_rules_is_left() {
    for (bytes, why) in [
        (&[0x00][..], "the connection ends within a message"),
        (&[0x00, 0x05, 0x00, 0xA4], "the connection ends within a message"),
        (&[0x00, 0x00], "a message has no bytes"),
        (&[0x00, 0x01, 0x03], "there is no order 3"),
        (&[0x00, 0x01, 0xFF], "there is no order 255"),
    ] {
        let reader = Reader::new(&[]);
        let (code, remarks) = reader.unplug(bytes);
        assert_eq!(code, 65);
        assert!(remarks.starts_with("chipwright: --vpcd 127.0.0.1:"), "{remarks}");
        assert!(remarks.ends_with(&format!(": {why}\n")), "{remarks}");
    }
}

#[test]
fn the_command_line_is_checked() {
    for arguments in [
        &["card", "--vpcd", "127.0.0.1:1", "--stdio"][..],
        &["card", "--stdio", "--protocol", "t0"],
        &["card", "--stdio", "--interface", "contact"],
        &["card", "--vpcd", "127.0.0.1:1", "--host", "decline"],
        &["card", "--vpcd", "127.0.0.1:1", "--card", "quickpass-debit", "--protocol", "t0"],
    ] {
        assert_eq!(run(arguments, b"").code, 64, "{arguments:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for address in [&nobody, "nowhere"] {
        let refused = run(&["card", "--vpcd", address], b"");
        assert_eq!(refused.code, 69);
        assert!(refused.stderr.starts_with(&format!("chipwright: --vpcd {address}: ")));
    }
}
