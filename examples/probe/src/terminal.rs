//! The terminal: one constant, in flash.

use chipwright::config::{
    ActionCodes, Application, CaPublicKey, Options, RandomSelection, Terminal,
};
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType,
    TerminalVerificationResults as Tvr,
};
use chipwright::value::Code;

/// An attended terminal that can go online, with a PIN pad.
pub(crate) const TERMINAL: Terminal<'static> = Terminal {
    terminal_type: TerminalType(0x22),
    capabilities: TerminalCapabilities([0xE0, 0xF8, 0xC0]),
    additional_capabilities: AdditionalTerminalCapabilities([0xF0, 0x00, 0xF0, 0xA0, 0x01]),
    country: match Code::new(276) {
        Some(code) => code,
        None => panic!("a country code has three digits"),
    },
    ifd_serial_number: *b"PROBE001",
    data: b"\x9F\x1C\x08TERMINAL\x9F\x16\x0FMERCHANT NUMBER",
    applications: &[application(&RIDS[0]), application(&RIDS[1])],
    keys: &[key(RIDS[0], 0xF0, &[0xB1; 248])],
    revocations: &[],
    options: Options::DEFAULT,
};

/// Providers that nobody registered.
const RIDS: [[u8; 5]; 2] = [*b"\xF0CHIP", *b"\xF0WRIG"];

const fn application(aid: &'static [u8; 5]) -> Application<'static> {
    Application {
        aid,
        partial_match: true,
        version: 0x0001,
        floor_limit: 50_00,
        random_selection: RandomSelection { target: 10, maximum: 50, threshold: 20_00 },
        action_codes: ActionCodes {
            denial: Tvr([0x00, 0x10, 0x00, 0x00, 0x00]),
            online: Tvr([0xFC, 0x50, 0xF8, 0xA8, 0xF8]),
            default: Tvr([0xFC, 0x50, 0xB8, 0xA0, 0x00]),
        },
        default_ddol: Some(b"\x9F\x37\x04"),
        default_tdol: None,
        data: &[],
    }
}

/// A key of the usual length. The modulus is imagined: real ones come from the schemes.
const fn key(rid: [u8; 5], index: u8, modulus: &'static [u8]) -> CaPublicKey<'static> {
    CaPublicKey { rid, index, modulus, exponent: &[0x03] }
}
