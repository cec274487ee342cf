//! Cardholder Verification. [B3 10.5; B4 6.3.4] [B4 6.3.4.4]
//!
//! Reads: AIP (82), CVM List (8E), amounts and currencies. Writes: CVM Results (9F34), TVR byte 3,
//! TSI. Commands: GET DATA; VERIFY is sent by the PIN pad.

use crate::Contact;
use chipwright::apdu::Command;
use chipwright::cvm::{Circumstances, CvmList, Evaluation, Method, Performed, Verified};
use chipwright::database::Repeat;
use chipwright::dictionary::emv::{
    ADDITIONAL_TERMINAL_CAPABILITIES, AIP, AMOUNT_AUTHORISED, AMOUNT_OTHER,
    APPLICATION_CURRENCY_CODE, CVM_LIST, CVM_RESULTS, PIN_TRY_COUNTER, TERMINAL_CAPABILITIES,
    TERMINAL_TYPE, TRANSACTION_CURRENCY_CODE,
};
use chipwright::dictionary::{EMV, Place};
use chipwright::fault::Failed;
use chipwright::field::{
    AdditionalTerminalCapabilities, ApplicationInterchangeProfile as Aip,
    TerminalCapabilities as Can, TransactionStatusInformation as Tsi,
};
use chipwright::findings::Findings;
use chipwright::object::Object;
use chipwright::outcome::End;
use chipwright::phase::Phase;
use chipwright::reason::Reason;
use chipwright::session::{Ended, PinEntry, PinMethod, PinResult, Stop};
use chipwright::status::Status;
use chipwright::tlv::Tlvs;
use chipwright::value::Amount;

/// What a counter of four bits can count down from. [B3 6.5.12]
const MAX_TRIES: u8 = 15;

impl<'t> Contact<'t, '_, '_> {
    /// Follows the rules of the CVM List until one succeeds or none is left.
    pub(crate) async fn verify_cardholder(&mut self) -> Result<Verified, Ended> {
        self.enter(Phase::CardholderVerification);
        let aip = self.link.data.require(AIP)?;
        let mut findings = Findings::new(self.transaction.events);
        // Nothing is asked of a cardholder whose card is refused.
        if self.is_refused() {
            let (results, verified) = Evaluation::without_rules();
            self.link.data.put(CVM_RESULTS, results)?;
            return Ok(verified);
        }
        self.check_verification();
        // [B3 10.5 promised]
        if !self.ignores_list()
            && (!aip.contains(Aip::CARDHOLDER_VERIFICATION_SUPPORTED)
                || !self.has_rules(&mut findings)?)
        {
            let (results, verified) = Evaluation::without_rules();
            self.link.data.put(CVM_RESULTS, results)?;
            self.add_results(findings)?;
            return Ok(verified);
        }
        let circumstances = self.circumstances()?;
        let mut evaluation = Evaluation::new();
        let mut bypassed = false;
        loop {
            let list = CvmList::read(self.verification_list());
            let list = self.link.data.noted(list)?;
            let Some((rule, method)) = evaluation.next(&list, &circumstances, &mut findings) else {
                break;
            };
            let how = self.perform(method, &mut bypassed, &mut findings).await?;
            evaluation.performed(rule, how, &mut findings);
            self.signature = how != Performed::Failed && method.has_signature();
        }
        self.refused |= self.ignores_list() && !evaluation.succeeded(); // [H 2]
        let (results, verified) = evaluation.conclude(&mut findings);
        self.link.data.put(CVM_RESULTS, results)?;
        self.add_results(findings)?;
        // [B3 10.5 performed]
        self.add_status(Tsi::CARDHOLDER_VERIFICATION_PERFORMED)?;
        Ok(verified)
    }

    /// Whether the card has rules to follow; none although it promises some is noted. [B3 7.5]
    fn has_rules(&self, findings: &mut Findings<'_>) -> Result<bool, Failed> {
        let list = self.link.data.bytes(CVM_LIST.tag).map(CvmList::read).transpose();
        let list = self.link.data.noted(list)?;
        let has_rules = list.is_some_and(|list| list.rules().len() > 0);
        // [B3 7.5 no-rules]
        if !has_rules {
            findings.note_about(Reason::CardDataMissing, CVM_LIST.tag);
        }
        Ok(has_rules)
    }

    fn circumstances(&self) -> Result<Circumstances, Failed> {
        let data = &self.link.data;
        let currency = data.require(TRANSACTION_CURRENCY_CODE)?;
        let application_currency = data.get(APPLICATION_CURRENCY_CODE)?;
        Ok(Circumstances {
            kind: self.transaction.kind,
            cashback: data.require(AMOUNT_OTHER)? > Amount::ZERO,
            amount: data.get(AMOUNT_AUTHORISED)?,
            application_currency: application_currency.map(|own| own == currency),
            capabilities: self.supported_methods()?,
        })
    }

    /// What the terminal can do of cardholder verification. [B4 A2, A3] A signature needs an
    /// attendant, and paper to sign.
    fn supported_methods(&self) -> Result<Can, Failed> {
        let data = &self.link.data;
        let mut can = data.require(TERMINAL_CAPABILITIES)?;
        let paper = data
            .require(ADDITIONAL_TERMINAL_CAPABILITIES)?
            .contains(AdditionalTerminalCapabilities::PRINT_ATTENDANT);
        // [B4 A2 signature]
        if !paper || !data.require(TERMINAL_TYPE)?.is_attended() {
            can.clear(Can::SIGNATURE);
        }
        Ok(can)
    }

    /// Performs one method.
    async fn perform(
        &mut self,
        method: Method,
        bypassed: &mut bool,
        findings: &mut Findings<'t>,
    ) -> Result<Performed, Ended> {
        let takes_pin = method == Method::OnlinePin || method.is_offline_pin();
        // [B4 6.3.4.3 carried-over] One bypass counts for every PIN of the list, and nothing is
        // asked of the card for one that does not come.
        if *bypassed && takes_pin {
            return Ok(Performed::Failed);
        }
        Ok(match method {
            // [B4 6.3.4.5 no-cvm]
            Method::NoCvm => Performed::Successful,
            // [B4 6.3.4.5 signature]
            Method::Signature => Performed::Unknown,
            Method::OnlinePin => self.enter_online_pin(bypassed, findings).await?,
            Method::PlaintextPin | Method::EncipheredPin => {
                self.enter_offline_pin(method, bypassed, findings).await?
            }
            Method::PlaintextPinAndSignature | Method::EncipheredPinAndSignature => {
                // [B3 10.5.4] The PIN decides whether the signature still matters.
                match self.enter_offline_pin(method, bypassed, findings).await? {
                    // [B4 6.3.4.5 combined]
                    Performed::Successful => Performed::Unknown,
                    other => other,
                }
            }
            Method::Fail | Method::Unrecognised => Performed::Failed,
        })
    }

    /// Online PIN: taken by the pad, judged by the issuer. [B3 10.5.2]
    async fn enter_online_pin(
        &mut self,
        bypassed: &mut bool,
        findings: &mut Findings<'t>,
    ) -> Result<Performed, Ended> {
        let entry = PinEntry { method: PinMethod::Online, tries_left: None, again: false };
        match self.ask_for_pin(entry, bypassed, findings).await? {
            Some(PinResult::Captured) => {
                // [B3 10.5.2 entered]
                findings.note(Reason::OnlinePinEntered);
                // [B4 6.3.4.5 online]
                Ok(Performed::Unknown)
            }
            _ => Ok(Performed::Failed),
        }
    }

    /// Offline PIN: taken by the pad, judged by the card, until it is right or tries run out.
    /// [B3 10.5.1]
    async fn enter_offline_pin(
        &mut self,
        method: Method,
        bypassed: &mut bool,
        findings: &mut Findings<'t>,
    ) -> Result<Performed, Ended> {
        let enciphered =
            matches!(method, Method::EncipheredPin | Method::EncipheredPinAndSignature);
        let method = if enciphered { PinMethod::Enciphered } else { PinMethod::Plaintext };
        // [B2 7.1 no-key]
        if enciphered && !self.recover_pin_key(findings)? {
            return Ok(Performed::Failed); // [B2 7.1]
        }
        let tries_left = self.request_data(PIN_TRY_COUNTER).await?;
        // [B3 10.5.1 counter]
        if tries_left == Some(0) {
            findings.note_about(Reason::PinTryLimitExceeded, PIN_TRY_COUNTER.tag);
            return Ok(Performed::Failed);
        }
        let mut entry = PinEntry { method, tries_left, again: false };
        // A card counts its tries down from 15 at most: one that does not is not asked again.
        for _ in 0..MAX_TRIES {
            let status = match self.ask_for_pin(entry, bypassed, findings).await? {
                Some(PinResult::Verified(status)) => status,
                _ => return Ok(Performed::Failed),
            };
            match (status, status.tries_left()) {
                (Status::SUCCESS, _) => return Ok(Performed::Successful),
                (_, Some(left @ 1..)) => {
                    entry = PinEntry { tries_left: Some(left), again: true, ..entry };
                }
                // [B3 10.5.1 exhausted]
                (_, Some(0)) | (Status::METHOD_BLOCKED | Status::DATA_INVALIDATED, _) => {
                    findings.note(Reason::PinTryLimitExceeded);
                    return Ok(Performed::Failed);
                }
                // [B3 10.5.1 status]
                (status, _) => return Err(self.link.refused(status).into()),
            }
        }
        Ok(Performed::Failed)
    }

    /// Asks the pad for a PIN, and notes why there is none. [B3 10.5.1, B4 6.3.4.3]
    async fn ask_for_pin(
        &mut self,
        entry: PinEntry,
        bypassed: &mut bool,
        findings: &mut Findings<'t>,
    ) -> Result<Option<PinResult>, Ended> {
        match self.link.verify_pin(entry).await? {
            // [B4 6.3.4.3 attended] Where nobody attends, it is the cardholder who gives up.
            PinResult::Bypassed if !self.may_bypass_pin()? => {
                Err(self.link.end(End::Stopped(Stop::Cancelled)))
            }
            PinResult::Bypassed => {
                *bypassed = true;
                // [B3 10.5.1 bypassed]
                findings.note(Reason::PinBypassed);
                Ok(None)
            }
            PinResult::Broken => {
                // [B3 10.5.1 broken]
                findings.note(Reason::PinPadMissing);
                Ok(None)
            }
            PinResult::NoChallenge => Ok(None),
            result => Ok(Some(result)),
        }
    }

    /// Whether a PIN may be left out. [B4 6.3.4.3]
    fn may_bypass_pin(&self) -> Result<bool, Failed> {
        let attended = self.link.data.require(TERMINAL_TYPE)?.is_attended();
        Ok(attended || self.transaction.terminal.options.unattended_pin_bypass)
    }

    /// Asks the card for one of its counters; `None` when it does not give it as it should.
    /// [B3 7.3, 6.5.7]
    pub(crate) async fn request_data<T: chipwright::object::Value>(
        &mut self,
        object: Object<T>,
    ) -> Result<Option<T>, Ended> {
        let status = self.link.exchange(Command::get_data(object.tag), &[]).await?;
        if status != Status::SUCCESS {
            return Ok(None);
        }
        // [B3 10.5.1, 10.6.3] An answer with another tag or a wrong length counts as none.
        let (data, answer) = (&mut self.link.data, self.link.apdu.data());
        // [B3 10.6.3 answer]
        if !Tlvs::new(answer).only().is_ok_and(|tlv| tlv.is_some_and(|tlv| tlv.tag == object.tag)) {
            return Ok(None);
        }
        let stored = data.store(answer, Place::GetData, Repeat::Replace, EMV, self.link.events);
        Ok(if stored.is_ok() { data.get(object)? } else { None })
    }
}
