//! Where every byte of a list came from.

use super::html::Html;
use super::part::section;
use crate::explain::{Filled, List, origin};

/// Each list as a ribbon of bytes, and its entries.
pub(super) fn lists(html: &mut Html, lists: &[List]) {
    if lists.is_empty() {
        return;
    }
    section(html, "Where the bytes came from", "B3 5.4", |html| {
        lists.iter().for_each(|filled| list(html, filled));
    });
}

fn list(html: &mut Html, list: &List) {
    html.element("article", "list", |html| {
        html.element("h3", "", |html| {
            html.text(&list.name);
            html.leaf("code", "tag", &list.list);
        });
        let default = if list.default { "; the terminal's default" } else { "" };
        let went = list.command.as_deref().unwrap_or("a hash");
        html.leaf("p", "quiet", &format!("went into {went}{default}"));
        html.element("div", "ribbon", |html| {
            for entry in &list.entries {
                let style = format!("flex-grow:{}", entry.length.clamp(1, 255));
                let title = format!("{} {}", entry.datum.tag, entry.datum.name);
                let attributes =
                    [("class", entry.datum.source), ("style", style.as_str()), ("title", &title)];
                html.with("span", &attributes, |_| ());
            }
        });
        html.element("ol", "entries", |html| {
            list.entries.iter().for_each(|entry| filled(html, entry));
        });
    });
}

fn filled(html: &mut Html, filled: &Filled) {
    let datum = &filled.datum;
    html.element("li", "", |html| {
        html.leaf("span", "offset", &filled.offset.to_string());
        html.leaf("code", "tag", &datum.tag);
        html.leaf("span", "name", &datum.name);
        html.leaf("code", "value", datum.value.as_deref().unwrap_or_default());
        html.element("span", datum.source, |html| {
            html.text(&origin(datum));
            if !filled.fitted.is_empty() {
                html.text(&format!(", {}", filled.fitted));
            }
        });
    });
}
