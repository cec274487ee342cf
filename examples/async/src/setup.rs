//! The terminal's configuration: one constant, in flash.

use crate::devices::Noise;
use chipwright::config::{
    ActionCodes, Application, CaPublicKey, Options, RandomSelection, Terminal, TransactionType,
};
use chipwright::crypto::Crypto;
use chipwright::event::Events;
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Tvr,
};
use chipwright::value::Code;
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::host::MessageLists;
use chipwright_terminal::{Capture, Service, Setup};

/// The terminal and what it sells.
pub(crate) const SETUP: Setup<'static> = Setup {
    terminal: &TERMINAL,
    services: &[
        Service::new(TransactionType::Purchase, &APPLICATIONS),
        Service::new(TransactionType::Refund, &APPLICATIONS),
    ],
    capture: Capture::Batch,
    advices: true,
    lists: MessageLists::DEFAULT,
    languages: &[*b"en", *b"de"],
    crypto: Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Noise },
    events: Events::NONE,
    history: None,
};

const TERMINAL: Terminal<'static> = Terminal {
    terminal_type: TerminalType(0x22),
    capabilities: TerminalCapabilities([0x60, 0xF8, 0xC8]),
    additional_capabilities: AdditionalTerminalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01]),
    country: match Code::new(276) {
        Some(code) => code,
        None => panic!("a country code has three digits"),
    },
    ifd_serial_number: *b"ASYNC001",
    data: b"\x9F\x1C\x08TERMINAL\x9F\x16\x0FMERCHANT NUMBER",
    applications: &[], // the services have their own
    keys: &[CaPublicKey { rid: *RID, index: 0xF0, modulus: &[0xB1; 248], exponent: &[0x03] }],
    revocations: &[],
    options: Options::DEFAULT,
};

/// A provider that nobody registered.
const RID: &[u8; 5] = b"\xF0CHIP";

const APPLICATIONS: [Application<'static>; 1] = [Application {
    aid: RID,
    partial_match: true,
    version: 0x0001,
    floor_limit: 5000,
    random_selection: RandomSelection { target: 10, maximum: 50, threshold: 2000 },
    action_codes: ActionCodes {
        denial: Tvr([0x00, 0x10, 0x00, 0x00, 0x00]),
        online: Tvr([0xFC, 0x50, 0xF8, 0xA8, 0xF8]),
        default: Tvr([0xFC, 0x50, 0xB8, 0xA0, 0x00]),
    },
    default_ddol: Some(b"\x9F\x37\x04"),
    default_tdol: None,
    data: &[],
}];
