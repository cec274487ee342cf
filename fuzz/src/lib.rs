//! What the fuzz targets share: a terminal, cryptography that can be guessed, and bytes that are
//! read as replies.

pub mod crypto;
pub mod devices;
pub mod invariant;
pub mod kernels;
pub mod quickpass;
pub mod reader;
pub mod script;
pub mod signer;
pub mod terminal;
