//! Account numbers by brand, for H5.

use crate::value::Pan;

/// Account numbers that belong to the applications of one payment system. Where it has several
/// ranges, it has as many of these; cards of two brands have numbers of one of them, which then is
/// named with both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Brand {
    /// Registered application provider: the first five bytes of the application's name.
    pub rid: [u8; 5],
    /// The leftmost six digits of the first account number.
    pub first: u32,
    /// And of the last.
    pub last: u32,
}

/// Whether an account number is none of those that the application's brand has. A brand that is
/// not named has any. [H 5]
pub(super) fn is_foreign(brands: &[Brand], name: &[u8], pan: Pan<'_>) -> bool {
    let number = pan.digits().take(6).fold(0, |number, digit| number * 10 + u32::from(digit));
    let mut own = brands.iter().filter(|brand| name.starts_with(&brand.rid)).peekable();
    own.peek().is_some() && !own.any(|brand| (brand.first..=brand.last).contains(&number))
}

/// Account numbers of international payment systems, by what is publicly known of them, and of the
/// domestic one whose cards carry two brands.
pub const SCHEMES: &[Brand] = &[
    brand([0xA0, 0x00, 0x00, 0x00, 0x03], 400_000, 499_999),
    brand([0xA0, 0x00, 0x00, 0x00, 0x04], 222_100, 272_099),
    brand([0xA0, 0x00, 0x00, 0x00, 0x04], 500_000, 619_999),
    brand([0xA0, 0x00, 0x00, 0x00, 0x04], 630_000, 699_999),
    brand([0xA0, 0x00, 0x00, 0x00, 0x25], 340_000, 349_999),
    brand([0xA0, 0x00, 0x00, 0x00, 0x25], 370_000, 379_999),
    brand([0xA0, 0x00, 0x00, 0x00, 0x65], 308_800, 358_999),
    // Discover and Diners Club share their applications; some numbers are UnionPay's as well.
    brand([0xA0, 0x00, 0x00, 0x01, 0x52], 300_000, 305_999),
    brand([0xA0, 0x00, 0x00, 0x01, 0x52], 360_000, 399_999),
    brand([0xA0, 0x00, 0x00, 0x01, 0x52], 601_100, 601_199),
    brand([0xA0, 0x00, 0x00, 0x01, 0x52], 622_126, 622_925),
    brand([0xA0, 0x00, 0x00, 0x01, 0x52], 644_000, 659_999),
    brand([0xA0, 0x00, 0x00, 0x03, 0x33], 620_000, 629_999),
    brand([0xA0, 0x00, 0x00, 0x03, 0x33], 810_000, 817_199),
    // Every card of Cartes Bancaires has the number of an international brand.
    brand([0xA0, 0x00, 0x00, 0x00, 0x42], 222_100, 272_099),
    brand([0xA0, 0x00, 0x00, 0x00, 0x42], 400_000, 699_999),
];

const fn brand(rid: [u8; 5], first: u32, last: u32) -> Brand {
    Brand { rid, first, last }
}
