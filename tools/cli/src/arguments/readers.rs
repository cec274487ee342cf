//! `readers`: what is connected.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Readers {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}
