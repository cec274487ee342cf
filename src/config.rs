//! What the integrator configures: plain data that can lie in flash. [B1 12.2.1]

mod ca_key;
mod options;
mod transaction;

pub use ca_key::{CaPublicKey, Environment, KeyFault, KeyRecord, Revocation};
pub use options::{CombinedMode, Options, Reviews, Withdrawn};
pub use transaction::{History, Transaction, TransactionType};

use crate::database::Database;
use crate::dictionary::emv::{
    ADDITIONAL_TERMINAL_CAPABILITIES, IFD_SERIAL_NUMBER, TERMINAL_CAPABILITIES,
    TERMINAL_COUNTRY_CODE, TERMINAL_TYPE,
};
use crate::fault::Failed;
use crate::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType, TerminalVerificationResults,
};
use crate::value::Code;

/// A terminal. Everything in it can be built in a `const`.
#[derive(Clone, Copy, Debug)]
pub struct Terminal<'a> {
    /// Terminal Type (9F35).
    pub terminal_type: TerminalType,
    /// Terminal Capabilities (9F33).
    pub capabilities: TerminalCapabilities,
    /// Additional Terminal Capabilities (9F40).
    pub additional_capabilities: AdditionalTerminalCapabilities,
    /// Terminal Country Code (9F1A).
    pub country: Code,
    /// Interface Device Serial Number (9F1E), an 8.
    pub ifd_serial_number: [u8; 8],
    /// Further objects of the terminal, as a BER-TLV string: merchant, acquirer, location...
    pub data: &'a [u8],
    /// The applications that the terminal accepts, in its order of preference.
    pub applications: &'a [Application<'a>],
    /// Keys of the certification authorities.
    pub keys: &'a [CaPublicKey<'a>],
    /// Issuer certificates that count no more.
    pub revocations: &'a [Revocation],
    /// How rules are read that changed between versions of the books.
    pub options: Options<'a>,
}

/// An application that the terminal accepts.
#[derive(Clone, Copy, Debug)]
pub struct Application<'a> {
    /// Application Identifier, 5 to 16 bytes.
    pub aid: &'a [u8],
    /// Whether a card's longer name that begins with the identifier is accepted (Application
    /// Selection Indicator). [B1 12.3.1]
    pub partial_match: bool,
    /// Application Version Number (9F09).
    pub version: u16,
    /// Terminal Floor Limit (9F1B), in minor units.
    pub floor_limit: u32,
    /// Random selection for online processing.
    pub random_selection: RandomSelection,
    /// Terminal Action Codes.
    pub action_codes: ActionCodes,
    /// Default DDOL, used when the card has none.
    pub default_ddol: Option<&'a [u8]>,
    /// Default TDOL, used when the card has none.
    pub default_tdol: Option<&'a [u8]>,
    /// Further objects of the terminal for this application, as a BER-TLV string.
    pub data: &'a [u8],
}

impl<'a> Application<'a> {
    /// An application that is accepted under every name that begins with `aid`: floor limit zero,
    /// so that every transaction asks the issuer; no action codes, no defaults.
    pub const fn new(aid: &'a [u8]) -> Self {
        Self {
            aid,
            partial_match: true,
            version: 0,
            floor_limit: 0,
            random_selection: RandomSelection { target: 0, maximum: 0, threshold: 0 },
            action_codes: ActionCodes {
                denial: TerminalVerificationResults::EMPTY,
                online: TerminalVerificationResults::EMPTY,
                default: TerminalVerificationResults::EMPTY,
            },
            default_ddol: None,
            default_tdol: None,
            data: &[],
        }
    }
}

/// Parameters of random transaction selection. [B3 10.6.2]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomSelection {
    /// Target percentage, 0 to 99.
    pub target: u8,
    /// Maximum target percentage for biased selection, `target` to 99.
    pub maximum: u8,
    /// Threshold value for biased selection, in minor units, below the floor limit.
    pub threshold: u32,
}

/// Action codes of the terminal or the issuer. [B3 10.7]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActionCodes {
    /// Results that mean declined.
    pub denial: TerminalVerificationResults,
    /// Results that mean ask the issuer.
    pub online: TerminalVerificationResults,
    /// Results that mean declined when the issuer cannot be asked.
    pub default: TerminalVerificationResults,
}

impl<'a> Terminal<'a> {
    /// A terminal of this type, with these capabilities, in this country; everything else empty
    /// or default, to be filled in with struct update syntax.
    pub const fn new(
        terminal_type: TerminalType,
        capabilities: TerminalCapabilities,
        country: Code,
    ) -> Self {
        Self {
            terminal_type,
            capabilities,
            additional_capabilities: AdditionalTerminalCapabilities::EMPTY,
            country,
            ifd_serial_number: *b"00000000",
            data: &[],
            applications: &[],
            keys: &[],
            revocations: &[],
            options: Options::DEFAULT,
        }
    }

    /// Sets the data objects of the terminal.
    ///
    /// # Errors
    /// [`Cause::Configuration`](crate::fault::Cause::Configuration) when
    /// [`data`](Self::data) is no BER-TLV string;
    /// [`Cause::StoreFull`](crate::fault::Cause::StoreFull).
    pub fn provide(&self, data: &mut Database<'_>) -> Result<(), Failed> {
        data.put(TERMINAL_TYPE, self.terminal_type)?;
        let capabilities = self.options.accepted(self.capabilities);
        data.put(TERMINAL_CAPABILITIES, capabilities)?;
        data.put(ADDITIONAL_TERMINAL_CAPABILITIES, self.additional_capabilities)?;
        data.put(TERMINAL_COUNTRY_CODE, self.country)?;
        data.put_bytes(IFD_SERIAL_NUMBER.tag, &self.ifd_serial_number)?;
        data.put_string(self.data)
    }

    /// The key of a scheme by its index. [B2 5.2]
    pub fn key(&self, rid: &[u8], index: u8) -> Option<&'a CaPublicKey<'a>> {
        self.keys.iter().find(|key| key.rid == rid && key.index == index)
    }
}
