//! One entry of the index.

use crate::dictionary::Source;
use crate::tag::Tag;

/// Where an object lies and what stands behind it, in eight bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Slot {
    pub(super) tag: Tag,
    pub(super) standing: Standing,
    start: u16,
    length: u16, // 11 bits
}

/// Who provided an object, and whether a signature covers it, in five bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Standing(u8);

impl Slot {
    pub(super) const LENGTH: usize = 8;
    /// What a coded entry keeps of the length; the standing is above it.
    const LENGTH_BITS: u32 = 11;

    /// `None` for a place beyond 65,535, or more than 2,047 bytes.
    pub(super) fn new(tag: Tag, standing: Standing, start: usize, length: usize) -> Option<Self> {
        match (u16::try_from(start), u16::try_from(length)) {
            (Ok(start), Ok(length)) if length >> Self::LENGTH_BITS == 0 => {
                Some(Self { tag, standing, start, length })
            }
            _ => None,
        }
    }

    pub(super) fn read(&[a, b, c, d, e, f, g, h]: &[u8; Self::LENGTH]) -> Self {
        let length = u16::from_le_bytes([g, h]);
        Self {
            tag: Tag(u32::from_le_bytes([a, b, c, d])),
            standing: Standing(h >> (Self::LENGTH_BITS - u8::BITS)),
            start: u16::from_le_bytes([e, f]),
            length: length & ((1 << Self::LENGTH_BITS) - 1),
        }
    }

    /// Whether a coded entry is that of `tag`: by one comparison of words, since most of the time
    /// that the data objects take goes here.
    pub(super) fn is_of(&[a, b, c, d, ..]: &[u8; Self::LENGTH], tag: Tag) -> bool {
        u32::from_le_bytes([a, b, c, d]) == tag.0
    }

    /// Little-endian, as most processors read words.
    pub(super) fn write(self) -> [u8; Self::LENGTH] {
        let [a, b, c, d] = self.tag.0.to_le_bytes();
        let [e, f] = self.start.to_le_bytes();
        let length = self.length | u16::from(self.standing.0) << Self::LENGTH_BITS;
        let [g, h] = length.to_le_bytes();
        [a, b, c, d, e, f, g, h]
    }

    pub(super) fn with(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }

    pub(super) fn moved_to(self, start: usize) -> Option<Self> {
        u16::try_from(start).ok().map(|start| Self { start, ..self })
    }

    pub(super) fn start(self) -> usize {
        usize::from(self.start)
    }

    pub(super) fn length(self) -> usize {
        usize::from(self.length)
    }

    pub(super) fn end(self) -> usize {
        self.start() + self.length()
    }
}

impl Standing {
    const SOURCE: u8 = 0x03;
    const COVERED: u8 = 0x04;
    const SIGNED: u8 = 0x08;
    const UNUSABLE: u8 = 0x10;

    pub(super) const fn from(source: Source) -> Self {
        Self(match source {
            Source::Card => 0,
            Source::Terminal => 1,
            Source::Issuer => 2,
        })
    }

    pub(super) const fn source(self) -> Source {
        match self.0 & Self::SOURCE {
            0 => Source::Card,
            1 => Source::Terminal,
            _ => Source::Issuer,
        }
    }

    /// Lies in data that offline data authentication will hash.
    pub(super) const fn covered(self) -> Self {
        Self(self.0 | Self::COVERED)
    }

    pub(super) const fn is_covered(self) -> bool {
        self.0 & Self::COVERED != 0
    }

    /// A signature over the object's bytes was verified.
    pub(super) const fn signed(self) -> Self {
        Self(self.0 | Self::SIGNED)
    }

    pub(super) const fn is_signed(self) -> bool {
        self.0 & Self::SIGNED != 0
    }

    /// A record that is to be authenticated and is not coded so that it can be.
    pub(super) const fn unusable(self) -> Self {
        Self(self.0 | Self::UNUSABLE)
    }

    pub(super) const fn is_unusable(self) -> bool {
        self.0 & Self::UNUSABLE != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote() {
        let standing = Standing::from(Source::Issuer).covered();
        let slot = Slot::new(Tag(0xDF81_8106), standing, 0x1234, 0x07FF).unwrap();
        assert_eq!(Slot::read(&slot.write()), slot);
        assert_eq!((slot.start(), slot.length(), slot.end()), (0x1234, 0x07FF, 0x1A33));
        assert!(slot.standing.is_covered() && !slot.standing.is_signed());
        assert_eq!(slot.standing.source(), Source::Issuer);
    }

    #[test]
    fn what_stands_behind_an_object_is_told_apart() {
        let told = |standing: Standing| {
            let slot = Slot::new(Tag(0x5A), standing, 0, 1).unwrap();
            let Slot { standing, .. } = Slot::read(&slot.write());
            (standing.source(), standing.is_covered(), standing.is_signed(), standing.is_unusable())
        };
        for source in [Source::Card, Source::Terminal, Source::Issuer] {
            let plain = Standing::from(source);
            assert_eq!(told(plain), (source, false, false, false));
            assert_eq!(told(plain.covered()), (source, true, false, false));
            assert_eq!(told(plain.signed()), (source, false, true, false));
            assert_eq!(told(plain.unusable()), (source, false, false, true));
        }
    }

    #[test]
    fn has_no_room_for_what_no_index_has() {
        let standing = Standing::from(Source::Card);
        assert!(Slot::new(Tag(0x5A), standing, 0x1_0000, 0).is_none());
        assert!(Slot::new(Tag(0x5A), standing, 0, 0x0800).is_none());
    }
}
