//! Data objects of a transaction, wherever they lie.

use chipwright::database::Database;
use chipwright::object::{Object, Value};
use chipwright::tag::Tag;
use chipwright::tlv::{self, Full, Writer};
use core::fmt;

/// The data objects of a transaction that is under way, or those that the journal kept of it.
#[derive(Clone, Copy)]
pub enum Objects<'m> {
    /// Under way.
    Data(&'m Database<'m>),
    /// Kept: a BER-TLV string.
    Kept(&'m [u8]),
}

impl<'m> Objects<'m> {
    /// The value of an object, coded.
    pub fn bytes(&self, tag: Tag) -> Option<&'m [u8]> {
        match self {
            Self::Data(data) => data.bytes(tag),
            Self::Kept(string) => tlv::find(string, tag).ok().flatten(),
        }
    }

    /// The value of an object; `None` when it is absent or its bytes do not fit its type.
    pub fn get<T: Value>(&self, object: Object<T>) -> Option<T> {
        self.bytes(object.tag).and_then(T::decode)
    }

    /// Appends the objects of a list that are there, in its order, each once.
    ///
    /// # Errors
    /// [`Full`].
    pub fn copy(
        &self,
        tags: impl IntoIterator<Item = Tag>,
        out: &mut Writer<'_>,
    ) -> Result<(), Full> {
        append(tags, |tag| self.bytes(tag), out)
    }
}

/// Appends what `value` gives for the tags of a list, in its order, each once.
pub(crate) fn append<'v>(
    tags: impl IntoIterator<Item = Tag>,
    value: impl Fn(Tag) -> Option<&'v [u8]>,
    out: &mut Writer<'_>,
) -> Result<(), Full> {
    for tag in tags {
        let written = matches!(tlv::find(out.written(), tag), Ok(Some(_)));
        match value(tag) {
            Some(value) if !written => out.put(tag, value)?,
            _ => {}
        }
    }
    Ok(())
}

/// Values may be account data: none is shown.
impl fmt::Debug for Objects<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Data(data) => fmt::Debug::fmt(data, f),
            Self::Kept(string) => write!(f, "Objects({} bytes)", string.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::dictionary::emv::{AMOUNT_AUTHORISED, PAN, TRANSACTION_TYPE, TVR};
    use chipwright::value::Amount;

    #[test]
    fn both_places_give_the_same() {
        let mut memory = [0; 256];
        let mut data = Database::new(&mut memory);
        let amount = Amount::new(1234).unwrap();
        data.put(AMOUNT_AUTHORISED, amount).unwrap();
        data.put(TRANSACTION_TYPE, 9).unwrap();
        data.put_bytes(PAN.tag, &[0x47, 0x61]).unwrap();
        let tags = [AMOUNT_AUTHORISED.tag, TVR.tag, PAN.tag, AMOUNT_AUTHORISED.tag];
        let mut out = [0; 64];
        let mut writer = Writer::new(&mut out);
        Objects::Data(&data).copy(tags, &mut writer).unwrap();
        assert_eq!(hex::encode(writer.written()), "9f02060000000012345a024761");
        let kept = Objects::Kept(writer.written());
        assert_eq!(kept.get(AMOUNT_AUTHORISED), Some(amount));
        assert_eq!((kept.get(TRANSACTION_TYPE), kept.get(TVR)), (None, None));
        assert_eq!(Objects::Data(&data).get(TRANSACTION_TYPE), Some(9));
    }

    #[test]
    fn no_value_is_shown() {
        let kept = Objects::Kept(&[0x5A, 2, 0x47, 0x61]);
        assert_eq!(format!("{kept:?}"), "Objects(4 bytes)");
        let mut memory = [0; 256];
        let mut data = Database::new(&mut memory);
        data.put_bytes(PAN.tag, &[0x47, 0x61]).unwrap();
        assert_eq!(format!("{:?}", Objects::Data(&data)), "{5A: 2}");
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let kept = Objects::Kept(&[0x5A, 2, 0x47, 0x61]);
        assert_eq!(kept.copy([PAN.tag], &mut Writer::new(&mut [0; 3])), Err(Full));
    }
}
