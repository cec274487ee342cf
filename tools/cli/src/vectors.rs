//! `vectors`: runs test vectors.

use chipwright_harness::vectors::{self, Report as Found, Verdict};
use serde_json::{Value, json};

use crate::Report;
use crate::arguments::Vectors;
use crate::failure::{Exit, Failure};

/// Runs every vector file; a line for each failure, the sums last.
pub(crate) fn run(arguments: &Vectors) -> Result<Report, Failure> {
    let directory = &arguments.directory;
    let found = vectors::run(directory)
        .map_err(|error| Failure::data(format!("{}: {error}", directory.display())))?;
    let exit = if found.failed() == 0 { Exit::Success } else { Exit::Failure };
    let text = if arguments.json { format!("{:#}\n", document(&found)) } else { found.to_string() };
    Ok(Report { text, exit })
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
