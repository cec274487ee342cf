//! `pay`: a transaction between a card, simulated or in a reader, and a simulated issuer.

pub(crate) mod offered;
#[cfg(test)]
mod power;
mod trace;
pub(crate) mod transact;

use chipwright::config::KeyFault;
use chipwright_card::Card;
use chipwright_harness::describe::{self, Context};
use chipwright_harness::record;
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use offered::Offered;
use serde_json::{Value, json};
use std::path::Path;
use transact::{Told, transact};

use crate::Report;
use crate::adversary::Adversary;
use crate::arguments::{Interface, Pay, value_name};
use crate::everyone::Everyone;
use crate::failure::{Exit, Failure};
use crate::front;
use crate::page::{Page, Style, cell};
use crate::reader;
use crate::source;

/// What sets the seed of the card apart from that of the terminal.
pub(crate) const CARD: u64 = 0x4341_5244;

/// Runs the transaction that the command line asks for.
pub(crate) fn run(arguments: &Pay) -> Result<Report, Failure> {
    if arguments.interface == Interface::Contactless {
        arguments.refuse_with_tap()?;
    }
    let terminal = source::terminal(&arguments.terminal)?;
    let terminal = arguments.by_profile(source::with_options(terminal, &arguments.option)?)?;
    let setup = arguments.setup(&terminal)?;
    if let Some(key) = terminal.expired_key(setup.date) {
        let terminal = &arguments.terminal;
        return Err(Failure::data(format!("{terminal}: key {key}: {}", KeyFault::Expired)));
    }
    let adversary = Adversary::default();
    let card = offered(arguments, &setup, &adversary)?;
    let name = card.name.clone();
    let everyone = Everyone::new(Context::of(setup.currency), arguments.power_cut)
        .measuring(arguments.timing || arguments.trace.is_some());
    if arguments.reader.is_some() && !arguments.json {
        everyone.story.page.go_live();
    }
    head(&everyone.story.page, arguments, &terminal, &setup, &card);
    let told = transact(arguments, &terminal, &setup, card, &adversary, &everyone)?;
    let complete = arguments.account_data || trace::is_for_tests(&told.left.transcript);
    match &arguments.transcript {
        Some(path) if complete => write(path, &told.left.transcript.to_string())?,
        Some(path) => {
            let why = "not written: account data of a card that is not for tests (--account-data)";
            eprintln!("chipwright: {}: {why}", path.display());
        }
        None => {}
    }
    if let Some(path) = &arguments.trace {
        let trace = trace::document(&told, &terminal, &everyone.clock, complete);
        write(path, &format!("{trace:#}\n"))?;
    }
    let exit = exit(&told);
    if let Some(trouble) = &told.trouble {
        eprintln!("chipwright: {trouble}");
    }
    let text = if arguments.json {
        format!("{:#}\n", document(&told, arguments, &name, exit))
    } else {
        everyone.story.page.text()
    };
    Ok(Report { text, exit })
}

/// The card of the command line.
fn offered<'a>(
    arguments: &Pay,
    setup: &Setup,
    adversary: &'a Adversary,
) -> Result<Offered<'a>, Failure> {
    if let Some(reader) = &arguments.reader {
        return reader::offered(reader, arguments);
    }
    let profile = source::card(&arguments.card)?;
    let card = Card::new(&profile, setup.seed ^ CARD)
        .map_err(|error| Failure::data(format!("{}: {error}", arguments.card)))?;
    Offered::simulated(arguments, &profile, card, &adversary.between)
}

/// How it ended, unless it ended with the reader.
fn exit(told: &Told) -> Exit {
    match &told.trouble {
        Some(Failure { exit: Exit::Missing, .. }) => Exit::Missing,
        _ => Exit::of(told.record.conclusion),
    }
}

/// Who takes part.
pub(crate) fn head(
    page: &Page,
    arguments: &Pay,
    terminal: &TerminalFile,
    setup: &Setup,
    card: &Offered<'_>,
) {
    page.gap();
    let line = |what: &str, name: &str, more: &str| {
        page.row(&[
            cell(Style::Plain, "    "),
            cell(Style::Dim, what).wide(11),
            cell(Style::Bold, name).wide(26),
            cell(Style::Plain, more),
        ]);
    };
    line("card", &card.name, &card.title);
    line("terminal", &arguments.terminal, &terminal.title);
    line("issuer", &value_name(arguments.host), "simulated");
    let kind = describe::transaction_type(setup.kind);
    let amount = setup.currency.show(setup.amount);
    line("business", kind, &format!("{amount} on {}", setup.date));
}

/// What is to be done, as JSON.
fn business(setup: &Setup) -> Value {
    json!({
        "type": describe::transaction_type(setup.kind),
        "amount": setup.currency.decimal(setup.amount),
        "other_amount": setup.currency.decimal(setup.other),
        "currency": setup.currency.name(),
        "date": setup.date.to_string(),
        "time": hex::encode(setup.time),
        "counter": setup.counter,
        "force_online": setup.force_online,
        "seed": setup.seed,
    })
}

/// Everything as one JSON document.
fn document(told: &Told, arguments: &Pay, card: &str, exit: Exit) -> Value {
    let left = &told.left;
    json!({
        "command": "pay",
        "card": card,
        "terminal": arguments.terminal,
        "interface": left.interface,
        "issuer": value_name(arguments.host),
        "transaction": business(&left.setup),
        "events": told.events,
        "objects": left.objects,
        "outcome": record::outcome(&left.outcome),
        "record": front::record_entry(&told.record),
        "interrupted": told.interrupted.as_ref().map(front::record_entry),
        "exit_code": exit as u8,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::data(format!("{}: {error}", path.display())))
}
