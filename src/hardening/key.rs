//! Keys that should not be in use, for H8. [H 8]

use super::Breach;

/// Primes by which a generator that is known broken (CVE-2017-15361) gives itself away: its moduli
/// are powers of 65537 by each of them. Of a modulus that is not its own, one in 2^27 is by all.
const TELLING: [u16; 17] =
    [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];

/// What is wrong with a modulus of at least so many bits.
pub(super) fn breach(minimum: u16, modulus: &[u8]) -> Option<Breach> {
    if modulus.last().is_none_or(|last| last & 1 == 0) {
        Some(Breach::ModulusEven)
    } else if bits(modulus) < usize::from(minimum) {
        Some(Breach::ModulusShort)
    } else if TELLING.into_iter().all(|prime| is_power(modulus, prime)) {
        Some(Breach::ModulusFactorable)
    } else {
        None
    }
}

/// How many bits there are, without leading zeros.
fn bits(modulus: &[u8]) -> usize {
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros).map_or(0, |byte| byte.leading_zeros());
    let length = (modulus.len() - zeros) * 8;
    usize::try_from(first).map_or(0, |first| length.saturating_sub(first))
}

/// Whether the modulus is a power of 65537, by this prime.
fn is_power(modulus: &[u8], prime: u16) -> bool {
    let by_prime = |number: u16| number.checked_rem(prime).unwrap_or_default();
    let remainder =
        modulus.iter().fold(0, |remainder, byte| by_prime(remainder * 256 + u16::from(*byte)));
    // 65537 is 256 times 256, and one.
    let base = by_prime(256);
    let base = by_prime(base * base + 1);
    let mut power = 1;
    // There are no more powers than remainders.
    for _ in 0..prime {
        if power == remainder {
            return true;
        }
        power = by_prime(power * base);
    }
    false
}
