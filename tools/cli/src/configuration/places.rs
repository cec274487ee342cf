//! Where things stand in a TOML file.

use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Line and column, from 1; `None` when it is no place in particular.
pub(super) type Place = Option<(usize, usize)>;

/// Line and column of every key, by its path: `application.0.aid`.
pub(super) struct Places(BTreeMap<String, (usize, usize)>);

impl Places {
    /// Reads a file.
    ///
    /// # Errors
    /// Where it is no TOML, and why.
    pub(super) fn read(text: &str) -> Result<Self, (Place, String)> {
        let document = DeTable::parse(text).map_err(|error| {
            let place = error.span().map(|span| place(text, span.start));
            (place, error.message().trim_end().to_owned())
        })?;
        let mut places = Self(BTreeMap::new());
        places.table(text, "", document.get_ref());
        Ok(places)
    }

    /// The place of a path, or of what it stands in.
    pub(super) fn of(&self, path: &str) -> Place {
        let mut part = path;
        loop {
            if let Some(place) = self.0.get(part) {
                return Some(*place);
            }
            part = part.rsplit_once('.')?.0;
        }
    }

    fn table(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", key.get_ref());
            self.0.insert(path.clone(), place(text, key.span().start));
            self.value(text, &path, value);
        }
    }

    fn value(&mut self, text: &str, path: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(text, path, table),
            DeValue::Array(array) => {
                for (number, value) in array.iter().enumerate() {
                    let path = format!("{path}.{number}");
                    self.0.insert(path.clone(), place(text, value.span().start));
                    self.value(text, &path, value);
                }
            }
            _ => {}
        }
    }
}

/// Line and column of a byte, from 1; columns count characters.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}
