//! What the transaction comes to. [C7 4.9, 4.10]

use crate::authenticate::Authenticated;
use crate::dictionary::ADDITIONAL_FUNCTION_INDICATOR;
use crate::field::{AdditionalFunctions, CardTransactionQualifiers as Ctq};
use crate::outcome::Conclusion;
use crate::restrict::Restricted;
use crate::verify::Verified;
use crate::{QuickPass, Reason, Ttq, UnwantedTc};
use chipwright::contactless::CardholderVerification;
use chipwright::dictionary::emv::APPLICATION_EXPIRATION_DATE;
use chipwright::fault::Failed;
use chipwright::object::Value;

/// What decides after a signature that failed.
#[derive(Clone, Copy, Debug)]
struct Fallbacks {
    /// What the card wants; nothing where it does not say.
    card: Ctq,
    /// The terminal can go online.
    online: bool,
    /// The terminal has the contact chip.
    contact: bool,
}

/// What becomes of a TC whose signature fails: the reason says. [C7 4.10]
fn after_failure(of: &Fallbacks) -> Reason {
    // [C7 4.10 failed]
    if of.card.contains(Ctq::ONLINE_IF_AUTHENTICATION_FAILS) && of.online {
        Reason::AuthenticationFailedOnline
    } else if of.card.contains(Ctq::CONTACT_IF_AUTHENTICATION_FAILS) && of.contact {
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
    ) -> Result<Conclusion, Failed> {
        if let Some(conclusion) = self.prove(verified)? {
            return Ok(conclusion); // [H 3]
        }
        // [C7 6.2 wanted] The qualifiers say so only where the configuration does.
        if self.terminal(Ttq::ODA_FOR_ONLINE_AUTHORISATIONS) {
            return self.authenticate_for_issuer(verified);
        }
        self.tell(Reason::OnlineByCard, None);
        Ok(Conclusion::OnlineRequest(verified))
    }

    /// The card is authenticated before the issuer is asked: a gate may open meanwhile. [C7 6.2]
    fn authenticate_for_issuer(&mut self, verified: Verified) -> Result<Conclusion, Failed> {
        let functions = self.link.data.bytes(ADDITIONAL_FUNCTION_INDICATOR.tag);
        let functions = functions.and_then(AdditionalFunctions::decode).unwrap_or_default();
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
    ) -> Result<Conclusion, Failed> {
        // [H 4]
        if self.refuses_offline() {
            return Ok(Conclusion::Declined);
        }
        // [C7 4.10 online-required] Never an offline approval.
        if self.terminal(Ttq::ONLINE_CRYPTOGRAM_REQUIRED) {
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
        let expiration = self.date(APPLICATION_EXPIRATION_DATE)?;
        if expiration.is_none() {
            return Err(self.link.data.missing(APPLICATION_EXPIRATION_DATE.tag));
        }
        let authenticated = self.authenticate()?;
        // [H 13, 14]
        if authenticated.is_some()
            && !self.link.hardening.is_off()
            && let Some(conclusion) = self.doubt(verified)
        {
            return Ok(conclusion);
        }
        Ok(match authenticated {
            Some(authenticated) => self.approved(verified, authenticated),
            None => self.authentication_failed(verified),
        })
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

    fn authentication_failed(&self, verified: Verified) -> Conclusion {
        // [H 1]
        if self.refuses_unauthentic() {
            return self.declined(Reason::AuthenticationFailed);
        }
        let reason = after_failure(&Fallbacks {
            card: self.card_qualifiers().unwrap_or_default(),
            online: self.online_capable(),
            contact: self.terminal(Ttq::CONTACT_CHIP),
        });
        self.tell(reason, None);
        match reason {
            Reason::AuthenticationFailedOnline => Conclusion::OnlineRequest(verified),
            Reason::AuthenticationFailedContact => self.another_interface(),
            _ => Conclusion::Declined,
        }
    }

    /// Another interface, where there is one; or else the end. [C7 4.2]
    pub(crate) fn another_interface(&self) -> Conclusion {
        // [C7 4.2 contact]
        if self.terminal(Ttq::CONTACT_CHIP) {
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
            let of = Fallbacks { card, online: is(4), contact: is(8) };
            let expected = match (is(1) && is(4), is(2) && is(8)) {
                (true, _) => Reason::AuthenticationFailedOnline,
                (false, true) => Reason::AuthenticationFailedContact,
                (false, false) => Reason::AuthenticationFailed,
            };
            assert_eq!(after_failure(&of), expected, "{of:?}");
        }
    }
}
