//! The ledger as a page to read: docs/traceability.md.

use core::fmt::Write as _;
use std::path::PathBuf;

use super::citation::{BOOKS, Citation, Place};
use super::files;
use super::ledger::{Requirement, Status};

/// The page. It names files but no lines, so that it lasts longer than the code around a rule.
pub(super) fn render(requirements: &[Requirement], citations: &[Citation]) -> String {
    let mut page = String::from(
        "# Traceability\n\n\
         Which rule section of the EMV Books is kept where, and which test covers it. Written by\n\
         `cargo xtask trace` from `docs/requirements/` and the citations in code, tests and transcripts.\n\n",
    );
    page.push_str(&coverage(requirements, citations));
    let mut book = "";
    for requirement in requirements {
        let (this, section) = requirement.id.split_once(' ').unwrap_or_default();
        if this != book {
            book = this;
            let head = "| Section | What | Status | Code | Tests | Fails without it |\n|---|---|---|---|---|---|\n";
            _ = write!(page, "\n## Book {}\n\n{head}", name(book));
        }
        let status = match requirement.status {
            Status::Implemented => "implemented".to_owned(),
            other => format!("{other}: {}", requirement.reason),
        };
        let code = links(&files(citations, &requirement.id, Place::Code));
        let tests = links(&files(citations, &requirement.id, Place::Test));
        _ = writeln!(
            page,
            "| {section} | {} | {status} | {code} | {tests} | {} |",
            requirement.title,
            breakers(&requirement.broken_by)
        );
    }
    page
}

/// A book as its cover has it: `1` for `B1`, `C-7` for `C7`, `A` for `A`.
fn name(book: &str) -> String {
    match book.split_at_checked(1) {
        Some((letter, "")) => letter.to_owned(),
        Some(("B", number)) => number.to_owned(),
        Some((letter, number)) => format!("{letter}-{number}"),
        None => String::new(),
    }
}

/// Whether an id belongs to a book.
fn is_of(id: &str, book: &str) -> bool {
    id.split_once(' ').is_some_and(|(found, _)| found == book)
}

/// How many sections there are of each status, a line per book.
pub(super) fn coverage(requirements: &[Requirement], citations: &[Citation]) -> String {
    let mut table = String::from(
        "| Book | Sections | Implemented | Deviates | Planned | Not applicable | Covered by a test |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for book in BOOKS {
        let sections: Vec<&Requirement> =
            requirements.iter().filter(|requirement| is_of(&requirement.id, book)).collect();
        let of = |status| sections.iter().filter(|section| section.status == status).count();
        let tested =
            |section: &&&Requirement| !files(citations, &section.id, Place::Test).is_empty();
        _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} |",
            name(book),
            sections.len(),
            of(Status::Implemented),
            of(Status::Deviates),
            of(Status::Planned),
            of(Status::NotApplicable),
            sections.iter().filter(tested).count(),
        );
    }
    table
}

/// Links from docs/ to the tests that fail without a rule.
fn breakers(tests: &[String]) -> String {
    let link = |test: &String| {
        let (path, name) = test.split_once("::").unwrap_or_else(|| {
            let name = test.rsplit('/').next().unwrap_or_default();
            (test, name)
        });
        format!("[{name}](../{path})")
    };
    tests.iter().map(link).collect::<Vec<_>>().join(", ")
}

/// Links from docs/ to the files, named by their last parts.
fn links(files: &[PathBuf]) -> String {
    let link = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        format!("[{name}](../{})", path.display())
    };
    files.iter().map(link).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_a_row_with_its_files() {
        let requirement = |id: &str, status| Requirement {
            id: id.to_owned(),
            title: "CVM list".to_owned(),
            status,
            reason: "Later".to_owned(),
            broken_by: vec!["src/cvm/tests.rs::row".to_owned()],
            path: PathBuf::new(),
            line: 1,
        };
        let cited = |place, path: &str| Citation {
            id: "B3 10.5".to_owned(),
            place,
            path: PathBuf::from(path),
            line: 1,
        };
        let requirements =
            [requirement("B3 10.5", Status::Implemented), requirement("B4 6.3", Status::Planned)];
        let citations =
            [cited(Place::Code, "src/cvm.rs"), cited(Place::Test, "test-vectors/a.emv")];
        let page = render(&requirements, &citations);
        for line in [
            "| 3 | 1 | 1 | 0 | 0 | 0 | 1 |",
            "## Book 3",
            "| 10.5 | CVM list | implemented | [cvm.rs](../src/cvm.rs) | [a.emv](../test-vectors/a.emv) | [row](../src/cvm/tests.rs) |",
            "## Book 4",
            "| 6.3 | CVM list | planned: Later |  |  | [row](../src/cvm/tests.rs) |",
        ] {
            assert!(page.lines().any(|found| found == line), "{line}\n{page}");
        }
    }
}
