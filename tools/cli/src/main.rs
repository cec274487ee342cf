//! The `chipwright` command: transactions, explained; cards, keys and terminal files, checked; data,
//! decoded; evidence for a laboratory.

mod adversary;
mod arguments;
mod attack;
mod capk;
mod card;
mod chance;
mod clock;
mod configuration;
mod day;
mod decode;
mod devices;
mod everyone;
mod explain;
mod failure;
mod front;
mod ics;
mod journal;
mod laboratory;
mod manual;
mod page;
mod parameters;
mod pay;
mod people;
mod presence;
#[cfg(feature = "pcsc")]
mod reader;
#[cfg(not(feature = "pcsc"))]
#[path = "no_reader.rs"]
mod reader;
mod record;
mod records;
mod replay;
mod report;
mod schema;
mod source;
mod story;
mod suspicion;
mod vectors;
mod void;
mod witness;

use arguments::{Arguments, Capk, Command, Config, Parameters};
use clap::Parser;
use failure::{Exit, Failure};
use std::io::Write;
use std::process::ExitCode;

/// What a command prints, and how it ends.
struct Report {
    text: String,
    exit: Exit,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error),
    };
    let report = match arguments.command {
        Command::Pay(arguments) => pay::run(&arguments),
        Command::Readers(arguments) => reader::run(&arguments),
        Command::Attack(arguments) => attack::run(&arguments),
        Command::Journal(arguments) => journal::run(&arguments),
        Command::Void(arguments) => void::run(&arguments),
        Command::Card(arguments) => card::run(&arguments),
        Command::Capk(Capk::Check(arguments)) => capk::check(&arguments),
        Command::Parameters(Parameters::Sign(arguments)) => parameters::sign(&arguments),
        Command::Parameters(Parameters::Check(arguments)) => parameters::check(&arguments),
        Command::Config(Config::Check(arguments)) => configuration::check(&arguments),
        Command::Ics(arguments) => ics::run(&arguments),
        Command::Decode(arguments) => decode::run(&arguments),
        Command::Tags(arguments) => decode::tags(&arguments),
        Command::Record(arguments) => record::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Vectors(arguments) => vectors::run(&arguments),
        Command::Schema(arguments) => Ok(schema::run(&arguments)),
        Command::Completions(arguments) => Ok(manual::completions(&arguments)),
        Command::Man(arguments) => manual::run(&arguments),
    };
    match report {
        Ok(Report { text, exit }) => {
            print(&text);
            ExitCode::from(exit as u8)
        }
        Err(Failure { exit, message }) => {
            eprintln!("chipwright: {}", message.trim_end());
            ExitCode::from(exit as u8)
        }
    }
}

/// A command line that is none; or a question for help, which is no error.
fn refused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        print(&error.to_string());
        return ExitCode::SUCCESS;
    }
    eprint!("{}", without_pins(error.to_string(), std::env::args()));
    ExitCode::from(Exit::Usage as u8)
}

/// The message without anything that may be a PIN: a slip of the keyboard must not print it.
fn without_pins(message: String, arguments: impl Iterator<Item = String>) -> String {
    let arguments: Vec<String> = arguments.collect();
    if !arguments.iter().any(|argument| argument.starts_with("--pin")) {
        return message;
    }
    let digits = |text: &&String| text.len() >= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    arguments
        .iter()
        .filter(digits)
        .fold(message, |message, pin| message.replace(pin.as_str(), "****"))
}

/// Prints to the standard output; that nobody reads on is no error.
fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn messages_do_not_repeat_pins() {
        let arguments = ["chipwright", "pay", "--pin", "1234", "5678"].map(str::to_owned);
        let message = "unexpected argument '5678'".to_owned();
        let shown = without_pins(message.clone(), arguments.into_iter());
        assert_eq!(shown, "unexpected argument '****'");
        let arguments = ["chipwright", "pay", "5678"].map(str::to_owned);
        assert_eq!(without_pins(message.clone(), arguments.into_iter()), message);
    }
}
