//! `vectors`: runs test vectors.

use chipwright_harness::vectors::{self, Entry, Report as Found, Verdict};
use serde_json::{Value, json};

use crate::Report;
use crate::arguments::Vectors;
use crate::failure::{Exit, Failure};
use crate::laboratory::{self, Case, Need, Statement};

/// Runs every vector file; a line for each failure, the sums last.
pub(crate) fn run(arguments: &Vectors) -> Result<Report, Failure> {
    let directory = &arguments.directory;
    let statement = arguments.evidence.ics.as_deref().map(Statement::read).transpose()?;
    let bar = laboratory::progress(0);
    let mut found = vectors::run_with(directory, |file, number, count| {
        bar.set_length(count as u64);
        bar.set_position(number as u64);
        bar.set_message(file.display().to_string());
    })
    .map_err(|error| Failure::data(format!("{}: {error}", directory.display())))?;
    bar.finish_and_clear();
    let cases: Vec<Case> =
        found.entries.iter().map(|entry| case(entry, statement.as_ref())).collect();
    let all = found.entries.len();
    found.entries.retain(|entry| outside(entry, statement.as_ref()).is_none());
    let outside = all - found.entries.len();
    laboratory::write(&arguments.evidence, "chipwright vectors", &cases)?;
    let exit = if found.failed() == 0 { Exit::Success } else { Exit::Failure };
    let text = if arguments.json {
        let mut document = document(&found);
        document["outside_statement"] = outside.into();
        format!("{document:#}\n")
    } else if statement.is_some() {
        format!("{found}{outside} not in the conformance statement\n")
    } else {
        found.to_string()
    };
    Ok(Report { text, exit })
}

/// What a check needs of an implementation, by its kind and its name: the last word of its id.
fn needs(kind: &str, id: &str) -> Vec<Need> {
    let name = id.split_whitespace().last().unwrap_or_default();
    let contact = ["selection", "oda", "chains", "traces", "cards"];
    if kind == "entry-point" {
        return vec![Need::Kernel("chipwright-entry-point")];
    } else if name.contains("fdda") {
        return vec![Need::Kernel("chipwright-c7")];
    } else if !contact.iter().any(|word| kind.starts_with(word)) {
        return Vec::new(); // what every implementation has to read
    }
    let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let methods = [
        (is(&["ssad"]), "sda"),
        (is(&["icc_certificate", "dda", "sdad"]), "dda"),
        (is(&["cda", "transaction_data_hash"]), "cda"),
    ];
    let methods = methods.into_iter().filter(|(needed, _)| *needed);
    let methods = methods.map(|(_, method)| Need::Capability(method));
    core::iter::once(Need::Kernel("chipwright-contact")).chain(methods).collect()
}

/// Why a check is not to be run by the statement.
fn outside(entry: &Entry, statement: Option<&Statement>) -> Option<String> {
    statement?.lacks(&needs(&entry.kind, &entry.id))
}

fn case(entry: &Entry, statement: Option<&Statement>) -> Case {
    let (verdict, remark) = match (outside(entry, statement), &entry.verdict) {
        (Some(why), _) => (laboratory::Verdict::Skipped(why), None),
        (_, Verdict::Passed) => (laboratory::Verdict::Passed, None),
        (_, Verdict::Differs(problem, why)) => {
            (laboratory::Verdict::Passed, Some(format!("{problem}; on purpose: {why}")))
        }
        (_, Verdict::Failed(problem)) => {
            let place = format!("line {}: {problem}", entry.line);
            (laboratory::Verdict::Failed(place), None)
        }
        (_, Verdict::Skipped(area)) => (laboratory::Verdict::Skipped(area.to_string()), None),
    };
    Case {
        suite: entry.file.display().to_string(),
        name: entry.id.trim().to_owned(),
        kind: entry.kind.clone(),
        verdict,
        remark,
    }
}
fn document(found: &Found) -> Value {
    let failures = found.failures().map(|entry| {
        let problem = match &entry.verdict {
            Verdict::Failed(problem) => problem.to_string(),
            other => other.to_string(),
        };
        json!({
            "file": entry.file,
            "line": entry.line,
            "id": entry.id,
            "kind": entry.kind,
            "problem": problem,
        })
    });
    let owned = found.owned().into_iter().map(
        |((area, kind), count)| json!({"kind": kind, "count": count, "owned_by": area.to_string()}),
    );
    let differences = found.differences().filter_map(|entry| {
        let Verdict::Differs(problem, why) = &entry.verdict else { return None };
        Some(json!({
            "file": entry.file,
            "line": entry.line,
            "id": entry.id,
            "kind": entry.kind,
            "difference": problem.to_string(),
            "why": why,
        }))
    });
    json!({
        "failures": failures.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
        "skipped_kinds": owned.collect::<Vec<_>>(),
        "passed": found.passed(),
        "different_on_purpose": found.differing(),
        "failed": found.failed(),
        "skipped": found.skipped(),
    })
}
