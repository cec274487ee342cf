//! A simulated EMV card.
#![forbid(unsafe_code)]

mod certificate;
mod key;
mod profile;

pub use key::KeyText;
pub use profile::*;
