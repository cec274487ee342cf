//! Why a contactless kernel decided as it did: one table for everyone who explains.

/// Why a contactless kernel decided as it did.
///
/// Codes are stable: they go into logs and reports, and never change their meaning.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u16)]
#[non_exhaustive]
pub enum Reason {
    /// The card does not ask for the Terminal Transaction Qualifiers.
    QualifiersNotRequested = 0x0101,
    /// The cardholder is to act on their device, and to present it again.
    DeviceToBeUsed = 0x0102,
    /// The card refuses GET PROCESSING OPTIONS.
    RefusedByCard = 0x0103,
    /// The link to the card failed.
    LinkFailed = 0x0104,

    /// The cryptogram's type was taken from the Issuer Application Data.
    CryptogramInApplicationData = 0x0201,
    /// The card gave an AAC.
    DeclinedByCard = 0x0202,
    /// The card gave a cryptogram of a reserved type.
    CryptogramReserved = 0x0203,
    /// The card asks for the issuer's decision.
    OnlineByCard = 0x0204,
    /// The card approved although an online cryptogram was required.
    OnlineWasRequired = 0x0205,
    /// The card approved and wants a PIN that only the issuer can verify.
    OnlineForPin = 0x0206,

    /// The application has expired, and the card declines then.
    Expired = 0x0301,
    /// The application has expired, and the card goes online then.
    ExpiredOnline = 0x0302,
    /// The application is not effective yet.
    NotYetEffective = 0x0303,
    /// The account is on the exception file.
    OnExceptionFile = 0x0304,

    /// The card wants an online PIN.
    OnlinePin = 0x0401,
    /// The card wants an online PIN, and the terminal takes none.
    OnlinePinUnsupported = 0x0402,
    /// The cardholder's device verified its owner, and what was signed says so as well.
    DeviceVerified = 0x0403,
    /// The cardholder's device says that it verified its owner, and what was signed differs.
    DeviceVerificationDiffers = 0x0404,
    /// The cardholder's device verified its owner, and the issuer will see to it.
    DeviceVerifiedOnline = 0x0405,
    /// The cardholder's device says that it verified its owner, and nothing proves it.
    DeviceVerificationUnproven = 0x0406,
    /// The card wants a signature.
    Signature = 0x0407,
    /// The card wants a signature, and the terminal takes none.
    SignatureUnsupported = 0x0408,
    /// Neither side wants cardholder verification.
    NotRequired = 0x0409,
    /// The terminal wants cardholder verification, and the card names none.
    NoneOffered = 0x040A,
    /// The card leaves the method to the terminal: a signature.
    SignatureByTerminal = 0x040B,
    /// The card leaves the method to the terminal: an online PIN.
    OnlinePinByTerminal = 0x040C,
    /// The card leaves the method to the terminal, and that has none.
    NoneAvailable = 0x040D,

    /// Offline data authentication passed, and the card approves.
    Authenticated = 0x0501,
    /// Offline data authentication failed, and the card goes online then.
    AuthenticationFailedOnline = 0x0502,
    /// Offline data authentication failed, and the card wants the contact interface then.
    AuthenticationFailedContact = 0x0503,
    /// Offline data authentication failed.
    AuthenticationFailed = 0x0504,
    /// Offline data authentication passed, and the issuer decides.
    AuthenticatedOnline = 0x0505,
    /// The card does not support offline data authentication for online authorisations.
    AuthenticationOnlineUnsupported = 0x0506,
}

impl Reason {
    /// The stable number.
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// Requirement id of the rule: book and section. [C7 4, 5, 6]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::QualifiersNotRequested => "C7 4.1",
            Self::DeviceToBeUsed | Self::RefusedByCard | Self::LinkFailed => "C7 4.2",
            Self::CryptogramInApplicationData => "C7 2",
            Self::CryptogramReserved => "C7 4.4",
            Self::DeclinedByCard => "C7 4.5",
            Self::Expired | Self::ExpiredOnline | Self::NotYetEffective | Self::OnExceptionFile => {
                "C7 4.7"
            }
            Self::OnlineByCard => "C7 4.9",
            Self::OnlineWasRequired
            | Self::Authenticated
            | Self::AuthenticationFailedOnline
            | Self::AuthenticationFailedContact
            | Self::AuthenticationFailed => "C7 4.10",
            Self::OnlinePin
            | Self::OnlineForPin
            | Self::OnlinePinUnsupported
            | Self::DeviceVerified
            | Self::DeviceVerificationDiffers
            | Self::DeviceVerifiedOnline
            | Self::DeviceVerificationUnproven
            | Self::Signature
            | Self::SignatureUnsupported
            | Self::NotRequired
            | Self::NoneOffered
            | Self::SignatureByTerminal
            | Self::OnlinePinByTerminal
            | Self::NoneAvailable => "C7 5",
            Self::AuthenticatedOnline | Self::AuthenticationOnlineUnsupported => "C7 6.2",
        }
    }
}
