//! The hardened profile of a terminal file.

use chipwright::hardening::{Brand, Budget, Profile, Rule, Rules};
use serde::Deserialize;

use super::value::Exactly;

/// Which rules hold, and what they go by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct HardenedText {
    enforced: RulesText,
    reported: RulesText,
    /// Account numbers by brand; those of the core when left out.
    brands: Option<BrandsText>,
    minimum_modulus: Option<u16>,
    unproved_below_limit: bool,
    budget: BudgetText,
    #[serde(rename = "cryptogram_versions")]
    versions: VersionsText,
}

impl HardenedText {
    /// The profile, if any rule holds.
    pub(super) fn profile(&self) -> Option<Profile<'_>> {
        let default = Profile::of(self.enforced.0, self.reported.0);
        let profile = Profile {
            brands: self.brands.as_ref().map_or(default.brands, |brands| &brands.0),
            minimum_modulus: self.minimum_modulus.unwrap_or(default.minimum_modulus),
            unproved_below_limit: self.unproved_below_limit,
            budget: self.budget.budget(),
            cryptogram_versions: &self.versions.0,
            ..default
        };
        let silent = self.enforced.0 == Rules::NONE && self.reported.0 == Rules::NONE;
        (!silent).then_some(profile)
    }
}

/// Rules by name: `["H1", "H4"]`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
struct RulesText(Rules);

impl TryFrom<Vec<String>> for RulesText {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let with = |rules: Rules, name: &String| {
            let rule = Rule::named(name).map_err(|error| format!("`{name}`: {error}"))?;
            Ok(rules.with(rule))
        };
        names.iter().try_fold(Rules::NONE, with).map(Self)
    }
}

/// Account numbers by RID, each range as its leftmost digits, up to six: `"400000-499999"`, `"62"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Vec<BrandText>")]
struct BrandsText(Vec<Brand>);

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandText {
    rid: Exactly<5>,
    accounts: Vec<String>,
}

impl TryFrom<Vec<BrandText>> for BrandsText {
    type Error = String;

    fn try_from(brands: Vec<BrandText>) -> Result<Self, String> {
        let mut all = Vec::new();
        for BrandText { rid, accounts } in brands {
            for text in accounts {
                let (first, last) = text.split_once('-').unwrap_or((&text, &text));
                let ends = digits(first, '0').zip(digits(last, '9'));
                let (first, last) = ends.ok_or_else(|| {
                    format!("`{text}` are no account numbers, expected digits, or digits-digits")
                })?;
                all.push(Brand { rid: rid.0, first, last });
            }
        }
        Ok(Self(all))
    }
}

/// Six digits that begin with these.
fn digits(text: &str, filling: char) -> Option<u32> {
    let count = text.len();
    let digits = (1..=6).contains(&count) && text.bytes().all(|digit| digit.is_ascii_digit());
    let filled = text.chars().chain(core::iter::repeat_n(filling, 6_usize.saturating_sub(count)));
    digits.then(|| filled.collect::<String>().parse().ok()).flatten()
}

/// What one transaction may take.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct BudgetText {
    exchanges: u16,
    bytes: u32,
    records: u16,
    nesting: u8,
    milliseconds: u32,
}

impl Default for BudgetText {
    fn default() -> Self {
        let Budget { exchanges, bytes, records, nesting, milliseconds } = Budget::DEFAULT;
        Self { exchanges, bytes, records, nesting, milliseconds }
    }
}

impl BudgetText {
    const fn budget(self) -> Budget {
        let Self { exchanges, bytes, records, nesting, milliseconds } = self;
        Budget { exchanges, bytes, records, nesting, milliseconds }
    }
}

/// Cryptogram versions whose Issuer Application Data are laid out as is known, by RID:
/// `{ rid = "A000000003", version = 10 }`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Vec<VersionText>")]
struct VersionsText(Vec<([u8; 5], u8)>);

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VersionText {
    rid: Exactly<5>,
    version: u8,
}

impl From<Vec<VersionText>> for VersionsText {
    fn from(versions: Vec<VersionText>) -> Self {
        Self(versions.into_iter().map(|VersionText { rid, version }| (rid.0, version)).collect())
    }
}
