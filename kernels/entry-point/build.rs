//! Computes the kernel's checksum: what it was made of.
//!
//! SHA-256 over the sources of this crate and, in the workspace, of the core; the locked
//! dependencies; and the enabled features. Paths count relative to their folder, so that the
//! place of a checkout does not.

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let workspace = own.join("../..");
    let mut hash = Sha256::new();
    let core = workspace.join("src");
    for folder in [own.join("src"), core].iter().filter(|folder| folder.is_dir()) {
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut files = Vec::new();
        collect(folder, &mut files)?;
        files.sort();
        for file in files {
            let name = file.strip_prefix(folder).expect("collected below the folder");
            add(&mut hash, name.to_string_lossy().as_bytes());
            add(&mut hash, &fs::read(&file)?);
        }
    }
    let locked = workspace.join("Cargo.lock");
    if locked.is_file() {
        println!("cargo::rerun-if-changed={}", locked.display());
        add(&mut hash, &fs::read(locked)?);
    }
    let mut features: Vec<_> = env::vars().map(|(name, _)| name).collect();
    features.retain(|name| name.starts_with("CARGO_FEATURE_"));
    features.sort();
    features.iter().for_each(|feature| add(&mut hash, feature.as_bytes()));

    let checksum: String = hash.finalize().iter().map(|byte| format!("{byte:02X}")).collect();
    println!("cargo::rustc-env=CHIPWRIGHT_ENTRY_POINT_CHECKSUM={checksum}");
    Ok(())
}

/// Length first, so that no two lists of parts run into the same bytes.
fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
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
