//! The outcome of a contactless kernel, with all its parameters. [A 6.2]

use super::UiRequest;

/// What a kernel, or Entry Point itself, came to. [A 6.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum OutcomeType {
    /// Another combination may do: Entry Point goes on with the next candidate.
    SelectNext,
    /// The card is to be presented again: Entry Point polls anew.
    TryAgain,
    /// Approved.
    Approved,
    /// Declined.
    Declined,
    /// The issuer is to be asked.
    OnlineRequest,
    /// Another interface may do.
    TryAnotherInterface,
    /// The transaction ends without a decision.
    EndApplication,
}

/// Where Entry Point begins. [A 5.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Start {
    /// Pre-processing.
    A,
    /// Protocol activation.
    B,
    /// Combination selection.
    C,
    /// Kernel activation.
    D,
}

/// Which answer of the issuer makes Entry Point start again. [A 6.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum OnlineResponseData {
    /// None.
    #[default]
    NotApplicable,
    /// One with data for the card: issuer authentication data (91) or scripts (71, 72).
    EmvData,
    /// Any, or none in time.
    Any,
}

/// What is still to be done to verify the cardholder. [A 6.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum CardholderVerification {
    /// It does not matter.
    #[default]
    NotApplicable,
    /// A PIN goes to the issuer.
    OnlinePin,
    /// Nothing: the cardholder's device verified its owner.
    ConfirmationCodeVerified,
    /// A signature is taken.
    ObtainSignature,
    /// Nothing: no verification is required.
    NoCvm,
}

/// The interface to be preferred when another one is to be tried. [A 6.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default)]
pub enum AlternateInterface {
    /// None in particular.
    #[default]
    NotApplicable,
    /// The chip in the slot.
    ContactChip,
    /// The magnetic stripe.
    MagneticStripe,
    /// Either.
    Both,
}

/// An outcome and its parameters. [A 6.2]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutcomeParameters {
    /// The outcome.
    pub outcome: OutcomeType,
    /// Where Entry Point starts again, if it does.
    pub start: Option<Start>,
    /// After which answer of the issuer it starts again.
    pub online_response_data: OnlineResponseData,
    /// What is still to be done to verify the cardholder.
    pub cardholder_verification: CardholderVerification,
    /// What is shown at once.
    pub ui_request_on_outcome: Option<UiRequest>,
    /// What is shown when Entry Point starts again.
    pub ui_request_on_restart: Option<UiRequest>,
    /// Whether the data objects of the data record are meant for the acquirer.
    pub data_record: bool,
    /// Whether there is discretionary data.
    pub discretionary_data: bool,
    /// The interface to be preferred when another one is to be tried.
    pub alternate_interface: AlternateInterface,
    /// Whether a receipt is required.
    pub receipt: bool,
    /// The field is switched off for so long, in units of 100 ms; none: it stays as it is.
    pub field_off_request: Option<u16>,
    /// How long the card may stay in the field while the issuer is asked, in units of 100 ms; 0
    /// for no limit.
    pub removal_timeout: u16,
}

impl OutcomeParameters {
    /// An outcome with every parameter absent, to be filled in with struct update syntax.
    pub const fn new(outcome: OutcomeType) -> Self {
        Self {
            outcome,
            start: None,
            online_response_data: OnlineResponseData::NotApplicable,
            cardholder_verification: CardholderVerification::NotApplicable,
            ui_request_on_outcome: None,
            ui_request_on_restart: None,
            data_record: false,
            discretionary_data: false,
            alternate_interface: AlternateInterface::NotApplicable,
            receipt: false,
            field_off_request: None,
            removal_timeout: 0,
        }
    }

    /// The outcome that starts at `start` again.
    #[must_use]
    pub const fn starting(mut self, start: Start) -> Self {
        self.start = Some(start);
        self
    }

    /// The outcome that shows a request at once.
    #[must_use]
    pub const fn showing(mut self, request: UiRequest) -> Self {
        self.ui_request_on_outcome = Some(request);
        self
    }
}
