//! The kernel of the test set-up: it shows the card what it was given, and comes to what the card
//! tells it.

use super::checker::fit;
use chipwright::apdu::Command;
use chipwright::contactless::{
    Activation, AlternateInterface, CardholderVerification, Indicators, KernelId,
    OnlineResponseData, OutcomeParameters, OutcomeType, Shown, Start, Status, UiRequest,
};
use chipwright::database::Kept;
use chipwright::dictionary::emv::template::{FCI_TEMPLATE, RESPONSE_FORMAT_2};
use chipwright::dictionary::emv::{
    APPLICATION_VERSION_NUMBER_TERMINAL, ISSUER_AUTHENTICATION_DATA, PDOL,
};
use chipwright::dol::Dol;
use chipwright::fci::Fci;
use chipwright::message::Message;
use chipwright::object::Value;
use chipwright::outcome::End;
use chipwright::session::{Ended, Link};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};
use chipwright::value::{Amount, Code};
use chipwright_entry_point::Kernels;
use core::cell::RefCell;

/// Kernels of the test set-up.
pub(super) struct Stub {
    pub(super) registered: Vec<KernelId>,
    /// The answer to the last SELECT: a kernel that is started again has it still.
    pub(super) selected: RefCell<Vec<u8>>,
    /// Application Version Number (9F09), which comes with every kernel.
    pub(super) version: Vec<u8>,
    /// What the host will answer; none: it cannot be reached.
    pub(super) host: RefCell<Option<HostAnswer>>,
}

/// What the host has for the card.
#[derive(Clone)]
pub(super) struct HostAnswer {
    /// Issuer Authentication Data (91).
    pub(super) authentication_data: Option<Vec<u8>>,
    /// Templates 71 and 72.
    pub(super) scripts: Vec<u8>,
}

impl HostAnswer {
    /// Reads it out of what the card said.
    fn read(content: &[u8]) -> Option<Self> {
        let objects = || Tlvs::new(content).flatten();
        let authentication = objects().find(|tlv| tlv.tag == ISSUER_AUTHENTICATION_DATA.tag);
        let scripts = objects().filter(|tlv| matches!(tlv.tag.0, 0x71 | 0x72));
        let scripts: Vec<u8> = scripts.flat_map(|tlv| tlv.raw.to_vec()).collect();
        if authentication.is_none() && scripts.is_empty() {
            return None;
        }
        let authentication_data = authentication.map(|tlv| tlv.value.to_vec());
        Some(Self { authentication_data, scripts })
    }
}

impl Kernels for Stub {
    fn supports(&self, kernel: KernelId) -> bool {
        self.registered.contains(&kernel)
    }

    async fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> Result<OutcomeParameters, Ended> {
        if !self.supports(activation.kernel) {
            return Ok(OutcomeParameters::new(OutcomeType::SelectNext));
        }
        link.data.put_bytes(APPLICATION_VERSION_NUMBER_TERMINAL.tag, &self.version)?;
        if link.apdu.bytes().is_empty() {
            let loaded = link.apdu.load(&self.selected.borrow());
            link.data.noted(loaded)?;
        }
        self.selected.replace(link.apdu.bytes().to_vec());
        let data = asked_for(link, activation);
        let sent = link.exchange(Command::GET_PROCESSING_OPTIONS, &data).await;
        if let Err(ended) = sent {
            return match link.why(ended) {
                End::Link(_) => Ok(OutcomeParameters::new(OutcomeType::TryAgain)),
                end => Err(link.end(end)),
            };
        }
        let template = Tlvs::new(link.apdu.data()).only().ok().flatten();
        let template = template.filter(|tlv| tlv.tag == RESPONSE_FORMAT_2);
        let content = template.map_or(&[][..], |tlv| tlv.value);
        self.host.replace(HostAnswer::read(content));
        Ok(outcome(content))
    }
}

/// What the list of the card asks for, as Entry Point handed it over.
fn asked_for(link: &Link<'_, '_>, activation: &Activation<'_>) -> Vec<u8> {
    let fci = Fci::read(link.apdu.data()).ok();
    let pdol = fci.and_then(|fci| tlv::find(fci.proprietary, PDOL.tag).ok().flatten());
    let list = Dol::new(pdol.unwrap_or_default());
    let entries = list.entries().flatten();
    entries
        .flat_map(|entry| {
            let value = given(link, activation, entry.tag);
            fit(&entry.tag.to_string(), &value, usize::from(entry.length))
        })
        .collect()
}

fn given(link: &Link<'_, '_>, activation: &Activation<'_>, tag: Tag) -> Vec<u8> {
    match tag.0 {
        0xD1 => vec![indicators(activation.indicators), u8::from(activation.restart) << 7],
        0xD2 => vec![match activation.start {
            Start::A => 0x0A,
            Start::B => 0x0B,
            Start::C => 0x0C,
            Start::D => 0x0D,
        }],
        0xD3 => link.apdu.status().map_or(Vec::new(), |status| status.0.to_be_bytes().into()),
        0x6F => {
            let template = Tlvs::new(link.apdu.data()).only().ok().flatten();
            let template = template.filter(|tlv| tlv.tag == FCI_TEMPLATE);
            template.map_or(Vec::new(), |tlv| tlv.value.to_vec())
        }
        0x71 | 0x72 => {
            let scripts = link.data.kept(Kept::Scripts).unwrap_or_default();
            let script = tlv::find(scripts, tag).ok().flatten();
            script.unwrap_or_default().to_vec()
        }
        _ => link.data.bytes(tag).unwrap_or_default().to_vec(),
    }
}

fn indicators(found: Indicators) -> u8 {
    let bits = [
        (found.floor_limit_exceeded, 0x80),
        (found.application_not_allowed, 0x40),
        (found.cvm_required_limit_exceeded, 0x20),
        (found.status_check_requested, 0x10),
        (found.zero_amount, 0x08),
    ];
    bits.iter().filter(|(set, _)| *set).map(|(_, bit)| bit).sum()
}

/// The outcome in an answer: D4 the parameters, D5 and D6 the requests.
fn outcome(content: &[u8]) -> OutcomeParameters {
    let object = |tag| tlv::find(content, Tag(tag)).ok().flatten();
    let ended = OutcomeParameters::new(OutcomeType::EndApplication);
    let Some(&[kind, start, online, cvm, alternate, receipt, off_1, off_0, removal_1, removal_0]) =
        object(0xD4)
    else {
        return ended;
    };
    OutcomeParameters {
        outcome: match kind {
            1 => OutcomeType::SelectNext,
            2 => OutcomeType::TryAgain,
            3 => OutcomeType::Approved,
            4 => OutcomeType::Declined,
            5 => OutcomeType::OnlineRequest,
            6 => OutcomeType::TryAnotherInterface,
            _ => OutcomeType::EndApplication,
        },
        start: match start {
            0x0A => Some(Start::A),
            0x0B => Some(Start::B),
            0x0C => Some(Start::C),
            0x0D => Some(Start::D),
            _ => None,
        },
        online_response_data: match online {
            1 => OnlineResponseData::EmvData,
            2 => OnlineResponseData::Any,
            _ => OnlineResponseData::NotApplicable,
        },
        cardholder_verification: match cvm {
            1 => CardholderVerification::OnlinePin,
            2 => CardholderVerification::ConfirmationCodeVerified,
            3 => CardholderVerification::ObtainSignature,
            4 => CardholderVerification::NoCvm,
            _ => CardholderVerification::NotApplicable,
        },
        alternate_interface: match alternate {
            1 => AlternateInterface::ContactChip,
            2 => AlternateInterface::MagneticStripe,
            3 => AlternateInterface::Both,
            _ => AlternateInterface::NotApplicable,
        },
        receipt: receipt != 0,
        field_off_request: Some(u16::from_be_bytes([off_1, off_0])).filter(|hold| *hold < 0xFFFF),
        removal_timeout: u16::from_be_bytes([removal_1, removal_0]),
        ui_request_on_outcome: object(0xD5).and_then(request),
        ui_request_on_restart: object(0xD6).and_then(request),
        ..ended
    }
}

/// A request of 15 bytes.
fn request(coded: &[u8]) -> Option<UiRequest> {
    let (&[message, status, hold_1, hold_0, first, second, qualifier], value) =
        coded.split_first_chunk()?;
    let (value, currency) = value.split_first_chunk::<6>()?;
    let amount = Amount::decode(value)?;
    let currency = Code::decode(currency).filter(|_| currency != [0, 0]);
    let mut language_preference = [0; 8];
    language_preference[..2].copy_from_slice(&[first, second]);
    Some(UiRequest {
        message: Message::identified(message),
        status: STATUSES.get(usize::from(status).wrapping_sub(1)).copied(),
        hold_time: u16::from_be_bytes([hold_1, hold_0]),
        language_preference,
        value: match qualifier {
            1 => Some(Shown::Amount(amount, currency)),
            2 => Some(Shown::Balance(amount, currency)),
            _ => None,
        },
    })
}

/// Statuses by their numbers in these files, from 1.
pub(super) const STATUSES: [Status; 6] = [
    Status::NotReady,
    Status::Idle,
    Status::ReadyToRead,
    Status::Processing,
    Status::CardReadSuccessfully,
    Status::ProcessingError,
];
