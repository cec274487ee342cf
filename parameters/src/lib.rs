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
//! Signed parameter files: what a terminal is configured with while it is in use.
//!
//! Applications with their limits and action codes, keys of certification authorities and the
//! revocation list come in one [`File`]. It is used where it lies, in flash; nothing of it is used
//! before its signature and all of its content were checked. [`install`] puts a newer one beside
//! the one that is in use, so that whatever happens meanwhile one of them is whole.
//!
//! # A file
//! | Bytes | |
//! |---|---|
//! | 4 | `EMVP` |
//! | 1 | format: 1 |
//! | 1 | environment: 0 test, 1 live |
//! | 4 | version, big-endian: a terminal takes no older one than it has |
//! | 4 | length of the content, big-endian |
//! | | content: a BER-TLV string of the templates below |
//! | 64 | signature over everything before it: ECDSA over P-256 with SHA-256, r and s |
//!
//! # Its content
//! The strings in the templates are what acquirers' hosts download to terminals, one application
//! or one key each; [`application`] and [`key`] read such strings on their own too. Tags that are
//! not listed are passed over; none may come twice.
//!
//! | Template | Tag | Bytes | |
//! |---|---|---|---|
//! | E1, application | 9F06 | 5 to 16 | identifier |
//! | | DF01 | 1 | 00 (default): longer names that begin with it too; 01: not those |
//! | | 9F09 or 9F08 | 2 | Application Version Number |
//! | | 9F1B | 4 | Terminal Floor Limit; 0 by default |
//! | | DF11, DF12, DF13 | 5 | Terminal Action Codes: default, online, denial |
//! | | DF14 | 1 to 252 | default DDOL; none by default |
//! | | DF15 | 4 | threshold of biased random selection; 0 by default |
//! | | DF16, DF17 | 1 | maximum and target percentage, n 2; 0 by default |
//! | | 9F2A | 1 or 3 | kernel, and then what E4 has: the application is used in the field as well |
//! | E4, combination | 9F06, 9F2A | 5 to 16, 1 or 3 | identifier, kernel |
//! | | 9F1B | 4 | Terminal Floor Limit; none by default, as what follows |
//! | | DF19, DF20, DF21 | 6 | contactless floor, transaction and CVM required limit, n 12 |
//! | | 9F66 | 4 | Terminal Transaction Qualifiers |
//! | E2, key | 9F06 | 5 | RID |
//! | | 9F22 | 1 | index |
//! | | DF02, DF04 | to 248, 1 or 3 | modulus, exponent |
//! | | DF03 | 20 | SHA-1 over RID, index, modulus and exponent [B2 10] |
//! | | DF05 | 4 or 8 | last day, YYYYMMDD in n 8 or in digits; none by default |
//! | | DF06, DF07 | 1 | algorithms of hash and key: 01 (default), SHA-1 and RSA |
//! | E3, revocation | 9F06, 9F22, DF30 | 5, 1, 3 | RID, index, serial number |

mod fields;
mod file;
mod record;
#[cfg(feature = "p256")]
mod signature;
mod slots;
mod tables;
mod write;

pub use file::{File, HEAD_LENGTH, SIGNATURE_LENGTH, Trust, VerifySignature};
pub use record::{Record, application, key};
#[cfg(feature = "p256")]
pub use signature::EcdsaP256;
pub use slots::{Slot, SlotFailed, Slots, current, install};
pub use tables::Tables;
pub use write::{head, put_application, put_combination, put_key, put_revocation};

use chipwright::config::KeyFault;
use chipwright::tag::Tag;
use chipwright::tlv;
use core::fmt;

/// Why a parameter file is not used, and where: offsets count from its first byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Refusal {
    /// It does not begin as a parameter file does, or is shorter than it says.
    NoFile,
    /// It is of another format.
    Format(u8),
    /// It is of the other environment, test or live, or of none.
    Environment,
    /// The signature is not one of the maker whom the terminal trusts.
    Signature,
    /// Its content is no BER-TLV string.
    Tlv(tlv::Error),
    /// A template that is none of those known.
    Template(Tag, usize),
    /// An object is missing in the template that begins there.
    Missing(Tag, usize),
    /// An object comes twice in the template that begins there.
    Redundant(Tag, usize),
    /// An object in the template that begins there has a length or value that it cannot have.
    Value(Tag, usize),
    /// A key in the template that begins there is not to be trusted.
    Key(KeyFault, usize),
    /// It is not newer than the one in use, which has this version.
    NotNewer(u32),
    /// More of a kind than the terminal has room for.
    TooMany,
    /// Longer than a slot.
    TooLong,
    /// The memory of the slots failed, or does not hold what was written.
    Slot,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile => f.write_str("not a parameter file, or not all of one"),
            Self::Format(format) => write!(f, "a parameter file of format {format}"),
            Self::Environment => f.write_str("a parameter file of the other environment"),
            Self::Signature => f.write_str("the signature is wrong"),
            Self::Tlv(error) => write!(f, "BER-TLV: {error}"),
            Self::Template(tag, at) => write!(f, "template {tag} is not known, offset {at}"),
            Self::Missing(tag, at) => write!(f, "{tag} is missing in the template at offset {at}"),
            Self::Redundant(tag, at) => {
                write!(f, "{tag} comes twice in the template at offset {at}")
            }
            Self::Value(tag, at) => write!(f, "{tag} is wrong in the template at offset {at}"),
            Self::Key(fault, at) => write!(f, "the key at offset {at} is refused: {fault}"),
            Self::NotNewer(version) => {
                write!(f, "not newer than version {version}, which is in use")
            }
            Self::TooMany => f.write_str("more of a kind than there is room for"),
            Self::TooLong => f.write_str("longer than a slot"),
            Self::Slot => f.write_str("the memory failed"),
        }
    }
}

impl core::error::Error for Refusal {}
