//! What the benchmarks measure, beside named peers.
//!
//! A [`Work`](work::Work) is one task done once by one implementation. Criterion times it
//! (`cargo bench`), and the binary `instructions` has callgrind count it; see the README.

pub mod chain;
pub mod hostile;
pub mod records;
pub mod script;
pub mod work;
