//! `replay`: a recorded transaction, run again.

mod record;
mod transcript;

use chipwright_harness::trace::{Interface, Trace};
use chipwright_harness::transcript::Transcript;
use std::path::Path;

use crate::Report;
use crate::arguments::Replay;
use crate::failure::Failure;
use crate::source;

/// Replays a transcript or a trace.
pub(crate) fn run(arguments: &Replay) -> Result<Report, Failure> {
    let file = &arguments.file;
    let text = source::text(file)?;
    let wrong = |error: &dyn core::fmt::Display| Failure::data(format!("{file}: {error}"));
    if !text.trim_start().starts_with('{') {
        let read = Transcript::parse(&text).map_err(|error| wrong(&error))?;
        let folder = Path::new(file).parent().unwrap_or(Path::new(""));
        let terminal = read.terminal_file(folder).map_err(Failure::data)?;
        return Ok(transcript::run(&read, &terminal, arguments.json));
    }
    let trace = Trace::parse(&text).map_err(|error| wrong(&error))?;
    Ok(match &trace.transcript {
        Some(own) => transcript::run(&own.0, &own.1, arguments.json),
        None if trace.interface == Interface::Contactless => {
            return Err(wrong(
                &"a contactless trace of another terminal: those of contact cards alone can be rebuilt",
            ));
        }
        None => record::run(&trace, arguments.json),
    })
}
