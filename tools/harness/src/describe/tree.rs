//! BER-TLV strings as trees.

use chipwright::dictionary::{EMV, Format};
use chipwright::tag::Tag;
use chipwright::tlv::{Error, Tlvs};

use super::value::{self, Context};
use super::{Meaning, hex_of, meaning, name_of};

/// Templates inside templates that are entered; deeper ones are shown as bytes.
const MAX_DEPTH: usize = 16;

/// A data object and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The tag.
    pub tag: Tag,
    /// Name in the books' words.
    pub name: Option<&'static str>,
    /// Format; none of templates and unknown objects.
    pub format: Option<Format>,
    /// Offset of the object in the string, in bytes.
    pub offset: usize,
    /// Length of its value, in bytes.
    pub length: usize,
    /// The value in hexadecimal, masked; empty for templates that were entered.
    pub hex: String,
    /// The value as it is shown: masked and cut.
    pub shown: String,
    /// What the value says.
    pub meaning: Meaning,
    /// The objects inside.
    pub children: Vec<Node>,
}

/// Reads a BER-TLV string, templates inside templates included.
///
/// # Errors
/// The first error, its offset counted from the start of the string.
pub fn tree(bytes: &[u8], context: Context) -> Result<Vec<Node>, Error> {
    read(bytes, 0, MAX_DEPTH, context)
}

/// The objects of a format 1 answer, which come without tags.
pub fn nodes(objects: &[(Tag, &[u8])], context: Context) -> Vec<Node> {
    let mut offset = 0;
    let mut node = |&(tag, value): &(Tag, &[u8])| {
        let node = primitive(tag, value, offset, context);
        offset += value.len();
        node
    };
    objects.iter().map(&mut node).collect()
}

fn read(bytes: &[u8], base: usize, depth: usize, context: Context) -> Result<Vec<Node>, Error> {
    let mut nodes = Vec::new();
    let mut tlvs = Tlvs::new(bytes);
    while let Some(tlv) = tlvs.next() {
        let tlv = tlv.map_err(|error| Error { offset: base + error.offset, ..error })?;
        let offset = base + tlvs.offset() - tlv.raw.len();
        if tlv.tag.is_constructed() && depth > 0 {
            let inside = base + tlvs.offset() - tlv.value.len();
            nodes.push(Node {
                hex: String::new(),
                shown: String::new(),
                meaning: Meaning::default(),
                children: read(tlv.value, inside, depth - 1, context)?,
                ..primitive(tlv.tag, tlv.value, offset, context)
            });
        } else {
            nodes.push(primitive(tlv.tag, tlv.value, offset, context));
        }
    }
    Ok(nodes)
}

fn primitive(tag: Tag, value: &[u8], offset: usize, context: Context) -> Node {
    Node {
        tag,
        name: name_of(tag),
        format: EMV.entry(tag).map(|entry| entry.format()),
        offset,
        length: value.len(),
        hex: hex_of(tag, value),
        shown: value::shown(tag, value),
        meaning: meaning(tag, value, context),
        children: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nests_and_counts_offsets_from_the_start() {
        let bytes = hex::decode("6F0B8401AAA506500141BF0C00").unwrap();
        let nodes = tree(&bytes, Context::default()).unwrap();
        assert_eq!((nodes.len(), nodes[0].tag, nodes[0].offset), (1, Tag(0x6F), 0));
        let inside = &nodes[0].children;
        assert_eq!((inside[0].tag, inside[0].offset), (Tag(0x84), 2));
        assert_eq!((inside[1].children[0].offset, inside[1].children[1].offset), (7, 10));
        let broken = hex::decode("6F0B8401AAA506500141BF0C01").unwrap();
        assert_eq!(tree(&broken, Context::default()).unwrap_err().offset, 10);
    }

    #[test]
    fn does_not_follow_without_end() {
        let mut bytes = vec![];
        for _ in 0..40 {
            bytes.splice(0..0, [0x70, bytes.len() as u8]);
        }
        let mut depth = 0;
        let mut nodes = tree(&bytes, Context::default()).unwrap();
        while let Some(node) = nodes.pop() {
            depth += 1;
            nodes = node.children;
        }
        assert_eq!(depth, MAX_DEPTH + 1);
    }
}
