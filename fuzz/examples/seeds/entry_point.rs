//! Seeds of the target `entry-point`: every stage of Entry Point and of the reader around it.

use super::{Card, hex, object, reply, write};

const VISA: u8 = 0;
const MASTERCARD: u8 = 1;
const UNIONPAY: u8 = 2;
const FOREIGN: u8 = 3;

/// What polling finds.
const CARD: [u8; 1] = [0];
const NOTHING: [u8; 1] = [3];
const COLLISION: [u8; 1] = [4];
const REMOVED: [u8; 2] = [0xFE, 3];

/// What a kernel comes to; with 08 a command before.
const SELECT_NEXT: u8 = 0;
const TRY_AGAIN: u8 = 1;
const APPROVED: u8 = 2;
const ONLINE: u8 = 4;
const END: u8 = 6;
const LINK_LOST: u8 = 7;

/// Where it starts again, and after which answer.
const NOWHERE: u8 = 7;
const AT_B: u8 = 3;
const AT_C: u8 = 1;
const AT_D: u8 = 2;
const WITH_DATA: u8 = 1 << 3;
const WITH_ANY: u8 = 2 << 3;
const PIN: u8 = 1 << 5;

pub(super) fn write_all(card: &Card) {
    let seed = |name: &str, settings: [u8; 2], replies: &[&[u8]]| {
        let replies = replies.concat();
        write("entry-point", name, &[&settings, replies.as_slice()].concat());
        if settings == [0x00, 0x03] {
            super::parsers::tap(name, &replies);
            write("c-run", name, &[&[0x40, 0], replies.as_slice()].concat());
        }
    };
    let plain = [0x00, 0x03];
    let two = directory(&[entry(VISA, 1, "", ""), entry(MASTERCARD, 2, "", "")]);
    let (visa, mastercard) = (selected("A0000000031010", true), selected("A0000000041010", true));
    let first: [&[u8]; 3] = [&CARD, &two, &visa];
    let with = |rest: &[&[u8]]| [first.concat().as_slice(), rest.concat().as_slice()].concat();

    let by_kernel_7 = directory(&[entry(VISA, 1, "07", "")]);
    for (name, offline) in [("kernel-7-arqc", false), ("kernel-7-tc", true)] {
        let data = if offline { "0701010390000001" } else { "07010103A0000001" };
        let answers = card.tapped(data, offline);
        let answers = answers.iter().map(|answer| reply(&[answer, &hex("9000")[..]].concat()));
        let answers: Vec<u8> = answers.flatten().collect();
        seed(name, plain, &[&CARD, &by_kernel_7, &answers, &issuer("")]);
    }
    seed("approved", plain, &[&with(&[&[APPROVED, NOWHERE, 0]])]);
    let next = [SELECT_NEXT, NOWHERE, 0];
    seed("select-next", plain, &[&with(&[&next, &mastercard, &[APPROVED, NOWHERE, 0]])]);
    seed("none-left", plain, &[&with(&[&next, &mastercard, &next])]);
    let again = [TRY_AGAIN, NOWHERE, 0x07];
    seed("try-again", plain, &[&with(&[&again]), &with(&[&[APPROVED, NOWHERE, 0]])]);
    seed(
        "link-lost",
        plain,
        &[&CARD, &[1], &REMOVED, &with(&[&[LINK_LOST]]), &with(&[&[0x0A], &REMOVED])],
    );
    seed("refused", plain, &[&CARD, &two, &[2, 0x6A, 0x82], &mastercard, &[APPROVED, NOWHERE, 0]]);
    seed("collision", plain, &[&NOTHING, &COLLISION, &NOTHING, &with(&[&[APPROVED, NOWHERE, 0]])]);
    let (held, online) = ([ONLINE, NOWHERE, 0x30], |start| [ONLINE, start, 0x02]);
    seed("removal-timeout", plain, &[&with(&[&held, &[0], &issuer("")])]);
    seed("online-pin", plain, &[&with(&[&[ONLINE, NOWHERE | PIN, 0], &[1], &issuer("")])]);
    seed("unreachable", plain, &[&with(&[&online(NOWHERE), &[1, 0, 0, 0]])]);
    let data = issuer("0102030405060708");
    let second = [&CARD, &visa[..], &[APPROVED, NOWHERE, 0]].concat();
    seed("second-tap", plain, &[&with(&[&online(AT_B | WITH_DATA), &data, &second])]);
    let none = [2, 0x6A, 0x82];
    seed("second-tap-refused", plain, &[&with(&[&online(AT_B | WITH_DATA), &data, &CARD, &none])]);
    let (start_c, start_d) = (online(AT_C | WITH_ANY), online(AT_D | WITH_ANY));
    seed("start-c", plain, &[&with(&[&start_c, &data, &visa, &[APPROVED, NOWHERE, 0]])]);
    seed("start-d", plain, &[&with(&[&start_d, &data, &[0x0A], &none, &[NOWHERE, 0]])]);
    let end = [END, AT_B, 0];
    let anew = with(&[&[APPROVED, NOWHERE, 0]]);
    seed("end-and-begin", plain, &[&with(&[&end]), &CARD, &NOTHING, &anew]);
    let asks_not = selected("A0000000031010", false);
    let by_kernel_1 = [&CARD, &two[..], &asks_not, &[APPROVED, NOWHERE, 0]];
    seed("kernel-1", [0x02, 0x03], &by_kernel_1);
    seed("no-kernel-1", plain, &[&CARD, &two, &asks_not, &mastercard, &[APPROVED, NOWHERE, 0]]);
    let domestic = directory(&[
        entry(FOREIGN, 1, "8101", ""),
        entry(FOREIGN, 1, "C00156", ""),
        entry(UNIONPAY, 0, "03", ""),
        entry(FOREIGN, 2, "810156", "0102"),
    ]);
    let foreign = selected("AFFFFFFFFF1234", true);
    seed("domestic", [0xFC, 0x05], &[&CARD, &domestic, &foreign, &[APPROVED, NOWHERE, 0]]);
    seed("autorun", [0x01, 0xC3], &[&with(&[&[APPROVED, NOWHERE, 0]])]);
    seed("limit-reached", [0x10, 0x07], &[&with(&[&[APPROVED, NOWHERE, 0]])]);
    seed("nothing-offline", [0x08, 0x08], &[&with(&[&[APPROVED, NOWHERE, 0]])]);
    seed("one-unit", [0x0C, 0x01], &[&with(&[&[APPROVED, NOWHERE, 0]])]);
}

/// A directory, as the target reads it.
fn directory(entries: &[Vec<u8>]) -> Vec<u8> {
    [&[0], entries.concat().as_slice(), &[0xFF]].concat()
}

/// An entry: an application, its priority, kernel and extension.
fn entry(application: u8, priority: u8, kernel: &str, extension: &str) -> Vec<u8> {
    let lengthened = |text: &str| super::lengthened(&hex(text));
    [vec![application, 0, 1, priority], lengthened(kernel), lengthened(extension)].concat()
}

/// The answer of an application to SELECT, which asks for the qualifiers or not.
fn selected(name: &str, asks: bool) -> Vec<u8> {
    let pdol = hex(if asks { "9F6604" } else { "9F3704" });
    let proprietary = object(&[0xA5], &object(&[0x9F, 0x38], &pdol));
    let fci = object(&[0x6F], &[object(&[0x84], &hex(name)), proprietary].concat());
    reply(&[fci, hex("9000")].concat())
}

/// An approval of the issuer, with data for the card.
fn issuer(data: &str) -> Vec<u8> {
    let kind = if data.is_empty() { 2 } else { 1 };
    [&[1, kind][..], b"00", &super::lengthened(&hex(data)), &[0]].concat()
}
