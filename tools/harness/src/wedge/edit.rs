//! Changes of a message.

use chipwright::tag::Tag;
use chipwright::tlv::Tlvs;
use core::fmt;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Bytes, written in hexadecimal; blanks count for nothing.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Hex(pub(super) Vec<u8>);

impl TryFrom<String> for Hex {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits: String = text.split_whitespace().collect();
        hex::decode(&digits).map(Self).map_err(|error| format!("`{text}`: {error}"))
    }
}

/// They may be account data.
impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Why an edit is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EditError(String);

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Changes of a message: of its data objects first, then of its bytes.
///
/// Lengths around a changed object follow. Data objects that the message does not have are not
/// changed; a message that is no BER-TLV string has none.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "EditText")]
pub struct Edit {
    set: Vec<(Tag, Vec<u8>)>,
    flip: Vec<Tag>,
    remove: Vec<Tag>,
    add: Vec<u8>,
    first: Vec<u8>,
    replace: Option<Vec<u8>>,
    bytes: Vec<Patch>,
    length: Option<usize>,
    status: Option<[u8; 2]>,
}

/// An edit as it is written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct EditText {
    set: BTreeMap<String, Hex>,
    flip: Vec<String>,
    remove: Vec<String>,
    add: Hex,
    first: Hex,
    replace: Option<Hex>,
    bytes: Vec<Patch>,
    length: Option<usize>,
    status: Option<Hex>,
}

/// Other bytes at a place, counted from the end when it is negative.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    at: isize,
    /// These bytes.
    put: Option<Hex>,
    /// What was there, with these bits turned.
    xor: Option<Hex>,
}

impl TryFrom<EditText> for Edit {
    type Error = EditError;

    fn try_from(text: EditText) -> Result<Self, EditError> {
        let tags = |names: &[String]| -> Result<Vec<Tag>, EditError> {
            names.iter().map(|name| tag(name)).collect()
        };
        let set = text.set.into_iter().map(|(name, value)| Ok((tag(&name)?, value.0)));
        let status = text.status.map(|status| {
            let wrong = || EditError("a status word has two bytes".to_owned());
            status.0.try_into().map_err(|_| wrong())
        });
        Ok(Self {
            set: set.collect::<Result<_, _>>()?,
            flip: tags(&text.flip)?,
            remove: tags(&text.remove)?,
            add: text.add.0,
            first: text.first.0,
            replace: text.replace.map(|bytes| bytes.0),
            bytes: text.bytes,
            length: text.length,
            status: status.transpose()?,
        })
    }
}

fn tag(name: &str) -> Result<Tag, EditError> {
    let wrong = || EditError(format!("`{name}` is no tag"));
    let bytes = hex::decode(name).map_err(|_| wrong())?;
    if !(1..=4).contains(&bytes.len()) {
        return Err(wrong());
    }
    Ok(Tag(bytes.iter().fold(0, |tag, byte| tag << 8 | u32::from(*byte))))
}

impl Edit {
    /// The message, changed.
    pub fn message(&self, message: &[u8]) -> Vec<u8> {
        let mut bytes = match &self.replace {
            Some(bytes) => bytes.clone(),
            None => self.objects(message, true),
        };
        for patch in &self.bytes {
            patch.apply(&mut bytes);
        }
        if let Some(length) = self.length {
            bytes.resize(length, 0);
        }
        bytes
    }

    /// A command, changed: its bytes alone.
    pub(super) fn command(&self, command: &[u8]) -> Vec<u8> {
        let mut bytes = self.replace.clone().unwrap_or_else(|| command.to_vec());
        for patch in &self.bytes {
            patch.apply(&mut bytes);
        }
        bytes
    }

    /// An answer, changed: what stands before its status word, and that.
    pub(super) fn answer(&self, answer: &[u8]) -> Vec<u8> {
        let (data, status) = answer.split_at(answer.len().saturating_sub(2));
        let status = self.status.as_ref().map_or(status, |status| &status[..]);
        [&self.message(data)[..], status].concat()
    }

    /// A BER-TLV string with its objects changed; what is none stays as it is.
    fn objects(&self, string: &[u8], outermost: bool) -> Vec<u8> {
        let Ok(objects) = Tlvs::new(string).collect::<Result<Vec<_>, _>>() else {
            return string.to_vec();
        };
        let nested = outermost && objects.len() == 1 && objects[0].tag.is_constructed();
        let mut changed = Vec::new();
        if outermost && !nested {
            changed.extend(&self.first);
        }
        for object in objects {
            if self.remove.contains(&object.tag) {
                continue;
            }
            let value = self.value(object.tag, object.value, nested);
            changed.extend(encoded(object.tag, &value));
        }
        if outermost && !nested {
            changed.extend(&self.add);
        }
        changed
    }

    fn value(&self, tag: Tag, value: &[u8], nested: bool) -> Vec<u8> {
        if let Some((_, value)) = self.set.iter().find(|(set, _)| *set == tag) {
            return value.clone();
        }
        let mut value =
            if tag.is_constructed() { self.objects(value, false) } else { value.to_vec() };
        if nested {
            value = [&self.first[..], &value, &self.add].concat();
        }
        if let (true, Some(last)) = (self.flip.contains(&tag), value.last_mut()) {
            *last ^= 0x01;
        }
        value
    }
}

impl Patch {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = if self.at < 0 {
            bytes.len().saturating_sub(self.at.unsigned_abs())
        } else {
            self.at.unsigned_abs()
        };
        if let Some(Hex(put)) = &self.put {
            let end = place.saturating_add(put.len());
            bytes.resize(bytes.len().max(end), 0);
            bytes[place..end].copy_from_slice(put);
        }
        if let Some(Hex(bits)) = &self.xor {
            bytes.iter_mut().skip(place).zip(bits).for_each(|(byte, bits)| *byte ^= bits);
        }
    }
}

/// A data object with the shortest length field.
fn encoded(tag: Tag, value: &[u8]) -> Vec<u8> {
    let name = tag.0.to_be_bytes();
    let name = name.iter().copied().skip_while(|byte| *byte == 0);
    let length = value.len();
    let mut object: Vec<u8> = name.collect();
    match length {
        0..=0x7F => object.push(length as u8),
        0x80..=0xFF => object.extend([0x81, length as u8]),
        _ => object.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    object.extend(value);
    object
}
