//! The checkout that the checks look at, and the commands run in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Root of the checkout that the task was called in.
///
/// # Errors
/// When git does not know one.
pub(crate) fn root() -> Result<PathBuf> {
    let output = output(Command::new("git").args(["rev-parse", "--show-toplevel"]))?;
    Ok(PathBuf::from(output.trim_end()))
}

/// Paths below `root` of every file that is or would be committed, sorted.
///
/// # Errors
/// When git cannot list them.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let listing = output(
        Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root),
    )?;
    let mut files: Vec<PathBuf> = listing
        .split_terminator('\0')
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file())
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// Brings a copy of what is or would be committed up to date, with nothing else in it. What is the
/// same keeps its time, so that cargo builds only what differs.
///
/// # Errors
/// When a file cannot be read, written or removed.
pub(crate) fn copy(root: &Path, tree: &Path) -> Result<()> {
    let files = files(root)?;
    if tree.is_dir() {
        remove_others(tree, tree, &files)?;
    }
    for path in &files {
        let (from, to) = (root.join(path), tree.join(path));
        let bytes = std::fs::read(&from).with_context(|| from.display().to_string())?;
        if std::fs::read(&to).is_ok_and(|old| old == bytes) {
            continue;
        }
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        }
        std::fs::write(&to, bytes).with_context(|| to.display().to_string())?;
    }
    Ok(())
}

/// Removes what is below `folder` of a copy and not among `files`, which are sorted.
fn remove_others(tree: &Path, folder: &Path, files: &[PathBuf]) -> Result<()> {
    for entry in folder.read_dir().with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(tree, &path, files)?;
        } else if files.binary_search(&path.strip_prefix(tree)?.to_owned()).is_err() {
            std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// Where cargo puts what it builds, so that a second workspace can share it.
pub(crate) fn target_directory(root: &Path) -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => root.join(directory),
        None => root.join("target"),
    }
}

/// `text` with `wrong` in the place of `right`.
///
/// # Errors
/// When what is right does not stand there once.
pub(crate) fn replaced(text: &str, right: &str, wrong: &str) -> Result<String> {
    match text.matches(right).count() {
        1 => Ok(text.replacen(right, wrong, 1)),
        count => bail!("what is right stands there {count} times"),
    }
}

/// Runs `command` and returns what it printed.
///
/// # Errors
/// When it cannot be started, or fails: with its last words.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = format!("{command:?}");
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("{name}: {}\n{}", output.status, words.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name}: output is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_gone_from_the_copy() {
        let tree = std::env::temp_dir().join(format!("xtask-checkout-{}", std::process::id()));
        let (kept, gone) = (Path::new("a/kept.rs"), Path::new("a/b/gone.rs"));
        for path in [kept, gone] {
            let path = tree.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        remove_others(&tree, &tree, &[kept.to_owned()]).unwrap();
        assert!(tree.join(kept).is_file() && !tree.join(gone).exists());
        std::fs::remove_dir_all(&tree).unwrap();
    }
}
