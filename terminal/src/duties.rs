//! Which messages a transaction owes the acquirer when it has ended.

use crate::service::Capture;
use chipwright::config::TransactionType;
use chipwright::outcome::{Authority, Conclusion};

/// What became of the authorisation message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub(crate) enum Verdict {
    /// It certainly did not go out.
    NotSent = 1,
    /// It may have gone out, and no usable answer came back: the host may have approved.
    NoAnswer = 2,
    /// The issuer approved.
    Approved = 3,
    /// The issuer declined.
    Declined = 4,
}

impl Verdict {
    pub(crate) const ALL: [Self; 4] =
        [Self::NotSent, Self::NoAnswer, Self::Approved, Self::Declined];
}

/// The messages that are owed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Hash)]
pub struct Duties {
    /// What the host may have approved is to be undone. [B4 12.2.1, 12.2.3]
    pub reversal: bool,
    /// The acquirer is to be told what was decided without it. [B4 12.2.2]
    pub advice: bool,
    /// The sale goes into the batch.
    pub batch: bool,
}

/// What a transaction came to, as far as the acquirer is concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending {
    pub(crate) kind: TransactionType,
    pub(crate) capture: Capture,
    /// `None` when no authorisation message was about to go out.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) conclusion: Conclusion,
    pub(crate) authority: Authority,
    /// The merchant's business was done although nobody approved: a refund.
    pub(crate) done_by_merchant: bool,
    /// The card asked for an advice.
    pub(crate) advice: bool,
}

impl Ending {
    /// What is owed.
    pub(crate) fn duties(&self) -> Duties {
        // An inquiry moves nothing: there is nothing to undo or to settle.
        if self.kind == TransactionType::Inquiry {
            return Duties { advice: self.advice, ..Duties::default() };
        }
        let completed = self.conclusion == Conclusion::Approved || self.done_by_merchant;
        let reversal = match self.verdict {
            // [B4 12.2.1, 12.2.3] Even where card and terminal approve on their own: that sale is
            // settled by itself, what the host may hold for it is not.
            Some(Verdict::NoAnswer) => true,
            Some(Verdict::Approved) => !completed,
            Some(Verdict::NotSent | Verdict::Declined) | None => false,
        };
        let told = self.authority == Authority::Online && self.verdict == Some(Verdict::Approved);
        Duties {
            reversal,
            advice: self.advice || (completed && self.capture == Capture::Online && !told),
            batch: completed && self.capture == Capture::Batch,
        }
    }
}

impl Duties {
    /// As bits.
    pub(crate) const fn byte(self) -> u8 {
        self.reversal as u8 | (self.advice as u8) << 1 | (self.batch as u8) << 2
    }

    pub(crate) const fn from_byte(byte: u8) -> Self {
        Self { reversal: byte & 1 != 0, advice: byte & 2 != 0, batch: byte & 4 != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALE: Ending = Ending {
        kind: TransactionType::Purchase,
        capture: Capture::Batch,
        verdict: None,
        conclusion: Conclusion::Approved,
        authority: Authority::Offline,
        done_by_merchant: false,
        advice: false,
    };
    const NOTHING: Duties = Duties { reversal: false, advice: false, batch: false };
    const REVERSAL: Duties = Duties { reversal: true, ..NOTHING };
    const ADVICE: Duties = Duties { advice: true, ..NOTHING };
    const BATCH: Duties = Duties { batch: true, ..NOTHING };

    #[test]
    fn a_sale_is_settled_once_by_one_way() {
        let online =
            Ending { authority: Authority::Online, verdict: Some(Verdict::Approved), ..SALE };
        let captured = Ending { capture: Capture::Online, ..online };
        assert_eq!(SALE.duties(), BATCH);
        assert_eq!(Ending { capture: Capture::Online, ..SALE }.duties(), ADVICE);
        assert_eq!((online.duties(), captured.duties()), (BATCH, NOTHING));
    }

    #[test]
    fn what_the_host_may_hold_is_reversed() {
        // covers B4 12.2.1, B4 12.2.3
        for conclusion in [Conclusion::Declined, Conclusion::Terminated] {
            let authority = Authority::Online;
            let ended = |verdict| Ending { conclusion, authority, verdict, ..SALE }.duties();
            assert_eq!(ended(Some(Verdict::Approved)), REVERSAL);
            assert_eq!(ended(Some(Verdict::NoAnswer)), REVERSAL);
            for verdict in [None, Some(Verdict::NotSent), Some(Verdict::Declined)] {
                assert_eq!(ended(verdict), NOTHING, "{verdict:?}");
            }
        }
        // Approved without the host, which may have approved as well.
        let authority = Authority::UnableToGoOnline;
        let alone = Ending { authority, verdict: Some(Verdict::NoAnswer), ..SALE };
        assert_eq!(alone.duties(), Duties { reversal: true, ..BATCH });
        let alone = Ending { capture: Capture::Online, ..alone };
        assert_eq!(alone.duties(), Duties { reversal: true, ..ADVICE });
    }

    #[test]
    fn a_card_that_asks_for_an_advice_gets_one() {
        // covers B4 12.2.2
        let declined = Ending { conclusion: Conclusion::Declined, advice: true, ..SALE };
        assert_eq!(declined.duties(), ADVICE);
    }

    #[test]
    fn an_inquiry_moves_nothing() {
        let kind = TransactionType::Inquiry;
        let asked = Ending { kind, verdict: Some(Verdict::NoAnswer), ..SALE };
        assert_eq!(asked.duties(), NOTHING);
    }

    #[test]
    fn a_refund_is_settled_without_approval() {
        let conclusion = Conclusion::CardRead;
        let kind = TransactionType::Refund;
        let refund = Ending { kind, conclusion, done_by_merchant: true, ..SALE };
        assert_eq!(refund.duties(), BATCH);
        assert_eq!(Ending { done_by_merchant: false, ..refund }.duties(), NOTHING);
    }

    #[test]
    fn duties_are_bits() {
        for byte in 0..8 {
            assert_eq!(Duties::from_byte(byte).byte(), byte);
        }
    }
}
