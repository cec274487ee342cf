//! Software cryptography for `chipwright`.
//!
//! [`RustCrypto`] stands behind the capability traits of [`chipwright::crypto`] with crates of the
//! RustCrypto project. It has no state and needs no allocator.
//!
//! ```
//! use chipwright::crypto::Hash;
//! use chipwright_rustcrypto::RustCrypto;
//!
//! let parts: [&[u8]; 2] = [b"a", b"bc"];
//! let digest = RustCrypto.sha1(&mut parts.into_iter());
//! assert_eq!(digest[..4], [0xA9, 0x99, 0x3E, 0x36]);
//! ```
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_possible_wrap,
        clippy::unreachable,
        clippy::todo
    )
)]

mod block;
mod digest;
mod rsa;

/// Every capability in software.
///
/// | Capability | Crate | Time |
/// |---|---|---|
/// | SHA-1, SHA-256 | `sha1`, `sha2` | independent of the data |
/// | RSA recovery | `crypto-bigint`, limb by limb | depends on key and data, both public |
/// | RSA encipherment | `crypto-bigint`, Montgomery form | independent of the block |
/// | DES, AES | `des`, `aes` | DES looks bits up in tables, see below |
///
/// The tables of `des` fit into a few cache lines but are not free of side channels on processors
/// with a cache. Issuer keys belong into a security module; this provider serves simulators, tests
/// and devices without a cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RustCrypto;
