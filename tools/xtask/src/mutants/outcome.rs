//! What became of a mutant, out of the report of cargo-mutants, and the score of all.

use core::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

/// What became of a mutant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// A test failed.
    Killed,
    /// None did.
    Survived,
    /// None did, and none can.
    Equivalent,
    /// The tests did not come to an end in time.
    TimedOut,
    /// It does not compile.
    Unviable,
}

impl Fate {
    /// The name that cargo-mutants has for it.
    fn named(summary: &str) -> Result<Self> {
        Ok(match summary {
            "CaughtMutant" => Self::Killed,
            "MissedMutant" => Self::Survived,
            "Timeout" => Self::TimedOut,
            "Unviable" => Self::Unviable,
            other => bail!("`{other}` is no outcome of a mutant"),
        })
    }
}

/// A change of the code and what became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mutant {
    /// `file:line:column: change`.
    name: String,
    pub(super) fate: Fate,
    /// Why it is equivalent, if it is.
    pub(super) reason: String,
}

impl Mutant {
    /// Whether it is this change, wherever in the file.
    pub(super) fn is(&self, file: &str, change: &str) -> bool {
        let place = self.name.strip_suffix(change).and_then(|place| place.strip_prefix(file));
        place.is_some_and(|place| {
            place.starts_with(':')
                && place.ends_with(": ")
                && place.chars().all(|letter| letter.is_ascii_digit() || ": ".contains(letter))
        })
    }
}

impl fmt::Display for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match self.fate {
            Fate::Killed => "killed",
            Fate::Survived => "SURVIVED",
            Fate::Equivalent => "equivalent",
            Fate::TimedOut => "TIMED OUT",
            Fate::Unviable => "unviable",
        };
        write!(f, "{fate:<11}{}", self.name)?;
        if !self.reason.is_empty() {
            write!(f, " ({})", self.reason)?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Report {
    outcomes: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    /// `"Baseline"`, or the mutant.
    scenario: Value,
    summary: String,
}

/// Reads a report: one row for each mutant.
///
/// # Errors
/// When it is not one, or no mutant is in it.
pub(super) fn read(path: &Path) -> Result<Vec<Mutant>> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    parse(&text).with_context(|| path.display().to_string())
}

fn parse(text: &str) -> Result<Vec<Mutant>> {
    let report: Report = serde_json::from_str(text)?;
    let mut mutants = Vec::new();
    for Row { scenario, summary } in report.outcomes {
        if let Some(name) = scenario.pointer("/Mutant/name") {
            let name = name.as_str().context("the name of a mutant is no text")?.to_owned();
            mutants.push(Mutant { name, fate: Fate::named(&summary)?, reason: String::new() });
        }
    }
    if mutants.is_empty() {
        bail!("no mutant was tried");
    }
    Ok(mutants)
}

/// How many became what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Score {
    killed: usize,
    survived: usize,
    equivalent: usize,
    timed_out: usize,
    unviable: usize,
}

impl Score {
    pub(super) const HEAD: &str =
        "module        mutants  killed  survived  equivalent  timed out  unviable    score\n";

    pub(super) fn of(mutants: &[Mutant]) -> Self {
        let count = |fate| mutants.iter().filter(|mutant| mutant.fate == fate).count();
        Self {
            killed: count(Fate::Killed),
            survived: count(Fate::Survived),
            equivalent: count(Fate::Equivalent),
            timed_out: count(Fate::TimedOut),
            unviable: count(Fate::Unviable),
        }
    }

    /// The mutants that a test can tell from the original.
    const fn told(self) -> usize {
        self.killed + self.survived + self.timed_out
    }

    /// Whether so many percent of them were killed. Where there are none, nothing is left undone.
    pub(super) const fn reaches(self, percent: usize) -> bool {
        self.killed * 100 >= percent * self.told()
    }

    /// A row below [`Score::HEAD`].
    pub(super) fn row(self, name: &str) -> String {
        let Self { killed, survived, equivalent, timed_out, unviable } = self;
        let all = self.told() + equivalent + unviable;
        let score = match (killed * 1000).checked_div(self.told()) {
            Some(tenths) => format!("{}.{} %", tenths / 10, tenths % 10),
            None => "none".to_owned(),
        };
        format!(
            "{name:<14}{all:>7}{killed:>8}{survived:>10}{equivalent:>12}{timed_out:>11}{unviable:>10}{score:>9}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"outcomes": [
        {"scenario": "Baseline", "summary": "Success"},
        {"scenario": {"Mutant": {"name": "src/a.rs:7:9: replace < with <= in b"}}, "summary": "MissedMutant"},
        {"scenario": {"Mutant": {"name": "src/a.rs:9:9: replace b with ()"}}, "summary": "CaughtMutant"},
        {"scenario": {"Mutant": {"name": "src/a.rs:9:1: delete !"}}, "summary": "Timeout"},
        {"scenario": {"Mutant": {"name": "src/a.rs:9:2: delete !"}}, "summary": "Unviable"}
    ]}"#;

    #[test]
    fn a_report_is_read_without_its_baseline() {
        let fates: Vec<_> = parse(REPORT).unwrap().iter().map(|mutant| mutant.fate).collect();
        assert_eq!(fates, [Fate::Survived, Fate::Killed, Fate::TimedOut, Fate::Unviable]);
    }

    #[test]
    fn a_report_without_mutants_or_with_another_outcome_is_refused() {
        assert!(
            parse(r#"{"outcomes": [{"scenario": "Baseline", "summary": "Success"}]}"#).is_err()
        );
        let error = parse(&REPORT.replace("Timeout", "Lost")).unwrap_err().to_string();
        assert_eq!(error, "`Lost` is no outcome of a mutant");
    }

    #[test]
    fn a_change_is_known_wherever_it_stands_in_its_file() {
        let mutant = &parse(REPORT).unwrap()[0];
        assert!(mutant.is("src/a.rs", "replace < with <= in b"));
        assert!(!mutant.is("src/b.rs", "replace < with <= in b"));
        assert!(!mutant.is("src/a.rs", "with <= in b"));
        assert!(!mutant.is("src/a.rs", "replace < with <= in c"));
    }

    #[test]
    fn what_takes_too_long_counts_as_not_noticed_and_what_is_equivalent_not_at_all() {
        let mut mutants = parse(REPORT).unwrap();
        let score = Score::of(&mutants);
        assert_eq!(
            score.row("a"),
            "a                   4       1         1           0          1         1   33.3 %\n"
        );
        assert!(score.reaches(33) && !score.reaches(34));
        mutants[0].fate = Fate::Equivalent;
        mutants[2].fate = Fate::Unviable;
        let score = Score::of(&mutants);
        assert_eq!(
            score.row("a"),
            "a                   4       1         0           1          0         2  100.0 %\n"
        );
        assert!(score.reaches(100));
    }

    #[test]
    fn a_module_whose_mutants_do_not_compile_has_no_score() {
        let score = Score { killed: 0, survived: 0, equivalent: 0, timed_out: 0, unviable: 3 };
        assert!(score.row("a").ends_with("none\n") && score.reaches(95));
    }
}
