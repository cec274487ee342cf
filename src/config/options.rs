//! Choices, withdrawals and reviews.

use crate::field::TerminalCapabilities;
use crate::hardening::{Hardening, Rule};

/// Choices that the books leave open, or that changed between their versions. The default is
/// current behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options<'a> {
    /// Set TVR byte 1 bit 2 when SDA is the selected method: done by terminals since about 2013,
    /// RFU in the text of 2011. [B3 10.3]
    pub sda_selected_bit: bool,
    /// With which cryptograms a combined signature is asked for.
    pub combined_mode: CombinedMode,
    /// Read the Payment System Environment before trying the list of AIDs. [B1 12.3.2]
    pub payment_system_environment: bool,
    /// The cardholder can be shown candidates and choose or confirm. [B1 12.4]
    pub cardholder_selection: bool,
    /// A terminal without attendant may let a PIN be left out too; where it may not, a bypass
    /// there cancels the transaction. [B4 6.3.4.3]
    pub unattended_pin_bypass: bool,
    /// Authorisation Response Codes by which the issuer approves; every other declines.
    pub approval_codes: &'a [[u8; 2]],
    /// What the configuration does not accept any more, whatever the terminal claims to do.
    pub withdrawn: Withdrawn,
    /// Where the integrator wants to look in before the kernel goes on.
    pub reviews: Reviews,
    /// Card commands that one transaction may take, issuer scripts and PIN entry included.
    pub exchange_limit: u16,
    /// What is refused beyond the books.
    pub hardening: Hardening<'a>,
}

impl Options<'_> {
    /// The default.
    pub const DEFAULT: Self = Self {
        sda_selected_bit: true,
        combined_mode: CombinedMode::Mode1,
        payment_system_environment: true,
        cardholder_selection: true,
        unattended_pin_bypass: false,
        approval_codes: &[*b"00", *b"10", *b"11"],
        withdrawn: Withdrawn::NOTHING,
        reviews: Reviews::NONE,
        exchange_limit: 400,
        hardening: Hardening::OFF,
    };

    /// What is left of the capabilities when everything withdrawn is taken out. [H 7]
    #[must_use]
    pub fn accepted(&self, capabilities: TerminalCapabilities) -> TerminalCapabilities {
        let mut accepted = self.withdrawn.apply(capabilities);
        if self.hardening.enforces(Rule::SunsetFeatures) {
            accepted.clear(TerminalCapabilities::SDA | TerminalCapabilities::PLAINTEXT_PIN);
        }
        accepted
    }
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Functions that schemes and EMVCo retire: withdrawn ones are taken out of the Terminal
/// Capabilities before anything looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Withdrawn {
    /// Static data authentication.
    pub static_data_authentication: bool,
    /// Plaintext PIN verified by the card.
    pub plaintext_pin: bool,
    /// Enciphered PIN verified by the card.
    pub enciphered_pin: bool,
    /// Signature.
    pub signature: bool,
}

impl Withdrawn {
    /// Everything is accepted.
    pub const NOTHING: Self = Self {
        static_data_authentication: false,
        plaintext_pin: false,
        enciphered_pin: false,
        signature: false,
    };

    /// The capabilities that are left.
    #[must_use]
    pub fn apply(self, mut capabilities: TerminalCapabilities) -> TerminalCapabilities {
        type Can = TerminalCapabilities;
        for (withdrawn, capability) in [
            (self.static_data_authentication, Can::SDA),
            (self.plaintext_pin, Can::PLAINTEXT_PIN),
            (self.enciphered_pin, Can::ENCIPHERED_PIN_OFFLINE),
            (self.signature, Can::SIGNATURE),
        ] {
            if withdrawn {
                capabilities.clear(capability);
            }
        }
        capabilities
    }
}

/// Where the kernel asks the integrator before it goes on: the data objects can then be read, and
/// those of the terminal changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Reviews {
    /// After the candidate list was built.
    pub candidates: bool,
    /// After the records were read.
    pub records: bool,
}

impl Reviews {
    /// Nowhere.
    pub const NONE: Self = Self { candidates: false, records: false };
}

/// With which cryptograms a combined signature is asked for, where the terminal may choose: the
/// modes of a terminal's conformance statement. A TC that no issuer stands behind is always asked
/// for with a signature. [B2 6.6]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CombinedMode {
    /// With an ARQC, and with the TC after it.
    Mode1,
    /// With an ARQC, not with the TC after it.
    Mode2,
    /// With neither.
    Mode3,
    /// Not with an ARQC, but with the TC after it.
    Mode4,
}

impl CombinedMode {
    /// Whether an ARQC is asked for with a signature.
    pub const fn signs_arqc(self) -> bool {
        matches!(self, Self::Mode1 | Self::Mode2)
    }

    /// Whether the TC after the issuer's approval is asked for with a signature.
    pub const fn signs_online_tc(self) -> bool {
        matches!(self, Self::Mode1 | Self::Mode4)
    }
}
