//! Keys that sign: the test keys, whose private parts are public.

use num_bigint::BigUint;
use std::sync::LazyLock;

/// A test key.
pub struct Signer {
    /// Modulus.
    pub modulus: Vec<u8>,
    /// Public exponent.
    pub exponent: Vec<u8>,
    private: [BigUint; 2],
    primes: [BigUint; 2],
    /// Of the second prime, to the first.
    inverse: BigUint,
}

impl Signer {
    fn named(text: &str, name: &str) -> Self {
        let table: toml::Table = text.parse().expect("TOML");
        let bytes =
            |what| hex::decode(table[name][what].as_str().expect("a string")).expect("hexadecimal");
        let number = |what| BigUint::from_bytes_be(&bytes(what));
        let primes = [number("prime_p"), number("prime_q")];
        let private = number("private_exponent");
        let reduced = primes.each_ref().map(|prime| &private % (prime - 1_u32));
        let inverse = primes[1].modinv(&primes[0]).expect("primes");
        let (modulus, exponent) = (bytes("modulus"), bytes("exponent"));
        Self { modulus, exponent, private: reduced, primes, inverse }
    }

    /// Length of the modulus, in bytes.
    pub fn length(&self) -> usize {
        self.modulus.len()
    }

    /// The signature that opens to this block; one that is not below the modulus wraps round.
    pub fn sign(&self, block: &[u8]) -> Vec<u8> {
        let block = BigUint::from_bytes_be(block);
        let ([p, q], [d_p, d_q]) = (&self.primes, &self.private);
        let (m_p, m_q) = (block.modpow(d_p, p), block.modpow(d_q, q));
        let difference = (m_p + p - &m_q % p) % p;
        let signature = (m_q + (difference * &self.inverse) % p * q).to_bytes_be();
        [vec![0; self.length() - signature.len()], signature].concat()
    }
}

/// A certification authority, an issuer and a card.
pub fn signers() -> &'static [Signer; 3] {
    static SIGNERS: LazyLock<[Signer; 3]> = LazyLock::new(|| {
        let issuers = include_str!("../../test-vectors/keys/issuers.toml");
        [
            Signer::named(
                include_str!("../../test-vectors/keys/certification-authorities.toml"),
                "ca-1408-e3",
            ),
            Signer::named(issuers, "issuer-1408-e3"),
            // Any key does for a card that needs another one than its issuer.
            Signer::named(issuers, "issuer-1408-e65537"),
        ]
    });
    &SIGNERS
}
