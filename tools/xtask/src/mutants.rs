//! Mutation scores: cargo-mutants changes a module, line by line, and the module's own tests have
//! to notice.
//!
//! It works in a copy of the checkout, and builds what one mutant changes. A mutant that lets the
//! tests run for too long is not counted as noticed. Mutants that cannot be told from the original
//! are named with their reason in [`EQUIVALENT`]; they are run and shown all the same.

mod outcome;

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::checkout;
use outcome::{Fate, Mutant, Score};

/// Below the root of the checkout.
const EQUIVALENT: &str = "tools/xtask/equivalent-mutants.toml";

/// The share of mutants that the tests of a module must notice, in percent.
const REQUIRED: usize = 95;

/// Seconds for the tests of one mutant. They take one or two.
const TIMEOUT: &str = "60";

/// A module that has a score.
struct Module {
    name: &'static str,
    package: &'static str,
    /// Files below the root of the checkout.
    files: &'static [&'static str],
    /// Expression for the mutants meant, as `cargo mutants --list` shows them; all, if empty.
    only: &'static str,
    /// Test binaries: arguments of `cargo test`.
    binaries: &'static [&'static str],
    /// Tests: arguments of the test binaries. Sweeps are left out: they take seconds.
    tests: &'static [&'static str],
}

/// The smallest first.
const MODULES: [Module; 9] = [
    Module {
        name: "outcome",
        package: "chipwright",
        files: &["src/outcome.rs", "src/contactless/outcome.rs"],
        only: "",
        binaries: &["--lib"],
        tests: &["outcome::"],
    },
    Module {
        name: "conclusion",
        package: "chipwright-contact",
        files: &["kernels/contact/src/lib.rs"],
        only: "concluded|terminated",
        binaries: &["--test=flow"],
        tests: &[],
    },
    Module {
        name: "actions",
        package: "chipwright",
        files: &["src/actions.rs"],
        only: "",
        binaries: &["--lib"],
        tests: &["actions::"],
    },
    Module {
        name: "restrictions",
        package: "chipwright",
        files: &["src/restrictions.rs"],
        only: "",
        binaries: &["--lib"],
        tests: &["restrictions::"],
    },
    Module {
        name: "risk",
        package: "chipwright",
        files: &["src/risk.rs"],
        only: "",
        binaries: &["--lib"],
        tests: &["risk::"],
    },
    Module {
        name: "cvm",
        package: "chipwright",
        files: &["src/cvm.rs", "src/cvm/*.rs"],
        only: "",
        binaries: &["--lib"],
        tests: &["cvm::"],
    },
    Module {
        name: "oda",
        package: "chipwright",
        files: &["src/oda.rs", "src/oda/*.rs"],
        only: "",
        binaries: &["--lib"],
        tests: &["oda::"],
    },
    Module {
        name: "entry-point",
        package: "chipwright-entry-point",
        files: &["kernels/entry-point/src/**/*.rs"],
        only: "",
        binaries: &["--lib", "--test=flow"],
        tests: &["--skip=sweep"],
    },
    Module {
        name: "c7",
        package: "chipwright-c7",
        files: &["kernels/c7-quickpass/src/**/*.rs"],
        only: "",
        binaries: &["--lib", "--test=flow"],
        tests: &["--skip=sweep", "--skip=hostile"],
    },
];

/// What calculates in the tests of a kernel, and is compiled once for all its mutants.
const OPTIMISED: [&str; 4] =
    ["chipwright", "chipwright-rustcrypto", "chipwright-card", "chipwright-host"];

/// Which modules, and how much of them.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Modules; all of them, if none is named.
    #[arg(value_parser = names())]
    modules: Vec<String>,
    /// A part of every module's mutants, as 0/4 to 3/4.
    #[arg(long, value_name = "PART/PARTS")]
    shard: Option<String>,
}

fn names() -> clap::builder::PossibleValuesParser {
    MODULES.map(|module| module.name).into()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    mutant: Vec<Equivalent>,
}

/// A mutant that does what the original does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Equivalent {
    /// Below the root of the checkout.
    file: String,
    /// What is changed and in which function, as cargo-mutants says it.
    change: String,
    reason: String,
}

/// Runs the mutants of the modules, and prints their scores and every one that was not noticed.
///
/// # Errors
/// When cargo-mutants is missing or fails, or a score is below what is required.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    demand_cargo_mutants()?;
    let root = checkout::root()?;
    let folder = checkout::target_directory(&root).join("mutants");
    checkout::copy(&root, &folder.join("tree"))?;
    let text = std::fs::read_to_string(root.join(EQUIVALENT)).context(EQUIVALENT)?;
    let list: List = toml::from_str(&text).context(EQUIVALENT)?;
    let wanted = |module: &&Module| {
        arguments.modules.is_empty() || arguments.modules.iter().any(|name| name == module.name)
    };
    let mut table = String::from(Score::HEAD);
    let mut low = Vec::new();
    for module in MODULES.iter().filter(wanted) {
        let mut mutants = module.test(&folder, arguments.shard.as_deref())?;
        for mutant in &mut mutants {
            let named = |known: &&Equivalent| mutant.is(&known.file, &known.change);
            if let (Fate::Survived, Some(known)) = (mutant.fate, list.mutant.iter().find(named)) {
                mutant.fate = Fate::Equivalent;
                mutant.reason.clone_from(&known.reason);
            }
        }
        for mutant in mutants.iter().filter(|mutant| mutant.fate != Fate::Killed) {
            println!("{mutant}");
        }
        let score = Score::of(&mutants);
        table.push_str(&score.row(module.name));
        if !score.reaches(REQUIRED) {
            low.push(module.name);
        }
    }
    print!("{table}");
    if !low.is_empty() {
        bail!("mutants: below {REQUIRED} %: {}", low.join(", "));
    }
    Ok(())
}

fn demand_cargo_mutants() -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["mutants", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !command.status().is_ok_and(|status| status.success()) {
        bail!("cargo-mutants is missing; `cargo install --locked cargo-mutants` brings it");
    }
    Ok(())
}

impl Module {
    /// What became of each mutant.
    fn test(&self, folder: &Path, shard: Option<&str>) -> Result<Vec<Mutant>> {
        println!("== {}", self.name);
        let output = folder.join(self.name);
        std::fs::create_dir_all(&output).with_context(|| output.display().to_string())?;
        let mut command = self.command(&output, shard);
        command.current_dir(folder.join("tree"));
        command.env("CARGO_TARGET_DIR", folder.join("build")).env("CARGO_INCREMENTAL", "1");
        command.env("CARGO_PROFILE_DEV_DEBUG", "0");
        let status = command.status().context("cannot run cargo mutants")?;
        // 2: some survived; 3: some took too long.
        if !matches!(status.code(), Some(0 | 2 | 3)) {
            bail!("{}: cargo mutants: {status}", self.name);
        }
        outcome::read(&output.join("mutants.out/outcomes.json"))
    }

    fn command(&self, output: &Path, shard: Option<&str>) -> Command {
        let mut command = Command::new("cargo");
        command.args(["mutants", "--in-place", "--no-config", "--colors=never"]);
        command.args(["--timeout", TIMEOUT, "--package", self.package]).arg("--output").arg(output);
        for file in self.files {
            command.args(["--file", file]);
        }
        if !self.only.is_empty() {
            command.args(["--re", self.only]);
        }
        if let Some(shard) = shard {
            command.args(["--shard", shard]);
        }
        let optimised = if self.package == "chipwright" { &[][..] } else { &OPTIMISED };
        for package in optimised {
            command.arg(format!("--cargo-arg=--config=profile.dev.package.{package}.opt-level=2"));
        }
        for binary in self.binaries {
            command.arg(format!("--cargo-arg={binary}"));
        }
        command.args(["--", "--"]).args(self.tests);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_every_module_are_there() {
        let root = checkout::root().unwrap();
        for file in MODULES.iter().flat_map(|module| module.files) {
            let folder = file.split('*').next().unwrap();
            assert!(root.join(folder).exists(), "{file}");
        }
    }

    #[test]
    fn what_is_named_as_equivalent_has_a_file_and_a_reason() {
        let root = checkout::root().unwrap();
        let text = std::fs::read_to_string(root.join(EQUIVALENT)).unwrap();
        let list: List = toml::from_str(&text).unwrap();
        for known in &list.mutant {
            assert!(root.join(&known.file).is_file(), "{known:?}");
            assert!(!known.change.is_empty() && !known.reason.is_empty(), "{known:?}");
        }
    }
}
