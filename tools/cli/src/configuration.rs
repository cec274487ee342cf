//! `config check`: what a laboratory would find in a terminal file.

mod applications;
mod form;
mod keys;
mod places;
mod taps;
mod terminal;

use chipwright::value::Date;
use chipwright_harness::terminal_file::{Configuration, TerminalFile};
use core::fmt;
use serde_json::json;

use crate::Report;
use crate::arguments::{self, ConfigCheck};
use crate::failure::{Exit, Failure};
use crate::page::{Page, Style, cell};
use crate::source;
use keys::Providers;
use places::Places;

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Level {
    /// A terminal does not load it, or a laboratory fails it.
    Error,
    /// It works, and rarely means what was wanted.
    Warning,
}

impl Level {
    const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What was found, and at which place of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Finding {
    level: Level,
    /// Line and column, from 1; `None` when it is no place in particular.
    place: Option<(usize, usize)>,
    message: String,
}

/// Collects findings about a file.
struct Findings<'f> {
    places: &'f Places,
    found: Vec<Finding>,
}

impl Findings<'_> {
    /// Something at a path of the file that fails.
    fn error(&mut self, path: &str, message: impl fmt::Display) {
        self.push(Level::Error, path, message);
    }

    /// Something that is worth a look.
    fn warning(&mut self, path: &str, message: impl fmt::Display) {
        self.push(Level::Warning, path, message);
    }

    fn push(&mut self, level: Level, path: &str, message: impl fmt::Display) {
        let shown = if path.is_empty() { String::new() } else { format!("{path}: ") };
        let message = format!("{shown}{message}");
        self.found.push(Finding { level, place: self.places.of(path), message });
    }
}

/// Checks every file; a line for each finding, the sums last.
pub(crate) fn check(arguments: &ConfigCheck) -> Result<Report, Failure> {
    let date = arguments::date(&arguments.date)?;
    let mut files = Vec::new();
    for name in &arguments.file {
        let text = match TerminalFile::builtin(name) {
            Some(terminal) => terminal.text().to_owned(),
            None => source::text(name)?,
        };
        files.push((name, findings(&text, date)));
    }
    let all = || files.iter().flat_map(|(_, found)| found);
    let count = |level| all().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let exit = if errors == 0 { Exit::Success } else { Exit::Failure };
    let text = if arguments.json {
        let entry = |(name, found): &(&String, Vec<Finding>)| {
            let finding = |finding: &Finding| {
                json!({
                    "level": finding.level.word(),
                    "line": finding.place.map(|(line, _)| line),
                    "column": finding.place.map(|(_, column)| column),
                    "message": finding.message,
                })
            };
            json!({"file": name, "findings": found.iter().map(finding).collect::<Vec<_>>()})
        };
        let files: Vec<_> = files.iter().map(entry).collect();
        let document = json!({"command": "config check", "files": files, "errors": errors, "warnings": warnings, "exit_code": exit as u8});
        format!("{document:#}\n")
    } else {
        let page = Page::new();
        for (name, found) in &files {
            found.iter().for_each(|finding| show(&page, name, finding));
        }
        page.row(&[cell(Style::Bold, &format!("{errors} errors, {warnings} warnings"))]);
        page.text()
    };
    Ok(Report { text, exit })
}

fn show(page: &Page, name: &str, finding: &Finding) {
    let place = finding.place.map(|(line, column)| format!("{line}:{column}:")).unwrap_or_default();
    let style = match finding.level {
        Level::Error => Style::Bad,
        Level::Warning => Style::Note,
    };
    page.line(&[
        cell(Style::Plain, &format!("{name}:{place} ")),
        cell(style, &format!("{}: ", finding.level.word())),
        cell(Style::Plain, &finding.message),
    ]);
}

/// What is to be found in a file, in the order of its lines.
fn findings(text: &str, today: Date) -> Vec<Finding> {
    let places = match Places::read(text) {
        Ok(places) => places,
        Err((place, message)) => return vec![Finding { level: Level::Error, place, message }],
    };
    let mut findings = Findings { places: &places, found: Vec::new() };
    let mut table = text.parse::<toml::Table>().unwrap_or_default();
    form::check(&mut table, &mut findings);
    let own = keys::check(text, today, &mut findings);
    let known = findings.found.len();
    // What is wrong with its form and its keys is told; the rest is read without it.
    table.remove("key");
    match TerminalFile::parse(&toml::to_string(&table).unwrap_or_default()) {
        Ok(file) => about(&file.configuration(), &own, &mut findings),
        Err(_) => whole(text, known, &mut findings),
    }
    // What only the whole file shows.
    if findings.found.iter().all(|finding| finding.level != Level::Error) {
        whole(text, 0, &mut findings);
    }
    let mut found = findings.found;
    found.sort_by_key(|finding| finding.place);
    found
}

/// The first thing for which a terminal refuses the file, unless it was found already.
fn whole(text: &str, from: usize, findings: &mut Findings<'_>) {
    let Err(error) = TerminalFile::parse(text) else { return };
    let told = findings
        .found
        .iter()
        .take(from)
        .any(|finding| finding.place.map(|place| place.0) == error.place.map(|place| place.0));
    if !told {
        let (place, message) = (error.place, error.message);
        findings.found.push(Finding { level: Level::Error, place, message });
    }
}

fn about(configuration: &Configuration<'_>, own: &Providers, findings: &mut Findings<'_>) {
    let terminal = configuration.terminal();
    terminal::check(&terminal, findings);
    applications::check(&terminal, findings);
    taps::check(&terminal, &configuration.combinations, findings);
    keys::check_use(&terminal, &configuration.combinations, own, findings);
}

#[cfg(test)]
mod tests;
