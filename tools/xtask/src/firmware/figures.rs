//! What a run cost, by names.

use std::collections::BTreeMap;

use super::emulator::instructions;
use super::row::Row;

/// Accounts of the firmware's meter by their numbers: the phases, and what is counted apart.
const ACCOUNTS: [&str; 17] = [
    "before the kernel",
    "Application Selection",
    "Initiate Application Processing",
    "Read Application Data",
    "Offline Data Authentication",
    "Processing Restrictions",
    "Cardholder Verification",
    "Terminal Risk Management",
    "Terminal Action Analysis",
    "Card Action Analysis",
    "Online Processing",
    "Issuer-to-Card Script Processing",
    "Completion",
    "after the kernel",
    "RSA",
    "hashing",
    "devices",
];
/// Those of the terminal layer.
const LAYER: [usize; 2] = [0, 13];
const RSA: usize = 14;
const DEVICES: usize = 16;

/// Kinds of business by their numbers.
const BUSINESS: [&str; 3] = ["sale", "tap", "batch"];

/// Stack and instructions.
pub(super) fn figures(rows: &[Row]) -> BTreeMap<String, u64> {
    let mut figures = BTreeMap::new();
    for row in rows {
        match *row {
            Row::Stack(bytes) => _ = figures.insert("stack".to_owned(), u64::from(bytes)),
            Row::Spent(business, account, ticks) if ticks > 0 => {
                let account = usize::from(account);
                let Some(business) = BUSINESS.get(usize::from(business)) else { continue };
                let Some(name) = ACCOUNTS.get(account) else { continue };
                let spent = instructions(ticks);
                figures.insert(format!("{business}: {name}"), spent);
                let total = match account {
                    DEVICES => continue,
                    account if LAYER.contains(&account) => format!("{business}, terminal layer"),
                    _ => (*business).to_owned(),
                };
                *figures.entry(total).or_default() += spent;
            }
            _ => {}
        }
    }
    for business in BUSINESS {
        let rsa = figures.get(&format!("{business}: {}", ACCOUNTS[RSA])).copied();
        if let (Some(rsa), Some(total)) = (rsa, figures.get(business)) {
            figures.insert(format!("{business} without RSA"), total - rsa);
        }
    }
    figures
}

/// Whether the figure is a part of another one.
pub(super) fn is_part(what: &str) -> bool {
    what.contains(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_of_kernel_and_layer_without_devices() {
        let rows = [
            Row::Stack(5000),
            Row::Spent(1, 0, 16),
            Row::Spent(1, 1, 160),
            Row::Spent(1, 13, 32),
            Row::Spent(1, 2, 0),
            Row::Spent(1, 14, 1600),
            Row::Spent(1, 16, 16),
        ];
        let expected = [
            ("stack", 5000),
            ("tap", 1100),
            ("tap without RSA", 100),
            ("tap, terminal layer", 30),
            ("tap: after the kernel", 20),
            ("tap: before the kernel", 10),
            ("tap: Application Selection", 100),
            ("tap: RSA", 1000),
            ("tap: devices", 10),
        ];
        let expected = expected.map(|(what, figure)| (what.to_owned(), figure));
        assert_eq!(figures(&rows), BTreeMap::from(expected));
    }
}
