//! What a card is personalised with: the profile file.
//!
//! A profile is TOML. Everything has a default that makes an ordinary card, so a profile says
//! only what is special. `docs/cards.md` describes every key.

mod account;
mod authentication;
mod cryptogram;
mod place;
mod quickpass;
mod records;
mod rule;
mod scheme;
mod value;
mod verification;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use account::Account;
pub use authentication::{Authentication, Method};
pub use cryptogram::{
    ActionCodes, Cryptogram, FirstAnswer, IssuerAuthentication, Limits, SecondAnswer,
};
pub use place::ProfileError;
pub use quickpass::{Broken, Decision, QuickPass, Verified};
pub use records::Record;
pub use rule::Rule;
pub use scheme::Scheme;
pub use value::{Bits, Day, Digits, Hex, Month, Named};
pub use verification::Verification;

pub(crate) use account::TEST_RANGES;
pub use account::is_for_tests;
pub(crate) use place::Places;

use crate::key::KeyText;

/// A card.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// One line that says what the card is for.
    pub title: String,
    /// Whether the card lists its applications in a Payment System Environment.
    #[serde(default = "yes")]
    pub pse: bool,
    /// Whether the card lists its contactless applications in a Proximity Payment System
    /// Environment.
    #[serde(default = "yes")]
    pub ppse: bool,
    /// Whether the card is blocked: SELECT is not supported.
    #[serde(default)]
    pub blocked: bool,
    /// Keys of this profile alone, by name.
    #[serde(default)]
    pub key: BTreeMap<String, KeyText>,
    /// The applications, in the order in which SELECT finds them.
    pub application: Vec<Application>,
    /// Where the text of the profile says what.
    #[serde(skip)]
    pub(crate) places: Places,
}

/// An application of a card.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// The payment system, which the other defaults depend on.
    pub scheme: Scheme,
    /// Application name: AID and whatever follows it, 5 to 16 bytes.
    pub aid: Option<Hex>,
    /// Application Label (50), 1 to 16 characters.
    pub label: Option<String>,
    /// Application Preferred Name (9F12), 1 to 16 characters of code table 1.
    pub preferred_name: Option<String>,
    /// Languages (5F2D) by preference: two letters each, up to four.
    pub languages: Option<String>,
    /// Priority (87), 1 to 15, 0 for none; the position on the card when left out.
    pub priority: Option<u8>,
    /// Whether the cardholder must confirm the selection (87).
    #[serde(default)]
    pub confirmation: bool,
    /// Whether the application is blocked: SELECT warns, and nothing else works.
    #[serde(default)]
    pub blocked: bool,
    /// Whether GET PROCESSING OPTIONS finds its conditions satisfied.
    #[serde(default = "yes")]
    pub available: bool,
    /// Processing options list (9F38).
    #[serde(default)]
    pub pdol: Hex,
    /// Format of answers that have a choice: 1 or 2.
    #[serde(default = "format_2")]
    pub format: u8,
    /// Application Interchange Profile (82), when it is to say something else than the rest.
    pub aip: Option<Hex>,
    /// Application File Locator (94), when it is to say something else than the records.
    pub afl: Option<Hex>,
    /// Whether the terminal is to perform risk management (82).
    #[serde(default = "yes")]
    pub terminal_risk_management: bool,
    /// Application Version Number (9F08).
    pub version: Option<u16>,
    /// File Control Information, the whole answer to SELECT, instead of the one made of the rest.
    pub fci: Option<Hex>,
    /// The account.
    #[serde(default)]
    pub account: Account,
    /// Offline data authentication.
    #[serde(default)]
    pub authentication: Authentication,
    /// Cardholder verification.
    #[serde(default)]
    pub verification: Verification,
    /// Cryptograms and what the card decides about them.
    #[serde(default)]
    pub cryptogram: Cryptogram,
    /// Issuer action codes.
    #[serde(default)]
    pub action_codes: ActionCodes,
    /// Consecutive offline transactions.
    #[serde(default)]
    pub limits: Limits,
    /// Data objects by tag: others, or other values than the rest would give them.
    #[serde(default)]
    pub objects: BTreeMap<String, Hex>,
    /// Tags that the card is to lack.
    #[serde(default)]
    pub omit: Vec<Hex>,
    /// Answers to GET DATA by tag, beside counters.
    #[serde(default)]
    pub get_data: BTreeMap<String, Hex>,
    /// Makes the application answer over contactless, and there alone.
    pub quickpass: Option<QuickPass>,
    /// Records, when they are to be others than those made of the rest.
    pub record: Option<Vec<Record>>,
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// [`ProfileError`] with line and column: no TOML, unknown keys, values of the wrong kind.
    /// Whether keys exist and certificates fit shows when the card is made.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let mut profile: Self =
            toml::from_str(text).map_err(|error| ProfileError::of_toml(text, &error))?;
        profile.places = Places::of(text);
        Ok(profile)
    }
}

pub(crate) const fn yes() -> bool {
    true
}

const fn format_2() -> u8 {
    2
}
