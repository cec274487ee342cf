//! Known deviations of the peer that can be undone: when both kernels do the same afterwards, the
//! deviation was all there was between them.

use chipwright::config::TransactionType;
use chipwright::oda::Method;

use crate::case::{Cardholder, Case, bytes, entries};
use crate::observation::{Observation, VERIFY};

/// A deviation of the peer, by the name of its class in `docs/differential.md`.
///
/// It is undone on one side: the peer gets a case in which it has no occasion to deviate, or our
/// kernel gets one in which the rule that the peer passes over asks for nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Adjustment {
    /// Our side: a PIN is asked for once, and serves every method.
    PinAskedOnce,
    /// Our side: the card's key for signatures does not encipher PINs unless CDA recovered it.
    NoPinKeyUnderDda,
    /// Our side: no object that comes up later, or from the card or the issuer, is listed.
    ListsFilledWithZeros,
    /// Our side: no CVM list is promised where there is none, no counter is missing.
    MissingDataNotNoted,
    /// The peer: no signature is claimed where nobody is to take it.
    SignatureUnattended,
    /// The peer: no number is drawn at a terminal that cannot go online.
    RandomSelectionOfflineOnly,
    /// The peer: dates of the last century become dates of this one, on the same side of today.
    Century,
    /// The peer: the authority's key is unknown, which ends as a revoked certificate does.
    RevokedPinKey,
    /// The peer: manual cash is put into the conditions.
    ManualCash,
    /// The peer: methods of EMV 4.4 become methods that nobody knows.
    Biometrics,
    /// The peer: its host says Z3.
    OnlineOnlyUnable,
    /// Our side: there are tries left, so that the PIN is asked for, and bypassed.
    BypassAfterLimit,
    /// The peer: the card has a directory.
    NoSelectNext,
}

impl Adjustment {
    pub(crate) const ALL: [Self; 13] = [
        Self::ListsFilledWithZeros,
        Self::PinAskedOnce,
        Self::NoPinKeyUnderDda,
        Self::MissingDataNotNoted,
        Self::SignatureUnattended,
        Self::RandomSelectionOfflineOnly,
        Self::Century,
        Self::RevokedPinKey,
        Self::ManualCash,
        Self::Biometrics,
        Self::OnlineOnlyUnable,
        Self::BypassAfterLimit,
        Self::NoSelectNext,
    ];

    /// Name of the class, and the section that decides it.
    pub(crate) const fn class(self) -> (&'static str, &'static str) {
        match self {
            Self::PinAskedOnce => ("pin-asked-once", "B3 10.5.1"),
            Self::NoPinKeyUnderDda => ("no-pin-key-under-dda", "B2 7.1"),
            Self::ListsFilledWithZeros => ("lists-filled-with-zeros", "B3 5.4"),
            Self::MissingDataNotNoted => ("missing-data-not-noted", "B3 7.5"),
            Self::SignatureUnattended => ("signature-unattended", "B4 A2"),
            Self::RandomSelectionOfflineOnly => ("random-selection-offline-only", "B3 10.6.2"),
            Self::Century => ("century", "B4 6.7.3"),
            Self::RevokedPinKey => ("revoked-pin-key", "B2 7.1"),
            Self::ManualCash => ("manual-cash", "B3 C3"),
            Self::Biometrics => ("biometrics", "B3 10.5"),
            Self::OnlineOnlyUnable => ("online-only-unable", "B4 6.3.8"),
            Self::BypassAfterLimit => ("bypass-after-limit", "B3 10.5.1"),
            Self::NoSelectNext => ("no-select-next", "B1 12.3.3"),
        }
    }

    /// Whether the peer may deviate in this way.
    pub(crate) fn applies(self, case: &Case, ours: &Observation) -> bool {
        let application = case.application();
        let capabilities = case.terminal.capabilities[1];
        match self {
            Self::PinAskedOnce => {
                let wrong = ours.answered(VERIFY, |status| matches!(status, 0x63C1..=0x63CF));
                let right = application.verification.pin;
                let other = |pins: &[&str]| pins.iter().any(|pin| *pin != right);
                wrong || matches!(&case.cardholder, Cardholder::Enters(pins) if other(pins))
            }
            Self::NoPinKeyUnderDda => {
                application.authentication.pin_key.is_none() && ours.method != Some(Method::Cda)
            }
            Self::ListsFilledWithZeros => true,
            Self::MissingDataNotNoted => {
                let no_rules = case.lacks("8E") || application.objects.contains_key("8E");
                (no_rules && !application.verification.rules.is_empty()) || case.lacks("9F13")
            }
            Self::SignatureUnattended => !case.is_attended() && capabilities & 0x20 != 0,
            Self::RandomSelectionOfflineOnly => case.is_offline_only(),
            Self::Century => {
                let account = &application.account;
                let dates = [account.expiry, account.effective];
                dates.iter().any(|date| date.starts_with('9'))
                    || application.authentication.certificate_expiry.ends_with("95")
            }
            Self::RevokedPinKey => case.terminal.revoked,
            Self::ManualCash => case.business.kind == TransactionType::ManualCash,
            Self::Biometrics => case.rules().any(|[code, _]| code & 0x3F == 0x06),
            Self::OnlineOnlyUnable => case.is_online_only(),
            Self::NoSelectNext => !case.card.pse && case.card.application.len() > 1,
            Self::BypassAfterLimit => {
                case.cardholder == Cardholder::Bypasses && case.tries_left() == 0
            }
        }
    }

    /// The case as our kernel gets it.
    pub(crate) fn for_ours(self, case: &mut Case) {
        let application = case.application_mut();
        match self {
            Self::ListsFilledWithZeros => {
                let lists = &mut application.cryptogram;
                lists.cdol1 = without_later(&lists.cdol1);
                lists.cdol2 = without_later(&lists.cdol2);
            }
            // A certificate of the right length that is none.
            Self::NoPinKeyUnderDda => {
                let length = application.authentication.issuer_key_length();
                application.objects.insert("9F2D", "00".repeat(length));
                application.objects.insert("9F2E", "03".to_owned());
            }
            Self::BypassAfterLimit => {
                application.verification.pin_tries_left = application.verification.pin_try_limit;
            }
            Self::MissingDataNotNoted => {
                if application.omit.contains(&"8E") || application.objects.contains_key("8E") {
                    application.omit.retain(|tag| *tag != "8E");
                    application.objects.remove("8E");
                    application.verification.rules.clear();
                }
                // As if the last transaction online were not over yet.
                if application.omit.contains(&"9F13") {
                    application.omit.retain(|tag| *tag != "9F13");
                    application.cryptogram.last_online_atc = u16::MAX;
                }
            }
            _ => {}
        }
    }

    /// The case as the peer gets it.
    pub(crate) fn for_peer(self, case: &mut Case) {
        match self {
            Self::SignatureUnattended => case.terminal.capabilities[1] &= !0x20,
            Self::NoSelectNext => case.card.pse = true,
            Self::Century => {
                let application = case.application_mut();
                let replace = |date: &mut &'static str, this| {
                    if date.starts_with('9') {
                        *date = this;
                    }
                };
                replace(&mut application.account.expiry, "251231");
                replace(&mut application.account.effective, "200101");
                if application.authentication.certificate_expiry.ends_with("95") {
                    application.authentication.certificate_expiry = "1225";
                }
            }
            Self::RevokedPinKey => {
                (case.terminal.revoked, case.terminal.knows_key) = (false, false);
            }
            Self::ManualCash => {
                // Manual cash: always. Anything but cash: a condition that nobody knows.
                let rules = &mut case.application_mut().verification.rules;
                change(rules, |[code, condition]| match condition {
                    0x04 => [code, 0x00],
                    0x02 => [code, 0x0A],
                    _ => [code, condition],
                });
            }
            Self::Biometrics => {
                let rules = &mut case.application_mut().verification.rules;
                change(rules, |[code, condition]| match code & 0x3F {
                    0x06 => [code & 0x40 | 0x20, condition],
                    _ => [code, condition],
                });
            }
            _ => {}
        }
    }
}

/// The list with objects that nobody knows in the place of those that the peer does not look up.
fn without_later(list: &str) -> String {
    let unknown = |(tag, length): (u32, usize)| match tag {
        0x8A | 0x91 | 0x9F34 | 0x9F45 | 0x9F4C => format!("9F7E{length:02X}"),
        tag => format!("{tag:02X}{length:02X}"),
    };
    entries(&bytes(list)).into_iter().map(unknown).collect()
}

fn change(rules: &mut [String], change: impl Fn([u8; 2]) -> [u8; 2]) {
    for rule in rules {
        let old = bytes(rule).try_into().expect("a rule is two bytes");
        *rule = hex::encode_upper(change(old));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_length() {
        assert_eq!(without_later("95058A029F37049F3403"), "95059F7E029F37049F7E03");
    }

    #[test]
    fn rules_are_changed_one_by_one() {
        let mut rules = vec!["4204".to_owned(), "1F02".to_owned()];
        change(&mut rules, |[code, condition]| [code, if condition == 4 { 0 } else { condition }]);
        assert_eq!(rules, ["4200", "1F02"]);
    }
}
