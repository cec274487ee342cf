//! The objects of one template.

use crate::Refusal;
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::tlv::{self, Tlvs};

/// The objects of one template: none of them twice.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'f> {
    bytes: &'f [u8],
    /// Where the template begins in the file.
    pub(crate) offset: usize,
}

impl<'f> Fields<'f> {
    /// Looks through them.
    pub(crate) fn new(bytes: &'f [u8], offset: usize) -> Result<Self, Refusal> {
        let mut objects = Tlvs::new(bytes);
        loop {
            let at = objects.offset();
            let Some(object) = objects.next() else { return Ok(Self { bytes, offset }) };
            let object = object.map_err(|error| {
                Refusal::Tlv(tlv::Error { offset: error.offset.saturating_add(offset), ..error })
            })?;
            let before = bytes.get(..at).unwrap_or_default();
            if matches!(tlv::find(before, object.tag), Ok(Some(_))) {
                return Err(Refusal::Redundant(object.tag, offset));
            }
        }
    }

    /// The bytes of an object.
    pub(crate) fn bytes(&self, tag: Tag) -> Option<&'f [u8]> {
        tlv::find(self.bytes, tag).ok().flatten()
    }

    /// The bytes of an object that must be there, of a length in this range.
    pub(crate) fn required(
        &self,
        tag: Tag,
        lengths: core::ops::RangeInclusive<usize>,
    ) -> Result<&'f [u8], Refusal> {
        let bytes = self.bytes(tag).ok_or(Refusal::Missing(tag, self.offset))?;
        if lengths.contains(&bytes.len()) { Ok(bytes) } else { Err(self.wrong(tag)) }
    }

    /// The value of an object, where it is there.
    pub(crate) fn optional<T: Value>(&self, tag: Tag) -> Result<Option<T>, Refusal> {
        self.bytes(tag).map(|bytes| T::decode(bytes).ok_or(self.wrong(tag))).transpose()
    }

    /// The value of an object that must be there.
    pub(crate) fn value<T: Value>(&self, tag: Tag) -> Result<T, Refusal> {
        self.optional(tag)?.ok_or(Refusal::Missing(tag, self.offset))
    }

    /// An object that is there is wrong.
    pub(crate) const fn wrong(&self, tag: Tag) -> Refusal {
        Refusal::Value(tag, self.offset)
    }
}
