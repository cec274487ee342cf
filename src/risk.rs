//! Terminal risk management: floor limit, random selection, velocity. [B3 10.6]

use crate::config::RandomSelection;
use crate::event::Event;
use crate::findings::Findings;
use crate::reason::Reason;
use crate::value::Amount;

/// Receipt: terminal risk management was done.
///
/// Nobody else can make one:
///
/// ```compile_fail,E0423
/// let receipt = chipwright::risk::Assessed(());
/// ```
#[derive(Debug)]
#[must_use = "GENERATE AC demands it"]
pub struct Assessed(());

/// What terminal risk management looks at.
#[derive(Clone, Copy, Debug)]
pub struct Exposure {
    /// Amount, Authorised.
    pub amount: Amount,
    /// Amount of the most recent transaction with the same account, where a log is kept.
    pub logged: Amount,
    /// Terminal Floor Limit, in minor units.
    pub floor_limit: u32,
    /// Whether the account is on the exception file.
    pub on_exception_file: bool,
    /// Whether the merchant wants the issuer to decide.
    pub force_online: bool,
    /// Random selection and the number drawn for it, 1 to 99; none at terminals that cannot go
    /// online.
    pub random: Option<(RandomSelection, u8)>,
    /// The counters for velocity checking; none when the card does not ask for it.
    pub velocity: Option<Velocity>,
}

/// The counters of velocity checking. [B3 10.6.3]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Velocity {
    /// Application Transaction Counter (9F36), as GET DATA gave it.
    pub transaction_counter: Option<u16>,
    /// Last Online ATC Register (9F13), as GET DATA gave it.
    pub last_online: Option<u16>,
    /// Lower Consecutive Offline Limit (9F14).
    pub lower_limit: u8,
    /// Upper Consecutive Offline Limit (9F23).
    pub upper_limit: u8,
}

/// Assesses the risk; notes what speaks for asking the issuer. [B3 10.6]
pub fn assess(exposure: &Exposure, findings: &mut Findings<'_>) -> Assessed {
    // [B4 6.3.5 exception-file]
    if exposure.on_exception_file {
        findings.note(Reason::OnExceptionFile); // [B4 6.3.5]
    }
    // [B3 10.6 forced]
    if exposure.force_online {
        findings.note(Reason::MerchantForcedOnline); // [B3 10.6]
    }
    // [B3 10.6.1] Reaching the limit counts; the logged amount is added where one is kept.
    let total = exposure.amount.minor_units().saturating_add(exposure.logged.minor_units());
    // [B3 10.6.1 reached]
    if total >= u64::from(exposure.floor_limit) {
        findings.note(Reason::FloorLimitReached);
    } else if let Some((parameters, drawn)) = exposure.random {
        // [B3 10.6.2] An amount above the floor limit goes online anyway.
        select_randomly(exposure, parameters, drawn, findings);
    }
    if let Some(velocity) = exposure.velocity {
        check_velocity(velocity, findings);
    }
    Assessed(())
}

/// Selects every transaction below the threshold with the target percentage, and above it with
/// one that grows to the maximum at the floor limit. [B3 10.6.2]
fn select_randomly(
    exposure: &Exposure,
    parameters: RandomSelection,
    drawn: u8,
    findings: &mut Findings<'_>,
) {
    let (amount, floor) = (exposure.amount.minor_units(), u64::from(exposure.floor_limit));
    let threshold = u64::from(parameters.threshold);
    let (target, number) = (u64::from(parameters.target), u64::from(drawn));
    // [B3 10.6.2 below]
    let selected = if amount < threshold {
        number <= target
    } else {
        // number <= (amount - threshold) / (floor - threshold) * (maximum - target) + target,
        // without dividing. Every factor is below 2^32, and threshold <= amount < floor.
        let growth = u64::from(parameters.maximum.saturating_sub(parameters.target));
        // [B3 10.6.2 biased]
        number * (floor - threshold) <= growth * (amount - threshold) + target * (floor - threshold)
    };
    findings.events().emit(&Event::RandomSelection { drawn, selected });
    if selected {
        findings.note(Reason::RandomlySelected);
    }
}

/// [B3 10.6.3]
fn check_velocity(velocity: Velocity, findings: &mut Findings<'_>) {
    let Velocity { transaction_counter, last_online, lower_limit, upper_limit } = velocity;
    // [B3 10.6.3 new]
    if last_online == Some(0) {
        findings.note(Reason::NewCard);
    }
    let Some((counter, last_online)) = transaction_counter.zip(last_online) else {
        // [B3 10.6.3 unavailable]
        return findings.note(Reason::CountersUnavailable);
    };
    let Some(since @ 1..) = counter.checked_sub(last_online) else {
        // [B3 10.6.3 backwards]
        return findings.note(Reason::CountersInconsistent);
    };
    // [B3 10.6.3 lower]
    if since > u16::from(lower_limit) {
        findings.note(Reason::LowerOfflineLimitExceeded);
    }
    // [B3 10.6.3 upper]
    if since > u16::from(upper_limit) {
        findings.note(Reason::UpperOfflineLimitExceeded);
    }
}

/// Draws a number from 1 to 99 out of a random byte; `None` for the bytes that would make some
/// numbers more likely than others. [B3 10.6.2]
pub const fn draw(random: u8) -> Option<u8> {
    // [B3 10.6.2 draw]
    if random < 198 { Some(random % 99 + 1) } else { None }
}

#[cfg(test)]
mod tests;
