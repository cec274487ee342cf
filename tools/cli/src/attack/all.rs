//! Every scenario of every attack, for a laboratory.

use chipwright_harness::scenario::{self, Attack as File, Entry, Scenario};
use core::sync::atomic::{AtomicUsize, Ordering};
use serde_json::json;
use std::sync::Mutex;
use std::thread;

use super::play::{self, Judged, play};
use crate::Report;
use crate::arguments::Attack;
use crate::failure::{Exit, Failure};
use crate::laboratory::{self, Case, Need, Statement, Verdict};
use crate::page::{Page, Style, cell};

/// A scenario with the attack that it belongs to.
struct Numbered {
    attack: String,
    scenario: Scenario,
}

/// Plays everything; a line for each attack, then what is not as expected, then the sums.
pub(super) fn run(arguments: &Attack, judged: Judged) -> Result<Report, Failure> {
    let statement = arguments.evidence.ics.as_deref().map(Statement::read).transpose()?;
    let mut all = Vec::new();
    for Entry { id, title, .. } in scenario::catalogue() {
        let Some(text) = scenario::builtin(&id) else { continue };
        let file = File::parse(text).map_err(|error| Failure::data(format!("{id}: {error}")))?;
        let attack = format!("{id} {title}");
        all.extend(
            file.scenarios
                .into_iter()
                .map(|scenario| Numbered { attack: attack.clone(), scenario }),
        );
    }
    let cases = play_all(&all, judged, statement.as_ref());
    laboratory::write(&arguments.evidence, "chipwright attack", &cases)?;
    let failed = cases.iter().any(|case| matches!(case.verdict, Verdict::Failed(_)));
    let exit = if failed { Exit::Failure } else { Exit::Success };
    let text = if arguments.json { document(&cases, exit) } else { told(&cases) };
    Ok(Report { text, exit })
}

/// Plays the scenarios on as many threads as there are processors; the cases keep their order.
fn play_all(all: &[Numbered], judged: Judged, statement: Option<&Statement>) -> Vec<Case> {
    let bar = laboratory::progress(all.len());
    let (next, cases) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((number, own)) = take(&next, all) {
            bar.set_message(own.attack.chars().take(40).collect::<String>());
            let case = case_of(own, judged, statement);
            bar.inc(1);
            if let Ok(mut cases) = cases.lock() {
                cases.push((number, case));
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, Into::into);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    bar.finish_and_clear();
    let mut cases = cases.into_inner().unwrap_or_default();
    cases.sort_by_key(|(number, _)| *number);
    cases.into_iter().map(|(_, case)| case).collect()
}

fn take<'a>(next: &AtomicUsize, all: &'a [Numbered]) -> Option<(usize, &'a Numbered)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    all.get(number).map(|own| (number, own))
}

fn case_of(own: &Numbered, judged: Judged, statement: Option<&Statement>) -> Case {
    let scenario = &own.scenario;
    let needs = play::needs(scenario);
    let outside =
        statement.zip(needs.as_ref().ok()).and_then(|(statement, needs)| statement.lacks(needs));
    let verdict = match outside {
        Some(why) => Verdict::Skipped(why),
        None => match play(scenario, judged) {
            Ok(played) => return case(&own.attack, scenario, &played),
            Err(failure) => Verdict::Failed(failure.message),
        },
    };
    named(&own.attack, scenario, verdict, None)
}

fn named(attack: &str, scenario: &Scenario, verdict: Verdict, remark: Option<String>) -> Case {
    Case {
        suite: attack.to_owned(),
        name: scenario.name.clone(),
        kind: "attack".to_owned(),
        verdict,
        remark,
    }
}

fn told(cases: &[Case]) -> String {
    let page = Page::new();
    for (suite, own) in laboratory::suites(cases) {
        let [passed, failed, skipped] = laboratory::sums(own.iter().copied());
        let style = if failed > 0 { Style::Bad } else { Style::Good };
        let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
        page.row(&[
            cell(Style::Plain, suite).wide(60),
            cell(style, &format!("{passed} as expected, {failed} not{skipped}")),
        ]);
    }
    for case in cases {
        if let Verdict::Failed(why) = &case.verdict {
            page.gap();
            page.row(&[cell(Style::Bold, &format!("{}, {}", case.suite, case.name))]);
            page.row(&[cell(Style::Bad, why)]);
        }
    }
    page.gap();
    let [passed, failed, skipped] = laboratory::sums(cases);
    page.row(&[cell(
        Style::Bold,
        &format!("{passed} scenarios as expected, {failed} not, {skipped} skipped"),
    )]);
    page.text()
}

fn document(cases: &[Case], exit: Exit) -> String {
    let entry = |case: &Case| {
        let (verdict, why) = match &case.verdict {
            Verdict::Passed => ("passed", None),
            Verdict::Failed(why) => ("failed", Some(why)),
            Verdict::Skipped(why) => ("skipped", Some(why)),
        };
        json!({"attack": case.suite, "scenario": case.name, "verdict": verdict, "why": why, "remark": case.remark})
    };
    let [passed, failed, skipped] = laboratory::sums(cases);
    let document = json!({
        "command": "attack",
        "scenarios": cases.iter().map(entry).collect::<Vec<_>>(),
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "exit_code": exit as u8,
    });
    format!("{document:#}\n")
}

/// The case of a scenario that was played.
pub(super) fn case(attack: &str, scenario: &Scenario, played: &play::Verdict) -> Case {
    let noticed = played.noticed.first().map_or("nobody at the terminal", String::as_str);
    let remark = format!("ends {}; noticed: {noticed}", played.ends);
    let verdict = match played.wrong.as_slice() {
        [] => Verdict::Passed,
        wrong => Verdict::Failed(wrong.join("; ")),
    };
    named(attack, scenario, verdict, Some(remark))
}

/// What a scenario needs of a terminal: the kernels of its interface, and what it can be asked for.
pub(super) fn needs(contactless: bool, kind: &str) -> Vec<Need> {
    let mut needs = if contactless {
        vec![Need::Kernel("chipwright-entry-point"), Need::Kernel("chipwright-c7")]
    } else {
        vec![Need::Kernel("chipwright-contact")]
    };
    needs.extend(match kind {
        "cash" => Some(Need::Capability("cash")),
        "cashback" => Some(Need::Capability("cashback")),
        "inquiry" => Some(Need::Capability("inquiry")),
        _ => None,
    });
    needs
}
