//! What a check found wrong, and where.

use core::fmt;
use std::path::PathBuf;

use anyhow::{Result, bail};

/// One violation, printed as `file:line: message`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// Path below the root of the checkout.
    pub(crate) path: PathBuf,
    /// Line, counted from 1.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) message: String,
}

impl Finding {
    pub(crate) fn new(path: impl Into<PathBuf>, line: usize, message: impl Into<String>) -> Self {
        let (path, message) = (path.into(), message.into());
        Self { path, line, message }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

/// Prints the findings in order of place.
///
/// # Errors
/// When there is at least one, so that the task fails.
pub(crate) fn conclude(task: &str, mut findings: Vec<Finding>) -> Result<()> {
    findings.sort();
    findings.dedup();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!("{task}: nothing found");
            Ok(())
        }
        number => bail!("{task}: {number} found"),
    }
}
