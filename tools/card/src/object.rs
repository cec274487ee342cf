//! Data objects of a card: tags and values, and how they are written.

use std::collections::BTreeMap;

use chipwright::dol::Dol;
use chipwright::tag::Tag;
use chipwright::tlv::Writer;

/// Data objects by tag.
pub(crate) type Objects = BTreeMap<Tag, Vec<u8>>;

/// A data object as BER-TLV.
pub(crate) fn encode(tag: Tag, value: &[u8]) -> Vec<u8> {
    // Four bytes of tag and three of length are the most that a header takes.
    let mut bytes = vec![0; value.len() + 7];
    let mut writer = Writer::new(&mut bytes);
    // Only values beyond 64 kB do not fit, and no card has any.
    let _ = writer.put(tag, value);
    writer.finish().to_vec()
}

/// A constructed data object: the values of `parts`, already encoded, one after the other.
pub(crate) fn template(tag: Tag, parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    encode(tag, &parts.into_iter().flatten().collect::<Vec<u8>>())
}

/// A data object list of the card.
#[derive(Clone, Debug, Default)]
pub(crate) struct List {
    entries: Vec<(Tag, usize)>,
}

impl List {
    /// Reads a list.
    ///
    /// # Errors
    /// The offset of the entry that is cut short.
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, chipwright::tlv::Error> {
        let entries = Dol::new(bytes).entries();
        let entries: Result<_, _> = entries
            .map(|entry| entry.map(|entry| (entry.tag, usize::from(entry.length))))
            .collect();
        Ok(Self { entries: entries? })
    }

    /// Bytes that a terminal sends for the list.
    pub(crate) fn length(&self) -> usize {
        self.entries.iter().map(|(_, length)| length).sum()
    }

    /// The objects in what a terminal sent; `None` when that has another length.
    pub(crate) fn split(&self, mut data: &[u8]) -> Option<Objects> {
        let mut objects = Objects::new();
        for (tag, length) in &self.entries {
            let (value, rest) = data.split_at_checked(*length)?;
            objects.insert(*tag, value.to_vec());
            data = rest;
        }
        data.is_empty().then_some(objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_splits_what_it_asked_for_and_nothing_else() {
        let list = List::new(&[0x9F, 0x37, 4, 0x9A, 3]).unwrap();
        assert_eq!(list.length(), 7);
        let objects = list.split(&[1, 2, 3, 4, 5, 6, 7]).unwrap();
        assert_eq!(objects[&Tag(0x9F37)], [1, 2, 3, 4]);
        assert_eq!(objects[&Tag(0x9A)], [5, 6, 7]);
        assert!(list.split(&[0; 6]).is_none() && list.split(&[0; 8]).is_none());
        assert_eq!(List::default().split(&[]), Some(Objects::new()));
        assert_eq!(List::new(&[0x9A, 3, 0x9F]).unwrap_err().offset, 2);
    }

    #[test]
    fn objects_are_written_whole() {
        assert_eq!(encode(Tag(0x9F02), &[7; 3]), [0x9F, 0x02, 3, 7, 7, 7]);
        assert_eq!(encode(Tag(0x90), &[0; 248]).len(), 251);
        let nested = template(Tag(0x70), [encode(Tag(0x5A), &[1]), encode(Tag(0x57), &[])]);
        assert_eq!(nested, [0x70, 5, 0x5A, 1, 1, 0x57, 0]);
    }
}
