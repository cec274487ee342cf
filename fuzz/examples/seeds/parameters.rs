//! Seeds of the target `parameter-file`: records of each kind, and what makes each of them wrong.

use crate::{hex, lengthened, write};
use chipwright::config::Environment;
use chipwright::crypto::Hash;
use chipwright_parameters::{SIGNATURE_LENGTH, head};
use chipwright_rustcrypto::RustCrypto;

const APPLICATION: &str = "9F0607A0000000031010 DF010100 9F0902008C 9F1B0400001388 \
    DF1105FC5080A000 DF1205FC5080F800 DF13050010000000 DF1403 9F3704 DF150400000000 DF160150 \
    DF170110";
const COMBINATION: &str = "9F0607A0000000031010 9F2A0107 9F1B0400001388 DF1906000000010000 \
    DF2006000000008000 DF2106000000005000 9F660436000080";
const REVOCATION: &str = "9F0605A000000003 9F2201D2 DF3003000001";

/// A key with its checksum, and when it expires.
pub(super) fn key(expiry: &str) -> Vec<u8> {
    let parts = [hex("A000000003"), hex("D2"), hex("C10001"), hex("03")].concat();
    let checksum = RustCrypto.sha1(&mut core::iter::once(&parts[..]));
    let head = format!("9F0605A000000003 9F2201D2 DF0203C10001 DF040103 {expiry} DF0314");
    [hex(&head), checksum.to_vec()].concat()
}

pub(super) fn write_all() {
    let template = |tag: u8, content: &[u8]| [&[tag][..], &lengthened(content)].concat();
    let of = |tag, text: &str| template(tag, &hex(text));
    let (good, dated) = (key(""), key("DF050420301231 DF060101 DF070101"));
    let characters = key("DF05083230333031323331");
    let records = [
        of(0xE1, &format!("{APPLICATION} 9F2A03810156")),
        of(0xE4, COMBINATION),
        template(0xE2, &dated),
        of(0xE3, REVOCATION),
    ];
    for (name, content) in [
        ("content", [of(0xE1, APPLICATION), of(0xE3, REVOCATION)].concat()),
        ("records", records.concat()),
        ("characters", template(0xE2, &characters)),
        ("no-date", template(0xE2, &good)),
        ("expired", template(0xE2, &key("DF050420170101"))),
        ("no-such-date", template(0xE2, &key("DF050420171301"))),
        ("half-a-date", template(0xE2, &key("DF05022017"))),
        ("key-twice", [template(0xE2, &good), template(0xE2, &dated)].concat()),
        ("other-algorithm", template(0xE2, &key("DF060102"))),
        ("no-checksum", of(0xE2, "9F0605A000000003 9F2201D2 DF0203C10001 DF040103")),
        ("selection", of(0xE1, &APPLICATION.replace("DF010100", "DF010102"))),
        ("whole-name", of(0xE1, &APPLICATION.replace("DF010100", "DF010101"))),
        ("percentage", of(0xE1, &APPLICATION.replace("DF160150", "DF1601FA"))),
        ("target", of(0xE1, &APPLICATION.replace("DF160150", "DF160105"))),
        ("card-version", of(0xE1, &APPLICATION.replace("9F09", "9F08"))),
        ("no-version", of(0xE1, &APPLICATION.replace("9F0902008C", ""))),
        ("long-list", of(0xE1, &APPLICATION.replace("DF1403 9F3704", "DF1400"))),
        ("twice", of(0xE3, &format!("{REVOCATION} 9F2201D2"))),
        ("short", of(0xE3, &REVOCATION.replace("DF3003000001", "DF30020001"))),
        ("kernel-0", of(0xE4, &COMBINATION.replace("9F2A0107", "9F2A0100"))),
        ("no-kernel", of(0xE4, &COMBINATION.replace("9F2A0107", ""))),
        ("other-template", of(0xE5, REVOCATION)),
        ("many", of(0xE3, REVOCATION).repeat(3)),
        ("many-taps", of(0xE4, COMBINATION).repeat(3)),
        ("many-applications", of(0xE1, APPLICATION).repeat(3)),
        ("cut", hex("E182")),
    ] {
        write("parameter-file", name, &content);
        if name == "records" {
            files(&content);
        }
    }
    write("parameter-file", "application", &hex(APPLICATION));
    write("parameter-file", "key", &key("DF050420301231"));
    // A point of the curve, and a signature that is none of its.
    let point = "036B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296";
    write("parameter-file", "signed", &[hex(point), vec![1; SIGNATURE_LENGTH]].concat());
}

/// Whole files, of this format and side and of others.
fn files(content: &[u8]) {
    let length = u32::try_from(content.len()).expect("short");
    for (name, environment) in [("file", Environment::Test), ("live", Environment::Live)] {
        let head = head(environment, 1, length);
        let file = [&head[..], content, &[0; SIGNATURE_LENGTH]].concat();
        write("parameter-file", name, &file);
        if name == "file" {
            let bent = |name: &str, place: usize, byte| {
                let mut file = file.clone();
                file[place] = byte;
                write("parameter-file", name, &file);
            };
            bent("other-format", 4, 2);
            bent("no-side", 5, 7);
            bent("longer", 13, 0xFF);
            // Newer than the one in use.
            bent("newer", 9, 8);
        }
    }
}
