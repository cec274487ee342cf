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
const RSA: usize = 14;
const DEVICES: usize = 16;

/// Kinds of business by their numbers: kernels alone, and with all that is around them; and one
/// operation under a key of 1984 bits, which has no parts.
const BUSINESS: [&str; 6] = ["sale", "sale, whole", "tap", "tap, whole", "batch", OPERATION];
const OPERATION: &str = "one RSA operation";

/// Stack and instructions.
pub(super) fn figures(rows: &[Row]) -> BTreeMap<String, u64> {
    let mut figures = BTreeMap::new();
    for row in rows {
        match *row {
            Row::Stack(bytes) => _ = figures.insert("stack".to_owned(), u64::from(bytes)),
            Row::Operation(bytes) => {
                figures.insert(format!("{OPERATION}, stack"), u64::from(bytes));
            }
            Row::Spent(business, account, ticks) if ticks > 0 => {
                let account = usize::from(account);
                let Some(business) = BUSINESS.get(usize::from(business)) else { continue };
                let Some(name) = ACCOUNTS.get(account) else { continue };
                let spent = instructions(ticks);
                // What the layer does lies between the events of the kernel, and has no phase.
                if !business.ends_with("whole") && *business != OPERATION {
                    figures.insert(format!("{business}: {name}"), spent);
                }
                if account != DEVICES {
                    *figures.entry((*business).to_owned()).or_default() += spent;
                }
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
    fn totals_leave_devices_out() {
        let rows = [
            Row::Stack(5000),
            Row::Spent(2, 0, 16),
            Row::Spent(2, 1, 160),
            Row::Spent(2, 13, 32),
            Row::Spent(2, 2, 0),
            Row::Spent(2, 14, 1600),
            Row::Spent(2, 16, 16),
            Row::Spent(5, 0, 32),
            Row::Operation(1000),
        ];
        let expected = [
            ("one RSA operation", 20),
            ("one RSA operation, stack", 1000),
            ("stack", 5000),
            ("tap", 1130),
            ("tap without RSA", 130),
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
