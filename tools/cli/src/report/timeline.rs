//! When what happened, and who was waited for.

use serde_json::Value;

use super::html::Html;
use super::part::{duration, section};
use crate::explain::{Entry, Recording};

/// Someone is waited for.
struct Wait {
    who: &'static str,
    what: String,
    begin: u64,
    end: u64,
}

/// Shares of the whole, and a bar for every wait.
pub(super) fn timeline(html: &mut Html, recording: &Recording) {
    let waits = waits(&recording.events);
    if waits.is_empty() {
        return;
    }
    let measured = recording.events.iter().any(|event| event.get("at").is_some());
    section(html, "Timeline", "", |html| {
        if measured {
            shares(html, &recording.timing);
        } else {
            html.leaf("p", "quiet", "No times were recorded: a bar stands for one exchange.");
        }
        bars(html, &waits, measured);
    });
}

/// What was asked of card, host and people, and when they had answered.
fn waits(events: &[Value]) -> Vec<Wait> {
    let mut waits: Vec<Wait> = Vec::new();
    let mut open: Option<Wait> = None;
    for event in events {
        let at = event.number("at");
        let begun = |who, what: &str| Some(Wait { who, what: what.to_owned(), begin: at, end: at });
        match event.event() {
            "command" => {
                let what = format!("{} {}", event.text("name"), event.text("about"));
                open = begun("card", what.trim_end());
            }
            "authorise" => open = begun("host", "authorisation request"),
            "verify-pin" => open = begun("people", "PIN entry"),
            "choose" => open = begun("people", "choice of the application"),
            "response" | "authorised" | "unreachable" | "pin-entry" | "chosen" | "link-failed" => {
                waits.extend(open.take().map(|wait| Wait { end: at, ..wait }));
            }
            _ => {}
        }
    }
    waits.extend(open);
    waits
}

/// Whose time it was.
const WHO: [(&str, &str); 4] = [
    ("card", "Card"),
    ("kernel", "Kernel and terminal"),
    ("host", "Host"),
    ("people", "Cardholder"),
];

fn shares(html: &mut Html, timing: &Value) {
    let share = |who: &str| timing.number(who);
    let total = WHO.iter().map(|(who, _)| share(who)).fold(0, u64::saturating_add);
    if total == 0 {
        return;
    }
    html.element("div", "shares", |html| {
        for (who, _) in WHO.iter().filter(|(who, _)| share(who) > 0) {
            let width = format!("width:{:.2}%", percent(share(who), total));
            html.with("span", &[("class", *who), ("style", &width)], |_| ());
        }
    });
    html.element("dl", "legend", |html| {
        for (who, name) in WHO.iter().filter(|(who, _)| share(who) > 0) {
            html.element("div", who, |html| {
                html.leaf("dt", "", name);
                html.leaf("dd", "", &duration(share(who)));
            });
        }
        html.element("div", "total", |html| {
            html.leaf("dt", "", "Total");
            html.leaf("dd", "", &duration(total));
        });
    });
}

fn bars(html: &mut Html, waits: &[Wait], measured: bool) {
    let count = u64::try_from(waits.len()).unwrap_or(u64::MAX);
    let end = waits.iter().map(|wait| wait.end).max().unwrap_or_default();
    let total = if measured { end.max(1) } else { count.max(1) };
    html.element("ol", "bars", |html| {
        for (place, wait) in (0..).zip(waits) {
            let (begin, length) = if measured {
                (wait.begin, wait.end.saturating_sub(wait.begin))
            } else {
                (place, 1)
            };
            let left = percent(begin.min(total), total).min(99.5);
            let width = percent(length, total).clamp(0.5, 100.0 - left);
            let style = format!("margin-left:{left:.2}%;width:{width:.2}%");
            html.element("li", "", |html| {
                html.leaf("span", "what", &wait.what);
                html.element("span", "track", |html| {
                    html.with("span", &[("class", wait.who), ("style", &style)], |_| ());
                });
                let time = if measured { duration(length) } else { String::new() };
                html.element("span", "time", |html| html.text(&time));
            });
        }
    });
}

fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
