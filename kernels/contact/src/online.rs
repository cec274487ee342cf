//! Online Processing, Issuer Authentication, Completion. [B3 10.9, 10.11]
//!
//! Reads: AIP (82), the host's answer (8A, 91, 89). Writes: TVR byte 5, TSI, 8A.
//! Commands: EXTERNAL AUTHENTICATE; the second GENERATE AC.

use crate::Contact;
use chipwright::actions::Decision;
use chipwright::apdu::Command;
use chipwright::dictionary::emv::{AIP, AUTHORISATION_RESPONSE_CODE, ISSUER_AUTHENTICATION_DATA};
use chipwright::event::Event;
use chipwright::fault::Failed;
use chipwright::field::{
    ApplicationInterchangeProfile as Aip, CryptogramType, OnlineCapability,
    TransactionStatusInformation as Tsi,
};
use chipwright::findings::Findings;
use chipwright::outcome::{Authority, Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::script::Moment;
use chipwright::session::Ended;
use chipwright::status::Status;

impl Contact<'_, '_, '_> {
    /// Asks the issuer and completes the transaction with what it says, or without it.
    pub(crate) async fn go_online(&mut self) -> Result<Outcome, Ended> {
        self.enter(Phase::OnlineProcessing);
        let online = self.ask_issuer().await?;
        self.clear_not_requested()?; // before the results are looked at again
        let request = if online {
            let request = self.take_issuer_decision()?;
            self.authenticate_issuer().await?;
            // [B3 10.10 order]
            self.process_scripts(Moment::BeforeFinalCryptogram).await?;
            if !self.link.hardening.is_off() && self.issuer_is_unproved(request)? {
                CryptogramType::Aac
            } else {
                request
            }
        } else {
            self.link.events.emit(&Event::Unreachable);
            let mut decision = self.analysis()?.unable_to_go_online(); // [B4 6.3.8]
            if !self.link.hardening.is_off() {
                decision = self.harden(decision, false)?;
            }
            self.set_response_code(decision)?;
            decision.request
        };
        let conclusion = match self.second_cryptogram(request).await? {
            CryptogramType::Tc => Conclusion::Approved,
            _ => Conclusion::Declined,
        };
        if conclusion == Conclusion::Declined && !online {
            self.set_response_code(Decision::UNABLE_DECLINED)?; // whatever was asked for
        }
        // [B3 10.10] The decision stands, whatever becomes of scripts after it.
        // [B3 10.10 stands]
        self.link.decide(self.concluded(conclusion));
        if online && let Err(ended) = self.process_scripts(Moment::AfterFinalCryptogram).await {
            let _told = self.link.why(ended);
            let mut findings = Findings::new(self.link.events);
            findings.note(Reason::ScriptFailedAfterFinalCryptogram);
            self.add_results(findings)?;
        }
        Ok(self.concluded(conclusion))
    }

    /// Asks the issuer; `false` when it could not be reached. An answer that finds no room may have
    /// been an approval: the end of the transaction undoes it. [B4 12.2.3]
    async fn ask_issuer(&mut self) -> Result<bool, Ended> {
        // [B4 6.3.8] A terminal that never goes online is unable to, whatever the card wants.
        let capability = self.transaction.terminal.terminal_type.online_capability();
        let answered = match capability {
            OnlineCapability::OfflineOnly => Ok(false),
            _ => self.link.authorise().await.map_err(|ended| self.link.why(ended)),
        };
        self.authority = match answered {
            Ok(true) | Err(End::Fault(_)) => Authority::Online,
            Ok(false) => Authority::UnableToGoOnline,
            Err(_) => Authority::Offline,
        };
        self.issuer_approved = matches!(answered, Err(End::Fault(_)));
        answered.map_err(|end| self.link.end(end))
    }

    /// What to ask of the card after the issuer's answer. [B3 10.9, B4 A6] The issuer's code is
    /// never altered.
    fn take_issuer_decision(&mut self) -> Result<CryptogramType, Failed> {
        let code = self.link.data.require(AUTHORISATION_RESPONSE_CODE)?;
        let authentication_data = self.link.data.bytes(ISSUER_AUTHENTICATION_DATA.tag).is_some();
        self.link
            .events
            .emit(&Event::HostAnswer { authorisation_response_code: code, authentication_data });
        self.issuer_approved = self.transaction.terminal.options.approval_codes.contains(&code);
        // [B3 10.9 code]
        Ok(if self.issuer_approved { CryptogramType::Tc } else { CryptogramType::Aac })
    }

    /// Gives the issuer's authentication data to the card, once, if both sides want it so.
    /// [B3 10.9]
    async fn authenticate_issuer(&mut self) -> Result<(), Ended> {
        let supported = self.link.data.require(AIP)?.contains(Aip::ISSUER_AUTHENTICATION_SUPPORTED);
        // [B3 10.9 supported]
        if !supported || self.link.data.bytes(ISSUER_AUTHENTICATION_DATA.tag).is_none() {
            return Ok(()); // what the card wants it takes through CDOL2
        }
        self.link.compose_from(Command::EXTERNAL_AUTHENTICATE, ISSUER_AUTHENTICATION_DATA.tag)?;
        let status = self.link.transmit().await?;
        // [B3 10.9 performed]
        self.add_status(Tsi::ISSUER_AUTHENTICATION_PERFORMED)?;
        // [B3 10.9 failed]
        if status != Status::SUCCESS {
            let mut findings = Findings::new(self.link.events);
            findings.note_about(Reason::IssuerAuthenticationFailed, ISSUER_AUTHENTICATION_DATA.tag);
            self.add_results(findings)?;
        }
        Ok(())
    }
}
