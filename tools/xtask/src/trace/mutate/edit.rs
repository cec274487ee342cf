//! How a rule line can be broken.

use crate::source::Source;

/// Lines of code behind a citation that still belong to its rule.
const REACH: usize = 3;

/// The rule lines of the citation at `line` (from 1), and what each can become.
pub(super) fn edits(source: &Source, line: usize) -> Vec<(usize, String)> {
    let lines: Vec<&str> = source.text.lines().collect();
    let Some(cited) = lines.get(line.saturating_sub(1)) else {
        return Vec::new();
    };
    let is_comment = |text: &str| text.trim_start().starts_with("//");
    // Behind code, the citation is about that line (and the statement that begins there) alone.
    if !is_comment(cited) {
        let (code, _) = cited.split_once("//").unwrap_or((cited, ""));
        let statement = statement(&lines, line - 1).into_iter();
        return changes(code.trim_end())
            .into_iter()
            .map(|text| (line, text))
            .chain(statement)
            .collect();
    }
    let mut edits = Vec::new();
    let (mut number, mut seen) = (line, 0);
    while let Some(text) = lines.get(number) {
        number += 1;
        if is_comment(text) && seen == 0 {
            continue;
        }
        let cites_another = text.contains("[B") && text.contains("//");
        if seen == REACH || cites_another || text.is_empty() || *text == "}" {
            break;
        }
        seen += 1;
        if !is_comment(text) {
            edits.extend(changes(text).into_iter().map(|changed| (number, changed)));
            edits.extend(statement(&lines, number - 1));
        }
    }
    edits
}

/// What one line can become.
fn changes(line: &str) -> Vec<String> {
    let code = line.trim();
    let indent = line.strip_suffix(code).unwrap_or_default();
    let mut changes = Vec::new();
    if code.starts_with("fn ") || code.starts_with("pub ") || code.starts_with('#') {
        return changes;
    }
    for (head, joint) in [("if ", "if false && "), ("} else if ", "} else if false && ")] {
        if let Some(condition) = code.strip_prefix(head).and_then(|rest| rest.strip_suffix(" {"))
            && !condition.starts_with("let ")
        {
            changes.push(format!("{indent}{joint}({condition}) {{"));
        }
    }
    for (sign, other) in [
        (" == ", " != "),
        (" != ", " == "),
        (" >= ", " < "),
        (" <= ", " > "),
        (" > ", " <= "),
        (" < ", " >= "),
        (" && ", " || "),
        (" || ", " && "),
        ("is_none()", "is_some()"),
        ("is_some()", "is_none()"),
        ("1..=10", "0..=31"),
        ("2..=8", "1..=9"),
        ("5..=16", "4..=17"),
        ("| !", "| "),
        ("self.issuer_approved {", "!self.issuer_approved {"),
        ("if satisfied", "if !satisfied"),
    ] {
        if line.contains(sign) && !code.starts_with("|") {
            changes.push(line.replacen(sign, other, 1));
        }
    }
    let arm = code.contains(" => return ") && code.ends_with(',');
    let part = code.starts_with("&& ") && !code.ends_with(['{', ';']);
    if arm || part || code.starts_with("return Err(") && code.ends_with(';') {
        changes.push(String::new());
    }
    changes
}

/// A statement for its effect, on one line: removed.
fn statement(lines: &[&str], index: usize) -> Option<(usize, String)> {
    let (code, _) = lines.get(index)?.split_once("//").unwrap_or((lines.get(index)?, ""));
    let code = code.trim();
    let before =
        index.checked_sub(1).and_then(|before| lines.get(before)).map_or("", |line| line.trim());
    let begins = before.is_empty() || before.ends_with([';', '{', '}']) || before.starts_with("//");
    let effect =
        ["findings.note", "note(", "self.add_status(", "self.add_results(", "Candidates::clear"];
    let checked = code.contains(".check_") || code.contains(".require");
    let ends = code.ends_with(");") || code.ends_with("?;");
    (begins && ends && (checked || effect.iter().any(|word| code.starts_with(word))))
        .then(|| (index + 1, String::new()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn edited(text: &str, line: usize) -> Vec<(usize, String)> {
        edits(&Source::parse(Path::new("src/a.rs"), text.to_owned()).unwrap(), line)
    }

    #[test]
    fn conditions_and_notes_behind_a_citation_are_broken() {
        let text = "fn a() {\n    // [B3 10.4.1 differs] Why.\n    if b >= c {\n        note(d);\n    }\n}\n";
        let expected = [
            (3, "    if false && (b >= c) {".to_owned()),
            (3, "    if b < c {".to_owned()),
            (4, String::new()),
        ];
        assert_eq!(edited(text, 2), expected);
    }

    #[test]
    fn a_citation_behind_code_is_about_its_line() {
        let text = "fn a() {\n    certificate.check_date()?; // [B2 5.3 9]\n    if b == c {}\n}\n";
        assert_eq!(edited(text, 2), [(2, String::new())]);
    }

    #[test]
    fn the_next_citation_begins_another_rule() {
        let text = "fn a() {\n    // [B3 8.1 other]\n    x();\n    if b == c {} // [B3 8.1]\n}\n";
        assert_eq!(edited(text, 2), []);
    }
}
