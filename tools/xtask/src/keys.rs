//! Makes the keys under test-vectors/keys, by which simulated cards are issued.
//!
//! Keys are made once: those that are there stay as they are, and only names of the table without
//! a key get one. `capk.json` shows the public side of the authorities to terminals and follows
//! from the keys.

use core::fmt::Write as _;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use getrandom::{SysRng, rand_core::UnwrapErr};
use rsa::PrivateKey;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha1::{Digest, Sha1};

use crate::checkout;

/// Who holds the keys of a file, and which: length of the modulus in bits, public exponent.
struct Holder {
    name: &'static str,
    file: &'static str,
    keys: &'static [(usize, u32)],
}

const AUTHORITY: Holder = Holder {
    name: "ca",
    file: "certification-authorities.toml",
    keys: &[(1984, 3), (1408, 3), (1984, 65537), (1152, 65537)],
};

const HOLDERS: [Holder; 4] = [
    AUTHORITY,
    Holder {
        name: "issuer",
        file: "issuers.toml",
        keys: &[
            (1984, 3),
            (1984, 65537),
            (1408, 3),
            (1408, 65537),
            (1152, 3),
            (1152, 65537),
            (1024, 3),
        ],
    },
    Holder {
        name: "icc",
        file: "cards.toml",
        keys: &[
            (1984, 3),
            (1408, 3),
            (1408, 65537),
            (1152, 3),
            (1152, 65537),
            (1024, 3),
            (1024, 65537),
            (1000, 3), // no whole number of machine words
            (896, 3),
        ],
    },
    Holder {
        name: "pin",
        file: "pin-encipherment.toml",
        keys: &[(1408, 3), (1152, 3), (1024, 65537), (896, 3)],
    },
];

/// Payment systems under which every authority has a key: Visa, Mastercard, UnionPay.
const REGISTERED: [[u8; 5]; 3] = [
    [0xA0, 0x00, 0x00, 0x00, 0x03],
    [0xA0, 0x00, 0x00, 0x00, 0x04],
    [0xA0, 0x00, 0x00, 0x03, 0x33],
];

/// Index of the first authority's key; no payment system has published a key, live or test, from
/// here to DF.
const FIRST_INDEX: u8 = 0xD2;

const HEADING: &str = "\
# Test keys: the private parts are public. They protect nothing and belong into no terminal that
# takes real cards. Made by `cargo xtask keys`, which leaves the keys that are here as they are.
";

/// A key as its file has it, numbers in hexadecimal.
#[derive(Deserialize, Serialize)]
struct Key {
    /// Index under which terminals know the key; authorities only.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    modulus: String,
    exponent: String,
    private_exponent: String,
    prime_p: String,
    prime_q: String,
}

/// Completes the files.
///
/// # Errors
/// When a file cannot be read or written, or holds something else than keys.
pub(crate) fn run() -> Result<()> {
    let folder = checkout::root()?.join("test-vectors/keys");
    fs::create_dir_all(&folder)?;
    for holder in &HOLDERS {
        let keys = complete(holder, &folder.join(holder.file))?;
        if holder.file == AUTHORITY.file {
            fs::write(folder.join("capk.json"), authorities(&keys)?)?;
        }
    }
    Ok(())
}

/// Gives `holder` the keys that its file lacks; returns them all, in the table's order.
fn complete(holder: &Holder, path: &Path) -> Result<Vec<(String, Key)>> {
    let text = if path.exists() {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
    } else {
        String::new()
    };
    let mut present: BTreeMap<String, Key> =
        toml::from_str(&text).with_context(|| format!("{} holds no keys", path.display()))?;
    let mut keys = Vec::new();
    for (&(bits, exponent), index) in holder.keys.iter().zip(FIRST_INDEX..) {
        let name = format!("{}-{bits}-e{exponent}", holder.name);
        let mut key = match present.remove(&name) {
            Some(key) => key,
            None => make(bits, exponent).with_context(|| format!("cannot make {name}"))?,
        };
        key.index = (holder.name == AUTHORITY.name).then(|| format!("{index:02X}"));
        keys.push((name, key));
    }
    let unknown: Vec<String> = present.into_keys().collect();
    ensure!(
        unknown.is_empty(),
        "{} has keys that the table does not know: {}",
        path.display(),
        unknown.join(", ")
    );
    let mut text = HEADING.to_owned();
    for (name, key) in &keys {
        write!(text, "\n[{name}]\n{}", toml::to_string(key)?)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(keys)
}

fn make(bits: usize, exponent: u32) -> Result<Key> {
    let mut random = UnwrapErr(SysRng);
    let key = PrivateKey::new_with_exp_unchecked(&mut random, bits, exponent.into())?;
    let [p, q] = key.primes() else {
        return Err(anyhow!("a key of more than two primes"));
    };
    let number = |number: &rsa::BoxedUint| hex::encode_upper(number.to_be_bytes_trimmed_vartime());
    Ok(Key {
        index: None,
        modulus: number(key.n()),
        exponent: number(key.e()),
        private_exponent: number(key.d()),
        prime_p: number(p.as_ref()),
        prime_q: number(q.as_ref()),
    })
}

/// The public keys in the schema of the key vectors, one under each payment system.
fn authorities(keys: &[(String, Key)]) -> Result<String> {
    let mut vectors = Vec::new();
    for rid in REGISTERED {
        for (_, key) in keys {
            let index = key.index.as_deref().context("an authority without an index")?;
            let (modulus, exponent) = (hex::decode(&key.modulus)?, hex::decode(&key.exponent)?);
            let digest = Sha1::new()
                .chain_update(rid)
                .chain_update(hex::decode(index)?)
                .chain_update(&modulus)
                .chain_update(exponent)
                .finalize();
            let checksum = hex::encode_upper(digest);
            let bits = 8 * modulus.len();
            let rid = hex::encode_upper(rid);
            vectors.push(json!({
                "id": format!("capk-{rid}-{index}-{bits}"),
                "source": "made for the simulated cards of this repository",
                "group": format!("capk-{rid}-{index}-{bits}"),
                "inputs": {
                    "rid": rid,
                    "index": index,
                    "modulus": key.modulus,
                    "exponent": key.exponent,
                    "hash_algorithm": "01",
                    "public_key_algorithm": "01",
                },
                "expected": { "sha1": checksum, "modulus_bits": bits },
                "published": {
                    "checksums": [checksum],
                    "expiry": ["20491231"],
                    "environment": ["test"],
                },
                "verified": true,
                "checksum_status": "published checksum matches",
            }));
        }
    }
    let file = json!({ "category": "capk", "count": vectors.len(), "vectors": vectors });
    Ok(serde_json::to_string_pretty(&file)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Holder =
        Holder { name: "small", file: "small.toml", keys: &[(512, 3), (512, 65537)] };

    #[test]
    fn keys_that_are_there_stay() {
        let folder = std::env::temp_dir().join(format!("chipwright-keys-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join(SMALL.file);
        let half = Holder { keys: &SMALL.keys[..1], ..SMALL };
        let first = complete(&half, &path).unwrap();
        let all = complete(&SMALL, &path).unwrap();
        let again = complete(&SMALL, &path).unwrap();
        fs::remove_dir_all(&folder).unwrap();

        assert_eq!(all[0].1.modulus, first[0].1.modulus);
        assert_eq!(all[1].1.modulus, again[1].1.modulus);
        assert_eq!((all[1].0.as_str(), all[1].1.modulus.len()), ("small-512-e65537", 128));
        assert_eq!((all[0].1.exponent.as_str(), all[1].1.exponent.as_str()), ("03", "010001"));
    }

    #[test]
    fn keys_are_not_dropped_with_their_row() {
        let path = std::env::temp_dir().join(format!("chipwright-row-{}", std::process::id()));
        complete(&SMALL, &path).unwrap();
        let before = fs::read_to_string(&path).unwrap();
        let without = Holder { keys: &SMALL.keys[..1], ..SMALL };
        let error = complete(&without, &path).map(drop).unwrap_err();
        assert!(error.to_string().contains("small-512-e65537"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_holds_no_keys_is_refused_and_kept() {
        let path = std::env::temp_dir().join(format!("chipwright-no-keys-{}", std::process::id()));
        fs::write(&path, "key = 1").unwrap();
        assert!(complete(&SMALL, &path).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "key = 1");
        fs::remove_file(&path).unwrap();
    }
}
