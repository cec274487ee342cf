//! The checksum of a kernel: what it was made of. For build scripts.
//!
//! ```no_run
//! // build.rs; the crate then has `env!("CHIPWRIGHT_CHECKSUM")`
//! fn main() -> std::io::Result<()> {
//!     chipwright_identity::emit()
//! }
//! ```
//!
//! SHA-256 over version and sources of the crate, the enabled features, and the locked
//! dependencies: in the workspace these are its lock file and the sources of the core, in a
//! published crate the lock file that was packaged with it. Paths count relative to their folder,
//! so that the place of a checkout does not.

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Gives the crate that is built its checksum, 64 hexadecimal digits, as the environment variable
/// `CHIPWRIGHT_CHECKSUM`.
///
/// # Errors
/// When a file cannot be read, or when it is not cargo that calls.
pub fn emit() -> io::Result<()> {
    let variable = |name| env::var_os(name).ok_or_else(|| io::Error::other(name));
    let mut features: Vec<_> = env::vars().map(|(name, _)| name).collect();
    features.retain(|name| name.starts_with("CARGO_FEATURE_"));
    features.push(variable("CARGO_PKG_VERSION")?.to_string_lossy().into_owned());
    features.sort();
    let parts = Parts::below(Path::new(&variable("CARGO_MANIFEST_DIR")?))?;
    for place in &parts.watched {
        println!("cargo::rerun-if-changed={}", place.display());
    }
    println!("cargo::rustc-env=CHIPWRIGHT_CHECKSUM={}", parts.checksum(&features));
    Ok(())
}

/// What goes into a checksum.
struct Parts {
    /// Folders and files that it depends on.
    watched: Vec<PathBuf>,
    /// Names and contents, in order.
    bytes: Vec<Vec<u8>>,
}

impl Parts {
    /// What there is of the crate in `own`.
    fn below(own: &Path) -> io::Result<Self> {
        let mut parts = Self { watched: Vec::new(), bytes: Vec::new() };
        parts.add_sources(own.join("src"))?;
        let locked = match workspace(own) {
            Some(root) => {
                parts.add_sources(root.join("src"))?;
                root.join("Cargo.lock")
            }
            None => own.join("Cargo.lock"),
        };
        if locked.is_file() {
            parts.bytes.push(fs::read(&locked)?);
            parts.watched.push(locked);
        }
        Ok(parts)
    }

    fn add_sources(&mut self, folder: PathBuf) -> io::Result<()> {
        let mut files = Vec::new();
        collect(&folder, &mut files)?;
        files.sort();
        for file in files {
            let name = file.strip_prefix(&folder).map_err(io::Error::other)?;
            self.bytes.push(name.to_string_lossy().into_owned().into_bytes());
            self.bytes.push(fs::read(&file)?);
        }
        self.watched.push(folder);
        Ok(())
    }

    fn checksum(&self, features: &[String]) -> String {
        let mut hash = Sha256::new();
        for part in
            self.bytes.iter().map(Vec::as_slice).chain(features.iter().map(String::as_bytes))
        {
            // Length first, so that no two lists of parts run into the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

/// The root of the workspace, for a kernel in it. What lies around a published crate is somebody
/// else's.
fn workspace(own: &Path) -> Option<PathBuf> {
    let root = own.join("../..");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).ok()?;
    manifest.lines().any(|line| line == "name = \"chipwright\"").then_some(root)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own, with these files in it.
    fn tree(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = env::temp_dir().join(format!("chipwright-identity-{}", std::process::id()));
        let root = root.join(name);
        if root.exists() {
            fs::remove_dir_all(&root).unwrap();
        }
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn checksum(root: &Path, features: &[&str]) -> String {
        let features: Vec<String> = features.iter().map(|name| (*name).to_owned()).collect();
        Parts::below(&root.join("kernels/one")).unwrap().checksum(&features)
    }

    const WORKSPACE: [(&str, &str); 6] = [
        ("Cargo.toml", "[package]\nname = \"chipwright\"\n"),
        ("Cargo.lock", "locked"),
        ("src/lib.rs", "core"),
        ("kernels/one/src/lib.rs", "mod part;"),
        ("kernels/one/src/deep/part.rs", "part"),
        ("kernels/one/src/notes.txt", "no source"),
    ];

    #[test]
    fn everything_that_a_kernel_is_made_of_counts_and_its_place_does_not() {
        let known = checksum(&tree("known", &WORKSPACE), &["0.1.0"]);
        assert_eq!(known.len(), 64);
        assert_eq!(checksum(&tree("elsewhere", &WORKSPACE), &["0.1.0"]), known);
        assert_ne!(checksum(&tree("known", &WORKSPACE), &["0.1.1"]), known);
        assert_ne!(checksum(&tree("known", &WORKSPACE), &["0.1.0", "CARGO_FEATURE_A"]), known);
        for changed in 1..WORKSPACE.len() {
            let mut files = WORKSPACE;
            files[changed].1 = "changed";
            let source = !files[changed].0.ends_with(".txt");
            let now = checksum(&tree("changed", &files), &["0.1.0"]);
            assert_eq!(now != known, source, "{}", files[changed].0);
        }
        let mut renamed = WORKSPACE;
        renamed[4].0 = "kernels/one/src/deep/other.rs";
        assert_ne!(checksum(&tree("renamed", &renamed), &["0.1.0"]), known);
    }

    /// A vendored kernel lies two folders below somebody's project.
    #[test]
    fn a_strange_workspace_does_not_count() {
        let mut files = WORKSPACE;
        files[0].1 = "[package]\nname = \"shop\"\n";
        let known = checksum(&tree("shop", &files), &[]);
        files[1].1 = "changed";
        files[2].1 = "changed";
        assert_eq!(checksum(&tree("shop-changed", &files), &[]), known);
        let packaged = [&files[..], &[("kernels/one/Cargo.lock", "its own")]].concat();
        assert_ne!(checksum(&tree("packaged", &packaged), &[]), known);
    }
}
