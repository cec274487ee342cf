//! Entry Point and the reader around it, with the cards and the kernel of the cases. [A 8] [B 3]
//!
//! What is done here is what happens outside of a reader: a card answers and is taken away, an
//! issuer answers or does not, a kernel is told its outcome. What was observed goes to the
//! [`checker`]; selection, outcomes and restarts are Entry Point's.

mod checker;
mod kernel;
mod lower_tester;
mod settings;

use super::node::{Node, unreadable};
use super::report::Problem;
use crate::random::Seeded;
use checker::Checker;
use chipwright::apdu::{BUFFER_LENGTH, Buffer};
use chipwright::config::{Terminal, Transaction};
use chipwright::crypto::Crypto;
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::driver::Driver;
use chipwright::event::Events;
use chipwright::field::{AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType};
use chipwright::session::Session;
use chipwright::value::{Amount, Code, Date};
use chipwright_entry_point::{Reader, transact};
use chipwright_rustcrypto::RustCrypto;
use core::pin::pin;
use kernel::Stub;
use lower_tester::{Log, LowerTester};
pub(super) use settings::Settings;
use settings::{Configured, kernel as kernel_id, transaction_type};

/// The day and the time of every case.
const DATE: [u8; 3] = [0x26, 0x11, 0x25];
const TIME: [u8; 3] = [0x12, 0x30, 0x45];

/// What a product may lack, and this one does not.
const SUPPORTED: [&str; 11] = [
    "PURCHASE",
    "PURCHASE_WITH_CASHBACK",
    "CASH_ADVANCE",
    "REFUND",
    "AUTORUN",
    "CONTACT",
    "AMOUNT_BALANCE_DISPLAY",
    "VALUE_QUALIFIER",
    "EXTENDED_SELECTION",
    "LANGUAGE_PREFERENCE",
    "STATUS_CHECK",
];

/// Runs one case.
pub(super) fn check(case: Node<'_>, settings: &Settings) -> Result<(), Problem> {
    require_features(case)?;
    let mut checker = Checker::new(case)?;
    let random = Seeded::new(0x2EA);
    if case.find("repeat_plan").is_none() {
        let terminal = case.text("terminal_setting")?;
        let mut tester = LowerTester::new(case, settings.card(case.text("card_setting")?)?);
        for transaction in case.list("transactions")? {
            tester.presented()?;
            run(transaction, terminal, &mut tester, settings, &random, &mut checker)?;
        }
        return checker.verdict();
    }
    for plan in case.list("repeat_plan")? {
        let cards: Vec<_> = plan.list("card_settings_in_rotation")?.collect();
        let count = usize::try_from(plan.number("transactions")?);
        let count = count.map_err(|_| unreadable("transactions", "are too many"))?;
        let transaction = case.list("transactions")?.next();
        let transaction = transaction.ok_or(unreadable("transactions", "is empty"))?;
        for card in cards.iter().cycle().take(count) {
            let card = settings.card(card.as_text("card_settings_in_rotation")?)?;
            let mut tester = LowerTester::new(case, card);
            let terminal = plan.text("terminal_setting")?;
            run(transaction, terminal, &mut tester, settings, &random, &mut checker)?;
        }
    }
    checker.verdict()
}

/// That the case is one for a product like ours.
fn require_features(case: Node<'_>) -> Result<(), Problem> {
    for feature in case.list("requires.supported")? {
        if !SUPPORTED.contains(&feature.as_text("requires.supported")?) {
            return Err(unreadable("requires.supported", "names what is not supported"));
        }
    }
    for feature in case.list("requires.not_supported")? {
        // Payment kernels are linked with Entry Point, and are no part of it.
        if !feature.as_text("requires.not_supported")?.starts_with("KERNEL_C") {
            return Err(unreadable("requires.not_supported", "names what is supported"));
        }
    }
    Ok(())
}

/// One transaction on one reader.
fn run(
    wanted: Node<'_>,
    terminal_setting: &str,
    tester: &mut LowerTester<'_>,
    settings: &Settings,
    random: &Seeded,
    checker: &mut Checker<'_>,
) -> Result<(), Problem> {
    let setting = settings.terminal(terminal_setting)?;
    let autorun = setting.find("autorun");
    let (wanted, type_code) = match autorun {
        Some(autorun) => (autorun, autorun.text("transaction_type_code")?),
        None => (wanted, wanted.text("type_code")?),
    };
    let amount = |name| {
        let amount = Amount::new(wanted.number(name)?);
        amount.ok_or(unreadable(name, "is too large"))
    };
    let owned = Configured::all(setting, type_code)?;
    let combinations: Vec<_> = owned.iter().map(Configured::combination).collect();
    let data = terminal_data(settings)?;
    let terminal = terminal(settings, &data)?;
    let log = Log::default();
    let crypto = Crypto { hash: &RustCrypto, rsa: &RustCrypto, random };
    let date = Date::new(2026, 11, 25).ok_or(unreadable("date", "is none"))?;
    let currency = Code::new(0).ok_or(unreadable("currency", "is none"))?;
    let transaction = Transaction {
        events: Events::to(&log),
        kind: transaction_type(type_code)?,
        amount_other: amount("amount_other")?,
        currency_exponent: 0,
        time: TIME,
        ..Transaction::purchase(&terminal, crypto, amount("amount_authorised")?, currency, date)
    };
    let reader = Reader {
        transaction: &transaction,
        combinations: &combinations,
        autorun: autorun.is_some(),
    };
    let registered = setting.list("registered_kernels")?;
    let registered = registered.map(|id| kernel_id(id.as_text("registered_kernels")?));
    let stub = Stub {
        registered: registered.collect::<Result<_, _>>()?,
        selected: Vec::new().into(),
        version: settings.terminal_data("9F09")?,
        host: None.into(),
    };
    let (mut memory, mut apdu) = ([0; DATABASE_LENGTH], [0; BUFFER_LENGTH]);
    let session = Session::new(Database::new(&mut memory), Buffer::new(&mut apdu));
    let task = pin!(transact(&session, &reader, &stub));
    tester.drive(Driver::new(&session, task), settings, &stub, &log)?;
    log.events.take().iter().try_for_each(|event| checker.feed(event))
}

/// The terminal of all cases.
fn terminal<'d>(settings: &Settings, data: &'d [u8]) -> Result<Terminal<'d>, Problem> {
    fn array<const N: usize>(settings: &Settings, tag: &str) -> Result<[u8; N], Problem> {
        let value = settings.terminal_data(tag)?.try_into();
        value.map_err(|_| unreadable(tag, "has another length"))
    }
    let [kind] = array(settings, "9F35")?;
    let capabilities = TerminalCapabilities(array(settings, "9F33")?);
    let country = Code::new(276).ok_or(unreadable("country", "is none"))?;
    Ok(Terminal {
        additional_capabilities: AdditionalTerminalCapabilities(array(settings, "9F40")?),
        ifd_serial_number: array(settings, "9F1E")?,
        data,
        ..Terminal::new(TerminalType(kind), capabilities, country)
    })
}

/// Further objects of the terminal, as a BER-TLV string.
fn terminal_data(settings: &Settings) -> Result<Vec<u8>, Problem> {
    let mut string = Vec::new();
    for tag in ["9F01", "9F15", "9F16", "9F1C", "9F39", "9F4E"] {
        let value = settings.terminal_data(tag)?;
        string.extend(super::node::decode(tag, tag)?);
        string.push(u8::try_from(value.len()).map_err(|_| unreadable(tag, "is too long"))?);
        string.extend(value);
    }
    Ok(string)
}

#[cfg(test)]
mod tests;
