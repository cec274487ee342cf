//! The language in which the cases say what is to be observed: rules of a small state machine.

use super::super::node::{Node, decode, unreadable};
use super::super::report::Problem;
use serde_json::{Map, Value, json};

/// What was observed.
#[derive(Debug)]
pub(super) struct Event {
    /// Its name.
    pub(super) on: &'static str,
    /// What goes with it.
    pub(super) fields: Map<String, Value>,
    /// What the kernel was asked for by its data object list, and got.
    pub(super) objects: Vec<(String, Vec<u8>)>,
}

impl Event {
    pub(super) fn new(on: &'static str) -> Self {
        Self { on, fields: Map::new(), objects: Vec::new() }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    fn object(&self, tag: &str) -> Option<&[u8]> {
        self.objects.iter().find(|(found, _)| found == tag).map(|(_, value)| &value[..])
    }
}

/// Follows the events of one case.
pub(super) struct Checker<'v> {
    rules: Node<'v>,
    statistics: bool,
    state: u64,
    complete: bool,
    failed: Option<String>,
    field_on: bool,
    last_request: Map<String, Value>,
    numbers: Vec<u32>,
}

impl<'v> Checker<'v> {
    pub(super) fn new(case: Node<'v>) -> Result<Self, Problem> {
        Ok(Self {
            rules: case.at("checker.rules")?,
            statistics: case.text("checker.verdict")? == "un_statistics",
            state: 0,
            complete: false,
            failed: None,
            field_on: false,
            last_request: Map::new(),
            numbers: Vec::new(),
        })
    }

    /// Takes one event: the first rule that applies counts.
    pub(super) fn feed(&mut self, event: &Event) -> Result<(), Problem> {
        match event.on {
            "field_on" => self.field_on = true,
            "field_off" => self.field_on = false,
            "ui_request" => self.last_request = event.fields.clone(),
            _ => {}
        }
        for rule in self.rules.list("")? {
            if rule.text("on")? != event.on || !self.is_in(rule.at("state")?)? {
                continue;
            }
            if self.holds_all(rule, "when", event)? {
                return self.apply(rule, event);
            }
        }
        Ok(())
    }

    /// Whether everything was observed, and nothing that must not be.
    pub(super) fn verdict(self) -> Result<(), Problem> {
        if self.statistics {
            return judge(&self.numbers);
        }
        match (self.failed, self.complete) {
            (Some(what), _) => Err(Problem::differs("observed", "what the rules ask for", what)),
            (None, false) => Err(Problem::differs("rules", "reached", "not reached")),
            (None, true) => Ok(()),
        }
    }

    fn apply(&mut self, rule: Node<'_>, event: &Event) -> Result<(), Problem> {
        let forbidden = rule.find("fail").is_some_and(|fail| fail.0 == &Value::Bool(true));
        if forbidden || !self.holds_all(rule, "require", event)? {
            let what = format!("{} in state {}: {event:?}", event.on, self.state);
            self.failed.get_or_insert(what);
        }
        if let Some(tag) = rule.find("collect").and_then(|tag| tag.0.as_str()) {
            let number = event.object(tag).and_then(|value| value.try_into().ok());
            self.numbers.extend(number.map(u32::from_be_bytes));
            self.numbers.truncate(1000);
        }
        if let Some(state) = rule.find("goto").and_then(|state| state.0.as_u64()) {
            self.state = state;
        }
        self.complete |= rule.find("complete").is_some_and(|done| done.0 == &Value::Bool(true));
        Ok(())
    }

    fn is_in(&self, state: Node<'_>) -> Result<bool, Problem> {
        if state.0.as_str() == Some("any") {
            return Ok(true);
        }
        if let Some(not_in) = state.find("not_in") {
            return Ok(!not_in.list("")?.any(|other| other.0.as_u64() == Some(self.state)));
        }
        Ok(state.0.as_u64() == Some(self.state))
    }

    fn holds_all(&self, rule: Node<'_>, what: &str, event: &Event) -> Result<bool, Problem> {
        for predicate in rule.list_or_empty(what) {
            if !self.holds(predicate, event)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds(&self, predicate: Node<'_>, event: &Event) -> Result<bool, Problem> {
        if let Some(any) = predicate.find("any") {
            for other in any.list("")? {
                if self.holds(other, event)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        let (subject, op) = (predicate.text("subject")?, predicate.text("op")?);
        let value = predicate.at("value")?;
        let equal = match (subject, subject.strip_prefix("pdol."), op) {
            // The runner says what time it is: no second passes.
            (_, _, "within_seconds_of_now") => {
                let [date, time] = ["9A", "9F21"].map(|tag| event.object(tag));
                return Ok(date == Some(&super::DATE[..]) && time == Some(&super::TIME[..]));
            }
            (_, Some(tag), "length") => {
                let length = event.object(tag).map(|found| found.len() as u64);
                return Ok(length == value.0.as_u64());
            }
            (_, None, "length") => {
                let found = self.field(subject, event).and_then(Value::as_str);
                return Ok(found.map(|text| text.len() as u64 / 2) == value.0.as_u64());
            }
            (_, Some(tag), _) => match event.object(tag) {
                None => false,
                Some(found) => matches(tag, found, predicate)?,
            },
            ("reader.field_on", ..) => value.0 == &json!(self.field_on),
            _ => self.field(subject, event) == Some(value.0),
        };
        match op {
            "eq" => Ok(equal),
            "ne" => Ok(!equal),
            _ => Err(unreadable("op", "is none that is known")),
        }
    }

    fn field<'e>(&'e self, subject: &str, event: &'e Event) -> Option<&'e Value> {
        if let Some(name) = subject.strip_prefix("reader.last_ui.") {
            return self.last_request.get(name);
        }
        event.fields.get(subject.split_once('.')?.1)
    }
}

/// Compares a value with the expected one, which is first brought to its length.
fn matches(tag: &str, found: &[u8], predicate: Node<'_>) -> Result<bool, Problem> {
    let fitted = |name: &str| -> Result<Option<Vec<u8>>, Problem> {
        let text = predicate.find(name).and_then(|text| text.0.as_str());
        let bytes = text.map(|text| decode(text, name)).transpose()?;
        Ok(bytes.map(|bytes| fit(tag, &bytes, found.len())))
    };
    let expected = fitted("value")?.ok_or(unreadable("value", "is no text"))?;
    let mask = fitted("mask")?.unwrap_or(vec![0xFF; found.len()]);
    let mut bytes = found.iter().zip(&expected).zip(&mask);
    Ok(bytes.all(|((found, expected), mask)| found & mask == expected & mask))
}

/// A value at the length that a list asks for.
pub(super) fn fit(tag: &str, value: &[u8], length: usize) -> Vec<u8> {
    let mut value = value.to_vec();
    if tag == "9F02" {
        value.reverse();
    }
    value.resize(length, 0);
    if tag == "9F02" {
        value.reverse();
    }
    value
}

/// Whether numbers look drawn by chance.
fn judge(numbers: &[u32]) -> Result<(), Problem> {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if (numbers.len(), sorted.len()) != (1000, 1000) {
        let found = format!("{} of {}", sorted.len(), numbers.len());
        return Err(Problem::differs("different numbers", 1000, found));
    }
    let always = numbers.iter().fold(u32::MAX, |all, number| all & number);
    let ones: u32 = numbers.iter().map(|number| number.count_ones()).sum();
    if always != 0 || !(15_000..=17_000).contains(&ones) {
        return Err(Problem::differs("ones", "15000 to 17000", ones));
    }
    Ok(())
}
