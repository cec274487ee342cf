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
//! The terminal around EMV kernels.

pub mod blocking;
pub mod device;
pub mod display;
mod duties;
mod final_record;
pub mod host;
pub mod interface;
pub mod journal;
mod memory;
mod objects;
mod run;
pub mod service;

pub use duties::Duties;
pub use final_record::{Details, FinalCause, FinalRecord, MaskedPan, Name};
pub use journal::{Journal, JournalFailure, RECORD_LENGTH, Recovery};
pub use memory::{ANSWER_LENGTH, FIELD_55_LENGTH, Memory, Workspace};
pub use objects::Objects;
pub use run::{Devices, Failure, Setup, run};
pub use service::{Capture, Flow, Order, Refusal, Service};
