//! Deliberate waste: a budget that nothing can exceed holds nothing.
//!
//! A kilobyte and some instructions are put into the contact kernel of a copy of the tree. What
//! compares with the budget has to refuse each.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::breaks::{Break, apply};
use crate::checkout;

/// Each with the check that has to see it.
const WASTE: [(&str, Break); 2] = [
    (
        "size",
        Break {
            name: "a kilobyte more",
            statement: "core::hint::black_box(&WASTE);",
            item: "static WASTE: [u8; 1024] = [0x5A; 1024];",
            expected: "thumbv7em-none-eabihf, contact: flash takes",
        },
    ),
    (
        "firmware",
        Break {
            // Four or more for each turn.
            name: "5 % more instructions",
            statement: "for turn in 0..5_000 { core::hint::black_box(turn); }",
            item: "",
            expected: "firmware, opt-level 3: sale takes",
        },
    ),
];

/// Lets the checks look at copies of the tree that are over the budget.
///
/// # Errors
/// When a check passes, or fails for another reason.
pub(crate) fn run() -> Result<()> {
    let root = checkout::root()?;
    let copy = checkout::target_directory(&root).join("waste");
    let mut unseen = Vec::new();
    for (check, waste) in &WASTE {
        checkout::copy(&root, &copy)?;
        apply(waste, &root, &copy)?;
        let said = said(check, &root, &copy)?;
        match said.lines().find(|line| line.contains(waste.expected)) {
            Some(line) => println!("{}: seen, {line}", waste.name),
            None => {
                println!("{}: not seen; instead:\n{said}", waste.name);
                unseen.push(waste.name);
            }
        }
    }
    if !unseen.is_empty() {
        bail!("waste: not seen: {}", unseen.join(", "));
    }
    Ok(())
}

/// What a check says of the copy.
fn said(check: &str, root: &Path, copy: &Path) -> Result<String> {
    // A checkout of its own, or the one around it would be looked at.
    checkout::output(Command::new("git").args(["init", "--quiet"]).current_dir(copy))?;
    let output = Command::new(std::env::current_exe()?)
        .args([check, "--check"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", checkout::target_directory(root).join("wasted"))
        .output()
        .with_context(|| format!("cargo xtask {check}"))?;
    let said = [output.stdout, output.stderr].concat();
    Ok(String::from_utf8_lossy(&said).into_owned())
}
