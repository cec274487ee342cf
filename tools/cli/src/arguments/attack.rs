//! What the command line says of attacks.

use clap::{ArgGroup, Args, ValueEnum};

use super::Evidence;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["attack", "list", "all"]))]
pub(crate) struct Attack {
    /// Number of an attack in the catalogue, such as A01, or a file with scenarios
    #[arg(value_name = "ID|FILE")]
    pub(crate) attack: Option<String>,
    /// One of its scenarios: its name, or its number from 1
    #[arg(value_name = "SCENARIO", requires = "attack")]
    pub(crate) scenario: Option<String>,
    /// Which attacks are covered, and why others are not
    #[arg(long)]
    pub(crate) list: bool,
    /// Play every scenario of every attack
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) evidence: Evidence,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
    /// How strictly to judge the card
    #[arg(long, value_enum, default_value_t = Policy::Spec)]
    pub(crate) profile: Policy,
    /// The hardened profile reports what it would refuse, and refuses nothing
    #[arg(long)]
    pub(crate) report_only: bool,
}

/// How strictly a card is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Policy {
    Spec,
    Hardened,
}
