//! The probe image: how it is built for each target.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::checkout;

/// Targets that the probe is built for: the device, and a hosted architecture to compare.
pub(crate) const TARGETS: [&str; 2] = ["thumbv7em-none-eabihf", "x86_64-unknown-none"];

/// Builds the probe of the tree at `root` into `directory` and returns the ELF file.
///
/// # Errors
/// When it does not build.
pub(crate) fn build(root: &Path, directory: &Path, target: &str) -> Result<PathBuf> {
    checkout::output(
        Command::new("cargo")
            .args(["build", "--release", "--locked", "--quiet", "--target", target])
            .current_dir(root.join("examples/probe"))
            .env("CARGO_TARGET_DIR", directory)
            // Flags of the caller would change what is measured.
            .env_remove("RUSTFLAGS"),
    )?;
    Ok(directory.join(target).join("release/probe"))
}

/// Where the images of the checkout at `root` are built.
pub(crate) fn directory(root: &Path) -> PathBuf {
    checkout::target_directory(root).join("probe")
}
