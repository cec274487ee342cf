//! `explain`.

use clap::Args;

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
