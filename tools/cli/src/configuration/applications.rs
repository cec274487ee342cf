//! Applications of the slot: names, limits, action codes, default lists.

use chipwright::config::{Application, Terminal};
use chipwright::dictionary::emv::UNPREDICTABLE_NUMBER;
use chipwright::dol::Dol;
use chipwright::field::{
    OnlineCapability, TerminalCapabilities as Can, TerminalVerificationResults as Tvr,
};

use super::Findings;

/// Checks every application.
pub(super) fn check(terminal: &Terminal<'_>, findings: &mut Findings<'_>) {
    for (number, application) in terminal.applications.iter().enumerate() {
        let path = format!("application.{number}");
        check_name(application, &path, findings);
        let before = terminal.applications.iter().take(number);
        check_order(application, before, &path, findings);
        check_limits(terminal, application, &path, findings);
        check_action_codes(terminal, application, &path, findings);
        check_lists(terminal, application, &path, findings);
    }
}

/// The shape of an Application Identifier. [B1 12.2.1]
pub(super) fn check_shape(aid: &[u8], path: &str, findings: &mut Findings<'_>) {
    let category = aid.first().map_or(0, |byte| byte >> 4);
    if !matches!(category, 0xA | 0xD | 0xF) {
        findings.warning(
            path,
            format_args!("begins with {category:X}: neither international (A), national (D) nor unregistered (F)"),
        );
    }
    if aid.len() > 5 && aid.ends_with(&[0xFF]) {
        findings.warning(path, "ends in FF: padding, perhaps");
    }
}

fn check_name(application: &Application<'_>, path: &str, findings: &mut Findings<'_>) {
    let path = format!("{path}.aid");
    check_shape(application.aid, &path, findings);
    if application.aid.len() == 5 && !application.partial_match {
        findings.warning(&path, "a provider alone, exactly: cards have longer names");
    }
}

fn check_order<'a>(
    application: &Application<'_>,
    mut before: impl Iterator<Item = &'a Application<'a>>,
    path: &str,
    findings: &mut Findings<'_>,
) {
    let path = format!("{path}.aid");
    if let Some(earlier) = before.find(|earlier| {
        earlier.aid == application.aid
            || (earlier.partial_match && application.aid.starts_with(earlier.aid))
    }) {
        if earlier.aid == application.aid {
            findings.error(&path, "is there twice");
        } else {
            let name = hex::encode_upper(earlier.aid);
            findings.warning(&path, format_args!("comes after {name}, which takes its cards"));
        }
    }
}

fn check_limits(
    terminal: &Terminal<'_>,
    application: &Application<'_>,
    path: &str,
    findings: &mut Findings<'_>,
) {
    let random = application.random_selection;
    let selects = random.maximum > 0;
    let random_path = format!("{path}.random_selection");
    let floor = application.floor_limit;
    match terminal.terminal_type.online_capability() {
        OnlineCapability::OfflineWithOnline => {
            if selects && random.threshold > floor {
                let threshold = random.threshold;
                findings.error(
                    &random_path,
                    format_args!(
                        "threshold {threshold} above the floor limit {floor}: never biased"
                    ),
                );
            }
            // [B3 10.6.2]
            if !selects && floor > 0 {
                findings.warning(
                    path,
                    "nothing below the floor limit is selected at random for going online",
                );
            }
        }
        OnlineCapability::OfflineOnly if selects => {
            findings.warning(&random_path, "the terminal never goes online, whatever is selected");
        }
        OnlineCapability::OnlineOnly if selects => {
            findings.warning(&random_path, "the terminal goes online anyway");
        }
        _ => {}
    }
}

fn check_action_codes(
    terminal: &Terminal<'_>,
    application: &Application<'_>,
    path: &str,
    findings: &mut Findings<'_>,
) {
    let codes = application.action_codes;
    for (code, name) in
        [(codes.denial, "denial"), (codes.online, "online"), (codes.default, "default")]
    {
        let reserved = code.set_bits().filter(|(.., meaning)| meaning.is_none());
        let reserved: Vec<_> = reserved.map(|(byte, bit, _)| format!("[{byte}:{bit}]")).collect();
        if !reserved.is_empty() {
            let path = format!("{path}.action_codes.{name}");
            findings.error(&path, format_args!("reserved bits are set: {}", reserved.join(" ")));
        }
    }
    let path = format!("{path}.action_codes");
    let mut always = codes.denial;
    always.clear(Tvr::SERVICE_NOT_ALLOWED | Tvr::EXPIRED_APPLICATION | Tvr::NOT_YET_EFFECTIVE);
    if always.contains(Tvr::FLOOR_LIMIT_EXCEEDED) {
        findings.warning(&path, "denial: the floor limit declines instead of going online");
    }
    if terminal.terminal_type.online_capability() == OnlineCapability::OnlineOnly {
        return;
    }
    if codes.default == Tvr::EMPTY {
        findings.warning(&path, "default: nothing declines where the issuer cannot be asked");
    }
    if terminal.terminal_type.online_capability() != OnlineCapability::OfflineWithOnline {
        return;
    }
    if codes.online == Tvr::EMPTY {
        findings.warning(&path, "online: nothing goes online for what was found");
    } else if !codes.online.contains(Tvr::FLOOR_LIMIT_EXCEEDED) {
        findings.warning(&path, "online: not even the floor limit goes online");
    }
    let mut unasked = codes.default;
    unasked.clear(codes.online | codes.denial);
    let unasked: Vec<_> =
        unasked.set_bits().map(|(byte, bit, _)| format!("[{byte}:{bit}]")).collect();
    if !unasked.is_empty() {
        findings.warning(
            &path,
            format_args!("default declines for what is never asked online: {}", unasked.join(" ")),
        );
    }
}

fn check_lists(
    terminal: &Terminal<'_>,
    application: &Application<'_>,
    path: &str,
    findings: &mut Findings<'_>,
) {
    let dynamic = terminal.capabilities.contains(Can::DDA);
    match application.default_ddol {
        None if dynamic => {
            findings.warning(path, "no `default_ddol` for cards that have no list of their own");
        }
        Some(list) => {
            let mut entries = Dol::new(list).entries().flatten();
            if !entries.any(|entry| entry.tag == UNPREDICTABLE_NUMBER.tag) {
                // [B2 6.5.1]
                let path = format!("{path}.default_ddol");
                findings.error(&path, "without 9F37: every dynamic signature by it fails");
            }
        }
        None => {}
    }
    if application.default_tdol.is_none() {
        findings.warning(path, "no `default_tdol` for cards that have no list of their own");
    }
}
