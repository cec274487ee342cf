//! Scenarios: attacks upon a terminal as files, and what comes of them.
//!
//! A file in `test-vectors/attacks` holds the scenarios of one attack; its README describes every
//! key. What comes of a scenario is read from the events of the kernel, as [`record`](crate::record)
//! has them: nothing is decided here.

mod builtin;
mod catalogue;
mod expect;
mod notice;

pub use builtin::builtin;
pub use catalogue::{Entry, catalogue};
pub use expect::{Expected, Hardened, Seen};
pub use notice::notices;

use core::fmt;
use serde::Deserialize;
use toml::{Table, Value};

use crate::random::Trouble;
use crate::wedge::{Edit, Rule};

/// The scenarios of an attack.
#[derive(Clone, Debug)]
pub struct Attack {
    /// Its number in the catalogue, such as `A01`.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// The scenarios, each with a name of its own.
    pub scenarios: Vec<Scenario>,
}

/// One attack upon one transaction.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, unique among those of the attack.
    pub name: String,
    /// The transaction, as options of `pay`.
    pub pay: String,
    /// The transaction that was overheard before, as options of `pay`; the same with another
    /// unpredictable number when left out.
    pub overheard: Option<String>,
    /// The card profile, as text, where no built-in card will do.
    pub profile: Option<String>,
    /// The second card, by the name of a built-in one.
    pub second: Option<String>,
    /// What the wedge does.
    #[serde(default)]
    pub rule: Vec<Rule>,
    /// How often a reader for taps finds more than one card before it finds one.
    #[serde(default)]
    pub collisions: u32,
    /// What happens on the line to the host.
    #[serde(default)]
    pub host: Line,
    /// What is wrong with the terminal's random numbers.
    pub random: Option<Trouble>,
    /// What the terminal's clock says, as YYMMDD.
    pub clock: Option<String>,
    /// What is wrong with the terminal itself, as options of `pay`: they come last.
    #[serde(default)]
    pub terminal: String,
    /// What is wrong in its file: text that comes behind it.
    #[serde(default)]
    pub terminal_file: String,
    /// What somebody may do instead, for which the terminal must send the same commands.
    pub like: Option<Like>,
    /// What has to come of it.
    pub expect: Expectations,
}

/// What somebody may do instead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Like {
    /// What the wedge does.
    #[serde(default)]
    pub rule: Vec<Rule>,
    /// What happens on the line to the host.
    #[serde(default)]
    pub host: Line,
}

/// What has to come of a scenario, by profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    /// By the books.
    pub spec: Expected,
    /// By the hardened profile, where that differs.
    pub hardened: Option<Hardened>,
}

impl Expectations {
    /// Where it came otherwise, by the hardened profile or by the books.
    pub fn differences(&self, hardened: bool, seen: &Seen<'_>) -> Vec<String> {
        match &self.hardened {
            Some(expected) if hardened => expected.differences(seen),
            _ => self.spec.differences(seen),
        }
    }

    /// What the issuer is expected to see.
    pub fn suspicion(&self, hardened: bool) -> Option<&str> {
        match &self.hardened {
            Some(expected) if hardened => expected.suspicion.as_deref(),
            _ => self.spec.suspicion.as_deref(),
        }
    }

    /// The conclusion that is expected.
    pub fn ends(&self, hardened: bool) -> &str {
        match &self.hardened {
            Some(expected) if hardened => &expected.ends,
            _ => &self.spec.ends,
        }
    }
}

/// What happens on the line to the host.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// Changes of the request.
    pub request: Edit,
    /// Changes of the answer.
    pub answer: Edit,
    /// The answer never comes.
    pub lost: bool,
}

/// Why a file holds no scenarios.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioError(String);

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for ScenarioError {}

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    title: String,
    scenario: Vec<Table>,
}

impl Attack {
    /// Reads the scenarios of an attack. One with `each` stands for many: `{}` in any of its texts
    /// is one of the values, `{0}`, `{1}` where a value is a list.
    ///
    /// # Errors
    /// [`ScenarioError`]: no TOML, unknown keys, values of the wrong kind, names that come twice.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let file: File = toml::from_str(text).map_err(|error| ScenarioError(error.to_string()))?;
        let mut scenarios: Vec<Scenario> = Vec::new();
        for table in file.scenario {
            for table in each(table)? {
                let name = table.get("name").map(Value::to_string).unwrap_or_default();
                let scenario: Scenario = table
                    .try_into()
                    .map_err(|error| ScenarioError(format!("scenario {name}: {error}")))?;
                if scenarios.iter().any(|other| other.name == scenario.name) {
                    return Err(ScenarioError(format!("scenario {name} comes twice")));
                }
                scenarios.push(scenario);
            }
        }
        Ok(Self { id: file.id, title: file.title, scenarios })
    }
}

/// The scenarios that one with `each` stands for.
fn each(mut table: Table) -> Result<Vec<Table>, ScenarioError> {
    let Some(values) = table.remove("each") else { return Ok(vec![table]) };
    let wrong = || ScenarioError("each: expected a list of texts, or of lists of texts".to_owned());
    let mut tables = Vec::new();
    for value in values.as_array().ok_or_else(wrong)? {
        let texts: Option<Vec<&str>> = match value {
            Value::String(text) => Some(vec![text]),
            Value::Array(texts) => texts.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let texts = texts.ok_or_else(wrong)?;
        let table = table.iter().map(|(key, value)| (key.clone(), filled(value, &texts)));
        tables.push(table.collect());
    }
    Ok(tables)
}

/// The value with these texts in their places.
fn filled(value: &Value, texts: &[&str]) -> Value {
    match value {
        Value::String(text) => Value::String(fill(text, texts)),
        Value::Array(values) => {
            Value::Array(values.iter().map(|value| filled(value, texts)).collect())
        }
        Value::Table(table) => {
            let filled = |(key, value): (&String, &Value)| (fill(key, texts), filled(value, texts));
            Value::Table(table.iter().map(filled).collect())
        }
        other => other.clone(),
    }
}

fn fill(text: &str, texts: &[&str]) -> String {
    let text = texts.first().map_or(text.to_owned(), |first| text.replace("{}", first));
    let places = texts.iter().enumerate();
    places.fold(text, |text, (place, with)| text.replace(&format!("{{{place}}}"), with))
}

#[cfg(test)]
mod tests;
