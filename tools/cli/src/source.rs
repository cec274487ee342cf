//! What a command reads.

use chipwright_card::Profile;
use chipwright_harness::terminal_file::{self, TerminalFile};
use std::io::Read;
use std::path::Path;

use crate::failure::Failure;

/// Longest file that is read, in bytes.
const MAX_LENGTH: u64 = 16 << 20;

/// The bytes of a file, or of the standard input for `-`.
pub(crate) fn bytes(path: &str) -> Result<Vec<u8>, Failure> {
    let shown = if path == "-" { "standard input" } else { path };
    let failed = |error: std::io::Error| Failure::data(format!("{shown}: {error}"));
    let mut bytes = Vec::new();
    if path == "-" {
        std::io::stdin().take(MAX_LENGTH + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = std::fs::File::open(path).map_err(failed)?;
        file.take(MAX_LENGTH + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > MAX_LENGTH {
        return Err(Failure::data(format!("{shown}: longer than {MAX_LENGTH} bytes")));
    }
    Ok(bytes)
}

/// The text of a file.
pub(crate) fn text(path: &str) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        Failure::data(format!("{path}: no text: not UTF-8 at offset {offset}"))
    })
}

/// Whether a name means a file.
fn is_path(name: &str) -> bool {
    name.contains(['/', '\\', '.']) || Path::new(name).exists()
}

/// The card of this name, or of this file.
pub(crate) fn card(name: &str) -> Result<Profile, Failure> {
    let builtin = chipwright_card::builtin();
    let text = match builtin.iter().find(|builtin| builtin.name == name) {
        Some(builtin) => builtin.text.to_owned(),
        None if is_path(name) => text(name)?,
        None => return Err(unknown("card", name, builtin.iter().map(|builtin| builtin.name))),
    };
    Profile::parse(&text).map_err(|error| Failure::data(format!("{name}: {error}")))
}

/// The terminal of this name, or of this file.
pub(crate) fn terminal(name: &str) -> Result<TerminalFile, Failure> {
    if let Some(terminal) = TerminalFile::builtin(name) {
        return Ok(terminal);
    }
    if !is_path(name) {
        return Err(unknown("terminal", name, terminal_file::names()));
    }
    let text = text(name)?;
    TerminalFile::parse(&text).map_err(|error| Failure::data(format!("{name}: {error}")))
}

/// The terminal with some of its options changed, each as `KEY=VALUE` in the form of its file.
pub(crate) fn with_options(
    terminal: TerminalFile,
    changes: &[String],
) -> Result<TerminalFile, Failure> {
    changes.iter().try_fold(terminal, |terminal, change| {
        let wrong = |why: &str| Failure::usage(format!("--option {change}: {why}"));
        let change = change.parse::<toml::Table>().map_err(|error| wrong(error.message()))?;
        let mut file = terminal.text().parse::<toml::Table>().unwrap_or_default();
        let options = file.entry("options").or_insert_with(|| toml::Table::new().into());
        options.as_table_mut().ok_or_else(|| wrong("the terminal has none"))?.extend(change);
        let text = toml::to_string(&file).map_err(|error| wrong(&error.to_string()))?;
        TerminalFile::parse(&text).map_err(|error| wrong(&error.message))
    })
}

fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Failure {
    let known: Vec<&str> = known.collect();
    Failure::usage(format!(
        "no built-in {what} and no file is called `{name}`; built-in: {}",
        known.join(", ")
    ))
}
