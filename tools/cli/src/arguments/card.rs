//! `card`: a card where somebody else's terminal is.

use clap::{ArgGroup, Args, ValueEnum};

use super::{Host, Interface};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("stream").required(true).args(["listen", "stdio", "vpcd"]))]
pub(crate) struct CardOnALine {
    /// Card: the name of a built-in one, or a profile file
    #[arg(long, value_name = "NAME|FILE", default_value = "contact-dda")]
    pub(crate) card: String,
    /// Wait here for terminals, one after the other; says where once it does
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) listen: Option<String>,
    /// End with the first terminal
    #[arg(long, requires = "listen")]
    pub(crate) once: bool,
    /// The terminal is at standard input and output
    #[arg(long)]
    pub(crate) stdio: bool,
    /// Put the card into a virtual PC/SC reader, whose vpcd listens here; without its issuer
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) vpcd: Option<String>,
    /// How the card is in the virtual reader; auto is in its slot if the card has anything for one
    #[arg(long, value_enum, default_value_t = Interface::Auto, conflicts_with_all = ["listen", "stdio"])]
    pub(crate) interface: Interface,
    /// What the card speaks in the slot of the virtual reader
    #[arg(long, value_enum, default_value_t = Protocol::T1, conflicts_with_all = ["listen", "stdio"])]
    pub(crate) protocol: Protocol,
    /// What the issuer does
    #[arg(long, value_enum, default_value_t = Host::Approve, conflicts_with = "vpcd")]
    pub(crate) host: Host,
    /// What the issuer orders along with its answer, once for every script
    #[arg(long, value_name = "MOMENT: ORDER, ...", conflicts_with = "vpcd")]
    pub(crate) script: Vec<String>,
    /// What random numbers of the card depend on
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Protocol {
    T0,
    T1,
}
