//! Conformance runner: published vectors against the code that a terminal runs.
//!
//! [`run`] takes every JSON file under a directory, tells by its shape which schema it follows
//! (`test-vectors/README.md` describes them), drives the real code with the inputs of every vector
//! and compares what comes out with what the vector expects. It decides nothing itself: no rule of
//! EMV is written here a second time.
//!
//! | Schema | Told by | Checks |
//! |---|---|---|
//! | vectors of a category | `category`, `vectors` | one per vector, or one per entry of its `checks` |
//! | transcript | `exchanges` | one per application, and one per entry of its `checks` |
//! | index of transcripts | list of objects with `file` | none: the transcripts are files of their own |
//! | Entry Point | `schema` | one per case |
//! | trace of ours | `schema` | none: `tests/field.rs` replays it |

mod application;
mod capk;
mod cards;
mod chain;
mod chains;
mod cryptogram;
mod decode;
mod difference;
mod entry_point;
mod keys;
mod later;
mod node;
mod oda;
mod proof;
mod recovered;
mod report;
mod selection;
mod tlv;
mod traces;

pub use chain::{
    CaKey, Certificate, Chain, Combined, Dynamic, DynamicContent, Given, RsaKey, Verdicts,
};
pub use proof::{Proof, proofs};
pub use report::{Area, Entry, Problem, Report, Verdict};

use node::Node;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Runs every vector file under `root`, or the one file that it is, in the order of their names.
///
/// What is wrong with a vector or the content of a file is in the report, with file and line.
///
/// # Errors
/// A directory or file that cannot be read, or no vector file at all.
pub fn run(root: &Path) -> io::Result<Report> {
    run_with(root, |_, _, _| ())
}

/// The same, and `watch` is told of every file before it runs: with its number from 0, and how many
/// there are.
///
/// # Errors
/// Those of [`run`].
pub fn run_with(root: &Path, watch: impl Fn(&Path, usize, usize)) -> io::Result<Report> {
    let mut report = Report::default();
    let files = files(root)?;
    let count = files.len();
    for (number, file) in files.into_iter().enumerate() {
        watch(&file, number, count);
        let content = read(&file)?;
        let shown = file.strip_prefix(root).ok();
        let shown = shown.filter(|path| !path.as_os_str().is_empty()).unwrap_or(&file);
        report.entries.extend(match String::from_utf8(content) {
            Ok(text) => check_file(shown, &text, file.parent()).entries,
            Err(error) => {
                let mut checks = Checks::of(shown);
                checks.push("", Err(Problem::Malformed(error.to_string())));
                checks.entries
            }
        });
    }
    Ok(report)
}

/// Runs the vectors in the `text` of one file; `file` is its name for the report. Cases of Entry
/// Point need the settings that lie beside their file: [`run`] finds them.
pub fn check(file: &Path, text: &str) -> Report {
    check_file(file, text, None)
}

/// The same; `folder` is where the file lies.
fn check_file(file: &Path, text: &str, folder: Option<&Path>) -> Report {
    let mut checks = Checks::of(file);
    match File::read(text) {
        Err((line, what)) => {
            checks.line = line;
            checks.push("", Err(Problem::Malformed(what)));
        }
        Ok(File::Vectors { category, count, vectors, lines }) => {
            for (vector, line) in vectors.iter().zip(lines) {
                checks.line = line;
                check_vector(&category, Node(vector), &vectors, &mut checks);
            }
            if let Some(count) = count.filter(|count| *count != vectors.len()) {
                (checks.line, checks.id) = (1, String::new());
                checks.push("", Err(Problem::differs("count", count, vectors.len())));
            }
        }
        Ok(File::Transcript(transcript)) => {
            checks.begin(Node(&transcript), "traces", "");
            traces::check(Node(&transcript), &mut checks);
        }
        Ok(File::EntryPoint(cases)) => {
            let settings = entry_point::Settings::beside(folder);
            for case in &cases {
                checks.begin(Node(case), "entry-point", "");
                let result = settings.as_ref().map_err(Clone::clone);
                checks.push("", result.and_then(|found| entry_point::check(Node(case), found)));
            }
        }
        Ok(File::NoVectors) => {}
    }
    Report { entries: checks.entries }
}

/// Runs one vector of a category; `group` are all the vectors of its file.
fn check_vector(category: &str, vector: Node<'_>, group: &[Value], checks: &mut Checks) {
    let kind = ["kind", "operation"].map(|name| vector.find(name));
    let kind = kind.iter().flatten().find_map(|node| node.0.as_str());
    let kind = kind.unwrap_or_default();
    checks.begin(vector, category, kind);
    match category {
        "tlv" => checks.push("", tlv::check(kind, vector)),
        "decode" => checks.push("", decode::check(kind, vector)),
        "capk" => capk::check(kind, vector, checks),
        "oda" => oda::check(kind, vector, group, checks),
        "chains" => checks.push("", chains::check(kind, vector)),
        "cards" => cards::check(kind, vector, checks),
        "cryptogram" => checks.push("", cryptogram::check(kind, vector)),
        "selection" => checks.push("", selection::check(kind, vector, group)),
        _ => match later::owner(category, kind) {
            Some(area) => checks.skip("", area),
            None => checks.push("", Err(Problem::UnknownKind)),
        },
    }
}

/// Collects the results of one file.
#[derive(Default)]
struct Checks {
    entries: Vec<Entry>,
    file: PathBuf,
    line: usize,
    id: String,
    kind: String,
}

impl Checks {
    fn of(file: &Path) -> Self {
        Self { file: file.to_owned(), line: 1, ..Self::default() }
    }

    /// What follows is about this vector.
    fn begin(&mut self, vector: Node<'_>, category: &str, kind: &str) {
        let id = vector.find("id").and_then(|node| node.0.as_str());
        self.id = id.unwrap_or("without id").to_owned();
        self.kind = format!("{category} {kind}").trim_end().to_owned();
    }

    /// The result of a check; `name` tells checks of one vector apart.
    fn push(&mut self, name: &str, result: Result<(), Problem>) {
        let id = format!("{} {name}", self.id);
        let verdict = match (difference::reason(id.trim(), &result), result) {
            (Err(problem), _) | (Ok(None), Err(problem)) => Verdict::Failed(problem),
            (Ok(Some(why)), Err(problem)) => Verdict::Differs(problem, why),
            (Ok(_), Ok(())) => Verdict::Passed,
        };
        self.record(name, verdict);
    }

    fn skip(&mut self, name: &str, area: Area) {
        self.record(name, Verdict::Skipped(area));
    }

    /// Skips a check of a vector that is run otherwise; `what` tells its kind apart.
    fn skip_part(&mut self, name: &str, what: &str, area: Area) {
        let kind = self.kind.clone();
        self.kind = format!("{kind} {what}");
        self.skip(name, area);
        self.kind = kind;
    }

    fn record(&mut self, name: &str, verdict: Verdict) {
        self.entries.push(Entry {
            file: self.file.clone(),
            line: self.line,
            id: format!("{} {name}", self.id).trim().to_owned(),
            kind: self.kind.clone(),
            verdict,
        });
    }
}

/// The content of a file, by its schema.
enum File {
    Vectors {
        category: String,
        count: Option<usize>,
        vectors: Vec<Value>,
        /// Where each vector begins.
        lines: Vec<usize>,
    },
    Transcript(Value),
    EntryPoint(Vec<Value>),
    /// A list or a table that vectors in other files refer to.
    NoVectors,
}

impl File {
    /// Reads a file; the error has its line.
    fn read(text: &str) -> Result<Self, (usize, String)> {
        let json = |error: serde_json::Error| (error.line(), error.to_string());
        let value: Value = serde_json::from_str(text).map_err(json)?;
        // Traces of ours are replayed by a test of their own.
        let schema = value.get("schema").and_then(Value::as_str);
        if schema == Some(crate::trace::SCHEMA) {
            return Ok(Self::NoVectors);
        }
        if value.get("vectors").is_some() {
            return Self::read_vectors(text).map_err(json);
        }
        if value.get("exchanges").is_some() {
            return Ok(Self::Transcript(value));
        }
        if let Some("entry-point/cases/1") = schema {
            let cases = value.get("cases").and_then(Value::as_array);
            let cases = cases.ok_or((1, "cases is not a list".to_owned()))?;
            return Ok(Self::EntryPoint(cases.clone()));
        }
        let index = |list: &Vec<Value>| list.iter().all(|entry| entry.get("file").is_some());
        let known = schema.is_some_and(|schema| schema.starts_with("entry-point/"));
        if known || value.as_array().is_some_and(index) {
            return Ok(Self::NoVectors);
        }
        Err((1, "of no schema that is known here".to_owned()))
    }

    fn read_vectors(text: &str) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Vectors<'t> {
            category: String,
            count: Option<usize>,
            #[serde(borrow)]
            vectors: Vec<&'t RawValue>,
        }
        let file: Vectors<'_> = serde_json::from_str(text)?;
        let (mut line, mut read) = (1, 0);
        let lines = file.vectors.iter().map(|raw| {
            let begins = raw.get().as_ptr().addr() - text.as_ptr().addr();
            let before = text.as_bytes().get(read..begins).unwrap_or_default();
            line += before.iter().filter(|byte| **byte == b'\n').count();
            read = begins;
            line
        });
        let lines = lines.collect();
        let vectors = file.vectors.iter().map(|raw| serde_json::from_str(raw.get()));
        let vectors = vectors.collect::<Result<_, _>>()?;
        Ok(Self::Vectors { category: file.category, count: file.count, vectors, lines })
    }
}

/// The JSON files under `root`, sorted.
fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(root).map_err(|error| about(root, error))?.is_dir() {
        return Ok(vec![root.to_owned()]);
    }
    let mut files = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        let entries = fs::read_dir(&directory).map_err(|error| about(&directory, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| about(&directory, error))?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    if files.is_empty() {
        let error = io::Error::new(io::ErrorKind::NotFound, "no vector files");
        return Err(about(root, error));
    }
    Ok(files)
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    fs::read(file).map_err(|error| about(file, error))
}

fn about(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
