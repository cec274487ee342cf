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
//! The core of chipwright: everything that two EMV kernels share, without I/O, allocator or `std`.
//!
//! | Book | Modules |
//! |---|---|
//! | Book 1, answer to reset | [`atr`] |
//! | Book 1, application selection | [`candidates`], [`fci`] |
//! | Book 2, security | [`oda`], [`crypto`] |
//! | Book 3, data and codec | [`tag`], [`tlv`], [`dol`], [`apdu`], [`status`], [`response`], [`afl`], [`dictionary`], [`object`], [`field`], [`value`], [`database`] |
//! | Book 3, functions | [`restrictions`], [`cvm`], [`risk`], [`actions`], [`script`] |
//! | Book 4, terminal | [`config`], [`outcome`], [`reason`], [`identity`], [`message`] |
//! | contactless, Book A | [`contactless`] |
//! | what no book asks for | [`hardening`] |
//! | issuer and card, for simulators and hosts | [`cryptogram`], [`issuer_application_data`] |
//! | between kernel and integrator | [`session`], [`driver`], [`event`], [`phase`], [`fault`] |
//!
//! Decisions are plain functions over plain data. What waits for card, cardholder or host is a
//! kernel: an `async fn` over a [`Link`](session::Link), driven by
//! [`Driver::step`](driver::Driver::step).

pub mod actions;
pub mod afl;
pub mod apdu;
pub mod atr;
pub mod candidates;
pub mod config;
pub mod contactless;
pub mod crypto;
pub mod cryptogram;
pub mod cvm;
pub mod database;
pub mod dictionary;
pub mod dol;
pub mod driver;
pub mod event;
pub mod fault;
pub mod fci;
pub mod field;
pub mod findings;
pub mod hardening;
pub mod identity;
pub mod issuer_application_data;
pub mod message;
pub mod object;
pub mod oda;
pub mod outcome;
pub mod phase;
pub mod reason;
pub mod response;
pub mod restrictions;
pub mod risk;
pub mod script;
pub mod session;
pub mod status;
pub mod tag;
pub mod tlv;
pub mod value;
