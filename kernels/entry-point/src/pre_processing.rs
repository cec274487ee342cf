//! Start A: what amount and limits mean for each combination. [B 3.1]
//!
//! Reads: amount, configuration. Nothing is kept: the indicators of a combination follow from
//! both, and are worked out again where they are needed.

use crate::EntryPoint;
use crate::configuration::{Combination, Kernels};
use chipwright::config::Transaction;
use chipwright::contactless::{
    Excluded, Indicators, OutcomeParameters, OutcomeType, Status,
    TerminalTransactionQualifiers as Ttq, UiRequest,
};
use chipwright::event::Event;
use chipwright::message::Message;
use chipwright::value::Amount;

/// No combination may be used for this amount. [B 3.1.1.13]
pub(crate) const NOT_ALLOWED: OutcomeParameters =
    OutcomeParameters::new(OutcomeType::TryAnotherInterface)
        .showing(UiRequest::new(Message::InsertOrSwipeCard, Status::ProcessingError));

/// What pre-processing makes of one combination.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prepared {
    /// The indicators.
    pub indicators: Indicators,
    /// The copy of the Terminal Transaction Qualifiers.
    pub qualifiers: Option<Ttq>,
}

impl Combination<'_> {
    /// The combination for a transaction; every indicator is worked out anew. [B 3.1.1.1]
    pub fn prepare(&self, transaction: &Transaction<'_>) -> Prepared {
        let amount = transaction.amount;
        let zero = amount == Amount::ZERO;
        // [B 3.1.1.4]
        let zero_refused = zero && self.zero_amount_allowed == Some(false);
        let limit_reached = self.transaction_limit_reached(amount);
        let mut indicators = Indicators {
            // [B 3.1.1.3]
            status_check_requested: self.status_check == Some(true)
                && Some(amount) == unit(transaction),
            application_not_allowed: zero_refused || limit_reached,
            zero_amount: zero && !zero_refused,
            // [B 3.1.1.6, 3.1.1.7]
            floor_limit_exceeded: match (self.floor_limit, self.terminal_floor_limit) {
                (Some(limit), _) => amount > limit,
                (None, Some(limit)) => amount.minor_units() > u64::from(limit),
                (None, None) => false,
            },
            // [B 3.1.1.8]
            cvm_required_limit_exceeded: self
                .cvm_required_limit
                .is_some_and(|limit| amount >= limit),
        };
        let forced = transaction.force_online;
        let qualifiers = self.qualifiers.map(|fixed| self.qualify(fixed, forced, &mut indicators));
        Prepared { indicators, qualifiers }
    }

    /// [B 3.1.1.5]
    fn transaction_limit_reached(&self, amount: Amount) -> bool {
        self.transaction_limit.is_some_and(|limit| amount >= limit)
    }

    /// The qualifiers for this transaction. [B 3.1.1.2, 3.1.1.9, 3.1.1.10, 3.1.1.11, 3.1.1.12]
    fn qualify(&self, fixed: Ttq, forced: bool, indicators: &mut Indicators) -> Ttq {
        let mut qualifiers = fixed;
        qualifiers.clear(Ttq::ONLINE_CRYPTOGRAM_REQUIRED | Ttq::CVM_REQUIRED); // [B 3.1.1.2]
        let no_floor_limit = self.floor_limit.is_none() && self.terminal_floor_limit.is_none();
        // [B 3.1.1.9, 3.1.1.10]
        let mut online = forced // the merchant's wish, as in [B4 6.5.3]
            || indicators.floor_limit_exceeded
            || indicators.status_check_requested
            || self.online_without_floor_limit && no_floor_limit; // [C7 3 no-floor-limit]
        // [B 3.1.1.11]
        if indicators.zero_amount {
            if qualifiers.contains(Ttq::OFFLINE_ONLY) {
                indicators.application_not_allowed = true;
            } else {
                online = true;
            }
        }
        if online {
            qualifiers.set(Ttq::ONLINE_CRYPTOGRAM_REQUIRED);
        }
        // [B 3.1.1.12]
        if indicators.cvm_required_limit_exceeded {
            qualifiers.set(Ttq::CVM_REQUIRED);
        }
        qualifiers
    }

    /// The combination of a reader that does not pre-process. [B 3.2.1.1]
    fn unprepared(&self) -> Prepared {
        Prepared { indicators: Indicators::default(), qualifiers: self.qualifiers }
    }
}

/// One unit of the currency.
fn unit(transaction: &Transaction<'_>) -> Option<Amount> {
    // Beyond twelve digits it is no amount, whatever the exponent.
    let digits = transaction.currency_exponent.min(12);
    Amount::new((0..digits).fold(1, |unit, _| unit * 10))
}

impl<K: Kernels> EntryPoint<'_, '_, '_, K> {
    /// Pre-processing; `false` when no combination is left.
    pub(crate) fn pre_process(&mut self) -> bool {
        self.pre_processed = true;
        let mut allowed = false;
        for combination in self.reader.combinations {
            if self.prepared(combination).indicators.application_not_allowed {
                let Combination { aid, kernel, .. } = *combination;
                let amount = self.reader.transaction.amount;
                let why = match combination.transaction_limit_reached(amount) {
                    true => Excluded::TransactionLimit,
                    false => Excluded::ZeroAmount,
                };
                self.link.events.emit(&Event::CombinationExcluded { aid, kernel, why });
            } else {
                allowed = true;
            }
        }
        allowed
    }

    /// What pre-processing made of a combination, or what it is without.
    pub(crate) fn prepared(&self, combination: &Combination<'_>) -> Prepared {
        if self.pre_processed {
            combination.prepare(self.reader.transaction)
        } else {
            combination.unprepared()
        }
    }
}

#[cfg(test)]
mod tests;
