//! Citations of requirement ids in source files and transcripts.

use std::path::{Path, PathBuf};

use crate::finding::Finding;
use crate::source::Source;

/// Where an id is cited, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Citation {
    /// Book and section, and perhaps a rule of it: `B3 10.5.1`, `B2 5.3 8`, `B3 10.4.2 atm`.
    pub(super) id: String,
    pub(super) place: Place,
    /// Path below the root of the checkout.
    pub(super) path: PathBuf,
    /// Line, from 1.
    pub(super) line: usize,
}

/// What a citation proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Code that runs on a terminal: the section is kept.
    Code,
    /// A test or transcript: the section is tested.
    Test,
    /// A tool: only a reference.
    Tool,
}

/// Finds `[B3 10.5.1]` and, in tests, `covers B3 10.5.1`.
///
/// Commas separate sections of a book, semicolons books: `[B3 10.5, 10.6; B2 5]`. Rules of a
/// section follow it, by the book's numbers or by names of ours: `[B2 5.3 5-7]`,
/// `[B2 5.3 11, 12]`, `[B3 10.4.2 atm, cash]`. They cite their section as well.
pub(super) fn of_source(
    source: &Source,
    citations: &mut Vec<Citation>,
    findings: &mut Vec<Finding>,
) {
    for (index, text) in source.text.lines().enumerate() {
        let line = index + 1;
        let place = match (source.is_test(line), source.is_portable()) {
            (true, _) => Place::Test,
            (false, true) => Place::Code,
            (false, false) => Place::Tool,
        };
        let comment = text.trim_start().trim_start_matches(['/', '!']).trim_start();
        let covered = comment
            .strip_prefix("covers ")
            .filter(|list| place == Place::Test && list.split(' ').next().is_some_and(is_book));
        let lists = bracketed(text).chain(covered);
        for list in lists {
            push(list, place, &source.path, line, citations, findings);
        }
    }
}

/// Finds the lines `covers B3 10.5.1, B3 10.6` of a transcript.
pub(super) fn of_transcript(
    path: &Path,
    text: &str,
    citations: &mut Vec<Citation>,
    findings: &mut Vec<Finding>,
) {
    for (index, line) in text.lines().enumerate() {
        if let Some(list) = line.strip_prefix("covers ") {
            push(list.trim(), Place::Test, path, index + 1, citations, findings);
        }
    }
}

/// Whether `text` is a book and a section of it, perhaps with one rule: `B3 10.5.1`, `B2 A1.2`,
/// `B2 5.3 8`, `B3 10.4.2 atm`.
pub(super) fn is_id(text: &str) -> bool {
    let mut words = text.split(' ');
    words.next().is_some_and(is_book)
        && words.next().is_some_and(is_section)
        && words.next().is_none_or(is_rule)
        && words.next().is_none()
}

/// The section that the rule `id` belongs to; `None` when `id` is a section.
pub(super) fn section_of(id: &str) -> Option<&str> {
    let (section, _) = id.rsplit_once(' ')?;
    section.contains(' ').then_some(section)
}

/// The books that an id may name: Books 1 to 4; of the contactless ones A, B, and those with a
/// kernel here. `H` are the rules of the hardened profile, which are ours.
pub(super) const BOOKS: [&str; 8] = ["B1", "B2", "B3", "B4", "A", "B", "C7", "H"];

/// Whether `text` names one rule of a section: `8`, `atm`, `fail-rule`.
fn is_rule(text: &str) -> bool {
    is_number(text) || is_name(text)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.split('-').all(|word| {
            let mut bytes = word.bytes();
            !word.is_empty() && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

fn is_book(text: &str) -> bool {
    BOOKS.contains(&text)
}

fn is_section(text: &str) -> bool {
    let first = text.strip_prefix(|letter: char| letter.is_ascii_uppercase());
    let numbers = match first {
        Some("") => return true,
        Some(numbers) => numbers,
        None => text,
    };
    numbers
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The rules that `text` names: `9`, `5-7`, `atm`; none when it names no rule.
fn rules(text: &str) -> Vec<String> {
    if is_rule(text) {
        return vec![text.to_owned()];
    }
    let range = text.split_once('-').and_then(|(first, last)| {
        let (first, last) = (first.parse::<u8>().ok()?, last.parse::<u8>().ok()?);
        Some((first..=last).map(|number| number.to_string()).collect())
    });
    range.unwrap_or_default()
}

/// What stands between `[Bn ` and `]`, from the book on. Documentation may escape the brackets.
fn bracketed(line: &str) -> impl Iterator<Item = &str> {
    line.split('[').skip(1).filter_map(|rest| {
        let (list, _) = rest.split_once(']')?;
        let (book, _) = list.split_once(' ')?;
        is_book(book).then_some(list.trim_end_matches('\\'))
    })
}

/// Takes a list apart: see [`of_source`] for what may stand in it.
fn push(
    list: &str,
    place: Place,
    path: &Path,
    line: usize,
    citations: &mut Vec<Citation>,
    findings: &mut Vec<Finding>,
) {
    let mut cite = |id: String| {
        let path = path.to_path_buf();
        citations.push(Citation { id, place, path, line });
    };
    for group in list.split(';') {
        let (mut book, mut section) = ("", "");
        for part in group.split(',') {
            let mut words = part.split_whitespace().peekable();
            if let Some(named) = words.next_if(|word| is_book(word)) {
                (book, section) = (named, "");
            }
            let words: Vec<&str> = words.collect();
            let (named, rules) = match words.as_slice() {
                [rule] if !section.is_empty() && !rules(rule).is_empty() => (section, rules(rule)),
                [section] => (*section, Vec::new()),
                [section, rule] if !rules(rule).is_empty() => (*section, rules(rule)),
                _ => ("", Vec::new()),
            };
            section = if rules.is_empty() { "" } else { named };
            let id = format!("{book} {named}");
            if !is_id(&id) {
                let message = format!("`{}` is no section of a book", part.trim());
                findings.push(Finding::new(path, line, message));
                continue;
            }
            for rule in rules {
                cite(format!("{id} {rule}"));
            }
            cite(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cited(path: &str, text: &str) -> Vec<(String, Place, usize)> {
        let source = Source::parse(Path::new(path), text.to_owned()).unwrap();
        let (mut citations, mut findings) = (Vec::new(), Vec::new());
        of_source(&source, &mut citations, &mut findings);
        assert_eq!(findings, []);
        citations.into_iter().map(|citation| (citation.id, citation.place, citation.line)).collect()
    }

    #[test]
    fn ids_are_books_and_sections() {
        for id in [
            "B3 10.5.1",
            "B1 12",
            "B2 B2.1",
            "B2 5.3 8",
            "B3 10.5 no-cash",
            "B3 A",
            "B4 A2",
            "B3 C5",
            "C7 4.2 6986",
        ] {
            assert!(is_id(id), "{id}");
        }
        for id in ["B5 1", "B3", "B3 ", "B3 10.", "B3 .5", "B3 a", "B3 Table 31", "B3 AB", "C2 3"] {
            assert!(!is_id(id), "{id}");
        }
    }

    #[test]
    fn several_sections_share_a_bracket() {
        let id = |id: &str| (id.to_owned(), Place::Code, 1);
        let text = r"// Order. [B3 10.7, 10.8; B4 6.3] and \[B2 B3\]";
        let expected = [id("B3 10.7"), id("B3 10.8"), id("B4 6.3"), id("B2 B3")];
        assert_eq!(cited("src/a.rs", text), expected);
    }

    #[test]
    fn rules_are_cited_with_their_section() {
        let ids = |text| -> Vec<String> {
            cited("src/a.rs", text).into_iter().map(|(id, ..)| id).collect()
        };
        assert_eq!(ids("// [B2 5.3 9]"), ["B2 5.3 9", "B2 5.3"]);
        let range = ["B2 5.3 5", "B2 5.3 6", "B2 5.3 7", "B2 5.3"];
        assert_eq!(ids("// [B2 5.3 5-7]"), range);
        let named = ["B3 10.4.2 cash", "B3 10.4.2", "B3 10.4.2 no-cash", "B3 10.4.2", "B3 10.5"];
        assert_eq!(ids("// [B3 10.4.2 cash, no-cash, 10.5]"), named);
        // Behind a section without rules, a number is a section of its own.
        assert_eq!(ids("// [B2 6.4 8; B2 6.5, 12]"), ["B2 6.4 8", "B2 6.4", "B2 6.5", "B2 12"]);
    }

    #[test]
    fn a_rule_knows_its_section() {
        assert_eq!(section_of("B2 5.3 8"), Some("B2 5.3"));
        assert_eq!(section_of("B2 5.3"), None);
    }

    #[test]
    fn other_brackets_are_not_citations() {
        assert_eq!(cited("src/a.rs", "/// [`Aip`] [1:8] [B3] [C2 S3.11] `[0; 4]`\nfn a() {}"), []);
    }

    #[test]
    fn a_test_covers() {
        let text = "// [B3 1]\n#[cfg(test)]\nmod tests {\n    /// covers B3 2, B1 3\n    fn a() {}\n    // [B3 4]\n}";
        let expected = [
            ("B3 1".to_owned(), Place::Code, 1),
            ("B3 2".to_owned(), Place::Test, 4),
            ("B1 3".to_owned(), Place::Test, 4),
            ("B3 4".to_owned(), Place::Test, 6),
        ];
        assert_eq!(cited("kernels/contact/src/a.rs", text), expected);
    }

    #[test]
    fn only_tests_cover() {
        assert_eq!(cited("src/a.rs", "/// covers B3 2\nfn a() {}"), []);
        assert_eq!(cited("kernels/contact/tests/a.rs", "//! covers B3 2").len(), 1);
    }

    #[test]
    fn a_tool_only_refers() {
        assert_eq!(
            cited("tools/card/src/a.rs", "// [B3 2]"),
            [("B3 2".to_owned(), Place::Tool, 1)]
        );
    }

    #[test]
    fn what_is_no_section_is_found() {
        let source = Source::parse(Path::new("src/a.rs"), "// [B3 10.1, Figure 7]".to_owned());
        let (mut citations, mut findings) = (Vec::new(), Vec::new());
        of_source(&source.unwrap(), &mut citations, &mut findings);
        assert_eq!(citations.len(), 1);
        let expected = "src/a.rs:1: `Figure 7` is no section of a book";
        assert_eq!(findings[0].to_string(), expected);
    }

    #[test]
    fn a_transcript_covers() {
        let (mut citations, mut findings) = (Vec::new(), Vec::new());
        let text = "# Title, covers nothing\ncovers    B3 10.5.1, B3 6.5.12\n> 00A4\n";
        of_transcript(Path::new("a.emv"), text, &mut citations, &mut findings);
        let ids: Vec<&str> = citations.iter().map(|citation| citation.id.as_str()).collect();
        assert_eq!((ids, findings.len()), (vec!["B3 10.5.1", "B3 6.5.12"], 0));
    }
}
