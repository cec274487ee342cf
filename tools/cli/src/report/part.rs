//! Parts that several sections have.

use super::html::Html;
use crate::explain::{Datum, Step, origin};

/// How a step bears on the outcome, for its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tone {
    Good,
    Bad,
    Plain,
}

impl Tone {
    /// By what the kernel said.
    pub(super) fn of(step: &Step) -> Self {
        const AGAINST: [&str; 6] =
            ["authenticated", "fault", "given-up", "link-failed", "stop", "unreachable"];
        let says = |word: &str| step.why.contains(word);
        match step.event.as_str() {
            event if AGAINST.contains(&event) => Self::Bad,
            "breach" if step.what == "refused" => Self::Bad,
            "decision" | "final-outcome" if says("decline") || says("another interface") => {
                Self::Bad
            }
            "decision" | "final-outcome" if says("approve") => Self::Good,
            "response" if says("AAC") => Self::Bad,
            "response" if says("TC") => Self::Good,
            _ => Self::Plain,
        }
    }
}

/// A section with its heading, and the rules that it is about.
pub(super) fn section(html: &mut Html, title: &str, rule: &str, inside: impl FnOnce(&mut Html)) {
    html.element("section", "", |html| {
        html.element("h2", "", |html| {
            html.text(title);
            html.leaf("span", "rule", rule);
        });
        inside(html);
    });
}

/// A code or the id of a rule.
pub(super) fn chip(html: &mut Html, text: &str) {
    html.leaf("span", "chip", text);
}

/// A data object in one line, and where it came from.
pub(super) fn datum(html: &mut Html, datum: &Datum) {
    html.element("p", "datum", |html| {
        html.leaf("code", "tag", &datum.tag);
        html.leaf("span", "name", &datum.name);
        html.leaf("code", "value", datum.value.as_deref().unwrap_or_default());
        html.leaf("span", "meaning", datum.meaning.as_deref().unwrap_or_default());
        html.leaf("span", datum.source, &origin(datum));
    });
}

/// So many microseconds, or milliseconds where they are many.
pub(super) fn duration(microseconds: u64) -> String {
    match microseconds {
        0..1_000 => format!("{microseconds} \u{00B5}s"),
        1_000..1_000_000 => {
            let tenths = (microseconds + 50) / 100;
            format!("{}.{} ms", tenths / 10, tenths % 10)
        }
        _ => format!("{}.{:02} s", microseconds / 1_000_000, microseconds / 10_000 % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_fitting_unit() {
        assert_eq!(duration(0), "0 \u{00B5}s");
        assert_eq!(duration(999), "999 \u{00B5}s");
        assert_eq!(duration(1_250), "1.3 ms");
        assert_eq!(duration(12_345_678), "12.34 s");
        assert!(duration(u64::MAX).ends_with(" s"));
    }
}
