//! The catalogue of known weaknesses of terminals.

use serde::Deserialize;

use super::builtin;

/// A known weakness.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// Why there is no scenario.
    pub pending: Option<String>,
    /// Why no terminal's kernel can do anything.
    pub outside: Option<String>,
}

#[derive(Deserialize)]
struct Catalogue {
    attack: Vec<Entry>,
}

/// The catalogue, in its order.
///
/// # Panics
/// Never: a test reads it.
pub fn catalogue() -> Vec<Entry> {
    let text = include_str!("../../../../test-vectors/attacks/catalogue.toml");
    toml::from_str::<Catalogue>(text).expect("the catalogue is read by a test").attack
}

impl Entry {
    /// Whether there are scenarios.
    pub fn is_covered(&self) -> bool {
        builtin(&self.id).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Attack;
    use std::collections::BTreeSet;

    #[test]
    fn every_entry_is_covered_or_says_why_not() {
        let catalogue = catalogue();
        for entry in &catalogue {
            let states = [entry.is_covered(), entry.pending.is_some(), entry.outside.is_some()];
            let count = states.into_iter().filter(|state| *state).count();
            assert_eq!(count, 1, "{}", entry.id);
        }
        let names: BTreeSet<_> = catalogue.iter().map(|entry| &entry.id).collect();
        assert_eq!((names.len(), catalogue.len()), (87, 87));
    }

    #[test]
    fn every_file_belongs_to_an_entry() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-vectors/attacks");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.extension().is_none_or(|extension| extension != "toml") || name == "catalogue" {
                continue;
            }
            let attack = Attack::parse(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert_eq!(attack.id.to_lowercase(), name);
            let catalogue = catalogue();
            let entry = catalogue.iter().find(|entry| entry.id == attack.id).unwrap();
            assert_eq!(entry.title, attack.title, "{name}");
            assert!(entry.is_covered(), "{name} is not built in");
        }
    }
}
