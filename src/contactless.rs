//! What Entry Point and contactless kernels hand to each other, and to the reader around them.
//! [A 5, 6]
//!
//! Entry Point selects an application and activates its kernel with an [`Activation`]; the kernel
//! answers with [`OutcomeParameters`]. Neither depends on the other: whoever links both wires
//! them, and a kernel works with somebody else's Entry Point as well.

mod activation;
mod entry;
mod outcome;
mod qualifiers;
mod reason;
mod ui_request;

pub use activation::{Activation, Indicators, KernelId};
pub use entry::{EntryPassed, Excluded};
pub use outcome::{
    AlternateInterface, CardholderVerification, OnlineResponseData, OutcomeParameters, OutcomeType,
    Start,
};
pub use qualifiers::TerminalTransactionQualifiers;
pub use reason::Reason;
pub use ui_request::{Shown, Status, UiRequest};
