//! Reading vectors: every error says which field is wrong.

use super::report::Problem;
use chipwright::tag::Tag;
use serde_json::Value;

/// A value within a vector. Paths into it are field names with dots between; an empty one leads
/// to the value itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node<'v>(pub(super) &'v Value);

impl<'v> Node<'v> {
    /// The value at a path; `None` when it is absent or null.
    pub(super) fn find(self, path: &str) -> Option<Node<'v>> {
        let mut names = path.split('.').filter(|name| !name.is_empty());
        let value = names.try_fold(self.0, |value, name| value.get(name));
        value.filter(|value| !value.is_null()).map(Node)
    }

    /// The value at a path.
    pub(super) fn at(self, path: &str) -> Result<Node<'v>, Problem> {
        self.find(path).ok_or_else(|| unreadable(path, "is missing"))
    }

    pub(super) fn text(self, path: &str) -> Result<&'v str, Problem> {
        let value = self.at(path)?.0.as_str();
        value.ok_or_else(|| unreadable(path, "is not text"))
    }

    /// Bytes, spelled as hexadecimal digits.
    pub(super) fn hex(self, path: &str) -> Result<Vec<u8>, Problem> {
        decode(self.text(path)?, path)
    }

    /// Exactly `N` bytes.
    pub(super) fn array<const N: usize>(self, path: &str) -> Result<[u8; N], Problem> {
        let bytes = self.hex(path)?;
        let bytes = bytes.try_into();
        bytes.map_err(|_| unreadable(path, &format!("is not {N} bytes long")))
    }

    pub(super) fn tag(self, path: &str) -> Result<Tag, Problem> {
        tag(self.text(path)?)
    }

    pub(super) fn number(self, path: &str) -> Result<u64, Problem> {
        let value = self.at(path)?.0.as_u64();
        value.ok_or_else(|| unreadable(path, "is not a number"))
    }

    pub(super) fn flag(self, path: &str) -> Result<bool, Problem> {
        let value = self.at(path)?.0.as_bool();
        value.ok_or_else(|| unreadable(path, "is neither true nor false"))
    }

    pub(super) fn list(self, path: &str) -> Result<impl Iterator<Item = Node<'v>>, Problem> {
        let value = self.at(path)?.0.as_array();
        let value = value.ok_or_else(|| unreadable(path, "is not a list"))?;
        Ok(value.iter().map(Node))
    }

    /// The elements of a list that may be absent.
    pub(super) fn list_or_empty(self, path: &str) -> impl Iterator<Item = Node<'v>> {
        let list = self.find(path).and_then(|node| node.0.as_array());
        list.into_iter().flatten().map(Node)
    }

    /// Names and values of the object at a path, null included.
    pub(super) fn fields(
        self,
        path: &str,
    ) -> Result<impl Iterator<Item = (&'v str, Node<'v>)>, Problem> {
        let value = self.at(path)?.0.as_object();
        let value = value.ok_or_else(|| unreadable(path, "is not an object"))?;
        Ok(value.iter().map(|(name, value)| (name.as_str(), Node(value))))
    }

    /// The checks that a vector names, each with what it says of it; none is an error.
    pub(super) fn checks(self) -> Result<Vec<(&'v str, Node<'v>)>, Problem> {
        let checks: Vec<_> = self.fields("checks")?.collect();
        if checks.is_empty() {
            return Err(unreadable("checks", "names nothing"));
        }
        Ok(checks)
    }

    /// This value as text; the error says what it should have been.
    pub(super) fn as_text(self, what: &str) -> Result<&'v str, Problem> {
        let value = self.0.as_str();
        value.ok_or_else(|| unreadable(what, "is not text"))
    }
}

/// Bytes, spelled as hexadecimal digits; the error names `what`.
pub(super) fn decode(text: &str, what: &str) -> Result<Vec<u8>, Problem> {
    hex::decode(text).map_err(|error| unreadable(what, &format!("is not hexadecimal: {error}")))
}

/// A tag, spelled as hexadecimal digits.
pub(super) fn tag(text: &str) -> Result<Tag, Problem> {
    let bytes = decode(text, text)?;
    Tag::from_bytes(&bytes).ok_or_else(|| unreadable(text, "is not a tag"))
}

pub(super) fn unreadable(what: &str, why: &str) -> Problem {
    Problem::Unreadable(format!("{what} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_error_names_the_field() {
        let value = json!({"inputs": {"data": "9Z", "short": "9A", "n": "1", "none": null}});
        let node = Node(&value);
        let says = |problem: Result<(), Problem>| problem.unwrap_err().to_string();
        assert_eq!(
            says(node.hex("inputs.data").map(drop)),
            "cannot be run: inputs.data is not hexadecimal: \
             Invalid character 'Z' at position 1"
        );
        assert_eq!(
            says(node.array::<2>("inputs.short").map(drop)),
            "cannot be run: inputs.short is not 2 bytes long"
        );
        assert_eq!(
            says(node.number("inputs.n").map(drop)),
            "cannot be run: inputs.n is not a number"
        );
        for path in ["inputs.none", "inputs.other", "inputs.data.deeper"] {
            let expected = format!("cannot be run: {path} is missing");
            assert_eq!(says(node.text(path).map(drop)), expected);
        }
        assert_eq!(node.list_or_empty("inputs.none").count(), 0);
        assert!(node.flag("inputs.n").is_err() && node.list("inputs").is_err());
        assert!(tag("9F").is_err() && tag("9F02").is_ok());
    }
}
