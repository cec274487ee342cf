//! Where a terminal file is wrong.

use core::fmt;

/// What is wrong with a terminal file, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerminalFileError {
    /// Line and column, from 1; `None` when it is no place in particular.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

impl TerminalFileError {
    pub(crate) fn of(text: &str, error: &toml::de::Error) -> Self {
        Self {
            place: error.span().map(|span| place(text, span.start)),
            message: error.message().trim_end().to_owned(),
        }
    }
}

/// Line and column of a byte, from 1; columns count characters.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

impl fmt::Display for TerminalFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl core::error::Error for TerminalFileError {}
