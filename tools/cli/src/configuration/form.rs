//! Keys that a terminal file does not have, by its published form.

use serde_json::Value as Json;
use toml::{Table, Value};

use super::Findings;
use crate::schema;

/// Finds unknown keys, and takes them out or puts them right.
pub(super) fn check(table: &mut Table, findings: &mut Findings<'_>) {
    let form: Json = serde_json::from_str(schema::TERMINAL).unwrap_or_default();
    check_table(table, "", &form, findings);
}

fn check_table(table: &mut Table, path: &str, form: &Json, findings: &mut Findings<'_>) {
    let Some(known) = form["properties"].as_object() else { return };
    let closed = form["additionalProperties"] == Json::Bool(false);
    let unknown: Vec<String> =
        table.keys().filter(|key| closed && !known.contains_key(*key)).cloned().collect();
    for key in unknown {
        let near = known.keys().min_by_key(|other| distance(&key, other));
        let near = near.filter(|other| distance(&key, other) <= other.len().div_ceil(3));
        let hint = near.map(|other| format!(", `{other}` perhaps")).unwrap_or_default();
        findings.error(&join(path, &key), format_args!("unknown key{hint}"));
        // The rest is read as if it were spelt right.
        if let (Some(value), Some(near)) = (table.remove(&key), near)
            && !table.contains_key(near)
        {
            table.insert(near.clone(), value);
        }
    }
    for (key, value) in table.iter_mut() {
        let form = &form["properties"][key.as_str()];
        check_value(value, &join(path, key), form, findings);
    }
}

fn check_value(value: &mut Value, path: &str, form: &Json, findings: &mut Findings<'_>) {
    match value {
        Value::Table(table) => check_table(table, path, form, findings),
        Value::Array(array) => {
            for (number, value) in array.iter_mut().enumerate() {
                check_value(value, &format!("{path}.{number}"), &form["items"], findings);
            }
        }
        _ => {}
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// How many letters have to be put in, taken out or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (number, letter) in a.chars().enumerate() {
        let mut before = number;
        let mut left = number + 1;
        for (place, other) in b.iter().enumerate() {
            let above = row.get(place + 1).copied().unwrap_or(usize::MAX);
            let best = (before + usize::from(letter != *other)).min(left + 1).min(above + 1);
            if let Some(own) = row.get_mut(place) {
                *own = left;
            }
            (before, left) = (above, best);
        }
        if let Some(last) = row.last_mut() {
            *last = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn slips_of_the_keyboard_are_near() {
        assert_eq!(distance("floor_limit", "floor_limit"), 0);
        assert_eq!(distance("floor_limits", "floor_limit"), 1);
        assert_eq!(distance("flor_limti", "floor_limit"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
    }
}
