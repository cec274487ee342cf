//! The applications of a terminal file.

use chipwright::config::{ActionCodes, Application, RandomSelection};
use chipwright::dol::Dol;
use chipwright::field::TerminalVerificationResults;
use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::value::{Aid, Bits, Hex, Objects};

/// An application that the terminal accepts.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplicationText {
    aid: Aid,
    #[serde(default = "yes")]
    partial_match: bool,
    version: u16,
    #[serde(default)]
    floor_limit: u32,
    #[serde(default)]
    random_selection: RandomSelectionText,
    #[serde(default)]
    action_codes: ActionCodesText,
    #[serde(default, deserialize_with = "list")]
    default_ddol: Option<Vec<u8>>,
    #[serde(default, deserialize_with = "list")]
    default_tdol: Option<Vec<u8>>,
    #[serde(default)]
    objects: Objects,
}

/// Parameters of random selection.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(try_from = "RandomSelectionFields")]
struct RandomSelectionText(Option<RandomSelection>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RandomSelectionFields {
    target: u8,
    maximum: u8,
    threshold: u32,
}

impl TryFrom<RandomSelectionFields> for RandomSelectionText {
    type Error = String;

    fn try_from(fields: RandomSelectionFields) -> Result<Self, String> {
        let RandomSelectionFields { target, maximum, threshold } = fields;
        if target > maximum || maximum > 99 {
            return Err(format!(
                "target {target}, maximum {maximum}: expected 0 to 99 and no target above the maximum"
            ));
        }
        Ok(Self(Some(RandomSelection { target, maximum, threshold })))
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct ActionCodesText {
    denial: Bits<TerminalVerificationResults>,
    online: Bits<TerminalVerificationResults>,
    default: Bits<TerminalVerificationResults>,
}

impl ApplicationText {
    pub(super) fn application(&self) -> Application<'_> {
        const NEVER: RandomSelection = RandomSelection { target: 0, maximum: 0, threshold: 0 };
        let ActionCodesText { denial, online, default } = self.action_codes;
        Application {
            aid: &self.aid.0,
            partial_match: self.partial_match,
            version: self.version,
            floor_limit: self.floor_limit,
            random_selection: self.random_selection.0.unwrap_or(NEVER),
            action_codes: ActionCodes { denial: denial.0, online: online.0, default: default.0 },
            default_ddol: self.default_ddol.as_deref(),
            default_tdol: self.default_tdol.as_deref(),
            data: &self.objects.0,
        }
    }
}

/// A data object list.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
    let Hex(bytes) = Hex::deserialize(deserializer)?;
    match Dol::new(&bytes).filled_length() {
        Ok(_) => Ok(Some(bytes)),
        Err(error) => Err(D::Error::custom(format!("no data object list: {error}"))),
    }
}

const fn yes() -> bool {
    true
}
