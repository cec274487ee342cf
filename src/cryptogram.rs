//! Issuer-side cryptography: keys of a card, cryptograms and the answers to them, issuer scripts.
//!
//! The card and the host compute this, never a terminal: no kernel imports the module. It serves
//! simulators, and whoever issues cards or authorises.
//!
//! A [`CryptogramVersion`] is a row of a table that says how a payment system combines the parts.
//! From a row, a card key and the transaction's counters comes a [`Session`], which computes and
//! verifies:
//!
//! ```
//! use chipwright::cryptogram::{DoubleKey, Session, Verdict, VISA_10};
//! use chipwright::value::Pan;
//! use chipwright_rustcrypto::RustCrypto;
//!
//! let crypto = &RustCrypto;
//! let issuer_key = DoubleKey::new(*b"an issuer's key!");
//! let pan = Pan::new(&[0x47, 0x61, 0x73, 0x90, 0x01, 0x01, 0x00, 0x10]).unwrap();
//! let card_key = VISA_10.icc_master_key(crypto, crypto, &issuer_key, pan, 0x01);
//!
//! // The card and the host have the same session.
//! let session = Session::new(crypto, &VISA_10, &card_key, [0x00, 0x01], [0; 4]);
//! let arqc = session.application_cryptogram([b"transaction data".as_slice()]);
//! let answer = session.issuer_authentication_data(arqc, Verdict::Code(*b"00")).unwrap();
//! assert_eq!(session.verify(arqc, &answer), Some(Verdict::Code(*b"00")));
//! ```
//!
//! | Part | Section | Proven by |
//! |---|---|---|
//! | ICC master key, options A and B | B2 A1.4.1, A1.4.2 | public vectors |
//! | ICC master key, option C | B2 A1.4.3 | formula only |
//! | common session key | B2 A1.3.1 | public vectors; AES: formula only |
//! | session keys of Visa scripts, Mastercard, UnionPay | payment systems | public vectors |
//! | session key tree | EMV 4.1, Book 2 A1.3 | public vectors |
//! | application cryptogram | B2 8.1 | public vectors; AES: CMAC vectors |
//! | issuer answer, methods 1 and 2 | B2 8.2 | public vectors; AES: formula only |
//! | script MAC and encipherment, PIN change | B2 9.2, 9.3, payment systems | public vectors |
//! | CVC3, dCVV | payment systems | public vectors |
//!
//! What a payment system keeps to itself and public sources do not agree on is marked by the row's
//! [`Confidence`].

pub mod aes;
mod card_code;
mod input;
mod key;
mod mac;
mod master_key;
mod nibble;
mod pin;
mod response;
mod script;
mod session;
mod session_key;
mod version;

pub use card_code::{card_verification_value, cvc3, cvc3_vector, dynamic_card_verification_value};
pub use input::{CardData, Input};
pub use key::DoubleKey;
pub use mac::{Padding, mac};
pub use master_key::{MasterKeyOption, icc_master_key};
pub use pin::Pin;
pub use response::{IssuerAuthenticationData, ResponseMethod, Verdict, method_1, method_2};
pub use script::{Encipherment, PinBlock, ScriptKey, ScriptMac};
pub use session::{Command, Session};
pub use session_key::{SessionKey, Tree, common, tree, union_pay, visa_script};
pub use version::{
    COMMON_CORE_5, Confidence, CryptogramVersion, INTERAC_133, MASTERCARD_16, MASTERCARD_17,
    MASTERCARD_20, MASTERCARD_21, Scheme, UNION_PAY_1, VERSIONS, VISA_10, VISA_14, VISA_17,
    VISA_18, VISA_22,
};

use crate::tag::Tag;
use core::fmt;

/// Why nothing was computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Error {
    /// A data object of the cryptogram's input is missing.
    Missing(Tag),
    /// A data object has another length than the cryptogram's input wants.
    Length(Tag),
    /// The cryptogram version is answered by the other kind of verdict, or not at all.
    Verdict,
    /// The cryptogram version has no PIN change with the current PIN.
    CurrentPin,
    /// More bytes than the destination or a length byte takes.
    Space,
    /// A session key tree with fewer leaves than there are transactions.
    Tree,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(tag) => write!(f, "the cryptogram needs {tag}, which is missing"),
            Self::Length(tag) => write!(f, "{tag} has not the length that the cryptogram needs"),
            Self::Verdict => f.write_str("the cryptogram version is not answered by this verdict"),
            Self::CurrentPin => {
                f.write_str("the cryptogram version cannot change a PIN by the current one")
            }
            Self::Space => f.write_str("too long"),
            Self::Tree => f.write_str("the session key tree is too small for the counter"),
        }
    }
}

impl core::error::Error for Error {}
