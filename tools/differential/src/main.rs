//! Runs the contact kernel beside another one, card for card. See `docs/differential.md`.

mod adjustment;
#[cfg(test)]
mod aes;
mod case;
mod channel;
mod compare;
mod cryptograms;
mod dice;
mod draw;
mod feature;
mod host;
mod observation;
mod ours;
mod peer;
mod report;
mod rule;
mod verdict;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::thread;

use clap::{Parser, Subcommand};

use report::Report;

/// Runs random honest cards through this kernel and crate `emv`, and compares.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    /// How many cards.
    #[arg(long, default_value_t = 10_000)]
    cards: u32,
    /// What the cards depend on.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Show the case of this number instead.
    #[arg(long)]
    show: Option<u32>,
}

#[derive(Subcommand)]
enum Task {
    /// Writes random cases of the issuer's cryptography as JSON lines.
    Cryptograms {
        /// How many of each version.
        #[arg(long, default_value_t = 10_000)]
        cases: u32,
        /// What they depend on.
        #[arg(long, default_value_t = 1)]
        seed: u32,
    },
}

fn main() -> ExitCode {
    let Arguments { task, cards, seed, show } = Arguments::parse();
    if let Some(Task::Cryptograms { cases, seed }) = task {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = cryptograms::write(seed, cases, &mut out).and_then(|()| out.flush());
        return ExitCode::from(u8::from(written.is_err()));
    }
    if let Some(number) = show {
        let case = draw::draw(seed, number);
        print!("{}", report::show(&case, &verdict::judge(&case)));
        return ExitCode::SUCCESS;
    }
    let report = run(seed, cards);
    print!("{report}");
    let missed = report.missed();
    for (group, name) in &missed {
        println!("missed: {group}: {name}");
    }
    ExitCode::from(u8::from(report.unexplained() > 0 || !missed.is_empty()))
}

/// Judges the cases below this number, on every processor.
fn run(seed: u32, cards: u32) -> Report {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let step = u32::try_from(processors).unwrap_or(1);
    let share = |first| {
        let mut report = Report::default();
        for number in (first..cards).step_by(processors) {
            let case = draw::draw(seed, number);
            report.add(&case, &verdict::judge(&case));
        }
        report
    };
    let mut whole = Report::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..step).map(|first| scope.spawn(move || share(first))).collect();
        for worker in workers {
            whole.merge(worker.join().expect("a worker does not panic"));
        }
    });
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adjustment::Adjustment;

    #[test]
    fn three_hundred_cards_differ_in_nothing_unexplained() {
        let report = run(1, 300);
        assert_eq!(report.unexplained(), 0, "{report}");
    }

    #[test]
    fn every_class_is_documented() {
        let document = include_str!("../../../docs/differential.md");
        let adjusted = Adjustment::ALL.map(Adjustment::class);
        let known: Vec<_> = adjusted.into_iter().chain(rule::CLASSES).collect();
        for (name, section) in &known {
            let heading = format!("#### {name} [{section}");
            assert!(document.contains(&heading), "{heading}]");
        }
        assert_eq!(document.matches("\n#### ").count(), known.len());
    }

    #[test]
    fn what_no_card_meets_is_missed() {
        assert!(!run(1, 1).missed().is_empty());
    }

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
