//! The directory read once more, apart from Entry Point: all candidates at once, as the books tell
//! it. [B 3.3.2.5]

use chipwright_entry_point::Combination;
use std::collections::BTreeMap;

/// A data object: tag and value.
type Object<'b> = (Vec<u8>, &'b [u8]);

/// What can be read of a string of data objects, and whether that is all of it.
fn objects(mut bytes: &[u8]) -> (Vec<Object<'_>>, bool) {
    let mut objects = Vec::new();
    while let Some(start) = bytes.iter().position(|byte| *byte != 0) {
        let Some((object, behind)) = object(&bytes[start..]) else { return (objects, false) };
        objects.push(object);
        bytes = behind;
    }
    (objects, true)
}

/// One object, and what is behind it.
fn object(bytes: &[u8]) -> Option<(Object<'_>, &[u8])> {
    let (tag, rest) = bytes.split_at_checked(tag_length(bytes)?)?;
    let (first, mut behind) = rest.split_first()?;
    let mut length = usize::from(*first);
    if length & 0x80 != 0 {
        let count = length & 0x7F;
        if !(1..=4).contains(&count) || behind.len() < count {
            return None;
        }
        length = behind[..count].iter().fold(0, |length, byte| length * 256 + usize::from(*byte));
        behind = &behind[count..];
    }
    let (value, behind) = behind.split_at_checked(length)?;
    Some(((tag.to_vec(), value), behind))
}

/// Bytes of the tag that these begin with.
fn tag_length(bytes: &[u8]) -> Option<usize> {
    if bytes.first()? & 0x1F != 0x1F {
        return Some(1);
    }
    Some(2 + bytes[1..].iter().take(3).position(|byte| byte & 0x80 == 0)?)
}

/// The first object with this tag.
fn first<'b>(bytes: &'b [u8], tag: &[u8]) -> Option<&'b [u8]> {
    objects(bytes).0.into_iter().find(|(found, _)| found == tag).map(|(_, value)| value)
}

/// Names to be selected and the kernel for each, in the order in which they are tried.
pub(crate) fn candidates(directory: &[u8], combinations: &[Combination<'_>]) -> Vec<(Vec<u8>, u8)> {
    let mut ranked: BTreeMap<u8, Vec<_>> = BTreeMap::new();
    let list = first(directory, &[0x6F]).and_then(|fci| first(fci, &[0xA5]));
    let list = list.and_then(|proprietary| first(proprietary, &[0xBF, 0x0C])).unwrap_or_default();
    for (tag, entry) in objects(list).0 {
        let Some(name) = first(entry, &[0x4F]).filter(|_| tag == [0x61]) else { continue };
        if name.len() < 5 || name.len() > 16 {
            continue;
        }
        let Some(wanted) = kernel(first(entry, &[0x9F, 0x2A]).unwrap_or_default(), name) else {
            continue;
        };
        for combination in combinations {
            let number = combination.kernel.0[0];
            if !name.starts_with(combination.aid) || ![0, number].contains(&wanted) {
                continue;
            }
            let mut selected = name.to_vec();
            let extension = first(entry, &[0x9F, 0x29]).unwrap_or_default();
            if combination.extended_selection == Some(true) && name.len() + extension.len() <= 16 {
                selected.extend(extension);
            }
            let priority = match first(entry, &[0x87]) {
                Some([priority]) if priority % 16 > 0 => priority % 16,
                _ => 15,
            };
            ranked.entry(priority).or_default().push((selected, number));
        }
    }
    ranked.into_values().flatten().collect()
}

/// The kernel that an entry asks for: its number, where it is an international one; 255 for one that
/// no combination here has.
fn kernel(identifier: &[u8], name: &[u8]) -> Option<u8> {
    const DOMESTIC: u8 = 255;
    match (identifier.len(), identifier.first()) {
        (0, _) => Some(match hex::encode_upper(&name[..5]).as_str() {
            "A000000025" => 4,
            "A000000152" | "A000000324" => 6,
            "A000000065" => 5,
            "A000000004" => 2,
            "A000000333" => 7,
            "A000000003" => 3,
            _ => 0,
        }),
        (1 | 3..=8, Some(first @ 0x00..=0x7F)) => Some(*first),
        (3..=8, Some(first)) if first & 0x3F != 0 => Some(DOMESTIC),
        _ => None,
    }
}

/// Whether an application asks for the Terminal Transaction Qualifiers, and can be read at all.
pub(crate) fn asks_for_qualifiers(answer: &[u8]) -> bool {
    let (only, true) = objects(answer) else { return false };
    let [(tag, fci)] = only.as_slice() else { return false };
    let name = first(fci, &[0x84]).map_or(0, <[u8]>::len);
    if *tag != [0x6F] || !(5..=16).contains(&name) {
        return false;
    }
    let list = first(fci, &[0xA5]).and_then(|proprietary| first(proprietary, &[0x9F, 0x38]));
    let mut list = list.unwrap_or_default();
    // Tags, each with a byte of what is asked for.
    while let Some((tag, rest)) = tag_length(list).and_then(|length| list.split_at_checked(length))
    {
        let Some((_, behind)) = rest.split_first() else { return false };
        if tag == [0x9F, 0x66] {
            return true;
        }
        list = behind;
    }
    false
}
