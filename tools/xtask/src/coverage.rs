//! Which lines of its module each fuzz target reaches from its corpus.
//!
//! `fuzz/modules.toml` says what the module of a target is. Tests are not built, so that their
//! lines do not count.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{checkout, fuzz};

const MODULES: &str = "fuzz/modules.toml";

/// Lines that a target reaches at least, in percent.
const LEAST: usize = 90;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Targets; all of them when none is named.
    targets: Vec<String>,
    /// Folder with more inputs, in a folder for each target.
    #[arg(long, value_name = "FOLDER")]
    corpus: Option<PathBuf>,
    /// Leave out the targets that are built with a feature.
    #[arg(long)]
    portable: bool,
    /// Show the lines that are not reached.
    #[arg(long)]
    missing: bool,
}

/// Files, and how often each line of them was reached.
type Lines = BTreeMap<PathBuf, BTreeMap<usize, u64>>;

/// Prints what every target reaches.
///
/// # Errors
/// When a target does not build, fails, or reaches too little.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let root = checkout::root()?;
    let path = root.join(MODULES);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let modules: BTreeMap<String, Vec<String>> = toml::from_str(&text).context(MODULES)?;
    let mut targets = fuzz::targets(&root, &arguments.targets)?;
    targets.retain(|target| !(arguments.portable && target.is_for_desktops()));
    let directory = checkout::target_directory(&root).join("coverage");
    build(&root, &directory, &targets)?;
    let mut low = Vec::new();
    for target in &targets {
        let name = target.name.as_str();
        let module =
            modules.get(name).with_context(|| format!("{MODULES}: no module of {name}"))?;
        let lines = of_module(measure(&root, &directory, name, arguments)?, &root, module)?;
        let (reached, all) = sum(&lines);
        println!("{}", row(name, reached, all));
        if arguments.missing {
            lines.iter().for_each(|(file, lines)| missing(file, lines));
        }
        if reached * 100 < all * LEAST {
            low.push(name);
        }
    }
    if !low.is_empty() {
        bail!("coverage: less than {LEAST} % of the module: {}", low.join(", "));
    }
    Ok(())
}

fn row(name: &str, reached: usize, all: usize) -> String {
    let permille = (reached * 1000).checked_div(all).unwrap_or_default();
    let (percent, tenth) = (permille / 10, permille % 10);
    format!("{name:<20} {reached:>5} of {all:>5} lines {percent:>4}.{tenth} %")
}

fn build(root: &Path, directory: &Path, targets: &[fuzz::Target]) -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["+nightly", "build", "--quiet", "--manifest-path", "fuzz/Cargo.toml"]);
    for target in targets {
        target.features(&mut command).args(["--bin", &target.name]);
    }
    command.current_dir(root).env("CARGO_TARGET_DIR", directory);
    // As cargo fuzz builds them, but for the sanitizer.
    command.env("RUSTFLAGS", "-C instrument-coverage --cfg fuzzing");
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    if !command.status().context("cargo")?.success() {
        bail!("coverage: the fuzz targets do not build");
    }
    Ok(())
}

/// Plays the corpus, and counts.
fn measure(root: &Path, directory: &Path, name: &str, arguments: &Arguments) -> Result<Lines> {
    let mut inputs = files(&root.join("fuzz/corpus").join(name))?;
    if let Some(more) = &arguments.corpus {
        inputs.extend(files(&more.join(name)).unwrap_or_default());
    }
    let binary = directory.join("debug").join(name);
    let raw = directory.join(format!("{name}.profraw"));
    let mut command = Command::new(&binary);
    command.args(inputs).env("LLVM_PROFILE_FILE", &raw).stderr(Stdio::null());
    if !command.status().with_context(|| binary.display().to_string())?.success() {
        bail!("coverage: {name} fails on its corpus");
    }
    let profile = directory.join(format!("{name}.profdata"));
    let merge = &mut tool("llvm-profdata")?;
    checkout::output(merge.args(["merge", "-sparse"]).arg(raw).arg("-o").arg(&profile))?;
    let export = &mut tool("llvm-cov")?;
    export.args(["export", "-format=lcov", "-instr-profile"]).arg(profile).arg(binary);
    Ok(read(&checkout::output(export)?))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = folder.read_dir().with_context(|| folder.display().to_string())?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// A tool that comes with the compiler.
fn tool(name: &str) -> Result<Command> {
    let libraries =
        checkout::output(Command::new("rustc").args(["+nightly", "--print", "target-libdir"]))?;
    let path = Path::new(libraries.trim_end()).with_file_name("bin").join(name);
    if !path.exists() {
        bail!("{name} is missing: rustup component add llvm-tools --toolchain nightly");
    }
    Ok(Command::new(path))
}

/// Reads lines of `SF:FILE` and `DA:LINE,COUNT`.
fn read(text: &str) -> Lines {
    let mut lines = Lines::new();
    let mut file = PathBuf::new();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            file = PathBuf::from(path);
        } else if let Some((number, count)) =
            line.strip_prefix("DA:").and_then(|pair| pair.split_once(','))
            && let (Ok(number), Ok(count)) = (number.parse(), count.parse::<u64>())
        {
            *lines.entry(file.clone()).or_default().entry(number).or_default() += count;
        }
    }
    lines
}

/// What belongs to the module, by paths in the checkout.
fn of_module(lines: Lines, root: &Path, module: &[String]) -> Result<Lines> {
    if let Some(path) = module.iter().find(|path| !root.join(path).exists()) {
        bail!("{MODULES}: no file or folder `{path}`");
    }
    let own = |(file, lines): (PathBuf, _)| {
        let path = file.strip_prefix(root).ok()?.to_owned();
        module.iter().any(|part| path.starts_with(part)).then_some((path, lines))
    };
    Ok(lines.into_iter().filter_map(own).collect())
}

fn sum(lines: &Lines) -> (usize, usize) {
    let all = lines.values().map(BTreeMap::len).sum();
    let reached = lines.values().flat_map(BTreeMap::values).filter(|count| **count > 0).count();
    (reached, all)
}

fn missing(file: &Path, lines: &BTreeMap<usize, u64>) {
    let reached = lines.values().filter(|count| **count > 0).count();
    let numbers = lines.iter().filter(|(_, count)| **count == 0).map(|(number, _)| number);
    let numbers: Vec<_> = numbers.map(ToString::to_string).collect();
    println!("    {}: {reached} of {}; {}", file.display(), lines.len(), numbers.join(" "));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = "SF:/here/src/afl.rs\nDA:1,4\nDA:2,0\nend_of_record\n\
        SF:/here/src/tlv.rs\nDA:9,1\nend_of_record\nSF:/elsewhere/src/afl.rs\nDA:1,1\n";

    #[test]
    fn lines_of_the_module_count_and_no_others() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let told = TOLD.replace("/here", &root.to_string_lossy()).replace("afl", "fuzz");
        let lines = of_module(read(&told), root, &["src/fuzz.rs".to_owned()]).unwrap();
        assert_eq!(sum(&lines), (1, 2));
        assert_eq!(row("afl", 1, 2), "afl                      1 of     2 lines   50.0 %");
        assert!(of_module(read(&told), root, &["src/no-such.rs".to_owned()]).is_err());
    }

    #[test]
    fn every_target_has_a_module() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = std::fs::read_to_string(root.join(MODULES)).unwrap();
        let modules: BTreeMap<String, Vec<String>> = toml::from_str(&text).unwrap();
        let targets = fuzz::targets(&root, &[]).unwrap();
        let targets: Vec<_> = targets.iter().map(|target| &target.name).collect();
        assert_eq!(targets, modules.keys().collect::<Vec<_>>());
        for path in modules.values().flatten() {
            assert!(root.join(path).exists(), "{path}");
        }
    }
}
