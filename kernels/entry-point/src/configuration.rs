//! What the integrator configures, and the kernels it links. [A 5.2]

use chipwright::config::Transaction;
use chipwright::contactless::{
    Activation, KernelId, OutcomeParameters, TerminalTransactionQualifiers,
};
use chipwright::session::{Ended, Link};
use chipwright::value::Amount;
use core::future::Future;

/// A combination of application and kernel, and how it is used for one type of transaction. It
/// can be built in a `const`. [A 5.2]
///
/// What is absent is not checked: absence means something.
#[derive(Clone, Copy, Debug)]
pub struct Combination<'a> {
    /// Application Identifier, 5 to 16 bytes; a card's longer name that begins with it matches.
    pub aid: &'a [u8],
    /// The kernel.
    pub kernel: KernelId,
    /// Status Check Support flag: an amount of one unit of the currency goes online.
    pub status_check: Option<bool>,
    /// Zero Amount Allowed flag.
    pub zero_amount_allowed: Option<bool>,
    /// Reader Contactless Transaction Limit, in minor units: not for this much or more.
    pub transaction_limit: Option<Amount>,
    /// Reader Contactless Floor Limit, in minor units: online for more.
    pub floor_limit: Option<Amount>,
    /// Terminal Floor Limit (9F1B), in minor units: stands in for the reader's.
    pub terminal_floor_limit: Option<u32>,
    /// Reader CVM Required Limit, in minor units: cardholder verification for this much or more.
    pub cvm_required_limit: Option<Amount>,
    /// Terminal Transaction Qualifiers (9F66).
    pub qualifiers: Option<TerminalTransactionQualifiers>,
    /// Extended Selection Support flag: the card's Extended Selection (9F29) is appended.
    pub extended_selection: Option<bool>,
    /// Without any floor limit, transactions go online. [C7 3]
    pub online_without_floor_limit: bool,
}

impl<'a> Combination<'a> {
    /// A combination without any limit or flag, to be filled in with struct update syntax.
    pub const fn new(aid: &'a [u8], kernel: KernelId) -> Self {
        Self {
            aid,
            kernel,
            status_check: None,
            zero_amount_allowed: None,
            transaction_limit: None,
            floor_limit: None,
            terminal_floor_limit: None,
            cvm_required_limit: None,
            qualifiers: None,
            extended_selection: None,
            online_without_floor_limit: false,
        }
    }
}

/// A reader and what it is to do.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'t> {
    /// The transaction.
    pub transaction: &'t Transaction<'t>,
    /// The combinations for transactions of this type. Among equals the first is preferred.
    pub combinations: &'t [Combination<'t>],
    /// The reader waits for cards on its own: pre-processing is left out, and qualifiers are
    /// used as they are configured. [A 8.1.1.4]
    pub autorun: bool,
}

/// The kernels that are linked.
pub trait Kernels {
    /// Whether the kernel is there: Entry Point switches an application of kernel 3 to kernel 1
    /// only if it is. [B 3.3.3.6]
    fn supports(&self, kernel: KernelId) -> bool;

    /// Has `activation.kernel` process the application that was selected. The card's answer to
    /// SELECT lies in `link.apdu`; it is empty when the kernel is restarted at Start D. A kernel
    /// that is not there answers with
    /// [`SelectNext`](chipwright::contactless::OutcomeType::SelectNext).
    ///
    /// # Errors
    /// When the transaction was stopped, the link failed, or the terminal is at fault.
    fn activate(
        &self,
        link: &mut Link<'_, '_>,
        activation: &Activation<'_>,
    ) -> impl Future<Output = Result<OutcomeParameters, Ended>>;
}
