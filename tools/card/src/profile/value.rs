//! Values of a profile that TOML has no type for.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use chipwright::object::Value;
use chipwright::value::Date;
use serde::de::{Deserialize, Deserializer, Error};

/// Bytes, written in hexadecimal; spaces between them do not count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Hex(pub Vec<u8>);

impl Deref for Hex {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// May be a key: only the length is shown.
impl fmt::Debug for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hex({} bytes)", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        let bytes = hex::decode(&digits);
        bytes
            .map(Self)
            .map_err(|error| D::Error::custom(format!("no bytes in hexadecimal: {error}")))
    }
}

/// Decimal digits; as many as a PAN or PIN has is checked where they are used.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Digits(String);

impl Digits {
    /// The digits in `text`; `None` when there is anything else in it.
    pub fn new(text: &str) -> Option<Self> {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| Self(text.to_owned()))
    }

    /// Number of digits.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Whether they are an account number of a published test range.
    pub fn are_for_tests(&self) -> bool {
        super::is_for_tests(&self.0)
    }

    /// Their values, from the left.
    pub fn values(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|byte| byte - b'0')
    }

    /// Format cn: two digits to a byte, a single one followed by F. [B3 4.3]
    pub fn compressed(&self) -> Vec<u8> {
        let values: Vec<u8> = self.values().collect();
        let pairs = values.chunks(2);
        pairs.map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0x0F)).collect()
    }
}

/// Account numbers and PINs: only the number of digits is shown.
impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({})", self.0.len())
    }
}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| D::Error::custom("something else than decimal digits"))
    }
}

/// A date YYMMDD that exists; a card with another one gets it among its `objects`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Day(pub [u8; 3]);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = Digits::deserialize(deserializer)?;
        let bytes = digits.compressed().try_into().ok();
        bytes
            .filter(|bytes: &[u8; 3]| Date::decode(bytes).is_some())
            .map(Self)
            .ok_or_else(|| D::Error::custom("no date YYMMDD"))
    }
}

/// A month MMYY.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Month(pub [u8; 2]);

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = Digits::deserialize(deserializer)?;
        let bytes = digits.compressed().try_into().ok();
        bytes
            .filter(|[month, _]: &[u8; 2]| matches!(month, 0x01..=0x09 | 0x10..=0x12))
            .map(Self)
            .ok_or_else(|| D::Error::custom("no month MMYY"))
    }
}

/// A bit field: hexadecimal, or a list of names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bits<F>(pub F);

/// A field whose bits have names: those of the core's constants, `lower-case` and with dashes.
pub trait Named: Value {
    /// No bit set.
    const NONE: Self;
    /// Sets the bit with this name; `None` when there is none.
    fn with(self, name: &str) -> Option<Self>;
    /// All names.
    fn names() -> Vec<String>;
}

macro_rules! named {
    ($($Field:ty),*) => { $(
        impl Named for $Field {
            const NONE: Self = Self::EMPTY;
            fn with(self, name: &str) -> Option<Self> {
                let constant = name.replace('-', "_").to_uppercase();
                Self::BITS
                    .iter()
                    .find(|(_, bit, _)| *bit == constant)
                    .map(|(bit, _, _)| self | *bit)
            }
            fn names() -> Vec<String> {
                let name = |constant: &str| constant.to_lowercase().replace('_', "-");
                Self::BITS.iter().map(|(_, constant, _)| name(constant)).collect()
            }
        }
    )* };
}

named!(chipwright::field::ApplicationUsageControl, chipwright::field::TerminalVerificationResults);

impl<'de, F: Named> Deserialize<'de> for Bits<F> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BitsVisitor(PhantomData))
    }
}

struct BitsVisitor<F>(PhantomData<F>);

impl<'de, F: Named> serde::de::Visitor<'de> for BitsVisitor<F> {
    type Value = Bits<F>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = F::NONE.encode().as_ref().len();
        write!(f, "{length} bytes in hexadecimal or a list of names")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bits<F>, E> {
        let bytes = hex::decode(text).ok();
        bytes
            .and_then(|bytes| F::decode(&bytes))
            .map(Bits)
            .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut names: A) -> Result<Bits<F>, A::Error> {
        let mut field = F::NONE;
        while let Some(name) = names.next_element::<String>()? {
            field = field.with(&name).ok_or_else(|| {
                let names = F::names().join(", ");
                A::Error::custom(format!("unknown bit `{name}`, expected one of {names}"))
            })?;
        }
        Ok(Bits(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chipwright::field::ApplicationUsageControl;

    #[derive(serde::Deserialize)]
    struct One<T> {
        x: T,
    }

    fn read<T: serde::de::DeserializeOwned>(value: &str) -> Result<T, String> {
        toml::from_str::<One<T>>(&format!("x = {value}"))
            .map(|one| one.x)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn bytes_are_whole_and_hexadecimal() {
        assert_eq!(read::<Hex>("'9F 02 06'").unwrap().0, [0x9F, 0x02, 0x06]);
        assert!(read::<Hex>("'9F0'").unwrap_err().contains("hexadecimal"));
        assert!(read::<Hex>("'9G'").unwrap_err().contains("hexadecimal"));
        assert!(read::<Hex>("5").is_err());
    }

    #[test]
    fn digits_fill_bytes_from_the_left() {
        assert_eq!(read::<Digits>("'12345'").unwrap().compressed(), [0x12, 0x34, 0x5F]);
        assert!(read::<Digits>("'12 34'").is_err());
    }

    #[test]
    fn dates_exist() {
        assert_eq!(read::<Day>("'491231'").unwrap().0, [0x49, 0x12, 0x31]);
        assert!(read::<Day>("'490231'").unwrap_err().contains("YYMMDD"));
        assert!(read::<Day>("'4912'").is_err());
        assert_eq!(read::<Month>("'1249'").unwrap().0, [0x12, 0x49]);
        assert!(read::<Month>("'1349'").unwrap_err().contains("MMYY"));
    }

    #[test]
    fn bits_have_names_or_are_hexadecimal() {
        type Usage = Bits<ApplicationUsageControl>;
        let named = read::<Usage>("['domestic-cash', 'atms']").unwrap();
        assert_eq!(named.0.0, [0x82, 0x00]);
        assert_eq!(read::<Usage>("'FFC0'").unwrap().0.0, [0xFF, 0xC0]);
        assert!(read::<Usage>("'FF'").unwrap_err().contains("2 bytes"));
        let unknown = read::<Usage>("['moon']").unwrap_err();
        assert!(unknown.contains("`moon`") && unknown.contains("domestic-cash"), "{unknown}");
    }

    #[test]
    fn secrets_do_not_show() {
        let shown = format!("{:?} {:?}", Hex(vec![0x5A]), Digits::new("1234").unwrap());
        assert_eq!(shown, "Hex(1 bytes) Digits(4)");
    }
}
