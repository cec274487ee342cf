//! `journal`: what a terminal has written down, and what it owes.

use chipwright_harness::describe::{self, Context};
use chipwright_terminal::FinalRecord;
use chipwright_terminal::blocking;
use chipwright_terminal::blocking::Storage as _;
use chipwright_terminal::journal::{Due, Owed};
use serde_json::{Value, json};
use std::path::Path;

use crate::Report;
use crate::arguments::{self, Journal};
use crate::day::Day;
use crate::devices::Line;
use crate::everyone::Everyone;
use crate::failure::{Exit, Failure};
use crate::front;
use crate::page::{Page, Style, cell};
use chipwright_host::Host;

/// What is in a journal.
pub(crate) struct Contents {
    pub(crate) records: Vec<FinalRecord>,
    pub(crate) owed: Vec<Owed>,
    voided: Vec<u32>,
}

/// Shows the journal; delivers what is owed if the command line says so.
pub(crate) fn run(arguments: &Journal) -> Result<Report, Failure> {
    exists(&arguments.file)?;
    let everyone = Everyone::new(Context::default(), None);
    let mut day = Day::start(Some(&arguments.file), &everyone)?;
    let mut left = 0;
    if arguments.deliver {
        let tampering = chipwright_harness::scenario::Line::default();
        let loses_answers = arguments.host == arguments::Host::AnswerLost;
        let host = Host::new(arguments.host.mode());
        left = day
            .deliver(
                &mut Line { host, loses_answers, tampering: &tampering, everyone: &everyone },
                Due::Everything,
            )?
            .left;
    }
    let contents = contents(&mut day)?;
    let exit = if left == 0 { Exit::Success } else { Exit::Failure };
    let text = if arguments.json {
        let document = json!({
            "command": "journal",
            "interrupted": day.interrupted.as_ref().map(front::record_entry),
            "events": everyone.log.entries(),
            "records": contents.records.iter().map(front::record_entry).collect::<Vec<_>>(),
            "voided": contents.voided,
            "owed": contents.owed.iter().map(owed_entry).collect::<Vec<_>>(),
            "next_sequence": day.journal.next_sequence(),
            "exit_code": exit as u8,
        });
        format!("{document:#}\n")
    } else {
        let page = &everyone.story.page;
        show(page, &contents);
        page.text()
    };
    Ok(Report { text, exit })
}

/// A journal that is not there is not made to be looked at.
pub(crate) fn exists(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        Ok(())
    } else {
        Err(Failure::data(format!("{}: no such file", path.display())))
    }
}

/// Final records, messages that are owed, and sequence counters of what was voided.
pub(crate) fn contents(day: &mut Day<'_>) -> Result<Contents, Failure> {
    let (mut records, mut owed, mut voided) = (Vec::new(), Vec::new(), Vec::new());
    let places = day.storage.places().map_err(|_| Failure::data("the journal cannot be read"))?;
    for place in places {
        let Day { storage, workspace, .. } = day;
        let record = blocking::read(storage, place, workspace);
        let message = blocking::owed(storage, place, workspace);
        let voiding = blocking::voided(storage, place, workspace);
        records.extend(record.map_err(|failure| day.failed(failure))?);
        owed.extend(message.map_err(|failure| day.failed(failure))?);
        let voiding = voiding.map_err(|failure| day.failed(failure))?;
        voided.extend(voiding.map(|voiding| voiding.sequence));
    }
    Ok(Contents { records, owed, voided })
}

fn show(page: &Page, Contents { records, owed, voided }: &Contents) {
    page.heading("Transactions", "");
    for record in records {
        let account = record.details.account.map(|account| account.to_string());
        let conclusion = describe::conclusion(record.conclusion);
        let authority = describe::authority(record.authority);
        let struck = if voided.contains(&record.sequence) { ", voided" } else { "" };
        page.row(&[
            cell(Style::Bold, &record.sequence.to_string()).wide(6),
            cell(Style::Plain, describe::transaction_type(record.kind)).wide(18),
            cell(Style::Plain, front::interface(record).unwrap_or_default()).wide(12),
            cell(Style::Plain, &front::amount(record).unwrap_or_default()).wide(18),
            cell(Style::Plain, &account.unwrap_or_default()).wide(21),
            cell(Style::Plain, &format!("{conclusion} {authority}{}{struck}", cause(record))),
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
