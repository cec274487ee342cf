//! The end: journal, display, and what is owed.

use super::Failure;
use super::turn::Turn;
use crate::device::{Cardholder, Hooks, Host, PinPad, Reader, Storage};
use crate::display::{Message, Show, closing};
use crate::duties::{Ending, Verdict};
use crate::final_record::{Details, FinalCause, FinalRecord};
use crate::host::ReversalReason;
use crate::journal::{Due, Settled};
use crate::objects::Objects;
use chipwright::database::Database;
use chipwright::outcome::{Authority, Conclusion, Outcome};

/// How long a result of PIN entry stays at least, in tenths of a second.
const HOLD: u8 = 13;

impl<R, P, C, H, S, K> Turn<'_, '_, R, P, C, H, S, K>
where
    R: Reader,
    P: PinPad<R>,
    C: Cardholder,
    H: Host,
    S: Storage,
    K: Hooks,
{
    /// What a transaction comes to, seen from the service: a card that was taken no further than
    /// it wanted was read, whatever the kernel says.
    fn conclusion(&self, outcome: &Outcome) -> Conclusion {
        match outcome.conclusion {
            Conclusion::Declined if self.cut_short => Conclusion::CardRead,
            conclusion => conclusion,
        }
    }

    /// Who decided, seen from the service: the card alone where nobody wanted to ask.
    const fn authority(&self, outcome: &Outcome) -> Authority {
        if self.cut_short { Authority::Offline } else { outcome.authority }
    }

    /// Writes down what it comes to, as soon as that is settled.
    pub(super) async fn settle(
        &mut self,
        outcome: Outcome,
        data: &Database<'_>,
    ) -> Result<(), Failure> {
        let conclusion = self.conclusion(&outcome);
        self.settled = Some(conclusion);
        let by_service = conclusion == Conclusion::CardRead && self.cut_short;
        if !by_service && !matches!(conclusion, Conclusion::Approved | Conclusion::Declined) {
            return Ok(()); // nothing to tell the acquirer but what is written already
        }
        let settled = Settled {
            conclusion,
            authority: self.authority(&outcome),
            signature: outcome.signature,
            advice: outcome.advice && self.setup.advices,
        };
        let (objects, lists) = (Objects::Data(data), &self.setup.lists);
        Ok(self.journal.decided(&mut self.pages, settled, &objects, lists).await?)
    }

    /// Closes the transaction in the journal; gives what the display is to say of it.
    pub(super) async fn close(
        &mut self,
        outcome: Outcome,
        data: &Database<'_>,
    ) -> Result<Option<Message>, Failure> {
        let (objects, conclusion) = (Objects::Data(data), self.conclusion(&outcome));
        let kind = self.order.kind;
        let ending = Ending {
            kind,
            capture: self.setup.capture,
            verdict: self.verdict,
            conclusion,
            authority: self.authority(&outcome),
            done_by_merchant: self.cut_short && conclusion == Conclusion::CardRead,
            advice: outcome.advice && self.setup.advices,
        };
        self.record = FinalRecord {
            sequence: self.record.sequence,
            kind,
            conclusion,
            authority: self.authority(&outcome),
            cause: FinalCause::of(outcome.end),
            signature: outcome.signature,
            duties: ending.duties(),
            details: Details::read(&objects),
        };
        let reason = match self.verdict {
            Some(Verdict::NoAnswer) => ReversalReason::NoAnswer,
            _ => ReversalReason::NotCompleted,
        };
        let lists = &self.setup.lists;
        self.journal.close(&mut self.pages, &self.record, reason, &objects, lists).await?;
        // [H 13]
        if conclusion == Conclusion::Approved && self.record.authority != Authority::Online {
            self.setup.terminal.options.hardening.remember_counter(data);
        }
        Ok(closing(conclusion, outcome.signature, outcome.end))
    }

    /// Tells the cardholder how it ended. Only what is in the journal is called approved.
    pub(super) fn tell(&mut self, message: Option<Message>) {
        if let Some(message) = message {
            self.show_result(message, None);
        }
        self.show(Message::RemoveCard);
    }

    /// Delivers what is owed; what cannot be delivered now stays in the journal.
    pub(super) async fn deliver(&mut self) {
        let lists = &self.setup.lists;
        let delivery = self.journal.deliver_from(
            self.first,
            &mut self.pages,
            self.host,
            Due::Now,
            lists,
            self.field_55,
        );
        let _later = delivery.await;
    }

    /// Shows a message.
    pub(super) fn show(&mut self, message: Message) {
        self.said = Some(message);
        self.display.show(&Show::new(message, self.language));
    }

    /// Shows a message for long enough to be read.
    pub(super) fn show_result(&mut self, message: Message, tries_left: Option<u8>) {
        self.said = Some(message);
        let show = Show::new(message, self.language);
        self.display.show(&Show { tries_left, hold: HOLD, ..show });
    }
}
