//! Deliberate faults: each is seen by a named test, or by the compiler.
//!
//! The faults are rows of [`LIST`]. Each is put into a copy of the checkout, alone. A test has to
//! go red before [`LIMIT`]: one that hangs has seen nothing.

use core::time::Duration;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::checkout;

/// The faults, below the root of the checkout.
const LIST: &str = "tools/xtask/faults.toml";

/// How long a test may take.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    fault: Vec<Fault>,
}

/// A deliberate fault.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    /// What is wrong, in a few words.
    what: String,
    /// Whether it is tried by the gate.
    #[serde(default)]
    gate: bool,
    /// Below the root of the checkout.
    file: PathBuf,
    /// Text of the file, which occurs once.
    right: String,
    /// What stands there instead.
    wrong: String,
    /// Whose test sees it, or which does not compile.
    package: String,
    /// The target of the test, as `cargo test` has it; none when the compiler is to see it.
    target: Option<String>,
    /// Name of the test, or a part of what the compiler says.
    says: String,
}

/// What became of a fault.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// As expected.
    Yes,
    /// The test passed, or the code compiled.
    No,
    /// Something else failed: what.
    Otherwise(String),
}

/// Tries the faults of the gate, or all of them, and prints what became of each.
///
/// # Errors
/// When one is not seen or does not fit the source, or when a test fails without it.
pub(crate) fn run(all: bool) -> Result<()> {
    let root = checkout::root()?;
    let folder = checkout::target_directory(&root).join("faults");
    let (tree, build) = (folder.join("tree"), folder.join("build"));
    checkout::copy(&root, &tree)?;
    let list = List::read(&tree)?;
    let faults: Vec<&Fault> = list.fault.iter().filter(|fault| all || fault.gate).collect();
    let mut unseen = 0;
    for fault in &faults {
        let what = &fault.what;
        if fault.judge(&tree, &build)? != Seen::No {
            bail!("faults: {} is there without {what}", fault.says);
        }
        let path = tree.join(&fault.file);
        let right = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        std::fs::write(&path, fault.make(&right)?)?;
        let start = Instant::now();
        let seen = fault.judge(&tree, &build);
        std::fs::write(&path, right)?;
        let (seen, seconds) = (seen?, start.elapsed().as_secs());
        unseen += usize::from(seen != Seen::Yes);
        match seen {
            Seen::Yes => println!("{what}: seen in {seconds} s, {}", fault.says),
            Seen::No => println!("{what}: NOT SEEN by {}", fault.says),
            Seen::Otherwise(said) => {
                println!("{what}: NOT SEEN by {}; instead:\n{said}", fault.says);
            }
        }
    }
    println!("{} of {} faults seen", faults.len() - unseen, faults.len());
    if unseen > 0 || faults.is_empty() {
        bail!("faults: {unseen} of {} not seen", faults.len());
    }
    Ok(())
}

impl List {
    fn read(root: &Path) -> Result<Self> {
        toml::from_str(&std::fs::read_to_string(root.join(LIST)).context(LIST)?).context(LIST)
    }
}

impl Fault {
    /// The file with the fault in it.
    fn make(&self, text: &str) -> Result<String> {
        checkout::replaced(text, &self.right, &self.wrong)
            .with_context(|| format!("{LIST}: {}: {}", self.what, self.file.display()))
    }

    fn judge(&self, tree: &Path, build: &Path) -> Result<Seen> {
        match &self.target {
            Some(target) => self.judge_by_test(target, tree, build),
            None => self.judge_by_compiler(tree, build),
        }
    }

    /// Checks the package.
    fn judge_by_compiler(&self, tree: &Path, build: &Path) -> Result<Seen> {
        let words = format!("check --quiet -p {}", self.package);
        let output = cargo(&words, tree, build).output().context("cannot run cargo")?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(match output.status.success() {
            true => Seen::No,
            false if said.contains(&self.says) => Seen::Yes,
            false => Seen::Otherwise(said),
        })
    }

    /// Builds the test, and runs it by itself: without cargo in between, it can be stopped.
    fn judge_by_test(&self, target: &str, tree: &Path, build: &Path) -> Result<Seen> {
        let package = &self.package;
        let words = format!("test --quiet --no-run --message-format=json -p {package} {target}");
        let output = cargo(&words, tree, build).output().context("cannot run cargo")?;
        if !output.status.success() {
            return Ok(Seen::Otherwise(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        let (test, folder) = executable(&output.stdout).context("no test was built")?;
        let log = build.join("faults.log");
        let mut running = Command::new(test)
            .args(["--exact", &self.says])
            .current_dir(folder)
            .stdout(File::create(&log)?)
            .stderr(Stdio::null())
            .spawn()?;
        let start = Instant::now();
        while running.try_wait()?.is_none() {
            if start.elapsed() > LIMIT {
                running.kill()?;
                running.wait()?;
                return Ok(Seen::Otherwise(format!("no end after {} s", LIMIT.as_secs())));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(self.verdict(&std::fs::read_to_string(&log)?))
    }

    /// What the one test came to.
    fn verdict(&self, said: &str) -> Seen {
        let says = |result: &str| said.contains(&format!("test {} ... {result}", self.says));
        match (says("FAILED"), says("ok")) {
            (true, false) => Seen::Yes,
            (false, true) => Seen::No,
            _ => Seen::Otherwise(said.to_owned()),
        }
    }
}

/// Cargo in the copy, with what makes many short builds quick.
fn cargo(words: &str, tree: &Path, build: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.args(["--config", "profile.dev.package.\"*\".opt-level=0"]);
    command.args(words.split_whitespace()).current_dir(tree).env("CARGO_TARGET_DIR", build);
    command.env("CARGO_INCREMENTAL", "1").env("CARGO_PROFILE_DEV_DEBUG", "0");
    command
}

/// The test that cargo built, and the folder that it runs in.
fn executable(messages: &[u8]) -> Option<(PathBuf, PathBuf)> {
    let messages = String::from_utf8_lossy(messages);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    messages.filter(|message| message["profile"]["test"] == true).find_map(|message| {
        let path = |key: &str| message[key].as_str().map(PathBuf::from);
        Some((path("executable")?, path("manifest_path")?.parent()?.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_fits_the_source() {
        let root = checkout::root().unwrap();
        for fault in List::read(&root).unwrap().fault {
            let text = std::fs::read_to_string(root.join(&fault.file)).unwrap();
            assert_ne!(fault.make(&text).unwrap(), text, "{}", fault.what);
        }
    }

    #[test]
    fn a_test_that_did_not_run_has_seen_nothing() {
        let root = checkout::root().unwrap();
        let fault = &List::read(&root).unwrap().fault[0];
        let line = |result: &str| format!("test {} ... {result}\n", fault.says);
        assert_eq!(fault.verdict(&line("FAILED")), Seen::Yes);
        assert_eq!(fault.verdict(&line("ok")), Seen::No);
        assert!(matches!(fault.verdict("running 0 tests\n"), Seen::Otherwise(_)));
    }

    #[test]
    fn the_test_is_told_from_what_it_needs() {
        let messages = br#"{"reason":"compiler-artifact","profile":{"test":false},"executable":"/a","manifest_path":"/b/Cargo.toml"}
{"reason":"compiler-artifact","profile":{"test":true},"executable":"/c","manifest_path":"/d/Cargo.toml"}
{"reason":"build-finished"}"#;
        assert_eq!(executable(messages), Some((PathBuf::from("/c"), PathBuf::from("/d"))));
    }
}
