//! A memory for transaction counters. [H 13]

use chipwright::crypto::Hash;
use chipwright::hardening::Counters;
use chipwright::value::Pan;
use core::cell::Cell;
use core::fmt;

/// The transaction counters (9F36) of the last `N` accounts that were approved offline, for
/// [`Profile::counters`](chipwright::hardening::Profile::counters). [H 13]
///
/// Accounts are kept as the beginning of a hash over number and sequence number. It is a memory in
/// RAM: a terminal that keeps one over power failures implements [`Counters`] by itself.
pub struct LastCounters<'h, const N: usize> {
    hash: &'h dyn Hash,
    entries: Cell<[Entry; N]>,
    next: Cell<usize>,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    account: Option<[u8; 8]>,
    counter: u16,
}

impl<const N: usize> fmt::Debug for LastCounters<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastCounters")
    }
}

impl<'h, const N: usize> LastCounters<'h, N> {
    /// Nothing is remembered yet.
    pub const fn new(hash: &'h dyn Hash) -> Self {
        let none = Entry { account: None, counter: 0 };
        Self { hash, entries: Cell::new([none; N]), next: Cell::new(0) }
    }

    fn account(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> Option<[u8; 8]> {
        let mut account = zeroize::Zeroizing::new([0xFF; 20]);
        let (number, digits) = account.split_first_mut()?;
        *number = sequence_number.unwrap_or(0xFF);
        digits.iter_mut().zip(pan.digits()).for_each(|(place, digit)| *place = digit);
        let hash = self.hash.sha1(&mut core::iter::once(&account[..]));
        hash.first_chunk().copied()
    }
}

impl<const N: usize> Counters for LastCounters<'_, N> {
    fn highest(&self, pan: Pan<'_>, sequence_number: Option<u8>) -> Option<u16> {
        let account = self.account(pan, sequence_number)?;
        let entries = self.entries.get();
        let found = entries.iter().find(|entry| entry.account == Some(account));
        found.map(|entry| entry.counter)
    }

    fn remember(&self, pan: Pan<'_>, sequence_number: Option<u8>, counter: u16) {
        let Some(account) = self.account(pan, sequence_number) else { return };
        let mut entries = self.entries.get();
        let known = entries.iter_mut().find(|entry| entry.account == Some(account));
        if let Some(entry) = known {
            entry.counter = entry.counter.max(counter);
        } else {
            let next = self.next.get();
            self.next.set(next.saturating_add(1));
            if let Some(entry) = next.checked_rem(N).and_then(|place| entries.get_mut(place)) {
                *entry = Entry { account: Some(account), counter };
            }
        }
        self.entries.set(entries);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright_rustcrypto::RustCrypto;

    /// [H 13]
    #[test]
    fn the_highest_counter_of_an_account_is_remembered() {
        let counters = LastCounters::<2>::new(&RustCrypto);
        let [one, other, third] = [[0x47, 0x61], [0x47, 0x62], [0x47, 0x63]];
        let [one, other, third] = [&one, &other, &third].map(|bytes| Pan::new(bytes).unwrap());
        assert_eq!(counters.highest(one, None), None);
        counters.remember(one, Some(1), 7);
        counters.remember(one, Some(1), 5);
        counters.remember(other, Some(1), 3);
        assert_eq!(counters.highest(one, Some(1)), Some(7));
        assert_eq!(counters.highest(one, Some(2)), None);
        assert_eq!(counters.highest(one, None), None);
        assert_eq!(counters.highest(other, Some(1)), Some(3));
        // The oldest makes room.
        counters.remember(third, None, 1);
        assert_eq!(counters.highest(one, Some(1)), None);
        assert_eq!(counters.highest(third, None), Some(1));
        assert_eq!(format!("{counters:?}"), "LastCounters");
    }
}
