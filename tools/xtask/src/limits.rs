//! Lines per file and per function. Tests count for neither.

use anyhow::Result;
use proc_macro2::Delimiter;

use crate::checkout;
use crate::finding::{Finding, conclude};
use crate::source::{Source, first_line, group, ident, last_line, punct};

const LINES_PER_FILE: usize = 400;
const LINES_PER_FUNCTION: usize = 70;

/// Checks every Rust file of the checkout.
///
/// # Errors
/// When a file or a function is too long.
pub(crate) fn run() -> Result<()> {
    let root = checkout::root()?;
    let mut findings = Vec::new();
    for path in checkout::files(&root)? {
        if path.extension().is_some_and(|extension| extension == "rs") {
            check(&Source::read(&root, &path)?, &mut findings);
        }
    }
    conclude("limits", findings)
}

fn check(source: &Source, findings: &mut Vec<Finding>) {
    let lines = (1..=source.text.lines().count()).filter(|line| !source.is_test(*line)).count();
    if lines > LINES_PER_FILE {
        let message = format!("{lines} lines without tests, limit {LINES_PER_FILE}");
        findings.push(Finding::new(&source.path, 1, message));
    }
    source.each(|token, rest| {
        if ident(token).is_none_or(|keyword| keyword != "fn") {
            return;
        }
        // Without a name it is the type of a function pointer.
        let Some(name) = rest.first().and_then(ident) else {
            return;
        };
        let end = rest
            .iter()
            .find(|token| punct(token) == Some(';') || group(token, Delimiter::Brace).is_some());
        let first = first_line(token.span());
        let lines = end.map_or(1, |end| last_line(end.span()) - first + 1);
        if lines > LINES_PER_FUNCTION && !source.is_test(first) {
            let message = format!("fn {name} has {lines} lines, limit {LINES_PER_FUNCTION}");
            findings.push(Finding::new(&source.path, first, message));
        }
    });
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn findings(text: String) -> Vec<String> {
        let mut findings = Vec::new();
        check(&Source::parse(Path::new("src/a.rs"), text).unwrap(), &mut findings);
        findings.iter().map(Finding::to_string).collect()
    }

    fn function(lines: usize) -> String {
        format!("pub async fn long(a: fn(u8) -> u8) {{\n{}}}\n", "    a;\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_of_70_lines_passes() {
        assert_eq!(findings(function(70)), [""; 0]);
    }

    #[test]
    fn a_function_of_71_lines_fails() {
        let expected = ["src/a.rs:2: fn long has 71 lines, limit 70"];
        assert_eq!(findings(format!("\n{}", function(71))), expected);
    }

    #[test]
    fn a_method_inside_an_impl_is_seen() {
        let text = format!("impl A {{\n{}}}\n", function(80));
        assert_eq!(findings(text), ["src/a.rs:2: fn long has 80 lines, limit 70"]);
    }

    #[test]
    fn a_file_of_401_lines_fails() {
        assert_eq!(findings("// a\n".repeat(400)), [""; 0]);
        let expected = ["src/a.rs:1: 401 lines without tests, limit 400"];
        assert_eq!(findings("// a\n".repeat(401)), expected);
    }

    #[test]
    fn tests_do_not_count() {
        let tests =
            format!("#[cfg(test)]\nmod tests {{\n{}{}}}\n", function(99), "// a\n".repeat(400));
        assert_eq!(findings(tests), [""; 0]);
    }
}
