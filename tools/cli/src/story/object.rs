//! Data objects as rows.

use chipwright::dictionary::Format;
use chipwright_harness::describe::Node;

use crate::page::{Page, Style, cell};

/// Columns of a tag.
pub(crate) const TAG: usize = 7;
/// Columns of a name.
pub(crate) const NAME: usize = 38;
/// Longest value that stands beside its meaning, in hexadecimal digits.
const SHORT: usize = 20;

/// How much of a value is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Detail {
    /// Every bit, rule and entry.
    Everything,
    /// What the card says of itself for this transaction: profile, file locator, rules.
    Answer,
    /// No parts.
    Values,
}

impl Detail {
    fn has_parts(self, tag: u32) -> bool {
        match self {
            Self::Everything => true,
            Self::Answer => matches!(tag, 0x82 | 0x94 | 0x8E),
            Self::Values => false,
        }
    }
}

/// A data object and those inside it, each a level further in.
pub(crate) fn object(page: &Page, node: &Node, margin: usize, detail: Detail) {
    object_at(page, node, margin, 0, detail);
}

fn object_at(page: &Page, node: &Node, margin: usize, depth: usize, detail: Detail) {
    let tag = node.tag.to_string();
    let name = node.name.unwrap_or("unknown");
    let style = if node.name.is_none() { Style::Dim } else { Style::Plain };
    // Deeper objects have less room for their name, so that values stand below each other.
    let room = NAME.saturating_sub(2 * depth).max(name.chars().count() + 1);
    let (value, note) = value(node);
    let width = if note.is_empty() { 0 } else { value.chars().count() + 2 };
    page.row(&[
        cell(Style::Plain, "").wide(margin + 2 * depth),
        cell(Style::Dim, &tag).wide(TAG),
        cell(style, name).wide(room),
        cell(Style::Plain, &value).wide(width),
        cell(Style::Dim, &note),
    ]);
    let below = |style, text: &str| {
        page.row(&[cell(Style::Plain, "").wide(margin + TAG + NAME), cell(style, text)]);
    };
    if detail == Detail::Everything {
        for (book, name) in node.other_meanings() {
            below(Style::Dim, &format!("or {name} ({book})"));
        }
    }
    if detail.has_parts(node.tag.0) {
        node.meaning.parts.iter().for_each(|part| below(Style::Dim, part));
    }
    if let Some(problem) = &node.meaning.problem {
        below(Style::Bad, problem);
    }
    for child in &node.children {
        object_at(page, child, margin, depth + 1, detail);
    }
}

/// What stands in the column of values, and a remark beside it.
fn value(node: &Node) -> (String, String) {
    let text = node.meaning.text.as_deref().unwrap_or_default();
    let is_text = matches!(node.format, Some(Format::A | Format::An | Format::Ans));
    // A list is told by its parts, a text by its letters.
    let is_list = !node.meaning.parts.is_empty() && node.hex.len() > SHORT;
    if !node.children.is_empty() {
        (String::new(), String::new())
    } else if text.is_empty() || node.meaning.problem.is_some() {
        (node.shown.clone(), String::new())
    } else if is_text || is_list {
        (text.to_owned(), String::new())
    } else if node.hex.trim_start_matches('0') == text {
        (node.shown.clone(), String::new()) // the same number twice
    } else {
        (node.shown.clone(), text.to_owned())
    }
}
