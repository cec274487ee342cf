//! Entries of a trace's events: objects of JSON that anybody may have written.

use core::fmt;
use serde::Serialize;
use serde_json::Value;

/// A bit of a field, as the books count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Bit {
    pub(crate) byte: u64,
    pub(crate) bit: u64,
    pub(crate) meaning: String,
}

impl fmt::Display for Bit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}:{}] {}", self.byte, self.bit, self.meaning)
    }
}

/// What an entry holds. What is not there, or of another kind, is empty.
pub(crate) trait Entry {
    /// The text of a field.
    fn text(&self, field: &str) -> &str;
    /// The same, if there is one.
    fn text_if_any(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty()).map(str::to_owned)
    }
    /// The number in a field.
    fn number(&self, field: &str) -> u64;
    /// The list in a field.
    fn list(&self, field: &str) -> &[Value];
    /// The bits that it is about.
    fn bits(&self) -> Vec<Bit>;
    /// What happened.
    fn event(&self) -> &str {
        self.text("event")
    }
}

impl Entry for Value {
    fn text(&self, field: &str) -> &str {
        self.get(field).and_then(Self::as_str).unwrap_or_default()
    }

    fn number(&self, field: &str) -> u64 {
        self.get(field).and_then(Self::as_u64).unwrap_or_default()
    }

    fn list(&self, field: &str) -> &[Value] {
        self.get(field).and_then(Self::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    fn bits(&self) -> Vec<Bit> {
        let bit = |bit: &Value| Bit {
            byte: bit.number("byte"),
            bit: bit.number("bit"),
            meaning: bit.text_if_any("meaning").unwrap_or_else(|| "RFU".to_owned()),
        };
        self.list("bits").iter().map(bit).collect()
    }
}

/// The objects without others inside, in trees of them.
pub(crate) fn leaves<'v>(objects: &'v [Value], take: &mut dyn FnMut(&'v Value)) {
    for object in objects {
        match object.list("objects") {
            [] => take(object),
            inside => leaves(inside, take),
        }
    }
}

/// The entries, each with the phase in which it came.
pub(crate) fn phased(events: &[Value]) -> impl Iterator<Item = (&Value, &Value)> {
    let mut phase = &Value::Null;
    events.iter().map(move |event| {
        if event.event() == "phase" {
            phase = event;
        }
        (phase, event)
    })
}
