//! BER-TLV: decoding, refusing, encoding, tags. [B3 B]

use super::node::{Node, decode, tag, unreadable};
use super::report::Problem;
use chipwright::tag::{Class, Tag};
use chipwright::tlv::{self, ErrorKind, Full, Tlvs, Writer};
use serde_json::Value;

/// Deepest nesting of templates that a vector may have.
const DEEPEST: usize = 32;

pub(super) fn check(kind: &str, vector: Node<'_>) -> Result<(), Problem> {
    match kind {
        "tlv_decode" => decodes(vector),
        "tlv_decode_error" => refuses(vector),
        "tlv_encode" => encodes(vector),
        "tag_validity" => {
            let valid = Tag::from_bytes(&vector.hex("inputs.tag")?).is_some();
            Problem::compare("valid", vector.flag("expected.valid")?, valid)
        }
        "tag_number" => tag_number(vector),
        _ => Err(Problem::UnknownKind),
    }
}

fn decodes(vector: Node<'_>) -> Result<(), Problem> {
    let expected = vector.at("expected.tree")?.0;
    let found = match tree(&vector.hex("inputs.data")?, 0) {
        Ok(tree) => tree,
        Err(refused) => return Err(Problem::differs("tree", expected, refused)),
    };
    if *expected == found {
        return Ok(());
    }
    Err(Problem::differs("tree", expected, found))
}

/// Why a string is no tree, and how deep that is.
struct Refused {
    error: tlv::Error,
    depth: usize,
}

impl core::fmt::Display for Refused {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} at depth {}", self.error, self.depth)
    }
}

/// The data objects of a string as nested lists of tag and value.
fn tree(data: &[u8], depth: usize) -> Result<Value, Refused> {
    let mut list = Vec::new();
    for tlv in Tlvs::new(data) {
        let tlv = tlv.map_err(|error| Refused { error, depth })?;
        let value = if tlv.tag.is_constructed() && depth < DEEPEST {
            tree(tlv.value, depth + 1)?
        } else {
            Value::from(hex::encode_upper(tlv.value))
        };
        list.push(Value::from(vec![Value::from(tlv.tag.to_string()), value]));
    }
    Ok(Value::from(list))
}

fn refuses(vector: Node<'_>) -> Result<(), Problem> {
    let data = vector.hex("inputs.data")?;
    let expected = vector.text("expected.error")?;
    let (kind, depth) = match tree(&data, 0) {
        Ok(tree) => return Err(Problem::differs("error", expected, tree)),
        Err(Refused { error, depth }) => (error.kind, depth),
    };
    let name = match kind {
        ErrorKind::TruncatedTag => "truncated_tag",
        ErrorKind::TagTooLong => "tag_too_long",
        ErrorKind::TruncatedLength => "truncated_length",
        ErrorKind::IndefiniteLength => "indefinite_length",
        ErrorKind::LengthTooLong => "length_too_long",
        ErrorKind::TruncatedValue => "truncated_value",
    };
    // Some sources tell only which field is wrong, or that something inside a template is.
    let matches = match expected {
        "malformed_inner_template" => depth > 0,
        "malformed (tag)" => name.contains("tag"),
        "malformed (length)" => name.contains("length"),
        "malformed (value)" => name.contains("value"),
        exact => name == exact,
    };
    if !matches {
        let found = format!("{name} at depth {depth}");
        return Err(Problem::differs("error", expected, found));
    }
    let outer = Tlvs::new(&data).next().and_then(Result::ok);
    if let Some(tag) = vector.find("expected.outer_tag") {
        let found = outer.map_or("none".to_owned(), |tlv| tlv.tag.to_string());
        Problem::compare("outer_tag", tag.as_text("outer_tag")?, &found)?;
    }
    if vector.find("expected.outer_length").is_some() {
        let length = outer.map_or(0, |tlv| tlv.value.len());
        let expected = vector.number("expected.outer_length")?;
        Problem::compare("outer_length", expected, length as u64)?;
    }
    Ok(())
}

fn encodes(vector: Node<'_>) -> Result<(), Problem> {
    let expected = vector.hex("expected.data")?;
    let nodes = Encoded::read(vector.at("inputs.tree")?, 0)?;
    let mut out = vec![0; expected.len() + 1024];
    let mut writer = Writer::new(&mut out);
    match nodes.iter().try_for_each(|node| node.write(&mut writer)) {
        Ok(()) => Problem::compare_bytes("data", &expected, writer.written()),
        Err(Full) => {
            Err(Problem::differs("data", hex::encode_upper(expected), "more than 1024 bytes more"))
        }
    }
}

/// A data object to be written.
enum Encoded {
    Primitive(Tag, Vec<u8>),
    Constructed(Tag, Vec<Encoded>),
}

impl Encoded {
    /// Reads a list of pairs of tag and value.
    fn read(list: Node<'_>, depth: usize) -> Result<Vec<Self>, Problem> {
        let wrong = || unreadable("tree", "is not a list of tags with values");
        let list = list.0.as_array().filter(|_| depth < DEEPEST);
        let list = list.ok_or_else(wrong)?.iter().map(|pair| {
            let pair = pair.as_array().map(Vec::as_slice);
            let Some([name, value]) = pair else {
                return Err(wrong());
            };
            let tag = tag(Node(name).as_text("tag")?)?;
            Ok(match value.as_str() {
                Some(value) => Self::Primitive(tag, decode(value, "value")?),
                None => Self::Constructed(tag, Self::read(Node(value), depth + 1)?),
            })
        });
        list.collect()
    }

    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        match self {
            Self::Primitive(tag, value) => writer.put(*tag, value),
            Self::Constructed(tag, children) => writer
                .nest(*tag, |writer| children.iter().try_for_each(|child| child.write(writer))),
        }
    }
}

fn tag_number(vector: Node<'_>) -> Result<(), Problem> {
    let data = vector.hex("inputs.data")?;
    let first = (1..=data.len().min(4)).find_map(|length| Tag::from_bytes(data.get(..length)?));
    let expected = vector.text("expected.tag")?;
    let tag = first.ok_or_else(|| Problem::differs("tag", expected, "none"))?;
    Problem::compare("tag", expected, &tag.to_string())?;
    let number = vector.number("expected.tag_number")?;
    Problem::compare("tag_number", number, tag.number().into())?;
    let class = match tag.class() {
        Class::Universal => "universal",
        Class::Application => "application",
        Class::ContextSpecific => "context",
        Class::Private => "private",
    };
    Problem::compare("tag_class", vector.text("expected.tag_class")?, class)?;
    let constructed = vector.flag("expected.constructed")?;
    Problem::compare("constructed", constructed, tag.is_constructed())
}
