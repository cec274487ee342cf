//! The key of a card from the key of its issuer.

use super::DoubleKey;
use super::key::{halves, whole, xor};
use super::nibble::{decimalised, pack};
use crate::crypto::{BlockCiphers, Hash};
use crate::value::Pan;

/// How the account number becomes the block that the issuer's key enciphers. [B2 A1.4]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MasterKeyOption {
    /// Its rightmost digits. [B2 A1.4.1]
    A,
    /// The same up to 16 digits; digits out of a hash of longer ones. [B2 A1.4.2]
    B,
}

/// Derives the master key of a card, of odd parity. [B2 A1.4]
///
/// `sequence_number` is that of the account number (5F34), two digits; 00 when the card has none.
pub fn icc_master_key(
    ciphers: &dyn BlockCiphers,
    hash: &dyn Hash,
    option: MasterKeyOption,
    issuer: &DoubleKey,
    pan: Pan<'_>,
    sequence_number: u8,
) -> DoubleKey {
    let account = account(pan, sequence_number);
    let digits = pan.digits().count();
    let block = if option == MasterKeyOption::B && digits > 16 {
        // Account number and sequence number, an odd number of digits preceded by a zero.
        let length = (digits + 2).div_ceil(2);
        let hashed = account.get(account.len().saturating_sub(length)..);
        let digest = hash.sha1(&mut hashed.into_iter());
        pack(decimalised(&digest), 0)
    } else {
        halves(&account).1
    };
    let left = issuer.encipher(ciphers, block);
    let right = issuer.encipher(ciphers, xor(block, [0xFF; 8]));
    DoubleKey::new(whole(left, right)).with_odd_parity()
}

/// The digits of account number and sequence number, right-aligned among zeros.
pub(super) fn account(pan: Pan<'_>, sequence_number: u8) -> [u8; 16] {
    let number = pan.digits().fold(0_u128, |number, digit| number << 4 | u128::from(digit));
    (number << 8 | u128::from(sequence_number)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [B2 A1.4; B2 A1.4.1]
    #[test]
    fn account_is_right_aligned() {
        let pan = Pan::new(&[0x12, 0x34, 0x5F]).unwrap();
        assert_eq!(account(pan, 0x67)[..12], [0; 12]);
        assert_eq!(account(pan, 0x67)[12..], [0x01, 0x23, 0x45, 0x67]);
    }
}
