//! Runs chipwright kernels on a desktop: against simulated cards, recorded answers and vectors.
//!
//! [`run()`] is a blocking terminal over four devices (card, PIN pad, cardholder, issuer); what it
//! tells of a transaction comes from the kernel's events, and nothing here decides anything.

pub mod currency;
pub mod describe;
pub mod device;
pub mod kernels;
pub mod key_file;
pub mod pad;
pub mod random;
pub mod record;
pub mod recorded;
pub mod run;
pub mod scenario;
pub mod setup;
pub mod t0;
pub mod terminal_file;
pub mod trace;
pub mod transcript;
pub mod vectors;
pub mod wedge;

pub use device::{CardChannel, Cardholder, Issuer, PinPad};
pub use run::{Devices, run};
