//! The account that a card gives access to.

use chipwright::field::ApplicationUsageControl;
use serde::Deserialize;

use super::{Bits, Day, Digits};

/// Account, validity and use.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Primary Account Number (5A), of a published test range.
    pub number: Option<Digits>,
    /// Sequence number of the account number (5F34), 0 to 99.
    pub sequence_number: u8,
    /// Cardholder name (5F20), 2 to 26 characters.
    pub holder: String,
    /// Application Expiration Date (5F24).
    pub expiry: Day,
    /// Application Effective Date (5F25).
    pub effective: Day,
    /// Service code (5F30, and in 57): three digits.
    pub service_code: Digits,
    /// Issuer's country (5F28), ISO 3166.
    pub country: u16,
    /// Application currency (9F42), ISO 4217.
    pub currency: u16,
    /// Decimal places of that currency (9F44).
    pub currency_exponent: u8,
    /// Application Usage Control (9F07).
    pub usage: Bits<ApplicationUsageControl>,
}

/// Account numbers begin with one of these: numbers published for tests, of which no live card
/// exists.
pub(crate) const TEST_RANGES: [&str; 6] =
    ["476173", "411111", "541333", "555555", "622800", "123456"];

/// Whether an account number, in decimal digits, is of a published test range: of no live card.
pub fn is_for_tests(number: &str) -> bool {
    TEST_RANGES.iter().any(|range| number.starts_with(range))
}

impl Default for Account {
    fn default() -> Self {
        Self {
            number: None,
            sequence_number: 1,
            holder: "CARD/TEST".to_owned(),
            expiry: Day([0x49, 0x12, 0x31]),
            effective: Day([0x20, 0x01, 0x01]),
            service_code: Digits::new("201").unwrap_or_default(),
            country: 276,
            currency: 978,
            currency_exponent: 2,
            usage: Bits(ApplicationUsageControl([0xFF, 0xC0])),
        }
    }
}
