//! Cardholder verification: CVM list and PIN.

use serde::Deserialize;

use super::{Digits, Rule};

/// CVM list and PIN.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Verification {
    /// The rules (8E); none makes a card that does not support cardholder verification.
    pub rules: Vec<Rule>,
    /// Amount X of the list, in minor units of the application currency.
    pub amount_x: u32,
    /// Amount Y of the list.
    pub amount_y: u32,
    /// The PIN that the card verifies: 4 to 12 digits.
    pub pin: Digits,
    /// PIN tries, 1 to 15, after a right PIN.
    pub pin_try_limit: u8,
    /// PIN tries left at first, 0 for a blocked PIN; all of them when left out.
    pub pin_tries_left: Option<u8>,
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            rules: vec![Rule([0x1E, 0x03]), Rule([0x1F, 0x00])],
            amount_x: 0,
            amount_y: 0,
            pin: Digits::new("1234").unwrap_or_default(),
            pin_try_limit: 3,
            pin_tries_left: None,
        }
    }
}
