//! Message authentication with two-key triple DES.

use super::DoubleKey;
use super::key::halves;
use crate::crypto::BlockCiphers;
use zeroize::Zeroize;

/// How data is brought to whole blocks. [ISO/IEC 9797-1, 6.3]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Padding {
    /// Zeros, as few as needed; a whole block for no data.
    Method1,
    /// 80, then zeros, as few as needed. [B2 A1.2]
    Method2,
}

impl Padding {
    /// What follows `length` bytes of data to fill blocks of `BLOCK` bytes.
    pub fn after<const BLOCK: usize>(self, length: usize) -> impl Iterator<Item = u8> + Clone {
        const { assert!(BLOCK > 0) };
        let marker = (self == Self::Method2).then_some(0x80);
        let beyond = length.wrapping_add(marker.iter().count()) % BLOCK;
        let zeros = match beyond {
            0 if length > 0 || marker.is_some() => 0,
            _ => BLOCK - beyond,
        };
        marker.into_iter().chain(core::iter::repeat_n(0, zeros))
    }
}

/// A MAC of 8 bytes over `parts`, as if they were one: algorithm 3 of ISO/IEC 9797-1, which
/// enciphers every block with the left half of the key alone and the last one with both.
/// [B2 A1.2.1]
///
/// Shorter MACs are its leftmost bytes.
pub fn mac<'p>(
    ciphers: &dyn BlockCiphers,
    key: &DoubleKey,
    padding: Padding,
    parts: impl IntoIterator<Item = &'p [u8]>,
) -> [u8; 8] {
    let (mut left, mut right) = halves(key.bytes());
    let mut block = [0; 8];
    let mut length = 0_usize;
    let mut absorb = |byte: u8| {
        if let Some(place) = block.get_mut(length % 8) {
            *place ^= byte;
        }
        length = length.wrapping_add(1);
        if length.is_multiple_of(8) {
            ciphers.des_encrypt(&left, &mut block);
        }
        length
    };
    let mut data = 0;
    for &byte in parts.into_iter().flatten() {
        data = absorb(byte);
    }
    for byte in padding.after::<8>(data) {
        absorb(byte);
    }
    ciphers.des_decrypt(&right, &mut block);
    ciphers.des_encrypt(&left, &mut block);
    left.zeroize();
    right.zeroize();
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B2 A1.2.1]
    #[test]
    fn padding_fills_whole_blocks() {
        let after = |padding: Padding, length| padding.after::<8>(length).collect::<Vec<u8>>();
        assert_eq!(after(Padding::Method1, 0), [0; 8]);
        assert_eq!(after(Padding::Method1, 7), [0]);
        assert_eq!(after(Padding::Method1, 8), [0; 0]);
        assert_eq!(after(Padding::Method2, 0), [0x80, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(after(Padding::Method2, 7), [0x80]);
        assert_eq!(after(Padding::Method2, 8), [0x80, 0, 0, 0, 0, 0, 0, 0]);
    }
}
