//! Offline Data Authentication. [B3 10.3; B2 5, 6] [B4 6.3.2]
//!
//! Reads: AIP (82), certificates, remainders and exponents, DDOL (9F49), the signed records.
//! Writes: TVR byte 1, TSI; Data Authentication Code (9F45) or ICC Dynamic Number (9F4C).
//! Commands: INTERNAL AUTHENTICATE.

use crate::Contact;
use chipwright::apdu::Command;
use chipwright::database::Kept;
use chipwright::dictionary::EMV;
use chipwright::dictionary::emv::{
    AIP, DATA_AUTHENTICATION_CODE, DDOL, ICC_DYNAMIC_NUMBER,
    ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_CERTIFICATE, ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_EXPONENT,
    SIGNED_DYNAMIC_APPLICATION_DATA, TERMINAL_CAPABILITIES, UNPREDICTABLE_NUMBER,
};
use chipwright::dol::Dol;
use chipwright::event::{Event, Events};
use chipwright::fault::Failed;
use chipwright::field::TransactionStatusInformation as Tsi;
use chipwright::findings::Findings;
use chipwright::hardening::{Breach, Rule};
use chipwright::oda::{
    self, Check, Failure, Method, Part, card_public_key, issuer_key, verify_dynamic_signature,
    verify_static_signature,
};
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::response::Response;
use chipwright::session::Ended;
use chipwright::status::Status;
use chipwright::tlv;

/// Receipt: offline data authentication was done, or there was no method to do it by.
#[must_use = "GENERATE AC demands it"]
pub(crate) struct Authenticated(());

impl Contact<'_, '_, '_> {
    /// Authenticates card and data by the best method that both sides have.
    pub(crate) async fn authenticate_offline_data(&mut self) -> Result<Authenticated, Ended> {
        self.enter(Phase::OfflineDataAuthentication);
        let aip = self.link.data.require(AIP)?;
        let method = oda::select(aip, self.link.data.require(TERMINAL_CAPABILITIES)?);
        self.link.events.emit(&Event::Authentication(method));
        self.check_promises(aip, method);
        let mut findings = Findings::new(self.link.events);
        oda::note_missing_data(&self.link.data, aip, &mut findings);
        let Some(method) = method else {
            // [B3 10.3 none]
            findings.note_about(Reason::NoCommonAuthenticationMethod, AIP.tag);
            self.add_results(findings)?;
            return Ok(Authenticated(()));
        };
        self.link.data.tell_static_data(self.link.events);
        let authenticated = match method {
            Method::Sda => {
                // [B3 10.3 sda-selected]
                if self.transaction.terminal.options.sda_selected_bit {
                    findings.note(Reason::StaticAuthenticationSelected);
                }
                self.authenticate_static_data()
            }
            Method::Dda => self.authenticate_dynamic_data().await,
            Method::Cda => self.recover_icc_key(),
        };
        let result = match authenticated {
            // [B2 6.6] The signature comes with the cryptogram; what is known to fail before is
            // noted now, and no signature is asked for.
            Ok(()) if method == Method::Cda => {
                self.combined = true;
                self.add_results(findings)?;
                return Ok(Authenticated(()));
            }
            Ok(()) => Ok(()),
            Err(Unauthentic::Failed(failure)) => Err(failure),
            Err(Unauthentic::Ended(ended)) => return Err(ended),
        };
        self.finish_authentication(method, result, findings)?;
        Ok(Authenticated(()))
    }

    /// Tells and notes the result of a method.
    pub(crate) fn finish_authentication(
        &mut self,
        method: Method,
        result: Result<(), Failure>,
        mut findings: Findings<'_>,
    ) -> Result<(), Failed> {
        self.link.events.emit(&Event::Authenticated { method, result });
        if let Err(failure) = result {
            // [B3 7.5] What the AIP alone does not tell: a remainder that a key needs.
            oda::note_missing_remainder(failure, self.link.data.require(AIP)?, &mut findings);
            self.refuse(Breach::AuthenticationFailed, failure.tag); // [H 1]
            match failure.tag {
                Some(tag) => findings.note_about(method.failed(), tag),
                None => findings.note(method.failed()),
            }
        }
        self.add_results(findings)?;
        // [B3 10.3 performed]
        self.add_status(Tsi::ODA_PERFORMED)
    }

    /// Static Data Authentication. [B2 5]
    fn authenticate_static_data(&mut self) -> Result<(), Unauthentic> {
        let (transaction, data) = (self.transaction, &mut self.link.data);
        let mut modulus = [0; _];
        let key = issuer_key(transaction, data, &mut modulus)?;
        let code = verify_static_signature(data, key, transaction.crypto)?;
        data.put_signed(DATA_AUTHENTICATION_CODE.tag, &code)?;
        data.mark_static_data_signed();
        Ok(())
    }

    /// Dynamic Data Authentication. [B2 6.5]
    async fn authenticate_dynamic_data(&mut self) -> Result<(), Unauthentic> {
        self.recover_icc_key()?;
        // [B2 6.5.1] The card's own list, or else the terminal's; without the unpredictable
        // number in it there is nothing dynamic about the signature.
        let (own, events) = (self.link.data.bytes(DDOL.tag), self.link.events);
        let default = self.application.and_then(|application| application.default_ddol);
        if own.is_none() && default.is_some() {
            events.emit(&Event::DefaultList(DDOL.tag));
        }
        let ddol = own.or(default).map(Dol::new);
        // [B2 6.5.1 unpredictable-number]
        if !ddol.is_some_and(|ddol| ddol.asks_for(UNPREDICTABLE_NUMBER.tag)) {
            return Err(DDOL_UNUSABLE.into());
        }
        self.link.compose(Command::INTERNAL_AUTHENTICATE, |data, out| {
            let list = data.bytes(DDOL.tag).or(default).unwrap_or_default();
            Dol::new(list).fill(DDOL.tag, data, EMV, out, events)
        })?;
        let status = self.link.transmit().await?;
        // [B3 8.1 internal-authenticate]
        if status != Status::SUCCESS {
            return Err(self.link.refused(status).into());
        }
        self.verify_dynamic_data(default.unwrap_or_default())
    }

    /// Recovers the card's key that signs; its certificate signs the static data as well.
    /// [B2 6.2, 6.3, 6.4]
    fn recover_icc_key(&mut self) -> Result<(), Unauthentic> {
        self.recover_card_key(Part::IccCertificate, Kept::IccKey)?;
        self.link.data.mark_static_data_signed();
        Ok(())
    }

    /// Recovers a key of the card along the chain of certificates, and keeps it.
    fn recover_card_key(&mut self, part: Part, kept: Kept) -> Result<(), Unauthentic> {
        let (transaction, data) = (self.transaction, &mut self.link.data);
        let mut modulus = [0; _];
        let length = card_public_key(transaction, data, part, &mut modulus)?.modulus.len();
        Ok(data.keep(kept, modulus.get(..length).unwrap_or_default())?)
    }

    /// Recovers the card's key for PIN encipherment and keeps it: its own certificate where the
    /// card has one, or else the key that signs. `false` when there is no such key. [B2 7.1]
    pub(crate) fn recover_pin_key(&mut self, findings: &mut Findings<'_>) -> Result<bool, Ended> {
        let data = &self.link.data;
        let own = data.bytes(ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_CERTIFICATE.tag).is_some()
            && data.bytes(ICC_PIN_ENCIPHERMENT_PUBLIC_KEY_EXPONENT.tag).is_some();
        // [B2 7.1 own-key]
        let (part, kept) = if own {
            (Part::PinCertificate, Kept::PinKey)
        } else {
            (Part::IccCertificate, Kept::IccKey)
        };
        // [H 7]
        if !own
            && self.link.hardening.asks(Rule::SunsetFeatures)
            && self.link.refuses(Breach::SharedPinKey, None)
        {
            return Ok(false);
        }
        if data.kept(kept).is_some() {
            return Ok(true);
        }
        match self.recover_card_key(part, kept) {
            Ok(()) => Ok(true),
            Err(Unauthentic::Failed(failure)) => {
                self.link.events.emit(&Event::PinKeyUnusable(failure));
                oda::note_missing_remainder(failure, self.link.data.require(AIP)?, findings);
                Ok(false)
            }
            Err(Unauthentic::Ended(ended)) => Err(ended),
        }
    }

    /// Verifies the answer to INTERNAL AUTHENTICATE over the data that was sent. [B2 6.5.2]
    fn verify_dynamic_data(&mut self, default_ddol: &[u8]) -> Result<(), Unauthentic> {
        let data = &self.link.data;
        let signature = match data.noted(Response::read(self.link.apdu.data()))? {
            Response::Format1(value) => value,
            Response::Format2(content) => {
                let tag = SIGNED_DYNAMIC_APPLICATION_DATA.tag;
                data.noted(tlv::find(content, tag))?.ok_or_else(|| data.missing(tag))?
            }
        };
        // The terminal's data did not change since: filled again, it is what was sent.
        let ddol = Dol::new(data.bytes(DDOL.tag).unwrap_or(default_ddol));
        let key = data.icc_public_key().ok_or(DDOL_UNUSABLE)?;
        let (crypto, mut block) = (self.transaction.crypto, [0; _]);
        let dynamic = verify_dynamic_signature(
            key,
            signature,
            &mut ddol.pieces(DDOL.tag, data, EMV, Events::NONE).map_while(Result::ok),
            crypto,
            &mut block,
        )?;
        Ok(self.link.data.put_signed(ICC_DYNAMIC_NUMBER.tag, dynamic.number)?)
    }
}

const DDOL_UNUSABLE: Failure =
    Failure { part: Part::DynamicSignature, check: Check::Ddol, tag: Some(DDOL.tag) };

/// Why a method did not succeed.
enum Unauthentic {
    /// A check failed: that is its result.
    Failed(Failure),
    /// The transaction ends.
    Ended(Ended),
}

impl From<Failure> for Unauthentic {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Failed> for Unauthentic {
    fn from(failed: Failed) -> Self {
        Self::Ended(failed.into())
    }
}

impl From<Ended> for Unauthentic {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}
