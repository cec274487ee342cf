//! Dates: what is over, and what has not begun. [B3 10.4.3, B2 5.3]

use crate::vectors::node::{Node, decode, unreadable};
use crate::vectors::report::Problem;
use chipwright::config::{Options, Terminal, TransactionType};
use chipwright::database::{DATABASE_LENGTH, Database};
use chipwright::dictionary::emv::{
    APPLICATION_EFFECTIVE_DATE, APPLICATION_EXPIRATION_DATE, TRANSACTION_DATE,
};
use chipwright::event::Events;
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType, TerminalVerificationResults,
};
use chipwright::findings::Findings;
use chipwright::object::Value;
use chipwright::restrictions;
use chipwright::value::{Code, Date, MonthYear};

/// An expiration date that has not come.
const FAR: &str = "491231";

pub(super) fn check(vector: Node<'_>) -> Result<(), Problem> {
    let today = vector.hex("inputs.transaction_date_yymmdd")?;
    if vector.find("inputs.mmyy").is_some() {
        // A month or a day that does not exist passes for nothing.
        let expiry = MonthYear::decode(vector.array("inputs.mmyy")?);
        let dates = expiry.zip(Date::decode(&today));
        let expired = dates.is_none_or(|(expiry, today)| expiry.is_before(today));
        return Problem::compare("expired", vector.flag("expected.expired")?, expired);
    }
    let effective = vector.find("inputs.effective_date_yymmdd");
    let (name, bit) = match effective {
        Some(_) => ("not_effective", TerminalVerificationResults::NOT_YET_EFFECTIVE),
        None => ("expired", TerminalVerificationResults::EXPIRED_APPLICATION),
    };
    let path = "inputs.expiration_date_yymmdd";
    let expiration = match effective {
        Some(_) if vector.find(path).is_none() => FAR,
        _ => vector.text(path)?,
    };
    let effective = effective.and_then(|node| node.0.as_str());
    let found = restrictions(&today, effective, expiration)?;
    let expected = vector.flag(&format!("expected.{name}"))?;
    // Dates that do not exist end the transaction: as good as over, as good as not begun.
    Problem::compare(name, expected, found.is_none_or(|bits| bits.contains(bit)))
}

/// What processing restrictions note about a card with these dates; `None` when they refuse it.
fn restrictions(
    today: &[u8],
    effective: Option<&str>,
    expiration: &str,
) -> Result<Option<TerminalVerificationResults>, Problem> {
    let mut memory = [0; DATABASE_LENGTH];
    let mut data = Database::new(&mut memory);
    let mut put = |tag, value: &[u8]| {
        let put = data.put_bytes(tag, value);
        data.told(put).map_err(|fault| unreadable("date", &fault.to_string()))
    };
    put(TRANSACTION_DATE.tag, today)?;
    let decode = |text| decode(text, "date");
    put(APPLICATION_EXPIRATION_DATE.tag, &decode(expiration)?)?;
    if let Some(effective) = effective {
        put(APPLICATION_EFFECTIVE_DATE.tag, &decode(effective)?)?;
    }
    let terminal = terminal();
    let mut findings = Findings::new(Events::NONE);
    let done =
        restrictions::process(&data, &terminal, TransactionType::Purchase, false, &mut findings);
    Ok(done.ok().map(|_receipt| findings.bits()))
}

const COUNTRY: Code = match Code::new(978) {
    Some(code) => code,
    None => unreachable!(),
};

/// A terminal without anything that matters here.
fn terminal() -> Terminal<'static> {
    Terminal {
        terminal_type: TerminalType(0x22),
        capabilities: TerminalCapabilities::EMPTY,
        additional_capabilities: AdditionalTerminalCapabilities::EMPTY,
        country: COUNTRY,
        ifd_serial_number: *b"00000000",
        data: &[],
        applications: &[],
        keys: &[],
        revocations: &[],
        options: Options::DEFAULT,
    }
}
