//! The terminal in front of every hostile card.

use crate::crypto::crypto;
use chipwright::config::{
    ActionCodes, Application, CaPublicKey, CombinedMode, History, Options, RandomSelection,
    Reviews, Terminal, Transaction,
};
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Tvr,
};
use chipwright::hardening::{Counters, Hardening, Profile, Rules};
use chipwright::value::{Amount, Code, Date, Pan};
use std::sync::LazyLock;

/// Commands that one transaction may take here.
pub const EXCHANGE_LIMIT: u16 = 100;

/// The day of every transaction.
pub const TODAY: Date = match Date::new(2018, 6, 15) {
    Some(date) => date,
    None => panic!("the calendar has this day"),
};

/// The amount of every transaction.
pub const AMOUNT: Amount = match Amount::new(10_00) {
    Some(amount) => amount,
    None => panic!("an amount has twelve digits"),
};

/// The amount, coded.
pub const AMOUNT_CODED: [u8; 6] = [0, 0, 0, 0, 0x10, 0];

/// The currency of every transaction.
pub const CURRENCY: Code = match Code::new(978) {
    Some(code) => code,
    None => panic!("a code has three digits"),
};

/// Two bytes that say how the terminal is configured.
#[derive(Clone, Copy, Debug)]
pub struct Setup(pub u8, pub u8);

impl Setup {
    /// Signatures can be guessed; see [`crate::crypto`].
    pub const TRANSPARENT: u8 = 0x01;
    /// The Payment System Environment is left out.
    const NO_PSE: u8 = 0x02;
    /// The cardholder cannot choose.
    const NO_CHOICE: u8 = 0x04;
    /// The merchant wants the issuer to decide.
    pub const FORCE_ONLINE: u8 = 0x08;
    /// The integrator looks in.
    pub const REVIEWS: u8 = 0x10;

    /// The hardened profile is looked at.
    pub const HARDENED: u8 = 0x80;
    /// In the second byte: it is kept as well.
    pub const ENFORCED: u8 = 0x20;

    /// The terminal of this setup.
    pub fn terminal(self) -> Terminal<'static> {
        let has = |bit| self.0 & bit != 0;
        let types = [0x22, 0x21, 0x23, 0x25, 0x26, 0x14, 0x15, 0x34];
        let security = [0xC8, 0xC0, 0x80, 0x00][usize::from(self.1 >> 3 & 3)];
        Terminal {
            terminal_type: TerminalType(types[usize::from(self.1 & 7)]),
            capabilities: TerminalCapabilities([0xE0, 0xF8, security]),
            additional_capabilities: AdditionalTerminalCapabilities([0xF0, 0x00, 0xF0, 0xA0, 1]),
            country: CURRENCY,
            ifd_serial_number: *b"00000001",
            data: b"\x9F\x1C\x08TERMINAL\x9F\x4E\x00",
            applications: &APPLICATIONS,
            keys: &KEYS[usize::from(self.0 >> 5 & 3)],
            revocations: &[],
            options: Options {
                payment_system_environment: !has(Self::NO_PSE),
                cardholder_selection: !has(Self::NO_CHOICE),
                reviews: Reviews { candidates: has(Self::REVIEWS), records: has(Self::REVIEWS) },
                combined_mode: match self.1 >> 6 {
                    0 => CombinedMode::Mode1,
                    1 => CombinedMode::Mode2,
                    2 => CombinedMode::Mode3,
                    _ => CombinedMode::Mode4,
                },
                exchange_limit: EXCHANGE_LIMIT,
                hardening: match (has(Self::HARDENED), self.1 & Self::ENFORCED) {
                    (false, _) => Hardening::OFF,
                    (true, 0) => Hardening::by(REPORTED),
                    (true, _) => Hardening::by(KEPT),
                },
                ..Options::DEFAULT
            },
        }
    }

    /// The transaction of this setup.
    pub fn transaction<'a>(self, terminal: &'a Terminal<'a>) -> Transaction<'a> {
        let crypto = crypto(self.0 & Self::TRANSPARENT != 0);
        Transaction {
            force_online: self.0 & Self::FORCE_ONLINE != 0,
            history: Some(&Listed),
            ..Transaction::purchase(terminal, crypto, AMOUNT, CURRENCY, TODAY)
        }
    }

    /// The setup with the key of a chain among the test vectors.
    pub const fn with_chain(self, number: u8) -> Self {
        Self(self.0 | (number & 3) << 5, self.1)
    }
}

/// The hardened profile, with something in every part of it.
const PROFILE: Profile<'static> = Profile {
    minimum_modulus: 1152,
    unproved_below_limit: true,
    cryptogram_versions: &[([0xA0, 0x00, 0x00, 0x00, 0x03], 0x0A)],
    counters: Some(&Second),
    ..Profile::ENFORCED
};
const KEPT: &Profile<'static> = &PROFILE;
const REPORTED: &Profile<'static> = &Profile {
    enforced: Rules::NONE,
    reported: Rules::ALL,
    unproved_below_limit: false,
    ..PROFILE
};

/// A card with sequence number 7 is on the exception file.
#[derive(Debug)]
struct Listed;

impl History for Listed {
    fn on_exception_file(&self, _: Pan<'_>, sequence_number: Option<u8>) -> bool {
        sequence_number == Some(7)
    }

    fn logged_amount(&self, _: Pan<'_>, _: Option<u8>) -> Amount {
        Amount::ZERO
    }
}

/// Every card has been here twice.
#[derive(Debug)]
struct Second;

impl Counters for Second {
    fn highest(&self, _: Pan<'_>, _: Option<u8>) -> Option<u16> {
        Some(2)
    }

    fn remember(&self, _: Pan<'_>, _: Option<u8>, _: u16) {}
}

/// Applications of the recorded cards, and of those that are put together.
pub static APPLICATIONS: [Application<'static>; 4] = [
    application(&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10]),
    application(&[0xA0, 0x00, 0x00, 0x00, 0x04, 0x10, 0x10]),
    application(&[0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01]),
    application(&[0xAF, 0xFF, 0xFF, 0xFF, 0xFF, 0x12, 0x34]),
];

const fn application(aid: &'static [u8]) -> Application<'static> {
    Application {
        aid,
        partial_match: true,
        version: 0x008C,
        floor_limit: 50_00,
        random_selection: RandomSelection { target: 0, maximum: 50, threshold: 5_00 },
        action_codes: ActionCodes {
            denial: Tvr([0x00, 0x10, 0x00, 0x00, 0x00]),
            online: Tvr([0xFC, 0x50, 0xF8, 0xA8, 0xF8]),
            default: Tvr([0xFC, 0x50, 0xB8, 0xA0, 0x00]),
        },
        default_ddol: Some(b"\x9F\x37\x04"),
        default_tdol: Some(b"\x9F\x02\x06\x95\x05"),
        data: &[],
    }
}

/// A key of a chain and that of a trace, for every chain of DDA among the test vectors: they share
/// an index.
static KEYS: LazyLock<Vec<[CaPublicKey<'static>; 2]>> = LazyLock::new(|| {
    let trace = json(include_str!("../../test-vectors/traces/dc-mrautio-a.json"));
    let key = &trace["expected"]["applications"][0]["capk"];
    let recorded = CaPublicKey {
        rid: [0xAF, 0xFF, 0xFF, 0xFF, 0xFF],
        index: decode(&key["index"])[0],
        modulus: decode(&key["modulus"]).leak(),
        exponent: &[0x03],
    };
    let chains = json(include_str!("../../test-vectors/chains.json"));
    let chains = chains["vectors"].as_array().expect("a list").iter();
    let dda = chains.map(|chain| &chain["inputs"]).filter(|inputs| inputs["method"] == "dda");
    dda.map(|inputs| [chain_key(inputs), recorded]).collect()
});

fn chain_key(inputs: &serde_json::Value) -> CaPublicKey<'static> {
    CaPublicKey {
        rid: decode(&inputs["rid"]).try_into().expect("five bytes"),
        index: decode(&inputs["capk_index"])[0],
        modulus: decode(&inputs["ca_modulus"]).leak(),
        exponent: decode(&inputs["ca_exponent"]).leak(),
    }
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

fn decode(value: &serde_json::Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a string")).expect("hexadecimal")
}
