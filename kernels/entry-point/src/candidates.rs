//! The candidate list, read out of the directory. [B 3.3.2.4, 3.3.2.5, 3.3.3.1, 3.3.3.2]
//!
//! Candidates are ordered once and for all: by priority, by place in the directory, by place of
//! the combination in the configuration. So no list is kept: the next candidate is the first
//! behind the one that was tried, and a directory of any size fits.

use crate::configuration::Combination;
use chipwright::contactless::{EntryPassed, KernelId};
use chipwright::dictionary::emv::template::{
    APPLICATION_TEMPLATE, FCI_ISSUER_DISCRETIONARY_DATA, FCI_PROPRIETARY_TEMPLATE, FCI_TEMPLATE,
};
use chipwright::dictionary::emv::{ADF_NAME, APPLICATION_PRIORITY_INDICATOR};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};

/// Extended Selection (9F29).
const EXTENDED_SELECTION: Tag = Tag(0x9F29);
/// Kernel Identifier (9F2A).
const KERNEL_IDENTIFIER: Tag = Tag(0x9F2A);

/// Place of a candidate in the order. [B 3.3.3.2]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Key {
    /// Priority, 1 highest to 15; 15 for none.
    pub(crate) priority: u8,
    /// Place in the directory.
    entry: u8,
    /// Place of the combination in the configuration.
    pub(crate) combination: u16,
}

/// An application of the card that a combination matches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a> {
    /// ADF name (4F), 5 to 16 bytes.
    name: &'a [u8],
    /// Extended Selection (9F29), where the card has it.
    extension: Option<&'a [u8]>,
}

impl Candidate<'_> {
    /// The name to select, with the extension if it is wanted and fits, and its length.
    /// [B 3.3.3.3]
    pub(crate) fn selection_name(&self, extend: bool) -> ([u8; 16], usize) {
        let extension = self.extension.filter(|_| extend).unwrap_or_default();
        let fits = self.name.len() + extension.len() <= 16;
        let extension = if fits { extension } else { &[] };
        let mut name = [0; 16];
        let bytes = self.name.iter().chain(extension);
        name.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        (name, (self.name.len() + extension.len()).min(16))
    }
}

/// The first candidate behind `last`. [B 3.3.2.5, 3.3.3]
pub(crate) fn first_after(
    last: Option<Key>,
    directory: &[u8],
    combinations: &[Combination<'_>],
    allowed: impl Fn(&Combination<'_>) -> bool,
) -> Option<Key> {
    let mut first: Option<Key> = None;
    for (number, entry) in (0..).zip(entries(directory)) {
        let Ok((name, kernel)) = entry.application() else { continue };
        let priority = entry.priority();
        for (place, combination) in (0..).zip(combinations) {
            let key = Key { priority, entry: number, combination: place };
            let better = last.is_none_or(|last| key > last) && first.is_none_or(|best| key < best);
            if better && matches(combination, name, kernel) && allowed(combination) {
                first = Some(key);
            }
        }
    }
    first
}

/// The candidate of a key.
pub(crate) fn candidate(directory: &[u8], key: Key) -> Option<Candidate<'_>> {
    let entry = entries(directory).nth(key.entry.into())?;
    let (name, _) = entry.application().ok()?;
    Some(Candidate { name, extension: entry.object(EXTENDED_SELECTION) })
}

/// The entries of a directory, the answer to SELECT PPSE; what is none has no entries, and what
/// stands beside it is unknown data. [B 3.3.2.3]
pub(crate) fn entries(answer: &[u8]) -> impl Iterator<Item = Entry<'_>> {
    let inside = |content: &mut &_, tag| {
        *content = tlv::find(content, tag).ok().flatten()?;
        Some(())
    };
    let mut list = answer;
    let templates = [FCI_TEMPLATE, FCI_PROPRIETARY_TEMPLATE, FCI_ISSUER_DISCRETIONARY_DATA];
    let found = templates.into_iter().all(|tag| inside(&mut list, tag).is_some());
    Tlvs::new(if found { list } else { &[] })
        .map_while(Result::ok)
        .filter(|tlv| tlv.tag == APPLICATION_TEMPLATE)
        .map(|tlv| Entry { content: tlv.value })
}

/// A directory entry (61).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    content: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Whether a combination of the reader can use the entry.
    pub(crate) fn usable(&self, combinations: &[Combination<'_>]) -> Result<(), EntryPassed> {
        let (name, kernel) = self.application()?;
        let mut combinations = combinations.iter();
        match combinations.any(|combination| matches(combination, name, kernel)) {
            true => Ok(()),
            false => Err(EntryPassed::NoCombination),
        }
    }

    /// ADF name, and the kernel that the card asks for; 0 for any. [B 3.3.2.5]
    fn application(&self) -> Result<(&'a [u8], KernelId), EntryPassed> {
        // [B 3.3.2.5 aid]
        let name = self.object(ADF_NAME.tag).filter(|name| matches!(name.len(), 5..=16));
        let name = name.ok_or(EntryPassed::NoName)?;
        Ok((name, requested_kernel(self.object(KERNEL_IDENTIFIER), name)?))
    }

    /// Priority: its place in the order. No priority ranks with the lowest. [B 3.3.3.2]
    fn priority(&self) -> u8 {
        match self.object(APPLICATION_PRIORITY_INDICATOR.tag) {
            Some([indicator]) if indicator & 0x0F != 0 => indicator & 0x0F,
            _ => 15,
        }
    }

    fn object(&self, tag: Tag) -> Option<&'a [u8]> {
        tlv::find(self.content, tag).ok().flatten()
    }
}

/// Whether a combination matches name and kernel. Longer names of the card match always.
/// [B 3.3.2.5 match, kernel]
fn matches(combination: &Combination<'_>, name: &[u8], kernel: KernelId) -> bool {
    let any = kernel == KernelId::new(0);
    name.starts_with(combination.aid) && (any || kernel == combination.kernel)
}

/// The kernel that an entry asks for. [B 3.3.2.5 kernel-identifier]
fn requested_kernel(identifier: Option<&[u8]>, name: &[u8]) -> Result<KernelId, EntryPassed> {
    match *identifier.unwrap_or_default() {
        [] => Ok(default_kernel(name)),
        [_, _] | [_, _, _, _, _, _, _, _, _, ..] => Err(EntryPassed::KernelIdentifier),
        [first, ..] if first & 0x80 == 0 => Ok(KernelId::new(first)),
        [first, _, _, ..] if first & 0x3F == 0 => Err(EntryPassed::KernelOpen),
        [first, second, third, ..] => Ok(KernelId([first, second, third])),
        [_] => Err(EntryPassed::KernelIdentifier),
    }
}

/// The kernel of a scheme, by its registered identifier. [B 3.3.2.5 kernel-identifier]
fn default_kernel(name: &[u8]) -> KernelId {
    const SCHEMES: [([u8; 5], u8); 7] = [
        ([0xA0, 0x00, 0x00, 0x00, 0x25], 4), // American Express
        ([0xA0, 0x00, 0x00, 0x01, 0x52], 6), // Discover
        ([0xA0, 0x00, 0x00, 0x03, 0x24], 6), // Discover
        ([0xA0, 0x00, 0x00, 0x00, 0x65], 5), // JCB
        ([0xA0, 0x00, 0x00, 0x00, 0x04], 2), // Mastercard
        ([0xA0, 0x00, 0x00, 0x03, 0x33], 7), // UnionPay
        ([0xA0, 0x00, 0x00, 0x00, 0x03], 3), // Visa
    ];
    let scheme = SCHEMES.iter().find(|(provider, _)| name.starts_with(provider));
    KernelId::new(scheme.map_or(0, |(_, kernel)| *kernel))
}

#[cfg(test)]
mod tests;
