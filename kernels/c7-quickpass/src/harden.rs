//! What the hardened profile refuses: rules of ours, all off unless the configuration says
//! otherwise. `docs/adr/0006-hardened-profile.md`

use crate::cryptogram;
use crate::dictionary::ADDITIONAL_FUNCTION_INDICATOR;
use crate::field::AdditionalFunctions;
use crate::outcome::Conclusion;
use crate::verify::Verified;
use crate::{QuickPass, Reason, TERMINAL_TRANSACTION_QUALIFIERS, Ttq};
use chipwright::contactless::CardholderVerification;
use chipwright::dictionary::emv::{
    APPLICATION_EXPIRATION_DATE, ATC, CVM_RESULTS, ISSUER_APPLICATION_DATA, PAN, TRACK_2,
};
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::field::CryptogramInformation;
use chipwright::hardening::{Breach, Rule};
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::value::Pan;

/// What decides whether a tap may stay offline. [H 14]
const INPUTS: [Tag; 2] = [PAN.tag, APPLICATION_EXPIRATION_DATE.tag];

impl QuickPass<'_, '_, '_> {
    /// Asks the card for what the profile wants to see.
    ///
    /// # Errors
    /// [`Cause::Configuration`] for a reader that is to approve offline, and may not.
    #[inline(always)]
    pub(crate) fn demand(&mut self) -> Result<(), Failed> {
        // [H 3]
        if self.link.hardening.enforces(Rule::QualifiersProved) {
            self.qualifiers.set(Ttq::ODA_FOR_ONLINE_AUTHORISATIONS);
        }
        // [H 4]
        if self.link.hardening.enforces(Rule::OfflineBound) {
            if !self.online_capable() {
                let fault = Fault::new(Cause::Configuration);
                return Err(self.link.data.note(fault.about(TERMINAL_TRANSACTION_QUALIFIERS.tag)));
            }
            self.qualifiers.set(Ttq::ONLINE_CRYPTOGRAM_REQUIRED);
        }
        Ok(())
    }

    /// Whether the account speaks against the card.
    #[inline(always)]
    pub(crate) fn refuses_account(&self) -> bool {
        // [H 5]
        if self.link.hardening.asks(Rule::BrandConsistent)
            && self.link.hardening.is_foreign(&self.link.data)
            && self.link.refuses(Breach::ForeignBrand, Some(PAN.tag))
        {
            return true;
        }
        // [H 10]
        self.link.hardening.asks(Rule::StrictCoding)
            && self.account_of_track().is_some_and(|(track, _)| {
                Pan::new(&track) != self.link.data.bytes(PAN.tag).and_then(Pan::new)
            })
            && self.link.refuses(Breach::AccountsDiffer, Some(TRACK_2.tag))
    }

    /// Whether the card says two things of its cryptogram. [H 15]
    #[inline(always)]
    pub(crate) fn contradicts(
        &self,
        given: CryptogramInformation,
        told: Option<CryptogramInformation>,
    ) -> bool {
        self.link.hardening.asks(Rule::CryptogramTypeAgrees)
            && told.is_some_and(|told| told.cryptogram() != given.cryptogram())
            && self.link.refuses(Breach::CryptogramTypeDiffers, Some(ISSUER_APPLICATION_DATA.tag))
    }

    /// What the Issuer Application Data say of the cryptogram, where it says something itself.
    pub(crate) fn told_to_issuer(&self) -> Option<CryptogramInformation> {
        self.link.data.bytes(ISSUER_APPLICATION_DATA.tag).and_then(cryptogram::information)
    }

    /// What becomes of an ARQC whose qualifiers have to be proved; none where that changes nothing.
    /// [H 3]
    #[inline(always)]
    pub(crate) fn prove(&mut self, verified: Verified) -> Result<Option<Conclusion>, Failed> {
        if !self.link.hardening.asks(Rule::QualifiersProved) {
            return Ok(None);
        }
        let functions = self.link.data.bytes(ADDITIONAL_FUNCTION_INDICATOR.tag);
        let functions = functions.and_then(AdditionalFunctions::decode).unwrap_or_default();
        if functions.contains(AdditionalFunctions::AUTHENTICATION_ONLINE) {
            return Ok(None); // it is authenticated, or declined
        }
        // No qualifiers relax a PIN for the issuer, and the signature was nobody else's wish.
        if verified.method() == CardholderVerification::OnlinePin {
            let asked = self.configuration.authentication_online
                || !self.link.hardening.enforces(Rule::QualifiersProved);
            return Ok((!asked).then_some(Conclusion::OnlineRequest(verified)));
        }
        let tag = Some(ADDITIONAL_FUNCTION_INDICATOR.tag);
        if !self.link.refuses(Breach::QualifiersUnproved, tag) {
            return Ok(None);
        }
        let profile = self.link.hardening.profile();
        let allowed = profile.is_some_and(|profile| profile.unproved_below_limit);
        let required = self.terminal(Ttq::CVM_REQUIRED);
        Ok(Some(if required && self.terminal(Ttq::ONLINE_PIN) {
            self.link.data.put(CVM_RESULTS, self.configuration.cvm_results.online_pin)?;
            self.tell(Reason::OnlinePinByTerminal, None);
            Conclusion::OnlineRequest(Verified::by_online_pin())
        } else if !required && allowed {
            Conclusion::OnlineRequest(verified)
        } else {
            Conclusion::Declined
        }))
    }

    /// Whether nothing that is offline can be approved: only the issuer knows the cryptogram.
    /// [H 4]
    #[inline(always)]
    pub(crate) fn refuses_offline(&self) -> bool {
        self.link.hardening.asks(Rule::OfflineBound)
            && self.link.refuses(Breach::OfflineUnbound, None)
    }

    /// What becomes of an approval by what only the signature, or memory, tells; none where it
    /// stands.
    #[inline(always)]
    pub(crate) fn doubt(&self, verified: Verified) -> Option<Conclusion> {
        let data = &self.link.data;
        // [H 14]
        if self.link.hardening.asks(Rule::InputsSigned)
            && let Some(tag) = INPUTS.iter().find(|tag| !data.is_signed(**tag))
            && self.link.refuses(Breach::InputUnsigned, Some(*tag))
        {
            return Some(if self.online_capable() {
                Conclusion::OnlineRequest(verified)
            } else {
                Conclusion::Declined
            });
        }
        // [H 13]
        let seen = self.link.hardening.asks(Rule::CounterMemory)
            && self.link.hardening.has_seen_counter(data)
            && self.link.refuses(Breach::CounterNotAbove, Some(ATC.tag));
        seen.then_some(Conclusion::Declined)
    }

    /// Whether a signature that fails declines, whatever the card wants then. [H 1]
    #[inline(always)]
    pub(crate) fn refuses_unauthentic(&self) -> bool {
        self.link.hardening.asks(Rule::AuthenticationSucceeds)
            && self.link.refuses(Breach::AuthenticationFailed, None)
    }
}
