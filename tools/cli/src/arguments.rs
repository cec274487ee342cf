//! The command line.

mod attack;
mod card;
mod decode;
mod evidence;
mod laboratory;
mod pay;
mod readers;
mod recorded;

pub(crate) use attack::{Attack, Policy};
pub(crate) use card::{CardOnALine, Protocol};
pub(crate) use decode::{Decode, Tags, What, tag};
pub(crate) use evidence::Evidence;
pub(crate) use laboratory::{
    Capk, CapkCheck, Completions, Config, ConfigCheck, Form, Ics, Man, Schema, Side, Vectors,
};
pub(crate) use readers::Readers;
pub(crate) use recorded::{Explain, Record, Replay, Report};

use chipwright::object::Value;
use chipwright::value::Date;
use chipwright_harness::terminal_file::DEFAULT;
use chipwright_host::{Mode, Script};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

use crate::failure::Failure;

/// EMV transactions, explained.
#[derive(Debug, Parser)]
#[command(name = "chipwright", version, about, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
   0  approved, passed, as expected
   1  declined, failed, different
   2  terminated
   3  another interface asked for, none left
   4  power failed (--power-cut)
  64  wrong usage
  65  bad input data
  69  reader or host service missing";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a transaction between a card and a simulated issuer, and explain it
    Pay(Box<Pay>),
    /// Show the PC/SC readers, and what is in them
    Readers(Readers),
    /// Attack the terminal in a transaction, and say where the kernel noticed
    Attack(Attack),
    /// Show the journal that `pay --journal` keeps, and deliver what is owed
    Journal(Journal),
    /// Void a sale in the journal, by its sequence counter, before the batch was delivered
    Void(Void),
    /// Serve a simulated card, and its issuer, to a terminal at the other end of a byte stream
    Card(CardOnALine),
    /// Keys of certification authorities
    #[command(subcommand)]
    Capk(Capk),
    /// Signed parameter files of terminals
    #[command(subcommand)]
    Parameters(Parameters),
    /// Terminal files
    #[command(subcommand)]
    Config(Config),
    /// Conformance statement: what a terminal links and how it is set up
    Ics(Ics),
    /// Decode data objects, commands, answers and resets, wherever they are written
    Decode(Decode),
    /// Look tags up in the dictionary
    Tags(Tags),
    /// Explain an event record that a terminal's firmware wrote
    Record(Record),
    /// Explain why a recorded transaction ended as it did, or how it would have ended otherwise
    Explain(Explain),
    /// Show a recorded transaction as one page for a browser
    Report(Report),
    /// Replay a transcript or a trace, and say where the kernel differs from it
    Replay(Replay),
    /// Run test vectors against the code that a terminal runs
    Vectors(Vectors),
    /// Print the form of a kind of file as JSON Schema
    Schema(Schema),
    /// Print what completes this command line in a shell
    Completions(Completions),
    /// Print the manual page, or write those of all commands
    Man(Man),
}

#[derive(Debug, Args)]
pub(crate) struct Pay {
    /// Card: the name of a built-in one, or a profile file
    #[arg(long, value_name = "NAME|FILE", default_value = "contact-dda")]
    pub(crate) card: String,
    /// The card in this PC/SC reader instead: its name, or a part that no other has
    #[arg(long, value_name = "NAME", conflicts_with = "card")]
    pub(crate) reader: Option<String>,
    /// How long to wait for the card in the reader, and for each of its answers
    #[arg(long, value_name = "SECONDS", default_value_t = 30, requires = "reader", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) wait: u64,
    /// Terminal: the name of a built-in one, or a terminal file
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT)]
    pub(crate) terminal: String,
    /// Change an option of the terminal, as its file has it; more than once for more of them
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "transcript")]
    pub(crate) option: Vec<String>,
    /// Interface to the card; auto is a tap where the card can, and the slot otherwise or when the
    /// tap ends so
    #[arg(long, value_enum, default_value_t = Interface::Auto)]
    pub(crate) interface: Interface,
    /// What kind of business
    #[arg(long = "type", value_enum, default_value_t = Kind::Purchase)]
    pub(crate) kind: Kind,
    /// Whole amount, cashback included; 12.34 when left out, 0 for an inquiry
    #[arg(long, value_name = "12.34")]
    pub(crate) amount: Option<String>,
    /// Cashback part of the amount
    #[arg(long, value_name = "0.00")]
    pub(crate) other_amount: Option<String>,
    /// Currency, by name or number
    #[arg(long, default_value = "EUR")]
    pub(crate) currency: String,
    /// Transaction date
    #[arg(long, value_name = "YYMMDD", default_value = "260115")]
    pub(crate) date: String,
    /// What the issuer does
    #[arg(long, value_enum, default_value_t = Host::Approve)]
    pub(crate) host: Host,
    /// What the issuer orders along with its answer, once for every script
    #[arg(long, value_name = "MOMENT: ORDER, ...")]
    pub(crate) script: Vec<String>,
    /// The merchant wants the issuer to decide
    #[arg(long)]
    pub(crate) force_online: bool,
    /// The account is on the terminal's exception file
    #[arg(long, conflicts_with_all = ["transcript", "trace"])]
    pub(crate) exception_file: bool,
    /// What the terminal's log has of the account
    #[arg(long, value_name = "0.00", conflicts_with_all = ["transcript", "trace"])]
    pub(crate) logged_amount: Option<String>,
    /// Which application the cardholder chooses, by its number as shown, once for every question;
    /// the best one when left out
    #[arg(long, value_name = "NUMBER|none")]
    pub(crate) choose: Vec<String>,
    /// What happens at the PIN pad, once for every entry; the card's own PIN when left out
    #[arg(long, value_name = "DIGITS|bypass|cancel|broken")]
    pub(crate) pin: Vec<String>,
    /// How strictly to judge the card
    #[arg(long, value_enum, default_value_t = Policy::Spec)]
    pub(crate) profile: Policy,
    /// The hardened profile reports what it would refuse, and refuses nothing
    #[arg(long)]
    pub(crate) report_only: bool,
    /// What random numbers depend on
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write a trace: what happened, as `explain`, `report` and `replay` open it
    #[arg(long, value_name = "FILE.json")]
    pub(crate) trace: Option<PathBuf>,
    /// Write a transcript
    #[arg(long, value_name = "FILE.emv")]
    pub(crate) transcript: Option<PathBuf>,
    /// Write account data of a card that is not for tests, which is left out otherwise
    #[arg(long)]
    pub(crate) account_data: bool,
    /// Keep the journal in this file: the batch stays in it, and what a power failure left open
    /// is closed first
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Power fails at the call of a device with this number, from 1
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "json")]
    pub(crate) power_cut: Option<u32>,
    /// Measure the card's answers, and whose time the rest was
    #[arg(long)]
    pub(crate) timing: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Journal {
    /// The journal
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Deliver everything that is owed, the batch included
    #[arg(long)]
    pub(crate) deliver: bool,
    /// What the acquirer's host does
    #[arg(long, value_enum, default_value_t = Host::Approve, requires = "deliver")]
    pub(crate) host: Host,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Void {
    /// The journal
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Sequence counter of the sale
    #[arg(value_name = "SEQUENCE")]
    pub(crate) sequence: u32,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Parameters {
    /// Write the applications, limits, keys and revocations of a terminal as a signed file
    Sign(ParametersSign),
    /// Check a signed file as a terminal does, and show what is in it
    Check(ParametersCheck),
}

#[derive(Debug, Args)]
pub(crate) struct ParametersSign {
    /// Terminal: the name of a built-in one, or a terminal file
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT)]
    pub(crate) terminal: String,
    /// Version: terminals take no older one than they have
    #[arg(long)]
    pub(crate) version: u32,
    /// File with the maker's private key: 32 bytes in hexadecimal
    #[arg(long, value_name = "FILE")]
    pub(crate) key: String,
    /// Write the signed file here
    #[arg(long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ParametersCheck {
    /// The signed file
    #[arg(value_name = "FILE")]
    pub(crate) file: String,
    /// The maker's public key: a point in SEC 1 coding, in hexadecimal, as `sign` prints it
    #[arg(long, value_name = "HEX")]
    pub(crate) public_key: String,
    /// On which side of the business the terminal is
    #[arg(long, value_enum, default_value_t = Side::Test)]
    pub(crate) environment: Side,
    /// Today
    #[arg(long, value_name = "YYMMDD", default_value = "260115")]
    pub(crate) date: String,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Interface {
    Contact,
    Contactless,
    Auto,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Kind {
    Purchase,
    Cash,
    Cashback,
    Refund,
    Inquiry,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Host {
    Approve,
    Decline,
    Unreachable,
    BadArpc,
    NoArpc,
    /// Approves, and its answer is lost
    AnswerLost,
}

impl Host {
    /// What the simulated host does.
    pub(crate) const fn mode(self) -> Mode {
        match self {
            Self::Approve | Self::AnswerLost => Mode::Approve,
            Self::Decline => Mode::Decline,
            Self::Unreachable => Mode::Unreachable,
            Self::BadArpc => Mode::BadArpc,
            Self::NoArpc => Mode::NoArpc,
        }
    }
}

/// A day.
pub(crate) fn date(text: &str) -> Result<Date, Failure> {
    let bytes = hex::decode(text).ok();
    bytes
        .and_then(|bytes| Date::decode(&bytes))
        .ok_or_else(|| Failure::usage(format!("--date {text}: no day of the calendar, as YYMMDD")))
}

/// What the issuer orders along with its answer.
pub(crate) fn scripts(texts: &[String]) -> Result<Vec<Script>, Failure> {
    let script = |(number, text): (usize, &String)| {
        Script::new(text)
            .map_err(|error| Failure::usage(format!("--script number {number}: {error}")))
    };
    (1..).zip(texts).map(script).collect()
}

/// A value as it stands on the command line.
pub(crate) fn value_name(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
