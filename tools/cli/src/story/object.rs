//! Data objects as rows.

use chipwright::dictionary::Format;
use chipwright_harness::describe::Node;

use crate::page::{Page, Style, cell};

/// Columns of a tag.
pub(crate) const TAG: usize = 7;
/// Columns of a name.
pub(crate) const NAME: usize = 40;
/// Longest value that stands beside its meaning, in hexadecimal digits.
const SHORT: usize = 20;

/// A data object and those inside it, each a level further in.
pub(crate) fn object(page: &Page, node: &Node, margin: usize) {
    object_at(page, node, margin, 0);
}

fn object_at(page: &Page, node: &Node, margin: usize, depth: usize) {
    let tag = node.tag.to_string();
    let indent = margin + 2 * depth;
    let name = node.name.unwrap_or("unknown");
    let style = if node.name.is_none() { Style::Dim } else { Style::Plain };
    // Deeper objects have less room for their name, so that values stand below each other.
    let room = NAME.saturating_sub(2 * depth);
    let (value, note) = value(node);
    let value_width = if note.is_empty() { 0 } else { value.chars().count() + 2 };
    page.row(&[
        cell(Style::Plain, "").wide(indent),
        cell(Style::Link, &tag).wide(TAG),
        cell(style, name).wide(room.max(name.chars().count() + 1)),
        cell(Style::Plain, &value).wide(value_width),
        cell(Style::Dim, &note),
    ]);
    let parts_at = margin + TAG + NAME;
    for part in &node.meaning.parts {
        page.row(&[cell(Style::Plain, "").wide(parts_at), cell(Style::Dim, part)]);
    }
    if let Some(problem) = &node.meaning.problem {
        page.row(&[cell(Style::Plain, "").wide(parts_at), cell(Style::Bad, problem)]);
    }
    for child in &node.children {
        object_at(page, child, margin, depth + 1);
    }
}

/// What stands in the column of values, and a remark beside it.
fn value(node: &Node) -> (String, String) {
    let text = node.meaning.text.clone().unwrap_or_default();
    let is_text = matches!(node.format, Some(Format::A | Format::An | Format::Ans));
    if !node.children.is_empty() {
        (String::new(), String::new())
    } else if text.is_empty() || node.meaning.problem.is_some() {
        (node.shown.clone(), String::new())
    } else if is_text {
        (text, String::new())
    } else if node.hex.len() > SHORT && node.meaning.parts.is_empty() && node.name.is_some() {
        // A track, a certificate, a long name: the beginning is enough.
        (node.shown.clone(), text)
    } else if node.hex.len() <= SHORT {
        (node.shown.clone(), text)
    } else {
        (text, String::new())
    }
}
