#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
//! wip
pub mod crypto;
pub mod dictionary;
pub mod field;
pub mod object;
pub mod tag;
pub mod tlv;
pub mod value;
