//! A simulated issuer host: it verifies cryptograms for real, answers them, and keeps books.
//!
//! A terminal sends the data objects of field 55 as one BER-TLV string. The host finds the issuer
//! by the account number, derives the card's key, recomputes the cryptogram, and answers by the
//! method of the card's cryptogram version.
//!
//! ```
//! use chipwright_host::{Host, HostError, Mode};
//!
//! let mut host = Host::new(Mode::Approve);
//! assert!(matches!(host.authorise(&[0x9F]), Err(HostError::Malformed(_))));
//! assert!(host.book().is_empty());
//! ```
//!
//! Like the card it shares codec and issuer cryptography with the rest of chipwright, and nothing
//! of what a terminal decides.
#![forbid(unsafe_code)]

mod book;
mod host;
mod issuer;
mod message;
mod script;

pub use book::{State, Transaction};
pub use host::{Answer, Host, Mode, Reason};
pub use issuer::{Issuer, IssuerKey, ScriptKeys};
pub use message::HostError;
pub use script::Script;
