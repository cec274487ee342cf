//! Removes rules one at a time from a copy of the checkout: the tests that the ledger names for
//! a rule have to fail.
//!
//! A rule line is a line of code behind the citation of a single rule, before the next citation.
//! It is removed or turned round; a mutant that does not compile counts for nothing.

mod edit;

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::citation::{Citation, Place};
use super::{citations, ledger};
use crate::checkout;
use crate::source::Source;
use edit::edits;

/// How much is tried.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Remove rules in a copy of the checkout and see the tests of the ledger fail.
    #[arg(long)]
    pub(crate) mutate: bool,
    /// Mutants to try, the same number of every rule as far as it goes.
    #[arg(long, default_value_t = 50, requires = "mutate")]
    count: usize,
    /// Chooses among the mutants.
    #[arg(long, default_value_t = 1, requires = "mutate")]
    seed: u64,
    /// Only rules whose id begins so, or so: `B1,B2`.
    #[arg(long, value_delimiter = ',', requires = "mutate")]
    only: Vec<String>,
}

/// A rule line changed.
struct Mutant {
    id: String,
    path: PathBuf,
    /// From 1.
    line: usize,
    /// What the line becomes.
    text: String,
    tests: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Killed,
    Survived,
    Unviable,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Killed => "killed",
            Self::Survived => "SURVIVED",
            Self::Unviable => "unviable",
        })
    }
}

/// Tries a sample of mutants and prints what became of each.
///
/// # Errors
/// When one survived, when a named test fails without any change, or when nothing was tried.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = checkout::root()?;
    let folder = checkout::target_directory(&root).join("mutate");
    let tree = folder.join("tree");
    let files = checkout::files(&root)?;
    checkout::copy(&root, &tree)?;
    let mut mutants = sample(mutants(&tree, &files, &arguments.only)?, arguments);
    let build = folder.join("build");
    let failing = failing(&mutants, &tree, &build)?;
    for test in &failing {
        println!("fails unchanged: {test}");
    }
    mutants.retain(|mutant| !mutant.tests.iter().any(|test| failing.contains(test)));
    let mut counts = BTreeMap::new();
    for mutant in &mutants {
        let fate = fate(mutant, &tree, &build)?;
        *counts.entry(fate.to_string()).or_insert(0) += 1;
        let place = format!("{}:{}", mutant.path.display(), mutant.line);
        let text = mutant.text.trim();
        println!("{fate:<9} {:<30} {place:<44} {text}", mutant.id);
    }
    let of = |fate: Fate| counts.get(&fate.to_string()).copied().unwrap_or(0);
    let (killed, survived) = (of(Fate::Killed), of(Fate::Survived));
    println!("{killed} killed, {survived} survived, {} unviable", of(Fate::Unviable));
    if survived > 0 || killed == 0 || !failing.is_empty() {
        let broken = failing.len();
        bail!("mutate: {survived} survived, {killed} killed, {broken} tests fail unchanged");
    }
    Ok(())
}

/// Every mutant of every single rule that names its tests.
fn mutants(tree: &Path, files: &[PathBuf], only: &[String]) -> Result<Vec<Mutant>> {
    let mut findings = Vec::new();
    let citations = citations(tree, files, &mut findings)?;
    let mut mutants = Vec::new();
    for requirement in ledger::read(tree)? {
        let wanted = only.is_empty() || only.iter().any(|begin| requirement.id.starts_with(begin));
        if requirement.broken_by.is_empty() || !wanted {
            continue;
        }
        let cited =
            |citation: &&Citation| citation.id == requirement.id && citation.place == Place::Code;
        for citation in citations.iter().filter(cited) {
            let source = Source::read(tree, &citation.path)?;
            for (line, text) in edits(&source, citation.line) {
                mutants.push(Mutant {
                    id: requirement.id.clone(),
                    path: citation.path.clone(),
                    line,
                    text,
                    tests: requirement.broken_by.clone(),
                });
            }
        }
    }
    Ok(mutants)
}

/// `count` of them, drawn by the seed: one of every rule before a second of any.
fn sample(mutants: Vec<Mutant>, arguments: &Arguments) -> Vec<Mutant> {
    let mut state = arguments.seed.wrapping_mul(2).wrapping_add(1);
    let mut draw = || {
        // SplitMix64: which mutants are tried need be no secret.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    };
    let mut drawn: Vec<(u64, Mutant)> =
        mutants.into_iter().map(|mutant| (draw(), mutant)).collect();
    drawn.sort_by_key(|(number, _)| *number);
    let mut rounds: BTreeMap<String, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, u64, Mutant)> = Vec::new();
    for (number, mutant) in drawn {
        let round = rounds.entry(mutant.id.clone()).or_default();
        ranked.push((*round, number, mutant));
        *round += 1;
    }
    ranked.sort_by_key(|(round, number, _)| (*round, *number));
    let chosen = ranked.into_iter().take(arguments.count);
    chosen.map(|(_, _, mutant)| mutant).collect()
}

/// Changes the line, runs the tests, and puts the line back.
fn fate(mutant: &Mutant, tree: &Path, build: &Path) -> Result<Fate> {
    let path = tree.join(&mutant.path);
    let good = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut lines: Vec<&str> = good.lines().collect();
    let changed = mutant.line.checked_sub(1).and_then(|index| lines.get_mut(index));
    *changed.context("a rule line is gone")? = &mutant.text;
    std::fs::write(&path, lines.join("\n") + "\n")?;
    let fate = tried(&mutant.tests, tree, build);
    std::fs::write(&path, good)?;
    fate
}

fn tried(tests: &[String], tree: &Path, build: &Path) -> Result<Fate> {
    for (target, names) in targets(tests.iter()) {
        match run_tests(&target, &names, tree, build)? {
            Fate::Survived => {}
            other => return Ok(other),
        }
    }
    Ok(Fate::Survived)
}

/// Runs tests of one target: killed when one fails, unviable when they cannot be built.
fn run_tests(target: &str, names: &[&str], tree: &Path, build: &Path) -> Result<Fate> {
    let cargo = |more: &[&str]| -> Result<bool> {
        let mut command = Command::new("cargo");
        command.args(["test", "--quiet", "--offline"]).args(target.split(' ')).args(more);
        command.current_dir(tree).env("CARGO_TARGET_DIR", build).env("PROPTEST_CASES", "32");
        let output = command.output().context("cannot run cargo test")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if output.status.success() && !names.is_empty() && text.contains("running 0 tests") {
            bail!("{target}: {} names no test that runs", names.join(", "));
        }
        Ok(output.status.success())
    };
    if !cargo(&["--no-run"])? {
        return Ok(Fate::Unviable);
    }
    let filters: Vec<&str> = ["--"].iter().chain(names).copied().collect();
    Ok(if cargo(&filters)? { Fate::Survived } else { Fate::Killed })
}

/// The named tests that fail, or cannot be built, without any change: what they say of a mutant means nothing.
fn failing(mutants: &[Mutant], tree: &Path, build: &Path) -> Result<BTreeSet<String>> {
    let mut failing = BTreeSet::new();
    let tests: Vec<&String> = mutants.iter().flat_map(|mutant| &mutant.tests).collect();
    for (target, names) in targets(tests.iter().copied()) {
        match run_tests(&target, &names, tree, build)? {
            Fate::Survived => continue,
            Fate::Unviable => {
                let of = |test: &&&String| self::target(test) == target;
                failing.extend(tests.iter().filter(of).map(|test| (*test).clone()));
                continue;
            }
            Fate::Killed => {}
        }
        for test in tests.iter().filter(|test| self::target(test) == target) {
            let alone = targets(core::iter::once(*test)).remove(&target).unwrap_or_default();
            let fails =
                || Ok::<_, anyhow::Error>(run_tests(&target, &alone, tree, build)? == Fate::Killed);
            if !failing.contains(*test) && fails()? {
                failing.insert((*test).clone());
            }
        }
    }
    Ok(failing)
}

/// Tests by their targets, each once. No name stands for the whole target.
fn targets<'t>(tests: impl Iterator<Item = &'t String>) -> BTreeMap<String, Vec<&'t str>> {
    let mut targets: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for test in tests {
        let names = targets.entry(target(test)).or_default();
        if let Some((_, name)) = test.split_once("::")
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    targets
}

/// Package and target of a named test; the transcripts of a kernel are played by one test.
fn target(test: &str) -> String {
    let path = test.split("::").next().unwrap_or_default();
    if path.ends_with(".emv") && path.contains("/quickpass/") {
        return "-p chipwright-c7 --test flow".to_owned();
    }
    if path.ends_with(".emv") {
        return "-p chipwright-contact --test transcripts".to_owned();
    }
    let mut folders = path.split('/');
    let below = match (folders.next(), folders.next()) {
        (Some("tools" | "kernels"), Some(folder)) => Some(format!("chipwright-{}", short(folder))),
        _ => None,
    };
    let package = match path.split('/').next() {
        Some("tools" | "kernels") => below.as_deref().unwrap_or_default(),
        Some("terminal") => "chipwright-terminal",
        Some("crypto") => "chipwright-rustcrypto",
        _ => "chipwright",
    };
    let parts: Vec<&str> = path.trim_end_matches(".rs").split('/').collect();
    match parts.iter().position(|part| *part == "tests") {
        // Not `src/cvm/tests.rs`, which belongs to the library.
        Some(index) if !parts.contains(&"src") => {
            let name = parts.get(index + 1).copied().unwrap_or_default();
            format!("-p {package} --test {name}")
        }
        _ => format!("-p {package} --lib"),
    }
}

/// A kernel of a numbered book is called by it: `c7` for the folder `c7-quickpass`.
fn short(folder: &str) -> &str {
    match folder.split_once('-') {
        Some((book, _)) if book.ends_with(|last: char| last.is_ascii_digit()) => book,
        _ => folder,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_belongs_to_a_target() {
        for (test, expected) in [
            ("src/cvm/tests.rs::row", "-p chipwright --lib"),
            ("tests/decisions.rs::all", "-p chipwright --test decisions"),
            ("kernels/contact/tests/matrix.rs::all", "-p chipwright-contact --test matrix"),
            ("kernels/entry-point/src/lib.rs::all", "-p chipwright-entry-point --lib"),
            ("kernels/c7-quickpass/tests/flow/read.rs::all", "-p chipwright-c7 --test flow"),
            ("terminal/tests/terminal/power.rs::all", "-p chipwright-terminal --test terminal"),
            ("tools/card/tests/card/pin.rs::all", "-p chipwright-card --test card"),
            ("terminal/src/host.rs::all", "-p chipwright-terminal --lib"),
            ("test-vectors/quickpass/a.emv", "-p chipwright-c7 --test flow"),
            ("test-vectors/contact/a.emv", "-p chipwright-contact --test transcripts"),
        ] {
            assert_eq!(target(test), expected);
        }
    }

    #[test]
    fn every_rule_comes_once_before_any_comes_twice() {
        let mutant = |id: &str| Mutant {
            id: id.to_owned(),
            path: PathBuf::new(),
            line: 1,
            text: String::new(),
            tests: Vec::new(),
        };
        let all = ["a", "a", "a", "b", "c"].map(mutant).into_iter().collect();
        let arguments = Arguments { mutate: true, count: 3, seed: 5, only: Vec::new() };
        let mut ids: Vec<String> = sample(all, &arguments).into_iter().map(|one| one.id).collect();
        ids.sort();
        assert_eq!(ids, ["a", "b", "c"]);
    }
}
