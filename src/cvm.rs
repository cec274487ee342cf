//! Cardholder verification: which rule of the card's list applies, and what follows from how it
//! ended. [B3 10.5]
//!
//! The kernel asks [`Evaluation::next`] for the rule to perform, performs it, and reports with
//! [`Evaluation::performed`], until nothing is left to do; [`Evaluation::conclude`] gives the
//! CVM Results and the receipt. Nothing here talks to card or cardholder.

mod evaluation;
mod list;

pub use evaluation::{Circumstances, Evaluation, Passed, Performed, Verified};
pub use list::{Condition, CvmList, Method, Rule};

#[cfg(test)]
mod tests;
