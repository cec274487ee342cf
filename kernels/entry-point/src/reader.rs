//! The reader around Entry Point: idle, online, once more, end. [A 8]

use crate::EntryPoint;
use crate::configuration::Kernels;
use crate::protocol_activation::PRESENT_CARD;
use chipwright::contactless::{
    CardholderVerification, OnlineResponseData, OutcomeType, Start, Status, UiRequest,
};
use chipwright::dictionary::emv::AUTHORISATION_RESPONSE_CODE;
use chipwright::event::Event;
use chipwright::message::Message;
use chipwright::outcome::{Authority, Conclusion, End, Outcome};
use chipwright::phase::Phase;
use chipwright::session::{Authorised, Ended, Field, PinEntry, PinMethod, PinResult, Polled};

/// The reader is idle. [A 8.1.1.2]
const WELCOME: UiRequest = UiRequest::new(Message::Welcome, Status::Idle);
/// The card stayed in the field for as long as it may. [A 8.1.1.16]
const REMOVE_CARD: UiRequest = UiRequest::new(Message::CardReadOk, Status::CardReadSuccessfully);

/// What the issuer said. [A 8.1.1.18]
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// It was not asked.
    NotAsked,
    Approved,
    Declined,
    Unreachable,
    /// It was to be asked with a PIN, and none was entered.
    WithoutPin,
}

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// One transaction of the reader; no data of another interface are in it. [A 8.1.1.11]
    pub(crate) async fn read(&mut self) -> Outcome {
        self.link.data.clear();
        let end = self.transact().await.err().map(|ended| self.link.why(ended));
        if let Some(End::Fault(fault)) = end {
            self.link.events.emit(&Event::Fault(fault));
        }
        // [A 8.1.1.3, 8.1.1.10] Whatever became of it: a card in the slot stops it as well.
        let _ = self.link.field(Field::Off(0)).await;
        let outcome = self.conclude(end);
        self.link.events.emit(&Event::Ended(outcome));
        outcome
    }

    /// From the idle reader to the last final outcome. [A 8.1]
    async fn transact(&mut self) -> Result<(), Ended> {
        let mut start = self.begin().await?;
        loop {
            self.process(start).await?;
            self.link.events.emit(&Event::FinalOutcome(&self.outcome));
            let again = match self.outcome.outcome {
                // [A 8.1.1.24] Once: what the issuer said stands, whatever the card asks for then.
                OutcomeType::OnlineRequest if self.issuer == Issuer::NotAsked => {
                    self.verify_cardholder().await?;
                    let answer = self.authorise().await.map_err(|ended| self.link.why(ended));
                    // [B4 12.2.3] One that finds no room may approve: the end undoes it.
                    if matches!(answer, Err(End::Fault(_))) {
                        self.issuer = Issuer::Approved;
                    }
                    self.issuer = answer.map_err(|end| self.link.end(end))?;
                    self.wants_restart()
                }
                // [A 8.1.1.20]
                OutcomeType::EndApplication => self.outcome.start,
                _ => None,
            };
            let Some(next) = again else {
                return Ok(());
            };
            if self.outcome.outcome == OutcomeType::EndApplication {
                // Only a field that is on tells whether the card is still there.
                self.link.field(Field::On).await?;
                while self.link.poll().await? != Polled::Nothing {} // [A 8.1.1.20]
            }
            self.restart = true; // [A 8.1.1.19]
            start = next;
        }
    }

    /// The reader before a transaction; gives where Entry Point is started. [A 8.1.1.2, 8.1.1.4]
    async fn begin(&mut self) -> Result<Start, Ended> {
        if self.reader.autorun {
            self.link.field(Field::On).await?;
            self.link.show(PRESENT_CARD).await?;
            Ok(Start::B)
        } else {
            self.link.field(Field::Off(0)).await?;
            self.link.show(WELCOME).await?;
            Ok(Start::A)
        }
    }

    /// Takes a PIN for the issuer, where the outcome asks for one. [A 8.1.1.14]
    async fn verify_cardholder(&mut self) -> Result<(), Ended> {
        if self.outcome.cardholder_verification == CardholderVerification::OnlinePin {
            let entry = PinEntry { method: PinMethod::Online, tries_left: None, again: false };
            let result = self.link.verify_pin(entry).await?;
            self.pin_missing = result != PinResult::Captured;
        }
        Ok(())
    }

    /// Asks the issuer. [A 8.1.1.15]
    async fn authorise(&mut self) -> Result<Issuer, Ended> {
        if self.pin_missing {
            return Ok(Issuer::WithoutPin);
        }
        self.link.enter(Phase::OnlineProcessing);
        let mut timeout = self.outcome.removal_timeout;
        loop {
            match self.link.authorise_with_card(timeout).await? {
                Authorised::RemovalTimeout => {
                    self.link.show(REMOVE_CARD).await?;
                    timeout = 0;
                }
                Authorised::Unreachable => {
                    self.link.events.emit(&Event::Unreachable);
                    return Ok(Issuer::Unreachable);
                }
                Authorised::Answered => return self.read_answer(),
            }
        }
    }

    /// What the issuer's code says. [A 8.1.1.18]
    fn read_answer(&self) -> Result<Issuer, Ended> {
        let code = self.link.data.require(AUTHORISATION_RESPONSE_CODE)?;
        self.link.events.emit(&Event::HostAnswer {
            authorisation_response_code: code,
            authentication_data: self.has_issuer_data(),
        });
        let approved = self.reader.transaction.terminal.options.approval_codes.contains(&code);
        Ok(if approved { Issuer::Approved } else { Issuer::Declined })
    }

    /// Where Entry Point is started again after the issuer's answer, if it is. [A 8.1.1.22]
    fn wants_restart(&self) -> Option<Start> {
        self.outcome.start.filter(|_| match self.outcome.online_response_data {
            OnlineResponseData::NotApplicable => false,
            OnlineResponseData::EmvData => self.has_issuer_data(),
            OnlineResponseData::Any => true,
        })
    }

    /// What it all comes to. [A 8.1.1.23, 8.1.1.24]
    pub(crate) fn conclude(&self, end: Option<End>) -> Outcome {
        let issuer = self.issuer;
        let authority = match issuer {
            Issuer::NotAsked | Issuer::WithoutPin => Authority::Offline,
            Issuer::Unreachable => Authority::UnableToGoOnline,
            Issuer::Approved | Issuer::Declined => Authority::Online,
        };
        // A refusal of the card overrides the issuer's approval; where the card has no say, or ends
        // the transaction, the issuer's answer stands.
        let by_issuer = match issuer {
            Issuer::Approved => Conclusion::Approved,
            _ => Conclusion::Declined,
        };
        let conclusion = match (end, self.outcome.outcome) {
            (Some(_), _) => Conclusion::Terminated,
            (_, OutcomeType::Approved) if matches!(issuer, Issuer::NotAsked | Issuer::Approved) => {
                Conclusion::Approved
            }
            (_, OutcomeType::Approved | OutcomeType::Declined) => Conclusion::Declined,
            (_, OutcomeType::OnlineRequest) => by_issuer,
            (_, OutcomeType::EndApplication) if issuer != Issuer::NotAsked => by_issuer,
            (_, OutcomeType::TryAnotherInterface) => Conclusion::TryAnotherInterface,
            _ => Conclusion::Terminated,
        };
        let approved = conclusion == Conclusion::Approved;
        let by_signature =
            self.outcome.cardholder_verification == CardholderVerification::ObtainSignature;
        Outcome {
            conclusion,
            authority,
            end: end.or((conclusion == Conclusion::Terminated).then_some(End::NoCommonApplication)),
            phase: Phase::Completion,
            signature: approved && by_signature,
            reversal: issuer == Issuer::Approved && !approved,
            advice: false,
        }
    }
}
