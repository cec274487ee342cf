//! The options of a terminal file.

use chipwright::config::{CombinedMode, Options, Reviews, Withdrawn};
use chipwright::hardening::Hardening;
use serde::Deserialize;

use super::hardened::HardenedText;

/// How rules are read that changed between versions of the books.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OptionsText {
    sda_selected_bit: bool,
    payment_system_environment: bool,
    cardholder_selection: bool,
    unattended_pin_bypass: bool,
    approval_codes: Vec<ResponseCode>,
    combined_mode: Mode,
    withdrawn: WithdrawnText,
    reviews: ReviewsText,
    exchange_limit: u16,
    pub(super) hardened: HardenedText,
}

impl Default for OptionsText {
    fn default() -> Self {
        Self {
            sda_selected_bit: Options::DEFAULT.sda_selected_bit,
            payment_system_environment: Options::DEFAULT.payment_system_environment,
            cardholder_selection: Options::DEFAULT.cardholder_selection,
            unattended_pin_bypass: Options::DEFAULT.unattended_pin_bypass,
            approval_codes: Options::DEFAULT
                .approval_codes
                .iter()
                .copied()
                .map(ResponseCode)
                .collect(),
            combined_mode: Mode(Options::DEFAULT.combined_mode),
            withdrawn: WithdrawnText(Options::DEFAULT.withdrawn),
            reviews: ReviewsText(Options::DEFAULT.reviews),
            exchange_limit: Options::DEFAULT.exchange_limit,
            hardened: HardenedText::default(),
        }
    }
}

impl OptionsText {
    /// The options, with the codes by which the issuer approves and what is refused beyond the
    /// books.
    pub(super) fn options<'o>(
        &self,
        approval_codes: &'o [[u8; 2]],
        hardening: Hardening<'o>,
    ) -> Options<'o> {
        Options {
            sda_selected_bit: self.sda_selected_bit,
            combined_mode: self.combined_mode.0,
            payment_system_environment: self.payment_system_environment,
            cardholder_selection: self.cardholder_selection,
            unattended_pin_bypass: self.unattended_pin_bypass,
            withdrawn: self.withdrawn.0,
            reviews: self.reviews.0,
            exchange_limit: self.exchange_limit,
            approval_codes,
            hardening,
        }
    }

    /// The Authorisation Response Codes by which the issuer approves.
    pub(super) fn approval_codes(&self) -> Vec<[u8; 2]> {
        self.approval_codes.iter().map(|code| code.0).collect()
    }
}

/// An Authorisation Response Code: two letters or digits.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct ResponseCode([u8; 2]);

impl TryFrom<String> for ResponseCode {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match *text.as_bytes() {
            [a, b] if a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() => Ok(Self([a, b])),
            _ => Err(format!("`{text}` is no response code, expected two letters or digits")),
        }
    }
}

/// The mode of combined signatures: 1 to 4.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "u8")]
struct Mode(CombinedMode);

impl TryFrom<u8> for Mode {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self(CombinedMode::Mode1)),
            2 => Ok(Self(CombinedMode::Mode2)),
            3 => Ok(Self(CombinedMode::Mode3)),
            4 => Ok(Self(CombinedMode::Mode4)),
            _ => Err(format!("{number} is no mode of combined signatures, expected 1 to 4")),
        }
    }
}

/// Functions that are not accepted any more.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Vec<String>")]
struct WithdrawnText(Withdrawn);

impl TryFrom<Vec<String>> for WithdrawnText {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let mut withdrawn = Withdrawn::NOTHING;
        for name in names {
            *match name.as_str() {
                "sda" => &mut withdrawn.static_data_authentication,
                "plaintext-pin" => &mut withdrawn.plaintext_pin,
                "enciphered-pin-offline" => &mut withdrawn.enciphered_pin,
                "signature" => &mut withdrawn.signature,
                _ => {
                    let known = "sda, plaintext-pin, enciphered-pin-offline, signature";
                    return Err(format!("`{name}` cannot be withdrawn, expected one of {known}"));
                }
            } = true;
        }
        Ok(Self(withdrawn))
    }
}

/// Where the kernel asks before it goes on.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Vec<String>")]
struct ReviewsText(Reviews);

impl TryFrom<Vec<String>> for ReviewsText {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let mut reviews = Reviews::NONE;
        for name in names {
            *match name.as_str() {
                "candidates" => &mut reviews.candidates,
                "records" => &mut reviews.records,
                _ => return Err(format!("no review of `{name}`, expected candidates, records")),
            } = true;
        }
        Ok(Self(reviews))
    }
}
