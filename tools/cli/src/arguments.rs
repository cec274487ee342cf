//! The command line.

use chipwright::config::TransactionType;
use chipwright::object::Value;
use chipwright::value::{Amount, Date};
use chipwright_harness::currency::Currency;
use chipwright_harness::pad::{Entry, Pin};
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::{DEFAULT, TerminalFile};
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
  64  wrong usage
  65  bad input data
  69  reader or host service missing";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a transaction between a simulated card and a simulated issuer, and explain it
    Pay(Box<Pay>),
    /// Decode BER-TLV data
    Decode(Decode),
    /// Replay a transcript or a trace, and say where the kernel differs from it
    Replay(Replay),
    /// Run test vectors against the code that a terminal runs
    Vectors(Vectors),
}

#[derive(Debug, Args)]
pub(crate) struct Pay {
    /// Card: the name of a built-in one, or a profile file
    #[arg(long, value_name = "NAME|FILE", default_value = "contact-dda")]
    pub(crate) card: String,
    /// Terminal: the name of a built-in one, or a terminal file
    #[arg(long, value_name = "NAME|FILE", default_value = DEFAULT)]
    pub(crate) terminal: String,
    /// Interface to the card
    #[arg(long, value_enum, default_value_t = Interface::Contact)]
    pub(crate) interface: Interface,
    /// What kind of business
    #[arg(long = "type", value_enum, default_value_t = Kind::Purchase)]
    pub(crate) kind: Kind,
    /// Whole amount, cashback included
    #[arg(long, value_name = "12.34", default_value = "12.34")]
    pub(crate) amount: String,
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
    /// What happens at the PIN pad, once for every entry; the card's own PIN when left out
    #[arg(long, value_name = "DIGITS|bypass|cancel|broken")]
    pub(crate) pin: Vec<String>,
    /// How strictly to judge the card
    #[arg(long, value_enum, default_value_t = Policy::Spec)]
    pub(crate) profile: Policy,
    /// What random numbers depend on
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write a trace, account data included
    #[arg(long, value_name = "FILE.json")]
    pub(crate) trace: Option<PathBuf>,
    /// Write a transcript, account data included
    #[arg(long, value_name = "FILE.emv")]
    pub(crate) transcript: Option<PathBuf>,
    /// Measure the card's answers
    #[arg(long)]
    pub(crate) timing: bool,
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Decode {
    /// Hexadecimal digits, a file, or - for the standard input
    #[arg(value_name = "HEX|FILE|-", default_value = "-")]
    pub(crate) input: String,
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

#[derive(Debug, Args)]
pub(crate) struct Vectors {
    /// Directory or file with vectors in JSON
    #[arg(value_name = "DIR")]
    pub(crate) directory: PathBuf,
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
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Host {
    Approve,
    Decline,
    Unreachable,
    BadArpc,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Policy {
    Spec,
    Hardened,
    ReportOnly,
}

impl Pay {
    /// Refuses what is not built yet, rather than do something else.
    pub(crate) fn refuse_unbuilt(&self) -> Result<(), Failure> {
        if self.interface != Interface::Contact {
            let name = value_name(self.interface);
            return Err(Failure::usage(format!(
                "--interface {name}: there is no contactless kernel yet, only contact"
            )));
        }
        if self.profile != Policy::Spec {
            let name = value_name(self.profile);
            return Err(Failure::usage(format!("--profile {name}: only spec is built yet")));
        }
        Ok(())
    }

    /// What the transaction begins with.
    pub(crate) fn setup(&self, terminal: &TerminalFile) -> Result<Setup, Failure> {
        let currency = Currency::find(&self.currency).ok_or_else(|| {
            let name = &self.currency;
            Failure::usage(format!("--currency {name}: expected a name as EUR or three digits"))
        })?;
        let amount = |option: &str, text: &str| {
            currency.amount(text).ok_or_else(|| {
                let (name, places) = (currency.name(), currency.exponent);
                Failure::usage(format!(
                    "--{option} {text}: no amount in {name}: at most 12 digits, {places} of them behind the point"
                ))
            })
        };
        let other = self.other_amount.as_deref().unwrap_or("0");
        let setup = Setup {
            kind: self.kind(terminal),
            amount: amount("amount", &self.amount)?,
            other: amount("other-amount", other)?,
            currency,
            date: self.date()?,
            seed: self.seed,
            ..Setup::default()
        };
        if setup.other > setup.amount {
            return Err(Failure::usage("--other-amount is part of --amount, and not above it"));
        }
        match (self.kind == Kind::Cashback, setup.other == Amount::ZERO) {
            (true, true) => Err(Failure::usage("--type cashback needs --other-amount")),
            (false, false) => Err(Failure::usage("--other-amount goes with --type cashback only")),
            _ => Ok(setup),
        }
    }

    fn kind(&self, terminal: &TerminalFile) -> TransactionType {
        match self.kind {
            Kind::Purchase => TransactionType::Purchase,
            Kind::Cash if terminal.terminal_type().is_attended() => TransactionType::ManualCash,
            Kind::Cash => TransactionType::UnattendedCash,
            Kind::Cashback => TransactionType::Cashback,
            Kind::Refund => TransactionType::Refund,
        }
    }

    fn date(&self) -> Result<Date, Failure> {
        let bytes = hex::decode(&self.date).ok();
        bytes.and_then(|bytes| Date::decode(&bytes)).ok_or_else(|| {
            Failure::usage(format!("--date {}: no day of the calendar, as YYMMDD", self.date))
        })
    }

    /// What happens at the PIN pad. A wrong word is not repeated: it may be a PIN.
    pub(crate) fn entries(&self) -> Result<Vec<Entry>, Failure> {
        let entry = |(number, text): (usize, &String)| match text.as_str() {
            "bypass" => Ok(Entry::Bypass),
            "cancel" => Ok(Entry::Cancel),
            "broken" => Ok(Entry::Broken),
            digits => Pin::new(digits).map(Entry::Digits).ok_or_else(|| {
                Failure::usage(format!(
                    "--pin number {number}: expected 4 to 12 digits, bypass, cancel or broken"
                ))
            }),
        };
        (1..).zip(&self.pin).map(entry).collect()
    }
}

/// A value as it stands on the command line.
pub(crate) fn value_name(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
