//! The conformance runner: every vector that it owns passes, and no other expectation would.

use chipwright_harness::vectors::{Entry, Report, Verdict, check, run};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-vectors");

/// Categories that other areas own as a whole.
const LATER: [&str; 4] = ["sm", "dukpt", "pinblock", "ecc"];

/// Categories of which vectors are run, beside transcripts.
const OWNED: [&str; 8] =
    ["tlv", "decode", "capk", "oda", "chains", "cards", "cryptogram", "selection"];

/// What vectors tell beside their results, and what they expect of parts that are not run:
/// whatever else they expect is compared.
const NOT_COMPARED: &[&str] = &[
    // Words of the publisher.
    "cards expected.modes.contact_debit_credit.icc_certificate_failure",
    "cards expected.modes.contact_electronic_cash.icc_certificate_failure",
    "decode expected.case",
    "decode expected.reason",
    "tlv expected.note",
    "traces expected.ac_check.mac",
    "traces expected.ac_check.session_key_rule",
    "traces expected.applications.icc_public_key.failure",
    // A card whose every mode is of SM2.
    "cards checks.certificates_recomputed",
    // A key that signed nothing in its transcript; a masked certificate that no check names.
    "traces expected.applications.capk.exponent",
    "traces expected.applications.capk.index",
    "traces expected.applications.capk.modulus",
    "traces expected.applications.capk.rid",
    "traces expected.applications.icc_public_key.hash_ok",
    // Masked records that no kernel takes.
    "traces expected.applications.pan",
    "traces expected.applications.static_data_to_be_authenticated",
    // Contactless.
    "traces expected.applications.cryptogram_type",
    "traces expected.applications.outcome",
];

#[test]
fn every_owned_vector_passes() {
    let report = run(Path::new(ROOT)).unwrap();
    assert_eq!(report.failed(), 0, "{report}");
    assert!(report.passed() > 850, "{report}");
    assert_eq!(report.differing(), 3, "{report}");
    for (kind, [passed, _, skipped]) in report.kinds() {
        assert!(passed == 0 || skipped == 0, "{kind} is run and skipped");
    }
    let skipped: Vec<_> = report
        .owned()
        .into_iter()
        .map(|((_, kind), count)| (kind.to_owned(), count))
        .filter(|(kind, _)| !LATER.contains(&kind.split(' ').next().unwrap()))
        .collect();
    let expected = [("capk SM2", 2), ("cards SM2", 6), ("cards SM4", 1)];
    assert_eq!(skipped, expected.map(|(kind, count)| (kind.to_owned(), count)));
}

#[test]
fn any_other_expectation_fails() {
    let mut unnoticed = BTreeSet::new();
    for (file, vectors) in files() {
        for (index, vector) in vectors.iter().enumerate() {
            for branch in ["expected", "checks"] {
                let mut paths = Vec::new();
                leaves(&vector[branch], branch.to_owned(), &mut paths);
                for path in paths {
                    let mut other = vectors.clone();
                    other.swap(0, index);
                    let changed = &mut other[0];
                    corrupt(leaf(changed, &path));
                    let group = changed["group"].clone();
                    other.retain(|vector| vector["group"] == group);
                    let id = other[0]["id"].as_str().unwrap();
                    let report = check(Path::new("x.json"), &text(&file, &other));
                    if report.failed() == 0 && is_run(&report, id, &path) {
                        unnoticed.insert(name(&file, &path));
                    }
                }
            }
        }
    }
    let known: BTreeSet<String> = NOT_COMPARED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(unnoticed, known);
}

/// Cases of Entry Point whose rules ask for another name or another value fail.
#[test]
fn another_expectation_of_entry_point_fails() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("entry-point");
    fs::create_dir_all(&folder).unwrap();
    let source = PathBuf::from(ROOT).join("entry-point");
    for name in ["card-settings.json", "terminal-settings.json"] {
        fs::copy(source.join(name), folder.join(name)).unwrap();
    }
    let cases = fs::read(source.join("cases.json")).unwrap();
    let mut cases: Value = serde_json::from_slice(&cases).unwrap();
    let mut changed = 0;
    for case in cases["cases"].as_array_mut().unwrap() {
        let mut found = false;
        for rule in case["checker"]["rules"].as_array_mut().unwrap() {
            // Every rule that is to be reached, or met on the way, asks for what nobody sends.
            for name in ["require", "when"] {
                for predicate in rule[name].as_array_mut().into_iter().flatten() {
                    let compared = predicate["op"] == "eq" && predicate.get("mask").is_none();
                    if compared && predicate["value"].is_string() {
                        predicate["value"] = "DEADBEEF".into();
                        found = true;
                    }
                }
            }
        }
        changed += usize::from(found);
    }
    fs::write(folder.join("cases.json"), cases.to_string()).unwrap();
    let report = run(&folder).unwrap();
    assert!(changed > 120, "{changed}");
    // Some only name what must not be seen: they still pass.
    assert!(report.failed() > 110, "{changed} {}", report.failed());
}

/// Whether the check that a path leads to was run rather than skipped.
fn is_run(report: &Report, id: &str, path: &str) -> bool {
    let skipped = |entry: &&Entry| matches!(entry.verdict, Verdict::Skipped(_));
    let mut skipped = report.entries.iter().filter(skipped).map(|entry| entry.id.as_str());
    !skipped.any(|skipped| {
        let name = skipped.strip_prefix(id).map(str::trim_start);
        name.is_some_and(|name| name.is_empty() || path.split('\n').any(|part| part == name))
    })
}

/// The files that have owned vectors: category, or none for a transcript, and the vectors.
fn files() -> Vec<(String, Vec<Value>)> {
    let mut files: Vec<(String, Vec<Value>)> = Vec::new();
    for category in OWNED {
        let file = fs::read(PathBuf::from(ROOT).join(format!("{category}.json"))).unwrap();
        let file: Value = serde_json::from_slice(&file).unwrap();
        files.push((category.to_owned(), file["vectors"].as_array().unwrap().clone()));
    }
    for entry in fs::read_dir(PathBuf::from(ROOT).join("traces")).unwrap() {
        let transcript = fs::read(entry.unwrap().path()).unwrap();
        files.push(("traces".to_owned(), vec![serde_json::from_slice(&transcript).unwrap()]));
    }
    files
}

fn text(category: &str, vectors: &[Value]) -> String {
    if category == "traces" {
        return vectors[0].to_string();
    }
    json!({"category": category, "count": vectors.len(), "vectors": vectors}).to_string()
}

/// The paths of everything that is neither list nor object, names on lines of their own.
fn leaves(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, format!("{path}\n{name}"), paths);
            }
        }
        Value::Array(list) => {
            for (place, value) in list.iter().enumerate() {
                leaves(value, format!("{path}\n{place}"), paths);
            }
        }
        Value::Null => {}
        _ => paths.push(path),
    }
}

/// The value at a path.
fn leaf<'v>(vector: &'v mut Value, path: &str) -> &'v mut Value {
    path.split('\n').fold(vector, |value, name| match name.parse::<usize>() {
        Ok(place) if value.is_array() => &mut value[place],
        _ => &mut value[name],
    })
}

/// A path without places in lists, for all vectors of a category alike.
fn name(category: &str, path: &str) -> String {
    let names = path.split('\n').filter(|part| part.parse::<u8>().is_err());
    format!("{category} {}", names.collect::<Vec<_>>().join("."))
}

/// Makes another value of the same kind.
fn corrupt(value: &mut Value) {
    *value = match &*value {
        Value::Bool(flag) => Value::from(!flag),
        Value::Number(number) => Value::from(number.as_u64().unwrap() + 1),
        Value::String(text) => {
            let last = text.chars().last();
            let other = if last == Some('0') { "1" } else { "0" };
            let kept = text.len() - last.map_or(0, char::len_utf8);
            Value::from(format!("{}{other}", &text[..kept]))
        }
        other => panic!("{other} is no leaf"),
    }
}

/// A copy of the directory with one corrupted vector of each kind fails at exactly those.
#[test]
fn one_corrupted_vector_of_each_kind_is_found() {
    let root = scratch("corrupted");
    let mut corrupted = BTreeSet::new();
    for (category, mut vectors) in files() {
        let mut kinds = BTreeSet::new();
        let before = check(Path::new("x.json"), &text(&category, &vectors));
        for vector in &mut vectors {
            let id = vector["id"].as_str().unwrap().to_owned();
            let kind = ["kind", "operation"].iter().find_map(|name| vector[name].as_str());
            let passes = |entry: &Entry| entry.verdict == Verdict::Passed && of(entry) == id;
            let mut paths = Vec::new();
            leaves(&vector["expected"], "expected".to_owned(), &mut paths);
            let compared = |path: &&String| !NOT_COMPARED.contains(&&*name(&category, path));
            let Some(path) = paths.iter().find(compared) else {
                continue;
            };
            if before.entries.iter().any(passes) && kinds.insert(kind.map(str::to_owned)) {
                corrupt(leaf(vector, path));
                corrupted.insert(id);
            }
        }
        let file = match category.as_str() {
            "traces" => vectors[0]["id"].as_str().unwrap().to_owned(),
            category => category.to_owned(),
        };
        fs::write(root.join(format!("{file}.json")), text(&category, &vectors)).unwrap();
    }
    let report = run(&root).unwrap();
    let failed: BTreeSet<String> = report.failures().map(|entry| of(entry).to_owned()).collect();
    assert_eq!(failed, corrupted, "{report}");
    assert!(corrupted.len() > 60);
}

/// The vector that an entry is about.
fn of(entry: &Entry) -> &str {
    entry.id.split(' ').next().unwrap()
}

/// Cards of selection vectors are asked what they know and nothing else: another command, or one
/// more, is found.
#[test]
fn exchanges_of_selection_are_exact() {
    let files = files();
    let (_, vectors) = files.iter().find(|(category, _)| category == "selection").unwrap();
    let fails = |index: usize, changed: Value| {
        let mut other = vectors.clone();
        other[index] = changed;
        let id = other[index]["id"].as_str().unwrap();
        let report = check(Path::new("x.json"), &text("selection", &other));
        report.failures().any(|entry| of(entry) == id)
    };
    let mut changes = 0;
    for (index, vector) in vectors.iter().enumerate() {
        // An AFL is refused before a record is asked for.
        if vector["expected"]["result"] == "afl_invalid_terminate" {
            continue;
        }
        let t0 = vector["kind"] == "t0_tpdu";
        let list = if t0 { "tpdu_exchanges" } else { "card_exchanges" };
        let mut longer = vector.clone();
        let exchanges = &mut longer["inputs"][list];
        let one_more = json!({"c": "00B2017C00", "r": "6A83"});
        match exchanges.as_array_mut() {
            Some(exchanges) => exchanges.push(one_more),
            None => *exchanges = json!([one_more]),
        }
        assert!(fails(index, longer), "{} with one more", vector["id"]);
        // What T=0 sends is taken out of its exchanges.
        let known = vector["inputs"][list].as_array().filter(|_| !t0);
        for place in 0..known.map_or(0, Vec::len) {
            let mut other = vector.clone();
            corrupt(&mut other["inputs"][list][place]["c"]);
            assert!(fails(index, other), "{} with another command", vector["id"]);
            changes += 1;
        }
    }
    assert!(changes > 60, "{changes}");
}

#[test]
fn what_cannot_be_run_is_named_with_file_and_line() {
    let says = |text: &str| {
        let report = check(Path::new("x.json"), text);
        assert_eq!((report.passed(), report.skipped()), (0, 0), "{text}");
        report.to_string()
    };
    let unknown = r#"{"category": "tlv", "count": 1, "vectors": [
        {"id": "a-1", "kind": "tlv_sing", "inputs": {}, "expected": {}}]}"#;
    assert_eq!(
        says(unknown),
        "x.json:2: a-1 (tlv tlv_sing): unknown kind\n0 passed, 1 failed, 0 skipped\n"
    );
    let unknown = r#"{"category": "tarot", "vectors": [{"id": "a-1", "kind": "x"}]}"#;
    assert!(says(unknown).starts_with("x.json:1: a-1 (tarot x): unknown kind\n"));
    let unreadable = r#"{"category": "tlv", "vectors": [

        {"id": "a-1", "kind": "tag_validity", "inputs": {"tag": "9"}, "expected": {"valid": true}}]}"#;
    assert_eq!(
        says(unreadable).lines().next().unwrap(),
        "x.json:3: a-1 (tlv tag_validity): cannot be run: inputs.tag is not hexadecimal: \
         Odd number of digits"
    );
    let idle = r#"{"category": "cards", "vectors": [{"id": "a-1", "checks": {}}]}"#;
    assert!(says(idle).starts_with("x.json:1: a-1 (cards): cannot be run: checks names nothing"));
    let miscounted = r#"{"category": "tlv", "count": 2, "vectors": []}"#;
    assert_eq!(says(miscounted).lines().next().unwrap(), "x.json:1: count: expected 2, found 0");
    for (text, start) in [
        ("{\n\"category\": \"tlv\",\n", "x.json:3: malformed file: EOF while parsing"),
        ("{}", "x.json:1: malformed file: of no schema"),
        ("[1]", "x.json:1: malformed file: of no schema"),
        (r#"{"category": 1, "vectors": []}"#, "x.json:1: malformed file: invalid type"),
        (r#"{"category": "tlv", "vectors": 1}"#, "x.json:1: malformed file: invalid type"),
        (r#"{"schema": "entry-point/cases/1"}"#, "x.json:1: malformed file: cases is not a list"),
    ] {
        assert!(says(text).starts_with(start), "{}", says(text));
        assert_eq!(check(Path::new("x.json"), text).malformed(), 1);
    }
}

#[test]
fn a_directory_without_vectors_is_an_error() {
    let root = scratch("none");
    assert!(run(&root).unwrap_err().to_string().contains("no vector files"));
    assert!(run(&root.join("missing")).unwrap_err().to_string().contains("missing"));
    fs::create_dir(root.join("deeper")).unwrap();
    fs::write(root.join("deeper/x.json"), b"\xFF").unwrap();
    let report = run(&root).unwrap();
    assert_eq!((report.failed(), report.malformed()), (1, 1));
    assert!(report.to_string().starts_with("deeper/x.json:1: malformed file: invalid utf-8"));
    assert_eq!(run(&root.join("deeper/x.json")).unwrap().failed(), 1);
}

/// Inputs that are hostile rather than wrong: a report, not a panic.
#[test]
fn deep_and_strange_inputs_are_only_failures() {
    let nested = "E0".repeat(10_000);
    let mut strange = vec![nested, "E080".into(), String::new(), "00".repeat(5_000)];
    strange.push("9F".repeat(3_000));
    for (file, vectors) in files() {
        for vector in &vectors {
            let mut paths = Vec::new();
            leaves(&vector["inputs"], "inputs".to_owned(), &mut paths);
            leaves(&vector["exchanges"], "exchanges".to_owned(), &mut paths);
            for (number, path) in paths.iter().enumerate() {
                let mut other = vector.clone();
                *leaf(&mut other, path) = Value::from(strange[number % strange.len()].as_str());
                let _ = check(Path::new("x.json"), &text(&file, &[other]));
            }
        }
    }
}

/// An empty directory of this test.
fn scratch(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    root
}
