//! A terminal that blocks in every device, which is right for one that serves one customer at a
//! time.
//!
//! Readers, PIN pad, host and storage are simulated; a terminal has real ones in their place, and
//! nothing else changes: [`Till`] is the whole integration.
//!
//! `cargo run -p chipwright-blocking`

mod devices;
mod key;

use chipwright::config::{Application, Terminal, TransactionType};
use chipwright::contactless::TerminalTransactionQualifiers;
use chipwright::crypto::Crypto;
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::tag::Tag;
use chipwright::value::{Amount, Code};
use chipwright_card::{Card, Profile};
use chipwright_entry_point::Combination;
use chipwright_host::{Host, Mode};
use chipwright_rustcrypto::RustCrypto;
use chipwright_terminal::blocking::Contactless;
use chipwright_terminal::device::{NoCancel, NoHooks};
use chipwright_terminal::host::MessageLists;
use chipwright_terminal::journal::{Delivery, Due};
use chipwright_terminal::{
    Failure, FinalRecord, Journal, JournalFailure, Order, Service, Setup, Workspace, blocking,
};
use devices::{
    Antenna, Customer, Hand, Line, Linked, Pad, Presented, Records, Screen, Slot, SystemRandom,
    Watch,
};

const EURO: Code = match Code::new(978) {
    Some(code) => code,
    None => panic!("a currency code has three digits"),
};

const APPLICATIONS: [Application<'static>; 1] =
    [Application::new(&[0xA0, 0x00, 0x00, 0x00, 0x03, 0x10, 0x10])];

/// Attended, online with offline capability; plaintext PIN, signature, no CVM; SDA, DDA, CDA.
const TERMINAL: Terminal<'static> = Terminal {
    additional_capabilities: AdditionalTerminalCapabilities([0x60, 0x00, 0xF0, 0xA0, 0x01]),
    keys: &[key::TEST_KEY],
    ifd_serial_number: *b"BLOCKING",
    ..Terminal::new(TerminalType(0x22), TerminalCapabilities([0xE0, 0xA8, 0xC8]), EURO)
};

/// What may be tapped: UnionPay by Kernel 7, online above 20.00, with verification from 50.00 on,
/// below 500.00. The qualifiers: EMV mode, contact chip, signature, version 01 of fDDA.
const COMBINATIONS: [Combination<'static>; 1] = [Combination {
    floor_limit: Amount::new(20_00),
    cvm_required_limit: Amount::new(50_00),
    transaction_limit: Amount::new(50_000),
    qualifiers: Some(TerminalTransactionQualifiers([0x32, 0x00, 0x00, 0x80])),
    ..Combination::new(&[0xA0, 0x00, 0x00, 0x03, 0x33], chipwright_c7::KERNEL_ID)
}];

/// Field 55 of every message: what the issuer needs to verify the cryptogram.
const FIELD_55: [Tag; 17] = [
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
    Tag(0x9F39),
    Tag(0x9F5B),
];

/// All of it is a constant: in firmware it lies in flash.
const SETUP: Setup<'static> = Setup {
    lists: MessageLists {
        authorisation: &FIELD_55,
        advice: &FIELD_55,
        reversal: &FIELD_55,
        batch: &FIELD_55,
    },
    ..Setup::new(
        &TERMINAL,
        &[Service {
            combinations: &COMBINATIONS,
            ..Service::new(TransactionType::Purchase, &APPLICATIONS)
        }],
        Crypto { hash: &RustCrypto, rsa: &RustCrypto, random: &SystemRandom },
    )
};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let profile = include_str!("../../../test-vectors/cards/contact-dda-pin.toml");
    let card = Card::new(&Profile::parse(profile)?, 1)?;
    let tapped = include_str!("../../../test-vectors/cards/quickpass-debit.toml");
    let tapped = Card::new(&Profile::parse(tapped)?, 1)?;
    let mut till = Till::start(Line(Host::new(Mode::Approve)), Records::default())?;
    println!("a sale of 12.34 EUR");
    let price = |amount| Amount::new(amount).ok_or("more than twelve digits");
    let record = till.sell(price(12_34)?, card, Hand::Inserts)?;
    println!("{:?}, decided {:?}", record.conclusion, record.authority);
    println!("a tap for 8.88 EUR");
    let record = till.sell(price(8_88)?, tapped, Hand::Taps)?;
    println!("{:?}, decided {:?}", record.conclusion, record.authority);
    println!("the batch");
    let Delivery { delivered, left } = till.deliver(Due::Everything)?;
    println!("{delivered} delivered, {left} left");
    Ok(())
}

/// A terminal at work.
struct Till {
    line: Line,
    storage: Records,
    journal: Journal,
    workspace: Workspace,
}

impl Till {
    /// Starts: what a power failure left open is closed before anything else, and what is owed
    /// for it delivered.
    fn start(line: Line, mut storage: Records) -> Result<Self, JournalFailure> {
        let mut workspace = Workspace::new();
        let journal = blocking::recover(&mut storage, 1, &mut workspace)?.journal;
        let mut till = Self { line, storage, journal, workspace };
        till.deliver(Due::Now)?;
        Ok(till)
    }

    /// One transaction, from the welcome to the result.
    fn sell(&mut self, amount: Amount, card: Card, hand: Hand) -> Result<FinalRecord, Failure> {
        let order = Order {
            kind: TransactionType::Purchase,
            amount: Some(amount),
            amount_other: Amount::ZERO,
            currency: EURO,
            currency_exponent: 2,
            force_online: false,
        };
        let card = Presented::new(card, hand);
        let contactless = Contactless { kernels: &Linked, reader: &mut Antenna(&card) };
        let devices = blocking::Devices {
            reader: &mut Slot(&card),
            pad: &mut Pad,
            cardholder: &mut Customer,
            host: &mut self.line,
            storage: &mut self.storage,
            hooks: &mut NoHooks,
            display: &mut Screen,
            clock: &Watch,
            cancel: &NoCancel,
        };
        let (journal, memory) = (&mut self.journal, self.workspace.lend());
        blocking::tap_or_insert(&SETUP, &order, contactless, devices, journal, memory)
    }

    /// Delivers what is owed to the acquirer, as far as the line lets it.
    fn deliver(&mut self, due: Due) -> Result<Delivery, JournalFailure> {
        let Self { line, storage, journal, workspace } = self;
        blocking::deliver(journal, storage, line, due, &SETUP.lists, workspace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::outcome::{Authority, Conclusion};
    use chipwright_host::State;

    fn sold(mode: Mode) -> (FinalRecord, Till) {
        let profile = include_str!("../../../test-vectors/cards/contact-dda-pin.toml");
        sold_with(profile, Hand::Inserts, mode)
    }

    fn sold_with(profile: &str, hand: Hand, mode: Mode) -> (FinalRecord, Till) {
        let card = Card::new(&Profile::parse(profile).unwrap(), 1).unwrap();
        let mut till = Till::start(Line(Host::new(mode)), Records::default()).unwrap();
        let record = till.sell(Amount::new(12_34).unwrap(), card, hand).unwrap();
        (record, till)
    }

    #[test]
    fn the_host_decides_where_it_can_be_reached() {
        let decided = |mode| {
            let (record, _) = sold(mode);
            (record.conclusion, record.authority)
        };
        assert_eq!(decided(Mode::Approve), (Conclusion::Approved, Authority::Online));
        assert_eq!(decided(Mode::Decline), (Conclusion::Declined, Authority::Online));
        assert_eq!(decided(Mode::Unreachable).1, Authority::UnableToGoOnline);
    }

    #[test]
    fn a_tap_is_a_sale_as_any_other() {
        let profile = include_str!("../../../test-vectors/cards/quickpass-debit.toml");
        let (record, mut till) = sold_with(profile, Hand::Taps, Mode::Approve);
        assert_eq!((record.conclusion, record.details.entry_mode), (Conclusion::Approved, Some(7)));
        assert_eq!(till.deliver(Due::Everything).unwrap(), Delivery { delivered: 1, left: 0 });
        assert_eq!(till.line.0.book()[0].state, State::Settled);
    }

    #[test]
    fn what_was_sold_is_settled_and_what_was_not_is_reversed() {
        let (_, mut till) = sold(Mode::Approve);
        assert_eq!(till.deliver(Due::Everything).unwrap(), Delivery { delivered: 1, left: 0 });
        assert_eq!(till.line.0.book()[0].state, State::Settled);
        let (record, till) = sold(Mode::BadArpc);
        assert!(record.duties.reversal);
        assert_eq!(till.line.0.book()[0].state, State::Reversed);
    }
}
