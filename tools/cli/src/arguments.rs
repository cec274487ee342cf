//! The command line.

use chipwright::config::TransactionType;
use chipwright::object::Value;
use chipwright::value::{Amount, Date};
use chipwright_harness::currency::Currency;
use chipwright_harness::pad::{Entry, Pin};
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::{DEFAULT, TerminalFile};
use chipwright_host::{Mode, Script};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

use crate::failure::Failure;
use crate::people::{Choices, Remembered};

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
    /// Run a transaction between a simulated card and a simulated issuer, and explain it
    Pay(Box<Pay>),
    /// Show the journal that `pay --journal` keeps, and deliver what is owed
    Journal(Journal),
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
    /// Change an option of the terminal, as its file has it; more than once for more of them
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "transcript")]
    pub(crate) option: Vec<String>,
    /// Interface to the card
    #[arg(long, value_enum, default_value_t = Interface::Contact)]
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
    /// What random numbers depend on
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write a trace, account data included
    #[arg(long, value_name = "FILE.json")]
    pub(crate) trace: Option<PathBuf>,
    /// Write a transcript, account data included
    #[arg(long, value_name = "FILE.emv")]
    pub(crate) transcript: Option<PathBuf>,
    /// Keep the journal in this file: the batch stays in it, and what a power failure left open
    /// is closed first
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Power fails at the call of a device with this number, from 1
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "json")]
    pub(crate) power_cut: Option<u32>,
    /// Measure the card's answers
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
        let amount = |option, text| amount(currency, option, text);
        let other = self.other_amount.as_deref().unwrap_or("0");
        let inquiry = self.kind == Kind::Inquiry;
        let whole = self.amount.as_deref().unwrap_or(if inquiry { "0" } else { "12.34" });
        let setup = Setup {
            kind: self.kind(terminal),
            amount: amount("amount", whole)?,
            other: amount("other-amount", other)?,
            currency,
            date: self.date()?,
            seed: self.seed,
            // [B4 6.5.3] An inquiry is a question to the issuer.
            force_online: self.force_online || inquiry,
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
            Kind::Inquiry => TransactionType::Inquiry,
        }
    }

    fn date(&self) -> Result<Date, Failure> {
        let bytes = hex::decode(&self.date).ok();
        bytes.and_then(|bytes| Date::decode(&bytes)).ok_or_else(|| {
            Failure::usage(format!("--date {}: no day of the calendar, as YYMMDD", self.date))
        })
    }

    /// What the terminal remembers of the account; nothing unless it is told to.
    pub(crate) fn history(&self, setup: &Setup) -> Result<Option<Remembered>, Failure> {
        if !self.exception_file && self.logged_amount.is_none() {
            return Ok(None);
        }
        let text = self.logged_amount.as_deref().unwrap_or("0");
        let logged = amount(setup.currency, "logged-amount", text)?;
        Ok(Some(Remembered { listed: self.exception_file, logged }))
    }

    /// What the cardholder chooses.
    pub(crate) fn choices(&self) -> Result<Choices, Failure> {
        let choice = |text: &String| match text.as_str() {
            "none" => Ok(None),
            number => number.parse().map(Some).map_err(|_| {
                Failure::usage(format!("--choose {number}: expected a number as shown, or none"))
            }),
        };
        Ok(Choices(self.choose.iter().map(choice).collect::<Result<_, _>>()?))
    }

    /// What the issuer orders along with its answer.
    pub(crate) fn scripts(&self) -> Result<Vec<Script>, Failure> {
        let script = |(number, text): (usize, &String)| {
            Script::new(text)
                .map_err(|error| Failure::usage(format!("--script number {number}: {error}")))
        };
        (1..).zip(&self.script).map(script).collect()
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

fn amount(currency: Currency, option: &str, text: &str) -> Result<Amount, Failure> {
    currency.amount(text).ok_or_else(|| {
        let (name, places) = (currency.name(), currency.exponent);
        Failure::usage(format!(
            "--{option} {text}: no amount in {name}: at most 12 digits, {places} of them behind the point"
        ))
    })
}

/// A value as it stands on the command line.
pub(crate) fn value_name(value: impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
