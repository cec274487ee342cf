//! Seeds of the target `quickpass`: each way to end, under no profile, a reported and a kept one.

use super::{Card, hex, reply, write};
use chipwright_fuzz::terminal::Setup;

const ARQC: &str = "07010103A0000001";
const TC: &str = "0701010390000001";
const AAC: &str = "0701010380000001";

/// What the reader can do: go online, and take a PIN and a signature.
const ALL: u8 = 0x16;
const CVM_REQUIRED: u8 = 0x20;
const ONLINE_REQUIRED: u8 = 0x80;
const OFFLINE_ONLY: u8 = 0x08;

/// A tap: what the reader can do and is set to, what the card says, what it wants.
struct Tap<'t> {
    name: &'t str,
    reader: u8,
    settings: u8,
    data: &'t str,
    qualifiers: &'t str,
}

pub(super) fn write_all(card: &Card) {
    let tap = |name, reader, data, qualifiers| Tap { name, reader, settings: 0, data, qualifiers };
    for tap in [
        tap("arqc", ALL, ARQC, "0000"),
        tap("online-pin", ALL | CVM_REQUIRED, ARQC, "8000"),
        tap("signature", ALL | CVM_REQUIRED, ARQC, "4000"),
        tap("no-cvm", ALL, ARQC, "0000"),
        tap("confirmation-code", ALL | CVM_REQUIRED, ARQC, "0080"),
        tap("no-way-to-verify", 0x10 | CVM_REQUIRED, ARQC, "C000"),
        tap("tc", ALL, TC, "0000"),
        tap("tc-signature", ALL | CVM_REQUIRED, TC, "4000"),
        tap("tc-online-pin", ALL | CVM_REQUIRED, TC, "8000"),
        tap("tc-unwanted", ALL | ONLINE_REQUIRED, TC, "0000"),
        tap("tc-offline-only", ALL | OFFLINE_ONLY, TC, "0000"),
        tap("arqc-offline-only", ALL | OFFLINE_ONLY, ARQC, "0000"),
        tap("declined", ALL, AAC, "0000"),
        Tap { settings: 0x40, ..tap("tc-unwanted-declined", ALL | ONLINE_REQUIRED, TC, "0000") },
        Tap { settings: 0x18, ..tap("arqc-authenticated", ALL | 1, ARQC, "0000") },
        Tap { settings: 0x01, ..tap("tc-version-0", ALL, TC, "0000") },
    ] {
        let answers = card.tapped(tap.data, tap.data == TC || tap.name == "arqc-authenticated");
        let answers: Vec<_> =
            answers.iter().map(|answer| wanting(answer, tap.qualifiers)).collect();
        write_seed(&tap, &answers);
    }
    let offline = card.tapped(TC, true);
    let bent = |name, from: &str, to: &str, qualifiers| {
        let answers: Vec<_> = offline.iter().map(|answer| replaced(answer, from, to)).collect();
        let answers: Vec<_> = answers.iter().map(|answer| wanting(answer, qualifiers)).collect();
        write_seed(&tap(name, ALL, TC, qualifiers), &answers);
    };
    bent("fails-then-online", "6A9501", "6A9601", "2000");
    bent("fails-then-another-interface", "6A9501", "6A9601", "1000");
    bent("fails", "6A9501", "6A9601", "0000");
    bent("expired", "5F2403491231", "5F2403171231", "0000");
    bent("expired-then-online", "5F2403491231", "5F2403171231", "0800");
    bent("not-yet", "9F08020030", "5F25032001", "0000");
    bent("version-20", "9F08020030", "9F08020020", "0000");
    let selected = &offline[0];
    for status in ["6984", "6985", "6986", "6A81", "9000"] {
        let seed = [head(&tap("", ALL, TC, "")), answered(selected), reply(&hex(status))].concat();
        write("quickpass", &format!("answers-{status}"), &seed);
    }
    let asks_not = replaced(selected, "9F6604", "9F3704");
    write("quickpass", "asks-not", &[head(&tap("", ALL, TC, "")), answered(&asks_not)].concat());
}

fn head(tap: &Tap<'_>) -> Vec<u8> {
    vec![Setup::TRANSPARENT, tap.reader, tap.settings]
}

fn answered(answer: &[u8]) -> Vec<u8> {
    reply(&[answer, &hex("9000")[..]].concat())
}

fn write_seed(tap: &Tap<'_>, answers: &[Vec<u8>]) {
    let answers: Vec<u8> = answers.iter().flat_map(|answer| answered(answer)).collect();
    for (how, profile, kept) in
        [("", 0, 0), ("-reported", Setup::HARDENED, 0), ("-kept", Setup::HARDENED, 0x80)]
    {
        let mut head = head(tap);
        head[0] |= profile;
        head[2] |= kept;
        write("quickpass", &format!("{}{how}", tap.name), &[&head[..], &answers].concat());
    }
}

/// The answer of a card with these qualifiers, signed or not.
fn wanting(answer: &[u8], qualifiers: &str) -> Vec<u8> {
    let answer = replaced(answer, "9F6C020000", &format!("9F6C02{qualifiers}"));
    replaced(&answer, "9F690701A1B2C3D40000", &format!("9F690701A1B2C3D4{qualifiers}"))
}

/// With other bytes, as many.
fn replaced(answer: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (from, to) = (hex(from), hex(to));
    let mut answer = answer.to_vec();
    if let Some(at) = answer.windows(from.len()).position(|bytes| *bytes == from) {
        answer[at..at + from.len()].copy_from_slice(&to);
    }
    answer
}
