//! Which cases an implementation has to pass, by its conformance statement.

use serde_json::Value;

use crate::failure::Failure;
use crate::source;

/// What a case needs of an implementation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Need {
    /// A kernel, or Entry Point.
    Kernel(&'static str),
    /// A capability that was not withdrawn.
    Capability(&'static str),
}

/// A conformance statement, as `ics --json` writes it.
#[derive(Clone, Debug)]
pub(crate) struct Statement(Value);

impl Statement {
    /// Reads a file.
    pub(crate) fn read(path: &str) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::data(format!("{path}: no conformance statement: {why}"));
        let document: Value =
            serde_json::from_str(&source::text(path)?).map_err(|error| wrong(error.to_string()))?;
        for part in ["kernels", "capabilities", "withdrawn"] {
            if !document.get(part).is_some_and(Value::is_object) {
                return Err(wrong(format!("`{part}` is missing")));
            }
        }
        Ok(Self(document))
    }

    /// What the statement does not have of the needs of a case.
    pub(crate) fn lacks(&self, needs: &[Need]) -> Option<String> {
        let missing = needs.iter().find(|need| !self.has(**need))?;
        Some(match missing {
            Need::Kernel(name) => format!("{name} is not in the conformance statement"),
            Need::Capability(name) => format!("no {name} by the conformance statement"),
        })
    }

    fn has(&self, need: Need) -> bool {
        let Self(document) = self;
        let is_set = |part: &str, key: &str| document[part][key]["value"].as_bool() == Some(true);
        match need {
            Need::Kernel(name) => document["kernels"].get(name).is_some(),
            Need::Capability(name) => is_set("capabilities", name) && !is_set("withdrawn", name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_case_needs_what_the_statement_has() {
        let yes = json!({"value": true});
        let statement = Statement(json!({
            "kernels": {"chipwright-contact": {"value": "1"}},
            "capabilities": {"sda": yes, "dda": yes, "cda": {"value": false}},
            "withdrawn": {"sda": yes},
        }));
        let lacks = |needs: &[Need]| statement.lacks(needs);
        assert_eq!(lacks(&[Need::Kernel("chipwright-contact"), Need::Capability("dda")]), None);
        assert_eq!(lacks(&[]), None);
        assert_eq!(
            lacks(&[Need::Kernel("chipwright-c7")]).unwrap(),
            "chipwright-c7 is not in the conformance statement"
        );
        for name in ["cda", "sda", "card-capture"] {
            assert!(lacks(&[Need::Capability("dda"), Need::Capability(name)]).is_some(), "{name}");
        }
    }
}
