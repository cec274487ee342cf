//! Seeds of the targets that read one string, and of the C interface and the terminal.

use crate::{hex, lengthened, write};
use std::path::Path;

/// What the target `contact` is told of the host's approval.
const APPROVAL: &[u8] = b"\x01\x30\x30\x08AUTHDATA\x00";

/// What targets that read one string are given.
const STRINGS: &[(&str, &str, &str)] = &[
    ("tlv", "kinds", "5A02 4761 9F0206 000000001000 DF810201 07 00 DF81810101 09"),
    ("tlv", "truncated-tag", "5F"),
    ("tlv", "truncated-length", "5A82 01"),
    ("tlv", "indefinite", "7080 5A01 47 0000"),
    ("tlv", "long-tag", "DF8181810101"),
    ("tlv", "long-length", "5A85 0000000001 47"),
    ("tlv", "four-bytes-of-length", "5A84 00000001 47 5A84 000000"),
    ("response", "options", "800E 3C00 08010100 10010301 18010200"),
    ("response", "cryptogram", "8012 80 0001 1122334455667788 06010A03A00000"),
    ("response", "format-2", "7706 8202 3C00 9F36"),
    ("response", "neither", "7002 8200"),
    ("response", "short", "8003 3C0001"),
    ("response", "long", "8081B0 80 0001 1122334455667788 06"),
    ("fci", "visa", "6F10 8407A0000000031010 A505 5003564953"),
    ("fci", "directory", "6F15 840E315041592E5359532E4444463031 A503880101"),
    ("afl", "three", "08010100 10010301 18010200"),
    ("afl", "whole", "08FEFF02 F0010101"),
    ("cvm-list", "all", "00 01 F8 000100 02 00000064 00000C80 4103 4204 5E06 4302 4501 1F00"),
    ("cvm-list", "amounts", "80 01 28 000500 0A 00000064 00000C80 4206 4207 4208 4209 4205 420A"),
    ("cvm-list", "no-amount", "03 00 28 FF0500 01 00000064 00000C80 4206 1E01 7F00 5F02 0000"),
    ("cvm-list", "short", "84 01 FF 000500 3A 00000064 00000C"),
    ("cvm-list", "fail", "84 01 FF 000500 3A 00000064 00000C80 4406 0007 1F03"),
    ("issuer-scripts", "both", "710D 9F180411223344 860484240000 7206 860484180000"),
    ("issuer-scripts", "short", "7105 8603 842400 7203 860100"),
    ("issuer-scripts", "bare", "7206 8604 84240000 00 7F"),
    ("issuer-scripts", "cut", "7110 9F180411223344 8604842400"),
    ("event-record", "phases", "0002 0001 0002 010C 0002 0101 0003 C00102"),
    ("event-record", "older", "0002 0000"),
    ("event-record", "no-content", "0002 0001 0001 02"),
    ("host-message", "account", "5A084761739001010010 9F3602FFFF"),
    ("host-message", "approval", "8A023030 91080102030405060708 8906414243444546"),
    ("host-message", "scripts", "8A023035 7206860484180000 9F3602FFFF 95050000008010"),
    ("answer-to-reset", "t0", "3B65000000000000000000"),
    ("answer-to-reset", "t1", "3BE00000814140 21"),
    ("answer-to-reset", "plain", "3B6000 00"),
    ("answer-to-reset", "inverse", "3F6000 00"),
    ("answer-to-reset", "wrong", "3C6000 00"),
    ("answer-to-reset", "cut", "3BF0"),
    ("describe", "options", "A8 770E 8202 3C00 9408 08010100 10010301"),
    ("describe", "records", "B2 7013 5A084761739001010010 5F24034912315F2801"),
    ("describe", "generate", "80 AE 80 00 04 11223344 00"),
];

/// All of them; `vectors` is the folder of the test vectors.
pub(crate) fn write_all(vectors: &Path) {
    for (target, name, text) in STRINGS {
        write(target, name, &hex(text));
    }
    for (name, text) in [
        ("voltage", "3B20 25"),
        ("voltage-later", "3BA0 00 20 32"),
        ("speed", "3BB0 18 00 10 00"),
        ("other-protocol", "3BB0 11 00 10 01"),
        ("implicit", "3BB0 11 00 10 10"),
        ("guard-time", "3B60 00 05"),
        ("waiting", "3BA0 00 40 09"),
    ] {
        write("answer-to-reset", name, &hex(text));
    }
    // With a check character.
    for (name, text) in [
        ("first-protocol", "3BA0 00 02"),
        ("second-protocol", "3BA0 00 80 02"),
        ("field-size", "3BA0 00 81 31 05 45"),
        ("no-block-waiting", "3BA0 00 81 11 20"),
        ("block-waiting", "3BA0 00 81 31 20 95"),
        ("detection", "3BA0 00 81 71 20 45 01"),
        ("class", "3BA0 00 80 1F 00"),
        ("t1-whole", "3BA0 00 81 31 20 45"),
    ] {
        let parts = hex(text);
        let check = parts.iter().skip(1).fold(0, |sum, byte| sum ^ byte);
        write("answer-to-reset", name, &[parts, vec![check]].concat());
    }
    let short = [hex("7081C3 5381C0"), vec![0x47; 0xC0]].concat();
    write("tlv", "one-byte-of-length", &short);
    write("tlv", "two-bytes-of-length", &[hex("5382012C"), vec![0x47; 300]].concat());
    write("event-record", "every", &every_event());
    let command = lengthened(&hex("00A4040007A000000003101000"));
    let answers = [lengthened(&hex("A4")), lengthened(&hex("6110")), lengthened(&hex("C0010203"))];
    write("half-duplex", "select", &[command, answers.concat()].concat());
    let verify = lengthened(&hex("0020008003010203"));
    let answers = [lengthened(&hex("60")), lengthened(&hex("20")), lengthened(&hex("9000"))];
    write("half-duplex", "verify", &[verify, answers.concat()].concat());
    directories();
    interface();
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

/// A row of every kind.
fn every_event() -> Vec<u8> {
    let rows = [
        "01 0C",
        "02 0005 00B2010C00",
        "02 0007 00A4040002A000",
        "03 0002 7000 9000 00000009",
        "04 05 F043484950 01",
        "05 05 F043484950",
        "06 00009F37 02",
        "07 0409 01 00009F37",
        "08 0102030405",
        "09 8000",
        "0A 01 01",
        "0B 0002 0102",
        "0C 02 1249 000001 02 B1B3 01 03",
        "0D 01 01 04 09 00",
        "0E 04 09 00",
        "0F 01 4203 04",
        "10 02 4203",
        "11 01 02",
        "12 00 63C2",
        "13 37 00",
        "14 01 01 0102030405",
        "15 01 01 5931",
        "16 00009F49",
        "17 0000008C 00009F37 04 04",
        "18 3030 01",
        "19 2001020304",
        "1A",
        "1B 02 01",
        "1D 03 03",
        "1E 04 01 01 00 00 01 01 03 01 04 000A 656E646566726974 01 01 000000001234 01 0978 01 01 03 \
         01 04 000A 656E646566726974 01 01 000000001234 01 0978 00 00 00 01 01 012C 0007",
        "1F 0409 00",
        "20 03 01 00009F37 01 0007 01 02 03",
        "21 04",
        "22 01 05 00 00 00",
        "23 02 02 01 01 03 0A 01 00 01",
        "24 05 F043484950 070000 01",
        "25 00009F37",
        "26 0501 01 01 00009F37",
        "C0 0102",
    ];
    let mut record = hex("00020001");
    for row in rows {
        let row = hex(row);
        record.extend(u16::try_from(row.len()).expect("short").to_be_bytes());
        record.extend(row);
    }
    record
}

/// Directories in the slot and in the field.
fn directories() {
    let answer = |text: &str| lengthened(&[hex(text), hex("9000")].concat());
    let environment = answer("6F15 840E315041592E5359532E4444463031 A503880101");
    // An application, what its name is longer by, priority, label, preferred name, more.
    let visa = hex("00 00 0101 0456495341 00 00");
    let longer = hex("01 021122 0182 00 0456495341 00");
    let domestic = hex("03 00 0103 034F6E65 00 02DF2000");
    let record = |entries: &[&[u8]]| [&[0xF9][..], &entries.concat(), &[0xFF]].concat();
    let end = lengthened(&hex("6A83"));
    let selected = answer("6F10 8407A0000000031010 A505 5003564953");
    let write_with = |name: &str, setup: u8, parts: &[&[u8]]| {
        write("directory", name, &[&[setup][..], &parts.concat()].concat());
    };
    let both = record(&[&visa, &longer]);
    write_with("records", 0, &[&environment, &both, &record(&[&domestic]), &end, &selected]);
    write_with("no-entry", 0, &[&environment, &record(&[]), &end, &selected]);
    let other = answer("7006 5A04 47617390");
    write_with("no-record", 0, &[&environment, &other, &end, &selected, &selected]);
    let refused = lengthened(&hex("6A82"));
    write_with("list-of-aids", 2, &[&selected, &refused, &selected, &refused, &refused]);
    let blocked = lengthened(&hex("6A81"));
    write_with("blocked", 0, &[&blocked]);
    write_with("blocked-application", 2, &[&blocked]);
    write_with("invalidated", 2, &[&lengthened(&hex("6283"))]);
    let many: Vec<Vec<u8>> = (0..40_u8)
        .map(|number| [&hex("00 02")[..], &[0x40, number], &hex("0101 00 00 00")].concat())
        .collect();
    let lists: Vec<_> = many.chunks(8).map(|part| record(&[&part.concat()])).collect();
    write_with("full", 0, &[&environment, &lists.concat(), &end, &selected]);
    write_with("no-name", 0, &[&environment, &answer("7004 6102 8700"), &end, &selected]);
    write_with("reported", 0x80, &[&environment, &both, &end, &selected]);
    write_with("kept", 0xA0, &[&environment, &both, &end, &selected]);
    // An application, what its name is longer by, priority, kernel, extension.
    let entry =
        hex("00 00 0101 00 00 01 00 0102 0102 00 02 00 00 0107 00 03 00 0104 03810156 0131");
    let directory = [&[0xFA][..], &entry, &[0xFF]].concat();
    write_with("field", 0, &[&directory, &selected, &selected, &selected]);
    write_with("field-extended", 1, &[&directory, &refused, &selected, &selected]);
    let bytes = answer("6F16 840E325041592E5359532E4444463031 A504 BF0C01 61");
    write_with("field-broken", 0, &[&bytes]);
}

/// Calls of the C interface that need no transaction to go on, and one in the field.
fn interface() {
    let application = "9F0607A0000000031010 DF010100 9F0902008C 9F1B0400001388 DF1105FC5080A000 \
        DF1205FC5080F800 DF13050010000000 DF1403 9F3704 DF150400000000 DF160150 DF170110 \
        DF1906000000010000 DF2006000000008000 DF2106000000005000 9F660436000080 9F7B06000000005000";
    let read = |string: &[u8]| [&[14][..], &lengthened(string)].concat();
    let strings = [
        crate::parameters::key("DF050420301231 DF060101 DF070101"),
        hex(application),
        hex("8A023030 91080102030405060708 8906414243444546 7206860484180000"),
        hex("9F06"),
        vec![1],
    ];
    let calls: Vec<u8> = strings.iter().flat_map(|string| read(string)).collect();
    let candidates =
        hex("0A 00009F37 04 11223344  0A 00009F37 02 1122  0B 0C 02 00000095 00009F37 40");
    write("c-interface", "strings", &[&[0][..], &calls, &candidates].concat());
    let options = hex("02 3030 3130");
    write("c-interface", "options", &[&[0x20][..], &options, &calls].concat());
    let field = hex("0008 01 0008 01 0007 01 00 03 01 09 0D 0009 01 0008 01");
    write("c-interface", "field", &[&[1][..], &field, &calls].concat());
    write("c-interface", "field-options", &[&[0x21][..], &options, &field].concat());
    write("c-interface", "cut", &hex("10 00000010"));
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

/// A tap of the target `entry-point`, as `terminal` reads it, alone and with a slot beside.
pub(crate) fn tap(name: &str, replies: &[u8]) {
    let with_data = [&b"\x01\x0100\x08"[..], &hex("010203040506070800")].concat();
    let said = hex("8A023030 9108 0102030405060708");
    let asks = replies.windows(with_data.len()).any(|window| window == with_data);
    for (how, kind) in [("", 2), ("-late", 3)].into_iter().take(if asks { 2 } else { 1 }) {
        let answered = |answer: &[u8]| [&[kind][..], &lengthened(answer)].concat();
        let replies = replaced(replies, b"\x01\x0200\x00\x00", &answered(&said[..4]));
        let replies = replaced(&replies, &with_data, &answered(&said));
        // Who waits for the answer waits alike, whatever was asked for.
        let modes = [("tap", 1), ("either", 2)];
        for (mode, number) in modes.into_iter().take(if kind == 2 { 2 } else { 1 }) {
            let seed = [&[1, 0, number, 0, 0][..], &replies].concat();
            write("terminal", &format!("{mode}-{name}{how}"), &seed);
        }
    }
}

/// With other bytes in place of these, the first time that they come.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes.splice(at..at + from.len(), to.iter().copied());
    }
    bytes
}

/// A transaction of the target `contact`, as `terminal` and `c-interface` read it.
pub(crate) fn transaction(name: &str, seed: &[u8], replies: &[Vec<u8>]) {
    let [first, second, rest @ ..] = seed else { return };
    let answer = [&[2, 14][..], &hex("8A023030 9108 4155544844415441")].concat();
    let rest = replaced(rest, APPROVAL, &answer);
    // Each way to begin and to go on, and the profiles.
    let ways: &[u8] = if name == "transparent" {
        &[0x03, 0x83, 0x04, 0x08, 0x0C, 0x10, 0x14, 0x20, 0xA0, 0x40, 0x44]
    } else {
        &[0x40]
    };
    for how in ways {
        let seed = [&[*first, *second, *how, 0, 0][..], &rest].concat();
        write("terminal", &format!("{name}-how-{how:02x}"), &seed);
    }
    for profile in [0, 0x20] {
        let seed = [&[first | 0x80, second | profile, 0, 0, 0][..], &rest].concat();
        write("terminal", &format!("{name}-profile-{profile:02x}"), &seed);
    }
    // The storage never fails, or early, or late; the journal is empty.
    for (how, fails) in [("", 0), ("-early", 9), ("-late", 25)] {
        let seed = [&[*first, *second, 0, fails, 0][..], &rest].concat();
        write("terminal", &format!("{name}{how}"), &seed);
    }
    // A record of another transaction, torn.
    let seed = [&[*first, *second, 0, 0, 1, 2][..], &hex("0101000000070102"), &rest].concat();
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
