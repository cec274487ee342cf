//! BER-TLV tags. [B3 B1]

use core::fmt;

/// A BER tag of one to four bytes, kept as the number that its bytes spell: `9F02` is `0x9F02`.
///
/// Any tag that can be read is representable; whether a kernel knows it is the
/// [`Dictionary`](crate::dictionary::Dictionary)'s business.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

/// The coding class of a tag: bits 8 and 7 of its first byte. [B3 B1]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// 00
    Universal,
    /// 01
    Application,
    /// 10
    ContextSpecific,
    /// 11
    Private,
}

impl Tag {
    /// Reads a tag that fills `bytes` exactly.
    ///
    /// `None` when the tag is cut short, goes on behind its last byte, or is longer than four
    /// bytes.
    pub const fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match *bytes {
            [a] if !continues(a) => Some(Self(a as u32)),
            [a, b] if continues(a) && b & 0x80 == 0 => {
                Some(Self(u16::from_be_bytes([a, b]) as u32))
            }
            [a, b, c] if continues(a) && b & 0x80 != 0 && c & 0x80 == 0 => {
                Some(Self(u32::from_be_bytes([0, a, b, c])))
            }
            [a, b, c, d] if continues(a) && b & c & 0x80 != 0 && d & 0x80 == 0 => {
                Some(Self(u32::from_be_bytes([a, b, c, d])))
            }
            _ => None,
        }
    }

    /// Number of bytes that the tag takes: 1 to 4.
    #[allow(clippy::len_without_is_empty)] // a tag is never empty
    pub const fn len(self) -> usize {
        match self.0 {
            0..=0xFF => 1,
            0x100..=0xFFFF => 2,
            0x1_0000..=0xFF_FFFF => 3,
            _ => 4,
        }
    }

    /// Whether the value holds data objects (bit 6 of the first byte).
    #[inline]
    pub const fn is_constructed(self) -> bool {
        self.first() & 0x20 != 0
    }

    /// The class in the first byte.
    pub const fn class(self) -> Class {
        match self.first() >> 6 {
            0 => Class::Universal,
            1 => Class::Application,
            2 => Class::ContextSpecific,
            _ => Class::Private,
        }
    }

    /// The tag number: five bits of the first byte, or seven of each following one.
    pub const fn number(self) -> u32 {
        let [a, b, c, d] = self.0.to_be_bytes();
        match self.len() {
            1 => (d & 0x1F) as u32,
            2 => (d & 0x7F) as u32,
            3 => ((c & 0x7F) as u32) << 7 | (d & 0x7F) as u32,
            _ => {
                let _ = a;
                ((b & 0x7F) as u32) << 14 | ((c & 0x7F) as u32) << 7 | (d & 0x7F) as u32
            }
        }
    }

    /// The bytes of the tag, right-aligned in four: the last [`len`](Self::len) of them count.
    pub const fn to_be_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    /// The first byte: the highest of the number that is not zero.
    #[inline]
    const fn first(self) -> u8 {
        let [first, ..] = (self.0 << (self.0.leading_zeros() & 0x18)).to_be_bytes();
        first
    }
}

/// Whether a first byte says that more tag bytes follow.
pub(crate) const fn continues(first: u8) -> bool {
    first & 0x1F == 0x1F
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$X}", self.0, width = 2 * self.len())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B3 B1]
    #[test]
    fn reads_tags_that_fill_their_bytes() {
        for bytes in [&[0xE1][..], &[0x9F, 0x39], &[0x9F, 0xC8, 0x1A], &[0xDF, 0x81, 0x82, 0x03]] {
            let tag = Tag::from_bytes(bytes).unwrap();
            assert_eq!(tag.len(), bytes.len());
            assert_eq!(&tag.to_be_bytes()[4 - tag.len()..], bytes);
        }
    }

    #[test]
    fn refuses_what_ends_early_or_late() {
        for bytes in [
            &[][..],
            &[0x1F],
            &[0xFF],
            &[0x9F, 0xC8],
            &[0x9F, 0x1A, 0x1A],
            &[0x9F, 0xC8, 0xC8],
            &[0x9A, 0x01],
            &[0x9F, 0x81, 0x81, 0x81],
            &[0x9F, 0x81, 0x81, 0x81, 0x01],
        ] {
            assert_eq!(Tag::from_bytes(bytes), None, "{bytes:02X?}");
        }
    }

    #[test]
    fn tells_class_number_and_kind() {
        let fci = Tag(0xBF63);
        assert_eq!(
            (fci.class(), fci.number(), fci.is_constructed()),
            (Class::ContextSpecific, 99, true)
        );
        assert_eq!(Tag(0x1E).number(), 30);
        assert_eq!(Tag(0x1F1F).number(), 31);
        assert_eq!(Tag(0xDF8106).number(), 0x86);
        assert_eq!(Tag(0x5A).class(), Class::Application);
        assert!(!Tag(0x9F02).is_constructed());
        assert_eq!(format!("{} {:?}", Tag(0x5), Tag(0x9F02)), "05 9F02");
    }
}
