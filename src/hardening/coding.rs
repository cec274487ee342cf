//! What the coding rules leave open, and a strict reader refuses, for H10; how deep templates are,
//! for H11.

use super::Breach;
use crate::tag::Tag;
use crate::tlv::{Tlv, Tlvs};

/// Templates that are looked into at once. Deeper ones are counted, and passed over.
const DEPTH: usize = 8;

/// What is wrong, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub(super) breach: Breach,
    pub(super) tag: Option<Tag>,
    pub(super) offset: usize,
}

/// What is wrong with an answer of BER-TLV objects, in order. What cannot be read at all is nobody's
/// business here: the kernel refuses it.
pub(super) fn faults(answer: &[u8], nesting: u8) -> Faults<'_> {
    let mut levels = [const { Tlvs::new(&[]) }; DEPTH];
    if let Some(first) = levels.first_mut() {
        *first = Tlvs::new(answer);
    }
    Faults { answer, nesting, levels, level: 0, pending: [None; 3] }
}

/// Walks objects in the order in which they lie, with the templates that are open.
pub(super) struct Faults<'a> {
    answer: &'a [u8],
    nesting: u8,
    /// The rest of each open template.
    levels: [Tlvs<'a>; DEPTH],
    level: usize,
    /// What was found of the last object and is still to be told.
    pending: [Option<Found>; 3],
}

impl Iterator for Faults<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some(found) = self.pending.iter_mut().find_map(Option::take) {
                return Some(found);
            }
            self.look()?;
        }
    }
}

impl<'a> Faults<'a> {
    /// Looks at the next object; `None` at the end.
    fn look(&mut self) -> Option<()> {
        let level = self.levels.get_mut(self.level)?;
        let before = level.clone();
        let Some(Ok(tlv)) = level.next() else {
            let padded = before.rest_is_padding();
            let found =
                Found { breach: Breach::Padding, tag: None, offset: self.offset(before.rest()) };
            self.pending = [padded.then_some(found), None, None];
            // Behind the outermost there is no level, and no object.
            self.level = self.level.wrapping_sub(1);
            return Some(());
        };
        let rest = before.rest();
        let at = |breach| Found { breach, tag: Some(tlv.tag), offset: self.offset(tlv.raw) };
        let twice = !tlv.tag.is_constructed() && self.comes_again(&tlv);
        let deep = tlv.tag.is_constructed() && self.level + 1 > usize::from(self.nesting);
        self.pending = [
            (rest.first() == Some(&0)).then(|| at(Breach::Padding)),
            (!is_minimal(&tlv)).then(|| at(Breach::LengthNotMinimal)),
            match (twice, deep) {
                (true, _) => Some(at(Breach::ObjectTwice)),
                (_, true) => Some(at(Breach::NestingSpent)),
                _ => None,
            },
        ];
        if tlv.tag.is_constructed()
            && !deep
            && let Some(inner) = self.levels.get_mut(self.level + 1)
        {
            *inner = tlv.children();
            self.level += 1;
        }
        Some(())
    }

    /// Whether an object of this tag comes again in the same template.
    fn comes_again(&self, tlv: &Tlv<'_>) -> bool {
        let rest = self.levels.get(self.level).cloned();
        rest.is_some_and(|mut rest| rest.any(|other| other.is_ok_and(|other| other.tag == tlv.tag)))
    }

    /// Where a part of the answer begins.
    fn offset(&self, part: &[u8]) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.answer.as_ptr() as usize)
    }
}

/// Whether the length has no byte too many.
fn is_minimal(tlv: &Tlv<'_>) -> bool {
    let tag = match tlv.tag.0 {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFF_FFFF => 3,
        _ => 4,
    };
    let needed = match tlv.value.len() {
        0..=0x7F => 1,
        0x80..=0xFF => 2,
        0x100..=0xFFFF => 3,
        _ => 4,
    };
    tlv.raw.len() - tlv.value.len() == tag + needed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(answer: &str) -> Vec<(Breach, usize)> {
        let answer = hex::decode(answer.replace(' ', "")).unwrap();
        faults(&answer, 3).map(|found| (found.breach, found.offset)).collect()
    }

    /// [H 10]
    #[test]
    fn what_is_left_open_is_found_where_it_is() {
        assert_eq!(found("70 08 5A 02 1234 9F07 01 FF"), []);
        assert_eq!(found(""), []);
        assert_eq!(found("80 06 3C00 08010100"), []);
        // Padding before, between and behind, inside and outside.
        assert_eq!(found("00 70 03 5A 01 12"), [(Breach::Padding, 1)]);
        assert_eq!(found("70 07 5A 01 12 00 57 01 13"), [(Breach::Padding, 6)]);
        assert_eq!(found("70 04 5A 01 12 00"), [(Breach::Padding, 5)]);
        assert_eq!(found("70 03 5A 01 12 0000"), [(Breach::Padding, 5)]);
        // Lengths, of tags of one to three bytes.
        assert_eq!(found("70 8103 5A 01 12"), [(Breach::LengthNotMinimal, 0)]);
        assert_eq!(found("70 04 5A 8101 12"), [(Breach::LengthNotMinimal, 2)]);
        assert_eq!(found("70 06 9F07 820001 FF"), [(Breach::LengthNotMinimal, 2)]);
        assert_eq!(found("70 05 DF8101 01 FF"), []);
        let long = format!("70 8183 5A 8180 {}", "11".repeat(128));
        assert_eq!(found(&long), []);
        // Twice in one template, and once in each of two.
        assert_eq!(found("70 06 DF01 00 DF01 00"), [(Breach::ObjectTwice, 2)]);
        assert_eq!(found("70 0A 61 03 50 01 41 61 03 50 01 41"), []);
        // One object may have several faults.
        assert_eq!(
            found("70 08 00 5A 8101 12 5A 01 12"),
            [(Breach::Padding, 3), (Breach::LengthNotMinimal, 3), (Breach::ObjectTwice, 3)]
        );
    }

    /// [H 11]
    #[test]
    fn templates_are_nested_so_deep_and_no_deeper() {
        assert_eq!(found("6F 06 A5 04 BF0C 01 00"), [(Breach::Padding, 7)]);
        assert_eq!(found("6F 09 A5 07 BF0C 04 61 02 50 00"), [(Breach::NestingSpent, 7)]);
    }

    /// What cannot be read has no faults of this kind.
    #[test]
    fn what_is_no_object_is_left_to_others() {
        for answer in ["70", "70 05 5A 01 12", "70 80 00", "5F", "FFFFFFFFFF", "70 03 5A 02 12"] {
            let found = found(answer);
            assert!(found.iter().all(|(breach, _)| *breach == Breach::NestingSpent), "{answer}");
        }
    }
}
