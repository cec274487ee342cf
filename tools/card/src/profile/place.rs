//! Where a profile is wrong.

use std::collections::BTreeMap;

use core::fmt;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong with a profile, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProfileError {
    /// Line and column of the text, from 1; `None` when the profile was not read from a text.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

impl ProfileError {
    /// What `toml` found, with the place where it did.
    pub(super) fn of_toml(text: &str, error: &toml::de::Error) -> Self {
        Self {
            place: error.span().map(|span| place(text, span.start)),
            message: error.message().to_owned(),
        }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((line, column)) = self.place {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl core::error::Error for ProfileError {}

/// The place of every key of a profile's text.
#[derive(Clone, Default, Debug)]
pub(crate) struct Places {
    places: BTreeMap<String, (usize, usize)>,
}

impl Places {
    /// The places in `text`, none when it is no TOML.
    pub(super) fn of(text: &str) -> Self {
        let mut places = Self::default();
        if let Ok(document) = DeTable::parse(text) {
            places.table(text, "", document.get_ref());
        }
        places
    }

    fn table(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            let path = format!("{path}.{}", key.get_ref());
            self.value(text, path, value);
        }
    }

    fn value(&mut self, text: &str, path: String, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(text, &path, table),
            DeValue::Array(array) => {
                for (position, value) in array.iter().enumerate() {
                    self.value(text, format!("{path}.{position}"), value);
                }
            }
            _ => {}
        }
        self.places.insert(path, place(text, value.span().start));
    }

    /// An error about the key at `path`, or, where the text has no such key, about the part that
    /// it would belong to.
    pub(crate) fn error(&self, path: &str, message: impl Into<String>) -> ProfileError {
        let mut part = path;
        let place = loop {
            match (self.places.get(part), part.rfind('.')) {
                (Some(place), _) => break Some(*place),
                (None, Some(end)) => part = &part[..end],
                (None, None) => break None,
            }
        };
        ProfileError {
            place,
            message: format!("{}: {}", path.trim_start_matches('.'), message.into()),
        }
    }
}

/// Line and column of the byte at `offset`, from 1, columns in characters.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_blamed_on_its_part() {
        let text = "title = 'ä'\n[[part]]\nname = 'x'\n  key.inner = 5\n";
        let places = Places::of(text);
        let at = |path: &str| places.error(path, "").place;
        assert_eq!(at(".title"), Some((1, 9)));
        assert_eq!(at(".part.0.key.inner"), Some((4, 15)));
        assert_eq!(at(".part.0.name.deeper.still"), Some((3, 8)));
        assert_eq!(at(".part.0.missing"), at(".part.0"));
        assert_eq!(at(".elsewhere"), None);
        assert_eq!(places.error(".a.b", "wrong").to_string(), "a.b: wrong");
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(place("ää = 1\nö x", 12), (2, 3));
        assert_eq!(place("", 9), (1, 1));
    }
}
