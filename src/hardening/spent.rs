//! What a transaction took so far, for H11, and how its answers are coded, for H10 and H11.

use super::{Breach, Hardening, Rule};
use crate::event::Events;
use crate::fault::{Cause, Fault};
use crate::phase::Phase;
use crate::status::Status;

/// What is counted.
#[derive(Clone, Copy)]
enum Counted {
    Exchanges,
    Records,
    Bytes,
    Microseconds,
}

/// What a transaction took so far, and the command that is under way. Without the feature there is
/// nothing to count.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    #[cfg(feature = "hardened")]
    counted: [u32; 4],
    #[cfg(feature = "hardened")]
    command: [u8; 4],
}

impl Spent {
    /// Counts, and gives the sum and what it was before.
    fn count(&mut self, what: Counted, amount: u32) -> (u32, u32) {
        #[cfg(feature = "hardened")]
        if let Some(sum) = self.counted.get_mut(what as usize) {
            let before = *sum;
            *sum = sum.saturating_add(amount);
            return (before, *sum);
        }
        let _ = (what, amount);
        (0, 0)
    }

    /// A command goes to the card, unless the budget is spent. [H 11]
    ///
    /// # Errors
    /// [`Cause::Refused`].
    #[inline(always)]
    pub(crate) fn command(
        &mut self,
        command: &[u8],
        hardening: Hardening<'_>,
        events: Events<'_>,
    ) -> Result<(), Fault> {
        let Some(profile) = hardening.profile() else { return Ok(()) };
        #[cfg(feature = "hardened")]
        {
            self.command = command.first_chunk().copied().unwrap_or_default();
        }
        let budget = profile.budget;
        let records = u32::from(command.get(1) == Some(&READ_RECORD));
        for (what, amount, limit, breach) in [
            (Counted::Exchanges, 1, budget.exchanges, Breach::ExchangesSpent),
            (Counted::Records, records, budget.records, Breach::RecordsSpent),
        ] {
            let sums = self.count(what, amount);
            judge(sums, limit.into(), breach, hardening, events)?;
        }
        Ok(())
    }

    /// The card has answered, within the budget and in the coding that is expected. [H 10, 11]
    ///
    /// # Errors
    /// [`Cause::Refused`], with the object and its offset.
    #[inline(always)]
    pub(crate) fn answer(
        &mut self,
        (data, status, elapsed): (&[u8], Status, u32),
        phase: Phase,
        hardening: Hardening<'_>,
        events: Events<'_>,
    ) -> Result<(), Fault> {
        let Some(profile) = hardening.profile() else { return Ok(()) };
        let budget = profile.budget;
        let bytes = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let microseconds = budget.milliseconds.saturating_mul(1000);
        for (what, amount, limit, breach) in [
            (Counted::Bytes, bytes, budget.bytes, Breach::BytesSpent),
            (Counted::Microseconds, elapsed, microseconds, Breach::TimeSpent),
        ] {
            let sums = self.count(what, amount);
            judge(sums, limit, breach, hardening, events)?;
        }
        // What a script brings is between issuer and card.
        let coded = status == Status::SUCCESS && phase != Phase::IssuerScriptProcessing;
        if !coded || !self.brings_objects() {
            return Ok(());
        }
        for found in super::coding::faults(data, budget.nesting) {
            if hardening.asks(found.breach.rule())
                && hardening.refuses(found.breach, found.tag, events)
            {
                let fault = Fault::new(Cause::Refused(found.breach)).at(found.offset);
                return Err(found.tag.map_or(fault, |tag| fault.about(tag)));
            }
        }
        Ok(())
    }

    /// Whether the answer to the command is BER-TLV: records of files that are not EMV's need not
    /// be. [H 10]
    fn brings_objects(&self) -> bool {
        match self.under_way() {
            [_, READ_RECORD, _, file] => file >> 3 <= 10,
            [_, instruction, ..] => CODED.contains(&instruction),
        }
    }

    /// The command that is under way.
    const fn under_way(&self) -> [u8; 4] {
        #[cfg(feature = "hardened")]
        return self.command;
        #[cfg(not(feature = "hardened"))]
        [0; 4]
    }
}

const READ_RECORD: u8 = 0xB2;
/// SELECT, GET PROCESSING OPTIONS, GET DATA, GENERATE AC, INTERNAL AUTHENTICATE.
const CODED: [u8; 5] = [0xA4, 0xA8, 0xCA, 0xAE, 0x88];

/// Refuses what goes beyond a limit; reports it once. [H 11]
fn judge(
    (before, sum): (u32, u32),
    limit: u32,
    breach: Breach,
    hardening: Hardening<'_>,
    events: Events<'_>,
) -> Result<(), Fault> {
    let crossed = before <= limit && sum > limit;
    if crossed && hardening.asks(Rule::Budget) && hardening.refuses(breach, None, events) {
        return Err(Fault::new(Cause::Refused(breach)));
    }
    Ok(())
}
