//! `void`: a sale is taken back before the batch was delivered.

use chipwright_harness::describe::Context;
use chipwright_terminal::blocking;
use chipwright_terminal::journal::VoidFailure;
use serde_json::json;

use crate::Report;
use crate::arguments::Void;
use crate::day::Day;
use crate::everyone::Everyone;
use crate::failure::{Exit, Failure};
use crate::{front, journal};

/// Voids the sale that the command line names.
pub(crate) fn run(arguments: &Void) -> Result<Report, Failure> {
    journal::exists(&arguments.file)?;
    let everyone = Everyone::new(Context::default(), None);
    let mut day = Day::start(Some(&arguments.file), &everyone)?;
    let Day { journal, storage, workspace, .. } = &mut day;
    let result = blocking::void(journal, storage, arguments.sequence, workspace);
    let voided = result.map_err(|failure| match failure {
        VoidFailure::Journal(failure) => day.failed(failure),
        why => Failure {
            exit: Exit::Failure,
            message: format!("transaction {}: {why}", arguments.sequence),
        },
    })?;
    let text = if arguments.json {
        let document = json!({
            "command": "void",
            "interrupted": day.interrupted.as_ref().map(front::record_entry),
            "sequence": voided.sequence,
            "reversal": voided.reversal,
            "exit_code": Exit::Success as u8,
        });
        format!("{document:#}\n")
    } else {
        everyone.story.voided(&voided);
        everyone.story.page.text()
    };
    Ok(Report { text, exit: Exit::Success })
}
