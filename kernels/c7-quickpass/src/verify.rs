//! Cardholder Verification. [C7 5]
//!
//! Reads: Card Transaction Qualifiers (9F6C), Card Authentication Related Data (9F69).
//! Writes: CVM Results (9F34).

use crate::dictionary::{CARD_AUTHENTICATION_RELATED_DATA, CARD_TRANSACTION_QUALIFIERS};
use crate::field::{CardTransactionQualifiers as Ctq, RelatedData};
use crate::outcome::Conclusion;
use crate::{Exit, QuickPass, Reason, Ttq};
use chipwright::contactless::CardholderVerification;
use chipwright::dictionary::emv::CVM_RESULTS;
use chipwright::field::{CryptogramType, TerminalVerificationResults as Tvr};
use chipwright::phase::Phase;

/// Receipt: how the cardholder is verified.
#[must_use = "an outcome demands it"]
#[derive(Clone, Copy)]
pub(crate) struct Verified(CardholderVerification);

impl Verified {
    /// By a PIN for the issuer, which is still to be entered.
    pub(crate) const fn by_online_pin() -> Self {
        Self(CardholderVerification::OnlinePin)
    }

    /// What is left to do.
    pub(crate) const fn method(self) -> CardholderVerification {
        self.0
    }
}

/// What decides about cardholder verification.
#[derive(Clone, Copy, Debug)]
struct Circumstances {
    /// What the card wants; none when it does not say.
    card: Option<Ctq>,
    /// What the card signs; none without 9F69, and the inner one none when that is malformed.
    related: Option<Option<RelatedData>>,
    /// The terminal takes online PINs.
    online_pin: bool,
    /// The terminal takes signatures.
    signature: bool,
    /// The terminal requires cardholder verification.
    required: bool,
    cryptogram: CryptogramType,
}

/// How the cardholder is verified, or why the transaction is declined. [C7 5]
fn choose(of: &Circumstances) -> Result<(CardholderVerification, Reason), Reason> {
    use CardholderVerification::{ConfirmationCodeVerified, NoCvm, ObtainSignature, OnlinePin};
    let Circumstances { online_pin, signature, required, .. } = *of;
    let Some(card) = of.card else {
        // [C7 5 absent] The card leaves it to the terminal.
        return match (required, signature, online_pin) {
            (false, ..) => Ok((NoCvm, Reason::NotRequired)),
            (true, true, _) => Ok((ObtainSignature, Reason::SignatureByTerminal)),
            (true, false, true) => Ok((OnlinePin, Reason::OnlinePinByTerminal)),
            (true, false, false) => Err(Reason::NoneAvailable),
        };
    };
    let wants_pin = card.contains(Ctq::ONLINE_PIN_REQUIRED);
    // [C7 5 online-pin]
    if wants_pin && online_pin {
        return Ok((OnlinePin, Reason::OnlinePin));
    }
    // [C7 5 device] What was signed has to agree; unsigned, it is the issuer's to judge.
    if card.contains(Ctq::DEVICE_VERIFIED) {
        return match (of.related, of.cryptogram) {
            // Version 00 is not signed, and with a TC no issuer looks at it.
            (Some(Some(RelatedData { version: 0, .. })), CryptogramType::Tc) => {
                Err(Reason::DeviceVerificationUnproven)
            }
            (Some(Some(related)), _) if related.qualifiers == card => {
                Ok((ConfirmationCodeVerified, Reason::DeviceVerified))
            }
            (Some(_), _) => Err(Reason::DeviceVerificationDiffers),
            (None, CryptogramType::Arqc) => {
                Ok((ConfirmationCodeVerified, Reason::DeviceVerifiedOnline))
            }
            (None, _) => Err(Reason::DeviceVerificationUnproven),
        };
    }
    // [C7 5 pin-unsupported] Even where a signature would be possible.
    if wants_pin {
        return Err(Reason::OnlinePinUnsupported);
    }
    // [C7 5 signature] [C7 5 none]
    match (card.contains(Ctq::SIGNATURE_REQUIRED), signature, required) {
        (true, true, _) => Ok((ObtainSignature, Reason::Signature)),
        (true, false, _) => Err(Reason::SignatureUnsupported),
        (false, _, false) => Ok((NoCvm, Reason::NotRequired)),
        (false, _, true) => Err(Reason::NoneOffered),
    }
}

impl QuickPass<'_, '_, '_> {
    /// Finds out how the cardholder is verified.
    pub(crate) fn verify_cardholder(
        &mut self,
        cryptogram: CryptogramType,
    ) -> Result<Verified, Exit> {
        self.enter(Phase::CardholderVerification);
        let data = &self.link.data;
        let related = data.bytes(CARD_AUTHENTICATION_RELATED_DATA.tag).map(RelatedData::read);
        let card = self.card_qualifiers();
        let chosen = choose(&Circumstances {
            card,
            related,
            online_pin: self.terminal(Ttq::ONLINE_PIN),
            signature: self.terminal(Ttq::SIGNATURE),
            required: self.terminal(Ttq::CVM_REQUIRED),
            cryptogram,
        });
        let about = Some(CARD_TRANSACTION_QUALIFIERS.tag).filter(|_| card.is_some());
        match chosen {
            Ok((method, reason)) => {
                self.tell(reason, about);
                // [C7 4.12 cvm-results]
                let results = self.configuration.cvm_results;
                self.link.data.put(
                    CVM_RESULTS,
                    match method {
                        CardholderVerification::OnlinePin => results.online_pin,
                        CardholderVerification::ConfirmationCodeVerified => {
                            results.confirmation_code
                        }
                        CardholderVerification::ObtainSignature => results.signature,
                        _ => results.no_cvm,
                    },
                )?;
                Ok(Verified(method))
            }
            Err(reason) => {
                self.tell(reason, about);
                self.add_results(Tvr::CARDHOLDER_VERIFICATION_FAILED)?;
                Err(Exit::Concluded(Conclusion::Declined))
            }
        }
    }
}

#[cfg(test)]
mod tests;
