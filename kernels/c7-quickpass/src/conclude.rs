//! What the transaction comes to. [C7 4.9, 4.10]

use crate::authenticate::Authenticated;
use crate::dictionary::{ADDITIONAL_FUNCTION_INDICATOR, CARD_TRANSACTION_QUALIFIERS};
use crate::field::{AdditionalFunctions, CardTransactionQualifiers as Ctq};
use crate::outcome::Conclusion;
use crate::restrict::Restricted;
use crate::verify::Verified;
use crate::{QuickPass, Reason, Ttq, UnwantedTc};
use chipwright::contactless::CardholderVerification;
use chipwright::dictionary::emv::APPLICATION_EXPIRATION_DATE;
use chipwright::fault::Fault;

/// What becomes of a TC whose signature fails: the reason says. [C7 4.10]
fn after_failure(card: Option<Ctq>, terminal: Ttq) -> Reason {
    let wants = |bit| card.is_some_and(|card| card.contains(bit));
    let online_capable = !terminal.contains(Ttq::OFFLINE_ONLY);
    // [C7 4.10 failed]
    if wants(Ctq::ONLINE_IF_AUTHENTICATION_FAILS) && online_capable {
        Reason::AuthenticationFailedOnline
    } else if wants(Ctq::CONTACT_IF_AUTHENTICATION_FAILS) && terminal.contains(Ttq::CONTACT_CHIP) {
        Reason::AuthenticationFailedContact
    } else {
        Reason::AuthenticationFailed
    }
}

impl QuickPass<'_, '_, '_> {
    /// An ARQC: the issuer decides. [C7 4.9, 6.2]
    pub(crate) fn request_online(
        &mut self,
        _: Restricted,
        verified: Verified,
    ) -> Result<Conclusion, Fault> {
        // [C7 6.2 wanted] The qualifiers say so only where the configuration does.
        if self.qualifiers.contains(Ttq::ODA_FOR_ONLINE_AUTHORISATIONS) {
            return self.authenticate_for_issuer(verified);
        }
        self.tell(Reason::OnlineByCard, None);
        Ok(Conclusion::OnlineRequest(verified))
    }

    /// The card is authenticated before the issuer is asked: a gate may open meanwhile. [C7 6.2]
    fn authenticate_for_issuer(&mut self, verified: Verified) -> Result<Conclusion, Fault> {
        let functions = self.link.data.get(ADDITIONAL_FUNCTION_INDICATOR)?.unwrap_or_default();
        // [C7 6.2 card]
        if !functions.contains(AdditionalFunctions::AUTHENTICATION_ONLINE) {
            return Ok(self.declined(Reason::AuthenticationOnlineUnsupported));
        }
        // [C7 6.2 failed]
        let Some(_authenticated) = self.authenticate()? else {
            return Ok(self.declined(Reason::AuthenticationFailed));
        };
        self.tell(Reason::AuthenticatedOnline, None);
        Ok(Conclusion::OnlineRequest(verified))
    }

    /// A TC: an approval, if nothing wants the issuer and the signature is good. [C7 4.10]
    pub(crate) fn approve_offline(
        &mut self,
        restricted: Restricted,
        verified: Verified,
    ) -> Result<Conclusion, Fault> {
        // [C7 4.10 online-required] Never an offline approval.
        if self.qualifiers.contains(Ttq::ONLINE_CRYPTOGRAM_REQUIRED) {
            return Ok(self.unwanted_tc(Reason::OnlineWasRequired, verified));
        }
        // [C7 5 pin-with-tc]
        if verified.method() == CardholderVerification::OnlinePin {
            return Ok(self.unwanted_tc(Reason::OnlineForPin, verified));
        }
        if restricted.goes_online() {
            return Ok(Conclusion::OnlineRequest(verified));
        }
        // [C7 4.10 expiration] Unknown, it was not checked.
        self.link.data.require(APPLICATION_EXPIRATION_DATE)?;
        match self.authenticate()? {
            Some(authenticated) => Ok(self.approved(verified, authenticated)),
            None => self.authentication_failed(verified),
        }
    }

    fn approved(&self, verified: Verified, _: Authenticated) -> Conclusion {
        self.tell(Reason::Authenticated, None);
        Conclusion::Approved(verified)
    }

    /// A TC that may not be an offline approval.
    fn unwanted_tc(&self, reason: Reason, verified: Verified) -> Conclusion {
        self.tell(reason, None);
        match self.configuration.unwanted_tc {
            UnwantedTc::OnlineRequest if self.online_capable() => {
                Conclusion::OnlineRequest(verified)
            }
            _ => Conclusion::Declined,
        }
    }

    fn authentication_failed(&self, verified: Verified) -> Result<Conclusion, Fault> {
        let card = self.link.data.get(CARD_TRANSACTION_QUALIFIERS)?;
        let reason = after_failure(card, self.qualifiers);
        self.tell(reason, Some(CARD_TRANSACTION_QUALIFIERS.tag).filter(|_| card.is_some()));
        Ok(match reason {
            Reason::AuthenticationFailedOnline => Conclusion::OnlineRequest(verified),
            Reason::AuthenticationFailedContact => self.another_interface(),
            _ => Conclusion::Declined,
        })
    }

    /// Another interface, where there is one; or else the end. [C7 4.2]
    pub(crate) fn another_interface(&self) -> Conclusion {
        // [C7 4.2 contact]
        if self.qualifiers.contains(Ttq::CONTACT_CHIP) {
            Conclusion::AnotherInterface
        } else {
            Conclusion::EndApplication
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of the bits that count. [C7 4.10 failed]
    #[test]
    fn a_failure_goes_by_the_table() {
        for bits in 0..16u8 {
            let is = |bit: u8| bits & bit != 0;
            let card = Ctq([if is(1) { 0x20 } else { 0 } | if is(2) { 0x10 } else { 0 }, 0]);
            let terminal = if is(4) { 0x08 } else { 0 } | if is(8) { 0x10 } else { 0 };
            let expected = match (is(1) && !is(4), is(2) && is(8)) {
                (true, _) => Reason::AuthenticationFailedOnline,
                (false, true) => Reason::AuthenticationFailedContact,
                (false, false) => Reason::AuthenticationFailed,
            };
            let terminal = Ttq([0x20 | terminal, 0, 0, 0]);
            assert_eq!(after_failure(Some(card), terminal), expected, "{card:?} {terminal:?}");
            assert_eq!(after_failure(None, terminal), Reason::AuthenticationFailed);
        }
    }
}
