//! The terminal's configuration: one constant, in flash.

use crate::devices::Noise;
use crate::taps::COMBINATIONS;
use chipwright::config::{
    ActionCodes, Application, CaPublicKey, RandomSelection, Terminal, TransactionType,
};
use chipwright::crypto::Crypto;
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Tvr,
};
use chipwright::value::Code;
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::{Service, Setup};

/// The terminal and what it sells.
pub(crate) const SETUP: Setup<'static> = Setup {
    languages: &[*b"en", *b"de"],
    ..Setup::new(
        &TERMINAL,
        &[
            Service {
                combinations: &COMBINATIONS,
                ..Service::new(TransactionType::Purchase, &APPLICATIONS)
            },
            Service::new(TransactionType::Refund, &APPLICATIONS),
        ],
        Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &Noise },
    )
};

/// Attended, offline with online capability, with a PIN pad.
const TERMINAL: Terminal<'static> = Terminal {
    additional_capabilities: AdditionalTerminalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01]),
    ifd_serial_number: *b"ASYNC001",
    data: b"\x9F\x1C\x08TERMINAL\x9F\x16\x0FMERCHANT NUMBER",
    keys: &[CaPublicKey { rid: *RID, index: 0xF0, modulus: &[0xB1; 248], exponent: &[0x03] }],
    ..Terminal::new(TerminalType(0x22), TerminalCapabilities([0x60, 0xF8, 0xC8]), GERMANY)
};

const GERMANY: Code = match Code::new(276) {
    Some(code) => code,
    None => panic!("a country code has three digits"),
};

/// A provider that nobody registered.
const RID: &[u8; 5] = b"\xF0CHIP";

const APPLICATIONS: [Application<'static>; 1] = [Application {
    version: 0x0001,
    floor_limit: 5000,
    random_selection: RandomSelection { target: 10, maximum: 50, threshold: 2000 },
    action_codes: ActionCodes {
        denial: Tvr([0x00, 0x10, 0x00, 0x00, 0x00]),
        online: Tvr([0xFC, 0x50, 0xF8, 0xA8, 0xF8]),
        default: Tvr([0xFC, 0x50, 0xB8, 0xA0, 0x00]),
    },
    default_ddol: Some(b"\x9F\x37\x04"),
    ..Application::new(RID)
}];
