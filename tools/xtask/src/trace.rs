//! Requirement ledger: every rule section of the books, and where it is kept and tested.
//!
//! Code cites a section as `[B3 10.5.1]` in its comments; tests cite it likewise, or as a line
//! `covers B3 10.5.1` in a transcript. The ledger, `docs/requirements/*.toml`, says of every
//! section what became of it. The check is that both agree.

mod citation;
mod ledger;
pub(crate) mod mutate;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::checkout;
use crate::finding::{Finding, conclude};
use crate::source::Source;
use citation::{Citation, Place};
use ledger::{Requirement, Status};

const TABLE: &str = "docs/traceability.md";

/// Checks the ledger of the checkout, and writes the table or (`check`) compares it.
///
/// # Errors
/// When ledger, code and tests disagree, or the table is not current.
pub(crate) fn run(check: bool) -> Result<()> {
    let root = checkout::root()?;
    let requirements = ledger::read(&root)?;
    let mut findings = Vec::new();
    let mut citations = citations(&root, &checkout::files(&root)?, &mut findings)?;
    citations.extend(requirements.iter().flat_map(named_tests));
    compare(&requirements, &citations, &mut findings);
    find_tests(&root, &requirements, &mut findings);

    let table = table::render(&requirements, &citations);
    println!("{}", table::coverage(&requirements, &citations));
    conclude("trace", findings)?;
    if !check {
        return std::fs::write(root.join(TABLE), table).context(TABLE);
    }
    if std::fs::read_to_string(root.join(TABLE)).context(TABLE)? != table {
        bail!("{TABLE} is not current: run `cargo xtask trace`");
    }
    Ok(())
}

/// Every citation in the Rust files and transcripts among `files` below `root`.
fn citations(root: &Path, files: &[PathBuf], findings: &mut Vec<Finding>) -> Result<Vec<Citation>> {
    let mut citations = Vec::new();
    for path in files {
        match path.extension().and_then(|extension| extension.to_str()) {
            // The checks themselves speak of citations.
            Some("rs") if !path.starts_with("tools/xtask") => {
                citation::of_source(&Source::read(root, path)?, &mut citations, findings);
            }
            Some("emv") => {
                let text = std::fs::read_to_string(root.join(path))
                    .with_context(|| format!("cannot read {}", path.display()))?;
                citation::of_transcript(path, &text, &mut citations, findings);
            }
            _ => {}
        }
    }
    Ok(citations)
}

fn compare(requirements: &[Requirement], citations: &[Citation], findings: &mut Vec<Finding>) {
    let known: BTreeMap<&str, &Requirement> =
        requirements.iter().map(|requirement| (requirement.id.as_str(), requirement)).collect();
    for citation in citations {
        let message = match known.get(citation.id.as_str()) {
            None if is_for_the_reader(&citation.id, &known) => continue,
            None => format!("{} is not in the ledger", citation.id),
            Some(requirement)
                if requirement.status == Status::NotApplicable && citation.place == Place::Code =>
            {
                format!("{} is cited, the ledger says not-applicable", citation.id)
            }
            Some(_) => continue,
        };
        findings.push(Finding::new(&citation.path, citation.line, message));
    }
    for requirement in requirements {
        if requirement.status != Status::Implemented {
            continue;
        }
        for (place, wanting) in
            [(Place::Code, "no code cites it"), (Place::Test, "no test covers it")]
        {
            if files(citations, &requirement.id, place).is_empty() {
                let message = format!("{} is implemented, but {wanting}", requirement.id);
                findings.push(Finding::new(&requirement.path, requirement.line, message));
            }
        }
    }
}

/// The tests that the ledger names for a rule: they cover it and its section.
fn named_tests(requirement: &Requirement) -> Vec<Citation> {
    let ids = [Some(requirement.id.as_str()), citation::section_of(&requirement.id)];
    let named = |id: &str| {
        let id = id.to_owned();
        requirement.broken_by.iter().map(move |test| Citation {
            id: id.clone(),
            place: Place::Test,
            path: PathBuf::from(test.split("::").next().unwrap_or_default()),
            line: 1,
        })
    };
    ids.into_iter().flatten().flat_map(named).collect()
}

/// Whether `id` is a step of a section whose steps the ledger does not hold one by one.
fn is_for_the_reader(id: &str, known: &BTreeMap<&str, &Requirement>) -> bool {
    let is_step = |id: &str| id.ends_with(|last: char| last.is_ascii_digit());
    citation::section_of(id).is_some_and(|section| {
        let single = |id: &&str| citation::section_of(id) == Some(section) && is_step(id);
        is_step(id) && !known.keys().any(single)
    })
}

/// A rule that stands alone names the tests that fail without it; every test named is there.
fn find_tests(root: &Path, requirements: &[Requirement], findings: &mut Vec<Finding>) {
    for requirement in requirements {
        let mut find = |message| {
            findings.push(Finding::new(&requirement.path, requirement.line, message));
        };
        let single = citation::section_of(&requirement.id).is_some();
        if single && requirement.status == Status::Implemented && requirement.broken_by.is_empty() {
            find(format!("{} names no test that fails without it", requirement.id));
        }
        for test in &requirement.broken_by {
            let (path, name) = test.split_once("::").unwrap_or((test, ""));
            let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
            if text.is_empty() || !(name.is_empty() || text.contains(&format!("fn {name}("))) {
                find(format!("{} names the test {test}, which is not there", requirement.id));
            }
        }
    }
}

/// Files in which `id` is cited at `place`, each once, sorted.
fn files(citations: &[Citation], id: &str, place: Place) -> Vec<PathBuf> {
    let cited = citations.iter().filter(|citation| citation.id == id && citation.place == place);
    let mut files: Vec<PathBuf> = cited.map(|citation| citation.path.clone()).collect();
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(id: &str, status: Status) -> Requirement {
        Requirement {
            id: id.to_owned(),
            title: "A title".to_owned(),
            status,
            reason: String::new(),
            broken_by: Vec::new(),
            path: PathBuf::from("docs/requirements/b3.toml"),
            line: 7,
        }
    }

    fn cited(id: &str, place: Place) -> Citation {
        Citation { id: id.to_owned(), place, path: PathBuf::from("src/a.rs"), line: 3 }
    }

    fn findings(requirements: &[Requirement], citations: &[Citation]) -> Vec<String> {
        let mut findings = Vec::new();
        compare(requirements, citations, &mut findings);
        findings.iter().map(Finding::to_string).collect()
    }

    #[test]
    fn an_implemented_section_needs_code_and_test() {
        let ledger = [requirement("B3 10.5", Status::Implemented)];
        let both = [cited("B3 10.5", Place::Code), cited("B3 10.5", Place::Test)];
        assert_eq!(findings(&ledger, &both), [""; 0]);
        let wanting =
            |what| format!("docs/requirements/b3.toml:7: B3 10.5 is implemented, but {what}");
        assert_eq!(findings(&ledger, &both[..1]), [wanting("no test covers it")]);
        assert_eq!(findings(&ledger, &both[1..]), [wanting("no code cites it")]);
    }

    #[test]
    fn tools_do_not_implement_a_section() {
        let ledger = [requirement("B3 10.5", Status::Implemented)];
        let citations = [cited("B3 10.5", Place::Tool), cited("B3 10.5", Place::Test)];
        assert_eq!(findings(&ledger, &citations).len(), 1);
    }

    #[test]
    fn an_unknown_section_fails_at_its_citation() {
        let ledger = [requirement("B3 10.5", Status::Planned)];
        let expected = ["src/a.rs:3: B3 10.5.9 is not in the ledger"];
        assert_eq!(findings(&ledger, &[cited("B3 10.5.9", Place::Tool)]), expected);
    }

    #[test]
    fn what_is_not_applicable_is_not_in_code() {
        let ledger = [requirement("B3 10.5", Status::NotApplicable)];
        let expected = ["src/a.rs:3: B3 10.5 is cited, the ledger says not-applicable"];
        assert_eq!(findings(&ledger, &[cited("B3 10.5", Place::Code)]), expected);
        assert_eq!(findings(&ledger, &[cited("B3 10.5", Place::Test)]), [""; 0]);
    }

    #[test]
    fn planned_sections_need_nothing() {
        let ledger =
            [requirement("B3 10.5", Status::Planned), requirement("B3 10.6", Status::Deviates)];
        assert_eq!(findings(&ledger, &[]), [""; 0]);
    }

    #[test]
    fn a_rule_names_tests_that_are_there() {
        let root = checkout::root().unwrap();
        let found = |id: &str, tests: &[&str]| {
            let mut rule = requirement(id, Status::Implemented);
            rule.broken_by = tests.iter().map(|test| (*test).to_owned()).collect();
            let mut findings = Vec::new();
            find_tests(&root, &[rule], &mut findings);
            findings.len()
        };
        let this = "tools/xtask/src/trace.rs::a_rule_names_tests_that_are_there";
        assert_eq!(found("B3 10.4.2 cash", &[this]), 0);
        assert_eq!(found("B3 10.4.2", &[]), 0);
        assert_eq!(found("B3 10.4.2 cash", &[]), 1);
        assert_eq!(found("B3 10.4.2 cash", &["tools/xtask/src/trace.rs::another"]), 1);
        assert_eq!(found("B3 10.4.2 cash", &["test-vectors/none.emv"]), 1);
    }

    #[test]
    fn steps_are_unknown_only_where_the_ledger_has_steps() {
        let with = |id: &str| {
            let ledger = [requirement("B2 5.3", Status::Planned), requirement(id, Status::Planned)];
            findings(&ledger, &[cited("B2 5.3 9", Place::Tool)]).len()
        };
        assert_eq!(with("B2 5.3 named"), 0);
        assert_eq!(with("B2 5.3 9"), 0);
        assert_eq!(with("B2 5.3 8"), 1);
    }
}
