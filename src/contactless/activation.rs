//! What a kernel is activated with. [B 3.4] [A 5.8]

use super::{Start, TerminalTransactionQualifiers};
use crate::config::Transaction;

/// Kernel Identifier: which kernel processes an application. [B 3.3.2.5]
///
/// One byte for the kernels of the books, three for domestic ones; coded from the left, the rest
/// zeros. 0 stands for no kernel in particular.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct KernelId(pub [u8; 3]);

impl KernelId {
    /// A kernel of the books by its number.
    pub const fn new(number: u8) -> Self {
        Self([number, 0, 0])
    }
}

/// What pre-processing found out about one combination. [A 5.6]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Indicators {
    /// An amount of one unit of the currency: the card's status is to be checked online.
    pub status_check_requested: bool,
    /// The amount is not allowed over contactless with this application.
    pub application_not_allowed: bool,
    /// The amount is zero.
    pub zero_amount: bool,
    /// The amount reaches the reader CVM required limit.
    pub cvm_required_limit_exceeded: bool,
    /// The amount exceeds the floor limit.
    pub floor_limit_exceeded: bool,
}

/// What Entry Point hands to a kernel beside the card's answer to SELECT, which lies in the
/// [`Link`](crate::session::Link)'s buffer. [B 3.4.1]
#[derive(Clone, Copy, Debug)]
pub struct Activation<'t> {
    /// What is to be done.
    pub transaction: &'t Transaction<'t>,
    /// The kernel of the combination.
    pub kernel: KernelId,
    /// The AID of the combination, 5 to 16 bytes: the card's application has this name, or one
    /// that begins with it.
    pub aid: &'t [u8],
    /// What pre-processing found out.
    pub indicators: Indicators,
    /// The copy of the Terminal Transaction Qualifiers (9F66), where the combination has them.
    pub qualifiers: Option<TerminalTransactionQualifiers>,
    /// Where Entry Point began this time.
    pub start: Start,
    /// The issuer answered, and the card is asked again.
    pub restart: bool,
}
