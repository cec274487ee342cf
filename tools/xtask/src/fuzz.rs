//! Fuzz targets by the processor time that they have had, whatever else the machine is doing.
//!
//! Every target has a ledger beside what is built, so that a run goes on where the last one ended.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::checkout;

/// Seconds after which the ledger is written, at the latest.
const SLICE: u64 = 300;

/// Processor time is told in these parts of a second.
const TICKS: u64 = 100;

/// What to run, and for how long.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Targets; all of them when none is named.
    targets: Vec<String>,
    /// Minutes of processor time for each, with what its ledger says that it has had.
    #[arg(long, default_value_t = 30)]
    minutes: u64,
    /// Begin a new ledger.
    #[arg(long)]
    anew: bool,
}

/// A target, as the manifest has it.
#[derive(Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    #[serde(rename = "required-features", default)]
    features: Vec<String>,
}

impl Target {
    /// Whether it is of what runs on desktops alone.
    pub(crate) const fn is_for_desktops(&self) -> bool {
        !self.features.is_empty()
    }

    /// Adds the features that it is built with.
    pub(crate) fn features<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        self.features.iter().fold(command, |command, feature| command.args(["--features", feature]))
    }
}

/// The targets of these names, or all.
///
/// # Errors
/// When the manifest cannot be read, or has none of a name.
pub(crate) fn targets(root: &Path, names: &[String]) -> Result<Vec<Target>> {
    #[derive(Deserialize)]
    struct Manifest {
        bin: Vec<Target>,
    }
    let path = root.join("fuzz/Cargo.toml");
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut targets = toml::from_str::<Manifest>(&text).context("fuzz/Cargo.toml")?.bin;
    if let Some(name) = names.iter().find(|name| targets.iter().all(|known| known.name != **name)) {
        bail!("no fuzz target `{name}`");
    }
    targets.retain(|target| names.is_empty() || names.contains(&target.name));
    targets.sort_by(|first, second| first.name.cmp(&second.name));
    Ok(targets)
}

/// What a target has had, and what came of it.
#[derive(Clone, Copy, Default, PartialEq, Debug, Serialize, Deserialize)]
struct Ledger {
    /// Processor time, in parts of a second.
    ticks: u64,
    executions: u64,
    findings: u64,
}

/// Runs the targets one after another and prints what came of it.
///
/// # Errors
/// When a target does not build, cannot be run, or has found something.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = checkout::root()?;
    let mut findings = 0;
    for target in targets(&root, &arguments.targets)? {
        let binary = build(&root, &target)?;
        let ledger = play(&root, &target.name, &binary, arguments)?;
        findings += ledger.findings;
        println!("{}", row(&target.name, ledger));
    }
    if findings > 0 {
        bail!("fuzz: {findings} findings");
    }
    Ok(())
}

fn row(name: &str, ledger: Ledger) -> String {
    let Ledger { ticks, executions, findings } = ledger;
    let minutes = format!("{}.{}", ticks / TICKS / 60, ticks / TICKS % 60 / 6);
    format!(
        "{name:<20} {minutes:>6} CPU minutes {executions:>12} executions {findings:>3} findings"
    )
}

fn build(root: &Path, target: &Target) -> Result<PathBuf> {
    let directory = checkout::target_directory(root);
    let mut command = Command::new("cargo");
    command.args(["+nightly", "fuzz", "build"]);
    target.features(&mut command).arg(&target.name).current_dir(root);
    command.env("CARGO_TARGET_DIR", &directory);
    if !command.status().context("cargo fuzz")?.success() {
        bail!("{} does not build", target.name);
    }
    Ok(directory.join(host()?).join("release").join(&target.name))
}

/// The machine that the compiler builds for.
fn host() -> Result<String> {
    let output = checkout::output(Command::new("rustc").args(["+nightly", "-vV"]))?;
    let host = output.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not tell its host")?.to_owned())
}

/// Slices of at most the time that is left: none takes more of the processor than of the clock.
fn play(root: &Path, name: &str, binary: &Path, arguments: &Arguments) -> Result<Ledger> {
    let folder = checkout::target_directory(root).join("fuzz").join(name);
    let (found, artifacts) = (folder.join("corpus"), folder.join("artifacts"));
    for folder in [&found, &artifacts] {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let page = folder.join("ledger.toml");
    let mut ledger = match std::fs::read_to_string(&page) {
        Ok(text) if !arguments.anew => toml::from_str(&text).context("ledger.toml")?,
        _ => Ledger::default(),
    };
    let log = folder.join("log");
    while ledger.findings == 0 {
        let left = (arguments.minutes * 60).saturating_sub(ledger.ticks / TICKS);
        if left == 0 {
            break;
        }
        let mut command = Command::new(binary);
        command.arg(&found).arg(format!("fuzz/corpus/{name}")).current_dir(root);
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        command.arg(format!("-max_total_time={}", left.min(SLICE)));
        // One that makes up its mind in a minute is slow, not hung: the machine may be busy.
        command.args(["-print_final_stats=1", "-max_len=4096", "-timeout=60"]);
        let dictionary = format!("fuzz/dictionaries/{name}.dict");
        if root.join(&dictionary).exists() {
            command.arg(format!("-dict={dictionary}"));
        }
        let before = processor_time()?;
        command.stdout(Stdio::null()).stderr(std::fs::File::create(&log)?);
        let passed = command.status().with_context(|| binary.display().to_string())?.success();
        ledger.ticks += processor_time()?.saturating_sub(before);
        let told = String::from_utf8_lossy(&std::fs::read(&log)?).into_owned();
        ledger.executions += executions(&told);
        if !passed {
            ledger.findings += 1;
            println!("{told}");
        }
        std::fs::write(&page, toml::to_string(&ledger)?)?;
    }
    Ok(ledger)
}

fn executions(told: &str) -> u64 {
    let count =
        |line: &str| line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok();
    told.lines().find_map(count).unwrap_or_default()
}

/// What all children that have ended have had of the processor.
fn processor_time() -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/stat").context("processor times")?;
    children(&text).context("processor times of another kind")
}

/// The name stands in parentheses and may hold anything; the children's times are 14 and 15 fields
/// behind it.
fn children(text: &str) -> Option<u64> {
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(13);
    let mut time = || fields.next()?.parse::<u64>().ok();
    Some(time()? + time()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_children_stand_behind_the_name() {
        let text = "7 (a) b) S 1 7 7 0 -1 4194304 1 2 3 4 50 60 700 80 20 0 1 0 9 1 1\n";
        assert_eq!(children(text), Some(780));
        assert_eq!(children("7 (a) S 1"), None);
    }

    #[test]
    fn executions_are_those_of_the_statistics() {
        let told = "#2\tINITED\nstat::number_of_executed_units: 8125\nstat::peak_rss_mb: 40\n";
        assert_eq!(executions(told), 8125);
    }

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let ledger = Ledger { ticks: 99_000, executions: 7, findings: 1 };
        assert_eq!(toml::from_str::<Ledger>(&toml::to_string(&ledger).unwrap()).unwrap(), ledger);
        assert!(
            row("tlv", ledger).contains("  16.5 CPU minutes            7 executions   1 findings")
        );
    }

    #[test]
    fn targets_are_those_of_the_manifest() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        assert!(targets(&root, &[]).unwrap().len() >= 16);
        assert!(targets(&root, &["no-such".to_owned()]).is_err());
        let named = targets(&root, &["trace".to_owned()]).unwrap();
        assert_eq!(
            named.iter().flat_map(|target| &target.features).collect::<Vec<_>>(),
            ["desktop"]
        );
    }
}
