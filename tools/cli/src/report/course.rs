//! The decision tree: phases along a line, and what was found and decided in each.

use super::html::Html;
use super::part::{Tone, chip, datum, section};
use crate::explain::{Entry, Explanation, Finding, Rule, Step};
use serde_json::Value;

/// Every phase, with its findings, rules and steps.
pub(super) fn course(html: &mut Html, events: &[Value], explanation: &Explanation) {
    section(html, "How it was decided", "", |html| {
        html.element("ol", "tree", |html| {
            for (name, rule) in phases(events) {
                phase(html, &name, &rule, explanation);
            }
            html.element("li", "end", |html| {
                html.leaf("h3", "", "Outcome");
                html.leaf("p", "", &explanation.outcome);
            });
        });
    });
}

/// The phases in the order in which each began first; what came before any of them, too.
fn phases(events: &[Value]) -> Vec<(String, String)> {
    let mut phases = vec![(String::new(), String::new())];
    for event in events.iter().filter(|event| event.event() == "phase") {
        let phase = (event.text("name").to_owned(), event.text("rule").to_owned());
        if !phases.contains(&phase) {
            phases.push(phase);
        }
    }
    phases
}

fn phase(html: &mut Html, name: &str, rule: &str, explanation: &Explanation) {
    let findings: Vec<&Finding> =
        explanation.results.iter().filter(|finding| finding.phase == name).collect();
    let steps: Vec<&Step> = explanation.course.iter().filter(|step| step.phase == name).collect();
    let rules: &[Rule] =
        if name == "Cardholder Verification" { &explanation.verification } else { &[] };
    let silent = findings.is_empty() && steps.is_empty() && rules.is_empty();
    if silent && name.is_empty() {
        return;
    }
    html.element("li", if silent { "quiet" } else { "" }, |html| {
        html.element("h3", "", |html| {
            html.text(if name.is_empty() { "Before the card" } else { name });
            html.leaf("span", "rule", rule);
        });
        if silent {
            return;
        }
        html.element("ul", "", |html| {
            rules.iter().for_each(|rule| verification(html, rule));
            findings.into_iter().for_each(|found| finding(html, found));
            steps.into_iter().for_each(|taken| step(html, taken));
        });
    });
}

fn finding(html: &mut Html, finding: &Finding) {
    html.element("li", "leaf note", |html| {
        for bit in &finding.bits {
            let taken_back = if finding.cleared { " (taken back)" } else { "" };
            html.leaf("p", "what", &format!("TVR {bit}{taken_back}"));
        }
        html.element("p", "why", |html| {
            html.text(&finding.reason);
            chip(html, finding.code.as_deref().unwrap_or_default());
            chip(html, &finding.rule);
        });
        finding.data.iter().for_each(|object| datum(html, object));
    });
}

fn verification(html: &mut Html, rule: &Rule) {
    let tone = if rule.performed { "leaf" } else { "leaf passed" };
    html.element("li", tone, |html| {
        html.element("p", "what", |html| {
            html.text(&format!("Rule {}: {}", rule.number, rule.method));
            chip(html, &rule.rule);
        });
        let how = match &rule.why {
            Some(why) => format!("{}; passed over: {why}", rule.condition),
            None => format!("{}; performed", rule.condition),
        };
        html.leaf("p", "why", &how);
        rule.came.iter().for_each(|came| html.leaf("p", "why", came));
    });
}

fn step(html: &mut Html, step: &Step) {
    let class = match Tone::of(step) {
        Tone::Good => "leaf good",
        Tone::Bad => "leaf bad",
        Tone::Plain => "leaf",
    };
    html.element("li", class, |html| {
        html.element("p", "what", |html| {
            html.text(&step.what);
            for bit in &step.bits {
                html.leaf("span", "bit", &bit.to_string());
            }
        });
        html.element("p", "why", |html| {
            html.text(&step.why);
            chip(html, step.code.as_deref().unwrap_or_default());
            chip(html, step.rule.as_deref().unwrap_or_default());
        });
        // What an action code met stands where it was found.
        if step.event != "action-code" {
            step.data.iter().for_each(|object| datum(html, object));
        }
    });
}
