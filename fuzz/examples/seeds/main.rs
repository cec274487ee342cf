//! Writes the seeds of all targets but `tlv`: transactions recorded in the test vectors, those of a
//! card whose signatures are transparent, and strings.
//!
//! `cargo run --example seeds`, in this folder.

mod card;
mod entry_point;
mod journal;
mod parameters;
mod parsers;
mod quickpass;

use card::{Card, certificate};
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::EMV;
use chipwright::driver::{Driver, HostResponse, Input, Output};
use chipwright::outcome::Outcome;
use chipwright::session::{LinkError, PinMethod, PinResult, Proceed, Session};
use chipwright::status::Status;
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};
use chipwright_c7::dictionary::C7;
use chipwright_fuzz::crypto::HASH;
use chipwright_fuzz::terminal::{APPLICATIONS, Setup};
use chipwright_harness::CardChannel;
use chipwright_harness::recorded::{Exchange, RecordedCard};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::pin::pin;

const TRACES: [&str; 4] =
    ["dc-mrautio-a", "dc-mrautio-b", "bf-contact-mastercard", "bf-contact-visa"];

fn main() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-vectors");
    for name in TRACES {
        let trace = json(&vectors.join(format!("traces/{name}.json")));
        contact(name, Setup(0, 0), exchanges(&trace));
    }
    // A chain of DDA and one of CDA share a key.
    let chains = json(&vectors.join("chains.json"));
    for (number, chain) in chains["vectors"].as_array().expect("a list").iter().enumerate() {
        let setup = Setup(Setup::FORCE_ONLINE, 0).with_chain(number as u8 / 2);
        let name = chain["id"].as_str().expect("a string");
        let card = Card::of_chain(&chain["inputs"]);
        contact(name, setup, card.exchanges());
        write("certificates", name, &card.certificates(0));
    }
    let card = Card::transparent();
    contact("transparent", Setup(Setup::TRANSPARENT, 0), card.exchanges());
    contact(
        "transparent-review",
        Setup(Setup::TRANSPARENT | Setup::REVIEWS, 0x08),
        card.exchanges(),
    );
    write("certificates", "transparent", &card.certificates(1));
    for (name, setup) in [("reported", 0), ("kept", Setup::ENFORCED)] {
        let setup = Setup::TRANSPARENT | Setup::HARDENED | setup;
        write("certificates", &format!("transparent-{name}"), &card.certificates(setup));
    }
    let combined = hex("6A050126080102030405060708801122334455667788");
    let hashed = [combined, HASH.to_vec()].concat();
    let signing =
        |content: &[u8]| Card { signature: certificate(content, 96), ..Card::transparent() };
    write("certificates", "combined", &signing(&hashed).certificates(1));
    write("certificates", "fast", &signing(&hex("6A950109080102030405060708")).certificates(1));
    let data = certificate(&hex("6A0301DAC2"), 144);
    let object = [&[6][..], &lengthened(&data)].concat();
    write("certificates", "static", &[card.certificates(1), object].concat());
    hardened(&card);
    quickpass::write_all(&card);
    entry_point::write_all(&card);
    parsers::write_all(&vectors);
    write("dol", "cdol1", &lengthened(&hex("9F02069F03069F1A0295055F2A029A039C019F3704")));
    write("dol", "numeric", &[3, 0x9F, 0x02, 3, 40, 6, 1, 2, 3, 4, 5, 6]);
    write("dol", "long", &[&[9][..], &hex("9F02FF9F37FF5A200C"), &[0]].concat());
    for (name, list) in
        [("fitted", "9F0202 9F0208 5A04 5A0C 5F2001 5F2020 9F0206"), ("cut", "9F02")]
    {
        write("dol", name, &filled(list));
    }
    journal::write_all();
    parameters::write_all();
}

/// The same card with a directory: entries with a name and without, and one for a choice.
fn directory(card: &Card) {
    let environment = hex("6F15840E315041592E5359532E4444463031A503880101");
    let first = hex("700E 610C 4F07A0000000031010 870102");
    let second =
        hex("7024 6110 4F07A0000000041010 5002 4142 8701 81 6110 4F05AFFFFFFFFF 9F1202 4344 \
        8701 03"
            .replace(['\n', '\\'], "")
            .as_str());
    let end = Exchange { command: hex("00B2030C"), is_prefix: true, answer: hex("6A83") };
    let directory = [
        exchange("00A404000E", environment),
        exchange("00B2010C", first),
        exchange("00B2020C", second),
        end,
    ];
    for (name, first) in
        [("directory", 0), ("directory-reviewed", Setup::REVIEWS), ("directory-no-choice", 4)]
    {
        let setup = Setup(Setup::TRANSPARENT | first, 0);
        contact(name, setup, directory.iter().cloned().chain(card.exchanges()).collect());
    }
}

/// A list and objects for it, as the target `dol` reads them.
fn filled(list: &str) -> Vec<u8> {
    let mut seed = lengthened(&hex(list));
    for (tag, value) in [(0x9F02, "000000001000"), (0x5A, "4761739001010010"), (0x5F20, "4142")] {
        let place = EMV.entries().iter().position(|entry| entry.tag == Tag(tag));
        seed.push(u8::try_from(place.expect("known")).expect("few"));
        seed.extend(lengthened(&hex(value)));
    }
    seed
}

/// The same card, under the hardened profile, at other terminals, and with other hosts.
fn hardened(card: &Card) {
    let transparent = |first, second| Setup(Setup::TRANSPARENT | first, second);
    let exchanges = || card.exchanges();
    contact("transparent-reported", transparent(Setup::HARDENED, 0), exchanges());
    contact("transparent-kept", transparent(Setup::HARDENED, Setup::ENFORCED), exchanges());
    contact("transparent-list-of-aids", transparent(0x02, 0x10), exchanges());
    contact("transparent-no-choice", transparent(0x04, 0x18), exchanges());
    for second in [0x05, 0x46, 0x81, 0xC2] {
        contact(&format!("transparent-{second:02x}"), transparent(0, second), exchanges());
    }
    let offline = Card::offline(false);
    let combined = Card::offline(true);
    for (how, first, second) in [
        ("", 0, 0x08),
        ("-reported", Setup::HARDENED, 0x08),
        ("-kept", Setup::HARDENED, Setup::ENFORCED),
        ("-cancelled", 0, 0x02),
    ] {
        contact(&format!("offline{how}"), transparent(first, second), offline.exchanges());
        contact(
            &format!("combined{how}"),
            transparent(first, second & !0x18),
            combined.exchanges(),
        );
        let setup = transparent(first | Setup::FORCE_ONLINE, second & !0x18);
        contact(&format!("combined-online{how}"), setup, combined.exchanges());
    }
    directory(card);
    let scripts = hex("710D9F1804112233448604842400007206860484180000");
    let setup = transparent(Setup::FORCE_ONLINE, 0);
    let host = Host { code: *b"00", scripts: &scripts };
    contact_with("transparent-scripts", setup, exchanges(), host);
    contact_with("transparent-refused", setup, exchanges(), Host { code: *b"05", scripts: &[] });
}

/// A transaction with this card, as the target `contact` reads it.
fn contact(name: &str, setup: Setup, exchanges: Vec<Exchange>) {
    contact_with(name, setup, exchanges, Host { code: *b"00", scripts: &[] });
}

/// The transaction that is broken at each reply: by the link, by someone, by a status word.
fn broken(head: &[u8], replies: &[Vec<u8>]) {
    for at in 0..replies.len() {
        let before = replies[..at].concat();
        let kinds: [[u8; 3]; 4] =
            [[0xFE, at as u8, 0], [0xFF, at as u8, 0], [2, 0x6A, 0x81], [2, 0x69, 0x85]];
        for (kind, how) in kinds.iter().enumerate().skip(at % 2).step_by(2) {
            let name = format!("broken-{at}-{kind}");
            write("contact", &name, &[head, &before, how].concat());
            write("c-run", &name, &[&[0, head[1]], &before[..], how].concat());
            write("terminal", &name, &[head, &[0, 0, 0], &before, how].concat());
        }
    }
}

/// What the issuer says.
#[derive(Clone, Copy)]
struct Host<'h> {
    code: [u8; 2],
    scripts: &'h [u8],
}

/// The same, with this host.
fn contact_with(name: &str, setup: Setup, exchanges: Vec<Exchange>, host: Host<'_>) {
    let mut seed = vec![setup.0, setup.1];
    let (outcome, replies) = record(setup, &mut RecordedCard::new(exchanges), host);
    seed.extend(replies.iter().flatten());
    println!("{name}: {:?} {:?}", outcome.conclusion, outcome.end);
    write("contact", name, &seed);
    if setup.0 & Setup::HARDENED == 0 {
        for (how, absent) in [("", 0), ("-alone", 0x80)] {
            let head = [setup.0 & Setup::REVIEWS | absent, setup.1];
            write("c-run", &format!("{name}{how}"), &[&head, &seed[2..]].concat());
        }
    }
    if ["bf-contact-visa", "transparent", "offline"].contains(&name) {
        parsers::transaction(name, &seed, &replies);
    }
    if name == "transparent" {
        broken(&seed[..2], &replies);
    }
}

/// The outcome, and every reply as the target reads it.
fn record(setup: Setup, card: &mut RecordedCard, host: Host<'_>) -> (Outcome, Vec<Vec<u8>>) {
    let mut replies = Vec::new();
    let terminal = setup.terminal();
    let transaction = setup.transaction(&terminal);
    let (mut data, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut data), Buffer::new(&mut apdu));
    let task = pin!(chipwright_contact::transact(&session, &transaction));
    let mut driver = Driver::new(&session, task);
    let mut answer;
    let mut input = Input::Start;
    loop {
        input = match driver.step(input).expect("a reply of the kind asked for") {
            Output::Transmit(command) => match card.transmit(command) {
                Ok(bytes) => {
                    replies.push(reply(&bytes));
                    answer = bytes;
                    Input::Response { bytes: &answer, elapsed: 0 }
                }
                Err(_) => {
                    replies.push(vec![0xFE, 0x03]);
                    Input::LinkFailed(LinkError::Removed)
                }
            },
            Output::Choose(candidates) => {
                let number = candidates.by_priority().next().map(|(number, _)| number);
                replies.push(vec![number.unwrap_or(0xFF)]);
                Input::Chosen(number)
            }
            Output::VerifyPin(request) if request.entry.method == PinMethod::Online => {
                replies.push(vec![0x01]);
                Input::Pin(PinResult::Captured)
            }
            Output::VerifyPin(_) => {
                replies.push(vec![0x00, 0x90, 0x00]);
                Input::Pin(PinResult::Verified(Status::SUCCESS))
            }
            Output::Authorise(_) => {
                let scripts = lengthened(host.scripts);
                replies.push([&[1][..], &host.code, b"\x08AUTHDATA", &scripts].concat());
                Input::Authorised(HostResponse {
                    authorisation_response_code: host.code,
                    issuer_authentication_data: Some(b"AUTHDATA"),
                    authorisation_code: None,
                    scripts: host.scripts,
                })
            }
            Output::Review(_) => {
                replies.push(vec![2]);
                Input::Proceed(Proceed::Continue)
            }
            Output::Done(outcome) => return (outcome, replies),
            other => panic!("new kind of output: {other:?}"),
        };
    }
}

/// An answer, as the target reads it: made of data objects where it can be.
fn reply(answer: &[u8]) -> Vec<u8> {
    let raw = || match u8::try_from(answer.len()) {
        Ok(length @ ..=0xFB) => vec![length],
        Ok(_) => vec![0xFD, 0x00],
        Err(_) => vec![0xFD, (answer.len() - 0x100) as u8],
    };
    composed(answer).unwrap_or_else(|| [raw(), answer.to_vec()].concat())
}

fn composed(answer: &[u8]) -> Option<Vec<u8>> {
    let data = answer.strip_suffix(&[0x90, 0x00])?;
    let template = Tlvs::new(data).only().ok()??;
    let (around, content) = match template.tag {
        Tag(0x70) => (0, template.value),
        Tag(0x77) => (1, template.value),
        Tag(0x6F) => {
            let name = tlv::find(template.value, Tag(0x84)).ok()??;
            let place = APPLICATIONS.iter().position(|application| application.aid == name)?;
            (2 | (place as u8) << 2, tlv::find(template.value, Tag(0xA5)).ok()??)
        }
        _ => (3, data),
    };
    let mut coded = Vec::new();
    for tlv in Tlvs::new(content) {
        let tlv = tlv.ok()?;
        let known = EMV.entries().iter().chain(C7.entries());
        let place = known.map(|entry| entry.tag).position(|tag| tag == tlv.tag)?;
        let length = u8::try_from(tlv.value.len()).ok().filter(|length| *length < 0xFF)?;
        coded.extend([u8::try_from(place).ok()?, length]);
        coded.extend(tlv.value);
    }
    Some([&[0xFC, around], &coded[..], &[0xFF]].concat())
}

fn exchange(command: &str, mut answer: Vec<u8>) -> Exchange {
    answer.extend([0x90, 0x00]);
    Exchange { command: hex(command), is_prefix: true, answer }
}

fn exchanges(trace: &Value) -> Vec<Exchange> {
    let all = trace["exchanges"].as_array().expect("a list").iter();
    let exchange = |entry: &Value| Exchange {
        command: text(&entry["c"]),
        is_prefix: entry["c_is_prefix"].as_bool().unwrap_or(false),
        answer: text(&entry["r"]),
    };
    all.map(exchange).collect()
}

fn object(tag: &[u8], value: &[u8]) -> Vec<u8> {
    let length = u8::try_from(value.len()).expect("short");
    let length: &[u8] = if length < 0x80 { &[length] } else { &[0x81, length] };
    [tag, length, value].concat()
}

fn lengthened(bytes: &[u8]) -> Vec<u8> {
    [&[u8::try_from(bytes.len()).expect("short")], bytes].concat()
}

fn write(target: &str, name: &str, seed: &[u8]) {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", target].iter().collect();
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join(name), seed).expect("a file");
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a file of the checkout");
    serde_json::from_str(&text).expect("JSON")
}

fn text(value: &Value) -> Vec<u8> {
    hex(value.as_str().expect("a string"))
}

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).expect("hexadecimal")
}
