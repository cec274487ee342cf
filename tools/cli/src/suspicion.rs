//! What an issuer sees that a terminal cannot: the card's own account of the transaction.

use chipwright::field::{CryptogramInformation, CryptogramType, CvmOutcome, CvmResults};
use chipwright::issuer_application_data::{
    CardVerificationResults, CommonCoreResults, Layout, MChipResults, VisaResults,
};
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::tlv;
use chipwright_host::{Host, State};
use core::fmt;

/// What card and terminal say differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Suspicion {
    /// The terminal had the card verify a PIN, and the card knows nothing of it.
    PinUnknownToCard,
    /// The cryptogram is shown as another kind than the card made.
    OtherCryptogram,
    /// It is to be paid, and the issuer had declined it.
    DeclinedBefore,
    /// The cryptogram is not what the card would make of the terminal's data.
    CryptogramDiffers,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PinUnknownToCard => "the card verified no PIN",
            Self::OtherCryptogram => "the card made another kind of cryptogram",
            Self::DeclinedBefore => "it had been declined",
            Self::CryptogramDiffers => "the cryptogram is not over the terminal's data",
        })
    }
}

/// Compares what card and terminal say in a message to the issuer.
pub(crate) fn suspicions(message: &[u8], host: &Host) -> Vec<Suspicion> {
    let results = results(message);
    let unknown = results.is_some_and(|results| !knows_of_pin(results));
    let pin = unknown && verified_offline(message);
    let told = object(message, 0x9F27).and_then(CryptogramInformation::decode);
    let told = told.and_then(CryptogramInformation::cryptogram);
    let other = results.is_some_and(|results| told.is_some() && told != made(results));
    let booked = host.booked(message).ok().flatten();
    let declined = booked.is_some_and(|booked| booked.state == State::Declined);
    let differs = host.verifies(message) == Ok(false);
    let found = [
        pin.then_some(Suspicion::PinUnknownToCard),
        other.then_some(Suspicion::OtherCryptogram),
        (declined && told == Some(CryptogramType::Tc)).then_some(Suspicion::DeclinedBefore),
        differs.then_some(Suspicion::CryptogramDiffers),
    ];
    found.into_iter().flatten().collect()
}

fn object(message: &[u8], tag: u32) -> Option<&[u8]> {
    tlv::find(message, Tag(tag)).ok().flatten()
}

/// Whether the terminal says that the card verified a PIN. [B3 C3]
fn verified_offline(message: &[u8]) -> bool {
    let results = object(message, 0x9F34).and_then(CvmResults::decode);
    results.is_some_and(|results| {
        matches!(results.code & 0x3F, 0x01 | 0x03..=0x05)
            && results.outcome == CvmOutcome::Successful
    })
}

/// What the card says of the transaction, where its payment system's layout is known.
fn results(message: &[u8]) -> Option<CardVerificationResults> {
    let (name, data) = (object(message, 0x84)?, object(message, 0x9F10)?);
    let layout = Layout::of(name.get(..5)?, data)?;
    layout.read(data)?.verification_results()
}

fn knows_of_pin(results: CardVerificationResults) -> bool {
    match results {
        CardVerificationResults::Visa(results) => {
            results.contains(VisaResults::OFFLINE_PIN_VERIFICATION_PERFORMED)
        }
        CardVerificationResults::MChip(results) => {
            results.contains(MChipResults::OFFLINE_PIN_VERIFICATION_PERFORMED)
        }
        CardVerificationResults::CommonCore(results) => {
            results.contains(CommonCoreResults::OFFLINE_PIN_VERIFICATION_PERFORMED)
        }
    }
}

/// The cryptogram that the card says it made last.
fn made(results: CardVerificationResults) -> Option<CryptogramType> {
    match results {
        CardVerificationResults::Visa(results) => {
            results.second_cryptogram().or(results.first_cryptogram())
        }
        CardVerificationResults::MChip(results) => {
            results.second_cryptogram().or(results.first_cryptogram())
        }
        CardVerificationResults::CommonCore(results) => {
            results.second_cryptogram().or(results.first_cryptogram())
        }
    }
}
