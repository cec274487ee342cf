//! Every row of docs/cases.md is run, and ends as it says.

mod command;

use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::{BTreeMap, BTreeSet};
use std::thread;

use command::{chipwright, root};
use serde_json::Value;

/// The columns of a table of cases.
const COLUMNS: &str =
    "Case | Command | What happens | Ends | Exit | TVR | TSI | CVM | Reasons | Also";

/// The columns of the table of taps.
const TAPS: &str =
    "Case | Command | What happens | Interface | Ends | Exit | Messages | CVM | Commands | Reasons";

/// The reason that is taken back after the first cryptogram.
const TAKEN_BACK: &str = "0102";

struct Case {
    line: usize,
    name: String,
    arguments: Vec<String>,
    exit: i32,
    /// What the row says by column, in one order with what a run shows.
    expected: [String; 6],
}

/// A reason as the last table has it: bits of the TVR, meaning.
type Legend = BTreeMap<String, (String, String)>;

fn document() -> String {
    std::fs::read_to_string(root().join("docs/cases.md")).unwrap()
}

/// The rows below each header, with their line numbers.
fn rows<'t>(text: &'t str, header: &str) -> Vec<(usize, Vec<&'t str>)> {
    let mut found = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(text.lines()) {
        let Some(row) = line.strip_prefix("| ").and_then(|line| line.strip_suffix('|')) else {
            inside &= line.starts_with('|'); // the line of dashes
            continue;
        };
        if row.trim_end() == header {
            inside = true;
        } else if inside {
            found.push((number, row.split('|').map(str::trim).collect()));
        }
    }
    found
}

fn cases(text: &str) -> Vec<Case> {
    let case = |(line, cells): (usize, Vec<&str>)| {
        let [name, command, _, ends, exit, tvr, tsi, cvm, reasons, also] = cells[..] else {
            panic!("line {line}: {} columns", cells.len());
        };
        let command = command.strip_prefix('`').and_then(|command| command.strip_suffix('`'));
        let command = command.unwrap_or_else(|| panic!("line {line}: no command"));
        Case {
            line,
            name: name.to_owned(),
            arguments: words(command),
            exit: exit.parse().unwrap_or_else(|_| panic!("line {line}: no exit code")),
            expected: [ends, tvr, tsi, cvm, reasons, also].map(str::to_owned),
        }
    };
    rows(text, COLUMNS).into_iter().map(case).collect()
}

fn legend(text: &str) -> Legend {
    let rows = rows(text, "Code | Bit of the TVR | Meaning");
    rows.into_iter()
        .map(|(_, cells)| (cells[0].to_owned(), (cells[1].to_owned(), cells[2].to_owned())))
        .collect()
}

/// Words as a shell takes them apart: blanks count for nothing within quotes.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in command.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    assert_eq!(quote, None, "{command}");
    words.extend(word);
    words
}

/// What a run ended with, in the form of the table.
struct Shown {
    exit: i32,
    columns: [String; 6],
    /// Every reason that came up: code, bits, meaning.
    reasons: Vec<(String, String, String)>,
}

fn run(case: &Case) -> Shown {
    let mut arguments: Vec<&str> = case.arguments.iter().map(String::as_str).collect();
    arguments.push("--json");
    let run = chipwright(&arguments);
    let document: Value = serde_json::from_str(&run.stdout)
        .unwrap_or_else(|_| panic!("{}: exit {}, {}", case.name, run.code, run.stderr));
    let events = document["events"].as_array().unwrap();
    let reasons: Vec<_> = of(events, "result").map(reason).collect();
    let codes: Vec<&str> = reasons.iter().map(|(code, ..)| code.as_str()).collect();
    let also = case.expected[5].split_whitespace().map(|what| found(&document, what));
    let flags = ["signature", "reversal", "advice"];
    let unmentioned = flags
        .into_iter()
        .filter(|flag| document["outcome"][flag] == true && !case.expected[5].contains(flag));
    let also: Vec<String> = also.chain(unmentioned.map(str::to_owned)).collect();
    Shown {
        exit: run.code,
        columns: [
            ending(&document["outcome"]),
            object(&document, "95"),
            object(&document, "9B"),
            object(&document, "9F34"),
            codes.join(" "),
            also.join(" "),
        ],
        reasons,
    }
}

fn of<'e>(events: &'e [Value], kind: &str) -> impl Iterator<Item = &'e Value> {
    events.iter().filter(move |event| event["event"] == kind)
}

fn reason(event: &Value) -> (String, String, String) {
    let bits = event["bits"].as_array().unwrap().iter();
    let bits: Vec<_> = bits.map(|bit| format!("{}:{}", bit["byte"], bit["bit"])).collect();
    let text = |key: &str| event[key].as_str().unwrap().to_owned();
    (text("code"), bits.join(", "), text("reason"))
}

fn ending(outcome: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let end = &outcome["end"];
    let fault = &end["fault"];
    match (end.is_null(), fault.is_null()) {
        (true, _) => format!("{} {}", text(&outcome["conclusion"]), text(&outcome["authority"])),
        (false, true) => format!("{}: {}", text(&outcome["conclusion"]), text(&end["code"])),
        (false, false) => {
            let [conclusion, code, tag] =
                [&outcome["conclusion"], &fault["code"], &fault["tag"]].map(text);
            format!("{conclusion}: fault {code} {tag}")
        }
    }
}

/// A data object that is left at the end.
fn object(document: &Value, tag: &str) -> String {
    let objects = document["objects"].as_array().unwrap();
    let object = objects.iter().find(|object| object["tag"] == tag);
    object.map_or("-", |object| object["value"].as_str().unwrap()).to_owned()
}

/// What there is of something that a row mentions.
fn found(document: &Value, what: &str) -> String {
    match what.split_once('=') {
        Some(("AC", _)) => {
            let events = document["events"].as_array().unwrap();
            let commands = of(events, "command").map(|event| event["bytes"].as_str().unwrap());
            let asked =
                commands.filter(|bytes| bytes.starts_with("80AE")).map(|bytes| &bytes[4..6]);
            format!("AC={}", asked.collect::<Vec<_>>().join(","))
        }
        Some((tag, _)) => format!("{tag}={}", object(document, tag)),
        None if document["outcome"][what] == true => what.to_owned(),
        None => format!("no-{what}"),
    }
}

#[test]
fn every_case_ends_as_the_document_says() {
    let text = document();
    let (cases, legend) = (cases(&text), legend(&text));
    assert!(cases.len() >= 140, "only {} cases", cases.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut differences = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            differences.extend(differences_of(case, &legend));
        }
        differences
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let differences: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

fn differences_of(case: &Case, legend: &Legend) -> Vec<String> {
    let shown = run(case);
    let names = ["Ends", "TVR", "TSI", "CVM", "Reasons", "Also"];
    let columns = names.into_iter().zip(case.expected.iter().zip(&shown.columns));
    let mut differences: Vec<String> = columns
        .filter(|(_, (expected, shown))| expected != shown)
        .map(|(name, (expected, shown))| format!("{name}: expected {expected}, found {shown}"))
        .collect();
    if case.exit != shown.exit {
        differences.push(format!("Exit: expected {}, found {}", case.exit, shown.exit));
    }
    for (code, bits, meaning) in shown.reasons {
        if legend.get(&code) != Some(&(bits.clone(), meaning.clone())) {
            differences.push(format!("the last table needs {code} | {bits} | {meaning}"));
        }
    }
    let place = format!("docs/cases.md:{}: {}: ", case.line, case.name);
    differences.into_iter().map(|difference| place.clone() + &difference).collect()
}

/// Taps: who ends them and how, what the reader shows, and how many commands it takes. One that
/// wants another interface is followed by a transaction in the slot. [A 8.1.1.11]
#[test]
fn every_tap_ends_as_the_document_says() {
    let text = document();
    let rows = rows(&text, TAPS);
    let mut cards = BTreeSet::new();
    for (line, cells) in &rows {
        let [_, command, _, expected @ ..] = &cells[..] else { panic!("line {line}: columns") };
        let mut arguments = words(command.trim_matches('`'));
        cards.extend(arguments.windows(2).filter(|pair| pair[0] == "--card").map(|p| p[1].clone()));
        arguments.push("--json".to_owned());
        let run = chipwright(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let document: Value = serde_json::from_str(&run.stdout)
            .unwrap_or_else(|_| panic!("line {line}: exit {}, {}", run.code, run.stderr));
        let events = document["events"].as_array().unwrap();
        let flags = ["signature", "reversal"].into_iter();
        let flags = flags.filter(|flag| document["outcome"][flag] == true);
        let flags: String = flags.flat_map(|flag| [", ", flag]).collect();
        let messages = events.iter().filter_map(|event| match event["event"].as_str()? {
            "ui-request" => Some(event["message"].as_str().unwrap_or("-")),
            "display" => event["identifier"].as_str(),
            _ => None,
        });
        let messages: Vec<_> = messages.collect();
        let codes = of(events, "contactless").map(|event| event["code"].as_str().unwrap());
        let shown = [
            document["interface"].as_str().unwrap().to_owned(),
            ending(&document["outcome"]) + &flags,
            run.code.to_string(),
            messages.join(" "),
            object(&document, "9F34"),
            of(events, "command").count().to_string(),
            codes.collect::<Vec<_>>().join(" "),
        ];
        assert_eq!(shown[..], expected[..], "docs/cases.md:{line}");
    }
    let taps = chipwright_card::builtin().iter().map(|builtin| builtin.name);
    for card in taps.filter(|name| !name.starts_with("contact-")) {
        assert!(cards.contains(card), "{card} is in no case");
    }
}

/// The tap that the README shows is what the program prints.
#[test]
fn the_tap_in_the_readme_is_a_real_one() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let command = text.lines().find_map(|line| line.strip_prefix("cargo run --release -- pay --"));
    let (options, _) = command.and_then(|command| command.split_once('#')).unwrap();
    let arguments = words(&format!("pay --{}", options.trim_end()));
    let (_, block) = text.split_once("```text\n").unwrap();
    let (dialogue, _) = block.split_once("```").unwrap();
    let run = chipwright(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(run.code == 0 && dialogue.contains("Cardholder Verification"), "{}", run.stderr);
    assert!(run.stdout.contains(dialogue), "{}", run.stdout);
}

/// Commands other than `pay`: exit code, and what they say.
#[test]
fn other_commands_say_what_the_document_says() {
    let text = document();
    let rows = rows(&text, "Case | Command | What happens | Exit | Says");
    assert!(rows.len() >= 6);
    for (line, cells) in rows {
        let [_, command, _, exit, says] = cells[..] else { panic!("line {line}: columns") };
        let arguments = words(command.trim_matches('`'));
        let run = chipwright(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.code.to_string(), exit, "line {line}: {}{}", run.stdout, run.stderr);
        // Lines and columns of the output are no matter.
        let flat = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(says), "line {line}: {says}\n{}", run.stdout);
    }
}

/// The table is right by itself: the TVR has the bits of the reasons and no others.
#[test]
fn reasons_make_the_results() {
    let text = document();
    let legend = legend(&text);
    for case in cases(&text) {
        let [_, tvr, _, _, reasons, _] = &case.expected;
        let mut results = [0u8; 5];
        for code in reasons.split_whitespace().filter(|code| *code != TAKEN_BACK) {
            let (bits, _) = legend.get(code).unwrap_or_else(|| panic!("{}: {code}", case.name));
            for bit in bits.split(", ") {
                let (byte, bit) = bit.split_once(':').unwrap();
                let number: u32 = bit.parse().unwrap();
                results[byte.parse::<usize>().unwrap() - 1] |= 1 << (number - 1);
            }
        }
        assert_eq!(hex::encode_upper(results), *tvr, "line {}: {}", case.line, case.name);
    }
}

/// Names are there once, and nothing that comes with the project is left out.
#[test]
fn cases_are_complete() {
    let text = document();
    let cases = cases(&text);
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    let used = |option: &str| -> BTreeSet<&str> {
        let options = cases.iter().flat_map(|case| case.arguments.windows(2));
        options.filter(|pair| pair[0] == option).map(|pair| pair[1].as_str()).collect()
    };
    let cards = used("--card");
    let contact = chipwright_card::builtin().iter();
    for builtin in contact.filter(|builtin| builtin.name.starts_with("contact-")) {
        let default = builtin.name == "contact-dda";
        assert!(default || cards.contains(builtin.name), "{} is in no case", builtin.name);
    }
    let terminals = used("--terminal");
    for name in chipwright_harness::terminal_file::names() {
        let default = name == chipwright_harness::terminal_file::DEFAULT;
        assert!(default || terminals.contains(name), "{name} is in no case");
    }
    let seen: BTreeSet<&str> =
        cases.iter().flat_map(|case| case.expected[4].split_whitespace()).collect();
    let listed: BTreeSet<String> = legend(&text).into_keys().collect();
    assert!(seen.iter().all(|code| listed.contains(*code)));
    assert_eq!(seen.len(), listed.len(), "a reason is in no case");
}

#[test]
fn commands_are_taken_apart_as_a_shell_does() {
    assert_eq!(words("pay  --x 'a \"b\"' \"\" c'd e'"), ["pay", "--x", "a \"b\"", "", "cd e"]);
}
