//! Bit fields of EMV, each bit with its name and meaning.
//!
//! A table counts as the books do, `[byte:bit]` with byte 1 first and bit 8 the most significant,
//! so that it can be checked against the page with a finger. A constant is as wide as its field:
//! comparing results with action codes is `tvr & code`.

mod card;
mod cvm_results;
mod results;
mod terminal;

pub use card::{AdviceReason, CryptogramType};
pub use card::{ApplicationInterchangeProfile, ApplicationUsageControl, CryptogramInformation};
pub use cvm_results::{CvmOutcome, CvmResults};
pub use results::{TerminalVerificationResults, TransactionStatusInformation};
pub use terminal::{
    AdditionalTerminalCapabilities, OnlineCapability, TerminalCapabilities, TerminalType,
};

/// Defines a bit field: constants, set operations, names and the [`Value`](crate::object::Value)
/// coding.
///
/// Bits without a name are RFU: they survive decoding, print as `RFU [byte:bit]`, and have no
/// constant by which anyone could set them.
#[macro_export]
macro_rules! bits {
    (
        $(#[$meta:meta])*
        pub struct $Field:ident([u8; $width:literal]) {
            $([$byte:literal : $bit:literal] $NAME:ident $meaning:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
        pub struct $Field(pub [u8; $width]);

        impl $Field {
            $(
                #[doc = concat!("`[", $byte, ":", $bit, "]` ", $meaning)]
                pub const $NAME: Self = {
                    let mut bytes = [0; $width];
                    bytes[$byte - 1] = 1 << ($bit - 1);
                    Self(bytes)
                };
            )*

            /// No bit set.
            pub const EMPTY: Self = Self([0; $width]);

            /// Every named bit with its constant's name and its meaning, in the table's order.
            pub const BITS: &'static [(Self, &'static str, &'static str)] =
                &[$((Self::$NAME, stringify!($NAME), $meaning),)*];

            /// Whether no bit is set.
            #[must_use]
            pub fn is_empty(self) -> bool {
                self == Self::EMPTY
            }

            /// All bits as one number: sets are compared and joined in a register, not byte by
            /// byte in memory.
            fn number(self) -> u64 {
                let mut wide = [0; 8];
                if let Some(bytes) = wide.first_chunk_mut() {
                    *bytes = self.0;
                }
                u64::from_le_bytes(wide)
            }

            fn of_number(number: u64) -> Self {
                Self(number.to_le_bytes().first_chunk().copied().unwrap_or_default())
            }

            /// Whether every bit of `other` is set here.
            #[must_use]
            pub fn contains(self, other: Self) -> bool {
                self.number() & other.number() == other.number()
            }

            /// Whether any bit of `other` is set here.
            #[must_use]
            pub fn intersects(self, other: Self) -> bool {
                self.number() & other.number() != 0
            }

            /// Sets the bits of `other`.
            pub fn set(&mut self, other: Self) {
                *self = *self | other;
            }

            /// Clears the bits of `other`.
            pub fn clear(&mut self, other: Self) {
                *self = Self::of_number(self.number() & !other.number());
            }

            /// Each bit that is set, as `(byte, bit)` of the books with its meaning; RFU bits
            /// have none.
            pub fn set_bits(self) -> impl Iterator<Item = (u8, u8, Option<&'static str>)> {
                (1u8..).zip(self.0).flat_map(move |(byte, value)| {
                    (1u8..=8).rev().filter(move |bit| value & (1 << (bit - 1)) != 0).map(move |bit| {
                        let meaning = match (byte, bit) {
                            $(($byte, $bit) => Some($meaning),)*
                            _ => None,
                        };
                        (byte, bit, meaning)
                    })
                })
            }
        }

        impl core::ops::BitAnd for $Field {
            type Output = Self;
            fn bitand(self, other: Self) -> Self {
                Self::of_number(self.number() & other.number())
            }
        }

        impl core::ops::BitOr for $Field {
            type Output = Self;
            fn bitor(self, other: Self) -> Self {
                Self::of_number(self.number() | other.number())
            }
        }

        /// The names of the bits that are set.
        impl core::fmt::Debug for $Field {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let mut set = f.debug_set();
                for (byte, bit, _) in self.set_bits() {
                    let name = match (byte, bit) {
                        $(($byte, $bit) => stringify!($NAME),)*
                        _ => {
                            set.entry(&format_args!("RFU [{byte}:{bit}]"));
                            continue;
                        }
                    };
                    set.entry(&format_args!("{name}"));
                }
                set.finish()
            }
        }

        impl $crate::object::Value for $Field {
            type Bytes = [u8; $width];
            fn decode(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
            fn encode(self) -> [u8; $width] {
                self.0
            }
        }
    };
}

pub(crate) use crate::bits;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Value;

    macro_rules! every_bit_is_its_own {
        ($($Field:ident),*) => { $({
            let mut seen = $Field::EMPTY;
            for (bit, name, meaning) in $Field::BITS {
                assert!(!seen.intersects(*bit), "{} {name}", stringify!($Field));
                assert_eq!(bit.set_bits().count(), 1);
                assert_eq!(bit.set_bits().next().unwrap().2, Some(*meaning));
                assert_eq!(format!("{bit:?}"), format!("{{{name}}}"));
                seen.set(*bit);
            }
        })* };
    }

    /// [B3 C6]
    #[test]
    fn no_two_names_share_a_bit() {
        every_bit_is_its_own!(
            TerminalVerificationResults,
            TransactionStatusInformation,
            ApplicationInterchangeProfile,
            ApplicationUsageControl,
            TerminalCapabilities,
            AdditionalTerminalCapabilities
        );
    }

    #[test]
    fn rfu_bits_survive_and_show() {
        let tsi = TransactionStatusInformation::decode(&[0x81, 0x40]).unwrap();
        assert_eq!(tsi.encode(), [0x81, 0x40]);
        assert_eq!(format!("{tsi:?}"), "{ODA_PERFORMED, RFU [1:1], RFU [2:7]}");
        assert_eq!(TransactionStatusInformation::decode(&[0x80]), None);
    }

    #[test]
    fn sets_and_clears() {
        type Tvr = TerminalVerificationResults;
        let mut tvr = Tvr::ODA_NOT_PERFORMED | Tvr::EXPIRED_APPLICATION;
        assert_eq!(tvr.0, [0x80, 0x40, 0, 0, 0]);
        tvr.clear(Tvr::ODA_NOT_PERFORMED);
        assert!(!tvr.contains(Tvr::ODA_NOT_PERFORMED));
        assert!(tvr.intersects(Tvr::ODA_NOT_PERFORMED | Tvr::EXPIRED_APPLICATION));
        assert!(!tvr.contains(Tvr::ODA_NOT_PERFORMED | Tvr::EXPIRED_APPLICATION));
        assert!(!Tvr::EMPTY.intersects(tvr));
    }
}
