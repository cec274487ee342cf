//! Values of a terminal file that TOML has no type for.

use core::fmt;
use core::marker::PhantomData;
use std::collections::BTreeMap;

use chipwright::contactless::TerminalTransactionQualifiers;
use chipwright::dictionary::{EMV, Source};
use chipwright::field::{
    AdditionalTerminalCapabilities, TerminalCapabilities, TerminalType, TerminalVerificationResults,
};
use chipwright::object::Value;
use chipwright::tag::Tag;
use chipwright::tlv::Writer;
use chipwright::value::{Code, Digits};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// Bytes in hexadecimal; spaces between them do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: String = text.chars().filter(|digit| *digit != ' ').collect();
        hex::decode(digits)
            .map(Self)
            .map_err(|error| D::Error::custom(format!("not hexadecimal: {error}")))
    }
}

/// An application identifier: 5 to 16 bytes.
#[derive(Clone, Debug)]
pub(super) struct Aid(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Aid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Hex(bytes) = Hex::deserialize(deserializer)?;
        match bytes.len() {
            5..=16 => Ok(Self(bytes)),
            length => Err(D::Error::custom(format!("an AID of {length} bytes, expected 5 to 16"))),
        }
    }
}

/// Exactly `N` bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exactly<const N: usize>(pub(crate) [u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Exactly<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Hex(bytes) = Hex::deserialize(deserializer)?;
        let length = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| D::Error::custom(format!("{length} bytes, expected {N}")))
    }
}

/// Data objects of the terminal by tag, kept as a BER-TLV string.
#[derive(Clone, Debug, Default)]
pub(super) struct Objects(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Objects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut string = Vec::new();
        for (name, Hex(value)) in BTreeMap::<String, Hex>::deserialize(deserializer)? {
            let tag = terminal_tag(&name).map_err(D::Error::custom)?;
            let mut object = vec![0; value.len() + 8];
            let mut writer = Writer::new(&mut object);
            writer.put(tag, &value).map_err(|_| D::Error::custom(format!("{name}: too long")))?;
            string.extend_from_slice(writer.written());
        }
        Ok(Self(string))
    }
}

/// A tag that a terminal may give a value.
fn terminal_tag(name: &str) -> Result<Tag, String> {
    let tag = hex::decode(name).ok().and_then(|bytes| Tag::from_bytes(&bytes));
    let tag = tag.ok_or(format!("`{name}` is no tag"))?;
    if tag.is_constructed() {
        return Err(format!("`{name}` is a template"));
    }
    match EMV.entry(tag).map(|entry| entry.source()) {
        Some(Source::Card) => Err(format!("`{name}` is an object of the card")),
        Some(Source::Issuer) => Err(format!("`{name}` is an object of the issuer")),
        Some(Source::Terminal) | None => Ok(tag),
    }
}

/// A terminal type: two digits as the books write it.
pub(super) fn terminal_type<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<TerminalType, D::Error> {
    let digits = u8::deserialize(deserializer)?;
    let kind = Digits::encode(digits.into()).map(|[code]: [u8; 1]| TerminalType(code));
    if let Some(kind) = kind.filter(|kind| kind.is_valid()) {
        Ok(kind)
    } else {
        Err(D::Error::custom(format!(
            "{digits} is no terminal type, expected 11 to 16, 21 to 26 or 34 to 36"
        )))
    }
}

/// A code of three digits.
pub(super) fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
    let number = u16::deserialize(deserializer)?;
    Code::new(number).ok_or(D::Error::custom("more than three digits"))
}

/// An Interface Device Serial Number: eight letters and digits.
pub(super) fn serial_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[u8; 8], D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = text.bytes().all(|byte| byte.is_ascii_alphanumeric()).then_some(text.as_bytes());
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(D::Error::custom("expected eight letters and digits"))
}

pub(super) const fn default_serial_number() -> [u8; 8] {
    *b"00000001"
}

/// A bit field: hexadecimal, or a list of the names of its bits in lower case with dashes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bits<F>(pub(super) F);

/// A bit field whose bits have names.
pub(super) trait Named: Value + Default {
    /// Its length in bytes.
    const LENGTH: usize;
    /// With the bit of this name set as well; `None` when there is none.
    fn with(self, name: &str) -> Option<Self>;
    /// The names of all bits.
    fn names() -> Vec<String>;
}

macro_rules! named {
    ($($Field:ty, $length:literal;)*) => { $(
        impl Named for $Field {
            const LENGTH: usize = $length;
            fn with(self, name: &str) -> Option<Self> {
                Self::BITS.iter().find(|(_, constant, _)| dashed(constant) == name).map(|(bit, ..)| self | *bit)
            }
            fn names() -> Vec<String> {
                Self::BITS.iter().map(|(_, constant, _)| dashed(constant)).collect()
            }
        }
    )* };
}

named! {
    TerminalCapabilities, 3;
    AdditionalTerminalCapabilities, 5;
    TerminalVerificationResults, 5;
    TerminalTransactionQualifiers, 4;
}

fn dashed(constant: &str) -> String {
    constant.to_lowercase().replace('_', "-")
}

pub(super) fn no_bits<F: Named>() -> Bits<F> {
    Bits(F::default())
}

impl<'de, F: Named> Deserialize<'de> for Bits<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BitsVisitor(PhantomData))
    }
}

struct BitsVisitor<F>(PhantomData<F>);

impl<'de, F: Named> Visitor<'de> for BitsVisitor<F> {
    type Value = Bits<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes in hexadecimal or a list of names", F::LENGTH)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bits<F>, E> {
        let field = hex::decode(text).ok().and_then(|bytes| F::decode(&bytes));
        field.map(Bits).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Bits<F>, A::Error> {
        let mut field = F::default();
        while let Some(name) = names.next_element::<String>()? {
            field = field.with(&name).ok_or_else(|| {
                let names = F::names().join(", ");
                A::Error::custom(format!("unknown bit `{name}`, expected one of {names}"))
            })?;
        }
        Ok(Bits(field))
    }
}
