//! BER-TLV strings as trees.

use chipwright::dictionary::Format;
use chipwright::dictionary::emv::{APPLICATION_PREFERRED_NAME, ISSUER_CODE_TABLE_INDEX};
use chipwright::tag::Tag;
use chipwright::tlv::{Error, Tlvs};
use chipwright::value::Digits;

use super::dictionary::{Book, Definition, definition, definitions_of};
use super::text;
use super::value::{self, Context};
use super::{Meaning, hex_of};

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
    /// What the dictionary has about it.
    pub definition: Option<&'static Definition>,
    /// Whose meaning of the tag was looked for: that of the application whose identifier stands
    /// beside it or above.
    pub book: Option<Book>,
    /// Offset of the object in the string, in bytes.
    pub offset: usize,
    /// Length of its value, in bytes.
    pub length: usize,
    /// Tag and length as they were received, in hexadecimal; empty for what came without.
    pub head: String,
    /// The value in hexadecimal, masked; empty for templates that were entered.
    pub hex: String,
    /// The value as it is shown: masked and cut.
    pub shown: String,
    /// What the value says.
    pub meaning: Meaning,
    /// The objects inside.
    pub children: Vec<Node>,
}

impl Node {
    /// What the tag means to other kernels, where it is not clear whose it is: each meaning once,
    /// with its first book.
    pub fn other_meanings(&self) -> Vec<(Book, &'static str)> {
        let Some(own) = self.definition.filter(|own| own.is_foreign(self.book)) else {
            return Vec::new();
        };
        let mut others: Vec<(Book, &'static str)> = Vec::new();
        for definition in definitions_of(self.tag).iter().filter(|other| !other.nowhere_else) {
            let told = others.iter().any(|(_, name)| *name == definition.name);
            if definition.name != own.name && !told {
                others.extend(definition.books.first().map(|book| (*book, definition.name)));
            }
        }
        others
    }
}

/// Reads a BER-TLV string, templates inside templates included.
///
/// A tag means what the context's book says. Without one the book is that of the application whose
/// identifier stands beside the object or above it, or else of the first one in the string.
///
/// # Errors
/// The first error, its offset counted from the start of the string.
pub fn tree(bytes: &[u8], context: Context) -> Result<Vec<Node>, Error> {
    tree_within(bytes, context, None)
}

/// The same in a dialogue, where `known` is the book of the application that was named before.
///
/// # Errors
/// Those of [`tree`].
pub fn tree_within(
    bytes: &[u8],
    context: Context,
    known: Option<Book>,
) -> Result<Vec<Node>, Error> {
    let first = context.book.or_else(|| book_of(bytes, MAX_DEPTH)).or(known);
    let walk = Walk { context: Context { book: first, ..context }, fixed: context.book.is_some() };
    walk.read(bytes, 0, MAX_DEPTH, None)
}

/// The objects of a format 1 answer, which come without tags.
pub fn nodes(objects: &[(Tag, &[u8])], context: Context) -> Vec<Node> {
    let mut offset = 0;
    let mut node = |&(tag, value): &(Tag, &[u8])| {
        let node = primitive(tag, value, offset, context, None);
        offset += value.len();
        node
    };
    objects.iter().map(&mut node).collect()
}

/// The book of the first application that a string names, templates inside included.
pub(super) fn book_of(bytes: &[u8], depth: usize) -> Option<Book> {
    book_beside(bytes).or_else(|| {
        let templates = Tlvs::new(bytes).map_while(Result::ok);
        let mut templates = templates.filter(|tlv| tlv.tag.is_constructed() && depth > 0);
        templates.find_map(|tlv| book_of(tlv.value, depth - 1))
    })
}

/// The book of an application that is named in this very template.
fn book_beside(bytes: &[u8]) -> Option<Book> {
    let objects = || Tlvs::new(bytes).map_while(Result::ok);
    let kernel = objects().find(|tlv| tlv.tag == Tag(0x9F2A));
    let of_kernel = kernel.and_then(|tlv| Book::of_kernel(tlv.value));
    let mut names = objects().filter(|tlv| matches!(tlv.tag.0, 0x4F | 0x84 | 0x9F06));
    of_kernel.or_else(|| names.find_map(|tlv| Book::of_aid(tlv.value)))
}

/// What counts while a string is walked.
#[derive(Clone, Copy)]
struct Walk {
    context: Context,
    /// The caller said whose tags they are.
    fixed: bool,
}

impl Walk {
    fn read(
        mut self,
        bytes: &[u8],
        base: usize,
        depth: usize,
        template: Option<Tag>,
    ) -> Result<Vec<Node>, Error> {
        if !self.fixed {
            self.context.book = book_beside(bytes).or(self.context.book);
        }
        let mut nodes = Vec::new();
        let mut tlvs = Tlvs::new(bytes);
        while let Some(tlv) = tlvs.next() {
            let tlv = tlv.map_err(|error| Error { offset: base + error.offset, ..error })?;
            let offset = base + tlvs.offset() - tlv.raw.len();
            let head = tlv.raw.strip_suffix(tlv.value).unwrap_or_default();
            let node = Node {
                head: hex::encode_upper(head),
                ..primitive(tlv.tag, tlv.value, offset, self.context, template)
            };
            if tlv.tag.is_constructed() && depth > 0 {
                let inside = base + tlvs.offset() - tlv.value.len();
                nodes.push(Node {
                    hex: String::new(),
                    shown: String::new(),
                    format: None,
                    meaning: Meaning::default(),
                    children: self.read(tlv.value, inside, depth - 1, Some(tlv.tag))?,
                    ..node
                });
            } else {
                nodes.push(node);
            }
        }
        in_own_alphabet(bytes, &mut nodes);
        Ok(nodes)
    }
}

/// The preferred name is written in the part of ISO 8859 that stands beside it. [B1 12.2.4]
fn in_own_alphabet(bytes: &[u8], nodes: &mut [Node]) {
    let value = |tag| {
        let mut objects = Tlvs::new(bytes).map_while(Result::ok);
        objects.find(|tlv| tlv.tag == tag).map(|tlv| tlv.value)
    };
    let index = value(ISSUER_CODE_TABLE_INDEX.tag).and_then(Digits::number);
    let part = index.and_then(|index| u8::try_from(index).ok());
    let name = value(APPLICATION_PREFERRED_NAME.tag);
    let text = name.zip(part).and_then(|(name, part)| text::in_part(name, part));
    let mut nodes = nodes.iter_mut().filter(|node| node.tag == APPLICATION_PREFERRED_NAME.tag);
    if let (Some(node), Some(text)) = (nodes.next(), text) {
        node.meaning.text = Some(text);
    }
}

fn primitive(
    tag: Tag,
    value: &[u8],
    offset: usize,
    context: Context,
    template: Option<Tag>,
) -> Node {
    let definition = definition(tag, context.book, template);
    Node {
        tag,
        name: definition.map(|definition| definition.name),
        format: definition.and_then(Definition::format_letters),
        definition,
        book: context.book,
        offset,
        length: value.len(),
        head: String::new(),
        hex: hex_of(tag, value),
        shown: value::shown(tag, value),
        meaning: definition
            .map_or_else(Meaning::default, |own| value::defined(own, value, context)),
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

    /// Two applications in one directory: each entry is read by its own book.
    #[test]
    fn tags_are_read_by_the_application_beside_them() {
        let entry = |aid: &str| {
            let inside = format!("4F07{aid}9F6E0420700000");
            format!("61{:02X}{inside}", inside.len() / 2)
        };
        let both = entry("A0000000041010") + &entry("A0000000031010");
        let bytes = hex::decode(format!("BF0C{:02X}{both}", both.len() / 2)).unwrap();
        let names = |context| -> Vec<_> {
            let nodes = tree(&bytes, context).unwrap();
            nodes[0].children.iter().map(|entry| entry.children[1].name.unwrap()).collect()
        };
        assert_eq!(names(Context::default()), ["Third Party Data", "Form Factor Indicator (FFI)"]);
        let context = Context { book: Some(Book::C4), ..Context::default() };
        assert_eq!(names(context), ["Enhanced Contactless Reader Capabilities"; 2]);
    }

    #[test]
    fn the_preferred_name_is_in_its_own_alphabet() {
        let text = |hex: &str| {
            let nodes = tree(&hex::decode(hex).unwrap(), Context::default()).unwrap();
            nodes.iter().find(|node| node.tag.0 == 0x9F12).unwrap().meaning.text.clone().unwrap()
        };
        assert_eq!(text("9F1101059F1203BCD8E0"), "\u{41C}\u{438}\u{440}");
        assert_eq!(text("9F1203BCD8E0"), "\u{BC}\u{D8}\u{E0}");
    }

    #[test]
    fn a_name_anywhere_counts_where_none_is_nearer() {
        let bytes = hex::decode("77079F6E04000000009F0607A0000000041010").unwrap();
        let nodes = tree(&bytes, Context::default()).unwrap();
        assert_eq!(nodes[0].children[0].name, Some("Third Party Data"));
        let bytes = hex::decode("9F2A01089F2B080000000000000000").unwrap();
        let nodes = tree(&bytes, Context::default()).unwrap();
        assert!(nodes[1].other_meanings().is_empty());
        let nodes = tree(&hex::decode("9F5D03010203").unwrap(), Context::default()).unwrap();
        let others = nodes[0].other_meanings();
        assert!(others.contains(&(Book::C2, "Application Capabilities Information (ACI)")));
    }
}
