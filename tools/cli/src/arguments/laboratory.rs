//! What the command line says of statements, checks and forms.

use chipwright::config::Environment;
use chipwright_harness::terminal_file::DEFAULT;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

use super::Evidence;

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Find what a laboratory would: unknown keys, limits and capabilities that contradict each
    /// other, keys that are changed, over or of the other side
    Check(ConfigCheck),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigCheck {
    /// Terminal files, or names of built-in terminals
    #[arg(value_name = "FILE|NAME", required = true)]
    pub(crate) file: Vec<String>,
    /// The day on which they are loaded
    #[arg(long, value_name = "YYMMDD", default_value = "260115")]
    pub(crate) date: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Capk {
    /// Check keys before a terminal loads them: checksum, last day, environment, modulus, exponent
    Check(CapkCheck),
}

#[derive(Debug, Args)]
pub(crate) struct CapkCheck {
    /// Terminal files, other TOML files with `[[key]]` tables, collections in JSON
    #[arg(value_name = "FILE", required = true)]
    pub(crate) file: Vec<String>,
    /// For which side of the business the keys shall be
    #[arg(long, value_enum, default_value_t = Side::Test)]
    pub(crate) environment: Side,
    /// The day on which they are loaded
    #[arg(long, value_name = "YYMMDD", default_value = "260115")]
    pub(crate) date: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Ics {
    /// Terminal: the name of a built-in one, or a terminal file
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT)]
    pub(crate) terminal: String,
    /// Change an option of the terminal, as its file has it; more than once for more of them
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) option: Vec<String>,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Vectors {
    /// Directory or file with vectors in JSON
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Which kind of file; TOML files have the form of the JSON that says the same
    #[arg(value_enum)]
    pub(crate) form: Form,
}

/// A kind of file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Form {
    CardProfile,
    Terminal,
    Trace,
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Write a page for every command into this directory
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Side {
    Test,
    Live,
}

impl Side {
    /// The environment of keys.
    pub(crate) const fn environment(self) -> Environment {
        match self {
            Self::Test => Environment::Test,
            Self::Live => Environment::Live,
        }
    }
}
