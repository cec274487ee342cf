//! Combined dynamic data authentication and application cryptogram generation. [B2 6.6] [B2 6.6.1]
//!
//! Reads: what was sent (PDOL, CDOL1 and CDOL2 data) and answered. Writes: TVR byte 1, TSI; ICC
//! Dynamic Number (9F4C) and the signed cryptogram (9F26).

use crate::Contact;
use chipwright::database::Kept;
use chipwright::dictionary::emv::{
    APPLICATION_CRYPTOGRAM, ICC_DYNAMIC_NUMBER, SIGNED_DYNAMIC_APPLICATION_DATA, TVR,
    UNPREDICTABLE_NUMBER,
};
use chipwright::event::Event;
use chipwright::fault::Failed;
use chipwright::field::{
    CryptogramInformation, CryptogramType, TerminalVerificationResults as Tvr,
};
use chipwright::findings::Findings;
use chipwright::oda::{
    Check, Exchanged, Failure, Method, Part, PublicKey, verify_combined_signature,
};
use chipwright::outcome::Authority;
use chipwright::reason::Reason;
use chipwright::response::Response;

impl Contact<'_, '_, '_> {
    /// Whether this cryptogram is asked for with a signature. [B2 6.6]
    #[inline(never)]
    pub(crate) fn asks_for_signature(&self, request: CryptogramType) -> bool {
        let mode = self.transaction.terminal.options.combined_mode;
        self.combined
            && match request {
                // [B2 6.6.1 refusal]
                CryptogramType::Aac => false,
                CryptogramType::Arqc => mode.signs_arqc(),
                // A TC without an issuer behind it has nothing else to stand on.
                CryptogramType::Tc => self.authority != Authority::Online || mode.signs_online_tc(),
            }
    }

    /// Notes that an ARQC is asked for without the signature that it could have. [B3 10.3]
    pub(crate) fn note_unsigned(
        &mut self,
        request: CryptogramType,
        signed: bool,
    ) -> Result<(), Failed> {
        // [B2 6.6.1 arqc-unsigned]
        if self.combined && request == CryptogramType::Arqc && !signed {
            let mut findings = Findings::new(self.link.events);
            findings.note(Reason::CombinedAuthenticationNotRequested);
            self.add_results(findings)?;
        }
        Ok(())
    }

    /// The note that no signature was asked for holds for the first cryptogram only. [B3 10.3]
    pub(crate) fn clear_not_requested(&mut self) -> Result<(), Failed> {
        let noted = self.link.data.require(TVR)?.contains(Tvr::ODA_NOT_PERFORMED);
        if self.combined && noted {
            // [B2 6.6.1 cleared]
            self.change_results(|results| results.clear(Tvr::ODA_NOT_PERFORMED))?;
            self.link.events.emit(&Event::Cleared(Tvr::ODA_NOT_PERFORMED));
        }
        Ok(())
    }

    /// Verifies the combined signature of the answer in the buffer; says whether it is good.
    pub(crate) fn verify_combined(
        &mut self,
        information: CryptogramInformation,
    ) -> Result<bool, Failed> {
        let mut block = [0; _];
        let data = &self.link.data;
        let kept = |what| data.kept(what).unwrap_or_default();
        let tag = SIGNED_DYNAMIC_APPLICATION_DATA.tag;
        let response = data.noted(Response::read(self.link.apdu.data()))?;
        let result = match (response, data.bytes(tag)) {
            (Response::Format2(answer), Some(signature)) => {
                let exchanged = Exchanged {
                    sent: [Kept::PdolData, Kept::Cdol1Data, Kept::Cdol2Data].map(kept),
                    unpredictable_number: data.require(UNPREDICTABLE_NUMBER)?,
                    answer,
                    information,
                };
                let key = data.icc_public_key().unwrap_or(NO_KEY);
                let crypto = self.transaction.crypto;
                verify_combined_signature(key, &exchanged, signature, crypto, &mut block)
            }
            // [B2 6.6.2] Format 2 without its signature lacks a mandatory object; format 1 has no
            // place for one.
            (Response::Format2(_), None) => return Err(data.missing(tag)),
            (Response::Format1(_), _) => {
                let part = Part::DynamicSignature;
                Err(Failure { part, check: Check::Missing, tag: Some(tag) })
            }
        };
        if let Ok(signed) = result {
            let number = signed.number;
            self.link.data.put_signed(ICC_DYNAMIC_NUMBER.tag, number)?;
            self.link.data.put_signed(APPLICATION_CRYPTOGRAM.tag, &signed.cryptogram)?;
        }
        let findings = Findings::new(self.link.events);
        self.finish_authentication(Method::Cda, result.map(|_| ()), findings)?;
        Ok(result.is_ok())
    }
}

/// No signature has the length of this key.
const NO_KEY: PublicKey<'static> = PublicKey { modulus: &[], exponent: &[] };
