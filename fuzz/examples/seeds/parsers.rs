//! Seeds of the targets that read one string, and of the C interface and the terminal.

use crate::{hex, lengthened, write};
use chipwright::config::Environment;
use chipwright_parameters::{SIGNATURE_LENGTH, head};
use std::path::Path;

/// What the target `contact` is told of the host's approval.
const APPROVAL: &[u8] = b"\x01\x30\x30\x08AUTHDATA\x00";

/// All of them; `vectors` is the folder of the test vectors.
pub(crate) fn write_all(vectors: &Path) {
    let name = "8407A0000000031010";
    let strings = [
        ("response", "options", "800E 3C00 08010100 10010301 18010200"),
        ("response", "cryptogram", "8012 80 0001 1122334455667788 06010A03A00000"),
        ("response", "format-2", "7706 8202 3C00 9F36"),
        ("fci", "visa", &format!("6F10 {name} A505 5003564953")),
        ("fci", "directory", "6F15 840E315041592E5359532E4444463031 A503880101"),
        ("afl", "three", "08010100 10010301 18010200"),
        ("afl", "whole", "08FEFF02 F0010101"),
        ("cvm-list", "all", "00 01 F8 000100 02 00000064 00000C80 4103 4204 5E06 4302 4501 1F00"),
        ("cvm-list", "fail", "84 01 FF 000500 3A 00000064 00000C80 4406 0007 1F03"),
        ("issuer-scripts", "both", "710D 9F180411223344 860484240000 7206 860484180000"),
        ("issuer-scripts", "cut", "7110 9F180411223344 8604842400"),
        ("event-record", "phases", "0002 0001 0002 010C 0002 0101 0003 C00102"),
        ("host-message", "approval", "8A023030 91080102030405060708 8906414243444546"),
        ("host-message", "scripts", "8A023035 7206860484180000 9F3602FFFF 95050000008010"),
        ("answer-to-reset", "t0", "3B65000000000000000000"),
        ("answer-to-reset", "t1", "3BE00000814140 21"),
        ("answer-to-reset", "plain", "3B6000 00"),
        ("describe", "options", "A8 770E 8202 3C00 9408 08010100 10010301"),
        ("describe", "records", "B2 7013 5A084761739001010010 5F24034912315F2801"),
        ("describe", "generate", "80 AE 80 00 04 11223344 00"),
    ];
    for (target, name, text) in strings {
        write(target, name, &hex(text));
    }
    let command = lengthened(&hex("00A4040007A000000003101000"));
    let answers = [lengthened(&hex("A4")), lengthened(&hex("6110")), lengthened(&hex("C0010203"))];
    write("half-duplex", "select", &[command, answers.concat()].concat());
    let verify = lengthened(&hex("0020008003010203"));
    let answers = [lengthened(&hex("60")), lengthened(&hex("20")), lengthened(&hex("9000"))];
    write("half-duplex", "verify", &[verify, answers.concat()].concat());
    parameters();
    signed();
    for (target, file) in [
        ("terminal-file", "terminals/atm.toml"),
        ("terminal-file", "terminals/gate.toml"),
        ("terminal-file", "cards/contact-dda-pin.toml"),
        ("terminal-file", "attacks/a01.toml"),
        ("trace", "contact/b1-12.3.2-card-blocked.emv"),
        ("trace", "contact/b1-12.3.3-list-of-aids.emv"),
        ("trace", "traces/bf-contact-visa.json"),
    ] {
        let name = file.rsplit('/').next().expect("a name");
        write(target, name, &std::fs::read(vectors.join(file)).expect("a file of the checkout"));
    }
}

fn parameters() {
    let application = "9F0607A0000000031010 DF010100 9F0902008C 9F1B0400001388 DF1105FC5080A000 \
        DF1205FC5080F800 DF13050010000000 DF1403 9F3704 DF150400000000 DF160150 DF170110";
    let key = "9F0605A000000003 9F2201D2 DF0203C10001 DF040103 DF050420301231 DF060101 DF070101 \
        DF03140000000000000000000000000000000000000000";
    let revocation = "9F0605A000000003 9F2201D2 DF3003000001";
    write("parameter-file", "application", &hex(application));
    write("parameter-file", "key", &hex(key));
    let template = |tag: u8, content: &str| [&[tag][..], &lengthened(&hex(content))].concat();
    let content = [template(0xE1, application), template(0xE3, revocation)].concat();
    write("parameter-file", "content", &content);
    let length = u32::try_from(content.len()).expect("short");
    let head = head(Environment::Test, 1, length);
    write("parameter-file", "file", &[&head[..], &content, &[0; SIGNATURE_LENGTH]].concat());
}

/// Honest signatures, and one byte bent in each part.
fn signed() {
    write("oda-signed", "honest", &[0x52]);
    write("oda-signed", "plain", &[1]);
    for (part, place, byte) in [
        (0, 1, 0x03),
        (0, 7, 0x17),
        (0, 12, 0x02),
        (0, 13, 0xF0),
        (1, 2, 0x99),
        (1, 17, 0x02),
        (2, 1, 0x05),
        (3, 3, 0x00),
        (5, 0, 0x02),
        (8, 2, 0x55),
    ] {
        write("oda-signed", &format!("bent-{part}-{place}"), &[1, part, place, byte]);
    }
}

/// A transaction of the target `contact`, as `terminal` and `c-interface` read it.
pub(crate) fn transaction(name: &str, seed: &[u8], replies: &[Vec<u8>]) {
    let [first, second, rest @ ..] = seed else { return };
    let answer = [&[2, 14][..], &hex("8A023030 9108 4155544844415441")].concat();
    let mut rest = rest.to_vec();
    if let Some(at) = rest.windows(APPROVAL.len()).position(|window| window == APPROVAL) {
        rest.splice(at..at + APPROVAL.len(), answer);
    }
    // The storage never fails, or early, or late; the journal is empty.
    for (how, fails) in [("", 0), ("-early", 9), ("-late", 25)] {
        let seed = [&[*first, *second, fails, 0][..], &rest].concat();
        write("terminal", &format!("{name}{how}"), &seed);
    }
    // A record of another transaction, torn.
    let seed = [&[*first, *second, 0, 1, 8][..], &hex("0101000000070102"), &rest].concat();
    write("terminal", &format!("{name}-torn"), &seed);
    let mut calls = vec![0];
    calls.extend([0, 1, 0]);
    for reply in replies {
        match &reply[..] {
            reply if reply == APPROVAL => {
                calls.extend(b"\x0D\x0C\x02\x00\x00\x00\x95\x00\x00\x9F\x26\xFF\x00\x06\x30\x30");
                calls.extend(b"\x08AUTHDATA\x00\x00");
            }
            [0x00, 0x90, 0x00] => calls.extend([0, 5, 1, 0, 0, 0x90, 0x00, 1]),
            [0x01] => calls.extend([0, 5, 2, 0, 0, 0, 0, 1]),
            [number] => calls.extend([11, 0, 4, 0, 0, 0, *number]),
            reply => calls.extend([&[0, 2], reply].concat()),
        }
    }
    calls.extend([9, 13, 0, 1, 0]);
    write("c-interface", name, &calls);
}
