//! What the command line says of a transaction.

use chipwright::config::TransactionType;
use chipwright::value::Amount;
use chipwright_harness::currency::Currency;
use chipwright_harness::pad::{Entry, Pin};
use chipwright_harness::setup::Setup;
use chipwright_harness::terminal_file::TerminalFile;
use chipwright_host::Script;
use clap::Parser;

use super::{Arguments, Command, Kind, Pay, Policy, date};
use crate::failure::Failure;
use crate::people::{Choices, Remembered};

impl Pay {
    /// Options of `pay`; what stands between apostrophes is one word.
    pub(crate) fn of(text: &str) -> Result<Self, Failure> {
        let quoted = text.split('\'').enumerate();
        let words = quoted.flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().collect(),
            _ => vec![part],
        });
        let words = ["chipwright", "pay"].into_iter().chain(words);
        match Arguments::try_parse_from(words) {
            Ok(Arguments { command: Command::Pay(pay) }) => Ok(*pay),
            Ok(_) => Err(Failure::data(format!("{text}: no options of pay"))),
            Err(error) => Err(Failure::data(format!("{text}: {error}"))),
        }
    }

    /// The terminal, by the profile that is asked for.
    pub(crate) fn by_profile(&self, terminal: TerminalFile) -> Result<TerminalFile, Failure> {
        match (self.profile, self.report_only) {
            (Policy::Hardened, _) if self.transcript.is_some() => {
                let why = "a transcript names the terminal, and no profile";
                Err(Failure::usage(format!("--transcript with --profile hardened: {why}")))
            }
            (Policy::Hardened, report_only) => {
                let terminal = terminal.hardened(!report_only);
                terminal.map_err(|error| Failure::data(error.to_string()))
            }
            (Policy::Spec, false) => Ok(terminal),
            (Policy::Spec, true) => {
                Err(Failure::usage("--report-only goes with --profile hardened"))
            }
        }
    }

    /// Refuses what has no meaning for a card that is held to the reader and nothing else.
    pub(crate) fn refuse_with_tap(&self) -> Result<(), Failure> {
        if !self.choose.is_empty() {
            let why = "nobody chooses in a tap: Entry Point takes the best application";
            return Err(Failure::usage(format!("--choose: {why}")));
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
            date: date(&self.date)?,
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
        super::scripts(&self.script)
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
