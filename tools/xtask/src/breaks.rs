//! Deliberate breaks: a check that nothing can fail proves nothing.
//!
//! Each break is a line put at the beginning of the contact kernel's flow in a copy of the tree.
//! The probe of that copy must not pass: either it does not link, or `panics` finds something.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{checkout, image, panics};

/// Function in whose body the breaks are put.
const FLOW: &str = "pub async fn transact";

pub(crate) struct Break {
    pub(crate) name: &'static str,
    /// Put at the beginning of the flow.
    pub(crate) statement: &'static str,
    /// Put at the end of the kernel's lib.rs.
    pub(crate) item: &'static str,
    /// What the compiler, or the check, says of it.
    pub(crate) expected: &'static str,
}

const BREAKS: [Break; 4] = [
    Break {
        name: "a panic",
        statement: "if core::hint::black_box(false) { panic!(\"deliberate\") }",
        item: "",
        expected: "core::panicking::panic_fmt",
    },
    Break {
        name: "an index out of bounds",
        statement: "core::hint::black_box([0_u8; 4][core::hint::black_box(0_usize)]);",
        item: "",
        expected: "core::panicking::panic_bounds_check",
    },
    Break {
        // Nearest relative of the one panic that is exempt.
        name: "a division by zero",
        statement: "core::hint::black_box(1 / core::hint::black_box(1_u32));",
        item: "",
        expected: "core::panicking::panic_const::panic_const_div_by_zero",
    },
    Break {
        name: "an allocation",
        statement: "core::hint::black_box(alloc::boxed::Box::new(core::hint::black_box(0_u8)));",
        item: "extern crate alloc;",
        expected: "no global memory allocator found",
    },
];

/// Builds the probe with every break, for the device.
///
/// # Errors
/// When a break is not seen, or is refused for another reason.
pub(crate) fn run() -> Result<()> {
    let root = checkout::root()?;
    let copy = checkout::target_directory(&root).join("breaks");
    let [target, ..] = image::TARGETS;
    let mut unseen = Vec::new();
    for deliberate in &BREAKS {
        checkout::copy(&root, &copy)?;
        apply(deliberate, &root, &copy)?;
        let seen = match image::build(&copy, &image::directory(&root), target, image::KERNEL) {
            Ok(file) => panics::check(&file)?,
            Err(error) => error.to_string().lines().map(str::to_owned).collect(),
        };
        match seen.iter().find(|line| line.contains(deliberate.expected)) {
            Some(line) => println!("{}: seen, {line}", deliberate.name),
            None => {
                println!("{}: not seen; instead:\n{}", deliberate.name, seen.join("\n"));
                unseen.push(deliberate.name);
            }
        }
    }
    if !unseen.is_empty() {
        bail!("breaks: not seen: {}", unseen.join(", "));
    }
    Ok(())
}

pub(crate) fn apply(deliberate: &Break, root: &Path, copy: &Path) -> Result<()> {
    let flow = copy.join(flow(root)?);
    let text = std::fs::read_to_string(&flow)?;
    let patched = patch(&text, deliberate.statement).context("no body of the flow found")?;
    std::fs::write(&flow, patched)?;
    let library = copy.join("kernels/contact/src/lib.rs");
    let text = std::fs::read_to_string(&library)?;
    std::fs::write(&library, format!("{text}\n{}\n", deliberate.item))?;
    Ok(())
}

/// The file of the contact kernel that holds the flow, below the root.
fn flow(root: &Path) -> Result<PathBuf> {
    for path in checkout::files(root)? {
        let rust = path.extension().is_some_and(|extension| extension == "rs");
        let kernel = path.starts_with("kernels/contact/src");
        if rust && kernel && std::fs::read_to_string(root.join(&path))?.contains(FLOW) {
            return Ok(path);
        }
    }
    bail!("the contact kernel has no `{FLOW}`")
}

/// `text` with `statement` as the first of the flow's body. Its line is the first below the
/// signature that opens a block.
fn patch(text: &str, statement: &str) -> Option<String> {
    let signature = text.find(FLOW)?;
    let opening = signature + text.get(signature..)?.find("{\n")? + 1;
    let (before, after) = text.split_at_checked(opening)?;
    Some(format!("{before}\n    {statement}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_comes_first_in_the_body() {
        let text = "fn a() {\n}\npub async fn transact(\n    a: u8,\n) -> u8 {\n    a\n}\n";
        let expected =
            "fn a() {\n}\npub async fn transact(\n    a: u8,\n) -> u8 {\n    b();\n    a\n}\n";
        assert_eq!(patch(text, "b();").unwrap(), expected);
        assert_eq!(patch("fn a() {\n}\n", "b();"), None);
    }
}
