//! Traces: transactions recorded elsewhere, as JSON, replayed as far as their answers reach.
//!
//! A trace of the shared test vectors is a list of commands and answers. The terminal that sent
//! the commands is rebuilt from them: what lists of the card asked for stands in the data of the
//! commands. What the record does not tell is assumed so that the kernel asks what was asked then.
//! A trace of ours (`pay --trace`) holds a whole [`Transcript`](crate::transcript::Transcript)
//! beside the exchanges, and is replayed strictly.

mod devices;
mod objects;
mod read;
mod replay;
mod terminal;

pub use objects::{Changed, changed};
pub use read::{Interface, Trace, TraceError};
pub use replay::{Replayed, replay};

/// The schema of traces of ours.
pub const SCHEMA: &str = "chipwright-trace-1";

#[cfg(test)]
mod tests;
