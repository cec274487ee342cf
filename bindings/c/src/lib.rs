#![cfg_attr(not(test), no_std)]
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
//! The C interface: contact kernel, Entry Point and Kernel 7 behind `begin`, `step` and `end`.
//!
//! `include/chipwright.h` is made from this crate, and `README.md` beside it is for C programmers.
//! What follows is for those who change the crate.
//!
//! | File | What it has |
//! |---|---|
//! | `context.rs`, `seal.rs`, `arena.rs`, `size.rs` | a transaction in lent memory: begun, entered, ended |
//! | `linked.rs` | the kernels for taps |
//! | `step.rs`, `input.rs`, `output.rs`, `outcome.rs` | one step and its two unions |
//! | `data.rs`, `issuer.rs` | data objects, candidates, field 55, the issuer's answer |
//! | `terminal.rs`, `options.rs`, `transaction.rs`, `parameters.rs` | configuration as structs, and as TLV |
//! | `callbacks.rs`, `event.rs` | what the kernel calls: random numbers, history, events |
//! | `run.rs` | the loop around `step`, with callbacks |
//! | `pointer.rs`, `status.rs`, `identity.rs` | what every function checks and says |
//!
//! # Why the unsafe code is sound
//! A caller in C promises what no callee can check: that a pointer points to as many initialised
//! bytes as it says, and that configuration stays as it is from `begin` to `end`. Everything else
//! is checked, and answered with a [`Status`]:
//!
//! - Null, misaligned and overlong pointers by `pointer.rs`, before anything is read.
//! - A context by its seal, which holds the address at which it was begun: memory that was moved,
//!   copied, never begun, or ended has none that fits.
//! - A context within its own step is sealed differently, so that a callback cannot enter it again:
//!   there is never more than one reference to what lies in it.
//! - Numbers that stand for something are read as integers, and never as a Rust `enum` or `bool`.
//!
//! Inside a context everything refers to everything else as `'static`. That holds because nothing
//! of it moves, and because `end` drops in the order of who refers to whom, then wipes the memory.

#[macro_use]
mod code;
mod arena;
mod callbacks;
mod context;
mod data;
mod event;
mod identity;
mod input;
mod issuer;
mod linked;
mod options;
mod outcome;
mod output;
mod parameters;
mod pointer;
mod run;
mod seal;
mod size;
mod status;
mod step;
mod terminal;
mod transaction;

pub use callbacks::*;
pub use context::*;
pub use data::*;
pub use event::*;
pub use identity::*;
pub use input::*;
pub use issuer::*;
pub use options::*;
pub use outcome::*;
pub use output::*;
pub use parameters::*;
pub use pointer::Bytes;
pub use run::*;
pub use size::*;
pub use status::*;
pub use step::*;
pub use terminal::*;
pub use transaction::*;

/// Nothing in the library can panic; what cannot happen must still be told to the linker.
#[cfg(all(feature = "panic-handler", not(test)))]
#[panic_handler]
fn stop(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
