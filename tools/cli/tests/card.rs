//! `chipwright card`: what a terminal at the other end of the stream gets.

mod command;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use command::run;

const SLOT: u8 = 0x00;
const FIELD: u8 = 0x40;
const ISSUER: u8 = 0x80;

/// SELECT of the directory in a slot, and in a field.
const SELECT_1PAY: &[u8] = b"\x00\xA4\x04\x00\x0E1PAY.SYS.DDF01\x00";
const SELECT_2PAY: &[u8] = b"\x00\xA4\x04\x00\x0E2PAY.SYS.DDF01\x00";

fn frame(whom: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[length[0] | whom, length[1]], content].concat()
}

/// Runs over standard input and output, whose answers are no text.
fn serve(arguments: &[&str], input: &[u8]) -> (i32, Vec<u8>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chipwright"))
        .args([&["card", "--stdio"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let remarks = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), output.stdout, remarks)
}

/// The contents of the frames, each of which is to that one.
fn contents<'o>(mut output: &'o [u8], whom: &[u8]) -> Vec<&'o [u8]> {
    let contents = whom.iter().map(|whom| {
        assert_eq!(output[0] & 0xC0, *whom, "{output:02X?}");
        let length = usize::from(u16::from_be_bytes([output[0] & 0x3F, output[1]]));
        let (content, rest) = output[2..].split_at(length);
        output = rest;
        content
    });
    let contents = contents.collect();
    assert_eq!(output, [0; 0], "more than the answers");
    contents
}

#[test]
fn a_card_is_where_it_was_put_and_nowhere_else() {
    let input = [
        frame(SLOT, SELECT_1PAY),
        frame(SLOT, &[]),
        frame(SLOT, SELECT_1PAY),
        frame(FIELD, SELECT_2PAY),
        frame(FIELD, &[]),
        frame(SLOT, SELECT_1PAY),
        frame(FIELD, SELECT_2PAY),
    ];
    let (code, output, remarks) = serve(&["--card", "dual-application"], &input.concat());
    assert_eq!((code, remarks.as_str()), (0, ""));
    let whom = [SLOT, SLOT, SLOT, FIELD, FIELD, SLOT, FIELD];
    let answers = contents(&output, &whom);
    assert_eq!((answers[0], answers[3], answers[5]), (&[][..], &[][..], &[][..]));
    assert_eq!(answers[1], [0x3B, 0x60, 0x00, 0x00]);
    assert_eq!(answers[4][0] as usize, answers[4].len(), "the first byte is the length");
    for answer in [answers[2], answers[6]] {
        assert!(answer.starts_with(&[0x6F]) && answer.ends_with(&[0x90, 0x00]), "{answer:02X?}");
    }
}

#[test]
fn the_issuer_answers_what_it_can_read() {
    let input = [
        frame(ISSUER, &[]),
        frame(ISSUER, &[1, 0x9F]),
        frame(ISSUER, &[2]),
        frame(ISSUER, &[4, 0x5A, 1, 0]),
        frame(ISSUER, &[9]),
    ];
    let (code, output, remarks) = serve(&[], &input.concat());
    assert_eq!(code, 0);
    assert_eq!(contents(&output, &[ISSUER; 5]), [&[][..], &[], &[1], &[], &[]]);
    assert_eq!(remarks.lines().count(), 2, "{remarks}");
    let (_, output, remarks) = serve(&["--host", "unreachable"], &frame(ISSUER, &[1]));
    assert_eq!(contents(&output, &[ISSUER]), [&[][..]]);
    assert_eq!(remarks, "chipwright: the issuer: the host cannot be reached\n");
}

#[test]
fn a_stream_that_is_none_ends() {
    for (input, why) in [
        (&[0x00][..], "the stream ends within a frame"),
        (&[0x00, 0x05, 0x00, 0xA4], "the stream ends within a frame"),
        (&[0xC0, 0x00], "a frame is for nobody: both upper bits are set"),
    ] {
        let (code, output, remarks) = serve(&[], input);
        assert_eq!((code, output.len()), (65, 0));
        assert_eq!(remarks, format!("chipwright: standard input: {why}\n"));
    }
}

#[test]
fn one_stream_comes_after_the_other() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chipwright"))
        .args(["card", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on ").unwrap();
    let ask = |content: &[u8]| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(content).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    };
    assert_eq!(ask(&frame(SLOT, &[])), frame(SLOT, &[0x3B, 0x60, 0x00, 0x00]));
    assert_eq!(ask(&[0xC0, 0x00]), []);
    // Between two streams the card was taken out.
    assert_eq!(ask(&frame(SLOT, SELECT_1PAY)), frame(SLOT, &[]));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_command_line_says_where_the_terminal_is() {
    for arguments in [&["card"][..], &["card", "--stdio", "--listen", "a"], &["card", "--once"]] {
        assert_eq!(run(arguments, b"").code, 64, "{arguments:?}");
    }
    assert_eq!(run(&["card", "--listen", "nowhere"], b"").code, 65);
}
