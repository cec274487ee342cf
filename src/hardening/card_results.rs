//! What a card tells its issuer, held against what the terminal knows, for H15 and H16.

use super::{Breach, Profile, Rule};
use crate::cvm::Method;
use crate::field::{CryptogramType, CvmOutcome, CvmResults};
use crate::issuer_application_data::{
    CardVerificationResults as Results, CommonCoreResults, Layout, MChipResults, VisaResults,
};

/// What the Issuer Application Data contradict, where their layout is known.
pub(super) fn contradiction(
    profile: &Profile<'_>,
    name: &[u8],
    application_data: &[u8],
    (kind, first): (CryptogramType, bool),
    verification: Option<CvmResults>,
) -> Option<Breach> {
    let rid = name.first_chunk::<5>()?;
    let layout = Layout::of(rid, application_data)?;
    let parts = layout.read(application_data)?;
    let told = Told::of(parts.verification_results()?, first);
    let asks = |rule| profile.enforced.contains(rule) || profile.reported.contains(rule);
    if asks(Rule::CryptogramTypeAgrees) && told.kind != Some(kind) {
        return Some(Breach::CryptogramTypeDiffers);
    }
    let certain = layout == Layout::CommonCore
        || profile.cryptogram_versions.contains(&(*rid, parts.version));
    let accepted = verification.is_some_and(pin_accepted);
    (certain && asks(Rule::CardResultsAgree) && accepted && !told.pin_verified)
        .then_some(Breach::PinResultDiffers)
}

/// What a card tells.
struct Told {
    /// The type of the cryptogram; none for a reserved coding.
    kind: Option<CryptogramType>,
    /// It verified a PIN, and that was right.
    pin_verified: bool,
}

impl Told {
    fn of(results: Results, first: bool) -> Self {
        match results {
            Results::Visa(results) => Self {
                kind: if first { results.first_cryptogram() } else { results.second_cryptogram() },
                pin_verified: results.contains(VisaResults::OFFLINE_PIN_VERIFICATION_PERFORMED)
                    && !results.contains(VisaResults::OFFLINE_PIN_VERIFICATION_FAILED),
            },
            Results::MChip(results) => Self {
                kind: if first { results.first_cryptogram() } else { results.second_cryptogram() },
                pin_verified: results.contains(
                    MChipResults::OFFLINE_PIN_VERIFICATION_PERFORMED
                        | MChipResults::OFFLINE_PIN_VERIFICATION_SUCCESSFUL,
                ),
            },
            Results::CommonCore(results) => Self {
                kind: if first { results.first_cryptogram() } else { results.second_cryptogram() },
                pin_verified: results
                    .contains(CommonCoreResults::OFFLINE_PIN_VERIFICATION_PERFORMED)
                    && !results.contains(CommonCoreResults::OFFLINE_PIN_VERIFICATION_FAILED),
            },
        }
    }
}

/// Whether the terminal takes it that the card found a PIN right.
fn pin_accepted(verification: CvmResults) -> bool {
    let rule = crate::cvm::Rule { code: verification.code, condition: verification.condition };
    match rule.method() {
        Method::PlaintextPin | Method::EncipheredPin => {
            verification.outcome == CvmOutcome::Successful
        }
        // Whether it was signed as well is known later; the PIN was right, or it would have failed.
        Method::PlaintextPinAndSignature | Method::EncipheredPinAndSignature => {
            verification.outcome == CvmOutcome::Unknown
        }
        _ => false,
    }
}
