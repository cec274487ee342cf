//! Processing restrictions: is this card meant for this purchase, here and today? [B3 10.4]
//! [B4 6.3.3]

use crate::config::{Terminal, TransactionType};
use crate::database::Database;
use crate::dictionary::emv::{
    APPLICATION_EFFECTIVE_DATE, APPLICATION_EXPIRATION_DATE, APPLICATION_USAGE_CONTROL,
    APPLICATION_VERSION_NUMBER_CARD, APPLICATION_VERSION_NUMBER_TERMINAL, ISSUER_COUNTRY_CODE,
    TRANSACTION_DATE,
};
use crate::fault::Failed;
use crate::field::ApplicationUsageControl as Auc;
use crate::findings::Findings;
use crate::reason::Reason;

/// Receipt: the processing restrictions were checked.
///
/// Nobody else can make one:
///
/// ```compile_fail,E0423
/// let receipt = chipwright::restrictions::Restricted(());
/// ```
#[derive(Debug)]
#[must_use = "GENERATE AC demands it"]
pub struct Restricted(());

/// Checks version, usage control and dates; notes what does not fit. [B3 10.4]
///
/// # Errors
/// A format fault of the card's data, or a missing expiration date.
pub fn process(
    data: &Database<'_>,
    terminal: &Terminal<'_>,
    kind: TransactionType,
    cashback: bool,
    findings: &mut Findings<'_>,
) -> Result<Restricted, Failed> {
    check_version(data, findings)?;
    check_usage(data, terminal, kind, cashback, findings)?;
    check_dates(data, findings)?;
    Ok(Restricted(()))
}

/// [B3 10.4.1] Without a version of the card, the versions are taken to fit.
fn check_version(data: &Database<'_>, findings: &mut Findings<'_>) -> Result<(), Failed> {
    let card = data.get(APPLICATION_VERSION_NUMBER_CARD)?;
    // [B3 10.4.1 differs]
    if card.is_some() && card != data.get(APPLICATION_VERSION_NUMBER_TERMINAL)? {
        findings.note_about(Reason::ApplicationVersionsDiffer, APPLICATION_VERSION_NUMBER_CARD.tag);
    }
    Ok(())
}

/// [B3 10.4.2] Usage control binds only when the card has one.
fn check_usage(
    data: &Database<'_>,
    terminal: &Terminal<'_>,
    kind: TransactionType,
    cashback: bool,
    findings: &mut Findings<'_>,
) -> Result<(), Failed> {
    let Some(usage) = data.get(APPLICATION_USAGE_CONTROL)? else {
        return Ok(());
    };
    let mut note = |reason| findings.note_about(reason, APPLICATION_USAGE_CONTROL.tag);
    let here = if terminal.terminal_type.is_atm(terminal.additional_capabilities) {
        Auc::ATMS
    } else {
        Auc::TERMINALS_OTHER_THAN_ATMS
    };
    // [B3 10.4.2 terminal]
    if !usage.contains(here) {
        note(Reason::NotForThisKindOfTerminal);
    }
    let Some(issuer_country) = data.get(ISSUER_COUNTRY_CODE)? else {
        return Ok(());
    };
    // [B3 10.4.2 country]
    let domestic = issuer_country == terminal.country;
    let pick = |home, abroad| if domestic { home } else { abroad };
    // [B3 10.4.2 cash]
    if kind.is_cash() && !usage.contains(pick(Auc::DOMESTIC_CASH, Auc::INTERNATIONAL_CASH)) {
        note(Reason::CashNotAllowed);
    }
    let goods_or_services = pick(
        Auc::DOMESTIC_GOODS | Auc::DOMESTIC_SERVICES,
        Auc::INTERNATIONAL_GOODS | Auc::INTERNATIONAL_SERVICES,
    );
    // [B3 10.4.2 purchase]
    if kind.is_purchase() && !usage.intersects(goods_or_services) {
        note(Reason::GoodsAndServicesNotAllowed);
    }
    // [B3 10.4.2 cashback]
    if cashback && !usage.contains(pick(Auc::DOMESTIC_CASHBACK, Auc::INTERNATIONAL_CASHBACK)) {
        note(Reason::CashbackNotAllowed);
    }
    Ok(())
}

/// [B3 10.4.3]
fn check_dates(data: &Database<'_>, findings: &mut Findings<'_>) -> Result<(), Failed> {
    let today = data.require(TRANSACTION_DATE)?;
    // [B3 10.4.3 effective]
    if data.get(APPLICATION_EFFECTIVE_DATE)?.is_some_and(|effective| today < effective) {
        findings.note_about(Reason::BeforeEffectiveDate, APPLICATION_EFFECTIVE_DATE.tag);
    }
    // [B3 10.4.3 expired]
    if today > data.require(APPLICATION_EXPIRATION_DATE)? {
        findings.note_about(Reason::AfterExpirationDate, APPLICATION_EXPIRATION_DATE.tag);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
