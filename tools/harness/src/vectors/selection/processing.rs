//! GET PROCESSING OPTIONS, and the records. [B3 10.1, 10.2]

use super::card::{self, Script};
use super::scene::{Asked, Objects, Played, Scene, Turn};
use super::{card_error, ended, operation, record_error};
use crate::vectors::node::{Node, unreadable};
use crate::vectors::report::Problem;
use chipwright::apdu::Command;
use chipwright::config::Reviews;
use chipwright::database::Database;
use chipwright::dictionary::{Source, emv};
use chipwright::fci::Fci;
use chipwright::outcome::{End, Outcome};
use chipwright::phase::Phase;
use chipwright::session::Review;
use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;

/// Starts the application whose FCI the vector has.
pub(super) fn initiate(vector: Node<'_>) -> Result<(), Problem> {
    operation(vector, &["initiate_application_processing"])?;
    let fci = vector.hex("inputs.fci")?;
    let fci_objects = Fci::read(&fci)?;
    let name = fci_objects.df_name;
    let mut script = card::selected(name, &fci);
    script.append(Script::read(vector, "inputs.card_exchanges")?);
    let scene = Scene {
        applications: vec![(name.to_vec(), false)],
        // What the transaction says goes before what the terminal is set to.
        objects: Objects::read(vector, &["inputs.config_data", "inputs.param_data"])?,
        ..Scene::default()
    };
    let in_fci = Tlvs::new(fci_objects.proprietary).flatten();
    let in_fci: Vec<Tag> = in_fci.map(|tlv| tlv.tag).chain([emv::DF_NAME.tag]).collect();
    let played = scene.play(script, |asked, driver| {
        let given = Given::of(driver.data(), &in_fci);
        match asked {
            Asked::Nothing(outcome) => Turn::Enough((not_initiated(*outcome), given)),
            Asked::Command(_) if driver.phase() == Phase::ReadApplicationData => {
                Turn::Enough((Ok("ok"), given))
            }
            _ => Turn::GoOn,
        }
    })?;
    let (result, given) = played.used_up()?;
    Problem::compare("result", vector.text("expected.result")?, result?)?;
    for (name, value) in [("expected.aip", &given.aip), ("expected.afl", &given.afl)] {
        if vector.find(name).is_some() || !value.is_empty() {
            Problem::compare_bytes(name, &vector.hex(name)?, value)?;
        }
    }
    let expected = vector.flag("expected.icc_data_empty")?;
    Problem::compare("icc_data_empty", expected, !given.anything)
}

/// What the card gave beside its FCI.
struct Given {
    aip: Vec<u8>,
    afl: Vec<u8>,
    anything: bool,
}

impl Given {
    fn of(data: &Database<'_>, fci: &[Tag]) -> Self {
        let value = |tag| data.bytes(tag).unwrap_or_default().to_vec();
        let of_card = |tag: &Tag| data.source(*tag) == Some(Source::Card);
        let mut tags = data.objects().map(|(tag, _)| tag).filter(of_card);
        let anything = tags.any(|tag| !fci.contains(&tag));
        Self { aip: value(emv::AIP.tag), afl: value(emv::AFL.tag), anything }
    }
}

/// What ended the transaction at GET PROCESSING OPTIONS.
fn not_initiated(outcome: Outcome) -> Result<&'static str, Problem> {
    match outcome.end {
        Some(End::NoCommonApplication) => Ok("gpo_conditions_not_satisfied_select_next"),
        _ => ended(outcome),
    }
}

/// Reads the records that the vector's AFL names; without one there is nothing to read.
pub(super) fn read(vector: Node<'_>) -> Result<(), Problem> {
    operation(vector, &["read_application_data", "read_afl_records"])?;
    let afl = vector.find("inputs.afl").map(|_| vector.hex("inputs.afl")).transpose()?;
    let mut script = card::with_one_application();
    let options = card::processing_options(afl.as_deref());
    script.push(Command::GET_PROCESSING_OPTIONS, &[0x83, 0x00], &options);
    script.append(Script::read(vector, "inputs.card_exchanges")?);
    let scene = Scene {
        applications: vec![(card::AID.to_vec(), false)],
        reviews: Reviews { records: true, ..Reviews::NONE },
        ..Scene::default()
    };
    let played = scene.play(script, |asked, _| match asked {
        Asked::Review(Review::Records) => Turn::Enough(None),
        Asked::Nothing(outcome) => Turn::Enough(Some(*outcome)),
        _ => Turn::GoOn,
    })?;
    let result = read_result(&played, vector.text("expected.operation")?)?;
    Problem::compare("result", vector.text("expected.result")?, result)?;
    // An AFL is refused as a whole, before the first record is read.
    if result == "afl_invalid_terminate" { Ok(()) } else { played.used_up().map(drop) }
}

/// Reading records tells what was wrong; the whole phase only that something was.
fn read_result(played: &Played<Option<Outcome>>, operation: &str) -> Result<&'static str, Problem> {
    match played.found.map(|outcome| outcome.end) {
        None => Ok("ok"),
        Some(Some(End::Fault(fault))) if operation == "read_afl_records" => {
            record_error(fault, &played.last_answer)
        }
        Some(Some(End::Fault(fault))) => card_error(fault),
        Some(_) => Err(unreadable("card_exchanges", "end otherwise than by a fault")),
    }
}
