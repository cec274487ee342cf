//! What the notes leave open: every uncertain rule is a setting here. [C7 11]

use chipwright::contactless::Status as Lights;
use chipwright::field::{CvmOutcome, CvmResults};
use chipwright::message::Message;
use chipwright::status::Status;

/// Settings of this kernel. The default is the safe or the better attested reading; each has its
/// line in `docs/deviations.md`.
#[derive(Clone, Copy, Debug)]
pub struct Configuration<'c> {
    /// What becomes of a card whose PDOL (9F38) is missing or does not ask for the Terminal
    /// Transaction Qualifiers (9F66). [C7 4.1]
    pub qualifiers_not_requested: Refusal,
    /// What becomes of a card that answers GET PROCESSING OPTIONS with one of these. [C7 4.2]
    pub refusals: &'c [(Status, Refusal)],
    /// And with any other that is not 9000.
    pub other_refusal: Refusal,
    /// What becomes of a TC although an online cryptogram was required, or the card wants an online
    /// PIN. It never is an offline approval. [C7 4.10, 5]
    pub unwanted_tc: UnwantedTc,
    /// Whether a date of effect (5F25) in the future declines. [C7 4.7]
    pub effective_date: bool,
    /// How the card's signature is verified.
    pub signature: Signature,
    /// Whether offline data authentication is done for online authorisations too, where the
    /// Terminal Transaction Qualifiers say so; otherwise they do not say so to the card. [C7 6.2]
    pub authentication_online: bool,
    /// Whether the Terminal Verification Results (95) tell what was found after they were sent to
    /// the card; otherwise they stay zero. [C7 4.12]
    pub verification_results: bool,
    /// What the CVM Results (9F34) say. [C7 4.12]
    pub cvm_results: MethodResults,
    /// Whether another interface means the contact chip in particular. [C7 7]
    pub prefer_contact_chip: bool,
    /// What is shown.
    pub requests: Requests,
    /// For how long the field is off when the cardholder is to act on their device, in units of
    /// 100 ms. [C7 4.2]
    pub device_field_off: u16,
}

/// What becomes of a card that does not go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Refusal {
    /// The cardholder acts on their device, and presents it again.
    DeviceToBeUsed,
    /// The next application.
    SelectNext,
    /// Another interface, where the terminal has the contact chip; or else the end.
    AnotherInterface,
    /// The end.
    EndApplication,
}

/// What becomes of a TC that may not be an offline approval.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum UnwantedTc {
    /// The issuer decides, where the terminal can go online; otherwise it is declined.
    OnlineRequest,
    /// It is declined.
    Declined,
}

/// How the card's signature is verified. [C7 6.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Whether version 00 counts, which covers the unpredictable number and not the amount.
    pub version_0: bool,
    /// Whether the card's application version (9F08) tells which version of the signature counts.
    pub by_application_version: bool,
    /// Whether the Card Transaction Qualifiers (9F6C) must be those that were signed.
    pub compare_qualifiers: bool,
    /// Signed Data Format.
    pub format: SignedDataFormat,
}

/// The first byte of what is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SignedDataFormat {
    /// 95: of fast DDA alone.
    Fast,
    /// 05: that of a signature by INTERNAL AUTHENTICATE as well.
    Dynamic,
}

/// CVM Results (9F34) by method. [C7 4.12]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MethodResults {
    /// A PIN for the issuer.
    pub online_pin: CvmResults,
    /// Verified on the cardholder's device.
    pub confirmation_code: CvmResults,
    /// A signature.
    pub signature: CvmResults,
    /// None required.
    pub no_cvm: CvmResults,
}

/// A message and what the lights say; the kernel makes a request of it in the cardholder's
/// languages. What is absent stays as it is. [C7 7]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prompt {
    /// What to show.
    pub message: Option<Message>,
    /// What the lights say.
    pub status: Option<Lights>,
    /// How long the message stays before another may replace it, in units of 100 ms.
    pub hold_time: u16,
}

impl Prompt {
    /// A message and a status.
    pub const fn new(message: Message, status: Lights) -> Self {
        Self { message: Some(message), status: Some(status), hold_time: 0 }
    }
}

/// What is shown. [C7 7]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Requests {
    /// The card may be taken away.
    pub card_read: Prompt,
    /// Approved.
    pub approved: Prompt,
    /// Approved, and a signature is to be taken.
    pub approved_with_signature: Prompt,
    /// The issuer is asked.
    pub online: Prompt,
    /// Declined.
    pub declined: Prompt,
    /// Another interface.
    pub another_interface: Prompt,
    /// The contact chip.
    pub contact_chip: Prompt,
    /// The end.
    pub end_application: Prompt,
    /// The cardholder is to act on their device.
    pub see_device: Prompt,
    /// Then, when the card is waited for again.
    pub device_again: Prompt,
    /// The link failed: the card is to be presented again.
    pub card_again: Prompt,
}

impl Configuration<'_> {
    /// The default.
    pub const DEFAULT: Self = Self {
        qualifiers_not_requested: Refusal::SelectNext,
        refusals: &[
            (Status(0x6984), Refusal::AnotherInterface),
            (Status(0x6985), Refusal::SelectNext),
            (Status(0x6986), Refusal::DeviceToBeUsed),
        ],
        other_refusal: Refusal::AnotherInterface,
        unwanted_tc: UnwantedTc::OnlineRequest,
        effective_date: true,
        signature: Signature {
            version_0: false,
            by_application_version: true,
            compare_qualifiers: true,
            format: SignedDataFormat::Fast,
        },
        authentication_online: false,
        verification_results: false,
        cvm_results: MethodResults {
            online_pin: results(0x02, CvmOutcome::Unknown),
            confirmation_code: results(0x01, CvmOutcome::Successful),
            signature: results(0x1E, CvmOutcome::Unknown),
            no_cvm: results(0x1F, CvmOutcome::Successful),
        },
        prefer_contact_chip: false,
        requests: Requests {
            card_read: Prompt::new(Message::CardReadOk, Lights::CardReadSuccessfully),
            approved: Prompt::new(Message::Approved, Lights::CardReadSuccessfully),
            approved_with_signature: Prompt::new(
                Message::ApprovedSign,
                Lights::CardReadSuccessfully,
            ),
            online: Prompt::new(Message::Authorising, Lights::CardReadSuccessfully),
            declined: Prompt::new(Message::Declined, Lights::CardReadSuccessfully),
            another_interface: Prompt::new(Message::InsertOrSwipeCard, Lights::ReadyToRead),
            contact_chip: Prompt::new(Message::InsertCardInstead, Lights::ReadyToRead),
            end_application: Prompt::new(Message::TryAnotherCard, Lights::ReadyToRead),
            see_device: Prompt {
                hold_time: 13,
                ..Prompt::new(Message::SeePhone, Lights::ProcessingError)
            },
            device_again: Prompt { message: None, status: Some(Lights::ReadyToRead), hold_time: 0 },
            card_again: Prompt::new(Message::PresentCardAgain, Lights::ReadyToRead),
        },
        device_field_off: 13,
    };

    /// What becomes of a card that answers GET PROCESSING OPTIONS with `status`.
    pub(crate) fn refusal(&self, status: Status) -> Refusal {
        let row = self.refusals.iter().find(|(refused, _)| *refused == status);
        row.map_or(self.other_refusal, |(_, refusal)| *refusal)
    }
}

impl Default for Configuration<'_> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

const fn results(code: u8, outcome: CvmOutcome) -> CvmResults {
    CvmResults { code, condition: 0x00, outcome }
}
