//! Dependency directions.
//!
//! What a card simulator and a kernel share cancels out when it is wrong, and a kernel that knows
//! another cannot be approved alone. So the directions are rules, checked twice: on what cargo
//! knows ([`packages`]) and on the paths that the source names ([`imports`]).

mod imports;
mod packages;

use anyhow::Result;

use crate::checkout;
use crate::finding::conclude;
use crate::source::Source;

/// Checks the workspace and every Rust file of the checkout.
///
/// # Errors
/// When a rule is broken.
pub(crate) fn run() -> Result<()> {
    let root = checkout::root()?;
    let mut findings = packages::check(&root)?;
    for path in checkout::files(&root)? {
        if path.extension().is_some_and(|extension| extension == "rs") {
            imports::check(&Source::read(&root, &path)?, &mut findings);
        }
    }
    conclude("deps", findings)
}
