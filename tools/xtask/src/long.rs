//! What takes hours. Every stage runs, whatever became of those before it.

use core::time::Duration;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::{checkout, fuzz};

/// How long the long run is.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Minutes of processor time for each fuzz target.
    #[arg(long, default_value_t = 30)]
    fuzz_minutes: u64,
    /// Cases for each property test.
    #[arg(long, default_value_t = 100_000)]
    cases: u64,
}

struct Stage {
    name: String,
    command: Command,
}

/// Runs everything and prints a table of it.
///
/// # Errors
/// When a stage failed.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = checkout::root()?;
    let mut rows = Vec::new();
    for mut stage in stages(&root, arguments)? {
        println!("== {}", stage.name);
        let start = Instant::now();
        let passed = stage.command.status().is_ok_and(|status| status.success());
        rows.push((stage.name, passed, start.elapsed()));
    }
    print!("{}", table(&rows));
    let failed = rows.iter().filter(|(_, passed, _)| !passed).count();
    if failed > 0 {
        bail!("long: {failed} of {} failed", rows.len());
    }
    Ok(())
}

fn stages(root: &Path, arguments: &Arguments) -> Result<Vec<Stage>> {
    let cargo = |name: &str, words: &str| {
        let mut command = Command::new("cargo");
        command.args(words.split_whitespace()).current_dir(root);
        Stage { name: name.to_owned(), command }
    };
    let mut property = cargo("property tests", "test --release --workspace");
    property.command.env("PROPTEST_CASES", arguments.cases.to_string());
    let miri = |name: &str, target: &str| {
        let words = format!(
            "+nightly miri test {target} -p chipwright -p chipwright-contact -p chipwright-entry-point -p chipwright-c7 -p chipwright-rustcrypto --lib"
        );
        let mut stage = cargo(name, &words);
        stage.command.env("PROPTEST_CASES", "8").env("MIRIFLAGS", "-Zmiri-disable-isolation");
        stage
    };
    let mut sweeps = cargo(
        "sweeps",
        "test --release -p chipwright -p chipwright-contact -p chipwright-entry-point -p chipwright-c7 --test cvm_sweep --test sweep --test books --test flow",
    );
    let mut power = cargo("power", "test --release -p chipwright-cli --bin chipwright pay::power");
    for whole in [&mut sweeps, &mut power] {
        whole.command.env("CHIPWRIGHT_SWEEP", "whole");
    }
    let mut stages = vec![
        property,
        sweeps,
        power,
        miri("miri", ""),
        miri("miri, big-endian", "--target s390x-unknown-linux-gnu"),
        cargo("errors", "xtask errors"),
        cargo("faults", "xtask breaks --all"),
        cargo("coverage", "xtask coverage"),
    ];
    for target in fuzz::targets(root, &[])? {
        let words = format!("xtask fuzz --minutes {} {}", arguments.fuzz_minutes, target.name);
        stages.push(cargo(&format!("fuzz {}", target.name), &words));
    }
    stages.push(cargo("mutants", "xtask mutants"));
    Ok(stages)
}

fn table(rows: &[(String, bool, Duration)]) -> String {
    let row = |(name, passed, time): &(String, bool, Duration)| {
        let result = if *passed { "passed" } else { "FAILED" };
        format!("{name:<24} {result} {:>6} s\n", time.as_secs())
    };
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_what_failed() {
        let rows = [
            ("miri".to_owned(), true, Duration::from_secs(7)),
            ("fuzz tlv".to_owned(), false, Duration::from_secs(1800)),
        ];
        let expected = "miri                     passed      7 s\n\
                        fuzz tlv                 FAILED   1800 s\n";
        assert_eq!(table(&rows), expected);
    }
}
