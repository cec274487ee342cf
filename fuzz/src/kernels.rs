//! A kernel that comes to anything.

use crate::script::Script;
use chipwright::apdu::Command;
use chipwright::contactless::{
    CardholderVerification, OnlineResponseData, OutcomeParameters, OutcomeType, Start, Status,
    UiRequest,
};
use chipwright::message::Message;
use chipwright::outcome::End;
use chipwright::session::{Ended, Link, LinkError};
use std::cell::RefCell;

/// An outcome of any kind, after a command or none.
///
/// # Errors
/// When the link fails, or the script says so.
pub async fn come_to_anything(
    script: &RefCell<Script<'_>>,
    link: &mut Link<'_, '_>,
) -> Result<OutcomeParameters, Ended> {
    let byte = || script.borrow_mut().byte();
    let Some(kind) = byte() else {
        return Ok(OutcomeParameters::new(OutcomeType::EndApplication));
    };
    if kind & 0x08 != 0 {
        link.exchange(Command::read_record(1, 1), &[]).await?;
    }
    let outcome = match kind & 7 {
        0 => OutcomeType::SelectNext,
        1 => OutcomeType::TryAgain,
        2 => OutcomeType::Approved,
        3 => OutcomeType::Declined,
        4 => OutcomeType::OnlineRequest,
        5 => OutcomeType::TryAnotherInterface,
        6 => OutcomeType::EndApplication,
        _ => return Err(link.end(End::Link(LinkError::Removed))),
    };
    let (more, shown) = (byte().unwrap_or_default(), byte().unwrap_or_default());
    let request = |bit: u8| {
        (shown & bit != 0).then_some(UiRequest::new(Message::SeePhone, Status::ProcessingError))
    };
    let start = match more & 7 {
        0 => Some(Start::A),
        1 => Some(Start::C).filter(|_| outcome == OutcomeType::OnlineRequest),
        2 => Some(Start::D).filter(|_| outcome == OutcomeType::OnlineRequest),
        3 | 4 => Some(Start::B),
        _ => None,
    };
    // Who wants to go on with the card does not switch it off.
    let goes_on = outcome == OutcomeType::SelectNext || matches!(start, Some(Start::C | Start::D));
    Ok(OutcomeParameters {
        start,
        online_response_data: match more >> 3 & 3 {
            0 => OnlineResponseData::NotApplicable,
            1 => OnlineResponseData::EmvData,
            _ => OnlineResponseData::Any,
        },
        cardholder_verification: match more >> 5 & 3 {
            0 => CardholderVerification::NotApplicable,
            1 => CardholderVerification::OnlinePin,
            2 => CardholderVerification::ObtainSignature,
            _ => CardholderVerification::NoCvm,
        },
        ui_request_on_outcome: request(0x01),
        ui_request_on_restart: request(0x02),
        field_off_request: (shown & 0x04 != 0 && !goes_on).then_some(u16::from(shown)),
        removal_timeout: u16::from(shown >> 4),
        ..OutcomeParameters::new(outcome)
    })
}
