//! Published key pairs.

use super::chain::CRYPTO;
use super::node::{Node, unreadable};
use super::report::Problem;
use chipwright::crypto::MAX_MODULUS;
use chipwright::oda::{self, PublicKey};
use num_bigint::BigUint;

/// Whether what the private exponent of a pair signs is recovered by its public one.
pub(super) fn is_pair(pair: Node<'_>) -> Result<bool, Problem> {
    let modulus = pair.hex("modulus")?;
    let private_exponent = pair.hex("private_exponent")?;
    let exponent = pair.hex("exponent")?;
    let length = modulus.len();
    if length > MAX_MODULUS || private_exponent.len() > length {
        return Err(unreadable("modulus", "is longer than EMV allows"));
    }
    if modulus.first().is_none_or(|byte| *byte == 0) {
        return Err(unreadable("modulus", "does not begin with its first bit"));
    }
    let mut message = vec![0xBB; length];
    if let Some(first) = message.first_mut() {
        *first = 0;
    }
    let number = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
    let signed = number(&message).modpow(&number(&private_exponent), &number(&modulus));
    let signed = signed.to_bytes_be();
    let mut signature = vec![0; length.saturating_sub(signed.len())];
    signature.extend(signed);

    let key = PublicKey { modulus: &modulus, exponent: &exponent };
    let mut block = [0; _];
    let recovered = oda::recover(CRYPTO, key, &signature, &mut block);
    Ok(recovered.is_ok_and(|block| block == message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn another_exponent_is_no_pair() {
        // 3 * 11 = 33, 3 * 7 = 1 mod 20
        let pair =
            |private| json!({"modulus": "21", "private_exponent": private, "exponent": "03"});
        assert_eq!(is_pair(Node(&pair("07"))), Ok(true));
        // One byte is all zeros, which every exponent recovers: two bytes it must be.
        // 101 * 113 = 11413, 3 * 7467 = 1 mod 11200
        let pair =
            |private| json!({"modulus": "2C95", "private_exponent": private, "exponent": "03"});
        assert_eq!(is_pair(Node(&pair("1D2B"))), Ok(true));
        assert_eq!(is_pair(Node(&pair("1D2C"))), Ok(false));
        assert!(
            is_pair(Node(&json!({"modulus": "", "private_exponent": "", "exponent": "03"})))
                .is_err()
        );
    }
}
