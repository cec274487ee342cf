//! What a test laboratory keeps of a run: cases with their verdicts, as JUnit XML and as a page.

mod html;
mod junit;
mod statement;

use indicatif::{ProgressBar, ProgressStyle};
use std::path::Path;

pub(crate) use statement::{Need, Statement};

use crate::arguments::Evidence;
use crate::failure::Failure;

/// A case of a run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    /// The file or attack that it belongs to.
    pub(crate) suite: String,
    /// Its name within that.
    pub(crate) name: String,
    /// What kind of case it is.
    pub(crate) kind: String,
    pub(crate) verdict: Verdict,
    /// What is worth knowing beside the verdict.
    pub(crate) remark: Option<String>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Passed,
    /// Why.
    Failed(String),
    /// Why it was not run.
    Skipped(String),
}

/// Writes the files that the command line asks for.
pub(crate) fn write(evidence: &Evidence, title: &str, cases: &[Case]) -> Result<(), Failure> {
    let write = |path: &Path, text: String| {
        std::fs::write(path, text)
            .map_err(|error| Failure::data(format!("{}: {error}", path.display())))
    };
    if let Some(path) = &evidence.junit {
        write(path, junit::document(title, cases))?;
    }
    if let Some(path) = &evidence.html {
        write(path, html::page(title, cases))?;
    }
    Ok(())
}

/// A bar on standard error, if that is a terminal; nothing otherwise.
pub(crate) fn progress(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed} {msg}");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Cases of each suite, in the order of the suites' first cases.
pub(crate) fn suites(cases: &[Case]) -> Vec<(&str, Vec<&Case>)> {
    let mut suites: Vec<(&str, Vec<&Case>)> = Vec::new();
    for case in cases {
        match suites.iter_mut().find(|(name, _)| *name == case.suite) {
            Some((_, own)) => own.push(case),
            None => suites.push((&case.suite, vec![case])),
        }
    }
    suites
}

/// How many passed, failed, were skipped.
pub(crate) fn sums<'c>(cases: impl IntoIterator<Item = &'c Case>) -> [usize; 3] {
    let mut sums = [0; 3];
    for case in cases {
        let [passed, failed, skipped] = &mut sums;
        *match case.verdict {
            Verdict::Passed => passed,
            Verdict::Failed(_) => failed,
            Verdict::Skipped(_) => skipped,
        } += 1;
    }
    sums
}

/// Text between tags: what would be markup is escaped, what XML cannot hold is shown as a code.
fn escaped(text: &str) -> String {
    let letter = |letter: char| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\n' | '\t' => letter.to_string(),
        letter if letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}') => {
            format!("\\u{{{:X}}}", u32::from(letter))
        }
        letter => letter.to_string(),
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn cases() -> Vec<Case> {
        let case = |suite: &str, name: &str, verdict| Case {
            suite: suite.to_owned(),
            name: name.to_owned(),
            kind: "tlv".to_owned(),
            verdict,
            remark: None,
        };
        vec![
            case("a.json", "one", Verdict::Passed),
            case(
                "b.json",
                "two",
                Verdict::Failed("expected <9C>, found \"9D\" & \u{1}".to_owned()),
            ),
            case("a.json", "three", Verdict::Skipped("later".to_owned())),
        ]
    }

    #[test]
    fn cases_are_counted_by_suite() {
        let cases = cases();
        let suites = suites(&cases);
        assert_eq!(suites.len(), 2);
        assert_eq!(sums(suites[0].1.iter().copied()), [1, 0, 1]);
        assert_eq!(sums(&cases), [1, 1, 1]);
    }

    #[test]
    fn markup_is_text() {
        assert_eq!(escaped("<a b=\"c\">&\u{0}\n"), "&lt;a b=&quot;c&quot;&gt;&amp;\\u{0}\n");
    }
}
