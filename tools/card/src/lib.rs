//! A simulated EMV card: it answers commands as its profile says, with real keys and cryptograms.
//!
//! A [`Profile`] is a TOML file that says what is special about the card; everything else has
//! defaults. `docs/cards.md` describes its keys, [`builtin`] lists the profiles that come with the
//! crate.
//!
//! ```
//! use chipwright_card::{Card, Profile, builtin};
//!
//! let profile = Profile::parse(builtin()[0].text)?;
//! let mut card = Card::new(&profile, 1)?;
//! let answer = card.transmit(&[0x00, 0xA4, 0x04, 0x00, 0x05, 0xA0, 0x00, 0x00, 0x00, 0x03, 0x00]);
//! assert!(answer.starts_with(&[0x6F]) && answer.ends_with(&[0x90, 0x00]));
//! # Ok::<(), chipwright_card::ProfileError>(())
//! ```
//!
//! The issuer's work is done when the card is made: certificates and signed data are computed from
//! the keys under `test-vectors/keys`. The crate shares codec and issuer cryptography with the
//! rest of chipwright and nothing of what a terminal decides, so that an error on one side does
//! not hide the same error on the other.
#![forbid(unsafe_code)]

mod builtin;
mod card;
mod certificate;
mod command;
mod issuer_data;
mod key;
mod object;
mod personalise;
mod profile;
mod random;
mod t0;

pub use builtin::{Builtin, builtin};
pub use card::{Card, Interface};
pub use key::KeyText;
pub use profile::*;
pub use t0::T0;
