//! Processing Restrictions: expiry, date of effect, exception file. [C7 4.7]
//!
//! Reads: dates (5F24, 5F25), account (5A or 57, 5F34), Card Transaction Qualifiers (9F6C).

use crate::field::CardTransactionQualifiers as Ctq;
use crate::{Exit, QuickPass, Reason};
use chipwright::dictionary::emv::{
    APPLICATION_EFFECTIVE_DATE, APPLICATION_EXPIRATION_DATE, PAN, PAN_SEQUENCE_NUMBER,
};
use chipwright::fault::Failed;
use chipwright::field::TerminalVerificationResults as Tvr;
use chipwright::object::{Object, Value};
use chipwright::value::{Date, Pan};

/// Receipt: the restrictions were checked, and nothing declines.
#[must_use = "an outcome demands it"]
#[derive(Clone, Copy)]
pub(crate) struct Restricted(Validity);

impl Restricted {
    /// Whether the issuer has to decide.
    pub(crate) fn goes_online(self) -> bool {
        self.0 == Validity::Expired
    }
}

/// What the dates say, when they do not decline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Validity {
    Valid,
    /// Expired, and the issuer decides.
    Expired,
}

/// What the dates are judged by.
#[derive(Clone, Copy, Debug)]
struct Dates {
    today: Date,
    expiration: Option<Date>,
    /// None when it is not to be looked at, too.
    effective: Option<Date>,
    /// The card wants to go online when it has expired, and the terminal can.
    online_if_expired: bool,
}

/// Judges the dates that are known. [C7 4.7]
fn judge(dates: &Dates) -> Result<Validity, Reason> {
    // [C7 4.7 effective]
    if dates.effective.is_some_and(|effective| effective > dates.today) {
        return Err(Reason::NotYetEffective);
    }
    // [C7 4.7 expired]
    match dates.expiration.is_some_and(|last| dates.today > last) {
        false => Ok(Validity::Valid),
        true if dates.online_if_expired => Ok(Validity::Expired),
        true => Err(Reason::Expired),
    }
}

impl QuickPass<'_, '_, '_> {
    /// Checks what is known: as soon as it is, and (`all_read`) in the end. What declines, declines.
    /// [C7 4.6, 4.7]
    pub(crate) fn check_restrictions(&mut self, all_read: bool) -> Result<Restricted, Exit> {
        let data = &self.link.data;
        let qualifiers = self.card_qualifiers().unwrap_or_default();
        let effective = self.date(APPLICATION_EFFECTIVE_DATE)?;
        let judged = judge(&Dates {
            today: self.activation.transaction.date,
            expiration: self.date(APPLICATION_EXPIRATION_DATE)?,
            effective: effective.filter(|_| self.configuration.effective_date),
            online_if_expired: qualifiers.contains(Ctq::ONLINE_IF_EXPIRED) && self.online_capable(),
        });
        // Without a sequence number there is none to wait for.
        let account_known = all_read || data.bytes(PAN_SEQUENCE_NUMBER.tag).is_some();
        let (reason, tag, result) = match judged {
            Err(Reason::Expired) => {
                (Reason::Expired, APPLICATION_EXPIRATION_DATE.tag, Tvr::EXPIRED_APPLICATION)
            }
            Err(reason) => (reason, APPLICATION_EFFECTIVE_DATE.tag, Tvr::NOT_YET_EFFECTIVE),
            // [C7 4.7 exception-file]
            Ok(_) if account_known && self.is_on_exception_file() => {
                (Reason::OnExceptionFile, PAN.tag, Tvr::ON_EXCEPTION_FILE)
            }
            Ok(Validity::Expired) if all_read => {
                (Reason::ExpiredOnline, APPLICATION_EXPIRATION_DATE.tag, Tvr::EXPIRED_APPLICATION)
            }
            Ok(validity) => return Ok(Restricted(validity)),
        };
        self.add_results(result)?;
        self.tell(reason, Some(tag));
        match judged {
            Ok(validity) if reason == Reason::ExpiredOnline => Ok(Restricted(validity)),
            _ => Err(Exit::Concluded(crate::Conclusion::Declined)),
        }
    }

    /// A date of the card, if it gives it.
    #[inline(never)]
    pub(crate) fn date(&self, object: Object<Date>) -> Result<Option<Date>, Failed> {
        self.link.data.get(object)
    }

    /// Whether the terminal does not accept the account; none is known, none is listed.
    fn is_on_exception_file(&self) -> bool {
        let Some(history) = self.activation.transaction.history else {
            return false;
        };
        let data = &self.link.data;
        let sequence_number = data.bytes(PAN_SEQUENCE_NUMBER.tag).and_then(u8::decode);
        let track = self.account_of_track();
        let accounts = [data.bytes(PAN.tag), track.as_ref().map(|(pan, _)| &pan[..])];
        let mut accounts = accounts.into_iter().flatten().filter_map(Pan::new);
        accounts.any(|pan| history.on_exception_file(pan, sequence_number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every order of today and the two dates, present or not, with and without the way online.
    /// [C7 4.7 expired, effective]
    #[test]
    fn dates_are_judged_by_the_table() {
        let day = |day| Date::new(2026, 1, day).unwrap();
        let today = day(15);
        let dates = [None, Some(day(14)), Some(today), Some(day(16))];
        for (place, expiration) in dates.into_iter().enumerate() {
            for (other, effective) in dates.into_iter().enumerate() {
                for online_if_expired in [false, true] {
                    let expected = match (other, place, online_if_expired) {
                        (3, ..) => Err(Reason::NotYetEffective),
                        (_, 1, true) => Ok(Validity::Expired),
                        (_, 1, false) => Err(Reason::Expired),
                        _ => Ok(Validity::Valid),
                    };
                    let dates = Dates { today, expiration, effective, online_if_expired };
                    assert_eq!(judge(&dates), expected, "{dates:?}");
                }
            }
        }
    }
}
