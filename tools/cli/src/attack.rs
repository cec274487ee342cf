//! `attack`: a transaction under attack, and where the kernel noticed.

mod all;
mod invariants;
mod play;

use chipwright_harness::scenario::{self, Attack as File, Entry, Scenario};
use serde_json::{Value, json};

use crate::Report;
use crate::arguments::{Attack, Policy};
use crate::failure::{Exit, Failure};
use crate::laboratory;
use crate::page::{Page, Style, cell};
use crate::source;
use play::{Judged, Verdict, play};

/// Columns of the words before a row's text.
const WHAT: usize = 26;

/// Shows the catalogue, or plays the scenarios that the command line asks for.
pub(crate) fn run(arguments: &Attack) -> Result<Report, Failure> {
    if arguments.all {
        return all::run(arguments, judged(arguments)?);
    }
    let Some(name) = &arguments.attack else {
        let text = if arguments.json { format!("{:#}\n", catalogue()) } else { list() };
        return Ok(Report { text, exit: Exit::Success });
    };
    let judged = judged(arguments)?;
    let attack = find(name)?;
    let page = Page::new();
    page.heading(&format!("{} {}", attack.id, attack.title), "");
    let chosen = chosen(&attack, arguments.scenario.as_deref())?;
    let mut text = String::new();
    let mut exit = Exit::Success;
    let mut verdicts = Vec::new();
    let mut cases = Vec::new();
    for (number, scenario) in chosen.iter().enumerate() {
        let verdict = play(scenario, judged)?;
        // One dialogue is shown, of the others what came of them.
        if number == 0 {
            text.push_str(&verdict.story);
        }
        if !verdict.wrong.is_empty() {
            exit = Exit::Failure;
        }
        show(&page, scenario, judged, &verdict);
        verdicts.push(entry(scenario, &verdict));
        cases.push(all::case(&format!("{} {}", attack.id, attack.title), scenario, &verdict));
    }
    laboratory::write(&arguments.evidence, "chipwright attack", &cases)?;
    if arguments.json {
        let document = json!({
            "command": "attack",
            "attack": attack.id,
            "title": attack.title,
            "scenarios": verdicts,
            "exit_code": exit as u8,
        });
        return Ok(Report { text: format!("{document:#}\n"), exit });
    }
    text.push_str(&page.text());
    Ok(Report { text, exit })
}

/// How the command line wants cards judged.
fn judged(arguments: &Attack) -> Result<Judged, Failure> {
    match (arguments.profile, arguments.report_only) {
        (Policy::Spec, false) => Ok(Judged::ByTheBooks),
        (Policy::Hardened, false) => Ok(Judged::Hardened),
        (Policy::Hardened, true) => Ok(Judged::Reported),
        (Policy::Spec, true) => Err(Failure::usage("--report-only goes with --profile hardened")),
    }
}

/// The attack of this number, or of this file.
fn find(name: &str) -> Result<File, Failure> {
    let text = match scenario::builtin(name) {
        Some(text) => text.to_owned(),
        None => match known(name) {
            Some(Entry { pending, outside, .. }) => {
                let why = pending.or(outside).unwrap_or_default();
                return Err(Failure::usage(format!("{name}: no scenario: {why}")));
            }
            None => source::text(name)?,
        },
    };
    File::parse(&text).map_err(|error| Failure::data(format!("{name}: {error}")))
}

fn known(name: &str) -> Option<Entry> {
    scenario::catalogue().into_iter().find(|entry| entry.id.eq_ignore_ascii_case(name))
}

/// The scenario of this name or number, or all of them.
fn chosen<'a>(attack: &'a File, name: Option<&str>) -> Result<Vec<&'a Scenario>, Failure> {
    let Some(name) = name else { return Ok(attack.scenarios.iter().collect()) };
    let by_number = || attack.scenarios.get(name.parse::<usize>().ok()?.checked_sub(1)?);
    let mut scenarios = attack.scenarios.iter();
    let found = scenarios.find(|scenario| scenario.name == name).or_else(by_number);
    found.map(|scenario| vec![scenario]).ok_or_else(|| {
        let names: Vec<_> = attack.scenarios.iter().map(|other| other.name.as_str()).collect();
        Failure::usage(format!("no scenario `{name}`, expected one of: {}", names.join(", ")))
    })
}

/// What came of a scenario.
fn show(page: &Page, scenario: &Scenario, judged: Judged, verdict: &Verdict) {
    let row = |style: Style, what: &str, text: &str| {
        page.row(&[
            cell(Style::Plain, "    "),
            cell(Style::Dim, what).wide(WHAT),
            cell(style, text),
        ]);
    };
    page.gap();
    row(Style::Bold, "scenario", &scenario.name);
    row(Style::Plain, "without the attack", &verdict.honest);
    row(Style::Plain, "with it", &verdict.ends);
    let first = verdict.noticed.first().map(String::as_str);
    row(Style::Note, "noticed", first.unwrap_or("by nobody at the terminal"));
    for then in verdict.noticed.iter().skip(1) {
        row(Style::Plain, "and then", then);
    }
    for suspicion in &verdict.suspicions {
        row(Style::Note, "the issuer sees", suspicion);
    }
    if judged != Judged::Hardened
        && let Some(hardened) = &scenario.expect.hardened
    {
        let what = format!("{}, by {}", hardened.ends, hardened.by.join(", "));
        row(Style::Dim, "hardened", &what);
    }
    for wrong in &verdict.wrong {
        row(Style::Bad, "not as expected", wrong);
    }
    if verdict.wrong.is_empty() {
        row(Style::Good, "as expected", "yes");
    }
}

/// What came of a scenario, as JSON.
fn entry(scenario: &Scenario, verdict: &Verdict) -> Value {
    json!({
        "name": scenario.name,
        "honest": verdict.honest,
        "ends": verdict.ends,
        "noticed": verdict.noticed,
        "broken": verdict.broken,
        "suspicions": verdict.suspicions,
        "wrong": verdict.wrong,
    })
}

/// The catalogue as JSON.
fn catalogue() -> Value {
    let entry = |entry: &Entry| {
        json!({
            "id": entry.id,
            "title": entry.title,
            "scenarios": scenarios(entry),
            "pending": entry.pending,
            "outside": entry.outside,
        })
    };
    scenario::catalogue().iter().map(entry).collect()
}

/// How many scenarios an attack has.
fn scenarios(entry: &Entry) -> usize {
    let file = scenario::builtin(&entry.id).and_then(|text| File::parse(text).ok());
    file.map_or(0, |file| file.scenarios.len())
}

/// The catalogue, with what is covered.
fn list() -> String {
    let page = Page::new();
    let catalogue = scenario::catalogue();
    let (mut covered, mut scenarios, mut pending) = (0, 0, 0);
    for entry in &catalogue {
        let count = self::scenarios(entry);
        let (style, state) = match (&entry.pending, &entry.outside) {
            (Some(why), _) => (Style::Note, format!("pending: {why}")),
            (_, Some(why)) => (Style::Dim, format!("outside: {why}")),
            _ => (Style::Good, format!("covered: {count} scenarios")),
        };
        covered += usize::from(count > 0);
        scenarios += count;
        pending += usize::from(entry.pending.is_some());
        page.row(&[
            cell(Style::Bold, &entry.id).wide(5),
            cell(Style::Plain, &entry.title).wide(52),
            cell(style, &state),
        ]);
    }
    page.gap();
    let outside = catalogue.len() - covered - pending;
    let sum = format!(
        "{} attacks: {covered} covered by {scenarios} scenarios, {pending} pending, {outside} outside of terminals",
        catalogue.len()
    );
    page.row(&[cell(Style::Plain, &sum)]);
    page.text()
}

#[cfg(test)]
mod tests;
