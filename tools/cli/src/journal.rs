//! `journal`: what a terminal has written down, and what it owes.

use chipwright_harness::describe::{self, Context};
use chipwright_terminal::FinalRecord;
use chipwright_terminal::blocking;
use chipwright_terminal::blocking::Storage as _;
use chipwright_terminal::journal::{Due, Owed};
use serde_json::{Value, json};

use crate::Report;
use crate::arguments::{self, Journal};
use crate::day::Day;
use crate::devices::Line;
use crate::everyone::Everyone;
use crate::failure::{Exit, Failure};
use crate::front;
use crate::page::{Page, Style, cell};
use chipwright_host::Host;

/// Shows the journal; delivers what is owed if the command line says so.
pub(crate) fn run(arguments: &Journal) -> Result<Report, Failure> {
    if !arguments.file.exists() {
        return Err(Failure::data(format!("{}: no such file", arguments.file.display())));
    }
    let everyone = Everyone::new(Context::default(), None);
    let mut day = Day::start(Some(&arguments.file), &everyone)?;
    let mut left = 0;
    if arguments.deliver {
        let loses_answers = arguments.host == arguments::Host::AnswerLost;
        let host = Host::new(arguments.host.mode());
        left = day
            .deliver(&mut Line { host, loses_answers, everyone: &everyone }, Due::Everything)?
            .left;
    }
    let (records, owed) = contents(&mut day)?;
    let exit = if left == 0 { Exit::Success } else { Exit::Failure };
    let text = if arguments.json {
        let document = json!({
            "command": "journal",
            "interrupted": day.interrupted.as_ref().map(front::record_entry),
            "events": everyone.log.entries(),
            "records": records.iter().map(front::record_entry).collect::<Vec<_>>(),
            "owed": owed.iter().map(owed_entry).collect::<Vec<_>>(),
            "next_sequence": day.journal.next_sequence(),
            "exit_code": exit as u8,
        });
        format!("{document:#}\n")
    } else {
        let page = &everyone.story.page;
        show(page, &records, &owed);
        page.text()
    };
    Ok(Report { text, exit })
}

/// Final records and messages that are owed, in their order.
fn contents(day: &mut Day<'_>) -> Result<(Vec<FinalRecord>, Vec<Owed>), Failure> {
    let (mut records, mut owed) = (Vec::new(), Vec::new());
    let places = day.storage.places().map_err(|_| Failure::data("the journal cannot be read"))?;
    for place in places {
        let Day { storage, workspace, .. } = day;
        let record = blocking::read(storage, place, workspace);
        let message = blocking::owed(storage, place, workspace);
        records.extend(record.map_err(|failure| day.failed(failure))?);
        owed.extend(message.map_err(|failure| day.failed(failure))?);
    }
    Ok((records, owed))
}

fn show(page: &Page, records: &[FinalRecord], owed: &[Owed]) {
    page.heading("Transactions", "");
    for record in records {
        let account = record.details.account.map(|account| account.to_string());
        let conclusion = describe::conclusion(record.conclusion);
        let authority = describe::authority(record.authority);
        page.row(&[
            cell(Style::Bold, &record.sequence.to_string()).wide(6),
            cell(Style::Plain, describe::transaction_type(record.kind)).wide(18),
            cell(Style::Plain, &front::amount(record).unwrap_or_default()).wide(18),
            cell(Style::Plain, &account.unwrap_or_default()).wide(21),
            cell(Style::Plain, &format!("{conclusion} {authority}{}", cause(record))),
        ]);
    }
    page.heading("Owed to the acquirer", "");
    for message in owed {
        let reason = message.reason.map(front::reversal_reason).unwrap_or_default();
        page.row(&[
            cell(Style::Bold, &message.sequence.to_string()).wide(6),
            cell(Style::Plain, front::message_name(message.kind)).wide(18),
            cell(Style::Plain, reason),
        ]);
    }
    if owed.is_empty() {
        page.row(&[cell(Style::Dim, "nothing")]);
    }
}

/// Why it ended before its time.
fn cause(record: &FinalRecord) -> String {
    if record.cause.0 == 0 { String::new() } else { format!(", cause {:04X}", record.cause.0) }
}

fn owed_entry(owed: &Owed) -> Value {
    json!({
        "sequence": owed.sequence,
        "kind": front::message_name(owed.kind),
        "reason": owed.reason.map(front::reversal_reason),
    })
}
