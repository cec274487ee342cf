//! Keys of certification authorities, and whether they are those that are needed.

use chipwright::config::{KeyFault, Terminal};
use chipwright::field::{OnlineCapability, TerminalCapabilities as Can};
use chipwright::value::Date;
use chipwright_entry_point::Combination;
use chipwright_harness::key_file::{self, KeyEntry, Refusal};
use std::collections::BTreeSet;

use super::Findings;

/// A key that ends so soon, in months, is worth a look.
const SOON: u16 = 6;
/// Keys as short as this, in bits, are of authorities that ended.
const SHORT: usize = 1024;

/// Registered providers.
pub(super) type Providers = BTreeSet<[u8; 5]>;

/// Checks every key by itself: checksum, last day, environment, form; says whose they are.
pub(super) fn check(text: &str, today: Date, findings: &mut Findings<'_>) -> Providers {
    if !text.contains("[[key]]") {
        return Providers::new();
    }
    let keys = match key_file::read(text) {
        Ok(keys) => keys,
        Err(error) => {
            let message = format!("key: {}", error.message);
            let place = error.place;
            findings.found.push(super::Finding { level: super::Level::Error, place, message });
            return Providers::new();
        }
    };
    let environment = environment(text);
    for (number, (key, verdict)) in
        keys.iter().zip(key_file::check(&keys, environment, today)).enumerate()
    {
        let path = format!("key.{number}");
        match verdict {
            Err(refusal) => {
                let path = format!("{path}{}", part(&refusal));
                findings.error(&path, format_args!("{}: {refusal}", name(key)));
            }
            Ok(()) => check_good(key, &path, today, findings),
        }
    }
    keys.iter().map(|key| key.rid).collect()
}

fn check_good(key: &KeyEntry, path: &str, today: Date, findings: &mut Findings<'_>) {
    let bits = 8 * key.modulus.len();
    if bits <= SHORT {
        findings.warning(&format!("{path}.modulus"), format_args!("{bits} bits"));
    }
    match key.expiry {
        None => findings.warning(path, format_args!("{}: no last day", name(key))),
        Some(last) => {
            let month = |date: Date| 12 * date.year() + u16::from(date.month());
            if month(last) < month(today) + SOON {
                let path = format!("{path}.expiry");
                findings.warning(&path, format_args!("{}: ends on {last}", name(key)));
            }
        }
    }
}

/// The side of the business that a file names.
fn environment(text: &str) -> chipwright::config::Environment {
    use chipwright::config::Environment::{Live, Test};
    let table = text.parse::<toml::Table>().unwrap_or_default();
    if table.get("environment").and_then(toml::Value::as_str) == Some("live") { Live } else { Test }
}

fn name(key: &KeyEntry) -> String {
    format!("{} {:02X}", hex::encode_upper(key.rid), key.index)
}

/// The key of the table that a refusal is about.
const fn part(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Fault(KeyFault::Modulus) => ".modulus",
        Refusal::Fault(KeyFault::Exponent) => ".exponent",
        Refusal::Fault(KeyFault::Checksum) => ".checksum",
        Refusal::Fault(KeyFault::Expired) => ".expiry",
        Refusal::Fault(KeyFault::Environment) => ".environment",
        _ => "",
    }
}

/// Whether payment systems and keys go together; the keys of the file itself are `own`.
pub(super) fn check_use(
    terminal: &Terminal<'_>,
    combinations: &[Combination<'_>],
    own: &Providers,
    findings: &mut Findings<'_>,
) {
    let provider = |aid: &[u8]| aid.first_chunk::<5>().copied();
    let held: Providers = terminal.keys.iter().map(|key| key.rid).chain(own.clone()).collect();
    let can = terminal.capabilities;
    let authenticates = can.intersects(Can::SDA | Can::DDA | Can::CDA);
    let decides = terminal.terminal_type.online_capability() != OnlineCapability::OnlineOnly;
    let slots = terminal.applications.iter().enumerate();
    let taps = combinations.iter().enumerate();
    let names = slots
        .map(|(number, application)| (format!("application.{number}.aid"), application.aid))
        .chain(taps.map(|(number, tap)| (format!("contactless.{number}.aid"), tap.aid)));
    for (path, aid) in names {
        let missing = provider(aid).is_some_and(|rid| !held.contains(&rid));
        if !(missing && authenticates) {
            continue;
        }
        if decides {
            findings.error(&path, "no key of its certification authority");
        } else {
            findings.warning(&path, "no key of its certification authority");
        }
    }
    for (number, revocation) in terminal.revocations.iter().enumerate() {
        if !held.contains(&revocation.rid) {
            let path = format!("revocation.{number}.rid");
            findings.warning(&path, "no key of this provider");
        }
    }
}
