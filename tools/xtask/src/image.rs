//! The probe's images: how they are built for each target.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::checkout;

/// The images: the contact kernel alone, telling what it does and not; with taps; and with the
/// terminal layer around it.
pub(crate) const IMAGES: [&str; 4] = ["contact", "contact without events", KERNEL, "terminal"];

/// The image with contact kernel, Entry Point and Kernel 7.
pub(crate) const KERNEL: &str = "probe";

/// Targets whose images are proven not to panic: the device, and an architecture to compare.
pub(crate) const TARGETS: [&str; 2] = ["thumbv7em-none-eabihf", "x86_64-unknown-none"];

/// Targets that the probe is linked for, to be measured.
pub(crate) const MEASURED: [&str; 4] = [
    "thumbv7em-none-eabihf",
    "thumbv6m-none-eabi",
    "riscv32imc-unknown-none-elf",
    "x86_64-unknown-none",
];

/// Builds an image of the tree at `root` into `directory` and returns the ELF file.
///
/// # Errors
/// When it does not build.
pub(crate) fn build(root: &Path, directory: &Path, target: &str, image: &str) -> Result<PathBuf> {
    // A panic that cannot be reached names its file all the same; how long that name is must not
    // depend on where the checkout lies.
    let short = format!("--remap-path-prefix={}=", root.display());
    let (binary, features) = match image.strip_suffix(" without events") {
        Some(binary) => (binary, &["--no-default-features"][..]),
        None => (image, &[][..]),
    };
    checkout::output(
        Command::new("cargo")
            .args(["build", "--release", "--locked", "--quiet", "--target", target])
            .args(["--bin", binary])
            .args(features)
            .args(["--config", &format!("target.{target}.rustflags=[{short:?}]")])
            .current_dir(root.join("examples/probe"))
            .env("CARGO_TARGET_DIR", directory)
            // Flags of the caller would change what is measured.
            .env_remove("RUSTFLAGS"),
    )?;
    Ok(directory.join(target).join("release").join(binary))
}

/// Every image for every one of these targets, each with a name.
pub(crate) fn all<const N: usize>(
    targets: [&'static str; N],
) -> impl Iterator<Item = (String, &'static str, &'static str)> {
    let name = |target: &str, image: &str| match image {
        KERNEL => target.to_owned(),
        image => format!("{target}, {image}"),
    };
    targets
        .into_iter()
        .flat_map(move |target| IMAGES.map(|image| (name(target, image), target, image)))
}

/// Where the images of the checkout at `root` are built.
pub(crate) fn directory(root: &Path) -> PathBuf {
    checkout::target_directory(root).join("probe")
}
