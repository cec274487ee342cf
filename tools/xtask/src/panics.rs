//! Proof that the probe's images neither panic nor allocate.
//!
//! The linker keeps every relocation, so the image tells which function refers to which. Whatever
//! reaches the panic handler is reported, unless it does so only through a function that is
//! allowed.

mod graph;
mod lines;
mod reach;

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::{checkout, image};
use lines::Lines;
use reach::Offence;

/// Checks every image.
///
/// # Errors
/// When one does not build, or can panic or allocate.
pub(crate) fn run() -> Result<()> {
    let root = checkout::root()?;
    let mut found = 0;
    for (name, target, image) in image::all(image::TARGETS) {
        let file = image::build(&root, &image::directory(&root), target, image)?;
        let findings = check(&file)?;
        for finding in &findings {
            println!("{name}: {finding}");
        }
        println!("{name}: {} found", findings.len());
        found += findings.len();
    }
    if found > 0 {
        bail!("panics: {found} found");
    }
    Ok(())
}

/// What the image at `path` has that it should not.
///
/// # Errors
/// When it is not an image that can be judged: no ELF file, or linked without its relocations.
pub(crate) fn check(path: &Path) -> Result<Vec<String>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = object::File::parse(bytes.as_slice()).context("no image")?;
    let lines = Lines::of(&file).context("line tables")?;
    let graph = graph::read(&file).with_context(|| path.display().to_string())?;
    let offences = reach::panicking(&graph).into_iter().chain(reach::allocating(&graph));
    let described = |offence: Offence| match offence.address {
        Some(address) => offence.text + &lines.at(address),
        None => offence.text,
    };
    Ok(offences.map(described).collect())
}
