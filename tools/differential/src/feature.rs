//! What the cases met: none may be missed.

use chipwright::config::TransactionType;
use chipwright::cvm::Rule;
use chipwright::field::{TerminalVerificationResults as Tvr, TransactionStatusInformation as Tsi};
use chipwright::oda::Method;
use chipwright::reason::Reason;

use crate::case::{Cardholder, Case, Mode, Scheme, Script};
use crate::observation::{
    EXTERNAL_AUTHENTICATE, Ending, Exchange, GENERATE_AC, Observation, Request, SELECT, VERIFY,
};

/// Something that a case can meet: group, name, and how it shows with our kernel.
pub(crate) type Feature = (&'static str, &'static str, fn(&Case, &Observation) -> bool);

/// Every feature.
pub(crate) fn features() -> impl Iterator<Item = Feature> {
    [SELECTION, AUTHENTICATION, RESTRICTIONS, VERIFICATION, CONDITIONS, RISK, ACTIONS, ONLINE]
        .into_iter()
        .flatten()
        .copied()
}

const SELECTION: &[Feature] = &[
    ("selection", "directory", |case, _| case.card.pse),
    ("selection", "list of AIDs", |case, _| !case.card.pse),
    ("selection", "partial AID", |case, _| case.terminal.partial),
    ("selection", "two applications", |case, _| case.card.application.len() == 2),
    ("selection", "next occurrence", |_, ours| {
        let next = |exchange: &Exchange| exchange.command.get(3) == Some(&0x02);
        ours.with(SELECT).any(|exchange| next(exchange) && exchange.status() == 0x9000)
    }),
    ("selection", "confirmation", |case, _| case.application().confirmation),
    ("selection", "Visa", |case, _| case.application().scheme == Scheme::Visa),
    ("selection", "Mastercard", |case, _| case.application().scheme == Scheme::Mastercard),
    ("selection", "UnionPay", |case, _| case.application().scheme == Scheme::UnionPay),
    ("answers", "format 1", |case, _| case.application().format == 1),
    ("answers", "format 2", |case, _| case.application().format == 2),
    ("answers", "PDOL", |case, _| !case.application().pdol.is_empty()),
    ("terminal", "attended", |case, _| case.is_attended()),
    ("terminal", "unattended", |case, _| !case.is_attended()),
    ("terminal", "ATM", |case, _| is_atm(case)),
    ("terminal", "online only", |case, _| case.is_online_only()),
    ("terminal", "offline only", |case, _| case.is_offline_only()),
    ("terminal", "offline with online", |case, _| can_both(case)),
    ("business", "purchase", |case, _| case.business.kind == TransactionType::Purchase),
    ("business", "cashback", |case, _| case.business.kind == TransactionType::Cashback),
    ("business", "manual cash", |case, _| case.business.kind == TransactionType::ManualCash),
    ("business", "unattended cash", |case, _| {
        case.business.kind == TransactionType::UnattendedCash
    }),
];

const AUTHENTICATION: &[Feature] = &[
    ("ODA", "none in common", |_, ours| ours.method.is_none()),
    ("ODA", "SDA, good", |_, ours| authenticated(ours, Method::Sda, true)),
    ("ODA", "SDA, failed", |_, ours| authenticated(ours, Method::Sda, false)),
    ("ODA", "DDA, good", |_, ours| authenticated(ours, Method::Dda, true)),
    ("ODA", "DDA, failed", |_, ours| authenticated(ours, Method::Dda, false)),
    ("ODA", "CDA, good", |_, ours| authenticated(ours, Method::Cda, true)),
    ("ODA", "CDA, failed", |_, ours| authenticated(ours, Method::Cda, false)),
    ("ODA", "exponent 3", |case, ours| works_with_exponent(case, ours, "e3")),
    ("ODA", "exponent 65537", |case, ours| works_with_exponent(case, ours, "e65537")),
    ("ODA", "unknown authority", |case, ours| !case.terminal.knows_key && fails(ours)),
    ("ODA", "revoked certificate", |case, ours| case.terminal.revoked && fails(ours)),
    ("ODA", "expired certificate", |case, ours| {
        case.application().authentication.certificate_expiry == "1225" && fails(ours)
    }),
    ("ODA", "default DDOL", |case, ours| {
        case.application().authentication.ddol.is_empty() && authenticated(ours, Method::Dda, true)
    }),
];

const RESTRICTIONS: &[Feature] = &[
    ("restrictions", "versions differ", |_, ours| found(ours, Reason::ApplicationVersionsDiffer)),
    ("restrictions", "not at this kind of terminal", |_, ours| {
        found(ours, Reason::NotForThisKindOfTerminal)
    }),
    ("restrictions", "no cash at home", |case, ours| {
        is_domestic(case) && found(ours, Reason::CashNotAllowed)
    }),
    ("restrictions", "no cash abroad", |case, ours| {
        !is_domestic(case) && found(ours, Reason::CashNotAllowed)
    }),
    ("restrictions", "no purchase at home", |case, ours| {
        is_domestic(case) && found(ours, Reason::GoodsAndServicesNotAllowed)
    }),
    ("restrictions", "no purchase abroad", |case, ours| {
        !is_domestic(case) && found(ours, Reason::GoodsAndServicesNotAllowed)
    }),
    ("restrictions", "no cashback at home", |case, ours| {
        is_domestic(case) && found(ours, Reason::CashbackNotAllowed)
    }),
    ("restrictions", "no cashback abroad", |case, ours| {
        !is_domestic(case) && found(ours, Reason::CashbackNotAllowed)
    }),
    ("restrictions", "not yet effective", |_, ours| found(ours, Reason::BeforeEffectiveDate)),
    ("restrictions", "expired", |_, ours| found(ours, Reason::AfterExpirationDate)),
];

const VERIFICATION: &[Feature] = &[
    ("CVM", "no list", |_, ours| ours.cvm_results == Some([0x3F, 0x00, 0x00])),
    ("CVM", "fail", |_, ours| performed(ours, 0x00, None)),
    ("CVM", "plaintext PIN, right", |_, ours| performed(ours, 0x01, Some(2))),
    ("CVM", "plaintext PIN, wrong", |_, ours| performed(ours, 0x01, Some(1))),
    ("CVM", "online PIN", |_, ours| performed(ours, 0x02, Some(0))),
    ("CVM", "plaintext PIN and signature", |_, ours| performed(ours, 0x03, Some(0))),
    ("CVM", "enciphered PIN, right", |_, ours| performed(ours, 0x04, Some(2))),
    ("CVM", "enciphered PIN, wrong", |_, ours| performed(ours, 0x04, Some(1))),
    ("CVM", "enciphered PIN and signature", |_, ours| performed(ours, 0x05, Some(0))),
    ("CVM", "signature", |_, ours| performed(ours, 0x1E, Some(0))),
    ("CVM", "no CVM", |_, ours| performed(ours, 0x1F, Some(2))),
    ("CVM", "unknown method", |_, ours| found(ours, Reason::MethodNotRecognised)),
    ("CVM", "next rule after a failed one", |_, ours| ours.performed.len() > 1),
    ("CVM", "own PIN key", |case, ours| {
        case.application().authentication.pin_key.is_some() && enciphered(ours)
    }),
    ("CVM", "signature key for the PIN", |case, ours| {
        case.application().authentication.pin_key.is_none() && enciphered(ours)
    }),
    ("PIN", "wrong, then right", |_, ours| {
        ours.answered(VERIFY, |status| status & 0xFFF0 == 0x63C0)
            && ours.answered(VERIFY, |status| status == 0x9000)
    }),
    ("PIN", "wrong until blocked", |_, ours| ours.answered(VERIFY, |status| status == 0x63C0)),
    ("PIN", "blocked before", |case, ours| {
        case.tries_left() == 0 && found(ours, Reason::PinTryLimitExceeded)
    }),
    ("PIN", "bypassed", |case, ours| {
        case.cardholder == Cardholder::Bypasses && found(ours, Reason::PinBypassed)
    }),
    ("PIN", "pad missing", |_, ours| found(ours, Reason::PinPadMissing)),
];

const CONDITIONS: &[Feature] = &[
    ("condition", "always", |_, ours| condition(ours, 0x00)),
    ("condition", "unattended cash", |_, ours| condition(ours, 0x01)),
    ("condition", "no cash", |_, ours| condition(ours, 0x02)),
    ("condition", "supported", |_, ours| condition(ours, 0x03)),
    ("condition", "manual cash", |_, ours| condition(ours, 0x04)),
    ("condition", "cashback", |_, ours| condition(ours, 0x05)),
    ("condition", "under X", |_, ours| condition(ours, 0x06)),
    ("condition", "over X", |_, ours| condition(ours, 0x07)),
    ("condition", "under Y", |_, ours| condition(ours, 0x08)),
    ("condition", "over Y", |_, ours| condition(ours, 0x09)),
    ("condition", "unknown", |case, _| case.rules().any(|[_, condition]| condition > 0x09)),
];

const RISK: &[Feature] = &[
    ("risk", "below the floor limit", |_, ours| !found(ours, Reason::FloorLimitReached)),
    ("risk", "at the floor limit", |case, ours| {
        u64::from(case.terminal.floor_limit) == case.business.amount
            && found(ours, Reason::FloorLimitReached)
    }),
    ("risk", "above the floor limit", |case, _| {
        u64::from(case.terminal.floor_limit) < case.business.amount
    }),
    ("risk", "selected below the threshold", |case, ours| {
        is_below_threshold(case) && found(ours, Reason::RandomlySelected)
    }),
    ("risk", "selected above the threshold", |case, ours| {
        !is_below_threshold(case) && found(ours, Reason::RandomlySelected)
    }),
    ("risk", "not selected", |case, ours| {
        case.terminal.random_selection.maximum > 0 && !found(ours, Reason::RandomlySelected)
    }),
    ("velocity", "not wanted", |case, _| !has_limits(case)),
    ("velocity", "below the limits", |case, ours| {
        let over = Tvr::LOWER_OFFLINE_LIMIT_EXCEEDED | Tvr::UPPER_OFFLINE_LIMIT_EXCEEDED;
        has_limits(case) && !Tvr(ours.results).intersects(over)
    }),
    ("velocity", "lower limit alone", |_, ours| {
        found(ours, Reason::LowerOfflineLimitExceeded)
            && !found(ours, Reason::UpperOfflineLimitExceeded)
    }),
    ("velocity", "both limits", |_, ours| found(ours, Reason::UpperOfflineLimitExceeded)),
    ("velocity", "counter not given", |_, ours| found(ours, Reason::CountersUnavailable)),
    ("velocity", "counter went back", |_, ours| found(ours, Reason::CountersInconsistent)),
    ("velocity", "new card", |_, ours| found(ours, Reason::NewCard)),
];

const ACTIONS: &[Feature] = &[
    ("first GENERATE AC", "AAC", |_, ours| asks(ours, 0, 0x00, false)),
    ("first GENERATE AC", "TC", |_, ours| asks(ours, 0, 0x40, false)),
    ("first GENERATE AC", "TC, signed", |_, ours| asks(ours, 0, 0x40, true)),
    ("first GENERATE AC", "ARQC", |_, ours| asks(ours, 0, 0x80, false)),
    ("first GENERATE AC", "ARQC, signed", |_, ours| asks(ours, 0, 0x80, true)),
    ("first GENERATE AC", "ARQC for a TC", |_, ours| {
        answers(ours, 0, 0x80) && ours.request(0).is_some_and(|request| request.kind == 0x40)
    }),
    ("first GENERATE AC", "AAC for more", |_, ours| {
        answers(ours, 0, 0x00) && ours.request(0).is_some_and(|request| request.kind != 0x00)
    }),
    ("second GENERATE AC", "AAC", |_, ours| asks(ours, 1, 0x00, false)),
    ("second GENERATE AC", "TC", |_, ours| asks(ours, 1, 0x40, false)),
    ("second GENERATE AC", "TC, signed", |_, ours| asks(ours, 1, 0x40, true)),
    ("second GENERATE AC", "AAC for a TC", |_, ours| {
        answers(ours, 1, 0x00) && ours.request(1).is_some_and(|request| request.kind == 0x40)
    }),
    ("TDOL", "the card's", |case, _| case.application().cryptogram.tdol.is_some()),
    ("TDOL", "the terminal's", |_, ours| found(ours, Reason::DefaultTdolUsed)),
    ("ending", "approved offline", |_, ours| ends(ours, Ending::Approved, false)),
    ("ending", "declined offline", |_, ours| ends(ours, Ending::Declined, false)),
    ("ending", "approved after ARQC", |_, ours| ends(ours, Ending::Approved, true)),
    ("ending", "declined after ARQC", |_, ours| ends(ours, Ending::Declined, true)),
    ("ending", "approved, unable to go online", |case, ours| {
        is_unreachable(case) && ends(ours, Ending::Approved, true)
    }),
    ("ending", "declined, unable to go online", |case, ours| {
        is_unreachable(case) && ends(ours, Ending::Declined, true)
    }),
];

const ONLINE: &[Feature] = &[
    ("issuer", "approves", |case, ours| case.issuer.mode == Mode::Approves && went_online(ours)),
    ("issuer", "declines", |case, ours| case.issuer.mode == Mode::Declines && went_online(ours)),
    ("issuer", "unreachable", |case, ours| is_unreachable(case) && answers(ours, 0, 0x80)),
    ("issuer", "authenticated", |_, ours| authenticates_issuer(ours, 0x9000)),
    ("issuer", "not authenticated", |_, ours| authenticates_issuer(ours, 0x6300)),
    ("issuer", "answer in CDOL2", |case, ours| {
        case.application().cryptogram.issuer_authentication == "in-cdol2" && went_online(ours)
    }),
    ("issuer", "authentication mandatory", |case, ours| {
        case.application().cryptogram.issuer_authentication_mandatory && went_online(ours)
    }),
    ("scripts", "71, good", |case, ours| script(case, ours, 0x71, false)),
    ("scripts", "71, failed", |case, ours| script(case, ours, 0x71, true)),
    ("scripts", "72, good", |case, ours| script(case, ours, 0x72, false)),
    ("scripts", "72, failed", |case, ours| script(case, ours, 0x72, true)),
    ("scripts", "several", |_, ours| ours.script_results.len() > 5),
    ("scripts", "warning", |case, ours| {
        let warns = |(command, status): &(Vec<u8>, u16)| {
            matches!(status >> 8, 0x62 | 0x63)
                && ours.exchanges.iter().any(|exchange| exchange.command == *command)
        };
        case.issuer.scripts.iter().flat_map(|script| &script.commands).any(warns)
    }),
];

fn is_atm(case: &Case) -> bool {
    matches!(case.terminal.kind, 0x14..=0x16) && case.terminal.additional[0] & 0x80 != 0
}

fn can_both(case: &Case) -> bool {
    !case.is_online_only() && !case.is_offline_only()
}

fn is_domestic(case: &Case) -> bool {
    case.application().account.country == case.terminal.country
}

fn is_below_threshold(case: &Case) -> bool {
    case.business.amount < u64::from(case.terminal.random_selection.threshold)
}

fn has_limits(case: &Case) -> bool {
    let limits = case.application().limits;
    limits.lower.is_some() && limits.upper.is_some()
}

fn is_unreachable(case: &Case) -> bool {
    case.issuer.mode == Mode::Unreachable
}

fn found(ours: &Observation, reason: Reason) -> bool {
    ours.reasons.contains(&reason)
}

fn authenticated(ours: &Observation, method: Method, good: bool) -> bool {
    ours.method == Some(method) && ours.authenticated == Some(good)
}

fn fails(ours: &Observation) -> bool {
    ours.authenticated == Some(false)
}

fn works_with_exponent(case: &Case, ours: &Observation, exponent: &str) -> bool {
    let keys = &case.application().authentication;
    let all = [keys.ca_key, keys.issuer_key, keys.icc_key];
    ours.authenticated == Some(true) && all.iter().all(|key| key.ends_with(exponent))
}

/// Whether this method was performed last, with this outcome.
fn performed(ours: &Observation, method: u8, outcome: Option<u8>) -> bool {
    let [code, _, last] = ours.cvm_results.unwrap_or_default();
    ours.performed.last().is_some_and(|rule| rule.code & 0x3F == method)
        && code & 0x3F == method
        && outcome.is_none_or(|outcome| outcome == last)
}

fn condition(ours: &Observation, condition: u8) -> bool {
    ours.performed.iter().any(|rule: &Rule| rule.condition == condition)
}

fn enciphered(ours: &Observation) -> bool {
    let mut verified = ours.with(VERIFY);
    verified.any(|exchange| exchange.command.get(3) == Some(&0x88) && exchange.status() == 0x9000)
}

fn asks(ours: &Observation, number: usize, kind: u8, signed: bool) -> bool {
    ours.request(number) == Some(Request { kind, signed })
}

fn answers(ours: &Observation, number: usize, kind: u8) -> bool {
    ours.with(GENERATE_AC).nth(number).is_some_and(|exchange| exchange.cryptogram() == Some(kind))
}

fn ends(ours: &Observation, ending: Ending, after_request: bool) -> bool {
    ours.ending == Some(ending) && (ours.with(GENERATE_AC).count() > 1) == after_request
}

fn went_online(ours: &Observation) -> bool {
    ours.host.is_some()
}

fn authenticates_issuer(ours: &Observation, answer: u16) -> bool {
    ours.answered(EXTERNAL_AUTHENTICATE, |status| status == answer)
        && Tsi(ours.status).contains(Tsi::ISSUER_AUTHENTICATION_PERFORMED)
}

/// Whether a script with commands was processed, and whether one failed.
fn script(case: &Case, ours: &Observation, template: u8, failed: bool) -> bool {
    let bit = if template == 0x71 { Tvr::SCRIPT_FAILED_BEFORE } else { Tvr::SCRIPT_FAILED_AFTER };
    let sent = |script: &Script| {
        let first = script.commands.first().map(|(command, _)| command);
        script.template == template
            && ours.exchanges.iter().any(|exchange| Some(&exchange.command) == first)
    };
    case.issuer.scripts.iter().any(sent) && Tvr(ours.results).contains(bit) == failed
}
