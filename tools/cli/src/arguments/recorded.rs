//! `record`, `explain`, `report`, `replay`: transactions that were recorded.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A trace (pay --trace), a transcript, or the event record of a terminal's firmware
    #[arg(value_name = "TRACE")]
    pub(crate) file: String,
    /// How would it have gone: a value of the transaction (date, amount, other-amount,
    /// force-online) or of the terminal file (options.KEY, application.KEY, contactless.KEY); more
    /// than once for more of them
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) with: Vec<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// A trace (pay --trace), a transcript, or the event record of a terminal's firmware
    #[arg(value_name = "TRACE")]
    pub(crate) file: String,
    /// Write the page here
    #[arg(long, short, value_name = "FILE.html")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The record, or - for the standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A transcript (.emv) or a trace (.json)
    #[arg(value_name = "TRANSCRIPT|TRACE")]
    pub(crate) file: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
