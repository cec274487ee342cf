//! Recorded and derived contact traces of others, run through the kernel.

use chipwright::config::{
    ActionCodes, Application, CaPublicKey, Options, RandomSelection, Terminal, Transaction,
    TransactionType,
};
use chipwright::crypto::Crypto;
use chipwright::event::{Event, Events, Sink};
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::object::Value;
use chipwright::outcome::Outcome;
use chipwright::value::{Amount, Code, Date};
use chipwright_harness::device::{FirstChoice, Issuer, IssuerAnswer};
use chipwright_harness::pad::{Entry, Pin, ScriptedPad};
use chipwright_harness::random::Replayed;
use chipwright_harness::recorded::{Exchange, RecordedCard};
use chipwright_harness::{Devices, run};
use chipwright_rustcrypto::RustCrypto;

struct Print;
impl Sink for Print {
    fn event(&self, event: &Event<'_>) {
        println!("{event:02X?}");
    }
}
struct Nobody;
impl Issuer for Nobody {
    fn authorise(&mut self, _: &chipwright::database::Database<'_>) -> Option<IssuerAnswer> {
        None
    }
}

fn trace(name: &str) -> serde_json::Value {
    let path = format!("{}/../../test-vectors/traces/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn go(name: &str) -> (Outcome, RecordedCard) {
    let trace = trace(name);
    let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
    let bytes = |v: &serde_json::Value| hex::decode(text(v)).unwrap();
    let exchanges = trace["exchanges"].as_array().unwrap().iter().map(|e| Exchange {
        command: bytes(&e["c"]),
        is_prefix: e["c_is_prefix"].as_bool().unwrap_or(false),
        answer: bytes(&e["r"]),
    });
    let mut card = RecordedCard::new(exchanges.collect());
    let t = |tag: &str| bytes(&trace["terminal"][tag]);
    let app = &trace["expected"]["applications"][0];
    let (aid, modulus) = (bytes(&app["aid"]), bytes(&app["capk"]["modulus"]));
    let keys = [CaPublicKey {
        rid: aid[..5].try_into().unwrap(),
        index: bytes(&app["capk"]["index"])[0],
        modulus: &modulus,
        exponent: &[3],
    }];
    let applications = [Application {
        aid: &aid,
        partial_match: true,
        version: 0x8C,
        floor_limit: 0,
        random_selection: RandomSelection { target: 0, maximum: 0, threshold: 0 },
        action_codes: ActionCodes::default(),
        default_ddol: None,
        default_tdol: None,
        data: &[],
    }];
    let terminal = Terminal {
        terminal_type: TerminalType(0x22),
        capabilities: TerminalCapabilities([0xE0, 0xF8, 0xC0]),
        additional_capabilities: AdditionalTerminalCapabilities([0xF0, 0, 0, 0, 0]),
        country: Code::decode(&t("9F1A")).unwrap(),
        ifd_serial_number: *b"00000001",
        data: &[],
        applications: &applications,
        keys: &keys,
        revocations: &[],
        options: Options::DEFAULT,
    };
    let random = Replayed::new(t("9F37").try_into().unwrap(), 1);
    let transaction = Transaction {
        terminal: &terminal,
        crypto: Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &random },
        events: Events::to(&Print),
        kind: TransactionType::Purchase,
        amount: Amount::decode(&t("9F02")).unwrap(),
        amount_other: Amount::ZERO,
        currency: Code::decode(&t("5F2A")).unwrap(),
        currency_exponent: 2,
        date: Date::decode(&t("9A")).unwrap(),
        time: [0x12, 0, 0],
        sequence_counter: 1,
        force_online: false,
        history: None,
    };
    let mut pad = ScriptedPad::new([Entry::Digits(Pin::new("1234").unwrap())], &random);
    let mut devices = Devices {
        card: &mut card,
        pad: &mut pad,
        cardholder: &mut FirstChoice,
        issuer: &mut Nobody,
    };
    let (outcome, ()) = run(&transaction, &mut devices, false, |_| ());
    println!("{outcome:?} {:02X?}", card.notes());
    (outcome, card)
}

#[test]
fn derived_dda_trace() {
    let (_outcome, _card) = go("dc-mrautio-a");
}
