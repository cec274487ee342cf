//! Asking the issuer. [B4 6.3.8, 12.1]

use super::Failure;
use super::turn::Turn;
use crate::device::{Cardholder, Hooks, Host, Online, PinPad, Reader, Storage};
use crate::display::Message;
use crate::duties::Verdict;
use crate::host::{self, Answer, HostMessage, MessageKind, NoAnswer};
use crate::journal::JournalFailure;
use crate::objects::Objects;
use chipwright::database::Database;
use chipwright::driver::Input;

impl<R, P, C, H, S, K> Turn<'_, '_, R, P, C, H, S, K>
where
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    /// Asks the issuer, with a record in the journal before and after. A card may stay in the
    /// field for `removal_timeout` units of 100 ms. [A 8.1.1.16]
    pub(super) async fn authorise<'i>(
        &mut self,
        data: &mut Database<'_>,
        removal_timeout: u16,
        answer: &'i mut [u8],
    ) -> Result<Input<'i>, Failure> {
        match self.hooks.before_online(data).await {
            Online::Ask => {}
            Online::Unreachable => return Ok(Input::Unreachable),
            Online::Stop(stop) => return Ok(Input::Stop(stop)),
        }
        if let Some(stop) = self.cancel.stop() {
            return Ok(Input::Stop(stop));
        }
        // A tap has said so already.
        if self.said != Some(Message::Authorising) {
            self.show(Message::Authorising);
        }
        let told = self.ask(data, removal_timeout, answer).await?;
        self.waiting = removal_timeout > 0 && matches!(told, Err(NoAnswer::NotYet));
        if self.waiting {
            return Ok(Input::RemovalTimeout);
        }
        self.learn(told).await
    }

    /// Waits on for the answer.
    pub(super) async fn wait_for_answer<'i>(
        &mut self,
        answer: &'i mut [u8],
    ) -> Result<Input<'i>, Failure> {
        self.waiting = false;
        let told = self.host.wait_for_answer(answer).await;
        self.learn(told).await
    }

    /// Writes down what the host said, and tells the kernel.
    async fn learn<'i>(
        &mut self,
        told: Result<Answer<'i>, NoAnswer>,
    ) -> Result<Input<'i>, Failure> {
        match told {
            Ok(response) => {
                let codes = self.setup.terminal.options.approval_codes;
                let approved = codes.contains(&response.authorisation_response_code);
                let verdict = if approved { Verdict::Approved } else { Verdict::Declined };
                self.answered(verdict, Some(&response)).await?;
                Ok(Input::Authorised(response))
            }
            Err(NoAnswer::NotSent) => {
                self.answered(Verdict::NotSent, None).await?;
                Ok(Input::Unreachable)
            }
            Err(NoAnswer::Lost | NoAnswer::NotYet) => {
                self.answered(Verdict::NoAnswer, None).await?;
                Ok(Input::Unreachable)
            }
        }
    }

    /// Builds the message, writes down that it is about to go out, and sends it.
    async fn ask<'i>(
        &mut self,
        data: &Database<'_>,
        removal_timeout: u16,
        answer: &'i mut [u8],
    ) -> Result<Result<Answer<'i>, NoAnswer>, Failure> {
        let (objects, lists) = (Objects::Data(data), &self.setup.lists);
        let message = HostMessage {
            kind: MessageKind::Authorisation,
            sequence: self.record.sequence,
            repeat: false,
            reason: None,
            removal_timeout,
            objects,
            field_55: host::field_55(lists.authorisation, &objects, self.field_55)
                .map_err(JournalFailure::from)?,
        };
        self.journal.requested(&mut self.pages, &objects, lists).await?;
        Ok(self.host.authorise(&message, answer).await)
    }

    /// Writes down what became of the message.
    pub(super) async fn answered(
        &mut self,
        verdict: Verdict,
        answer: Option<&Answer<'_>>,
    ) -> Result<(), Failure> {
        self.verdict = Some(verdict);
        Ok(self.journal.answered(&mut self.pages, verdict, answer).await?)
    }
}
