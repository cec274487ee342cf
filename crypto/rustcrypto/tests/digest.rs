//! Hash functions against FIPS 180 examples, in parts of every length.

use chipwright::crypto::{Hash, HashSha256};
use chipwright_rustcrypto::RustCrypto;

/// Message, SHA-1, SHA-256.
const KNOWN: [(&str, &str, &str); 4] = [
    (
        "",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    (
        "abc",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
    (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ),
    (
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "a49b2446a02c645bf419f995b67091253a04a259",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
    ),
];

/// [B2 B3]
#[test]
fn known_messages_in_three_parts_of_every_length() {
    for (message, sha1, sha256) in KNOWN {
        let bytes = message.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                let digest = RustCrypto.sha1(&mut parts.into_iter());
                assert_eq!(hex::encode(digest), sha1, "{message}: {first}, {second}");
                let digest = RustCrypto.sha256(&mut parts.into_iter());
                assert_eq!(hex::encode(digest), sha256, "{message}: {first}, {second}");
            }
        }
    }
}

#[test]
fn no_part_at_all_is_the_empty_message() {
    let (_, sha1, sha256) = KNOWN[0];
    assert_eq!(hex::encode(RustCrypto.sha1(&mut core::iter::empty())), sha1);
    assert_eq!(hex::encode(RustCrypto.sha256(&mut core::iter::empty())), sha256);
}

#[test]
fn million_letters_in_a_thousand_parts() {
    let part = [b'a'; 1000];
    let parts = || core::iter::repeat_n(part.as_slice(), 1000);
    assert_eq!(
        hex::encode(RustCrypto.sha1(&mut parts())),
        "34aa973cd4c4daa4f61eeb2bdbad27316534016f"
    );
    assert_eq!(
        hex::encode(RustCrypto.sha256(&mut parts())),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}
