//! What goes into an application cryptogram.

use super::Error;
use crate::dictionary::emv;
use crate::tag::Tag;
use heapless::Vec;

/// The data objects of nearly every version, with their lengths, in order. [B2 8.1.1]
pub(super) const COMMON: &[(Tag, usize)] = &[
    (emv::AMOUNT_AUTHORISED.tag, 6),
    (emv::AMOUNT_OTHER.tag, 6),
    (emv::TERMINAL_COUNTRY_CODE.tag, 2),
    (emv::TVR.tag, 5),
    (emv::TRANSACTION_CURRENCY_CODE.tag, 2),
    (emv::TRANSACTION_DATE.tag, 3),
    (emv::TRANSACTION_TYPE.tag, 1),
    (emv::UNPREDICTABLE_NUMBER.tag, 4),
    (emv::AIP.tag, 2),
    (emv::ATC.tag, 2),
];

/// The data objects of Visa's version 17.
pub(super) const SHORT: &[(Tag, usize)] =
    &[(emv::AMOUNT_AUTHORISED.tag, 6), (emv::UNPREDICTABLE_NUMBER.tag, 4), (emv::ATC.tag, 2)];

/// The part of the Issuer Application Data (9F10) behind the other data objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CardData {
    /// All of it.
    Whole,
    /// Bytes 4 to 7: Card Verification Results behind length, key index and version.
    Results,
    /// Byte 5 alone.
    FifthByte,
    /// Bytes 3 to 8: Card Verification Results behind key index and version.
    MChip,
    /// The same, and the counters from byte 11: 8 bytes, or 16 when the data are 26 bytes long or
    /// more.
    MChipWithCounters,
}

impl CardData {
    /// The one or two parts of `data`; `None` when it is too short.
    fn of(self, data: &[u8]) -> Option<[&[u8]; 2]> {
        let counters = if data.len() < 26 { 10..18 } else { 10..26 };
        Some(match self {
            Self::Whole => [data, &[]],
            Self::Results => [data.get(3..7)?, &[]],
            Self::FifthByte => [data.get(4..5)?, &[]],
            Self::MChip => [data.get(2..8)?, &[]],
            Self::MChipWithCounters => [data.get(2..8)?, data.get(counters)?],
        })
    }
}

/// The input of an application cryptogram, in the parts that it is made of.
#[derive(Clone, Debug)]
pub struct Input<'a> {
    parts: Vec<&'a [u8], 12>,
}

impl<'a> Input<'a> {
    /// Puts the input together from the objects of `list`, which `object` looks up, and from the
    /// Issuer Application Data.
    pub(super) fn new(
        list: &[(Tag, usize)],
        card_data: CardData,
        object: impl Fn(Tag) -> Option<&'a [u8]>,
    ) -> Result<Self, Error> {
        let mut parts = Vec::new();
        for &(tag, length) in list {
            let value = object(tag).ok_or(Error::Missing(tag))?;
            if value.len() != length {
                return Err(Error::Length(tag));
            }
            parts.push(value).map_err(|_| Error::Space)?;
        }
        let tag = emv::ISSUER_APPLICATION_DATA.tag;
        let data = object(tag).ok_or(Error::Missing(tag))?;
        let data = card_data.of(data).ok_or(Error::Length(tag))?;
        parts.extend_from_slice(&data).map_err(|_| Error::Space)?;
        Ok(Self { parts })
    }

    /// The parts, in order.
    pub fn parts(&self) -> impl Iterator<Item = &'a [u8]> {
        self.parts.iter().copied()
    }

    /// The parts as one string of bytes.
    pub fn bytes(&self) -> impl Iterator<Item = u8> {
        self.parts().flatten().copied()
    }
}
