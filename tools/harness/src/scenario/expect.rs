//! What has to come of a scenario, and where it came otherwise.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

use super::notices;
use crate::wedge::{Exchange, Order};

/// What has to come of a scenario.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The conclusion, and who decided: `approved online`; `refused` when there is to be no
    /// transaction.
    pub ends: String,
    /// What the kernel notices, in this order, with anything between: beginnings of
    /// [`notices`]. Where there is to be no transaction: pieces of what the terminal says.
    pub noticed: Vec<String>,
    /// What it must not notice.
    #[serde(default)]
    pub unnoticed: Vec<String>,
    /// Why it ended, by the name of the end.
    pub end: Option<String>,
    /// How often commands are sent.
    #[serde(default)]
    pub commands: BTreeMap<Order, usize>,
    /// Bytes that some command has, in hexadecimal.
    #[serde(default)]
    pub sent: Vec<String>,
    /// Data objects of the authorisation message, by tag.
    #[serde(default)]
    pub authorised: BTreeMap<String, String>,
    /// Data objects that are left at the end, by tag.
    #[serde(default)]
    pub left: BTreeMap<String, String>,
    /// Whether a reversal is owed.
    #[serde(default)]
    pub reversal: bool,
    /// What the acquirer says to the batch item.
    pub settled: Option<String>,
    /// What the issuer sees in what it is told, which the terminal cannot see.
    pub suspicion: Option<String>,
}

/// What has to come of it by the hardened profile, where that is not the same.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hardened {
    /// The rules that make the difference, such as `H1`: of each a breach is noticed.
    pub by: Vec<String>,
    /// As of [`Expected`].
    pub ends: String,
    /// As of [`Expected`].
    pub noticed: Vec<String>,
    /// As of [`Expected`].
    pub commands: BTreeMap<Order, usize>,
    /// As of [`Expected`].
    pub authorised: BTreeMap<String, String>,
    /// As of [`Expected`].
    pub reversal: bool,
    /// As of [`Expected`].
    pub suspicion: Option<String>,
}

impl Hardened {
    /// Where it came otherwise; nothing when all is as expected.
    pub fn differences(&self, seen: &Seen<'_>) -> Vec<String> {
        let Self { by, ends, noticed, commands, authorised, reversal, suspicion } = self.clone();
        let broken = |rule: &String| {
            let mut events = seen.events.iter();
            events.any(|event| event["event"] == "breach" && event["rule"] == rule.as_str())
        };
        let unbroken = by.iter().filter(|rule| !broken(rule));
        let unbroken: Vec<_> = unbroken.map(|rule| format!("not broken: {rule}")).collect();
        let expected = Expected {
            ends,
            noticed,
            commands,
            authorised,
            reversal,
            suspicion,
            ..Expected::default()
        };
        unbroken.into_iter().chain(expected.differences(seen)).collect()
    }
}

/// What came of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// Events as JSON.
    pub events: &'s [Value],
    /// Outcome as JSON.
    pub outcome: &'s Value,
    /// Data objects that are left, as JSON.
    pub objects: &'s [Value],
    /// Everything that passed between reader and card.
    pub tape: &'s [Exchange],
    /// What the issuer suspects.
    pub suspicions: &'s [String],
}

impl Seen<'_> {
    /// The conclusion, and who decided.
    pub fn ends(&self) -> String {
        let word = |key: &str| self.outcome[key].as_str().unwrap_or_default();
        format!("{} {}", word("conclusion"), word("authority"))
    }

    /// Data objects of the authorisation message.
    pub fn authorised(&self) -> Option<&[Value]> {
        let asked = self.events.iter().rev().find(|event| event["event"] == "authorise")?;
        asked["objects"].as_array().map(Vec::as_slice)
    }

    fn settled(&self) -> Option<&str> {
        let batch = |event: &&Value| event["kind"] == "batch item";
        self.events.iter().find(batch)?["remark"].as_str()
    }

    fn sends(&self, bytes: &str) -> bool {
        let mut commands = self.tape.iter().map(|exchange| hex::encode_upper(&exchange.command));
        commands.any(|command| command.contains(bytes))
    }

    fn count(&self, order: Order) -> usize {
        let kinds = self.tape.iter().map(|exchange| Order::of(&exchange.command));
        kinds.filter(|kind| order == Order::Any || *kind == order).count()
    }
}

impl Expected {
    /// Where it came otherwise; nothing when all is as expected.
    pub fn differences(&self, seen: &Seen<'_>) -> Vec<String> {
        let mut found = Vec::new();
        let mut compare = |what: &str, expected: &str, came: &str| {
            if expected != came {
                found.push(format!("{what}: expected {expected}, came {came}"));
            }
        };
        compare("end", &self.ends, &seen.ends());
        if let Some(end) = &self.end {
            compare("cause", end, seen.outcome["end"]["code"].as_str().unwrap_or("none"));
        }
        let reversal = seen.outcome["reversal"] == true;
        compare("reversal", word(self.reversal), word(reversal));
        for (order, times) in &self.commands {
            let name = format!("{order:?}");
            compare(&name, &times.to_string(), &seen.count(*order).to_string());
        }
        for (tag, value) in &self.authorised {
            let came = value_of(seen.authorised().unwrap_or_default(), tag);
            compare(&format!("authorised {tag}"), value, came);
        }
        for (tag, value) in &self.left {
            compare(&format!("left {tag}"), value, value_of(seen.objects, tag));
        }
        if let Some(remark) = &self.settled {
            compare("settled", remark, seen.settled().unwrap_or("nothing"));
        }
        compare("suspicion", self.suspicion.as_deref().unwrap_or(""), &seen.suspicions.join("; "));
        let unsent = self.sent.iter().filter(|bytes| !seen.sends(bytes));
        found.extend(unsent.map(|bytes| format!("not sent: {bytes}")));
        found.extend(self.unseen(&notices(seen.events)));
        found
    }

    /// Notices that are not where they should be.
    fn unseen(&self, noticed: &[String]) -> Vec<String> {
        let mut rest = noticed.iter();
        let missing = self.noticed.iter().filter(|expected| {
            let mut look = rest.clone();
            let found = look.any(|notice| is(notice, expected));
            if found {
                rest = look;
            }
            !found
        });
        let missing = missing.map(|expected| format!("not noticed: {expected}"));
        let surplus = self
            .unnoticed
            .iter()
            .filter(|unexpected| noticed.iter().any(|notice| is(notice, unexpected)))
            .map(|unexpected| format!("noticed: {unexpected}"));
        missing.chain(surplus).collect()
    }
}

/// Whether a notice is the one that is meant: begins with its words.
fn is(notice: &str, meant: &str) -> bool {
    notice.strip_prefix(meant).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

const fn word(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn value_of<'v>(objects: &'v [Value], tag: &str) -> &'v str {
    let object = objects.iter().find(|object| object["tag"] == tag);
    object.and_then(|object| object["value"].as_str()).unwrap_or("absent")
}
