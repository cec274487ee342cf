//! The terminal's configuration: constants, in flash.

use chipwright::config::{Application, CaPublicKey, Terminal, TransactionType};
use chipwright::contactless::TerminalTransactionQualifiers;
use chipwright::crypto::Crypto;
use chipwright::event::Events;
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code};
use chipwright_c7::KERNEL_ID;
use chipwright_entry_point::Combination;
use chipwright_terminal::host::MessageLists;
use chipwright_terminal::{Order, Service, Setup};

/// Test key of the certification authority that the simulated cards are made under.
#[path = "../../blocking/src/key.rs"]
mod key;

/// Registered application provider of UnionPay.
const UNIONPAY: [u8; 5] = [0xA0, 0x00, 0x00, 0x03, 0x33];

/// Country and currency have the same number.
const CHINA: Code = match Code::new(156) {
    Some(code) => code,
    None => panic!("a code has three digits"),
};

const APPLICATIONS: [Application<'static>; 1] = [Application::new(&UNIONPAY)];

/// Attended, offline with online capability; plaintext PIN, signature, no CVM; SDA, DDA, CDA.
const TERMINAL: Terminal<'static> = Terminal {
    additional_capabilities: AdditionalTerminalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01]),
    keys: &[CaPublicKey { rid: UNIONPAY, ..key::TEST_KEY }],
    ifd_serial_number: *b"FIRMWARE",
    ..Terminal::new(TerminalType(0x22), TerminalCapabilities([0xE0, 0xA8, 0xC8]), CHINA)
};

/// What is taken in the field: up to 1,000.00, offline to 200.00, without verification to 300.00.
const COMBINATIONS: [Combination<'static>; 1] = [Combination {
    transaction_limit: Amount::new(100_000),
    floor_limit: Amount::new(20_000),
    cvm_required_limit: Amount::new(30_000),
    qualifiers: Some(TerminalTransactionQualifiers([0x36, 0x00, 0x00, 0x80])),
    ..Combination::new(&UNIONPAY, KERNEL_ID)
}];

/// Field 55 of every message: what the issuer needs to verify the cryptogram.
const FIELD_55: [Tag; 16] = [
    Tag(0x5A),
    Tag(0x5F2A),
    Tag(0x5F34),
    Tag(0x82),
    Tag(0x95),
    Tag(0x9A),
    Tag(0x9C),
    Tag(0x9F02),
    Tag(0x9F03),
    Tag(0x9F10),
    Tag(0x9F1A),
    Tag(0x9F26),
    Tag(0x9F27),
    Tag(0x9F36),
    Tag(0x9F37),
    Tag(0x9F5B),
];

/// The terminal with its cryptography, and where its events go.
pub(crate) const fn setup<'a>(crypto: Crypto<'a>, events: Events<'a>) -> Setup<'a> {
    const SERVICES: [Service<'static>; 1] = [Service {
        combinations: &COMBINATIONS,
        ..Service::new(TransactionType::Purchase, &APPLICATIONS)
    }];
    Setup {
        lists: MessageLists {
            authorisation: &FIELD_55,
            advice: &FIELD_55,
            reversal: &FIELD_55,
            batch: &FIELD_55,
        },
        events,
        ..Setup::new(&TERMINAL, &SERVICES, crypto)
    }
}

/// A purchase of 20.00.
pub(crate) const ORDER: Order = Order {
    kind: TransactionType::Purchase,
    amount: Amount::new(20_00),
    amount_other: Amount::ZERO,
    currency: CHINA,
    currency_exponent: 2,
    force_online: false,
};
