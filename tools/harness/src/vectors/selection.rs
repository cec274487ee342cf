//! Selection, records, restrictions and risk: the kernel with a card that knows the exchanges of a
//! vector, up to where the vector looks. [B1 12; B3 10.1, 10.2, 10.4, 10.6]
//!
//! What a vector leaves out is made up ([`card`]): an application that answers SELECT, or records
//! with what is mandatory. Results have the publisher's names:
//!
//! | Name | Here |
//! |---|---|
//! | `ok` | the kernel goes on |
//! | `not_accepted` | no application is left: [`End::NoCommonApplication`] |
//! | `card_blocked_terminate` | [`End::CardBlocked`] |
//! | `try_again_select_next` | the kernel is back at the candidates that are left |
//! | `gpo_conditions_not_satisfied_select_next` | the same, after GET PROCESSING OPTIONS; of one candidate none is left |
//! | `card_error_terminate` | a [`Fault`] of the card |
//! | `afl_invalid_terminate` | one about the AFL |
//! | `record_invalid_terminate` | one in a record that is not one template |
//! | `record_parse_failed_terminate` | one in a record that is one |
//! | `not_confirmed_terminate` (ours) | [`End::NotConfirmed`] |

mod candidates;
mod card;
mod decisions;
mod processing;
mod scene;
mod tpdu;

use super::node::{Node, unreadable};
use super::report::Problem;
use chipwright::dictionary::emv;
use chipwright::fault::{Blame, Fault};
use chipwright::outcome::{End, Outcome};
use chipwright::tlv::Tlvs;
use serde_json::Value;

/// Runs one vector; `group` are all the vectors of its file.
pub(super) fn check(kind: &str, vector: Node<'_>, group: &[Value]) -> Result<(), Problem> {
    match kind {
        "build_candidate_list" => candidates::build(vector),
        "select_application" => candidates::select(vector, group),
        "initiate_application_processing" => processing::initiate(vector),
        "read_application_data" => processing::read(vector),
        "processing_restrictions" | "terminal_risk_management" => decisions::check(vector),
        "t0_tpdu" => tpdu::check(vector),
        _ => Err(Problem::UnknownKind),
    }
}

/// What ended a transaction before its time, by the publisher's names.
fn ended(outcome: Outcome) -> Result<&'static str, Problem> {
    match outcome.end {
        Some(End::NoCommonApplication) => Ok("not_accepted"),
        Some(End::CardBlocked) => Ok("card_blocked_terminate"),
        Some(End::NotConfirmed) => Ok("not_confirmed_terminate"),
        Some(End::Fault(fault)) => card_error(fault),
        other => Err(Problem::differs("end", "one of a card", format!("{other:?}"))),
    }
}

fn card_error(fault: Fault) -> Result<&'static str, Problem> {
    match fault.blame() {
        Blame::Card => Ok("card_error_terminate"),
        _ => Err(fault.into()),
    }
}

/// A fault while records are read, by the publisher's names; `answer` is the card's last one.
fn record_error(fault: Fault, answer: &[u8]) -> Result<&'static str, Problem> {
    card_error(fault)?;
    let template = Tlvs::new(answer.strip_suffix(&[0x90, 0x00]).unwrap_or(answer)).only();
    match (fault.record, fault.tag, template) {
        (None, Some(tag), _) if tag == emv::AFL.tag => Ok("afl_invalid_terminate"),
        (Some(_), _, Ok(Some(_))) => Ok("record_parse_failed_terminate"),
        (Some(_), ..) => Ok("record_invalid_terminate"),
        _ => Err(Problem::differs("fault", "of the AFL or a record", fault)),
    }
}

/// Checks that a vector is about what its kind says.
fn operation(vector: Node<'_>, known: &[&str]) -> Result<(), Problem> {
    let operation = vector.text("expected.operation")?;
    if known.contains(&operation) {
        return Ok(());
    }
    Err(unreadable("expected.operation", "is not one of its kind"))
}
