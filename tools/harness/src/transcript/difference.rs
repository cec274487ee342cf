//! Where a replay is not what the transcript expects, in two columns.

use core::fmt;

use super::{Step, Transcript};

/// Steps before the difference that are shown.
const BEFORE: usize = 4;
/// Characters of a column.
const WIDTH: usize = 46;

/// The first output that is not what a transcript expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Line of the transcript, from 1; 0 when it was not read from a text.
    pub line: usize,
    /// What was expected; `None` when the transcript was at its end.
    pub expected: Option<Step>,
    /// What was found; `None` when nothing was.
    pub found: Option<Step>,
    /// Why nothing was found.
    pub reason: Option<String>,
    before: Vec<Step>,
}

/// A row of two columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Whether they are the same.
    pub same: bool,
}

impl Difference {
    pub(super) fn new(transcript: &Transcript, place: usize, found: Option<Step>) -> Self {
        let before = transcript.steps.get(place.saturating_sub(BEFORE)..place);
        Self {
            line: transcript.lines.get(place).copied().unwrap_or(0),
            expected: transcript.steps.get(place).cloned(),
            found,
            reason: None,
            before: before.unwrap_or_default().to_vec(),
        }
    }

    pub(super) fn because(mut self, reason: String) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The dialogue around the difference, in two columns.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for step in &self.before {
            let text = cut(&step.to_string());
            rows.push(Row { expected: text.clone(), found: text, same: true });
        }
        let shown = |step: &Option<Step>, nothing: &str| {
            step.as_ref().map_or_else(|| nothing.to_owned(), Step::to_string)
        };
        let expected = shown(&self.expected, "the end");
        let found = self.reason.clone().unwrap_or_else(|| shown(&self.found, "nothing"));
        let (left, right) = (pieces(&expected), pieces(&found));
        for place in 0..left.len().max(right.len()) {
            let piece = |pieces: &[String]| pieces.get(place).cloned().unwrap_or_default();
            let (expected, found) = (piece(&left), piece(&right));
            let same = expected == found;
            let marks = if same { String::new() } else { marks(&expected, &found) };
            rows.push(Row { expected, found, same });
            if !marks.trim().is_empty() {
                rows.push(Row { expected: marks.clone(), found: marks, same: false });
            }
        }
        rows
    }
}

/// Marks under what differs.
fn marks(expected: &str, found: &str) -> String {
    let length = expected.chars().count().max(found.chars().count());
    let (mut left, mut right) = (expected.chars(), found.chars());
    let marks: String =
        (0..length).map(|_| if left.next() == right.next() { ' ' } else { '^' }).collect();
    marks.trim_end().to_owned()
}

/// A line in pieces that fit a column.
fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(WIDTH).map(|piece| piece.iter().collect()).collect()
}

/// The beginning of a line.
fn cut(text: &str) -> String {
    if text.chars().count() <= WIDTH {
        return text.to_owned();
    }
    text.chars().take(WIDTH - 1).chain(['\u{2026}']).collect()
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "line {}: the kernel differs from the transcript", self.line)?;
        writeln!(f, "  {:<WIDTH$}    found", "expected")?;
        for Row { expected, found, same } in self.rows() {
            let mark = if same { ' ' } else { '|' };
            writeln!(f, "  {expected:<WIDTH$}  {mark} {found}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Difference {}
