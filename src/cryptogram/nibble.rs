//! Half bytes.

/// The half bytes of `bytes`, from the left.
pub(super) fn nibbles(bytes: &[u8]) -> impl Iterator<Item = u8> {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F])
}

/// `digits` from the left, two to a byte; then `filler`.
pub(super) fn pack<const N: usize>(digits: impl Iterator<Item = u8>, filler: u8) -> [u8; N] {
    let mut digits = digits.chain(core::iter::repeat(filler));
    let mut next = || digits.next().unwrap_or(filler);
    core::array::from_fn(|_| next() << 4 | next())
}

/// Decimal digits out of `bytes`: first the half bytes that are digits, in their order, then the
/// others less ten. [B2 A1.4.2]
pub(super) fn decimalised(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let digits = nibbles(bytes).filter(|nibble| *nibble < 10);
    digits.chain(nibbles(bytes).filter_map(|nibble| nibble.checked_sub(10)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B2 A1.4.2]
    #[test]
    fn digits_come_before_letters() {
        let digits: Vec<u8> = decimalised(&[0x1A, 0x2F, 0xB3]).collect();
        assert_eq!(digits, [1, 2, 3, 0, 5, 1]);
    }

    #[test]
    fn packing_fills_up_and_cuts_off() {
        assert_eq!(pack([1, 2, 3].into_iter(), 0xF), [0x12, 0x3F, 0xFF]);
        assert_eq!(pack([1, 2, 3].into_iter(), 0), [0x12]);
    }
}
