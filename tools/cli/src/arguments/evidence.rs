//! What the command line says of files for a test laboratory.

use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Default, Args)]
pub(crate) struct Evidence {
    /// Write the cases with their verdicts as JUnit XML
    #[arg(long, value_name = "FILE.xml")]
    pub(crate) junit: Option<PathBuf>,
    /// Write them as a page to look at
    #[arg(long, value_name = "FILE.html")]
    pub(crate) html: Option<PathBuf>,
    /// Run only what this conformance statement has, as `ics --json` writes it
    #[arg(long, value_name = "FILE.json")]
    pub(crate) ics: Option<String>,
}
