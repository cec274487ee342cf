//! What the integrator configures: plain data that can lie in flash.

use crate::crypto::Crypto;
use crate::event::Events;
use crate::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType, TerminalVerificationResults,
};
use crate::oda::PublicKey;
use crate::value::{Amount, Code, Date, Pan};

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
    pub options: Options,
}

/// Choices that the books leave open, or that changed between their versions. The default is
/// current behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Set TVR byte 1 bit 2 when SDA is the selected method: done by terminals since about 2013,
    /// RFU in the text of 2011. [B3 10.3]
    pub sda_selected_bit: bool,
    /// With which cryptograms a combined signature is asked for.
    pub combined_mode: CombinedMode,
    /// Read the Payment System Environment before trying the list of AIDs. [B1 12.3.2]
    pub payment_system_environment: bool,
    /// The cardholder can be shown candidates and choose or confirm. [B1 12.4]
    pub cardholder_selection: bool,
    /// Authorisation Response Codes by which the issuer approves; every other declines.
    pub approval_codes: &'static [[u8; 2]],
    /// What the configuration does not accept any more, whatever the terminal claims to do.
    pub withdrawn: Withdrawn,
    /// Where the integrator wants to look in before the kernel goes on.
    pub reviews: Reviews,
    /// Card commands that one transaction may take, issuer scripts and PIN entry included.
    pub exchange_limit: u16,
}

impl Options {
    /// The default.
    pub const DEFAULT: Self = Self {
        sda_selected_bit: true,
        combined_mode: CombinedMode::Mode1,
        payment_system_environment: true,
        cardholder_selection: true,
        approval_codes: &[*b"00", *b"10", *b"11"],
        withdrawn: Withdrawn::NOTHING,
        reviews: Reviews::NONE,
        exchange_limit: 400,
    };
}

impl Default for Options {
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

/// What the terminal remembers of accounts. [B3 10.6.1, B4 6.3.5]
pub trait History: core::fmt::Debug {
    /// Whether the account is on the exception file.
    fn on_exception_file(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> bool;
    /// Amount of the most recent transaction with the same account that is still in the log;
    /// zero when there is none or no log is kept.
    fn logged_amount(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> Amount;
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

/// A key of a certification authority. [B2 5.2]
#[derive(Clone, Copy, Debug)]
pub struct CaPublicKey<'a> {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Certification Authority Public Key Index.
    pub index: u8,
    /// Modulus, up to 248 bytes.
    pub modulus: &'a [u8],
    /// Exponent, 3 or 65537.
    pub exponent: &'a [u8],
}

impl<'a> CaPublicKey<'a> {
    /// Modulus and exponent.
    pub const fn key(&self) -> PublicKey<'a> {
        PublicKey { modulus: self.modulus, exponent: self.exponent }
    }
}

/// An issuer certificate that counts no more. [B2 5.1.2]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Registered Application Provider Identifier.
    pub rid: [u8; 5],
    /// Index of the key that signed the certificate.
    pub index: u8,
    /// The certificate's serial number.
    pub serial: [u8; 3],
}

impl Revocation {
    /// Whether this entry revokes the certificate with `serial` under `key`.
    pub fn revokes(&self, key: &CaPublicKey<'_>, serial: [u8; 3]) -> bool {
        (self.rid, self.index, self.serial) == (key.rid, key.index, serial)
    }
}

impl Terminal<'_> {
    /// The key of a scheme by its index. [B2 5.2]
    pub fn key(&self, rid: &[u8], index: u8) -> Option<&CaPublicKey<'_>> {
        self.keys.iter().find(|key| key.rid == rid && key.index == index)
    }
}

/// What kind of business is done. [B4 6.5.1]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum TransactionType {
    /// Goods or services.
    Purchase,
    /// Cash handed out by an attendant.
    ManualCash,
    /// Cash from a machine.
    UnattendedCash,
    /// Goods or services with cash on top.
    Cashback,
    /// Money back.
    Refund,
    /// A look at the balance.
    Inquiry,
}

impl TransactionType {
    /// Transaction Type (9C): the first two digits of the ISO 8583 processing code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Purchase => 0x00,
            Self::ManualCash | Self::UnattendedCash => 0x01,
            Self::Cashback => 0x09,
            Self::Refund => 0x20,
            Self::Inquiry => 0x31,
        }
    }

    /// Whether cash alone is handed out.
    pub const fn is_cash(self) -> bool {
        matches!(self, Self::ManualCash | Self::UnattendedCash)
    }
}

/// One transaction: what is to be done, by which terminal, with which means.
#[derive(Clone, Copy, Debug)]
pub struct Transaction<'a> {
    /// The terminal.
    pub terminal: &'a Terminal<'a>,
    /// Cryptography.
    pub crypto: Crypto<'a>,
    /// Where events go.
    pub events: Events<'a>,
    /// What kind of business.
    pub kind: TransactionType,
    /// Amount, Authorised (9F02): the whole amount, cashback included.
    pub amount: Amount,
    /// Amount, Other (9F03): the cashback part.
    pub amount_other: Amount,
    /// Transaction Currency Code (5F2A).
    pub currency: Code,
    /// Transaction Currency Exponent (5F36): digits of the minor unit.
    pub currency_exponent: u8,
    /// Transaction Date (9A), local.
    pub date: Date,
    /// Transaction Time (9F21), HHMMSS in n 6, local.
    pub time: [u8; 3],
    /// Transaction Sequence Counter (9F41), up to eight digits.
    pub sequence_counter: u32,
    /// The merchant wants the issuer to decide. [B3 10.6]
    pub force_online: bool,
    /// What the terminal remembers of accounts; none when it keeps neither log nor exception file.
    pub history: Option<&'a dyn History>,
}
