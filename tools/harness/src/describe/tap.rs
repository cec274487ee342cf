//! Taps in words: reasons, outcomes, and what a reader's lights and buzzer do. [A 6, 7]

use chipwright::contactless::{
    AlternateInterface, CardholderVerification, EntryPassed, Excluded, OutcomeType, Reason, Status,
};

/// Why a contactless kernel decided as it did.
pub const fn contactless_reason(reason: Reason) -> &'static str {
    match reason {
        Reason::QualifiersNotRequested => "the card does not ask for the terminal's qualifiers",
        Reason::DeviceToBeUsed => "the cardholder acts on the device and presents it again",
        Reason::RefusedByCard => "the card refuses to go on",
        Reason::LinkFailed => "the link to the card failed: it is to be presented again",
        Reason::CryptogramInApplicationData => {
            "the type of the cryptogram is in the issuer application data alone"
        }
        Reason::DeclinedByCard => "the card declines",
        Reason::CryptogramReserved => "the card gives a cryptogram of a reserved type",
        Reason::OnlineByCard => "the card asks its issuer",
        Reason::OnlineWasRequired => "the card approves, and its issuer was to be asked",
        Reason::OnlineForPin => "the card approves, and wants a PIN that its issuer verifies",
        Reason::Expired => "the application has expired",
        Reason::ExpiredOnline => "the application has expired, and the card asks its issuer then",
        Reason::NotYetEffective => "the application is not effective yet",
        Reason::OnExceptionFile => "the account is on the exception file",
        Reason::OnlinePin => "the card wants an online PIN",
        Reason::OnlinePinUnsupported => {
            "the card wants an online PIN, and this terminal takes none"
        }
        Reason::DeviceVerified => "the device verified its owner, and signed it",
        Reason::DeviceVerificationDiffers => {
            "the device says that it verified its owner, and signed something else"
        }
        Reason::DeviceVerifiedOnline => "the device verified its owner, as its issuer will see",
        Reason::DeviceVerificationUnproven => {
            "the device says that it verified its owner, and nothing proves it"
        }
        Reason::Signature => "the card wants a signature",
        Reason::SignatureUnsupported => "the card wants a signature, and this terminal takes none",
        Reason::NotRequired => "nobody requires cardholder verification",
        Reason::NoneOffered => "the terminal requires verification, and the card names none",
        Reason::SignatureByTerminal => "the card names no method: the terminal takes a signature",
        Reason::OnlinePinByTerminal => "the card names no method: the terminal takes an online PIN",
        Reason::NoneAvailable => "the card names no method, and the terminal has none",
        Reason::Authenticated => "the card approves, and its signature is good",
        Reason::AuthenticationFailedOnline => {
            "offline data authentication failed, and the card asks its issuer then"
        }
        Reason::AuthenticationFailedContact => {
            "offline data authentication failed, and the card wants the slot then"
        }
        Reason::AuthenticationFailed => "offline data authentication failed",
        Reason::AuthenticatedOnline => "the signature is good, and the issuer decides",
        Reason::AuthenticationOnlineUnsupported => {
            "the card does not sign for online authorisations"
        }
        _ => "for a reason without words",
    }
}

/// Whether a reason speaks for going on: `None` when it neither does nor declines.
pub const fn speaks_for(reason: Reason) -> Option<bool> {
    match reason {
        Reason::Authenticated
        | Reason::AuthenticatedOnline
        | Reason::OnlineByCard
        | Reason::OnlinePin
        | Reason::DeviceVerified
        | Reason::DeviceVerifiedOnline
        | Reason::Signature
        | Reason::SignatureByTerminal
        | Reason::OnlinePinByTerminal
        | Reason::NotRequired => Some(true),
        Reason::DeviceToBeUsed
        | Reason::LinkFailed
        | Reason::CryptogramInApplicationData
        | Reason::OnlineWasRequired
        | Reason::OnlineForPin
        | Reason::ExpiredOnline
        | Reason::AuthenticationFailedOnline
        | Reason::AuthenticationFailedContact => None,
        _ => Some(false),
    }
}

/// Why an entry of the directory is passed over.
pub const fn entry_passed(why: EntryPassed) -> &'static str {
    match why {
        EntryPassed::NoName => "it has no name",
        EntryPassed::KernelIdentifier => "its kernel identifier is malformed",
        EntryPassed::KernelOpen => "it leaves the kernel open",
        EntryPassed::NoCombination => "this reader has no kernel for it",
    }
}

/// Why a combination is not used for this transaction.
pub const fn excluded(why: Excluded) -> &'static str {
    match why {
        Excluded::TransactionLimit => "the amount is not below its transaction limit",
        Excluded::ZeroAmount => "it takes no amount of zero",
    }
}

/// An outcome.
pub const fn outcome_type(outcome: OutcomeType) -> &'static str {
    match outcome {
        OutcomeType::SelectNext => "select next",
        OutcomeType::TryAgain => "try again",
        OutcomeType::Approved => "approved",
        OutcomeType::Declined => "declined",
        OutcomeType::OnlineRequest => "online request",
        OutcomeType::TryAnotherInterface => "try another interface",
        OutcomeType::EndApplication => "end application",
    }
}

/// What is left to do to verify the cardholder.
pub const fn cardholder_verification(method: CardholderVerification) -> &'static str {
    match method {
        CardholderVerification::NotApplicable => "does not matter",
        CardholderVerification::OnlinePin => "online PIN",
        CardholderVerification::ConfirmationCodeVerified => "verified on the device",
        CardholderVerification::ObtainSignature => "signature",
        CardholderVerification::NoCvm => "none required",
    }
}

/// The interface to be preferred.
pub const fn alternate_interface(interface: AlternateInterface) -> &'static str {
    match interface {
        AlternateInterface::NotApplicable => "any",
        AlternateInterface::ContactChip => "contact chip",
        AlternateInterface::MagneticStripe => "magnetic stripe",
        AlternateInterface::Both => "contact chip or magnetic stripe",
    }
}

/// What lights and buzzer of a reader do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Face {
    /// The four lights.
    pub lit: [bool; 4],
    /// The first light goes on for a moment, and off again.
    pub blinking: bool,
    /// What is heard.
    pub tone: Option<&'static str>,
}

/// What a reader with four lights and a buzzer does for a status. [A 7.1]
pub const fn face(status: Status) -> Face {
    let lit = match status {
        Status::NotReady | Status::ProcessingError => [false; 4],
        Status::Idle | Status::ReadyToRead | Status::Processing => [true, false, false, false],
        Status::CardReadSuccessfully => [true; 4],
    };
    let tone = match status {
        Status::CardReadSuccessfully => Some("beep"),
        Status::ProcessingError => Some("beep-beep"),
        _ => None,
    };
    Face { lit, blinking: matches!(status, Status::Idle), tone }
}

/// A status by its name.
pub const fn reader_status(status: Status) -> &'static str {
    match status {
        Status::NotReady => "not ready",
        Status::Idle => "idle",
        Status::ReadyToRead => "ready to read",
        Status::Processing => "processing",
        Status::CardReadSuccessfully => "card read successfully",
        Status::ProcessingError => "processing error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_was_read_lights_everything() {
        assert_eq!(face(Status::CardReadSuccessfully).lit, [true; 4]);
        assert_eq!(face(Status::CardReadSuccessfully).tone, Some("beep"));
        assert_eq!(face(Status::ProcessingError).lit, [false; 4]);
        assert_eq!(face(Status::ProcessingError).tone, Some("beep-beep"));
        assert!(face(Status::Idle).blinking && !face(Status::ReadyToRead).blinking);
        assert_eq!(face(Status::ReadyToRead).tone, None);
    }

    #[test]
    fn reasons_speak_for_or_against() {
        assert_eq!(speaks_for(Reason::Authenticated), Some(true));
        assert_eq!(speaks_for(Reason::Expired), Some(false));
        assert_eq!(speaks_for(Reason::ExpiredOnline), None);
        assert!(contactless_reason(Reason::Expired).contains("expired"));
    }
}
