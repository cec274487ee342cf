//! Terminal and Card Action Analysis. [B3 10.7, 10.8, 9] [B3 9.2.1; B4 6.3.7] [B3 9.2]
//!
//! Reads: TVR (95), action codes (9F0D to 9F0F), CDOL1 (8C), CDOL2 (8D), TDOL (97).
//! Writes: Authorisation Response Code (8A), cryptogram and its companions (9F27, 9F36, 9F26,
//! 9F10), TSI. Commands: GENERATE AC.

use crate::harden::Verdict;
use crate::{Checks, Contact};
use chipwright::actions::{Analysis, Decision, ISSUER_DEFAULT};
use chipwright::apdu::Command;
use chipwright::config::ActionCodes;
use chipwright::database::{Kept, Repeat};
use chipwright::dictionary::emv::{
    APPLICATION_CRYPTOGRAM, ATC, AUTHORISATION_RESPONSE_CODE, CDOL1, CDOL2,
    CRYPTOGRAM_INFORMATION_DATA, IAC_DEFAULT, IAC_DENIAL, IAC_ONLINE, ISSUER_APPLICATION_DATA,
    SIGNED_DYNAMIC_APPLICATION_DATA, TC_HASH_VALUE, TDOL, TVR,
};
use chipwright::dictionary::{EMV, Place};
use chipwright::dol::Dol;
use chipwright::event::Event;
use chipwright::fault::{Cause, Failed, Fault};
use chipwright::field::{
    AdviceReason, CryptogramInformation, CryptogramType, TransactionStatusInformation as Tsi,
};
use chipwright::findings::Findings;
use chipwright::object::{Bytes, Object};
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::response::{self, Response};
use chipwright::session::Ended;
use chipwright::status::Status;
use chipwright::tag::Tag;

/// Objects that every answer to GENERATE AC brings anew.
const OF_ONE_ANSWER: [Tag; 5] = [
    CRYPTOGRAM_INFORMATION_DATA.tag,
    ATC.tag,
    APPLICATION_CRYPTOGRAM.tag,
    SIGNED_DYNAMIC_APPLICATION_DATA.tag,
    ISSUER_APPLICATION_DATA.tag,
];

/// The card's answer to GENERATE AC.
struct Answer {
    information: CryptogramInformation,
    /// The signature that was asked for is good; true where none was asked for or none belongs.
    authentic: bool,
}

impl Contact<'_, '_, '_> {
    /// Decides what to ask of the card, unless the integrator did. [B3 10.7]
    pub(crate) fn analyse_actions(&mut self, forced: Option<Decision>) -> Result<Decision, Ended> {
        self.enter(Phase::TerminalActionAnalysis);
        let forced = if self.is_refused() { Some(Decision::DECLINED) } else { forced };
        let decision = match forced {
            Some(decision) => self.analysis()?.tell(decision),
            None => self.analysis()?.first(),
        };
        let decision = self.harden(decision, true)?;
        self.set_response_code(decision)?;
        Ok(decision)
    }

    /// The results and the codes they are held against.
    pub(crate) fn analysis(&self) -> Result<Analysis<'_>, Failed> {
        let data = &self.link.data;
        let issuer = ActionCodes {
            // [B3 10.7 issuer-default]
            denial: data.get(IAC_DENIAL)?.unwrap_or(ISSUER_DEFAULT.denial),
            online: data.get(IAC_ONLINE)?.unwrap_or(ISSUER_DEFAULT.online),
            default: data.get(IAC_DEFAULT)?.unwrap_or(ISSUER_DEFAULT.default),
        };
        Ok(Analysis {
            results: data.require(TVR)?,
            issuer,
            terminal: self.application.map_or(ActionCodes::default(), |app| app.action_codes),
            capability: self.transaction.terminal.terminal_type.online_capability(),
            events: self.link.events,
        })
    }

    /// Sets the Authorisation Response Code before the GENERATE AC whose list may ask for it.
    /// [B4 A6]
    pub(crate) fn set_response_code(&mut self, decision: Decision) -> Result<(), Failed> {
        match decision.authorisation_response_code {
            // [B4 A6 code]
            Some(code) => self.link.data.put(AUTHORISATION_RESPONSE_CODE, code),
            None => Ok(()),
        }
    }

    /// The first GENERATE AC. Every phase before it has to show its receipt. [B3 10.8]
    pub(crate) async fn first_cryptogram(
        &mut self,
        request: CryptogramType,
        _checks: Checks,
    ) -> Result<CryptogramType, Ended> {
        self.enter(Phase::CardActionAnalysis);
        let signed = self.asks_for_signature(request);
        self.note_unsigned(request, signed)?; // before its list is filled
        let answer = self.generate_ac(request, CDOL1, signed).await?;
        // [B3 9.3] The card may promise less than it was asked for, and never more.
        let kind = match answer.information.cryptogram() {
            // [B3 9.3 first]
            Some(kind) if kind <= request => kind,
            _ => return Err(self.not_an_answer(answer.information).into()),
        };
        if kind == CryptogramType::Aac {
            self.set_response_code(Decision::DECLINED)?; // whatever was asked for
        }
        if answer.authentic {
            return Ok(kind);
        }
        self.set_response_code(Decision::DECLINED)?;
        // [B2 6.6.2] Declined; a card that waits for the issuer is told at once.
        // [B2 6.6.2 at-once]
        if kind == CryptogramType::Arqc {
            self.second_cryptogram(CryptogramType::Aac).await?;
        }
        Ok(CryptogramType::Aac)
    }

    /// The second GENERATE AC: what is not the TC asked for, or is not authentic, is a refusal.
    /// [B3 9.3, 10.11]
    pub(crate) async fn second_cryptogram(
        &mut self,
        request: CryptogramType,
    ) -> Result<CryptogramType, Ended> {
        self.enter(Phase::Completion);
        let signed = self.asks_for_signature(request);
        let answer = self.generate_ac(request, CDOL2, signed).await?;
        Ok(match (request, answer.information.cryptogram()) {
            // [B3 9.3 second]
            (CryptogramType::Tc, Some(CryptogramType::Tc)) if answer.authentic => {
                CryptogramType::Tc
            }
            _ => CryptogramType::Aac,
        })
    }

    /// Sends GENERATE AC with the filled list, and stores the answer. [B3 6.5.5]
    async fn generate_ac(
        &mut self,
        request: CryptogramType,
        list: Object<Bytes>,
        signed: bool,
    ) -> Result<Answer, Ended> {
        self.hash_transaction_certificate_data(list)?;
        let events = self.link.events;
        self.link.compose(Command::generate_ac(request, signed), |data, out| {
            let dol = Dol::new(data.bytes(list.tag).unwrap_or_default());
            dol.fill(list.tag, data, EMV, out, events)
        })?;
        // [B2 6.6.2 kept]
        if self.combined {
            let kept = if list.tag == CDOL1.tag { Kept::Cdol1Data } else { Kept::Cdol2Data };
            self.link.data.keep(kept, self.link.apdu.command_data())?;
        }
        let status = self.link.transmit().await?;
        // [B3 8.1 generate-ac]
        if status != Status::SUCCESS {
            return Err(self.link.refused(status).into());
        }
        // [B3 10.8 performed]
        self.add_status(Tsi::CARD_RISK_MANAGEMENT_PERFORMED)?;
        let information = self.store_cryptogram()?;
        let refused = information.cryptogram() == Some(CryptogramType::Aac);
        // [B2 6.6.2] A refusal carries no signature.
        let authentic = if signed && !refused { self.verify_combined(information)? } else { true };
        let verdict = self.check_answer(information.cryptogram(), list.tag == CDOL1.tag)?;
        let information = match verdict {
            Verdict::IsRefusal => CryptogramInformation::REFUSAL,
            _ => information,
        };
        let authentic = authentic && verdict != Verdict::Refused;
        // [B3 6.5.5 mandatory]
        if refused || !signed {
            self.link.data.require(APPLICATION_CRYPTOGRAM)?;
        }
        // [B3 10.8 advice]
        self.advice |= information.advice_required();
        // [B3 10.8 service]
        if refused && information.reason() == AdviceReason::ServiceNotAllowed {
            return Err(self.link.data.note(Fault::new(Cause::ServiceNotAllowed)).into());
        }
        Ok(Answer { information, authentic })
    }

    /// Stores the answer to GENERATE AC out of either format. [B3 6.5.5]
    fn store_cryptogram(&mut self) -> Result<CryptogramInformation, Failed> {
        let data = &mut self.link.data;
        data.forget_all(&OF_ONE_ANSWER); // of an earlier answer: this one has to bring its own
        match data.noted(Response::read(self.link.apdu.data()))? {
            Response::Format1(value) => {
                for (tag, value) in data.noted(response::cryptogram(value))? {
                    data.put_card(tag, value, Repeat::Replace)?;
                }
            }
            Response::Format2(content) => {
                data.store(content, Place::Response, Repeat::Replace, EMV, self.link.events)?;
            }
        }
        data.require(ATC)?;
        data.require(CRYPTOGRAM_INFORMATION_DATA)
    }

    /// Computes the TC Hash Value (98) where the list asks for it: over the card's TDOL, or the
    /// terminal's with a note, or nothing. [B3 9.2.2]
    fn hash_transaction_certificate_data(&mut self, list: Object<Bytes>) -> Result<(), Failed> {
        let asked = Dol::new(self.link.data.bytes(list.tag).unwrap_or_default());
        if !asked.asks_for(TC_HASH_VALUE.tag) {
            return Ok(());
        }
        let default = self.application.and_then(|application| application.default_tdol);
        // [B3 9.2.2 default]
        if self.link.data.bytes(TDOL.tag).is_none() && default.is_some() {
            self.link.events.emit(&Event::DefaultList(TDOL.tag));
            let mut findings = Findings::new(self.link.events);
            findings.note_about(Reason::DefaultTdolUsed, TDOL.tag);
            self.add_results(findings)?; // before the hash: the results may be part of it
        }
        let data = &self.link.data;
        let tdol = Dol::new(data.bytes(TDOL.tag).or(default).unwrap_or_default());
        data.noted(tdol.filled_length().map_err(|error| Fault::from(error).about(TDOL.tag)))?;
        let (hash, events) = (self.transaction.crypto.hash, self.link.events);
        let hash = hash.sha1(&mut tdol.pieces(TDOL.tag, data, EMV, events).map_while(Result::ok));
        self.link.data.put(TC_HASH_VALUE, hash)
    }

    fn not_an_answer(&self, information: CryptogramInformation) -> Failed {
        let fault = Fault::new(Cause::CryptogramType(information.0));
        self.link.data.note(fault.about(CRYPTOGRAM_INFORMATION_DATA.tag))
    }
}
