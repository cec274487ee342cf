//! The candidate list, and the choice among it. [B1 12.3, 12.4]

use super::card::Script;
use super::scene::{Asked, Objects, Scene, Turn, applications};
use super::{ended, operation};
use crate::vectors::node::{Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::candidates::Candidates;
use chipwright::config::Reviews;
use chipwright::database::Database;
use chipwright::phase::Phase;
use chipwright::session::Review;
use serde_json::Value;

/// What a vector says is left of a list.
const LEFT: &str = "expected.remaining_candidates_app_numbers";

fn scene(vector: Node<'_>) -> Result<Scene<'static>, Problem> {
    Ok(Scene {
        applications: applications(vector)?,
        directory: true,
        reviews: Reviews { candidates: true, ..Reviews::NONE },
        history: None,
        objects: Objects::default(),
    })
}

/// Builds the list; says whether the cardholder would be asked.
pub(super) fn build(vector: Node<'_>) -> Result<(), Problem> {
    operation(vector, &["build_candidate_list"])?;
    let mut empty = true;
    let script = Script::read(vector, "inputs.card_exchanges")?;
    let played = scene(vector)?.play(script, |asked, driver| match asked {
        Asked::Review(Review::Candidates) => {
            empty = numbers(driver.data()).is_empty();
            Turn::GoOn
        }
        Asked::Nothing(outcome) => Turn::Enough((ended(*outcome), false)),
        Asked::Choice => Turn::Enough((Ok("ok"), true)),
        // The one that needs no choice is selected.
        Asked::Command(_) if !empty => Turn::Enough((Ok("ok"), false)),
        _ => Turn::GoOn,
    })?;
    let (result, asked) = played.used_up()?;
    compare_result(vector, result)?;
    let expected = |name| vector.flag(&format!("expected.{name}"));
    Problem::compare("empty", expected("candidate_list_empty")?, empty)?;
    Problem::compare("choice", expected("cardholder_selection_required")?, asked)
}

/// Builds a list, or takes the one of the vector's group and chooses among it.
pub(super) fn select(vector: Node<'_>, group: &[Value]) -> Result<(), Problem> {
    match vector.text("expected.operation")? {
        "build_candidate_list" => list(vector),
        "final_application_selection" => choose(vector, group),
        _ => Err(unreadable("expected.operation", "is not one of its kind")),
    }
}

fn list(vector: Node<'_>) -> Result<(), Problem> {
    let script = Script::read(vector, "inputs.card_exchanges")?;
    let played = scene(vector)?.play(script, |asked, driver| match asked {
        Asked::Review(Review::Candidates) => Turn::Enough((Ok("ok"), numbers(driver.data()))),
        Asked::Nothing(outcome) => Turn::Enough((ended(*outcome), Vec::new())),
        _ => Turn::GoOn,
    })?;
    let (result, found) = played.used_up()?;
    compare_numbers(vector, LEFT, &found)?;
    Problem::compare("application_selected", vector.flag("expected.application_selected")?, false)?;
    compare_result(vector, result)
}

/// Chooses from a list out of which everything was taken that the vector does not have any more.
fn choose(vector: Node<'_>, group: &[Value]) -> Result<(), Problem> {
    let before = list_of(vector, "inputs.candidate_list_before")?;
    let index = usize::try_from(vector.number("inputs.selected_index")?).unwrap_or(usize::MAX);
    let mut script = directory(vector, group)?;
    script.append(Script::read(vector, "inputs.card_exchanges")?);
    // The place in the list that was chosen, once it was.
    let mut chosen = before.get(index).filter(|_| before.len() == 1).copied();
    let mut at_start = true;
    let played = scene(vector)?.play(script, |asked, driver| match asked {
        Asked::Review(Review::Candidates) => {
            keep(driver.data_mut(), &before);
            Turn::GoOn
        }
        Asked::Choice if core::mem::take(&mut at_start) && numbers(driver.data()) == before => {
            chosen = before.get(index).copied();
            let candidate = Candidates::new(driver.data()).by_priority().nth(index);
            Turn::Choose(candidate.map(|(number, _)| number))
        }
        Asked::Nothing(outcome) => {
            Turn::Enough((ended(*outcome), numbers(driver.data()), driver.phase()))
        }
        Asked::Choice => {
            Turn::Enough((Ok("try_again_select_next"), numbers(driver.data()), driver.phase()))
        }
        Asked::Command(_) if driver.phase() == Phase::InitiateApplication => {
            Turn::Enough((Ok("ok"), numbers(driver.data()), driver.phase()))
        }
        _ => Turn::GoOn,
    })?;
    let (result, mut left, phase) = played.used_up()?;
    // The one that was tried is not left, even if the transaction ended with it.
    left.retain(|number| Some(*number) != chosen);
    if vector.find(LEFT).is_some() || !left.is_empty() {
        compare_numbers(vector, LEFT, &left)?;
    }
    let selected = phase == Phase::InitiateApplication;
    let expected = vector.flag("expected.application_selected")?;
    Problem::compare("application_selected", expected, selected)?;
    compare_result(vector, result)
}

/// The exchanges by which the vector's group built its list.
fn directory(vector: Node<'_>, group: &[Value]) -> Result<Script, Problem> {
    let name = vector.text("group")?;
    let mut group = group.iter().map(Node);
    let builder = group.find(|other| {
        other.text("group") == Ok(name) && other.find("inputs.selected_index").is_none()
    });
    let builder = builder.ok_or_else(|| unreadable("group", "has none that builds the list"))?;
    Script::read(builder, "inputs.card_exchanges")
}

/// Gives up every candidate that is not one of `numbers`.
fn keep(data: &mut Database<'_>, numbers: &[u64]) {
    for number in 0..Candidates::new(data).count() {
        let candidate = Candidates::new(data).candidate(number);
        let label = candidate.map(|candidate| number_of(candidate.label));
        if label.is_some_and(|label| !numbers.contains(&label)) {
            // Giving up makes an entry shorter: there is room.
            let _ = Candidates::give_up(data, number);
        }
    }
}

/// The candidates in the order of their priority, by the number in their label.
fn numbers(data: &Database<'_>) -> Vec<u64> {
    let candidates = Candidates::new(data).by_priority();
    candidates.map(|(_, candidate)| number_of(candidate.label)).collect()
}

/// The number at the end of a label; 0 for one without.
fn number_of(label: &[u8]) -> u64 {
    let digits = label.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (_, digits) = label.split_at(label.len() - digits);
    str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn list_of(vector: Node<'_>, path: &str) -> Result<Vec<u64>, Problem> {
    vector.list(path)?.map(|number| number.number("")).collect()
}

fn compare_result(vector: Node<'_>, found: Result<&str, Problem>) -> Result<(), Problem> {
    Problem::compare("result", vector.text("expected.result")?, found?)
}

fn compare_numbers(vector: Node<'_>, path: &str, found: &[u64]) -> Result<(), Problem> {
    let expected = list_of(vector, path)?;
    Problem::compare("candidates", format!("{expected:?}"), format!("{found:?}"))
}
