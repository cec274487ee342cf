//! Deliberate errors in Entry Point: what its tests and vectors let pass, they do not prove.
//!
//! The errors are rows of [`LIST`]. Each is put into a copy of the checkout, alone.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::checkout;

/// The errors, below the root of the checkout.
const LIST: &str = "kernels/entry-point/tests/errors.toml";

/// What has to see them: the command that builds it, the command that runs it.
const JUDGES: [(&str, &str, &str); 2] = [
    (
        "tests",
        "test --quiet -p chipwright-entry-point --no-run",
        "test --quiet -p chipwright-entry-point",
    ),
    (
        "vectors",
        "build --quiet -p chipwright-cli",
        "run --quiet -p chipwright-cli -- vectors test-vectors/entry-point",
    ),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    error: Vec<Mistake>,
}

/// A deliberate error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    /// What is wrong, in a few words.
    what: String,
    /// Below the root of the checkout.
    file: PathBuf,
    /// Text of the file, which occurs once.
    right: String,
    /// What stands there instead.
    wrong: String,
}

/// Puts every error of the list into a copy of the checkout and prints what sees it.
///
/// # Errors
/// When one is not seen, does not fit the source or does not compile, or when something fails
/// without any.
pub(crate) fn run() -> Result<()> {
    let root = checkout::root()?;
    let folder = checkout::target_directory(&root).join("mutate");
    let (tree, build) = (folder.join("tree"), folder.join("build"));
    checkout::copy(&root, &tree)?;
    let text = std::fs::read_to_string(tree.join(LIST)).context(LIST)?;
    let list: List = toml::from_str(&text).context(LIST)?;
    let alarm = judges(&tree, &build).context("without any error")?;
    if let Some(judge) = alarm.first() {
        bail!("errors: {judge} fail without any");
    }
    let mut missed = 0;
    for mistake in &list.error {
        let path = tree.join(&mistake.file);
        let right = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let wrong = mistake.make(&right).with_context(|| format!("{LIST}: {}", mistake.what))?;
        std::fs::write(&path, wrong)?;
        let seen = judges(&tree, &build);
        std::fs::write(&path, right)?;
        let seen = seen.with_context(|| format!("{LIST}: {}", mistake.what))?;
        missed += usize::from(seen.is_empty());
        let by = if seen.is_empty() { "MISSED".to_owned() } else { seen.join(", ") };
        println!("{by:<16} {}", mistake.what);
    }
    let all = list.error.len();
    println!("{} of {all} errors seen", all - missed);
    if missed > 0 || all == 0 {
        bail!("errors: {missed} of {all} not seen");
    }
    Ok(())
}

impl Mistake {
    /// The file with the error in it.
    fn make(&self, file: &str) -> Result<String> {
        checkout::replaced(file, &self.right, &self.wrong)
            .with_context(|| self.file.display().to_string())
    }
}

/// Which judges fail.
fn judges(tree: &Path, build: &Path) -> Result<Vec<&'static str>> {
    let cargo = |words: &str| {
        let mut command = Command::new("cargo");
        command.args(words.split_whitespace()).current_dir(tree).env("CARGO_TARGET_DIR", build);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().context("cannot run cargo").map(|status| status.success())
    };
    let mut failing = Vec::new();
    for (name, compile, judge) in JUDGES {
        if !cargo(compile)? {
            bail!("`cargo {compile}` fails");
        }
        if !cargo(judge)? {
            failing.push(name);
        }
    }
    Ok(failing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_takes_the_one_place_it_fits() {
        let mistake = Mistake {
            what: "more".to_owned(),
            file: PathBuf::from("a.rs"),
            right: "a < b".to_owned(),
            wrong: "a > b".to_owned(),
        };
        assert_eq!(mistake.make("if a < b {}").unwrap(), "if a > b {}");
        let error = format!("{:#}", mistake.make("a < b; a < b").unwrap_err());
        assert_eq!(error, "a.rs: what is right stands there 2 times");
        assert!(mistake.make("a == b").is_err());
    }

    #[test]
    fn every_error_fits_the_source() {
        let root = checkout::root().unwrap();
        let list: List =
            toml::from_str(&std::fs::read_to_string(root.join(LIST)).unwrap()).unwrap();
        for mistake in &list.error {
            let text = std::fs::read_to_string(root.join(&mistake.file)).unwrap();
            assert_ne!(mistake.make(&text).unwrap(), text, "{}", mistake.what);
        }
    }
}
