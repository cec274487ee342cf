//! The receipt.

use chipwright::database::Database;
use chipwright::dictionary::emv::{
    AID, APPLICATION_CRYPTOGRAM, APPLICATION_LABEL, ATC, AUTHORISATION_CODE,
    AUTHORISATION_RESPONSE_CODE, CRYPTOGRAM_INFORMATION_DATA, CVM_RESULTS,
    MERCHANT_NAME_AND_LOCATION, PAN, TSI, TVR,
};
use chipwright::field::CryptogramType;
use chipwright::outcome::{Conclusion, Outcome};
use chipwright::tag::Tag;
use chipwright_harness::describe;
use chipwright_harness::setup::Setup;
use chipwright_terminal::Duties;

use super::MARGIN;
use crate::page::{Page, Style, cell};

/// Columns of a receipt's first words.
const WHAT: usize = 26;

/// What the cardholder and the merchant are left with.
pub(crate) fn receipt(
    page: &Page,
    outcome: &Outcome,
    setup: &Setup,
    data: &Database<'_>,
    duties: Duties,
) {
    page.heading("Receipt", "");
    let line = |what: &str, style: Style, text: &str| {
        page.row(&[
            cell(Style::Plain, "").wide(MARGIN),
            cell(Style::Dim, what).wide(WHAT),
            cell(style, text),
        ]);
    };
    let text = |tag: Tag| data.bytes(tag).map(describe::printable);
    if let Some(merchant) = text(MERCHANT_NAME_AND_LOCATION.tag) {
        line("merchant", Style::Plain, &merchant);
    }
    if let Some(aid) = data.bytes(AID.tag) {
        let label = text(APPLICATION_LABEL.tag).unwrap_or_default();
        line("application", Style::Plain, format!("{label}  {}", hex::encode_upper(aid)).trim());
    }
    if let Some(pan) = data.bytes(PAN.tag) {
        line("card", Style::Plain, &describe::hex_of(PAN.tag, pan));
    }
    let date = setup.date;
    let [hours, minutes, seconds] = setup.time;
    line("date", Style::Plain, &format!("{date} {hours:02X}:{minutes:02X}:{seconds:02X}"));
    let amount = setup.currency.show(setup.amount);
    line(describe::transaction_type(setup.kind), Style::Bold, &amount);
    if setup.other.minor_units() > 0 {
        line("  cashback", Style::Plain, &setup.currency.show(setup.other));
    }
    ending(&line, outcome, data);
    for (owed, text) in [
        (duties.reversal, "a reversal: what the issuer may have approved is undone"),
        (duties.advice, "an advice: the card asked for it"),
        (duties.batch, "an item of the batch"),
    ] {
        if owed {
            line("owed to the acquirer", Style::Plain, text);
        }
    }
    cryptogram(&line, data);
    let results = [("TVR", TVR.tag), ("TSI", TSI.tag), ("CVM Results", CVM_RESULTS.tag)];
    let known = |(name, tag): &(&str, Tag)| {
        Some(format!("{name} {}", hex::encode_upper(data.bytes(*tag)?)))
    };
    let results: Vec<String> = results.iter().filter_map(known).collect();
    line("results", Style::Plain, &results.join("  "));
}

fn ending(line: &dyn Fn(&str, Style, &str), outcome: &Outcome, data: &Database<'_>) {
    let style = match outcome.conclusion {
        Conclusion::Approved | Conclusion::CardRead => Style::Good,
        _ => Style::Bad,
    };
    let conclusion = describe::conclusion(outcome.conclusion);
    let authority = describe::authority(outcome.authority);
    let code = data.bytes(AUTHORISATION_RESPONSE_CODE.tag).map(describe::printable);
    let code = code.map(|code| format!(", response code {code}")).unwrap_or_default();
    let ending = match outcome.end {
        Some(_) => conclusion.to_uppercase(),
        None => format!("{} {authority}{code}", conclusion.to_uppercase()),
    };
    line("outcome", style, &ending);
    if let Some(end) = outcome.end {
        line("", Style::Plain, &format!("in {}: {}", outcome.phase.name(), describe::end(end)));
    }
    if let Some(code) = data.bytes(AUTHORISATION_CODE.tag) {
        line("authorisation code", Style::Plain, &describe::printable(code));
    }
    if outcome.signature {
        line("to do", Style::Note, "take the cardholder's signature");
    }
}

fn cryptogram(line: &dyn Fn(&str, Style, &str), data: &Database<'_>) {
    let Ok(Some(cryptogram)) = data.get(APPLICATION_CRYPTOGRAM) else { return };
    let information = data.get(CRYPTOGRAM_INFORMATION_DATA).ok().flatten();
    let kind = information.and_then(|information| information.cryptogram());
    let kind = kind.map_or("cryptogram", CryptogramType::name);
    let counter =
        data.get(ATC).ok().flatten().map(|counter| format!(", transaction {counter} of the card"));
    let text = format!("{}{}", hex::encode_upper(cryptogram), counter.unwrap_or_default());
    line(kind, Style::Plain, &text);
}
