//! The ledger files `docs/requirements/b1.toml` and so on, one per book.
//!
//! ```toml
//! [[requirement]]
//! id = "B3 10.5.1"
//! title = "What the section is about, in own words"
//! status = "implemented"        # planned, not-applicable or deviates
//! reason = "Why it is not (or not as the book says) implemented"
//! broken_by = ["src/cvm/tests.rs::name", "test-vectors/contact/a.emv"]   # of a single rule
//! ```

use core::fmt;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use toml::Spanned;

use super::citation::{BOOKS, is_id};

/// A section of a book that holds rules, or a single rule of one.
#[derive(Debug)]
pub(super) struct Requirement {
    /// Book and section, for a single rule its number or name: `B3 10.5.1`, `B2 5.3 8`.
    pub(super) id: String,
    /// What it is about.
    pub(super) title: String,
    pub(super) status: Status,
    /// Empty only when implemented.
    pub(super) reason: String,
    /// Tests that fail without the rule: a transcript, or file and function, `file.rs::name`.
    pub(super) broken_by: Vec<String>,
    /// The ledger file below the root of the checkout.
    pub(super) path: PathBuf,
    /// Line of the ledger file, from 1.
    pub(super) line: usize,
}

/// What became of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Status {
    Implemented,
    Planned,
    NotApplicable,
    Deviates,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Implemented => "implemented",
            Self::Planned => "planned",
            Self::NotApplicable => "not applicable",
            Self::Deviates => "deviates",
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    requirement: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    title: String,
    status: Status,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    broken_by: Vec<String>,
}

/// Reads the ledger of the checkout at `root`.
///
/// # Errors
/// When a file is missing or breaks a rule of the format.
pub(super) fn read(root: &Path) -> Result<Vec<Requirement>> {
    let mut requirements = Vec::new();
    for book in BOOKS {
        let path = PathBuf::from(format!("docs/requirements/{}.toml", book.to_lowercase()));
        let text = std::fs::read_to_string(root.join(&path))
            .with_context(|| format!("cannot read {}", path.display()))?;
        requirements.extend(parse(book, &path, &text)?);
    }
    Ok(requirements)
}

fn parse(book: &str, path: &Path, text: &str) -> Result<Vec<Requirement>> {
    let file: File = toml::from_str(text).with_context(|| path.display().to_string())?;
    let mut seen = BTreeSet::new();
    let mut requirements = Vec::new();
    for entry in file.requirement {
        let line = text.get(..entry.id.span().start).map_or(1, |before| before.lines().count());
        let id = entry.id.into_inner();
        let place = format!("{}:{line}: {id}", path.display());
        if !is_id(&id) || !id.starts_with(book) {
            bail!("{place} is not a section of {book}");
        }
        if entry.title.trim().is_empty() {
            bail!("{place} has no title");
        }
        if entry.reason.trim().is_empty() && entry.status != Status::Implemented {
            bail!("{place} is {} without a reason", entry.status);
        }
        if !seen.insert(id.clone()) {
            bail!("{place} stands there twice");
        }
        let (title, status, reason) = (entry.title, entry.status, entry.reason);
        let path = path.to_path_buf();
        requirements.push(Requirement {
            id,
            title,
            status,
            reason,
            broken_by: entry.broken_by,
            path,
            line,
        });
    }
    Ok(requirements)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "[[requirement]]\nid = \"B3 10.5\"\ntitle = \"CVM\"\nstatus = \"implemented\"\n";

    fn parsed(text: &str) -> Result<Vec<Requirement>> {
        parse("B3", Path::new("b3.toml"), text)
    }

    fn refusal(text: &str) -> String {
        parsed(text).unwrap_err().to_string()
    }

    #[test]
    fn an_entry_knows_its_line() {
        let text = format!("{GOOD}\n{}", GOOD.replace("10.5", "10.6"));
        let ledger = parsed(&text).unwrap();
        assert_eq!((ledger[0].id.as_str(), ledger[0].line), ("B3 10.5", 2));
        assert_eq!((ledger[1].id.as_str(), ledger[1].line), ("B3 10.6", 7));
    }

    #[test]
    fn a_reason_is_due_unless_implemented() {
        for status in ["planned", "not-applicable", "deviates"] {
            let text = GOOD.replace("implemented", status);
            assert!(refusal(&text).contains("without a reason"));
            assert!(refusal(&format!("{text}reason = \" \"\n")).contains("without a reason"));
            assert!(parsed(&format!("{text}reason = \"Later\"\n")).is_ok());
        }
    }

    #[test]
    fn a_section_stands_once_and_in_the_file_of_its_book() {
        assert_eq!(refusal(&format!("{GOOD}{GOOD}")), "b3.toml:6: B3 10.5 stands there twice");
        let foreign = GOOD.replace("B3", "B2");
        assert_eq!(refusal(&foreign), "b3.toml:2: B2 10.5 is not a section of B3");
        let odd = GOOD.replace("10.5", "Table 31");
        assert_eq!(refusal(&odd), "b3.toml:2: B3 Table 31 is not a section of B3");
    }

    #[test]
    fn unknown_words_are_refused() {
        assert!(parsed(&GOOD.replace("implemented", "done")).is_err());
        assert!(parsed(&GOOD.replace("title", "name")).is_err());
    }
}
